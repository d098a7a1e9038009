#include "arazzo/template.h"
#include "arazzo/selector.h"
#include "base/limits.h"
#include "value/json.h"

enum template_kind {
    KIND_CONSTANT,
    KIND_EXPRESSION,
    KIND_SELECTOR,
    KIND_TEXT,
    KIND_ARRAY,
    KIND_OBJECT
};

/* A piece of a text: an expression, or what stands between two. */
struct piece {
    bool is_expression;
    struct ar_expression expression;
    struct arras_str text;
};

struct ar_template {
    enum template_kind kind;
    const struct arras_value *value; /* as written */
    struct ar_expression expression; /* KIND_EXPRESSION */
    struct ar_selector *selector;    /* KIND_SELECTOR */
    struct piece *pieces;            /* KIND_TEXT */
    struct ar_template *children;    /* KIND_ARRAY, KIND_OBJECT: beside the items or members */
    size_t count;
    const struct ar_workflow *workflow;
};

struct reader {
    const struct ar_workflow *workflow;
    struct ar_arena *arena;
    struct ar_diags *diags;
    size_t at;
};

typedef AR_VEC(struct piece) piece_vec;

/* "{$inputs.a}" at `from`: the offset behind the brace, or `from`. */
static size_t scan_braced(const struct reader *reader, struct arras_str text, size_t from,
                          struct ar_expression *ret)
{
    size_t close = ar_str_find_char(text, '}', from);
    if (close == AR_NOT_FOUND || from + 1 >= text.len || text.ptr[from + 1] != '$') {
        return from;
    }
    struct arras_str inner = ar_str_sub(text, from + 1, close);
    return ar_expression_scan(inner, 0, AR_EXTENT_WHOLE, reader->workflow, ret) == inner.len
               ? close + 1
               : from;
}

static enum arras_status warn_unbraced(const struct reader *reader, struct arras_str expression)
{
    const struct ar_arazzo *arazzo = reader->workflow->arazzo;
    enum arras_status status = ar_deviation(
        reader->diags, arazzo->strictness == ARRAS_STRICT, "embedded-unbraced",
        &arazzo->document.source, reader->at,
        "the expression '%.*s' stands in a longer string without braces", AR_STR_ARG(expression));
    ar_hint(reader->diags, "write '{%.*s}'", AR_STR_ARG(expression));
    return status;
}

static enum arras_status split(const struct reader *reader, struct arras_str text,
                               piece_vec *pieces)
{
    size_t plain = 0;
    size_t i = 0;
    while (i < text.len) {
        struct piece piece = {.is_expression = true};
        size_t end = i;
        bool braced = text.ptr[i] == '{';
        if (braced) {
            end = scan_braced(reader, text, i, &piece.expression);
        } else if (text.ptr[i] == '$') {
            end = ar_expression_scan(text, i, AR_EXTENT_TEXT, reader->workflow, &piece.expression);
        }
        if (end == i) {
            i++;
            continue;
        }
        enum arras_status status = braced ? ARRAS_OK : warn_unbraced(reader, piece.expression.text);
        if (status) {
            return status;
        }
        piece.expression.at = reader->at;
        struct piece before = {.text = ar_str_sub(text, plain, i)};
        if ((before.text.len && !ar_vec_push(reader->arena, pieces, before)) ||
            !ar_vec_push(reader->arena, pieces, piece)) {
            return ar_no_memory(reader->diags);
        }
        plain = i = end;
    }
    struct piece last = {.text = ar_str_from(text, plain)};
    if (pieces->count && last.text.len && !ar_vec_push(reader->arena, pieces, last)) {
        return ar_no_memory(reader->diags);
    }
    return ARRAS_OK;
}

/* Whether all from `from` on could belong to a name: "-key", "[size]"; that of a header is a token
 * of HTTP. */
static bool is_name_end(struct arras_str text, size_t from, const struct ar_expression *expression)
{
    bool message = expression->root == AR_ROOT_REQUEST || expression->root == AR_ROOT_RESPONSE;
    const char *others =
        message && expression->part == AR_PART_HEADER ? "!#$%&'*+-.^_`|~" : "-_.[]";
    for (size_t i = from; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && (!c || !strchr(others, c))) {
            return false;
        }
    }
    return !ar_str_ends(text, ".");
}

/* Whether all of the text is one expression. Names and pointers may hold what ends an expression
 * within other text ("$response.body#/First Name", "$request.query.a[b]"), so that counts where no
 * second one follows. */
