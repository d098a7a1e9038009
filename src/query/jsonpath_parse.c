/* RFC 9535 sections 2.1 to 2.5: queries, segments, selectors. */
#include "base/limits.h"
#include "base/utf8.h"
#include "query/jsonpath_ast.h"

enum arras_status ar_jp_parser_init(struct ar_jp_parser *parser, const char *name,
                                    struct arras_str text, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_jsonpath *owner)
{
    *parser = (struct ar_jp_parser){.arena = arena, .diags = diags, .owner = owner};
    parser->source.name = ar_str_z(name);
    if (text.len > AR_QUERY_LENGTH) {
        return ar_error(diags, ARRAS_LIMIT, "jsonpath", NULL, 0, "the %s is longer than %zu bytes",
                        name, AR_QUERY_LENGTH);
    }
    if (!ar_str_copy(text, arena, &parser->source.text)) {
        return ar_no_memory(diags);
    }
    size_t valid = ar_utf8_valid(parser->source.text);
    return valid == text.len ? ARRAS_OK : ar_jp_wrong(parser, valid, "this is not valid UTF-8");
}

bool ar_jp_eat(struct ar_jp_parser *parser, const char *text)
{
    if (!ar_str_starts(ar_str_from(parser->source.text, parser->at), text)) {
        return false;
    }
    parser->at += strlen(text);
    return true;
}

void ar_jp_skip_space(struct ar_jp_parser *parser)
{
    char c = ar_jp_peek(parser);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        parser->at++;
        c = ar_jp_peek(parser);
    }
}

enum arras_status ar_jp_wrong(struct ar_jp_parser *parser, size_t at, const char *what)
{
    return ar_error(parser->diags, ARRAS_SYNTAX, "jsonpath", &parser->source, at, "%s", what);
}

enum arras_status ar_jp_ill_typed(struct ar_jp_parser *parser, size_t at, const char *what)
{
    return ar_error(parser->diags, ARRAS_INVALID, "jsonpath", &parser->source, at, "%s", what);
}

enum arras_status ar_jp_enter(struct ar_jp_parser *parser)
{
    if (parser->depth >= AR_QUERY_DEPTH) {
        return ar_error(parser->diags, ARRAS_LIMIT, "jsonpath", &parser->source, parser->at,
                        "nested more than %d deep", AR_QUERY_DEPTH);
    }
    parser->depth++;
    return ARRAS_OK;
}

/* [start S] ":" S [end S] [":" [S step]] from its first colon on. */
static enum arras_status parse_slice(struct ar_jp_parser *parser, struct ar_jp_selector *selector)
{
    selector->kind = AR_JP_SLICE;
    selector->step = 1;
    parser->at++;
    ar_jp_skip_space(parser);
    char c = ar_jp_peek(parser);
    if (c == '-' || (c >= '0' && c <= '9')) {
        enum arras_status status = ar_jp_parse_int(parser, &selector->end);
        if (status) {
            return status;
        }
        selector->has_end = true;
        ar_jp_skip_space(parser);
    }
    if (!ar_jp_eat(parser, ":")) {
        return ARRAS_OK;
    }
    size_t behind = parser->at;
    ar_jp_skip_space(parser);
    c = ar_jp_peek(parser);
    if (c == '-' || (c >= '0' && c <= '9')) {
        return ar_jp_parse_int(parser, &selector->step);
    }
    parser->at = behind;
    return ARRAS_OK;
}

/* An index, or a slice that begins with one. */
static enum arras_status parse_number(struct ar_jp_parser *parser, struct ar_jp_selector *selector)
{
    selector->kind = AR_JP_INDEX;
    enum arras_status status = ar_jp_parse_int(parser, &selector->start);
    if (status) {
        return status;
    }
    size_t behind = parser->at;
    ar_jp_skip_space(parser);
    if (ar_jp_peek(parser) == ':') {
        selector->has_start = true;
        return parse_slice(parser, selector);
    }
    parser->at = behind;
    return ARRAS_OK;
}

