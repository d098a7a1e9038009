/* What the files of the queue share. */
#ifndef AR_JOBS_QUEUE_INTERNAL_H
#define AR_JOBS_QUEUE_INTERNAL_H

#include <pthread.h>
#include "jobs/queue/queue.h"
#include "jobs/uuid.h"

/* A job that runs here. */
struct ar_taken {
    struct ar_taken *next;
    int cancel_fd;
    int attempt;
    int64_t lease_end; /* as last agreed with the database, by the monotonic clock; INT64_MAX where
                          it has none */
    struct arras_str id, worker; /* in the bytes behind */
    char bytes[];
};

/* Someone who waits for a job's end. */
struct ar_waiter {
    struct ar_waiter *next;
    struct arras_str id;
    bool look; /* the job may have ended */
};

/* The thread that renews leases, looks for those that ran out, has those look who watch jobs of
 * other processes, redacts jobs when their time has come, and says how many jobs have ended here.
 * Times are monotonic. */
struct ar_keeper {
    pthread_t thread;
    pthread_cond_t changed;
    bool started;
    int64_t renew_at, check_at, tell_at, redact_at, count_at; /* 0: no need */
};

struct ar_queue {
    struct ar_store *store;
    struct ar_telemetry *telemetry;
    const struct ar_worker_process *process; /* what others were told of it; NULL: nothing */
    const char *tags;
    int64_t lease; /* microseconds; 0: the store is not shared, leases have no end */
    /* Never held while the store is asked: notes come on the thread that wrote. */
    pthread_mutex_t lock;
    pthread_cond_t submitted; /* by the wall clock, which scheduled times are of */
    pthread_cond_t ended;     /* by the monotonic clock */
    uint64_t submitted_count;
    size_t waiting; /* in take */
    bool closed;
    int64_t next_due;  /* what the newest claim that found nothing said, 0: nothing is scheduled */
    int64_t repair_at; /* when to look for schedules without an occurrence (monotonic), 0: now */
    bool repairing;    /* some are without one: to be looked at even where nothing else happens */
    struct ar_uuid_clock uuids;
    struct ar_taken *taken;
    struct ar_waiter *waiters;
    uint64_t cancel_count; /* cancellations noted so far, of jobs that are not taken here (yet) */
    struct ar_watches watches;
    struct ar_keeper keeper;
};

/* Writes to the cancel descriptor of a job that was taken here, the lock held; false: it was not.
 */
bool ar_queue_signal(struct ar_queue *queue, struct arras_str id);

enum arras_status ar_keeper_start(struct ar_queue *queue) ARRAS_CHECKED;
/* Waits for its end: the queue is closed, nothing is taken, and it was told so. */
void ar_keeper_stop(struct ar_queue *queue);
/* With the lock held: a job was taken; one was queued somewhere; notes may have been missed. */
void ar_keeper_taken(struct ar_queue *queue);
void ar_keeper_queued(struct ar_queue *queue);
void ar_keeper_missed(struct ar_queue *queue);
/* A job has ended that is to be redacted, or may have. */
void ar_keeper_redacts(struct ar_queue *queue);
/* A job that was taken here has ended. */
void ar_keeper_ended(struct ar_queue *queue);
/* Someone watches a job's progress. */
void ar_keeper_watched(struct ar_queue *queue);

#endif
