#include "arazzo/model.h"
#include "base/limits.h"
#include "query/schema.h"
#include "value/pointer.h"

bool ar_source_is_called(const struct ar_source_description *source, const char *name)
{
    return strcmp(source->name_z, name) == 0 || strcmp(source->path_z, name) == 0;
}

bool ar_arazzo_names_source(const struct ar_arazzo *root, const char *name)
{
    for (const struct ar_arazzo *arazzo = root; arazzo; arazzo = arazzo->next) {
        for (size_t i = 0; i < arazzo->source_count; i++) {
            if (ar_source_is_called(&arazzo->sources[i], name)) {
                return true;
            }
        }
    }
    return false;
}

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

static const struct ar_workflow *with_step(const struct ar_arazzo *arazzo, struct arras_str id,
                                           struct arras_str step, size_t *ret_step)
{
    const struct ar_workflow *workflow = ar_arazzo_workflow(arazzo, id);
    *ret_step = workflow ? ar_workflow_step(workflow, step) : AR_NOT_FOUND;
    return *ret_step != AR_NOT_FOUND ? workflow : NULL;
}

const struct ar_workflow *ar_step_of_another(const struct ar_workflow *workflow,
                                             struct arras_str name, size_t *ret_step)
{
    const struct arras_str own = AR_STR("$workflows."), other = AR_STR("$sourceDescriptions."),
                           mark = AR_STR(".steps.");
    const struct ar_arazzo *arazzo = workflow->arazzo;
    size_t dot = ar_str_find(name, mark, 0);
    if (dot == AR_NOT_FOUND) {
        return NULL;
    }
    struct arras_str step = ar_str_from(name, dot + mark.len);
    name = ar_str_sub(name, 0, dot);
    if (ar_str_starts(name, own.ptr)) {
        return with_step(arazzo, ar_str_from(name, own.len), step, ret_step);
    }
    const struct ar_workflow *found = NULL;
    name = ar_str_starts(name, other.ptr) ? ar_str_from(name, other.len) : (struct arras_str){0};
    for (size_t i = 0; i < arazzo->source_count && !found; i++) {
        const struct ar_source_description *source = &arazzo->sources[i];
        size_t len = source->name.len; /* names may hold dots */
        if (source->nested && name.len > len && name.ptr[len] == '.' &&
            ar_str_eq(ar_str_sub(name, 0, len), source->name)) {
            found = with_step(source->nested, ar_str_from(name, len + 1), step, ret_step);
        }
    }
    return found;
}

const struct arras_value *ar_inputs_follow(const struct ar_workflow *workflow,
                                           const struct arras_value *schema)
{
    return ar_schema_target(workflow->schema, schema);
}

static bool is_part(const struct ar_workflow *workflow, const struct arras_value *schema)
{
    for (size_t i = 0; i < workflow->input_part_count; i++) {
        if (workflow->input_parts[i] == schema) {
            return true;
        }
    }
    return false;
}

enum arras_status ar_workflow_gather_inputs(struct ar_workflow *workflow, struct ar_arena *arena)
{
    const struct arras_value *root = ar_inputs_follow(workflow, workflow->inputs);
    if (!root) {
        return ARRAS_OK;
    }
    workflow->input_parts = ar_new_array(arena, const struct arras_value *, AR_INPUT_PARTS);
    if (!workflow->input_parts) {
        return ARRAS_NO_MEMORY;
    }
    workflow->input_parts[workflow->input_part_count++] = root;
    for (size_t i = 0; i < workflow->input_part_count; i++) { /* the list grows as it is walked */
        const struct arras_value *all = ar_get_z(workflow->input_parts[i], "allOf");
        for (size_t j = 0; ar_item(all, j); j++) {
            const struct arras_value *part = ar_inputs_follow(workflow, ar_item(all, j));
            if (!part || is_part(workflow, part)) {
                continue;
            }
            if (workflow->input_part_count == AR_INPUT_PARTS) {
                return ARRAS_LIMIT;
            }
            workflow->input_parts[workflow->input_part_count++] = part;
        }
    }
    return ARRAS_OK;
}

const struct arras_value *ar_workflow_input(const struct ar_workflow *workflow,
                                            struct arras_str name)
{
    const struct arras_value *found = NULL;
    for (size_t i = 0; !found && i < workflow->input_part_count; i++) {
        found = ar_get(ar_get_z(workflow->input_parts[i], "properties"), name);
    }
    return found;
}

bool ar_workflow_input_required(const struct ar_workflow *workflow, struct arras_str name)
{
    bool found = false;
    for (size_t i = 0; i < workflow->input_part_count; i++) {
        const struct arras_value *required = ar_get_z(workflow->input_parts[i], "required");
        for (size_t j = 0; !found && ar_item(required, j); j++) {
            found = ar_str_eq(ar_text(ar_item(required, j)), name);
        }
    }
    return found;
}
