/* From a request that starts a job to the job (windmill-api.md section 4.1). */
#ifndef AR_JOBS_API_NEW_JOB_H
#define AR_JOBS_API_NEW_JOB_H

#include "jobs/api/call.h"

/* What call->tail and the body say. */
enum ar_run_what {
    AR_RUN_PATH,   /* the live version of a script; the body is the arguments */
    AR_RUN_HASH,   /* one version */
    AR_RUN_PREVIEW /* the code is in the body, and so are the arguments */
};

/* The job that the request asks for, its options from the query; not submitted. False: answered. */
bool ar_call_new_job(struct ar_call *call, enum ar_run_what what, struct ar_job *ret) ARRAS_CHECKED;
/* A job of the script whose path or hash call->tail is, with these arguments (a JSON object) and,
 * where not empty, that function in place of `main`; nothing is taken from the request. False:
 * answered. */
bool ar_call_job_with(struct ar_call *call, enum ar_run_what what, struct arras_str args,
                      struct arras_str entrypoint, struct ar_job *ret) ARRAS_CHECKED;
/* The members of a job that do not hang on what it runs. False: answered. */
bool ar_call_job_of_user(struct ar_call *call, struct ar_job *ret) ARRAS_CHECKED;
/* Submits it; false: answered. */
bool ar_call_submit(struct ar_call *call, struct ar_job *job) ARRAS_CHECKED;

#endif
