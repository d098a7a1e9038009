/* The life of a job: submitted, claimed, completed, cancelled, deleted. What the API and the
 * workers call; keeps the rules, wakes whoever waits. Safe on any thread.
 *
 * Many processes may share one database. A job that is taken has a lease then, which a thread of
 * the queue renews while the job runs; it also looks for the jobs of others whose lease ran out, as
 * long as it knows of any that run or wait. Who waits is woken by the notes of the database (db.h);
 * where nothing happens, nothing is asked. */
#ifndef AR_JOBS_QUEUE_H
#define AR_JOBS_QUEUE_H

#include "jobs/store/store.h"
#include "jobs/telemetry.h"
#include "jobs/queue/watch.h"

struct ar_queue;

/* At most one queue a store. */
enum arras_status ar_queue_new(struct ar_store *store, struct ar_queue **ret) ARRAS_CHECKED;
/* What ar_queue_take takes from now on, before the first is called: only jobs with one of `tags`
 * (",bash,python3,"; borrowed; NULL: any); and for how long it takes them where the database is
 * shared (0: AR_JOB_LEASE_SECONDS). */
void ar_queue_configure(struct ar_queue *queue, const char *tags, int64_t lease_seconds);
/* Who is told of schedules that cannot go on and of lost workers. */
void ar_queue_observe(struct ar_queue *queue, struct ar_telemetry *telemetry);
/* Lets others of a shared database know of the workers that take jobs here, and, from the
 * telemetry, how many they ended. `process` borrowed. */
enum arras_status ar_queue_join(struct ar_queue *queue, const struct ar_worker_process *process,
                                struct ar_diags *diags) ARRAS_CHECKED;
void ar_queue_free(struct ar_queue *queue);

/* Fills in id (unless given), created_at, scheduled_for (unless given) and state, stores the job,
 * wakes a worker. CONFLICT where the id exists. `job` strings borrowed; id made in arena. */
enum arras_status ar_queue_submit(struct ar_queue *queue, struct ar_job *job,
                                  struct ar_arena *arena, struct ar_diags *diags) ARRAS_CHECKED;
/* The same of several, in one step. */
enum arras_status ar_queue_submit_all(struct ar_queue *queue, struct ar_job *jobs, size_t count,
                                      struct ar_arena *arena, struct ar_diags *diags) ARRAS_CHECKED;
/* Waits for a job to run; INTERRUPTED once ar_queue_close was called. Idle waiting costs nothing.
 */
enum arras_status ar_queue_take(struct ar_queue *queue, struct arras_str worker,
                                struct ar_arena *arena, struct ar_diags *diags,
                                struct ar_job *ret) ARRAS_CHECKED;
/* A queued job ends at once, with the result of windmill-api.md section 4.3; a running one is ended
 * by its worker (ar_queue_cancel_fd). NOT_FOUND; CONFLICT where it has ended already; UNSUPPORTED
 * where it is the occurrence of a schedule and not due yet: it is the schedule's. Jobs whose parent
 * it is, and theirs, are canceled too. */
enum arras_status ar_queue_cancel(struct ar_queue *queue, struct arras_str workspace,
                                  struct arras_str id, struct arras_str by, struct arras_str reason,
                                  struct ar_diags *diags) ARRAS_CHECKED;
/* That, but what runs has ended when it returns, whether its worker lives or not. */
enum arras_status ar_queue_force_cancel(struct ar_queue *queue, struct arras_str workspace,
                                        struct arras_str id, struct arras_str by,
                                        struct arras_str reason,
                                        struct ar_diags *diags) ARRAS_CHECKED;
/* An event descriptor that becomes readable when the cancellation of a job taken here is requested,
 * or when its lease is lost: it was given to another worker. Owned by the queue, valid from take to
 * complete or put_back. -1 where the job was not taken here.
 */
int ar_queue_cancel_fd(struct ar_queue *queue, struct arras_str id);
/* When a job that was taken here must be ended because its lease could not be renewed, by the
 * monotonic clock: AR_JOB_KILL_MILLISECONDS twice before the lease ends, or a third of a short
 * lease. INT64_MAX where its lease has no end. */
int64_t ar_queue_lease_end(struct ar_queue *queue, struct arras_str id);
/* Ends a job that was taken here (store.h, job_complete), puts it back for another worker
 * (job_requeue). The
 * job's cancel descriptor is closed and its lease renewed no more, unless it failed for a
 * reason that may pass (ar_queue_may_succeed): the caller does it again. */
enum arras_status ar_queue_complete(struct ar_queue *queue, const struct ar_job *job,
                                    struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_queue_put_back(struct ar_queue *queue, const struct ar_job *job,
                                    struct ar_diags *diags) ARRAS_CHECKED;
static inline bool ar_queue_may_succeed(enum arras_status status)
{
    return status == ARRAS_IO || status == ARRAS_NETWORK || status == ARRAS_NO_MEMORY;
}
/* Waits until a job has ended or the monotonic clock (clock.h) says `until`, without asking the
 * store meanwhile; the job as it then is. NOT_FOUND; INTERRUPTED once the queue is closed. */
enum arras_status ar_queue_wait(struct ar_queue *queue, struct arras_str workspace,
                                struct arras_str id, int64_t until, struct ar_arena *arena,
                                struct ar_diags *diags, struct ar_job *ret) ARRAS_CHECKED;
/* Has watch->tell called whenever watch->job has changed (watch.h), until it is removed. */
void ar_queue_watch(struct ar_queue *queue, struct ar_watch *watch);
void ar_queue_unwatch(struct ar_queue *queue, struct ar_watch *watch);
/* Says that a job's log has grown, or its progress. */
void ar_queue_log_grew(struct ar_queue *queue, struct arras_str id);
/* Wakes all who wait in take or wait, for the last time. */
void ar_queue_close(struct ar_queue *queue);

#endif
