/* UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef AR_BASE_UTF8_H
#define AR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "arras/str.h"

/* Offset of the first byte that is not part of a valid sequence; the length where all is valid. */
size_t ar_utf8_valid(struct arras_str s);
/* The code point at `*at`, which moves behind it; U+FFFD and one byte for what is invalid.
 * `*at` must be less than s.len. */
uint32_t ar_utf8_next(struct arras_str s, size_t *at);
/* Writes 1 to 4 bytes and returns how many. `code` is at most U+10FFFF; a surrogate is written as
 * U+FFFD. */
size_t ar_utf8_put(uint32_t code, char out[4]);
/* Number of code points; each invalid byte counts as one. */
size_t ar_utf8_count(struct arras_str s);
/* The first `most` bytes, fewer where that would cut a character in two. */
struct arras_str ar_utf8_cut(struct arras_str s, size_t most);

#endif
