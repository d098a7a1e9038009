/* The arguments that a job's code gets: those of the job with what they refer to by "$var:PATH" and
 * so on in place (interpolate.h), read as whom the job runs as. They are made when the job
 * starts and are never stored. */
#ifndef AR_JOBS_ARGUMENTS_H
#define AR_JOBS_ARGUMENTS_H

#include "jobs/secret.h"
#include "jobs/store/store.h"
#include "value/value.h"

/* `key` of secret variables; NULL: they cannot be read. `environment`: the job's, NAME=VALUE.
 * INVALID, LIMIT: the job cannot be run, a diagnostic says why: "Variable u/x/y not found for
 * `name`". */
enum arras_status ar_job_arguments(struct ar_store *store, const struct ar_secret_key *key,
                                   const struct ar_job *job, const struct arras_str *environment,
                                   size_t environment_count, struct ar_arena *arena,
                                   struct ar_diags *diags, struct arras_value *ret) ARRAS_CHECKED;

#endif
