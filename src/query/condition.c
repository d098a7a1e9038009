#include "query/condition.h"
#include "query/condition_ast.h"

struct reader {
    struct ar_jp_parser parser;
    const struct ar_condition_names *names;
};

static enum arras_status read_or(struct reader *reader, struct ar_cond_node **ret);

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The word behind the `$` at the reader's place. */
static struct arras_str root_name(const struct ar_jp_parser *parser)
{
    struct arras_str text = parser->source.text;
    size_t end = parser->at + 1;
    while (end < text.len && is_name_char(text.ptr[end])) {
        end++;
    }
    return ar_str_sub(text, parser->at + 1, end);
}

/* Whether a runtime expression ends here: at a space, an operator or a closing parenthesis. */
static bool ends_expression(struct arras_str rest)
{
    return rest.len == 0 || strchr(" \t\r\n)<>,", rest.ptr[0]) || ar_str_starts(rest, "==") ||
           ar_str_starts(rest, "!=") || ar_str_starts(rest, "&&") || ar_str_starts(rest, "||");
}

/* Moves behind brackets and whatever is quoted in them. */
static bool skip_brackets(struct ar_jp_parser *parser)
{
    char quote = '\0';
    size_t open = 0;
    for (char c = ar_jp_peek(parser); c; c = ar_jp_peek(parser)) {
        parser->at++;
        if (quote) {
            quote = c == quote ? '\0' : quote;
        } else if (open && (c == '\'' || c == '"')) {
            quote = c;
        } else {
            open += (c == '[') - (c == ']');
        }
        if (open == 0) {
            return true;
        }
    }
    return false;
}

static enum arras_status read_expression(struct reader *reader, struct ar_cond_operand *operand)
{
    struct ar_jp_parser *parser = &reader->parser;
    struct arras_str name = root_name(parser);
    if (!reader->names || !reader->names->is_root(reader->names->context, name)) {
        return ar_jp_wrong(parser, parser->at,
                           "expected '.', '[' or the name of a runtime expression after '$'");
    }
    operand->kind = AR_COND_EXPRESSION;
    while (!ends_expression(ar_str_from(parser->source.text, parser->at))) {
        size_t at = parser->at;
        if (ar_jp_peek(parser) != '[') {
            parser->at++;
        } else if (!skip_brackets(parser)) {
            return ar_jp_wrong(parser, at, "this bracket is not closed");
        }
    }
    operand->text = ar_str_sub(parser->source.text, operand->at, parser->at);
    return ARRAS_OK;
}

/* The query without its last segment. */
static const struct ar_jp_query *without_last(struct ar_jp_parser *parser,
                                              const struct ar_jp_query *query)
{
    struct ar_jp_query *base = ar_new(parser->arena, struct ar_jp_query);
    if (!base) {
        return NULL;
    }
    *base = *query;
    base->segments.count--;
    base->singular = true;
    for (size_t i = 0; i < base->segments.count; i++) {
        const struct ar_jp_segment *segment = &base->segments.items[i];
        enum ar_jp_selector_kind kind = segment->selectors.items[0].kind;
        base->singular &= !segment->descendant && segment->selectors.count == 1 &&
                          (kind == AR_JP_NAME || kind == AR_JP_INDEX);
    }
    return base;
}

static enum arras_status read_query(struct ar_jp_parser *parser, struct ar_cond_operand *operand)
{
    operand->kind = AR_COND_QUERY;
    enum arras_status status = ar_jp_parse_query(parser, &operand->query);
    if (status) {
        return status;
    }
    struct arras_str text = ar_str_sub(parser->source.text, operand->at, parser->at);
    operand->text = text;
    if (!ar_str_ends(text, ".length") || ar_str_ends(text, "..length")) {
        return ARRAS_OK;
    }
    operand->measured = without_last(parser, operand->query);
    return operand->measured ? ARRAS_OK : ar_no_memory(parser->diags);
}

static enum arras_status read_operand(struct reader *reader, struct ar_cond_operand *operand)
{
    struct ar_jp_parser *parser = &reader->parser;
    operand->at = parser->at;
    if (ar_jp_peek(parser) == '$') {
        return root_name(parser).len ? read_expression(reader, operand)
                                     : read_query(parser, operand);
    }
    if (ar_jp_at_literal(parser)) {
        operand->kind = AR_COND_LITERAL;
        return ar_jp_parse_literal(parser, &operand->literal);
    }
    return ar_jp_wrong(parser, parser->at,
                       "expected a query, a runtime expression, a quoted string, a number, true, "
                       "false or null");
}

