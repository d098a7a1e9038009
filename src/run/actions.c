/* What follows a step: success and failure actions, retries, the pace of polls. */
#include "arazzo/criterion.h"
#include "base/limits.h"
#include "run/fill.h"
#include "run/retry_after.h"

enum { POLL_FIRST_MS = 50, POLL_MOST_MS = 2000 };

static enum arras_status applies(struct ar_run *run, const struct ar_action *action, bool *ret)
{
    *ret = true;
    for (size_t i = 0; i < action->criteria.count && *ret; i++) {
        struct arras_str why;
        enum arras_status status = ar_run_ask(run, &action->criteria.items[i], ret, &why);
        if (status == ARRAS_NO_MEMORY) {
            return status;
        }
        if (status) { /* what cannot be evaluated does not hold */
            const struct ar_criterion *criterion = &action->criteria.items[i];
            ar_warning(&run->attempt_diags, "criterion-failed",
                       &run->frame->workflow->arazzo->document.source, criterion->at,
                       "the criterion '%.*s' could not be evaluated: %.*s",
                       AR_STR_ARG(criterion->condition), AR_STR_ARG(why));
            ar_hint(&run->attempt_diags, "its action is not taken");
        }
        *ret = *ret && !status;
    }
    return ARRAS_OK;
}

static int64_t now(const struct ar_run *run)
{
    return ar_clock_now(run->settings.clock);
}

static void wait_for(struct ar_run *run, double seconds)
{
    double most = (double)INT64_MAX / (double)AR_SECOND / 4;
    run->until = now(run) + (int64_t)((seconds < most ? seconds : most) * (double)AR_SECOND);
    run->state = AR_RUN_WAITING;
}

/* A step or workflow that is gone back to without a delay would be asked as fast as the machine
 * can: at once the first time, then ever slower. */
static void pace(struct ar_run *run, const struct ar_arazzo *arazzo, const struct ar_action *action,
                 unsigned returns)
{
    double seconds = action->poll_seconds >= 0 ? action->poll_seconds : run->settings.poll_seconds;
    bool given = action->poll_seconds >= 0 || run->settings.poll_seconds > 0;
    if (!given) {
        struct arras_str target = action->workflow ? action->workflow_id : action->step_id;
        ar_warning(&run->attempt_diags, "poll-pace", &arazzo->document.source, action->at,
                   "the action '%.*s' goes back to '%.*s' without a delay; it is paced",
                   AR_STR_ARG(action->name), AR_STR_ARG(target));
        ar_hint(&run->attempt_diags,
                "x-arras-poll on the action, or --poll-interval, sets the seconds");
        int shift = returns > 10 ? 10 : (int)returns - 1;
        int ms = returns == 0 ? 0 : POLL_FIRST_MS << shift;
        seconds = (ms > POLL_MOST_MS ? POLL_MOST_MS : ms) / 1000.0;
    }
    if (seconds > 0) {
        wait_for(run, seconds);
    }
}

/* A goto is a one-way transfer. */
static enum arras_status go(struct ar_run *run, const struct ar_action *action)
{
    const struct ar_arazzo *arazzo = run->frame->workflow->arazzo;
    if (action->workflow) {
        struct ar_plan *plan = ar_run_plan(run, action->workflow);
        bool back = plan->begun;
        const struct arras_value *inputs;
        struct ar_verdict verdict = {0};
        enum arras_status status = ar_action_inputs(run, action, &inputs, &verdict);
        if (status || verdict.status) {
            return status ? status : ar_run_finish(run, verdict);
        }
        status = ar_run_transfer(run, action->workflow, inputs);
        if (!status && back) {
            pace(run, arazzo, action, plan->returns++);
        }
        return status;
    }
    struct ar_step_state *state = &run->frame->states[action->step];
    run->frame->step = action->step;
    run->state = AR_RUN_READY;
    if (state->attempts > 0) {
        pace(run, arazzo, action, state->returns++);
    }
    return ARRAS_OK;
}

/* RFC 9110 section 10.2.3: what the server asks for overrules the document. */
static double retry_delay(const struct ar_run *run, const struct ar_action *action)
{
    const struct ar_http_response *response = run->exchange.response;
    const struct arras_str *header =
        response ? ar_headers_find(&response->headers, "Retry-After") : NULL;
    double asked;
    if (header && ar_retry_after(*header, ar_clock_wall(run->settings.clock), &asked)) {
        return asked;
    }
    return action->retry_after > 0 ? action->retry_after : 0;
}

