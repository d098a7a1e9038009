#include "arazzo/criterion.h"
#include "arazzo/fields.h"
#include "arazzo/simple.h"
#include "base/limits.h"
#include "query/condition.h"
#include "query/jsonpath.h"
#include "query/regex.h"
#include "query/xpath.h"
#include "value/json.h"

static const struct ar_source *source_of(const struct ar_criterion *criterion)
{
    return &criterion->workflow->arazzo->document.source;
}

static bool is_strict(const struct ar_criterion *criterion)
{
    return criterion->workflow->arazzo->strictness == ARRAS_STRICT;
}

/* The letter first; what RFC 9535 cannot read is tried as a comparison of queries. */
static enum arras_status compile_jsonpath(struct ar_criterion *criterion, struct arras_str text,
                                          struct ar_arena *arena, struct ar_diags *diags)
{
    struct ar_diags letter, tolerant;
    ar_diags_init(&letter, arena);
    ar_diags_init(&tolerant, arena);
    enum arras_status status = ar_jsonpath_compile(text, arena, &letter, &criterion->jsonpath);
    if (status != ARRAS_SYNTAX && status != ARRAS_INVALID) {
        return status;
    }
    enum arras_status loose =
        ar_condition_compile(text, NULL, arena, &tolerant, &criterion->tolerant);
    if (loose == ARRAS_NO_MEMORY) {
        return ar_no_memory(diags);
    }
    const struct arras_diag *error = ar_diags_first_error(&letter);
    if (loose) {
        return ar_error(diags, status, "jsonpath", source_of(criterion), criterion->at,
                        "the condition '%.*s' is not JSONPath: %.*s", AR_STR_ARG(text),
                        AR_STR_ARG(error ? error->message : AR_STR("it cannot be read")));
    }
    status = ar_deviation(diags, is_strict(criterion), "jsonpath-condition", source_of(criterion),
                          criterion->at,
                          "the condition '%.*s' is not JSONPath (RFC 9535), but a comparison",
                          AR_STR_ARG(criterion->condition));
    ar_hint(diags,
            "compare in a simple condition (%.*s#/done == true) or in a filter "
            "($[?length(@.items) > 0])",
            AR_STR_ARG(criterion->context.text));
    if (status) {
        ar_condition_release(criterion->tolerant);
        criterion->tolerant = NULL;
    }
    return status;
}

static enum arras_status compile_regex(struct ar_criterion *criterion, struct arras_str text,
                                       struct ar_arena *arena, struct ar_diags *diags)
{
    struct ar_diags own;
    ar_diags_init(&own, arena);
    enum arras_status status = ar_regex_new(text, AR_REGEX_ECMA, 0, &own, &criterion->regex);
    const struct arras_diag *error = ar_diags_first_error(&own);
    if (status && error) {
        ar_error(diags, status, "regex", source_of(criterion), criterion->at,
                 "the condition '%.*s' is not a regular expression: %.*s", AR_STR_ARG(text),
                 AR_STR_ARG(error->message));
    }
    return status;
}

/* It is compiled with the XML, but what XPath 1.0 cannot read is told before. */
static enum arras_status check_xpath(struct ar_criterion *criterion, struct arras_str text,
                                     struct ar_arena *arena, struct ar_diags *diags)
{
    struct ar_diags own;
    ar_diags_init(&own, arena);
    enum arras_status status = ar_xpath_check(text, arena, &own);
    const struct arras_diag *error = ar_diags_first_error(&own);
    if (status == ARRAS_NO_MEMORY) {
        return ar_no_memory(diags);
    }
    return status ? ar_error(diags, status, "xpath", source_of(criterion), criterion->at,
                             "the condition '%.*s' is not XPath 1.0: %.*s", AR_STR_ARG(text),
                             AR_STR_ARG(error ? error->message : AR_STR("it cannot be read")))
                  : ARRAS_OK;
}

