/* What is new about a job (windmill-api.md section 4.2): getupdate, and each frame of
 * getupdate_sse. */
#ifndef AR_JOBS_API_JOB_UPDATE_H
#define AR_JOBS_API_JOB_UPDATE_H

#include "jobs/api/call.h"

struct ar_update_options {
    bool running; /* the client knows that it runs */
    bool no_logs, only_result;
    int64_t log_offset; /* in characters, as PostgreSQL's substr has it */
};

/* From the query; false: answered. */
bool ar_update_options_read(struct ar_call *call, struct ar_update_options *ret) ARRAS_CHECKED;
/* Adds the members; those that are null are left out. *ret_log: the new part of the log, empty
 * where there is none; *ret_offset: the next log_offset. */
enum arras_status ar_update_write(struct ar_call *call, const struct ar_job *job,
                                  const struct ar_update_options *options, struct ar_writer *w,
                                  struct arras_str *ret_log, int64_t *ret_offset) ARRAS_CHECKED;

#endif
