#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/canceled.h"
#include "jobs/sqlite.h"

/* In the order of the columns below; what a list leaves out comes last. */
#define JOB_BRIEF                                                                                  \
    "id, workspace, kind, script_path, script_hash, language, created_by, permissioned_as, email," \
    " tag, parent_job, timeout, created_at, scheduled_for, started_at, completed_at, state,"       \
    " worker, attempt, cancel_requested, canceled_by, canceled_reason, memory_peak, deleted"
#define JOB_COLUMNS JOB_BRIEF ", code, args, result"

#define TEXT(field)                                                                                \
    {                                                                                              \
        offsetof(struct ar_job, field), AR_COLUMN_TEXT                                             \
    }
#define INT64(field)                                                                               \
    {                                                                                              \
        offsetof(struct ar_job, field), AR_COLUMN_INT64                                            \
    }
#define INT(field)                                                                                 \
    {                                                                                              \
        offsetof(struct ar_job, field), AR_COLUMN_INT                                              \
    }
#define BOOL(field)                                                                                \
    {                                                                                              \
        offsetof(struct ar_job, field), AR_COLUMN_BOOL                                             \
    }

static const struct ar_column COLUMNS[] = {
    TEXT(id),           TEXT(workspace),
    TEXT(kind),         TEXT(script_path),
    TEXT(script_hash),  TEXT(language),
    TEXT(created_by),   TEXT(permissioned_as),
    TEXT(email),        TEXT(tag),
    TEXT(parent_job),   INT64(timeout),
    INT64(created_at),  INT64(scheduled_for),
    INT64(started_at),  INT64(completed_at),
    INT(state),         TEXT(worker),
    INT(attempt),       BOOL(cancel_requested),
    TEXT(canceled_by),  TEXT(canceled_reason),
    INT64(memory_peak), BOOL(deleted),
    TEXT(code),         TEXT(args),
    TEXT(result),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS), BRIEF_COUNT = COLUMN_COUNT - 3 };

_Static_assert(sizeof(enum ar_job_state) == sizeof(int), "state is read as an int");
_Static_assert(AR_JOB_QUEUED == 0 && AR_JOB_RUNNING == 1, "the statements below say 0 and 1");

enum arras_status ar_sqlite_job_add(struct ar_store *store, const struct ar_job *job,
                                    struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    if (status) {
        return ar_sqlite_unlock(db, status);
    }
    struct ar_query query;
    ar_query_begin(&query, db,
                   "INSERT INTO job (" JOB_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                   " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   diags);
    ar_query_bind_record(&query, COLUMNS, COLUMN_COUNT, job);
    return ar_sqlite_unlock(db, ar_query_finish(&query, NULL));
}

enum arras_status ar_sqlite_job_get(struct ar_store *store, struct arras_str workspace,
                                    struct arras_str id, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_job *ret)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    struct ar_job job = {0};
    ar_sqlite_lock(db);
    ar_query_begin(&query, db, "SELECT " JOB_COLUMNS " FROM job WHERE id = ? AND workspace = ?",
                   diags);
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    bool found = ar_query_row(&query);
    if (found) {
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &job);
    }
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK && found) {
        *ret = job;
    }
    return status || found ? status : ARRAS_NOT_FOUND;
}

static enum arras_status next_due(struct ar_sqlite *db, struct ar_diags *diags, int64_t *ret_next)
{
    struct ar_query query;
    ar_query_begin(&query, db, "SELECT min(scheduled_for) FROM job WHERE state = 0", diags);
    *ret_next = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    enum arras_status status = ar_query_end(&query);
    return status ? status : ARRAS_NOT_FOUND;
}

/* Not durable: a claim that is lost with the power is a job that is queued, and it is. */
enum arras_status ar_sqlite_job_claim(struct ar_store *store, struct arras_str worker, int64_t now,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_job *ret, int64_t *ret_next)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, false, diags);
    if (status) {
        return ar_sqlite_unlock(db, status);
    }
    struct ar_query query;
    struct ar_job job = {0};
    ar_query_begin(&query, db,
                   "UPDATE job SET state = 1, worker = ?1, started_at = ?2, attempt = attempt + 1"
                   " WHERE id = (SELECT id FROM job WHERE state = 0 AND scheduled_for <= ?2"
                   " ORDER BY scheduled_for, id LIMIT 1) RETURNING " JOB_COLUMNS,
                   diags);
    ar_query_text(&query, worker);
    ar_query_int(&query, now);
    bool found = ar_query_row(&query);
    if (found) {
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &job);
    }
    status = ar_query_finish(&query, NULL);
    if (status == ARRAS_OK && found) {
        *ret = job;
    } else if (status == ARRAS_OK) {
        status = next_due(db, diags, ret_next);
    }
    return ar_sqlite_unlock(db, status);
}

