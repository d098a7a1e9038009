/* What can be known of a runtime expression before anything runs. */
#include "arazzo/expression.h"
#include "base/limits.h"
#include "value/pointer.h"

/* The declared or plain name behind the dot, and what follows it. */
static struct arras_str first_name(struct arras_str rest, const struct ar_outputs *outputs,
                                   const struct ar_workflow *inputs_of,
                                   const struct arras_value *given, struct arras_str *ret_behind)
{
    struct arras_str text = ar_str_from(rest, 1);
    size_t end = 0;
    for (size_t i = text.len; i > 0 && end == 0; i--) {
        struct arras_str name = ar_str_sub(text, 0, i);
        bool ends = i == text.len || memchr(".[#", text.ptr[i], 3);
        bool declared =
            ends && ((inputs_of && ar_workflow_input(inputs_of, name)) || ar_get(given, name));
        for (size_t j = 0; ends && !declared && outputs && j < outputs->count; j++) {
            declared = ar_str_eq(outputs->items[j].name, name);
        }
        end = declared ? i : 0;
    }
    while (end == 0 && text.len) {
        size_t i = 1;
        while (i < text.len && !memchr(".[#", text.ptr[i], 3)) {
            i++;
        }
        end = i;
    }
    *ret_behind = ar_str_from(text, end);
    return ar_str_sub(text, 0, end);
}

/* ".a[0]['b']", "#a": what is behind it as a JSON Pointer. False where that cannot be said. */
static bool add_way(struct ar_buf *buf, struct arras_str way)
{
    bool pointer = ar_str_starts(way, "#");
    ar_buf_add_char(buf, '#');
    if (pointer) {
        way = ar_str_from(way, 1);
        ar_buf_printf(buf, "%s%.*s", ar_str_starts(way, "/") ? "" : "/", AR_STR_ARG(way));
        return ar_str_find_char(way, '$', 0) == AR_NOT_FOUND;
    }
    while (way.len) {
        bool bracket = way.ptr[0] == '[';
        size_t end = 1;
        while (end < way.len && (bracket ? way.ptr[end] != ']' : !memchr(".[#", way.ptr[end], 3))) {
            end++;
        }
        struct arras_str token = ar_str_sub(way, 1, end);
        if (way.ptr[0] == '#' || (bracket && end == way.len)) {
            return false;
        }
        bool quoted = bracket && token.len > 1 && (token.ptr[0] == '\'' || token.ptr[0] == '"');
        ar_pointer_add(buf, quoted ? ar_str_sub(token, 1, token.len - 1) : token);
        way = ar_str_from(way, bracket ? end + 1 : end);
    }
    return true;
}

/* `behind`: the end of the expression's text that walks into a value. */
static void show_pointer(const struct ar_expression *expression, struct arras_str behind,
                         struct ar_diags *diags)
{
    struct ar_buf way;
    ar_buf_init(&way, AR_QUERY_LENGTH);
    bool known = add_way(&way, behind) && !ar_buf_status(&way);
    struct arras_str before = ar_str_sub(expression->text, 0, expression->text.len - behind.len);
    struct arras_str pointer = ar_buf_str(&way);
    if (known) {
        ar_hint(diags, "write %.*s%.*s", AR_STR_ARG(before), AR_STR_ARG(pointer));
    } else {
        ar_hint(diags, "a JSON Pointer behind '#' leads into a value: #/a/0/b");
    }
    ar_buf_release(&way);
}

static enum arras_status deviation(const struct ar_expression *expression,
                                   const struct ar_workflow *workflow, struct arras_str behind,
                                   struct ar_diags *diags)
{
    if (expression->in_condition) {
        return ARRAS_OK; /* Criterion Object, Operators: Index, Property de-reference */
    }
    enum arras_status status =
        ar_deviation(diags, workflow->arazzo->strictness == ARRAS_STRICT, "walked-value",
                     &workflow->arazzo->document.source, expression->at,
                     "'%.*s' walks into a value, which the specification does with a JSON Pointer",
                     AR_STR_ARG(expression->text));
    show_pointer(expression, behind, diags);
    return status;
}

