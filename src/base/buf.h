/* A growing buffer of bytes with a cap that must be named. A failed append is remembered: the
 * following ones do nothing, and ar_buf_status tells at the end, so that a writer need not check
 * each append. Own memory; release it. One thread at a time. */
#ifndef AR_BASE_BUF_H
#define AR_BASE_BUF_H

#include "base/str.h"

struct ar_buf {
    char *ptr;
    size_t len, cap, limit;
    enum arras_status status; /* ARRAS_OK, ARRAS_NO_MEMORY or ARRAS_LIMIT */
};

/* `limit`: the most bytes it may ever hold. */
void ar_buf_init(struct ar_buf *buf, size_t limit);
void ar_buf_release(struct ar_buf *buf);
/* Empties it and forgets a failure; keeps the memory. */
void ar_buf_clear(struct ar_buf *buf);

void ar_buf_add(struct ar_buf *buf, const void *bytes, size_t len);
void ar_buf_add_str(struct ar_buf *buf, struct arras_str s);
void ar_buf_add_z(struct ar_buf *buf, const char *z);
static inline void ar_buf_add_char(struct ar_buf *buf, char c)
{
    if (buf->len < buf->cap && buf->len < buf->limit && !buf->status) {
        buf->ptr[buf->len++] = c;
    } else {
        ar_buf_add(buf, &c, 1);
    }
}
void ar_buf_printf(struct ar_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for `len` bytes more, to be written by the caller, who then adds to buf->len; NULL: failed.
 */
char *ar_buf_reserve(struct ar_buf *buf, size_t len) ARRAS_CHECKED;
/* Forgets all behind `len`. */
void ar_buf_cut(struct ar_buf *buf, size_t len);

enum arras_status ar_buf_status(const struct ar_buf *buf) ARRAS_CHECKED;
/* The content, until the next append. */
struct arras_str ar_buf_str(const struct ar_buf *buf);
/* The content as a string of `arena`; fails also when an append had failed. */
enum arras_status ar_buf_copy(const struct ar_buf *buf, struct ar_arena *arena,
                              struct arras_str *ret) ARRAS_CHECKED;

#endif
