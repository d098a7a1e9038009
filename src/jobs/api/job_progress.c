/* How far a job says that it is: windmill-client's setProgress. */
#include "jobs/api/item.h"
#include "jobs/api/job_json.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "value/number.h"

enum { PERCENT_MOST = 100 };

/* False: answered. */
static bool find(struct ar_call *call, struct ar_job *ret)
{
    bool found;
    if (!ar_call_job(call, ret, &found)) {
        return false;
    }
    if (!found) {
        ar_answer_textf(call, 404, "Not found: Job %.*s not found", AR_STR_ARG(call->tail));
    }
    return found;
}

/* {"percent": 1 to 100}; `flow_job_id` is passed over: there are no flows. */
static bool read_percent(struct ar_call *call, int64_t *ret)
{
    struct arras_value body;
    if (!ar_item_body(call, &body)) {
        return false;
    }
    const struct arras_value *percent = ar_get_z(&body, "percent");
    if (!ar_is(percent, ARRAS_NUMBER) || !ar_number_to_int64(ar_text(percent), ret) || *ret < 0 ||
        *ret > PERCENT_MOST) {
        ar_answer_textf(call, 400, "Bad request: percent: expected an integer from 0 to %d",
                        PERCENT_MOST);
        return false;
    }
    return true;
}

void ar_api_set_progress(struct ar_call *call)
{
    struct ar_job job;
    int64_t percent;
    if (!read_percent(call, &percent) || !find(call, &job) || !ar_call_ends_job(call, &job)) {
        return;
    }
    enum arras_status status = ar_store_job_progress_set(call->api->store, call->workspace,
                                                         call->tail, percent, &call->diags);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 400, "Bad request: job %.*s has ended", AR_STR_ARG(call->tail));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_queue_log_grew(call->api->queue, call->tail);
        ar_answer_json_text(call, 200, AR_STR("null"));
    }
}

/* null where it says nothing. */
void ar_api_get_progress(struct ar_call *call)
{
    struct ar_job job;
    int64_t percent;
    struct arras_str text = AR_STR("null");
    if (!find(call, &job)) {
        return;
    }
    enum arras_status status =
        ar_store_job_progress(call->api->store, job.id, &call->diags, &percent);
    if (!status && percent && !ar_str_printf(call->arena, &text, "%lld", (long long)percent)) {
        status = ARRAS_NO_MEMORY;
    }
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, text);
    }
}
