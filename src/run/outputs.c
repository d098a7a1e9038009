/* Outputs of steps and workflows. */
#include "arazzo/template.h"
#include "run/machine.h"

/* That a step did not run is no deviation: actions may lead past it. */
static bool did_not_run(const struct ar_frame *frame, const struct ar_expression *expression)
{
    size_t step = expression->root == AR_ROOT_STEPS
                      ? ar_workflow_step(frame->workflow, expression->name)
                      : AR_NOT_FOUND;
    return step != AR_NOT_FOUND && !frame->step_outputs[step];
}

static void tell_absent(struct ar_run *run, const struct ar_frame *frame,
                        const struct ar_output *output, const struct ar_expression *missing,
                        struct ar_verdict *refused)
{
    const struct ar_arazzo *arazzo = frame->workflow->arazzo;
    if (arazzo->strictness != ARRAS_STRICT || did_not_run(frame, missing)) {
        ar_warning(&run->attempt_diags, "output-absent", &arazzo->document.source, output->at,
                   "the output '%.*s': '%.*s' points at nothing", AR_STR_ARG(output->name),
                   AR_STR_ARG(missing->text));
        ar_hint(&run->attempt_diags, "it is null; mend the expression, or leave the output out");
    } else if (!refused->status) {
        *refused = ar_verdict_failed(run, ARRAS_FAILED, "output-absent", output->at,
                                     "the output '%.*s': '%.*s' points at nothing",
                                     AR_STR_ARG(output->name), AR_STR_ARG(missing->text));
        refused->source = &arazzo->document.source;
    }
}

/* Those that point at something. One that points at nothing is told (output-absent) and left to be
 * found absent, so that a parameter made from it fails its step rather than sending null. */
static enum arras_status gather(struct ar_run *run, const struct ar_frame *frame,
                                const struct ar_outputs *outputs, bool tell, bool absent_is_null,
                                struct arras_value *ret, struct ar_verdict *refused)
{
    struct ar_scope scope = ar_run_scope(run, frame);
    struct ar_object object;
    ar_object_init(&object, &run->attempt);
    for (size_t i = 0; i < outputs->count; i++) {
        const struct ar_output *output = &outputs->items[i];
        struct ar_filled filled;
        enum arras_status status =
            ar_template_fill(output->value, &scope, &run->attempt_diags, &filled);
        if (status) {
            return status;
        }
        if (!filled.value && tell) {
            tell_absent(run, frame, output, filled.missing, refused);
        }
        if (!filled.value && !absent_is_null) {
            continue;
        }
        if (!ar_object_set(&object, output->name, filled.value ? *filled.value : ar_null())) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ar_object_value(&object, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_step_outputs(struct ar_run *run, struct ar_verdict *verdict)
{
    bool succeeded = !verdict->status;
    struct ar_frame *frame = run->frame;
    const struct ar_step *step = &frame->workflow->steps[frame->step];
    struct ar_step_state *state = &frame->states[frame->step];
    struct arras_value outputs, copy;
    bool called = step->workflow && step->outputs.count == 0 && run->called_outputs;
    enum arras_status status = ARRAS_OK;
    if (called) {
        outputs = *run->called_outputs;
    } else {
        status = gather(run, frame, &step->outputs, succeeded, false, &outputs, verdict);
    }
    state->failed = verdict->status != ARRAS_OK;
    ar_run_plan(run, frame->workflow)->completed[frame->step] = !state->failed;
    /* new ones may borrow from the old ones, which go once the copy is made */
    struct ar_arena old = state->arena;
    ar_arena_init(&state->arena, 0);
    status = status ? status : ar_value_copy(&outputs, &state->arena, &copy);
    const struct arras_value *kept = status ? NULL : ar_value_new(&state->arena, copy);
    frame->step_outputs[frame->step] = kept;
    ar_arena_release(&old);
    return kept ? ARRAS_OK : status ? status : ARRAS_NO_MEMORY;
}

enum arras_status ar_workflow_outputs(struct ar_run *run, const struct ar_frame *frame,
                                      const struct arras_value **ret, struct ar_verdict *verdict)
{
    struct arras_value outputs, copy;
    bool succeeded = frame->step >= frame->workflow->step_count;
    /* what a failed step left is for the actions that deal with it, not a result of the workflow */
    for (size_t i = 0; !succeeded && i < frame->workflow->step_count; i++) {
        if (frame->states[i].failed) {
            frame->step_outputs[i] = NULL;
        }
    }
    enum arras_status status =
        gather(run, frame, &frame->workflow->outputs, succeeded, succeeded, &outputs, verdict);
    if (ar_run_tell(run)) {
        return ARRAS_NO_MEMORY;
    }
    status = status ? status : ar_value_copy(&outputs, run->arena, &copy);
    if (status == ARRAS_LIMIT) {
        struct ar_object empty;
        ar_object_init(&empty, run->arena);
        status = ar_object_value(&empty, &copy) ? status : ARRAS_NO_MEMORY;
    }
    *ret = status == ARRAS_NO_MEMORY ? NULL : ar_value_new(run->arena, copy);
    return *ret ? status : ARRAS_NO_MEMORY;
}
