/* A string as pointer and length: not NUL-terminated, a NUL byte is data, never owned by the
 * struct. `ptr` may be NULL only when `len` is 0. */
#ifndef ARRAS_STR_H
#define ARRAS_STR_H

#include <stddef.h>

struct arras_str {
    const char *ptr;
    size_t len;
};

#endif
