/* Values with runtime expressions in them: parameter values, payloads, outputs. Read once when the
 * document is loaded, filled in whenever a step runs. */
#ifndef AR_ARAZZO_TEMPLATE_H
#define AR_ARAZZO_TEMPLATE_H

#include "arazzo/expression.h"

struct ar_template;

/* Reads the expressions in a value. Warnings (embedded-unbraced) and errors (unknown names) go to
 * diags with their places in the workflow's document. */
enum arras_status ar_template_new(const struct arras_value *value,
                                  const struct ar_workflow *workflow, struct ar_arena *arena,
                                  struct ar_diags *diags, struct ar_template **ret) ARRAS_CHECKED;
/* Whether it has no expression at all: its value is always the same. */
bool ar_template_is_constant(const struct ar_template *template);
/* Whether it is one runtime expression, rather than a longer text or a value with such in it. */
bool ar_template_is_expression(const struct ar_template *template);

/* Calls `check` for every expression in it. */
typedef enum arras_status ar_template_visitor(void *context,
                                              const struct ar_expression *expression);
enum arras_status ar_template_visit(const struct ar_template *template, ar_template_visitor *visit,
                                    void *context) ARRAS_CHECKED;

struct ar_filled {
    const struct arras_value *value;     /* NULL: it points at nothing */
    const struct ar_expression *missing; /* the expression to blame */
    bool optional; /* and that is an optional input which was not given: leave it out */
};

/* Fills it in. A string that is one whole expression keeps the value's type; one with expressions
 * embedded becomes a string. Members and items that are optional inputs not given are left out,
 * each with a warning (optional-absent) in diags. Within anything but a whole payload, what points
 * at nothing makes the whole point at nothing. */
enum arras_status ar_template_fill(const struct ar_template *template, const struct ar_scope *scope,
                                   struct ar_diags *diags, struct ar_filled *ret) ARRAS_CHECKED;

#endif
