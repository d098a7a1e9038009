#include "run/machine.h"
#include "base/limits.h"
#include "openapi/validate.h"
#include "query/schema.h"
#include "run/inherit.h"
#include "run/inputs.h"
#include <stdarg.h>

static bool hide(const void *context, struct arras_str text, struct ar_arena *arena,
                 struct arras_str *ret)
{
    return ar_secrets_hide(context, text, arena, ret);
}

struct ar_scope ar_run_scope(const struct ar_run *run, const struct ar_frame *frame)
{
    return (struct ar_scope){.workflow = frame->workflow,
                             .inputs = frame->inputs,
                             .step_outputs = frame->step_outputs,
                             .outputs = run->called_outputs,
                             .ran = run->ran,
                             .exchange = run->exchange.request ? &run->exchange : &run->called,
                             .preview = run->preview,
                             .arena = (struct ar_arena *)&run->attempt,
                             .hide = hide,
                             .hide_context = &run->secrets};
}

enum arras_status ar_run_tell(struct ar_run *run)
{
    struct ar_diags *diags = &run->attempt_diags;
    for (size_t i = 0; i < diags->list.count; i++) {
        struct arras_diag *diag = &diags->list.items[i];
        if (!ar_secrets_hide(&run->secrets, diag->message, &run->attempt, &diag->message) ||
            !ar_secrets_hide(&run->secrets, diag->hint, &run->attempt, &diag->hint)) {
            return ARRAS_NO_MEMORY;
        }
    }
    ar_diags_add(run->settings.diags, diags);
    return ARRAS_OK;
}

struct ar_plan *ar_run_plan(const struct ar_run *run, const struct ar_workflow *workflow)
{
    size_t i = 0;
    while (run->plans.items[i].workflow != workflow) { /* prepare made one for each */
        i++;
    }
    return &run->plans.items[i];
}

struct ar_verdict ar_verdict_failed(struct ar_run *run, enum arras_status status, const char *code,
                                    size_t at, const char *format, ...)
{
    const struct ar_workflow *workflow = run->frame ? run->frame->workflow : run->settings.workflow;
    struct ar_verdict verdict = {
        .status = status, .source = &workflow->arazzo->document.source, .at = at, .code = code};
    va_list args;
    va_start(args, format);
    if (!ar_str_vprintf(run->arena, &verdict.reason, format, args)) {
        verdict.status = ARRAS_NO_MEMORY;
    }
    va_end(args);
    return verdict;
}

static void release_frame(struct ar_frame *frame)
{
    for (size_t i = 0; frame->states && i < frame->workflow->step_count; i++) {
        ar_arena_release(&frame->states[i].arena);
    }
}

static bool make_states(struct ar_run *run, struct ar_frame *frame)
{
    const struct ar_workflow *workflow = frame->workflow;
    frame->states = ar_new_array(run->arena, struct ar_step_state, workflow->step_count);
    frame->step_outputs =
        ar_new_array(run->arena, const struct arras_value *, workflow->step_count);
    if (!frame->states || !frame->step_outputs) {
        return false;
    }
    for (size_t i = 0; i < workflow->step_count; i++) {
        ar_arena_init(&frame->states[i].arena, 0);
        size_t actions = workflow->steps[i].on_failure.count;
        frame->states[i].retries = ar_new_array(run->arena, uint64_t, actions);
        if (actions && !frame->states[i].retries) {
            return false;
        }
    }
    return true;
}