static enum arras_status read_comparison(struct reader *reader, bool negated,
                                         struct ar_cond_node *node)
{
    struct ar_jp_parser *parser = &reader->parser;
    enum arras_status status = read_operand(reader, &node->left);
    if (status) {
        return status;
    }
    ar_jp_skip_space(parser);
    size_t at = parser->at;
    if (ar_jp_parse_op(parser, &node->op)) {
        if (negated) {
            return ar_jp_wrong(parser, at, "a comparison behind '!' needs parentheses");
        }
        node->kind = AR_COND_COMPARE;
        ar_jp_skip_space(parser);
        return read_operand(reader, &node->right);
    }
    node->kind = AR_COND_TEST;
    if (node->left.kind == AR_COND_LITERAL && !ar_is(&node->left.literal, ARRAS_BOOL)) {
        return ar_jp_wrong(parser, node->left.at, "a literal must be compared with something");
    }
    return ARRAS_OK;
}

static enum arras_status read_basic(struct reader *reader, struct ar_cond_node **ret)
{
    struct ar_jp_parser *parser = &reader->parser;
    bool any = false, negated = false;
    while (ar_jp_eat(parser, "!")) {
        any = true;
        negated = !negated;
        ar_jp_skip_space(parser);
    }
    enum arras_status status;
    if (ar_jp_eat(parser, "(")) {
        if ((status = read_or(reader, ret))) {
            return status;
        }
        if (!ar_jp_eat(parser, ")")) {
            return ar_jp_wrong(parser, parser->at, "expected ')'");
        }
    } else {
        struct ar_cond_node *node = ar_new(parser->arena, struct ar_cond_node);
        if (!node) {
            return ar_no_memory(parser->diags);
        }
        *ret = node;
        if ((status = read_comparison(reader, any, node))) {
            return status;
        }
    }
    (*ret)->negated ^= negated;
    ar_jp_skip_space(parser);
    return ARRAS_OK;
}

/* Operands joined by `joint`; a single one is itself. Leaves no space behind. */
static enum arras_status
read_joined(struct reader *reader, enum ar_cond_kind kind, const char *joint,
            enum arras_status (*read)(struct reader *, struct ar_cond_node **),
            struct ar_cond_node **ret)
{
    struct ar_cond_node *last;
    ar_jp_skip_space(&reader->parser);
    enum arras_status status = read(reader, ret);
    last = *ret;
    while (!status && ar_jp_eat(&reader->parser, joint)) {
        struct ar_cond_node *next;
        ar_jp_skip_space(&reader->parser);
        if ((status = read(reader, &next))) {
            return status;
        }
        if (last == *ret) {
            struct ar_cond_node *whole = ar_new(reader->parser.arena, struct ar_cond_node);
            if (!whole) {
                return ar_no_memory(reader->parser.diags);
            }
            whole->kind = kind;
            whole->children = last;
            *ret = whole;
        }
        last->next = next;
        last = next;
    }
    return status;
}

static enum arras_status read_and(struct reader *reader, struct ar_cond_node **ret)
{
    return read_joined(reader, AR_COND_AND, "&&", read_basic, ret);
}

static enum arras_status read_or(struct reader *reader, struct ar_cond_node **ret)
{
    enum arras_status status = ar_jp_enter(&reader->parser);
    if (status) {
        return status;
    }
    status = read_joined(reader, AR_COND_OR, "||", read_and, ret);
    reader->parser.depth--;
    return status;
}

enum arras_status ar_condition_compile(struct arras_str text,
                                       const struct ar_condition_names *names,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_condition **ret)
{
    struct ar_condition *condition = ar_new(arena, struct ar_condition);
    if (!condition) {
        return ar_no_memory(diags);
    }
    struct reader reader = {.names = names};
    struct ar_cond_node *root = NULL;
    enum arras_status status =
        ar_jp_parser_init(&reader.parser, "condition", text, arena, diags, &condition->regexes);
    if (!status) {
        status = read_or(&reader, &root);
    }
    if (!status && reader.parser.at < reader.parser.source.text.len) {
        status = ar_jp_wrong(&reader.parser, reader.parser.at,
                             "expected a comparison, '&&', '||' or the end of the condition");
    }
    if (status) {
        ar_condition_release(condition);
        return status;
    }
    condition->root = root;
    *ret = condition;
    return ARRAS_OK;
}

void ar_condition_release(struct ar_condition *condition)
{
    if (condition) {
        ar_jsonpath_release(&condition->regexes);
    }
}
