/* Reading schedules: windmill-api.md section 4.6. */
#include "base/limits.h"
#include "jobs/api/job_json.h"
#include "jobs/api/route.h"
#include "jobs/api/schedule_json.h"
#include "jobs/store/json_contains.h"
#include "jobs/time.h"
#include "value/json.h"

static void write_schedule(const struct ar_schedule *schedule, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", schedule->workspace);
    ar_put_text(w, "path", schedule->path);
    ar_put_text(w, "edited_by", schedule->edited_by);
    ar_put_time(w, "edited_at", schedule->edited_at);
    ar_put_text(w, "schedule", schedule->cron);
    ar_put_text(w, "timezone", schedule->timezone);
    ar_put_bool(w, "enabled", schedule->enabled);
    ar_put_text(w, "script_path", schedule->script_path);
    ar_put_bool(w, "is_flow", false);
    ar_put_json(w, "args", schedule->args);
    ar_item_put_perms(w, schedule->extra_perms, schedule->labels);
    ar_put_text(w, "email", schedule->email);
    ar_put_text(w, "permissioned_as", schedule->permissioned_as);
    if (schedule->error.len) {
        ar_put_text(w, "error", schedule->error);
    } else {
        ar_put_null(w, "error");
    }
    ar_put_text(w, "summary", schedule->summary);
    ar_put_text(w, "description", schedule->description);
    ar_put_bool(w, "no_flow_overlap", schedule->no_flow_overlap);
    ar_put_bool(w, "ws_error_handler_muted", schedule->errors_muted);
    ar_put_text_if(w, "tag", schedule->tag);
    ar_put_time(w, "paused_until", schedule->paused_until);
    ar_put_text(w, "cron_version", schedule->cron_version);
    ar_schedule_write_follow(w, schedule);
    const struct {
        const char *name;
        bool set;
    } nulls[] = {{"retry", schedule->retry.len > 0},
                 {"on_failure", schedule->on_failure.len > 0},
                 {"on_recovery", schedule->on_recovery.len > 0},
                 {"on_success", schedule->on_success.len > 0},
                 {"dynamic_skip", false}};
    for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++) {
        if (!nulls[i].set) {
            ar_put_null(w, nulls[i].name);
        }
    }
}

void ar_api_get_schedule(struct ar_call *call)
{
    struct ar_schedule schedule;
    struct ar_writer writer;
    if (!ar_schedule_find(call, AR_RIGHT_READ, &schedule)) {
        return;
    }
    ar_writer_init(&writer, call->arena);
    write_schedule(&schedule, &writer);
    ar_answer_object(call, 200, &writer);
}

void ar_api_exists_schedule(struct ar_call *call)
{
    struct ar_schedule schedule;
    enum arras_status status = ar_store_schedule_get(call->api->store, call->workspace, call->tail,
                                                     call->arena, &call->diags, &schedule);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

/* What a list is to hold beside what the store looks for. */
struct wanted {
    struct ar_item_page page;
    struct arras_str path, summary, description, any; /* empty: any */
    int is_flow;
    const struct arras_value *args;       /* what its arguments hold; NULL: anything */
    AR_VEC(struct ar_schedule) schedules; /* of the page */
};

static bool contains(struct arras_str text, struct arras_str part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (ar_str_eq_nocase(ar_str_sub(text, i, i + part.len), part)) {
            return true;
        }
    }
    return false;
}

static bool has_args(const struct wanted *wanted, const struct ar_schedule *schedule)
{
    struct ar_source source = {AR_STR("the store"), schedule->args};
    struct arras_value args;
    return !wanted->args ||
           (ar_json_read(&source, wanted->page.call->arena, NULL, &args) == ARRAS_OK &&
            ar_json_contains(&args, wanted->args));
}

static bool fits(const struct wanted *wanted, const struct ar_schedule *schedule)
{
    const struct arras_str any = wanted->any;
    return wanted->is_flow != 1 &&
           (wanted->path.len == 0 || ar_str_eq(wanted->path, schedule->path)) &&
           contains(schedule->summary, wanted->summary) &&
           contains(schedule->description, wanted->description) &&
           (contains(schedule->path, any) || contains(schedule->script_path, any) ||
            contains(schedule->summary, any) || contains(schedule->description, any)) &&
           has_args(wanted, schedule);
}

static bool take(void *context, const struct ar_schedule *schedule)
{
    struct wanted *wanted = context;
    struct ar_item_page *page = &wanted->page;
    bool more = true;
    if (fits(wanted, schedule) &&
        ar_item_page_wants(page, schedule->path, schedule->extra_perms, schedule->labels, &more)) {
        page->list.count++; /* counted here, made when the store is free again */
        if (!ar_vec_push(page->call->arena, &wanted->schedules, *schedule)) {
            page->status = ARRAS_NO_MEMORY;
            more = false;
        }
    }
    return more;
}

