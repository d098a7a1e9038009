#include "jobs/api/job_json.h"
#include "jobs/api/rights.h"

bool ar_job_completed(const struct ar_job *job)
{
    return job->state == AR_JOB_SUCCESS || job->state == AR_JOB_FAILURE ||
           job->state == AR_JOB_CANCELED;
}

static enum arras_status put_logs(struct ar_call *call, const struct ar_job *job,
                                  struct ar_writer *w)
{
    struct ar_store *store = call->api->store;
    struct arras_str log;
    int64_t end;
    enum arras_status status =
        ar_store_log_part(store, job->id, -AR_JOB_LOG_SHOWN, call->arena, &call->diags, &log, &end);
    if (!status && (log.len || ar_job_completed(job))) {
        ar_put_text(w, "logs", log);
    }
    return status;
}

static void put_args(const struct ar_job *job, int shown, struct ar_writer *w)
{
    struct ar_writer too_big;
    struct arras_value value = ar_null();
    if (!(shown & AR_SHOW_ARGS) || job->args.len == 0) {
        ar_put_null(w, "args");
    } else if (!(shown & AR_SHOW_RESULT) && job->args.len > AR_JOB_LISTED_MOST) {
        ar_writer_init(&too_big, w->arena);
        ar_put_text(&too_big, "reason", AR_STR("WINDMILL_TOO_BIG"));
        enum arras_status status = ar_writer_value(&too_big, &value);
        w->status = w->status ? w->status : status;
        ar_put(w, "args", value);
    } else {
        ar_put_json(w, "args", job->args);
    }
}

static void put_result(const struct ar_job *job, struct ar_writer *w)
{
    if (job->result.len) {
        ar_put_json(w, "result", job->result);
    }
}

static void put_canceled(const struct ar_job *job, struct ar_writer *w)
{
    ar_put_bool(w, "canceled", job->state == AR_JOB_CANCELED || job->cancel_requested);
    ar_put_text_if(w, "canceled_by", job->canceled_by);
    ar_put_text_if(w, "canceled_reason", job->canceled_reason);
}

static void put_origin(const struct ar_job *job, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", job->workspace);
    ar_put_text(w, "id", job->id);
    ar_put_text_if(w, "parent_job", job->parent_job);
    ar_put_text(w, "created_by", job->created_by);
    ar_put_time(w, "created_at", job->created_at);
}

int64_t ar_job_duration(const struct ar_job *job)
{
    int64_t from = job->started_at ? job->started_at : job->completed_at;
    /* the machine's clock may have been set back meanwhile */
    return from < job->completed_at ? (job->completed_at - from) / 1000 : 0;
}

static enum arras_status write_completed(struct ar_call *call, const struct ar_job *job, int shown,
                                         struct ar_writer *w)
{
    put_origin(job, w);
    ar_put_time(w, "started_at", job->started_at);
    ar_put_time(w, "completed_at", job->completed_at);
    ar_put_int(w, "duration_ms", ar_job_duration(job));
    ar_put_bool(w, "success", job->state == AR_JOB_SUCCESS);
    ar_put_text_if(w, "script_hash", job->script_hash);
    ar_put_text_if(w, "script_path", job->script_path);
    put_args(job, shown, w);
    if (shown & AR_SHOW_RESULT) {
        put_result(job, w);
    }
    ar_put_null(w, "result_columns");
    enum arras_status status =
        (shown & AR_SHOW_LOGS) && !job->deleted ? put_logs(call, job, w) : ARRAS_OK;
    ar_put_bool(w, "deleted", job->deleted);
    put_canceled(job, w);
    ar_put_text(w, "job_kind", job->kind);
    ar_put_text_if(w, "schedule_path", job->schedule_path);
    ar_put_text(w, "permissioned_as", job->permissioned_as);
    ar_put_bool(w, "is_flow_step", false);
    ar_put_text_if(w, "language", job->language);
    ar_put_bool(w, "is_skipped", false);
    ar_put_text(w, "email", job->email);
    ar_put_bool(w, "visible_to_owner", !job->hidden);
    if (job->memory_peak) {
        ar_put_int(w, "mem_peak", job->memory_peak);
    }
    ar_put_text(w, "tag", job->tag);
    if (job->labels.len) {
        ar_put_json(w, "labels", job->labels);
    }
    return status;
}

