/* The order of steps: what can run before what. */
#include "arazzo/criterion.h"
#include "arazzo/reader.h"
#include "arazzo/template.h"

/* Which steps may follow which, directly or not: reach[i * count + j]. */
struct flow {
    const struct ar_workflow *workflow;
    bool *reach;
    size_t count;
};

static void connect(struct flow *flow, size_t from, size_t to)
{
    if (to < flow->count) {
        flow->reach[from * flow->count + to] = true;
    }
}

static void connect_actions(struct flow *flow, size_t step, const struct ar_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct ar_action *action = &actions->items[i];
        connect(flow, step, action->step);
        if (action->type == AR_ACTION_RETRY) {
            connect(flow, step, step);
            if (action->step < flow->count) { /* the step that runs before the retry */
                connect(flow, action->step, step);
            }
        }
    }
}

/* Everything that can be reached from a step, in a row of its own. */
static void spread(struct flow *flow, size_t from, size_t *queue)
{
    bool *row = flow->reach + from * flow->count;
    size_t length = 0;
    for (size_t i = 0; i < flow->count; i++) {
        if (row[i]) {
            queue[length++] = i;
        }
    }
    for (size_t next = 0; next < length; next++) {
        const bool *further = flow->reach + queue[next] * flow->count;
        for (size_t i = 0; i < flow->count; i++) {
            if (further[i] && !row[i]) {
                row[i] = true;
                queue[length++] = i;
            }
        }
    }
}

static bool make_flow(struct flow *flow, const struct ar_workflow *workflow, struct ar_arena *arena)
{
    flow->workflow = workflow;
    flow->count = workflow->step_count;
    flow->reach = ar_new_array(arena, bool, flow->count * flow->count);
    size_t *queue = ar_new_array(arena, size_t, flow->count);
    if (!flow->reach || !queue) {
        return false;
    }
    for (size_t i = 0; i < flow->count; i++) {
        connect(flow, i, i + 1);
        connect_actions(flow, i, &workflow->steps[i].on_success);
        connect_actions(flow, i, &workflow->steps[i].on_failure);
    }
    for (size_t i = 0; i < flow->count; i++) {
        spread(flow, i, queue);
    }
    return true;
}

struct reference {
    struct ar_reader *reader;
    const struct flow *flow;
    size_t step;  /* that refers */
    bool has_run; /* and has just run itself */
    enum arras_status status;
};

static enum arras_status check_reference(void *context, const struct ar_expression *expression)
{
    struct reference *reference = context;
    const struct flow *flow = reference->flow;
    size_t other = expression->root == AR_ROOT_STEPS
                       ? ar_workflow_step(flow->workflow, expression->name)
                       : AR_NOT_FOUND;
    bool itself = reference->has_run && other == reference->step;
    if (other == AR_NOT_FOUND || itself || flow->reach[other * flow->count + reference->step]) {
        return ARRAS_OK;
    }
    const struct ar_step *step = &flow->workflow->steps[reference->step];
    reference->status = ar_invalid(
        reference->reader, "forward-reference", expression->at,
        "the step '%.*s' uses '%.*s', but '%.*s' cannot have run before it", AR_STR_ARG(step->id),
        AR_STR_ARG(expression->text), AR_STR_ARG(expression->name));
    return ARRAS_OK;
}

static enum arras_status check_template(struct reference *reference,
                                        const struct ar_template *template)
{
    return template ? ar_template_visit(template, check_reference, reference) : ARRAS_OK;
}

static enum arras_status check_actions(struct reference *reference,
                                       const struct ar_actions *actions)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < actions->count; i++) {
        const struct ar_action *action = &actions->items[i];
        for (size_t j = 0; j < action->criteria.count && !status; j++) {
            status = ar_criterion_visit(&action->criteria.items[j], check_reference, reference);
        }
        for (size_t j = 0; j < action->parameters.count && !status; j++) {
            status = check_template(reference, action->parameters.items[j].value);
        }
    }
    return status;
}

static enum arras_status check_step(struct reference *reference, const struct ar_step *step)
{
    enum arras_status status = ARRAS_OK;
    reference->has_run = false;
    for (size_t i = 0; i < step->parameters.count && !status; i++) {
        status = check_template(reference, step->parameters.items[i].value);
    }
    if (step->body) {
        status = status ? status : check_template(reference, step->body->payload);
        for (size_t i = 0; i < step->body->replacement_count && !status; i++) {
            status = check_template(reference, step->body->replacements[i].value);
        }
    }
    reference->has_run = true;
    for (size_t i = 0; i < step->criteria.count && !status; i++) {
        status = ar_criterion_visit(&step->criteria.items[i], check_reference, reference);
    }
    for (size_t i = 0; i < step->outputs.count && !status; i++) {
        status = check_template(reference, step->outputs.items[i].value);
    }
    status = status ? status : check_actions(reference, &step->on_success);
    return status ? status : check_actions(reference, &step->on_failure);
}

/* Arazzo 1.1, Step Object, `dependsOn`: steps of other workflows exist. */
static enum arras_status check_others(struct ar_reader *reader, const struct ar_step *step)
{
    for (size_t i = 0; i < step->depends_on_count; i++) {
        struct arras_str name = step->depends_on[i];
        if (!ar_str_starts(name, "$")) {
            continue;
        }
        for (size_t j = 0; j < reader->arazzo->source_count; j++) {
            struct ar_source_description *source = &reader->arazzo->sources[j];
            bool named = ar_str_starts(name, "$sourceDescriptions.") &&
                         source->type == AR_SOURCE_ARAZZO &&
                         ar_str_find(name, source->name, 0) != AR_NOT_FOUND;
            enum arras_status status = named ? ar_source_arazzo_need(reader, source) : ARRAS_OK;
            if (status) {
                return status;
            }
        }
        size_t other;
        if (!ar_step_of_another(reader->workflow, name, &other)) {
            return ar_invalid(reader, "unknown-step", step->at,
                              "the step '%.*s' depends on '%.*s', which is no step",
                              AR_STR_ARG(step->id), AR_STR_ARG(name));
        }
    }
    return ARRAS_OK;
}

