/* The environment of a job (windmill-api.md section 6.6). */
#ifndef AR_JOBS_ENVIRONMENT_H
#define AR_JOBS_ENVIRONMENT_H

#include "jobs/sandbox/sandbox.h"
#include "jobs/worker/workers.h"

/* The port on a job's own 127.0.0.1 at which it reaches its server where it has no other network;
 * 0: there is none. */
uint16_t ar_job_port(const struct ar_workers_options *options);
/* Adds what is the same for every job, but HOME, which the sandbox knows. `packages`: the directory
 * of packages for scripts, as a job sees it; NULL: none. False: no memory. */
bool ar_job_environment_fixed(const char *packages, struct ar_arena *arena,
                              struct ar_sandbox_command *command);
/* Adds what is the job's own. ARRAS_NO_MEMORY. */
enum arras_status ar_job_environment(const struct ar_workers_options *options,
                                     const struct ar_job *job, struct arras_str token, bool network,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_sandbox_command *command) ARRAS_CHECKED;

#endif
