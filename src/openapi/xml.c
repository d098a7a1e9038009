/* XML bodies from values: OpenAPI 3.1.1 section 4.8.26 (XML Object). */
#include "base/limits.h"
#include "base/utf8.h"
#include "openapi/body.h"
#include "openapi/serialize.h"
#include "value/pointer.h"

struct writer {
    const struct ar_body_context *context;
    struct ar_buf *buf;
    enum arras_status status;
};

static void refuse(struct writer *writer, const struct arras_value *value, const char *what,
                   struct arras_str name)
{
    if (!writer->status) { /* one is enough */
        writer->status = ar_error(writer->context->diags, ARRAS_INVALID, "body-not-xml",
                                  writer->context->call->source, value->at, "%s: '%.*s'", what,
                                  AR_STR_ARG(name));
    }
}

/* $ref followed; NULL where there is none or it leads nowhere. */
static const struct arras_value *follow(struct writer *writer, const struct arras_value *schema)
{
    const struct ar_description *description = writer->context->call->operation->description;
    const struct arras_value *to;
    return schema && !ar_description_follow(description, schema, writer->context->arena, NULL, &to)
               ? to
               : NULL;
}

/* The schema of a property, also where it stands in a branch of allOf. */
static const struct arras_value *property_of(struct writer *writer,
                                             const struct arras_value *schema,
                                             struct arras_str name, unsigned depth)
{
    const struct arras_value *found = ar_get(ar_get_z(schema, "properties"), name);
    const struct arras_value *all = ar_get_z(schema, "allOf");
    for (size_t i = 0; !found && depth < AR_SCHEMA_DEPTH && ar_item(all, i); i++) {
        found = property_of(writer, follow(writer, ar_item(all, i)), name, depth + 1);
    }
    return found;
}

/* Namespaces in XML 1.0: close enough to keep a name from being markup. */
static bool is_name(struct arras_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c >= 0x80;
        bool later = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
        if (!letter && !(later && i > 0)) {
            return false;
        }
    }
    return name.len > 0 && ar_utf8_valid(name) == name.len;
}

/* XML 1.0 section 2.2: characters that no XML can hold are refused. */
static void add_text(struct writer *writer, const struct arras_value *value, bool attribute)
{
    struct ar_buf plain;
    ar_buf_init(&plain, AR_REQUEST_BODY);
    ar_plain_text(&plain, value);
    struct arras_str text = ar_buf_str(&plain);
    for (size_t i = 0; i < text.len && !writer->status; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '<' || c == '>' || c == '&' || (attribute && (c == '"' || c < ' ')) || c == '\r') {
            ar_buf_printf(writer->buf, "&#%u;", (unsigned)c);
        } else if (c < ' ' && c != '\t' && c != '\n') {
            refuse(writer, value, "XML cannot hold the control characters of", text);
        } else {
            ar_buf_add_char(writer->buf, (char)c);
        }
    }
    if (ar_buf_status(&plain)) {
        writer->buf->status = ar_buf_status(&plain);
    }
    ar_buf_release(&plain);
}

/* The name with the schema's prefix. */
static void add_name(struct writer *writer, const struct arras_value *xml, struct arras_str name,
                     const struct arras_value *value)
{
    struct arras_str prefix = ar_text(ar_get_z(xml, "prefix"));
    if (!is_name(name) || (prefix.len && !is_name(prefix))) {
        refuse(writer, value, "this is no name of an XML element or attribute",
               is_name(name) ? prefix : name);
        return;
    }
    if (prefix.len) {
        ar_buf_add_str(writer->buf, prefix);
        ar_buf_add_char(writer->buf, ':');
    }
    ar_buf_add_str(writer->buf, name);
}

static struct arras_str name_of(const struct arras_value *xml, struct arras_str other)
{
    struct arras_str name = ar_text(ar_get_z(xml, "name"));
    return name.len ? name : other;
}

static bool is_set(const struct arras_value *xml, const char *keyword)
{
    const struct arras_value *value = ar_get_z(xml, keyword);
    return ar_is(value, ARRAS_BOOL) && value->boolean;
}

static bool is_attribute(const struct arras_value *xml)
{
    return is_set(xml, "attribute") || ar_str_is(ar_text(ar_get_z(xml, "nodeType")), "attribute");
}

static void add_namespace(struct writer *writer, const struct arras_value *xml)
{
    const struct arras_value *uri = ar_get_z(xml, "namespace");
    struct arras_str prefix = ar_text(ar_get_z(xml, "prefix"));
    if (ar_is(uri, ARRAS_STRING)) {
        ar_buf_printf(writer->buf, " xmlns%s%.*s=\"", prefix.len ? ":" : "", AR_STR_ARG(prefix));
        add_text(writer, uri, true);
        ar_buf_add_char(writer->buf, '"');
    }
}