static enum arras_status compile(struct ar_criterion *criterion, struct arras_str text,
                                 struct ar_arena *arena, struct ar_diags *diags)
{
    switch (criterion->type) {
    case AR_SIMPLE:
        return ar_simple_compile(text, criterion->at, criterion->workflow, arena, diags,
                                 &criterion->simple);
    case AR_REGEX:
        return compile_regex(criterion, text, arena, diags);
    case AR_JSONPATH:
        return compile_jsonpath(criterion, text, arena, diags);
    default:
        return check_xpath(criterion, text, arena, diags);
    }
    return ARRAS_OK;
}

/* "{$inputs.a}" or "$inputs.a" at `from`: the offset behind it, or `from`. */
static size_t scan_piece(const struct ar_criterion *criterion, size_t from,
                         struct ar_expression *ret)
{
    struct arras_str text = criterion->condition;
    if (text.ptr[from] == '$') {
        return ar_expression_scan(text, from, AR_EXTENT_TEXT, criterion->workflow, ret);
    }
    size_t close = ar_str_find_char(text, '}', from);
    struct arras_str inner = ar_str_sub(text, from + 1, close);
    bool whole =
        text.ptr[from] == '{' && close != AR_NOT_FOUND && ar_str_starts(inner, "$") &&
        ar_expression_scan(inner, 0, AR_EXTENT_WHOLE, criterion->workflow, ret) == inner.len;
    return whole ? close + 1 : from;
}

static enum arras_status warn_unbraced(const struct ar_criterion *criterion,
                                       const struct ar_condition_piece *piece,
                                       struct ar_diags *diags)
{
    struct arras_str text = piece->expression.text;
    if (criterion->type == AR_JSONPATH && !piece->quote && !is_strict(criterion)) {
        return ARRAS_OK; /* an operand of a comparison, of which jsonpath-condition tells */
    }
    enum arras_status status = ar_deviation(
        diags, is_strict(criterion), "embedded-unbraced", source_of(criterion), criterion->at,
        "the expression '%.*s' stands in the condition without braces", AR_STR_ARG(text));
    ar_hint(diags, "write '{%.*s}'", AR_STR_ARG(text));
    return status;
}

/* Cuts the condition at the expressions in it, minding the quotes of JSONPath and XPath. */
static enum arras_status split(struct ar_criterion *criterion, struct ar_arena *arena,
                               struct ar_diags *diags)
{
    AR_VEC(struct ar_condition_piece) pieces = {0};
    struct arras_str text = criterion->condition;
    char quote = 0;
    size_t plain = 0;
    for (size_t i = 0; i < text.len;) {
        struct ar_condition_piece piece = {.is_expression = true, .quote = quote};
        size_t end = scan_piece(criterion, i, &piece.expression);
        char c = text.ptr[i];
        if (end == i) {
            if (criterion->type != AR_REGEX &&
                (c == quote || (!quote && (c == '\'' || c == '"')))) {
                quote = quote ? 0 : c;
            }
            i += c == '\\' && i + 1 < text.len ? 2 : 1;
            continue;
        }
        piece.expression.at = criterion->at;
        struct ar_condition_piece before = {.text = ar_str_sub(text, plain, i)};
        if (!ar_vec_push(arena, &pieces, before) || !ar_vec_push(arena, &pieces, piece)) {
            return ar_no_memory(diags);
        }
        bool within = quote || criterion->type == AR_REGEX || is_strict(criterion);
        if (c == '$' && within && warn_unbraced(criterion, &piece, diags)) {
            return ARRAS_INVALID;
        }
        plain = i = end;
    }
    struct ar_condition_piece last = {.text = ar_str_from(text, plain)};
    if (pieces.count && !ar_vec_push(arena, &pieces, last)) {
        return ar_no_memory(diags);
    }
    criterion->pieces = pieces.items;
    criterion->piece_count = pieces.count;
    return ARRAS_OK;
}

/* Within a literal of JSONPath the quote and the backslash are escaped. XPath 1.0 has no escapes:
 * a text with the quote in it would end the literal, so it is refused. */
