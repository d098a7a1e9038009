/* The supervisor: a small program that runs within the sandbox as the job's parent. It writes the
 * job's files, sets the limits, runs the command, ends all that the command left running, and sends
 * how it ended, with the result, through a pipe. It may be started before its job is known, and its
 * interpreter too, so that the job need not wait for them. Its bytes are part of the library
 * (embed.py) and are run from memory, so that nothing needs to be installed.
 *
 * The limits are set here and not before the sandbox is made, because the count of processes is by
 * user and user namespace: here it counts this job's only. */
#include "jobs/sandbox/descriptor.h"
#include "jobs/sandbox/supervise.h"
#include "jobs/sandbox/supervise_memory.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks at what the job takes: milliseconds, and how many times as long as a look took.
 */
enum { REST_MILLISECONDS = 100, REST_TIMES = 50 };

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

/* Whether the job takes more memory than it may; *ret_rest: how long until that is asked again. */
static bool is_greedy(unsigned long long memory, struct timespec *ret_rest)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    bool greedy = ar_supervise_takes_more(memory);
    clock_gettime(CLOCK_MONOTONIC, &end);
    long long took = (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec;
    long long rest = took * REST_TIMES, least = REST_MILLISECONDS * 1000000LL;
    rest = rest < least ? least : rest;
    *ret_rest = (struct timespec){(time_t)(rest / 1000000000), (long)(rest % 1000000000)};
    return greedy;
}

/* Until the command has ended; SIGUSR1 ends it, by the worker or, when that has died, the kernel.
 * So does taking more memory than the job may as a whole (0: no limit), which *ret_greedy tells. */
static int wait_command(pid_t pid, unsigned long long memory, bool *ret_greedy)
{
    int status = 0, signal = 0;
    sigset_t awaited;
    struct timespec rest = {0, REST_MILLISECONDS * 1000000L};
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGUSR1);
    while (!*ret_greedy && signal != SIGUSR1 && waitpid(pid, &status, WNOHANG) == 0) {
        signal = sigtimedwait(&awaited, NULL, memory ? &rest : NULL);
        *ret_greedy = signal < 0 && errno == EAGAIN && is_greedy(memory, &rest);
    }
    if (*ret_greedy || signal == SIGUSR1) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
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

/* Whether the list of NAME=VALUE has one of this one's name. */
static bool has_name(char *const *list, const char *entry)
{
    const char *end = strchr(entry, '=');
    size_t len = end ? (size_t)(end - entry) + 1 : 0;
    bool found = false;
    for (size_t i = 0; len && !found && list[i]; i++) {
        found = strncmp(list[i], entry, len) == 0;
    }
    return found;
}

/* Both lists' entries, the second's where both have one of a name; NULL where there is no memory.
 */
static char **join_lists(char **first, char **second)
{
    size_t count = 0, most = 0;
    for (size_t i = 0; first[i]; i++) {
        most++;
    }
    for (size_t i = 0; second[i]; i++) {
        most++;
    }
    char **list = calloc(most + 1, sizeof(*list));
    for (size_t i = 0; list && first[i]; i++) {
        if (!has_name(second, first[i])) {
            list[count++] = first[i];
        }
    }
    for (size_t i = 0; list && second[i]; i++) {
        list[count++] = second[i];
    }
    return list;
}

/* The next plan; false once the worker has closed its end, or wants no more of this sandbox. */
static bool receive_plan(int signals, struct plan *plan)
{
    struct pollfd fds[] = {{.fd = AR_SUPERVISE_CONTROL_FD, .events = POLLIN},
                           {.fd = signals, .events = POLLIN}};
    struct stat st;
    int fd = poll(fds, 2, -1) < 1 || fds[1].revents
                 ? -1
                 : ar_descriptor_receive(AR_SUPERVISE_CONTROL_FD, 0);
    if (fd < 0) {
        return false;
    }
    const char *bytes = fstat(fd, &st) == 0 && st.st_size > 0
                            ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
                            : MAP_FAILED;
    close(fd);
    if (bytes == MAP_FAILED) {
        return false;
    }
    *plan = (struct plan){.at = bytes, .end = bytes + st.st_size};
    return true;
}

/* Where that fails, the job does without. The socket is the worker's alone. */
static void listen_for_worker(unsigned long long port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = port ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(fd, 16) == 0) {
        (void)ar_descriptor_send(AR_SUPERVISE_CONTROL_FD, fd);
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* SIGTERM to the job's group is the job's to heed; the supervisor stays to tell how it ended.
 * Returns a descriptor that is readable while one of those that it waits for is pending, or -1. */
static int prepare_signals(void)
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
    return signalfd(-1, &waited, SFD_CLOEXEC);
}

static bool write_files(struct plan *plan)
{
    for (unsigned long long count = next_number(plan); count && !plan->broken; count--) {
        size_t len = 0;
        const char *name = next_item(plan, NULL), *content = next_item(plan, &len);
        int trouble = write_file(name, content, len);
        if (trouble) {
            fail("write", name, trouble);
            return false;
        }
    }
    return true;
}

/* The job's command: started once. */
struct command {
    struct limits limits;
    char **env; /* what it has whatever the task */
    pid_t pid;  /* 0: not started */
    int go;     /* where a command that was started before its task reads its environment, or -1 */
};

