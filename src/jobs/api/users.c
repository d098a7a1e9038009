/* The members of a workspace: windmill-api.md section 4.6. */
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/route.h"

/* The folders that may be used so, by name. */
static void put_folders(struct ar_writer *w, const char *name, const struct ar_access *access,
                        enum ar_right right)
{
    AR_VEC(struct arras_str) names = {0};
    for (size_t i = 0; i < access->folders.count; i++) {
        if (access->folders.items[i].right >= right &&
            !ar_vec_push(w->arena, &names, access->folders.items[i].name)) {
            w->status = ARRAS_NO_MEMORY;
            return;
        }
    }
    ar_people_put_names(w, name, names.items, names.count);
}

static enum arras_status write_member(struct ar_call *call,
                                      const struct ar_workspace_member *member, struct ar_writer *w)
{
    struct ar_store *store = call->api->store;
    struct ar_account account = {.superadmin = false};
    struct ar_access access = {.all = false};
    enum arras_status status =
        ar_store_account_get(store, member->email, call->arena, &call->diags, &account);
    if (status == ARRAS_OK || status == ARRAS_NOT_FOUND) {
        status = ar_access_of(store, member->username, member->workspace, call->arena, &call->diags,
                              &access);
    }
    ar_put_text(w, "workspace_id", member->workspace);
    ar_put_text(w, "email", member->email);
    ar_put_text(w, "username", member->username);
    ar_put_bool(w, "is_admin", member->admin);
    ar_put_text_if(w, "name", account.name);
    ar_put_bool(w, "is_super_admin", account.superadmin);
    ar_put_time(w, "created_at", member->created_at ? member->created_at : call->api->created_at);
    ar_put_bool(w, "operator", member->is_operator);
    ar_put_bool(w, "disabled", member->disabled || account.disabled);
    ar_people_put_names(w, "groups", access.groups.items, access.groups.count);
    put_folders(w, "folders", &access, AR_RIGHT_WRITE);
    put_folders(w, "folders_owners", &access, AR_RIGHT_OWN);
    return status;
}

static void answer_member(struct ar_call *call, const struct ar_workspace_member *member)
{
    struct ar_writer w;
    ar_writer_init(&w, call->arena);
    enum arras_status status = write_member(call, member, &w);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_object(call, 200, &w);
    }
}

void ar_api_whoami(struct ar_call *call)
{
    const struct ar_user *user = &call->user;
    struct ar_workspace_member member;
    enum arras_status status = ar_store_member_get(
        call->api->store, call->workspace, user->username, call->arena, &call->diags, &member);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return;
    }
    if (status) { /* a super admin who is no member */
        member =
            (struct ar_workspace_member){.workspace = call->workspace, .username = user->username};
    }
    member.email = user->email;
    member.admin = user->admin;
    member.is_operator = user->is_operator;
    answer_member(call, &member);
}