static bool add_within(struct ar_buf *buf, const struct ar_criterion *criterion, char quote,
                       struct arras_str text)
{
    static const char digits[] = "0123456789abcdef";
    bool jsonpath = criterion->type == AR_JSONPATH;
    if (criterion->type == AR_XPATH && ar_str_find_char(text, quote, 0) != AR_NOT_FOUND) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (jsonpath && c < 0x20) {
            char escape[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
            ar_buf_add(buf, escape, sizeof(escape));
            continue;
        }
        bool special = jsonpath && (c == (unsigned char)quote || c == '\\');
        ar_buf_add(buf, "\\", special ? 1 : 0);
        ar_buf_add_char(buf, text.ptr[i]);
    }
    return true;
}

/* A value in the place of its expression: within a literal its text, elsewhere a literal itself.
 * False where it cannot stand there. */
static bool add_piece(struct ar_buf *buf, const struct ar_criterion *criterion,
                      const struct ar_condition_piece *piece, const struct arras_value *value)
{
    bool within = piece->quote || criterion->type == AR_REGEX;
    if (within && ar_is(value, ARRAS_STRING)) {
        return add_within(buf, criterion, piece->quote, ar_text(value));
    }
    struct ar_buf json;
    ar_buf_init(&json, AR_QUERY_LENGTH);
    ar_json_write(&json, value, ARRAS_WRITE_COMPACT);
    bool stands = true;
    if (within) {
        stands = add_within(buf, criterion, piece->quote, ar_buf_str(&json));
    } else if (criterion->type == AR_XPATH && ar_is(value, ARRAS_STRING)) {
        char quote = ar_str_find_char(ar_text(value), '"', 0) == AR_NOT_FOUND ? '"' : '\'';
        ar_buf_add_char(buf, quote);
        stands = add_within(buf, criterion, quote, ar_text(value));
        ar_buf_add_char(buf, quote);
    } else {
        ar_buf_add_str(buf, ar_buf_str(&json));
    }
    if (json.status && !buf->status) {
        buf->status = json.status;
    }
    ar_buf_release(&json);
    return stands;
}

static enum arras_status fill(const struct ar_criterion *criterion, const struct ar_scope *scope,
                              struct ar_diags *diags, struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_QUERY_LENGTH);
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < criterion->piece_count && !status; i++) {
        const struct ar_condition_piece *piece = &criterion->pieces[i];
        const struct arras_value *value;
        if (!piece->is_expression) {
            ar_buf_add_str(&buf, piece->text);
            continue;
        }
        status = ar_expression_value(&piece->expression, scope, &value);
        if (!status && !add_piece(&buf, criterion, piece, value)) {
            status =
                ar_error(diags, ARRAS_INVALID, "criterion", source_of(criterion), criterion->at,
                         "the value of '%.*s' holds a quote, which an XPath literal cannot",
                         AR_STR_ARG(piece->expression.text));
        }
    }
    status = status ? status : ar_buf_copy(&buf, scope->arena, ret);
    ar_buf_release(&buf);
    return status;
}

/* A simple condition does not use its context: only the letter asks for one. */
static enum arras_status read_context(struct ar_criterion *criterion,
                                      const struct arras_value *context, struct ar_diags *diags)
{
    struct arras_str text = ar_text(context);
    if (criterion->type == AR_SIMPLE && (context || !is_strict(criterion))) {
        return ARRAS_OK;
    }
    if (!context) {
        return ar_error(diags, ARRAS_INVALID, "criterion-context", source_of(criterion),
                        criterion->at, "the condition '%.*s' has a type but no context",
                        AR_STR_ARG(criterion->condition));
    }
    if (!ar_str_starts(text, "$") ||
        ar_expression_scan(text, 0, AR_EXTENT_WHOLE, criterion->workflow, &criterion->context) !=
            text.len) {
        return ar_error(diags, ARRAS_INVALID, "criterion-context", source_of(criterion),
                        context->at, "the context '%.*s' is not a runtime expression",
                        AR_STR_ARG(text));
    }
    criterion->context.at = context->at;
    return ARRAS_OK;
}

