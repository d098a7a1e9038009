/* Simple conditions: literals, operators and runtime expressions, compared loosely (Arazzo 1.0.1,
 * Criterion Object, Literals and Operators).
 *
 * `!` binds closest, then comparisons, then &&, then ||. Strings compare without regard to case; a
 * number and a string that reads as a number compare as numbers. What points at nothing is null. A
 * condition without comparison holds unless its value is null, false, 0 or the empty string. */
#ifndef AR_ARAZZO_SIMPLE_H
#define AR_ARAZZO_SIMPLE_H

#include "arazzo/expression.h"
#include "arazzo/template.h"

struct ar_simple;

/* `at`: where the text stands in the document. Strings in double quotes and bare words are read
 * with a warning (loose-literal), refused when strict. */
enum arras_status ar_simple_compile(struct arras_str text, size_t at,
                                    const struct ar_workflow *workflow, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_simple **ret) ARRAS_CHECKED;
enum arras_status ar_simple_visit(const struct ar_simple *simple, ar_template_visitor *visit,
                                  void *context) ARRAS_CHECKED;
/* *ret_why (may be NULL) where it does not hold: "$statusCode is 404". */
enum arras_status ar_simple_holds(const struct ar_simple *simple, const struct ar_scope *scope,
                                  bool *ret_holds, struct arras_str *ret_why) ARRAS_CHECKED;

/* Loose comparison: less than, equal to or greater than 0; false where the two cannot be ordered.
 */
bool ar_loose_equal(const struct arras_value *a, const struct arras_value *b);
bool ar_loose_order(const struct arras_value *a, const struct arras_value *b, int *ret_order);

#endif
