/* Tokens of the caller: windmill-api.md section 3. */
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/route.h"
#include "value/json.h"

enum { LABEL_MOST = 255, SCOPES_MOST = 100 };

static bool wrong(struct ar_call *call, const char *why)
{
    ar_answer_textf(call, 400, "Bad request: %s", why);
    return false;
}

/* A limited token makes none that may do more. */
static bool check_within(struct ar_call *call, const struct arras_value *scopes)
{
    if (call->user.scopes.len == 0) {
        return true;
    }
    bool within = ar_is(scopes, ARRAS_ARRAY);
    for (uint32_t i = 0; within && i < scopes->count; i++) {
        struct ar_scope scope;
        within = ar_scope_read(ar_text(&scopes->items[i]), &scope) &&
                 ar_scope_allows(call->user.scopes, &scope);
    }
    if (!within) {
        ar_answer_text(call, 403,
                       AR_STR("Permission denied: a token with scopes makes no token with more"));
    }
    return within;
}

/* Strings in an array; each must be a scope. False: answered. */
static bool read_scopes(struct ar_call *call, const struct arras_value *body, struct arras_str *ret)
{
    const struct arras_value *scopes = ar_get_z(body, "scopes");
    struct ar_scope scope;
    if (!scopes || scopes->type == ARRAS_NULL) {
        return check_within(call, NULL);
    }
    if (!ar_is(scopes, ARRAS_ARRAY) || scopes->count > SCOPES_MOST) {
        return wrong(call, "scopes: expected an array of at most 100 strings");
    }
    for (uint32_t i = 0; i < scopes->count; i++) {
        const struct arras_value *item = &scopes->items[i];
        if (item->type != ARRAS_STRING || ar_str_has_nul(ar_text(item)) ||
            !ar_scope_read(ar_text(item), &scope)) {
            ar_answer_textf(call, 400,
                            "Bad request: '%.*s' is not a scope: expected DOMAIN:ACTION or "
                            "DOMAIN:ACTION:PATHS, such as jobs:run:scripts:f/folder/script",
                            AR_STR_ARG(ar_str_sub(ar_text(item), 0, 200)));
            return false;
        }
    }
    return check_within(call, scopes) && ar_item_json(call, body, "scopes", ret);
}

/* Where the caller's token is bound to a workspace, a new one is too. */
static bool read_workspace(struct ar_call *call, const struct arras_value *body,
                           struct arras_str *ret)
{
    struct ar_membership member;
    if (!ar_member_text(call, body, "workspace_id", ret)) {
        return false;
    }
    if (call->user.workspace.len) {
        if (ret->len && !ar_str_eq(*ret, call->user.workspace)) {
            return wrong(call, "a token of one workspace makes no token of another");
        }
        *ret = call->user.workspace;
    }
    if (ret->len == 0) {
        return true;
    }
    enum arras_status status = ar_store_membership(call->api->store, *ret, call->user.email,
                                                   call->arena, &call->diags, &member);
    bool may = !status && (member.username.len || call->user.admin);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else if (!may) {
        ar_answer_textf(call, 400, "Bad request: %.*s is not a member of workspace %.*s",
                        AR_STR_ARG(call->user.email), AR_STR_ARG(ar_str_sub(*ret, 0, 100)));
    }
    return may;
}

static bool read_token(struct ar_call *call, const struct arras_value *body, struct ar_token *ret)
{
    if (!ar_member_text(call, body, "label", &ret->label) ||
        !ar_item_time(call, body, "expiration", &ret->expires_at) ||
        !read_scopes(call, body, &ret->scopes) || !read_workspace(call, body, &ret->workspace)) {
        return false;
    }
    if (ret->label.len > LABEL_MOST || ar_str_has_nul(ret->label)) {
        return wrong(call, "label: expected at most 255 characters");
    }
    if (ar_str_starts(ret->label, AR_LABEL_JOB) || ar_str_is(ret->label, AR_LABEL_SESSION)) {
        return wrong(call, "label: session and ephemeral-... are the server's own");
    }
    if (ret->expires_at && ret->expires_at <= call->now) {
        return wrong(call, "expiration: that time is over");
    }
    return true;
}

void ar_api_create_token(struct ar_call *call)
{
    struct arras_value body;
    struct ar_token token = {.email = call->user.email};
    struct arras_str text;
    if (!ar_item_body(call, &body) || !read_token(call, &body, &token) ||
        !ar_people_new_token(call, &token, &text)) {
        return;
    }
    if (ar_audit(call, "users.token.create", AR_AUDIT_CREATE, token.prefix, NULL)) {
        ar_answer_text(call, 201, text);
    }
}

/* A token of somebody else's account: {"impersonate_email", "label", "expiration",
 * "workspace_id"}. It does what that account may do, and the record says who made it. */
