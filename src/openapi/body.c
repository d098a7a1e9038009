#include "openapi/body.h"
#include "base/limits.h"
#include "openapi/charset.h"
#include "openapi/media_type.h"
#include "openapi/serialize.h"
#include "value/json.h"

enum { BRANCHES = 1000 }; /* of one schema that are looked at for a property */

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
    const struct ar_upload *upload = ar_uploads_find(call->uploads, call->payload);
    struct arras_str type = upload ? ar_upload_type(upload) : AR_STR("");
    if (type.len && find_media(body, type)) {
        return type;
    }
    bool bytes = body->media_count && call->payload->type == ARRAS_STRING &&
                 !ar_media_matches(body->media[0].type, AR_STR("application/json"));
    return bytes ? AR_STR("application/octet-stream") : AR_STR("application/json");
}

const struct arras_value *ar_content_schema(const struct ar_body_context *context,
                                            const struct arras_value *schema)
{
    const struct ar_description *description = context->call->operation->description;
    const struct arras_value *to;
    return schema && !ar_description_follow(description, schema, context->arena, NULL, &to) ? to
                                                                                            : NULL;
}

static const struct arras_value *find_property(const struct ar_body_context *context,
                                               const struct arras_value *schema,
                                               struct arras_str name, unsigned depth,
                                               unsigned *left)
{
    static const char *const keywords[] = {"allOf", "anyOf", "oneOf"};
    schema = ar_content_schema(context, schema);
    const struct arras_value *found = ar_get(ar_get_z(schema, "properties"), name);
    for (size_t k = 0; schema && !found && k < sizeof(keywords) / sizeof(*keywords); k++) {
        const struct arras_value *branches = ar_get_z(schema, keywords[k]);
        for (size_t i = 0; !found && depth < AR_SCHEMA_DEPTH && *left && ar_item(branches, i);
             i++) {
            --*left;
            found = find_property(context, ar_item(branches, i), name, depth + 1, left);
        }
    }
    return found;
}

const struct arras_value *ar_content_property(const struct ar_body_context *context,
                                              const struct arras_value *schema,
                                              struct arras_str name)
{
    unsigned left = BRANCHES;
    return find_property(context, schema, name, 0, &left);
}

struct arras_str ar_content_first_type(const struct arras_value *encoding)
{
    struct arras_str list = ar_text(ar_get_z(encoding, "contentType"));
    return ar_str_trim(ar_str_cut(&list, ','));
}

static enum arras_status warn_undeclared(const struct ar_body_context *context,
                                         const struct ar_body *body, struct arras_str type)
{
    struct arras_str label = ar_operation_label(context->call->operation, context->arena);
    enum arras_status status =
        body->declared
            ? ar_undeclared(context->call, context->diags, context->at,
                            "operation '%.*s' declares no request body of type '%.*s'",
                            AR_STR_ARG(label), AR_STR_ARG(type))
            : ar_undeclared(context->call, context->diags, context->at,
                            "operation '%.*s' declares no request body", AR_STR_ARG(label));
    ar_hint(context->diags, context->call->strict
                                ? "declare it in the description, or run without --strict"
                                : "declare it in the description; it is sent all the same");
    return status;
}

/* A text that is a JSON object or array already, as Arazzo's examples give payloads. */
static bool is_json_text(const struct ar_body_context *context, struct arras_str text)
{
    struct ar_source source = {AR_STR("payload"), ar_str_trim(text)};
    struct arras_value value;
    struct ar_mark mark = ar_arena_mark(context->arena);
    bool ok = ar_json_read(&source, context->arena, NULL, &value) == ARRAS_OK;
    ar_arena_rewind(context->arena, mark);
    return ok;
}

/* A text that begins as an object or array and is none, most often since a value was put into it
 * that holds a quote: certainly wrong where the schema wants such, most likely so elsewhere. */
static enum arras_status not_json(const struct ar_body_context *context,
                                  const struct ar_content *content, struct arras_str wanted)
{
    bool certain = ar_str_is(wanted, "object") || ar_str_is(wanted, "array");
    struct arras_str label = ar_operation_label(context->call->operation, context->arena);
    enum arras_status status = ar_deviation(
        context->diags, certain || context->call->strict, "payload-not-json", context->call->source,
        context->at,
        "%s of operation '%.*s' is of type '%.*s', but the payload is a text that begins as JSON "
        "and is none%s",
        context->what, AR_STR_ARG(label), AR_STR_ARG(content->type),
        certain || context->call->strict ? "" : ": it is sent as a JSON string");
    ar_hint(context->diags, "write the payload as an object: its values need no quotes");
    return status;
}

