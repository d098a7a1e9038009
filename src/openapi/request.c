#include "openapi/request.h"
#include "base/limits.h"
#include "base/uri.h"
#include "openapi/body.h"
#include "openapi/collection.h"
#include "openapi/media_type.h"
#include "openapi/serialize.h"

/* An argument with its Parameter Object. */
struct parameter {
    const struct ar_argument *given;
    const struct arras_value *declared; /* NULL: not declared */
    bool used;                          /* filled into the path template */
};

struct draft {
    const struct ar_call *call;
    struct ar_arena *arena;
    struct ar_diags *diags;
    struct parameter *parameters;
    struct ar_buf path, query, cookie;
    AR_VEC(struct ar_header) headers;
    struct arras_str content_type; /* as a parameter gives it */
    bool has_content_type;
};

static const char line_end[] = "the value of a header may hold no line end or NUL";
static const char *const places[] = {"path", "query", "header", "cookie", "querystring"};

static bool is_token(struct arras_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= ' ' || c >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c)) {
            return false;
        }
    }
    return s.len > 0;
}

static bool has_line_end(struct arras_str s)
{
    return ar_str_has_nul(s) || ar_str_find_char(s, '\r', 0) != AR_NOT_FOUND ||
           ar_str_find_char(s, '\n', 0) != AR_NOT_FOUND;
}

static struct arras_str label(const struct draft *draft)
{
    return ar_operation_label(draft->call->operation, draft->arena);
}

/* {name}, or {+name} as RFC 6570 has it, in a path template. */
static bool has_place(struct arras_str path, struct arras_str name)
{
    size_t at = ar_str_find(path, name, 0);
    while (at != AR_NOT_FOUND) {
        bool begins = at && (path.ptr[at - 1] == '{' || path.ptr[at - 1] == '+');
        size_t end = at + name.len;
        if (begins && end < path.len && path.ptr[end] == '}') {
            return true;
        }
        at = ar_str_find(path, name, at + 1);
    }
    return false;
}

/* OpenAPI ignores definitions of these two, and before 3.2 none can declare a whole query. */
static bool needs_no_declaration(const struct draft *draft, const struct ar_argument *given)
{
    if (given->in == AR_IN_QUERYSTRING) {
        return ar_description_version(draft->call->operation->description) < AR_OPENAPI_32;
    }
    if (given->in == AR_IN_PATH && !has_place(draft->call->operation->path, given->name)) {
        return !draft->call->strict; /* it is not sent, and that is told */
    }
    return given->in == AR_IN_HEADER && (ar_str_is_nocase(given->name, "accept") ||
                                         ar_str_is_nocase(given->name, "content-type"));
}

