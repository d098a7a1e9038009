#include "openapi/header_value.h"
#include "base/buf.h"
#include "base/limits.h"
#include "openapi/reference.h"
#include "value/json.h"

struct reading {
    const struct ar_operation *operation;
    struct ar_arena *arena;
};

/* A schema of the description and the document that it stands in; NULL: anything. */
struct part {
    const struct arras_value *value;
    const struct ar_home *home;
};

static enum arras_status follow(const struct reading *reading, struct part *part)
{
    struct ar_diags diags;
    ar_diags_init(&diags, reading->arena);
    return part->value
               ? ar_description_follow_from(reading->operation->description, &part->home,
                                            part->value, reading->arena, &diags, &part->value)
               : ARRAS_OK;
}

/* Whether `type` is, or has, that name. */
static bool may_be(const struct part *schema, const char *name)
{
    const struct arras_value *type = ar_get_z(schema->value, "type"), *item;
    if (!ar_is(type, ARRAS_ARRAY)) {
        return ar_str_is(ar_text(type), name);
    }
    for (size_t i = 0; (item = ar_item(type, i)) != NULL; i++) {
        if (ar_str_is(ar_text(item), name)) {
            return true;
        }
    }
    return false;
}

/* A text as a number, boolean or null, where the schema may have that. */
static struct arras_value scalar(const struct part *schema, struct arras_str text,
                                 struct ar_arena *arena)
{
    struct ar_source source = {AR_STR("a header"), text};
    struct arras_value value;
    bool number = may_be(schema, "number") || may_be(schema, "integer");
    bool read = (number || may_be(schema, "boolean") || may_be(schema, "null")) && text.len &&
                !ar_json_read(&source, arena, NULL, &value);
    bool wanted = read && ((value.type == ARRAS_NUMBER && number) ||
                           (value.type == ARRAS_BOOL && may_be(schema, "boolean")) ||
                           (value.type == ARRAS_NULL && may_be(schema, "null")));
    return wanted ? value : ar_string(text);
}

static enum arras_status read_scalar(const struct reading *reading, struct part schema,
                                     struct arras_str text, struct arras_value *ret)
{
    enum arras_status status = follow(reading, &schema);
    if (!status) {
        *ret = scalar(&schema, text, reading->arena);
    }
    return status;
}

static char separator(const struct arras_value *header)
{
    struct arras_str format = ar_text(ar_get_z(header, "collectionFormat"));
    return ar_str_is(format, "ssv")     ? ' '
           : ar_str_is(format, "tsv")   ? '\t'
           : ar_str_is(format, "pipes") ? '|'
                                        : ',';
}

static enum arras_status read_array(const struct reading *reading, const struct part *schema,
                                    char between, struct arras_str text, struct arras_value *ret)
{
    struct ar_list list;
    struct part items = {ar_get_z(schema->value, "items"), schema->home};
    enum arras_status status = ARRAS_OK;
    ar_list_init(&list, reading->arena);
    while (text.len && !status) {
        struct arras_value item;
        status = read_scalar(reading, items, ar_str_trim(ar_str_cut(&text, between)), &item);
        status = status ? status : ar_list_push(&list, item) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    *ret = ar_list_value(&list);
    return status;
}

static struct part property(const struct part *schema, struct arras_str name)
{
    struct part found = {ar_get(ar_get_z(schema->value, "properties"), name), schema->home};
    if (!found.value) {
        found.value = ar_get_z(schema->value, "additionalProperties");
    }
    return found;
}

/* "R=100,G=200", or "R,100,G,200" where it is not exploded. */
static enum arras_status read_object(const struct reading *reading, const struct part *schema,
                                     bool explode, struct arras_str text, struct arras_value *ret)
{
    struct ar_object object;
    enum arras_status status = ARRAS_OK;
    ar_object_init(&object, reading->arena);
    while (text.len && !status) {
        struct arras_value item;
        struct arras_str value = ar_str_cut(&text, ','), name = value;
        if (explode) {
            name = ar_str_cut(&value, '=');
        } else {
            value = ar_str_cut(&text, ',');
        }
        name = ar_str_trim(name);
        status = read_scalar(reading, property(schema, name), ar_str_trim(value), &item);
        status = status ? status : ar_object_set(&object, name, item) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    return status ? status : ar_object_value(&object, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_header_value(const struct ar_operation *operation,
                                  const struct arras_value *header,
                                  const struct arras_value *schema, const struct ar_home *home,
                                  struct arras_str text, struct ar_arena *arena,
                                  const struct arras_value **ret)
{
    const struct reading reading = {operation, arena};
    const struct part part = {schema, home};
    const struct arras_value *explode = ar_get_z(header, "explode");
    struct arras_value value;
    enum arras_status status = ARRAS_OK;
    *ret = NULL;
    if (!ar_get_z(schema, "type")) {
        return ARRAS_OK;
    }
    if (may_be(&part, "array")) {
        status = read_array(&reading, &part, separator(header), text, &value);
    } else if (may_be(&part, "object")) {
        bool exploded = ar_is(explode, ARRAS_BOOL) && explode->boolean;
        status = read_object(&reading, &part, exploded, text, &value);
    } else {
        value = scalar(&part, text, arena);
    }
    if (!status) {
        *ret = ar_value_new(arena, value);
    }
    return status || *ret ? status : ARRAS_NO_MEMORY;
}

bool ar_header_text(const struct ar_headers *headers, struct arras_str name, struct ar_arena *arena,
                    struct arras_str *ret)
{
    struct ar_buf buf;
    size_t lines = 0;
    ar_buf_init(&buf, AR_RESPONSE_SIZE);
    for (size_t i = 0; i < headers->count; i++) {
        if (ar_str_eq_nocase(headers->items[i].name, name)) {
            ar_buf_add_z(&buf, lines++ ? ", " : "");
            ar_buf_add_str(&buf, ar_str_trim(headers->items[i].value));
        }
    }
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status == ARRAS_OK;
}
