/* Jobs as Windmill's export and import have them: ExportableCompletedJob, ExportableQueuedJob. */
#ifndef AR_JOBS_API_JOB_MOVE_H
#define AR_JOBS_API_JOB_MOVE_H

#include "jobs/api/call.h"

/* A job as it comes from another server. */
struct ar_moved_job {
    struct ar_job job;
    struct arras_str log;
};

/* All of a job, its log too. */
enum arras_status ar_job_export(struct ar_call *call, const struct ar_job *job,
                                struct ar_writer *writer) ARRAS_CHECKED;
/* The reverse, of one that ended (`completed`) or is to run: that one gets its code from the script
 * of its version or path, and runs as a member of the workspace. 400 names the job where it cannot
 * be one of this server's. False: answered. */
bool ar_job_import(struct ar_call *call, const struct arras_value *value, bool completed,
                   struct ar_moved_job *ret) ARRAS_CHECKED;

#endif
