#include "jobs/worker/arguments.h"
#include "jobs/interpolate.h"
#include "jobs/worker/job_token.h"
#include "value/json.h"

static bool refers(struct arras_str args)
{
    /* a $ may be written as an escape; then it may as well be none */
    static const char *const signs[] = {"$var:", "$res:", "$encrypted:", "$WM_", "\\u0024"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
        if (ar_str_find(args, ar_str_z(signs[i]), 0) != AR_NOT_FOUND) {
            return true;
        }
    }
    return false;
}

/* Says which argument it was. */
static enum arras_status interpolate_member(const struct ar_interpolation *with,
                                            const struct ar_member *member, struct ar_arena *arena,
                                            struct ar_diags *diags, struct arras_value *ret)
{
    struct ar_diags own;
    ar_diags_init(&own, arena);
    enum arras_status status = ar_interpolate(with, &member->value, arena, &own, ret);
    const struct arras_diag *error = ar_diags_first_error(&own);
    if ((status == ARRAS_NOT_FOUND || status == ARRAS_INVALID) && error) {
        return ar_error(diags, ARRAS_INVALID, "arguments", NULL, 0, "%.*s for `%.*s`",
                        AR_STR_ARG(error->message), AR_STR_ARG(ar_member_name(member)));
    }
    if (status) {
        ar_diags_add(diags, &own);
    }
    return status;
}

static enum arras_status interpolate(const struct ar_interpolation *with,
                                     const struct arras_value *args, struct ar_arena *arena,
                                     struct ar_diags *diags, struct arras_value *ret)
{
    struct ar_object object;
    ar_object_init(&object, arena);
    for (uint32_t i = 0; i < args->count; i++) {
        struct arras_value value;
        enum arras_status status =
            interpolate_member(with, &args->members[i], arena, diags, &value);
        if (status) {
            return status;
        }
        if (!ar_object_set(&object, ar_member_name(&args->members[i]), value)) {
            return ar_no_memory(diags);
        }
    }
    return ar_object_value(&object, ret) ? ARRAS_OK : ar_no_memory(diags);
}

enum arras_status ar_job_arguments(struct ar_store *store, const struct ar_secret_key *key,
                                   const struct ar_job *job, const struct arras_str *environment,
                                   size_t environment_count, struct ar_arena *arena,
                                   struct ar_diags *diags, struct arras_value *ret)
{
    struct arras_value args;
    struct ar_user user;
    struct ar_access access;
    const struct ar_source source = {AR_STR("arguments"), job->args.len ? job->args : AR_STR("{}")};
    enum arras_status status = ar_json_read(&source, arena, diags, &args);
    if (status == ARRAS_SYNTAX || (status == ARRAS_OK && !ar_is(&args, ARRAS_OBJECT))) {
        return ar_error(diags, ARRAS_INVALID, "arguments", NULL, 0,
                        "the job's arguments are no JSON object");
    }
    if (status || !refers(job->args)) {
        *ret = args;
        return status;
    }
    status = ar_job_user(store, job, arena, diags, &user);
    if (status == ARRAS_OK) {
        status = ar_access_load(store, &user, job->workspace, arena, diags, &access);
    }
    const struct ar_interpolation with = {.store = store,
                                          .key = key,
                                          .workspace = job->workspace,
                                          .access = &access,
                                          .environment = environment,
                                          .environment_count = environment_count};
    return status ? status : interpolate(&with, &args, arena, diags, ret);
}
