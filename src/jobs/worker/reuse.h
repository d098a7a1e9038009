/* What a result is used for besides being read: again, by a job that asks for the same, and for the
 * labels that it gives its job. */
#ifndef AR_JOBS_REUSE_H
#define AR_JOBS_REUSE_H

#include "jobs/store/store.h"

/* Where the job may use a result that is kept (cache_key), ends it with that, successful, and says
 * so in its log; *ret_done tells. */
enum arras_status ar_job_reuse(struct ar_store *store, struct ar_arena *arena,
                               struct ar_diags *diags, struct ar_job *job,
                               bool *ret_done) ARRAS_CHECKED;
/* Keeps the result of a successful job where it asks for that. */
enum arras_status ar_job_keep_result(struct ar_store *store, const struct ar_job *job,
                                     struct ar_diags *diags) ARRAS_CHECKED;
/* Gives the job the labels that its result names: `wm_labels`, an array of strings. */
enum arras_status ar_job_take_labels(struct ar_store *store, const struct ar_job *job,
                                     struct ar_arena *arena, struct ar_diags *diags) ARRAS_CHECKED;

#endif
