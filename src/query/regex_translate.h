/* What regex.c and the two dialects share: a reader over the pattern, and the PCRE2 pattern that
 * grows from it. Whatever is meant literally is written so that PCRE2 cannot take it for syntax. */
#ifndef AR_QUERY_REGEX_TRANSLATE_H
#define AR_QUERY_REGEX_TRANSLATE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/map.h"

#define AR_REGEX_END UINT32_MAX /* no character: the pattern's end */

struct ar_regex_reader {
    struct arras_str text; /* valid UTF-8 */
    size_t at;
    unsigned depth;
    struct ar_arena *scratch; /* until the pattern is translated */
    size_t groups;            /* capturing groups of the whole pattern */
    struct ar_map names;      /* of groups, to their numbers */
    struct ar_buf *out;
    struct ar_diags *diags;
};

/* Both read all of reader->text and write it to reader->out in PCRE2's syntax, or say what is
 * wrong. ARRAS_SYNTAX, ARRAS_LIMIT (nesting), ARRAS_NO_MEMORY. A failure of `out` is left for the
 * caller to see. */
enum arras_status ar_regex_from_ecma(struct ar_regex_reader *reader) ARRAS_CHECKED;
enum arras_status ar_regex_from_iregexp(struct ar_regex_reader *reader) ARRAS_CHECKED;

/* The character at the reader's place, without and with moving behind it. */
uint32_t ar_regex_peek(const struct ar_regex_reader *reader);
uint32_t ar_regex_next(struct ar_regex_reader *reader);
/* Moves behind `text` where it stands next; false otherwise. */
bool ar_regex_eat(struct ar_regex_reader *reader, const char *text);
enum arras_status ar_regex_wrong(struct ar_regex_reader *reader, size_t at,
                                 const char *what) ARRAS_CHECKED;

/* `{n}`, `{n,}`, `{n,m}` at the reader's place: true and written when there is one; false with the
 * reader unmoved otherwise. *ret_status tells of one whose numbers cannot be. */
bool ar_regex_counts(struct ar_regex_reader *reader, enum arras_status *ret_status) ARRAS_CHECKED;

/* One character, in or outside a class. A surrogate, which no text holds, is never matched. */
void ar_regex_put(struct ar_regex_reader *reader, uint32_t code);
/* In a class. Surrogates at either end are left out; false where `from` is above `to`. */
bool ar_regex_put_range(struct ar_regex_reader *reader, uint32_t from, uint32_t to) ARRAS_CHECKED;

/* The property between the braces of \p{...} or \P{...}, which the reader stands behind the `p` of:
 * ECMA-262 table of General_Category, Script, Script_Extensions and binary properties. */
enum arras_status ar_regex_property(struct ar_regex_reader *reader, bool negated) ARRAS_CHECKED;

/* Reads terms and the '|' between them, up to a ')' or the end. */
enum arras_status
ar_regex_alternatives(struct ar_regex_reader *reader,
                      enum arras_status (*term)(struct ar_regex_reader *)) ARRAS_CHECKED;

#endif
