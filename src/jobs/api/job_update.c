#include "jobs/api/job_update.h"
#include "jobs/api/job_json.h"

bool ar_update_options_read(struct ar_call *call, struct ar_update_options *ret)
{
    bool unused = false;
    *ret = (struct ar_update_options){0};
    return ar_param_bool(call, "running", &ret->running) &&
           ar_param_bool(call, "no_logs", &ret->no_logs) &&
           ar_param_bool(call, "only_result", &ret->only_result) &&
           ar_param_int(call, "log_offset", 0, INT64_MAX, &ret->log_offset) &&
           ar_param_int(call, "stream_offset", 0, INT64_MAX, &ret->stream_offset) &&
           ar_param_bool(call, "get_progress", &ret->get_progress) &&
           ar_param_bool(call, "fast", &unused) && ar_param_bool(call, "is_flow", &unused);
}

/* Offsets are those of PostgreSQL's substr: characters from 1, where 0 is the first as well; the
 * one that is returned stands behind the last character. */
static enum arras_status put_new_logs(struct ar_call *call, const struct ar_job *job,
                                      int64_t offset, struct ar_writer *w,
                                      struct ar_update_news *ret)
{
    struct ar_store *store = call->api->store;
    int64_t end;
    enum arras_status status = ar_store_log_part(store, job->id, offset > 0 ? offset - 1 : 0,
                                                 call->arena, &call->diags, &ret->log, &end);
    if (!status && (end || job->state != AR_JOB_QUEUED)) { /* no log yet: nothing to say of it */
        ret->log_offset = end + 1;
        ar_put_text(w, "new_logs", ret->log);
        ar_put_int(w, "log_offset", ret->log_offset);
    }
    return status;
}

/* Most jobs have none. */
static enum arras_status put_stream(struct ar_call *call, const struct ar_job *job, int64_t offset,
                                    struct ar_writer *w, struct ar_update_news *ret)
{
    struct ar_store *store = call->api->store;
    int64_t end = 0;
    enum arras_status status = ar_store_stream_part(store, job->id, offset > 0 ? offset - 1 : 0,
                                                    call->arena, &call->diags, &ret->stream, &end);
    if (!status && end) {
        ret->stream_offset = end + 1;
        ar_put_text(w, "new_result_stream", ret->stream);
        ar_put_int(w, "stream_offset", ret->stream_offset);
    }
    return status;
}

static enum arras_status put_progress(struct ar_call *call, const struct ar_job *job,
                                      struct ar_writer *w, struct ar_update_news *ret)
{
    enum arras_status status =
        ar_store_job_progress(call->api->store, job->id, &call->diags, &ret->progress);
    if (!status && ret->progress) {
        ar_put_int(w, "progress", ret->progress);
    }
    return status;
}

enum arras_status ar_update_write(struct ar_call *call, const struct ar_job *job,
                                  const struct ar_update_options *options, struct ar_writer *w,
                                  struct ar_update_news *ret)
{
    bool completed = ar_job_completed(job);
    enum arras_status status = ARRAS_OK;
    *ret = (struct ar_update_news){.log_offset = options->log_offset,
                                   .stream_offset = options->stream_offset};
    if (options->only_result) {
        if (completed) {
            ar_put_bool(w, "completed", true);
            ar_put_json(w, "only_result", job->result.len ? job->result : AR_STR("null"));
        }
        return put_stream(call, job, options->stream_offset, w, ret);
    }
    if (completed || (job->state == AR_JOB_RUNNING && !options->running)) {
        ar_put_bool(w, "running", !completed);
    }
    ar_put_bool(w, "completed", completed);
    if (!options->no_logs) {
        status = put_new_logs(call, job, options->log_offset, w, ret);
    }
    if (!status) {
        status = put_stream(call, job, options->stream_offset, w, ret);
    }
    if (job->memory_peak) {
        ar_put_int(w, "mem_peak", job->memory_peak);
    }
    return status || !options->get_progress ? status : put_progress(call, job, w, ret);
}
