/* The end of a job, and what follows it, in one transaction. */
#include "base/limits.h"
#include "jobs/store/store_follow.h"
#include "jobs/store/store_jobs.h"
#include "jobs/store/store_occurrences.h"

static bool redacted_at_once(const struct ar_job *job)
{
    return job->redact_after == 1 && !job->awaited;
}

/* Who awaits the result has it redacted once it is answered: this is for servers that died. */
static int64_t redact_time(const struct ar_job *job)
{
    int64_t after = job->redact_after == 1 && job->awaited
                        ? AR_JOB_AWAITED_SECONDS * INT64_C(1000000)
                        : job->redact_after;
    return job->redact_after ? job->completed_at + after : 0;
}

static enum arras_status end_job(struct ar_tx *tx, const struct ar_job *job)
{
    ar_tx_notify(tx, 'e', job->id);
    if (job->redact_after && !redacted_at_once(job)) {
        ar_tx_notify(tx, 'r', AR_STR(""));
    }
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET state = $1, result = $2, completed_at = $3,"
                   " canceled_by = CASE WHEN $4 = '' THEN canceled_by ELSE $4 END,"
                   " canceled_reason = CASE WHEN length($5) = 0 THEN canceled_reason ELSE $5 END,"
                   " memory_peak = $6, redact_at = $7"
                   " WHERE id = $8 AND state <= 1 AND attempt = $9 AND worker = $10");
    ar_query_int(&query, job->state);
    ar_query_data(&query, job->result);
    ar_query_int(&query, job->completed_at);
    ar_query_text(&query, job->canceled_by);
    ar_query_data(&query, job->canceled_reason);
    ar_query_int(&query, job->memory_peak);
    ar_query_int(&query, redact_time(job));
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->attempt);
    ar_query_text(&query, job->worker);
    enum arras_status status = ar_job_updated(&query, job->id);
    return status || !redacted_at_once(job) ? status : ar_job_tx_redact(tx, job->id);
}

/* A schedule goes on in the same step: whatever happens then, its next occurrence waits. */
static enum arras_status end_occurrence(struct ar_tx *tx, const struct ar_job *job,
                                        struct ar_arena *arena)
{
    struct ar_schedule schedule;
    enum arras_status found =
        ar_schedule_tx_lock(tx, job->workspace, job->schedule_path, arena, &schedule);
    if (found && found != ARRAS_NOT_FOUND) {
        return found;
    }
    bool again = false;
    enum arras_status status =
        found ? ARRAS_OK : ar_follow_tx_retry(tx, job, &schedule, arena, &again);
    if (status || again) {
        return status;
    }
    status = end_job(tx, job);
    if (status || found) {
        return status;
    }
    status = ar_follow_tx_tell(tx, job, &schedule, arena);
    if (status || !schedule.enabled) {
        return status;
    }
    return ar_schedule_tx_plan(tx, &schedule, job->scheduled_for, job->completed_at, arena);
}

enum arras_status ar_job_tx_complete(struct ar_tx *tx, const struct ar_job *job)
{
    if (job->schedule_path.len == 0) {
        enum arras_status status = end_job(tx, job);
        return status || !job->restarts ? status : ar_follow_tx_restart(tx, job);
    }
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    enum arras_status status = end_occurrence(tx, job, &arena);
    ar_arena_release(&arena);
    return status;
}

static enum arras_status complete_once(struct ar_store *store, const struct ar_job *job,
                                       struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(&tx, ar_job_tx_complete(&tx, job));
}

enum arras_status ar_store_job_complete(struct ar_store *store, const struct ar_job *job,
                                        struct ar_diags *diags)
{
    enum arras_status status;
    int times = 0;
    do {
        status = complete_once(store, job, diags);
    } while (ar_db_again(status, &times));
    if (status == ARRAS_OK && redacted_at_once(job) && ar_db_erase_deleted(store->db, diags)) {
        return ARRAS_OK; /* it has ended, and what was erased goes with the next one's */
    }
    return status == ARRAS_CONFLICT && times ? ar_job_is_as(store, job, diags) : status;
}
