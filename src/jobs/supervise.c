/* The supervisor: a small program that runs within the sandbox as the job's parent. It writes the
 * job's files, sets the limits, runs the command, ends all that the command left running, and sends
 * how it ended, with the result, through a pipe. Its bytes are part of the library (embed.py) and
 * are run from memory, so that nothing needs to be installed.
 *
 * The limits are set here and not before the sandbox is made, because the count of processes is by
 * user and user namespace: here it counts this job's only. */
#include "jobs/supervise.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct plan {
    const char *at, *end;
    bool broken;
};

static const char *next_item(struct plan *plan, size_t *ret_len)
{
    uint32_t len = 0;
    if (plan->broken || (size_t)(plan->end - plan->at) < sizeof(len) + 1) {
        plan->broken = true;
        return "";
    }
    memcpy(&len, plan->at, sizeof(len));
    const char *item = plan->at + sizeof(len);
    if (len >= (size_t)(plan->end - item)) {
        plan->broken = true;
        return "";
    }
    plan->at = item + len + 1;
    if (ret_len) {
        *ret_len = len;
    }
    return item;
}

static unsigned long long next_number(struct plan *plan)
{
    return strtoull(next_item(plan, NULL), NULL, 10);
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        bytes += done < 0 ? 0 : done;
        len -= done < 0 ? 0 : (size_t)done;
    }
    return true;
}

struct outcome {
    int status;
    long memory_peak;
    char kind;
    size_t size;
};

static bool send_header(struct outcome outcome)
{
    char header[96];
    int len = snprintf(header, sizeof(header), AR_SUPERVISE_HEADER, outcome.status,
                       outcome.memory_peak, outcome.kind, outcome.size);
    return write_all(AR_SUPERVISE_RESULT_FD, header, (size_t)len);
}

static int fail(const char *what, const char *name, int trouble)
{
    char text[512];
    int len = snprintf(text, sizeof(text), "cannot %s '%s': %s", what, name, strerror(trouble));
    size_t size = len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1;
    return send_header((struct outcome){.kind = AR_SUPERVISE_ERROR, .size = size}) &&
                   write_all(AR_SUPERVISE_RESULT_FD, text, size)
               ? 0
               : 1;
}

/* 0 or errno. */
static int write_file(const char *name, const char *content, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) {
        return errno;
    }
    int trouble = write_all(fd, content, len) ? 0 : errno;
    close(fd);
    return trouble;
}

struct limits {
    unsigned long long memory, address_space, processes, files, file_size;
};

/* A limit of 0 is none. */
static void limit(int resource, unsigned long long most)
{
    struct rlimit now, wanted = {.rlim_cur = most, .rlim_max = most};
    if (most && getrlimit(resource, &now) == 0) {
        if (now.rlim_max < wanted.rlim_max) {
            wanted = (struct rlimit){now.rlim_max, now.rlim_max};
        }
        setrlimit(resource, &wanted);
    }
}

/* The job, not the server, is what the kernel is to end when the machine's memory runs out. */
static void be_first_to_go(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        write_all(fd, "1000", 4);
        close(fd);
    }
}

static void run_command(const struct limits *limits, char *const *argv, char *const *env,
                        pid_t supervisor, int report)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 1);
    if (getppid() != supervisor) {
        _exit(1);
    }
    be_first_to_go();
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    limit(RLIMIT_NOFILE, limits->files);
    limit(RLIMIT_FSIZE, limits->file_size);
    limit(RLIMIT_NPROC, limits->processes);
    limit(RLIMIT_DATA, limits->memory);
    limit(RLIMIT_AS, limits->address_space);
    execve(argv[0], argv, env);
    int trouble = errno;
    write_all(report, (const char *)&trouble, sizeof(trouble));
    _exit(127);
}

/* Ends and reaps every child; those of a child that ends become ours (PR_SET_CHILD_SUBREAPER), so
 * none gets away. */
static void kill_children(void)
{
    DIR *proc = NULL;
    while (waitpid(-1, NULL, WNOHANG) >= 0 && (proc || (proc = opendir("/proc")))) {
        rewinddir(proc);
        for (struct dirent *entry; (entry = readdir(proc));) {
            char path[64], stat[512], *end;
            long pid = strtol(entry->d_name, &end, 10), parent = 0;
            if (pid <= 0 || *end) {
                continue;
            }
            snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
            int fd = open(path, O_RDONLY | O_CLOEXEC);
            ssize_t len = fd < 0 ? 0 : read(fd, stat, sizeof(stat) - 1);
            stat[len > 0 ? len : 0] = '\0';
            close(fd);
            char *after = strrchr(stat, ')'); /* "1 (name) S 0 ..." */
            if (after && sscanf(after, ") %*c %ld", &parent) == 1 && parent == getpid()) {
                kill((pid_t)pid, SIGKILL);
            }
        }
        struct timespec pause = {0, 1000000};
        sigset_t child;
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        sigtimedwait(&child, NULL, &pause);
    }
    if (proc) {
        closedir(proc);
    }
}