/* Why an update found nothing to do. */
static enum arras_status why_unchanged(struct ar_sqlite *db, struct arras_str id,
                                       struct ar_diags *diags)
{
    struct ar_query query;
    ar_query_begin(&query, db, "SELECT 1 FROM job WHERE id = ?", diags);
    ar_query_text(&query, id);
    bool found = ar_query_row(&query);
    enum arras_status status = ar_query_end(&query);
    return status ? status : found ? ARRAS_CONFLICT : ARRAS_NOT_FOUND;
}

static enum arras_status complete_locked(struct ar_sqlite *db, const struct ar_job *job,
                                         struct ar_diags *diags)
{
    struct ar_query query;
    ar_query_begin(&query, db,
                   "UPDATE job SET state = ?1, result = ?2, completed_at = ?3,"
                   " canceled_by = iif(?4 = '', canceled_by, ?4),"
                   " canceled_reason = iif(?5 = '', canceled_reason, ?5), memory_peak = ?6"
                   " WHERE id = ?7 AND state <= 1 AND attempt = ?8 AND worker = ?9",
                   diags);
    ar_query_int(&query, job->state);
    ar_query_text(&query, job->result);
    ar_query_int(&query, job->completed_at);
    ar_query_text(&query, job->canceled_by);
    ar_query_text(&query, job->canceled_reason);
    ar_query_int(&query, job->memory_peak);
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->attempt);
    ar_query_text(&query, job->worker);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    return status || changes ? status : why_unchanged(db, job->id, diags);
}

enum arras_status ar_sqlite_job_complete(struct ar_store *store, const struct ar_job *job,
                                         struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    return ar_sqlite_unlock(db, status ? status : complete_locked(db, job, diags));
}

enum arras_status ar_sqlite_job_requeue(struct ar_store *store, const struct ar_job *job,
                                        struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    ar_sqlite_lock(db);
    ar_query_begin(&query, db,
                   "UPDATE job SET state = 0, worker = '', started_at = 0"
                   " WHERE id = ? AND state = 1 AND attempt = ? AND worker = ?",
                   diags);
    ar_query_text(&query, job->id);
    ar_query_int(&query, job->attempt);
    ar_query_text(&query, job->worker);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    if (status == ARRAS_OK && !changes) {
        status = why_unchanged(db, job->id, diags);
    }
    return ar_sqlite_unlock(db, status);
}

enum arras_status ar_sqlite_job_request_cancel(struct ar_store *store, struct arras_str workspace,
                                               struct arras_str id, struct arras_str by,
                                               struct arras_str reason, struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    if (status) {
        return ar_sqlite_unlock(db, status);
    }
    struct ar_query query;
    /* the first request's name and reason stay */
    ar_query_begin(&query, db,
                   "UPDATE job SET canceled_by = iif(cancel_requested, canceled_by, ?1),"
                   " canceled_reason = iif(cancel_requested, canceled_reason, ?2),"
                   " cancel_requested = 1 WHERE id = ?3 AND workspace = ?4 AND state = 1",
                   diags);
    ar_query_text(&query, by);
    ar_query_text(&query, reason);
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    int changes = 0;
    status = ar_query_finish(&query, &changes);
    if (status == ARRAS_OK && !changes) {
        status = why_unchanged(db, id, diags);
    }
    return ar_sqlite_unlock(db, status);
}

static enum arras_status blank_job(struct ar_sqlite *db, struct arras_str workspace,
                                   struct arras_str id, struct ar_diags *diags)
{
    struct ar_query query;
    ar_query_begin(&query, db,
                   "UPDATE job SET args = '', result = '', code = '', deleted = 1"
                   " WHERE id = ? AND workspace = ? AND state > 1",
                   diags);
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    if (status || !changes) {
        return status ? status : ARRAS_NOT_FOUND;
    }
    ar_query_begin(&query, db, "DELETE FROM log WHERE job = ?", diags);
    ar_query_text(&query, id);
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_sqlite_job_delete(struct ar_store *store, struct arras_str workspace,
                                       struct arras_str id, struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    if (status == ARRAS_OK) {
        status = ar_sqlite_run(db, "BEGIN IMMEDIATE", diags);
    }
    if (status == ARRAS_OK) {
        status = ar_sqlite_finish(db, blank_job(db, workspace, id, diags), diags);
    }
    if (status == ARRAS_OK) {
        /* the write-ahead log still holds the old pages; not done while someone else reads */
        status = ar_sqlite_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", diags);
    }
    return ar_sqlite_unlock(db, status);
}

static const char LIST[] = "SELECT " JOB_BRIEF " FROM job WHERE workspace = ?1"
                           " AND (?2 = '' OR script_path = ?2)"
                           " AND (?3 = '' OR substr(script_path, 1, length(?3)) = ?3)"
                           " AND (?4 = '' OR created_by = ?4)"
                           " AND (?5 < 0 OR state = ?5)"
                           " AND (?6 < 0 OR (state > 1) = ?6)"
                           " AND (?7 < 0 OR (state > 1 AND (state = 2) = ?7))"
                           " AND (?8 = 0 OR created_at > ?8) AND (?9 = 0 OR created_at < ?9)"
                           " ORDER BY state > 1, created_at DESC, id DESC LIMIT ?10 OFFSET ?11";

enum arras_status ar_sqlite_job_list(struct ar_store *store, const struct ar_job_filter *filter,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_job_list *ret)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    struct ar_job_list jobs = {0};
    ar_sqlite_lock(db);
    ar_query_begin(&query, db, LIST, diags);
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
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = jobs;
    }
    return status;
}

