/* A typed growing array in an arena. The old place of a grown vector stays in the arena until that
 * is released, so a vector costs at most twice its size there.
 *
 *     AR_VEC(struct thing) things = {0};
 *     if (!ar_vec_push(arena, &things, thing)) return ARRAS_NO_MEMORY;
 *     for (size_t i = 0; i < things.count; i++) use(things.items[i]);
 */
#ifndef AR_BASE_VEC_H
#define AR_BASE_VEC_H

#include "base/arena.h"

#define AR_VEC(type)                                                                               \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count, cap;                                                                         \
    }

/* Appends a copy of `item`; false when memory ran out, with the vector as it was. */
#define ar_vec_push(arena, vec, ...)                                                               \
    (((vec)->count < (vec)->cap ||                                                                 \
      ar_vec_grow((arena), (void **)&(vec)->items, &(vec)->cap, sizeof(*(vec)->items)))            \
         ? ((vec)->items[(vec)->count++] = (__VA_ARGS__), true)                                    \
         : false)

bool ar_vec_grow(struct ar_arena *arena, void **items, size_t *cap, size_t size) ARRAS_CHECKED;

#endif
