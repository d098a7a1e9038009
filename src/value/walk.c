/* Walks over whole values: copying and comparing. */
#include "base/limits.h"
#include "value/members.h"
#include "value/number.h"

struct copier {
    struct ar_arena *arena;
    struct ar_seed seed;
};

static enum arras_status copy(struct copier *copier, const struct arras_value *value,
                              unsigned depth, struct arras_value *ret);

static enum arras_status copy_text(struct copier *copier, const struct arras_value *value,
                                   struct arras_value *ret)
{
    struct arras_str text;
    if (!ar_str_copy(ar_text(value), copier->arena, &text)) {
        return ARRAS_NO_MEMORY;
    }
    *ret = *value;
    ret->text = text.ptr;
    return ARRAS_OK;
}

static enum arras_status copy_array(struct copier *copier, const struct arras_value *value,
                                    unsigned depth, struct arras_value *ret)
{
    struct arras_value *items = ar_new_array(copier->arena, struct arras_value, value->count);
    enum arras_status status = items ? ARRAS_OK : ARRAS_NO_MEMORY;
    for (uint32_t i = 0; i < value->count && !status; i++) {
        status = copy(copier, &value->items[i], depth + 1, &items[i]);
    }
    *ret = *value;
    ret->items = items;
    return status;
}

static enum arras_status copy_object(struct copier *copier, const struct arras_value *value,
                                     unsigned depth, struct arras_value *ret)
{
    size_t second;
    enum arras_status status =
        ar_members_value(copier->arena, value->members, value->count, &copier->seed, ret, &second);
    if (status) {
        return status;
    }
    ret->at = value->at;
    struct ar_member *members = (struct ar_member *)ret->members; /* just made, nobody's yet */
    for (uint32_t i = 0; i < value->count && !status; i++) {
        struct arras_str name;
        if (!ar_str_copy(ar_member_name(&members[i]), copier->arena, &name)) {
            return ARRAS_NO_MEMORY;
        }
        members[i].name_text = name.ptr;
        status = copy(copier, &value->members[i].value, depth + 1, &members[i].value);
    }
    return status;
}

static enum arras_status copy(struct copier *copier, const struct arras_value *value,
                              unsigned depth, struct arras_value *ret)
{
    if (depth > AR_NESTING_DEPTH) {
        return ARRAS_LIMIT;
    }
    switch ((enum arras_type)value->type) {
    case ARRAS_NULL:
    case ARRAS_BOOL:
        *ret = *value;
        return ARRAS_OK;
    case ARRAS_NUMBER:
    case ARRAS_STRING:
        return copy_text(copier, value, ret);
    case ARRAS_ARRAY:
        return copy_array(copier, value, depth, ret);
    case ARRAS_OBJECT:
        return copy_object(copier, value, depth, ret);
    }
    return ARRAS_USAGE;
}

enum arras_status ar_value_copy(const struct arras_value *value, struct ar_arena *arena,
                                struct arras_value *ret)
{
    struct copier copier = {.arena = arena};
    struct arras_value made;
    enum arras_status status = copy(&copier, value, 0, &made);
    if (!status) {
        *ret = made;
    }
    return status;
}

static bool equal(const struct arras_value *a, const struct arras_value *b, unsigned depth);

static bool equal_items(const struct arras_value *a, const struct arras_value *b, unsigned depth)
{
    for (uint32_t i = 0; i < a->count; i++) {
        if (!equal(&a->items[i], &b->items[i], depth + 1)) {
            return false;
        }
    }
    return true;
}

static bool equal_members(const struct arras_value *a, const struct arras_value *b, unsigned depth)
{
    for (uint32_t i = 0; i < a->count; i++) {
        struct arras_str name = ar_member_name(&a->members[i]);
        /* most often both have the same order */
        const struct arras_value *other = ar_str_eq(ar_member_name(&b->members[i]), name)
                                              ? &b->members[i].value
                                              : ar_get(b, name);
        if (!other || !equal(&a->members[i].value, other, depth + 1)) {
            return false;
        }
    }
    return true;
}

static bool equal(const struct arras_value *a, const struct arras_value *b, unsigned depth)
{
    if (a->type != b->type || depth > AR_NESTING_DEPTH) {
        return false;
    }
    switch ((enum arras_type)a->type) {
    case ARRAS_NULL:
        return true;
    case ARRAS_BOOL:
        return a->boolean == b->boolean;
    case ARRAS_NUMBER:
        return ar_number_compare(ar_text(a), ar_text(b)) == 0;
    case ARRAS_STRING:
        return ar_str_eq(ar_text(a), ar_text(b));
    case ARRAS_ARRAY:
        return a->count == b->count && equal_items(a, b, depth);
    case ARRAS_OBJECT:
        return a->count == b->count && equal_members(a, b, depth);
    }
    return false;
}

bool ar_value_equal(const struct arras_value *a, const struct arras_value *b)
{
    return a && b ? equal(a, b, 0) : a == b;
}