static enum arras_status write_json(const struct ar_body_context *context,
                                    const struct ar_content *content, struct ar_buf *buf)
{
    const struct arras_value *schema = ar_content_schema(context, content->schema);
    struct arras_str wanted = ar_text(ar_get_z(schema, "type"));
    struct arras_str begin = ar_str_trim(ar_text(content->value));
    bool text = content->value->type == ARRAS_STRING && !ar_str_is(wanted, "string") &&
                (ar_str_starts(begin, "{") || ar_str_starts(begin, "["));
    if (text && is_json_text(context, begin)) {
        ar_buf_add_str(buf, ar_text(content->value));
        return ARRAS_OK;
    }
    ar_json_write(buf, content->value, ARRAS_WRITE_COMPACT);
    return text ? not_json(context, content, wanted) : ARRAS_OK;
}

static enum arras_status wrong_type(const struct ar_body_context *context,
                                    const struct ar_content *content, const char *wanted)
{
    struct arras_str label = ar_operation_label(context->call->operation, context->arena);
    return ar_error(context->diags, ARRAS_INVALID, "body-type", context->call->source, context->at,
                    "%s of operation '%.*s' is of type '%.*s', which needs %s, not %s",
                    context->what, AR_STR_ARG(label), AR_STR_ARG(content->type), wanted,
                    ar_type_name(content->value));
}

static void write_unknown(const struct ar_body_context *context, const struct ar_content *content,
                          struct ar_buf *buf)
{
    bool scalar = content->value->type != ARRAS_ARRAY && content->value->type != ARRAS_OBJECT;
    ar_plain_text(buf, content->value);
    if (!scalar || !ar_str_starts(content->type, "text/")) {
        struct arras_str label = ar_operation_label(context->call->operation, context->arena);
        ar_warning(context->diags, "body-as-json", context->call->source, context->at,
                   "%s of operation '%.*s' is of type '%.*s', but the payload is %s: it is "
                   "sent as JSON",
                   context->what, AR_STR_ARG(label), AR_STR_ARG(content->type),
                   ar_type_name(content->value));
        ar_hint(context->diags, "a text is sent as it stands: write the payload as one");
    }
}

/* In the charset that a text's type names; what is no text of characters stays as it is. */
static enum arras_status write_text(const struct ar_body_context *context,
                                    const struct ar_content *content, struct ar_buf *buf)
{
    struct arras_str text = ar_text(content->value);
    struct arras_str charset = ar_media_parameter(content->type, "charset");
    if (!charset.len || !ar_str_starts(content->type, "text/")) {
        ar_buf_add_str(buf, text);
        return ARRAS_OK;
    }
    if (ar_charset_encode(text, charset, buf)) {
        return ARRAS_OK;
    }
    struct arras_str label = ar_operation_label(context->call->operation, context->arena);
    return ar_error(context->diags, ARRAS_INVALID, "body-charset", context->call->source,
                    context->at, "%s of operation '%.*s' cannot be written in the charset '%.*s'",
                    context->what, AR_STR_ARG(label), AR_STR_ARG(charset));
}

/* Items after each other: JSON Lines, and RFC 7464, which begins each with a record separator. */
static void write_sequence(const struct ar_content *content, bool separators, struct ar_buf *buf)
{
    for (uint32_t i = 0; i < content->value->count; i++) {
        ar_buf_add_z(buf, separators ? "\x1E" : "");
        ar_json_write(buf, &content->value->items[i], ARRAS_WRITE_COMPACT);
        ar_buf_add_char(buf, '\n');
    }
}

static enum arras_status write_form(const struct ar_body_context *context,
                                    const struct ar_content *content, struct ar_buf *buf)
{
    struct ar_buf form; /* of its own: it begins without '&' */
    ar_buf_init(&form, AR_REQUEST_BODY);
    enum arras_status status = ar_body_form(context, content, &form);
    ar_buf_add_str(buf, ar_buf_str(&form));
    if (ar_buf_status(&form)) {
        buf->status = ar_buf_status(&form);
    }
    ar_buf_release(&form);
    return status;
}

enum arras_status ar_content_upload(const struct ar_body_context *context,
                                    const struct ar_upload *upload, struct ar_buf *buf)
{
    struct ar_body_file file = {.at = buf->len};
    if (!ar_upload_is_file(upload)) {
        ar_buf_add_str(buf, ar_str_from(upload->value, 1));
        return ARRAS_OK;
    }
    enum arras_status status = ar_upload_open(upload, context->call->source, context->at,
                                              context->arena, context->diags, &file.part);
    if (!status && !ar_vec_push(context->arena, &context->files->list, file)) {
        status = ar_no_memory(context->diags);
    }
    return status;
}

static bool holds_bytes(struct arras_str type)
{
    return !ar_str_starts(type, "text/") && !ar_media_is(type, "application/x-www-form-urlencoded");
}

static enum arras_status write_string(const struct ar_body_context *context,
                                      const struct ar_content *content, struct ar_buf *buf)
{
    const struct ar_upload *upload = context->files && holds_bytes(content->type)
                                         ? ar_uploads_find(context->call->uploads, content->value)
                                         : NULL;
    return upload ? ar_content_upload(context, upload, buf) : write_text(context, content, buf);
}

