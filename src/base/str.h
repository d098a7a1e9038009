/* Strings as pointer and length (struct arras_str): helpers that read them, and those that make new
 * ones in an arena. Strings borrow; none of these functions frees anything. */
#ifndef AR_BASE_STR_H
#define AR_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "arras/str.h"
#include "base/arena.h"

/* A literal as a string, also usable in static initialisers as AR_STR_INIT. */
#define AR_STR_INIT(literal)                                                                       \
    {                                                                                              \
        "" literal "", sizeof(literal) - 1                                                         \
    }
#define AR_STR(literal) ((struct arras_str)AR_STR_INIT(literal))

/* For printf: "%.*s", AR_STR_ARG(s). */
#define AR_STR_ARG(s) (int)(s).len, (s).len ? (s).ptr : ""

#define AR_NOT_FOUND SIZE_MAX

/* The view of a NUL-terminated string; NULL is the empty string. */
struct arras_str ar_str_z(const char *z);

bool ar_str_eq(struct arras_str a, struct arras_str b);
bool ar_str_is(struct arras_str a, const char *z);
/* ASCII letters without regard to case, as HTTP header names and schemes compare. */
bool ar_str_eq_nocase(struct arras_str a, struct arras_str b);
bool ar_str_is_nocase(struct arras_str a, const char *z);
/* By bytes; less than, equal to or greater than 0. */
int ar_str_compare(struct arras_str a, struct arras_str b);

bool ar_str_starts(struct arras_str s, const char *prefix);
bool ar_str_ends(struct arras_str s, const char *suffix);
/* The first offset at or after `from`, or AR_NOT_FOUND. */
size_t ar_str_find_char(struct arras_str s, char c, size_t from);
size_t ar_str_find(struct arras_str s, struct arras_str part, size_t from);
size_t ar_str_find_last_char(struct arras_str s, char c);

/* The part from `from` up to `to` (exclusive), both cut to the length. */
struct arras_str ar_str_sub(struct arras_str s, size_t from, size_t to);
struct arras_str ar_str_from(struct arras_str s, size_t from);
/* Without spaces, tabs and line ends at both ends. */
struct arras_str ar_str_trim(struct arras_str s);
/* Cuts *rest at the first `separator`: returns what stands before it, leaves what stands after it.
 * Without one, returns all and leaves an empty string. */
struct arras_str ar_str_cut(struct arras_str *rest, char separator);

/* Whole decimal number, sign allowed, within int64; false for anything else. */
bool ar_str_int(struct arras_str s, int64_t *ret_number);

/* New strings in `arena`; false when memory ran out. The copy has a NUL byte behind its end, so
 * that it can be given to C functions where it holds no NUL itself (ar_str_has_nul). */
bool ar_str_copy(struct arras_str s, struct ar_arena *arena, struct arras_str *ret) ARRAS_CHECKED;
bool ar_str_printf(struct ar_arena *arena, struct arras_str *ret, const char *format,
                   ...) ARRAS_CHECKED __attribute__((format(printf, 3, 4)));
bool ar_str_vprintf(struct ar_arena *arena, struct arras_str *ret, const char *format,
                    va_list args) ARRAS_CHECKED __attribute__((format(printf, 3, 0)));
/* A NUL-terminated copy, or NULL when memory ran out or the string holds a NUL byte. */
char *ar_str_to_z(struct arras_str s, struct ar_arena *arena) ARRAS_CHECKED;
bool ar_str_has_nul(struct arras_str s);

#endif
