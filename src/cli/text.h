/* Small text helpers of the program: a growing text, JSON strings, URL parts. The program stops
 * with status 4 where memory runs out; the library never does. */
#ifndef AR_CLI_TEXT_H
#define AR_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arras/str.h"

/* A growing, NUL-terminated text; the zero value is empty. Release it, or leave it to the end. */
struct ar_text {
    char *ptr;
    size_t len, cap;
};

void ar_text_release(struct ar_text *text);
void ar_text_add(struct ar_text *text, const char *bytes, size_t len);
void ar_text_printf(struct ar_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Appends a JSON string, quotes included. */
void ar_text_add_json(struct ar_text *text, struct arras_str s);
/* Appends with everything but unreserved characters percent-encoded (RFC 3986 section 2.3); '/' is
 * kept where `slashes`. */
void ar_text_add_url(struct ar_text *text, const char *s, bool slashes);
/* The text, never NULL. */
const char *ar_text_z(const struct ar_text *text);

/* Memory that is there or ends the program; set to zero. ar_grow keeps the old content. */
void *ar_need(size_t count, size_t size);
void *ar_grow(void *old, size_t count, size_t size);
char *ar_need_copy(const char *s, size_t len);
/* A copy that lives as long as the program: for the few words cut from its arguments. */
char *ar_keep_copy(const char *s, size_t len);

/* A list of borrowed strings; the zero value is empty. */
struct ar_texts {
    const char **items;
    size_t count;
};

void ar_texts_add(struct ar_texts *texts, const char *item);
void ar_texts_remove(struct ar_texts *texts, size_t index);

/* How many single-character edits (a swap of neighbours counts as one) lead from a to b. */
size_t ar_edits(const char *a, const char *b);
/* Of `candidate` and *best, keeps the one nearer to `word`, within what a slip of the hand can be;
 * *best begins as NULL. */
void ar_nearest(const char *word, const char *candidate, const char **best);

struct arras_str ar_z(const char *z);

#endif
