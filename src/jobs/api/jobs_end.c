/* Cancelling and deleting jobs. */
#include "jobs/api/job_json.h"
#include "jobs/api/route.h"

void ar_api_cancel_job(struct ar_call *call)
{
    struct arras_value body;
    struct arras_str reason = {NULL, 0};
    if (!ar_call_job_id(call) || !ar_call_json_body(call, true, &body) ||
        !ar_member_text(call, &body, "reason", &reason)) {
        return;
    }
    if (reason.len == 0) {
        reason = AR_STR("unexplicited reasons");
    }
    enum arras_status status = ar_queue_cancel(call->api->queue, call->workspace, call->tail,
                                               call->user.username, reason, &call->diags);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: queued job id %.*s does not exist",
                        AR_STR_ARG(call->tail));
    } else if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 200, "queued job id %.*s is already completed",
                        AR_STR_ARG(call->tail));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_text(call, 200, call->tail);
    }
}

void ar_api_delete_job(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_job job;
    bool found = false;
    if (!ar_call_job_id(call)) {
        return;
    }
    if (!call->user.admin && !call->user.superadmin) {
        ar_answer_textf(call, 403, "Require Admin privileges for %.*s",
                        AR_STR_ARG(call->user.username));
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
    if (found) {
        ar_answer_job(call, &job, AR_SHOW_ARGS | AR_SHOW_RESULT);
    } else {
        ar_answer_textf(call, 404, "Not found: Completed Job not found at name %.*s",
                        AR_STR_ARG(call->tail));
    }
}
