/* Makes chosen allocations fail. A test that uses it is linked with alloc_fail.c and
 *
 *     link_args: alloc_fail_args    # -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
 *
 * Only what is linked into the test statically is reached: our own code, not the shared libraries
 * that it calls. One thread at a time. */
#ifndef AR_TEST_ALLOC_FAIL_H
#define AR_TEST_ALLOC_FAIL_H

#include <stdbool.h>
#include <stddef.h>
#include "arras/status.h"

/* From now on, allocation number `number` (from 0) fails, once. */
void alloc_fail_at(size_t number);
/* No more failing; whether it had failed. */
bool alloc_fail_end(void);

/* Runs `body` with allocation 0 failing, then 1 and so on, until none is left to fail, then a last
 * time without failing. Asserts that it returns ARRAS_NO_MEMORY when an allocation failed, else
 * `expected`. Leaks are found by the sanitizer. Returns how many allocations there were. */
size_t alloc_fail_each(enum arras_status (*body)(void *context), void *context,
                       enum arras_status expected);

#endif
