#include "base/limits.h"
#include "jobs/store/store_jobs.h"

#define COLUMN(field, type) AR_COLUMN(struct ar_job, field, type)

const struct ar_column ar_job_columns[] = {
    COLUMN(id, TEXT),
    COLUMN(workspace, TEXT),
    COLUMN(kind, TEXT),
    COLUMN(script_path, TEXT),
    COLUMN(script_hash, TEXT),
    COLUMN(language, TEXT),
    COLUMN(created_by, TEXT),
    COLUMN(permissioned_as, TEXT),
    COLUMN(email, TEXT),
    COLUMN(tag, TEXT),
    COLUMN(parent_job, TEXT),
    COLUMN(timeout, INT64),
    COLUMN(created_at, INT64),
    COLUMN(scheduled_for, INT64),
    COLUMN(started_at, INT64),
    COLUMN(completed_at, INT64),
    COLUMN(state, INT),
    COLUMN(worker, TEXT),
    COLUMN(attempt, INT),
    COLUMN(cancel_requested, BOOL),
    COLUMN(canceled_by, TEXT),
    COLUMN(canceled_reason, DATA),
    COLUMN(memory_peak, INT64),
    COLUMN(deleted, BOOL),
    COLUMN(priority, INT64),
    COLUMN(lease_until, INT64),
    COLUMN(lost, INT),
    COLUMN(root_job, TEXT),
    COLUMN(entrypoint, TEXT),
    COLUMN(labels, TEXT),
    COLUMN(hidden, BOOL),
    COLUMN(cache_key, TEXT),
    COLUMN(cache_ttl, INT64),
    COLUMN(schedule_path, TEXT),
    COLUMN(redact_after, INT64),
    COLUMN(awaited, BOOL),
    COLUMN(redact_at, INT64),
    COLUMN(restarts, BOOL),
    COLUMN(failures, INT),
    COLUMN(preprocess, BOOL),
    COLUMN(code, DATA),
    COLUMN(args, DATA),
    COLUMN(result, DATA),
    COLUMN(envs, DATA),
};

_Static_assert(sizeof(ar_job_columns) / sizeof(*ar_job_columns) == AR_JOB_COLUMN_COUNT,
               "as many as are named");
_Static_assert(sizeof(enum ar_job_state) == sizeof(int), "state is read as an int");
_Static_assert(AR_JOB_QUEUED == 0 && AR_JOB_RUNNING == 1, "the statements below say 0 and 1");

enum arras_status ar_job_tx_add(struct ar_tx *tx, const struct ar_job *job, bool *ret_added)
{
    struct ar_query query;
    int changes = 0;
    ar_query_begin(&query, tx,
                   "INSERT INTO job (" AR_JOB_COLUMNS
                   ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                   " $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,"
                   " $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37,"
                   " $38, $39, $40, $41, $42, $43, $44)"
                   " ON CONFLICT (workspace, schedule_path)"
                   " WHERE schedule_path <> '' AND state <= 1 DO NOTHING");
    ar_query_bind_record(&query, ar_job_columns, AR_JOB_COLUMN_COUNT, job);
    ar_tx_notify(tx, 'q', AR_STR(""));
    enum arras_status status = ar_query_finish(&query, &changes);
    *ret_added = changes > 0;
    return status;
}

static enum arras_status add(struct ar_store *store, const struct ar_job *job,
                             struct ar_diags *diags)
{
    struct ar_tx tx;
    bool added = false;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ar_job_tx_add(&tx, job, &added);
    return ar_tx_end(&tx, status || added ? status : ARRAS_CONFLICT);
}

enum arras_status ar_job_is_as(struct ar_store *store, const struct ar_job *job,
                               struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT 1 FROM job WHERE id = $1 AND created_at = $2 AND ($3 = 0 OR"
                   " (completed_at = $3 AND attempt = $4 AND state = $5 AND worker = $6))");
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->created_at);
    ar_query_int(&query, job->completed_at);
    ar_query_int(&query, job->attempt);
    ar_query_int(&query, job->state);
    ar_query_text(&query, job->worker);
    bool found = ar_query_row(&query);
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    return status || found ? status : ARRAS_CONFLICT;
}

enum arras_status ar_store_job_add(struct ar_store *store, const struct ar_job *job,
                                   struct ar_diags *diags)
{
    enum arras_status status;
    int times = 0;
    do {
        status = add(store, job, diags);
    } while (ar_db_again(status, &times));
    return status == ARRAS_CONFLICT && times ? ar_job_is_as(store, job, diags) : status;
}

enum arras_status ar_store_job_get(struct ar_store *store, struct arras_str workspace,
                                   struct arras_str id, struct ar_arena *arena,
                                   struct ar_diags *diags, struct ar_job *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_job job = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " AR_JOB_COLUMNS " FROM job WHERE id = $1 AND workspace = $2");
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    enum arras_status status =
        ar_tx_end(&tx, ar_query_one(&query, ar_job_columns, AR_JOB_COLUMN_COUNT, arena, &job));
    if (status == ARRAS_OK) {
        *ret = job;
    }
    return status;
}

