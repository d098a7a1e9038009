/* Writing schedules: windmill-api.md sections 4.6 and 6.9. */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/route.h"
#include "jobs/api/schedule_json.h"
#include "jobs/schedule/timetable.h"

bool ar_schedule_find(struct ar_call *call, enum ar_right right, struct ar_schedule *ret)
{
    enum arras_status status = ar_store_schedule_get(call->api->store, call->workspace, call->tail,
                                                     call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Schedule not found at name %.*s",
                        AR_STR_ARG(call->tail));
        return false;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_item_allowed(call, "Schedule", ret->path, ret->extra_perms, right);
}

bool ar_schedule_times(struct ar_call *call, struct arras_str cron, struct arras_str version,
                       struct arras_str zone, int64_t *ret_times, size_t *ret_count)
{
    struct ar_timetable table;
    size_t count = 0;
    enum arras_status status =
        ar_timetable_read(cron, version, zone, call->arena, &call->diags, &table);
    if (status == ARRAS_INVALID) {
        const struct arras_diag *error = ar_diags_first_error(&call->diags);
        ar_answer_textf(call, 400, "Bad request: %.*s",
                        AR_STR_ARG(error ? error->message : AR_STR("no times")));
        return false;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    int64_t time = call->now;
    while (count < AR_SCHEDULE_PREVIEW && ar_timetable_next(&table, time, &time)) {
        ret_times[count++] = time;
    }
    *ret_count = count;
    if (count == 0) {
        ar_answer_textf(call, 400, "Bad request: '%.*s' has no next time", AR_STR_ARG(cron));
    }
    return count > 0;
}

/* A schedule runs as who edited it. */
static bool read_editor(struct ar_call *call, const struct arras_value *body,
                        struct ar_schedule *ret)
{
    bool preserve = false;
    struct arras_str wanted = {NULL, 0};
    ret->edited_by = call->user.username;
    ret->email = call->user.email;
    ret->edited_at = call->now;
    if (!ar_str_printf(call->arena, &ret->permissioned_as, "u/%.*s",
                       AR_STR_ARG(call->user.username))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    if (!ar_item_bool(call, body, "preserve_permissioned_as", &preserve) ||
        !ar_member_text(call, body, "permissioned_as", &wanted)) {
        return false;
    }
    if (preserve && wanted.len && !ar_str_eq(wanted, ret->permissioned_as)) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: a schedule runs as who edited it: "
                              "preserve_permissioned_as is not possible"));
        return false;
    }
    return true;
}

static bool read_tag(struct ar_call *call, const struct arras_value *body, struct ar_schedule *ret)
{
    struct arras_str before = ret->tag;
    if (ar_get_z(body, "tag")) {
        ret->tag = (struct arras_str){NULL, 0};
    }
    if (!ar_member_text(call, body, "tag", &ret->tag)) {
        return false;
    }
    if (ret->tag.len && !call->user.superadmin && !ar_str_eq(ret->tag, before)) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: Only super admins are allowed to use tags that are not "
                              "included in the allowed CUSTOM_TAGS: "));
        return false;
    }
    return true;
}

static bool read_args(struct ar_call *call, const struct arras_value *body, struct ar_schedule *ret)
{
    const struct arras_value *args = ar_get_z(body, "args");
    if (!args) {
        return true;
    }
    if (args->type == ARRAS_NULL) {
        ret->args = AR_STR("{}");
        return true;
    }
    if (args->type != ARRAS_OBJECT) {
        ar_answer_text(call, 422,
                       AR_STR("Failed to deserialize the JSON body into the target type: args: "
                              "expected an object"));
        return false;
    }
    return ar_item_json(call, body, "args", &ret->args);
}

/* null ends the pause. */
static bool read_pause(struct ar_call *call, const struct arras_value *body,
                       struct ar_schedule *ret)
{
    if (ar_get_z(body, "paused_until")) {
        ret->paused_until = 0;
    }
    return ar_item_time(call, body, "paused_until", &ret->paused_until);
}

/* All but path, script and enabled; *ret is what it was before. */
static bool read_members(struct ar_call *call, const struct arras_value *body,
                         struct ar_schedule *ret)
{
    int64_t times[AR_SCHEDULE_PREVIEW];
    size_t count;
    return ar_schedule_read_follow(call, body, ret) &&
           ar_member_text(call, body, "schedule", &ret->cron) &&
           ar_member_text(call, body, "timezone", &ret->timezone) &&
           ar_member_text(call, body, "cron_version", &ret->cron_version) &&
           ar_schedule_times(call, ret->cron, ret->cron_version, ret->timezone, times, &count) &&
           read_args(call, body, ret) && read_tag(call, body, ret) && read_pause(call, body, ret) &&
           ar_member_text(call, body, "summary", &ret->summary) &&
           ar_member_text(call, body, "description", &ret->description) &&
           ar_item_bool(call, body, "no_flow_overlap", &ret->no_flow_overlap) &&
           ar_item_bool(call, body, "ws_error_handler_muted", &ret->errors_muted) &&
           ar_item_labels(call, body, &ret->labels) && read_editor(call, body, ret);
}

