#include "base/base64.h"

/* -1: not of the alphabets. */
static int digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Without its padding; false where that is wrong. */
static bool cut_padding(struct arras_str *text)
{
    size_t len = text->len;
    while (len && text->len - len < 2 && text->ptr[len - 1] == '=') {
        len--;
    }
    bool fits = len == text->len || text->len % 4 == 0;
    text->len = len;
    return fits && len % 4 != 1;
}

enum arras_status ar_base64_decode(struct arras_str text, struct ar_arena *arena,
                                   struct arras_str *ret)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t len = 0;
    if (!cut_padding(&text)) {
        return ARRAS_SYNTAX;
    }
    char *bytes = ar_arena_raw(arena, text.len / 4 * 3 + 3, 1);
    if (!bytes) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < text.len; i++) {
        int value = digit(text.ptr[i]);
        if (value < 0) {
            return ARRAS_SYNTAX;
        }
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes[len++] = (char)(bits >> count & 0xff);
        }
    }
    if (bits & ((1U << count) - 1)) { /* what is left over must be zero (section 3.5) */
        return ARRAS_SYNTAX;
    }
    *ret = (struct arras_str){bytes, len};
    return ARRAS_OK;
}

void ar_base64_encode(struct ar_buf *buf, struct arras_str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned group = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) |
                         (left > 2 ? in[i + 2] : 0);
        ar_buf_add_char(buf, digits[group >> 18]);
        ar_buf_add_char(buf, digits[group >> 12 & 63]);
        ar_buf_add_char(buf, left > 1 ? digits[group >> 6 & 63] : '=');
        ar_buf_add_char(buf, left > 2 ? digits[group & 63] : '=');
    }
}