static enum arras_status find_declarations(struct draft *draft)
{
    const struct ar_call *call = draft->call;
    draft->parameters = ar_new_array(draft->arena, struct parameter,
                                     call->argument_count ? call->argument_count : 1);
    if (!draft->parameters) {
        return ar_no_memory(draft->diags);
    }
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct ar_argument *given = &call->arguments[i];
        struct parameter *parameter = &draft->parameters[i];
        parameter->given = given;
        enum arras_status status = ar_operation_parameter(
            call->operation, given->name, places[given->in], draft->arena, &parameter->declared);
        if (!status && !parameter->declared && !needs_no_declaration(draft, given)) {
            struct arras_str operation = label(draft);
            status =
                ar_undeclared(call, draft->diags, given->at,
                              "operation '%.*s' declares no parameter '%.*s' in %s",
                              AR_STR_ARG(operation), AR_STR_ARG(given->name), places[given->in]);
            struct arras_str broken = ar_operation_broken_parameter(call->operation, draft->arena);
            ar_hint(draft->diags,
                    broken.len ? "%s; it may be the one behind '%.*s', which cannot be read" : "%s",
                    call->strict ? "declare it in the description, or run without --strict"
                                 : "declare it in the description; it is sent all the same, "
                                   "in the default style",
                    AR_STR_ARG(broken));
        }
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

/* The media type of a parameter with `content`; empty: it has a style. */
static struct arras_str content_of(const struct arras_value *declared)
{
    const struct arras_value *content = ar_get_z(declared, "content");
    bool has = ar_is(content, ARRAS_OBJECT) && content->count;
    return has ? ar_member_name(&content->members[0]) : (struct arras_str){NULL, 0};
}

/* The value by the parameter's media type, escaped. */
static enum arras_status add_content(struct draft *draft, struct ar_buf *buf,
                                     const struct parameter *parameter, struct arras_str type,
                                     enum ar_escape escape)
{
    const struct ar_description *description = draft->call->operation->description;
    const struct arras_value *media = ar_get(ar_get_z(parameter->declared, "content"), type);
    struct ar_body_context context = {.call = draft->call,
                                      .what = "a parameter",
                                      .at = parameter->given->at,
                                      .arena = draft->arena,
                                      .diags = draft->diags};
    if (media && ar_description_follow(description, media, draft->arena, NULL, &media)) {
        media = NULL; /* its key says enough of most */
    }
    struct ar_content content = {.value = parameter->given->value,
                                 .type = type,
                                 .schema = ar_get_z(media, "schema"),
                                 .described = media};
    struct ar_buf text;
    ar_buf_init(&text, AR_REQUEST_BODY);
    enum arras_status status = ar_content_write(&context, &content, &text, NULL);
    if (ar_buf_status(&text)) {
        buf->status = ar_buf_status(&text);
    }
    ar_escape_text(buf, ar_buf_str(&text), escape);
    ar_buf_release(&text);
    return status;
}

/* By the parameter's style. */
static void add_styled(struct draft *draft, struct ar_buf *buf, const struct parameter *parameter,
                       const struct ar_serialization *how, struct arras_str name)
{
    const struct arras_value *value = parameter->given->value;
    bool swagger = ar_description_version(draft->call->operation->description) == AR_OPENAPI_20;
    if (swagger && value->type == ARRAS_ARRAY && ar_get_z(parameter->declared, "items")) {
        enum arras_status status =
            ar_collection_flatten(parameter->declared, value, draft->arena, &value);
        if (status) {
            buf->status = status; /* who asks for the text tells */
            return;
        }
    }
    ar_serialize(buf, how, name, value);
}

static enum arras_status add_parameter(struct draft *draft, struct ar_buf *buf,
                                       const struct parameter *parameter)
{
    const struct ar_argument *given = parameter->given;
    struct ar_serialization how = ar_serialization_of(parameter->declared, given->in);
    struct arras_str type = content_of(parameter->declared);
    if (!type.len) {
        add_styled(draft, buf, parameter, &how, given->name);
        return ARRAS_OK;
    }
    if (how.style == AR_STYLE_FORM) {
        ar_add_pair_name(buf, &how, given->name);
    }
    bool header = given->in == AR_IN_HEADER;
    return add_content(draft, buf, parameter, type, header ? AR_ESCAPE_NONE : AR_ESCAPE_ALL);
}

/* Whether there is anything to send: null is a value where a media type is to write it. */
static bool is_sent(const struct parameter *parameter)
{
    return content_of(parameter->declared).len || !ar_is_undefined(parameter->given->value);
}

static struct parameter *find_parameter(struct draft *draft, struct arras_str name,
                                        enum ar_parameter_in in)
{
    for (size_t i = 0; i < draft->call->argument_count; i++) {
        const struct ar_argument *given = draft->parameters[i].given;
        if (given->in == in && ar_str_eq(given->name, name) && is_sent(&draft->parameters[i])) {
            return &draft->parameters[i];
        }
    }
    return NULL;
}

/* Descriptions write {+name}, {name*} and {proxy+} after RFC 6570 and its kin: the name alone, and
 * whether slashes stay. */
static struct arras_str bare_name(struct arras_str name, bool *ret_reserved)
{
    *ret_reserved = false;
    while (name.len && strchr("+#./;?&", name.ptr[0])) {
        *ret_reserved |= name.ptr[0] == '+';
        name = ar_str_from(name, 1);
    }
    while (name.len && strchr("+*", name.ptr[name.len - 1])) {
        *ret_reserved |= name.ptr[name.len - 1] == '+';
        name.len--;
    }
    return name;
}

static enum arras_status missing_path_parameter(const struct draft *draft, struct arras_str name)
{
    struct arras_str operation = label(draft);
    enum arras_status status =
        ar_error(draft->diags, ARRAS_INVALID, "missing-path-parameter", draft->call->source,
                 draft->call->at, "operation '%.*s' needs the path parameter '%.*s'",
                 AR_STR_ARG(operation), AR_STR_ARG(name));
    ar_hint(draft->diags, "its path is %.*s", AR_STR_ARG(draft->call->operation->path));
    return status;
}

/* One {name} of the path template, or of a query within it. */
static enum arras_status fill_one(struct draft *draft, struct arras_str name, bool in_query,
                                  struct ar_buf *buf)
{
    bool reserved;
    struct arras_str bare = bare_name(name, &reserved);
    struct parameter *parameter = find_parameter(draft, name, AR_IN_PATH);
    parameter = parameter ? parameter : find_parameter(draft, bare, AR_IN_PATH);
    if (!parameter && in_query) {
        parameter = find_parameter(draft, bare, AR_IN_QUERY);
    }
    if (!parameter) {
        return missing_path_parameter(draft, bare);
    }
    parameter->used = true;
    struct arras_str type = content_of(parameter->declared);
    struct ar_serialization how = ar_serialization_of(parameter->declared, AR_IN_PATH);
    if (reserved || how.escape == AR_ESCAPE_RESERVED) {
        how.escape = in_query ? AR_ESCAPE_RESERVED : AR_ESCAPE_PATH;
    }
    if (type.len) {
        return add_content(draft, buf, parameter, type, AR_ESCAPE_ALL);
    }
    add_styled(draft, buf, parameter, &how, bare);
    return ARRAS_OK;
}

/* What stands in a template is kept but for what no URL can hold. */
static enum arras_status fill_template(struct draft *draft, struct arras_str text, bool in_query,
                                       struct ar_buf *buf)
{
    for (;;) {
        size_t open = ar_str_find_char(text, '{', 0);
        size_t close = open == AR_NOT_FOUND ? open : ar_str_find_char(text, '}', open);
        ar_escape_text(buf, ar_str_sub(text, 0, close == AR_NOT_FOUND ? text.len : open),
                       AR_ESCAPE_RESERVED);
        if (close == AR_NOT_FOUND) {
            return ARRAS_OK;
        }
        enum arras_status status =
            fill_one(draft, ar_str_sub(text, open + 1, close), in_query, buf);
        if (status) {
            return status;
        }
        text = ar_str_from(text, close + 1);
    }
}

static void add_query_text(struct ar_buf *query, struct arras_str text)
{
    if (text.len) {
        ar_buf_add_z(query, query->len ? "&" : "");
        ar_escape_text(query, text, AR_ESCAPE_RESERVED);
    }
}

/* Server and path template, each of which may have a query of its own. */
static enum arras_status start_url(struct draft *draft)
{
    struct ar_uri server = ar_uri_parse(draft->call->server);
    struct arras_str text = draft->call->operation->path;
    text = ar_str_sub(text, 0, ar_str_find_char(text, '#', 0));
    size_t question = ar_str_find_char(text, '?', 0);
    struct arras_str base = server.path;
    while (ar_str_ends(base, "/")) {
        base.len--;
    }
    ar_buf_printf(&draft->path, "%.*s://%.*s", AR_STR_ARG(server.scheme),
                  AR_STR_ARG(server.authority));
    ar_escape_text(&draft->path, base, AR_ESCAPE_RESERVED);
    ar_buf_add_z(&draft->path, ar_str_starts(text, "/") ? "" : "/");
    enum arras_status status =
        fill_template(draft, ar_str_sub(text, 0, question), false, &draft->path);
    add_query_text(&draft->query, server.query);
    if (!status && question != AR_NOT_FOUND) {
        ar_buf_add_z(&draft->query, draft->query.len ? "&" : "");
        status = fill_template(draft, ar_str_from(text, question + 1), true, &draft->query);
    }
    return status;
}

/* Types of text that is a query already; of any other the text must become one. */
static bool is_query_text(struct arras_str type)
{
    return !type.len || ar_media_is(type, "application/x-www-form-urlencoded") ||
           ar_str_starts(type, "text/");
}

/* The whole query: text as it is, an object as a form, or by the declared media type. */
static enum arras_status add_querystring(struct draft *draft, const struct parameter *parameter)
{
    const struct arras_value *value = parameter->given->value;
    struct arras_str type = content_of(parameter->declared), operation = label(draft);
    if (value->type == ARRAS_STRING && is_query_text(type)) {
        struct arras_str text = ar_text(value);
        add_query_text(&draft->query, ar_str_from(text, ar_str_starts(text, "?") ? 1 : 0));
        return ARRAS_OK;
    }
    enum arras_status status = ARRAS_OK;
    if (value->type != ARRAS_STRING) {
        status = ar_deviation(
            draft->diags, draft->call->strict, "querystring-text", draft->call->source,
            parameter->given->at,
            "operation '%.*s': the whole query '%.*s' must be a text, it is of type %s",
            AR_STR_ARG(operation), AR_STR_ARG(parameter->given->name), ar_type_name(value));
        ar_hint(draft->diags, "write the query itself, as in 'a=1&b={$inputs.b}'");
    }
    if (status || !is_sent(parameter)) {
        return status;
    }
    ar_buf_add_z(&draft->query, draft->query.len ? "&" : "");
    if (!type.len) {
        bool object = value->type == ARRAS_OBJECT;
        type = object ? AR_STR("application/x-www-form-urlencoded") : AR_STR("application/json");
    }
    bool form = ar_media_is(type, "application/x-www-form-urlencoded");
    return add_content(draft, &draft->query, parameter, type,
                       form ? AR_ESCAPE_RESERVED : AR_ESCAPE_ALL);
}

static enum arras_status too_long(const struct draft *draft, const char *what, size_t most)
{
    struct arras_str operation = label(draft);
    return ar_error(draft->diags, ARRAS_LIMIT, "request-too-long", draft->call->source,
                    draft->call->at, "operation '%.*s': %s is longer than %zu bytes",
                    AR_STR_ARG(operation), what, most);
}

static enum arras_status bad_header(const struct draft *draft, const struct ar_argument *given,
                                    const char *why)
{
    struct arras_str operation = label(draft);
    return ar_error(draft->diags, ARRAS_INVALID, "bad-header", draft->call->source, given->at,
                    "operation '%.*s', header '%.*s': %s", AR_STR_ARG(operation),
                    AR_STR_ARG(given->name), why);
}

static enum arras_status add_header(struct draft *draft, const struct parameter *parameter)
{
    const struct ar_argument *given = parameter->given;
    if (!is_token(given->name)) {
        return bad_header(draft, given, "this cannot be the name of a header");
    }
    if (!is_sent(parameter)) {
        return ARRAS_OK;
    }
    struct ar_buf text;
    ar_buf_init(&text, AR_HEADER_SIZE);
    struct ar_header header = {.name = given->name};
    enum arras_status refused = add_parameter(draft, &text, parameter);
    enum arras_status status = ar_buf_copy(&text, draft->arena, &header.value);
    ar_buf_release(&text);
    if (refused) {
        return refused;
    }
    if (status == ARRAS_LIMIT) {
        return too_long(draft, "the value of a header", AR_HEADER_SIZE);
    }
    if (status) {
        return ar_no_memory(draft->diags);
    }
    if (has_line_end(header.value)) {
        return bad_header(draft, given, line_end);
    }
    if (ar_str_is_nocase(given->name, "content-type")) {
        draft->content_type = header.value;
        draft->has_content_type = true;
        return ARRAS_OK;
    }
    if (ar_str_is_nocase(given->name, "cookie")) {
        ar_buf_add_z(&draft->cookie, draft->cookie.len ? "; " : "");
        ar_buf_add_str(&draft->cookie, header.value);
        return ARRAS_OK;
    }
    return ar_vec_push(draft->arena, &draft->headers, header) ? ARRAS_OK
                                                              : ar_no_memory(draft->diags);
}

static enum arras_status add_others(struct draft *draft)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < draft->call->argument_count && !status; i++) {
        const struct parameter *parameter = &draft->parameters[i];
        if (parameter->used || parameter->given->in == AR_IN_PATH) {
            continue;
        }
        if (parameter->given->in == AR_IN_HEADER) {
            status = add_header(draft, parameter);
        } else if (parameter->given->in == AR_IN_QUERYSTRING) {
            status = add_querystring(draft, parameter);
        } else if (is_sent(parameter)) {
            bool cookie = parameter->given->in == AR_IN_COOKIE;
            status = add_parameter(draft, cookie ? &draft->cookie : &draft->query, parameter);
        }
    }
    return status;
}