static enum arras_status write_queued(struct ar_call *call, const struct ar_job *job, int shown,
                                      struct ar_writer *w)
{
    put_origin(job, w);
    if (job->started_at) {
        ar_put_time(w, "started_at", job->started_at);
    }
    ar_put_time(w, "scheduled_for", job->scheduled_for);
    ar_put_bool(w, "running", job->state == AR_JOB_RUNNING);
    ar_put_text_if(w, "script_hash", job->script_hash);
    ar_put_text_if(w, "script_path", job->script_path);
    if (job->entrypoint.len) {
        ar_put_text(w, "script_entrypoint_override", job->entrypoint);
    } else {
        ar_put_null(w, "script_entrypoint_override");
    }
    put_args(job, shown, w);
    enum arras_status status = shown & AR_SHOW_LOGS ? put_logs(call, job, w) : ARRAS_OK;
    put_canceled(job, w);
    ar_put_text(w, "job_kind", job->kind);
    ar_put_text_if(w, "schedule_path", job->schedule_path);
    ar_put_text(w, "permissioned_as", job->permissioned_as);
    ar_put_bool(w, "is_flow_step", false);
    ar_put_text_if(w, "language", job->language);
    ar_put_bool(w, "same_worker", false);
    ar_put_text(w, "email", job->email);
    ar_put_bool(w, "visible_to_owner", !job->hidden);
    if (job->memory_peak) {
        ar_put_int(w, "mem_peak", job->memory_peak);
    }
    ar_put_text_if(w, "root_job", job->root_job);
    ar_put_text(w, "tag", job->tag);
    if (job->cache_ttl) {
        ar_put_int(w, "cache_ttl", job->cache_ttl);
    }
    if (job->timeout) {
        ar_put_int(w, "timeout", job->timeout);
    }
    return status;
}

enum arras_status ar_job_write(struct ar_call *call, const struct ar_job *job, int shown,
                               struct ar_writer *writer)
{
    bool completed = ar_job_completed(job);
    if (shown & AR_SHOW_TYPE) {
        ar_put_text(writer, "type", completed ? AR_STR("CompletedJob") : AR_STR("QueuedJob"));
    }
    enum arras_status status = completed ? write_completed(call, job, shown, writer)
                                         : write_queued(call, job, shown, writer);
    if (job->preprocess) {
        ar_put_bool(writer, "preprocessed", completed);
    }
    if ((shown & AR_SHOW_CODE) && ar_str_is(job->kind, "preview")) {
        ar_put_text_if(writer, "raw_code", job->code);
    }
    ar_put_text_if(writer, "worker", job->worker);
    return status;
}

void ar_job_used(struct ar_call *call, const struct ar_job *job)
{
    if (!job->awaited || job->redact_after != 1 || job->redact_at == AR_JOB_REDACTED) {
        return;
    }
    if (ar_store_job_redact(call->api->store, job->id, &call->diags)) {
        return; /* the queue does it in a moment */
    }
}

void ar_answer_job(struct ar_call *call, const struct ar_job *job, int shown)
{
    struct ar_writer writer;
    ar_writer_init(&writer, call->arena);
    enum arras_status status = ar_job_write(call, job, shown, &writer);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_object(call, 200, &writer);
    }
}

bool ar_call_job(struct ar_call *call, struct ar_job *ret, bool *ret_found)
{
    struct ar_store *store = call->api->store;
    if (!ar_call_job_id(call)) {
        return false;
    }
    enum arras_status status =
        ar_store_job_get(store, call->workspace, call->tail, call->arena, &call->diags, ret);
    *ret_found = status == ARRAS_OK;
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return false;
    }
    return status || ar_call_sees_job(call, ret);
}
