/* Accounts, who may log in: windmill-api.md section 4.6. */
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/route.h"
#include "jobs/password.h"

static void write_account(const struct ar_account *account, struct ar_writer *w)
{
    ar_put_text(w, "email", account->email);
    ar_put_text(w, "login_type", AR_STR("password"));
    ar_put_bool(w, "super_admin", account->superadmin);
    ar_put_bool(w, "devops", false);
    ar_put_bool(w, "verified", true);
    ar_put_text_if(w, "name", account->name);
    ar_put_text_if(w, "company", account->company);
    ar_put_text(w, "username", account->username);
    ar_put_bool(w, "operator_only", false);
    ar_put_bool(w, "first_time_user", false);
    ar_put_text(w, "role_source", AR_STR("manual"));
    ar_put_bool(w, "disabled", account->disabled);
}

void ar_api_global_whoami(struct ar_call *call)
{
    struct ar_account account;
    struct ar_writer w;
    if (!ar_people_account(call, call->user.email, &account)) {
        return;
    }
    account.superadmin = call->user.superadmin;
    ar_writer_init(&w, call->arena);
    write_account(&account, &w);
    ar_answer_object(call, 200, &w);
}

void ar_api_email(struct ar_call *call)
{
    ar_answer_text(call, 200, call->user.email);
}

void ar_api_list_accounts(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    struct ar_account_list accounts = {0};
    if (!ar_call_is_superadmin(call) || !ar_item_page_begin(&page, call, &filter)) {
        return;
    }
    enum arras_status status =
        ar_store_account_list(call->api->store, call->arena, &call->diags, &accounts);
    for (size_t i = 0; !status && i < accounts.count; i++) {
        struct ar_writer w;
        if (ar_item_page_takes(&page)) {
            ar_writer_init(&w, call->arena);
            write_account(&accounts.items[i], &w);
            ar_item_page_add(&page, &w);
        }
    }
    ar_item_page_answer(&page, status);
}

void ar_api_exists_account(struct ar_call *call)
{
    struct ar_account account;
    enum arras_status status =
        ar_store_account_get(call->api->store, call->tail, call->arena, &call->diags, &account);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

/* What is kept of the password in the body. False: answered. */
static bool read_password(struct ar_call *call, const struct arras_value *body,
                          struct arras_str *ret)
{
    struct arras_str password = {NULL, 0};
    if (!ar_member_text(call, body, "password", &password)) {
        return false;
    }
    if (password.len < AR_PASSWORD_LEAST || password.len > AR_PASSWORD_MOST) {
        ar_answer_textf(call, 400,
                        "Bad request: a password has at least %d and at most %d characters",
                        AR_PASSWORD_LEAST, AR_PASSWORD_MOST);
        return false;
    }
    enum arras_status status = ar_password_hash(password, call->arena, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_api_create_account(struct ar_call *call)
{
    static const char *const required[] = {"email", "password", "super_admin", NULL};
    struct arras_value body;
    struct ar_account account = {.created_at = call->now};
    if (!ar_call_is_superadmin(call) || !ar_call_is_unlimited(call) || !ar_item_body(call, &body) ||
        !ar_item_has(call, &body, required) ||
        !ar_member_text(call, &body, "email", &account.email) ||
        !ar_people_email(call, account.email, &account.email) ||
        !ar_member_text(call, &body, "name", &account.name) ||
        !ar_member_text(call, &body, "company", &account.company) ||
        !ar_item_bool(call, &body, "super_admin", &account.superadmin) ||
        !ar_people_name_of(call, account.email, &account.username) ||
        !read_password(call, &body, &account.password)) {
        return;
    }
    enum arras_status status = ar_store_account_add(call->api->store, &account, &call->diags);
    if (ar_people_done(call, status, "", "user with this email already exists")) {
        ar_audit_answer(call, "users.add_global", AR_AUDIT_CREATE, account.email, 201,
                        "email %.*s created", AR_STR_ARG(account.email));
    }
}

static bool is_self(struct ar_call *call, const char *what)
{
    bool self = ar_str_eq(call->tail, call->user.email);
    if (self) {
        ar_answer_textf(call, 400, "Bad request: you cannot %s yourself", what);
    }
    return self;
}

/* A change that would leave nobody to undo it is one of oneself. */
void ar_api_update_account(struct ar_call *call)
{
    struct arras_value body;
    struct ar_account account;
    if (!ar_call_is_superadmin(call) || !ar_call_is_unlimited(call) ||
        !ar_people_account(call, call->tail, &account) || !ar_item_body(call, &body) ||
        !ar_item_bool(call, &body, "is_super_admin", &account.superadmin) ||
        !ar_item_bool(call, &body, "disabled", &account.disabled) ||
        !ar_member_text(call, &body, "name", &account.name) ||
        ((!account.superadmin || account.disabled) && is_self(call, "demote"))) {
        return;
    }
    enum arras_status status = ar_store_account_update(call->api->store, &account, &call->diags);
    if (ar_people_done(call, status, "user", "")) {
        ar_audit_answer(call, "users.update", AR_AUDIT_UPDATE, call->tail, 200, "updated user %.*s",
                        AR_STR_ARG(call->tail));
    }
}

void ar_api_delete_account(struct ar_call *call)
{
    struct ar_account account;
    if (!ar_call_is_superadmin(call) || !ar_call_is_unlimited(call) || is_self(call, "delete") ||
        !ar_people_account(call, call->tail, &account)) {
        return;
    }
    enum arras_status status = ar_store_account_delete(call->api->store, call->tail, &call->diags);
    if (ar_people_done(call, status, "user", "")) {
        ar_audit_answer(call, "users.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "email %.*s deleted", AR_STR_ARG(call->tail));
    }
}

static void set_password(struct ar_call *call, struct arras_str email)
{
    static const char *const required[] = {"password", NULL};
    struct arras_value body;
    struct ar_account account;
    if (!ar_call_is_unlimited(call) || !ar_people_account(call, email, &account) ||
        !ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !read_password(call, &body, &account.password)) {
        return;
    }
    enum arras_status status = ar_store_account_update(call->api->store, &account, &call->diags);
    if (ar_people_done(call, status, "user", "")) {
        ar_audit_answer(call, "users.setpassword", AR_AUDIT_UPDATE, email, 200,
                        "password of user %.*s updated", AR_STR_ARG(email));
    }
}

void ar_api_set_password(struct ar_call *call)
{
    set_password(call, call->user.email);
}

void ar_api_set_password_of(struct ar_call *call)
{
    if (ar_call_is_superadmin(call)) {
        set_password(call, call->tail);
    }
}

void ar_api_username_info(struct ar_call *call)
{
    struct ar_account account;
    struct ar_membership_list members = {0};
    struct ar_writer w;
    struct ar_list list;
    if (!ar_call_is_superadmin(call) || !ar_people_account(call, call->tail, &account)) {
        return;
    }
    enum arras_status status =
        ar_store_membership_list(call->api->store, call->tail, call->arena, &call->diags, &members);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < members.count; i++) {
        struct arras_value value;
        ar_writer_init(&w, call->arena);
        ar_put_text(&w, "workspace_id", members.items[i].workspace.id);
        ar_put_text(&w, "username", members.items[i].username);
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
    ar_put_text(&w, "username", account.username);
    ar_put(&w, "workspace_usernames", ar_list_value(&list));
    ar_answer_object(call, 200, &w);
}
