/* multipart/form-data, RFC 7578; OpenAPI 3.1.1 section 4.8.15 (Encoding Object). */
#include "base/hash.h"
#include "base/limits.h"
#include "openapi/body.h"
#include "openapi/media_type.h"
#include "openapi/serialize.h"
#include "value/json.h"

enum { BOUNDARY_TRIES = 64 };

/* As the HTML standard writes names of form data. */
static void add_name(struct ar_buf *buf, struct arras_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '"' || c == '\r' || c == '\n' || c == '\0') {
            ar_buf_printf(buf, "%%%02X", (unsigned)c);
        } else {
            ar_buf_add_char(buf, c);
        }
    }
}

/* The schema of a property, $ref followed; of an array's items where the value is an array. NULL:
 * none. */
static const struct arras_value *property_schema(const struct ar_body_context *context,
                                                 struct arras_str name, bool items)
{
    const struct ar_description *description = context->call->operation->description;
    const struct arras_value *schema = context->media ? context->media->schema : NULL;
    if (!schema || ar_description_follow(description, schema, context->arena, NULL, &schema)) {
        return NULL;
    }
    schema = ar_get(ar_get_z(schema, "properties"), name);
    if (!schema || ar_description_follow(description, schema, context->arena, NULL, &schema)) {
        return NULL;
    }
    if (!items) {
        return schema;
    }
    schema = ar_get_z(schema, "items");
    return schema && ar_description_follow(description, schema, context->arena, NULL, &schema)
               ? NULL
               : schema;
}

static bool is_file(const struct arras_value *schema)
{
    return ar_str_is(ar_text(ar_get_z(schema, "type")), "file") ||
           ar_str_is(ar_text(ar_get_z(schema, "format")), "binary") ||
           ar_get_z(schema, "contentMediaType");
}

/* The part's Content-Type; empty: none, which means text/plain (RFC 7578 section 4.4). */
static struct arras_str part_type(const struct ar_body_context *context, struct arras_str name,
                                  const struct arras_value *schema, const struct arras_value *value)
{
    const struct arras_value *encoding =
        ar_get(context->media ? context->media->encoding : NULL, name);
    struct arras_str type = ar_text(ar_get_z(encoding, "contentType"));
    type = ar_str_trim(ar_str_sub(type, 0, ar_str_find_char(type, ',', 0)));
    if (type.len == 0) {
        type = ar_text(ar_get_z(schema, "contentMediaType"));
    }
    if (type.len && !ar_media_is_range(type)) {
        return type;
    }
    if (type.len || is_file(schema)) {
        return AR_STR("application/octet-stream");
    }
    bool compound = value->type == ARRAS_OBJECT || value->type == ARRAS_ARRAY;
    return compound ? AR_STR("application/json") : (struct arras_str){NULL, 0};
}

static void add_part(const struct ar_body_context *context, struct ar_buf *buf,
                     struct arras_str boundary, struct arras_str name,
                     const struct arras_value *value, bool item)
{
    const struct arras_value *schema = property_schema(context, name, item);
    struct arras_str type = part_type(context, name, schema, value);
    bool file = value->type == ARRAS_STRING && type.len && !ar_media_is_json(type) &&
                !ar_media_is(type, "text/plain");
    ar_buf_printf(buf, "--%.*s\r\nContent-Disposition: form-data; name=\"", AR_STR_ARG(boundary));
    add_name(buf, name);
    if (file) {
        ar_buf_add_z(buf, "\"; filename=\"");
        add_name(buf, name);
    }
    ar_buf_add_z(buf, "\"\r\n");
    if (type.len) {
        ar_buf_add_z(buf, "Content-Type: ");
        add_name(buf, type); /* a description may hold anything; no line ends */
        ar_buf_add_z(buf, "\r\n");
    }
    ar_buf_add_z(buf, "\r\n");
    ar_plain_text(buf, value);
    ar_buf_add_z(buf, "\r\n");
}

/* Each item of an array is a part of the array's name, unless its type says that it is JSON. */
static size_t add_parts(const struct ar_body_context *context, struct ar_buf *buf,
                        struct arras_str boundary)
{
    const struct arras_value *payload = context->call->payload;
    size_t parts = 0;
    for (uint32_t i = 0; i < payload->count; i++) {
        struct arras_str name = ar_member_name(&payload->members[i]);
        const struct arras_value *value = &payload->members[i].value;
        const struct arras_value *encoding =
            ar_get(context->media ? context->media->encoding : NULL, name);
        bool whole = value->type != ARRAS_ARRAY ||
                     ar_media_is_json(ar_text(ar_get_z(encoding, "contentType")));
        if (value->type == ARRAS_NULL) {
            continue;
        }
        for (uint32_t k = 0; !whole && k < value->count; k++, parts++) {
            add_part(context, buf, boundary, name, &value->items[k], true);
        }
        if (whole) {
            add_part(context, buf, boundary, name, value, false);
            parts++;
        }
    }
    ar_buf_printf(buf, "--%.*s--\r\n", AR_STR_ARG(boundary));
    return parts;
}

/* How often the boundary occurs, within values too. */
static size_t count_boundaries(struct arras_str body, struct arras_str boundary)
{
    size_t count = 0;
    for (size_t at = ar_str_find(body, boundary, 0); at != AR_NOT_FOUND;
         at = ar_str_find(body, boundary, at + boundary.len)) {
        count++;
    }
    return count;
}

/* The same for the same payload, so that a request built again is the same request. */
static uint64_t payload_hash(const struct arras_value *payload)
{
    struct ar_buf json;
    ar_buf_init(&json, AR_REQUEST_BODY);
    ar_json_write(&json, payload, ARRAS_WRITE_COMPACT);
    uint64_t hash = ar_hash((struct ar_seed){0, 0}, ar_buf_str(&json));
    ar_buf_release(&json);
    return hash;
}

/* RFC 2046 section 5.1.1: what a boundary that the document gives may be. */
static bool is_boundary(struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' || c > '~' || c == '"' || c == '\\') {
            return false;
        }
    }
    return text.len > 0 && text.len <= 70;
}

enum arras_status ar_body_multipart(const struct ar_body_context *context, struct ar_buf *buf,
                                    struct arras_str *ret_type)
{
    struct arras_str given = ar_media_parameter(context->type, "boundary");
    uint64_t hash = payload_hash(context->call->payload);
    for (unsigned i = 0; i < BOUNDARY_TRIES; i++) {
        struct arras_str boundary = given;
        bool own = i > 0 || !is_boundary(given);
        if (own && !ar_str_printf(context->arena, &boundary, "arras-%016llx",
                                  (unsigned long long)(hash + i))) {
            return ar_no_memory(context->diags);
        }
        ar_buf_clear(buf);
        size_t parts = add_parts(context, buf, boundary);
        if (ar_buf_status(buf)) {
            return ARRAS_OK; /* the caller tells */
        }
        if (count_boundaries(ar_buf_str(buf), boundary) != parts + 1) {
            continue;
        }
        if (own &&
            !ar_str_printf(context->arena, ret_type, "%.*s; boundary=%.*s",
                           AR_STR_ARG(ar_media_essence(context->type)), AR_STR_ARG(boundary))) {
            return ar_no_memory(context->diags);
        }
        return ARRAS_OK;
    }
    return ar_error(context->diags, ARRAS_LIMIT, "multipart-boundary", context->call->source,
                    context->call->payload->at,
                    "no boundary could be found that the body's parts "
                    "do not hold");
}
