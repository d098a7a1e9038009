#include "base/limits.h"
#include "base/uri.h"
#include "openapi/authorize.h"
#include "run/token.h"

struct reading {
    struct ar_run *run;
    const struct ar_step *step;
    const struct ar_scheme_use *use;
    const struct arras_value *given;
    struct arras_str server;
    struct ar_credential *credential;
    struct ar_diags *diags; /* steps that share a credential tell the same: it is kept once */
};

static enum arras_status refuse(const struct reading *reading, const char *why)
{
    return ar_error(reading->diags, ARRAS_USAGE, "credentials", NULL, 0,
                    "the credential for '%.*s' %s", AR_STR_ARG(reading->credential->label), why);
}

enum {
    KEY = 1 << AR_SCHEME_API_KEY | 1 << AR_SCHEME_BEARER | 1 << AR_SCHEME_OTHER_HTTP,
    LOGIN = 1 << AR_SCHEME_BASIC | 1 << AR_SCHEME_DIGEST,
    OAUTH = 1 << AR_SCHEME_OAUTH2 | 1 << AR_SCHEME_OPENID,
    TLS = 1 << AR_SCHEME_MUTUAL_TLS,
    ANY = KEY | LOGIN | OAUTH | TLS
};

/* What an object may hold; `type` and the rest of a Security Scheme Object say what the credential
 * is where the description does not, or is wrong. */
static const struct {
    const char *name;
    int schemes;
    enum arras_type type;
} members[] = {{"type", ANY, ARRAS_STRING},
               {"scheme", ANY, ARRAS_STRING},
               {"in", ANY, ARRAS_STRING},
               {"name", ANY, ARRAS_STRING},
               {"value", KEY, ARRAS_STRING},
               {"username", LOGIN | OAUTH, ARRAS_STRING},
               {"password", LOGIN | OAUTH | TLS, ARRAS_STRING},
               {"certificate", TLS, ARRAS_STRING},
               {"key", TLS, ARRAS_STRING},
               {"accessToken", OAUTH, ARRAS_STRING},
               {"refreshToken", OAUTH, ARRAS_STRING},
               {"clientId", OAUTH, ARRAS_STRING},
               {"clientSecret", OAUTH, ARRAS_STRING},
               {"clientAuthentication", OAUTH, ARRAS_STRING},
               {"tokenUrl", OAUTH, ARRAS_STRING},
               {"scopes", OAUTH, ARRAS_ARRAY},
               {"parameters", OAUTH, ARRAS_OBJECT},
               {"allowHttp", OAUTH, ARRAS_BOOL}};

static bool fits(const struct arras_value *value, enum arras_type type)
{
    bool text = value->type == ARRAS_STRING || value->type == ARRAS_NUMBER;
    return value->type == type || (text && (type == ARRAS_STRING || type == ARRAS_ARRAY));
}

static enum arras_status check_members(const struct reading *reading)
{
    int scheme = 1 << reading->credential->scheme.type;
    const size_t known = sizeof(members) / sizeof(*members);
    for (uint32_t i = 0; i < reading->given->count; i++) {
        const struct ar_member *member = &reading->given->members[i];
        struct arras_str name = ar_member_name(member);
        size_t j = 0;
        while (j < known && !(ar_str_is(name, members[j].name) && (members[j].schemes & scheme))) {
            j++;
        }
        if (j == known || !fits(&member->value, members[j].type)) {
            return ar_error(
                reading->diags, ARRAS_USAGE, "credentials", NULL, 0,
                "the credential for '%.*s' %s '%.*s'", AR_STR_ARG(reading->credential->label),
                j == known ? "cannot hold" : "holds no fitting value as", AR_STR_ARG(name));
        }
    }
    return ARRAS_OK;
}

static struct arras_str get(const struct reading *reading, const char *name)
{
    return ar_text(ar_get_z(reading->given, name));
}

static enum arras_status hide(const struct reading *reading, struct arras_str secret)
{
    return ar_secrets_add(&reading->run->secrets, secret, reading->run->arena);
}

