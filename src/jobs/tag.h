/* Tags that depend on the job: windmill-api.md section 6.2. */
#ifndef AR_JOBS_TAG_H
#define AR_JOBS_TAG_H

#include "jobs/model.h"

/* Replaces, in the job's tag, $workspace by its workspace and $args[NAME] by that argument: a
 * string as it is, nothing where there is none, else its JSON. Where the job has no arguments yet,
 * $args[NAME] stays for another call. A character that no tag has - a comma, which separates them,
 * or a control character - becomes `_`. NO_MEMORY, and what reading the arguments gives. */
enum arras_status ar_tag_fill(struct ar_job *job, struct ar_arena *arena) ARRAS_CHECKED;

#endif
