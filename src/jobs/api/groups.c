/* Groups of users, and who may use one thing (granular access): windmill-api.md section 6.7. */
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/perms.h"
#include "jobs/api/route.h"

static bool find_group(struct ar_call *call, struct ar_group *ret)
{
    enum arras_status status = ar_store_group_get(call->api->store, call->workspace, call->tail,
                                                  call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Group not found at name %.*s",
                        AR_STR_ARG(call->tail));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

/* One that the caller may change; false: answered. */
static bool own_group(struct ar_call *call, struct ar_group *ret)
{
    if (!find_group(call, ret)) {
        return false;
    }
    if (!call->access.all && !ar_access_extra(&call->access, ret->extra_perms, AR_RIGHT_WRITE)) {
        ar_answer_textf(call, 403, "Permission denied: %.*s is not an owner of group %.*s",
                        AR_STR_ARG(call->user.username), AR_STR_ARG(call->tail));
        return false;
    }
    return true;
}

static enum arras_status write_group(struct ar_call *call, const struct ar_group *group,
                                     struct ar_writer *w)
{
    struct ar_name_list members = {0};
    enum arras_status status = ar_store_group_members(
        call->api->store, call->workspace, group->name, call->arena, &call->diags, &members);
    ar_put_text(w, "workspace_id", group->workspace);
    ar_put_text(w, "name", group->name);
    ar_put_text(w, "summary", group->summary);
    ar_people_put_names(w, "members", members.items, members.count);
    ar_put_json(w, "extra_perms", group->extra_perms.len ? group->extra_perms : AR_STR("{}"));
    return status;
}

void ar_api_get_group(struct ar_call *call)
{
    struct ar_group group;
    struct ar_writer w;
    if (!find_group(call, &group)) {
        return;
    }
    ar_writer_init(&w, call->arena);
    enum arras_status status = write_group(call, &group, &w);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_object(call, 200, &w);
    }
}

