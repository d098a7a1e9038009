/* The variables of a job's environment (src/jobs/worker/environment.c), as clients show them
 * beside those of the workspace. */
#include "jobs/api/route.h"

struct contextual {
    const char *name, *description;
};

static const struct contextual ALL[] = {
    {"WM_WORKSPACE", "The workspace of the job."},
    {"WM_TOKEN", "A token that acts as the user that the job runs as, until the job has ended."},
    {"WM_EMAIL", "The email of who started the job."},
    {"WM_USERNAME", "The name of who started the job."},
    {"WM_PERMISSIONED_AS", "Whom the job runs as: u/NAME."},
    {"WM_BASE_URL", "The address of the server."},
    {"WM_JOB_ID", "The job's id."},
    {"WM_ROOT_JOB_ID", "The id of the first job of the line of parents."},
    {"WM_ROOT_FLOW_JOB_ID", "The same."},
    {"WM_JOB_PATH", "The path of the script."},
    {"WM_RUNNABLE_ID", "The version of the script."},
    {"WM_SCHEDULE_PATH", "The path of the schedule that started the job; empty without one."},
    {"WM_SCHEDULED_FOR", "When the job was to start."},
    {"WM_STATE_PATH", "The path of the resource that holds the script's state."},
    {"WM_OBJECT_PATH", "A path for what the job makes."},
    {"WM_WORKER_GROUP", "The group of the worker."},
    {"WM_FLOW_JOB_ID", "Empty: there are no flows."},
    {"WM_FLOW_PATH", "Empty: there are no flows."},
    {"WM_FLOW_STEP_ID", "Empty: there are no flows."},
    {"WM_END_USER_EMAIL", "Empty: there are no apps."},
};

/* What is the same for the caller's next job. */
static struct arras_str value_of(const struct ar_call *call, struct arras_str name)
{
    return ar_str_is(name, "WM_WORKSPACE")  ? call->workspace
           : ar_str_is(name, "WM_EMAIL")    ? call->user.email
           : ar_str_is(name, "WM_USERNAME") ? call->user.username
                                            : AR_STR("");
}

void ar_api_list_contextual_variables(struct ar_call *call)
{
    struct ar_list list;
    enum arras_status status = ARRAS_OK;
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < sizeof(ALL) / sizeof(ALL[0]); i++) {
        struct ar_writer w;
        struct arras_value value;
        ar_writer_init(&w, call->arena);
        ar_put_text(&w, "name", ar_str_z(ALL[i].name));
        ar_put_text(&w, "value", value_of(call, ar_str_z(ALL[i].name)));
        ar_put_text(&w, "description", ar_str_z(ALL[i].description));
        ar_put_bool(&w, "is_custom", false);
        status = ar_writer_value(&w, &value);
        if (!status && !ar_list_push(&list, value)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}
