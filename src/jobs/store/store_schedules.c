#include "base/limits.h"
#include "jobs/store/store_record.h"
#include "jobs/store/store_occurrences.h"
#include "jobs/store/store_jobs.h"

#define SCHEDULE_COLUMNS                                                                           \
    "workspace, path, cron, cron_version, timezone, args, tag, paused_until, summary,"             \
    " description, no_flow_overlap, errors_muted, extra_perms, labels, edited_by, email,"          \
    " permissioned_as, edited_at, retry, on_failure, on_failure_args, failure_times,"              \
    " failure_exact, on_recovery, on_recovery_args, recovery_times, on_success, on_success_args,"  \
    " enabled, script_path, error"

#define COLUMN(field, type) AR_COLUMN(struct ar_schedule, field, type)

/* What an update does not change comes last. */
static const struct ar_column COLUMNS[] = {
    COLUMN(workspace, TEXT),
    COLUMN(path, TEXT),
    COLUMN(cron, TEXT),
    COLUMN(cron_version, TEXT),
    COLUMN(timezone, TEXT),
    COLUMN(args, DATA),
    COLUMN(tag, TEXT),
    COLUMN(paused_until, INT64),
    COLUMN(summary, DATA),
    COLUMN(description, DATA),
    COLUMN(no_flow_overlap, BOOL),
    COLUMN(errors_muted, BOOL),
    COLUMN(extra_perms, DATA),
    COLUMN(labels, DATA),
    COLUMN(edited_by, TEXT),
    COLUMN(email, TEXT),
    COLUMN(permissioned_as, TEXT),
    COLUMN(edited_at, INT64),
    COLUMN(retry, DATA),
    COLUMN(on_failure, TEXT),
    COLUMN(on_failure_args, DATA),
    COLUMN(failure_times, INT64),
    COLUMN(failure_exact, BOOL),
    COLUMN(on_recovery, TEXT),
    COLUMN(on_recovery_args, DATA),
    COLUMN(recovery_times, INT64),
    COLUMN(on_success, TEXT),
    COLUMN(on_success_args, DATA),
    COLUMN(enabled, BOOL),
    COLUMN(script_path, TEXT),
    COLUMN(error, DATA),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS), UPDATED_COUNT = COLUMN_COUNT - 3 };

static const struct ar_record RECORD = {COLUMNS, COLUMN_COUNT, sizeof(struct ar_schedule)};

enum arras_status ar_schedule_tx_lock(struct ar_tx *tx, struct arras_str workspace,
                                      struct arras_str path, struct ar_arena *arena,
                                      struct ar_schedule *ret)
{
    struct ar_query query;
    *ret = (struct ar_schedule){0};
    ar_query_begin(&query, tx,
                   "UPDATE schedule SET path = path WHERE workspace = $1 AND path = $2"
                   " RETURNING " SCHEDULE_COLUMNS);
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    return ar_query_one(&query, COLUMNS, COLUMN_COUNT, arena, ret);
}

static enum arras_status add(struct ar_tx *tx, const struct ar_schedule *schedule)
{
    struct ar_query query;
    ar_query_begin(
        &query, tx,
        "INSERT INTO schedule (" SCHEDULE_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7,"
        " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,"
        " $25, $26, $27, $28, $29, $30, $31)");
    ar_query_bind_record(&query, COLUMNS, COLUMN_COUNT, schedule);
    return ar_query_finish(&query, NULL);
}

static enum arras_status update(struct ar_tx *tx, const struct ar_schedule *schedule)
{
    struct ar_query query;
    int changes = 0;
    ar_query_begin(&query, tx,
                   "UPDATE schedule SET cron = $3, cron_version = $4, timezone = $5, args = $6,"
                   " tag = $7, paused_until = $8, summary = $9, description = $10,"
                   " no_flow_overlap = $11, errors_muted = $12, extra_perms = $13, labels = $14,"
                   " edited_by = $15, email = $16, permissioned_as = $17, edited_at = $18,"
                   " retry = $19, on_failure = $20, on_failure_args = $21,"
                   " failure_times = $22, failure_exact = $23, on_recovery = $24,"
                   " on_recovery_args = $25, recovery_times = $26, on_success = $27,"
                   " on_success_args = $28"
                   " WHERE workspace = $1 AND path = $2");
    ar_query_bind_record(&query, COLUMNS, UPDATED_COUNT, schedule);
    enum arras_status status = ar_query_finish(&query, &changes);
    return status || changes ? status : ARRAS_NOT_FOUND;
}

