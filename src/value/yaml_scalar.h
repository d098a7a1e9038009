/* What a scalar means: the core schema, YAML 1.2.2 section 10.3.2. */
#ifndef AR_VALUE_YAML_SCALAR_H
#define AR_VALUE_YAML_SCALAR_H

#include "value/value.h"

/* Whether the tag (as below) is one of the JSON schema, YAML 1.2.2 section 10.2, or "!". */
bool ar_yaml_tag_known(struct arras_str tag);
/* A plain scalar without a tag. Numbers get the form of JSON: their text is borrowed where it has
 * it already, else made in `arena`. ARRAS_LIMIT: a hexadecimal or octal number of more than
 * AR_RADIX_DIGITS digits. ARRAS_NO_MEMORY. */
enum arras_status ar_yaml_plain(struct arras_str text, struct ar_arena *arena,
                                struct arras_value *ret) ARRAS_CHECKED;
/* A scalar with the tag `tag` (in full, "tag:yaml.org,2002:int", or "!"); `plain` where it has no
 * quotes. Tags outside the core schema change nothing. ARRAS_INVALID: the text is none of what the
 * tag says. ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_yaml_tagged(struct arras_str tag, struct arras_str text, bool plain,
                                 struct ar_arena *arena, struct arras_value *ret) ARRAS_CHECKED;

#endif
