#include "openapi/collection.h"
#include "base/limits.h"
#include "openapi/serialize.h"
#include "value/value.h"

static char separator(const struct arras_value *items)
{
    struct arras_str format = ar_text(ar_get_z(items, "collectionFormat"));
    return ar_str_is(format, "ssv")     ? ' '
           : ar_str_is(format, "tsv")   ? '\t'
           : ar_str_is(format, "pipes") ? '|'
                                        : ',';
}

/* Appends the items of an array within an array. */
static void join(struct ar_buf *buf, const struct arras_value *items,
                 const struct arras_value *value, unsigned depth)
{
    if (depth > AR_NESTING_DEPTH) {
        buf->status = ARRAS_LIMIT;
        return;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        if (i > 0) {
            ar_buf_add_char(buf, separator(items));
        }
        if (value->items[i].type == ARRAS_ARRAY) {
            join(buf, ar_get_z(items, "items"), &value->items[i], depth + 1);
        } else {
            ar_plain_text(buf, &value->items[i]);
        }
    }
}

enum arras_status ar_collection_flatten(const struct arras_value *parameter,
                                        const struct arras_value *value, struct ar_arena *arena,
                                        const struct arras_value **ret)
{
    const struct arras_value *items = ar_get_z(parameter, "items");
    struct ar_list list;
    ar_list_init(&list, arena);
    for (uint32_t i = 0; i < value->count; i++) {
        struct arras_value item = value->items[i];
        struct arras_str text;
        if (item.type == ARRAS_ARRAY) {
            struct ar_buf buf;
            ar_buf_init(&buf, AR_REQUEST_BODY);
            join(&buf, items, &value->items[i], 0);
            enum arras_status status = ar_buf_copy(&buf, arena, &text);
            ar_buf_release(&buf);
            if (status) {
                return status;
            }
            item = ar_string(text);
        }
        if (!ar_list_push(&list, item)) {
            return ARRAS_NO_MEMORY;
        }
    }
    *ret = ar_value_new(arena, ar_list_value(&list));
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}