static enum arras_status enable(struct ar_tx *tx, const struct ar_schedule *schedule)
{
    struct ar_query query;
    int changes = 0;
    ar_query_begin(&query, tx,
                   "UPDATE schedule SET enabled = $3, edited_by = $4, email = $5,"
                   " permissioned_as = $6, edited_at = $7 WHERE workspace = $1 AND path = $2");
    ar_query_text(&query, schedule->workspace);
    ar_query_text(&query, schedule->path);
    ar_query_int(&query, schedule->enabled);
    ar_query_text(&query, schedule->edited_by);
    ar_query_text(&query, schedule->email);
    ar_query_text(&query, schedule->permissioned_as);
    ar_query_int(&query, schedule->edited_at);
    enum arras_status status = ar_query_finish(&query, &changes);
    return status || changes ? status : ARRAS_NOT_FOUND;
}

/* Another occurrence in place of the one that waited. */
static enum arras_status plan_again(struct ar_tx *tx, struct arras_str workspace,
                                    struct arras_str path, int64_t now)
{
    struct ar_arena arena;
    struct ar_schedule stored;
    ar_arena_init(&arena, 0);
    enum arras_status status = ar_schedule_tx_lock(tx, workspace, path, &arena, &stored);
    if (status == ARRAS_OK) {
        status = ar_schedule_tx_clear(tx, workspace, path);
    }
    if (status == ARRAS_OK && stored.enabled) {
        status = ar_schedule_tx_plan(tx, &stored, 0, now, &arena);
    }
    ar_arena_release(&arena);
    return status;
}

static enum arras_status change(struct ar_store *store,
                                enum arras_status (*step)(struct ar_tx *,
                                                          const struct ar_schedule *),
                                const struct ar_schedule *schedule, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = step(&tx, schedule);
    if (status == ARRAS_OK) {
        status = plan_again(&tx, schedule->workspace, schedule->path, schedule->edited_at);
    }
    return ar_tx_end(&tx, status);
}

enum arras_status ar_store_schedule_add(struct ar_store *store, const struct ar_schedule *schedule,
                                        struct ar_diags *diags)
{
    return change(store, add, schedule, diags);
}

enum arras_status ar_store_schedule_update(struct ar_store *store,
                                           const struct ar_schedule *schedule,
                                           struct ar_diags *diags)
{
    return change(store, update, schedule, diags);
}

enum arras_status ar_store_schedule_enable(struct ar_store *store,
                                           const struct ar_schedule *schedule,
                                           struct ar_diags *diags)
{
    return change(store, enable, schedule, diags);
}

enum arras_status ar_store_schedule_get(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_diags *diags, struct ar_schedule *ret)
{
    return ar_record_get(store, &RECORD,
                         "SELECT " SCHEDULE_COLUMNS
                         " FROM schedule WHERE workspace = $1 AND path = $2",
                         workspace, path, arena, diags, ret);
}

enum arras_status ar_store_schedule_list(struct ar_store *store,
                                         const struct ar_item_filter *filter,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         ar_schedule_taker *take, void *context)
{
    struct ar_tx tx;
    struct ar_query query;
    bool more = true;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " SCHEDULE_COLUMNS " FROM schedule WHERE workspace = $1"
                   " AND ($2 = '' OR script_path = $2) AND substr(path, 1, length($3)) = $3"
                   " ORDER BY path");
    ar_query_text(&query, filter->workspace);
    ar_query_text(&query, filter->path);
    ar_query_text(&query, filter->path_start);
    while (more && ar_query_row(&query)) {
        struct ar_schedule schedule = {0};
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &schedule);
        more = !query.status && take(context, &schedule);
    }
    return ar_tx_end(&tx, ar_query_end(&query));
}

static enum arras_status remove_schedule(struct ar_tx *tx, struct arras_str workspace,
                                         struct arras_str path)
{
    enum arras_status status = ar_record_remove(
        tx, "DELETE FROM schedule WHERE workspace = $1 AND path = $2", workspace, path);
    return status ? status : ar_schedule_tx_clear(tx, workspace, path);
}

