#include "jobs/worker/canceled.h"
#include "base/limits.h"
#include "value/json.h"

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
