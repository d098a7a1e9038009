#include "jobs/store/store_occurrences.h"
#include "base/limits.h"
#include "jobs/script_job.h"
#include "jobs/tag.h"
#include "jobs/store/store_jobs.h"
#include "jobs/schedule/timetable.h"
#include "jobs/uuid.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static enum arras_status next_time(const struct ar_timetable *table,
                                   const struct ar_schedule *schedule, int64_t previous,
                                   int64_t now, struct ar_diags *diags, int64_t *ret)
{
    int64_t after = later(later(previous, now), schedule->paused_until - 1);
    return ar_timetable_next(table, after, ret)
               ? ARRAS_OK
               : ar_error(diags, ARRAS_INVALID, "cron", NULL, 0, "'%.*s' has no next time",
                          AR_STR_ARG(schedule->cron));
}

/* Times that passed between the one that was run and the next one. */
static int count_left_out(const struct ar_timetable *table, int64_t previous, int64_t next)
{
    int count = 0;
    int64_t time = previous;
    while (count < AR_SCHEDULE_LEFT_OUT && ar_timetable_next(table, time, &time) && time < next) {
        count++;
    }
    return count;
}

enum arras_status ar_schedule_tx_script(struct ar_tx *tx, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_script *ret)
{
    static const struct ar_column columns[] = {
        AR_COLUMN(struct ar_script, path, TEXT),     AR_COLUMN(struct ar_script, hash, TEXT),
        AR_COLUMN(struct ar_script, language, TEXT), AR_COLUMN(struct ar_script, tag, TEXT),
        AR_COLUMN(struct ar_script, timeout, INT64), AR_COLUMN(struct ar_script, content, DATA),
        AR_COLUMN(struct ar_script, settings, DATA),
    };
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "SELECT path, hash, language, tag, timeout, content, settings FROM script"
                   " WHERE workspace = $1 AND path = $2 AND archived = 0 AND deleted = 0"
                   " ORDER BY number DESC LIMIT 1");
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    return ar_query_one(&query, columns, sizeof(columns) / sizeof(*columns), arena, ret);
}

static enum arras_status make_job(struct ar_tx *tx, const struct ar_schedule *schedule,
                                  int64_t time, int64_t now, struct ar_arena *arena,
                                  struct ar_diags *diags, struct ar_job *ret)
{
    struct ar_script script = {0};
    struct ar_uuid_clock uuids = {0};
    char id[AR_UUID_LENGTH + 1];
    enum arras_status status =
        ar_schedule_tx_script(tx, schedule->workspace, schedule->script_path, arena, &script);
    if (status == ARRAS_NOT_FOUND) {
        return ar_error(diags, ARRAS_INVALID, "schedule", NULL, 0, "script %.*s not found",
                        AR_STR_ARG(schedule->script_path));
    }
    status = status ? status : ar_uuid_next(&uuids, now, id);
    if (status) {
        return status;
    }
    *ret = (struct ar_job){
        .workspace = schedule->workspace,
        .args = schedule->args,
        .created_by = schedule->edited_by,
        .permissioned_as = schedule->permissioned_as,
        .email = schedule->email,
        .schedule_path = schedule->path,
        .created_at = now,
        .scheduled_for = time,
    };
    status = ar_script_job(&script, arena, ret);
    ret->cache_ttl = 0; /* who wants something done at a time wants it done */
    ret->restarts = false;
    ret->tag = schedule->tag.len ? schedule->tag : ret->tag;
    status = status ? status : ar_tag_fill(ret, arena);
    return status || ar_str_copy(ar_str_z(id), arena, &ret->id) ? status : ARRAS_NO_MEMORY;
}

static enum arras_status say_left_out(struct ar_tx *tx, const struct ar_job *job, int count,
                                      struct ar_arena *arena)
{
    struct arras_str line;
    if (!ar_str_printf(arena, &line,
                       "[%s%d time%s of schedule %.*s passed before the run before this one had "
                       "ended, and nothing was run for %s]\n",
                       count == AR_SCHEDULE_LEFT_OUT ? "at least " : "", count,
                       count == 1 ? "" : "s", AR_STR_ARG(job->schedule_path),
                       count == 1 ? "it" : "them")) {
        return ARRAS_NO_MEMORY;
    }
    return ar_log_tx_append(tx, job->id, line);
}

