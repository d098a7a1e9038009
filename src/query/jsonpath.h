/* JSONPath, RFC 9535: compiled once, evaluated many times. */
#ifndef AR_QUERY_JSONPATH_H
#define AR_QUERY_JSONPATH_H

#include "base/diag.h"
#include "base/vec.h"
#include "value/value.h"

struct ar_jsonpath; /* lives in an arena; holds compiled regular expressions, so release it */

/* A node: a value and where it stands. `parent` leads to the root (NULL there); the step is a name
 * or an index. */
struct ar_node {
    const struct arras_value *value;
    const struct ar_node *parent; /* kept only where paths are wanted */
    struct arras_str name;
    size_t index;
    bool by_name;
};

struct ar_nodes {
    AR_VEC(struct ar_node) list;
    size_t steps; /* nodes visited, against AR_QUERY_STEPS */
};

/* Strictly RFC 9535, filters, functions (length, count, match, search, value) and their
 * well-typedness included. The expression is copied. Diagnostics give the place within it.
 * ARRAS_SYNTAX, ARRAS_INVALID (well formed but not well typed), ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_jsonpath_compile(struct arras_str expression, struct ar_arena *arena,
                                      struct ar_diags *diags,
                                      struct ar_jsonpath **ret) ARRAS_CHECKED;
void ar_jsonpath_release(struct ar_jsonpath *path); /* NULL is allowed */
/* Whether it is a singular query: at most one node, RFC 9535 section 2.3.5.1. */
bool ar_jsonpath_is_singular(const struct ar_jsonpath *path);

/* The nodelist of `root`, in the order of RFC 9535; nodes in `arena`. `paths`: keep parents, so
 * that ar_node_path works. ARRAS_LIMIT beyond AR_QUERY_STEPS or AR_QUERY_NODES, ARRAS_NO_MEMORY. */
enum arras_status ar_jsonpath_eval(const struct ar_jsonpath *path, const struct arras_value *root,
                                   bool paths, struct ar_arena *arena, struct ar_diags *diags,
                                   struct ar_nodes *ret) ARRAS_CHECKED;

/* For `$[?...]`, a single filter on the root: whether the filter holds for the root itself, which
 * is how an author means it whose root is an object. False for any other query. ARRAS_LIMIT,
 * ARRAS_NO_MEMORY. */
enum arras_status ar_jsonpath_filter_root(const struct ar_jsonpath *path,
                                          const struct arras_value *root, struct ar_diags *diags,
                                          bool *ret_holds) ARRAS_CHECKED;

/* Appends the normalized path, RFC 9535 section 2.7. */
void ar_node_path(const struct ar_node *node, struct ar_buf *buf);

#endif