static enum arras_status read_key(struct reading *reading, struct arras_str text)
{
    struct ar_credential *credential = reading->credential;
    bool header =
        credential->scheme.type != AR_SCHEME_API_KEY || credential->scheme.in == AR_IN_HEADER;
    struct arras_str word = credential->scheme.key;
    credential->text = text;
    if (text.len == 0) {
        return refuse(reading, "has no value");
    }
    if (hide(reading, text)) {
        return ARRAS_NO_MEMORY;
    }
    if (header && !ar_header_value_valid(text)) {
        return refuse(reading, "is too long for a header or holds a line end or NUL");
    }
    if (credential->scheme.type == AR_SCHEME_API_KEY) {
        bool named = credential->scheme.in != AR_IN_HEADER || ar_header_name_valid(word);
        return named ? ARRAS_OK : refuse(reading, "has a scheme whose name cannot be a header's");
    }
    if (credential->scheme.type == AR_SCHEME_BEARER) {
        word = AR_STR("Bearer");
    }
    return ar_str_printf(reading->run->arena, &credential->text, "%.*s %.*s", AR_STR_ARG(word),
                         AR_STR_ARG(text))
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

/* "user:password". */
static enum arras_status read_login(struct reading *reading, struct arras_str text)
{
    struct ar_credential *credential = reading->credential;
    struct ar_arena *arena = reading->run->arena;
    if (reading->given->type == ARRAS_OBJECT) {
        credential->user = get(reading, "username");
        credential->password = get(reading, "password");
        if (ar_str_find_char(credential->user, ':', 0) != AR_NOT_FOUND ||
            !ar_get_z(reading->given, "username")) {
            return refuse(reading, "needs a username, which holds no colon");
        }
    } else if (ar_str_find_char(text, ':', 0) == AR_NOT_FOUND) {
        if (hide(reading, text)) {
            return ARRAS_NO_MEMORY;
        }
        return refuse(reading, "is not of the form user:password");
    } else {
        credential->password = text;
        credential->user = ar_str_cut(&credential->password, ':');
    }
    enum arras_status status =
        ar_basic_header(credential->user, credential->password, arena, &credential->text);
    status = status ? status : hide(reading, credential->password);
    status = status ? status : hide(reading, ar_str_from(credential->text, strlen("Basic ")));
    return status == ARRAS_LIMIT ? refuse(reading, "is too long for a header") : status;
}

/* For C, NULL where it is empty. False: it holds a NUL byte, or memory ran out. */
static bool to_z(const struct reading *reading, struct arras_str text, const char **ret)
{
    *ret = text.len ? ar_str_to_z(text, reading->run->arena) : NULL;
    return *ret || !text.len;
}

static enum arras_status not_z(const struct reading *reading, struct arras_str text)
{
    return ar_str_has_nul(text) ? refuse(reading, "holds a NUL byte") : ARRAS_NO_MEMORY;
}

/* What libcurl answers a challenge with. */
static enum arras_status read_digest(struct reading *reading, struct arras_str text)
{
    struct ar_credential *credential = reading->credential;
    struct ar_http_login *login = &credential->login;
    enum arras_status status = read_login(reading, text);
    if (status) {
        return status;
    }
    credential->text = (struct arras_str){0};
    if (!to_z(reading, credential->user, &login->user)) {
        return not_z(reading, credential->user);
    }
    if (!to_z(reading, credential->password, &login->password)) {
        return not_z(reading, credential->password);
    }
    login->user = login->user ? login->user : "";
    login->password = login->password ? login->password : "";
    return ARRAS_OK;
}

/* "CERTIFICATE:KEY", or one file with both. */
static enum arras_status read_identity(struct reading *reading, struct arras_str text)
{
    struct ar_http_identity *identity = &reading->credential->identity;
    struct arras_str key = text, password = {0};
    struct arras_str certificate = ar_str_cut(&key, ':');
    if (reading->given->type == ARRAS_OBJECT) {
        certificate = get(reading, "certificate");
        key = get(reading, "key");
        password = get(reading, "password");
    }
    if (certificate.len == 0) {
        return refuse(reading, "names no file with the certificate");
    }
    if (hide(reading, password)) {
        return ARRAS_NO_MEMORY;
    }
    if (!to_z(reading, certificate, &identity->certificate)) {
        return not_z(reading, certificate);
    }
    if (!to_z(reading, key, &identity->key)) {
        return not_z(reading, key);
    }
    return to_z(reading, password, &identity->key_password) ? ARRAS_OK : not_z(reading, password);
}

/* The scopes as the token request has them: by spaces. */
static enum arras_status read_scope(const struct reading *reading, struct arras_str *ret)
{
    const struct arras_value *given = ar_get_z(reading->given, "scopes");
    const struct arras_value *scopes = given ? given : reading->use->scopes;
    struct ar_buf buf;
    *ret = ar_text(scopes);
    if (!ar_is(scopes, ARRAS_ARRAY)) {
        return ARRAS_OK;
    }
    ar_buf_init(&buf, AR_HEADER_SIZE);
    for (uint32_t i = 0; i < scopes->count; i++) {
        ar_buf_printf(&buf, "%s%.*s", i ? " " : "", AR_STR_ARG(ar_text(&scopes->items[i])));
    }
    enum arras_status status = ar_buf_copy(&buf, reading->run->arena, ret);
    ar_buf_release(&buf);
    return status == ARRAS_LIMIT ? refuse(reading, "has too many scopes") : status;
}

/* A URL of the description, whose relative ones stand below the server. */
static enum arras_status absolute(const struct reading *reading, struct arras_str url,
                                  struct arras_str *ret)
{
    struct arras_str base;
    *ret = url;
    if (url.len == 0 || ar_uri_parse(url).has_scheme) {
        return ARRAS_OK;
    }
    return ar_str_printf(reading->run->arena, &base, "%.*s/", AR_STR_ARG(reading->server))
               ? ar_uri_resolve(base, url, reading->run->arena, ret)
               : ARRAS_NO_MEMORY;
}

static enum arras_status find_endpoint(struct reading *reading, struct arras_str *ret)
{
    struct ar_credential *credential = reading->credential;
    const struct ar_scheme *scheme = &credential->scheme;
    const char *wanted = credential->user.len ? "password" : "clientCredentials";
    const struct arras_value *flow = ar_scheme_flow(scheme, wanted);
    flow = flow ? flow : ar_scheme_flow(scheme, NULL);
    struct arras_str url = get(reading, "tokenUrl");
    url = url.len ? url : ar_text(ar_get_z(flow, "tokenUrl"));
    struct arras_str discovery =
        ar_text(ar_get_z(scheme->object, scheme->type == AR_SCHEME_OPENID ? "openIdConnectUrl"
                                                                          : "oauth2MetadataUrl"));
    if (discovery.len && scheme->type == AR_SCHEME_OPENID &&
        ar_str_find(discovery, AR_STR("/.well-known/"), 0) == AR_NOT_FOUND &&
        !ar_str_printf(reading->run->arena, &discovery, "%.*s%s", AR_STR_ARG(discovery),
                       ar_str_ends(discovery, "/") ? ".well-known/openid-configuration"
                                                   : "/.well-known/openid-configuration")) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = absolute(reading, url, ret);
    status = status ? status : absolute(reading, discovery, &credential->discovery);
    return status
               ? status
               : absolute(reading, ar_text(ar_get_z(flow, "refreshUrl")), &credential->refresh_url);
}

/* A client alone gets no token by a flow in which a person logs in. */
static enum arras_status check_flow(const struct reading *reading)
{
    const struct ar_credential *credential = reading->credential;
    struct arras_str flow = ar_scheme_interactive(&credential->scheme);
    if (!flow.len || credential->token->access.len || credential->token->refresh.len ||
        get(reading, "tokenUrl").len) {
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_error(reading->diags, ARRAS_USAGE, "credentials", NULL, 0,
                 "the credential for '%.*s' is a client or a login, but tokens are had by the flow "
                 "'%.*s' only, which is not carried out: a person must log in",
                 AR_STR_ARG(credential->label), AR_STR_ARG(flow));
    ar_hint(reading->diags,
            "log in elsewhere and give the access token: --auth %.*s=ACCESS-TOKEN; or a "
            "refreshToken with it in arras.credentials.yaml; or, where the server takes a client "
            "alone, its tokenUrl",
            AR_STR_ARG(credential->label));
    return status;
}

static enum arras_status check_endpoint(const struct reading *reading)
{
    const struct ar_credential *credential = reading->credential;
    struct arras_str endpoint = credential->token->endpoint;
    const struct arras_str urls[] = {endpoint.len ? endpoint : credential->discovery,
                                     credential->refresh_url};
    if (!ar_token_renewable(credential)) {
        return credential->token->access.len
                   ? ARRAS_OK
                   : refuse(reading, "is neither an access token nor CLIENT-ID:CLIENT-SECRET");
    }
    if (urls[0].len == 0) {
        enum arras_status status = refuse(reading, "has no token endpoint in the description");
        ar_hint(reading->diags, "give its tokenUrl in arras.credentials.yaml");
        return status;
    }
    for (size_t i = 0; i < 2; i++) {
        if (urls[i].len && !ar_token_endpoint_safe(urls[i], credential->allow_http)) {
            enum arras_status status =
                ar_error(reading->diags, ARRAS_USAGE, "credentials", NULL, 0,
                         "the credential for '%.*s' would go to '%.*s', which is not https",
                         AR_STR_ARG(credential->label), AR_STR_ARG(urls[i]));
            ar_hint(reading->diags, "allowHttp: true allows it");
            return status;
        }
    }
    return ARRAS_OK;
}

/* The token of that label and scope; a new one begins with what was given. */
static enum arras_status share_token(struct reading *reading, struct arras_str access,
                                     struct arras_str scope)
{
    struct ar_run *run = reading->run;
    struct ar_token *token = run->tokens;
    while (token && !(token->given == reading->given &&
                      ar_str_eq(token->label, reading->credential->label) &&
                      ar_str_eq(token->scope, scope))) {
        token = token->next;
    }
    if (!token) {
        token = ar_new(run->arena, struct ar_token);
        if (!token) {
            return ARRAS_NO_MEMORY;
        }
        *token = (struct ar_token){.next = run->tokens,
                                   .given = reading->given,
                                   .label = reading->credential->label,
                                   .scope = scope,
                                   .access = access,
                                   .refresh = get(reading, "refreshToken"),
                                   .secret_in_body =
                                       ar_str_is(get(reading, "clientAuthentication"), "body")};
        run->tokens = token;
    }
    reading->credential->token = token;
    return find_endpoint(reading, &token->endpoint);
}

static enum arras_status read_oauth_object(struct reading *reading, struct arras_str *ret_access)
{
    struct ar_credential *credential = reading->credential;
    const struct arras_value *allow = ar_get_z(reading->given, "allowHttp");
    struct arras_str how = get(reading, "clientAuthentication");
    credential->user = get(reading, "username");
    credential->password = get(reading, "password");
    credential->client_id = get(reading, "clientId");
    credential->client_secret = get(reading, "clientSecret");
    credential->extra = ar_get_z(reading->given, "parameters");
    credential->allow_http = ar_is(allow, ARRAS_BOOL) && allow->boolean;
    *ret_access = get(reading, "accessToken");
    if (how.len && !ar_str_is(how, "body") && !ar_str_is(how, "basic")) {
        return refuse(reading, "has a clientAuthentication that is neither 'basic' nor 'body'");
    }
    return ar_secrets_add_value(&reading->run->secrets, credential->extra, reading->run->arena);
}

/* A text with a colon is no access token (RFC 6750 section 2.1): it is CLIENT-ID:CLIENT-SECRET. */
static enum arras_status read_oauth(struct reading *reading, struct arras_str text)
{
    struct ar_credential *credential = reading->credential;
    struct arras_str access = text, scope;
    enum arras_status status = ARRAS_OK;
    if (reading->given->type == ARRAS_OBJECT) {
        status = read_oauth_object(reading, &access);
    } else if (ar_str_find_char(text, ':', 0) != AR_NOT_FOUND) {
        credential->client_secret = text;
        credential->client_id = ar_str_cut(&credential->client_secret, ':');
        access = (struct arras_str){0};
    }
    const struct arras_str secrets[] = {access, get(reading, "refreshToken"), credential->password,
                                        credential->client_secret};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets) && !status; i++) {
        status = hide(reading, secrets[i]);
    }
    if (!status && !ar_header_value_valid(access)) {
        return refuse(reading, "is too long for a header or holds a line end or NUL");
    }
    status = status ? status : read_scope(reading, &scope);
    status = status ? status : share_token(reading, access, scope);
    status = status ? status : check_flow(reading);
    return status ? status : check_endpoint(reading);
}

