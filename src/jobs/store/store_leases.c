/* Jobs whose worker is gone. */
#include "base/limits.h"
#include "jobs/time.h"
#include "jobs/verdict.h"
#include "jobs/store/store_jobs.h"

enum arras_status ar_store_lease_renew(struct ar_store *store, struct arras_str held, int64_t until,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_job_list *ret)
{
    static const struct ar_column kept[] = {
        AR_COLUMN(struct ar_job, id, TEXT),
        AR_COLUMN(struct ar_job, attempt, INT),
        AR_COLUMN(struct ar_job, cancel_requested, BOOL),
    };
    struct ar_tx tx;
    struct ar_query query;
    struct ar_job_list jobs = {0};
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx,
                   "UPDATE job SET lease_until = $1 WHERE state = 1 AND lease_until > 0"
                   " AND {instr}($2, ',' || id || ' ' || attempt || ' ' || worker || ',') > 0"
                   " RETURNING id, attempt, cancel_requested");
    ar_query_int(&query, until);
    ar_query_text(&query, held);
    while (ar_query_row(&query)) {
        struct ar_job job = {0};
        ar_query_get_record(&query, kept, 3, arena, &job);
        if (!query.status && !ar_vec_push(arena, &jobs.list, job)) {
            query.status = ar_no_memory(diags);
        }
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = jobs;
    }
    return status;
}

static enum arras_status end_canceled(struct ar_tx *tx, struct ar_arena *arena, struct ar_job *job)
{
    struct arras_str line = {NULL, 0};
    enum arras_status status =
        ar_job_canceled_result(job->canceled_by, job->canceled_reason, arena, &job->result);
    job->state = AR_JOB_CANCELED;
    if (status == ARRAS_OK) {
        status = ar_job_canceled_log(job->canceled_by, false, arena, &line);
    }
    if (status == ARRAS_OK) {
        status = ar_log_tx_append(tx, job->id, line);
    }
    return status ? status : ar_job_tx_complete(tx, job);
}

/* The message is Windmill's (windmill-api.md section 6.4). */
static enum arras_status end_lost(struct ar_tx *tx, struct ar_arena *arena, struct ar_job *job)
{
    struct arras_str message, line;
    char since[AR_TIME_LENGTH + 1];
    ar_time_write(job->lease_until ? job->lease_until : job->started_at, since);
    if (!ar_str_printf(
            arena, &message,
            "Job timed out after no ping from job since %s (reason: its worker died, for "
            "the %d. time)",
            since, job->lost + 1) ||
        !ar_str_printf(arena, &line, "\n%.*s\n", AR_STR_ARG(message))) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = ar_job_fail_outside(message, arena, job);
    if (status == ARRAS_OK) {
        status = ar_log_tx_append(tx, job->id, line);
    }
    return status ? status : ar_job_tx_complete(tx, job);
}

static enum arras_status run_again(struct ar_tx *tx, struct ar_arena *arena,
                                   const struct ar_job *job)
{
    struct arras_str line;
    if (!ar_str_printf(arena, &line,
                       "\n[attempt %d was lost with its worker %.*s, which gave no sign of life; "
                       "the job is run again]\n",
                       job->attempt, AR_STR_ARG(job->worker))) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = ar_job_tx_requeue(tx, job, true);
    return status ? status : ar_log_tx_append(tx, job->id, line);
}

/* One that runs without a worker: its end, or another start (*ret_again). */
static enum arras_status deal_with(struct ar_tx *tx, struct ar_job *job, int64_t now,
                                   struct ar_arena *arena, bool *ret_again)
{
    job->completed_at = now < job->started_at ? job->started_at : now;
    *ret_again = false;
    if (job->cancel_requested) {
        return end_canceled(tx, arena, job);
    }
    if (job->lost + 1 >= AR_JOB_LOST) {
        return end_lost(tx, arena, job);
    }
    *ret_again = true;
    return run_again(tx, arena, job);
}

/* The first in `sql`'s order, which names no more than $1, the time. */
static enum arras_status deal_with_next(struct ar_tx *tx, const char *sql, int64_t now,
                                        bool *ret_again)
{
    struct ar_arena arena;
    struct ar_query query;
    struct ar_job job = {0};
    ar_arena_init(&arena, 0);
    ar_query_begin(&query, tx, sql);
    ar_query_int(&query, now);
    enum arras_status status =
        ar_query_one(&query, ar_job_columns, AR_JOB_COLUMN_COUNT, &arena, &job);
    if (status == ARRAS_OK) {
        status = deal_with(tx, &job, now, &arena, ret_again);
        status = status == ARRAS_NO_MEMORY ? ar_no_memory(tx->diags) : status;
    }
    ar_arena_release(&arena);
    return status;
}

enum arras_status ar_store_lease_expire(struct ar_store *store, int64_t now, struct ar_diags *diags)
{
    struct ar_tx tx;
    bool again;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(&tx, deal_with_next(&tx,
                                         "SELECT " AR_JOB_COLUMNS " FROM job WHERE state = 1"
                                         " AND lease_until > 0 AND lease_until < $1"
                                         " ORDER BY lease_until LIMIT 1 {skip_locked}",
                                         now, &again));
}

enum arras_status ar_store_job_recover(struct ar_store *store, struct ar_diags *diags,
                                       size_t *ret_count)
{
    struct ar_tx tx;
    size_t count = 0;
    enum arras_status status;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    do {
        bool again = false;
        status = deal_with_next(&tx,
                                "SELECT " AR_JOB_COLUMNS " FROM job WHERE state = 1"
                                " AND started_at <= $1 LIMIT 1",
                                INT64_MAX, &again);
        count += again;
    } while (status == ARRAS_OK);
    status = ar_tx_end(&tx, status == ARRAS_NOT_FOUND ? ARRAS_OK : status);
    if (status == ARRAS_OK) {
        *ret_count = count;
    }
    return status;
}

enum arras_status ar_store_lease_next(struct ar_store *store, struct ar_diags *diags,
                                      int64_t *ret_lease, int64_t *ret_due)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT (SELECT min(lease_until) FROM job WHERE state = 1 AND lease_until > 0),"
                   " (SELECT min(scheduled_for) FROM job WHERE state = 0)");
    bool found = ar_query_row(&query);
    *ret_lease = found ? ar_query_get_int(&query, 0) : 0;
    *ret_due = found ? ar_query_get_int(&query, 1) : 0;
    return ar_tx_end(&tx, ar_query_end(&query));
}