enum arras_status ar_run_push(struct ar_run *run, enum ar_purpose purpose,
                              const struct ar_workflow *workflow, const struct arras_value *inputs,
                              struct ar_frame *below)
{
    struct ar_frame *frame = ar_new(run->arena, struct ar_frame);
    struct arras_value copy;
    int depth = below ? below->depth + 1 : 1;
    if (depth > AR_RUN_DEPTH) {
        return ar_run_end(run,
                          ar_verdict_failed(run, ARRAS_LIMIT, "depth-limit", workflow->at,
                                            "more than %d workflows within each other, at '%.*s'",
                                            AR_RUN_DEPTH, AR_STR_ARG(workflow->id)));
    }
    if (!frame) {
        return ARRAS_NO_MEMORY;
    }
    *frame = (struct ar_frame){.below = below,
                               .purpose = purpose,
                               .plan = ar_run_plan(run, workflow),
                               .workflow = workflow,
                               .checked = !run->frame, /* those of the run were before */
                               .return_to = AR_NOT_FOUND,
                               .depth = depth};
    enum arras_status status = ar_value_copy(inputs, run->arena, &copy);
    if (!status && workflow->schema && !frame->checked) {
        status = ar_schema_fill_defaults(workflow->schema, &copy, run->arena, &copy);
    }
    if (status && status != ARRAS_NO_MEMORY) {
        return ar_run_end(run, ar_verdict_failed(run, status, "size-limit", workflow->at,
                                                 "the inputs of the workflow '%.*s' are too large "
                                                 "or too deep",
                                                 AR_STR_ARG(workflow->id)));
    }
    frame->inputs = status ? NULL : ar_value_new(run->arena, copy);
    if (!frame->inputs || !make_states(run, frame) ||
        ar_secrets_from_inputs(&run->secrets, workflow, frame->inputs, run->arena)) {
        release_frame(frame);
        return ARRAS_NO_MEMORY;
    }
    ar_run_plan(run, workflow)->begun = true;
    run->frame = frame;
    run->state = AR_RUN_READY;
    return ARRAS_OK;
}

enum arras_status ar_run_transfer(struct ar_run *run, const struct ar_workflow *workflow,
                                  const struct arras_value *inputs)
{
    struct ar_frame *left = run->frame;
    enum arras_status status = ar_run_push(run, left->purpose, workflow, inputs, left->below);
    if (!status && run->frame != left) {
        run->frame->deadline = left->deadline;
        release_frame(left);
    }
    return status;
}

enum arras_status ar_run_make(const struct ar_run_settings *settings, struct ar_run **ret)
{
    struct ar_run *run = ar_new(settings->arena, struct ar_run);
    if (!run) {
        return ar_no_memory(settings->diags);
    }
    run->settings = *settings;
    run->arena = settings->arena;
    if (!run->settings.max_steps) {
        run->settings.max_steps = AR_RUN_STEPS;
    }
    ar_arena_init(&run->attempt, 0);
    ar_diags_init(&run->attempt_diags, &run->attempt);
    if (settings->validation != ARRAS_VALIDATE_NOT) {
        run->validator = ar_response_validator_new(run->arena);
        if (!run->validator) {
            return ar_no_memory(settings->diags);
        }
    }
    enum arras_status status = ar_run_prepare(run);
    status = status ? status
                    : ar_run_push(run, AR_FOR_ITSELF, settings->workflow, settings->inputs, NULL);
    if (status) {
        ar_run_release(run);
        return status;
    }
    *ret = run;
    return ARRAS_OK;
}

bool ar_run_server(const struct ar_run *run, size_t index, struct arras_str *ret_url,
                   struct arras_str *ret_step_id)
{
    for (size_t i = 0; i < run->plans.count; i++) {
        const struct ar_plan *plan = &run->plans.items[i];
        for (size_t j = 0; j < plan->workflow->step_count; j++) {
            if (plan->workflow->steps[j].operation && index-- == 0) {
                *ret_url = plan->servers[j];
                *ret_step_id = plan->workflow->steps[j].id;
                return true;
            }
        }
    }
    return false;
}

enum arras_status ar_run_new(const struct ar_run_settings *settings, struct ar_run **ret)
{
    struct ar_run *run;
    enum arras_status status = ar_run_make(settings, &run);
    if (!status && settings->uploads.by_value.count) {
        status = ar_run_check_uploads(settings);
        if (status) {
            ar_run_release(run);
        }
    }
    if (!status) {
        *ret = run;
    }
    return status;
}

void ar_run_release(struct ar_run *run)
{
    if (!run) {
        return;
    }
    for (struct ar_frame *frame = run->frame; frame; frame = frame->below) {
        release_frame(frame);
    }
    run->frame = NULL;
    ar_response_validator_release(run->validator);
    ar_arena_release(&run->attempt);
}

