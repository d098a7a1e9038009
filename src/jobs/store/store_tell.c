/* Whom a schedule tells of its runs: store_follow.h. */
#include "base/limits.h"
#include "jobs/time.h"
#include "jobs/store/store_follow.h"
#include "jobs/store/store_occurrences.h"
#include "jobs/store/store_jobs.h"
#include "jobs/script_job.h"
#include "value/json.h"

/* What is told: a script, and the arguments of its job. */
struct news {
    const struct ar_job *ended;
    struct arras_str path; /* with or without script/ */
    const char *what;      /* of what */
    struct ar_object args;
};

/* The runs before one. */
struct past {
    int64_t same;        /* of the newest, how many went alike, at most as many as were asked for */
    bool has_other;      /* the one before those went otherwise */
    struct ar_job other; /* id and started_at */
};

/* As ar_follow_tx_failed; of what has ended, canceled_by is whose cancellation was asked for. */
static enum arras_status read_past(struct ar_tx *tx, const struct ar_job *ended, bool success,
                                   int64_t most, struct ar_arena *arena, struct past *ret)
{
    static const struct ar_column columns[] = {AR_COLUMN(struct ar_job, id, TEXT),
                                               AR_COLUMN(struct ar_job, started_at, INT64)};
    struct ar_query query;
    *ret = (struct past){0};
    ar_query_begin(&query, tx,
                   "SELECT id, started_at, state FROM job WHERE workspace = $1"
                   " AND schedule_path = $2 AND schedule_path <> '' AND script_path = $3"
                   " AND id <> $4 AND (state IN (2, 3) OR (state = 4 AND worker <> ''"
                   " AND canceled_by = 'timeout')) ORDER BY created_at DESC, id DESC LIMIT $5");
    ar_query_text(&query, ended->workspace);
    ar_query_text(&query, ended->schedule_path);
    ar_query_text(&query, ended->script_path);
    ar_query_text(&query, ended->id);
    ar_query_int(&query, most);
    while (!ret->has_other && ar_query_row(&query)) {
        ar_query_get_record(&query, columns, 2, arena, &ret->other);
        ret->has_other = (ar_query_get_int(&query, 2) == AR_JOB_SUCCESS) != success;
        ret->same += !ret->has_other;
    }
    return ar_query_end(&query);
}

static enum arras_status read_result(struct ar_tx *tx, struct ar_job *job, struct ar_arena *arena)
{
    static const struct ar_column columns[] = {AR_COLUMN(struct ar_job, result, DATA)};
    struct ar_query query;
    ar_query_begin(&query, tx, "SELECT result FROM job WHERE id = $1");
    ar_query_text(&query, job->id);
    return ar_query_one(&query, columns, 1, arena, job);
}

static bool set_text(struct ar_object *object, const char *name, struct arras_str text)
{
    return ar_object_set(object, ar_str_z(name), ar_string(text));
}

static bool set_time(struct ar_object *object, const char *name, int64_t time,
                     struct ar_arena *arena)
{
    struct arras_str text;
    char written[AR_TIME_LENGTH + 1];
    ar_time_write(time, written);
    return ar_str_copy(ar_str_z(written), arena, &text) && set_text(object, name, text);
}

static bool set_number(struct ar_object *object, const char *name, int64_t number,
                       struct ar_arena *arena)
{
    struct arras_value value;
    return ar_int(arena, number, &value) && ar_object_set(object, ar_str_z(name), value);
}

/* What is stored is JSON; where there is none, it is null. */
static struct arras_value read_json(struct arras_str json, struct ar_arena *arena)
{
    struct ar_source source = {AR_STR("the store"), json};
    struct arras_value value;
    return json.len == 0 || ar_json_read(&source, arena, NULL, &value) ? ar_null() : value;
}

/* The members of what is an object. */
static bool set_all(struct ar_object *object, struct arras_str json, struct ar_arena *arena)
{
    const struct arras_value value = read_json(json, arena);
    bool done = true;
    for (uint32_t i = 0; done && value.type == ARRAS_OBJECT && i < value.count; i++) {
        const struct ar_member *member = &value.members[i];
        done = ar_object_set(object, ar_member_name(member), member->value);
    }
    return done;
}

