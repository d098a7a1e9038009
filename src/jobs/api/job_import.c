#include "base/limits.h"
#include "jobs/script_job.h"
#include "jobs/api/item.h"
#include "jobs/api/job_move.h"
#include "jobs/api/uuid.h"
#include "jobs/language/language.h"
#include "jobs/store/store_people.h"
#include "value/number.h"

static bool wrong(struct ar_call *call, const struct ar_job *job, const char *what)
{
    ar_answer_textf(call, 400, "Bad request: job %.*s: %s", AR_STR_ARG(ar_str_sub(job->id, 0, 100)),
                    what);
    return false;
}

static bool read_id(struct ar_call *call, const struct arras_value *value, const char *name,
                    struct arras_str *ret)
{
    struct arras_str text = {NULL, 0};
    bool valid = false;
    if (!ar_member_text(call, value, name, &text)) {
        return false;
    }
    if (text.len == 0) {
        return true;
    }
    if (!ar_uuid_read(text, call->arena, ret, &valid)) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
    } else if (!valid) {
        ar_answer_textf(call, 400, "Bad request: %s: '%.*s' is no UUID", name,
                        AR_STR_ARG(ar_str_sub(text, 0, 100)));
    }
    return valid;
}

/* Names and the like, which the store compares: text without NUL. */
static bool read_texts(struct ar_call *call, const struct arras_value *value, struct ar_job *job)
{
    const struct {
        const char *name;
        struct arras_str *text;
    } texts[] = {
        {"created_by", &job->created_by},
        {"script_path", &job->script_path},
        {"script_hash", &job->script_hash},
        {"script_entrypoint_override", &job->entrypoint},
        {"canceled_by", &job->canceled_by},
        {"language", &job->language},
        {"worker", &job->worker},
        {"trigger", &job->schedule_path},
        {"job_kind", &job->kind},
        {"permissioned_as", &job->permissioned_as},
        {"email", &job->email},
        {"tag", &job->tag},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (!ar_member_text(call, value, texts[i].name, texts[i].text)) {
            return false;
        }
        if (ar_str_has_nul(*texts[i].text)) {
            return wrong(call, job, "a name holds a NUL character");
        }
    }
    return ar_member_text(call, value, "raw_code", &job->code) &&
           ar_member_text(call, value, "canceled_reason", &job->canceled_reason);
}

static bool read_number(struct ar_call *call, const struct ar_job *job,
                        const struct arras_value *value, const char *name, int64_t *ret)
{
    const struct arras_value *number = ar_get_z(value, name);
    if (!number || number->type == ARRAS_NULL) {
        return true;
    }
    if (number->type != ARRAS_NUMBER || !ar_number_to_int64(ar_text(number), ret) || *ret < 0 ||
        *ret > INT32_MAX) {
        return wrong(call, job, "a number is none that fits");
    }
    return true;
}

static bool read_numbers(struct ar_call *call, const struct arras_value *value, struct ar_job *job)
{
    return read_number(call, job, value, "mem_peak", &job->memory_peak) &&
           read_number(call, job, value, "priority", &job->priority) &&
           read_number(call, job, value, "timeout", &job->timeout) &&
           read_number(call, job, value, "cache_ttl", &job->cache_ttl) &&
           ar_item_time(call, value, "created_at", &job->created_at) &&
           ar_item_time(call, value, "scheduled_for", &job->scheduled_for) &&
           ar_item_time(call, value, "started_at", &job->started_at) &&
           ar_item_time(call, value, "completed_at", &job->completed_at);
}

/* `args` that are null are as good as none. */
static bool read_contents(struct ar_call *call, const struct arras_value *value, struct ar_job *job)
{
    const struct arras_value *args = ar_get_z(value, "args"), *labels = ar_get_z(value, "labels");
    bool visible = true, preprocessed = false;
    if (args && args->type != ARRAS_NULL) {
        if (args->type != ARRAS_OBJECT) {
            return wrong(call, job, "args: expected an object");
        }
        if (!ar_item_json(call, value, "args", &job->args)) {
            return false;
        }
    }
    if (!ar_item_json(call, value, "result", &job->result) ||
        (labels && !ar_item_labels(call, value, &job->labels)) ||
        !ar_item_bool(call, value, "visible_to_owner", &visible) ||
        !ar_item_bool(call, value, "preprocessed", &preprocessed) ||
        !ar_item_bool(call, value, "deleted", &job->deleted)) {
        return false;
    }
    const struct arras_value *told = ar_get_z(value, "preprocessed");
    job->preprocess = told && told->type == ARRAS_BOOL;
    job->hidden = !visible;
    return true;
}

static bool check_kind(struct ar_call *call, const struct ar_job *job)
{
    static const char *const kinds[] = {"script", "preview", AR_KIND_DEPENDENCIES, AR_KIND_IDENTITY,
                                        AR_KIND_NOOP};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (ar_str_is(job->kind, kinds[i])) {
            return true;
        }
    }
    ar_answer_textf(call, 400, "Bad request: job %.*s: this server has no jobs of kind '%.*s'",
                    AR_STR_ARG(job->id), AR_STR_ARG(ar_str_sub(job->kind, 0, 100)));
    return false;
}