enum arras_status ar_run_end(struct ar_run *run, struct ar_verdict verdict)
{
    if (verdict.status) {
        struct arras_str reason;
        if (!ar_secrets_hide(&run->secrets, verdict.reason, run->arena, &reason)) {
            return ARRAS_NO_MEMORY;
        }
        ar_error(run->settings.diags, verdict.status, verdict.code, verdict.source, verdict.at,
                 "%.*s", AR_STR_ARG(reason));
    }
    run->state = AR_RUN_ENDED;
    run->status = verdict.status;
    if (!run->outputs) {
        struct ar_frame *frame = run->frame;
        while (frame && frame->below) {
            frame = frame->below;
        }
        enum arras_status status = ar_workflow_outputs(run, frame, &run->outputs, &verdict);
        if (status && status != ARRAS_LIMIT) {
            return status;
        }
    }
    return verdict.status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
}

/* The frame on top is done; the one below goes on. */
static enum arras_status go_on_below(struct ar_run *run, enum ar_purpose purpose,
                                     struct ar_verdict verdict)
{
    struct ar_frame *frame = run->frame;
    switch (purpose) {
    case AR_FOR_STEP:
        /* those of the called workflow are not this step's, but expressions may ask for the last */
        run->called = run->exchange.request ? run->exchange : run->called;
        run->exchange = (struct ar_exchange){0};
        return ar_step_end(run, verdict, 0);
    case AR_FOR_WORKFLOW:
        frame->dependency++;
        if (!verdict.status) {
            run->state = AR_RUN_READY;
            return ARRAS_OK;
        }
        return ar_run_finish(run, verdict);
    default: /* AR_FOR_RETRY: whatever came of it, the step is tried again */
        run->until = frame->until;
        run->state = AR_RUN_WAITING;
        return ARRAS_OK;
    }
}

static struct ar_verdict outputs_too_large(struct ar_run *run, const struct ar_frame *frame)
{
    return ar_verdict_failed(run, ARRAS_LIMIT, "size-limit", frame->workflow->at,
                             "the outputs of the workflow '%.*s' are too large or too deep",
                             AR_STR_ARG(frame->workflow->id));
}

enum arras_status ar_run_finish(struct ar_run *run, struct ar_verdict verdict)
{
    struct ar_frame *frame = run->frame;
    const struct arras_value *outputs;
    enum arras_status status = ar_workflow_outputs(run, frame, &outputs, &verdict);
    struct ar_ran *ran = ar_new(run->arena, struct ar_ran);
    if (status == ARRAS_LIMIT) {
        verdict = verdict.status ? verdict : outputs_too_large(run, frame);
        status = verdict.status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
    }
    if (status || !ran) {
        return ARRAS_NO_MEMORY;
    }
    if (frame->purpose == AR_FOR_ITSELF) {
        run->outputs = outputs;
        return ar_run_end(run, verdict);
    }
    *ran = (struct ar_ran){frame->workflow, frame->inputs, outputs, !verdict.status, run->ran};
    run->ran = ran;
    run->called_outputs = outputs;
    run->frame = frame->below;
    release_frame(frame);
    return go_on_below(run, frame->purpose, verdict);
}

static bool has_run(const struct ar_run *run, const struct ar_workflow *workflow)
{
    const struct ar_ran *ran = run->ran;
    while (ran && (ran->workflow != workflow || !ran->succeeded)) {
        ran = ran->earlier;
    }
    return ran != NULL;
}

/* Which steps went round, for the person who reads that the limit was reached. */
static enum arras_status stop_endless(struct ar_run *run)
{
    struct ar_buf names;
    ar_buf_init(&names, AR_DOCUMENT_SIZE);
    size_t count = run->steps.count;
    size_t first = count > 6 ? count - 6 : 0;
    for (size_t i = first; i < count; i++) {
        ar_buf_printf(&names, "%s%s", i > first ? ", " : "", run->steps.items[i].step_id);
    }
    struct ar_verdict verdict = ar_verdict_failed(
        run, ARRAS_LIMIT, "step-limit", run->frame->workflow->steps[run->frame->step].at,
        "the limit of %llu steps was reached; the last ones were %.*s",
        (unsigned long long)run->settings.max_steps, AR_STR_ARG(ar_buf_str(&names)));
    ar_buf_release(&names);
    return ar_run_end(run, verdict);
}

