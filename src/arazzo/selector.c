#include "arazzo/selector.h"
#include "base/limits.h"
#include "query/jsonpath.h"
#include "query/xpath.h"
#include "value/pointer.h"

bool ar_is_selector(const struct arras_value *value, const struct ar_arazzo *arazzo)
{
    return arazzo->minor >= 1 && ar_is(value, ARRAS_OBJECT) && value->count == 3 &&
           ar_is(ar_get_z(value, "context"), ARRAS_STRING) &&
           ar_is(ar_get_z(value, "selector"), ARRAS_STRING) && ar_get_z(value, "type");
}

enum arras_status ar_query_check(enum ar_query_type type, struct arras_str query,
                                 const struct ar_query_place *place, struct ar_arena *arena,
                                 struct ar_diags *diags)
{
    struct ar_diags own;
    struct ar_jsonpath *path = NULL;
    enum arras_status status = ARRAS_OK;
    const char *language = "JSON Pointer";
    ar_diags_init(&own, arena);
    if (type == AR_JSONPOINTER && !ar_pointer_valid(query)) {
        status = ARRAS_SYNTAX;
    } else if (type == AR_JSONPATH) {
        language = "JSONPath";
        status = ar_jsonpath_compile(query, arena, &own, &path);
        if (!status) {
            ar_jsonpath_release(path);
        }
    } else if (type == AR_XPATH) {
        language = "XPath 1.0";
        status = ar_xpath_check(query, arena, &own);
    }
    const struct arras_diag *error = ar_diags_first_error(&own);
    if (status && status != ARRAS_NO_MEMORY) {
        ar_error(diags, status, place->what, place->source, place->at,
                 "the %s '%.*s' is not %s%s%.*s", place->what, AR_STR_ARG(query), language,
                 error ? ": " : "", AR_STR_ARG(error ? error->message : AR_STR("")));
    }
    return status;
}

enum arras_status ar_selector_read(const struct arras_value *value,
                                   const struct ar_workflow *workflow, struct ar_arena *arena,
                                   struct ar_diags *diags, struct ar_selector *ret)
{
    const struct arras_value *context = ar_get_z(value, "context");
    const struct arras_value *selector = ar_get_z(value, "selector");
    const struct ar_source *source = &workflow->arazzo->document.source;
    struct arras_str text = ar_text(context);
    ret->selector = ar_text(selector);
    if (!ar_str_starts(text, "$") ||
        ar_expression_scan(text, 0, AR_EXTENT_WHOLE, workflow, &ret->context) != text.len) {
        return ar_error(diags, ARRAS_INVALID, "selector", source, context->at,
                        "the context '%.*s' is not a runtime expression", AR_STR_ARG(text));
    }
    ret->context.at = context->at;
    enum arras_status status = ar_query_type_read(ar_get_z(value, "type"), AR_QUERY_SELECTOR,
                                                  workflow->arazzo, diags, &ret->type);
    struct ar_query_place place = {"selector", source, selector->at};
    return status ? status : ar_query_check(ret->type, ret->selector, &place, arena, diags);
}