enum arras_status ar_store_schedule_delete(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(&tx, remove_schedule(&tx, workspace, path));
}

enum arras_status ar_store_schedule_jobs(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str path, struct ar_arena *arena,
                                         struct ar_diags *diags, struct ar_job_list *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_job_list jobs = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " AR_JOB_BRIEF " FROM job WHERE workspace = $1 AND schedule_path = $2"
                   " AND schedule_path <> '' AND state > 1 ORDER BY created_at DESC, id DESC"
                   " LIMIT $3");
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    ar_query_int(&query, AR_SCHEDULE_JOBS);
    while (ar_query_row(&query)) {
        struct ar_job job = {0};
        ar_query_get_record(&query, ar_job_columns, AR_JOB_BRIEF_COUNT, arena, &job);
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

struct keys {
    AR_VEC(struct ar_schedule) list; /* workspace and path only */
};

static enum arras_status find_without(struct ar_store *store, struct ar_arena *arena,
                                      struct ar_diags *diags, struct keys *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT workspace, path FROM schedule WHERE enabled = 1 AND NOT EXISTS"
                   " (SELECT 1 FROM job WHERE job.workspace = schedule.workspace"
                   " AND job.schedule_path = schedule.path AND job.schedule_path <> ''"
                   " AND job.state <= 1)");
    while (ar_query_row(&query)) {
        struct ar_schedule key = {0};
        ar_query_get_record(&query, COLUMNS, 2, arena, &key);
        if (!query.status && !ar_vec_push(arena, &ret->list, key)) {
            query.status = ar_no_memory(diags);
        }
    }
    return ar_tx_end(&tx, ar_query_end(&query));
}

static enum arras_status repair(struct ar_store *store, const struct ar_schedule *key, int64_t now,
                                struct ar_arena *arena, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_schedule schedule;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status =
        ar_schedule_tx_lock(&tx, key->workspace, key->path, arena, &schedule);
    if (status == ARRAS_OK && schedule.enabled) {
        status = ar_schedule_tx_plan(&tx, &schedule, 0, now, arena);
    }
    return ar_tx_end(&tx, status == ARRAS_NOT_FOUND ? ARRAS_OK : status);
}

enum arras_status ar_store_schedules_repair(struct ar_store *store, int64_t now,
                                            struct ar_diags *diags, size_t *ret_without)
{
    struct ar_arena arena;
    struct keys before = {0}, after = {0};
    ar_arena_init(&arena, 0);
    enum arras_status status = find_without(store, &arena, diags, &before);
    for (size_t i = 0; !status && i < before.list.count; i++) {
        status = repair(store, &before.list.items[i], now, &arena, diags);
    }
    if (!status && before.list.count) {
        status = find_without(store, &arena, diags, &after);
    }
    *ret_without = after.list.count;
    ar_arena_release(&arena);
    return status;
}

enum arras_status ar_store_schedules_set_handler(struct ar_store *store,
                                                 const struct ar_schedule *schedule,
                                                 enum ar_schedule_handler which,
                                                 struct ar_diags *diags)
{
    static const char *const statements[] = {
        [AR_HANDLER_FAILURE] = "UPDATE schedule SET on_failure = $2, on_failure_args = $3,"
                               " failure_times = $4, failure_exact = $5 WHERE workspace = $1",
        [AR_HANDLER_RECOVERY] = "UPDATE schedule SET on_recovery = $2, on_recovery_args = $3,"
                                " recovery_times = $4 WHERE workspace = $1",
        [AR_HANDLER_SUCCESS] =
            "UPDATE schedule SET on_success = $2, on_success_args = $3 WHERE workspace = $1",
    };
    const struct arras_str paths[] = {schedule->on_failure, schedule->on_recovery,
                                      schedule->on_success};
    const struct arras_str args[] = {schedule->on_failure_args, schedule->on_recovery_args,
                                     schedule->on_success_args};
    const int64_t times[] = {schedule->failure_times, schedule->recovery_times};
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx, statements[which]);
    ar_query_text(&query, schedule->workspace);
    ar_query_text(&query, paths[which]);
    ar_query_data(&query, args[which]);
    if (which != AR_HANDLER_SUCCESS) {
        ar_query_int(&query, times[which]);
    }
    if (which == AR_HANDLER_FAILURE) {
        ar_query_int(&query, schedule->failure_exact);
    }
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}