static bool is_whole(const struct reader *reader, struct arras_str text, struct ar_expression *ret)
{
    if (!ar_str_starts(text, "$")) {
        return text.len > 2 && text.ptr[0] == '{' && scan_braced(reader, text, 0, ret) == text.len;
    }
    size_t end = ar_expression_scan(text, 0, AR_EXTENT_TEXT, reader->workflow, ret);
    if (end == text.len) {
        return true;
    }
    bool pointer = ar_str_find(ar_str_sub(text, 0, end), AR_STR("#/"), 0) != AR_NOT_FOUND;
    bool alone = ar_str_find_char(text, '$', 1) == AR_NOT_FOUND;
    return alone && end > 0 && (pointer || is_name_end(text, end, ret)) &&
           ar_expression_scan(text, 0, AR_EXTENT_WHOLE, reader->workflow, ret) == text.len;
}

static enum arras_status read_text(const struct reader *reader, struct arras_str text,
                                   struct ar_template *template)
{
    piece_vec pieces = {0};
    enum arras_status status = split(reader, text, &pieces);
    if (!status && pieces.count) {
        template->kind = KIND_TEXT;
        template->pieces = pieces.items;
        template->count = pieces.count;
    }
    return status;
}

static enum arras_status read_value(struct reader *reader, const struct arras_value *value,
                                    struct ar_template *template);

static enum arras_status read_children(struct reader *reader, const struct arras_value *value,
                                       struct ar_template *template)
{
    struct ar_template *children = ar_new_array(reader->arena, struct ar_template, value->count);
    if (!children) {
        return ar_no_memory(reader->diags);
    }
    bool constant = true;
    for (size_t i = 0; i < value->count; i++) {
        const struct arras_value *child =
            value->type == ARRAS_ARRAY ? &value->items[i] : &value->members[i].value;
        enum arras_status status = read_value(reader, child, &children[i]);
        if (status) {
            return status;
        }
        constant = constant && children[i].kind == KIND_CONSTANT;
    }
    if (!constant) {
        template->kind = value->type == ARRAS_ARRAY ? KIND_ARRAY : KIND_OBJECT;
        template->children = children;
        template->count = value->count;
    }
    return ARRAS_OK;
}

/* Depth: that of the document, which has a cap. */
static enum arras_status read_value(struct reader *reader, const struct arras_value *value,
                                    struct ar_template *template)
{
    *template = (struct ar_template){KIND_CONSTANT, .value = value, .workflow = reader->workflow};
    reader->at = value->at;
    if (ar_is_selector(value, reader->workflow->arazzo)) {
        template->kind = KIND_SELECTOR;
        template->selector = ar_new(reader->arena, struct ar_selector);
        return template->selector ? ar_selector_read(value, reader->workflow, reader->arena,
                                                     reader->diags, template->selector)
                                  : ar_no_memory(reader->diags);
    }
    if (value->type == ARRAS_ARRAY || value->type == ARRAS_OBJECT) {
        return read_children(reader, value, template);
    }
    if (value->type != ARRAS_STRING) {
        return ARRAS_OK;
    }
    if (is_whole(reader, ar_text(value), &template->expression)) {
        template->kind = KIND_EXPRESSION;
        template->expression.at = value->at;
        return ARRAS_OK;
    }
    return read_text(reader, ar_text(value), template);
}

enum arras_status ar_template_new(const struct arras_value *value,
                                  const struct ar_workflow *workflow, struct ar_arena *arena,
                                  struct ar_diags *diags, struct ar_template **ret)
{
    struct reader reader = {workflow, arena, diags, value->at};
    struct ar_template *template = ar_new(arena, struct ar_template);
    if (!template) {
        return ar_no_memory(diags);
    }
    *ret = template;
    return read_value(&reader, value, template);
}

bool ar_template_is_constant(const struct ar_template *template)
{
    return template->kind == KIND_CONSTANT;
}

bool ar_template_is_expression(const struct ar_template *template)
{
    return template->kind == KIND_EXPRESSION;
}

enum arras_status ar_template_visit(const struct ar_template *template, ar_template_visitor *visit,
                                    void *context)
{
    enum arras_status status = ARRAS_OK;
    if (template->kind == KIND_EXPRESSION) {
        return visit(context, &template->expression);
    }
    if (template->kind == KIND_SELECTOR) {
        return visit(context, &template->selector->context);
    }
    for (size_t i = 0; i < template->count && !status; i++) {
        if (template->kind != KIND_TEXT) {
            status = ar_template_visit(&template->children[i], visit, context);
        } else if (template->pieces[i].is_expression) {
            status = visit(context, &template->pieces[i].expression);
        }
    }
    return status;
}

