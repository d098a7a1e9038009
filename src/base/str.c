#include "base/str.h"
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

struct arras_str ar_str_z(const char *z)
{
    return (struct arras_str){z, z ? strlen(z) : 0};
}

bool ar_str_eq(struct arras_str a, struct arras_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool ar_str_is(struct arras_str a, const char *z)
{
    return ar_str_eq(a, ar_str_z(z));
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool ar_str_eq_nocase(struct arras_str a, struct arras_str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool ar_str_is_nocase(struct arras_str a, const char *z)
{
    return ar_str_eq_nocase(a, ar_str_z(z));
}

int ar_str_compare(struct arras_str a, struct arras_str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool ar_str_starts(struct arras_str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && (len == 0 || memcmp(s.ptr, prefix, len) == 0);
}

bool ar_str_ends(struct arras_str s, const char *suffix)
{
    size_t len = strlen(suffix);
    return s.len >= len && (len == 0 || memcmp(s.ptr + s.len - len, suffix, len) == 0);
}

size_t ar_str_find_char(struct arras_str s, char c, size_t from)
{
    const char *found = from < s.len ? memchr(s.ptr + from, c, s.len - from) : NULL;
    return found ? (size_t)(found - s.ptr) : AR_NOT_FOUND;
}

size_t ar_str_find(struct arras_str s, struct arras_str part, size_t from)
{
    if (from > s.len) {
        return AR_NOT_FOUND;
    }
    if (part.len == 0) {
        return from;
    }
    const char *found = s.len ? memmem(s.ptr + from, s.len - from, part.ptr, part.len) : NULL;
    return found ? (size_t)(found - s.ptr) : AR_NOT_FOUND;
}

size_t ar_str_find_last_char(struct arras_str s, char c)
{
    const char *found = s.len ? memrchr(s.ptr, c, s.len) : NULL;
    return found ? (size_t)(found - s.ptr) : AR_NOT_FOUND;
}

struct arras_str ar_str_sub(struct arras_str s, size_t from, size_t to)
{
    if (to > s.len) {
        to = s.len;
    }
    if (from >= to) {
        return (struct arras_str){NULL, 0};
    }
    return (struct arras_str){s.ptr + from, to - from};
}

struct arras_str ar_str_from(struct arras_str s, size_t from)
{
    return ar_str_sub(s, from, s.len);
}

struct arras_str ar_str_trim(struct arras_str s)
{
    while (s.len && memchr(" \t\r\n", s.ptr[s.len - 1], 4)) {
        s.len--;
    }
    while (s.len && memchr(" \t\r\n", s.ptr[0], 4)) {
        s.ptr++;
        s.len--;
    }
    return s;
}

struct arras_str ar_str_cut(struct arras_str *rest, char separator)
{
    size_t at = ar_str_find_char(*rest, separator, 0);
    struct arras_str before = ar_str_sub(*rest, 0, at);
    *rest = at == AR_NOT_FOUND ? (struct arras_str){NULL, 0} : ar_str_from(*rest, at + 1);
    return before;
}

bool ar_str_int(struct arras_str s, int64_t *ret_number)
{
    size_t i = 0;
    bool negative = s.len && s.ptr[0] == '-';
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
        i = 1;
    }
    if (i == s.len) {
        return false;
    }
    int64_t number = 0; /* counted downward: the negative range is the larger one */
    for (; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, digit, &number)) {
            return false;
        }
    }
    if (!negative && number == INT64_MIN) {
        return false;
    }
    *ret_number = negative ? number : -number;
    return true;
}

bool ar_str_copy(struct arras_str s, struct ar_arena *arena, struct arras_str *ret)
{
    if (s.len == SIZE_MAX) {
        return false;
    }
    char *copy = ar_arena_raw(arena, s.len + 1, 1);
    if (!copy) {
        return false;
    }
    if (s.len) {
        memcpy(copy, s.ptr, s.len);
    }
    copy[s.len] = '\0';
    *ret = (struct arras_str){copy, s.len};
    return true;
}

bool ar_str_vprintf(struct ar_arena *arena, struct arras_str *ret, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = len < 0 ? NULL : ar_arena_raw(arena, (size_t)len + 1, 1);
    if (text) {
        vsnprintf(text, (size_t)len + 1, format, again);
        *ret = (struct arras_str){text, (size_t)len};
    }
    va_end(again);
    return text != NULL;
}

bool ar_str_printf(struct ar_arena *arena, struct arras_str *ret, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool made = ar_str_vprintf(arena, ret, format, args);
    va_end(args);
    return made;
}

bool ar_str_has_nul(struct arras_str s)
{
    return ar_str_find_char(s, '\0', 0) != AR_NOT_FOUND;
}

char *ar_str_to_z(struct arras_str s, struct ar_arena *arena)
{
    struct arras_str copy;
    if (ar_str_has_nul(s) || !ar_str_copy(s, arena, &copy)) {
        return NULL;
    }
    return (char *)copy.ptr;
}