static enum arras_status retry(struct ar_run *run, const struct ar_action *action)
{
    struct ar_frame *frame = run->frame;
    wait_for(run, retry_delay(run, action));
    frame->until = run->until;
    if (action->workflow) {
        const struct arras_value *inputs;
        struct ar_verdict verdict = {0};
        enum arras_status status = ar_action_inputs(run, action, &inputs, &verdict);
        if (status || verdict.status) {
            return status ? status : ar_run_finish(run, verdict);
        }
        return ar_run_push(run, AR_FOR_RETRY, action->workflow, inputs, frame);
    }
    if (action->step != AR_NOT_FOUND) { /* the step first, then this one again */
        frame->return_to = frame->step;
        frame->step = action->step;
        run->state = AR_RUN_READY;
    }
    return ARRAS_OK;
}

static struct ar_verdict of_step(struct ar_run *run, struct ar_verdict verdict)
{
    const struct ar_frame *frame = run->frame;
    const struct ar_step *step = &frame->workflow->steps[frame->step];
    struct ar_verdict whole = ar_verdict_failed(run, verdict.status, verdict.code, verdict.at,
                                                "the step '%.*s' failed: %.*s",
                                                AR_STR_ARG(step->id), AR_STR_ARG(verdict.reason));
    whole.source = verdict.source; /* of a called workflow's document, where it failed there */
    return whole;
}

/* An action dealt with the failure, so what failed was the workflow, not the network. */
static enum arras_status end(struct ar_run *run, struct ar_verdict verdict)
{
    if (!verdict.status) {
        run->frame->step = run->frame->workflow->step_count;
        return ar_run_finish(run, verdict);
    }
    verdict = of_step(run, verdict);
    verdict.status = verdict.status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_FAILED;
    return ar_run_finish(run, verdict);
}

static enum arras_status no_action(struct ar_run *run, struct ar_verdict verdict)
{
    if (verdict.status) {
        return ar_run_finish(run, of_step(run, verdict));
    }
    run->frame->step++;
    run->state = AR_RUN_READY;
    return ARRAS_OK;
}

static enum arras_status take(struct ar_run *run, const struct ar_action *action,
                              struct ar_verdict verdict)
{
    switch (action->type) {
    case AR_ACTION_END:
        return end(run, verdict);
    case AR_ACTION_GOTO:
        return go(run, action);
    default:
        return retry(run, action);
    }
}

/* The step is left; when the run comes back to it, its retries count anew. */
static void forget_retries(struct ar_run *run)
{
    const struct ar_frame *frame = run->frame;
    size_t count = frame->workflow->steps[frame->step].on_failure.count;
    if (count) {
        memset(frame->states[frame->step].retries, 0, count * sizeof(uint64_t));
    }
}

static enum arras_status choose(struct ar_run *run, struct ar_verdict verdict)
{
    struct ar_frame *frame = run->frame;
    const struct ar_step *step = &frame->workflow->steps[frame->step];
    const struct ar_actions *actions = verdict.status ? &step->on_failure : &step->on_success;
    uint64_t *retries = frame->states[frame->step].retries;
    for (size_t i = 0; i < actions->count; i++) {
        const struct ar_action *action = &actions->items[i];
        bool is_retry = action->type == AR_ACTION_RETRY;
        bool chosen = false;
        if (is_retry && retries[i] >= action->retry_limit) {
            continue; /* used up: the following ones have their turn */
        }
        if (applies(run, action, &chosen)) {
            return ARRAS_NO_MEMORY;
        }
        if (chosen) {
            if (is_retry) {
                retries[i]++;
            } else {
                forget_retries(run);
            }
            return take(run, action, verdict);
        }
    }
    forget_retries(run);
    return no_action(run, verdict);
}

enum arras_status ar_action_follow(struct ar_run *run, struct ar_verdict verdict)
{
    struct ar_frame *frame = run->frame;
    if (frame->return_to != AR_NOT_FOUND) {
        frame->step = frame->return_to; /* it ran for a retry, which comes now */
        frame->return_to = AR_NOT_FOUND;
        run->until = frame->until;
        run->state = AR_RUN_WAITING;
        return ARRAS_OK;
    }
    enum arras_status status = choose(run, verdict);
    return status ? status : ar_run_tell(run);
}
