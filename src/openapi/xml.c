/* XML bodies from values: OpenAPI 3.1.1 section 4.8.26 (XML Object). */
#include "base/limits.h"
#include "base/utf8.h"
#include "openapi/body.h"
#include "openapi/serialize.h"

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
static void check_text(struct writer *writer, const struct arras_value *value,
                       struct arras_str text)
{
    for (size_t i = 0; i < text.len && !writer->status; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
            refuse(writer, value, "XML cannot hold the control characters of", text);
        }
    }
}

static void add_text(struct writer *writer, const struct arras_value *value, bool attribute)
{
    struct ar_buf plain;
    ar_buf_init(&plain, AR_REQUEST_BODY);
    ar_plain_text(&plain, value);
    struct arras_str text = ar_buf_str(&plain);
    check_text(writer, value, text);
    for (size_t i = 0; i < text.len && !writer->status; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '<' || c == '>' || c == '&' || (attribute && (c == '"' || c < ' ')) || c == '\r') {
            ar_buf_printf(writer->buf, "&#%u;", (unsigned)c);
        } else {
            ar_buf_add_char(writer->buf, (char)c);
        }
    }
    if (ar_buf_status(&plain)) {
        writer->buf->status = ar_buf_status(&plain);
    }
    ar_buf_release(&plain);
}

