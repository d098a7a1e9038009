#include "jobs/api/rights.h"
#include "base/limits.h"

static bool require_admin(struct ar_call *call, bool is)
{
    if (!is) {
        ar_answer_textf(call, 403, "Require Admin privileges for %.*s",
                        AR_STR_ARG(call->user.username));
    }
    return is;
}

bool ar_call_is_admin(struct ar_call *call)
{
    return require_admin(call, call->user.admin);
}

bool ar_call_is_superadmin(struct ar_call *call)
{
    return require_admin(call, call->user.superadmin);
}

bool ar_call_is_developer(struct ar_call *call, const char *what)
{
    if (call->user.is_operator) {
        ar_answer_textf(call, 401, "Not authorized: Operators cannot %s", what);
    }
    return !call->user.is_operator;
}

bool ar_call_is_unlimited(struct ar_call *call)
{
    bool limited = call->user.workspace.len || call->user.scopes.len;
    if (limited) {
        ar_answer_text(call, 403,
                       AR_STR("Permission denied: a token that is limited to a workspace or to "
                              "scopes does not change accounts"));
    }
    return !limited;
}

bool ar_call_scope_at(struct ar_call *call, struct arras_str path)
{
    struct ar_scope wanted = call->scope;
    struct arras_str name;
    wanted.path = path;
    wanted.path_later = false;
    if (ar_scope_allows(call->user.scopes, &wanted)) {
        return true;
    }
    if (ar_scope_name(&wanted, call->arena, &name)) {
        ar_answer_textf(call, 403, "Permission denied: Access denied. Required scope: %.*s",
                        AR_STR_ARG(name));
    } else {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
    }
    return false;
}

static bool is_own(const struct ar_call *call, const struct ar_job *job)
{
    struct arras_str as = job->permissioned_as;
    return ar_str_starts(as, "u/") && ar_str_eq(ar_str_from(as, 2), call->user.username);
}

bool ar_call_sees_job(struct ar_call *call, const struct ar_job *job)
{
    if (call->access.all || is_own(call, job) ||
        (!job->hidden &&
         ar_access_allows(&call->access, job->script_path, AR_STR(""), AR_RIGHT_READ))) {
        return true;
    }
    ar_answer_textf(call, 403,
                    "Permission denied: You do not have access to run %.*s. Ask a user who has to "
                    "share what you need of it",
                    AR_STR_ARG(job->id));
    return false;
}

bool ar_call_may_end_job(const struct ar_call *call, const struct ar_job *job)
{
    return call->access.all || is_own(call, job) ||
           (!job->hidden &&
            ar_access_allows(&call->access, job->script_path, AR_STR(""), AR_RIGHT_WRITE));
}

bool ar_call_ends_job(struct ar_call *call, const struct ar_job *job)
{
    if (!ar_call_sees_job(call, job)) {
        return false;
    }
    bool may = ar_call_may_end_job(call, job);
    if (!may) {
        ar_answer_textf(call, 403, "Permission denied: %.*s may see but not end run %.*s",
                        AR_STR_ARG(call->user.username), AR_STR_ARG(job->id));
    }
    return may;
}

/* ",u/ME/,f/A/,f/B/,": what the caller may read. */
bool ar_call_limit_jobs(struct ar_call *call, struct ar_job_filter *filter)
{
    const struct ar_access *access = &call->access;
    struct ar_buf buf;
    if (access->all) {
        return true;
    }
    filter->viewer = call->user.username;
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    ar_buf_printf(&buf, ",u/%.*s/,", AR_STR_ARG(call->user.username));
    for (size_t i = 0; i < access->folders.count; i++) {
        ar_buf_printf(&buf, "f/%.*s/,", AR_STR_ARG(access->folders.items[i].name));
    }
    enum arras_status status = ar_buf_copy(&buf, call->arena, &filter->viewer_paths);
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

bool ar_call_creator(struct ar_call *call, struct arras_str *ret)
{
    static const char *const whole[] = {"webhook-", "http-", "email-", "ws-"};
    struct arras_str label = call->user.label;
    *ret = call->user.username;
    if (label.len == 0 || ar_str_is(label, AR_LABEL_SESSION) ||
        ar_str_starts(label, AR_LABEL_JOB)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        if (ar_str_starts(label, whole[i])) {
            *ret = label;
            return true;
        }
    }
    if (!ar_str_printf(call->arena, ret, "label-%.*s", AR_STR_ARG(label))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    return true;
}
