/* Reading one job: itself, its result, its log, what is new about it. */
#include "base/limits.h"
#include "jobs/api/job_json.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "value/json.h"

static void answer_no_job(struct ar_call *call)
{
    ar_answer_textf(call, 404, "Not found: Job %.*s not found", AR_STR_ARG(call->tail));
}

static void answer_no_completed_job(struct ar_call *call)
{
    ar_answer_textf(call, 404, "Not found: Completed Job not found at name %.*s",
                    AR_STR_ARG(call->tail));
}

void ar_api_get_job(struct ar_call *call)
{
    struct ar_job job;
    bool found, no_logs = false, no_code = false;
    if (!ar_param_bool(call, "no_logs", &no_logs) || !ar_param_bool(call, "no_code", &no_code) ||
        !ar_call_job(call, &job, &found)) {
        return;
    }
    if (!found) {
        answer_no_job(call);
        return;
    }
    int shown = AR_SHOW_TYPE | AR_SHOW_ARGS | AR_SHOW_RESULT;
    shown |= (no_logs ? 0 : AR_SHOW_LOGS) | (no_code ? 0 : AR_SHOW_CODE);
    ar_answer_job(call, &job, shown);
}

/* The job of the path where it is completed; false: answered. */
static bool completed_job(struct ar_call *call, struct ar_job *ret)
{
    bool found;
    if (!ar_call_job(call, ret, &found)) {
        return false;
    }
    if (!found || !ar_job_completed(ret)) {
        answer_no_completed_job(call);
        return false;
    }
    return true;
}

void ar_api_get_completed_job(struct ar_call *call)
{
    struct ar_job job;
    if (completed_job(call, &job)) {
        ar_answer_job(call, &job, AR_SHOW_ARGS | AR_SHOW_RESULT | AR_SHOW_LOGS | AR_SHOW_CODE);
    }
}

/* One step of json_path: a member's name or an array's index, from its end where negative. */
static const struct arras_value *step_into(const struct arras_value *value, struct arras_str step)
{
    int64_t index;
    if (!ar_is(value, ARRAS_ARRAY)) {
        return ar_get(value, step);
    }
    if (!ar_str_int(step, &index)) {
        return NULL;
    }
    index += index < 0 ? (int64_t)value->count : 0;
    return index < 0 ? NULL : ar_item(value, (size_t)index);
}

/* The part of the result that `path` ("a.0.b") leads to; null where it leads nowhere. */
static void answer_part(struct ar_call *call, struct arras_str result, struct arras_str path)
{
    struct ar_source source = {AR_STR("the result"), result};
    struct arras_value root, nothing = ar_null();
    enum arras_status status = ar_json_read(&source, call->arena, &call->diags, &root);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    const struct arras_value *value = &root;
    while (path.len && value) {
        value = step_into(value, ar_str_cut(&path, '.'));
    }
    ar_answer_json(call, 200, value ? value : &nothing);
}

void ar_api_get_result(struct ar_call *call)
{
    struct ar_job job;
    struct arras_str path = {NULL, 0};
    if (!ar_param_text(call, "json_path", &path) || !completed_job(call, &job)) {
        return;
    }
    if (job.result.len == 0) {
        ar_answer_json_text(call, 200, AR_STR("null"));
    } else if (path.len) {
        answer_part(call, job.result, path);
    } else {
        ar_answer_json_text(call, 200, job.result);
    }
}

void ar_api_get_result_maybe(struct ar_call *call)
{
    struct ar_job job;
    struct ar_writer w;
    bool found, get_started = false;
    if (!ar_param_bool(call, "get_started", &get_started) || !ar_call_job(call, &job, &found)) {
        return;
    }
    bool completed = found && ar_job_completed(&job);
    ar_writer_init(&w, call->arena);
    if (completed) {
        ar_put_bool(&w, "started", true);
        ar_put_bool(&w, "success", job.state == AR_JOB_SUCCESS);
    } else {
        bool started = found && job.state == AR_JOB_RUNNING;
        ar_put(&w, "started", get_started ? ar_bool(started) : ar_null());
        ar_put_null(&w, "success");
    }
    ar_put_bool(&w, "completed", completed);
    if (completed && job.result.len) {
        ar_put_json(&w, "result", job.result);
    } else {
        ar_put_null(&w, "result");
    }
    ar_answer_object(call, 200, &w);
}

#define ANSI_NOTE "to remove ansi colors, use: | sed 's/\\x1B\\[[0-9;]\\{1,\\}[A-Za-z]//g'\n"