enum arras_status ar_content_write(const struct ar_body_context *context,
                                   const struct ar_content *content, struct ar_buf *buf,
                                   struct arras_str *ret_type)
{
    enum arras_type type = content->value->type;
    bool form = ar_media_is(content->type, "application/x-www-form-urlencoded");
    bool multipart = ret_type && ar_media_is_multipart(content->type);
    if (ar_media_is_json(content->type)) {
        return write_json(context, content, buf);
    }
    if (type == ARRAS_STRING) {
        return write_string(context, content, buf);
    }
    if (form) {
        return type == ARRAS_OBJECT ? write_form(context, content, buf)
                                    : wrong_type(context, content, "an object");
    }
    if (multipart) {
        bool compound = type == ARRAS_OBJECT || type == ARRAS_ARRAY;
        return compound ? ar_body_multipart(context, content, buf, ret_type)
                        : wrong_type(context, content, "an object or an array");
    }
    if (ar_media_is_xml(content->type)) {
        return ar_body_xml(context, content, buf);
    }
    if (type == ARRAS_ARRAY && ar_media_is_sequence(content->type)) {
        write_sequence(content, ar_media_is_json_seq(content->type), buf);
        return ARRAS_OK;
    }
    write_unknown(context, content, buf);
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

/* The bytes between the files, and the files, in their order. */
static enum arras_status make_parts(const struct ar_body_files *files, struct arras_str bytes,
                                    struct ar_arena *arena, struct ar_http_request *request)
{
    size_t most = files->list.count * 2 + 1, from = 0;
    struct ar_body_part *parts = ar_new_array(arena, struct ar_body_part, most);
    if (!parts) {
        return ARRAS_NO_MEMORY;
    }
    request->parts = parts;
    for (size_t i = 0; i <= files->list.count; i++) {
        bool last = i == files->list.count;
        size_t to = last ? bytes.len : files->list.items[i].at;
        if (to > from) {
            parts[request->part_count++] =
                (struct ar_body_part){.bytes = ar_str_sub(bytes, from, to)};
        }
        if (!last) {
            parts[request->part_count++] = files->list.items[i].part;
        }
        from = to;
    }
    return ARRAS_OK;
}

static enum arras_status finish_body(const struct ar_body_context *context, struct ar_buf *buf,
                                     struct ar_http_request *request)
{
    struct arras_str bytes;
    if (ar_buf_status(buf) == ARRAS_LIMIT) {
        struct arras_str label = ar_operation_label(context->call->operation, context->arena);
        return ar_error(context->diags, ARRAS_LIMIT, "body-too-large", context->call->source,
                        context->at, "the body of operation '%.*s' is larger than %zu bytes",
                        AR_STR_ARG(label), AR_REQUEST_BODY);
    }
    enum arras_status status = ar_buf_copy(buf, context->arena, &bytes);
    if (!status && context->files->list.count) {
        status = make_parts(context->files, bytes, context->arena, request);
    } else if (!status) {
        request->body = bytes;
    }
    request->has_body = true;
    return status ? ar_no_memory(context->diags) : ARRAS_OK;
}

/* The payload with what the declaration of its media type says. */
static struct ar_content content_of(const struct ar_call *call, const struct ar_media *media,
                                    struct arras_str type)
{
    struct ar_content content = {.value = call->payload, .type = type};
    if (media) {
        content.schema = media->schema;
        content.described = media->object;
        bool swagger = ar_description_version(call->operation->description) == AR_OPENAPI_20;
        content.form = swagger ? ar_get_z(media->schema, "properties") : NULL;
    }
    return content;
}

enum arras_status ar_body_build(const struct ar_call *call, struct arras_str type,
                                struct ar_arena *arena, struct ar_diags *diags,
                                struct ar_http_request *request, struct arras_str *ret_type)
{
    type = ar_str_trim(type.len ? type : call->content_type);
    struct ar_body body;
    bool known;
    enum arras_status status = read_declaration(call, type, arena, diags, &body, &known);
    if (status) {
        return status;
    }
    struct ar_body_files files = {0};
    /* a text that was filled in has no place of its own */
    size_t at = call->payload->at ? call->payload->at : call->at;
    struct ar_body_context context = {call, "the body", at, arena, diags, &files};
    type = type.len ? type : choose_type(call, &body);
    const struct ar_media *media = find_media(&body, type);
    if (!media && known) {
        status = warn_undeclared(&context, &body, type);
        if (status) {
            return status;
        }
    }
    struct ar_content content = content_of(call, media, type);
    *ret_type = type;
    struct ar_buf buf;
    ar_buf_init(&buf, AR_REQUEST_BODY);
    status = ar_content_write(&context, &content, &buf, ret_type);
    status = status ? status : finish_body(&context, &buf, request);
    ar_buf_release(&buf);
    return status;
}
