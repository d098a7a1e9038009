/* The results of jobs that did not succeed, as the server writes them (windmill-api.md sections 4.3
 * and 6.3). */
#ifndef AR_JOBS_VERDICT_H
#define AR_JOBS_VERDICT_H

#include "jobs/model.h"

/* Sets state and result: {"error":{"message":...,"name":NAME,"exit_code":...}}, the last where it
 * is not 0. ARRAS_NO_MEMORY. */
enum arras_status ar_job_fail(struct ar_job *job, struct ar_arena *arena, struct arras_str message,
                              const char *name, int exit_code) ARRAS_CHECKED;
/* The same of a failure that is not the script's: "execution error:\n..." by name "ExecutionErr".
 */
enum arras_status ar_job_fail_outside(struct arras_str message, struct ar_arena *arena,
                                      struct ar_job *job) ARRAS_CHECKED;

/* {"error":{"message":"Job canceled: REASON by BY","name":"Canceled","reason":...,"canceler":...}}
 * as JSON. ARRAS_NO_MEMORY. */
enum arras_status ar_job_canceled_result(struct arras_str by, struct arras_str reason,
                                         struct ar_arena *arena,
                                         struct arras_str *ret) ARRAS_CHECKED;
/* The line that the job's log gets. */
enum arras_status ar_job_canceled_log(struct arras_str by, bool force, struct ar_arena *arena,
                                      struct arras_str *ret) ARRAS_CHECKED;

#endif
