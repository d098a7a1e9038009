/* Where a job runs: apart from the server, from other jobs, from the network. One table of
 * functions for each way: bubblewrap; none, where the user asked for that. */
#ifndef AR_JOBS_SANDBOX_H
#define AR_JOBS_SANDBOX_H

#include <sys/types.h>
#include "base/diag.h"
#include "base/vec.h"

struct ar_sandbox_file {
    const char *name; /* within the job's directory */
    struct arras_str content;
};

/* What runs in a sandbox. Strings are borrowed. */
struct ar_sandbox_command {
    AR_VEC(struct ar_sandbox_file) files;
    AR_VEC(struct arras_str) argv; /* the program by its full path first; no NUL bytes */
    AR_VEC(struct arras_str) env;  /* NAME=value; no NUL bytes */
};

/* What a sandbox is made with, be its job known already or not. */
struct ar_sandbox_opening {
    struct ar_sandbox_command command; /* started at once (supervise.h); without argv: nothing is */
    bool network;                      /* the machine's own, instead of none */
    uint16_t port;            /* without a network: on its own 127.0.0.1, to be listened on for the
                                 caller (ar_sandbox_listener); 0: none */
    size_t memory, processes; /* 0: no limit */
    bool reserves_memory; /* it reserves far more address space than it uses: that is not limited */
};

/* A job, as a language makes it. */
struct ar_sandbox_task {
    struct ar_sandbox_command command; /* without argv: the opening's goes on with it */
    const char *json_result;           /* names of the files that it may leave its result in */
    const char *text_result;
    size_t result_size;       /* the most bytes of either */
    size_t memory, processes; /* lower than the opening's; 0: as those are */
};

struct ar_sandbox_process {
    pid_t pid;
    int pidfd;      /* readable when it has ended */
    int output_fd;  /* standard output and error of the job, in order; non-blocking */
    int result_fd;  /* supervise.h; non-blocking */
    int control_fd; /* supervise.h */
    /* the sandbox's own */
    int info_fd; /* -1: none */
    pid_t inner; /* 0: not known (yet) */
    char *directory;
    bool unread; /* it ended with a plan that nobody had read (ar_sandbox_unread) */
};

enum ar_sandbox_signal {
    AR_SANDBOX_ASK, /* SIGTERM to the job's process group */
    AR_SANDBOX_KILL /* SIGKILL to all that runs within */
};

struct ar_sandbox;

struct ar_sandbox_functions {
    /* Makes a sandbox, in which nothing but the opening's command runs until it is given its task
     * (ar_sandbox_give): ARRAS_IO with what was wrong, ARRAS_NO_MEMORY. The calling thread MUST
     * live until finish. Any number of threads. */
    enum arras_status (*open)(struct ar_sandbox *, const struct ar_sandbox_opening *,
                              struct ar_diags *, struct ar_sandbox_process *ret);
    void (*signal)(struct ar_sandbox *, struct ar_sandbox_process *, enum ar_sandbox_signal);
    /* Once pidfd is readable: reaps it and makes sure that nothing of the job is left running. The
     * two pipes stay open, to be drained. */
    void (*finish)(struct ar_sandbox *, struct ar_sandbox_process *);
    /* Closes the descriptors, removes what the job left behind. */
    void (*release)(struct ar_sandbox *, struct ar_sandbox_process *);
    void (*free)(struct ar_sandbox *);
};

/* Each way's sandbox begins with this. */
struct ar_sandbox {
    const struct ar_sandbox_functions *functions;
};

/* Gives a sandbox that was opened its one task. A sandbox that has ended meanwhile tells so by its
 * pidfd. ARRAS_IO, ARRAS_NO_MEMORY. */
enum arras_status ar_sandbox_give(struct ar_sandbox_process *process,
                                  const struct ar_sandbox_task *task,
                                  struct ar_diags *diags) ARRAS_CHECKED;
/* Once control_fd is readable: the socket that listens within the sandbox, non-blocking, the
 * caller's to close. -1: none. */
int ar_sandbox_listener(struct ar_sandbox_process *process);
/* Between finish and release, of one that was given its task: it ended before it read it, so
 * nothing of the task was done. */
bool ar_sandbox_unread(struct ar_sandbox_process *process);
/* Ends a sandbox that got no task, and releases it. */
void ar_sandbox_discard(struct ar_sandbox *sandbox, struct ar_sandbox_process *process);

#define AR_SANDBOX_PACKAGES "/packages"

/* bubblewrap: a namespace of each kind, a read-only system, no network, no capabilities, system
 * calls filtered. Nothing of the job touches the disk: its directory and /tmp are in memory,
 * AR_JOB_DIRECTORY_SIZE together. `packages`: a directory that jobs see, read-only, as
 * AR_SANDBOX_PACKAGES; borrowed; NULL: none. ARRAS_UNSUPPORTED where bubblewrap is not installed.
 */
enum arras_status ar_sandbox_bwrap_new(const char *packages, struct ar_diags *diags,
                                       struct ar_sandbox **ret) ARRAS_CHECKED;
/* None: the job has this process's rights, and a directory below `directory`, which is emptied of
 * what an earlier server left there. The limits on processes and memory still hold. */
enum arras_status ar_sandbox_none_new(const char *directory, struct ar_diags *diags,
                                      struct ar_sandbox **ret) ARRAS_CHECKED;

/* Whether this machine can sandbox, by trying; if not, ARRAS_UNSUPPORTED, and a diagnostic says
 * what is missing and what to do. IO where it can, but not with these packages (NULL: none). */
enum arras_status ar_sandbox_check(const char *packages, struct ar_diags *diags) ARRAS_CHECKED;

#endif
