#include "openapi/validate.h"
#include "base/map.h"
#include "openapi/body.h"
#include "openapi/header_value.h"
#include "openapi/media_type.h"
#include "openapi/reference.h"
#include "query/schema.h"
#include "value/json.h"
#include <stdarg.h>

/* A schema of the description, compiled; or why that failed. */
struct compiled {
    struct ar_schema *schema;   /* NULL: it cannot be used */
    struct arras_str complaint; /* why */
};

struct ar_response_validator {
    struct ar_arena *arena;
    struct ar_map compiled; /* by the address of the schema's value */
    AR_VEC(struct ar_schema *) schemas;
};

/* One response being looked at. */
struct check {
    struct ar_response_validator *validator;
    const struct ar_operation *operation;
    const struct ar_http_response *response;
    const struct arras_value *body;
    struct ar_arena *arena;
    struct ar_findings *findings;
    struct arras_str label; /* "getPet" */
};

/* A value of the description and the document that it stands in. */
struct part {
    const struct arras_value *value; /* NULL: there is none */
    const struct ar_home *home;
};

struct ar_response_validator *ar_response_validator_new(struct ar_arena *arena)
{
    struct ar_response_validator *validator = ar_new(arena, struct ar_response_validator);
    if (validator) {
        validator->arena = arena;
    }
    return validator;
}

void ar_response_validator_release(struct ar_response_validator *validator)
{
    for (size_t i = 0; validator && i < validator->schemas.count; i++) {
        ar_schema_release(validator->schemas.items[i]);
    }
    if (validator) {
        validator->schemas.count = 0;
    }
}

static enum arras_status find(struct check *check, const struct part *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum arras_status find(struct check *check, const struct part *part, const char *format, ...)
{
    struct arras_str text;
    struct ar_finding finding = {.source = &part->home->document->source, .at = part->value->at};
    va_list args;
    va_start(args, format);
    bool made = ar_str_vprintf(check->arena, &text, format, args);
    va_end(args);
    made =
        made && ar_str_printf(check->arena, &finding.message, "the response %d of '%.*s' %.*s",
                              check->response->status, AR_STR_ARG(check->label), AR_STR_ARG(text));
    return made && ar_vec_push(check->arena, &check->findings->list, finding) ? ARRAS_OK
                                                                              : ARRAS_NO_MEMORY;
}

/* The part itself, or what its $ref leads to; its value NULL where that leads nowhere, which is a
 * finding. */
static enum arras_status follow(struct check *check, struct part *part)
{
    struct ar_diags diags;
    struct part at = *part;
    ar_diags_init(&diags, check->arena);
    enum arras_status status =
        ar_description_follow_from(check->operation->description, &part->home, part->value,
                                   check->arena, &diags, &part->value);
    const struct arras_diag *error = ar_diags_first_error(&diags);
    if (!status || status == ARRAS_NO_MEMORY) {
        return status;
    }
    part->value = NULL;
    return find(check, &at, "cannot be checked: %.*s",
                AR_STR_ARG(error ? error->message : AR_STR("a reference leads nowhere")));
}

static struct part member(const struct part *part, const char *name)
{
    return (struct part){ar_get_z(part->value, name), part->home};
}

/* Responses Object: the status itself, then its range, then the default. */
static struct part response_of(const struct part *responses, int status)
{
    char exact[16], range[16];
    snprintf(exact, sizeof(exact), "%d", status);
    snprintf(range, sizeof(range), "%dXX", status / 100);
    struct part found = member(responses, exact);
    found = found.value ? found : member(responses, range);
    return found.value ? found : member(responses, "default");
}

/* How closely a media type of the description takes in that of a response; 0: not at all. */
static int closeness(struct arras_str described, struct arras_str type)
{
    if (ar_str_eq_nocase(ar_str_trim(described), ar_str_trim(type))) {
        return 4;
    }
    if (!ar_media_matches(described, type)) {
        return 0;
    }
    if (!ar_media_is_range(described)) {
        return 3;
    }
    return ar_str_is(ar_media_essence(described), "*/*") ? 1 : 2;
}

static struct part closest_media(const struct part *content, struct arras_str type)
{
    struct part found = {NULL, content->home};
    int best = 0;
    for (uint32_t i = 0; i < content->value->count; i++) {
        int close = closeness(ar_member_name(&content->value->members[i]), type);
        if (close > best) {
            best = close;
            found.value = &content->value->members[i].value;
        }
    }
    return found;
}

static enum arras_status load(void *context, struct arras_str uri, struct ar_arena *arena,
                              const struct arras_value **ret)
{
    const struct ar_operation *operation = context;
    const struct ar_home *home;
    (void)arena;
    enum arras_status status = ar_description_home(operation->description, uri, &home);
    if (!status) {
        *ret = &home->document->root;
    }
    return status;
}

static enum arras_status compile(struct check *check, const struct part *schema,
                                 struct compiled *ret)
{
    bool old = ar_description_version(check->operation->description) <= AR_OPENAPI_30;
    struct ar_arena *arena = check->validator->arena;
    struct ar_schema_options options = {.dialect = old ? AR_SCHEMA_OPENAPI_30 : AR_SCHEMA_2020_12,
                                        .assert_format = AR_FORMATS_ALL,
                                        .of_response = true,
                                        .load = load,
                                        .context = (void *)check->operation,
                                        .base_uri = schema->home->location};
    struct ar_diags diags;
    ar_diags_init(&diags, arena);
    enum arras_status status =
        ar_schema_compile(&schema->home->document->root, schema->value,
                          &schema->home->document->source, &options, arena, &diags, &ret->schema);
    const struct arras_diag *error = ar_diags_first_error(&diags);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status) {
        ret->schema = NULL;
        ret->complaint = error ? error->message : ar_str_z(arras_status_meaning(status));
        return ARRAS_OK;
    }
    if (!ar_vec_push(arena, &check->validator->schemas, ret->schema)) {
        ar_schema_release(ret->schema);
        return ARRAS_NO_MEMORY;
    }
    return ARRAS_OK;
}

