/* Starting a job and waiting for its result: run_wait_result. */
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/api/job_json.h"
#include "jobs/api/new_job.h"
#include "jobs/api/result_answer.h"
#include "jobs/api/route.h"

struct waiting {
    struct ar_call call; /* as the handler had it */
    struct arras_str id;
    struct ar_watch watch;
    int64_t seconds, until; /* monotonic */
    bool stopping;          /* the server: the job goes on at its next start */
};

static bool answer(void *context, bool stopping, int64_t *until, struct ar_server_response *ret)
{
    struct waiting *w = context;
    struct ar_call *call = &w->call;
    struct ar_store *store = call->api->store;
    struct ar_mark mark = ar_arena_mark(call->arena);
    struct ar_job job;
    w->stopping = stopping;
    call->response = ret;
    enum arras_status status =
        ar_store_job_get(store, call->workspace, w->id, call->arena, &call->diags, &job);
    if (status) {
        ar_answer_failed(call, status);
        return true;
    }
    if (ar_job_completed(&job)) {
        ar_answer_result(call, &job);
        ar_job_used(call, &job);
        return true;
    }
    if (ar_clock_now(ar_clock_system()) >= w->until) {
        ar_answer_textf(call, 500, "timeout after %llds", (long long)w->seconds);
        return true;
    }
    ar_arena_rewind(call->arena, mark);
    *until = w->until;
    return false;
}

/* A client that does not wait any more does not want the result. */
static void end(void *context, bool complete)
{
    struct waiting *w = context;
    struct ar_queue *queue = w->call.api->queue;
    ar_queue_unwatch(queue, &w->watch);
    if (complete || w->stopping) {
        return;
    }
    if (ar_queue_cancel(queue, w->call.workspace, w->id, w->call.user.username,
                        AR_STR("http connection broke"), NULL)) {
        return; /* it has ended meanwhile, or the store says no to everything */
    }
}

static void wait_for(struct ar_call *call, struct arras_str id)
{
    struct waiting *w = ar_arena_alloc(call->arena, sizeof(*w));
    const struct ar_server_request *request = call->request;
    if (!w) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    *w = (struct waiting){.call = *call, .id = id};
    w->seconds = call->api->wait_seconds ? call->api->wait_seconds : AR_API_WAIT_SECONDS;
    w->until = ar_clock_now(ar_clock_system()) + w->seconds * AR_SECOND;
    w->watch =
        (struct ar_watch){.job = id, .tell = request->wake, .context = request->wake_context};
    ar_queue_watch(call->api->queue, &w->watch);
    call->response->later = (struct ar_server_later){.answer = answer, .end = end, .context = w};
}

static void run(struct ar_call *call, enum ar_run_what what)
{
    struct ar_job job;
    if (!ar_call_new_job(call, what, &job)) {
        return;
    }
    job.awaited = true;
    if (ar_call_submit(call, &job)) {
        wait_for(call, job.id);
    }
}

void ar_api_wait_script_by_path(struct ar_call *call)
{
    run(call, AR_RUN_PATH);
}

void ar_api_wait_script_by_hash(struct ar_call *call)
{
    run(call, AR_RUN_HASH);
}

void ar_api_wait_preview(struct ar_call *call)
{
    run(call, AR_RUN_PREVIEW);
}
