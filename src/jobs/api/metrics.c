/* GET /metrics: what Prometheus reads. */
#include "base/limits.h"
#include "jobs/api/route.h"

void ar_api_metrics(struct ar_call *call)
{
    struct ar_gauges gauges;
    struct ar_buf buf;
    struct arras_str text;
    enum arras_status status =
        ar_store_job_gauges(call->api->store, ar_store_now(call->api->store), &call->diags,
                            &gauges.due, &gauges.scheduled, &gauges.running);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    ar_metrics_write(call->api->telemetry, &gauges, &buf);
    status = ar_buf_copy(&buf, call->arena, &text);
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_answer_text(call, 200, text);
    call->response->content_type = "text/plain; version=0.0.4; charset=utf-8";
}
