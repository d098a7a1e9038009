/* From a request that starts a job to the arguments of the job (windmill-api.md section 4.1). */
#ifndef AR_JOBS_API_ARGS_H
#define AR_JOBS_API_ARGS_H

#include "jobs/api/call.h"

/* The arguments as the text of a JSON object; false: answered. */
bool ar_call_args(struct ar_call *call, struct arras_str *ret) ARRAS_CHECKED;

#endif
