/* Values: reading JSON and YAML, walking what was read, writing JSON.
 *
 * All values belong to a pool and live until it is freed. A pool is used by one thread at a time;
 * the values in it may be read by any number once they are made. */
#ifndef ARRAS_VALUE_H
#define ARRAS_VALUE_H

#include <stdbool.h>
#include "arras/diag.h"

enum arras_type { ARRAS_NULL, ARRAS_BOOL, ARRAS_NUMBER, ARRAS_STRING, ARRAS_ARRAY, ARRAS_OBJECT };

struct arras_pool;
struct arras_value;

/* NULL when memory ran out. */
struct arras_pool *arras_pool_new(void);
void arras_pool_free(struct arras_pool *pool);
/* What was found wrong while reading into this pool or asking with it, oldest first; valid until
 * the pool is freed. `index` from 0; NULL past the last. */
const struct arras_diag *arras_pool_diag(const struct arras_pool *pool, size_t index);

enum arras_format {
    ARRAS_FORMAT_GUESS, /* by the name's ending; else JSON where the text is JSON, YAML otherwise */
    ARRAS_FORMAT_JSON,  /* RFC 8259 */
    ARRAS_FORMAT_YAML,  /* YAML 1.2, core schema, one document */
    ARRAS_FORMAT_XML    /* kept as text; only queries look inside */
};

/* Reads `text`, of which a copy is kept. `name` is what diagnostics call it. */
enum arras_status arras_read(struct arras_pool *pool, enum arras_format format, const char *name,
                             struct arras_str text, const struct arras_value **ret) ARRAS_CHECKED;
/* Reads a file; "-" is standard input. */
enum arras_status arras_read_file(struct arras_pool *pool, enum arras_format format,
                                  const char *path, const struct arras_value **ret) ARRAS_CHECKED;

/* A NULL value is "nothing" and allowed everywhere. */
enum arras_type arras_type(const struct arras_value *value); /* ARRAS_NULL for NULL */
bool arras_bool(const struct arras_value *value);            /* false for what is none */
/* Text of a string, or of a number as it was written; empty for other types. */
struct arras_str arras_text(const struct arras_value *value);
/* Items of an array, members of an object; 0 for other types. */
size_t arras_count(const struct arras_value *value);
/* NULL where there is none. */
const struct arras_value *arras_item(const struct arras_value *array, size_t index);
const struct arras_value *arras_member(const struct arras_value *object, const char *name);
/* The member at `index`, in document order, and its name. */
const struct arras_value *arras_member_at(const struct arras_value *object, size_t index,
                                          struct arras_str *ret_name);

/* Says that `value`, a part of what was read into the pool as `root`, is wrong: adds an error with
 * its place. Returns ARRAS_INVALID, or ARRAS_NO_MEMORY. */
enum arras_status arras_refuse(struct arras_pool *pool, const struct arras_value *root,
                               const struct arras_value *value, const char *message) ARRAS_CHECKED;

/* The place of `value`, a part of what was read into the pool as `root`: line and column as in a
 * diagnostic, 0 where there is none. */
void arras_place(const struct arras_pool *pool, const struct arras_value *root,
                 const struct arras_value *value, uint32_t *ret_line, uint32_t *ret_column);
/* Adds a diagnostic of the caller's own: its code must be static text, its other texts are copied.
 * ARRAS_NO_MEMORY. */
enum arras_status arras_note(struct arras_pool *pool, const struct arras_diag *diag) ARRAS_CHECKED;

enum arras_write_flags {
    ARRAS_WRITE_COMPACT = 0,
    ARRAS_WRITE_INDENT = 1, /* two spaces a level */
    ARRAS_WRITE_SORTED = 2, /* members ordered by name, in code units as RFC 8785 section 3.2.3 */
    ARRAS_WRITE_ASCII = 4   /* everything above U+007F as \u escapes */
};

/* JSON, without a line end; the text lives as long as the pool. */
enum arras_status arras_write(struct arras_pool *pool, const struct arras_value *value, int flags,
                              struct arras_str *ret) ARRAS_CHECKED;

#endif
