#include "arazzo/simple.h"
#include "base/fold.h"
#include "base/limits.h"
#include "value/json.h"
#include "value/number.h"

enum node_kind { NODE_OR, NODE_AND, NODE_NOT, NODE_COMPARE, NODE_EXPRESSION, NODE_LITERAL };

enum operator{ OP_LESS, OP_LESS_EQUAL, OP_GREATER, OP_GREATER_EQUAL, OP_EQUAL, OP_NOT_EQUAL };

static const struct {
    const char *text; /* the longer ones first */
    enum operator op;
} operators[] = {
    {"<=", OP_LESS_EQUAL}, {">=", OP_GREATER_EQUAL}, {"==", OP_EQUAL},
    {"!=", OP_NOT_EQUAL},  {"<", OP_LESS},           {">", OP_GREATER},
};

struct ar_simple {
    enum node_kind kind;
    enum operator op;
    const struct ar_simple *left, *right;
    struct ar_expression expression;
    const struct arras_value *literal;
    struct arras_str text; /* as written */
};

struct parser {
    struct arras_str text;
    size_t pos;
    size_t at; /* of the text in the document */
    int depth;
    const struct ar_workflow *workflow;
    struct ar_arena *arena;
    struct ar_diags *diags;
};

static enum arras_status bad(struct parser *parser, const char *expected)
{
    return ar_error(parser->diags, ARRAS_SYNTAX, "condition",
                    &parser->workflow->arazzo->document.source, parser->at,
                    "the condition '%.*s': expected %s at character %zu", AR_STR_ARG(parser->text),
                    expected, parser->pos + 1);
}

static void skip_space(struct parser *parser)
{
    while (parser->pos < parser->text.len && memchr(" \t\r\n", parser->text.ptr[parser->pos], 4)) {
        parser->pos++;
    }
}

static bool take(struct parser *parser, const char *token)
{
    skip_space(parser);
    if (!ar_str_starts(ar_str_from(parser->text, parser->pos), token)) {
        return false;
    }
    parser->pos += strlen(token);
    return true;
}

static enum arras_status new_node(struct parser *parser, struct ar_simple node,
                                  const struct ar_simple **ret)
{
    struct ar_simple *made = ar_new(parser->arena, struct ar_simple);
    if (!made) {
        return ar_no_memory(parser->diags);
    }
    *made = node;
    *ret = made;
    return ARRAS_OK;
}

static enum arras_status literal(struct parser *parser, struct arras_value value, size_t start,
                                 const struct ar_simple **ret)
{
    struct ar_simple node = {.kind = NODE_LITERAL,
                             .literal = ar_value_new(parser->arena, value),
                             .text = ar_str_sub(parser->text, start, parser->pos)};
    return node.literal ? new_node(parser, node, ret) : ar_no_memory(parser->diags);
}

static enum arras_status loose(struct parser *parser, struct arras_str text, const char *what)
{
    const struct ar_arazzo *arazzo = parser->workflow->arazzo;
    enum arras_status status =
        ar_deviation(parser->diags, arazzo->strictness == ARRAS_STRICT, "loose-literal",
                     &arazzo->document.source, parser->at,
                     "the string %.*s stands %s in the condition", AR_STR_ARG(text), what);
    ar_hint(parser->diags, "put it in single quotes");
    return status;
}

/* 'it''s' or, loosely, "it". */
static enum arras_status quoted(struct parser *parser, char quote, const struct ar_simple **ret)
{
    size_t start = parser->pos++;
    struct ar_buf buf;
    ar_buf_init(&buf, AR_QUERY_LENGTH);
    bool closed = false;
    while (parser->pos < parser->text.len && !closed) {
        char c = parser->text.ptr[parser->pos++];
        bool doubled =
            c == quote && parser->pos < parser->text.len && parser->text.ptr[parser->pos] == quote;
        closed = c == quote && !doubled;
        parser->pos += doubled;
        if (!closed) {
            ar_buf_add_char(&buf, c);
        }
    }
    struct arras_str text;
    enum arras_status status = closed ? ar_buf_copy(&buf, parser->arena, &text) : ARRAS_SYNTAX;
    ar_buf_release(&buf);
    if (!closed) {
        return bad(parser, "the closing quote");
    }
    if (!status && quote == '"') {
        status = loose(parser, ar_str_sub(parser->text, start, parser->pos), "in double quotes");
    }
    return status ? status : literal(parser, ar_string(text), start, ret);
}