static enum arras_status check_unplaced(struct draft *draft)
{
    const struct ar_call *call = draft->call;
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < call->argument_count && !status; i++) {
        const struct parameter *parameter = &draft->parameters[i];
        if (parameter->given->in == AR_IN_PATH && !parameter->used) {
            struct arras_str operation = label(draft);
            status = ar_deviation(
                draft->diags, call->strict, "unplaced-parameter", call->source,
                parameter->given->at, "operation '%.*s': the path %.*s has no place for '%.*s'%s",
                AR_STR_ARG(operation), AR_STR_ARG(call->operation->path),
                AR_STR_ARG(parameter->given->name), call->strict ? "" : ", which is not sent");
            ar_hint(draft->diags, "leave it out, or say where else it belongs by 'in'");
        }
    }
    return status;
}

/* The media types of one response: JSON before others. */
static struct arras_str better_type(const struct draft *draft, const struct arras_value *response,
                                    struct arras_str type)
{
    const struct ar_operation *operation = draft->call->operation;
    const struct arras_value *content = NULL;
    if (!ar_description_follow(operation->description, response, draft->arena, NULL, &response)) {
        content = ar_get_z(response, "content");
    }
    for (uint32_t i = 0; ar_is(content, ARRAS_OBJECT) && i < content->count; i++) {
        struct arras_str name = ar_member_name(&content->members[i]);
        if (!type.len || (ar_media_is_json(name) && !ar_media_is_json(type))) {
            type = name;
        }
    }
    return type;
}