enum arras_status ar_criterion_read(const struct arras_value *value,
                                    const struct ar_workflow *workflow, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_criterion *ret)
{
    const struct arras_value *condition =
        ar_is(value, ARRAS_OBJECT) ? ar_get_z(value, "condition") : value;
    *ret = (struct ar_criterion){.condition = ar_text(condition), .workflow = workflow};
    ret->at = condition ? condition->at : value->at;
    if (!ar_is(condition, ARRAS_STRING)) {
        return ar_error(diags, ARRAS_INVALID, "criterion", source_of(ret), value->at,
                        "a criterion needs a 'condition', a string");
    }
    if (value == condition) {
        enum arras_status loose =
            ar_deviation(diags, is_strict(ret), "criterion-string", source_of(ret), value->at,
                         "the criterion is a string; it is read as a simple condition");
        ar_hint(diags, "write 'condition:' before it");
        return loose ? loose : ar_criterion_read_simple(value, workflow, arena, diags, ret);
    }
    enum arras_status status = ar_check_fields(value, AR_OBJECT_CRITERION, workflow->arazzo, diags);
    const struct arras_value *type = ar_get_z(value, "type");
    if (type && !status) {
        status = ar_query_type_read(type, AR_QUERY_CONDITION, workflow->arazzo, diags, &ret->type);
        status = status ? status : read_context(ret, ar_get_z(value, "context"), diags);
    }
    if (!status && ret->type != AR_SIMPLE) {
        status = split(ret, arena, diags);
    }
    return status || ret->piece_count ? status : compile(ret, ret->condition, arena, diags);
}

enum arras_status ar_criterion_read_simple(const struct arras_value *condition,
                                           const struct ar_workflow *workflow,
                                           struct ar_arena *arena, struct ar_diags *diags,
                                           struct ar_criterion *ret)
{
    *ret = (struct ar_criterion){
        .condition = ar_text(condition), .workflow = workflow, .at = condition->at};
    if (condition->type != ARRAS_STRING) {
        return ar_error(diags, ARRAS_INVALID, "criterion", source_of(ret), condition->at,
                        "a condition must be a string, this is %s", ar_type_name(condition));
    }
    return compile(ret, ret->condition, arena, diags);
}

void ar_criterion_release(struct ar_criterion *criterion)
{
    ar_regex_free(criterion->regex);
    ar_jsonpath_release(criterion->jsonpath);
    ar_condition_release(criterion->tolerant);
    criterion->regex = NULL;
    criterion->jsonpath = NULL;
    criterion->tolerant = NULL;
}

enum arras_status ar_criterion_visit(const struct ar_criterion *criterion,
                                     ar_template_visitor *visit, void *context)
{
    if (criterion->type == AR_SIMPLE) {
        return ar_simple_visit(criterion->simple, visit, context);
    }
    enum arras_status status = visit(context, &criterion->context);
    for (size_t i = 0; i < criterion->piece_count && !status; i++) {
        if (criterion->pieces[i].is_expression) {
            status = visit(context, &criterion->pieces[i].expression);
        }
    }
    return status;
}

static enum arras_status selects(const struct ar_jsonpath *path, const struct arras_value *root,
                                 struct ar_arena *arena, struct ar_diags *diags, bool *ret)
{
    struct ar_nodes nodes = {0};
    enum arras_status status = ar_jsonpath_eval(path, root, false, arena, diags, &nodes);
    *ret = !status && nodes.list.count > 0;
    return status;
}

/* `$[?count(@.pets) > 0]` on an object, the specification's own example: the filter is then tried
 * on the object itself. */
static enum arras_status root_filter(const struct ar_criterion *criterion,
                                     const struct arras_value *root, struct ar_diags *diags,
                                     bool *ret_holds)
{
    if (*ret_holds || is_strict(criterion) || root->type != ARRAS_OBJECT) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_jsonpath_filter_root(criterion->jsonpath, root, diags, ret_holds);
    if (!status && *ret_holds) {
        ar_warning(diags, "root-filter", source_of(criterion), criterion->at,
                   "the filter '%.*s' matched the object itself, not one of its members",
                   AR_STR_ARG(criterion->condition));
        ar_hint(diags, "a filter is of the items of a list: compare in a simple condition");
    }
    return status;
}