static enum arras_status word(struct parser *parser, const struct ar_simple **ret)
{
    size_t start = parser->pos;
    while (parser->pos < parser->text.len &&
           !memchr(" \t\r\n()<>=!&|}", parser->text.ptr[parser->pos], 14)) {
        parser->pos++;
    }
    struct arras_str text = ar_str_sub(parser->text, start, parser->pos);
    if (text.len == 0) {
        return bad(parser, "a value");
    }
    if (ar_str_is(text, "true") || ar_str_is(text, "false")) {
        return literal(parser, ar_bool(text.len == 4), start, ret);
    }
    if (ar_str_is(text, "null")) {
        return literal(parser, ar_null(), start, ret);
    }
    if (ar_number_valid(text)) {
        return literal(parser, ar_number_text(text), start, ret);
    }
    enum arras_status status = loose(parser, text, "without quotes");
    return status ? status : literal(parser, ar_string(text), start, ret);
}

static enum arras_status alternatives(struct parser *parser, const struct ar_simple **ret);

static enum arras_status group(struct parser *parser, const char *close,
                               const struct ar_simple **ret)
{
    parser->pos++;
    enum arras_status status = alternatives(parser, ret);
    if (!status && !take(parser, close)) {
        status = bad(parser, close[0] == ')' ? "')'" : "'}'");
    }
    return status;
}

/* Braces around more than an expression are read as parentheses; an example of the specification
 * has them (Components Object). */
static enum arras_status braced_group(struct parser *parser, const struct ar_simple **ret)
{
    const struct ar_arazzo *arazzo = parser->workflow->arazzo;
    enum arras_status status =
        ar_deviation(parser->diags, arazzo->strictness == ARRAS_STRICT, "braced-condition",
                     &arazzo->document.source, parser->at,
                     "the condition '%.*s' has braces around more than a runtime expression",
                     AR_STR_ARG(parser->text));
    ar_hint(parser->diags, "leave the braces out");
    return status ? status : group(parser, "}", ret);
}

static enum arras_status expression(struct parser *parser, const struct ar_simple **ret)
{
    struct ar_simple node = {.kind = NODE_EXPRESSION};
    size_t start = parser->pos;
    bool braced = parser->text.ptr[start] == '{';
    size_t close = braced ? ar_str_find_char(parser->text, '}', start) : 0;
    size_t end;
    if (braced && close != AR_NOT_FOUND) {
        struct arras_str inner = ar_str_sub(parser->text, start + 1, close);
        bool whole = ar_str_starts(inner, "$") &&
                     ar_expression_scan(inner, 0, AR_EXTENT_WHOLE, parser->workflow,
                                        &node.expression) == inner.len;
        end = whole ? close + 1 : start;
    } else {
        end = braced ? start
                     : ar_expression_scan(parser->text, start, AR_EXTENT_CONDITION,
                                          parser->workflow, &node.expression);
    }
    if (end == start && braced) {
        return braced_group(parser, ret);
    }
    if (end == start) {
        return bad(parser, "a runtime expression");
    }
    parser->pos = end;
    node.expression.at = parser->at;
    node.expression.in_condition = true;
    node.text = ar_str_sub(parser->text, start, end);
    return new_node(parser, node, ret);
}

static enum arras_status primary(struct parser *parser, const struct ar_simple **ret)
{
    skip_space(parser);
    if (parser->pos == parser->text.len) {
        return bad(parser, "a value");
    }
    char c = parser->text.ptr[parser->pos];
    if (c == '(') {
        return group(parser, ")", ret);
    }
    if (c == '$' || c == '{') {
        return expression(parser, ret);
    }
    return c == '\'' || c == '"' ? quoted(parser, c, ret) : word(parser, ret);
}

/* A value, with a `!` before it or several: that binds closer than a comparison, as everywhere
 * else.
 */
static enum arras_status operand(struct parser *parser, const struct ar_simple **ret)
{
    skip_space(parser);
    size_t start = parser->pos;
    if (!take(parser, "!")) {
        return primary(parser, ret);
    }
    if (++parser->depth > AR_QUERY_DEPTH) {
        return bad(parser, "fewer operators within each other");
    }
    struct ar_simple node = {.kind = NODE_NOT};
    enum arras_status status = operand(parser, &node.left);
    parser->depth--;
    node.text = ar_str_sub(parser->text, start, parser->pos);
    return status ? status : new_node(parser, node, ret);
}

static enum arras_status comparison(struct parser *parser, const struct ar_simple **ret)
{
    skip_space(parser);
    size_t start = parser->pos;
    enum arras_status status = operand(parser, ret);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
        if (!take(parser, operators[i].text)) {
            continue;
        }
        struct ar_simple node = {.kind = NODE_COMPARE, .op = operators[i].op, .left = *ret};
        status = operand(parser, &node.right);
        node.text = ar_str_sub(parser->text, start, parser->pos);
        return status ? status : new_node(parser, node, ret);
    }
    return ARRAS_OK;
}

