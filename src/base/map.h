/* A map from strings to pointers that remembers the order of insertion. Lives in an arena; keys are
 * borrowed. The zero value is an empty map. One thread at a time while it changes. */
#ifndef AR_BASE_MAP_H
#define AR_BASE_MAP_H

#include "base/hash.h"
#include "base/str.h"

struct ar_map_entry {
    struct arras_str key;
    void *value;
};

struct ar_map {
    struct ar_map_entry *entries; /* in order of insertion */
    size_t count, cap;
    uint32_t *slots; /* entry number plus one, 0: free; a power of two of them */
    size_t slot_count;
    struct ar_seed seed;
};

/* The value, or NULL where there is none. */
void *ar_map_get(const struct ar_map *map, struct arras_str key);
/* Sets or replaces; false when memory ran out, with the map as it was. */
bool ar_map_set(struct ar_map *map, struct ar_arena *arena, struct arras_str key,
                void *value) ARRAS_CHECKED;

#endif
