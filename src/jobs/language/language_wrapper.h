/* Languages whose interpreter runs a wrapper of ours, which is started before the job is known and
 * calls the script's function: it reads the script and args.json, and writes main_result.json. */
#ifndef AR_JOBS_LANGUAGE_WRAPPER_H
#define AR_JOBS_LANGUAGE_WRAPPER_H

#include "jobs/language/language.h"

/* The command, which ends with NULL, and the wrapper's file that it names. */
enum arras_status ar_wrapper_open(const char *const *command, const char *file,
                                  struct arras_str content, struct ar_arena *arena,
                                  struct ar_diags *diags,
                                  struct ar_sandbox_opening *opening) ARRAS_CHECKED;
/* The job's files; `script`: what the wrapper calls the job's code. */
enum arras_status ar_wrapper_prepare(const char *script, const struct ar_job *job,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_sandbox_task *task) ARRAS_CHECKED;

#endif
