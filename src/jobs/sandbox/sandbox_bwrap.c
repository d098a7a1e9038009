#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/limits.h"
#include "jobs/sandbox/plan.h"
#include "jobs/sandbox/seccomp.h"

/* Files that bubblewrap is given as descriptors, from number 6 on. */
enum { FD_FILTER, FD_PASSWD, FD_GROUP, FD_HOSTS, FD_COUNT };
enum { FD_FIRST = 6, FD_INFO = FD_FIRST + FD_COUNT, GONE_MILLISECONDS = 10000 };

struct bwrap {
    struct ar_sandbox sandbox; /* MUST be first */
    const char *program, *packages;
    int supervisor;
    int files[FD_COUNT];
    char size[24];
};

/* Everything in the job's world. The root and /dev are in memory, without a limit on size until
 * they become read-only; what is mounted below them stays as it is. */
/* clang-format off */
static const char *const WORLD[] = {
    "--unshare-all", "--die-with-parent", "--new-session",
    "--cap-drop", "ALL",
    "--uid", "1000",
    "--gid", "1000",
    "--hostname", "job",
    "--seccomp", "6",
    "--info-fd", "10",
    "--ro-bind", "/usr", "/usr",
    "--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
    "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
    "--ro-bind-try", "/etc/localtime", "/etc/localtime",
    "--ro-bind-try", "/etc/ssl/certs", "/etc/ssl/certs",
    "--ro-bind-try", "/etc/python3", "/etc/python3",
    "--perms", "0644", "--file", "7", "/etc/passwd",
    "--perms", "0644", "--file", "8", "/etc/group",
    "--perms", "0644", "--file", "9", "/etc/hosts",
    "--proc", "/proc",
    "--dev", "/dev",
    "--perms", "1777", "--size", "67108864", "--tmpfs", "/dev/shm",
    "--remount-ro", "/dev",
};
/* clang-format on */

_Static_assert(FD_FIRST + FD_FILTER == 6 && FD_FIRST + FD_PASSWD == 7 && FD_FIRST + FD_GROUP == 8 &&
                   FD_FIRST + FD_HOSTS == 9 && FD_INFO == 10,
               "the numbers in the list");

static const char PASSWD[] = "job:x:1000:1000:job:/tmp/job:/bin/bash\n"
                             "nobody:x:65534:65534:nobody:/:/bin/false\n";
static const char GROUP[] = "job:x:1000:\nnogroup:x:65534:\n";
static const char HOSTS[] = "127.0.0.1 localhost job\n::1 localhost\n";
static const char DIRECTORY[] = "/tmp/job";

/* What is a link into /usr on most systems, and a folder on older ones. */
static const char *const SYSTEM[] = {"/bin", "/sbin", "/lib", "/lib64"};

enum {
    SYSTEM_COUNT = sizeof(SYSTEM) / sizeof(*SYSTEM),
    WORLD_COUNT = sizeof(WORLD) / sizeof(*WORLD)
};

struct command {
    const char *argv[WORLD_COUNT + 3 * SYSTEM_COUNT + 40];
    size_t count;
    char links[SYSTEM_COUNT][64];
};

static void add(struct command *command, const char *argument)
{
    command->argv[command->count++] = argument;
}

static void add_system(struct command *command)
{
    for (size_t i = 0; i < SYSTEM_COUNT; i++) {
        ssize_t len = readlink(SYSTEM[i], command->links[i], sizeof(command->links[i]) - 1);
        bool link = len > 0;
        command->links[i][link ? len : 0] = '\0';
        add(command, link ? "--symlink" : "--ro-bind-try");
        add(command, link ? command->links[i] : SYSTEM[i]);
        add(command, SYSTEM[i]);
    }
}

/* A resolver's files, for who has names to resolve. */
static void add_network(struct command *command)
{
    static const char *const files[] = {"/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gai.conf"};
    add(command, "--share-net");
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        add(command, "--ro-bind-try");
        add(command, files[i]);
        add(command, files[i]);
    }
}

