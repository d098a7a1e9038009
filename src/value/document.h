/* A document: a text read from a file or given, as JSON or YAML, with its value. */
#ifndef AR_VALUE_DOCUMENT_H
#define AR_VALUE_DOCUMENT_H

#include "base/diag.h"
#include "value/value.h"

struct ar_document {
    struct ar_source source;
    struct arras_value root;
};

/* Reads a text that is already in memory that outlives the arena's user. ARRAS_FORMAT_GUESS: by the
 * name's ending (.json, .yaml, .yml); else JSON where the first character is { or [ and the text
 * reads as JSON, YAML otherwise. */
enum arras_status ar_document_parse(struct arras_str name, struct arras_str text,
                                    enum arras_format format, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_document *ret) ARRAS_CHECKED;
/* Reads a file ("-": standard input) of at most AR_DOCUMENT_SIZE bytes. */
enum arras_status ar_document_read(const char *path, enum arras_format format,
                                   struct ar_arena *arena, struct ar_diags *diags,
                                   struct ar_document *ret) ARRAS_CHECKED;

#endif
