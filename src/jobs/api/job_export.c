#include "base/limits.h"
#include "jobs/api/job_json.h"
#include "jobs/api/job_move.h"

static void put_int_if(struct ar_writer *w, const char *name, int64_t number)
{
    if (number) {
        ar_put_int(w, name, number);
    }
}

static void put_time_if(struct ar_writer *w, const char *name, int64_t time)
{
    if (time) {
        ar_put_time(w, name, time);
    }
}

static void put_json_if(struct ar_writer *w, const char *name, struct arras_str json)
{
    if (json.len) {
        ar_put_json(w, name, json);
    }
}

static void put_texts(const struct ar_job *job, struct ar_writer *w)
{
    const struct {
        const char *name;
        struct arras_str text;
    } texts[] = {
        {"parent_job", job->parent_job},
        {"flow_innermost_root_job", job->root_job},
        {"script_path", job->script_path},
        {"script_hash", job->script_hash},
        {"script_entrypoint_override", job->entrypoint},
        {"canceled_by", job->canceled_by},
        {"canceled_reason", job->canceled_reason},
        {"language", job->language},
        {"worker", job->worker},
        {"trigger", job->schedule_path},
        {"trigger_kind", job->schedule_path.len ? AR_STR("schedule") : AR_STR("")},
        {"raw_code", ar_str_is(job->kind, "preview") ? job->code : AR_STR("")},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        ar_put_text_if(w, texts[i].name, texts[i].text);
    }
}

static void put_end(const struct ar_job *job, struct ar_writer *w)
{
    static const char *const names[] = {
        [AR_JOB_SUCCESS] = "success", [AR_JOB_FAILURE] = "failure", [AR_JOB_CANCELED] = "canceled"};
    ar_put_time(w, "completed_at", job->completed_at);
    ar_put_int(w, "duration_ms", ar_job_duration(job));
    ar_put_text(w, "status", ar_str_z(names[job->state]));
    ar_put_bool(w, "is_skipped", false);
    put_json_if(w, "result", job->result);
    if (job->deleted) {
        ar_put_bool(w, "deleted", true);
    }
}

enum arras_status ar_job_export(struct ar_call *call, const struct ar_job *job, struct ar_writer *w)
{
    struct arras_str log;
    enum arras_status status =
        ar_store_log_get(call->api->store, job->id, 0, call->arena, &call->diags, &log);
    if (status) {
        return status;
    }
    ar_put_text(w, "id", job->id);
    ar_put_text(w, "created_by", job->created_by);
    ar_put_time(w, "created_at", job->created_at);
    ar_put_time(w, "scheduled_for", job->scheduled_for);
    put_time_if(w, "started_at", job->started_at);
    ar_put_text(w, "job_kind", job->kind);
    ar_put_text(w, "permissioned_as", job->permissioned_as);
    ar_put_text(w, "permissioned_as_email", job->email);
    ar_put_text(w, "email", job->email);
    ar_put_text(w, "tag", job->tag);
    ar_put_bool(w, "visible_to_owner", !job->hidden);
    ar_put_bool(w, "is_flow_step", false);
    put_texts(job, w);
    if (job->preprocess) {
        ar_put_bool(w, "preprocessed", ar_job_completed(job));
    }
    put_json_if(w, "args", job->args);
    put_json_if(w, "labels", job->labels);
    ar_put_text_if(w, "logs", log);
    put_int_if(w, "mem_peak", job->memory_peak);
    put_int_if(w, "priority", job->priority);
    put_int_if(w, "timeout", job->timeout);
    put_int_if(w, "cache_ttl", job->cache_ttl);
    if (ar_job_completed(job)) {
        put_end(job, w);
    }
    return w->status;
}
