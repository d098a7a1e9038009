/* What a step's request carries of what was given: choosing among the operation's requirements,
 * telling what is missing, and laying it on the request. */
#include "base/limits.h"
#include "base/uri.h"
#include "openapi/authorize.h"
#include "run/token.h"

struct finding {
    struct ar_run *run;
    const struct ar_workflow *workflow;
    const struct ar_step *step;
    struct arras_str server;
    struct ar_access *access;
};

static bool same_origin(struct arras_str a, struct arras_str b)
{
    struct ar_uri one = ar_uri_parse(a), other = ar_uri_parse(b);
    return one.authority.len && ar_str_eq_nocase(one.scheme, other.scheme) &&
           ar_str_eq_nocase(one.authority, other.authority);
}

static bool has_parameter(const struct ar_step *step, enum ar_parameter_in in,
                          struct arras_str name)
{
    for (size_t i = 0; i < step->parameters.count; i++) {
        const struct ar_parameter *parameter = &step->parameters.items[i];
        bool same = in == AR_IN_HEADER ? ar_str_eq_nocase(parameter->name, name)
                                       : ar_str_eq(parameter->name, name);
        if (parameter->has_in && parameter->in == in && same) {
            return true;
        }
    }
    return false;
}

static bool has_header(const struct ar_headers *headers, struct arras_str name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (ar_str_eq_nocase(headers->items[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool has_secret_header(const struct ar_step *step, const struct ar_headers *headers)
{
    bool found = false;
    for (size_t i = 0; i < step->parameters.count; i++) {
        const struct ar_parameter *parameter = &step->parameters.items[i];
        found = found || (parameter->has_in && parameter->in == AR_IN_HEADER &&
                          ar_is_secret_header(parameter->name));
    }
    for (size_t i = 0; i < headers->count; i++) {
        found = found || ar_is_secret_header(headers->items[i].name);
    }
    return found;
}

/* Whether the document, or --header, sends what the scheme asks for. */
static bool is_sent_anyway(const struct finding *finding, const struct ar_scheme *scheme)
{
    const struct ar_headers *headers = &finding->access->headers;
    switch (scheme->type) {
    case AR_SCHEME_API_KEY:
        return has_parameter(finding->step, scheme->in, scheme->key) ||
               (scheme->in == AR_IN_HEADER && has_header(headers, scheme->key)) ||
               (scheme->in == AR_IN_COOKIE &&
                (has_parameter(finding->step, AR_IN_HEADER, AR_STR("Cookie")) ||
                 has_header(headers, AR_STR("Cookie"))));
    case AR_SCHEME_MUTUAL_TLS:
        return false;
    case AR_SCHEME_UNDEFINED:
        return has_secret_header(finding->step, headers);
    default:
        return has_parameter(finding->step, AR_IN_HEADER, AR_STR("Authorization")) ||
               has_header(headers, AR_STR("Authorization"));
    }
}

/* What was given for a source: by its path, by its name, or by the origin of its server. */
static const struct arras_value *given_to(const struct finding *finding)
{
    const struct arras_value *credentials = finding->run->settings.credentials;
    const struct ar_source_description *source = finding->step->source;
    const struct arras_value *found = ar_get_z(credentials, source->path_z);
    found = found ? found : ar_get(credentials, source->name);
    for (uint32_t i = 0; !found && ar_is(credentials, ARRAS_OBJECT) && i < credentials->count;
         i++) {
        const struct ar_member *member = &credentials->members[i];
        bool origin = ar_str_find(ar_member_name(member), AR_STR("://"), 0) != AR_NOT_FOUND;
        found =
            origin && same_origin(ar_member_name(member), finding->server) ? &member->value : NULL;
    }
    return found;
}

static bool sends_nothing(const struct arras_value *given)
{
    return given->type == ARRAS_NULL || (given->type == ARRAS_STRING && given->count == 0);
}

static bool is_satisfied(const struct finding *finding, const struct ar_security_choice *choice)
{
    const struct arras_value *given = given_to(finding);
    bool satisfied = true;
    for (size_t i = 0; i < choice->count; i++) {
        const struct ar_scheme *scheme = &choice->uses[i].scheme;
        satisfied = satisfied && (ar_get(given, scheme->name) || is_sent_anyway(finding, scheme));
    }
    return satisfied;
}

/* The header that the scheme's credential stands in; empty: none. */
static struct arras_str header_of(const struct ar_scheme *scheme)
{
    if (scheme->type == AR_SCHEME_API_KEY) {
        return scheme->in == AR_IN_HEADER ? scheme->key : (struct arras_str){0};
    }
    return scheme->type == AR_SCHEME_MUTUAL_TLS ? (struct arras_str){0} : AR_STR("Authorization");
}

/* Two that are wanted together cannot both be had in one header. */
static enum arras_status check_apart(const struct finding *finding)
{
    const struct ar_access *access = finding->access;
    const struct ar_credential *last = &access->credentials[access->count - 1];
    struct arras_str header = header_of(&last->scheme);
    for (size_t i = 0; i + 1 < access->count; i++) {
        const struct ar_credential *other = &access->credentials[i];
        if (header.len && ar_str_eq_nocase(header, header_of(&other->scheme)) &&
            !is_sent_anyway(finding, &last->scheme)) {
            enum arras_status status =
                ar_error(finding->run->settings.diags, ARRAS_USAGE, "credentials", NULL, 0,
                         "the step '%.*s' asks for '%.*s' and '%.*s' together, and both go into "
                         "the one header '%.*s'",
                         AR_STR_ARG(finding->step->id), AR_STR_ARG(other->label),
                         AR_STR_ARG(last->label), AR_STR_ARG(header));
            ar_hint(finding->run->settings.diags,
                    "give the one that is not to be sent an empty value: --auth %.*s=",
                    AR_STR_ARG(last->label));
            return status;
        }
    }
    return ARRAS_OK;
}

static enum arras_status take(struct finding *finding, const struct ar_security_choice *choice)
{
    const struct arras_value *all = given_to(finding);
    struct ar_access *access = finding->access;
    access->credentials =
        ar_new_array(finding->run->arena, struct ar_credential, choice->count ? choice->count : 1);
    if (!access->credentials) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < choice->count; i++) {
        const struct arras_value *given = ar_get(all, choice->uses[i].scheme.name);
        if (!given || sends_nothing(given)) {
            continue;
        }
        enum arras_status status =
            ar_credential_read(finding->run, finding->step, &choice->uses[i], given,
                               finding->server, &access->credentials[access->count]);
        access->count++;
        status = status ? status : check_apart(finding);
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

static void describe(struct ar_buf *buf, const struct ar_scheme *scheme)
{
    static const char *const kinds[] = {[AR_SCHEME_UNDEFINED] =
                                            "which the description does not define",
                                        [AR_SCHEME_BASIC] = "HTTP basic",
                                        [AR_SCHEME_BEARER] = "a bearer token",
                                        [AR_SCHEME_DIGEST] = "HTTP digest",
                                        [AR_SCHEME_OTHER_HTTP] = "HTTP authentication",
                                        [AR_SCHEME_OAUTH2] = "OAuth 2.0",
                                        [AR_SCHEME_OPENID] = "OpenID Connect",
                                        [AR_SCHEME_MUTUAL_TLS] = "a client certificate"};
    static const char *const places[] = {
        [AR_IN_QUERY] = "query", [AR_IN_HEADER] = "header", [AR_IN_COOKIE] = "cookie"};
    if (scheme->type == AR_SCHEME_API_KEY) {
        ar_buf_printf(buf, "'%.*s' (an API key in the %s '%.*s')", AR_STR_ARG(scheme->name),
                      places[scheme->in], AR_STR_ARG(scheme->key));
    } else if (ar_scheme_interactive(scheme).len) {
        ar_buf_printf(buf,
                      "'%.*s' (OAuth 2.0, where a person must log in: an access token that is "
                      "ready)",
                      AR_STR_ARG(scheme->name));
    } else {
        ar_buf_printf(buf, "'%.*s' (%s)", AR_STR_ARG(scheme->name), kinds[scheme->type]);
    }
}

static void show_option(struct ar_buf *buf, const struct ar_source_description *source,
                        const struct ar_scheme *scheme)
{
    static const char *const values[] = {[AR_SCHEME_UNDEFINED] = "VALUE",
                                         [AR_SCHEME_API_KEY] = "KEY",
                                         [AR_SCHEME_BASIC] = "USER:PASSWORD",
                                         [AR_SCHEME_BEARER] = "TOKEN",
                                         [AR_SCHEME_DIGEST] = "USER:PASSWORD",
                                         [AR_SCHEME_OTHER_HTTP] = "VALUE",
                                         [AR_SCHEME_OAUTH2] = "CLIENT-ID:CLIENT-SECRET",
                                         [AR_SCHEME_OPENID] = "CLIENT-ID:CLIENT-SECRET",
                                         [AR_SCHEME_MUTUAL_TLS] = "CERTIFICATE:KEY"};
    ar_buf_printf(buf, "--auth %s.%.*s=%s", source->path_z, AR_STR_ARG(scheme->name),
                  ar_scheme_interactive(scheme).len ? "ACCESS-TOKEN" : values[scheme->type]);
}

/* "'a' (...) and 'b' (...), or 'c' (...)", and the options for the first choice. */
static enum arras_status word(const struct finding *finding, const struct ar_security *security,
                              struct ar_missing *ret)
{
    struct ar_buf wants, hint;
    ar_buf_init(&wants, AR_DOCUMENT_SIZE);
    ar_buf_init(&hint, AR_DOCUMENT_SIZE);
    for (size_t i = 0; i < security->count; i++) {
        const struct ar_security_choice *choice = &security->choices[i];
        ar_buf_add_z(&wants, i ? ", or " : "");
        for (size_t j = 0; j < choice->count; j++) {
            ar_buf_add_z(&wants, j ? " and " : "");
            describe(&wants, &choice->uses[j].scheme);
            if (i == 0) {
                ar_buf_add_z(&hint, j ? " " : "");
                show_option(&hint, finding->step->source, &choice->uses[j].scheme);
            }
        }
    }
    enum arras_status status = ar_buf_copy(&wants, finding->run->arena, &ret->wants);
    status = status ? status : ar_buf_copy(&hint, finding->run->arena, &ret->hint);
    ar_buf_release(&wants);
    ar_buf_release(&hint);
    return status ? ARRAS_NO_MEMORY : ARRAS_OK;
}

static enum arras_status note_missing(const struct finding *finding,
                                      const struct ar_security *security)
{
    struct ar_run *run = finding->run;
    const struct ar_step *step = finding->step;
    struct ar_missing missing = {
        .workflow = finding->workflow, .source = step->source, .at = step->at, .steps = step->id};
    if (word(finding, security, &missing)) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < run->missing.count; i++) {
        struct ar_missing *same = &run->missing.items[i];
        if (same->source == step->source && ar_str_eq(same->wants, missing.wants)) {
            return ar_str_printf(run->arena, &same->steps, "%.*s, %.*s", AR_STR_ARG(same->steps),
                                 AR_STR_ARG(step->id))
                       ? ARRAS_OK
                       : ARRAS_NO_MEMORY;
        }
    }
    return ar_vec_push(run->arena, &run->missing, missing) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_credentials_tell(struct ar_run *run)
{
    enum arras_status first = ARRAS_OK;
    for (size_t i = 0; i < run->missing.count; i++) {
        const struct ar_missing *missing = &run->missing.items[i];
        const struct ar_arazzo *arazzo = missing->workflow->arazzo;
        enum arras_status status = ar_deviation(
            run->settings.diags, arazzo->strictness == ARRAS_STRICT, "credentials-outside",
            &arazzo->document.source, missing->at,
            "the source '%s' asks for credentials that nothing gives: %.*s; steps: %.*s",
            missing->source->path_z, AR_STR_ARG(missing->wants), AR_STR_ARG(missing->steps));
        ar_hint(run->settings.diags,
                "give %.*s, or the same in the environment or arras.credentials.yaml; with an "
                "empty value nothing is sent",
                AR_STR_ARG(missing->hint));
        first = first ? first : status;
    }
    return first;
}

/* A description that defines schemes and nowhere says which operations need them: every one that
 * something was given for. */
static enum arras_status take_defined(struct finding *finding)
{
    const struct ar_description *description = finding->step->operation->description;
    const struct arras_value *given = given_to(finding);
    struct ar_arena *arena = finding->run->arena;
    size_t most = ar_is(given, ARRAS_OBJECT) ? given->count : 0;
    struct ar_scheme_use *uses = ar_new_array(arena, struct ar_scheme_use, most ? most : 1);
    struct ar_security_choice choice = {uses, 0};
    if (!uses) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < most; i++) {
        struct ar_scheme_use *use = &uses[choice.count];
        *use = (struct ar_scheme_use){0};
        if (ar_description_scheme(description, ar_member_name(&given->members[i]), arena,
                                  &use->scheme)) {
            return ARRAS_NO_MEMORY;
        }
        choice.count += use->scheme.type != AR_SCHEME_UNDEFINED;
    }
    return take(finding, &choice);
}

static enum arras_status choose(struct finding *finding)
{
    const struct ar_operation *operation = finding->step->operation;
    struct ar_security security;
    bool optional = false;
    if (ar_operation_security(operation, finding->run->arena, &security)) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < security.count; i++) {
        const struct ar_security_choice *choice = &security.choices[i];
        if (choice->count && is_satisfied(finding, choice)) {
            return take(finding, choice);
        }
        optional = optional || choice->count == 0;
    }
    if (security.count == 0 && given_to(finding) &&
        !ar_description_requires_security(operation->description)) {
        return take_defined(finding);
    }
    return security.count && !optional ? note_missing(finding, &security) : ARRAS_OK;
}

/* Headers whose values tell nothing. */
static bool is_plain_header(struct arras_str name)
{
    static const char *const names[] = {"Accept",
                                        "Accept-Charset",
                                        "Accept-Encoding",
                                        "Accept-Language",
                                        "Cache-Control",
                                        "Content-Type",
                                        "Content-Encoding",
                                        "Content-Language",
                                        "Expect",
                                        "If-Match",
                                        "If-Modified-Since",
                                        "If-None-Match",
                                        "Origin",
                                        "Pragma",
                                        "Prefer",
                                        "Range",
                                        "Referer",
                                        "User-Agent",
                                        "If-Unmodified-Since",
                                        "X-Request-Id",
                                        "X-Requested-With"};
    bool found = ar_str_ends(name, "-Version") || ar_str_ends(name, "-version");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        found = found || ar_str_is_nocase(name, names[i]);
    }
    return found;
}

static enum arras_status refuse_header(const struct ar_run *run, const char *name, const char *why)
{
    return ar_error(run->settings.diags, ARRAS_USAGE, "header", NULL, 0, "--header '%s': %s", name,
                    why);
}

/* The headers that were given for the step's source. */
static enum arras_status find_headers(struct finding *finding)
{
    struct ar_run *run = finding->run;
    const struct arras_settings *given = &run->settings.headers;
    struct ar_http_request made = {0};
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < given->count && !status; i++) {
        struct arras_str name = ar_str_z(given->items[i].name);
        struct arras_str value = ar_str_z(given->items[i].value);
        char *source = ar_str_to_z(ar_str_cut(&name, ':'), run->arena);
        if (!source) {
            return ARRAS_NO_MEMORY;
        }
        if (*source && !ar_source_is_called(finding->step->source, source)) {
            continue;
        }
        if (!ar_header_name_valid(name)) {
            return refuse_header(run, given->items[i].name, "this cannot be a header's name");
        }
        if (!is_plain_header(name) && ar_secrets_add(&run->secrets, value, run->arena)) {
            return ARRAS_NO_MEMORY;
        }
        if (!ar_header_value_valid(value)) {
            return refuse_header(run, given->items[i].name,
                                 "its value holds a line end or is too long");
        }
        status = ar_request_set_header(&made, name, value, run->arena);
    }
    finding->access->headers = made.headers;
    return status ? status : ar_secrets_from_headers(&run->secrets, &made.headers, run->arena);
}

enum arras_status ar_credentials_find(struct ar_run *run, const struct ar_workflow *workflow,
                                      size_t index, struct arras_str server, struct ar_access *ret)
{
    struct finding finding = {run, workflow, &workflow->steps[index], server, ret};
    *ret = (struct ar_access){.server = server};
    enum arras_status status = find_headers(&finding);
    return status ? status : choose(&finding);
}

/* Whether the document itself sends a parameter of that name in this request. */
static bool document_sends(const struct ar_run *run, enum ar_parameter_in in, struct arras_str name)
{
    for (size_t i = 0; i < run->exchange.argument_count; i++) {
        const struct ar_argument *argument = &run->exchange.arguments[i];
        bool same = in == AR_IN_HEADER ? ar_str_eq_nocase(argument->name, name)
                                       : ar_str_eq(argument->name, name);
        if (argument->in == in && same && argument->value->type != ARRAS_NULL) {
            return true;
        }
    }
    return false;
}

/* A parameter in the document wins, then --header. */
static bool is_overruled(const struct ar_run *run, const struct ar_access *access,
                         const struct ar_scheme *scheme)
{
    bool key = scheme->type == AR_SCHEME_API_KEY;
    struct arras_str name = key ? scheme->key : AR_STR("Authorization");
    enum ar_parameter_in in = key ? scheme->in : AR_IN_HEADER;
    return scheme->type != AR_SCHEME_MUTUAL_TLS &&
           (document_sends(run, in, name) ||
            (in == AR_IN_HEADER && has_header(&access->headers, name)));
}

static enum arras_status lay(struct ar_run *run, const struct ar_credential *credential)
{
    struct arras_str text = credential->text;
    const struct ar_scheme *scheme = &credential->scheme;
    const struct ar_token *token = credential->token;
    if (scheme->type == AR_SCHEME_DIGEST) {
        run->request.login = &credential->login;
        return ARRAS_OK;
    }
    if (scheme->type == AR_SCHEME_MUTUAL_TLS) {
        run->request.identity = &credential->identity;
        return ARRAS_OK;
    }
    if (token) {
        bool made =
            run->preview && !token->access.len
                ? ar_str_printf(&run->attempt, &text, "Bearer {token of %.*s}",
                                AR_STR_ARG(credential->label))
                : ar_str_printf(&run->attempt, &text, "Bearer %.*s", AR_STR_ARG(token->access));
        if (!made) {
            return ARRAS_NO_MEMORY;
        }
    }
    if (scheme->type == AR_SCHEME_API_KEY && scheme->in == AR_IN_QUERY) {
        return ar_request_add_query(&run->request, scheme->key, text, &run->attempt);
    }
    if (scheme->type == AR_SCHEME_API_KEY && scheme->in == AR_IN_COOKIE) {
        return ar_request_add_cookie(&run->request, scheme->key, text, &run->attempt);
    }
    struct arras_str name =
        scheme->type == AR_SCHEME_API_KEY ? scheme->key : AR_STR("Authorization");
    return ar_request_set_header(&run->request, name, text, &run->attempt);
}

static enum arras_status lay_headers(struct ar_run *run, const struct ar_access *access)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < access->headers.count && !status; i++) {
        const struct ar_header *header = &access->headers.items[i];
        if (!document_sends(run, AR_IN_HEADER, header->name)) {
            status =
                ar_request_set_header(&run->request, header->name, header->value, &run->attempt);
        }
    }
    return status;
}

