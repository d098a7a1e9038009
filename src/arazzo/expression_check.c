/* What can be known of a runtime expression before anything runs. */
#include "arazzo/expression.h"

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

static enum arras_status deviation(const struct ar_expression *expression,
                                   const struct ar_workflow *workflow, struct ar_diags *diags)
{
    if (expression->in_condition) {
        return ARRAS_OK; /* Criterion Object, Operators: Index, Property de-reference */
    }
    enum arras_status status =
        ar_deviation(diags, workflow->arazzo->strictness == ARRAS_STRICT, "walked-value",
                     &workflow->arazzo->document.source, expression->at,
                     "'%.*s' walks into a value, which the specification does with a JSON Pointer",
                     AR_STR_ARG(expression->text));
    ar_hint(diags, "write '#/a/b' where it says '.a.b'");
    return status;
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
        return deviation(expression, workflow, diags);
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
                                                  : deviation(expression, workflow, diags);
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
        return ar_deviation(diags, workflow->arazzo->strictness == ARRAS_STRICT, "unknown-output",
                            &workflow->arazzo->document.source, expression->at,
                            "'%.*s': the %s '%.*s' declares no output '%.*s'",
                            AR_STR_ARG(expression->text), owner, AR_STR_ARG(expression->name),
                            AR_STR_ARG(name));
    }
    return is_way_of_the_letter(behind, workflow) ? ARRAS_OK
                                                  : deviation(expression, workflow, diags);
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
        return deviation(expression, workflow, diags);
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
    bool letter = expression->part == AR_PART_BODY
                      ? is_way_of_the_letter(expression->rest, workflow)
                      : ar_str_find(expression->text, AR_STR(".headers."), 0) == AR_NOT_FOUND;
    return letter ? ARRAS_OK : deviation(expression, workflow, diags);
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
