#include "base/limits.h"
#include "base/utf8.h"
#include "value/json.h"
#include <stdlib.h>

/* 0: stands for itself. 'u': as \u00XX. Else the letter behind the backslash. RFC 8259 section 7;
 * which of the forms as RFC 8785 section 3.2.2.2. */
static const char escapes[128] = {
    ['\0'] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u', [0x05] = 'u',
    [0x06] = 'u', [0x07] = 'u', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [0x0B] = 'u',
    ['\f'] = 'f', ['\r'] = 'r', [0x0E] = 'u', [0x0F] = 'u', [0x10] = 'u', [0x11] = 'u',
    [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u', [0x16] = 'u', [0x17] = 'u',
    [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u', [0x1C] = 'u', [0x1D] = 'u',
    [0x1E] = 'u', [0x1F] = 'u', ['"'] = '"',  ['\\'] = '\\'};

static size_t put_hex(uint32_t unit, char out[6])
{
    static const char digits[] = "0123456789abcdef";
    out[0] = '\\';
    out[1] = 'u';
    for (int i = 0; i < 4; i++) {
        out[2 + i] = digits[unit >> (12 - 4 * i) & 15];
    }
    return 6;
}

static void write_escape(struct ar_buf *buf, unsigned char c)
{
    char out[6] = {'\\', escapes[c]};
    ar_buf_add(buf, out, out[1] == 'u' ? put_hex(c, out) : 2);
}

/* A character above U+007F; what is no valid UTF-8 becomes U+FFFD, as JSON must be UTF-8. */
static size_t write_wide(struct ar_buf *buf, struct arras_str s, size_t at, int flags)
{
    char out[12];
    uint32_t code = ar_utf8_next(s, &at);
    if (!(flags & ARRAS_WRITE_ASCII)) {
        ar_buf_add(buf, out, ar_utf8_put(code, out));
    } else if (code < 0x10000) {
        ar_buf_add(buf, out, put_hex(code, out));
    } else {
        size_t len = put_hex(0xD800 + ((code - 0x10000) >> 10), out);
        len += put_hex(0xDC00 + (code & 0x3FF), out + len);
        ar_buf_add(buf, out, len);
    }
    return at;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH EACH(0x80)

/* Whether one of the eight bytes needs an escape, or may: those above 0x7F are told by *high. */
static inline bool eight_need_escape(const char *p, uint64_t *high)
{
    uint64_t word, quote, backslash;
    memcpy(&word, p, 8);
    *high |= word;
    quote = word ^ EACH('"');
    backslash = word ^ EACH('\\');
    return (((quote - EACH(1)) & ~quote) | ((backslash - EACH(1)) & ~backslash) |
            ((word - EACH(0x20)) & ~word)) &
           HIGH;
}

/* Offset up to which no ASCII character needs an escape; *high has a byte's highest bit set where
 * there were others. */
static size_t plain_until(struct arras_str s, size_t at, uint64_t *high)
{
    while (s.len - at >= 8 && !eight_need_escape(s.ptr + at, high)) {
        at += 8;
    }
    while (at < s.len) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c < 0x80 && escapes[c]) {
            break;
        }
        *high |= c;
        at++;
    }
    return at;
}

/* Byte by byte: what has characters to escape or to check. */
static void write_escaped(struct ar_buf *buf, struct arras_str s, int flags)
{
    ar_buf_add_char(buf, '"');
    size_t at = 0, from = 0;
    while (at < s.len && !buf->status) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c < 0x80 && !escapes[c]) {
            at++;
            continue;
        }
        ar_buf_add(buf, s.ptr + from, at - from);
        if (c >= 0x80) {
            at = write_wide(buf, s, at, flags);
        } else {
            write_escape(buf, c);
            at++;
        }
        from = at;
    }
    ar_buf_add(buf, s.ptr ? s.ptr + from : NULL, s.len - from);
    ar_buf_add_char(buf, '"');
}

void ar_json_write_string(struct ar_buf *buf, struct arras_str s, int flags)
{
    uint64_t high = 0;
    bool plain = plain_until(s, 0, &high) == s.len;
    if (plain && high & HIGH) {
        plain = !(flags & ARRAS_WRITE_ASCII) && ar_utf8_valid(s) == s.len;
    }
    char *out = plain ? ar_buf_reserve(buf, s.len + 2) : NULL;
    if (out) {
        out[0] = '"';
        memcpy(out + 1, s.len ? s.ptr : "", s.len);
        out[s.len + 1] = '"';
        buf->len += s.len + 2;
    } else if (!plain) {
        write_escaped(buf, s, flags);
    }
}

static void write_value(struct ar_buf *buf, const struct arras_value *value, int flags,
                        unsigned depth);