static void make_command(const struct bwrap *bwrap, const struct ar_sandbox_opening *opening,
                         struct command *command)
{
    const char *const end[] = {"--perms", "1777",    "--size",       bwrap->size,
                               "--tmpfs", "/tmp",    "--perms",      "0755",
                               "--dir",   DIRECTORY, "--remount-ro", "/",
                               "--chdir", DIRECTORY, "--",           "/proc/self/fd/5"};
    command->count = 0;
    add(command, "bwrap");
    for (size_t i = 0; i < WORLD_COUNT; i++) {
        add(command, WORLD[i]);
    }
    add_system(command);
    if (opening->network) {
        add_network(command);
    }
    if (bwrap->packages) {
        add(command, "--ro-bind");
        add(command, bwrap->packages);
        add(command, AR_SANDBOX_PACKAGES);
    }
    for (size_t i = 0; i < sizeof(end) / sizeof(*end); i++) {
        add(command, end[i]);
    }
    add(command, NULL);
}

/* The same file with a position of its own. */
static int open_again(int fd)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static enum arras_status launch(const struct bwrap *bwrap, const struct ar_sandbox_opening *opening,
                                int info, int *fds, struct ar_diags *diags,
                                struct ar_sandbox_process *ret)
{
    struct command command;
    char *const no_environment[] = {NULL};
    struct ar_launch start = {.path = bwrap->program,
                              .argv = (char *const *)command.argv,
                              .env = no_environment,
                              .unprivileged = true,
                              .death_signal = SIGKILL};
    make_command(bwrap, opening, &command);
    for (int i = 0; i < AR_LAUNCH_FDS; i++) {
        start.fds[i] = -1;
    }
    for (int i = 0; i < FD_COUNT; i++) {
        fds[i] = open_again(bwrap->files[i]);
        if (fds[i] < 0) {
            return ar_error(diags, ARRAS_IO, "sandbox", NULL, 0, "cannot open /proc/self/fd: %s",
                            strerror(errno));
        }
        start.fds[FD_FIRST + i] = fds[i];
    }
    start.fds[FD_INFO] = info;
    return ar_plan_launch(&start, opening, DIRECTORY, bwrap->supervisor, diags, ret);
}

