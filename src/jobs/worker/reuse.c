#include "jobs/worker/reuse.h"
#include "base/limits.h"
#include "value/json.h"

enum arras_status ar_job_reuse(struct ar_store *store, struct ar_arena *arena,
                               struct ar_diags *diags, struct ar_job *job, bool *ret_done)
{
    int64_t now = ar_store_now(store);
    *ret_done = false;
    if (job->cache_key.len == 0) {
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_store_cache_get(store, job->cache_key, now, arena, diags, &job->result);
    if (status == ARRAS_NOT_FOUND) {
        return ARRAS_OK;
    }
    if (!status) {
        status = ar_store_log_append(store, job->id,
                                     AR_STR("not run: the result of an earlier job with the same "
                                            "arguments is used again\n"),
                                     diags);
    }
    if (!status) {
        job->state = AR_JOB_SUCCESS;
        job->completed_at = ar_store_end_time(store, job);
        *ret_done = true;
    }
    return status;
}

enum arras_status ar_job_keep_result(struct ar_store *store, const struct ar_job *job,
                                     struct ar_diags *diags)
{
    if (job->cache_key.len == 0 || job->state != AR_JOB_SUCCESS || job->redact_after) {
        return ARRAS_OK;
    }
    return ar_store_cache_put(store, job->cache_key, job->result,
                              job->completed_at + job->cache_ttl * INT64_C(1000000),
                              job->completed_at, diags);
}

/* As a JSON array; empty where there are none. */
static enum arras_status read_labels(const struct arras_value *labels, struct ar_arena *arena,
                                     struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_JOB_LABELS_SIZE);
    uint32_t count = ar_is(labels, ARRAS_ARRAY) ? labels->count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (ar_is(&labels->items[i], ARRAS_STRING)) {
            ar_buf_add_char(&buf, buf.len ? ',' : '[');
            ar_json_write_string(&buf, ar_text(&labels->items[i]), 0);
        }
    }
    if (buf.len) {
        ar_buf_add_char(&buf, ']');
    }
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

enum arras_status ar_job_take_labels(struct ar_store *store, const struct ar_job *job,
                                     struct ar_arena *arena, struct ar_diags *diags)
{
    struct ar_source source = {AR_STR("the result"), job->result};
    struct arras_value result;
    struct arras_str labels;
    if (ar_str_find(job->result, AR_STR("\"wm_labels\""), 0) == AR_NOT_FOUND) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_json_read(&source, arena, diags, &result);
    if (!status) {
        status = read_labels(ar_get_z(&result, "wm_labels"), arena, &labels);
    }
    if (status == ARRAS_LIMIT) { /* no labels rather than some */
        return ARRAS_OK;
    }
    return status || !labels.len ? status : ar_store_job_label(store, job->id, labels, diags);
}
