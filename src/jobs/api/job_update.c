#include "jobs/api/job_update.h"
#include "base/utf8.h"
#include "jobs/api/job_json.h"

bool ar_update_options_read(struct ar_call *call, struct ar_update_options *ret)
{
    int64_t stream_offset = 0;
    bool unused = false;
    *ret = (struct ar_update_options){0};
    /* progress, flows and result streams are not there: their members are left out */
    return ar_param_bool(call, "running", &ret->running) &&
           ar_param_bool(call, "no_logs", &ret->no_logs) &&
           ar_param_bool(call, "only_result", &ret->only_result) &&
           ar_param_int(call, "log_offset", 0, INT64_MAX, &ret->log_offset) &&
           ar_param_int(call, "stream_offset", 0, INT64_MAX, &stream_offset) &&
           ar_param_bool(call, "get_progress", &unused) && ar_param_bool(call, "fast", &unused) &&
           ar_param_bool(call, "is_flow", &unused);
}

/* What stands behind the first `count` characters. */
static struct arras_str behind(struct arras_str text, int64_t count)
{
    size_t at = 0;
    while (count > 0 && at < text.len) {
        ar_utf8_next(text, &at);
        count--;
    }
    return ar_str_from(text, at);
}

/* Offsets are those of PostgreSQL's substr: characters from 1, where 0 is the first as well; the
 * one that is returned stands behind the last character. */
static enum arras_status put_new_logs(struct ar_call *call, const struct ar_job *job,
                                      int64_t offset, struct ar_writer *w,
                                      struct arras_str *ret_log, int64_t *ret_offset)
{
    struct ar_store *store = call->api->store;
    struct arras_str log;
    enum arras_status status = ar_store_log_get(store, job->id, 0, call->arena, &call->diags, &log);
    if (!status) {
        *ret_log = behind(log, offset - 1);
        *ret_offset = (int64_t)ar_utf8_count(log) + 1;
        ar_put_text(w, "new_logs", *ret_log);
        ar_put_int(w, "log_offset", *ret_offset);
    }
    return status;
}

enum arras_status ar_update_write(struct ar_call *call, const struct ar_job *job,
                                  const struct ar_update_options *options, struct ar_writer *w,
                                  struct arras_str *ret_log, int64_t *ret_offset)
{
    bool completed = ar_job_completed(job);
    enum arras_status status = ARRAS_OK;
    *ret_log = (struct arras_str){NULL, 0};
    *ret_offset = options->log_offset;
    if (options->only_result) {
        if (completed) {
            ar_put_bool(w, "completed", true);
            ar_put_json(w, "only_result", job->result.len ? job->result : AR_STR("null"));
        }
        return ARRAS_OK;
    }
    if (completed || (job->state == AR_JOB_RUNNING && !options->running)) {
        ar_put_bool(w, "running", !completed);
    }
    ar_put_bool(w, "completed", completed);
    if (!options->no_logs) {
        status = put_new_logs(call, job, options->log_offset, w, ret_log, ret_offset);
    }
    if (job->memory_peak) {
        ar_put_int(w, "mem_peak", job->memory_peak);
    }
    return status;
}