/* Swagger 2.0: `produces`. */
static struct arras_str swagger_type(const struct ar_operation *operation)
{
    const struct arras_value *produces = ar_get_z(operation->object, "produces");
    if (!produces) {
        produces = ar_get_z(&ar_description_document(operation->description)->root, "produces");
    }
    struct arras_str type = ar_text(ar_item(produces, 0));
    for (size_t i = 0; ar_item(produces, i) && !ar_media_is_json(type); i++) {
        struct arras_str other = ar_text(ar_item(produces, i));
        type = ar_media_is_json(other) ? other : type;
    }
    return type;
}

/* What the description says a success is, JSON if it is among it; anything else is taken too. */
static enum arras_status add_accept(struct draft *draft)
{
    const struct ar_operation *operation = draft->call->operation;
    const struct ar_headers headers = {draft->headers.items, draft->headers.count};
    const struct arras_value *responses = ar_get_z(operation->object, "responses");
    struct arras_str type = swagger_type(operation);
    if (ar_headers_find(&headers, "Accept")) {
        return ARRAS_OK;
    }
    for (uint32_t i = 0; ar_is(responses, ARRAS_OBJECT) && i < responses->count; i++) {
        struct arras_str status = ar_member_name(&responses->members[i]);
        if (ar_str_starts(status, "2") || ar_str_is(status, "default")) {
            type = better_type(draft, &responses->members[i].value, type);
        }
    }
    struct ar_header accept = {AR_STR("Accept"), AR_STR("*/*")};
    bool usable = type.len && !ar_str_is(type, "*/*") && !has_line_end(type);
    if (usable &&
        !ar_str_printf(draft->arena, &accept.value, "%.*s, */*;q=0.1", AR_STR_ARG(type))) {
        return ar_no_memory(draft->diags);
    }
    return ar_vec_push(draft->arena, &draft->headers, accept) ? ARRAS_OK
                                                              : ar_no_memory(draft->diags);
}

