/* JSON, RFC 8259: reader and writer. */
#ifndef AR_VALUE_JSON_H
#define AR_VALUE_JSON_H

#include "base/diag.h"
#include "value/value.h"

/* Reads one JSON text that is all of `source->text`. Strings without escapes are borrowed from it,
 * so it must outlive the value. Of members of one name the last one counts, with the warning
 * repeated-name; invalid UTF-8, lone surrogates, a byte order mark and nesting beyond
 * AR_NESTING_DEPTH are errors; \u0000 is kept. ARRAS_SYNTAX, ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_json_read(const struct ar_source *source, struct ar_arena *arena,
                               struct ar_diags *diags, struct arras_value *ret) ARRAS_CHECKED;

/* Appends the value as JSON; `flags` of enum arras_write_flags. NULL is written as null. Numbers as
 * they were written. Failure is remembered by the buffer. */
void ar_json_write(struct ar_buf *buf, const struct arras_value *value, int flags);
/* The value as JSON in `arena`, of at most `limit` bytes. ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_json_text(const struct arras_value *value, int flags, size_t limit,
                               struct ar_arena *arena, struct arras_str *ret) ARRAS_CHECKED;
/* Appends a string with its quotes. */
void ar_json_write_string(struct ar_buf *buf, struct arras_str s, int flags);

#endif
