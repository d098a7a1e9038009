/* JSON Pointer, RFC 6901. */
#ifndef AR_VALUE_POINTER_H
#define AR_VALUE_POINTER_H

#include "value/value.h"

/* Whether the text is a pointer: empty, or tokens each begun by '/', with ~ only as ~0 and ~1. */
bool ar_pointer_valid(struct arras_str pointer);
/* The value that the pointer leads to, NULL where it leads nowhere or is not valid. No memory. */
const struct arras_value *ar_pointer_get(const struct arras_value *root, struct arras_str pointer);
/* Cuts the next token off *rest and unescapes it into arena: false at the end, when memory ran out
 * or where *rest is no pointer (then *ret_status is ARRAS_NO_MEMORY or ARRAS_SYNTAX). */
bool ar_pointer_next(struct arras_str *rest, struct ar_arena *arena, struct arras_str *ret_token,
                     enum arras_status *ret_status) ARRAS_CHECKED;
/* Appends "/" and the token, escaped. */
void ar_pointer_add(struct ar_buf *buf, struct arras_str token);
/* A new root that differs from `root` only in the value at the pointer; shares all that is not on
 * the way. The last token may name a new member, or "-" or the length of an array (append).
 * ARRAS_UNRESOLVED where a parent is missing or the text is no pointer, ARRAS_LIMIT (depth),
 * ARRAS_NO_MEMORY. */
enum arras_status ar_pointer_set(const struct arras_value *root, struct arras_str pointer,
                                 struct arras_value value, struct ar_arena *arena,
                                 struct arras_value *ret) ARRAS_CHECKED;

#endif
