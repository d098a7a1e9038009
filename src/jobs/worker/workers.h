/* The workers: threads that take jobs from the queue and run each in the sandbox. */
#ifndef AR_JOBS_WORKERS_H
#define AR_JOBS_WORKERS_H

#include "jobs/queue/queue.h"
#include "jobs/secret.h"
#include "jobs/telemetry.h"

struct ar_workers;

enum ar_job_network {
    AR_JOB_NETWORK_NONE,  /* whoever asks for it fails */
    AR_JOB_NETWORK_ASKED, /* whoever asks for it (wishes.h) */
    AR_JOB_NETWORK_ALL
};

struct ar_workers_options {
    struct ar_store *store;
    struct ar_queue *queue;
    unsigned count;        /* threads */
    const char *name;      /* what their names begin with, until workers_start returns; no other
                              process of the database has it. NULL: "worker" */
    const char *directory; /* where job directories are made and removed; exists */
    const char *packages;  /* an absolute directory of packages for scripts; lives as long as the
                              workers; NULL:  none */
    const char *base_url;  /* for BASE_INTERNAL_URL and WM_BASE_URL */
    struct ar_telemetry *telemetry;  /* NULL: nobody is told */
    const struct ar_secret_key *key; /* of secret variables; borrowed; NULL: jobs read none */
    bool sandbox;                    /* false: only what the caller confirmed with --sandbox none */
    int64_t job_seconds;             /* 0: AR_JOB_SECONDS */
    unsigned spares;                 /* sandboxes kept ready for each language in use; 0: none */
    int64_t spare_seconds;           /* without a job of the language after which none is kept; 0:
                                        AR_JOB_SPARE_SECONDS */
    /* Takes over a connection (a stream socket) that a sandboxed job made to its server, as
     * ar_http_server_adopt does. Any worker's thread. NULL: jobs without a network do not reach it.
     */
    void (*connect)(void *context, const void *owner, int fd);
    void *connect_context;
    enum ar_job_network network;  /* which jobs have the machine's */
    size_t memory, processes;     /* of one job; 0: AR_JOB_MEMORY, AR_JOB_PROCESSES */
    size_t log_size, result_size; /* 0: AR_JOB_LOG_SIZE, AR_JOB_RESULT_SIZE */
};

enum arras_status ar_workers_start(const struct ar_workers_options *options, struct ar_diags *diags,
                                   struct ar_workers **ret) ARRAS_CHECKED;
/* Closes the queue, lets what runs end for `grace` seconds, kills what runs then (those jobs go
 * back into the queue), waits for the threads. */
void ar_workers_stop(struct ar_workers *workers, int64_t grace);

#endif
