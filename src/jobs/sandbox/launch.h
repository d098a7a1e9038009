/* Starting a program with the care that a sandbox needs, as cheaply as posix_spawn. */
#ifndef AR_JOBS_LAUNCH_H
#define AR_JOBS_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { AR_LAUNCH_FDS = 12 };

struct ar_launch {
    const char *path;
    char *const *argv, *const *env;
    int fds[AR_LAUNCH_FDS]; /* what the child's descriptors 0, 1, ... are; -1: closed */
    bool unprivileged;      /* where this process is root: run as nobody */
    bool session;           /* a session and process group of its own */
    int death_signal;       /* what the child gets when the starting thread has ended */
};

/* 0 or errno. The child has no other descriptors, no signals blocked or ignored. *ret_pidfd is
 * readable when it has ended; the caller closes it and reaps the pid. Any thread; the thread that
 * calls it MUST live as long as the child. */
int ar_launch(const struct ar_launch *launch, pid_t *ret_pid, int *ret_pidfd);

#endif