bool ar_schedule_check_script(struct ar_call *call, struct arras_str path)
{
    struct ar_script script;
    enum arras_status status = ar_store_script_by_path(call->api->store, call->workspace, path,
                                                       call->arena, &call->diags, &script);
    bool hidden =
        !status && !ar_access_allows(&call->access, path, script.extra_perms, AR_RIGHT_READ);
    if (status == ARRAS_NOT_FOUND || hidden) {
        ar_answer_textf(call, 404, "Not found: Script not found at name %.*s", AR_STR_ARG(path));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK && !hidden;
}

/* It runs as who edits it, who must be allowed to run the script, be it there or not. */
static bool check_editor(struct ar_call *call, struct arras_str path)
{
    struct ar_script script = {.extra_perms = {NULL, 0}};
    enum arras_status status = ar_store_script_by_path(call->api->store, call->workspace, path,
                                                       call->arena, &call->diags, &script);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return false;
    }
    bool allowed = ar_access_allows(&call->access, path, script.extra_perms, AR_RIGHT_READ);
    if (!allowed) {
        ar_answer_textf(call, 404, "Not found: Script not found at name %.*s", AR_STR_ARG(path));
    }
    return allowed;
}

void ar_api_create_schedule(struct ar_call *call)
{
    static const char *const required[] = {"path",    "schedule", "timezone", "script_path",
                                           "is_flow", "args",     NULL};
    struct arras_value body;
    struct ar_schedule schedule = {
        .workspace = call->workspace, .cron_version = AR_STR("v2"), .args = AR_STR("{}")};
    bool is_flow = false;
    if (!ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !ar_item_bool(call, &body, "is_flow", &is_flow)) {
        return;
    }
    if (is_flow) {
        ar_api_no_flows(call);
        return;
    }
    if (!ar_member_text(call, &body, "path", &schedule.path) ||
        !ar_member_text(call, &body, "script_path", &schedule.script_path) ||
        !ar_item_bool(call, &body, "enabled", &schedule.enabled) ||
        !ar_item_path(call, schedule.path) || !read_members(call, &body, &schedule) ||
        !ar_schedule_check_script(call, schedule.script_path)) {
        return;
    }
    enum arras_status status = ar_store_schedule_add(call->api->store, &schedule, &call->diags);
    if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 400, "Bad request: Schedule %.*s already exists",
                        AR_STR_ARG(schedule.path));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "schedule.create", AR_AUDIT_CREATE, schedule.path, 201, "%.*s",
                        AR_STR_ARG(schedule.path));
    }
}

/* What an update cannot change may be sent as it is. */
static bool check_unchanged(struct ar_call *call, const struct arras_value *body, const char *name,
                            struct arras_str now)
{
    struct arras_str sent = now;
    if (!ar_member_text(call, body, name, &sent)) {
        return false;
    }
    if (!ar_str_eq(sent, now)) {
        ar_answer_textf(call, 400, "Bad request: %s of a schedule cannot be changed", name);
        return false;
    }
    return true;
}

/* For an update and enabling; NOT_FOUND: deleted meanwhile. */
static bool answered_failure(struct ar_call *call, enum arras_status status)
{
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Schedule not found at name %.*s",
                        AR_STR_ARG(call->tail));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status != ARRAS_OK;
}

void ar_api_update_schedule(struct ar_call *call)
{
    static const char *const required[] = {"schedule", "timezone", "args", NULL};
    struct arras_value body;
    struct ar_schedule schedule;
    if (!ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !ar_schedule_find(call, AR_RIGHT_WRITE, &schedule) ||
        !check_unchanged(call, &body, "path", schedule.path) ||
        !check_unchanged(call, &body, "script_path", schedule.script_path) ||
        !check_editor(call, schedule.script_path) || !read_members(call, &body, &schedule)) {
        return;
    }
    if (!answered_failure(call,
                          ar_store_schedule_update(call->api->store, &schedule, &call->diags))) {
        ar_audit_answer(call, "schedule.edit", AR_AUDIT_UPDATE, schedule.path, 200, "%.*s",
                        AR_STR_ARG(schedule.path));
    }
}

void ar_api_set_schedule_enabled(struct ar_call *call)
{
    static const char *const required[] = {"enabled", NULL};
    struct arras_value body;
    struct ar_schedule schedule;
    if (!ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !ar_schedule_find(call, AR_RIGHT_WRITE, &schedule) ||
        !ar_item_bool(call, &body, "enabled", &schedule.enabled) ||
        (schedule.enabled && !check_editor(call, schedule.script_path)) ||
        !read_editor(call, &body, &schedule)) {
        return;
    }
    if (!answered_failure(call,
                          ar_store_schedule_enable(call->api->store, &schedule, &call->diags))) {
        ar_audit_answer(call, "schedule.setenabled", AR_AUDIT_UPDATE, call->tail, 200,
                        "succesfully updated schedule at path %.*s to status %s",
                        AR_STR_ARG(schedule.path), schedule.enabled ? "true" : "false");
    }
}

void ar_api_delete_schedule(struct ar_call *call)
{
    struct ar_schedule schedule;
    if (!ar_schedule_find(call, AR_RIGHT_WRITE, &schedule)) {
        return;
    }
    if (!answered_failure(call, ar_store_schedule_delete(call->api->store, call->workspace,
                                                         call->tail, &call->diags))) {
        ar_audit_answer(call, "schedule.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "schedule %.*s deleted", AR_STR_ARG(call->tail));
    }
}
