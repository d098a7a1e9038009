#include "arazzo/model.h"
#include "base/limits.h"
#include "value/pointer.h"

struct ar_workflow *ar_arazzo_workflow(const struct ar_arazzo *arazzo, struct arras_str id)
{
    for (size_t i = 0; i < arazzo->workflow_count; i++) {
        if (ar_str_eq(arazzo->workflows[i].id, id)) {
            return &arazzo->workflows[i];
        }
    }
    return NULL;
}

struct ar_source_description *ar_arazzo_source(const struct ar_arazzo *arazzo,
                                               struct arras_str name)
{
    for (size_t i = 0; i < arazzo->source_count; i++) {
        if (ar_str_eq(arazzo->sources[i].name, name)) {
            return &arazzo->sources[i];
        }
    }
    return NULL;
}

size_t ar_workflow_step(const struct ar_workflow *workflow, struct arras_str id)
{
    for (size_t i = 0; i < workflow->step_count; i++) {
        if (ar_str_eq(workflow->steps[i].id, id)) {
            return i;
        }
    }
    return AR_NOT_FOUND;
}

const struct arras_value *ar_inputs_follow(const struct ar_workflow *workflow,
                                           const struct arras_value *schema)
{
    for (int i = 0; i < AR_REF_CHAIN; i++) {
        struct arras_str ref = ar_text(ar_get_z(schema, "$ref"));
        if (!ar_str_starts(ref, "#")) {
            break;
        }
        schema = ar_pointer_get(&workflow->arazzo->document.root, ar_str_from(ref, 1));
    }
    return schema;
}

static const struct arras_value *find_input(const struct ar_workflow *workflow,
                                            const struct arras_value *schema, struct arras_str name,
                                            int depth)
{
    schema = ar_inputs_follow(workflow, schema);
    const struct arras_value *found = ar_get(ar_get_z(schema, "properties"), name);
    const struct arras_value *parts = ar_get_z(schema, "allOf");
    for (size_t i = 0; !found && ar_item(parts, i) && depth < AR_RUN_DEPTH; i++) {
        found = find_input(workflow, ar_item(parts, i), name, depth + 1);
    }
    return found;
}

const struct arras_value *ar_workflow_input(const struct ar_workflow *workflow,
                                            struct arras_str name)
{
    return find_input(workflow, workflow->inputs, name, 0);
}

bool ar_workflow_input_required(const struct ar_workflow *workflow, struct arras_str name)
{
    const struct arras_value *required =
        ar_get_z(ar_inputs_follow(workflow, workflow->inputs), "required");
    for (size_t i = 0; ar_item(required, i); i++) {
        if (ar_str_eq(ar_text(ar_item(required, i)), name)) {
            return true;
        }
    }
    return false;
}
