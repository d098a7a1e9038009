/* A job's result as the answer to the request that waited for it. */
#ifndef AR_JOBS_API_RESULT_ANSWER_H
#define AR_JOBS_API_RESULT_ANSWER_H

#include "jobs/api/call.h"

/* 200, or 422 of a job that is no success, with the result as JSON; where the result is an object
 * with `windmill_status_code`, `windmill_content_type` or `windmill_headers` (or those with `wm_`),
 * what these say, with its `result` as the body (windmill-api.md section 4.1). */
void ar_answer_result(struct ar_call *call, const struct ar_job *job);

#endif
