/* Criterion Object (Arazzo 1.0.1): simple, regex, jsonpath and xpath conditions. */
#ifndef AR_ARAZZO_CRITERION_H
#define AR_ARAZZO_CRITERION_H

#include "arazzo/query_type.h"
#include "arazzo/template.h"
#include "base/buf.h"

struct ar_simple;
struct ar_regex;
struct ar_jsonpath;
struct ar_condition;

/* A piece of a condition: an expression whose value is put in its place, or what stands between. */
struct ar_condition_piece {
    struct arras_str text;
    struct ar_expression expression;
    bool is_expression;
    char quote; /* the quote that it stands within, 0: none */
};

struct ar_criterion {
    enum ar_query_type type;
    struct arras_str condition; /* as written */
    size_t at;
    const struct ar_workflow *workflow;
    struct ar_expression context;      /* of all but simple ones */
    struct ar_condition_piece *pieces; /* where the condition has expressions in it (not simple) */
    size_t piece_count;
    /* what it was compiled to; with pieces, that happens when they are filled in */
    struct ar_simple *simple;
    struct ar_regex *regex;
    struct ar_jsonpath *jsonpath;
    struct ar_condition *tolerant;
};

/* Reads one; everything that does not depend on a run is compiled and checked here. */
enum arras_status ar_criterion_read(const struct arras_value *value,
                                    const struct ar_workflow *workflow, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_criterion *ret) ARRAS_CHECKED;
/* A simple condition that stands by itself, a string. */
enum arras_status ar_criterion_read_simple(const struct arras_value *condition,
                                           const struct ar_workflow *workflow,
                                           struct ar_arena *arena, struct ar_diags *diags,
                                           struct ar_criterion *ret) ARRAS_CHECKED;
/* Gives back what an arena does not (compiled regular expressions). */
void ar_criterion_release(struct ar_criterion *criterion);
/* Calls `visit` for every expression in it. */
enum arras_status ar_criterion_visit(const struct ar_criterion *criterion,
                                     ar_template_visitor *visit, void *context) ARRAS_CHECKED;

/* Whether it holds. Where it does not, *ret_why (may be NULL) is one sentence with the condition
 * and the values that it saw. ARRAS_LIMIT, ARRAS_NO_MEMORY; a text that cannot be compiled once
 * filled in: ARRAS_SYNTAX with a diagnostic. */
enum arras_status ar_criterion_holds(const struct ar_criterion *criterion,
                                     const struct ar_scope *scope, struct ar_diags *diags,
                                     bool *ret_holds, struct arras_str *ret_why) ARRAS_CHECKED;

#endif