static enum arras_status compiled_of(struct check *check, const struct part *schema,
                                     const struct compiled **ret)
{
    struct ar_response_validator *validator = check->validator;
    const struct arras_value *const *address = &schema->value;
    struct arras_str key = {(const char *)address, sizeof(*address)};
    *ret = ar_map_get(&validator->compiled, key);
    if (*ret) {
        return ARRAS_OK;
    }
    const struct arras_value **kept = ar_new(validator->arena, const struct arras_value *);
    struct compiled *made = ar_new(validator->arena, struct compiled);
    if (!kept || !made) {
        return ARRAS_NO_MEMORY;
    }
    *kept = schema->value;
    key.ptr = (const char *)kept;
    enum arras_status status = compile(check, schema, made);
    *ret = made;
    return status || ar_map_set(&validator->compiled, validator->arena, key, made)
               ? status
               : ARRAS_NO_MEMORY;
}

/* `what` it is: "a body". */
static enum arras_status check_value(struct check *check, const struct part *schema,
                                     const struct arras_value *value, const char *what)
{
    const struct compiled *compiled;
    struct ar_schema_result result = {.valid = true};
    struct ar_diags diags;
    ar_diags_init(&diags, check->arena);
    enum arras_status status = compiled_of(check, schema, &compiled);
    if (status) {
        return status;
    }
    if (!compiled->schema) {
        return find(check, schema, "cannot be checked: %.*s", AR_STR_ARG(compiled->complaint));
    }
    status = ar_schema_validate(compiled->schema, value, check->arena, &diags, &result);
    if (status && status != ARRAS_NO_MEMORY) {
        const struct arras_diag *error = ar_diags_first_error(&diags);
        return find(check, schema, "cannot be checked: %.*s",
                    AR_STR_ARG(error ? error->message : ar_str_z(arras_status_meaning(status))));
    }
    for (size_t i = 0; i < result.errors.count && !status; i++) {
        const struct ar_schema_error *error = &result.errors.items[i];
        bool at = error->instance_path.len > 0;
        status = find(check, schema, "has %s that its schema does not allow%s%.*s%s: %.*s (%.*s)",
                      what, at ? ", at '" : "", AR_STR_ARG(error->instance_path), at ? "'" : "",
                      AR_STR_ARG(error->message), AR_STR_ARG(error->schema_path));
    }
    return status;
}

