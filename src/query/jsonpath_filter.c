/* Filter expressions: RFC 9535 section 2.3.5.1, and well-typedness, section 2.4.3. */
#include "query/jsonpath_ast.h"

enum type { VALUE, LOGICAL, NODES };

static const struct function {
    const char *name;
    enum type result;
    size_t count;
    enum type parameter; /* of each */
} functions[] = {
    [AR_JP_LENGTH] = {"length", VALUE, 1, VALUE}, [AR_JP_COUNT] = {"count", VALUE, 1, NODES},
    [AR_JP_MATCH] = {"match", LOGICAL, 2, VALUE}, [AR_JP_SEARCH] = {"search", LOGICAL, 2, VALUE},
    [AR_JP_VALUE] = {"value", VALUE, 1, NODES},
};

static enum arras_status parse_or(struct ar_jp_parser *parser, struct ar_jp_expr **ret);

static struct ar_jp_expr *new_expr(struct ar_jp_parser *parser, enum ar_jp_expr_kind kind,
                                   size_t at)
{
    struct ar_jp_expr *expr = ar_new(parser->arena, struct ar_jp_expr);
    if (expr) {
        expr->kind = kind;
        expr->at = at;
    }
    return expr;
}

/* What stands where true or false is asked for. */
static enum arras_status require_logical(struct ar_jp_parser *parser, const struct ar_jp_expr *expr)
{
    if (expr->kind == AR_JP_LITERAL) {
        return ar_jp_wrong(parser, expr->at, "a literal must be compared with something");
    }
    if (expr->kind == AR_JP_FUNCTION && functions[expr->function].result == VALUE) {
        return ar_jp_ill_typed(parser, expr->at,
                               "the result of this function must be compared with something");
    }
    return ARRAS_OK;
}

/* What stands on a side of a comparison, or where a function wants a value. */
static enum arras_status require_value(struct ar_jp_parser *parser, const struct ar_jp_expr *expr)
{
    if (expr->grouped) {
        return ar_jp_wrong(parser, expr->at, "what is in parentheses has no value to compare");
    }
    switch (expr->kind) {
    case AR_JP_LITERAL:
        return ARRAS_OK;
    case AR_JP_QUERY:
        return expr->query->singular
                   ? ARRAS_OK
                   : ar_jp_ill_typed(parser, expr->at,
                                     "a query that can select several nodes has no value");
    case AR_JP_FUNCTION:
        return functions[expr->function].result == VALUE
                   ? ARRAS_OK
                   : ar_jp_ill_typed(parser, expr->at,
                                     "this function says true or false and has no value");
    default:
        return ar_jp_ill_typed(parser, expr->at, "expected a value, found a condition");
    }
}

static enum arras_status require_nodes(struct ar_jp_parser *parser, const struct ar_jp_expr *expr)
{
    if (expr->kind == AR_JP_QUERY && !expr->grouped) {
        return ARRAS_OK;
    }
    return ar_jp_ill_typed(parser, expr->at, "this function wants a query");
}

/* A pattern that is known now is compiled now. One that is no I-Regexp matches nothing (sections
 * 2.4.6 and 2.4.7), which is not an error. */
