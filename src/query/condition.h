/* The tolerant reading of a `type: jsonpath` criterion, for conditions that RFC 9535 cannot read:
 * `$.completed == false`, `$.items.length > 0`, chains with && and ||, `$[?(@.t == 'x')].length ==
 * 0`. Operands are JSONPath queries (a single node is its value, `.length` behind one the length of
 * an array, object or string; no node is absent), literals (strings in either quotes, numbers,
 * true, false, null) and runtime expressions, which the caller's resolver looks up. `==` is exact
 * in type, strings compare without regard to ASCII case, as simple conditions do. && binds closer
 * than ||, ! closest; parentheses group. A lone query is true where it selects something. */
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

/* `names` may be NULL: then there are no runtime expressions. ARRAS_SYNTAX with the place. */
enum arras_status ar_condition_compile(struct arras_str text,
                                       const struct ar_condition_names *names,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_condition **ret) ARRAS_CHECKED;
void ar_condition_release(struct ar_condition *condition);
enum arras_status ar_condition_eval(const struct ar_condition *condition,
                                    const struct arras_value *root,
                                    const struct ar_condition_names *names, struct ar_arena *arena,
                                    struct ar_diags *diags, bool *ret_holds) ARRAS_CHECKED;

#endif
