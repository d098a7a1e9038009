#include "openapi/body.h"
#include "base/limits.h"
#include "openapi/media_type.h"
#include "openapi/serialize.h"
#include "value/json.h"

struct arras_str ar_operation_label(const struct ar_operation *operation, struct ar_arena *arena)
{
    struct arras_str label = operation->id;
    if (label.len == 0 && !ar_str_printf(arena, &label, "%.*s %.*s", AR_STR_ARG(operation->method),
                                         AR_STR_ARG(operation->path))) {
        return operation->path;
    }
    return label;
}

enum arras_status ar_undeclared(const struct ar_call *call, struct ar_diags *diags, size_t at,
                                const char *format, ...)
{
    struct ar_buf words;
    ar_buf_init(&words, AR_URL_LENGTH);
    va_list args;
    va_start(args, format);
    char *room = ar_buf_reserve(&words, 1024);
    if (room) {
        int len = vsnprintf(room, 1024, format, args);
        words.len += len < 0 ? 0 : (len < 1024 ? (size_t)len : 1023);
    }
    va_end(args);
    enum arras_status status = ARRAS_OK;
    if (ar_buf_status(&words)) {
        status = ar_no_memory(diags);
    } else if (call->strict) {
        status = ar_error(diags, ARRAS_INVALID, "undeclared-parameter", call->source, at, "%.*s",
                          AR_STR_ARG(ar_buf_str(&words)));
    } else {
        ar_warning(diags, "undeclared-parameter", call->source, at, "%.*s",
                   AR_STR_ARG(ar_buf_str(&words)));
    }
    ar_buf_release(&words);
    return status;
}

/* The declared type that takes in `type`: itself before ranges. */
static const struct ar_media *find_media(const struct ar_body *body, struct arras_str type)
{
    const struct ar_media *found = NULL;
    for (size_t i = 0; i < body->media_count; i++) {
        const struct ar_media *media = &body->media[i];
        bool range = ar_media_is_range(media->type);
        if (ar_media_matches(media->type, type) && (!found || !range)) {
            found = media;
            if (!range) {
                break;
            }
        }
    }
    return found;
}

/* The declared JSON type, else the first declared one, else application/json. */
static struct arras_str choose_type(const struct ar_call *call, const struct ar_body *body)
{
    for (size_t i = 0; i < body->media_count; i++) {
        if (ar_media_is_json(body->media[i].type) && !ar_media_is_range(body->media[i].type)) {
            return body->media[i].type;
        }
    }
    for (size_t i = 0; i < body->media_count; i++) {
        if (!ar_media_is_range(body->media[i].type)) {
            return body->media[i].type;
        }
    }
    bool bytes = body->media_count && call->payload->type == ARRAS_STRING &&
                 !ar_media_matches(body->media[0].type, AR_STR("application/json"));
    return bytes ? AR_STR("application/octet-stream") : AR_STR("application/json");
}

static enum arras_status warn_undeclared(const struct ar_body_context *context,
                                         const struct ar_body *body)
{
    struct arras_str label = ar_operation_label(context->call->operation, context->arena);
    if (!body->declared) {
        return ar_undeclared(context->call, context->diags, context->call->payload->at,
                             "operation '%.*s' declares no request body", AR_STR_ARG(label));
    }
    return ar_undeclared(context->call, context->diags, context->call->payload->at,
                         "operation '%.*s' declares no request body of type '%.*s'",
                         AR_STR_ARG(label), AR_STR_ARG(context->type));
}

/* A text that is a JSON object or array already, as Arazzo's examples give payloads. */
static bool is_json_text(const struct ar_body_context *context, struct arras_str text)
{
    struct arras_str trimmed = ar_str_trim(text);
    struct ar_source source = {AR_STR("payload"), trimmed};
    struct arras_value value;
    if (!ar_str_starts(trimmed, "{") && !ar_str_starts(trimmed, "[")) {
        return false;
    }
    struct ar_mark mark = ar_arena_mark(context->arena);
    bool ok = ar_json_read(&source, context->arena, NULL, &value) == ARRAS_OK;
    ar_arena_rewind(context->arena, mark);
    return ok;
}

static bool wants_string(const struct ar_body_context *context)
{
    const struct arras_value *schema = context->media ? context->media->schema : NULL;
    if (schema && ar_description_follow(context->call->operation->description, schema,
                                        context->arena, NULL, &schema)) {
        return false;
    }
    return ar_str_is(ar_text(ar_get_z(schema, "type")), "string");
}

static enum arras_status wrong_type(const struct ar_body_context *context, const char *wanted)
{
    struct arras_str label = ar_operation_label(context->call->operation, context->arena);
    return ar_error(context->diags, ARRAS_INVALID, "body-type", context->call->source,
                    context->call->payload->at,
                    "the body of operation '%.*s' is of type '%.*s', which needs %s, not %s",
                    AR_STR_ARG(label), AR_STR_ARG(context->type), wanted,
                    ar_type_name(context->call->payload));
}

