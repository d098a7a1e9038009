/* The languages of scripts. One table of functions for each. */
#ifndef AR_JOBS_LANGUAGE_H
#define AR_JOBS_LANGUAGE_H

#include "jobs/model.h"
#include "jobs/sandbox/sandbox.h"
#include "value/value.h"

struct ar_language {
    const char *header; /* what the job's log begins with */
    const char *run;    /* what its errors call it: "bash run" */
    /* Whether the last line printed is the result of a job that left no other; else leaving none is
     * a failure. */
    bool prints_result;
    /* Fills in what is started before its job is known: files and command. NULL: nothing is. */
    enum arras_status (*open)(struct ar_arena *arena, struct ar_diags *diags,
                              struct ar_sandbox_opening *opening);
    /* Adds to `task` (env is there) the files and the command for the job's code and `args`, an
     * object; the command only where `open` gives none. ARRAS_INVALID with a diagnostic where these
     * arguments cannot be given. */
    enum arras_status (*prepare)(const struct ar_job *job, const struct arras_value *args,
                                 struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_sandbox_task *task);
};

extern const struct ar_language ar_language_bash, ar_language_python, ar_language_node;

/* By the name that scripts say: "bash", "python3"; Windmill's names for TypeScript ("bun", "deno",
 * "nativets" ...) are Node's. NULL where there is none. */
const struct ar_language *ar_language_find(struct arras_str name);

#endif
