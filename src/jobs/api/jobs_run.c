/* Starting jobs: the answer is the job's id. */
#include "jobs/api/new_job.h"
#include "jobs/api/route.h"

static void run(struct ar_call *call, enum ar_run_what what)
{
    struct ar_job job;
    if (ar_call_new_job(call, what, &job) && ar_call_submit(call, &job)) {
        ar_answer_text(call, 201, job.id);
    }
}

void ar_api_run_script_by_path(struct ar_call *call)
{
    run(call, AR_RUN_PATH);
}

void ar_api_run_script_by_hash(struct ar_call *call)
{
    run(call, AR_RUN_HASH);
}

void ar_api_run_preview(struct ar_call *call)
{
    run(call, AR_RUN_PREVIEW);
}
