#include "base/buf.h"
#include <stdio.h>
#include <stdlib.h>

void ar_buf_init(struct ar_buf *buf, size_t limit)
{
    *buf = (struct ar_buf){.limit = limit};
}

void ar_buf_release(struct ar_buf *buf)
{
    if (buf) {
        free(buf->ptr);
        ar_buf_init(buf, buf->limit);
    }
}

void ar_buf_clear(struct ar_buf *buf)
{
    buf->len = 0;
    buf->status = ARRAS_OK;
}

char *ar_buf_reserve(struct ar_buf *buf, size_t len)
{
    if (buf->status) {
        return NULL;
    }
    if (len > buf->limit - buf->len) {
        buf->status = ARRAS_LIMIT;
        return NULL;
    }
    size_t need = buf->len + len;
    if (need > buf->cap) {
        size_t cap = buf->cap < 128 ? 256 : buf->cap;
        while (cap < need) {
            cap = cap > SIZE_MAX / 2 ? need : cap * 2;
        }
        char *grown = realloc(buf->ptr, cap);
        if (!grown) {
            buf->status = ARRAS_NO_MEMORY;
            return NULL;
        }
        buf->ptr = grown;
        buf->cap = cap;
    }
    return buf->ptr + buf->len;
}

void ar_buf_add(struct ar_buf *buf, const void *bytes, size_t len)
{
    if (len == 0) {
        return;
    }
    char *end = ar_buf_reserve(buf, len);
    if (end) {
        memcpy(end, bytes, len);
        buf->len += len;
    }
}

void ar_buf_add_str(struct ar_buf *buf, struct arras_str s)
{
    ar_buf_add(buf, s.ptr, s.len);
}

void ar_buf_add_z(struct ar_buf *buf, const char *z)
{
    ar_buf_add(buf, z, strlen(z));
}

void ar_buf_printf(struct ar_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *end = len < 0 ? NULL : ar_buf_reserve(buf, (size_t)len + 1);
    if (end) {
        vsnprintf(end, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

void ar_buf_cut(struct ar_buf *buf, size_t len)
{
    if (len < buf->len) {
        buf->len = len;
    }
}

enum arras_status ar_buf_status(const struct ar_buf *buf)
{
    return buf->status;
}

struct arras_str ar_buf_str(const struct ar_buf *buf)
{
    return (struct arras_str){buf->ptr, buf->len};
}

enum arras_status ar_buf_copy(const struct ar_buf *buf, struct ar_arena *arena,
                              struct arras_str *ret)
{
    if (buf->status) {
        return buf->status;
    }
    return ar_str_copy(ar_buf_str(buf), arena, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}
