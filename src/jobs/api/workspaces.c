/* Workspaces: windmill-api.md section 4.6. */
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/route.h"

static bool find_workspace(struct ar_call *call, struct arras_str id, struct ar_workspace *ret)
{
    enum arras_status status =
        ar_store_workspace_get(call->api->store, id, call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: workspace not found at name %.*s",
                        AR_STR_ARG(ar_str_sub(id, 0, 100)));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

/* The new workspace and its first member; false: answered. */
static bool read_workspace(struct ar_call *call, struct ar_workspace *ret,
                           struct ar_workspace_member *ret_creator)
{
    static const char *const required[] = {"id", "name", NULL};
    struct arras_value body;
    struct arras_str username = {NULL, 0};
    *ret = (struct ar_workspace){.owner = call->user.email, .created_at = call->now};
    if (!ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !ar_member_text(call, &body, "id", &ret->id) ||
        !ar_member_text(call, &body, "name", &ret->name) ||
        !ar_member_text(call, &body, "color", &ret->color) ||
        !ar_member_text(call, &body, "username", &username) ||
        !ar_people_name(call, "workspace id", ret->id)) {
        return false;
    }
    *ret_creator = (struct ar_workspace_member){
        .workspace = ret->id,
        .username = username.len ? username : call->user.username,
        .email = call->user.email,
        .admin = true,
        .created_at = call->now,
    };
    return ar_people_name(call, "user name", ret_creator->username);
}

void ar_api_create_workspace(struct ar_call *call)
{
    struct ar_workspace workspace;
    struct ar_workspace_member creator;
    if (!ar_call_is_superadmin(call) || !read_workspace(call, &workspace, &creator)) {
        return;
    }
    enum arras_status status =
        ar_store_workspace_create(call->api->store, &workspace, &creator, &call->diags);
    if (ar_people_done(call, status, "", "a workspace of that id already exists")) {
        call->workspace = workspace.id;
        ar_audit_answer(call, "workspaces.create", AR_AUDIT_CREATE, workspace.id, 201,
                        "Created workspace %.*s", AR_STR_ARG(workspace.id));
    }
}

/* A member of the body that must be there; false: answered. */
static bool read_text(struct ar_call *call, const struct arras_value *body, const char *name,
                      struct arras_str *ret)
{
    const char *const required[] = {name, NULL};
    *ret = (struct arras_str){NULL, 0};
    return ar_item_has(call, body, required) && ar_member_text(call, body, name, ret);
}

void ar_api_exists_workspace(struct ar_call *call)
{
    struct arras_value body;
    struct arras_str id;
    bool exists = false;
    if (!ar_item_body(call, &body) || !read_text(call, &body, "id", &id)) {
        return;
    }
    enum arras_status status =
        ar_store_workspace_exists(call->api->store, id, &call->diags, &exists);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, exists ? AR_STR("true") : AR_STR("false"));
    }
}