static enum arras_status chain(struct parser *parser, const char *token, enum node_kind kind,
                               enum arras_status (*part)(struct parser *,
                                                         const struct ar_simple **),
                               const struct ar_simple **ret)
{
    skip_space(parser);
    size_t start = parser->pos;
    enum arras_status status = part(parser, ret);
    while (!status && take(parser, token)) {
        struct ar_simple node = {.kind = kind, .left = *ret};
        status = part(parser, &node.right);
        node.text = ar_str_sub(parser->text, start, parser->pos);
        status = status ? status : new_node(parser, node, ret);
    }
    return status;
}

static enum arras_status conjunction(struct parser *parser, const struct ar_simple **ret)
{
    return chain(parser, "&&", NODE_AND, comparison, ret);
}

static enum arras_status alternatives(struct parser *parser, const struct ar_simple **ret)
{
    if (++parser->depth > AR_QUERY_DEPTH) {
        return bad(parser, "fewer parentheses within each other");
    }
    enum arras_status status = chain(parser, "||", NODE_OR, conjunction, ret);
    parser->depth--;
    return status;
}

enum arras_status ar_simple_compile(struct arras_str text, size_t at,
                                    const struct ar_workflow *workflow, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_simple **ret)
{
    struct parser parser = {text, .at = at, .workflow = workflow, .arena = arena, .diags = diags};
    const struct ar_simple *root;
    enum arras_status status = text.len > AR_CONDITION_LENGTH ? bad(&parser, "a shorter condition")
                                                              : alternatives(&parser, &root);
    skip_space(&parser);
    if (!status && parser.pos < text.len) {
        status = bad(&parser, "an operator");
    }
    if (!status) {
        *ret = (struct ar_simple *)root;
    }
    return status;
}

enum arras_status ar_simple_visit(const struct ar_simple *simple, ar_template_visitor *visit,
                                  void *context)
{
    enum arras_status status = ARRAS_OK;
    while (simple && !status) {
        if (simple->kind == NODE_EXPRESSION) {
            return visit(context, &simple->expression);
        }
        if (simple->right) {
            status = ar_simple_visit(simple->right, visit, context);
        }
        simple = simple->left;
    }
    return status;
}

bool ar_loose_equal(const struct arras_value *a, const struct arras_value *b)
{
    bool a_null = !a || a->type == ARRAS_NULL;
    bool b_null = !b || b->type == ARRAS_NULL;
    if (a_null || b_null) {
        return a_null && b_null;
    }
    int order;
    if (ar_loose_order(a, b, &order)) {
        return order == 0;
    }
    if (a->type == ARRAS_BOOL && b->type == ARRAS_STRING) {
        return ar_str_is_nocase(ar_text(b), a->boolean ? "true" : "false");
    }
    if (a->type == ARRAS_STRING && b->type == ARRAS_BOOL) {
        return ar_loose_equal(b, a);
    }
    return ar_value_equal(a, b);
}

/* Arazzo 1.1, Simple Conditions: texts that are numbers are ordered as such, headers for one. */
static bool both_numbers(const struct arras_value *a, const struct arras_value *b, int *ret_order)
{
    bool valid = ar_is(a, ARRAS_STRING) && ar_is(b, ARRAS_STRING) && ar_number_valid(ar_text(a)) &&
                 ar_number_valid(ar_text(b));
    if (valid) {
        *ret_order = ar_number_compare(ar_text(a), ar_text(b));
    }
    return valid;
}

bool ar_loose_order(const struct arras_value *a, const struct arras_value *b, int *ret_order)
{
    bool a_scalar = ar_is(a, ARRAS_NUMBER) || ar_is(a, ARRAS_STRING);
    bool b_scalar = ar_is(b, ARRAS_NUMBER) || ar_is(b, ARRAS_STRING);
    if (!a_scalar || !b_scalar) {
        return false;
    }
    struct arras_str x = ar_text(a);
    struct arras_str y = ar_text(b);
    bool numbers = a->type == ARRAS_NUMBER || b->type == ARRAS_NUMBER;
    if (numbers && ar_number_valid(x) && ar_number_valid(y)) {
        *ret_order = ar_number_compare(x, y);
        return true;
    }
    *ret_order = ar_fold_compare(x, y);
    return !numbers; /* a number and a word have no order, and are not equal */
}

static bool truth(const struct arras_value *value)
{
    switch (value ? value->type : ARRAS_NULL) {
    case ARRAS_NULL:
        return false;
    case ARRAS_BOOL:
        return value->boolean;
    case ARRAS_NUMBER:
        return ar_number_compare(ar_text(value), AR_STR("0")) != 0;
    case ARRAS_STRING: /* a header has no other way to say false, and == takes that for false too */
        return value->count > 0 && !ar_str_is_nocase(ar_text(value), "false");
    default:
        return true;
    }
}

