#include "jobs/worker/job_token.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "jobs/secret.h"
#include "jobs/store/store_people.h"

enum { MICROSECONDS = 1000000 };

enum arras_status ar_job_user(struct ar_store *store, const struct ar_job *job,
                              struct ar_arena *arena, struct ar_diags *diags, struct ar_user *ret)
{
    bool user = ar_str_starts(job->permissioned_as, "u/");
    struct ar_membership member = {.admin = false};
    struct ar_account account = {.superadmin = false};
    *ret = (struct ar_user){
        .email = job->email,
        .username = user ? ar_str_from(job->permissioned_as, 2) : job->created_by,
        .workspace = job->workspace,
    };
    enum arras_status status =
        ar_store_membership(store, job->workspace, job->email, arena, diags, &member);
    if (status == ARRAS_OK) {
        status = ar_store_account_get(store, job->email, arena, diags, &account);
    }
    ret->admin = (member.admin && !member.disabled) || account.superadmin;
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
}

enum arras_status ar_job_token_make(struct ar_store *store, const struct ar_job *job,
                                    int64_t seconds, struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_job_token *ret)
{
    const int64_t now = ar_clock_wall(ar_clock_system());
    struct ar_token token = {
        .email = job->email,
        .workspace = job->workspace,
        .expires_at = now + (seconds + AR_JOB_TOKEN_SECONDS) * (int64_t)MICROSECONDS,
        .created_at = now,
        .last_used_at = now,
    };
    enum arras_status status = ar_token_new(arena, &ret->text);
    if (status == ARRAS_OK) {
        status = ar_sha256_hex(ret->text, arena, &ret->hash);
    }
    if (status == ARRAS_OK &&
        !ar_str_printf(arena, &token.label, AR_LABEL_JOB "script-%.*s", AR_STR_ARG(job->id))) {
        status = ar_no_memory(diags);
    }
    token.hash = ret->hash;
    token.prefix = ar_str_sub(ret->text, 0, AR_TOKEN_PREFIX);
    return status ? status : ar_store_token_add(store, &token, diags);
}

void ar_job_token_end(struct ar_store *store, const struct ar_job_token *token,
                      struct ar_diags *diags)
{
    if (token->hash.len) {
        enum arras_status status = ar_store_token_remove(store, token->hash, diags);
        (void)status; /* told to whoever reads the diagnostics; the token ends by its time */
    }
}