static const struct ar_access *current(const struct ar_run *run)
{
    return &run->frame->plan->access[run->frame->step];
}

enum arras_status ar_credentials_apply(struct ar_run *run, struct ar_credential **ret_wanted,
                                       struct ar_verdict *verdict)
{
    const struct ar_access *access = current(run);
    *ret_wanted = NULL;
    run->request = run->plain;
    if (!same_origin(run->plain.url, access->server)) {
        return ARRAS_OK;
    }
    enum arras_status status = lay_headers(run, access);
    for (size_t i = 0; i < access->count && !status; i++) {
        struct ar_credential *credential = &access->credentials[i];
        if (is_overruled(run, access, &credential->scheme)) {
            continue;
        }
        if (credential->token && !run->preview && !ar_token_usable(run, credential)) {
            *ret_wanted = credential;
            return ARRAS_OK;
        }
        status = lay(run, credential);
    }
    if (status == ARRAS_LIMIT) {
        const struct ar_step *step = &run->frame->workflow->steps[run->frame->step];
        *verdict = ar_verdict_failed(run, ARRAS_FAILED, "request-too-long", step->at,
                                     "the request is too long with its credentials");
        return verdict->status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
    }
    return status;
}

bool ar_credentials_forget(struct ar_run *run)
{
    const struct ar_access *access = current(run);
    bool any = false;
    for (size_t i = 0; i < access->count; i++) {
        struct ar_credential *credential = &access->credentials[i];
        if (credential->token && ar_token_renewable(credential) &&
            !is_overruled(run, access, &credential->scheme)) {
            credential->token->access = (struct arras_str){0};
            any = true;
        }
    }
    return any;
}