static void write_unknown(const struct ar_body_context *context, struct ar_buf *buf)
{
    const struct arras_value *payload = context->call->payload;
    bool scalar = payload->type != ARRAS_ARRAY && payload->type != ARRAS_OBJECT;
    ar_plain_text(buf, payload);
    if (!scalar || !ar_str_starts(context->type, "text/")) {
        struct arras_str label = ar_operation_label(context->call->operation, context->arena);
        ar_warning(context->diags, "body-as-json", context->call->source, payload->at,
                   "the body of operation '%.*s' is of type '%.*s', but the payload is %s: it is "
                   "sent as JSON",
                   AR_STR_ARG(label), AR_STR_ARG(context->type), ar_type_name(payload));
    }
}

/* Swagger's parameters in formData, which know how arrays are written. */
static const struct arras_value *form_properties(const struct ar_body_context *context)
{
    bool swagger = ar_description_version(context->call->operation->description) == AR_OPENAPI_20;
    return swagger && context->media ? ar_get_z(context->media->schema, "properties") : NULL;
}

static enum arras_status write_body(const struct ar_body_context *context, struct ar_buf *buf,
                                    struct arras_str *ret_type)
{
    const struct arras_value *payload = context->call->payload;
    bool json = ar_media_is_json(context->type);
    if (payload->type == ARRAS_STRING) {
        bool quote = json && (wants_string(context) || !is_json_text(context, ar_text(payload)));
        if (quote) {
            ar_json_write(buf, payload, ARRAS_WRITE_COMPACT);
        } else {
            ar_buf_add_str(buf, ar_text(payload));
        }
        return ARRAS_OK;
    }
    if (json) {
        ar_json_write(buf, payload, ARRAS_WRITE_COMPACT);
        return ARRAS_OK;
    }
    bool form = ar_media_is(context->type, "application/x-www-form-urlencoded");
    bool multipart = ar_media_is(context->type, "multipart/form-data");
    if ((form || multipart) && payload->type != ARRAS_OBJECT) {
        return wrong_type(context, "an object");
    }
    if (form) {
        ar_serialize_form(buf, payload, context->media ? context->media->encoding : NULL,
                          form_properties(context));
        return ARRAS_OK;
    }
    if (multipart) {
        return ar_body_multipart(context, buf, ret_type);
    }
    if (ar_media_is_xml(context->type)) {
        return ar_body_xml(context, buf);
    }
    write_unknown(context, buf);
    return ARRAS_OK;
}

/* The declaration, as far as it is needed: JSON can be written without. */
static enum arras_status read_declaration(const struct ar_call *call, struct arras_str type,
                                          struct ar_arena *arena, struct ar_diags *diags,
                                          struct ar_body *ret, bool *ret_known)
{
    bool dispensable = type.len && ar_media_is_json(type);
    enum arras_status status =
        ar_operation_body(call->operation, arena, dispensable ? NULL : diags, ret);
    *ret_known = status == ARRAS_OK;
    if (status && dispensable && status != ARRAS_NO_MEMORY) {
        *ret = (struct ar_body){0};
        return ARRAS_OK;
    }
    return status;
}

enum arras_status ar_body_build(const struct ar_call *call, struct arras_str type,
                                struct ar_arena *arena, struct ar_diags *diags,
                                struct arras_str *ret, struct arras_str *ret_type)
{
    type = ar_str_trim(type.len ? type : call->content_type);
    struct ar_body body;
    bool known;
    enum arras_status status = read_declaration(call, type, arena, diags, &body, &known);
    if (status) {
        return status;
    }
    struct ar_body_context context = {call, NULL, type, arena, diags};
    context.type = type.len ? type : choose_type(call, &body);
    context.media = find_media(&body, context.type);
    if (!context.media && known) {
        status = warn_undeclared(&context, &body);
        if (status) {
            return status;
        }
    }
    *ret_type = context.type;
    struct ar_buf buf;
    ar_buf_init(&buf, AR_REQUEST_BODY);
    status = write_body(&context, &buf, ret_type);
    if (!status && ar_buf_status(&buf) == ARRAS_LIMIT) {
        struct arras_str label = ar_operation_label(call->operation, arena);
        status = ar_error(diags, ARRAS_LIMIT, "body-too-large", call->source, call->payload->at,
                          "the body of operation '%.*s' is larger than %zu bytes",
                          AR_STR_ARG(label), AR_REQUEST_BODY);
    } else if (!status && ar_buf_copy(&buf, arena, ret)) {
        status = ar_no_memory(diags);
    }
    ar_buf_release(&buf);
    return status;
}