static bool compare(enum operator op, const struct arras_value *left,
                    const struct arras_value *right)
{
    int order;
    if (op == OP_EQUAL || op == OP_NOT_EQUAL) {
        return ar_loose_equal(left, right) == (op == OP_EQUAL);
    }
    if (!both_numbers(left, right, &order) && !ar_loose_order(left, right, &order)) {
        return false;
    }
    return op == OP_LESS         ? order < 0
           : op == OP_LESS_EQUAL ? order <= 0
           : op == OP_GREATER    ? order > 0
                                 : order >= 0;
}

struct evaluation {
    const struct ar_scope *scope;
    struct ar_buf why;
    bool tells; /* why is wanted */
};

/* "$statusCode is 404", once for each expression that had a part in it. */
static enum arras_status explain(struct evaluation *evaluation, const struct ar_simple *simple,
                                 const struct arras_value *value)
{
    if (simple->kind != NODE_EXPRESSION || !evaluation->tells) {
        return ARRAS_OK;
    }
    struct ar_buf *why = &evaluation->why;
    size_t before = why->len;
    ar_buf_printf(why, "%s%.*s is ", before ? ", " : "", AR_STR_ARG(simple->text));
    struct arras_str said = ar_str_from(ar_buf_str(why), before ? before + 2 : 0);
    if (ar_str_find(ar_str_sub(ar_buf_str(why), 0, before), said, 0) != AR_NOT_FOUND) {
        ar_buf_cut(why, before);
        return ARRAS_OK;
    }
    return ar_scope_show(evaluation->scope, value, why);
}

static enum arras_status value_of(struct evaluation *evaluation, const struct ar_simple *simple,
                                  struct arras_value *storage, const struct arras_value **ret);

static enum arras_status holds(struct evaluation *evaluation, const struct ar_simple *simple,
                               bool *ret)
{
    struct arras_value storage;
    const struct arras_value *value;
    enum arras_status status = value_of(evaluation, simple, &storage, &value);
    if (!status) {
        *ret = truth(value);
        if (!*ret) {
            status = explain(evaluation, simple, value);
        }
    }
    return status;
}

static enum arras_status compare_node(struct evaluation *evaluation, const struct ar_simple *simple,
                                      bool *ret)
{
    struct arras_value left_storage, right_storage;
    const struct arras_value *left, *right;
    enum arras_status status = value_of(evaluation, simple->left, &left_storage, &left);
    status = status ? status : value_of(evaluation, simple->right, &right_storage, &right);
    if (status) {
        return status;
    }
    *ret = compare(simple->op, left, right);
    if (!*ret) {
        status = explain(evaluation, simple->left, left);
        status = status ? status : explain(evaluation, simple->right, right);
    }
    return status;
}

/* Depth: as that of the parser, but for chains, which lean to the left; AR_CONDITION_LENGTH bounds
 * those. */
static enum arras_status value_of(struct evaluation *evaluation, const struct ar_simple *simple,
                                  struct arras_value *storage, const struct arras_value **ret)
{
    bool result = false;
    enum arras_status status = ARRAS_OK;
    switch (simple->kind) {
    case NODE_LITERAL:
        *ret = simple->literal;
        return ARRAS_OK;
    case NODE_EXPRESSION:
        return ar_expression_value(&simple->expression, evaluation->scope, ret);
    case NODE_NOT:
        status = holds(evaluation, simple->left, &result);
        result = !result;
        break;
    case NODE_COMPARE:
        status = compare_node(evaluation, simple, &result);
        break;
    case NODE_AND:
    case NODE_OR:
        status = holds(evaluation, simple->left, &result);
        if (!status && result == (simple->kind == NODE_AND)) {
            status = holds(evaluation, simple->right, &result);
        }
        break;
    }
    *storage = ar_bool(result);
    *ret = storage;
    return status;
}

enum arras_status ar_simple_holds(const struct ar_simple *simple, const struct ar_scope *scope,
                                  bool *ret_holds, struct arras_str *ret_why)
{
    struct evaluation evaluation = {.scope = scope, .tells = ret_why != NULL};
    ar_buf_init(&evaluation.why, AR_DOCUMENT_SIZE);
    enum arras_status status = holds(&evaluation, simple, ret_holds);
    if (!status && ret_why) {
        status = ar_buf_copy(&evaluation.why, scope->arena, ret_why);
    }
    ar_buf_release(&evaluation.why);
    return status;
}
