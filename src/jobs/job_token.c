#include "jobs/job_token.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "jobs/secret.h"

enum { MICROSECONDS = 1000000 };

enum arras_status ar_job_user(struct ar_store *store, const struct ar_job *job,
                              struct ar_diags *diags, struct ar_user *ret)
{
    bool user = ar_str_starts(job->permissioned_as, "u/");
    *ret = (struct ar_user){
        .email = job->email,
        .username = user ? ar_str_from(job->permissioned_as, 2) : job->created_by,
        .workspace = job->workspace,
    };
    return ar_store_user_is_admin(store, ret->username, job->workspace, diags, &ret->admin);
}

enum arras_status ar_job_token_make(struct ar_store *store, const struct ar_job *job,
                                    int64_t seconds, struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_job_token *ret)
{
    struct ar_user owner;
    const int64_t until =
        ar_clock_wall(ar_clock_system()) + (seconds + AR_JOB_TOKEN_SECONDS) * (int64_t)MICROSECONDS;
    enum arras_status status = ar_token_new(arena, &ret->text);
    if (status == ARRAS_OK) {
        status = ar_job_user(store, job, diags, &owner);
    }
    if (status == ARRAS_OK) {
        status = ar_sha256_hex(ret->text, arena, &ret->hash);
    }
    return status ? status : ar_store_token_add(store, ret->hash, &owner, until, diags);
}

void ar_job_token_end(struct ar_store *store, const struct ar_job_token *token,
                      struct ar_diags *diags)
{
    if (token->hash.len) {
        enum arras_status status = ar_store_token_remove(store, token->hash, diags);
        (void)status; /* told to whoever reads the diagnostics; the token ends by its time */
    }
}
