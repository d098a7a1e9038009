/* The pool that the public functions on values and queries work in. */
#ifndef AR_VALUE_POOL_H
#define AR_VALUE_POOL_H

#include "base/diag.h"
#include "value/value.h"

struct arras_pool {
    struct ar_arena arena;
    struct ar_diags diags; /* in the arena */
};

#endif
