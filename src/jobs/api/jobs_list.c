/* Listing and counting jobs. */
#include "base/limits.h"
#include "jobs/api/job_filter.h"
#include "jobs/api/job_json.h"
#include "jobs/api/route.h"

#define SECOND INT64_C(1000000)
#define YEARS_100 (INT64_C(100) * 366 * 24 * 3600)

/* Lists come without arguments; where they are wanted the whole job is read. */
static enum arras_status push_job(struct ar_call *call, const struct ar_job *job, int shown,
                                  struct ar_list *list)
{
    struct ar_writer writer;
    struct arras_value value;
    struct ar_job whole = *job;
    enum arras_status status = ARRAS_OK;
    if (shown & AR_SHOW_ARGS) {
        status = ar_store_job_get(call->api->store, job->workspace, job->id, call->arena,
                                  &call->diags, &whole);
    }
    ar_writer_init(&writer, call->arena);
    if (!status) {
        status = ar_job_write(call, &whole, shown, &writer);
    }
    if (!status) {
        status = ar_writer_value(&writer, &value);
    }
    return status || ar_list_push(list, value) ? status : ARRAS_NO_MEMORY;
}

/* The jobs that the query asks for; `completed`: 1 or 0 where the operation says which, else -1.
 * False: answered. */
static bool find_jobs(struct ar_call *call, int completed, struct ar_job_list *ret)
{
    struct ar_job_filter filter;
    bool none;
    *ret = (struct ar_job_list){0};
    if (!ar_job_filter_read(call, &filter, &none)) {
        return false;
    }
    none = none || (completed >= 0 && filter.completed >= 0 && filter.completed != completed);
    filter.completed = completed >= 0 ? completed : filter.completed;
    if (none) {
        return true;
    }
    enum arras_status status =
        ar_store_job_list(call->api->store, &filter, call->arena, &call->diags, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static void list(struct ar_call *call, int completed)
{
    struct ar_job_list jobs;
    struct ar_list list;
    bool with_args = false;
    enum arras_status status = ARRAS_OK;
    if (!ar_param_bool(call, "include_args", &with_args) || !find_jobs(call, completed, &jobs)) {
        return;
    }
    int shown = (completed < 0 ? AR_SHOW_TYPE : 0) | (with_args ? AR_SHOW_ARGS : 0);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < jobs.list.count; i++) {
        status = push_job(call, &jobs.list.items[i], shown, &list);
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}

void ar_api_list_jobs(struct ar_call *call)
{
    list(call, -1);
}

void ar_api_list_queue(struct ar_call *call)
{
    list(call, 0);
}

void ar_api_list_completed(struct ar_call *call)
{
    list(call, 1);
}

static void list_ids(struct ar_call *call, int completed)
{
    struct ar_job_list jobs;
    struct ar_list list;
    bool pushed = true;
    if (!find_jobs(call, completed, &jobs)) {
        return;
    }
    ar_list_init(&list, call->arena);
    for (size_t i = 0; pushed && i < jobs.list.count; i++) {
        pushed = ar_list_push(&list, ar_string(jobs.list.items[i].id));
    }
    if (!pushed) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}

void ar_api_list_job_ids(struct ar_call *call)
{
    list_ids(call, -1);
}

void ar_api_list_queue_ids(struct ar_call *call)
{
    list_ids(call, 0);
}

/* False: answered. */
static bool count(struct ar_call *call, const struct ar_job_filter *filter, int64_t *ret)
{
    enum arras_status status = ar_store_job_count(call->api->store, filter, &call->diags, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

/* With nothing but its parameters of paging and of all workspaces. */
static void answer_length(struct ar_call *call, bool completed)
{
    struct ar_job_filter filter;
    struct ar_writer w;
    int64_t number;
    bool none;
    if (!ar_job_filter_read(call, &filter, &none)) {
        return;
    }
    filter.completed = completed;
    if (!count(call, &filter, &number)) {
        return;
    }
    ar_writer_init(&w, call->arena);
    ar_put_int(&w, "database_length", number);
    if (!completed) {
        ar_put_int(&w, "suspended", 0);
    }
    ar_answer_object(call, 200, &w);
}

void ar_api_count_queue(struct ar_call *call)
{
    answer_length(call, false);
}

void ar_api_count_completed(struct ar_call *call)
{
    answer_length(call, true);
}

static void answer_number(struct ar_call *call, int64_t number)
{
    struct arras_value value;
    if (ar_int(call->arena, number, &value)) {
        ar_answer_json(call, 200, &value);
    } else {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
    }
}

/* `completed_after_s_ago`, `success`, `tags`. */
void ar_api_count_completed_jobs(struct ar_call *call)
{
    struct ar_job_filter filter;
    struct arras_str tags = {NULL, 0};
    int64_t seconds = 0, number;
    bool none;
    if (!ar_job_filter_read(call, &filter, &none) || !ar_param_text(call, "tags", &tags) ||
        !ar_param_int(call, "completed_after_s_ago", 0, YEARS_100, &seconds)) {
        return;
    }
    if (tags.len && !ar_str_printf(call->arena, &filter.tag.list, ",%.*s,", AR_STR_ARG(tags))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    filter.completed = 1;
    filter.completed_after = seconds ? call->now - seconds * SECOND : filter.completed_after;
    if (count(call, &filter, &number)) {
        answer_number(call, number);
    }
}

static enum arras_status push_count(struct ar_call *call, const struct ar_tag_count *count,
                                    struct ar_list *list)
{
    struct ar_writer w;
    struct arras_value value;
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "tag", count->tag);
    ar_put_int(&w, "count", count->count);
    enum arras_status status = ar_writer_value(&w, &value);
    return status || ar_list_push(list, value) ? status : ARRAS_NO_MEMORY;
}

/* Of all workspaces, so for super admins. */
void ar_api_count_by_tag(struct ar_call *call)
{
    struct ar_tag_counts counts = {0};
    struct arras_str workspace = {NULL, 0};
    struct ar_list list;
    int64_t seconds = 3600;
    if (!call->user.superadmin) {
        ar_answer_textf(call, 403, "Require Admin privileges for %.*s",
                        AR_STR_ARG(call->user.username));
        return;
    }
    if (!ar_param_int(call, "horizon_secs", 0, YEARS_100, &seconds) ||
        !ar_param_text(call, "workspace_id", &workspace)) {
        return;
    }
    enum arras_status status =
        ar_store_job_count_by_tag(call->api->store, workspace, call->now - seconds * SECOND,
                                  call->arena, &call->diags, &counts);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < counts.list.count; i++) {
        status = push_count(call, &counts.list.items[i], &list);
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}

/* How many jobs wait that were scheduled for that time, in milliseconds, at the latest. */
void ar_api_queue_position(struct ar_call *call)
{
    struct ar_job_filter filter = {
        .workspace = {NULL, 0}, .running = -1, .completed = 0, .success = -1};
    struct ar_writer w;
    int64_t milliseconds, number;
    if (!ar_str_int(call->tail, &milliseconds) || milliseconds <= 0 ||
        milliseconds > INT64_MAX / 1000 - 1) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: expected a time in milliseconds since 1970"));
        return;
    }
    filter.position_before = milliseconds * 1000 + 999;
    if (!count(call, &filter, &number)) {
        return;
    }
    ar_writer_init(&w, call->arena);
    if (number) {
        ar_put_int(&w, "position", number);
    } else {
        ar_put_null(&w, "position");
    }
    ar_answer_object(call, 200, &w);
}

void ar_api_queue_scheduled_for(struct ar_call *call)
{
    struct ar_job job;
    bool found;
    if (!ar_call_job(call, &job, &found)) {
        return;
    }
    if (!found || ar_job_completed(&job)) {
        ar_answer_textf(call, 404, "Not found: queued job id %.*s does not exist",
                        AR_STR_ARG(call->tail));
        return;
    }
    answer_number(call, job.scheduled_for / 1000);
}
