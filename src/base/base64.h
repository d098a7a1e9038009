/* Base64 (RFC 4648 sections 4 and 5). */
#ifndef AR_BASE_BASE64_H
#define AR_BASE_BASE64_H

#include "base/buf.h"

/* The bytes of a text in either alphabet, with or without padding; nothing else may stand in it.
 * ARRAS_SYNTAX, ARRAS_NO_MEMORY. */
enum arras_status ar_base64_decode(struct arras_str text, struct ar_arena *arena,
                                   struct arras_str *ret) ARRAS_CHECKED;

/* Appends the bytes in the first alphabet, with padding. */
void ar_base64_encode(struct ar_buf *buf, struct arras_str bytes);

#endif
