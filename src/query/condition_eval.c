/* Running a compiled condition; what its parts mean stands in condition.h. */
#include "base/fold.h"
#include "query/condition_ast.h"

struct run {
    struct ar_jp_eval eval;
    const struct ar_condition_names *names;
};

/* An operand's value. */
struct found {
    struct ar_jp_operand operand;
    bool several; /* more than one node: no value to compare */
    bool selects; /* whether it holds, standing alone */
};

/* The value's own member `length`, or how long it is. */
static void measure(struct run *run, const struct arras_value *value, struct found *ret)
{
    const struct arras_value *member = ar_get_z(value, "length");
    if (member) {
        ret->operand.value = member;
        ret->selects = true;
        return;
    }
    ar_jp_make_length(&run->eval, value, &ret->operand);
    ret->selects = ret->operand.value && !ar_str_is(ar_text(ret->operand.value), "0");
}

static void find_query(struct run *run, const struct ar_cond_operand *operand, struct found *ret)
{
    const struct arras_value *root = run->eval.root, *first = NULL;
    if (operand->measured && operand->measured->singular) {
        measure(run, ar_jp_single(&run->eval, operand->measured, root), ret);
        return;
    }
    if (operand->measured) {
        size_t count = ar_jp_count(&run->eval, operand->measured, root, SIZE_MAX, &first);
        ar_jp_make_count(&ret->operand, count);
        ret->selects = count > 0;
        return;
    }
    size_t count = ar_jp_count(&run->eval, operand->query, root, 2, &first);
    ret->operand.value = first;
    ret->several = count > 1;
    ret->selects = count > 0;
}

static enum arras_status find_expression(struct run *run, const struct ar_cond_operand *operand,
                                         struct found *ret)
{
    const struct ar_condition_names *names = run->names;
    struct arras_str text = operand->text;
    const struct arras_value *value = NULL;
    enum arras_status status = names ? names->resolve(names->context, text, &value) : ARRAS_OK;
    if (status) {
        return status;
    }
    if (!value && names && ar_str_ends(text, ".length")) {
        text.len -= strlen(".length");
        status = names->resolve(names->context, text, &value);
        if (!status) {
            measure(run, value, ret);
        }
        return status;
    }
    ret->operand.value = value;
    ret->selects =
        value && value->type != ARRAS_NULL && (value->type != ARRAS_BOOL || value->boolean);
    return ARRAS_OK;
}

static enum arras_status find(struct run *run, const struct ar_cond_operand *operand,
                              struct found *ret)
{
    *ret = (struct found){0};
    switch (operand->kind) {
    case AR_COND_LITERAL:
        ret->operand.value = &operand->literal;
        ret->selects = operand->literal.boolean;
        return ARRAS_OK;
    case AR_COND_EXPRESSION:
        return find_expression(run, operand, ret);
    case AR_COND_QUERY:
        find_query(run, operand, ret);
        return run->eval.status;
    }
    return ARRAS_OK;
}

static bool are_equal(struct run *run, const struct found *left, const struct found *right)
{
    const struct arras_value *a = left->operand.value, *b = right->operand.value;
    if (left->several || right->several) {
        return false;
    }
    if (!a || !b) {
        return (!a || a->type == ARRAS_NULL) && (!b || b->type == ARRAS_NULL);
    }
    if (a->type == ARRAS_STRING && b->type == ARRAS_STRING) {
        return ar_fold_compare(ar_text(a), ar_text(b)) == 0;
    }
    return ar_jp_equal(&run->eval, a, b);
}

static bool is_less(const struct found *left, const struct found *right)
{
    const struct arras_value *a = left->operand.value, *b = right->operand.value;
    if (left->several || right->several || !a || !b || a->type != b->type) {
        return false;
    }
    if (a->type == ARRAS_NUMBER) {
        return ar_jp_compare_numbers(ar_text(a), ar_text(b)) < 0;
    }
    return a->type == ARRAS_STRING && ar_fold_compare(ar_text(a), ar_text(b)) < 0;
}

