/* What a script says about its jobs: its settings, a JSON object of createScript's members
 * (windmill-api.md section 4.4) that are not columns of their own. Which there are, and which of
 * them this server takes, is api/script_settings.c's. */
#ifndef AR_JOBS_SCRIPT_JOB_H
#define AR_JOBS_SCRIPT_JOB_H

#include "jobs/model.h"

/* Fills in what a job of this script has of it: kind, path, hash, language, code, tag, timeout,
 * priority, environment, the time that its result is used again, whether its owner sees it, whether
 * another run follows it, and how long what it was given and left is kept. Strings borrowed, or in
 * `arena`. NO_MEMORY. */
enum arras_status ar_script_job(const struct ar_script *script, struct ar_arena *arena,
                                struct ar_job *job) ARRAS_CHECKED;

#endif