static enum arras_status check_ranges(struct ar_run *run, struct ar_verdict *ret)
{
    const struct ar_frame *frame = run->frame;
    struct ar_diags diags;
    ar_diags_init(&diags, &run->attempt);
    enum arras_status status =
        ar_inputs_check_ranges(frame->workflow, frame->inputs, &run->attempt, &diags);
    const struct arras_diag *error = ar_diags_first_error(&diags);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status) {
        *ret = ar_verdict_failed(run, status == ARRAS_LIMIT ? status : ARRAS_FAILED, "input-range",
                                 frame->workflow->at, "%.*s",
                                 AR_STR_ARG(error ? error->message : AR_STR("the inputs")));
        return ARRAS_OK;
    }
    ar_diags_add(&run->attempt_diags, &diags);
    return ar_run_tell(run);
}

/* What a workflow was given, against its schema. */
static enum arras_status check_inputs(struct ar_run *run, struct ar_verdict *ret)
{
    struct ar_frame *frame = run->frame;
    struct ar_schema_result result = {.valid = true};
    frame->checked = true;
    if (!frame->workflow->schema) {
        return ARRAS_OK;
    }
    const struct arras_value *own;
    enum arras_status status = ar_inputs_own(frame->workflow, frame->inputs, &run->attempt, &own);
    status = status ? status
                    : ar_schema_validate(frame->workflow->schema, own, &run->attempt,
                                         &run->attempt_diags, &result);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status || !result.valid) {
        struct arras_str message =
            status ? ar_str_z(arras_status_meaning(status)) : result.errors.items[0].message;
        *ret = ar_verdict_failed(run, status ? status : ARRAS_FAILED, "invalid-input",
                                 frame->workflow->at, "the inputs of the workflow '%.*s': %.*s",
                                 AR_STR_ARG(frame->workflow->id), AR_STR_ARG(message));
        return ARRAS_OK;
    }
    return check_ranges(run, ret);
}

/* The next thing that the frame on top has to do. */
static enum arras_status advance(struct ar_run *run)
{
    struct ar_frame *frame = run->frame;
    const struct ar_workflow *workflow = frame->workflow;
    struct ar_verdict refused = {0};
    if (!frame->checked && check_inputs(run, &refused)) {
        return ARRAS_NO_MEMORY;
    }
    if (refused.status) {
        return ar_run_finish(run, refused);
    }
    while (frame->dependency < workflow->depends_on_count &&
           has_run(run, workflow->dependencies[frame->dependency])) {
        frame->dependency++;
    }
    if (frame->dependency < workflow->depends_on_count) {
        const struct ar_workflow *needed = workflow->dependencies[frame->dependency];
        const struct arras_value *inputs;
        enum arras_status status = ar_inputs_inherit(needed, frame->inputs, &run->attempt, &inputs);
        return status ? status : ar_run_push(run, AR_FOR_WORKFLOW, needed, inputs, frame);
    }
    if (frame->step >= workflow->step_count) {
        return ar_run_finish(run, (struct ar_verdict){0});
    }
    if (run->steps_begun++ >= run->settings.max_steps) {
        return stop_endless(run);
    }
    return ar_step_begin(run);
}

/* The frame nearest to the run's own whose time is up; NULL: none. */
static struct ar_frame *overdue(const struct ar_run *run)
{
    struct ar_frame *found = NULL;
    for (struct ar_frame *frame = run->frame; frame; frame = frame->below) {
        if (frame->deadline && ar_clock_now(run->settings.clock) >= frame->deadline) {
            found = frame;
        }
    }
    return found;
}

/* The step that called the workflow fails, and all that ran for it is left. */
static enum arras_status abandon(struct ar_run *run, const struct ar_frame *frame)
{
    struct ar_frame *caller = frame->below;
    while (run->frame != caller) {
        struct ar_frame *left = run->frame;
        run->frame = left->below;
        release_frame(left);
    }
    const struct ar_step *step = &caller->workflow->steps[caller->step];
    run->exchange = run->called = (struct ar_exchange){0};
    run->called_outputs = NULL;
    struct ar_verdict verdict = ar_verdict_failed(
        run, ARRAS_TIMEOUT, "timeout", step->at, "the workflow '%.*s' did not end within %.3g s",
        AR_STR_ARG(step->workflow->id), (double)step->timeout / 1000);
    return ar_step_end(run, verdict, 0);
}

/* How long a request may take: what its step says, and what is left to the steps that called its
 * workflow. 0: as long as the driver allows. */