static bool compares(struct run *run, enum ar_jp_op op, const struct found *a,
                     const struct found *b)
{
    switch (op) {
    case AR_JP_EQ:
        return are_equal(run, a, b);
    case AR_JP_NE:
        return !are_equal(run, a, b);
    case AR_JP_LT:
        return is_less(a, b);
    case AR_JP_GT:
        return is_less(b, a);
    case AR_JP_LE:
        return is_less(a, b) || are_equal(run, a, b);
    case AR_JP_GE:
        return is_less(b, a) || are_equal(run, a, b);
    }
    return false;
}

/* A comparison or a lone operand, but for its negation. */
static enum arras_status holds_leaf(struct run *run, const struct ar_cond_node *node,
                                    struct found *left, struct found *right, bool *ret)
{
    enum arras_status status = find(run, &node->left, left);
    if (!status && node->kind == AR_COND_COMPARE) {
        status = find(run, &node->right, right);
    }
    if (!status) {
        *ret = node->kind == AR_COND_TEST ? left->selects : compares(run, node->op, left, right);
    }
    return status;
}

static enum arras_status holds(struct run *run, const struct ar_cond_node *node, bool *ret)
{
    struct found left, right;
    enum arras_status status = ARRAS_OK;
    bool result = false;
    if (node->kind == AR_COND_OR || node->kind == AR_COND_AND) {
        bool decided = node->kind == AR_COND_OR; /* one operand of this value settles it */
        result = !decided;
        for (const struct ar_cond_node *child = node->children; child && result != decided;
             child = child->next) {
            if ((status = holds(run, child, &result))) {
                return status;
            }
        }
    } else if ((status = holds_leaf(run, node, &left, &right, &result))) {
        return status;
    }
    *ret = result != node->negated;
    return run->eval.status;
}

enum arras_status ar_condition_eval(const struct ar_condition *condition,
                                    const struct arras_value *root,
                                    const struct ar_condition_names *names, struct ar_arena *arena,
                                    struct ar_diags *diags, bool *ret_holds)
{
    (void)arena; /* nothing needs it so far: operands are found, not made */
    struct run run = {.eval.root = root, .names = names};
    bool result = false;
    enum arras_status status = holds(&run, condition->root, &result);
    ar_jp_eval_release(&run.eval);
    if (run.eval.status) {
        return ar_jp_eval_status(&run.eval, diags);
    }
    if (!status) {
        *ret_holds = result;
    }
    return status;
}

static enum arras_status tell_operand(const struct ar_cond_operand *operand,
                                      const struct found *found, ar_condition_teller *tell,
                                      void *context)
{
    bool told = operand->kind != AR_COND_LITERAL && !found->several;
    return told ? tell(context, operand->text, found->operand.value) : ARRAS_OK;
}

/* As deep as the condition was nested when it was read. */
static enum arras_status tell_false(struct run *run, const struct ar_cond_node *node,
                                    ar_condition_teller *tell, void *context)
{
    struct found left, right;
    enum arras_status status = ARRAS_OK;
    bool result = false;
    if (node->kind == AR_COND_OR || node->kind == AR_COND_AND) {
        for (const struct ar_cond_node *child = node->children; child && !status;
             child = child->next) {
            status = tell_false(run, child, tell, context);
        }
        return status;
    }
    status = holds_leaf(run, node, &left, &right, &result);
    if (status || result != node->negated) {
        return status;
    }
    status = tell_operand(&node->left, &left, tell, context);
    return status || node->kind == AR_COND_TEST ? status
                                                : tell_operand(&node->right, &right, tell, context);
}

enum arras_status ar_condition_tell(const struct ar_condition *condition,
                                    const struct arras_value *root,
                                    const struct ar_condition_names *names, struct ar_diags *diags,
                                    ar_condition_teller *tell, void *context)
{
    struct run run = {.eval.root = root, .names = names};
    enum arras_status status = tell_false(&run, condition->root, tell, context);
    ar_jp_eval_release(&run.eval);
    return run.eval.status ? ar_jp_eval_status(&run.eval, diags) : status;
}
