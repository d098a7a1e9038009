/* Multipart bodies: RFC 2046 section 5.1, RFC 7578; OpenAPI 3.1.1 section 4.8.15 (Encoding Object),
 * 3.2 (Encoding Usage and Restrictions). */
#include "base/hash.h"
#include "base/limits.h"
#include "openapi/body.h"
#include "openapi/media_type.h"
#include "openapi/multipart_part.h"
#include "openapi/serialize.h"
#include "value/json.h"

enum { BOUNDARY_TRIES = 64, BOUNDARY_LENGTH = 70 };

/* One try at a body, with boundaries that may turn out to stand in it. */
struct writer {
    const struct ar_body_context *context;
    struct ar_buf *buf;
    struct arras_str boundaries[AR_MULTIPART_DEPTH];
    size_t expected[AR_MULTIPART_DEPTH]; /* how often each should stand in the body */
};

static enum arras_status add_parts(struct writer *writer, const struct ar_content *content,
                                   unsigned depth);

/* With its other parameters, as multipart/related; type=text/html has them. */
static struct arras_str type_without_boundary(struct arras_str type)
{
    bool has = ar_media_parameter(type, "boundary").len > 0;
    return has ? ar_media_essence(type) : ar_str_trim(type);
}

static enum arras_status add_nested(struct writer *writer, const struct ar_part *part,
                                    unsigned depth)
{
    struct ar_content content = part->content;
    if (depth >= AR_MULTIPART_DEPTH) {
        return ar_error(writer->context->diags, ARRAS_LIMIT, "multipart-depth",
                        writer->context->call->source, writer->context->at,
                        "more than %d multipart bodies within each other", AR_MULTIPART_DEPTH);
    }
    ar_buf_add_z(writer->buf, "Content-Type: ");
    ar_part_add_value(writer->buf, type_without_boundary(content.type));
    ar_buf_printf(writer->buf, "; boundary=%.*s\r\n\r\n", AR_STR_ARG(writer->boundaries[depth]));
    writer->expected[depth]++;
    return add_parts(writer, &content, depth);
}

static enum arras_status add_part(struct writer *writer, const struct ar_part *part, unsigned depth)
{
    const struct ar_body_context *context = writer->context;
    const struct arras_value *value = part->content.value;
    bool compound = value->type == ARRAS_OBJECT || value->type == ARRAS_ARRAY;
    ar_buf_printf(writer->buf, "--%.*s\r\n", AR_STR_ARG(writer->boundaries[depth]));
    writer->expected[depth]++;
    ar_part_headers(context, part, writer->buf);
    bool nested = compound && ar_media_is_multipart(part->content.type);
    enum arras_status status =
        nested ? add_nested(writer, part, depth + 1) : ar_part_body(context, part, writer->buf);
    ar_buf_add_z(writer->buf, "\r\n");
    return status;
}

/* A member by its style, without percent-encoding: OpenAPI 3.2, Appendix C. */
static enum arras_status add_styled(struct writer *writer, struct ar_part part, unsigned depth)
{
    struct ar_pair_marks marks = {.arena = writer->context->arena};
    struct ar_serialization how = ar_serialization_of(part.encoding, AR_IN_QUERY);
    struct ar_buf pairs;
    struct arras_str text = {NULL, 0};
    how.escape = AR_ESCAPE_NONE;
    how.between = "";
    how.marks = &marks;
    ar_buf_init(&pairs, AR_REQUEST_BODY);
    ar_serialize(&pairs, &how, part.name, part.content.value);
    enum arras_status status = ar_buf_copy(&pairs, writer->context->arena, &text);
    ar_buf_release(&pairs);
    if (status) {
        writer->buf->status = status;
        return ARRAS_OK; /* the caller tells */
    }
    for (size_t i = 0; i < marks.list.count && !status; i++) {
        const struct ar_pair_mark *mark = &marks.list.items[i];
        size_t end = i + 1 < marks.list.count ? mark[1].name : text.len;
        struct arras_value value = ar_string(ar_str_sub(text, mark->value, end));
        part.name = ar_str_sub(text, mark->name, mark->value - 1);
        part.content = (struct ar_content){.value = &value, .type = AR_STR("text/plain")};
        part.implied = true;
        status = add_part(writer, &part, depth);
    }
    return status;
}