static bool list_groups(struct ar_call *call, struct ar_group_list *ret)
{
    enum arras_status status =
        ar_store_group_list(call->api->store, call->workspace, call->arena, &call->diags, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_api_list_groups(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    struct ar_group_list groups = {0};
    enum arras_status status = ARRAS_OK;
    if (!ar_item_page_begin(&page, call, &filter) || !list_groups(call, &groups)) {
        return;
    }
    for (size_t i = 0; !status && i < groups.count; i++) {
        struct ar_writer w;
        if (ar_item_page_takes(&page)) {
            ar_writer_init(&w, call->arena);
            status = write_group(call, &groups.items[i], &w);
            ar_item_page_add(&page, &w);
        }
    }
    ar_item_page_answer(&page, status);
}

static bool is_in(const struct ar_name_list *names, struct arras_str name)
{
    bool found = ar_str_is(name, "all");
    for (size_t i = 0; i < names->count && !found; i++) {
        found = ar_str_eq(names->items[i], name);
    }
    return found;
}

/* `only_member_of`: those that the caller is in. */
void ar_api_list_group_names(struct ar_call *call)
{
    struct ar_group_list groups = {0};
    struct ar_name_list own = {0};
    AR_VEC(struct arras_str) names = {0};
    bool only_own = false;
    if (!ar_param_bool(call, "only_member_of", &only_own) || !list_groups(call, &groups)) {
        return;
    }
    enum arras_status status = ar_store_groups_of(
        call->api->store, call->workspace, call->user.username, call->arena, &call->diags, &own);
    for (size_t i = 0; !status && i < groups.count; i++) {
        if ((!only_own || is_in(&own, groups.items[i].name)) &&
            !ar_vec_push(call->arena, &names, groups.items[i].name)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_people_answer_names(call, names.items, names.count);
    }
}

/* Who creates it may change it and is in it. */
void ar_api_create_group(struct ar_call *call)
{
    static const char *const required[] = {"name", NULL};
    struct arras_value body;
    struct arras_str creator;
    struct ar_group group = {.workspace = call->workspace, .extra_perms = AR_STR("{}")};
    if (!ar_call_is_developer(call, "create groups") || !ar_item_body(call, &body) ||
        !ar_item_has(call, &body, required) || !ar_member_text(call, &body, "name", &group.name) ||
        !ar_people_name(call, "group name", group.name) ||
        !ar_member_text(call, &body, "summary", &group.summary)) {
        return;
    }
    if (!ar_str_printf(call->arena, &creator, "u/%.*s", AR_STR_ARG(call->user.username))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    if (!ar_perms_set(call, creator, true, &group.extra_perms)) {
        return;
    }
    enum arras_status status = ar_store_group_add(call->api->store, &group, &call->diags);
    if (!ar_people_done(call, status, "", "a group of that name already exists")) {
        return;
    }
    status = ar_store_group_enter(call->api->store, call->workspace, group.name,
                                  call->user.username, &call->diags);
    if (ar_people_done(call, status, "", "the group is gone")) {
        ar_audit_answer(call, "group.create", AR_AUDIT_CREATE, group.name, 200,
                        "Created group %.*s", AR_STR_ARG(group.name));
    }
}

void ar_api_update_group(struct ar_call *call)
{
    struct arras_value body;
    struct ar_group group;
    if (!own_group(call, &group) || !ar_item_body(call, &body) ||
        !ar_member_text(call, &body, "summary", &group.summary)) {
        return;
    }
    enum arras_status status = ar_store_group_update(call->api->store, &group, &call->diags);
    if (ar_people_done(call, status, "Group", "")) {
        ar_audit_answer(call, "group.edit", AR_AUDIT_UPDATE, group.name, 200, "Edited group %.*s",
                        AR_STR_ARG(group.name));
    }
}

static bool is_everybody(struct ar_call *call)
{
    bool all = ar_str_is(call->tail, "all");
    if (all) {
        ar_answer_text(call, 400, AR_STR("Bad request: group all always holds everybody"));
    }
    return all;
}

void ar_api_delete_group(struct ar_call *call)
{
    struct ar_group group;
    if (is_everybody(call) || !own_group(call, &group)) {
        return;
    }
    enum arras_status status =
        ar_store_group_delete(call->api->store, call->workspace, call->tail, &call->diags);
    if (ar_people_done(call, status, "Group", "")) {
        ar_audit_answer(call, "group.delete", AR_AUDIT_DELETE, call->tail, 200, "delete group %.*s",
                        AR_STR_ARG(call->tail));
    }
}

/* {"username"} of the body; false: answered. */
static bool read_username(struct ar_call *call, struct arras_str *ret)
{
    static const char *const required[] = {"username", NULL};
    struct arras_value body;
    *ret = (struct arras_str){NULL, 0};
    return ar_item_body(call, &body) && ar_item_has(call, &body, required) &&
           ar_member_text(call, &body, "username", ret) && ar_people_name(call, "user name", *ret);
}

void ar_api_add_to_group(struct ar_call *call)
{
    struct arras_str username;
    struct ar_group group;
    struct ar_workspace_member member;
    if (is_everybody(call) || !own_group(call, &group) || !read_username(call, &username)) {
        return;
    }
    enum arras_status status = ar_store_member_get(call->api->store, call->workspace, username,
                                                   call->arena, &call->diags, &member);
    if (!status) {
        status = ar_store_group_enter(call->api->store, call->workspace, call->tail, username,
                                      &call->diags);
    }
    if (ar_people_done(call, status, "the workspace has no user of that name",
                       "the user is in the group")) {
        ar_audit_answer(call, "group.adduser", AR_AUDIT_UPDATE, call->tail, 200,
                        "Added %.*s to group", AR_STR_ARG(username));
    }
}

void ar_api_remove_from_group(struct ar_call *call)
{
    struct arras_str username;
    struct ar_group group;
    if (is_everybody(call) || !own_group(call, &group) || !read_username(call, &username)) {
        return;
    }
    enum arras_status status =
        ar_store_group_leave(call->api->store, call->workspace, call->tail, username, &call->diags);
    if (ar_people_done(call, status, "the group has no user of that name", "")) {
        ar_audit_answer(call, "group.removeuser", AR_AUDIT_UPDATE, call->tail, 200,
                        "Removed %.*s from group", AR_STR_ARG(username));
    }
}