static bool read_wanted(struct ar_call *call, struct wanted *ret, struct ar_item_filter *filter)
{
    struct arras_str args = {NULL, 0};
    ret->is_flow = -1;
    if (!ar_item_page_begin(&ret->page, call, filter) ||
        !ar_param_text(call, "schedule_path", &ret->path) ||
        !ar_param_text(call, "summary", &ret->summary) ||
        !ar_param_text(call, "broad_filter", &ret->any) ||
        !ar_param_tristate(call, "is_flow", &ret->is_flow) || !ar_param_text(call, "args", &args)) {
        return false;
    }
    ret->description = filter->description;
    if (args.len == 0) {
        return true;
    }
    struct ar_source source = {AR_STR("args"), args};
    struct arras_value *value = ar_arena_alloc(call->arena, sizeof(*value));
    enum arras_status status =
        value ? ar_json_read(&source, call->arena, NULL, value) : ARRAS_NO_MEMORY;
    if (status == ARRAS_NO_MEMORY) {
        ar_answer_failed(call, status);
        return false;
    }
    if (status || value->type != ARRAS_OBJECT) {
        ar_answer_text(call, 400, AR_STR("Bad request: query parameter args: no JSON object"));
        return false;
    }
    ret->args = value;
    return true;
}

/* The newest jobs that have ended. */
static enum arras_status put_jobs(struct ar_call *call, const struct ar_schedule *schedule,
                                  struct ar_writer *w)
{
    struct ar_job_list jobs = {0};
    struct ar_list list;
    enum arras_status status = ar_store_schedule_jobs(
        call->api->store, schedule->workspace, schedule->path, call->arena, &call->diags, &jobs);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < jobs.list.count; i++) {
        const struct ar_job *job = &jobs.list.items[i];
        struct ar_writer item;
        struct arras_value value;
        ar_writer_init(&item, call->arena);
        ar_put_text(&item, "id", job->id);
        ar_put_bool(&item, "success", job->state == AR_JOB_SUCCESS);
        ar_put_int(&item, "duration_ms", ar_job_duration(job));
        status = ar_writer_value(&item, &value);
        if (!status && !ar_list_push(&list, value)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    ar_put(w, "jobs", ar_list_value(&list));
    return status;
}

static void list(struct ar_call *call, bool with_jobs)
{
    struct wanted wanted = {0};
    struct ar_item_filter filter;
    if (!read_wanted(call, &wanted, &filter)) {
        return;
    }
    enum arras_status status =
        ar_store_schedule_list(call->api->store, &filter, call->arena, &call->diags, take, &wanted);
    ar_list_init(&wanted.page.list, call->arena);
    for (size_t i = 0; !status && i < wanted.schedules.count; i++) {
        struct ar_writer writer;
        ar_writer_init(&writer, call->arena);
        write_schedule(&wanted.schedules.items[i], &writer);
        status = with_jobs ? put_jobs(call, &wanted.schedules.items[i], &writer) : ARRAS_OK;
        ar_item_page_add(&wanted.page, &writer);
    }
    ar_item_page_answer(&wanted.page, status);
}

void ar_api_list_schedules(struct ar_call *call)
{
    list(call, false);
}

void ar_api_list_schedules_with_jobs(struct ar_call *call)
{
    list(call, true);
}

void ar_api_preview_schedule(struct ar_call *call)
{
    static const char *const required[] = {"schedule", "timezone", NULL};
    struct arras_value body;
    struct arras_str cron = {NULL, 0}, zone = {NULL, 0}, version = {NULL, 0};
    struct ar_list list;
    int64_t times[AR_SCHEDULE_PREVIEW];
    size_t count;
    if (!ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !ar_member_text(call, &body, "schedule", &cron) ||
        !ar_member_text(call, &body, "timezone", &zone) ||
        !ar_member_text(call, &body, "cron_version", &version) ||
        !ar_schedule_times(call, cron, version, zone, times, &count)) {
        return;
    }
    ar_list_init(&list, call->arena);
    for (size_t i = 0; i < count; i++) {
        char text[AR_TIME_LENGTH + 1];
        struct arras_str copy;
        ar_time_write(times[i], text);
        if (!ar_str_copy(ar_str_z(text), call->arena, &copy) ||
            !ar_list_push(&list, ar_string(copy))) {
            ar_answer_failed(call, ARRAS_NO_MEMORY);
            return;
        }
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}