static enum arras_status of_nodes(const struct ar_nodes *nodes, struct ar_arena *arena,
                                  const struct arras_value **ret)
{
    struct ar_list list;
    ar_list_init(&list, arena);
    *ret = nodes->list.count == 1 ? nodes->list.items[0].value : NULL;
    if (nodes->list.count < 2) {
        return ARRAS_OK;
    }
    for (size_t i = 0; i < nodes->list.count; i++) {
        if (!ar_list_push(&list, *nodes->list.items[i].value)) {
            return ARRAS_NO_MEMORY;
        }
    }
    *ret = ar_value_new(arena, ar_list_value(&list));
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status by_jsonpath(struct arras_str query, const struct arras_value *root,
                                     bool paths, struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_nodes *ret)
{
    struct ar_jsonpath *path;
    enum arras_status status = ar_jsonpath_compile(query, arena, diags, &path);
    if (!status) {
        status = ar_jsonpath_eval(path, root, paths, arena, diags, ret);
        ar_jsonpath_release(path);
    }
    return status;
}

/* A single element is its text, as string() of XPath has it. */
static enum arras_status by_xpath(struct arras_str query, struct arras_str xml,
                                  struct ar_arena *arena, struct ar_diags *diags,
                                  const struct arras_value **ret)
{
    struct arras_value value;
    struct arras_str single;
    bool truth;
    enum arras_status status = ar_xpath_eval(query, xml, arena, diags, &value, &truth);
    if (!status && value.type == ARRAS_ARRAY && value.count == 1) {
        status = ar_str_printf(arena, &single, "string(%.*s)", AR_STR_ARG(query))
                     ? ar_xpath_eval(single, xml, arena, diags, &value, &truth)
                     : ARRAS_NO_MEMORY;
    }
    if (status) {
        return status;
    }
    bool nothing = value.type == ARRAS_ARRAY && value.count == 0;
    *ret = nothing ? NULL : ar_value_new(arena, value);
    return nothing || *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_selector_value(const struct ar_selector *selector,
                                    const struct ar_scope *scope, struct ar_diags *diags,
                                    const struct arras_value **ret)
{
    const struct arras_value *context;
    struct ar_nodes nodes = {0};
    enum arras_status status = ar_expression_value(&selector->context, scope, &context);
    *ret = NULL;
    if (status || !context) {
        return status;
    }
    struct ar_diags
        own; /* what cannot be queried selects nothing; that is told by who needs a value */
    ar_diags_init(&own, scope->arena);
    switch (selector->type) {
    case AR_JSONPOINTER:
        *ret = ar_pointer_get(context, selector->selector);
        break;
    case AR_XPATH:
        status = by_xpath(selector->selector, ar_text(context), scope->arena, &own, ret);
        break;
    default:
        status = by_jsonpath(selector->selector, context, false, scope->arena, &own, &nodes);
        status = status ? status : of_nodes(&nodes, scope->arena, ret);
    }
    if (status == ARRAS_LIMIT) {
        ar_diags_add(diags, &own);
    }
    return status == ARRAS_NO_MEMORY || status == ARRAS_LIMIT ? status : ARRAS_OK;
}

/* "/a/0" of a node: its steps from the root on. */
static enum arras_status pointer_to(const struct ar_node *node, struct ar_arena *arena,
                                    struct arras_str *ret)
{
    AR_VEC(const struct ar_node *) way = {0};
    for (; node->parent; node = node->parent) {
        if (!ar_vec_push(arena, &way, node)) {
            return ARRAS_NO_MEMORY;
        }
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_QUERY_LENGTH);
    for (size_t i = way.count; i > 0; i--) {
        const struct ar_node *step = way.items[i - 1];
        if (step->by_name) {
            ar_pointer_add(&buf, step->name);
        } else {
            ar_buf_printf(&buf, "/%zu", step->index);
        }
    }
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

enum arras_status ar_selector_places(enum ar_query_type type, struct arras_str query,
                                     const struct arras_value *root, struct ar_arena *arena,
                                     struct ar_diags *diags, struct arras_str **ret,
                                     size_t *ret_count)
{
    struct ar_nodes nodes = {0};
    enum arras_status status = ARRAS_OK;
    size_t count = 1;
    if (type == AR_JSONPATH) {
        status = by_jsonpath(query, root, true, arena, diags, &nodes);
        count = nodes.list.count;
    }
    if (count > AR_REPLACEMENT_PLACES) { /* each one copies the way to it */
        return ARRAS_LIMIT;
    }
    struct arras_str *places = status ? NULL : ar_new_array(arena, struct arras_str, count);
    if (!places) {
        return status ? status : ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < count && !status; i++) {
        if (type == AR_JSONPATH) {
            status = pointer_to(&nodes.list.items[i], arena, &places[i]);
        } else {
            places[i] = query;
        }
    }
    *ret = places;
    *ret_count = count;
    return status;
}
