/* Logging in and out: windmill-api.md section 3. */
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/route.h"
#include "jobs/password.h"

#define SECOND INT64_C(1000000)

/* A wrong login is answered after a while, which holds no thread. */
struct late {
    int64_t due; /* monotonic */
    struct arras_str text;
};

static bool answer_late(void *context, bool stopping, int64_t *until,
                        struct ar_server_response *ret)
{
    const struct late *late = context;
    if (!stopping && ar_clock_now(ar_clock_system()) < late->due) {
        *until = late->due;
        return false;
    }
    ret->status = 400;
    ret->content_type = "text/plain; charset=utf-8";
    ret->body = late->text;
    return true;
}

static void end_late(void *context, bool complete)
{
    (void)context;
    (void)complete;
}

static void refuse(struct ar_call *call)
{
    int64_t wait =
        call->api->login_milliseconds ? call->api->login_milliseconds : AR_API_LOGIN_MILLISECONDS;
    struct late *late = ar_arena_alloc(call->arena, sizeof(*late));
    if (!late) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    late->due = ar_clock_now(ar_clock_system()) + wait * AR_MILLISECOND;
    late->text = AR_STR("Bad request: Invalid login");
    call->response->later =
        (struct ar_server_later){.answer = answer_late, .end = end_late, .context = late};
}

/* The counter of an account's failures in this minute: the minute above, the count below. Accounts
 * share counters rarely, and then only for a minute. */
static _Atomic uint64_t *counter_of(struct ar_call *call, struct arras_str email)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < email.len; i++) {
        hash = (hash ^ (unsigned char)email.ptr[i]) * 16777619U;
    }
    return &call->api->login_failures[hash % AR_API_LOGIN_COUNTERS];
}

static uint64_t minute_of(const struct ar_call *call)
{
    return (uint64_t)(call->now / (60 * SECOND)) << 16;
}

static bool too_many(struct ar_call *call, struct arras_str email)
{
    uint64_t counted = *counter_of(call, email);
    return counted >= minute_of(call) && (counted & 0xffff) >= AR_API_LOGIN_FAILURES;
}

static void count_failure(struct ar_call *call, struct arras_str email)
{
    _Atomic uint64_t *counter = counter_of(call, email);
    uint64_t old = *counter, minute = minute_of(call), next;
    do {
        next = old >= minute ? old + 1 : minute + 1;
    } while (!atomic_compare_exchange_weak(counter, &old, next));
}

static bool set_cookie(struct ar_call *call, struct arras_str token, int64_t seconds)
{
    struct ar_headers *headers = &call->response->headers;
    struct ar_header *items = ar_arena_array(call->arena, headers->count + 1, sizeof(*items));
    if (!items) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    memcpy(items, headers->items, headers->count * sizeof(*items));
    items[headers->count].name = AR_STR("Set-Cookie");
    if (!ar_str_printf(call->arena, &items[headers->count].value,
                       "token=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld",
                       AR_STR_ARG(token), (long long)seconds)) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    *headers = (struct ar_headers){items, headers->count + 1};
    return true;
}

/* {"email", "password"}; false: answered. */
static bool read_login(struct ar_call *call, struct arras_str *ret_email,
                       struct arras_str *ret_password)
{
    static const char *const required[] = {"email", "password", NULL};
    struct arras_value body;
    struct arras_str email = {NULL, 0};
    *ret_password = email;
    return ar_item_body(call, &body) && ar_item_has(call, &body, required) &&
           ar_member_text(call, &body, "email", &email) &&
           ar_member_text(call, &body, "password", ret_password) &&
           ar_people_fold_email(call, email, ret_email);
}

static void log_in(struct ar_call *call, const struct ar_account *account)
{
    struct ar_token token = {
        .email = account->email,
        .label = AR_STR(AR_LABEL_SESSION),
        .expires_at = call->now + AR_API_SESSION_SECONDS * SECOND,
    };
    struct arras_str text;
    call->user.username = account->email;
    if (ar_people_new_token(call, &token, &text) &&
        ar_audit(call, "users.login", AR_AUDIT_CREATE, account->email, NULL) &&
        set_cookie(call, text, AR_API_SESSION_SECONDS)) {
        ar_answer_text(call, 200, text);
    }
}

void ar_api_login(struct ar_call *call)
{
    struct arras_str email, password;
    struct ar_account account = {.disabled = true};
    if (!read_login(call, &email, &password)) {
        return;
    }
    if (password.len > AR_PASSWORD_MOST || too_many(call, email)) {
        refuse(call);
        return;
    }
    enum arras_status status =
        ar_store_account_get(call->api->store, email, call->arena, &call->diags, &account);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return;
    }
    bool fits = ar_password_fits(password, account.password);
    if (fits && !account.disabled) {
        log_in(call, &account);
        return;
    }
    count_failure(call, email);
    call->user.username = email;
    if (ar_audit(call, "users.login_failure", AR_AUDIT_CREATE, email, NULL)) {
        refuse(call);
    }
}

/* Whether the session that asks ends in less than so many seconds; one without an end does not. */
static bool ends_within(struct ar_call *call, int64_t seconds, bool *ret)
{
    struct ar_token_list tokens = {0};
    enum arras_status status = ar_store_token_list(call->api->store, call->user.email, call->now,
                                                   call->arena, &call->diags, &tokens);
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    *ret = false;
    for (size_t i = 0; i < tokens.count; i++) {
        const struct ar_token *token = &tokens.items[i];
        bool own = ar_str_eq(token->prefix, call->user.prefix);
        *ret =
            *ret || (own && token->expires_at && token->expires_at - call->now < seconds * SECOND);
    }
    return true;
}

/* A new session in place of the one that asks, which goes on until its end. What a token was
 * limited to must not end by asking for another one: so only sessions, which have no limits. */
void ar_api_refresh_token(struct ar_call *call)
{
    int64_t seconds = -1;
    bool due = true;
    struct ar_token token = {
        .email = call->user.email,
        .label = AR_STR(AR_LABEL_SESSION),
        .expires_at = call->now + AR_API_SESSION_SECONDS * SECOND,
    };
    struct arras_str text;
    if (!ar_str_is(call->user.label, AR_LABEL_SESSION) || call->user.workspace.len ||
        call->user.scopes.len) {
        ar_answer_text(call, 400, AR_STR("Bad request: only the token of a login is refreshed"));
        return;
    }
    if (!ar_param_int(call, "if_expiring_in_less_than_s", 0, INT32_MAX, &seconds) ||
        (seconds >= 0 && !ends_within(call, seconds, &due))) {
        return;
    }
    if (!due) {
        ar_answer_text(call, 200, call->token_text);
    } else if (ar_people_new_token(call, &token, &text) &&
               ar_audit(call, "users.token.refresh", AR_AUDIT_CREATE, token.prefix, NULL) &&
               set_cookie(call, text, AR_API_SESSION_SECONDS)) {
        ar_answer_text(call, 200, text);
    }
}

/* Ends the token that was sent. */
void ar_api_logout(struct ar_call *call)
{
    enum arras_status status = ar_store_token_remove(call->api->store, call->token, &call->diags);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return;
    }
    if (ar_audit(call, "users.logout", AR_AUDIT_DELETE, call->user.email, NULL) &&
        set_cookie(call, AR_STR(""), 0)) {
        ar_answer_text(call, 200, AR_STR("logged out successfully"));
    }
}