/* `<name` with namespace and the attributes among an object's members. */
static void open_element(struct writer *writer, struct arras_str name,
                         const struct arras_value *value, const struct arras_value *schema)
{
    const struct arras_value *xml = ar_get_z(schema, "xml");
    ar_buf_add_char(writer->buf, '<');
    add_name(writer, xml, name, value);
    add_namespace(writer, xml);
    for (uint32_t i = 0; value->type == ARRAS_OBJECT && i < value->count; i++) {
        const struct ar_member *member = &value->members[i];
        const struct arras_value *own =
            follow(writer, property_of(writer, schema, ar_member_name(member), 0));
        xml = ar_get_z(own, "xml");
        if (is_attribute(xml) && member->value.type != ARRAS_NULL) {
            ar_buf_add_char(writer->buf, ' ');
            add_name(writer, xml, name_of(xml, ar_member_name(member)), &member->value);
            ar_buf_add_z(writer->buf, "=\"");
            add_text(writer, &member->value, true);
            ar_buf_add_char(writer->buf, '"');
        }
    }
    ar_buf_add_char(writer->buf, '>');
}

static void close_element(struct writer *writer, struct arras_str name,
                          const struct arras_value *value, const struct arras_value *schema)
{
    ar_buf_add_z(writer->buf, "</");
    add_name(writer, ar_get_z(schema, "xml"), name, value);
    ar_buf_add_char(writer->buf, '>');
}

static void add_element(struct writer *writer, struct arras_str name,
                        const struct arras_value *value, const struct arras_value *schema,
                        unsigned depth);

/* An array: its items one after the other, within an element of their own where `wrapped`. */
static void add_array(struct writer *writer, struct arras_str name, const struct arras_value *value,
                      const struct arras_value *schema, bool wrapped, unsigned depth)
{
    const struct arras_value *items = follow(writer, ar_get_z(schema, "items"));
    struct arras_str outer = wrapped ? name_of(ar_get_z(schema, "xml"), name) : name;
    struct arras_str inner = name_of(ar_get_z(items, "xml"), outer);
    if (wrapped) {
        open_element(writer, outer, value, schema);
    }
    for (uint32_t i = 0; i < value->count && !writer->status; i++) {
        add_element(writer, inner, &value->items[i], items, depth + 1);
    }
    if (wrapped) {
        close_element(writer, outer, value, schema);
    }
}

static void add_member(struct writer *writer, const struct ar_member *member,
                       const struct arras_value *schema, unsigned depth)
{
    struct arras_str name = ar_member_name(member);
    const struct arras_value *own = follow(writer, property_of(writer, schema, name, 0));
    const struct arras_value *xml = ar_get_z(own, "xml");
    if (is_attribute(xml)) {
        return;
    }
    if (member->value.type == ARRAS_ARRAY) {
        add_array(writer, name, &member->value, own, is_set(xml, "wrapped"), depth);
    } else {
        add_element(writer, name_of(xml, name), &member->value, own, depth + 1);
    }
}

/* `schema` has its $ref followed, or is NULL. */
static void add_element(struct writer *writer, struct arras_str name,
                        const struct arras_value *value, const struct arras_value *schema,
                        unsigned depth)
{
    if (depth > AR_NESTING_DEPTH || ar_buf_status(writer->buf)) {
        writer->buf->status = ar_buf_status(writer->buf) ? ar_buf_status(writer->buf) : ARRAS_LIMIT;
        return;
    }
    open_element(writer, name, value, schema);
    if (value->type == ARRAS_OBJECT) {
        for (uint32_t i = 0; i < value->count && !writer->status; i++) {
            add_member(writer, &value->members[i], schema, depth);
        }
    } else if (value->type == ARRAS_ARRAY) {
        add_array(writer, name, value, schema, false, depth);
    } else if (value->type != ARRAS_NULL) {
        add_text(writer, value, false);
    }
    close_element(writer, name, value, schema);
}

/* What the root element is called: by `xml`, else by the component that a $ref names. */
static struct arras_str root_name(const struct arras_value *declared,
                                  const struct arras_value *schema)
{
    struct arras_str ref = ar_text(ar_get_z(declared, "$ref"));
    size_t slash = ar_str_find_last_char(ref, '/');
    struct arras_str component = slash == AR_NOT_FOUND ? AR_STR("") : ar_str_from(ref, slash + 1);
    return name_of(ar_get_z(schema, "xml"), is_name(component) ? component : AR_STR("root"));
}

enum arras_status ar_body_xml(const struct ar_body_context *context, struct ar_buf *buf)
{
    struct writer writer = {context, buf, ARRAS_OK};
    const struct arras_value *declared = context->media ? context->media->schema : NULL;
    const struct arras_value *schema = follow(&writer, declared);
    ar_buf_add_z(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    add_element(&writer, root_name(declared, schema), context->call->payload, schema, 0);
    return writer.status;
}