static bool has_word(struct arras_str name, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= name.len; i++) {
        if (ar_str_is_nocase(ar_str_sub(name, i, i + len), word)) {
            return true;
        }
    }
    return false;
}

/* What a scheme is that the description does not define. */
static enum arras_status read_undefined(struct reading *reading)
{
    struct ar_scheme *scheme = &reading->credential->scheme;
    struct ar_diags *diags = reading->diags;
    const struct ar_description *description = reading->step->operation->description;
    const struct arras_value *given = reading->given;
    struct arras_str name = scheme->name;
    bool login = given->type == ARRAS_OBJECT
                     ? ar_get_z(given, "username") != NULL
                     : ar_str_find_char(ar_text(given), ':', 0) != AR_NOT_FOUND;
    if (ar_get_z(given, "clientId") || ar_get_z(given, "accessToken")) {
        scheme->type = AR_SCHEME_OAUTH2;
    } else if (ar_get_z(given, "certificate")) {
        scheme->type = AR_SCHEME_MUTUAL_TLS;
    } else if (login && (has_word(name, "basic") || given->type == ARRAS_OBJECT)) {
        scheme->type = AR_SCHEME_BASIC;
    } else if (has_word(name, "key")) {
        enum arras_status status =
            refuse(reading, "is for a scheme that the description uses and does not define: in "
                            "which header or parameter it goes is not known");
        ar_hint(diags, "--header SOURCE:NAME=VALUE sends it; or say what it is, as in "
                       "{type: apiKey, in: header, name: X-Api-Key, value: ...}");
        return status;
    } else {
        scheme->type = AR_SCHEME_BEARER;
    }
    const struct ar_document *document = ar_description_document(description);
    bool strict = reading->run->settings.workflow->arazzo->strictness == ARRAS_STRICT;
    const struct arras_value *at = ar_get_z(reading->step->operation->object, "security");
    at = at ? at : ar_get_z(&document->root, "security");
    enum arras_status status =
        ar_deviation(diags, strict, "undefined-scheme", &document->source, at ? at->at : 0,
                     "the description uses the security scheme '%.*s' and does not define it; it "
                     "is taken for %s",
                     AR_STR_ARG(name),
                     scheme->type == AR_SCHEME_BASIC    ? "HTTP basic"
                     : scheme->type == AR_SCHEME_BEARER ? "a bearer token"
                                                        : "what was given for it");
    ar_hint(diags, "define it in components.securitySchemes, or give 'type' with the credential");
    return status;
}