/* The member of call->tail; false: answered. */
static bool find_member(struct ar_call *call, struct ar_workspace_member *ret)
{
    enum arras_status status = ar_store_member_get(call->api->store, call->workspace, call->tail,
                                                   call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: User not found at name %.*s",
                        AR_STR_ARG(call->tail));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_api_get_user(struct ar_call *call)
{
    struct ar_workspace_member member;
    if (find_member(call, &member)) {
        answer_member(call, &member);
    }
}

void ar_api_username_to_email(struct ar_call *call)
{
    struct ar_workspace_member member;
    if (find_member(call, &member)) {
        ar_answer_text(call, 200, member.email);
    }
}

static bool list_members(struct ar_call *call, struct ar_member_list *ret)
{
    enum arras_status status =
        ar_store_member_list(call->api->store, call->workspace, call->arena, &call->diags, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_api_list_users(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    struct ar_member_list members = {0};
    enum arras_status status = ARRAS_OK;
    if (!ar_item_page_begin(&page, call, &filter) || !list_members(call, &members)) {
        return;
    }
    for (size_t i = 0; !status && i < members.count; i++) {
        struct ar_writer w;
        if (ar_item_page_takes(&page)) {
            ar_writer_init(&w, call->arena);
            status = write_member(call, &members.items[i], &w);
            ar_item_page_add(&page, &w);
        }
    }
    ar_item_page_answer(&page, status);
}

void ar_api_list_usernames(struct ar_call *call)
{
    struct ar_member_list members = {0};
    if (!list_members(call, &members)) {
        return;
    }
    struct arras_str *names = ar_arena_array(call->arena, members.count + 1, sizeof(*names));
    if (!names) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    for (size_t i = 0; i < members.count; i++) {
        names[i] = members.items[i].username;
    }
    ar_people_answer_names(call, names, members.count);
}

void ar_api_update_user(struct ar_call *call)
{
    struct arras_value body;
    struct ar_workspace_member member;
    if (!ar_call_is_admin(call) || !find_member(call, &member) || !ar_item_body(call, &body) ||
        !ar_item_bool(call, &body, "is_admin", &member.admin) ||
        !ar_item_bool(call, &body, "operator", &member.is_operator) ||
        !ar_item_bool(call, &body, "disabled", &member.disabled)) {
        return;
    }
    if (member.admin && member.is_operator) {
        ar_answer_text(call, 400, AR_STR("Bad request: an administrator is no operator"));
        return;
    }
    enum arras_status status = ar_store_member_update(call->api->store, &member, &call->diags);
    if (ar_people_done(call, status, "User", "")) {
        ar_audit_answer(call, "users.update", AR_AUDIT_UPDATE, call->tail, 200, "user %.*s updated",
                        AR_STR_ARG(call->tail));
    }
}

void ar_api_delete_user(struct ar_call *call)
{
    struct ar_workspace_member member;
    if (!ar_call_is_admin(call) || !find_member(call, &member)) {
        return;
    }
    enum arras_status status = ar_store_member_delete(call->api->store, &member, &call->diags);
    if (ar_people_done(call, status, "User", "")) {
        ar_audit_answer(call, "users.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "username %.*s deleted", AR_STR_ARG(call->tail));
    }
}

/* The name is the one that is asked for, else the account's. False: answered. */
static bool read_member(struct ar_call *call, struct ar_workspace_member *ret)
{
    static const char *const required[] = {"email", "is_admin", "operator", NULL};
    struct arras_value body;
    struct ar_account account;
    *ret = (struct ar_workspace_member){.workspace = call->workspace, .created_at = call->now};
    if (!ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !ar_member_text(call, &body, "email", &ret->email) ||
        !ar_people_email(call, ret->email, &ret->email) ||
        !ar_item_bool(call, &body, "is_admin", &ret->admin) ||
        !ar_item_bool(call, &body, "operator", &ret->is_operator) ||
        !ar_member_text(call, &body, "username", &ret->username) ||
        !ar_people_account(call, ret->email, &account)) {
        return false;
    }
    ret->username = ret->username.len ? ret->username : account.username;
    ret->is_operator = ret->is_operator && !ret->admin;
    return ar_people_name(call, "user name", ret->username);
}

void ar_api_add_user(struct ar_call *call)
{
    struct ar_workspace_member member;
    if (!ar_call_is_admin(call) || !read_member(call, &member)) {
        return;
    }
    enum arras_status status = ar_store_member_add(call->api->store, &member, &call->diags);
    if (ar_people_done(call, status, "", "the workspace has a user of that name or email")) {
        ar_audit_answer(call, "users.add_to_workspace", AR_AUDIT_CREATE, member.email, 200,
                        "user with email %.*s added", AR_STR_ARG(member.email));
    }
}

void ar_api_leave_workspace(struct ar_call *call)
{
    struct ar_workspace_member member;
    call->tail = call->user.username;
    if (!find_member(call, &member)) {
        return;
    }
    enum arras_status status = ar_store_member_delete(call->api->store, &member, &call->diags);
    if (ar_people_done(call, status, "User", "")) {
        ar_audit_answer(call, "users.leave_workspace", AR_AUDIT_DELETE, member.username, 200,
                        "left workspace %.*s", AR_STR_ARG(call->workspace));
    }
}

/* Whether what lies at the path is the caller's to give away. */
void ar_api_is_owner(struct ar_call *call)
{
    struct arras_str rest = call->tail, kind = ar_str_cut(&rest, '/');
    struct arras_str owner = ar_str_cut(&rest, '/');
    bool is = call->access.all || (ar_str_is(kind, "u") && ar_str_eq(owner, call->user.username)) ||
              (ar_str_is(kind, "f") && ar_access_folder(&call->access, owner, AR_RIGHT_OWN));
    ar_answer_json_text(call, 200, is ? AR_STR("true") : AR_STR("false"));
}