static struct ar_filled nothing(const struct ar_template *template,
                                const struct ar_expression *missing)
{
    const struct ar_workflow *workflow = template->workflow;
    return (struct ar_filled){.missing = missing,
                              .optional = workflow->arazzo->strictness != ARRAS_STRICT &&
                                          ar_expression_is_optional_input(missing, workflow)};
}

static void add_as_text(struct ar_buf *buf, const struct arras_value *value)
{
    if (value->type == ARRAS_STRING) {
        ar_buf_add_str(buf, ar_text(value));
    } else {
        ar_json_write(buf, value, ARRAS_WRITE_COMPACT);
    }
}

static enum arras_status fill_text(const struct ar_template *template, const struct ar_scope *scope,
                                   struct ar_filled *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    enum arras_status status = ARRAS_OK;
    *ret = (struct ar_filled){0};
    for (size_t i = 0; i < template->count && !status && !ret->missing; i++) {
        const struct piece *piece = &template->pieces[i];
        const struct arras_value *value = NULL;
        if (!piece->is_expression) {
            ar_buf_add_str(&buf, piece->text);
            continue;
        }
        status = ar_expression_value(&piece->expression, scope, &value);
        if (!status && value) {
            add_as_text(&buf, value);
        } else if (!status) {
            *ret = nothing(template, &piece->expression);
        }
    }
    struct arras_str text;
    if (!status && !ret->missing) {
        status = ar_buf_copy(&buf, scope->arena, &text);
    }
    ar_buf_release(&buf);
    if (!status && !ret->missing) {
        ret->value = ar_value_new(scope->arena, ar_string(text));
        status = ret->value ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    return status;
}

static void warn_absent(const struct ar_template *template, const struct ar_expression *missing,
                        struct ar_diags *diags)
{
    ar_warning(diags, "optional-absent", &template->workflow->arazzo->document.source, missing->at,
               "'%.*s' was not given: what it stands for is left out", AR_STR_ARG(missing->text));
    ar_hint(diags, "give the input, or a default in the inputs' schema");
}

static enum arras_status fill_children(const struct ar_template *template,
                                       const struct ar_scope *scope, struct ar_diags *diags,
                                       struct ar_filled *ret)
{
    struct ar_list list;
    struct ar_object object;
    ar_list_init(&list, scope->arena);
    ar_object_init(&object, scope->arena);
    for (size_t i = 0; i < template->count; i++) {
        struct ar_filled child;
        enum arras_status status = ar_template_fill(&template->children[i], scope, diags, &child);
        if (status) {
            return status;
        }
        if (!child.value && !child.optional) {
            *ret = child;
            return ARRAS_OK;
        }
        if (!child.value) {
            warn_absent(template, child.missing, diags);
            continue;
        }
        bool kept = template->kind == KIND_ARRAY
                        ? ar_list_push(&list, *child.value)
                        : ar_object_set(&object, ar_member_name(&template->value->members[i]),
                                        *child.value);
        if (!kept) {
            return ar_no_memory(diags);
        }
    }
    struct arras_value value;
    if (template->kind == KIND_ARRAY) {
        value = ar_list_value(&list);
    } else if (!ar_object_value(&object, &value)) {
        return ar_no_memory(diags);
    }
    *ret = (struct ar_filled){.value = ar_value_new(scope->arena, value)};
    return ret->value ? ARRAS_OK : ar_no_memory(diags);
}

enum arras_status ar_template_fill(const struct ar_template *template, const struct ar_scope *scope,
                                   struct ar_diags *diags, struct ar_filled *ret)
{
    const struct arras_value *value;
    enum arras_status status;
    switch (template->kind) {
    case KIND_CONSTANT:
        *ret = (struct ar_filled){.value = template->value};
        return ARRAS_OK;
    case KIND_EXPRESSION:
        status = ar_expression_value(&template->expression, scope, &value);
        if (!status) {
            *ret = value ? (struct ar_filled){.value = value}
                         : nothing(template, &template->expression);
        }
        return status;
    case KIND_SELECTOR:
        status = ar_selector_value(template->selector, scope, diags, &value);
        if (!status) {
            *ret = value ? (struct ar_filled){.value = value}
                         : nothing(template, &template->selector->context);
        }
        return status;
    case KIND_TEXT:
        return fill_text(template, scope, ret);
    default:
        return fill_children(template, scope, diags, ret);
    }
}
