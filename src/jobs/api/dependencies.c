/* Locks of scripts: run/dependencies. No language, as it runs here, has packages to
 * lock, so a lock is empty; clients expect it from a job. */
#include "jobs/api/new_job.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/language/language.h"

static bool wrong(struct ar_call *call, const char *what)
{
    ar_answer_textf(call, 422, "Failed to deserialize the JSON body into the target type: %s",
                    what);
    return false;
}

/* {"raw_scripts": [{"raw_code", "language", "script_path"}], "entrypoint"}: the language and the
 * path of the first. False: answered. */
static bool read_scripts(struct ar_call *call, struct ar_job *job)
{
    struct arras_value body;
    if (!ar_call_json_body(call, false, &body) || !ar_call_is_object(call, &body)) {
        return false;
    }
    const struct arras_value *scripts = ar_get_z(&body, "raw_scripts");
    if (!ar_is(scripts, ARRAS_ARRAY) || scripts->count == 0 ||
        !ar_is(ar_get_z(&body, "entrypoint"), ARRAS_STRING)) {
        return wrong(call, "expected `raw_scripts`, an array that is not empty, and `entrypoint`");
    }
    for (uint32_t i = 0; i < scripts->count; i++) {
        struct arras_str language = ar_text(ar_get_z(&scripts->items[i], "language"));
        if (!ar_language_find(language)) {
            ar_answer_textf(call, 400, "Bad request: this server does not run language '%.*s'",
                            AR_STR_ARG(ar_str_sub(language, 0, 100)));
            return false;
        }
    }
    job->language = ar_text(ar_get_z(&scripts->items[0], "language"));
    job->script_path = ar_text(ar_get_z(&scripts->items[0], "script_path"));
    return true;
}

void ar_api_run_dependencies(struct ar_call *call)
{
    struct ar_job job;
    if (ar_call_is_developer(call, "run dependencies jobs") && ar_call_job_of_user(call, &job) &&
        read_scripts(call, &job)) {
        ar_answer_json_text(call, 201, AR_STR(AR_DEPENDENCIES_RESULT));
    }
}

void ar_api_run_dependencies_async(struct ar_call *call)
{
    struct ar_job job;
    if (!ar_call_is_developer(call, "run dependencies jobs") || !ar_call_job_of_user(call, &job) ||
        !read_scripts(call, &job)) {
        return;
    }
    job.kind = AR_STR(AR_KIND_DEPENDENCIES);
    job.tag = AR_STR("dependency");
    job.args = AR_STR("{}");
    if (ar_call_submit(call, &job)) {
        ar_answer_text(call, 201, job.id);
    }
}