/* A form that the specification has with other words: `right` where `wrong` stands from `at` on. */
static enum arras_status renamed(const struct ar_expression *expression,
                                 const struct ar_workflow *workflow, size_t at, const char *wrong,
                                 const char *right, struct ar_diags *diags)
{
    struct arras_str text = expression->text;
    if (expression->in_condition) {
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_deviation(diags, workflow->arazzo->strictness == ARRAS_STRICT, "walked-value",
                     &workflow->arazzo->document.source, expression->at,
                     "'%.*s' is not the form of the specification", AR_STR_ARG(expression->text));
    ar_hint(diags, "write %.*s%s%.*s", AR_STR_ARG(ar_str_sub(text, 0, at)), right,
            AR_STR_ARG(ar_str_from(text, at + strlen(wrong))));
    return status;
}

/* "$steps.s.x" */
static enum arras_status without_outputs(const struct ar_expression *expression,
                                         const struct ar_workflow *workflow, struct ar_diags *diags)
{
    return renamed(expression, workflow, expression->text.len - expression->rest.len, "",
                   ".outputs", diags);
}

/* Nothing, or a pointer without expressions in it. */
static bool is_way_of_the_letter(struct arras_str behind, const struct ar_workflow *workflow)
{
    struct ar_expression inner;
    if (behind.len > 1 && !ar_str_starts(behind, "#/")) {
        return false;
    }
    while (behind.len) {
        struct arras_str token = ar_str_cut(&behind, '/');
        if (ar_pointer_expression(token, workflow, &inner)) {
            return false;
        }
    }
    return true;
}

/* The expressions within a pointer are checked as any other. */
static enum arras_status check_tokens(const struct ar_expression *expression,
                                      const struct ar_workflow *workflow,
                                      const struct arras_value *inputs, struct ar_diags *diags)
{
    struct arras_str rest = expression->rest;
    enum arras_status first = ARRAS_OK;
    ar_str_cut(&rest, '#');
    bool pointer = ar_str_starts(rest, "/");
    while (pointer && rest.len) {
        struct ar_expression inner = {0};
        if (ar_pointer_expression(ar_str_cut(&rest, '/'), workflow, &inner)) {
            inner.at = expression->at;
            enum arras_status status = ar_expression_check(&inner, workflow, inputs, diags);
            first = first ? first : status;
        }
    }
    return first;
}

static enum arras_status check_input(const struct ar_expression *expression,
                                     const struct ar_workflow *workflow,
                                     const struct arras_value *inputs, struct ar_diags *diags)
{
    if (expression->rest.ptr[0] != '.') {
        return deviation(expression, workflow, expression->rest, diags);
    }
    struct arras_str behind;
    struct arras_str name = first_name(expression->rest, NULL, workflow, inputs, &behind);
    if (!ar_workflow_input(workflow, name) && !ar_get(inputs, name)) {
        ar_error(diags, ARRAS_INVALID, "unknown-input", &workflow->arazzo->document.source,
                 expression->at, "'%.*s': the input '%.*s' is neither declared nor given",
                 AR_STR_ARG(expression->text), AR_STR_ARG(name));
        ar_hint(diags, "declare it under the workflow's inputs, or give --input %.*s=...",
                AR_STR_ARG(name));
        return ARRAS_INVALID;
    }
    return is_way_of_the_letter(behind, workflow) ? ARRAS_OK
                                                  : deviation(expression, workflow, behind, diags);
}

static enum arras_status check_outputs(const struct ar_expression *expression,
                                       const struct ar_workflow *workflow, struct arras_str rest,
                                       const struct ar_outputs *outputs, const char *owner,
                                       struct ar_diags *diags)
{
    struct arras_str behind;
    struct arras_str name = first_name(rest, outputs, NULL, NULL, &behind);
    bool declared = false;
    for (size_t i = 0; i < outputs->count; i++) {
        declared = declared || ar_str_eq(outputs->items[i].name, name);
    }
    if (!declared) {
        enum arras_status status = ar_deviation(
            diags, workflow->arazzo->strictness == ARRAS_STRICT, "unknown-output",
            &workflow->arazzo->document.source, expression->at,
            "'%.*s': the %s '%.*s' declares no output '%.*s'", AR_STR_ARG(expression->text), owner,
            AR_STR_ARG(expression->name), AR_STR_ARG(name));
        ar_hint(diags, "declare it under the outputs of '%.*s'", AR_STR_ARG(expression->name));
        return status;
    }
    return is_way_of_the_letter(behind, workflow) ? ARRAS_OK
                                                  : deviation(expression, workflow, behind, diags);
}

static enum arras_status check_step(const struct ar_expression *expression,
                                    const struct ar_workflow *workflow, struct ar_diags *diags)
{
    size_t index = ar_workflow_step(workflow, expression->name);
    if (index == AR_NOT_FOUND) {
        return ar_error(diags, ARRAS_INVALID, "unknown-step", &workflow->arazzo->document.source,
                        expression->at, "'%.*s': the workflow '%.*s' has no step '%.*s'",
                        AR_STR_ARG(expression->text), AR_STR_ARG(workflow->id),
                        AR_STR_ARG(expression->name));
    }
    const struct ar_step *step = &workflow->steps[index];
    /* a called workflow's outputs are the step's where it declares none */
    const struct ar_outputs *outputs =
        step->outputs.count == 0 && step->workflow ? &step->workflow->outputs : &step->outputs;
    const char *behind = ".outputs";
    if (ar_str_is(expression->rest, behind)) {
        return ARRAS_OK;
    }
    if (!ar_str_starts(expression->rest, ".outputs.")) {
        return ar_str_starts(expression->rest, behind)
                   ? deviation(expression, workflow, ar_str_from(expression->rest, strlen(behind)),
                               diags)
                   : without_outputs(expression, workflow, diags);
    }
    return check_outputs(expression, workflow, ar_str_from(expression->rest, strlen(behind)),
                         outputs, "step", diags);
}

static enum arras_status check_workflow(const struct ar_expression *expression,
                                        const struct ar_workflow *workflow, struct ar_diags *diags)
{
    const struct ar_workflow *named = ar_arazzo_workflow(workflow->arazzo, expression->name);
    if (!named) {
        return ar_error(diags, ARRAS_INVALID, "unknown-workflow",
                        &workflow->arazzo->document.source, expression->at,
                        "'%.*s': there is no workflow '%.*s'", AR_STR_ARG(expression->text),
                        AR_STR_ARG(expression->name));
    }
    return ar_str_starts(expression->rest, ".outputs.")
               ? check_outputs(expression, workflow,
                               ar_str_from(expression->rest, strlen(".outputs")), &named->outputs,
                               "workflow", diags)
               : ARRAS_OK;
}

static enum arras_status check_message(const struct ar_expression *expression,
                                       const struct ar_workflow *workflow, struct ar_diags *diags)
{
    if (expression->part != AR_PART_BODY) {
        size_t at = ar_str_find(expression->text, AR_STR(".headers."), 0);
        return at == AR_NOT_FOUND
                   ? ARRAS_OK
                   : renamed(expression, workflow, at, ".headers.", ".header.", diags);
    }
    return is_way_of_the_letter(expression->rest, workflow)
               ? ARRAS_OK
               : deviation(expression, workflow, expression->rest, diags);
}

/* "$inputs" by itself: all of them. */
static enum arras_status check_nameless(const struct ar_expression *expression,
                                        const struct ar_workflow *workflow, struct ar_diags *diags)
{
    return ar_deviation(diags, workflow->arazzo->strictness == ARRAS_STRICT, "walked-value",
                        &workflow->arazzo->document.source, expression->at,
                        "'%.*s' names none of them; it stands for all",
                        AR_STR_ARG(expression->text));
}

static bool needs_name(const struct ar_expression *expression)
{
    return expression->root == AR_ROOT_INPUTS || expression->root == AR_ROOT_OUTPUTS ||
           expression->root == AR_ROOT_COMPONENTS;
}

static enum arras_status check_root(const struct ar_expression *expression,
                                    const struct ar_workflow *workflow,
                                    const struct arras_value *inputs, struct ar_diags *diags)
{
    if (needs_name(expression) && expression->rest.len == 0) {
        return check_nameless(expression, workflow, diags);
    }
    switch (expression->root) {
    case AR_ROOT_INPUTS:
        return check_input(expression, workflow, inputs, diags);
    case AR_ROOT_STEPS:
        return check_step(expression, workflow, diags);
    case AR_ROOT_WORKFLOWS:
        return check_workflow(expression, workflow, diags);
    case AR_ROOT_SOURCE_DESCRIPTIONS:
        if (!ar_arazzo_source(workflow->arazzo, expression->name)) {
            return ar_error(diags, ARRAS_INVALID, "unknown-source",
                            &workflow->arazzo->document.source, expression->at,
                            "'%.*s': there is no source description '%.*s'",
                            AR_STR_ARG(expression->text), AR_STR_ARG(expression->name));
        }
        return ARRAS_OK;
    case AR_ROOT_MESSAGE:
        return ar_error(diags, ARRAS_UNSUPPORTED, "asyncapi", &workflow->arazzo->document.source,
                        expression->at, "'%.*s': messages of AsyncAPI are not supported",
                        AR_STR_ARG(expression->text));
    case AR_ROOT_REQUEST:
    case AR_ROOT_RESPONSE:
        return check_message(expression, workflow, diags);
    default:
        return ARRAS_OK;
    }
}

enum arras_status ar_expression_check(const struct ar_expression *expression,
                                      const struct ar_workflow *workflow,
                                      const struct arras_value *inputs, struct ar_diags *diags)
{
    enum arras_status status = check_root(expression, workflow, inputs, diags);
    enum arras_status inner = check_tokens(expression, workflow, inputs, diags);
    return status ? status : inner;
}

bool ar_expression_is_optional_input(const struct ar_expression *expression,
                                     const struct ar_workflow *workflow)
{
    if (expression->root != AR_ROOT_INPUTS || !ar_str_starts(expression->rest, ".")) {
        return false;
    }
    struct arras_str behind;
    struct arras_str name = first_name(expression->rest, NULL, workflow, NULL, &behind);
    return ar_workflow_input(workflow, name) && !ar_workflow_input_required(workflow, name);
}
