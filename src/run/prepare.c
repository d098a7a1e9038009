/* What is checked before the first request: nothing is sent by a run that could not go through. */
#include "arazzo/criterion.h"
#include "arazzo/template.h"
#include "run/machine.h"

struct check {
    const struct ar_workflow *workflow;
    const struct ar_step *step; /* NULL: the workflow's outputs */
    const struct arras_value *inputs;
    struct ar_diags *diags;
    struct ar_arena *arena;
    bool own;    /* the inputs are those of this workflow */
    bool filled; /* the expression gives a value that is sent or returned, no condition */
    bool after;  /* it is evaluated once the step has run */
    enum arras_status first;
};

/* Strict: an optional input that was not given may not stand where a value is needed. */
static enum arras_status check_absent(const struct check *check,
                                      const struct ar_expression *expression)
{
    const struct ar_arazzo *arazzo = check->workflow->arazzo;
    struct ar_scope scope = {
        .workflow = check->workflow, .inputs = check->inputs, .arena = check->arena};
    const struct arras_value *value = NULL;
    bool asked = check->own && check->filled && arazzo->strictness == ARRAS_STRICT &&
                 ar_expression_is_optional_input(expression, check->workflow);
    if (!asked || ar_expression_value(expression, &scope, &value) || value) {
        return ARRAS_OK;
    }
    ar_error(check->diags, ARRAS_INVALID, "optional-absent", &arazzo->document.source,
             expression->at, "'%.*s' was not given, and a value is needed",
             AR_STR_ARG(expression->text));
    ar_hint(check->diags, "give the input, or a default in the inputs' schema");
    return ARRAS_INVALID;
}

/* Messages are those of AsyncAPI. */
static enum arras_status refuse_message(const struct check *check,
                                        const struct ar_expression *expression)
{
    struct arras_str owner = check->step ? check->step->id : check->workflow->id;
    return ar_error(
        check->diags, ARRAS_UNSUPPORTED, "asyncapi", &check->workflow->arazzo->document.source,
        expression->at, "the %s '%.*s': '%.*s': messages of AsyncAPI are not supported",
        check->step ? "step" : "workflow", AR_STR_ARG(owner), AR_STR_ARG(expression->text));
}

/* The specification says what came back of a request only. */
static enum arras_status check_called(const struct check *check,
                                      const struct ar_expression *expression)
{
    const struct ar_arazzo *arazzo = check->workflow->arazzo;
    bool of_exchange = expression->root <= AR_ROOT_RESPONSE;
    if (!check->after || !check->step || !check->step->workflow || !of_exchange) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_deviation(
        check->diags, arazzo->strictness == ARRAS_STRICT, "called-response",
        &arazzo->document.source, expression->at,
        "the step '%.*s' calls a workflow; '%.*s' is that of the workflow's last request",
        AR_STR_ARG(check->step->id), AR_STR_ARG(expression->text));
    ar_hint(check->diags, "let the called workflow have an output, and use $outputs here");
    return status;
}

static enum arras_status check_expression(void *context, const struct ar_expression *expression)
{
    struct check *check = context;
    enum arras_status status =
        expression->root == AR_ROOT_MESSAGE
            ? refuse_message(check, expression)
            : ar_expression_check(expression, check->workflow, check->inputs, check->diags);
    status = status ? status : check_absent(check, expression);
    status = status ? status : check_called(check, expression);
    check->first = check->first ? check->first : status;
    return ARRAS_OK; /* go on: all that is wrong is told at once */
}

static void check_template(struct check *check, const struct ar_template *template)
{
    check->filled = true;
    enum arras_status status =
        template ? ar_template_visit(template, check_expression, check) : ARRAS_OK;
    check->first = check->first ? check->first : status;
}

static void check_criteria(struct check *check, const struct ar_criteria *criteria)
{
    check->filled = false;
    for (size_t i = 0; i < criteria->count; i++) {
        enum arras_status status = ar_criterion_visit(&criteria->items[i], check_expression, check);
        check->first = check->first ? check->first : status;
    }
}

static void check_actions(struct check *check, const struct ar_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct ar_action *action = &actions->items[i];
        check_criteria(check, &action->criteria);
        for (size_t j = 0; j < action->parameters.count; j++) {
            check_template(check, action->parameters.items[j].value);
        }
    }
}

static void check_outputs(struct check *check, const struct ar_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        check_template(check, outputs->items[i].value);
    }
}

