#include "base/limits.h"
#include "base/vec.h"
#include "value/members.h"

static const struct ar_index *index_of(const struct ar_member *members)
{
    return (const struct ar_index *)(const void *)members - 1;
}

/* The slot of the name, or the free one where it would go. */
static size_t slot_of(const uint32_t *slots, size_t slot_count, struct ar_seed seed,
                      const struct ar_member *members, struct arras_str name)
{
    size_t mask = slot_count - 1;
    size_t slot = ar_hash(seed, name) & mask;
    while (slots[slot] && !ar_str_eq(ar_member_name(&members[slots[slot] - 1]), name)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static const struct ar_member *find_linear(const struct ar_member *members, size_t count,
                                           struct arras_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].name_len == name.len && ar_str_eq(ar_member_name(&members[i]), name)) {
            return &members[i];
        }
    }
    return NULL;
}

const struct ar_member *ar_get_member(const struct arras_value *object, struct arras_str name)
{
    if (!ar_is(object, ARRAS_OBJECT)) {
        return NULL;
    }
    if (!object->indexed) {
        return find_linear(object->members, object->count, name);
    }
    const struct ar_index *index = index_of(object->members);
    const uint32_t *slots = (const uint32_t *)(const void *)index - index->slot_count;
    uint32_t number = slots[slot_of(slots, index->slot_count, index->seed, object->members, name)];
    return number ? &object->members[number - 1] : NULL;
}

const struct arras_value *ar_get(const struct arras_value *object, struct arras_str name)
{
    const struct ar_member *member = ar_get_member(object, name);
    return member ? &member->value : NULL;
}

const struct arras_value *ar_get_z(const struct arras_value *object, const char *name)
{
    return ar_get(object, ar_str_z(name));
}

/* Room for `count` members, with a free index before them where they are many. */
static struct ar_member *alloc_members(struct ar_arena *arena, size_t count, size_t slot_count)
{
    if (count > UINT32_MAX - 1 || slot_count > UINT32_MAX) {
        return NULL;
    }
    size_t before = slot_count ? slot_count * sizeof(uint32_t) + sizeof(struct ar_index) : 0;
    unsigned char *block =
        ar_arena_raw(arena, before + count * sizeof(struct ar_member), _Alignof(struct ar_member));
    return block ? (struct ar_member *)(void *)(block + before) : NULL;
}

static size_t slots_for(size_t count)
{
    size_t slot_count = 4 * AR_OBJECT_INDEX;
    while (slot_count < count * 2) {
        slot_count *= 2;
    }
    return slot_count;
}

/* Most names differ in length or at an end: a set of 64 of such summaries spares most comparing. */
static uint64_t summary(const struct ar_member *member)
{
    if (member->name_len == 0) {
        return 1;
    }
    unsigned first = (unsigned char)member->name_text[0];
    unsigned last = (unsigned char)member->name_text[member->name_len - 1];
    return (uint64_t)1 << ((first * 5 + last * 3 + member->name_len * 11) & 63);
}

/* Copies a few members one by one, which for most objects is less than a call of memcpy. */
static bool copy_few(struct ar_member *to, const struct ar_member *from, size_t count,
                     size_t *ret_second)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        to[i] = from[i];
        uint64_t bit = summary(&from[i]);
        if (seen & bit && find_linear(from, i, ar_member_name(&from[i]))) {
            *ret_second = i;
            return false;
        }
        seen |= bit;
    }
    return true;
}

static bool fill_index(struct ar_member *members, size_t count, size_t slot_count,
                       struct ar_seed *seed, size_t *ret_second)
{
    if (!seed->k0 && !seed->k1) {
        *seed = ar_seed_new();
    }
    struct ar_index *index = (struct ar_index *)(void *)members - 1;
    *index = (struct ar_index){*seed, slot_count};
    uint32_t *slots = (uint32_t *)(void *)index - slot_count;
    memset(slots, 0, slot_count * sizeof(*slots));
    for (size_t i = 0; i < count; i++) {
        size_t slot = slot_of(slots, slot_count, *seed, members, ar_member_name(&members[i]));
        if (slots[slot]) {
            *ret_second = i;
            return false;
        }
        slots[slot] = (uint32_t)i + 1;
    }
    return true;
}