/* By name: a part for each item of an array, one for any other value. */
static enum arras_status add_member(struct writer *writer, const struct ar_content *content,
                                    const struct ar_member *member, unsigned depth)
{
    struct arras_str name = ar_member_name(member);
    const struct ar_body_context *context = writer->context;
    const struct arras_value *encoding = ar_get(ar_get_z(content->described, "encoding"), name);
    const struct arras_value *schema =
        ar_content_schema(context, ar_content_property(context, content->schema, name));
    bool array = member->value.type == ARRAS_ARRAY;
    struct ar_part part = {.name = name, .named = true, .encoding = encoding};
    enum arras_status status = ARRAS_OK;
    part.form = ar_media_is(content->type, "multipart/form-data");
    if (part.form && ar_encoding_has_style(encoding)) {
        part.content.value = &member->value;
        return add_styled(writer, part, depth);
    }
    for (uint32_t i = 0; i < (array ? member->value.count : 1) && !status; i++) {
        const struct arras_value *value = array ? &member->value.items[i] : &member->value;
        if (value->type != ARRAS_NULL) {
            ar_part_describe(context, value, array ? ar_get_z(schema, "items") : schema, &part);
            status = add_part(writer, &part, depth);
        }
    }
    return status;
}

static enum arras_status add_members(struct writer *writer, const struct ar_content *content,
                                     const struct arras_value *object, unsigned depth)
{
    enum arras_status status = ARRAS_OK;
    for (uint32_t i = 0; i < object->count && !status; i++) {
        status = add_member(writer, content, &object->members[i], depth);
    }
    return status;
}

/* By position: OpenAPI 3.2, Encoding By Position. */
static enum arras_status add_item(struct writer *writer, const struct ar_content *content,
                                  uint32_t index, unsigned depth)
{
    const struct ar_body_context *context = writer->context;
    const struct arras_value *schema = ar_content_schema(context, content->schema);
    const struct arras_value *own = ar_item(ar_get_z(schema, "prefixItems"), index);
    const struct arras_value *encoding =
        ar_item(ar_get_z(content->described, "prefixEncoding"), index);
    own = own ? own : ar_get_z(schema, "items");
    own = own ? own : ar_get_z(content->described, "itemSchema");
    struct ar_part part = {.encoding =
                               encoding ? encoding : ar_get_z(content->described, "itemEncoding")};
    ar_part_describe(context, &content->value->items[index], own, &part);
    return add_part(writer, &part, depth);
}

/* Items of multipart/form-data are objects, whose members are named parts. */
static enum arras_status add_parts(struct writer *writer, const struct ar_content *content,
                                   unsigned depth)
{
    bool form = ar_media_is(content->type, "multipart/form-data");
    const struct arras_value *value = content->value;
    enum arras_status status = ARRAS_OK;
    if (value->type == ARRAS_OBJECT) {
        status = add_members(writer, content, value, depth);
    }
    for (uint32_t i = 0; value->type == ARRAS_ARRAY && i < value->count && !status; i++) {
        bool members = form && value->items[i].type == ARRAS_OBJECT;
        status = members ? add_members(writer, content, &value->items[i], depth)
                         : add_item(writer, content, i, depth);
    }
    ar_buf_printf(writer->buf, "--%.*s--\r\n", AR_STR_ARG(writer->boundaries[depth]));
    writer->expected[depth]++;
    return status;
}