/* INVALID: `diags` says what stands in the way. */
static enum arras_status queue_next(struct ar_tx *tx, const struct ar_schedule *schedule,
                                    int64_t previous, int64_t now, struct ar_arena *arena,
                                    struct ar_diags *diags)
{
    struct ar_timetable table;
    struct ar_job job;
    int64_t time = 0;
    bool added = false;
    enum arras_status status = ar_timetable_read(schedule->cron, schedule->cron_version,
                                                 schedule->timezone, arena, diags, &table);
    if (status == ARRAS_OK) {
        status = next_time(&table, schedule, previous, now, diags, &time);
    } else if (status == ARRAS_IO) {
        status = ARRAS_INVALID; /* the time zone's file, not the store */
    }
    if (status == ARRAS_OK) {
        status = make_job(tx, schedule, time, now, arena, diags, &job);
    }
    if (status == ARRAS_OK) {
        status = ar_job_tx_add(tx, &job, &added);
    }
    int left_out = status == ARRAS_OK && added && previous && schedule->paused_until <= previous
                       ? count_left_out(&table, previous, time)
                       : 0;
    return left_out ? say_left_out(tx, &job, left_out, arena) : status;
}

static enum arras_status set_error(struct ar_tx *tx, const struct ar_schedule *schedule,
                                   struct arras_str error)
{
    struct ar_query query;
    if (ar_str_eq(error, schedule->error)) {
        return ARRAS_OK;
    }
    ar_query_begin(&query, tx, "UPDATE schedule SET error = $1 WHERE workspace = $2 AND path = $3");
    ar_query_data(&query, error);
    ar_query_text(&query, schedule->workspace);
    ar_query_text(&query, schedule->path);
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_schedule_tx_plan(struct ar_tx *tx, const struct ar_schedule *schedule,
                                      int64_t previous, int64_t now, struct ar_arena *arena)
{
    struct ar_diags diags;
    ar_diags_init(&diags, arena);
    enum arras_status status = queue_next(tx, schedule, previous, now, arena, &diags);
    if (status && status != ARRAS_INVALID) {
        return status;
    }
    const struct arras_diag *error = ar_diags_first_error(&diags);
    return set_error(tx, schedule,
                     status == ARRAS_OK ? AR_STR("")
                     : error            ? error->message
                                        : AR_STR("unknown"));
}

enum arras_status ar_schedule_tx_clear(struct ar_tx *tx, struct arras_str workspace,
                                       struct arras_str path)
{
    struct ar_query query;
    /* one that was put back may have a log */
    ar_query_begin(&query, tx,
                   "DELETE FROM log WHERE job IN (SELECT id FROM job WHERE workspace = $1"
                   " AND schedule_path = $2 AND schedule_path <> '' AND state = 0)");
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    enum arras_status status = ar_query_finish(&query, NULL);
    if (status) {
        return status;
    }
    ar_query_begin(&query, tx,
                   "DELETE FROM job WHERE workspace = $1 AND schedule_path = $2"
                   " AND schedule_path <> '' AND state = 0");
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    return ar_query_finish(&query, NULL);
}

static enum arras_status redeploy(struct ar_tx *tx, const struct ar_job *job)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "UPDATE job SET script_hash = $3, language = $4, code = $5, timeout = $6,"
                   " tag = coalesce((SELECT tag FROM schedule WHERE schedule.workspace = $1"
                   " AND schedule.path = job.schedule_path AND schedule.tag <> ''), $7),"
                   " priority = $8, hidden = $9, redact_after = $10, envs = $11"
                   " WHERE workspace = $1 AND schedule_path <> '' AND state = 0"
                   " AND script_path = $2");
    ar_query_text(&query, job->workspace);
    ar_query_text(&query, job->script_path);
    ar_query_text(&query, job->script_hash);
    ar_query_text(&query, job->language);
    ar_query_data(&query, job->code);
    ar_query_int(&query, job->timeout);
    ar_query_text(&query, job->tag);
    ar_query_int(&query, job->priority);
    ar_query_int(&query, job->hidden);
    ar_query_int(&query, job->redact_after);
    ar_query_data(&query, job->envs);
    ar_tx_notify(tx, 'q', AR_STR("")); /* its tag may be another worker's now */
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_schedule_tx_redeploy(struct ar_tx *tx, const struct ar_script *script)
{
    struct ar_arena arena;
    struct ar_job job = {.workspace = script->workspace};
    ar_arena_init(&arena, 0);
    enum arras_status status = ar_script_job(script, &arena, &job);
    status = status ? status : redeploy(tx, &job);
    ar_arena_release(&arena);
    return status;
}