/* A log may hold NUL bytes, so it is not put together by a format. */
static enum arras_status put_before(struct ar_call *call, struct arras_str note,
                                    struct arras_str *log)
{
    char *text = ar_arena_raw(call->arena, note.len + log->len, 1);
    if (!text) {
        return ARRAS_NO_MEMORY;
    }
    memcpy(text, note.ptr, note.len);
    if (log->len) {
        memcpy(text + note.len, log->ptr, log->len);
    }
    *log = (struct arras_str){text, note.len + log->len};
    return ARRAS_OK;
}

void ar_api_get_logs(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_job job;
    struct arras_str log;
    bool found, no_note = false;
    if (!ar_param_bool(call, "remove_ansi_warnings", &no_note) ||
        !ar_call_job(call, &job, &found)) {
        return;
    }
    if (!found) {
        answer_no_job(call);
        return;
    }
    enum arras_status status = ar_store_log_get(store, job.id, 0, call->arena, &call->diags, &log);
    if (!status && !no_note) {
        status = put_before(call, AR_STR(ANSI_NOTE), &log);
    }
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_text(call, 200, log);
    }
}

void ar_api_get_args(struct ar_call *call)
{
    struct ar_job job;
    bool found;
    if (!ar_call_job(call, &job, &found)) {
        return;
    }
    if (!found) {
        answer_no_job(call);
    } else {
        ar_answer_json_text(call, 200, job.args.len ? job.args : AR_STR("null"));
    }
}

/* What the submission said, else the first of its line of parents; a parent that is not there (any
 * more) ends the line. */
void ar_api_get_root_job_id(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_job job;
    struct arras_value id;
    bool found;
    if (!ar_call_job(call, &job, &found)) {
        return;
    }
    if (!found) {
        answer_no_job(call);
        return;
    }
    enum arras_status status = ARRAS_OK;
    for (int depth = 0;
         !status && !job.root_job.len && job.parent_job.len && depth < AR_JOB_ANCESTORS; depth++) {
        struct ar_job parent;
        status = ar_store_job_get(store, call->workspace, job.parent_job, call->arena, &call->diags,
                                  &parent);
        job = status ? job : parent;
    }
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return;
    }
    id = ar_string(job.root_job.len ? job.root_job : job.id);
    ar_answer_json(call, 200, &id);
}

/* The last characters of a completed job's log. */
void ar_api_get_logs_tail(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_job job;
    struct arras_str log;
    int64_t end;
    if (!completed_job(call, &job)) {
        return;
    }
    enum arras_status status =
        ar_store_log_part(store, job.id, -AR_JOB_LOG_SHOWN, call->arena, &call->diags, &log, &end);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_text(call, 200, log);
    }
}

void ar_api_get_timing(struct ar_call *call)
{
    struct ar_job job;
    struct ar_writer w;
    if (!completed_job(call, &job)) {
        return;
    }
    ar_writer_init(&w, call->arena);
    ar_put_time(&w, "created_at", job.created_at);
    if (job.started_at) {
        ar_put_time(&w, "started_at", job.started_at);
    }
    ar_put_int(&w, "duration_ms", ar_job_duration(&job));
    ar_answer_object(call, 200, &w);
}

/* Of one id of a list: null where it does not run, or the caller may not see it. */
static enum arras_status read_started(struct ar_call *call, struct arras_str id,
                                      struct ar_writer *w)
{
    struct ar_job job;
    enum arras_status status =
        ar_store_job_get(call->api->store, call->workspace, id, call->arena, &call->diags, &job);
    bool shown = !status && job.state == AR_JOB_RUNNING && ar_call_sees_job(call, &job);
    ar_put_time(w, "at", shown ? job.started_at : 0);
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
}

void ar_api_get_started_at(struct ar_call *call)
{
    struct arras_value body;
    struct ar_list times;
    enum arras_status status = ARRAS_OK;
    if (!ar_call_json_body(call, false, &body)) {
        return;
    }
    if (body.type != ARRAS_ARRAY || body.count > AR_JOB_LIST_MOST) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: expected an "
                        "array of at most %d job ids",
                        AR_JOB_LIST_MOST);
        return;
    }
    ar_list_init(&times, call->arena);
    for (uint32_t i = 0; !status && i < body.count; i++) {
        struct ar_writer w;
        struct arras_value made;
        ar_writer_init(&w, call->arena);
        status = read_started(call, ar_text(&body.items[i]), &w);
        status = status ? status : ar_writer_value(&w, &made);
        if (!status && !ar_list_push(&times, *ar_get_z(&made, "at"))) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&times);
    ar_answer_json(call, 200, &value);
}
