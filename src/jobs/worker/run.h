/* One job from its start in the sandbox to its result. */
#ifndef AR_JOBS_RUN_H
#define AR_JOBS_RUN_H

#include "jobs/worker/spares.h"
#include "jobs/worker/workers.h"

struct ar_job_run {
    const struct ar_workers_options *options;
    struct ar_sandbox *sandbox;
    struct ar_spares *spares; /* of that sandbox */
    int cancel_fd, stop_fd;   /* readable: the job is to be ended */
};

/* Runs the job and fills in how it ended: state, result, completed_at, memory_peak, canceled_by,
 * canceled_reason; its log is in the store then. INTERRUPTED: ended by stop_fd, to be put back.
 * ARRAS_NO_MEMORY, ARRAS_IO: could not be run through, to be put back too. */
enum arras_status ar_job_run(const struct ar_job_run *run, struct ar_arena *arena,
                             struct ar_diags *diags, struct ar_job *job) ARRAS_CHECKED;

#endif
