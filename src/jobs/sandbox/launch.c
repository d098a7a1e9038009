#include "jobs/sandbox/launch.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_SIZE = 64 * 1024, NOBODY = 65534 };

struct child {
    const struct ar_launch *launch;
    pid_t parent;
    int trouble; /* the child's errno; memory is shared until it runs its program */
};

/* Only this thread's: the C library's functions change all threads of the process, whose memory
 * the child still shares. */
static bool drop_privileges(void)
{
    return syscall(SYS_setgroups, 0, NULL) == 0 &&
           syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) == 0 &&
           syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) == 0;
}

__attribute__((no_sanitize("address", "undefined"))) static bool place_fds(const int *fds)
{
    int high[AR_LAUNCH_FDS];
    for (int i = 0; i < AR_LAUNCH_FDS; i++) {
        high[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, AR_LAUNCH_FDS);
        if (fds[i] >= 0 && high[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < AR_LAUNCH_FDS; i++) {
        if (high[i] < 0) {
            close(i);
        } else if (dup2(high[i], i) < 0) {
            return false;
        }
    }
    return syscall(SYS_close_range, AR_LAUNCH_FDS, ~0U, 0) == 0;
}

__attribute__((no_sanitize("address", "undefined"))) static int run_child(void *context)
{
    struct child *child = context;
    const struct ar_launch *launch = child->launch;
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < 32; number++) {
        signal(number, SIG_DFL);
    }
    if (!place_fds(launch->fds) || (launch->session && setsid() < 0) ||
        (launch->unprivileged && geteuid() == 0 && !drop_privileges()) ||
        prctl(PR_SET_PDEATHSIG, launch->death_signal) < 0) {
        child->trouble = errno;
        _exit(127);
    }
    if (getppid() != child->parent) {
        _exit(127); /* died before the signal was asked for */
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(launch->path, launch->argv, launch->env);
    child->trouble = errno;
    _exit(127);
}

int ar_launch(const struct ar_launch *launch, pid_t *ret_pid, int *ret_pidfd)
{
    char *stack =
        mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED) {
        return errno;
    }
    struct child child = {.launch = launch, .parent = getpid()};
    sigset_t all, before;
    int pidfd = -1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler of ours runs in the child */
    pid_t pid = clone(run_child, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                      &child, &pidfd);
    int trouble = pid < 0 ? errno : child.trouble;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, STACK_SIZE);
    if (pid > 0 && trouble) {
        waitpid(pid, NULL, 0);
        close(pidfd);
    } else if (pid > 0) {
        *ret_pid = pid;
        *ret_pidfd = pidfd;
    }
    return trouble;
}
