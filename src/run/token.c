#include "run/token.h"
#include "base/limits.h"
#include "base/uri.h"
#include "openapi/authorize.h"
#include "value/json.h"
#include "value/number.h"

static bool can_grant(const struct ar_credential *credential)
{
    return credential->user.len || (credential->client_id.len && credential->client_secret.len);
}

bool ar_token_renewable(const struct ar_credential *credential)
{
    return credential->token && (credential->token->refresh.len || can_grant(credential));
}

bool ar_token_usable(const struct ar_run *run, const struct ar_credential *credential)
{
    const struct ar_token *token = credential->token;
    return token->access.len &&
           (!token->expires || token->fresh || ar_clock_now(run->settings.clock) < token->expires);
}

static bool is_loopback(struct arras_str authority)
{
    size_t at = ar_str_find_last_char(authority, '@');
    struct arras_str host = at == AR_NOT_FOUND ? authority : ar_str_from(authority, at + 1);
    if (ar_str_starts(host, "[")) {
        return ar_str_starts(host, "[::1]");
    }
    host = ar_str_cut(&host, ':');
    if (ar_str_is_nocase(host, "localhost")) {
        return true;
    }
    bool digits = ar_str_starts(host, "127.");
    for (size_t i = 0; i < host.len; i++) { /* not 127.example.org */
        digits = digits && (host.ptr[i] == '.' || (host.ptr[i] >= '0' && host.ptr[i] <= '9'));
    }
    return digits;
}

bool ar_token_endpoint_safe(struct arras_str url, bool allow_http)
{
    struct ar_uri uri = ar_uri_parse(url);
    if (!uri.authority.len) {
        return false;
    }
    return ar_str_is_nocase(uri.scheme, "https") ||
           (ar_str_is_nocase(uri.scheme, "http") && (allow_http || is_loopback(uri.authority)));
}

/* Where the credential's tokens are asked for, one way or the other. */
static struct arras_str url_of(const struct ar_credential *credential, size_t which)
{
    struct arras_str endpoint = credential->token->endpoint;
    return which ? credential->refresh_url : endpoint.len ? endpoint : credential->discovery;
}

bool ar_run_token_url(const struct ar_run *run, size_t index, struct arras_str *ret_url,
                      struct arras_str *ret_label)
{
    for (size_t i = 0; i < run->plans.count; i++) {
        const struct ar_plan *plan = &run->plans.items[i];
        for (size_t j = 0; j < plan->workflow->step_count; j++) {
            const struct ar_access *access = &plan->access[j];
            for (size_t k = 0; k < access->count * 2; k++) {
                const struct ar_credential *credential = &access->credentials[k / 2];
                bool asks = ar_token_renewable(credential) && url_of(credential, k % 2).len;
                if (asks && index-- == 0) {
                    *ret_url = url_of(credential, k % 2);
                    *ret_label = credential->label;
                    return true;
                }
            }
        }
    }
    return false;
}

static size_t place(const struct ar_run *run)
{
    return run->frame->workflow->steps[run->frame->step].at;
}

static enum arras_status fail(struct ar_run *run, const struct ar_credential *credential,
                              enum arras_status how, const char *why, struct ar_verdict *verdict)
{
    *verdict = ar_verdict_failed(run, how, "token", place(run), "no access token for '%.*s': %s",
                                 AR_STR_ARG(credential->label), why);
    return verdict->status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
}

static void add_member(struct ar_buf *form, const char *name, struct arras_str value)
{
    if (value.len) {
        ar_buf_printf(form, "%s%s=", form->len ? "&" : "", name);
        ar_uri_encode(form, value, "");
    }
}

static void add_extra(struct ar_buf *form, const struct arras_value *extra)
{
    for (uint32_t i = 0; ar_is(extra, ARRAS_OBJECT) && i < extra->count; i++) {
        ar_buf_add_z(form, "&");
        ar_uri_encode(form, ar_member_name(&extra->members[i]), "");
        ar_buf_add_z(form, "=");
        ar_uri_encode(form, ar_text(&extra->members[i].value), "");
    }
}

static void add_grant(struct ar_buf *form, const struct ar_credential *credential, bool refresh)
{
    if (refresh) {
        add_member(form, "grant_type", AR_STR("refresh_token"));
        add_member(form, "refresh_token", credential->token->refresh);
    } else if (credential->user.len) {
        add_member(form, "grant_type", AR_STR("password"));
        add_member(form, "username", credential->user);
        add_member(form, "password", credential->password);
    } else {
        add_member(form, "grant_type", AR_STR("client_credentials"));
    }
    add_member(form, "scope", credential->token->scope);
    if (credential->token->secret_in_body || !credential->client_secret.len) {
        add_member(form, "client_id", credential->client_id);
        add_member(form, "client_secret", credential->client_secret);
    }
    add_extra(form, credential->extra);
}