/* Until the command has ended; SIGUSR1 ends it, by the worker or, when that has died, the kernel.
 */
static int wait_command(pid_t pid)
{
    int status = 0;
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGUSR1);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (sigwaitinfo(&awaited, NULL) == SIGUSR1) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            break;
        }
    }
    kill_children();
    return status;
}

static int send_result(struct outcome outcome, const char *const names[2], size_t most)
{
    static const char kinds[2] = {AR_SUPERVISE_JSON, AR_SUPERVISE_TEXT};
    outcome.kind = AR_SUPERVISE_NONE;
    for (int i = 0; i < 2; i++) {
        struct stat st;
        int fd = *names[i] ? open(names[i], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
            continue; /* what was opened is closed by the end of the program */
        }
        if ((unsigned long long)st.st_size > most) {
            outcome.kind = AR_SUPERVISE_LARGE;
            return send_header(outcome) ? 0 : 1;
        }
        outcome.kind = kinds[i];
        outcome.size = (size_t)st.st_size;
        const char *bytes = mmap(NULL, outcome.size, PROT_READ, MAP_PRIVATE, fd, 0);
        return bytes != MAP_FAILED && send_header(outcome) &&
                       write_all(AR_SUPERVISE_RESULT_FD, bytes, outcome.size)
                   ? 0
                   : 1;
    }
    return send_header(outcome) ? 0 : 1;
}

static char **next_list(struct plan *plan)
{
    size_t count = (size_t)next_number(plan);
    char **list = count < 1000000 ? calloc(count + 1, sizeof(*list)) : NULL;
    for (size_t i = 0; list && i < count; i++) {
        list[i] = (char *)next_item(plan, NULL);
    }
    plan->broken |= !list;
    return list;
}

static bool open_plan(struct plan *plan)
{
    struct stat st;
    if (fstat(AR_SUPERVISE_PLAN_FD, &st) < 0 || st.st_size <= 0) {
        return false;
    }
    const char *bytes =
        mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, AR_SUPERVISE_PLAN_FD, 0);
    close(AR_SUPERVISE_PLAN_FD);
    *plan = (struct plan){.at = bytes, .end = bytes + st.st_size};
    return bytes != MAP_FAILED;
}

/* SIGTERM to the job's group is the job's to heed; the supervisor stays to tell how it ended. */
static void prepare_signals(void)
{
    sigset_t waited;
    sigemptyset(&waited);
    sigaddset(&waited, SIGCHLD);
    sigaddset(&waited, SIGUSR1);
    sigprocmask(SIG_BLOCK, &waited, NULL);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_DUMPABLE, 0); /* the job cannot reach the result pipe through /proc */
}

static int run(struct plan *plan, const struct limits *limits, struct outcome *outcome)
{
    char **argv = next_list(plan), **env = next_list(plan);
    int report[2];
    if (plan->broken || !argv[0] || pipe2(report, O_CLOEXEC) < 0) {
        return plan->broken ? EINVAL : errno;
    }
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        run_command(limits, argv, env, self, report[1]);
    }
    if (pid < 0) {
        return errno;
    }
    close(report[1]);
    int trouble = 0;
    if (read(report[0], &trouble, sizeof(trouble)) != sizeof(trouble)) {
        trouble = 0;
    }
    outcome->status = wait_command(pid);
    struct rusage usage;
    outcome->memory_peak = getrusage(RUSAGE_CHILDREN, &usage) == 0 ? usage.ru_maxrss : 0;
    return trouble;
}

int main(void)
{
    struct plan plan;
    fcntl(AR_SUPERVISE_RESULT_FD, F_SETFD, FD_CLOEXEC);
    fcntl(AR_SUPERVISE_SELF_FD, F_SETFD, FD_CLOEXEC);
    prepare_signals();
    if (!open_plan(&plan)) {
        return fail("read", "the plan", errno);
    }
    struct limits limits;
    limits.memory = next_number(&plan);
    limits.address_space = next_number(&plan);
    limits.processes = next_number(&plan);
    limits.files = next_number(&plan);
    limits.file_size = next_number(&plan);
    size_t most = (size_t)next_number(&plan);
    const char *directory = next_item(&plan, NULL);
    const char *names[2];
    names[0] = next_item(&plan, NULL);
    names[1] = next_item(&plan, NULL);
    if (chdir(directory) < 0) {
        return fail("change to", directory, errno);
    }
    for (unsigned long long count = next_number(&plan); count && !plan.broken; count--) {
        size_t len = 0;
        const char *name = next_item(&plan, NULL), *content = next_item(&plan, &len);
        int trouble = write_file(name, content, len);
        if (trouble) {
            return fail("write", name, trouble);
        }
    }
    struct outcome outcome = {0};
    int trouble = run(&plan, &limits, &outcome);
    if (trouble) {
        return fail("run", "the command", trouble);
    }
    return send_result(outcome, names, most);
}
