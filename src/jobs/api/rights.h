/* Who may do what: the questions that operations ask (windmill-api.md sections 3 and 6.7). All
 * answer where the answer is no, and are false then. */
#ifndef AR_JOBS_API_RIGHTS_H
#define AR_JOBS_API_RIGHTS_H

#include "jobs/api/call.h"
#include "jobs/scope.h"
#include "jobs/store/store_people.h"

/* 403 "Require Admin privileges for NAME". */
bool ar_call_is_admin(struct ar_call *call) ARRAS_CHECKED;
bool ar_call_is_superadmin(struct ar_call *call) ARRAS_CHECKED;
/* 401 to operators: "Operators cannot WHAT". */
bool ar_call_is_developer(struct ar_call *call, const char *what) ARRAS_CHECKED;
/* 403 to a token that is limited to a workspace or to scopes: those do not change accounts. */
bool ar_call_is_unlimited(struct ar_call *call) ARRAS_CHECKED;
/* Whether the token's scopes hold what the operation needs, at that path. */
bool ar_call_scope_at(struct ar_call *call, struct arras_str path) ARRAS_CHECKED;
/* Whether the caller may see a job: its own, what lies where the caller may read, an administrator
 * all. */
bool ar_call_sees_job(struct ar_call *call, const struct ar_job *job) ARRAS_CHECKED;
/* And end it: may_end answers nothing. */
bool ar_call_may_end_job(const struct ar_call *call, const struct ar_job *job);
bool ar_call_ends_job(struct ar_call *call, const struct ar_job *job) ARRAS_CHECKED;
/* Has a list hold what the caller may see only. */
bool ar_call_limit_jobs(struct ar_call *call, struct ar_job_filter *filter) ARRAS_CHECKED;
/* What `created_by` says: the user, or what the token's label makes of it. */
bool ar_call_creator(struct ar_call *call, struct arras_str *ret) ARRAS_CHECKED;

#endif