/* What is neither JSON nor text that a schema of strings describes is not looked into. */
static bool is_checked(const struct part *schema, struct arras_str type)
{
    return ar_media_is_json(type) ||
           (!ar_media_is_xml(type) &&
            ar_str_is(ar_text(ar_get_z(schema->value, "type")), "string"));
}

static enum arras_status check_body(struct check *check, struct part schema, struct arras_str type)
{
    struct part target = schema;
    if (!schema.value || !check->body) {
        return ARRAS_OK;
    }
    enum arras_status status = follow(check, &target);
    if (status || !target.value || !is_checked(&target, type)) {
        return status;
    }
    struct arras_str text = ar_str_trim(check->response->body);
    bool no_json = ar_media_is_json(type) && ar_is(check->body, ARRAS_STRING) &&
                   !ar_str_starts(text, "\"") && !ar_str_starts(text, "\xEF\xBB\xBF");
    return no_json ? find(check, &schema, "says that it is '%.*s', but its body is not JSON",
                          AR_STR_ARG(type))
                   : check_value(check, &schema, check->body, "a body");
}

static enum arras_status no_media(struct check *check, const struct part *content,
                                  const struct arras_str *type)
{
    return type ? find(check, content, "is of the media type '%.*s', which is not described",
                       AR_STR_ARG(*type))
                : find(check, content, "has a body without a Content-Type");
}

/* Response Object, `content`. */
static enum arras_status check_content(struct check *check, const struct part *response)
{
    const struct arras_str *type = ar_headers_find(&check->response->headers, "Content-Type");
    struct part content = member(response, "content");
    bool bare = check->response->status == 204 || check->response->status == 304 ||
                ar_str_is(check->operation->method, "HEAD");
    if (bare || !ar_is(content.value, ARRAS_OBJECT) || content.value->count == 0) {
        return ARRAS_OK;
    }
    if (check->response->body.len == 0) {
        return find(check, &content, "has no body");
    }
    struct part media = closest_media(&content, type ? *type : AR_STR(""));
    if (!type || !media.value) {
        return no_media(check, &content, type);
    }
    enum arras_status status = follow(check, &media);
    return status || !media.value ? status : check_body(check, member(&media, "schema"), *type);
}

/* Swagger 2.0: `produces` says the media types, the response has the schema. */
static enum arras_status check_swagger(struct check *check, const struct part *response)
{
    const struct arras_str *type = ar_headers_find(&check->response->headers, "Content-Type");
    struct part produces = {ar_get_z(check->operation->object, "produces"), check->operation->home};
    struct part schema = member(response, "schema");
    if (!produces.value) {
        const struct ar_document *document = ar_description_document(check->operation->description);
        produces.value = ar_get_z(&document->root, "produces");
    }
    if (!schema.value || check->response->body.len == 0 || check->response->status == 204) {
        return ARRAS_OK;
    }
    bool matches = !ar_item(produces.value, 0);
    for (size_t i = 0; type && ar_item(produces.value, i) && !matches; i++) {
        matches = ar_media_matches(ar_text(ar_item(produces.value, i)), *type);
    }
    if (!matches) {
        return no_media(check, &produces, type);
    }
    return check_body(check, schema, type ? *type : AR_STR("application/json"));
}

