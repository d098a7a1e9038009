#include "arazzo/reader.h"

static const char *const type_names[] = {
    [ARRAS_NULL] = "null",       [ARRAS_BOOL] = "a boolean", [ARRAS_NUMBER] = "a number",
    [ARRAS_STRING] = "a string", [ARRAS_ARRAY] = "a list",   [ARRAS_OBJECT] = "a mapping",
};

enum arras_status ar_reader_member(struct ar_reader *reader, const struct arras_value *object,
                                   const char *name, enum arras_type type,
                                   const struct arras_value **ret)
{
    const struct arras_value *value = ar_get_z(object, name);
    if (value && value->type != type) {
        return ar_invalid(reader, "shape", value->at, "'%s' must be %s, it is %s", name,
                          type_names[type], type_names[value->type]);
    }
    *ret = value;
    return ARRAS_OK;
}

enum arras_status ar_reader_string(struct ar_reader *reader, const struct arras_value *object,
                                   const char *name, bool required, const char *what,
                                   struct arras_str *ret)
{
    const struct arras_value *value = NULL;
    if (!ar_is(object, ARRAS_OBJECT)) {
        return ar_invalid(reader, "shape", object->at, "%s must be a mapping", what);
    }
    enum arras_status status = ar_reader_member(reader, object, name, ARRAS_STRING, &value);
    if (!status && required && (!value || value->count == 0)) {
        status = ar_invalid(reader, "shape", object->at, "%s needs a '%s'", what, name);
    }
    if (!status) {
        *ret = ar_text(value);
    }
    return status;
}

enum arras_status ar_reader_names(struct ar_reader *reader, const struct arras_value *object,
                                  const char *name, struct arras_str **ret, size_t *ret_count)
{
    const struct arras_value *list = NULL;
    enum arras_status status = ar_reader_member(reader, object, name, ARRAS_ARRAY, &list);
    if (status || !list) {
        return status;
    }
    *ret = ar_new_array(reader->arena, struct arras_str, list->count);
    if (!*ret) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].type != ARRAS_STRING) {
            return ar_invalid(reader, "shape", list->items[i].at, "'%s' must list names", name);
        }
        (*ret)[i] = ar_text(&list->items[i]);
    }
    *ret_count = list->count;
    return ARRAS_OK;
}

enum arras_status ar_reader_fields(struct ar_reader *reader, const struct arras_value *object,
                                   enum ar_object_kind kind)
{
    return ar_check_fields(object, kind, reader->arazzo, reader->diags);
}

enum arras_status ar_reader_reusable(struct ar_reader *reader, const struct arras_value *value,
                                     const char *kind, const struct arras_value **ret)
{
    const struct arras_value *reference = ar_get_z(value, "reference");
    *ret = value;
    if (!reference) {
        return ARRAS_OK;
    }
    struct arras_str text = ar_text(reference);
    struct arras_str rest = ar_str_starts(text, "$components.") ? ar_str_from(text, 12) : text;
    bool formal = rest.len < text.len || reader->arazzo->strictness != ARRAS_STRICT;
    struct arras_str section = ar_str_cut(&rest, '.');
    if (!formal || !ar_str_is(section, kind) || rest.len == 0) {
        ar_invalid(reader, "reference", reference->at, "the reference '%.*s' is not one to %s",
                   AR_STR_ARG(text), kind);
        ar_hint(reader->diags, "write $components.%s.NAME", kind);
        return ARRAS_INVALID;
    }
    *ret = ar_get(ar_get_z(reader->arazzo->components, kind), rest);
    if (!ar_is(*ret, ARRAS_OBJECT)) {
        return ar_invalid(reader, "reference", reference->at,
                          "the reference '%.*s': components.%s has no '%.*s'", AR_STR_ARG(text),
                          kind, AR_STR_ARG(rest));
    }
    return ARRAS_OK;
}
