/* What a token is limited to: `domain:action` or `domain:action:PATHS`, and of jobs
 * `jobs:run:KIND:PATHS`, where PATHS, separated by
 * commas, are exact or end with a slash and a star: all below
 * (windmill-api.md section 3). `write` holds `read`; `jobs:run` without a kind is any run. The
 * older `run:script/PATH` is `jobs:run:scripts:PATH`. What is none of this grants nothing. */
#ifndef AR_JOBS_SCOPE_H
#define AR_JOBS_SCOPE_H

#include "base/diag.h"

struct ar_scope {
    struct arras_str domain, action;
    struct arras_str kind; /* of jobs:run, "scripts"; empty: any code */
    struct arras_str path; /* empty: all of the domain, or it is not known yet */
    bool path_later;       /* the path is checked once it is known */
};

/* `scopes`: a JSON array of strings; empty: no limits. */
bool ar_scope_allows(struct arras_str scopes, const struct ar_scope *wanted);
/* "jobs:run:scripts:f/a/b" */
bool ar_scope_name(const struct ar_scope *scope, struct ar_arena *arena,
                   struct arras_str *ret) ARRAS_CHECKED;
/* A scope as it is written; false: it is none. */
bool ar_scope_read(struct arras_str text, struct ar_scope *ret);

#endif