static enum arras_status compile_pattern(struct ar_jp_parser *parser, struct ar_jp_expr *expr)
{
    const struct ar_jp_expr *pattern = expr->children->next;
    if (pattern->kind != AR_JP_LITERAL || !ar_is(&pattern->literal, ARRAS_STRING)) {
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_regex_new(ar_text(&pattern->literal), AR_REGEX_IREGEXP,
                     expr->function == AR_JP_MATCH ? AR_REGEX_WHOLE : 0, NULL, &expr->regex);
    if (status == ARRAS_NO_MEMORY) {
        return ar_no_memory(parser->diags);
    }
    if (!status) {
        expr->next_regex = parser->owner->regexes;
        parser->owner->regexes = expr;
    }
    return ARRAS_OK;
}

static enum arras_status parse_argument(struct ar_jp_parser *parser,
                                        const struct function *function, struct ar_jp_expr **ret)
{
    enum arras_status status = parse_or(parser, ret);
    if (status) {
        return status;
    }
    return function->parameter == NODES ? require_nodes(parser, *ret) : require_value(parser, *ret);
}

/* The arguments behind the opening parenthesis, up to the closing one. */
static enum arras_status parse_arguments(struct ar_jp_parser *parser, struct ar_jp_expr *expr)
{
    const struct function *function = &functions[expr->function];
    const struct ar_jp_expr **end = &expr->children;
    size_t count = 0;
    ar_jp_skip_space(parser);
    if (ar_jp_peek(parser) != ')') {
        do {
            ar_jp_skip_space(parser);
            struct ar_jp_expr *argument;
            enum arras_status status = parse_argument(parser, function, &argument);
            if (status) {
                return status;
            }
            *end = argument;
            end = &argument->next;
            count++;
            ar_jp_skip_space(parser);
        } while (ar_jp_eat(parser, ","));
    }
    if (!ar_jp_eat(parser, ")")) {
        return ar_jp_wrong(parser, parser->at, "expected ')' or ',' after the argument");
    }
    if (count != function->count) {
        return ar_jp_ill_typed(parser, expr->at,
                               function->count == 1 ? "this function takes one argument"
                                                    : "this function takes two arguments");
    }
    return function->count == 2 ? compile_pattern(parser, expr) : ARRAS_OK;
}

/* `function-name` and its parenthesis; AR_NOT_FOUND for a name that no function has. */
static size_t find_function(struct ar_jp_parser *parser)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        size_t start = parser->at;
        if (ar_jp_eat(parser, functions[i].name) && ar_jp_eat(parser, "(")) {
            return i;
        }
        parser->at = start;
    }
    return AR_NOT_FOUND;
}

static bool is_function_name(struct arras_str text, size_t at)
{
    size_t start = at;
    while (at < text.len && ((text.ptr[at] >= 'a' && text.ptr[at] <= 'z') ||
                             (at > start && (text.ptr[at] == '_' ||
                                             (text.ptr[at] >= '0' && text.ptr[at] <= '9'))))) {
        at++;
    }
    return at > start && at < text.len && text.ptr[at] == '(';
}

static enum arras_status parse_function(struct ar_jp_parser *parser, struct ar_jp_expr **ret)
{
    size_t start = parser->at;
    if (!is_function_name(parser->source.text, start)) {
        return ar_jp_wrong(parser, start, "expected a query, a literal or a function");
    }
    size_t function = find_function(parser);
    if (function == AR_NOT_FOUND) {
        return ar_jp_ill_typed(
            parser, start, "the functions are length(), count(), match(), search() and value()");
    }
    struct ar_jp_expr *expr = new_expr(parser, AR_JP_FUNCTION, start);
    if (!expr) {
        return ar_no_memory(parser->diags);
    }
    expr->function = (enum ar_jp_function)function;
    *ret = expr;
    return parse_arguments(parser, expr);
}

static enum arras_status parse_operand(struct ar_jp_parser *parser, struct ar_jp_expr **ret)
{
    char c = ar_jp_peek(parser);
    if (c == '$' || c == '@') {
        *ret = new_expr(parser, AR_JP_QUERY, parser->at);
        return *ret ? ar_jp_parse_query(parser, &(*ret)->query) : ar_no_memory(parser->diags);
    }
    if (ar_jp_at_literal(parser)) {
        *ret = new_expr(parser, AR_JP_LITERAL, parser->at);
        return *ret ? ar_jp_parse_literal(parser, &(*ret)->literal) : ar_no_memory(parser->diags);
    }
    return parse_function(parser, ret);
}

bool ar_jp_parse_op(struct ar_jp_parser *parser, enum ar_jp_op *ret)
{
    static const char *const ops[] = {"==", "!=", "<=", ">=", "<", ">"};
    static const enum ar_jp_op meanings[] = {AR_JP_EQ, AR_JP_NE, AR_JP_LE,
                                             AR_JP_GE, AR_JP_LT, AR_JP_GT};
    for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
        if (ar_jp_eat(parser, ops[i])) {
            *ret = meanings[i];
            return true;
        }
    }
    return false;
}