static enum arras_status parse_selector(struct ar_jp_parser *parser,
                                        struct ar_jp_selector *selector)
{
    char c = ar_jp_peek(parser);
    if (c == '\'' || c == '"') {
        selector->kind = AR_JP_NAME;
        return ar_jp_parse_string(parser, &selector->name);
    }
    if (ar_jp_eat(parser, "*")) {
        selector->kind = AR_JP_WILDCARD;
        return ARRAS_OK;
    }
    if (ar_jp_eat(parser, "?")) {
        selector->kind = AR_JP_FILTER;
        ar_jp_skip_space(parser);
        return ar_jp_parse_logical(parser, &selector->filter);
    }
    if (c == ':') {
        return parse_slice(parser, selector);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return parse_number(parser, selector);
    }
    return ar_jp_wrong(parser, parser->at,
                       "expected a selector: a quoted name, *, an index, a slice or a filter");
}

static enum arras_status parse_bracketed(struct ar_jp_parser *parser, struct ar_jp_segment *segment)
{
    do {
        ar_jp_skip_space(parser);
        struct ar_jp_selector selector = {0};
        enum arras_status status = parse_selector(parser, &selector);
        if (status) {
            return status;
        }
        if (!ar_vec_push(parser->arena, &segment->selectors, selector)) {
            return ar_no_memory(parser->diags);
        }
        ar_jp_skip_space(parser);
    } while (ar_jp_eat(parser, ","));
    if (!ar_jp_eat(parser, "]")) {
        return ar_jp_wrong(parser, parser->at, "expected ']' or ',' after the selector");
    }
    return ARRAS_OK;
}

static bool is_name_first(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}

/* What may stand behind a dot: `*` or a name. */
static enum arras_status parse_shorthand(struct ar_jp_parser *parser, struct ar_jp_segment *segment)
{
    struct ar_jp_selector selector = {.kind = AR_JP_WILDCARD};
    if (!ar_jp_eat(parser, "*")) {
        size_t start = parser->at;
        char c = ar_jp_peek(parser);
        while (is_name_first(c) || (parser->at > start && c >= '0' && c <= '9')) {
            parser->at++;
            c = ar_jp_peek(parser);
        }
        if (parser->at == start) {
            return ar_jp_wrong(parser, start, "expected a name or '*' after the dot");
        }
        selector.kind = AR_JP_NAME;
        selector.name = ar_str_sub(parser->source.text, start, parser->at);
    }
    return ar_vec_push(parser->arena, &segment->selectors, selector) ? ARRAS_OK
                                                                     : ar_no_memory(parser->diags);
}

static enum arras_status parse_segment(struct ar_jp_parser *parser, struct ar_jp_query *query)
{
    struct ar_jp_segment segment = {.descendant = ar_jp_eat(parser, "..")};
    bool dot = !segment.descendant && ar_jp_eat(parser, ".");
    enum arras_status status = !dot && ar_jp_eat(parser, "[") ? parse_bracketed(parser, &segment)
                                                              : parse_shorthand(parser, &segment);
    if (status) {
        return status;
    }
    const struct ar_jp_selector *first = &segment.selectors.items[0];
    query->singular &= !segment.descendant && segment.selectors.count == 1 &&
                       (first->kind == AR_JP_NAME || first->kind == AR_JP_INDEX);
    return ar_vec_push(parser->arena, &query->segments, segment) ? ARRAS_OK
                                                                 : ar_no_memory(parser->diags);
}

static enum arras_status parse_segments(struct ar_jp_parser *parser, struct ar_jp_query *query)
{
    for (;;) {
        size_t behind = parser->at;
        ar_jp_skip_space(parser);
        char c = ar_jp_peek(parser);
        if (c != '.' && c != '[') {
            parser->at = behind;
            return ARRAS_OK;
        }
        enum arras_status status = parse_segment(parser, query);
        if (status) {
            return status;
        }
    }
}

enum arras_status ar_jp_parse_query(struct ar_jp_parser *parser, const struct ar_jp_query **ret)
{
    struct ar_jp_query *query = ar_new(parser->arena, struct ar_jp_query);
    if (!query) {
        return ar_no_memory(parser->diags);
    }
    query->singular = true;
    query->relative = ar_jp_peek(parser) == '@';
    if (!query->relative && ar_jp_peek(parser) != '$') {
        return ar_jp_wrong(parser, parser->at, "a query begins with '$'");
    }
    parser->at++;
    enum arras_status status = ar_jp_enter(parser);
    if (status) {
        return status;
    }
    status = parse_segments(parser, query);
    parser->depth--;
    if (!status) {
        *ret = query;
    }
    return status;
}
