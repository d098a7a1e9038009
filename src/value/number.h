/* Numbers of any length, as JSON writes them (RFC 8259 section 6), compared exactly. */
#ifndef AR_VALUE_NUMBER_H
#define AR_VALUE_NUMBER_H

#include <stdint.h>
#include "base/arena.h"
#include "base/str.h"

/* Whether the text is a number by RFC 8259 section 6, and nothing else. */
bool ar_number_valid(struct arras_str text);
/* Less than, equal to or greater than 0; by value, exactly, whatever the length or exponent:
 * 1.0 == 1e0, 9007199254740993 > 9007199254740992. Both texts must be valid. */
int ar_number_compare(struct arras_str a, struct arras_str b);
/* Whether the value is a whole number: 1.0 and 1e2 are, 1.5 is not. */
bool ar_number_is_integer(struct arras_str text);
/* Its value where it is whole and fits (1e2 is 100); false otherwise. */
bool ar_number_to_int64(struct arras_str text, int64_t *ret);
/* The nearest double; infinite where it is too large. */
double ar_number_to_double(struct arras_str text);
/* Whether a is a multiple of b, exactly (JSON Schema `multipleOf`); b is not zero. Falls back to
 * doubles beyond a few thousand digits of difference. */
bool ar_number_is_multiple(struct arras_str a, struct arras_str b);

#endif
