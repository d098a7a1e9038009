/* Two texts in one input: the second stands behind the first NUL byte. */
#ifndef AR_FUZZ_TWO_TEXTS_H
#define AR_FUZZ_TWO_TEXTS_H

#include <stdint.h>
#include "base/str.h"

struct two_texts {
    struct arras_str first, second;
};

/* `missing`: the second where there is no NUL byte. */
static inline struct two_texts split(const uint8_t *data, size_t size, const char *missing)
{
    struct arras_str all = {(const char *)data, size};
    size_t nul = ar_str_find_char(all, '\0', 0);
    if (nul == AR_NOT_FOUND) {
        return (struct two_texts){all, ar_str_z(missing)};
    }
    return (struct two_texts){ar_str_sub(all, 0, nul), ar_str_sub(all, nul + 1, size)};
}

#endif
