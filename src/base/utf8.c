#include "base/utf8.h"
#include <string.h>

enum { REPLACEMENT = 0xFFFD };

/* Length of the valid sequence that starts at p, 0 where there is none; the code point through
 * ret_code. RFC 3629, section 4. */
static size_t sequence(const unsigned char *p, size_t left, uint32_t *ret_code)
{
    unsigned char first = p[0];
    if (first < 0x80) {
        *ret_code = first;
        return 1;
    }
    size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || left < len) {
        return 0;
    }
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    uint32_t code = (uint32_t)(first & (0x7F >> len)) << 6 | (p[1] & 0x3F);
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (p[i] & 0x3F);
    }
    *ret_code = code;
    return len;
}

size_t ar_utf8_valid(struct arras_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = 0;
    while (i < s.len) {
        uint64_t eight;
        if (s.len - i >= 8 && (memcpy(&eight, p + i, 8), (eight & 0x8080808080808080u) == 0)) {
            i += 8;
            continue;
        }
        uint32_t code;
        size_t len = sequence(p + i, s.len - i, &code);
        if (len == 0) {
            return i;
        }
        i += len;
    }
    return s.len;
}

uint32_t ar_utf8_next(struct arras_str s, size_t *at)
{
    uint32_t code;
    size_t len = sequence((const unsigned char *)s.ptr + *at, s.len - *at, &code);
    if (len == 0) {
        ++*at;
        return REPLACEMENT;
    }
    *at += len;
    return code;
}

size_t ar_utf8_put(uint32_t code, char out[4])
{
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        code = REPLACEMENT;
    }
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)((len == 2 ? 0xC0 : len == 3 ? 0xE0 : 0xF0) | code);
    return len;
}

size_t ar_utf8_count(struct arras_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; count++) {
        ar_utf8_next(s, &i);
    }
    return count;
}

struct arras_str ar_utf8_cut(struct arras_str s, size_t most)
{
    if (s.len <= most) {
        return s;
    }
    size_t len = most;
    while (len > 0 && most - len < 4 && ((unsigned char)s.ptr[len] & 0xC0) == 0x80) {
        len--;
    }
    return (struct arras_str){s.ptr, len};
}
