/* Regular expressions as ECMA-262 writes them, matched by PCRE2 under match, depth and heap limits.
 */
#ifndef AR_QUERY_REGEX_H
#define AR_QUERY_REGEX_H

#include "base/diag.h"

struct ar_regex;

enum ar_regex_dialect {
    AR_REGEX_ECMA,   /* ECMA-262 with the u flag, searched for anywhere */
    AR_REGEX_IREGEXP /* RFC 9485; anything outside its grammar is refused */
};

enum ar_regex_flags {
    AR_REGEX_WHOLE = 1, /* must match the whole text */
    AR_REGEX_NOCASE = 2
};

/* The handle is malloc'ed: free it. The error says what is wrong with the pattern and where; its
 * excerpt borrows from `pattern`, which the regex itself does not need any longer. ARRAS_SYNTAX,
 * ARRAS_LIMIT, ARRAS_NO_MEMORY, ARRAS_UNSUPPORTED (a lookbehind of no fixed length, which PCRE2
 * 10.42 cannot do). */
enum arras_status ar_regex_new(struct arras_str pattern, enum ar_regex_dialect dialect, int flags,
                               struct ar_diags *diags, struct ar_regex **ret) ARRAS_CHECKED;
void ar_regex_free(struct ar_regex *regex); /* NULL is allowed */

/* ARRAS_LIMIT when the match needed more than the limits allow; *ret_matches is then untouched.
 * ARRAS_NO_MEMORY. The subject need not be valid UTF-8 (then it does not match). Any number of
 * threads at once. */
enum arras_status ar_regex_match(const struct ar_regex *regex, struct arras_str subject,
                                 bool *ret_matches) ARRAS_CHECKED;

#endif
