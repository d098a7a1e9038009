/* The pool that the public functions on values and queries work in. */
#ifndef AR_VALUE_POOL_H
#define AR_VALUE_POOL_H

#include "base/diag.h"
#include "value/value.h"

/* What was read into a pool. */
struct ar_pool_text {
    const struct arras_value *root;
    struct ar_source source;
    const struct ar_pool_text *older;
};

struct arras_pool {
    struct ar_arena arena;
    struct ar_diags diags; /* in the arena */
    const struct ar_pool_text *newest;
};

/* The text that `root` was read from; NULL where it is not all of one. */
static inline const struct ar_source *ar_pool_source(const struct arras_pool *pool,
                                                     const struct arras_value *root)
{
    const struct ar_pool_text *text = pool->newest;
    while (text && text->root != root) {
        text = text->older;
    }
    return text ? &text->source : NULL;
}

#endif
