/* The tolerant reading of a `type: jsonpath` criterion, for conditions that RFC 9535 cannot read:
 * `$.completed == false`, `$.items.length > 0`, chains with && and ||, `$[?(@.t == 'x')].length ==
 * 0`. && binds closer than ||, ! closest; parentheses group.
 *
 * Operands are
 * - JSONPath queries: a single node is its value, no node is null, several nodes are equal to
 *   nothing. `.length` behind one is the length of an array, object or string, or how many nodes a
 *   query selects that can select several; an object's own member of that name comes first;
 * - literals: strings in either quotes, numbers, true, false, null;
 * - runtime expressions, which the caller's resolver looks up; `.length` as above.
 *
 * `==` is exact in type; strings are compared without regard to ASCII case, as simple conditions
 * do. Only numbers and strings have an order. Standing alone, a query is true where it selects
 * something, a length where it is not 0, a runtime expression where it is neither nothing, null nor
 * false. */
#ifndef AR_QUERY_CONDITION_H
#define AR_QUERY_CONDITION_H

#include "query/jsonpath.h"

struct ar_condition; /* lives in an arena; release it */

/* Where runtime expressions in the condition come from. An operand that begins with `$` and one of
 * the roots ($inputs, $steps, $statusCode ...) rather than `$.`, `$[` or `$` alone is one. */
struct ar_condition_names {
    /* MUST: whether the name behind `$` is a root of runtime expressions. */
    bool (*is_root)(void *context, struct arras_str name);
    /* MUST: the expression's value, NULL for nothing. */
    enum arras_status (*resolve)(void *context, struct arras_str expression,
                                 const struct arras_value **ret);
    void *context;
};

/* `names` may be NULL: then there are no runtime expressions. The text is copied. ARRAS_SYNTAX or
 * ARRAS_INVALID (a filter that is not well typed) with the place, ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_condition_compile(struct arras_str text,
                                       const struct ar_condition_names *names,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_condition **ret) ARRAS_CHECKED;
void ar_condition_release(struct ar_condition *condition); /* NULL is allowed */
/* Allocates nothing that lasts. ARRAS_LIMIT, ARRAS_NO_MEMORY, and what the resolver returns. */
enum arras_status ar_condition_eval(const struct ar_condition *condition,
                                    const struct arras_value *root,
                                    const struct ar_condition_names *names, struct ar_arena *arena,
                                    struct ar_diags *diags, bool *ret_holds) ARRAS_CHECKED;

/* Called with a query or runtime expression of the condition as written, and its value, NULL for
 * nothing; both last no longer than the call. What it returns but ARRAS_OK ends the telling. */
typedef enum arras_status ar_condition_teller(void *context, struct arras_str operand,
                                              const struct arras_value *value);
/* Why a condition does not hold: the operands of each comparison in it that does not. */
enum arras_status ar_condition_tell(const struct ar_condition *condition,
                                    const struct arras_value *root,
                                    const struct ar_condition_names *names, struct ar_diags *diags,
                                    ar_condition_teller *tell, void *context) ARRAS_CHECKED;

#endif