/* Header Object, `content`: JSON is read. *ret NULL: it is something else. */
static enum arras_status read_content(struct check *check, const struct part *header,
                                      struct arras_str name, struct arras_str text,
                                      struct part *ret_schema, const struct arras_value **ret)
{
    struct part content = member(header, "content");
    struct ar_source source = {AR_STR("a header"), text};
    struct arras_value value;
    *ret = NULL;
    if (!ar_is(content.value, ARRAS_OBJECT) || content.value->count != 1 ||
        !ar_media_is_json(ar_member_name(&content.value->members[0]))) {
        return ARRAS_OK;
    }
    struct part media = {&content.value->members[0].value, content.home};
    enum arras_status status = follow(check, &media);
    if (status || !media.value) {
        return status;
    }
    *ret_schema = member(&media, "schema");
    status = ar_json_read(&source, check->arena, NULL, &value);
    if (status && status != ARRAS_NO_MEMORY) {
        return find(check, &content, "has a header '%.*s' that is not JSON", AR_STR_ARG(name));
    }
    *ret = status ? NULL : ar_value_new(check->arena, value);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status check_header_value(struct check *check, const struct part *header,
                                            struct arras_str name)
{
    bool swagger = ar_description_version(check->operation->description) == AR_OPENAPI_20;
    struct part schema = swagger ? *header : member(header, "schema"), target = schema;
    const struct arras_value *value = NULL;
    struct arras_str text, what;
    if (!ar_header_text(&check->response->headers, name, check->arena, &text) ||
        !ar_str_printf(check->arena, &what, "a header '%.*s'", AR_STR_ARG(name))) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = schema.value ? follow(check, &target) : ARRAS_OK;
    if (!status && target.value) {
        status = ar_header_value(check->operation, header->value, target.value, target.home, text,
                                 check->arena, &value);
        status = status == ARRAS_NO_MEMORY ? status : ARRAS_OK; /* the schema tells of the rest */
    } else if (!status && !schema.value) {
        status = read_content(check, header, name, text, &schema, &value);
    }
    return status || !value || !schema.value ? status
                                             : check_value(check, &schema, value, what.ptr);
}

static bool has_header(const struct ar_http_response *response, struct arras_str name)
{
    for (size_t i = 0; i < response->headers.count; i++) {
        if (ar_str_eq_nocase(response->headers.items[i].name, name)) {
            return true;
        }
    }
    return false;
}

static enum arras_status check_header(struct check *check, struct part header,
                                      struct arras_str name)
{
    enum arras_status status = follow(check, &header);
    if (status || !header.value) {
        return status;
    }
    if (has_header(check->response, name)) {
        return check_header_value(check, &header, name);
    }
    const struct arras_value *required = ar_get_z(header.value, "required");
    return ar_is(required, ARRAS_BOOL) && required->boolean
               ? find(check, &header, "lacks the header '%.*s', which is required",
                      AR_STR_ARG(name))
               : ARRAS_OK;
}

/* Header Object: Content-Type is described by the media types; lines of Set-Cookie cannot be
 * joined, and so not be described. */
static enum arras_status check_headers(struct check *check, const struct part *response)
{
    struct part headers = member(response, "headers");
    enum arras_status status = ARRAS_OK;
    for (uint32_t i = 0; ar_is(headers.value, ARRAS_OBJECT) && i < headers.value->count && !status;
         i++) {
        struct arras_str name = ar_member_name(&headers.value->members[i]);
        struct part header = {&headers.value->members[i].value, headers.home};
        bool left_out = ar_str_is_nocase(name, "Content-Type") ||
                        (ar_str_is_nocase(name, "Set-Cookie") && has_header(check->response, name));
        status = left_out ? ARRAS_OK : check_header(check, header, name);
    }
    return status;
}

enum arras_status ar_response_validate(struct ar_response_validator *validator,
                                       const struct ar_operation *operation,
                                       const struct ar_http_response *response,
                                       const struct arras_value *body, struct ar_arena *arena,
                                       struct ar_findings *ret)
{
    struct check check = {.validator = validator,
                          .operation = operation,
                          .response = response,
                          .body = body,
                          .arena = arena,
                          .findings = ret,
                          .label = ar_operation_label(operation, arena)};
    struct part responses = {ar_get_z(operation->object, "responses"), operation->home};
    if (!ar_is(responses.value, ARRAS_OBJECT)) {
        return ARRAS_OK; /* OpenAPI 3.1: nothing is said of responses */
    }
    struct part described = response_of(&responses, response->status);
    if (!described.value) {
        return find(&check, &responses, "has a status that is not described");
    }
    enum arras_status status = follow(&check, &described);
    if (status || !described.value) {
        return status;
    }
    bool swagger = ar_description_version(operation->description) == AR_OPENAPI_20;
    status = swagger ? check_swagger(&check, &described) : check_content(&check, &described);
    return status ? status : check_headers(&check, &described);
}