static void check_step(struct check *check, const struct ar_step *step)
{
    check->step = step;
    for (size_t i = 0; i < step->parameters.count; i++) {
        check_template(check, step->parameters.items[i].value);
    }
    if (step->body) {
        check_template(check, step->body->payload);
        for (size_t i = 0; i < step->body->replacement_count; i++) {
            check_template(check, step->body->replacements[i].value);
        }
    }
    check->after = true; /* of actions it is not told: some are those of all steps */
    check_criteria(check, &step->criteria);
    check->after = false;
    check_actions(check, &step->on_success);
    check_actions(check, &step->on_failure);
    check->after = true;
    check_outputs(check, &step->outputs);
    check->after = false;
}

static enum arras_status check_expressions(struct ar_run *run, const struct ar_workflow *workflow,
                                           const struct arras_value *inputs)
{
    struct check check = {.workflow = workflow,
                          .inputs = inputs,
                          .diags = run->settings.diags,
                          .arena = run->arena,
                          .own = workflow == run->settings.workflow};
    for (size_t i = 0; i < workflow->step_count; i++) {
        check_step(&check, &workflow->steps[i]);
    }
    check.step = NULL;
    check_outputs(&check, &workflow->outputs);
    return check.first;
}

static bool is_planned(const struct ar_run *run, const struct ar_workflow *workflow)
{
    for (size_t i = 0; i < run->plans.count; i++) {
        if (run->plans.items[i].workflow == workflow) {
            return true;
        }
    }
    return false;
}

static bool add_plan(struct ar_run *run, const struct ar_workflow *workflow)
{
    struct ar_plan plan = {.workflow = workflow};
    if (!workflow || is_planned(run, workflow)) {
        return true;
    }
    plan.servers = ar_new_array(run->arena, struct arras_str, workflow->step_count);
    plan.access = ar_new_array(run->arena, struct ar_access, workflow->step_count);
    plan.completed = ar_new_array(run->arena, bool, workflow->step_count);
    return plan.servers && plan.access && plan.completed &&
           ar_vec_push(run->arena, &run->plans, plan);
}

static bool add_targets(struct ar_run *run, const struct ar_actions *actions)
{
    bool added = true;
    for (size_t i = 0; i < actions->count && added; i++) {
        added = add_plan(run, actions->items[i].workflow);
    }
    return added;
}

/* All workflows that the run may reach; the list grows while it is walked. */
static bool plan_all(struct ar_run *run)
{
    bool added = add_plan(run, run->settings.workflow);
    for (size_t i = 0; added && i < run->plans.count; i++) {
        const struct ar_workflow *workflow = run->plans.items[i].workflow;
        for (size_t j = 0; added && j < workflow->depends_on_count; j++) {
            added = add_plan(run, workflow->dependencies[j]);
        }
        for (size_t j = 0; added && j < workflow->step_count; j++) {
            const struct ar_step *step = &workflow->steps[j];
            added = add_plan(run, step->workflow) && add_targets(run, &step->on_success) &&
                    add_targets(run, &step->on_failure);
        }
    }
    return added;
}

static bool add_action_inputs(struct ar_object *object, const struct ar_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct ar_parameters *parameters = &actions->items[i].parameters;
        for (size_t j = 0; j < parameters->count; j++) {
            if (!ar_object_set(object, parameters->items[j].name, ar_null())) {
                return false;
            }
        }
    }
    return true;
}

/* What workflows are given besides the run's own inputs: the parameters of the steps and actions
 * that lead to them. */