enum arras_status ar_members_value(struct ar_arena *arena, const struct ar_member *members,
                                   size_t count, struct ar_seed *seed, struct arras_value *ret,
                                   size_t *ret_second)
{
    bool many = count > AR_OBJECT_INDEX;
    struct ar_member *copy = NULL;
    if (count) {
        size_t slot_count = many ? slots_for(count) : 0;
        copy = alloc_members(arena, count, slot_count);
        if (!copy) {
            return ARRAS_NO_MEMORY;
        }
        if (!many && !copy_few(copy, members, count, ret_second)) {
            return ARRAS_CONFLICT;
        }
        if (many) {
            memcpy(copy, members, count * sizeof(*copy));
            if (!fill_index(copy, count, slot_count, seed, ret_second)) {
                return ARRAS_CONFLICT;
            }
        }
    }
    *ret = (struct arras_value){
        .type = ARRAS_OBJECT, .indexed = many, .count = (uint32_t)count, .members = copy};
    return ARRAS_OK;
}

void ar_object_init(struct ar_object *object, struct ar_arena *arena)
{
    *object = (struct ar_object){.arena = arena};
}

static bool widen(struct ar_object *object)
{
    size_t slot_count = slots_for(object->count + 1);
    uint32_t *slots = ar_new_array(object->arena, uint32_t, slot_count);
    if (!slots) {
        return false;
    }
    if (!object->slots) {
        object->seed = ar_seed_new();
    }
    object->slots = slots;
    object->slot_count = slot_count;
    for (size_t i = 0; i < object->count; i++) {
        struct arras_str name = ar_member_name(&object->members[i]);
        slots[slot_of(slots, slot_count, object->seed, object->members, name)] = (uint32_t)i + 1;
    }
    return true;
}

static struct ar_member *find(const struct ar_object *object, struct arras_str name)
{
    if (!object->slots) {
        return (struct ar_member *)find_linear(object->members, object->count, name);
    }
    uint32_t number = object->slots[slot_of(object->slots, object->slot_count, object->seed,
                                            object->members, name)];
    return number ? &object->members[number - 1] : NULL;
}

static bool append(struct ar_object *object, struct arras_str name, uint32_t at,
                   struct arras_value value)
{
    if (object->count >= UINT32_MAX - 1 || name.len > UINT32_MAX ||
        (object->count == object->cap && !ar_vec_grow(object->arena, (void **)&object->members,
                                                      &object->cap, sizeof(*object->members)))) {
        return false;
    }
    if (object->count >= AR_OBJECT_INDEX && (object->count + 1) * 2 > object->slot_count &&
        !widen(object)) {
        return false;
    }
    if (object->slots) {
        object->slots[slot_of(object->slots, object->slot_count, object->seed, object->members,
                              name)] = (uint32_t)object->count + 1;
    }
    object->members[object->count++] = (struct ar_member){name.ptr, (uint32_t)name.len, at, value};
    return true;
}

bool ar_object_set(struct ar_object *object, struct arras_str name, struct arras_value value)
{
    struct ar_member *member = find(object, name);
    if (member) {
        member->value = value;
        return true;
    }
    return append(object, name, 0, value);
}

bool ar_object_set_z(struct ar_object *object, const char *name, struct arras_value value)
{
    return ar_object_set(object, ar_str_z(name), value);
}

bool ar_object_has(const struct ar_object *object, struct arras_str name)
{
    return find(object, name) != NULL;
}

bool ar_object_add(struct ar_object *object, struct arras_str name, uint32_t at,
                   struct arras_value value, bool *ret_duplicate)
{
    *ret_duplicate = find(object, name) != NULL;
    return !*ret_duplicate && append(object, name, at, value);
}

bool ar_object_value(struct ar_object *object, struct arras_value *ret)
{
    if (object->count <= AR_OBJECT_INDEX) {
        *ret = (struct arras_value){
            .type = ARRAS_OBJECT, .count = (uint32_t)object->count, .members = object->members};
        return true;
    }
    size_t second;
    return ar_members_value(object->arena, object->members, object->count, &object->seed, ret,
                            &second) == ARRAS_OK;
}
