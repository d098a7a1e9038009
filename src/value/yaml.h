/* YAML 1.2 with the core schema, through libfyaml's events. */
#ifndef AR_VALUE_YAML_H
#define AR_VALUE_YAML_H

#include "base/diag.h"
#include "value/value.h"

/* Reads one document that is all of `source->text`. Errors: not YAML, invalid UTF-8, more than one
 * document, duplicate keys, a key that is no scalar, alias of nothing or within itself, aliases
 * beyond AR_ALIAS_NODES, nesting beyond AR_NESTING_DEPTH, a line of more than AR_YAML_INDICATORS.
 * Scalar keys become names by their text
 * (`200:` is "200"). Plain scalars by the core schema (YAML 1.2.2 section 10.3.2), numbers written
 * as JSON would (0x1F and 0o17 in decimal, leading + and zeros gone); .inf and .nan stay strings.
 * Tags that JSON lacks are passed over, with a warning `yaml-tag` for the first. An empty stream is
 * null. ARRAS_SYNTAX, ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_yaml_read(const struct ar_source *source, struct ar_arena *arena,
                               struct ar_diags *diags, struct arras_value *ret) ARRAS_CHECKED;

#endif
