#include "run/inherit.h"

static bool add(ar_workflow_vec *list, const struct ar_workflow *workflow, struct ar_arena *arena)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == workflow) {
            return true;
        }
    }
    return !workflow || ar_vec_push(arena, list, workflow);
}

static bool add_targets(ar_workflow_vec *list, const struct ar_actions *actions,
                        struct ar_arena *arena)
{
    bool added = true;
    for (size_t i = 0; i < actions->count && added; i++) {
        added = add(list, actions->items[i].workflow, arena);
    }
    return added;
}

enum arras_status ar_inheriting(const struct ar_workflow *workflow, struct ar_arena *arena,
                                ar_workflow_vec *ret)
{
    bool added = add(ret, workflow, arena);
    for (size_t i = 0; i < ret->count && added; i++) { /* the list grows as it is walked */
        const struct ar_workflow *of = ret->items[i];
        for (size_t j = 0; j < of->depends_on_count && added; j++) {
            added = add(ret, of->dependencies[j], arena);
        }
        for (size_t j = 0; j < of->step_count && added; j++) {
            added = add_targets(ret, &of->steps[j].on_success, arena) &&
                    add_targets(ret, &of->steps[j].on_failure, arena);
        }
    }
    return added ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool is_false(const struct arras_value *value)
{
    return ar_is(value, ARRAS_BOOL) && !value->boolean;
}

/* Whether the schema allows no other inputs than it declares. */
static bool is_closed(const struct ar_workflow *workflow)
{
    bool closed = false;
    for (size_t i = 0; i < workflow->input_part_count; i++) {
        const struct arras_value *part = workflow->input_parts[i];
        if (ar_get_z(part, "patternProperties")) {
            return false;
        }
        closed = closed || is_false(ar_get_z(part, "additionalProperties")) ||
                 is_false(ar_get_z(part, "unevaluatedProperties"));
    }
    return closed;
}

/* Whether one of the list, from its `first` on, declares the input. */
static bool is_declared(const ar_workflow_vec *list, size_t first, struct arras_str name)
{
    bool declared = false;
    for (size_t i = first; i < list->count && !declared; i++) {
        declared = ar_workflow_input(list->items[i], name) != NULL;
    }
    return declared;
}

/* `inherited`: see ar_inputs_inherit, else ar_inputs_own. */
static enum arras_status filter(const struct ar_workflow *workflow, bool inherited,
                                const struct arras_value *inputs, struct ar_arena *arena,
                                const struct arras_value **ret)
{
    ar_workflow_vec list = {0};
    struct ar_object object;
    struct arras_value kept;
    *ret = inputs;
    if (!is_closed(workflow)) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_inheriting(workflow, arena, &list);
    ar_object_init(&object, arena);
    for (size_t i = 0; i < inputs->count && !status; i++) {
        const struct ar_member *member = &inputs->members[i];
        struct arras_str name = ar_member_name(member);
        bool keeps = ar_workflow_input(workflow, name) || is_declared(&list, 1, name) == inherited;
        if (keeps && !ar_object_set(&object, name, member->value)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status || !ar_object_value(&object, &kept)) {
        return ARRAS_NO_MEMORY;
    }
    *ret = ar_value_new(arena, kept);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_inputs_inherit(const struct ar_workflow *workflow,
                                    const struct arras_value *inputs, struct ar_arena *arena,
                                    const struct arras_value **ret)
{
    return filter(workflow, true, inputs, arena, ret);
}

enum arras_status ar_inputs_own(const struct ar_workflow *workflow,
                                const struct arras_value *inputs, struct ar_arena *arena,
                                const struct arras_value **ret)
{
    return filter(workflow, false, inputs, arena, ret);
}
