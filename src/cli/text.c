#include "text.h"
#include <stdarg.h>
#include <stdint.h>

static void *checked(void *memory)
{
    if (!memory) {
        fputs("error: memory ran out\n", stderr);
        exit(4);
    }
    return memory;
}

void *ar_need(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *ar_grow(void *old, size_t count, size_t size)
{
    return checked(reallocarray(old, count ? count : 1, size));
}

char *ar_need_copy(const char *s, size_t len)
{
    char *copy = ar_need(len + 1, 1);
    if (len) {
        memcpy(copy, s, len);
    }
    return copy;
}

char *ar_keep_copy(const char *s, size_t len)
{
    static struct ar_texts kept;
    char *copy = ar_need_copy(s, len);
    ar_texts_add(&kept, copy);
    return copy;
}

void ar_text_release(struct ar_text *text)
{
    free(text->ptr);
    *text = (struct ar_text){0};
}

void ar_text_add(struct ar_text *text, const char *bytes, size_t len)
{
    if (text->cap - text->len <= len) {
        size_t cap = text->cap ? text->cap : 64;
        while (cap - text->len <= len) {
            cap *= 2;
        }
        text->ptr = ar_grow(text->ptr, cap, 1);
        text->cap = cap;
    }
    if (len) {
        memcpy(text->ptr + text->len, bytes, len);
    }
    text->len += len;
    text->ptr[text->len] = '\0';
}

void ar_text_printf(struct ar_text *text, const char *format, ...)
{
    char *made = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&made, format, args);
    va_end(args);
    checked(len < 0 ? NULL : made);
    ar_text_add(text, made, (size_t)len);
    free(made);
}

void ar_text_add_json(struct ar_text *text, struct arras_str s)
{
    ar_text_add(text, "\"", 1);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\') {
            ar_text_printf(text, "\\%c", c);
        } else if (c < 0x20) {
            ar_text_printf(text, "\\u%04x", c);
        } else {
            ar_text_add(text, s.ptr + i, 1);
        }
    }
    ar_text_add(text, "\"", 1);
}

static bool unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

void ar_text_add_url(struct ar_text *text, const char *s, bool slashes)
{
    for (; *s; s++) {
        if (unreserved(*s) || (slashes && *s == '/')) {
            ar_text_add(text, s, 1);
        } else {
            ar_text_printf(text, "%%%02X", (unsigned char)*s);
        }
    }
}

const char *ar_text_z(const struct ar_text *text)
{
    return text->ptr ? text->ptr : "";
}

void ar_texts_add(struct ar_texts *texts, const char *item)
{
    texts->items = ar_grow(texts->items, texts->count + 1, sizeof(*texts->items));
    texts->items[texts->count++] = item;
}

void ar_texts_remove(struct ar_texts *texts, size_t index)
{
    memmove(texts->items + index, texts->items + index + 1,
            (texts->count - index - 1) * sizeof(*texts->items));
    texts->count--;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Words longer than this are no slip of anything that this program knows. */
#define WORD_MOST 63

static size_t edits_row(const char *a, const char *b, size_t i, size_t rows[3][WORD_MOST + 1])
{
    size_t *now = rows[i % 3];
    const size_t *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
    size_t len = strlen(b);
    now[0] = i;
    for (size_t j = 1; j <= len; j++) {
        now[j] = least(before[j - 1] + (a[i - 1] != b[j - 1]), least(before[j], now[j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
            now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return now[len];
}

size_t ar_edits(const char *a, const char *b)
{
    if (strlen(a) > WORD_MOST || strlen(b) > WORD_MOST) {
        return SIZE_MAX;
    }
    size_t rows[3][WORD_MOST + 1] = {0};
    for (size_t j = 0; j <= WORD_MOST; j++) {
        rows[0][j] = j;
    }
    size_t edits = strlen(b);
    for (size_t i = 1; i <= strlen(a); i++) {
        edits = edits_row(a, b, i, rows);
    }
    return edits;
}

void ar_nearest(const char *word, const char *candidate, const char **best)
{
    size_t edits = ar_edits(word, candidate);
    bool begins = strlen(word) > 1 && strncmp(candidate, word, strlen(word)) == 0;
    if (begins || edits <= least(3, strlen(word) / 3 + 1)) {
        if (!*best || edits < ar_edits(word, *best)) {
            *best = candidate;
        }
    }
}

struct arras_str ar_z(const char *z)
{
    return (struct arras_str){z, z ? strlen(z) : 0};
}