/* How it ended. */
static bool finish_completed(struct ar_call *call, const struct arras_value *value,
                             struct ar_job *job)
{
    static const struct {
        const char *name;
        enum ar_job_state state;
    } states[] = {{"success", AR_JOB_SUCCESS},
                  {"skipped", AR_JOB_SUCCESS},
                  {"failure", AR_JOB_FAILURE},
                  {"canceled", AR_JOB_CANCELED}};
    struct arras_str status = {NULL, 0};
    if (!ar_member_text(call, value, "status", &status)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
        job->state = ar_str_is(status, states[i].name) ? states[i].state : job->state;
    }
    if (job->state < AR_JOB_SUCCESS) {
        return wrong(call, job, "status: expected success, failure, canceled or skipped");
    }
    if (!job->completed_at) {
        return wrong(call, job, "has no completed_at");
    }
    job->scheduled_for = job->scheduled_for ? job->scheduled_for : job->created_at;
    job->attempt = job->started_at > 0;
    if (!job->deleted && job->result.len == 0) {
        job->result = AR_STR("null");
    }
    return true;
}

/* The version that it names, else the live one. */
static bool find_code(struct ar_call *call, struct ar_job *job)
{
    struct ar_script script;
    struct ar_store *store = call->api->store;
    struct ar_job of_script = {.workspace = call->workspace, .args = job->args};
    enum arras_status status = ARRAS_NOT_FOUND;
    if (job->script_hash.len) {
        status = ar_store_script_by_hash(store, call->workspace, job->script_hash, call->arena,
                                         &call->diags, &script);
    }
    if (status == ARRAS_NOT_FOUND) {
        status = ar_store_script_by_path(store, call->workspace, job->script_path, call->arena,
                                         &call->diags, &script);
    }
    if (status == ARRAS_NOT_FOUND || (!status && script.deleted)) {
        return wrong(call, job, "its script is not deployed here");
    }
    status = status ? status : ar_script_job(&script, call->arena, &of_script);
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    job->script_hash = of_script.script_hash;
    job->script_path = of_script.script_path;
    job->language = of_script.language;
    job->code = of_script.code;
    job->envs = of_script.envs;
    job->restarts = of_script.restarts;
    job->redact_after = of_script.redact_after;
    job->tag = job->tag.len ? job->tag : of_script.tag;
    return true;
}

/* What a file says of a user's email counts nothing: the job runs with that user's rights. */
static bool find_user(struct ar_call *call, struct ar_job *job)
{
    struct ar_workspace_member member;
    struct arras_str name = ar_str_from(job->permissioned_as, strlen("u/"));
    if (ar_str_eq(name, call->user.username)) {
        job->email = call->user.email;
        return true;
    }
    enum arras_status status = ar_store_member_get(call->api->store, call->workspace, name,
                                                   call->arena, &call->diags, &member);
    if (status == ARRAS_NOT_FOUND) {
        return wrong(call, job, "the user that it runs as is not a member of the workspace");
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    job->email = member.email;
    return true;
}

static bool finish_queued(struct ar_call *call, struct ar_job *job)
{
    job->started_at = job->completed_at = 0;
    job->worker = job->canceled_by = job->canceled_reason = (struct arras_str){NULL, 0};
    job->result = job->schedule_path = (struct arras_str){NULL, 0};
    job->args = job->args.len ? job->args : AR_STR("{}");
    job->scheduled_for = job->scheduled_for ? job->scheduled_for : job->created_at;
    if (ar_str_is(job->kind, "script") && !find_code(call, job)) {
        return false;
    }
    if (ar_str_is(job->kind, "preview") &&
        (job->code.len == 0 || ar_str_has_nul(job->code) || !ar_language_find(job->language))) {
        return wrong(call, job, "this server cannot run its code");
    }
    job->tag = job->tag.len ? job->tag : job->language.len ? job->language : AR_STR("other");
    return find_user(call, job);
}

bool ar_job_import(struct ar_call *call, const struct arras_value *value, bool completed,
                   struct ar_moved_job *ret)
{
    struct ar_job *job = &ret->job;
    *ret = (struct ar_moved_job){.job = {.workspace = call->workspace}};
    if (!ar_call_is_object(call, value) || !read_id(call, value, "id", &job->id) ||
        !read_id(call, value, "parent_job", &job->parent_job) ||
        !read_id(call, value, "flow_innermost_root_job", &job->root_job) ||
        !read_texts(call, value, job) || !read_numbers(call, value, job) ||
        !read_contents(call, value, job) || !check_kind(call, job) ||
        !ar_member_text(call, value, "logs", &ret->log)) {
        return false;
    }
    if (job->id.len == 0 || !job->created_at || job->created_by.len == 0 ||
        !ar_str_starts(job->permissioned_as, "u/")) {
        return wrong(call, job, "needs id, created_at, created_by and permissioned_as (u/NAME)");
    }
    return completed ? finish_completed(call, value, job) : finish_queued(call, job);
}
