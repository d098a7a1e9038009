/* Closing a container that a reader has gathered on its stack. */
#include "value/members.h"

static enum arras_status duplicate(const struct ar_member *members, size_t second,
                                   const struct ar_source *source, struct ar_diags *diags)
{
    struct arras_str name = ar_member_name(&members[second]);
    size_t first = 0;
    while (!ar_str_eq(ar_member_name(&members[first]), name)) {
        first++;
    }
    uint32_t line, column;
    ar_source_place(source, members[first].at, &line, &column);
    int shown = name.len < 80 ? (int)name.len : 80;
    return ar_error(diags, ARRAS_SYNTAX, "duplicate-name", source, members[second].at,
                    "the name '%.*s' stands twice in an object, first on line %u, column %u", shown,
                    name.len ? name.ptr : "", line, column);
}

static enum arras_status close_object(const struct ar_member *members, size_t count,
                                      struct ar_arena *arena, struct ar_seed *seed,
                                      const struct ar_source *source, struct ar_diags *diags,
                                      struct arras_value *object)
{
    size_t second;
    uint32_t at = object->at;
    enum arras_status status = ar_members_value(arena, members, count, seed, object, &second);
    object->at = at;
    if (status == ARRAS_CONFLICT) {
        return duplicate(members, second, source, diags);
    }
    return status ? ar_no_memory(diags) : ARRAS_OK;
}

static enum arras_status close_array(const unsigned char *items, size_t size,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct arras_value *array)
{
    struct arras_value *copy = NULL;
    if (size) {
        copy = ar_arena_raw(arena, size, _Alignof(struct arras_value));
        if (!copy) {
            return ar_no_memory(diags);
        }
        memcpy(copy, items, size);
    }
    array->items = copy;
    array->count = (uint32_t)(size / sizeof(*copy));
    return ARRAS_OK;
}

enum arras_status ar_members_close(struct ar_stack *stack, size_t base, struct ar_arena *arena,
                                   struct ar_seed *seed, const struct ar_source *source,
                                   struct ar_diags *diags, struct arras_value *container)
{
    const unsigned char *bytes = stack->bytes ? stack->bytes + base : NULL;
    size_t size = stack->used - base;
    stack->used = base;
    if (container->type == ARRAS_ARRAY) {
        return close_array(bytes, size, arena, diags, container);
    }
    return close_object((const struct ar_member *)(const void *)bytes,
                        size / sizeof(struct ar_member), arena, seed, source, diags, container);
}
