#include "base/map.h"
#include "base/vec.h"

/* The slot of the key, or the free one where it would go. */
static size_t slot_of(const struct ar_map *map, struct arras_str key)
{
    size_t mask = map->slot_count - 1;
    size_t slot = ar_hash(map->seed, key) & mask;
    while (map->slots[slot] && !ar_str_eq(map->entries[map->slots[slot] - 1].key, key)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

void *ar_map_get(const struct ar_map *map, struct arras_str key)
{
    if (map->count == 0) {
        return NULL;
    }
    uint32_t number = map->slots[slot_of(map, key)];
    return number ? map->entries[number - 1].value : NULL;
}

static bool widen(struct ar_map *map, struct ar_arena *arena)
{
    size_t count = map->slot_count ? map->slot_count * 2 : 16;
    uint32_t *slots = ar_new_array(arena, uint32_t, count);
    if (!slots) {
        return false;
    }
    if (map->slot_count == 0) {
        map->seed = ar_seed_new();
    }
    map->slots = slots;
    map->slot_count = count;
    for (size_t i = 0; i < map->count; i++) {
        slots[slot_of(map, map->entries[i].key)] = (uint32_t)i + 1;
    }
    return true;
}

bool ar_map_set(struct ar_map *map, struct ar_arena *arena, struct arras_str key, void *value)
{
    if (map->count * 2 >= map->slot_count && !widen(map, arena)) {
        return false;
    }
    size_t slot = slot_of(map, key);
    if (map->slots[slot]) {
        map->entries[map->slots[slot] - 1].value = value;
        return true;
    }
    if (map->count == UINT32_MAX - 1 ||
        (map->count == map->cap &&
         !ar_vec_grow(arena, (void **)&map->entries, &map->cap, sizeof(*map->entries)))) {
        return false;
    }
    map->entries[map->count++] = (struct ar_map_entry){key, value};
    map->slots[slot] = (uint32_t)map->count;
    return true;
}
