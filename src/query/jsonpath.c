#include "query/jsonpath.h"
#include "query/jsonpath_ast.h"

enum arras_status ar_jsonpath_compile(struct arras_str expression, struct ar_arena *arena,
                                      struct ar_diags *diags, struct ar_jsonpath **ret)
{
    struct ar_jsonpath *path = ar_new(arena, struct ar_jsonpath);
    if (!path) {
        return ar_no_memory(diags);
    }
    struct ar_jp_parser parser;
    enum arras_status status =
        ar_jp_parser_init(&parser, "JSONPath expression", expression, arena, diags, path);
    if (!status) {
        status = ar_jp_peek(&parser) == '$'
                     ? ar_jp_parse_query(&parser, &path->query)
                     : ar_jp_wrong(&parser, 0, "a JSONPath expression begins with '$'");
    }
    if (!status && parser.at < parser.source.text.len) {
        status = ar_jp_wrong(&parser, parser.at, "expected the end of the expression, '.' or '['");
    }
    if (status) {
        ar_jsonpath_release(path);
        return status;
    }
    *ret = path;
    return ARRAS_OK;
}

void ar_jsonpath_release(struct ar_jsonpath *path)
{
    if (!path) {
        return;
    }
    for (struct ar_jp_expr *expr = path->regexes; expr; expr = expr->next_regex) {
        ar_regex_free(expr->regex);
        expr->regex = NULL;
    }
    path->regexes = NULL;
}

bool ar_jsonpath_is_singular(const struct ar_jsonpath *path)
{
    return path->query->singular;
}

enum arras_status ar_jsonpath_eval(const struct ar_jsonpath *path, const struct arras_value *root,
                                   bool paths, struct ar_arena *arena, struct ar_diags *diags,
                                   struct ar_nodes *ret)
{
    struct ar_jp_eval eval = {.root = root};
    struct ar_nodes nodes = {0};
    ar_jp_collect(&eval, path->query, paths, arena, &nodes);
    ar_jp_eval_release(&eval);
    enum arras_status status = ar_jp_eval_status(&eval, diags);
    if (!status) {
        *ret = nodes;
    }
    return status;
}

/* The filter of `$[?...]`, or NULL. */
static const struct ar_jp_expr *lone_filter(const struct ar_jp_query *query)
{
    if (query->segments.count != 1 || query->segments.items[0].descendant ||
        query->segments.items[0].selectors.count != 1) {
        return NULL;
    }
    return query->segments.items[0].selectors.items[0].filter;
}

enum arras_status ar_jsonpath_filter_root(const struct ar_jsonpath *path,
                                          const struct arras_value *root, struct ar_diags *diags,
                                          bool *ret_holds)
{
    const struct ar_jp_expr *filter = lone_filter(path->query);
    if (!filter || !root) {
        *ret_holds = false;
        return ARRAS_OK;
    }
    struct ar_jp_eval eval = {.root = root};
    bool holds = ar_jp_holds(&eval, filter, root);
    ar_jp_eval_release(&eval);
    enum arras_status status = ar_jp_eval_status(&eval, diags);
    if (!status) {
        *ret_holds = holds;
    }
    return status;
}

/* A name in single quotes, RFC 9535 section 2.7. */
static void add_name(struct ar_buf *buf, struct arras_str name)
{
    static const char controls[] = "\b\t\n\f\r'\\", letters[] = "btnfr'\\";
    ar_buf_add_z(buf, "['");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        const char *control = c ? strchr(controls, c) : NULL;
        if (control) {
            ar_buf_add_char(buf, '\\');
            ar_buf_add_char(buf, letters[control - controls]);
        } else if ((unsigned char)c < 0x20) {
            ar_buf_printf(buf, "\\u%04x", (unsigned)c);
        } else {
            ar_buf_add_char(buf, c);
        }
    }
    ar_buf_add_z(buf, "']");
}

void ar_node_path(const struct ar_node *node, struct ar_buf *buf)
{
    size_t depth = 0;
    for (const struct ar_node *above = node; above->parent; above = above->parent) {
        depth++;
    }
    ar_buf_add_char(buf, '$');
    /* Parents lead upward, the path downward. Paths are as deep as documents at most, so the square
     * of that is no concern. */
    for (; depth > 0; depth--) {
        const struct ar_node *step = node;
        for (size_t i = 1; i < depth; i++) {
            step = step->parent;
        }
        if (step->by_name) {
            add_name(buf, step->name);
        } else {
            ar_buf_printf(buf, "[%zu]", step->index);
        }
    }
}