static void add_plain(struct writer *writer, const struct arras_value *value)
{
    add_text(writer, value, false);
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

enum node_type { ELEMENT, ATTRIBUTE, TEXT, CDATA, NONE };

/* A value with its schema and what that says of XML. */
struct node {
    struct arras_str inferred, name; /* the name as `xml` has it, else as it is inferred */
    const struct arras_value *value, *schema, *xml;
    enum node_type type;
};

static bool has_type(const struct arras_value *schema, const char *type)
{
    const struct arras_value *types = ar_get_z(schema, "type");
    bool found = ar_str_is(ar_text(types), type);
    for (size_t i = 0; ar_item(types, i) && !found; i++) {
        found = ar_str_is(ar_text(ar_item(types, i)), type);
    }
    return found;
}

/* An array whose schema is that of its items: no list is described. */
static bool is_repeated(const struct node *node)
{
    return node->value->type == ARRAS_ARRAY && ar_get_z(node->schema, "type") &&
           !has_type(node->schema, "array");
}

/* Arrays are no nodes themselves unless they are asked to be. */
static void set_type(struct node *node)
{
    static const char *const names[] = {"element", "attribute", "text", "cdata", "none"};
    struct arras_str type = ar_text(ar_get_z(node->xml, "nodeType"));
    node->type = node->value->type == ARRAS_ARRAY ? NONE : ELEMENT;
    if (is_set(node->xml, "attribute")) {
        node->type = ATTRIBUTE;
    } else if (node->value->type == ARRAS_ARRAY && is_set(node->xml, "wrapped")) {
        node->type = ELEMENT;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (ar_str_is(type, names[i])) {
            node->type = (enum node_type)i;
        }
    }
    if (is_repeated(node)) {
        node->type = NONE;
    }
}

/* `declared` may be a $ref, with an `xml` beside it that goes before the one it leads to. */
static struct node make_node(struct writer *writer, struct arras_str inferred,
                             const struct arras_value *value, const struct arras_value *declared)
{
    struct node node = {.inferred = inferred, .value = value};
    node.schema = ar_content_schema(writer->context, declared);
    node.xml = ar_get_z(declared, "xml");
    node.xml = node.xml ? node.xml : ar_get_z(node.schema, "xml");
    node.name = name_of(node.xml, inferred);
    set_type(&node);
    return node;
}

static struct node member_node(struct writer *writer, const struct node *parent, uint32_t index)
{
    const struct ar_member *member = &parent->value->members[index];
    return make_node(writer, ar_member_name(member), &member->value,
                     ar_content_property(writer->context, parent->schema, ar_member_name(member)));
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

/* Whether the prefix of an attribute is declared by its element or an attribute before it. */
static bool is_declared(struct writer *writer, const struct node *parent, uint32_t index)
{
    struct node own = member_node(writer, parent, index);
    struct arras_str prefix = ar_text(ar_get_z(own.xml, "prefix"));
    bool declared = !prefix.len || (ar_get_z(parent->xml, "namespace") &&
                                    ar_str_eq(prefix, ar_text(ar_get_z(parent->xml, "prefix"))));
    for (uint32_t i = 0; i < index && !declared; i++) {
        struct node other = member_node(writer, parent, i);
        declared = other.type == ATTRIBUTE && other.value->type != ARRAS_NULL &&
                   ar_get_z(other.xml, "namespace") &&
                   ar_str_eq(prefix, ar_text(ar_get_z(other.xml, "prefix")));
    }
    return declared;
}

static void add_attribute(struct writer *writer, const struct node *parent, uint32_t index)
{
    struct node node = member_node(writer, parent, index);
    if (node.type != ATTRIBUTE || node.value->type == ARRAS_NULL) {
        return;
    }
    if (!is_declared(writer, parent, index)) {
        add_namespace(writer, node.xml);
    }
    ar_buf_add_char(writer->buf, ' ');
    add_name(writer, node.xml, node.name, node.value);
    ar_buf_add_z(writer->buf, "=\"");
    add_text(writer, node.value, true);
    ar_buf_add_char(writer->buf, '"');
}

static bool writes_nil(const struct writer *writer, const struct node *node)
{
    const struct ar_description *description = writer->context->call->operation->description;
    return node->value->type == ARRAS_NULL && ar_description_version(description) >= AR_OPENAPI_32;
}

/* `<name` with namespace and the attributes among an object's members. */
static void open_element(struct writer *writer, const struct node *node)
{
    ar_buf_add_char(writer->buf, '<');
    add_name(writer, node->xml, node->name, node->value);
    add_namespace(writer, node->xml);
    for (uint32_t i = 0; node->value->type == ARRAS_OBJECT && i < node->value->count; i++) {
        add_attribute(writer, node, i);
    }
    if (writes_nil(writer, node)) {
        ar_buf_add_z(writer->buf, " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                                  "xsi:nil=\"true\"");
    }
    ar_buf_add_char(writer->buf, '>');
}

static void close_element(struct writer *writer, const struct node *node)
{
    ar_buf_add_z(writer->buf, "</");
    add_name(writer, node->xml, node->name, node->value);
    ar_buf_add_char(writer->buf, '>');
}

/* The end of a section within one is divided between two. */
static void add_cdata(struct writer *writer, const struct arras_value *value)
{
    struct ar_buf plain;
    ar_buf_init(&plain, AR_REQUEST_BODY);
    ar_plain_text(&plain, value);
    struct arras_str text = ar_buf_str(&plain);
    check_text(writer, value, text);
    ar_buf_add_z(writer->buf, "<![CDATA[");
    size_t end;
    while ((end = ar_str_find(text, AR_STR("]]>"), 0)) != AR_NOT_FOUND) {
        ar_buf_add_str(writer->buf, ar_str_sub(text, 0, end + 2));
        ar_buf_add_z(writer->buf, "]]><![CDATA[");
        text = ar_str_from(text, end + 2);
    }
    ar_buf_add_str(writer->buf, text);
    ar_buf_add_z(writer->buf, "]]>");
    if (ar_buf_status(&plain)) {
        writer->buf->status = ar_buf_status(&plain);
    }
    ar_buf_release(&plain);
}

static void add_node(struct writer *writer, const struct node *node, unsigned depth);

/* The name of items that have none: that of the element around them, else that of the property. */
static void add_items(struct writer *writer, const struct node *node, unsigned depth)
{
    const struct arras_value *items = ar_get_z(node->schema, "items");
    const struct arras_value *first = ar_get_z(node->schema, "prefixItems");
    bool repeated = is_repeated(node);
    struct arras_str name = node->type == ELEMENT || repeated ? node->name : node->inferred;
    for (uint32_t i = 0; i < node->value->count && !writer->status; i++) {
        const struct arras_value *own = ar_item(first, i) ? ar_item(first, i) : items;
        struct node item =
            make_node(writer, name, &node->value->items[i], repeated ? node->schema : own);
        if (item.type == NONE && item.value->type == ARRAS_ARRAY) {
            item.type = ELEMENT; /* a list within a list would be lost in it */
        }
        add_node(writer, &item, depth + 1);
    }
}

static void add_children(struct writer *writer, const struct node *node, unsigned depth)
{
    if (node->value->type == ARRAS_ARRAY) {
        add_items(writer, node, depth);
        return;
    }
    if (node->value->type != ARRAS_OBJECT) {
        if (node->value->type != ARRAS_NULL) {
            add_text(writer, node->value, false);
        }
        return;
    }
    for (uint32_t i = 0; i < node->value->count && !writer->status; i++) {
        struct node child = member_node(writer, node, i);
        if (child.type != ATTRIBUTE) {
            add_node(writer, &child, depth + 1);
        }
    }
}

static void add_node(struct writer *writer, const struct node *node, unsigned depth)
{
    if (depth > AR_NESTING_DEPTH || ar_buf_status(writer->buf)) {
        writer->buf->status = ar_buf_status(writer->buf) ? ar_buf_status(writer->buf) : ARRAS_LIMIT;
        return;
    }
    if (node->type == CDATA || node->type == TEXT) {
        if (node->value->type != ARRAS_NULL) {
            (node->type == CDATA ? add_cdata : add_plain)(writer, node->value);
        }
        return;
    }
    if (node->type == ELEMENT) {
        open_element(writer, node);
    }
    add_children(writer, node, depth);
    if (node->type == ELEMENT) {
        close_element(writer, node);
    }
}

/* What the root element is called: by `xml`, else by the component that a $ref names. */
static struct arras_str root_name(const struct arras_value *declared)
{
    struct arras_str ref = ar_text(ar_get_z(declared, "$ref"));
    size_t slash = ar_str_find_last_char(ref, '/');
    struct arras_str component = slash == AR_NOT_FOUND ? AR_STR("") : ar_str_from(ref, slash + 1);
    return is_name(component) ? component : AR_STR("root");
}

enum arras_status ar_body_xml(const struct ar_body_context *context,
                              const struct ar_content *content, struct ar_buf *buf)
{
    struct writer writer = {context, buf, ARRAS_OK};
    ar_buf_add_z(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    struct node root =
        make_node(&writer, root_name(content->schema), content->value, content->schema);
    root.type = ELEMENT; /* a document has exactly one */
    add_node(&writer, &root, 0);
    return writer.status;
}
