/* OpenAPI 3.1.1 section 4.8.15 (Encoding Object): the media type of a part, its headers. */
#include "openapi/multipart_part.h"
#include "base/limits.h"
#include "openapi/media_type.h"
#include "openapi/serialize.h"

static void add_without(struct ar_buf *buf, struct arras_str text, const char *unwanted)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\0' || strchr(unwanted, c)) {
            ar_buf_printf(buf, "%%%02X", (unsigned)c);
        } else {
            ar_buf_add_char(buf, c);
        }
    }
}

/* Between quotes, as the HTML standard writes names of form data. */
static void add_quoted(struct ar_buf *buf, const char *before, struct arras_str text)
{
    ar_buf_add_z(buf, before);
    ar_buf_add_char(buf, '"');
    add_without(buf, text, "\"\r\n");
    ar_buf_add_char(buf, '"');
}

void ar_part_add_value(struct ar_buf *buf, struct arras_str text)
{
    add_without(buf, text, "\r\n");
}

static bool is_compound(const struct arras_value *value)
{
    return value->type == ARRAS_OBJECT || value->type == ARRAS_ARRAY;
}

static bool is_file(const struct ar_part *part)
{
    return part->upload && ar_upload_is_file(part->upload);
}

/* From 3.1 on, a schema without type stands for bytes; one that says by other keywords that it is
 * about text, or about nothing in particular, does not. */
static bool says_nothing(const struct arras_value *schema)
{
    static const char *const keywords[] = {"type",  "enum",    "const",  "allOf",   "anyOf",
                                           "oneOf", "pattern", "format", "default", "$ref"};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
        if (ar_get_z(schema, keywords[i])) {
            return false;
        }
    }
    return ar_is(schema, ARRAS_OBJECT);
}

static bool stands_for_bytes(const struct ar_body_context *context,
                             const struct arras_value *schema)
{
    bool modern = ar_description_version(context->call->operation->description) >= AR_OPENAPI_31;
    return ar_str_is(ar_text(ar_get_z(schema, "type")), "file") ||
           ar_str_is(ar_text(ar_get_z(schema, "format")), "binary") ||
           (modern && (ar_get_z(schema, "contentEncoding") || says_nothing(schema)));
}

/* Of a list the type that the file's name suggests, else the first; of a range what the name
 * suggests, else bytes. */
static struct arras_str choose_type(struct arras_str list, const struct ar_part *part)
{
    struct arras_str suggested =
        is_file(part) ? ar_upload_type(part->upload) : (struct arras_str){NULL, 0};
    struct arras_str first = ar_content_first_type(part->encoding);
    while (suggested.len && list.len) {
        struct arras_str one = ar_str_trim(ar_str_cut(&list, ','));
        if (ar_media_matches(one, suggested)) {
            return ar_media_is_range(one) ? suggested : one;
        }
    }
    return ar_media_is_range(first) ? AR_STR("application/octet-stream") : first;
}

static struct arras_str type_of(const struct ar_body_context *context, const struct ar_part *part)
{
    const struct arras_value *schema = part->content.schema;
    struct arras_str list = ar_text(ar_get_z(part->encoding, "contentType"));
    struct arras_str media = ar_text(ar_get_z(schema, "contentMediaType"));
    if (ar_str_trim(list).len) {
        return choose_type(list, part);
    }
    if (media.len && !ar_media_is_range(media)) {
        return media;
    }
    if (is_compound(part->content.value)) {
        return AR_STR("application/json");
    }
    bool bytes = is_file(part) ||
                 (part->content.value->type == ARRAS_STRING && stands_for_bytes(context, schema));
    return bytes ? AR_STR("application/octet-stream") : (struct arras_str){NULL, 0};
}

void ar_part_describe(const struct ar_body_context *context, const struct arras_value *value,
                      const struct arras_value *schema, struct ar_part *part)
{
    part->content = (struct ar_content){
        .value = value, .schema = ar_content_schema(context, schema), .described = part->encoding};
    part->upload = context->files ? ar_uploads_find(context->call->uploads, value) : NULL;
    part->content.type = type_of(context, part);
    part->implied = part->content.type.len == 0;
    if (part->implied) {
        part->content.type = AR_STR("text/plain");
    }
}

