/* What is new about a job: asked for once, or streamed as it happens (server-sent events). */
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/api/job_json.h"
#include "jobs/api/job_update.h"
#include "jobs/api/new_job.h"
#include "jobs/api/route.h"
#include "value/json.h"

void ar_api_get_updates(struct ar_call *call)
{
    struct ar_job job;
    struct ar_writer w;
    struct ar_update_options options;
    struct ar_update_news news;
    bool found;
    if (!ar_update_options_read(call, &options) || !ar_call_job(call, &job, &found)) {
        return;
    }
    if (!found) {
        ar_answer_textf(call, 404, "Not found: Job %.*s not found", AR_STR_ARG(call->tail));
        return;
    }
    ar_writer_init(&w, call->arena);
    enum arras_status status = ar_update_write(call, &job, &options, &w, &news);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_object(call, 200, &w);
    }
}

struct streaming {
    struct ar_call call; /* as the handler had it */
    struct arras_str id;
    struct ar_update_options options; /* what the client knows by now */
    struct ar_watch watch;
    bool begun;
    bool submitted;             /* for this client, which the job's result is for */
    int64_t ends, silent_since; /* monotonic */
};

static void add_frame(struct ar_buf *piece, const struct arras_value *value)
{
    ar_buf_add_z(piece, "data: ");
    ar_json_write(piece, value, ARRAS_WRITE_COMPACT);
    ar_buf_add_z(piece, "\n\n");
}

/* What a client is to know before the job as a whole. */
static enum arras_status put_job(struct streaming *s, const struct ar_job *job,
                                 struct ar_writer *update)
{
    struct ar_writer w;
    struct arras_value value;
    if (!ar_job_completed(job) || s->options.only_result) {
        return ARRAS_OK;
    }
    ar_writer_init(&w, s->call.arena);
    enum arras_status status =
        ar_job_write(&s->call, job, AR_SHOW_TYPE | AR_SHOW_ARGS | AR_SHOW_RESULT, &w);
    if (!status) {
        status = ar_writer_value(&w, &value);
    }
    if (!status) {
        ar_put(update, "job", value);
    }
    return status;
}

/* A frame where something is new. */
static enum arras_status add_update(struct streaming *s, const struct ar_job *job,
                                    struct ar_buf *piece)
{
    struct ar_writer w;
    struct arras_value value;
    struct ar_update_news news;
    ar_writer_init(&w, s->call.arena);
    ar_put_text(&w, "type", AR_STR("update"));
    enum arras_status status = ar_update_write(&s->call, job, &s->options, &w, &news);
    if (!status) {
        status = put_job(s, job, &w);
    }
    if (!status) {
        status = ar_writer_value(&w, &value);
    }
    bool started = job->state == AR_JOB_RUNNING && !s->options.running;
    bool moved = news.progress != s->options.progress;
    bool grew = news.log.len || news.stream.len;
    if (!status && (!s->begun || started || moved || grew || ar_job_completed(job))) {
        add_frame(piece, &value);
    }
    s->options.running = s->options.running || started;
    s->options.log_offset = news.log_offset;
    s->options.stream_offset = news.stream_offset;
    s->options.progress = news.progress;
    s->begun = true;
    return status;
}

/* True: that was the last. */
static bool add_news(struct streaming *s, struct ar_buf *piece)
{
    struct ar_store *store = s->call.api->store;
    struct ar_job job;
    enum arras_status status =
        ar_store_job_get(store, s->call.workspace, s->id, s->call.arena, &s->call.diags, &job);
    if (status == ARRAS_NOT_FOUND) {
        ar_buf_add_z(piece, "data: {\"type\":\"notfound\"}\n\n");
        return true;
    }
    if (!status) {
        status = add_update(s, &job, piece);
    }
    if (status) {
        ar_buf_add_z(piece, "data: {\"type\":\"error\",\"error\":\"");
        ar_buf_add_z(piece, arras_status_meaning(status));
        ar_buf_add_z(piece, "\"}\n\n");
    }
    if (!status && s->submitted && ar_job_completed(&job)) {
        ar_job_used(&s->call, &job);
    }
    return status || ar_job_completed(&job);
}

static bool stream(void *context, bool stopping, int64_t *until, struct ar_buf *piece)
{
    struct streaming *s = context;
    struct ar_mark mark = ar_arena_mark(s->call.arena);
    int64_t now = ar_clock_now(ar_clock_system());
    bool last = add_news(s, piece);
    ar_arena_rewind(s->call.arena, mark);
    if (!last && (stopping || now >= s->ends)) {
        ar_buf_add_z(piece, "data: {\"type\":\"timeout\"}\n\n");
        last = true;
    }
    if (!piece->len && now - s->silent_since >= AR_API_PING_SECONDS * AR_SECOND) {
        ar_buf_add_z(piece, "data: {\"type\":\"ping\"}\n\n");
    }
    s->silent_since = piece->len ? now : s->silent_since;
    int64_t ping = s->silent_since + AR_API_PING_SECONDS * AR_SECOND;
    *until = ping < s->ends ? ping : s->ends;
    return last;
}

static void end(void *context, bool complete)
{
    struct streaming *s = context;
    (void)complete;
    ar_queue_unwatch(s->call.api->queue, &s->watch);
}

/* Proxies are told not to hold it back. */
static bool set_headers(struct ar_call *call)
{
    struct ar_headers *all = &call->response->headers;
    struct ar_header *items = ar_arena_array(call->arena, all->count + 2, sizeof(*items));
    if (!items) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    memcpy(items, all->items, all->count * sizeof(*items));
    items[all->count] = (struct ar_header){AR_STR("X-Accel-Buffering"), AR_STR("no")};
    items[all->count + 1] = (struct ar_header){AR_STR("Cache-Control"), AR_STR("no-cache")};
    *all = (struct ar_headers){items, all->count + 2};
    return true;
}

static void stream_job(struct ar_call *call, struct arras_str id,
                       const struct ar_update_options *options, bool submitted)
{
    struct streaming *s = ar_arena_alloc(call->arena, sizeof(*s));
    const struct ar_server_request *request = call->request;
    if (!s) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    if (!set_headers(call)) {
        return;
    }
    int64_t seconds = call->api->stream_seconds ? call->api->stream_seconds : AR_API_STREAM_SECONDS;
    *s = (struct streaming){.call = *call, .id = id, .options = *options, .submitted = submitted};
    s->silent_since = ar_clock_now(ar_clock_system());
    s->ends = s->silent_since + seconds * AR_SECOND;
    s->watch = (struct ar_watch){
        .job = id, .progress = true, .tell = request->wake, .context = request->wake_context};
    ar_queue_watch(call->api->queue, &s->watch);
    call->response->status = 200;
    call->response->content_type = "text/event-stream";
    call->response->later = (struct ar_server_later){.stream = stream, .end = end, .context = s};
}

void ar_api_stream_updates(struct ar_call *call)
{
    struct ar_update_options options;
    if (ar_update_options_read(call, &options) && ar_call_job_id(call)) {
        stream_job(call, call->tail, &options, false);
    }
}

static void run(struct ar_call *call, enum ar_run_what what)
{
    const struct ar_update_options options = {.only_result = false};
    struct ar_job job;
    if (!ar_call_new_job(call, what, &job)) {
        return;
    }
    job.awaited = true;
    if (ar_call_submit(call, &job)) {
        stream_job(call, job.id, &options, true);
    }
}

void ar_api_stream_script_by_path(struct ar_call *call)
{
    run(call, AR_RUN_PATH);
}

void ar_api_stream_script_by_hash(struct ar_call *call)
{
    run(call, AR_RUN_HASH);
}
