#include "jobs/api/job_filter.h"
#include <stddef.h>
#include "base/buf.h"
#include "base/limits.h"
#include "jobs/api/rights.h"
#include "value/json.h"

struct filter_param {
    const char *name;
    size_t offset; /* in struct ar_job_filter */
};

#define PARAM(name, field)                                                                         \
    {                                                                                              \
        name, offsetof(struct ar_job_filter, field)                                                \
    }

static const struct filter_param NAMES[] = {
    PARAM("script_path_exact", script_path),
    PARAM("created_by", created_by),
    PARAM("worker", worker),
    PARAM("tag", tag),
    PARAM("job_kinds", kind),
};

static const struct filter_param TIMES[] = {
    PARAM("created_after", created_after),      PARAM("created_before", created_before),
    PARAM("started_after", started_after),      PARAM("started_before", started_before),
    PARAM("completed_after", completed_after),  PARAM("completed_before", completed_before),
    PARAM("created_after_queue", queued_after), PARAM("created_before_queue", queued_before),
};

/* What this server's jobs never are. */
static const char *const NEVER[] = {"suspended", "is_flow_step", "is_skipped"};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void *field(struct ar_job_filter *filter, const struct filter_param *param)
{
    return (char *)filter + param->offset;
}

static bool refuse(struct ar_call *call, const char *name, const char *why)
{
    ar_answer_textf(call, 400, "Bad request: query parameter %s: %s", name, why);
    return false;
}

/* "a,b" or "!a,!b" as ",a,b,". */
static bool read_names(struct ar_call *call, const char *name, struct ar_job_names *ret)
{
    struct arras_str text = {NULL, 0};
    struct ar_buf buf;
    if (!ar_param_text(call, name, &text)) {
        return false;
    }
    if (text.len == 0) {
        return true;
    }
    ret->negated = ar_str_starts(text, "!");
    ar_buf_init(&buf, AR_HEADER_SIZE);
    ar_buf_add_char(&buf, ',');
    bool mixed = false;
    while (text.len) {
        struct arras_str one = ar_str_cut(&text, ',');
        bool negated = ar_str_starts(one, "!");
        mixed = mixed || negated != ret->negated;
        ar_buf_add_str(&buf, ar_str_from(one, negated));
        ar_buf_add_char(&buf, ',');
    }
    enum arras_status status = ar_buf_copy(&buf, call->arena, &ret->list);
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    return !status && (!mixed || refuse(call, name, "all of its values are negated, or none is"));
}

/* Names of states as their numbers. */
static bool read_states(struct ar_call *call, struct ar_job_filter *filter)
{
    static const char *const names[] = {",success,", ",failure,", ",canceled,"};
    static const char *const numbers[] = {",2,", ",3,", ",4,"};
    struct ar_job_names states = {{NULL, 0}, false};
    struct ar_buf buf;
    if (!read_names(call, "status", &states)) {
        return false;
    }
    if (states.list.len == 0) {
        return true;
    }
    ar_buf_init(&buf, 64);
    ar_buf_add_z(&buf, ",");
    for (size_t i = 0; i < COUNT(names); i++) {
        if (ar_str_find(states.list, ar_str_z(names[i]), 0) != AR_NOT_FOUND) {
            ar_buf_add_z(&buf, numbers[i] + 1);
        }
    }
    filter->state.negated = states.negated;
    enum arras_status status = ar_buf_copy(&buf, call->arena, &filter->state.list);
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    filter->completed = 1;
    return status == ARRAS_OK;
}

/* Names as patterns of the store: `*` is any text where it is a wildcard, and at the end of what
 * is a beginning. */