static void new_line(struct ar_buf *buf, int flags, unsigned depth)
{
    if (flags & ARRAS_WRITE_INDENT) {
        char *end = ar_buf_reserve(buf, 1 + (size_t)2 * depth);
        if (end) {
            *end = '\n';
            memset(end + 1, ' ', (size_t)2 * depth);
            buf->len += 1 + (size_t)2 * depth;
        }
    }
}

static void write_array(struct ar_buf *buf, const struct arras_value *value, int flags,
                        unsigned depth)
{
    ar_buf_add_char(buf, '[');
    for (uint32_t i = 0; i < value->count && !buf->status; i++) {
        if (i) {
            ar_buf_add_char(buf, ',');
        }
        new_line(buf, flags, depth + 1);
        write_value(buf, &value->items[i], flags, depth + 1);
    }
    if (value->count) {
        new_line(buf, flags, depth);
    }
    ar_buf_add_char(buf, ']');
}

static void write_member(struct ar_buf *buf, const struct ar_member *member, bool first, int flags,
                         unsigned depth)
{
    if (!first) {
        ar_buf_add_char(buf, ',');
    }
    new_line(buf, flags, depth + 1);
    ar_json_write_string(buf, ar_member_name(member), flags);
    ar_buf_add(buf, ": ", flags & ARRAS_WRITE_INDENT ? 2 : 1);
    write_value(buf, &member->value, flags, depth + 1);
}

/* By UTF-16 code units (RFC 8785 section 3.2.3): as by bytes, but for characters above U+FFFF,
 * whose surrogates stand before U+E000. */
static int compare_names(const void *left, const void *right)
{
    struct arras_str a = ar_member_name(*(const struct ar_member *const *)left);
    struct arras_str b = ar_member_name(*(const struct ar_member *const *)right);
    size_t i = 0;
    while (i < a.len && i < b.len && a.ptr[i] == b.ptr[i]) {
        i++;
    }
    if (i == a.len || i == b.len) {
        return (a.len > b.len) - (a.len < b.len);
    }
    unsigned char p = (unsigned char)a.ptr[i], q = (unsigned char)b.ptr[i];
    int order = p < q ? -1 : 1;
    return p >= 0xEE && q >= 0xEE && (p >= 0xF0) != (q >= 0xF0) ? -order : order;
}

static void write_sorted(struct ar_buf *buf, const struct arras_value *value, int flags,
                         unsigned depth)
{
    const struct ar_member **order = malloc(value->count * sizeof(*order));
    if (!order) {
        buf->status = ARRAS_NO_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        order[i] = &value->members[i];
    }
    qsort(order, value->count, sizeof(*order), compare_names);
    for (uint32_t i = 0; i < value->count && !buf->status; i++) {
        write_member(buf, order[i], i == 0, flags, depth);
    }
    free(order);
}

static void write_object(struct ar_buf *buf, const struct arras_value *value, int flags,
                         unsigned depth)
{
    ar_buf_add_char(buf, '{');
    if (flags & ARRAS_WRITE_SORTED && value->count > 1) {
        write_sorted(buf, value, flags, depth);
    } else {
        for (uint32_t i = 0; i < value->count && !buf->status; i++) {
            write_member(buf, &value->members[i], i == 0, flags, depth);
        }
    }
    if (value->count) {
        new_line(buf, flags, depth);
    }
    ar_buf_add_char(buf, '}');
}

static void write_value(struct ar_buf *buf, const struct arras_value *value, int flags,
                        unsigned depth)
{
    if (depth > AR_NESTING_DEPTH) {
        buf->status = buf->status ? buf->status : ARRAS_LIMIT;
        return;
    }
    switch (value ? (enum arras_type)value->type : ARRAS_NULL) {
    case ARRAS_NULL:
        ar_buf_add(buf, "null", 4);
        break;
    case ARRAS_BOOL:
        ar_buf_add(buf, value->boolean ? "true" : "false", value->boolean ? 4 : 5);
        break;
    case ARRAS_NUMBER:
        ar_buf_add_str(buf, ar_text(value));
        break;
    case ARRAS_STRING:
        ar_json_write_string(buf, ar_text(value), flags);
        break;
    case ARRAS_ARRAY:
        write_array(buf, value, flags, depth);
        break;
    case ARRAS_OBJECT:
        write_object(buf, value, flags, depth);
        break;
    }
}

void ar_json_write(struct ar_buf *buf, const struct arras_value *value, int flags)
{
    write_value(buf, value, flags, 0);
}

enum arras_status ar_json_text(const struct arras_value *value, int flags, size_t limit,
                               struct ar_arena *arena, struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, limit);
    ar_json_write(&buf, value, flags);
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}
