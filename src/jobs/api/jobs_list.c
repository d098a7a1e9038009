/* Listing jobs. */
#include "jobs/api/job_json.h"
#include "jobs/api/route.h"

/* Windmill takes lists and negations here; who sends one must not get an answer to another
 * question. */
static bool one_value(struct ar_call *call, const char *name, struct arras_str *ret)
{
    if (!ar_param_text(call, name, ret)) {
        return false;
    }
    if (ar_str_find_char(*ret, ',', 0) != AR_NOT_FOUND || ar_str_starts(*ret, "!")) {
        ar_answer_textf(call, 400,
                        "Bad request: query parameter %s: this server takes one value, neither a "
                        "list nor a negation",
                        name);
        return false;
    }
    return true;
}

static bool read_status(struct ar_call *call, struct ar_job_filter *filter)
{
    struct arras_str status = {NULL, 0};
    if (!ar_param_text(call, "status", &status)) {
        return false;
    }
    if (status.len && !ar_str_is(status, "success")) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: query parameter status: this server takes 'success' "
                              "only; success=false gives the jobs that failed or were cancelled"));
        return false;
    }
    if (status.len) {
        filter->success = 1;
    }
    return true;
}

static bool read_filter(struct ar_call *call, struct ar_job_filter *filter)
{
    *filter = (struct ar_job_filter){
        .workspace = call->workspace, .running = -1, .completed = -1, .success = -1};
    if (!ar_param_tristate(call, "running", &filter->running) ||
        !ar_param_tristate(call, "success", &filter->success) || !read_status(call, filter) ||
        !one_value(call, "script_path_exact", &filter->script_path) ||
        !one_value(call, "script_path_start", &filter->script_path_start) ||
        !one_value(call, "created_by", &filter->created_by) ||
        !ar_param_time(call, "created_after", &filter->created_after) ||
        !ar_param_time(call, "created_before", &filter->created_before) ||
        !ar_param_page(call, &filter->skip, &filter->limit)) {
        return false;
    }
    if (filter->success >= 0 && filter->running >= 0) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: cannot specify success/status with running"));
        return false;
    }
    if (filter->success >= 0) {
        filter->completed = 1;
    } else if (filter->running >= 0) {
        filter->completed = 0;
    }
    return true;
}

/* Lists come without arguments; where they are wanted the whole job is read. */
static enum arras_status push_job(struct ar_call *call, const struct ar_job *job, bool with_args,
                                  struct ar_list *list)
{
    struct ar_store *store = call->api->store;
    struct ar_writer writer;
    struct arras_value value;
    struct ar_job whole = *job;
    enum arras_status status = ARRAS_OK;
    if (with_args) {
        status =
            ar_store_job_get(store, call->workspace, job->id, call->arena, &call->diags, &whole);
    }
    ar_writer_init(&writer, call->arena);
    if (!status) {
        status = ar_job_write(call, &whole, AR_SHOW_TYPE | (with_args ? AR_SHOW_ARGS : 0), &writer);
    }
    if (!status) {
        status = ar_writer_value(&writer, &value);
    }
    return status || ar_list_push(list, value) ? status : ARRAS_NO_MEMORY;
}

void ar_api_list_jobs(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_job_filter filter;
    struct ar_job_list jobs = {0};
    struct ar_list list;
    bool with_args = false;
    if (!read_filter(call, &filter) || !ar_param_bool(call, "include_args", &with_args)) {
        return;
    }
    enum arras_status status = ar_store_job_list(store, &filter, call->arena, &call->diags, &jobs);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < jobs.list.count; i++) {
        status = push_job(call, &jobs.list.items[i], with_args, &list);
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}