static bool make_patterns(struct ar_call *call, struct ar_job_names names, bool wildcards,
                          bool beginnings, struct ar_job_names *ret)
{
    struct ar_buf buf;
    struct arras_str rest = names.list;
    ar_buf_init(&buf, AR_HEADER_SIZE);
    while (rest.len) {
        struct arras_str one = ar_str_cut(&rest, ',');
        for (size_t i = 0; i < one.len; i++) {
            bool any = wildcards && one.ptr[i] == '*';
            ar_buf_add_z(&buf, !any && strchr("\\%_", one.ptr[i]) ? "\\" : "");
            ar_buf_add_char(&buf, any ? '%' : one.ptr[i]);
        }
        ar_buf_add_z(&buf, one.len && beginnings ? "%," : one.len ? "," : "");
    }
    ret->negated = names.negated;
    enum arras_status status = ar_buf_copy(&buf, call->arena, &ret->list);
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static bool read_patterns(struct ar_call *call, struct ar_job_filter *filter)
{
    struct ar_job_names labels = {{NULL, 0}, false}, beginnings = {{NULL, 0}, false};
    bool wild = false;
    if (!read_names(call, "label", &labels) ||
        !read_names(call, "script_path_start", &beginnings) ||
        !ar_param_bool(call, "allow_wildcards", &wild) ||
        !make_patterns(call, labels, wild, false, &filter->like_label) ||
        !make_patterns(call, beginnings, false, true, &filter->like_script_path)) {
        return false;
    }
    if (!wild) {
        return true;
    }
    struct ar_job_names tags = filter->tag, workers = filter->worker;
    filter->tag = filter->worker = (struct ar_job_names){{NULL, 0}, false};
    return make_patterns(call, tags, true, false, &filter->like_tag) &&
           make_patterns(call, workers, true, false, &filter->like_worker);
}

/* Schedules are what triggers jobs here, and nothing else is. */
static bool read_trigger(struct ar_call *call, struct ar_job_filter *filter, bool *ret_none)
{
    struct ar_job_names kinds = {{NULL, 0}, false};
    struct arras_str path = {NULL, 0};
    if (!read_names(call, "trigger_kind", &kinds) || !ar_param_text(call, "trigger_path", &path)) {
        return false;
    }
    bool schedule = ar_str_find(kinds.list, AR_STR(",schedule,"), 0) != AR_NOT_FOUND;
    int wanted = !schedule ? 0 : kinds.negated ? -1 : 1;
    bool others = kinds.list.len && !kinds.negated && !schedule;
    bool differ = path.len && filter->schedule_path.len && !ar_str_eq(path, filter->schedule_path);
    *ret_none = *ret_none || others || differ || (wanted && filter->scheduled == -wanted);
    filter->scheduled = wanted ? wanted : filter->scheduled;
    filter->schedule_path = path.len ? path : filter->schedule_path;
    return true;
}

static bool read_part(struct ar_call *call, const char *name, struct arras_str *ret)
{
    struct arras_value value;
    if (!ar_param_text(call, name, ret)) {
        return false;
    }
    struct ar_source source = {ar_str_z(name), *ret};
    enum arras_status status =
        ret->len ? ar_json_read(&source, call->arena, NULL, &value) : ARRAS_OK;
    if (status == ARRAS_NO_MEMORY) {
        ar_answer_failed(call, status);
        return false;
    }
    return !status || refuse(call, name, "expected JSON");
}

/* What is looked for in every job that nothing else excludes. */
static bool read_contents(struct ar_call *call, struct ar_job_filter *filter)
{
    struct arras_str anywhere = {NULL, 0};
    if (!ar_param_text(call, "broad_filter", &anywhere) ||
        !read_part(call, "args", &filter->args) || !read_part(call, "result", &filter->result)) {
        return false;
    }
    char *lower = ar_arena_raw(call->arena, anywhere.len + 1, 1);
    if (!lower) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    for (size_t i = 0; i < anywhere.len; i++) {
        char c = anywhere.ptr[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    filter->anywhere = (struct arras_str){lower, anywhere.len};
    filter->completed = filter->result.len ? 1 : filter->completed;
    return true;
}

/* No job here runs under a concurrency limit, and some things no job is. */
static bool read_refused(struct ar_call *call, bool *ret_none)
{
    struct arras_str key = {NULL, 0};
    if (!ar_param_text(call, "concurrency_key", &key)) {
        return false;
    }
    if (key.len) {
        return refuse(call, "concurrency_key", "this server has no concurrency limits");
    }
    for (size_t i = 0; i < COUNT(NEVER); i++) {
        bool wanted = false;
        if (!ar_param_bool(call, NEVER[i], &wanted)) {
            return false;
        }
        *ret_none = *ret_none || wanted;
    }
    return true;
}

static bool read_workspaces(struct ar_call *call, struct ar_job_filter *filter)
{
    bool all = false;
    if (!ar_param_bool(call, "all_workspaces", &all)) {
        return false;
    }
    if (all && !call->user.superadmin) {
        ar_answer_textf(call, 403,
                        "Permission denied: all_workspaces is for super admins, not %.*s",
                        AR_STR_ARG(call->user.username));
        return false;
    }
    if (all) {
        filter->workspace = (struct arras_str){NULL, 0};
    }
    return true;
}

static bool read_tables(struct ar_call *call, struct ar_job_filter *filter)
{
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (!read_names(call, NAMES[i].name, field(filter, &NAMES[i]))) {
            return false;
        }
    }
    for (size_t i = 0; i < COUNT(TIMES); i++) {
        if (!ar_param_time(call, TIMES[i].name, field(filter, &TIMES[i]))) {
            return false;
        }
    }
    return true;
}

static bool read_rest(struct ar_call *call, struct ar_job_filter *filter)
{
    bool due = false, newest_first = true, unscheduled = false;
    if (!ar_param_text(call, "script_hash", &filter->script_hash) ||
        !ar_param_text(call, "schedule_path", &filter->schedule_path) ||
        !ar_param_uuid(call, "parent_job", &filter->parent_job) ||
        !ar_param_bool(call, "has_null_parent", &filter->has_null_parent) ||
        !ar_param_bool(call, "scheduled_for_before_now", &due) ||
        !ar_param_bool(call, "is_not_schedule", &unscheduled) ||
        !ar_param_bool(call, "order_desc", &newest_first) ||
        !ar_param_tristate(call, "running", &filter->running) ||
        !ar_param_tristate(call, "success", &filter->success)) {
        return false;
    }
    filter->scheduled = unscheduled ? -1 : 0;
    filter->due_before = due ? call->now : 0;
    filter->oldest_first = !newest_first;
    return true;
}

bool ar_job_filter_read(struct ar_call *call, struct ar_job_filter *ret, bool *ret_none)
{
    *ret_none = false;
    *ret = (struct ar_job_filter){
        .workspace = call->workspace, .running = -1, .completed = -1, .success = -1};
    if (!read_tables(call, ret) || !read_rest(call, ret) || !read_states(call, ret) ||
        !read_patterns(call, ret) || !read_trigger(call, ret, ret_none) ||
        !read_contents(call, ret) || !read_workspaces(call, ret) || !read_refused(call, ret_none) ||
        !ar_param_page(call, &ret->skip, &ret->limit) || !ar_call_limit_jobs(call, ret)) {
        return false;
    }
    bool completed = ret->success >= 0 || ret->completed == 1;
    if (completed && ret->running >= 0) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: cannot specify success/status with running"));
        return false;
    }
    ret->completed = completed ? 1 : ret->running >= 0 ? 0 : -1;
    return true;
}