/* RFC 6749 section 2.3.1: both are encoded as in a form first. */
static enum arras_status add_client(struct ar_run *run, const struct ar_credential *credential,
                                    struct ar_http_request *request)
{
    struct ar_buf id, secret;
    struct arras_str header = {0};
    if (credential->token->secret_in_body || !credential->client_secret.len) {
        return ARRAS_OK;
    }
    ar_buf_init(&id, AR_HEADER_SIZE);
    ar_buf_init(&secret, AR_HEADER_SIZE);
    ar_uri_encode(&id, credential->client_id, "");
    ar_uri_encode(&secret, credential->client_secret, "");
    enum arras_status status = ar_buf_status(&id) ? ar_buf_status(&id) : ar_buf_status(&secret);
    status = status ? status
                    : ar_basic_header(ar_buf_str(&id), ar_buf_str(&secret), &run->attempt, &header);
    ar_buf_release(&id);
    ar_buf_release(&secret);
    status = status
                 ? status
                 : ar_request_set_header(request, AR_STR("Authorization"), header, &run->attempt);
    return status ? status : ar_secrets_from_headers(&run->secrets, &request->headers, run->arena);
}

static enum arras_status build_grant(struct ar_run *run, const struct ar_credential *credential,
                                     bool refresh, struct ar_http_request *request)
{
    struct ar_buf form;
    bool elsewhere = refresh && credential->refresh_url.len;
    ar_buf_init(&form, AR_HEADER_SIZE);
    add_grant(&form, credential, refresh);
    *request = (struct ar_http_request){.method = AR_STR("POST"),
                                        .url = elsewhere ? credential->refresh_url
                                                         : credential->token->endpoint,
                                        .has_body = true,
                                        .stays = true};
    enum arras_status status = ar_buf_copy(&form, &run->attempt, &request->body);
    ar_buf_release(&form);
    status = status ? status
                    : ar_request_set_header(request, AR_STR("Accept"), AR_STR("application/json"),
                                            &run->attempt);
    status =
        status ? status
               : ar_request_set_header(request, AR_STR("Content-Type"),
                                       AR_STR("application/x-www-form-urlencoded"), &run->attempt);
    return status ? status : add_client(run, credential, request);
}

enum arras_status ar_token_ask(struct ar_run *run, struct ar_credential *credential,
                               struct ar_verdict *verdict)
{
    struct ar_token *token = credential->token;
    struct ar_errand *errand = &run->errand;
    bool refresh = token->refresh.len > 0;
    if (!ar_token_renewable(credential)) {
        return fail(run, credential, ARRAS_FAILED,
                    "it was refused or has expired, and nothing was given to renew it", verdict);
    }
    if (run->errands++ >= AR_TOKEN_REQUESTS) {
        return fail(run, credential, ARRAS_LIMIT, "too many requests were needed", verdict);
    }
    *errand = (struct ar_errand){.credential = credential};
    enum arras_status status;
    if (!token->endpoint.len) {
        errand->type = AR_ERRAND_DISCOVER;
        errand->request = (struct ar_http_request){
            .method = AR_STR("GET"), .url = credential->discovery, .stays = true};
        status = ar_request_set_header(&errand->request, AR_STR("Accept"),
                                       AR_STR("application/json"), &run->attempt);
    } else {
        errand->type = refresh ? AR_ERRAND_REFRESH : AR_ERRAND_GRANT;
        status = build_grant(run, credential, refresh, &errand->request);
    }
    if (status) {
        errand->type = AR_NO_ERRAND;
    }
    return status == ARRAS_LIMIT
               ? fail(run, credential, ARRAS_FAILED, "what was given is too long", verdict)
               : status;
}

/* What an error response says (RFC 6749 section 5.2). */
static enum arras_status refused(struct ar_run *run, const struct ar_http_response *response,
                                 const struct arras_value *body, struct ar_verdict *verdict)
{
    struct arras_str error = ar_text(ar_get_z(body, "error"));
    struct arras_str more = ar_text(ar_get_z(body, "error_description"));
    struct arras_str text;
    if (!ar_str_printf(&run->attempt, &text, "%s answered with status %d%s%.*s%s%.*s",
                       run->errand.type == AR_ERRAND_DISCOVER ? "the discovery of its endpoint"
                                                              : "the token endpoint",
                       response->status, error.len ? ", " : "", AR_STR_ARG(error),
                       more.len ? ": " : "", AR_STR_ARG(more)) ||
        !ar_secrets_hide(&run->secrets, text, &run->attempt, &text)) {
        return ARRAS_NO_MEMORY;
    }
    char *why = ar_str_to_z(text, &run->attempt);
    return fail(run, run->errand.credential, ARRAS_FAILED, why ? why : "the token endpoint refused",
                verdict);
}

