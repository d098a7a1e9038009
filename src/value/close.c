/* Closing a container that a reader has gathered on its stack. */
#include "base/limits.h"
#include "value/members.h"

/* Where a name stood first, for what is said of its standing again. */
static void first_place(const struct ar_member *members, struct arras_str name,
                        const struct ar_source *source, uint32_t *ret_line, uint32_t *ret_column)
{
    size_t first = 0;
    while (!ar_str_eq(ar_member_name(&members[first]), name)) {
        first++;
    }
    ar_source_place(source, members[first].at, ret_line, ret_column);
}

static struct arras_str shown(struct arras_str name)
{
    return ar_str_sub(name, 0, name.len < 80 ? name.len : 80);
}

static enum arras_status refuse(const struct ar_member *members, size_t second,
                                const struct ar_source *source, struct ar_diags *diags)
{
    struct arras_str name = ar_member_name(&members[second]);
    uint32_t line, column;
    first_place(members, name, source, &line, &column);
    return ar_error(diags, ARRAS_SYNTAX, "duplicate-name", source, members[second].at,
                    "the name '%.*s' stands twice in an object, first on line %u, column %u",
                    AR_STR_ARG(shown(name)), line, column);
}

/* Once for a text: there may be a million of them, and finding a place takes time. */
static void warn(const struct ar_member *members, size_t second, const struct ar_source *source,
                 struct ar_diags *diags)
{
    const struct arras_diag *newest =
        diags && diags->list.count ? &diags->list.items[diags->list.count - 1] : NULL;
    if (!diags || (newest && newest->code && strcmp(newest->code, "repeated-name") == 0 &&
                   ar_str_eq(newest->file, source->name))) {
        return;
    }
    struct arras_str name = ar_member_name(&members[second]);
    uint32_t line, column;
    first_place(members, name, source, &line, &column);
    ar_warning(diags, "repeated-name", source, members[second].at,
               "the name '%.*s' stands twice in an object, first on line %u, column %u; the last "
               "one counts",
               AR_STR_ARG(shown(name)), line, column);
    ar_hint(diags, "leave one of them out");
}

static bool keep_last_of_many(const struct ar_member *members, size_t count, struct ar_arena *arena,
                              struct arras_value *ret)
{
    struct ar_object object;
    ar_object_init(&object, arena);
    for (size_t i = 0; i < count; i++) {
        struct arras_str name = ar_member_name(&members[i]);
        bool again;
        if (!ar_object_add(&object, name, members[i].at, members[i].value, &again) &&
            !(again && ar_object_set(&object, name, members[i].value))) {
            return false;
        }
    }
    return ar_object_value(&object, ret);
}

/* Of the members of one name, the place in the order is the first one's, the value the last one's.
 */
static bool keep_last(const struct ar_member *members, size_t count, struct ar_arena *arena,
                      struct arras_value *ret)
{
    struct ar_member kept[AR_OBJECT_INDEX];
    struct ar_seed seed = {0}; /* of an index, which so few do not get */
    size_t kept_count = 0, second;
    if (count > AR_OBJECT_INDEX) {
        return keep_last_of_many(members, count, arena, ret);
    }
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < kept_count &&
               !ar_str_eq(ar_member_name(&kept[j]), ar_member_name(&members[i]))) {
            j++;
        }
        if (j < kept_count) {
            kept[j].value = members[i].value;
        } else {
            kept[kept_count++] = members[i];
        }
    }
    return ar_members_value(arena, kept, kept_count, &seed, ret, &second) == ARRAS_OK;
}

static enum arras_status close_object(const struct ar_member *members, size_t count,
                                      struct ar_arena *arena, struct ar_seed *seed, bool unique,
                                      const struct ar_source *source, struct ar_diags *diags,
                                      struct arras_value *object)
{
    size_t second;
    uint32_t at = object->at;
    struct ar_mark mark = ar_arena_mark(arena);
    enum arras_status status = ar_members_value(arena, members, count, seed, object, &second);
    if (status == ARRAS_CONFLICT && unique) {
        return refuse(members, second, source, diags);
    }
    if (status == ARRAS_CONFLICT) {
        ar_arena_rewind(arena, mark);
        warn(members, second, source, diags);
        status = keep_last(members, count, arena, object) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    object->at = at;
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

static enum arras_status close_container(struct ar_stack *stack, size_t base,
                                         struct ar_arena *arena, struct ar_seed *seed, bool unique,
                                         const struct ar_source *source, struct ar_diags *diags,
                                         struct arras_value *container)
{
    const unsigned char *bytes = stack->bytes ? stack->bytes + base : NULL;
    size_t size = stack->used - base;
    stack->used = base;
    if (container->type == ARRAS_ARRAY) {
        return close_array(bytes, size, arena, diags, container);
    }
    return close_object((const struct ar_member *)(const void *)bytes,
                        size / sizeof(struct ar_member), arena, seed, unique, source, diags,
                        container);
}

enum arras_status ar_members_close(struct ar_stack *stack, size_t base, struct ar_arena *arena,
                                   struct ar_seed *seed, const struct ar_source *source,
                                   struct ar_diags *diags, struct arras_value *container)
{
    return close_container(stack, base, arena, seed, false, source, diags, container);
}

enum arras_status ar_members_close_unique(struct ar_stack *stack, size_t base,
                                          struct ar_arena *arena, struct ar_seed *seed,
                                          const struct ar_source *source, struct ar_diags *diags,
                                          struct arras_value *container)
{
    return close_container(stack, base, arena, seed, true, source, diags, container);
}
