/* What the files of the store that deal with jobs share: the columns, and steps within a
 * transaction. */
#ifndef AR_JOBS_STORE_JOBS_H
#define AR_JOBS_STORE_JOBS_H

#include "jobs/store/db.h"
#include "jobs/store/store.h"

/* In the order of the columns below; what a list leaves out comes last. */
#define AR_JOB_BRIEF                                                                               \
    "id, workspace, kind, script_path, script_hash, language, created_by, permissioned_as, email," \
    " tag, parent_job, timeout, created_at, scheduled_for, started_at, completed_at, state,"       \
    " worker, attempt, cancel_requested, canceled_by, canceled_reason, memory_peak, deleted,"      \
    " priority, lease_until, lost, root_job, entrypoint, labels, hidden, cache_key, cache_ttl,"    \
    " schedule_path, redact_after, awaited, redact_at, restarts, failures, preprocess"
#define AR_JOB_COLUMNS AR_JOB_BRIEF ", code, args, result, envs"

enum { AR_JOB_COLUMN_COUNT = 44, AR_JOB_BRIEF_COUNT = AR_JOB_COLUMN_COUNT - 4 };

extern const struct ar_column ar_job_columns[];

/* As ar_store_job_add; where another occurrence of its schedule waits or runs, nothing happens and
 * *ret_added is false. */
enum arras_status ar_job_tx_add(struct ar_tx *tx, const struct ar_job *job,
                                bool *ret_added) ARRAS_CHECKED;
/* As ar_store_job_complete, ar_store_job_requeue, ar_store_log_append; `lost`: its worker died. */
enum arras_status ar_job_tx_complete(struct ar_tx *tx, const struct ar_job *job) ARRAS_CHECKED;
enum arras_status ar_job_tx_requeue(struct ar_tx *tx, const struct ar_job *job,
                                    bool lost) ARRAS_CHECKED;
enum arras_status ar_log_tx_append(struct ar_tx *tx, struct arras_str job,
                                   struct arras_str text) ARRAS_CHECKED;
/* Puts a job whose try has failed back into the queue, for then; the same conditions. */
enum arras_status ar_job_tx_retry(struct ar_tx *tx, const struct ar_job *job,
                                  int64_t time) ARRAS_CHECKED;
/* What an update of one job came to; where it found nothing to do, why: there is no such job
 * (NOT_FOUND), or it is not in the state (CONFLICT). */
enum arras_status ar_job_updated(struct ar_query *update, struct arras_str id) ARRAS_CHECKED;
/* After a commit of which nobody heard: whether it was done. The job's times are as only this one
 * would have left them. CONFLICT: it was not. */
enum arras_status ar_job_is_as(struct ar_store *store, const struct ar_job *job,
                               struct ar_diags *diags) ARRAS_CHECKED;
/* Removes the log, and the stream of the result. */
enum arras_status ar_log_tx_remove(struct ar_tx *tx, struct arras_str job) ARRAS_CHECKED;
/* As ar_store_job_redact, of a job that has ended. */
enum arras_status ar_job_tx_redact(struct ar_tx *tx, struct arras_str id) ARRAS_CHECKED;

#endif