static int64_t time_left(const struct ar_run *run)
{
    int64_t least = run->frame->workflow->steps[run->frame->step].timeout * AR_MILLISECOND;
    for (const struct ar_frame *frame = run->frame; frame; frame = frame->below) {
        int64_t left =
            frame->deadline ? frame->deadline - ar_clock_now(run->settings.clock) : INT64_MAX;
        left = left > 0 ? left : 1;
        least = frame->deadline && (!least || left < least) ? left : least;
    }
    return least;
}

static int64_t wait_until(const struct ar_run *run)
{
    int64_t until = run->until;
    for (const struct ar_frame *frame = run->frame; frame; frame = frame->below) {
        until = frame->deadline && frame->deadline < until ? frame->deadline : until;
    }
    return until;
}

enum arras_status ar_run_next(struct ar_run *run, struct ar_effect *ret)
{
    enum arras_status status = ARRAS_OK;
    while (!status) {
        struct ar_frame *late =
            run->state == AR_RUN_ENDED || run->state == AR_RUN_SENT ? NULL : overdue(run);
        if (late) {
            status = abandon(run, late);
            continue;
        }
        if (run->state == AR_RUN_WAITING && ar_clock_now(run->settings.clock) >= run->until) {
            run->state = AR_RUN_READY;
        }
        switch (run->state) {
        case AR_RUN_ENDED:
            *ret = (struct ar_effect){.type = AR_DONE};
            return ARRAS_OK;
        case AR_RUN_SENT:
            *ret = (struct ar_effect){.type = AR_SEND, .request = &run->request};
            if (run->errand.type) {
                ret->request = &run->errand.request;
                ret->own = true;
            }
            ret->step_id = run->frame->workflow->steps[run->frame->step].id;
            ret->timeout = time_left(run);
            return ARRAS_OK;
        case AR_RUN_WAITING:
            *ret = (struct ar_effect){.type = AR_WAIT, .until = wait_until(run)};
            ret->step_id = run->frame->workflow->steps[run->frame->step].id;
            return ARRAS_OK;
        case AR_RUN_READY:
            status = advance(run);
        }
    }
    return status;
}

struct ar_arena *ar_run_attempt_arena(struct ar_run *run)
{
    return &run->attempt;
}

enum arras_status ar_run_failure(struct ar_run *run, enum arras_status status,
                                 struct arras_str message, double seconds)
{
    const struct ar_step *step = &run->frame->workflow->steps[run->frame->step];
    const char *code = "network";
    if (status == ARRAS_TIMEOUT) {
        code = "timeout";
    } else if (status == ARRAS_LIMIT) {
        code = "size-limit";
    } else if (status != ARRAS_NETWORK) { /* it could not even be sent */
        code = "request";
        status = ARRAS_FAILED;
    }
    if (run->errand.type) {
        run->exchange.request = NULL; /* it was not sent */
        return ar_step_end(
            run,
            ar_verdict_failed(run, status, code, step->at, "no access token for '%.*s': %.*s",
                              AR_STR_ARG(run->errand.credential->label), AR_STR_ARG(message)),
            seconds);
    }
    return ar_step_end(
        run, ar_verdict_failed(run, status, code, step->at, "%.*s", AR_STR_ARG(message)), seconds);
}

enum arras_status ar_run_stop(struct ar_run *run, enum arras_status status,
                              struct arras_str message)
{
    const struct ar_frame *frame = run->frame;
    if (run->state == AR_RUN_ENDED) {
        return ARRAS_OK;
    }
    bool in_step = frame->step < frame->workflow->step_count;
    size_t at = in_step ? frame->workflow->steps[frame->step].at : frame->workflow->at;
    const char *code = status == ARRAS_INTERRUPTED ? "interrupted" : "deadline";
    return ar_run_end(run, ar_verdict_failed(run, status, code, at, "%.*s", AR_STR_ARG(message)));
}

size_t ar_run_step_count(const struct ar_run *run)
{
    return run->steps.count;
}

const struct arras_step *ar_run_steps(const struct ar_run *run)
{
    return run->steps.items;
}

const struct ar_secrets *ar_run_secrets(const struct ar_run *run)
{
    return &run->secrets;
}

enum arras_status ar_run_status(const struct ar_run *run)
{
    return run->status;
}

const struct arras_value *ar_run_outputs(const struct ar_run *run)
{
    return run->outputs;
}
