/* Who else may use one thing: its extra_perms (windmill-api.md section 6.7). */
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/perms.h"
#include "jobs/api/route.h"

struct target {
    const char *kind;
    struct arras_str extra_perms;
    bool readable, owned;
    struct ar_folder folder;
    struct ar_group group;
};

static enum arras_status find_item(struct ar_call *call, struct target *target)
{
    struct ar_store *store = call->api->store;
    struct ar_script script;
    struct ar_variable variable;
    struct ar_resource resource;
    struct ar_schedule schedule;
    enum arras_status status;
    if (strcmp(target->kind, "script") == 0) {
        status = ar_store_script_by_path(store, call->workspace, call->tail, call->arena,
                                         &call->diags, &script);
        target->extra_perms = status ? AR_STR("") : script.extra_perms;
    } else if (strcmp(target->kind, "variable") == 0) {
        status = ar_store_variable_get(store, call->workspace, call->tail, call->arena,
                                       &call->diags, &variable);
        target->extra_perms = status ? AR_STR("") : variable.extra_perms;
    } else if (strcmp(target->kind, "schedule") == 0) {
        status = ar_store_schedule_get(store, call->workspace, call->tail, call->arena,
                                       &call->diags, &schedule);
        target->extra_perms = status ? AR_STR("") : schedule.extra_perms;
    } else {
        status = ar_store_resource_get(store, call->workspace, call->tail, call->arena,
                                       &call->diags, &resource);
        target->extra_perms = status ? AR_STR("") : resource.extra_perms;
    }
    struct arras_str rest = call->tail, place = ar_str_cut(&rest, '/');
    struct arras_str owner = ar_str_cut(&rest, '/');
    target->owned = call->access.all ||
                    (ar_str_is(place, "u") && ar_str_eq(owner, call->user.username)) ||
                    (ar_str_is(place, "f") && ar_access_folder(&call->access, owner, AR_RIGHT_OWN));
    target->readable =
        ar_access_allows(&call->access, call->tail, target->extra_perms, AR_RIGHT_READ);
    return status;
}

static enum arras_status find_folder(struct ar_call *call, struct target *target)
{
    enum arras_status status = ar_store_folder_get(call->api->store, call->workspace, call->tail,
                                                   call->arena, &call->diags, &target->folder);
    target->extra_perms = status ? AR_STR("") : target->folder.extra_perms;
    target->owned = ar_access_folder(&call->access, call->tail, AR_RIGHT_OWN);
    target->readable = ar_access_folder(&call->access, call->tail, AR_RIGHT_READ);
    return status;
}

static enum arras_status find_group(struct ar_call *call, struct target *target)
{
    enum arras_status status = ar_store_group_get(call->api->store, call->workspace, call->tail,
                                                  call->arena, &call->diags, &target->group);
    target->extra_perms = status ? AR_STR("") : target->group.extra_perms;
    target->owned =
        call->access.all || ar_access_extra(&call->access, target->extra_perms, AR_RIGHT_WRITE);
    target->readable = true;
    return status;
}

/* What {kind} and {*path} say; false: answered. */
static bool find(struct ar_call *call, struct target *ret)
{
    static const char *const kinds[] = {"script",   "variable", "resource",
                                        "schedule", "folder",   "group_"};
    *ret = (struct target){.kind = NULL};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        ret->kind = ar_str_is(call->part, kinds[i]) ? kinds[i] : ret->kind;
    }
    if (!ret->kind) {
        ar_answer_textf(call, 400, "Bad request: this server has no permissions of kind '%.*s'",
                        AR_STR_ARG(ar_str_sub(call->part, 0, 100)));
        return false;
    }
    enum arras_status status = strcmp(ret->kind, "folder") == 0   ? find_folder(call, ret)
                               : strcmp(ret->kind, "group_") == 0 ? find_group(call, ret)
                                                                  : find_item(call, ret);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return false;
    }
    if (status || !ret->readable) {
        ar_answer_textf(call, 404, "Not found: %s not found at name %.*s", ret->kind,
                        AR_STR_ARG(call->tail));
        return false;
    }
    return true;
}

void ar_api_get_acls(struct ar_call *call)
{
    struct target target;
    if (find(call, &target)) {
        ar_answer_json_text(call, 200, target.extra_perms.len ? target.extra_perms : AR_STR("{}"));
    }
}

static enum arras_status store(struct ar_call *call, struct target *target)
{
    struct ar_store *store = call->api->store;
    if (strcmp(target->kind, "folder") == 0) {
        target->folder.extra_perms = target->extra_perms;
        return ar_store_folder_update(store, &target->folder, &call->diags);
    }
    if (strcmp(target->kind, "group_") == 0) {
        target->group.extra_perms = target->extra_perms;
        return ar_store_group_update(store, &target->group, &call->diags);
    }
    return ar_store_perms_set(store, target->kind, call->workspace, call->tail, target->extra_perms,
                              &call->diags);
}

static void change(struct ar_call *call, bool add)
{
    struct target target;
    struct arras_value body;
    struct arras_str owner;
    bool write = false;
    if (!find(call, &target) || !ar_item_body(call, &body) ||
        !ar_perms_read_owner(call, &body, &owner) || !ar_item_bool(call, &body, "write", &write)) {
        return;
    }
    if (!target.owned) {
        ar_answer_textf(call, 403, "Permission denied: %.*s is not an owner of %.*s",
                        AR_STR_ARG(call->user.username), AR_STR_ARG(call->tail));
        return;
    }
    bool made = add ? ar_perms_set(call, owner, write, &target.extra_perms)
                    : ar_perms_unset(call, owner, &target.extra_perms);
    if (made && ar_people_done(call, store(call, &target), target.kind, "")) {
        ar_audit_answer(call, add ? "acls.add" : "acls.remove", AR_AUDIT_UPDATE, call->tail, 200,
                        "%s", add ? "Added ACLs" : "Removed ACLs");
    }
}

void ar_api_add_acls(struct ar_call *call)
{
    change(call, true);
}

void ar_api_remove_acls(struct ar_call *call)
{
    change(call, false);
}