static enum arras_status matches_text(const struct ar_criterion *criterion,
                                      const struct arras_value *context, struct ar_arena *arena,
                                      bool *ret_holds)
{
    if (context->type == ARRAS_STRING) {
        return ar_regex_match(criterion->regex, ar_text(context), ret_holds);
    }
    struct ar_buf buf;
    struct arras_str text = {0};
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    ar_json_write(&buf, context, ARRAS_WRITE_COMPACT);
    enum arras_status status = ar_buf_copy(&buf, arena, &text);
    ar_buf_release(&buf);
    return status ? status : ar_regex_match(criterion->regex, text, ret_holds);
}

/* The context is there and the criterion compiled. */
static enum arras_status apply(const struct ar_criterion *criterion, struct arras_str text,
                               const struct arras_value *context, struct ar_arena *arena,
                               struct ar_diags *diags, bool *ret_holds)
{
    struct arras_value value;
    enum arras_status status;
    switch (criterion->type) {
    case AR_REGEX:
        return matches_text(criterion, context, arena, ret_holds);
    case AR_XPATH:
        if (context->type != ARRAS_STRING) {
            return ar_error(diags, ARRAS_INVALID, "criterion", source_of(criterion), criterion->at,
                            "%.*s is no XML text, it is of type %s",
                            AR_STR_ARG(criterion->context.text), ar_type_name(context));
        }
        return ar_xpath_eval(text, ar_text(context), arena, diags, &value, ret_holds);
    default:
        if (criterion->tolerant) {
            return ar_condition_eval(criterion->tolerant, context, NULL, arena, diags, ret_holds);
        }
        status = selects(criterion->jsonpath, context, arena, diags, ret_holds);
        return status ? status : root_filter(criterion, context, diags, ret_holds);
    }
}

struct explanation {
    const struct ar_scope *scope;
    struct ar_buf *buf;
};

static enum arras_status explain_operand(void *context, struct arras_str operand,
                                         const struct arras_value *value)
{
    struct explanation *explanation = context;
    struct ar_buf *buf = explanation->buf;
    ar_buf_printf(buf, "%s%.*s is ", ar_buf_str(buf).len ? ", " : "", AR_STR_ARG(operand));
    return ar_scope_show(explanation->scope, value, buf);
}

/* What is compared, where it is a comparison; else the context. */
static enum arras_status explain(const struct ar_criterion *criterion,
                                 const struct arras_value *context, const struct ar_scope *scope,
                                 struct arras_str *ret)
{
    struct ar_buf buf;
    struct explanation explanation = {scope, &buf};
    enum arras_status status = ARRAS_OK;
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    if (criterion->tolerant && context) {
        status = ar_condition_tell(criterion->tolerant, context, NULL, NULL, explain_operand,
                                   &explanation);
    }
    if (!status && !ar_buf_str(&buf).len) {
        status = explain_operand(&explanation, criterion->context.text, context);
    }
    status = status ? status : ar_buf_copy(&buf, scope->arena, ret);
    ar_buf_release(&buf);
    return status;
}

enum arras_status ar_criterion_holds(const struct ar_criterion *criterion,
                                     const struct ar_scope *scope, struct ar_diags *diags,
                                     bool *ret_holds, struct arras_str *ret_why)
{
    if (criterion->type == AR_SIMPLE) {
        return ar_simple_holds(criterion->simple, scope, ret_holds, ret_why);
    }
    const struct arras_value *context;
    enum arras_status status = ar_expression_value(&criterion->context, scope, &context);
    *ret_holds = false;
    /* Arazzo 1.1, Condition Evaluation: what is null fails, but for our own reading of JSONPath */
    bool there = context && (context->type != ARRAS_NULL || criterion->tolerant);
    if (!status && there) {
        struct ar_criterion filled = *criterion;
        struct arras_str text = criterion->condition;
        if (criterion->piece_count) {
            status = fill(criterion, scope, diags, &text);
            status = status ? status : compile(&filled, text, scope->arena, diags);
        }
        status = status ? status : apply(&filled, text, context, scope->arena, diags, ret_holds);
        if (!status && !*ret_holds && ret_why) {
            status = explain(&filled, context, scope, ret_why);
        }
        if (criterion->piece_count) {
            ar_criterion_release(&filled);
        }
    } else if (!status && ret_why) {
        status = explain(criterion, context, scope, ret_why);
    }
    return status;
}
