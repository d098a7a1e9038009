/* A job as the API shows it (windmill-api.md section 4.2): QueuedJob and CompletedJob. */
#ifndef AR_JOBS_API_JOB_JSON_H
#define AR_JOBS_API_JOB_JSON_H

#include "jobs/api/call.h"

/* Arguments longer than this are left out of lists; a job by itself has all of them. */
#define AR_JOB_LISTED_MOST 90000
/* Characters of a job's log shown with it, from its end. */
#define AR_JOB_LOG_SHOWN 20000

enum ar_job_shown {
    AR_SHOW_TYPE = 1, /* "type" as the first member */
    AR_SHOW_LOGS = 2,
    AR_SHOW_CODE = 4, /* of previews: scripts are found by their hash */
    AR_SHOW_RESULT = 8,
    AR_SHOW_ARGS = 16 /* null otherwise */
};

bool ar_job_completed(const struct ar_job *job);
/* How long a completed job ran, in milliseconds; 0 where it never started. */
int64_t ar_job_duration(const struct ar_job *job);
/* Adds the members; `shown` of enum ar_job_shown. Reads the log where that is shown. */
enum arras_status ar_job_write(struct ar_call *call, const struct ar_job *job, int shown,
                               struct ar_writer *writer) ARRAS_CHECKED;
/* Who awaited the job's result has it: where it is to go at once, it goes. */
void ar_job_used(struct ar_call *call, const struct ar_job *job);
/* Answers 200 with the job. */
void ar_answer_job(struct ar_call *call, const struct ar_job *job, int shown);
/* The job of call->tail, which the caller may see; NOT_FOUND is the caller's to answer, *ret_found
 * then false. False: answered.
 */
bool ar_call_job(struct ar_call *call, struct ar_job *ret, bool *ret_found) ARRAS_CHECKED;

#endif