static enum arras_status read_scheme(struct reading *reading)
{
    struct ar_credential *credential = reading->credential;
    struct arras_str text = ar_text(reading->given);
    if (reading->given->type == ARRAS_OBJECT) {
        enum arras_status status = check_members(reading);
        if (status) {
            return status;
        }
        text = get(reading, "value");
    }
    switch (credential->scheme.type) {
    case AR_SCHEME_BASIC:
        return read_login(reading, text);
    case AR_SCHEME_DIGEST:
        return read_digest(reading, text);
    case AR_SCHEME_OAUTH2:
    case AR_SCHEME_OPENID:
        return read_oauth(reading, text);
    case AR_SCHEME_MUTUAL_TLS:
        return read_identity(reading, text);
    default:
        return read_key(reading, text);
    }
}

static enum arras_status settle_type(struct reading *reading)
{
    const struct arras_value *given = reading->given;
    struct ar_scheme *scheme = &reading->credential->scheme;
    if (given->type != ARRAS_OBJECT && given->type != ARRAS_STRING && given->type != ARRAS_NUMBER) {
        return refuse(reading, "is neither a text nor an object");
    }
    if (ar_get_z(given, "type")) {
        return ar_scheme_read(scheme->name, given, scheme)
                   ? ARRAS_OK
                   : refuse(reading, "has a 'type' that is no complete security scheme");
    }
    return scheme->type == AR_SCHEME_UNDEFINED ? read_undefined(reading) : ARRAS_OK;
}

enum arras_status ar_credential_read(struct ar_run *run, const struct ar_step *step,
                                     const struct ar_scheme_use *use,
                                     const struct arras_value *given, struct arras_str server,
                                     struct ar_credential *ret)
{
    struct ar_diags diags;
    ar_diags_init(&diags, run->arena);
    struct reading reading = {run, step, use, given, server, ret, &diags};
    *ret = (struct ar_credential){.scheme = use->scheme};
    if (!ar_str_printf(run->arena, &ret->label, "%s.%.*s", step->source->path_z,
                       AR_STR_ARG(use->scheme.name))) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = settle_type(&reading);
    status = status ? status : read_scheme(&reading);
    ar_diags_add(run->settings.diags, &diags);
    return status;
}
