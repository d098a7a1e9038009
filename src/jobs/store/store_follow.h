/* Jobs that follow the end of another one, queued in the step that ends it, so that nothing that
 * fails on the way loses them (windmill-api.md sections 4.6 and 6.4): the next run of a perpetual
 * script
 * (`restart_unless_cancelled`); a schedule's next try of what failed (`retry`), which is the same
 * job once more; the jobs that a schedule has told of its runs (`on_failure`, `on_recovery`,
 * `on_success`). */
#ifndef AR_JOBS_STORE_FOLLOW_H
#define AR_JOBS_STORE_FOLLOW_H

#include "jobs/store/db.h"
#include "jobs/store/store.h"

/* What follows a job that this transaction has ended: of a perpetual script, the version that is
 * deployed now, AR_JOB_RESTART_SECONDS after the job's start at the earliest; nothing where the end
 * was asked for, or no such version wants it any more. */
enum arras_status ar_follow_tx_restart(struct ar_tx *tx, const struct ar_job *ended) ARRAS_CHECKED;

/* Before an occurrence of a locked schedule is ended: where it failed and the schedule has another
 * try for that, it is queued again instead, and *ret_again is true. `retry` is {"constant":
 * {"attempts", "seconds"}, "exponential": {"attempts", "seconds", "multiplier", "random_factor"}}:
 * the constant ones come first; of the exponential ones the n-th try of all waits multiplier *
 * seconds ^ n, and up to random_factor percent more. */
enum arras_status ar_follow_tx_retry(struct ar_tx *tx, const struct ar_job *failed,
                                     const struct ar_schedule *schedule, struct ar_arena *arena,
                                     bool *ret_again) ARRAS_CHECKED;
/* After it was: the jobs of the scripts that are to be told are queued. `on_failure` is told of
 * each failure; from the n-th in a row on where on_failure_times is n, of that one only where
 * on_failure_exact is set too. `on_recovery` is told of the success after a failure, the n-th in a
 * row where on_recovery_times is n; `on_success` of each success. What was canceled is neither. */
enum arras_status ar_follow_tx_tell(struct ar_tx *tx, const struct ar_job *ended,
                                    const struct ar_schedule *schedule,
                                    struct ar_arena *arena) ARRAS_CHECKED;

/* Whether it failed; a timeout is a failure too, what was canceled, by whomever, is none. */
enum arras_status ar_follow_tx_failed(struct ar_tx *tx, const struct ar_job *job,
                                      bool *ret) ARRAS_CHECKED;
/* Queues a job that has all but an id, which is made of its created_at. */
enum arras_status ar_follow_tx_add(struct ar_tx *tx, struct ar_job *job,
                                   struct ar_arena *arena) ARRAS_CHECKED;

#endif