static enum arras_status write_args(struct ar_object *object, struct ar_arena *arena,
                                    struct arras_str *ret)
{
    struct arras_value all;
    struct ar_buf buf;
    if (!ar_object_value(object, &all)) {
        return ARRAS_NO_MEMORY;
    }
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    ar_json_write(&buf, &all, ARRAS_WRITE_COMPACT);
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

/* What cannot be told is said where it happened. */
static enum arras_status say_no_script(struct ar_tx *tx, const struct news *news,
                                       struct arras_str path, struct ar_arena *arena)
{
    struct arras_str line;
    if (!ar_str_printf(arena, &line, "\n[nobody was told of this %s: script %.*s not found]\n",
                       news->what, AR_STR_ARG(path))) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = ar_log_tx_append(tx, news->ended->id, line);
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status; /* a job whose log is not kept */
}

/* Its own arguments come last: they win. */
static enum arras_status send(struct ar_tx *tx, const struct ar_schedule *schedule,
                              struct news *news, struct arras_str extra, struct ar_arena *arena)
{
    const char *const prefix = "script/";
    const struct ar_job *ended = news->ended;
    struct ar_script script = {0};
    struct ar_job job = {
        .workspace = ended->workspace,
        .created_by = schedule->edited_by,
        .permissioned_as = schedule->permissioned_as,
        .email = schedule->email,
        .parent_job = ended->id,
        .created_at = ended->completed_at,
        .scheduled_for = ended->completed_at,
    };
    struct arras_str path =
        ar_str_from(news->path, ar_str_starts(news->path, prefix) ? strlen(prefix) : 0);
    if (!set_all(&news->args, extra, arena)) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = ar_schedule_tx_script(tx, ended->workspace, path, arena, &script);
    if (status) {
        return status == ARRAS_NOT_FOUND ? say_no_script(tx, news, path, arena) : status;
    }
    status = ar_script_job(&script, arena, &job);
    job.cache_ttl = 0;
    job.restarts = false;
    if (status == ARRAS_OK) {
        status = write_args(&news->args, arena, &job.args);
    }
    return status ? status : ar_follow_tx_add(tx, &job, arena);
}

static bool begin(struct news *news, const char *what, struct arras_str path,
                  const struct ar_job *ended, struct ar_arena *arena)
{
    *news = (struct news){.ended = ended, .path = path, .what = what};
    ar_object_init(&news->args, arena);
    return path.len > 0;
}

/* 0 where nothing was said. */
static int64_t at_least_once(int64_t times)
{
    return times > 1 ? times : 1;
}

static enum arras_status tell_failure(struct ar_tx *tx, const struct ar_job *ended,
                                      const struct ar_schedule *schedule, struct ar_arena *arena)
{
    const int64_t times = at_least_once(schedule->failure_times);
    struct past past = {0};
    struct news news;
    if (!begin(&news, "failure", schedule->on_failure, ended, arena)) {
        return ARRAS_OK;
    }
    if (times > 1 || schedule->failure_exact) {
        enum arras_status status = read_past(tx, ended, false, times, arena, &past);
        bool wanted = schedule->failure_exact ? past.same == times - 1 : past.same >= times - 1;
        if (status || !wanted) {
            return status;
        }
    }
    struct ar_object *args = &news.args;
    bool done = set_all(args, ended->result, arena) && set_text(args, "path", ended->script_path) &&
                set_text(args, "schedule_path", ended->schedule_path) &&
                set_text(args, "job_id", ended->id) &&
                set_text(args, "workspace_id", ended->workspace) &&
                set_text(args, "email", ended->email) &&
                set_time(args, "started_at", ended->started_at, arena) &&
                ar_object_set(args, AR_STR("is_flow"), ar_bool(false)) &&
                set_number(args, "failed_times", times, arena);
    return done ? send(tx, schedule, &news, schedule->on_failure_args, arena) : ARRAS_NO_MEMORY;
}

static bool set_success(struct ar_object *args, const struct ar_job *ended, struct ar_arena *arena)
{
    return set_text(args, "schedule_path", ended->schedule_path) &&
           set_text(args, "path", ended->script_path) &&
           ar_object_set(args, AR_STR("is_flow"), ar_bool(false)) &&
           ar_object_set(args, AR_STR("success_result"), read_json(ended->result, arena)) &&
           set_time(args, "success_started_at", ended->started_at, arena);
}

static enum arras_status tell_success(struct ar_tx *tx, const struct ar_job *ended,
                                      const struct ar_schedule *schedule, struct ar_arena *arena)
{
    struct news news;
    if (!begin(&news, "success", schedule->on_success, ended, arena)) {
        return ARRAS_OK;
    }
    return set_success(&news.args, ended, arena)
               ? send(tx, schedule, &news, schedule->on_success_args, arena)
               : ARRAS_NO_MEMORY;
}

static enum arras_status tell_recovery(struct ar_tx *tx, const struct ar_job *ended,
                                       const struct ar_schedule *schedule, struct ar_arena *arena)
{
    const int64_t times = at_least_once(schedule->recovery_times);
    struct past past = {0};
    struct news news;
    if (!begin(&news, "recovery", schedule->on_recovery, ended, arena)) {
        return ARRAS_OK;
    }
    enum arras_status status = read_past(tx, ended, true, times, arena, &past);
    if (status || !past.has_other || past.same != times - 1) {
        return status;
    }
    status = read_result(tx, &past.other, arena);
    if (status) {
        return status;
    }
    bool done = set_all(&news.args, past.other.result, arena) &&
                set_time(&news.args, "error_started_at", past.other.started_at, arena) &&
                set_success(&news.args, ended, arena) &&
                set_number(&news.args, "success_times", times, arena);
    return done ? send(tx, schedule, &news, schedule->on_recovery_args, arena) : ARRAS_NO_MEMORY;
}

enum arras_status ar_follow_tx_tell(struct ar_tx *tx, const struct ar_job *ended,
                                    const struct ar_schedule *schedule, struct ar_arena *arena)
{
    bool failed = false;
    if (ended->state == AR_JOB_SUCCESS) {
        enum arras_status status = tell_success(tx, ended, schedule, arena);
        return status ? status : tell_recovery(tx, ended, schedule, arena);
    }
    if (schedule->on_failure.len == 0) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_follow_tx_failed(tx, ended, &failed);
    return status || !failed ? status : tell_failure(tx, ended, schedule, arena);
}