static enum arras_status claim_next(struct ar_tx *tx, const struct ar_claim *claim,
                                    struct ar_arena *arena, struct ar_job *ret)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET state = 1, worker = $1, started_at = $2, attempt = attempt + 1,"
                   " lease_until = $3 WHERE id = (SELECT id FROM job WHERE state = 0"
                   " AND scheduled_for <= $2"
                   " AND ($4 = '' OR {instr}($4, ',' || tag || ',') > 0)"
                   " ORDER BY priority DESC, scheduled_for, id LIMIT 1 {skip_locked})"
                   " RETURNING " AR_JOB_COLUMNS);
    ar_query_text(&query, claim->worker);
    ar_query_int(&query, claim->now);
    ar_query_int(&query, claim->lease ? claim->now + claim->lease : 0);
    ar_query_text(&query, claim->tags);
    bool found = ar_query_row(&query);
    if (found) {
        ar_query_get_record(&query, ar_job_columns, AR_JOB_COLUMN_COUNT, arena, ret);
    }
    enum arras_status status = ar_query_finish(&query, NULL); /* to its end: that commits it */
    return status || found ? status : ARRAS_NOT_FOUND;
}

static enum arras_status next_due(struct ar_tx *tx, const struct ar_claim *claim, int64_t *ret_next)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "SELECT scheduled_for FROM job WHERE state = 0"
                   " AND ($1 = '' OR {instr}($1, ',' || tag || ',') > 0)"
                   " ORDER BY scheduled_for LIMIT 1");
    ar_query_text(&query, claim->tags);
    *ret_next = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_query_end(&query);
}

/* Not durable where the database dies with its workers: a claim that is lost with the power is a
 * job that is queued, and it is. */
enum arras_status ar_store_job_claim(struct ar_store *store, const struct ar_claim *claim,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_job *ret, int64_t *ret_next)
{
    struct ar_tx tx;
    struct ar_job job = {0};
    ar_tx_once(&tx, store->db, ar_db_shared(store->db) ? AR_DB_DURABLE : AR_DB_FAST, diags);
    enum arras_status status = claim_next(&tx, claim, arena, &job);
    bool none = status == ARRAS_NOT_FOUND;
    if (none) {
        status = next_due(&tx, claim, ret_next);
    }
    status = ar_tx_end(&tx, status);
    if (status == ARRAS_OK && !none) {
        *ret = job;
    }
    return status == ARRAS_OK && none ? ARRAS_NOT_FOUND : status;
}

enum arras_status ar_job_updated(struct ar_query *update, struct arras_str id)
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

enum arras_status ar_job_tx_requeue(struct ar_tx *tx, const struct ar_job *job, bool lost)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET state = 0, worker = '', started_at = 0, lease_until = 0,"
                   " lost = lost + $4 WHERE id = $1 AND state = 1 AND attempt = $2"
                   " AND worker = $3");
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->attempt);
    ar_query_text(&query, job->worker);
    ar_query_int(&query, lost);
    ar_tx_notify(tx, 'q', AR_STR(""));
    return ar_job_updated(&query, job->id);
}

enum arras_status ar_job_tx_retry(struct ar_tx *tx, const struct ar_job *job, int64_t time)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET state = 0, worker = '', started_at = 0, lease_until = 0,"
                   " progress = 0, failures = failures + 1, scheduled_for = $4"
                   " WHERE id = $1 AND state = 1 AND attempt = $2 AND worker = $3");
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->attempt);
    ar_query_text(&query, job->worker);
    ar_query_int(&query, time);
    ar_tx_notify(tx, 'q', AR_STR(""));
    return ar_job_updated(&query, job->id);
}

enum arras_status ar_store_job_requeue(struct ar_store *store, const struct ar_job *job,
                                       struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_FAST, diags);
    return ar_tx_end(&tx, ar_job_tx_requeue(&tx, job, false));
}

static enum arras_status request_cancel(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str id, struct arras_str by,
                                        struct arras_str reason, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
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
    ar_tx_notify(&tx, 'c', id);
    return ar_tx_end(&tx, ar_job_updated(&query, id));
}

enum arras_status ar_store_job_request_cancel(struct ar_store *store, struct arras_str workspace,
                                              struct arras_str id, struct arras_str by,
                                              struct arras_str reason, struct ar_diags *diags)
{
    enum arras_status status;
    int times = 0;
    do {
        status = request_cancel(store, workspace, id, by, reason, diags);
    } while (ar_db_again(status, &times));
    return status;
}

static enum arras_status blank_job(struct ar_tx *tx, struct arras_str workspace,
                                   struct arras_str id)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET args = '', result = '', code = '', deleted = 1, redact_at = 0"
                   " WHERE id = $1 AND workspace = $2 AND state > 1");
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    if (status || !changes) {
        return status ? status : ARRAS_NOT_FOUND;
    }
    return ar_log_tx_remove(tx, id);
}

static enum arras_status delete_once(struct ar_store *store, struct arras_str workspace,
                                     struct arras_str id, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(&tx, blank_job(&tx, workspace, id));
}

enum arras_status ar_store_job_delete(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str id, struct ar_diags *diags)
{
    enum arras_status status;
    int times = 0;
    do {
        status = delete_once(store, workspace, id, diags);
    } while (ar_db_again(status, &times));
    return status ? status : ar_db_erase_deleted(store->db, diags);
}