static size_t count_of(struct arras_str boundary, struct arras_str body)
{
    size_t count = 0;
    for (size_t at = ar_str_find(body, boundary, 0); at != AR_NOT_FOUND;
         at = ar_str_find(body, boundary, at + boundary.len)) {
        count++;
    }
    return count;
}

/* Whether a boundary stands within a value too. */
static bool clashes(const struct writer *writer)
{
    for (size_t i = 0; i < AR_MULTIPART_DEPTH && writer->expected[i]; i++) {
        if (count_of(writer->boundaries[i], ar_buf_str(writer->buf)) != writer->expected[i]) {
            return true;
        }
    }
    return false;
}

/* The same for the same payload, so that a request built again is the same request. */
static uint64_t payload_hash(const struct arras_value *payload, struct ar_seed seed)
{
    struct ar_buf json;
    ar_buf_init(&json, AR_REQUEST_BODY);
    ar_json_write(&json, payload, ARRAS_WRITE_COMPACT);
    uint64_t hash = ar_hash(seed, ar_buf_str(&json));
    ar_buf_release(&json);
    return hash;
}

/* None is the beginning of another. */
static bool make_boundaries(struct writer *writer, struct arras_str given, uint64_t number)
{
    bool made = true;
    for (unsigned i = 0; i < AR_MULTIPART_DEPTH && made; i++) {
        made = ar_str_printf(writer->context->arena, &writer->boundaries[i], "arras-%u%016llx", i,
                             (unsigned long long)number);
    }
    if (given.len) {
        writer->boundaries[0] = given;
    }
    return made;
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
    return text.len > 0 && text.len <= BOUNDARY_LENGTH;
}

/* One try; *ret_done where the body is good, or cannot become so. */
static enum arras_status try_body(struct writer *writer, const struct ar_content *content,
                                  bool *ret_done)
{
    memset(writer->expected, 0, sizeof(writer->expected));
    ar_buf_clear(writer->buf);
    writer->context->files->list.count = 0;
    enum arras_status status = add_parts(writer, content, 0);
    *ret_done = status || ar_buf_status(writer->buf) || !clashes(writer);
    return status;
}

static enum arras_status find_boundary(struct writer *writer, const struct ar_content *content,
                                       bool *ret_own)
{
    struct arras_str given = ar_media_parameter(content->type, "boundary");
    uint64_t number = payload_hash(content->value, (struct ar_seed){0, 0});
    enum arras_status status = ARRAS_OK;
    bool done = false, known = true;
    *ret_own = !is_boundary(given);
    for (unsigned i = 0; i < BOUNDARY_TRIES && !done && !status; i++) {
        *ret_own = *ret_own || i > 0;
        if (!make_boundaries(writer, *ret_own ? AR_STR("") : given, number + i)) {
            return ar_no_memory(writer->context->diags);
        }
        status = try_body(writer, content, &done);
        if (*ret_own && known && writer->context->files->list.count) {
            /* files are not read before they are sent: nobody may know what must not be in them */
            number = payload_hash(content->value, ar_seed_new());
            known = done = false;
        }
    }
    if (!status && !done) {
        status = ar_error(writer->context->diags, ARRAS_LIMIT, "multipart-boundary",
                          writer->context->call->source, writer->context->at,
                          "no boundary could be found that the body's parts do not hold");
    }
    return status;
}

enum arras_status ar_body_multipart(const struct ar_body_context *context,
                                    const struct ar_content *content, struct ar_buf *buf,
                                    struct arras_str *ret_type)
{
    struct writer writer = {.context = context, .buf = buf};
    bool own;
    enum arras_status status = find_boundary(&writer, content, &own);
    if (!status && own &&
        !ar_str_printf(context->arena, ret_type, "%.*s; boundary=%.*s",
                       AR_STR_ARG(type_without_boundary(content->type)),
                       AR_STR_ARG(writer.boundaries[0]))) {
        return ar_no_memory(context->diags);
    }
    return status;
}
