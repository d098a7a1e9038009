/* The workers: threads that take jobs from the queue and run each in the sandbox. */
#ifndef AR_JOBS_WORKERS_H
#define AR_JOBS_WORKERS_H

#include "jobs/queue.h"

struct ar_workers;

struct ar_workers_options {
    struct ar_store *store;
    struct ar_queue *queue;
    unsigned count;        /* threads */
    const char *name;      /* what their names begin with, until workers_start returns; no other
                              process of the database has it. NULL: "worker" */
    const char *directory; /* where job directories are made and removed; exists */
    const char *base_url;  /* for BASE_INTERNAL_URL and WM_BASE_URL */
    bool sandbox;          /* false: only what the caller confirmed with --sandbox none */
    int64_t job_seconds;   /* 0: AR_JOB_SECONDS */
    unsigned spares;       /* sandboxes kept ready for each language in use; 0: none */
    int64_t spare_seconds; /* without a job of the language after which none is kept; 0:
                              AR_JOB_SPARE_SECONDS */
    /* Makes the token that the job gets as WM_TOKEN. NULL: it gets none. Called on any worker's
     * thread; where it fails, the job goes back into the queue. */
    enum arras_status (*job_token)(void *context, const struct ar_job *job, struct ar_arena *arena,
                                   struct ar_diags *diags, struct arras_str *ret);
    void *job_token_context;
};

/* Whether this machine can sandbox, by trying; if not, ARRAS_UNSUPPORTED, and a diagnostic says
 * what is missing and what to do. */
enum arras_status ar_sandbox_check(struct ar_diags *diags) ARRAS_CHECKED;

enum arras_status ar_workers_start(const struct ar_workers_options *options, struct ar_diags *diags,
                                   struct ar_workers **ret) ARRAS_CHECKED;
/* Closes the queue, kills what runs (those jobs go back into the queue), waits for the threads. */
void ar_workers_stop(struct ar_workers *workers);

#endif
