#include "jobs/api/new_job.h"
#include "jobs/api/args.h"
#include "jobs/language.h"

#define SECOND INT64_C(1000000)
#define YEARS_100 (INT64_C(100) * 366 * 24 * 3600)

/* Windmill's that have no meaning without flows and chats: who sends one must not get a job that
 * does something else. */
static const char *const UNKNOWN[] = {"memory_id", "suspended_mode"};

static bool check_unknown(struct ar_call *call)
{
    for (size_t i = 0; i < sizeof(UNKNOWN) / sizeof(UNKNOWN[0]); i++) {
        struct arras_str value = {NULL, 0};
        if (!ar_param_text(call, UNKNOWN[i], &value)) {
            return false;
        }
        if (value.len) {
            ar_answer_textf(call, 400, "Bad request: this server has no query parameter %s",
                            UNKNOWN[i]);
            return false;
        }
    }
    return true;
}

static bool read_times(struct ar_call *call, struct ar_job *job)
{
    int64_t seconds = -1, timeout = 0;
    if (!ar_param_time(call, "scheduled_for", &job->scheduled_for) ||
        !ar_param_int(call, "scheduled_in_secs", 0, YEARS_100, &seconds) ||
        !ar_param_int(call, "timeout", 1, INT32_MAX, &timeout)) {
        return false;
    }
    if (seconds >= 0 && !job->scheduled_for) {
        job->scheduled_for = call->now + seconds * SECOND;
    }
    if (timeout) {
        job->timeout = timeout;
    }
    return true;
}

/* The tag that the job has already is as good as none. */
static bool read_tag(struct ar_call *call, struct ar_job *job)
{
    struct arras_str tag = {NULL, 0};
    if (!ar_param_text(call, "tag", &tag)) {
        return false;
    }
    if (tag.len && !call->user.superadmin && !ar_str_eq(tag, job->tag)) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: Only super admins are allowed to use tags that are not "
                              "included in the allowed CUSTOM_TAGS: "));
        return false;
    }
    if (tag.len) {
        job->tag = tag;
    }
    return true;
}

/* What the query says about the job; false: answered. */
static bool read_options(struct ar_call *call, struct ar_job *job)
{
    return check_unknown(call) && read_times(call, job) && read_tag(call, job) &&
           ar_param_uuid(call, "job_id", &job->id) &&
           ar_param_uuid(call, "parent_job", &job->parent_job);
}

bool ar_call_job_of_user(struct ar_call *call, struct ar_job *ret)
{
    *ret = (struct ar_job){
        .workspace = call->workspace,
        .created_by = call->user.username,
        .email = call->user.email,
    };
    if (!ar_str_printf(call->arena, &ret->permissioned_as, "u/%.*s",
                       AR_STR_ARG(call->user.username))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    return true;
}

static bool find_script(struct ar_call *call, enum ar_run_what what, struct ar_script *ret)
{
    struct ar_store *store = call->api->store;
    bool by_path = what == AR_RUN_PATH;
    enum arras_status status = by_path ? ar_store_script_by_path(store, call->workspace, call->tail,
                                                                 call->arena, &call->diags, ret)
                                       : ar_store_script_by_hash(store, call->workspace, call->tail,
                                                                 call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND || (!status && ret->deleted)) {
        ar_answer_textf(call, 404, "Not found: %s not found at name %.*s",
                        by_path ? "deployed script" : "Script", AR_STR_ARG(call->tail));
        return false;
    }
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static bool refuse_entrypoint(struct ar_call *call, struct ar_run_words words)
{
    if (words.entrypoint.len) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: this server runs `main`; it has no "
                              "_ENTRYPOINT_OVERRIDE"));
    }
    return words.entrypoint.len > 0;
}

static bool script_job(struct ar_call *call, const struct ar_script *script, struct ar_job *ret)
{
    struct ar_run_words words;
    if (!ar_call_job_of_user(call, ret)) {
        return false;
    }
    ret->kind = AR_STR("script");
    ret->script_path = script->path;
    ret->script_hash = script->hash;
    ret->language = script->language;
    ret->code = script->content;
    ret->timeout = script->timeout;
    ret->tag = script->tag.len ? script->tag : script->language;
    return read_options(call, ret) && ar_call_args(call, &words, &ret->args) &&
           !refuse_entrypoint(call, words);
}

/* Identity and HTTP previews are steps of flows. */
static bool check_preview(struct ar_call *call, struct arras_str kind, const struct ar_job *job)
{
    if (kind.len && !ar_str_is(kind, "code")) {
        ar_answer_textf(call, 400, "Bad request: this server has no previews of kind '%.*s'",
                        AR_STR_ARG(ar_str_sub(kind, 0, 100)));
    } else if (job->code.len == 0) {
        ar_answer_text(call, 400, AR_STR("Bad request: a preview needs content"));
    } else if (!ar_language_find(job->language)) {
        ar_answer_textf(call, 400, "Bad request: this server does not run language '%.*s'",
                        AR_STR_ARG(ar_str_sub(job->language, 0, 100)));
    } else if (ar_str_has_nul(job->code)) {
        ar_answer_text(call, 400, AR_STR("Bad request: the content holds a NUL character"));
    } else {
        return true;
    }
    return false;
}

static bool preview_job(struct ar_call *call, struct ar_job *ret)
{
    struct arras_value body;
    struct arras_str kind = {NULL, 0}, tag = {NULL, 0};
    struct ar_run_words words;
    if (!ar_call_job_of_user(call, ret) || !ar_call_json_body(call, false, &body) ||
        !ar_call_is_object(call, &body) || !ar_member_text(call, &body, "content", &ret->code) ||
        !ar_member_text(call, &body, "path", &ret->script_path) ||
        !ar_member_text(call, &body, "language", &ret->language) ||
        !ar_member_text(call, &body, "kind", &kind) || !ar_member_text(call, &body, "tag", &tag) ||
        !check_preview(call, kind, ret)) {
        return false;
    }
    ret->kind = AR_STR("preview");
    ret->tag = tag.len ? tag : ret->language;
    return read_options(call, ret) &&
           ar_call_args_of(call, ar_get_z(&body, "args"), &words, &ret->args) &&
           !refuse_entrypoint(call, words);
}

bool ar_call_new_job(struct ar_call *call, enum ar_run_what what, struct ar_job *ret)
{
    struct ar_script script;
    if (what == AR_RUN_PREVIEW) {
        return preview_job(call, ret);
    }
    return find_script(call, what, &script) && script_job(call, &script, ret);
}

bool ar_call_submit(struct ar_call *call, struct ar_job *job)
{
    enum arras_status status = ar_queue_submit(call->api->queue, job, call->arena, &call->diags);
    if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 400, "Bad request: Job with id %.*s already exists",
                        AR_STR_ARG(job->id));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}