/* The name of the file; a text that is none, but is sent as one, is named as the member. */
static void add_disposition(const struct ar_part *part, struct ar_buf *buf)
{
    struct arras_str type = part->content.type;
    struct arras_str file = is_file(part) ? ar_upload_name(part->upload) : part->name;
    bool as_file = part->form && part->content.value->type == ARRAS_STRING && type.len &&
                   !ar_media_is_json(type) && !ar_media_is(type, "text/plain");
    if (!part->named && !is_file(part)) {
        return;
    }
    ar_buf_add_z(buf, part->named ? "Content-Disposition: form-data"
                                  : "Content-Disposition: attachment");
    if (part->named) {
        add_quoted(buf, "; name=", part->name);
    }
    if (as_file || is_file(part)) {
        add_quoted(buf, "; filename=", file);
    }
    ar_buf_add_z(buf, "\r\n");
}

static bool is_token(struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= ' ' || c >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c)) {
            return false;
        }
    }
    return text.len > 0;
}

/* A payload has no place for the headers of its parts: only the description can tell. */
static const struct arras_value *known_value(const struct ar_body_context *context,
                                             const struct arras_value *header)
{
    const struct arras_value *schema = ar_content_schema(context, ar_get_z(header, "schema"));
    const struct arras_value *list = ar_get_z(schema, "enum");
    const struct arras_value *value = ar_get_z(schema, "const");
    value = value ? value : ar_get_z(schema, "default");
    return value || ar_item(list, 1) ? value : ar_item(list, 0);
}

static void add_header(const struct ar_body_context *context, const struct ar_part *part,
                       struct arras_str name, const struct arras_value *header, struct ar_buf *buf)
{
    const struct arras_value *value = known_value(context, header);
    const struct arras_value *required = ar_get_z(header, "required");
    bool own = ar_str_is_nocase(name, "content-type") ||
               (ar_str_is_nocase(name, "content-disposition") && (part->named || is_file(part)));
    if (own || !is_token(name)) {
        return;
    }
    if (value && value->type != ARRAS_NULL) {
        struct ar_serialization how = ar_serialization_of(header, AR_IN_HEADER);
        struct ar_buf text;
        ar_buf_init(&text, AR_HEADER_SIZE);
        ar_serialize(&text, &how, name, value);
        ar_buf_printf(buf, "%.*s: ", AR_STR_ARG(name));
        ar_part_add_value(buf, ar_buf_str(&text));
        ar_buf_add_z(buf, "\r\n");
        ar_buf_release(&text);
    } else if (ar_is(required, ARRAS_BOOL) && required->boolean) {
        struct arras_str label = ar_operation_label(context->call->operation, context->arena);
        ar_warning(context->diags, "part-header", context->call->source, context->at,
                   "a part of the body of operation '%.*s' needs the header '%.*s', of which the "
                   "description gives no value: it is left out",
                   AR_STR_ARG(label), AR_STR_ARG(name));
        ar_hint(context->diags, "give the header's schema a const or a default");
    }
}

static bool has_header(const struct arras_value *headers, const char *name)
{
    for (uint32_t i = 0; ar_is(headers, ARRAS_OBJECT) && i < headers->count; i++) {
        if (ar_str_is_nocase(ar_member_name(&headers->members[i]), name)) {
            return true;
        }
    }
    return false;
}

void ar_part_headers(const struct ar_body_context *context, const struct ar_part *part,
                     struct ar_buf *buf)
{
    const struct arras_value *headers = ar_get_z(part->encoding, "headers");
    struct arras_str encoded = ar_text(ar_get_z(part->content.schema, "contentEncoding"));
    bool nested = is_compound(part->content.value) && ar_media_is_multipart(part->content.type);
    add_disposition(part, buf);
    if (!nested && !(part->implied && part->form)) {
        ar_buf_add_z(buf, "Content-Type: ");
        ar_part_add_value(buf, part->content.type);
        ar_buf_add_z(buf, "\r\n");
    }
    if (encoded.len && !is_file(part) && !has_header(headers, "content-transfer-encoding")) {
        ar_buf_add_z(buf, "Content-Transfer-Encoding: ");
        ar_part_add_value(buf, encoded);
        ar_buf_add_z(buf, "\r\n");
    }
    for (uint32_t i = 0; ar_is(headers, ARRAS_OBJECT) && i < headers->count; i++) {
        const struct arras_value *header =
            ar_content_schema(context, &headers->members[i].value); /* follows any $ref */
        add_header(context, part, ar_member_name(&headers->members[i]), header, buf);
    }
}

enum arras_status ar_part_body(const struct ar_body_context *context, const struct ar_part *part,
                               struct ar_buf *buf)
{
    ar_buf_add_z(buf, "\r\n");
    return part->upload ? ar_content_upload(context, part->upload, buf)
                        : ar_content_write(context, &part->content, buf, NULL);
}