static enum arras_status all_inputs(struct ar_run *run, struct arras_value *ret)
{
    struct ar_object object;
    bool made = true;
    const struct arras_value *inputs = run->settings.inputs;
    ar_object_init(&object, run->arena);
    for (size_t i = 0; i < inputs->count && made; i++) {
        made =
            ar_object_set(&object, ar_member_name(&inputs->members[i]), inputs->members[i].value);
    }
    for (size_t i = 0; i < run->plans.count && made; i++) {
        const struct ar_workflow *workflow = run->plans.items[i].workflow;
        for (size_t j = 0; j < workflow->step_count && made; j++) {
            const struct ar_parameters *parameters = &workflow->steps[j].parameters;
            for (size_t k = 0; workflow->steps[j].workflow && k < parameters->count && made; k++) {
                made = ar_object_set(&object, parameters->items[k].name, ar_null());
            }
            made = made && add_action_inputs(&object, &workflow->steps[j].on_success) &&
                   add_action_inputs(&object, &workflow->steps[j].on_failure);
        }
    }
    return made && ar_object_value(&object, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status check_plan(struct ar_run *run, struct ar_plan *plan,
                                    const struct arras_value *inputs)
{
    const struct ar_workflow *workflow = plan->workflow;
    ar_diags_add(run->settings.diags, &workflow->diags);
    if (workflow->status) {
        return workflow->status;
    }
    enum arras_status status = check_expressions(run, workflow, inputs);
    for (size_t i = 0; i < workflow->step_count && !status; i++) {
        if (workflow->steps[i].operation) {
            status = ar_run_find_server(run, &workflow->steps[i], &plan->servers[i]);
            status =
                status ? status
                       : ar_credentials_find(run, workflow, i, plan->servers[i], &plan->access[i]);
        }
    }
    return status;
}

bool ar_step_is_called(const struct ar_workflow *workflow, const struct ar_step *step,
                       const char *name)
{
    struct arras_str text = ar_str_z(name), id = workflow->id;
    if (ar_str_eq(text, step->id)) {
        return true;
    }
    return text.len == id.len + 1 + step->id.len && ar_str_eq(ar_str_sub(text, 0, id.len), id) &&
           text.ptr[id.len] == '.' && ar_str_eq(ar_str_from(text, id.len + 1), step->id);
}

/* Whether the run may reach a step of that name which sends a request. */
static bool has_step(const struct ar_run *run, const char *name)
{
    for (size_t i = 0; i < run->plans.count; i++) {
        const struct ar_workflow *workflow = run->plans.items[i].workflow;
        for (size_t j = 0; j < workflow->step_count; j++) {
            const struct ar_step *step = &workflow->steps[j];
            if (step->operation && ar_step_is_called(workflow, step, name)) {
                return true;
            }
        }
    }
    return false;
}

static enum arras_status check_saves(struct ar_run *run)
{
    const struct arras_settings *saves = &run->settings.saves;
    for (size_t i = 0; i < saves->count; i++) {
        if (!has_step(run, saves->items[i].name)) {
            return ar_error(run->settings.diags, ARRAS_USAGE, "unknown-step", NULL, 0,
                            "--save: the run has no step '%s' that sends a request",
                            saves->items[i].name);
        }
    }
    return ARRAS_OK;
}

/* A workflow that must run, each time this one does, before it can succeed: those it depends on,
 * and those it calls before any action could lead elsewhere. NULL past the last. */
static const struct ar_workflow *needed(const struct ar_workflow *workflow, size_t index)
{
    if (index < workflow->depends_on_count) {
        return workflow->dependencies[index];
    }
    index -= workflow->depends_on_count;
    for (size_t i = 0; i < workflow->step_count; i++) {
        const struct ar_step *step = &workflow->steps[i];
        if (step->workflow && index-- == 0) {
            return step->workflow;
        }
        if (step->on_success.count || step->on_failure.count) {
            break;
        }
    }
    return NULL;
}

/* Whether a workflow needs itself, directly or not: that cannot end. `seen`: by plan. */
static bool needs_itself(struct ar_run *run, const struct ar_workflow *workflow, bool *seen)
{
    bool grown = true, found = false;
    memset(seen, 0, run->plans.count * sizeof(*seen));
    seen[ar_run_plan(run, workflow) - run->plans.items] = true;
    while (grown && !found) {
        grown = false;
        for (size_t i = 0; i < run->plans.count && !found; i++) {
            const struct ar_workflow *other;
            for (size_t j = 0; seen[i] && (other = needed(run->plans.items[i].workflow, j)); j++) {
                size_t next = (size_t)(ar_run_plan(run, other) - run->plans.items);
                found = found || other == workflow;
                grown = grown || !seen[next];
                seen[next] = true;
            }
        }
    }
    return found;
}

static enum arras_status check_circles(struct ar_run *run)
{
    bool *seen = ar_new_array(run->arena, bool, run->plans.count);
    if (!seen) {
        return ar_no_memory(run->settings.diags);
    }
    for (size_t i = 0; i < run->plans.count; i++) {
        const struct ar_workflow *workflow = run->plans.items[i].workflow;
        if (!workflow->status && needs_itself(run, workflow, seen)) {
            return ar_error(
                run->settings.diags, ARRAS_INVALID, "circular-workflows",
                &workflow->arazzo->document.source, workflow->at,
                "the workflow '%.*s' depends on itself or calls itself, so it cannot end",
                AR_STR_ARG(workflow->id));
        }
    }
    return ARRAS_OK;
}

enum arras_status ar_run_prepare(struct ar_run *run)
{
    struct arras_value nested;
    if (!plan_all(run) || all_inputs(run, &nested)) {
        return ar_no_memory(run->settings.diags);
    }
    enum arras_status status = ar_run_check_servers(run);
    for (size_t i = 0; i < run->plans.count && !status; i++) {
        bool own = run->plans.items[i].workflow == run->settings.workflow;
        status = check_plan(run, &run->plans.items[i], own ? run->settings.inputs : &nested);
    }
    status = status ? status : check_saves(run);
    status = status ? status : check_circles(run);
    return status ? status : ar_credentials_tell(run);
}
