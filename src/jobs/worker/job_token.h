/* What a job calls its server with (WM_TOKEN): of who started it, in its workspace only, for as
 * long as it runs. */
#ifndef AR_JOBS_JOB_TOKEN_H
#define AR_JOBS_JOB_TOKEN_H

#include "jobs/store/store.h"

struct ar_job_token {
    struct arras_str text, hash; /* the store knows the hash */
};

/* As whom the job runs. Strings borrowed from the job. */
enum arras_status ar_job_user(struct ar_store *store, const struct ar_job *job,
                              struct ar_arena *arena, struct ar_diags *diags,
                              struct ar_user *ret) ARRAS_CHECKED;
/* Makes one for a job that may run for that long from now. ARRAS_IO, ARRAS_NO_MEMORY. */
enum arras_status ar_job_token_make(struct ar_store *store, const struct ar_job *job,
                                    int64_t seconds, struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_job_token *ret) ARRAS_CHECKED;
/* The job has ended. Where the store fails, the token ends by its time. */
void ar_job_token_end(struct ar_store *store, const struct ar_job_token *token,
                      struct ar_diags *diags);

#endif