/* 0 or errno. `waits`: for its task. */
static int start(struct command *command, char *const *argv, char *const *env, bool waits)
{
    int report[2], go[2] = {-1, -1};
    if (pipe2(report, O_CLOEXEC) < 0 || (waits && pipe2(go, O_CLOEXEC) < 0)) {
        return errno;
    }
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        if (waits && dup2(go[0], AR_SUPERVISE_GO_FD) < 0) {
            _exit(127);
        }
        run_command(&command->limits, argv, env, self, report[1]);
    }
    if (pid < 0) {
        return errno;
    }
    close(report[1]);
    if (waits) {
        close(go[0]);
    }
    int trouble = 0;
    if (read(report[0], &trouble, sizeof(trouble)) != sizeof(trouble)) {
        trouble = 0;
    }
    close(report[0]);
    command->pid = pid;
    command->go = go[1];
    return trouble;
}

/* The sandbox's own plan: whether it could be carried out. */
static bool open_sandbox(struct plan *plan, struct command *command)
{
    listen_for_worker(next_number(plan));
    command->limits.memory = next_number(plan);
    command->limits.address_space = next_number(plan);
    command->limits.processes = next_number(plan);
    command->limits.files = next_number(plan);
    command->limits.file_size = next_number(plan);
    const char *directory = next_item(plan, NULL);
    if (chdir(directory) < 0) {
        fail("change to", directory, errno);
        return false;
    }
    if (!write_files(plan)) {
        return false;
    }
    char **argv = next_list(plan);
    command->env = next_list(plan);
    int trouble = plan->broken ? EINVAL : argv[0] ? start(command, argv, command->env, true) : 0;
    if (trouble) {
        fail("run", "the command", trouble);
    }
    return trouble == 0;
}

static void lower(pid_t pid, int resource, unsigned long long most)
{
    struct rlimit now;
    const struct rlimit wanted = {.rlim_cur = most, .rlim_max = most};
    if (most && prlimit(pid, resource, NULL, &now) == 0 && most < now.rlim_max) {
        prlimit(pid, resource, &wanted, NULL);
    }
}

/* The task's own limits: of what is started later, or was already. */
static void lower_limits(struct command *command, unsigned long long memory,
                         unsigned long long processes)
{
    struct limits *limits = &command->limits;
    if (memory && limits->address_space) {
        limits->address_space = memory;
    }
    limits->memory = memory ? memory : limits->memory;
    limits->processes = processes ? processes : limits->processes;
    if (command->pid) {
        lower(command->pid, RLIMIT_DATA, memory);
        lower(command->pid, RLIMIT_AS, limits->address_space ? memory : 0);
        lower(command->pid, RLIMIT_NPROC, processes);
    }
}

/* What was started reads its environment, entries with a NUL byte behind each, to the end. */
static void let_go(struct command *command, char *const *env)
{
    for (size_t i = 0; env[i]; i++) {
        if (!write_all(command->go, env[i], strlen(env[i]) + 1)) {
            break;
        }
    }
    close(command->go);
}

static int send_greedy(struct outcome outcome, unsigned long long memory)
{
    char text[128];
    outcome.kind = AR_SUPERVISE_ERROR;
    outcome.size = (size_t)snprintf(
        text, sizeof(text), "the job's processes together took more than %llu MiB of memory",
        memory >> 20);
    return send_header(outcome) && write_all(AR_SUPERVISE_RESULT_FD, text, outcome.size) ? 0 : 1;
}

static int run_task(struct plan *plan, struct command *command, struct outcome *outcome,
                    bool *ret_greedy)
{
    char **argv = next_list(plan), **env = next_list(plan);
    char **all = plan->broken ? NULL : join_lists(command->env, env);
    int trouble = plan->broken ? EINVAL : !all ? ENOMEM : 0;
    if (!trouble && !command->pid) {
        trouble = argv[0] ? start(command, argv, all, false) : EINVAL;
    } else if (!trouble) {
        let_go(command, env);
    }
    if (command->pid) {
        outcome->status = wait_command(command->pid, command->limits.memory, ret_greedy);
    }
    struct rusage usage;
    outcome->memory_peak = getrusage(RUSAGE_CHILDREN, &usage) == 0 ? usage.ru_maxrss : 0;
    return trouble;
}

int main(void)
{
    struct plan plan;
    struct command command = {.go = -1};
    fcntl(AR_SUPERVISE_RESULT_FD, F_SETFD, FD_CLOEXEC);
    fcntl(AR_SUPERVISE_CONTROL_FD, F_SETFD, FD_CLOEXEC);
    fcntl(AR_SUPERVISE_SELF_FD, F_SETFD, FD_CLOEXEC);
    int signals = prepare_signals();
    if (!receive_plan(signals, &plan) || !open_sandbox(&plan, &command)) {
        return 1;
    }
    if (!receive_plan(signals, &plan)) {
        kill_children();
        return 1;
    }
    unsigned long long memory = next_number(&plan), processes = next_number(&plan);
    size_t most = (size_t)next_number(&plan);
    lower_limits(&command, memory, processes);
    const char *names[2];
    names[0] = next_item(&plan, NULL);
    names[1] = next_item(&plan, NULL);
    if (!write_files(&plan)) {
        kill_children();
        return 1;
    }
    struct outcome outcome = {0};
    bool greedy = false;
    int trouble = run_task(&plan, &command, &outcome, &greedy);
    if (trouble) {
        return fail("run", "the command", trouble);
    }
    if (greedy) {
        return send_greedy(outcome, command.limits.memory);
    }
    return send_result(outcome, names, most);
}
