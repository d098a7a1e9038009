/* Memory by lifetime. Everything that a document, a run, a step or a request needs is taken from
 * one arena and released with it, all at once. What must be closed (descriptors, handles) does not
 * belong in an arena.
 *
 * An arena has one owner and is used by one thread at a time. */
#ifndef AR_BASE_ARENA_H
#define AR_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include "arras/status.h"

struct ar_chunk;

struct ar_arena {
    struct ar_chunk *chunk; /* the newest; older ones hang behind it */
    size_t total;           /* bytes taken from the system */
    size_t limit;           /* and the most that may be taken */
};

/* A point to go back to: what was allocated after it is released by ar_arena_rewind. */
struct ar_mark {
    struct ar_chunk *chunk;
    size_t used;
};

/* Takes no memory yet. `limit` in bytes; 0 means AR_ARENA_LIMIT. */
void ar_arena_init(struct ar_arena *arena, size_t limit);
/* Gives everything back; the arena is as after init. NULL is allowed. */
void ar_arena_release(struct ar_arena *arena);

struct ar_mark ar_arena_mark(const struct ar_arena *arena);
void ar_arena_rewind(struct ar_arena *arena, struct ar_mark mark);

/* `size` bytes aligned for any type, set to zero; NULL when memory or the arena's limit ran out.
 * ar_arena_raw does not set to zero and aligns to `align` (a power of two, at most 16). */
void *ar_arena_alloc(struct ar_arena *arena, size_t size) ARRAS_CHECKED;
void *ar_arena_raw(struct ar_arena *arena, size_t size, size_t align) ARRAS_CHECKED;
/* As ar_arena_alloc for `count` things of `size` bytes; NULL where the product overflows. */
void *ar_arena_array(struct ar_arena *arena, size_t count, size_t size) ARRAS_CHECKED;

#define ar_new(arena, type) ((type *)ar_arena_alloc((arena), sizeof(type)))
#define ar_new_array(arena, type, count) ((type *)ar_arena_array((arena), (count), sizeof(type)))

#endif
