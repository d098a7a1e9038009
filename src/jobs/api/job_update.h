/* What is new about a job (windmill-api.md section 4.2): getupdate, and each frame of
 * getupdate_sse. */
#ifndef AR_JOBS_API_JOB_UPDATE_H
#define AR_JOBS_API_JOB_UPDATE_H

#include "jobs/api/call.h"

struct ar_update_options {
    bool running; /* the client knows that it runs */
    bool no_logs, only_result;
    bool get_progress;
    int64_t log_offset, stream_offset; /* in characters, as PostgreSQL's substr has it */
    int64_t progress;                  /* percent, as the client knows it */
};

/* What came of it: the new parts of the log and of the result's stream, empty where there are none;
 * the next offsets; the progress, where it was asked for. */
struct ar_update_news {
    struct arras_str log, stream;
    int64_t log_offset, stream_offset, progress;
};

/* From the query; false: answered. */
bool ar_update_options_read(struct ar_call *call, struct ar_update_options *ret) ARRAS_CHECKED;
/* Adds the members; those that are null are left out. */
enum arras_status ar_update_write(struct ar_call *call, const struct ar_job *job,
                                  const struct ar_update_options *options, struct ar_writer *w,
                                  struct ar_update_news *ret) ARRAS_CHECKED;

#endif
