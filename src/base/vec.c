#include "base/vec.h"
#include <string.h>

bool ar_vec_grow(struct ar_arena *arena, void **items, size_t *cap, size_t size)
{
    size_t grown_cap = *cap ? *cap * 2 : 8;
    void *grown = ar_arena_array(arena, grown_cap, size);
    if (!grown) {
        return false;
    }
    if (*cap) {
        memcpy(grown, *items, *cap * size);
    }
    *items = grown;
    *cap = grown_cap;
    return true;
}
