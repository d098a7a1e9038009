/* What both ways of running a job share: the supervisor, its plan, its pipes (supervise.h). */
#ifndef AR_JOBS_PLAN_H
#define AR_JOBS_PLAN_H

#include "jobs/sandbox/launch.h"
#include "jobs/sandbox/sandbox.h"

/* A descriptor of the supervisor's program, to be run as /proc/self/fd/5; nobody can change it.
 * ARRAS_IO. */
enum arras_status ar_plan_supervisor(struct ar_diags *diags, int *ret_fd) ARRAS_CHECKED;
/* A descriptor of a file in memory that holds the bytes, read from its start. */
enum arras_status ar_plan_memory_file(const char *name, const void *bytes, size_t len,
                                      struct ar_diags *diags, int *ret_fd) ARRAS_CHECKED;
/* Starts `launch` with output, result, control and supervisor filled in as its descriptors 0 to 5,
 * sends it the opening, and fills in ret's pid and descriptors but info_fd. `directory`: as the job
 * sees it. */
enum arras_status ar_plan_launch(struct ar_launch *launch, const struct ar_sandbox_opening *opening,
                                 const char *directory, int supervisor, struct ar_diags *diags,
                                 struct ar_sandbox_process *ret) ARRAS_CHECKED;
void ar_plan_close(struct ar_sandbox_process *process);

#endif