static bool lists(const struct arras_value *array, const char *text)
{
    bool found = false;
    for (size_t i = 0; ar_item(array, i); i++) {
        found = found || ar_str_is(ar_text(ar_item(array, i)), text);
    }
    return found;
}

static enum arras_status take_endpoint(struct ar_run *run, const struct arras_value *body,
                                       struct ar_verdict *verdict)
{
    struct ar_credential *credential = run->errand.credential;
    const struct arras_value *how = ar_get_z(body, "token_endpoint_auth_methods_supported");
    struct arras_str endpoint = ar_text(ar_get_z(body, "token_endpoint"));
    if (!endpoint.len) {
        return fail(run, credential, ARRAS_FAILED, "the discovery named no token_endpoint",
                    verdict);
    }
    if (!ar_token_endpoint_safe(endpoint, credential->allow_http)) {
        return fail(run, credential, ARRAS_FAILED,
                    "the token_endpoint that was discovered is not https", verdict);
    }
    credential->token->secret_in_body |=
        lists(how, "client_secret_post") && !lists(how, "client_secret_basic");
    return ar_str_copy(endpoint, run->arena, &credential->token->endpoint) ? ARRAS_OK
                                                                           : ARRAS_NO_MEMORY;
}

/* The margin is a tenth of its life where that is short. */
static int64_t expiry(const struct ar_run *run, const struct arras_value *expires_in)
{
    struct arras_str text = ar_text(expires_in);
    if (!ar_number_valid(text)) {
        return 0;
    }
    double seconds = ar_number_to_double(text);
    seconds = seconds > (double)AR_TOKEN_SECONDS ? (double)AR_TOKEN_SECONDS : seconds;
    seconds = seconds < 0 ? 0 : seconds;
    double margin = seconds / 10;
    margin = margin > AR_TOKEN_MARGIN_SECONDS ? AR_TOKEN_MARGIN_SECONDS : margin;
    return ar_clock_now(run->settings.clock) + (int64_t)((seconds - margin) * (double)AR_SECOND);
}

/* RFC 6749 section 5.1. A refresh token that is not replaced stays good (section 6). */
static enum arras_status take_token(struct ar_run *run, const struct arras_value *body,
                                    struct ar_verdict *verdict)
{
    const struct ar_credential *credential = run->errand.credential;
    struct ar_token *token = credential->token;
    struct arras_str access = ar_text(ar_get_z(body, "access_token"));
    struct arras_str refresh = ar_text(ar_get_z(body, "refresh_token"));
    struct arras_str type = ar_text(ar_get_z(body, "token_type"));
    if (ar_secrets_add(&run->secrets, access, run->arena) ||
        ar_secrets_add(&run->secrets, refresh, run->arena)) {
        return ARRAS_NO_MEMORY;
    }
    if (!access.len || !ar_header_value_valid(access)) {
        return fail(run, credential, ARRAS_FAILED,
                    "the token endpoint's answer holds no usable access_token", verdict);
    }
    if (type.len && !ar_str_is_nocase(type, "bearer")) {
        return fail(run, credential, ARRAS_FAILED,
                    "the token endpoint gave a token that is no bearer token", verdict);
    }
    token->expires = expiry(run, ar_get_z(body, "expires_in"));
    token->fresh = true;
    bool copied = ar_str_copy(access, run->arena, &token->access) &&
                  (!refresh.len || ar_str_copy(refresh, run->arena, &token->refresh));
    return copied ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_token_answer(struct ar_run *run, const struct ar_http_response *response,
                                  struct ar_verdict *verdict)
{
    const struct ar_source source = {AR_STR("token response"), response->body};
    const struct ar_credential *credential = run->errand.credential;
    struct arras_value body = ar_null();
    enum arras_status status = ar_json_read(&source, &run->attempt, NULL, &body);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    body = status ? ar_null() : body;
    status = ARRAS_OK;
    if (response->status >= 200 && response->status < 300) {
        status = run->errand.type == AR_ERRAND_DISCOVER ? take_endpoint(run, &body, verdict)
                                                        : take_token(run, &body, verdict);
    } else if (run->errand.type == AR_ERRAND_REFRESH && response->status < 500 &&
               can_grant(credential)) {
        credential->token->refresh = (struct arras_str){0}; /* spent: a new grant may do */
    } else {
        status = refused(run, response, &body, verdict);
    }
    run->errand.type = AR_NO_ERRAND;
    return status;
}