static enum arras_status requeue_all(struct ar_sqlite *db, struct ar_diags *diags,
                                     size_t *ret_count)
{
    struct ar_query query;
    ar_query_begin(&query, db,
                   "UPDATE job SET state = 0, worker = '', started_at = 0 WHERE state = 1", diags);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    *ret_count = (size_t)changes;
    return status;
}

/* One running job whose end was asked for; NOT_FOUND where there is none (any more). */
static enum arras_status next_to_cancel(struct ar_sqlite *db, struct ar_arena *arena,
                                        struct ar_diags *diags, struct ar_job *ret)
{
    struct ar_query query;
    ar_query_begin(&query, db,
                   "SELECT " JOB_COLUMNS " FROM job WHERE state = 1 AND cancel_requested LIMIT 1",
                   diags);
    bool found = ar_query_row(&query);
    if (found) {
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, ret);
    }
    enum arras_status status = ar_query_end(&query);
    return status || found ? status : ARRAS_NOT_FOUND;
}

static enum arras_status cancel_requested(struct ar_sqlite *db, struct ar_diags *diags)
{
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    enum arras_status status;
    struct ar_job job = {0};
    while ((status = next_to_cancel(db, &arena, diags, &job)) == ARRAS_OK) {
        job.state = AR_JOB_CANCELED;
        job.completed_at = ar_clock_wall(ar_clock_system());
        status = ar_job_canceled_result(job.canceled_by, job.canceled_reason, &arena, &job.result);
        if (status == ARRAS_OK) {
            status = complete_locked(db, &job, diags);
        }
        ar_arena_release(&arena);
        if (status) {
            return status;
        }
    }
    ar_arena_release(&arena);
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
}

enum arras_status ar_sqlite_job_recover(struct ar_store *store, struct ar_diags *diags,
                                        size_t *ret_count)
{
    struct ar_sqlite *db = ar_sqlite(store);
    size_t count = 0;
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    if (status == ARRAS_OK) {
        status = ar_sqlite_run(db, "BEGIN IMMEDIATE", diags);
    }
    if (status == ARRAS_OK) {
        status = cancel_requested(db, diags);
        if (status == ARRAS_OK) {
            status = requeue_all(db, diags, &count);
        }
        status = ar_sqlite_finish(db, status, diags);
    }
    if (status == ARRAS_OK) {
        *ret_count = count;
    }
    return ar_sqlite_unlock(db, status);
}

enum arras_status ar_sqlite_log_append(struct ar_store *store, struct arras_str job,
                                       struct arras_str text, struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    if (text.len == 0) {
        return ARRAS_OK;
    }
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, false, diags);
    if (status) {
        return ar_sqlite_unlock(db, status);
    }
    struct ar_query query;
    ar_query_begin(&query, db,
                   "INSERT INTO log (job, start, text) SELECT id, coalesce((SELECT start +"
                   " length(text) FROM log WHERE job = ?1 ORDER BY start DESC LIMIT 1), 0), ?2"
                   " FROM job WHERE id = ?1 AND NOT deleted",
                   diags);
    ar_query_text(&query, job);
    ar_query_blob(&query, text);
    int changes = 0;
    status = ar_query_finish(&query, &changes);
    return ar_sqlite_unlock(db, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_sqlite_log_get(struct ar_store *store, struct arras_str job, size_t from,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct arras_str *ret)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    struct ar_buf buf;
    ar_buf_init(&buf, AR_JOB_LOG_SIZE * 2);
    ar_sqlite_lock(db);
    ar_query_begin(&query, db,
                   "SELECT start, text FROM log WHERE job = ?1 AND start + length(text) > ?2"
                   " ORDER BY start",
                   diags);
    ar_query_text(&query, job);
    ar_query_int(&query, from > INT64_MAX ? INT64_MAX : (int64_t)from);
    while (ar_query_row(&query)) {
        size_t start = (size_t)ar_query_get_int(&query, 0);
        const char *bytes = sqlite3_column_blob(query.statement, 1);
        size_t len = (size_t)sqlite3_column_bytes(query.statement, 1);
        size_t skip = from > start ? from - start : 0;
        ar_buf_add(&buf, bytes + skip, len - skip);
    }
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK) {
        status = ar_buf_copy(&buf, arena, ret);
    }
    ar_buf_release(&buf);
    return status;
}