void ar_api_impersonate(struct ar_call *call)
{
    static const char *const required[] = {"impersonate_email", NULL};
    struct arras_value body;
    struct arras_str email = {NULL, 0}, text;
    struct ar_account account;
    struct ar_token token = {0};
    if (!ar_call_is_superadmin(call) || !ar_call_is_unlimited(call) || !ar_item_body(call, &body) ||
        !ar_item_has(call, &body, required) ||
        !ar_member_text(call, &body, "impersonate_email", &email) ||
        !ar_people_email(call, email, &email) || !ar_people_account(call, email, &account)) {
        return;
    }
    struct ar_user caller = call->user;
    call->user.email = token.email = account.email;
    call->user.admin = account.superadmin;
    bool made = read_token(call, &body, &token);
    call->user = caller;
    if (made && account.disabled) {
        made = wrong(call, "that account is disabled");
    }
    if (made && ar_people_new_token(call, &token, &text) &&
        ar_audit(call, "users.impersonate", AR_AUDIT_CREATE, token.email, NULL)) {
        ar_answer_text(call, 201, text);
    }
}

static void write_token(const struct ar_token *token, struct ar_writer *w)
{
    ar_put_text(w, "token_prefix", token->prefix);
    ar_put_text_if(w, "label", token->label);
    if (token->expires_at) {
        ar_put_time(w, "expiration", token->expires_at);
    }
    ar_put_time(w, "created_at", token->created_at);
    ar_put_time(w, "last_used_at", token->last_used_at);
    if (token->scopes.len) {
        ar_put_json(w, "scopes", token->scopes);
    }
    ar_put_text(w, "email", token->email);
    ar_put_text_if(w, "workspace_id", token->workspace);
}

void ar_api_list_tokens(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    struct ar_token_list tokens = {0};
    bool no_jobs = false;
    if (!ar_param_bool(call, "exclude_ephemeral", &no_jobs) ||
        !ar_item_page_begin(&page, call, &filter)) {
        return;
    }
    enum arras_status status = ar_store_token_list(call->api->store, call->user.email, call->now,
                                                   call->arena, &call->diags, &tokens);
    for (size_t i = 0; !status && i < tokens.count; i++) {
        struct ar_token *token = &tokens.items[i];
        struct ar_writer w;
        if ((no_jobs && ar_str_starts(token->label, AR_LABEL_JOB)) || !ar_item_page_takes(&page)) {
            continue;
        }
        token->created_at = token->created_at ? token->created_at : call->api->created_at;
        token->last_used_at = token->last_used_at ? token->last_used_at : token->created_at;
        ar_writer_init(&w, call->arena);
        write_token(token, &w);
        ar_item_page_add(&page, &w);
    }
    ar_item_page_answer(&page, status);
}

/* Null or nothing: no limit any more. */
void ar_api_update_token_scopes(struct ar_call *call)
{
    struct arras_value body;
    struct arras_str scopes = {NULL, 0};
    struct arras_str prefix = ar_str_sub(call->tail, 0, AR_TOKEN_PREFIX);
    if (!ar_call_is_unlimited(call) || !ar_item_body(call, &body) ||
        !read_scopes(call, &body, &scopes)) {
        return;
    }
    enum arras_status status = call->tail.len < AR_TOKEN_PREFIX
                                   ? ARRAS_NOT_FOUND
                                   : ar_store_token_set_scopes(call->api->store, call->user.email,
                                                               prefix, scopes, &call->diags);
    if (ar_people_done(call, status, "token not found at that prefix", "")) {
        ar_audit_answer(call, "users.token.update_scopes", AR_AUDIT_UPDATE, prefix, 200,
                        "updated scopes of tokens with prefix %.*s", AR_STR_ARG(prefix));
    }
}

void ar_api_delete_token(struct ar_call *call)
{
    int count = 0;
    if (call->user.scopes.len && !ar_str_eq(call->tail, call->user.prefix)) {
        ar_answer_text(call, 403,
                       AR_STR("Permission denied: a token with scopes deletes itself only"));
        return;
    }
    enum arras_status status =
        call->tail.len < AR_TOKEN_PREFIX
            ? ARRAS_NOT_FOUND
            : ar_store_token_remove_prefix(call->api->store, call->user.email,
                                           ar_str_sub(call->tail, 0, AR_TOKEN_PREFIX), &call->diags,
                                           &count);
    if (!status && count == 0) {
        status = ARRAS_NOT_FOUND;
    }
    if (ar_people_done(call, status, "token not found at that prefix", "")) {
        ar_audit_answer(call, "users.token.delete", AR_AUDIT_DELETE,
                        ar_str_sub(call->tail, 0, AR_TOKEN_PREFIX), 200,
                        "deleted %d tokens with prefix %.*s", count,
                        AR_STR_ARG(ar_str_sub(call->tail, 0, AR_TOKEN_PREFIX)));
    }
}
