/* Many jobs at once: add_batch_jobs, what Windmill measures itself by. Super admins. */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/item.h"
#include "jobs/api/new_job.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/language/language.h"
#include "value/number.h"

static bool read_raw(struct ar_call *call, const struct arras_value *body, struct ar_job *job)
{
    const struct arras_value *raw = ar_get_z(body, "rawscript");
    if (!ar_is(raw, ARRAS_OBJECT)) {
        ar_answer_text(call, 400, AR_STR("Bad request: kind rawscript needs a rawscript"));
        return false;
    }
    if (!ar_member_text(call, raw, "content", &job->code) ||
        !ar_member_text(call, raw, "path", &job->script_path) ||
        !ar_member_text(call, raw, "language", &job->language)) {
        return false;
    }
    if (job->code.len == 0 || ar_str_has_nul(job->code) || !ar_language_find(job->language)) {
        ar_answer_text(call, 400, AR_STR("Bad request: this server cannot run that rawscript"));
        return false;
    }
    job->kind = AR_STR("preview");
    job->tag = job->language;
    return true;
}

/* {"kind": "script" with "path", "rawscript" with "rawscript", or "noop"; "tag"}. */
static bool read_batch(struct ar_call *call, const struct arras_value *body, struct ar_job *job)
{
    struct arras_str kind = {NULL, 0}, tag = {NULL, 0}, path = {NULL, 0};
    if (!ar_member_text(call, body, "kind", &kind) || !ar_member_text(call, body, "tag", &tag) ||
        !ar_member_text(call, body, "path", &path)) {
        return false;
    }
    if (ar_str_ends(kind, "flow")) {
        ar_api_no_flows(call);
        return false;
    }
    bool made = false;
    if (ar_str_is(kind, "script")) {
        call->tail = path;
        made = ar_call_job_with(call, AR_RUN_PATH, AR_STR("{}"), AR_STR(""), job);
    } else if (ar_str_is(kind, "rawscript")) {
        made = ar_call_job_of_user(call, job) && read_raw(call, body, job);
    } else if (ar_str_is(kind, AR_KIND_NOOP)) {
        made = ar_call_job_of_user(call, job);
        job->kind = kind;
        job->tag = AR_STR("other");
    } else {
        ar_answer_text(call, 400, AR_STR("Bad request: kind: expected script, rawscript or noop"));
    }
    job->tag = tag.len ? tag : job->tag;
    job->args = AR_STR("{}");
    return made;
}

static void answer_ids(struct ar_call *call, const struct ar_job *jobs, size_t count)
{
    struct ar_list ids;
    bool pushed = true;
    ar_list_init(&ids, call->arena);
    for (size_t i = 0; i < count && pushed; i++) {
        pushed = ar_list_push(&ids, ar_string(jobs[i].id));
    }
    if (!pushed) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    struct arras_value value = ar_list_value(&ids);
    if (ar_audit(call, "jobs.add_batch", AR_AUDIT_EXECUTE, jobs[0].script_path, NULL)) {
        ar_answer_json(call, 200, &value);
    }
}

void ar_api_add_batch(struct ar_call *call)
{
    struct arras_value body;
    struct ar_job job = {.kind = {NULL, 0}};
    struct arras_str number = call->tail;
    int64_t count = 0;
    if (!ar_call_is_superadmin(call) || !ar_item_body(call, &body)) {
        return;
    }
    if (!ar_str_int(number, &count) || count < 1 || count > AR_JOB_LIST_MOST) {
        ar_answer_textf(call, 400, "Bad request: expected a number of jobs from 1 to %d",
                        AR_JOB_LIST_MOST);
        return;
    }
    if (!read_batch(call, &body, &job)) {
        return;
    }
    struct ar_job *jobs = ar_arena_array(call->arena, (size_t)count, sizeof(*jobs));
    for (int64_t i = 0; jobs && i < count; i++) {
        jobs[i] = job;
    }
    enum arras_status status =
        jobs ? ar_queue_submit_all(call->api->queue, jobs, (size_t)count, call->arena, &call->diags)
             : ARRAS_NO_MEMORY;
    if (status) {
        ar_answer_failed(call, status);
    } else {
        answer_ids(call, jobs, (size_t)count);
    }
}