enum arras_status ar_flow_check(struct ar_reader *reader)
{
    struct ar_workflow *workflow = reader->workflow;
    struct flow flow;
    if (!make_flow(&flow, workflow, reader->arena)) {
        return ar_no_memory(reader->diags);
    }
    enum arras_status status = ARRAS_OK;
    struct reference reference = {reader, &flow, 0, false, ARRAS_OK};
    for (size_t i = 0; i < workflow->step_count && !status; i++) {
        reference.step = i;
        status = check_others(reader, &workflow->steps[i]);
        status = status ? status : check_step(&reference, &workflow->steps[i]);
    }
    return status ? status : reference.status;
}

static enum arras_status check_names(struct ar_reader *reader, const struct ar_step *step)
{
    for (size_t i = 0; i < step->depends_on_count; i++) {
        struct arras_str name = step->depends_on[i];
        if (!ar_str_starts(name, "$") && ar_workflow_step(reader->workflow, name) == AR_NOT_FOUND) {
            return ar_invalid(reader, "unknown-step", step->at,
                              "the step '%.*s' depends on '%.*s', which is no step of its workflow",
                              AR_STR_ARG(step->id), AR_STR_ARG(name));
        }
    }
    return ARRAS_OK;
}

/* What is known of the order while it is made. */
struct order {
    const struct ar_workflow *workflow;
    size_t count, step;
    bool *needs; /* needs[i * count + j]: step i those of j, by an expression */
    bool *placed;
};

static enum arras_status note_need(void *context, const struct ar_expression *expression)
{
    struct order *order = context;
    size_t other = expression->root == AR_ROOT_STEPS
                       ? ar_workflow_step(order->workflow, expression->name)
                       : AR_NOT_FOUND;
    if (other != AR_NOT_FOUND && other != order->step) {
        order->needs[order->step * order->count + other] = true;
    }
    return ARRAS_OK;
}

/* An expression that names an output is a dependency, too (Arazzo 1.1, Tool Behavior); where no
 * step has `dependsOn`, steps stay as they are written. */
static enum arras_status note_needs(struct order *order)
{
    enum arras_status status = ARRAS_OK;
    bool asked = false;
    for (size_t i = 0; i < order->count; i++) {
        asked = asked || order->workflow->steps[i].depends_on_count > 0;
    }
    for (size_t i = 0; asked && i < order->count && !status; i++) {
        const struct ar_step *step = &order->workflow->steps[i];
        order->step = i;
        for (size_t j = 0; j < step->parameters.count && !status; j++) {
            status = ar_template_visit(step->parameters.items[j].value, note_need, order);
        }
        if (step->body && step->body->payload && !status) {
            status = ar_template_visit(step->body->payload, note_need, order);
        }
        for (size_t j = 0; j < step->criteria.count && !status; j++) {
            status = ar_criterion_visit(&step->criteria.items[j], note_need, order);
        }
    }
    return status;
}

/* Whether all that a step depends on within this workflow is placed. */
static bool is_ready(const struct order *order, size_t index, bool expressions)
{
    const struct ar_step *step = &order->workflow->steps[index];
    bool ready = !order->placed[index];
    for (size_t i = 0; i < step->depends_on_count && ready; i++) {
        size_t other = ar_workflow_step(order->workflow, step->depends_on[i]);
        ready = other == AR_NOT_FOUND || order->placed[other];
    }
    for (size_t i = 0; expressions && i < order->count && ready; i++) {
        ready = !order->needs[index * order->count + i] || order->placed[i];
    }
    return ready;
}

/* The next step; one whose expressions look ahead where there is no other: an action may lead back
 * to it. AR_NOT_FOUND: none. */
static size_t next_step(const struct order *order)
{
    for (int expressions = 1; expressions >= 0; expressions--) {
        for (size_t i = 0; i < order->count; i++) {
            if (is_ready(order, i, expressions != 0)) {
                return i;
            }
        }
    }
    return AR_NOT_FOUND;
}

enum arras_status ar_flow_order(struct ar_reader *reader)
{
    struct ar_workflow *workflow = reader->workflow;
    size_t count = workflow->step_count;
    struct ar_step *ordered = ar_new_array(reader->arena, struct ar_step, count);
    struct order order = {.workflow = workflow,
                          .count = count,
                          .needs = ar_new_array(reader->arena, bool, count *count),
                          .placed = ar_new_array(reader->arena, bool, count)};
    if (!ordered || !order.placed || !order.needs || note_needs(&order)) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < count; i++) {
        enum arras_status status = check_names(reader, &workflow->steps[i]);
        if (status) {
            return status;
        }
    }
    for (size_t done = 0; done < count; done++) {
        size_t next = next_step(&order);
        if (next == AR_NOT_FOUND) {
            size_t first = 0;
            while (order.placed[first]) {
                first++;
            }
            return ar_invalid(reader, "depends-on-circle", workflow->steps[first].at,
                              "the step '%.*s' depends, by way of others, on itself",
                              AR_STR_ARG(workflow->steps[first].id));
        }
        order.placed[next] = true;
        ordered[done] = workflow->steps[next];
    }
    memcpy(workflow->steps, ordered, count * sizeof(*ordered));
    return ARRAS_OK;
}
