/* Starting jobs. */
#include "jobs/api/args.h"
#include "jobs/api/route.h"

#define SECOND INT64_C(1000000)
#define YEARS_100 (INT64_C(100) * 366 * 24 * 3600)

/* What the query says about the job; false: answered. */
static bool read_options(struct ar_call *call, struct ar_job *job)
{
    int64_t seconds = -1, timeout = 0;
    if (!ar_param_time(call, "scheduled_for", &job->scheduled_for) ||
        !ar_param_int(call, "scheduled_in_secs", 0, YEARS_100, &seconds) ||
        !ar_param_uuid(call, "job_id", &job->id) ||
        !ar_param_uuid(call, "parent_job", &job->parent_job) ||
        !ar_param_text(call, "tag", &job->tag) ||
        !ar_param_int(call, "timeout", 1, INT32_MAX, &timeout)) {
        return false;
    }
    if (seconds >= 0 && !job->scheduled_for) {
        job->scheduled_for = call->now + seconds * SECOND;
    }
    if (timeout) {
        job->timeout = timeout;
    }
    if (job->tag.len && !call->user.superadmin) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: Only super admins are allowed to use tags that are not "
                              "included in the allowed CUSTOM_TAGS: "));
        return false;
    }
    return true;
}

static bool describe(struct ar_call *call, const struct ar_script *script, struct ar_job *ret)
{
    *ret = (struct ar_job){
        .workspace = call->workspace,
        .kind = AR_STR("script"),
        .script_path = script->path,
        .script_hash = script->hash,
        .language = script->language,
        .code = script->content,
        .created_by = call->user.username,
        .email = call->user.email,
        .timeout = script->timeout,
    };
    if (!ar_str_printf(call->arena, &ret->permissioned_as, "u/%.*s",
                       AR_STR_ARG(call->user.username))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    if (!read_options(call, ret)) {
        return false;
    }
    if (ret->tag.len == 0) {
        ret->tag = script->tag.len ? script->tag : script->language;
    }
    return ar_call_args(call, &ret->args);
}

void ar_api_run_script_by_path(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_script script;
    struct ar_job job;
    enum arras_status status = ar_store_script_by_path(store, call->workspace, call->tail,
                                                       call->arena, &call->diags, &script);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: deployed script not found at name %.*s",
                        AR_STR_ARG(call->tail));
        return;
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    if (!describe(call, &script, &job)) {
        return;
    }
    status = ar_queue_submit(call->api->queue, &job, call->arena, &call->diags);
    if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 400, "Bad request: Job with id %.*s already exists",
                        AR_STR_ARG(job.id));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_text(call, 201, job.id);
    }
}
