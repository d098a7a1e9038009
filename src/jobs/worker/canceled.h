/* What is said of a job that was canceled (windmill-api.md section 4.3). */
#ifndef AR_JOBS_CANCELED_H
#define AR_JOBS_CANCELED_H

#include "base/str.h"

/* {"error":{"message":"Job canceled: REASON by BY","name":"Canceled","reason":...,"canceler":...}}
 * as JSON. ARRAS_NO_MEMORY. */
enum arras_status ar_job_canceled_result(struct arras_str by, struct arras_str reason,
                                         struct ar_arena *arena,
                                         struct arras_str *ret) ARRAS_CHECKED;
/* The line that the job's log gets. */
enum arras_status ar_job_canceled_log(struct arras_str by, bool force, struct ar_arena *arena,
                                      struct arras_str *ret) ARRAS_CHECKED;

#endif
