/* Cancelling and deleting jobs. */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/job_json.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/uuid.h"

/* {"reason": TEXT}; false: answered. */
static bool read_reason(struct ar_call *call, struct arras_str *ret)
{
    struct arras_value body;
    *ret = (struct arras_str){NULL, 0};
    if (!ar_call_json_body(call, true, &body) || !ar_member_text(call, &body, "reason", ret)) {
        return false;
    }
    if (ret->len == 0) {
        *ret = AR_STR("unexplicited reasons");
    }
    return true;
}

static void answer_canceled(struct ar_call *call, const char *operation, enum arras_status status)
{
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: queued job id %.*s does not exist",
                        AR_STR_ARG(call->tail));
    } else if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 200, "queued job id %.*s is already completed",
                        AR_STR_ARG(call->tail));
    } else if (status == ARRAS_UNSUPPORTED) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: this is the next occurrence of a schedule: disable the "
                              "schedule instead"));
    } else if (status) {
        ar_answer_failed(call, status);
    } else if (ar_audit(call, operation, AR_AUDIT_DELETE, call->tail, NULL)) {
        ar_answer_text(call, 200, call->tail);
    }
}

/* Whether there was nothing to cancel: what is passed over where many are to be. */
static bool not_cancelable(enum arras_status status)
{
    return status == ARRAS_NOT_FOUND || status == ARRAS_CONFLICT || status == ARRAS_UNSUPPORTED;
}

void ar_api_cancel_job(struct ar_call *call)
{
    struct arras_str reason;
    struct ar_job job;
    bool found = false;
    if (!ar_call_job_id(call) || !read_reason(call, &reason) || !ar_call_job(call, &job, &found)) {
        return;
    }
    if (!found || ar_call_ends_job(call, &job)) {
        answer_canceled(call, "jobs.cancel",
                        ar_queue_cancel(call->api->queue, call->workspace, call->tail,
                                        call->user.username, reason, &call->diags));
    }
}

/* From a job to the one that all of this began with, as far as parents wait or run. False:
 * answered. */
static bool find_top(struct ar_call *call, struct ar_job *job)
{
    struct ar_job parent;
    enum arras_status status = ARRAS_OK;
    for (int i = 0; !status && job->parent_job.len && i < AR_JOB_ANCESTORS; i++) {
        status = ar_store_job_get(call->api->store, call->workspace, job->parent_job, call->arena,
                                  &call->diags, &parent);
        if (!status && ar_job_completed(&parent)) {
            status = ARRAS_NOT_FOUND;
        }
        if (!status) {
            *job = parent;
        }
    }
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return false;
    }
    return true;
}

void ar_api_force_cancel_job(struct ar_call *call)
{
    struct arras_str reason;
    struct ar_job job = {.id = call->tail};
    bool found = false;
    if (!ar_call_job_id(call) || !read_reason(call, &reason) || !ar_call_job(call, &job, &found)) {
        return;
    }
    if (found && (!find_top(call, &job) || !ar_call_ends_job(call, &job))) {
        return;
    }
    answer_canceled(call, "jobs.force_cancel",
                    ar_queue_force_cancel(call->api->queue, call->workspace,
                                          found ? job.id : call->tail, call->user.username, reason,
                                          &call->diags));
}

/* NOT_FOUND where the caller may not. */
static enum arras_status cancel_one(struct ar_call *call, struct arras_str id)
{
    struct ar_store *store = call->api->store;
    struct ar_job job;
    enum arras_status status =
        ar_store_job_get(store, call->workspace, id, call->arena, &call->diags, &job);
    if (!status && !ar_call_may_end_job(call, &job)) {
        status = ARRAS_NOT_FOUND;
    }
    return status ? status
                  : ar_queue_cancel(call->api->queue, call->workspace, id, call->user.username,
                                    AR_STR("unexplicited reasons"), &call->diags);
}

/* The jobs of a body that is an array of ids; *ret_ids gets those that were ended or are asked to
 * end. */
static bool cancel_each(struct ar_call *call, const struct arras_value *ids,
                        struct ar_list *ret_ids)
{
    for (uint32_t i = 0; i < ids->count; i++) {
        struct arras_str id;
        bool valid;
        if (!ar_uuid_read(ar_text(&ids->items[i]), call->arena, &id, &valid)) {
            ar_answer_failed(call, ARRAS_NO_MEMORY);
            return false;
        }
        enum arras_status status = valid ? cancel_one(call, id) : ARRAS_NOT_FOUND;
        if (status == ARRAS_OK && !ar_audit(call, "jobs.cancel", AR_AUDIT_DELETE, id, NULL)) {
            return false;
        }
        if (status == ARRAS_OK && !ar_list_push(ret_ids, ar_string(id))) {
            status = ARRAS_NO_MEMORY;
        }
        if (status && !not_cancelable(status)) {
            ar_answer_failed(call, status);
            return false;
        }
    }
    return true;
}

void ar_api_cancel_selection(struct ar_call *call)
{
    struct arras_value body;
    struct ar_list ids;
    if (!ar_call_json_body(call, false, &body)) {
        return;
    }
    if (!ar_is(&body, ARRAS_ARRAY) || body.count > AR_JOB_LIST_MOST) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: expected an "
                        "array of at most %d job ids",
                        AR_JOB_LIST_MOST);
        return;
    }
    ar_list_init(&ids, call->arena);
    if (cancel_each(call, &body, &ids)) {
        struct arras_value value = ar_list_value(&ids);
        ar_answer_json(call, 200, &value);
    }
}

/* All jobs of a script that wait or run. */
void ar_api_cancel_persistent(struct ar_call *call)
{
    struct ar_job_filter filter = {.workspace = call->workspace,
                                   .running = -1,
                                   .completed = 0,
                                   .success = -1,
                                   .limit = AR_JOB_LIST_MOST};
    struct ar_job_list jobs = {0};
    struct arras_str reason;
    if (!read_reason(call, &reason)) {
        return;
    }
    enum arras_status status =
        ar_str_printf(call->arena, &filter.script_path.list, ",%.*s,", AR_STR_ARG(call->tail))
            ? ar_store_job_list(call->api->store, &filter, call->arena, &call->diags, &jobs)
            : ARRAS_NO_MEMORY;
    for (size_t i = 0; !status && i < jobs.list.count; i++) {
        if (!ar_call_may_end_job(call, &jobs.list.items[i])) {
            continue;
        }
        status = ar_queue_cancel(call->api->queue, call->workspace, jobs.list.items[i].id,
                                 call->user.username, reason, &call->diags);
        if (not_cancelable(status)) {
            status = ARRAS_OK;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
    } else if (ar_audit(call, "jobs.cancel", AR_AUDIT_DELETE, call->tail, NULL)) {
        ar_answer_text(call, 200, AR_STR("persistent job scaled down to zero"));
    }
}

void ar_api_delete_job(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_job job;
    bool found = false;
    if (!ar_call_job_id(call) || !ar_call_is_admin(call)) {
        return;
    }
    enum arras_status status =
        ar_store_job_delete(store, call->workspace, call->tail, &call->diags);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return;
    }
    if (!status && !ar_call_job(call, &job, &found)) {
        return;
    }
    if (found && !ar_audit(call, "jobs.delete", AR_AUDIT_DELETE, call->tail, NULL)) {
        return;
    }
    if (found) {
        ar_answer_job(call, &job, AR_SHOW_ARGS | AR_SHOW_RESULT);
    } else {
        ar_answer_textf(call, 404, "Not found: Completed Job not found at name %.*s",
                        AR_STR_ARG(call->tail));
    }
}
