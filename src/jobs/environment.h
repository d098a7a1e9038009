/* The environment of a job (windmill-api.md section 6.6). */
#ifndef AR_JOBS_ENVIRONMENT_H
#define AR_JOBS_ENVIRONMENT_H

#include "jobs/sandbox.h"
#include "jobs/workers.h"

/* Adds all but HOME, which the sandbox knows. ARRAS_NO_MEMORY, or what options->job_token says. */
enum arras_status ar_job_environment(const struct ar_workers_options *options,
                                     const struct ar_job *job, struct ar_arena *arena,
                                     struct ar_diags *diags,
                                     struct ar_sandbox_task *task) ARRAS_CHECKED;

#endif
