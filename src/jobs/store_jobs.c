#include "base/clock.h"
#include "base/limits.h"
#include "jobs/canceled.h"
#include "jobs/db.h"
#include "jobs/store.h"

/* In the order of the columns below; what a list leaves out comes last. */
#define JOB_BRIEF                                                                                  \
    "id, workspace, kind, script_path, script_hash, language, created_by, permissioned_as, email," \
    " tag, parent_job, timeout, created_at, scheduled_for, started_at, completed_at, state,"       \
    " worker, attempt, cancel_requested, canceled_by, canceled_reason, memory_peak, deleted"
#define JOB_COLUMNS JOB_BRIEF ", code, args, result"

#define COLUMN(field, type) AR_COLUMN(struct ar_job, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(id, TEXT),           COLUMN(workspace, TEXT),
    COLUMN(kind, TEXT),         COLUMN(script_path, TEXT),
    COLUMN(script_hash, TEXT),  COLUMN(language, TEXT),
    COLUMN(created_by, TEXT),   COLUMN(permissioned_as, TEXT),
    COLUMN(email, TEXT),        COLUMN(tag, TEXT),
    COLUMN(parent_job, TEXT),   COLUMN(timeout, INT64),
    COLUMN(created_at, INT64),  COLUMN(scheduled_for, INT64),
    COLUMN(started_at, INT64),  COLUMN(completed_at, INT64),
    COLUMN(state, INT),         COLUMN(worker, TEXT),
    COLUMN(attempt, INT),       COLUMN(cancel_requested, BOOL),
    COLUMN(canceled_by, TEXT),  COLUMN(canceled_reason, DATA),
    COLUMN(memory_peak, INT64), COLUMN(deleted, BOOL),
    COLUMN(code, DATA),         COLUMN(args, DATA),
    COLUMN(result, DATA),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS), BRIEF_COUNT = COLUMN_COUNT - 3 };

_Static_assert(sizeof(enum ar_job_state) == sizeof(int), "state is read as an int");
_Static_assert(AR_JOB_QUEUED == 0 && AR_JOB_RUNNING == 1, "the statements below say 0 and 1");

enum arras_status ar_store_job_add(struct ar_store *store, const struct ar_job *job,
                                   struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx,
                   "INSERT INTO job (" JOB_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                   " $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,"
                   " $25, $26, $27)");
    ar_query_bind_record(&query, COLUMNS, COLUMN_COUNT, job);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}

enum arras_status ar_store_job_get(struct ar_store *store, struct arras_str workspace,
                                   struct arras_str id, struct ar_arena *arena,
                                   struct ar_diags *diags, struct ar_job *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_job job = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, "SELECT " JOB_COLUMNS " FROM job WHERE id = $1 AND workspace = $2");
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    enum arras_status status =
        ar_tx_end(&tx, ar_query_one(&query, COLUMNS, COLUMN_COUNT, arena, &job));
    if (status == ARRAS_OK) {
        *ret = job;
    }
    return status;
}

static enum arras_status claim_next(struct ar_tx *tx, struct arras_str worker, int64_t now,
                                    struct ar_arena *arena, struct ar_job *ret)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET state = 1, worker = $1, started_at = $2, attempt = attempt + 1"
                   " WHERE id = (SELECT id FROM job WHERE state = 0 AND scheduled_for <= $2"
                   " ORDER BY scheduled_for, id LIMIT 1 {skip_locked}) RETURNING " JOB_COLUMNS);
    ar_query_text(&query, worker);
    ar_query_int(&query, now);
    bool found = ar_query_row(&query);
    if (found) {
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, ret);
    }
    enum arras_status status = ar_query_finish(&query, NULL); /* to its end: that commits it */
    return status || found ? status : ARRAS_NOT_FOUND;
}

static enum arras_status next_due(struct ar_tx *tx, int64_t *ret_next)
{
    struct ar_query query;
    ar_query_begin(&query, tx, "SELECT min(scheduled_for) FROM job WHERE state = 0");
    *ret_next = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_query_end(&query);
}

