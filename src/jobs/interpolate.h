/* Values that refer to others: "$var:PATH" is a variable's value, "$res:PATH" a resource's,
 * "$encrypted:TEXT" what was encrypted for the workspace, "$WM_NAME" a variable of the job's
 * environment, as a worker fills in a job's arguments and resources refer to each other
 * (windmill-api.md sections 4.5 and 6.7). */
#ifndef AR_JOBS_INTERPOLATE_H
#define AR_JOBS_INTERPOLATE_H

#include "jobs/access.h"
#include "jobs/secret.h"

struct ar_interpolation {
    struct ar_store *store;
    const struct ar_secret_key *key; /* NULL: secret variables cannot be read */
    struct arras_str workspace;
    const struct ar_access *access;      /* of whom the values are for */
    const struct arras_str *environment; /* NAME=VALUE; of WM_... names: others stay as they are */
    size_t environment_count;
};

/* The value with all that it refers to, in objects at any depth and in arrays of at most 1000
 * items. NOT_FOUND and INVALID (no access, a circle, another key) with a diagnostic that names the
 * path. */
enum arras_status ar_interpolate(const struct ar_interpolation *with,
                                 const struct arras_value *value, struct ar_arena *arena,
                                 struct ar_diags *diags, struct arras_value *ret) ARRAS_CHECKED;

#endif
