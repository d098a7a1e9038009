#include "openapi/charset.h"
#include "base/utf8.h"
#include <errno.h>
#include <iconv.h>

enum { CHARSET_NAME = 40, STEP = 4096 };

static bool convert(iconv_t to, struct arras_str text, struct ar_buf *buf)
{
    char *in = (char *)(uintptr_t)text.ptr; /* iconv does not write to it */
    size_t left = text.len;
    for (;;) {
        bool end = left == 0; /* then what brings a charset back to its first state is written */
        size_t room = STEP;
        char *out = ar_buf_reserve(buf, STEP);
        if (!out) {
            return true; /* the buffer remembers */
        }
        size_t got = iconv(to, end ? NULL : &in, end ? NULL : &left, &out, &room);
        buf->len += STEP - room;
        if (got == (size_t)-1 && errno == E2BIG) {
            continue;
        }
        if (got || end) {
            return !got; /* a count: characters that were only like those asked for */
        }
    }
}

bool ar_charset_encode(struct arras_str text, struct arras_str charset, struct ar_buf *buf)
{
    char name[CHARSET_NAME + 1];
    if (ar_str_is_nocase(charset, "utf-8") || ar_utf8_valid(text) < text.len) {
        ar_buf_add_str(buf, text);
        return true;
    }
    if (charset.len > CHARSET_NAME || ar_str_has_nul(charset) ||
        ar_str_find_char(charset, '/', 0) != AR_NOT_FOUND) { /* "//TRANSLIT" is for iconv only */
        return false;
    }
    memcpy(name, charset.ptr, charset.len);
    name[charset.len] = '\0';
    iconv_t to = iconv_open(name, "UTF-8");
    if (to == (iconv_t)-1) {
        return false;
    }
    size_t len = buf->len;
    bool done = convert(to, text, buf);
    iconv_close(to);
    if (!done) {
        ar_buf_cut(buf, len);
    }
    return done;
}