/* An operand alone, or a comparison that begins with it. */
static enum arras_status parse_comparison(struct ar_jp_parser *parser, struct ar_jp_expr **ret)
{
    struct ar_jp_expr *left, *right;
    enum arras_status status = parse_operand(parser, &left);
    if (status) {
        return status;
    }
    size_t behind = parser->at;
    enum ar_jp_op op;
    ar_jp_skip_space(parser);
    if (!ar_jp_parse_op(parser, &op)) {
        parser->at = behind;
        *ret = left;
        return ARRAS_OK;
    }
    ar_jp_skip_space(parser);
    if ((status = require_value(parser, left)) || (status = parse_operand(parser, &right)) ||
        (status = require_value(parser, right))) {
        return status;
    }
    struct ar_jp_expr *expr = new_expr(parser, AR_JP_COMPARE, left->at);
    if (!expr) {
        return ar_no_memory(parser->diags);
    }
    expr->op = op;
    expr->children = left;
    left->next = right;
    *ret = expr;
    return ARRAS_OK;
}

/* What is in parentheses, behind the opening one. */
static enum arras_status parse_group(struct ar_jp_parser *parser, struct ar_jp_expr **ret)
{
    ar_jp_skip_space(parser);
    enum arras_status status = parse_or(parser, ret);
    if (status || (status = require_logical(parser, *ret))) {
        return status;
    }
    (*ret)->grouped = true;
    ar_jp_skip_space(parser);
    return ar_jp_eat(parser, ")") ? ARRAS_OK : ar_jp_wrong(parser, parser->at, "expected ')'");
}

/* What follows `!`: parentheses, a query or a function, but no comparison. */
static enum arras_status parse_not(struct ar_jp_parser *parser, size_t start,
                                   struct ar_jp_expr **ret)
{
    struct ar_jp_expr *child;
    ar_jp_skip_space(parser);
    enum arras_status status =
        ar_jp_eat(parser, "(") ? parse_group(parser, &child) : parse_operand(parser, &child);
    if (status || (status = require_logical(parser, child))) {
        return status;
    }
    struct ar_jp_expr *expr = new_expr(parser, AR_JP_NOT, start);
    if (!expr) {
        return ar_no_memory(parser->diags);
    }
    expr->children = child;
    *ret = expr;
    return ARRAS_OK;
}

static enum arras_status parse_basic(struct ar_jp_parser *parser, struct ar_jp_expr **ret)
{
    size_t start = parser->at;
    if (ar_jp_eat(parser, "!")) {
        return parse_not(parser, start, ret);
    }
    if (ar_jp_eat(parser, "(")) {
        return parse_group(parser, ret);
    }
    return parse_comparison(parser, ret);
}

/* Operands joined by `joint`; a single one is itself. */
static enum arras_status
parse_joined(struct ar_jp_parser *parser, enum ar_jp_expr_kind kind, const char *joint,
             enum arras_status (*parse)(struct ar_jp_parser *, struct ar_jp_expr **),
             struct ar_jp_expr **ret)
{
    struct ar_jp_expr *whole, *last, *next;
    enum arras_status status = parse(parser, &whole);
    if (status) {
        return status;
    }
    last = whole;
    for (;;) {
        size_t behind = parser->at;
        ar_jp_skip_space(parser);
        if (!ar_jp_eat(parser, joint)) {
            parser->at = behind;
            *ret = whole;
            return ARRAS_OK;
        }
        ar_jp_skip_space(parser);
        if ((status = require_logical(parser, last)) || (status = parse(parser, &next)) ||
            (status = require_logical(parser, next))) {
            return status;
        }
        if (last == whole) {
            whole = new_expr(parser, kind, last->at);
            if (!whole) {
                return ar_no_memory(parser->diags);
            }
            whole->children = last;
        }
        last->next = next;
        last = next;
    }
}

static enum arras_status parse_and(struct ar_jp_parser *parser, struct ar_jp_expr **ret)
{
    return parse_joined(parser, AR_JP_AND, "&&", parse_basic, ret);
}

static enum arras_status parse_or(struct ar_jp_parser *parser, struct ar_jp_expr **ret)
{
    enum arras_status status = ar_jp_enter(parser);
    if (status) {
        return status;
    }
    status = parse_joined(parser, AR_JP_OR, "||", parse_and, ret);
    parser->depth--;
    return status;
}

enum arras_status ar_jp_parse_logical(struct ar_jp_parser *parser, const struct ar_jp_expr **ret)
{
    struct ar_jp_expr *expr;
    enum arras_status status = parse_or(parser, &expr);
    if (status || (status = require_logical(parser, expr))) {
        return status;
    }
    *ret = expr;
    return ARRAS_OK;
}
