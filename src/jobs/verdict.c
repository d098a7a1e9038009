#include "jobs/verdict.h"
#include "base/limits.h"
#include "value/json.h"

enum arras_status ar_job_fail(struct ar_job *job, struct ar_arena *arena, struct arras_str message,
                              const char *name, int exit_code)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_JOB_RESULT_SIZE);
    ar_buf_add_z(&buf, "{\"error\":{\"message\":");
    ar_json_write_string(&buf, message, 0);
    ar_buf_printf(&buf, ",\"name\":\"%s\"", name);
    if (exit_code) {
        ar_buf_printf(&buf, ",\"exit_code\":%d", exit_code);
    }
    ar_buf_add_z(&buf, "}}");
    enum arras_status status = ar_buf_copy(&buf, arena, &job->result);
    ar_buf_release(&buf);
    job->state = AR_JOB_FAILURE;
    return status;
}

enum arras_status ar_job_fail_outside(struct arras_str message, struct ar_arena *arena,
                                      struct ar_job *job)
{
    struct arras_str text;
    if (!ar_str_printf(arena, &text, "execution error:\n%.*s", AR_STR_ARG(message))) {
        return ARRAS_NO_MEMORY;
    }
    return ar_job_fail(job, arena, text, "ExecutionErr", 0);
}

enum arras_status ar_job_canceled_result(struct arras_str by, struct arras_str reason,
                                         struct ar_arena *arena, struct arras_str *ret)
{
    struct arras_str message;
    if (!ar_str_printf(arena, &message, "Job canceled: %.*s by %.*s", AR_STR_ARG(reason),
                       AR_STR_ARG(by))) {
        return ARRAS_NO_MEMORY;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_JOB_RESULT_SIZE);
    ar_buf_add_z(&buf, "{\"error\":{\"message\":");
    ar_json_write_string(&buf, message, 0);
    ar_buf_add_z(&buf, ",\"name\":\"Canceled\",\"reason\":");
    ar_json_write_string(&buf, reason, 0);
    ar_buf_add_z(&buf, ",\"canceler\":");
    ar_json_write_string(&buf, by, 0);
    ar_buf_add_z(&buf, "}}");
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

enum arras_status ar_job_canceled_log(struct arras_str by, bool force, struct ar_arena *arena,
                                      struct arras_str *ret)
{
    return ar_str_printf(arena, ret, "canceled by %.*s: (force cancel: %s)\n", AR_STR_ARG(by),
                         force ? "true" : "false")
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}
