#include "base/arena.h"
#include "base/limits.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define AR_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AR_ASAN 1
#endif
#endif

#ifdef AR_ASAN
#include <sanitizer/asan_interface.h>
#define FORBID(ptr, size) ASAN_POISON_MEMORY_REGION(ptr, size)
#define PERMIT(ptr, size) ASAN_UNPOISON_MEMORY_REGION(ptr, size)
#define GAP 16 /* so that a step past the end of an allocation is caught */
#else
#define FORBID(ptr, size) ((void)(ptr), (void)(size))
#define PERMIT(ptr, size) ((void)(ptr), (void)(size))
#define GAP 0
#endif

enum { CHUNK_FIRST = 4096, CHUNK_MOST = 1024 * 1024, ALIGN_MOST = 16 };

struct ar_chunk {
    struct ar_chunk *older;
    size_t size, used;
    alignas(ALIGN_MOST) unsigned char bytes[];
};

void ar_arena_init(struct ar_arena *arena, size_t limit)
{
    *arena = (struct ar_arena){.limit = limit ? limit : AR_ARENA_LIMIT};
}

static void drop_newest(struct ar_arena *arena)
{
    struct ar_chunk *chunk = arena->chunk;
    arena->chunk = chunk->older;
    arena->total -= sizeof(*chunk) + chunk->size;
    PERMIT(chunk->bytes, chunk->size);
    free(chunk);
}

void ar_arena_release(struct ar_arena *arena)
{
    while (arena && arena->chunk) {
        drop_newest(arena);
    }
}

struct ar_mark ar_arena_mark(const struct ar_arena *arena)
{
    return (struct ar_mark){arena->chunk, arena->chunk ? arena->chunk->used : 0};
}

void ar_arena_rewind(struct ar_arena *arena, struct ar_mark mark)
{
    while (arena->chunk != mark.chunk) {
        drop_newest(arena);
    }
    if (arena->chunk) {
        arena->chunk->used = mark.used;
        FORBID(arena->chunk->bytes + mark.used, arena->chunk->size - mark.used);
    }
}

static struct ar_chunk *add_chunk(struct ar_arena *arena, size_t least)
{
    size_t size = CHUNK_FIRST;
    if (arena->chunk) {
        size = arena->chunk->size < CHUNK_MOST / 2 ? arena->chunk->size * 2 : CHUNK_MOST;
    }
    if (size < least) {
        size = least;
    }
    if (size > SIZE_MAX - sizeof(struct ar_chunk) || arena->total > arena->limit ||
        size + sizeof(struct ar_chunk) > arena->limit - arena->total) {
        return NULL;
    }
    struct ar_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (!chunk) {
        return NULL;
    }
    *chunk = (struct ar_chunk){.older = arena->chunk, .size = size};
    FORBID(chunk->bytes, size);
    arena->chunk = chunk;
    arena->total += sizeof(*chunk) + size;
    return chunk;
}

void *ar_arena_raw(struct ar_arena *arena, size_t size, size_t align)
{
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    struct ar_chunk *chunk = arena->chunk;
    size_t start = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;
    if (!chunk || start > chunk->size || size + GAP > chunk->size - start) {
        chunk = add_chunk(arena, size + GAP);
        if (!chunk) {
            return NULL;
        }
        start = 0;
    }
    chunk->used = start + size + GAP;
    PERMIT(chunk->bytes + start, size);
    return chunk->bytes + start;
}

void *ar_arena_alloc(struct ar_arena *arena, size_t size)
{
    void *memory = ar_arena_raw(arena, size, ALIGN_MOST);
    if (memory) {
        memset(memory, 0, size);
    }
    return memory;
}

void *ar_arena_array(struct ar_arena *arena, size_t count, size_t size)
{
    return size && count > SIZE_MAX / size ? NULL : ar_arena_alloc(arena, count * size);
}
