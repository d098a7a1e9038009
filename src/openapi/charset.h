/* Texts in other character sets than UTF-8. Inside src/openapi. */
#ifndef AR_OPENAPI_CHARSET_H
#define AR_OPENAPI_CHARSET_H

#include "base/buf.h"

/* Appends UTF-8 text in that charset (RFC 2978 names). False, and nothing is appended, where the
 * charset is unknown or cannot hold the text. Text that is no UTF-8 is taken to be in it already.
 */
bool ar_charset_encode(struct arras_str text, struct arras_str charset,
                       struct ar_buf *buf) ARRAS_CHECKED;

#endif
