/* One script that all schedules of a workspace tell: setdefaulthandler. */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/schedule_json.h"

struct handler {
    const char *type; /* as Windmill calls it */
    enum ar_schedule_handler which;
    const char
        *members[4]; /* what a schedule calls path, extra_args, times and exact; NULL: none */
};

static const struct handler HANDLERS[] = {
    {"error",
     AR_HANDLER_FAILURE,
     {"on_failure", "on_failure_extra_args", "on_failure_times", "on_failure_exact"}},
    {"recovery",
     AR_HANDLER_RECOVERY,
     {"on_recovery", "on_recovery_extra_args", "on_recovery_times", NULL}},
    {"success", AR_HANDLER_SUCCESS, {"on_success", "on_success_extra_args", NULL, NULL}},
};

/* The request in the words of a schedule, which knows how to read them. */
static bool as_schedule(struct ar_call *call, const struct handler *handler,
                        const struct arras_value *body, struct ar_schedule *ret)
{
    static const char *const names[] = {"path", "extra_args", "number_of_occurence",
                                        "number_of_occurence_exact"};
    struct ar_writer writer;
    struct arras_value members;
    ar_writer_init(&writer, call->arena);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const struct arras_value *value = ar_get_z(body, names[i]);
        if (value && handler->members[i]) {
            ar_put(&writer, handler->members[i], *value);
        }
    }
    enum arras_status status = ar_writer_value(&writer, &members);
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_schedule_read_follow(call, &members, ret);
}

static const struct handler *find_handler(struct ar_call *call, const struct arras_value *body)
{
    struct arras_str type = {NULL, 0};
    if (!ar_member_text(call, body, "handler_type", &type)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(HANDLERS) / sizeof(*HANDLERS); i++) {
        if (ar_str_is(type, HANDLERS[i].type)) {
            return &HANDLERS[i];
        }
    }
    ar_answer_text(call, 400,
                   AR_STR("Bad request: handler_type: expected error, recovery or success"));
    return NULL;
}

void ar_api_set_schedule_handler(struct ar_call *call)
{
    static const char *const required[] = {"handler_type", "override_existing", NULL};
    struct arras_value body;
    struct ar_schedule schedule = {.workspace = call->workspace};
    bool existing = false;
    if (!ar_call_is_admin(call) || !ar_item_body(call, &body) ||
        !ar_item_has(call, &body, required) ||
        !ar_item_bool(call, &body, "override_existing", &existing)) {
        return;
    }
    const struct handler *handler = find_handler(call, &body);
    if (!handler || !as_schedule(call, handler, &body, &schedule)) {
        return;
    }
    if (!existing) {
        ar_answer_text(call, 501,
                       AR_STR("Not implemented: new schedules have the handlers that they name, "
                              "there are no defaults: override_existing must be true"));
        return;
    }
    enum arras_status status =
        ar_store_schedules_set_handler(call->api->store, &schedule, handler->which, &call->diags);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "schedule.setdefaulthandler", AR_AUDIT_UPDATE, call->workspace, 201,
                        "%s", "");
    }
}