void ar_api_exists_username(struct ar_call *call)
{
    struct arras_value body;
    struct arras_str id, username;
    struct ar_workspace_member member;
    if (!ar_item_body(call, &body) || !read_text(call, &body, "id", &id) ||
        !read_text(call, &body, "username", &username)) {
        return;
    }
    enum arras_status status =
        ar_store_member_get(call->api->store, id, username, call->arena, &call->diags, &member);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

static void write_workspace(struct ar_call *call, const struct ar_workspace *workspace,
                            struct ar_writer *w)
{
    ar_writer_init(w, call->arena);
    ar_put_text(w, "id", workspace->id);
    ar_put_text(w, "name", workspace->name);
    ar_put_text(w, "owner", workspace->owner);
    ar_put_text(w, "color", workspace->color);
    ar_put_bool(w, "deleted", workspace->archived);
    ar_put_time(w, "created_at",
                workspace->created_at ? workspace->created_at : call->api->created_at);
}

void ar_api_list_all_workspaces(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    struct ar_workspace_list workspaces = {0};
    if (!ar_call_is_superadmin(call) || !ar_item_page_begin(&page, call, &filter)) {
        return;
    }
    enum arras_status status =
        ar_store_workspace_list(call->api->store, call->arena, &call->diags, &workspaces);
    for (size_t i = 0; !status && i < workspaces.count; i++) {
        struct ar_writer w;
        if (ar_item_page_takes(&page)) {
            write_workspace(call, &workspaces.items[i], &w);
            ar_item_page_add(&page, &w);
        }
    }
    ar_item_page_answer(&page, status);
}

/* Whether the token is good for it. */
static bool within_token(const struct ar_call *call, const struct ar_membership *member)
{
    return call->user.workspace.len == 0 || ar_str_eq(call->user.workspace, member->workspace.id);
}

/* The caller's; false: answered. */
static bool own_workspaces(struct ar_call *call, struct ar_membership_list *ret)
{
    enum arras_status status = ar_store_membership_list(call->api->store, call->user.email,
                                                        call->arena, &call->diags, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_api_list_workspaces(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    struct ar_membership_list members = {0};
    if (!ar_item_page_begin(&page, call, &filter) || !own_workspaces(call, &members)) {
        return;
    }
    for (size_t i = 0; i < members.count; i++) {
        struct ar_writer w;
        if (within_token(call, &members.items[i]) && ar_item_page_takes(&page)) {
            write_workspace(call, &members.items[i].workspace, &w);
            ar_item_page_add(&page, &w);
        }
    }
    ar_item_page_answer(&page, ARRAS_OK);
}

void ar_api_list_user_workspaces(struct ar_call *call)
{
    struct ar_membership_list members = {0};
    struct ar_writer w;
    struct ar_list list;
    enum arras_status status = ARRAS_OK;
    if (!own_workspaces(call, &members)) {
        return;
    }
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < members.count; i++) {
        const struct ar_membership *member = &members.items[i];
        struct arras_value value;
        if (!within_token(call, member)) {
            continue;
        }
        ar_writer_init(&w, call->arena);
        ar_put_text(&w, "id", member->workspace.id);
        ar_put_text(&w, "name", member->workspace.name);
        ar_put_text(&w, "username", member->username);
        ar_put_text(&w, "color", member->workspace.color);
        ar_put_bool(&w, "disabled", member->disabled);
        status = ar_writer_value(&w, &value);
        if (!status && !ar_list_push(&list, value)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "email", call->user.email);
    ar_put(&w, "workspaces", ar_list_value(&list));
    ar_answer_object(call, 200, &w);
}

void ar_api_workspace_name(struct ar_call *call)
{
    struct ar_workspace workspace;
    if (find_workspace(call, call->workspace, &workspace)) {
        ar_answer_text(call, 200, workspace.name);
    }
}

/* What is not set is left out, and that is all but these. */
void ar_api_workspace_settings(struct ar_call *call)
{
    struct ar_workspace workspace;
    struct ar_writer w;
    if (!find_workspace(call, call->workspace, &workspace)) {
        return;
    }
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "workspace_id", workspace.id);
    ar_put_text(&w, "name", workspace.name);
    ar_put_text(&w, "color", workspace.color);
    ar_answer_object(call, 200, &w);
}

static void update(struct ar_call *call, const struct ar_workspace *workspace,
                   const char *operation, const char *what)
{
    enum arras_status status = ar_store_workspace_update(call->api->store, workspace, &call->diags);
    if (ar_people_done(call, status, "workspace", "")) {
        ar_audit_answer(call, operation, AR_AUDIT_UPDATE, workspace->id, 200, "%s %.*s", what,
                        AR_STR_ARG(workspace->id));
    }
}

static void change_text(struct ar_call *call, const char *member, bool color, const char *what)
{
    struct ar_workspace workspace;
    struct arras_value body;
    if (ar_call_is_admin(call) && ar_item_body(call, &body) &&
        find_workspace(call, call->workspace, &workspace) &&
        read_text(call, &body, member, color ? &workspace.color : &workspace.name)) {
        update(call, &workspace, "workspaces.update", what);
    }
}

void ar_api_change_workspace_name(struct ar_call *call)
{
    change_text(call, "new_name", false, "updated workspace name to");
}

void ar_api_change_workspace_color(struct ar_call *call)
{
    change_text(call, "color", true, "updated color of workspace");
}

/* The workspace that the server makes when it starts stays. */
static bool may_end(struct ar_call *call, struct arras_str id)
{
    bool own = ar_str_eq(id, call->api->workspace);
    if (own) {
        ar_answer_textf(call, 400, "Bad request: workspace %.*s is this server's own",
                        AR_STR_ARG(id));
    }
    return !own;
}

void ar_api_archive_workspace(struct ar_call *call)
{
    struct ar_workspace workspace;
    if (ar_call_is_admin(call) && may_end(call, call->workspace) &&
        find_workspace(call, call->workspace, &workspace)) {
        workspace.archived = true;
        update(call, &workspace, "workspaces.archive", "Archived workspace");
    }
}

void ar_api_unarchive_workspace(struct ar_call *call)
{
    struct ar_workspace workspace;
    if (ar_call_is_superadmin(call) && find_workspace(call, call->tail, &workspace)) {
        workspace.archived = false;
        update(call, &workspace, "workspaces.unarchive", "Unarchived workspace");
    }
}

void ar_api_delete_workspace(struct ar_call *call)
{
    struct ar_workspace workspace;
    if (!ar_call_is_superadmin(call) || !may_end(call, call->tail) ||
        !find_workspace(call, call->tail, &workspace)) {
        return;
    }
    enum arras_status status =
        ar_store_workspace_delete(call->api->store, call->tail, &call->diags);
    if (ar_people_done(call, status, "workspace",
                       "jobs of the workspace run, or something in it is not deleted: cancel the "
                       "jobs first")) {
        ar_audit_answer(call, "workspaces.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "Deleted workspace %.*s", AR_STR_ARG(call->tail));
    }
}

void ar_api_no_workspace_key(struct ar_call *call)
{
    ar_answer_text(call, 501,
                   AR_STR("Not implemented: secrets are encrypted with the server's key, which "
                          "is in a file beside the database and is not told; workspaces have no "
                          "keys of their own"));
}

/* What clients ask before they create a workspace: names of users are made from emails where none
 * is given. What is not set is null. */
void ar_api_global_setting(struct ar_call *call)
{
    bool known = ar_str_is(call->tail, "automate_username_creation");
    if (known || ar_call_is_superadmin(call)) {
        ar_answer_json_text(call, 200, known ? AR_STR("true") : AR_STR("null"));
    }
}
