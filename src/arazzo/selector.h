/* Selector Object (Arazzo 1.1): a value picked out of another by JSONPath, XPath or JSON Pointer.
 */
#ifndef AR_ARAZZO_SELECTOR_H
#define AR_ARAZZO_SELECTOR_H

#include "arazzo/expression.h"
#include "arazzo/query_type.h"

struct ar_selector {
    enum ar_query_type type;
    struct ar_expression context;
    struct arras_str selector;
};

/* Whether the value is a Selector Object: in a document of Arazzo 1.1, an object with just
 * `context`, `selector` and `type`. */
bool ar_is_selector(const struct arras_value *value, const struct ar_arazzo *arazzo);

/* `value` is one. The selector is checked. */
enum arras_status ar_selector_read(const struct arras_value *value,
                                   const struct ar_workflow *workflow, struct ar_arena *arena,
                                   struct ar_diags *diags, struct ar_selector *ret) ARRAS_CHECKED;

/* Where a query stands, and as what: the code of an error, too. */
struct ar_query_place {
    const char *what; /* "selector" */
    const struct ar_source *source;
    size_t at;
};

/* Whether it can be read in that language. ARRAS_SYNTAX or ARRAS_UNSUPPORTED, which is told;
 * ARRAS_NO_MEMORY. */
enum arras_status ar_query_check(enum ar_query_type type, struct arras_str query,
                                 const struct ar_query_place *place, struct ar_arena *arena,
                                 struct ar_diags *diags) ARRAS_CHECKED;

/* The value selected: of a single node its value (of an XML element its text), of several the array
 * of them, of none NULL. ARRAS_LIMIT, ARRAS_NO_MEMORY; a context that cannot be queried selects
 * nothing. */
enum arras_status ar_selector_value(const struct ar_selector *selector,
                                    const struct ar_scope *scope, struct ar_diags *diags,
                                    const struct arras_value **ret) ARRAS_CHECKED;

/* The places that a query finds in a value, as JSON Pointers: for replacements. Query types
 * JSONPATH and JSONPOINTER. */
enum arras_status ar_selector_places(enum ar_query_type type, struct arras_str query,
                                     const struct arras_value *root, struct ar_arena *arena,
                                     struct ar_diags *diags, struct arras_str **ret,
                                     size_t *ret_count) ARRAS_CHECKED;

#endif