/* Not durable where the database dies with its workers: a claim that is lost with the power is a
 * job that is queued, and it is. */
enum arras_status ar_store_job_claim(struct ar_store *store, struct arras_str worker, int64_t now,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_job *ret, int64_t *ret_next)
{
    struct ar_tx tx;
    struct ar_job job = {0};
    ar_tx_once(&tx, store->db, ar_db_shared(store->db) ? AR_DB_DURABLE : AR_DB_FAST, diags);
    enum arras_status status = claim_next(&tx, worker, now, arena, &job);
    bool none = status == ARRAS_NOT_FOUND;
    if (none) {
        status = next_due(&tx, ret_next);
    }
    status = ar_tx_end(&tx, status);
    if (status == ARRAS_OK && !none) {
        *ret = job;
    }
    return status == ARRAS_OK && none ? ARRAS_NOT_FOUND : status;
}

/* What an update came to; where it found nothing to do, why: there is no such job, or it is not in
 * the state. */
static enum arras_status updated(struct ar_query *update, struct arras_str id)
{
    int changes = 0;
    enum arras_status status = ar_query_finish(update, &changes);
    if (status || changes) {
        return status;
    }
    struct ar_query query;
    ar_query_begin(&query, update->tx, "SELECT 1 FROM job WHERE id = $1");
    ar_query_text(&query, id);
    bool found = ar_query_row(&query);
    status = ar_query_end(&query);
    return status ? status : found ? ARRAS_CONFLICT : ARRAS_NOT_FOUND;
}

static enum arras_status complete(struct ar_tx *tx, const struct ar_job *job)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET state = $1, result = $2, completed_at = $3,"
                   " canceled_by = CASE WHEN $4 = '' THEN canceled_by ELSE $4 END,"
                   " canceled_reason = CASE WHEN length($5) = 0 THEN canceled_reason ELSE $5 END,"
                   " memory_peak = $6"
                   " WHERE id = $7 AND state <= 1 AND attempt = $8 AND worker = $9");
    ar_query_int(&query, job->state);
    ar_query_data(&query, job->result);
    ar_query_int(&query, job->completed_at);
    ar_query_text(&query, job->canceled_by);
    ar_query_data(&query, job->canceled_reason);
    ar_query_int(&query, job->memory_peak);
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->attempt);
    ar_query_text(&query, job->worker);
    return updated(&query, job->id);
}

enum arras_status ar_store_job_complete(struct ar_store *store, const struct ar_job *job,
                                        struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(&tx, complete(&tx, job));
}

enum arras_status ar_store_job_requeue(struct ar_store *store, const struct ar_job *job,
                                       struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx,
                   "UPDATE job SET state = 0, worker = '', started_at = 0"
                   " WHERE id = $1 AND state = 1 AND attempt = $2 AND worker = $3");
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->attempt);
    ar_query_text(&query, job->worker);
    return ar_tx_end(&tx, updated(&query, job->id));
}

enum arras_status ar_store_job_request_cancel(struct ar_store *store, struct arras_str workspace,
                                              struct arras_str id, struct arras_str by,
                                              struct arras_str reason, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    /* the first request's name and reason stay */
    ar_query_begin(&query, &tx,
                   "UPDATE job SET"
                   " canceled_by = CASE WHEN cancel_requested = 1 THEN canceled_by ELSE $1 END,"
                   " canceled_reason ="
                   " CASE WHEN cancel_requested = 1 THEN canceled_reason ELSE $2 END,"
                   " cancel_requested = 1 WHERE id = $3 AND workspace = $4 AND state = 1");
    ar_query_text(&query, by);
    ar_query_data(&query, reason);
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    return ar_tx_end(&tx, updated(&query, id));
}