static enum arras_status bwrap_open(struct ar_sandbox *sandbox,
                                    const struct ar_sandbox_opening *opening,
                                    struct ar_diags *diags, struct ar_sandbox_process *ret)
{
    int fds[FD_COUNT] = {-1, -1, -1, -1}, info[2];
    if (pipe2(info, O_CLOEXEC | O_NONBLOCK) < 0) {
        return ar_error(diags, ARRAS_IO, "sandbox", NULL, 0, "cannot make a pipe: %s",
                        strerror(errno));
    }
    enum arras_status status =
        launch((const struct bwrap *)sandbox, opening, info[1], fds, diags, ret);
    for (int i = 0; i < FD_COUNT; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    close(info[1]);
    if (status) {
        close(info[0]);
    } else {
        ret->info_fd = info[0];
    }
    return status;
}

/* The first process of the job's namespaces, as bubblewrap tells it: {"child-pid": 123}. When it
 * ends, the kernel ends all others there. */
static pid_t find_inner(struct ar_sandbox_process *process)
{
    char text[512];
    ssize_t len = process->inner ? 0 : read(process->info_fd, text, sizeof(text) - 1);
    if (len > 0) {
        text[len] = '\0';
        const char *at = strstr(text, "\"child-pid\":");
        process->inner = at ? (pid_t)strtol(at + strlen("\"child-pid\":"), NULL, 10) : 0;
    }
    return process->inner;
}

static void bwrap_signal(struct ar_sandbox *sandbox, struct ar_sandbox_process *process,
                         enum ar_sandbox_signal signal)
{
    (void)sandbox;
    pid_t inner = find_inner(process);
    if (signal == AR_SANDBOX_ASK && inner > 0) {
        kill(-inner, SIGTERM);
    } else if (signal == AR_SANDBOX_KILL) {
        if (inner > 0) {
            kill(inner, SIGKILL);
        }
        kill(process->pid, SIGKILL);
    }
}

static void bwrap_finish(struct ar_sandbox *sandbox, struct ar_sandbox_process *process)
{
    (void)sandbox;
    /* bubblewrap ends as soon as the supervisor has; the namespaces' first process follows it */
    pid_t inner = find_inner(process);
    int fd = inner > 0 ? (int)syscall(SYS_pidfd_open, inner, 0) : -1;
    waitpid(process->pid, NULL, 0);
    if (fd >= 0) {
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        poll(&entry, 1, GONE_MILLISECONDS);
        close(fd);
    }
}

static void bwrap_release(struct ar_sandbox *sandbox, struct ar_sandbox_process *process)
{
    (void)sandbox;
    ar_plan_close(process);
}

static void bwrap_free(struct ar_sandbox *sandbox)
{
    struct bwrap *bwrap = (struct bwrap *)sandbox;
    for (int i = 0; i < FD_COUNT; i++) {
        if (bwrap->files[i] >= 0) {
            close(bwrap->files[i]);
        }
    }
    if (bwrap->supervisor >= 0) {
        close(bwrap->supervisor);
    }
    free(bwrap);
}

static const struct ar_sandbox_functions FUNCTIONS = {
    .open = bwrap_open,
    .signal = bwrap_signal,
    .finish = bwrap_finish,
    .release = bwrap_release,
    .free = bwrap_free,
};

static enum arras_status open_files(struct bwrap *bwrap, struct ar_diags *diags)
{
    static const struct {
        int number;
        const char *name, *content;
    } texts[] = {
        {FD_PASSWD, "passwd", PASSWD}, {FD_GROUP, "group", GROUP}, {FD_HOSTS, "hosts", HOSTS}};
    enum arras_status status = ar_seccomp_filter(diags, &bwrap->files[FD_FILTER]);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && status == ARRAS_OK; i++) {
        status = ar_plan_memory_file(texts[i].name, texts[i].content, strlen(texts[i].content),
                                     diags, &bwrap->files[texts[i].number]);
    }
    return status ? status : ar_plan_supervisor(diags, &bwrap->supervisor);
}

/* Fixed places: a search path could lead elsewhere. */
static const char *find_program(void)
{
    static const char *const places[] = {"/usr/bin/bwrap", "/usr/local/bin/bwrap"};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (access(places[i], X_OK) == 0) {
            return places[i];
        }
    }
    return NULL;
}

enum arras_status ar_sandbox_bwrap_new(const char *packages, struct ar_diags *diags,
                                       struct ar_sandbox **ret)
{
    const char *program = find_program();
    if (!program) {
        ar_error(diags, ARRAS_UNSUPPORTED, "sandbox", NULL, 0,
                 "no sandbox: bubblewrap (bwrap) is not installed");
        ar_hint(diags, "install the package bubblewrap, or run jobs with this user's rights by "
                       "--sandbox none");
        return ARRAS_UNSUPPORTED;
    }
    struct bwrap *bwrap = calloc(1, sizeof(*bwrap));
    if (!bwrap) {
        return ar_no_memory(diags);
    }
    bwrap->sandbox.functions = &FUNCTIONS;
    bwrap->program = program;
    bwrap->packages = packages;
    bwrap->supervisor = -1;
    snprintf(bwrap->size, sizeof(bwrap->size), "%zu", AR_JOB_DIRECTORY_SIZE);
    for (int i = 0; i < FD_COUNT; i++) {
        bwrap->files[i] = -1;
    }
    enum arras_status status = open_files(bwrap, diags);
    if (status) {
        bwrap_free(&bwrap->sandbox);
        return status;
    }
    *ret = &bwrap->sandbox;
    return ARRAS_OK;
}