static enum arras_status finish_url(struct draft *draft, struct arras_str *ret)
{
    ar_buf_add_z(&draft->path, draft->query.len ? "?" : "");
    ar_buf_add_str(&draft->path, ar_buf_str(&draft->query));
    enum arras_status status = ar_buf_status(&draft->query);
    status = status ? status : ar_buf_copy(&draft->path, draft->arena, ret);
    if (status == ARRAS_LIMIT) {
        return too_long(draft, "the URL", AR_URL_LENGTH);
    }
    return status ? ar_no_memory(draft->diags) : ARRAS_OK;
}

static enum arras_status finish_headers(struct draft *draft, struct ar_http_request *ret)
{
    struct ar_header cookie = {.name = AR_STR("Cookie")};
    enum arras_status status = ar_buf_copy(&draft->cookie, draft->arena, &cookie.value);
    if (status == ARRAS_LIMIT) {
        return too_long(draft, "the Cookie header", AR_HEADER_SIZE);
    }
    if (has_line_end(cookie.value)) {
        struct ar_argument argument = {.name = cookie.name, .at = draft->call->at};
        return bad_header(draft, &argument, line_end);
    }
    if (status || (cookie.value.len && !ar_vec_push(draft->arena, &draft->headers, cookie))) {
        return ar_no_memory(draft->diags);
    }
    status = add_accept(draft);
    struct ar_header type = {AR_STR("Content-Type"), draft->content_type};
    bool fit = !has_line_end(draft->call->content_type);
    if (!status && fit && draft->call->payload) {
        status = ar_body_build(draft->call, draft->content_type, draft->arena, draft->diags, ret,
                               &type.value);
        fit = status || !has_line_end(type.value); /* a description may hold anything */
    }
    if (!status && !fit) {
        struct ar_argument argument = {.name = type.name, .at = draft->call->at};
        return bad_header(draft, &argument, line_end);
    }
    if (!status && (ret->has_body || draft->has_content_type) &&
        !ar_vec_push(draft->arena, &draft->headers, type)) {
        status = ar_no_memory(draft->diags);
    }
    ret->headers = (struct ar_headers){draft->headers.items, draft->headers.count};
    return status;
}

enum arras_status ar_request_build(const struct ar_call *call, struct ar_arena *arena,
                                   struct ar_diags *diags, struct ar_http_request *ret)
{
    struct draft draft = {.call = call, .arena = arena, .diags = diags};
    ar_buf_init(&draft.path, AR_URL_LENGTH);
    ar_buf_init(&draft.query, AR_URL_LENGTH);
    ar_buf_init(&draft.cookie, AR_HEADER_SIZE);
    struct ar_http_request request = {.method = call->operation->method};
    enum arras_status status = find_declarations(&draft);
    status = status ? status : start_url(&draft);
    status = status ? status : add_others(&draft);
    status = status ? status : finish_url(&draft, &request.url);
    status = status ? status : finish_headers(&draft, &request);
    status = status ? status : check_unplaced(&draft);
    if (!status) {
        *ret = request;
    }
    ar_buf_release(&draft.path);
    ar_buf_release(&draft.query);
    ar_buf_release(&draft.cookie);
    return status;
}