static enum arras_status blank_job(struct ar_tx *tx, struct arras_str workspace,
                                   struct arras_str id)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET args = '', result = '', code = '', deleted = 1"
                   " WHERE id = $1 AND workspace = $2 AND state > 1");
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    if (status || !changes) {
        return status ? status : ARRAS_NOT_FOUND;
    }
    ar_query_begin(&query, tx, "DELETE FROM log WHERE job = $1");
    ar_query_text(&query, id);
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_store_job_delete(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str id, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ar_tx_end(&tx, blank_job(&tx, workspace, id));
    return status ? status : ar_db_erase_deleted(store->db, diags);
}

static const char LIST[] =
    "SELECT " JOB_BRIEF " FROM job WHERE workspace = $1"
    " AND ($2 = '' OR script_path = $2)"
    " AND ($3 = '' OR substr(script_path, 1, length($3)) = $3)"
    " AND ($4 = '' OR created_by = $4)"
    " AND ($5 < 0 OR state = $5)"
    " AND ($6 < 0 OR CASE WHEN state > 1 THEN 1 ELSE 0 END = $6)"
    " AND ($7 < 0 OR (state > 1 AND CASE WHEN state = 2 THEN 1 ELSE 0 END = $7))"
    " AND ($8 = 0 OR created_at > $8) AND ($9 = 0 OR created_at < $9)"
    " ORDER BY (state > 1), created_at DESC, id DESC LIMIT $10 OFFSET $11";

enum arras_status ar_store_job_list(struct ar_store *store, const struct ar_job_filter *filter,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_job_list *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_job_list jobs = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, LIST);
    ar_query_text(&query, filter->workspace);
    ar_query_text(&query, filter->script_path);
    ar_query_text(&query, filter->script_path_start);
    ar_query_text(&query, filter->created_by);
    ar_query_int(&query, filter->running);
    ar_query_int(&query, filter->completed);
    ar_query_int(&query, filter->success);
    ar_query_int(&query, filter->created_after);
    ar_query_int(&query, filter->created_before);
    ar_query_int(&query,
                 (int64_t)(filter->limit < AR_JOB_LIST_MOST ? filter->limit : AR_JOB_LIST_MOST));
    ar_query_int(&query, filter->skip > INT64_MAX ? INT64_MAX : (int64_t)filter->skip);
    while (ar_query_row(&query)) {
        struct ar_job job = {0};
        ar_query_get_record(&query, COLUMNS, BRIEF_COUNT, arena, &job);
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

/* One running job whose end was asked for; NOT_FOUND where there is none (any more). */
static enum arras_status next_to_cancel(struct ar_tx *tx, struct ar_arena *arena,
                                        struct ar_job *ret)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "SELECT " JOB_COLUMNS " FROM job WHERE state = 1 AND cancel_requested = 1"
                   " LIMIT 1");
    return ar_query_one(&query, COLUMNS, COLUMN_COUNT, arena, ret);
}

static enum arras_status cancel_requested(struct ar_tx *tx)
{
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    enum arras_status status;
    struct ar_job job = {0};
    while ((status = next_to_cancel(tx, &arena, &job)) == ARRAS_OK) {
        job.state = AR_JOB_CANCELED;
        job.completed_at = ar_clock_wall(ar_clock_system());
        status = ar_job_canceled_result(job.canceled_by, job.canceled_reason, &arena, &job.result);
        if (status == ARRAS_OK) {
            status = complete(tx, &job);
        }
        ar_arena_release(&arena);
        if (status) {
            return status;
        }
    }
    ar_arena_release(&arena);
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
}

enum arras_status ar_store_job_recover(struct ar_store *store, struct ar_diags *diags,
                                       size_t *ret_count)
{
    struct ar_tx tx;
    struct ar_query query;
    int changes = 0;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = cancel_requested(&tx);
    if (status == ARRAS_OK) {
        ar_query_begin(&query, &tx,
                       "UPDATE job SET state = 0, worker = '', started_at = 0 WHERE state = 1");
        status = ar_query_finish(&query, &changes);
    }
    status = ar_tx_end(&tx, status);
    if (status == ARRAS_OK) {
        *ret_count = (size_t)changes;
    }
    return status;
}
