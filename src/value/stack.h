/* Where readers keep the items and members of containers that are still open: one block of memory
 * that grows, for things whose size is a multiple of 8. Pointers into it hold until the next push.
 * For the readers of src/value/ only. */
#ifndef AR_VALUE_STACK_H
#define AR_VALUE_STACK_H

#include <stddef.h>
#include <stdlib.h>

struct ar_stack {
    unsigned char *bytes;
    size_t used, cap;
};

/* Room for `size` bytes (at most 4096) on top; NULL when memory ran out. */
static inline void *ar_stack_push(struct ar_stack *stack, size_t size)
{
    if (stack->cap - stack->used < size) {
        size_t cap = stack->cap ? stack->cap * 2 : 4096;
        unsigned char *grown = realloc(stack->bytes, cap);
        if (!grown) {
            return NULL;
        }
        stack->bytes = grown;
        stack->cap = cap;
    }
    void *top = stack->bytes + stack->used;
    stack->used += size;
    return top;
}

static inline void ar_stack_release(struct ar_stack *stack)
{
    free(stack->bytes);
}

#endif
