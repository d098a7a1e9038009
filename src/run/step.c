/* One attempt at a step: what is sent, and what to think of what comes back. */
#include "arazzo/criterion.h"
#include "arazzo/template.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "openapi/response.h"
#include "openapi/validate.h"
#include "run/fill.h"
#include "run/token.h"
#include "value/json.h"
#include "value/pointer.h"

static const struct ar_step *current(const struct ar_run *run)
{
    return &run->frame->workflow->steps[run->frame->step];
}

static void begin_attempt(struct ar_run *run)
{
    ar_arena_release(&run->attempt);
    ar_arena_init(&run->attempt, 0);
    ar_diags_init(&run->attempt_diags, &run->attempt);
    run->plain = run->request = (struct ar_http_request){0};
    run->errand = (struct ar_errand){0};
    run->errands = 0;
    run->renewed = false;
    for (struct ar_token *token = run->tokens; token; token = token->next) {
        token->fresh = false;
    }
    run->exchange = run->called = (struct ar_exchange){0};
    run->called_outputs = NULL;
    run->frame->states[run->frame->step].attempts++;
}

/* The file that the response's body of the current step goes to, or NULL. */
static const char *save_of(const struct ar_run *run)
{
    const struct arras_settings *saves = &run->settings.saves;
    for (size_t i = 0; i < saves->count; i++) {
        if (ar_step_is_called(run->frame->workflow, current(run), saves->items[i].name)) {
            return saves->items[i].value;
        }
    }
    return NULL;
}

static enum arras_status build_request(struct ar_run *run, const ar_argument_vec *arguments,
                                       const struct arras_value *payload,
                                       struct ar_verdict *verdict)
{
    const struct ar_frame *frame = run->frame;
    const struct ar_step *step = current(run);
    struct ar_call call = {.operation = step->operation,
                           .server = frame->plan->servers[frame->step],
                           .arguments = arguments->items,
                           .argument_count = arguments->count,
                           .payload = payload,
                           .uploads = &run->settings.uploads,
                           .content_type =
                               step->body ? step->body->content_type : (struct arras_str){0},
                           .source = &frame->workflow->arazzo->document.source,
                           .at = step->at,
                           .strict = frame->workflow->arazzo->strictness == ARRAS_STRICT};
    struct ar_diags diags;
    ar_diags_init(&diags, &run->attempt);
    enum arras_status status = ar_request_build(&call, &run->attempt, &diags, &run->plain);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status) {
        const struct arras_diag *error = ar_diags_first_error(&diags);
        *verdict = ar_verdict_failed(
            run, ARRAS_FAILED, error ? error->code : "request", step->at, "%.*s",
            AR_STR_ARG(error ? error->message : AR_STR("no request could be built")));
        return ARRAS_OK;
    }
    ar_diags_add(&run->attempt_diags, &diags);
    if (ar_secrets_from_headers(&run->secrets, &run->plain.headers, run->arena)) {
        return ARRAS_NO_MEMORY;
    }
    run->plain.save = save_of(run);
    run->exchange.request = &run->plain;
    run->exchange.arguments = arguments->items;
    run->exchange.argument_count = arguments->count;
    run->exchange.request_body = payload;
    return ARRAS_OK;
}

enum arras_status ar_step_authorize(struct ar_run *run)
{
    struct ar_credential *wanted;
    struct ar_verdict verdict = {0};
    enum arras_status status = ar_credentials_apply(run, &wanted, &verdict);
    if (!status && !verdict.status && wanted) {
        status = ar_token_ask(run, wanted, &verdict);
    }
    if (status || !verdict.status) {
        return status;
    }
    run->exchange.request = NULL; /* it was not sent */
    return ar_step_end(run, verdict, 0);
}

static bool has_run(const struct ar_run *run, struct arras_str name)
{
    const struct ar_frame *frame = run->frame;
    size_t other = ar_workflow_step(frame->workflow, name);
    if (other != AR_NOT_FOUND) {
        return frame->step_outputs[other] && !frame->states[other].failed;
    }
    const struct ar_workflow *workflow = ar_step_of_another(frame->workflow, name, &other);
    for (size_t i = 0; i < run->plans.count && workflow; i++) {
        if (run->plans.items[i].workflow == workflow) {
            return run->plans.items[i].completed[other];
        }
    }
    return false;
}

/* Arazzo 1.1, Step Object: `dependsOn` asks that steps have completed, it does not run them. */
static struct ar_verdict check_dependencies(struct ar_run *run)
{
    const struct ar_step *step = current(run);
    for (size_t i = 0; i < step->depends_on_count; i++) {
        if (!has_run(run, step->depends_on[i])) {
            return ar_verdict_failed(run, ARRAS_FAILED, "depends-on", step->at,
                                     "it depends on '%.*s', which has not completed",
                                     AR_STR_ARG(step->depends_on[i]));
        }
    }
    return (struct ar_verdict){0};
}

enum arras_status ar_step_prepare(struct ar_run *run, struct arras_value *ret_inputs,
                                  struct ar_verdict *verdict)
{
    ar_argument_vec arguments = {0};
    const struct arras_value *payload = NULL;
    const struct ar_step *step = current(run);
    begin_attempt(run);
    enum arras_status status = ar_fill_arguments(run, &step->parameters, &arguments, verdict);
    if (!status && step->workflow) {
        return ar_argument_inputs(run, &arguments, NULL, ret_inputs);
    }
    status = status ? status : ar_fill_payload(run, step->body, &payload, verdict);
    return status || verdict->status ? status : build_request(run, &arguments, payload, verdict);
}

static enum arras_status call_workflow(struct ar_run *run, const struct arras_value *inputs)
{
    const struct ar_step *step = current(run);
    const struct ar_frame *caller = run->frame;
    enum arras_status status = ar_run_push(run, AR_FOR_STEP, step->workflow, inputs, run->frame);
    if (!status && step->timeout && run->frame != caller) {
        run->frame->deadline = ar_clock_now(run->settings.clock) + step->timeout * AR_MILLISECOND;
    }
    return status;
}

enum arras_status ar_step_begin(struct ar_run *run)
{
    struct arras_value inputs;
    struct ar_verdict verdict = {0};
    const struct ar_workflow *called = current(run)->workflow;
    enum arras_status status = ar_step_prepare(run, &inputs, &verdict);
    if (!status && !verdict.status) {
        verdict = check_dependencies(run);
    }
    if (status || verdict.status) {
        return status ? status : ar_step_end(run, verdict, 0);
    }
    if (called) {
        return call_workflow(run, &inputs);
    }
    run->state = AR_RUN_SENT;
    return ar_step_authorize(run);
}

static enum arras_status answer_errand(struct ar_run *run, const struct ar_http_response *response)
{
    struct ar_verdict verdict = {0};
    enum arras_status status = ar_token_answer(run, response, &verdict);
    if (status || !verdict.status) {
        return status ? status : ar_step_authorize(run);
    }
    run->exchange.request = NULL; /* it was not sent */
    return ar_step_end(run, verdict, 0);
}

/* The response by its description, where that was asked for. */
static enum arras_status validate(struct ar_run *run, struct ar_verdict *verdict)
{
    const struct ar_step *step = current(run);
    struct ar_findings findings = {0};
    enum arras_status status =
        run->validator
            ? ar_response_validate(run->validator, step->operation, run->exchange.response,
                                   run->exchange.response_body, &run->attempt, &findings)
            : ARRAS_OK;
    for (size_t i = 0; i < findings.list.count && !status; i++) {
        const struct ar_finding *finding = &findings.list.items[i];
        if (run->settings.validation == ARRAS_VALIDATE_WARN) {
            ar_warning(&run->attempt_diags, "response-invalid", finding->source, finding->at,
                       "the step '%.*s': %.*s", AR_STR_ARG(step->id), AR_STR_ARG(finding->message));
            ar_hint(&run->attempt_diags,
                    "mend the description, or the server that deviates from it");
        } else if (!verdict->status) {
            *verdict = ar_verdict_failed(run, ARRAS_FAILED, "response-invalid", finding->at, "%.*s",
                                         AR_STR_ARG(finding->message));
            verdict->source = finding->source;
        }
    }
    return status;
}

enum arras_status ar_run_response(struct ar_run *run, const struct ar_http_response *response,
                                  double seconds)
{
    if (run->errand.type) {
        return answer_errand(run, response);
    }
    if (response->status == 401 && !run->renewed && ar_credentials_forget(run)) {
        run->renewed = true;
        return ar_step_authorize(run);
    }
    run->response = *response;
    run->exchange.response = &run->response;
    enum arras_status status = ar_response_body(response, &run->attempt, &run->attempt_diags,
                                                &run->exchange.response_body);
    struct ar_verdict verdict = {0};
    status = status ? status : validate(run, &verdict);
    return status ? status : ar_step_end(run, verdict, seconds);
}

enum { SHOWN_BODY = 300 };

/* What an error response says, where it is short text. */
static enum arras_status add_answer(struct ar_run *run, struct ar_buf *buf)
{
    const struct ar_http_response *response = run->exchange.response;
    struct arras_str body = response ? ar_str_trim(response->body) : (struct arras_str){0};
    bool shows = response && response->status >= 400 && body.len && !ar_str_starts(body, "<") &&
                 ar_utf8_valid(body) == body.len && !ar_str_has_nul(body);
    if (!shows) {
        return ARRAS_OK;
    }
    /* hidden before it is cut: half a secret would not be found any more */
    if (!ar_secrets_hide(&run->secrets, body, &run->attempt, &body)) {
        return ARRAS_NO_MEMORY;
    }
    ar_buf_printf(buf, "; the server says: %.*s%s", AR_STR_ARG(ar_utf8_cut(body, SHOWN_BODY)),
                  body.len > SHOWN_BODY ? "..." : "");
    return ARRAS_OK;
}

static enum arras_status unmet(struct ar_run *run, const struct ar_criterion *criterion,
                               struct arras_str why, struct ar_verdict *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    if (criterion) {
        ar_buf_printf(&buf, "the criterion '%.*s' does not hold%s%.*s",
                      AR_STR_ARG(criterion->condition), why.len ? ": " : "", AR_STR_ARG(why));
    } else {
        const struct ar_http_response *response = run->exchange.response;
        bool redirects = response->status >= 300 && response->status < 400 &&
                         ar_headers_find(&response->headers, "Location");
        ar_buf_printf(&buf, "the response has status %d%s", response->status,
                      redirects ? ", a redirect (--redirects follows those that may be)" : "");
    }
    enum arras_status status = add_answer(run, &buf);
    status = status ? status : ar_buf_status(&buf);
    if (!status) {
        *ret = ar_verdict_failed(run, ARRAS_FAILED, "criterion",
                                 criterion ? criterion->at : current(run)->at, "%.*s",
                                 AR_STR_ARG(ar_buf_str(&buf)));
        status = ret->status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
    }
    ar_buf_release(&buf);
    return status;
}

/* "$statusCode == 200": the status that the condition demands, or 0. */
static int64_t demanded_status(const struct ar_criterion *criterion)
{
    struct arras_str text = ar_str_trim(criterion->condition);
    int64_t status = 0;
    if (criterion->type == AR_SIMPLE && ar_str_starts(text, "$statusCode")) {
        text = ar_str_trim(ar_str_from(text, strlen("$statusCode")));
        if (!ar_str_starts(text, "==") || !ar_str_int(ar_str_trim(ar_str_from(text, 2)), &status)) {
            return 0;
        }
    }
    return status;
}

static bool is_documented(const struct ar_run *run, int64_t status)
{
    char code[24];
    snprintf(code, sizeof(code), "%lld", (long long)status);
    return ar_get_z(ar_get_z(current(run)->operation->object, "responses"), code) != NULL;
}

/* Lenient: the document demands a status that the operation does not document, and another 2xx came
 * that it does. */
static bool is_other_success(struct ar_run *run, const struct ar_criterion *criterion)
{
    const struct ar_http_response *response = run->exchange.response;
    const struct ar_arazzo *arazzo = run->frame->workflow->arazzo;
    int64_t demanded = demanded_status(criterion);
    bool other = arazzo->strictness == ARRAS_LENIENT && current(run)->operation && response &&
                 response->status >= 200 && response->status < 300 && demanded >= 200 &&
                 demanded < 300 && !is_documented(run, demanded) &&
                 is_documented(run, response->status);
    if (other) {
        ar_warning(&run->attempt_diags, "status-success", &arazzo->document.source, criterion->at,
                   "the response has status %d, which the operation documents, not %lld, which it "
                   "does not; it is taken for success",
                   response->status, (long long)demanded);
        ar_hint(&run->attempt_diags, "write $statusCode == %d", response->status);
    }
    return other;
}

enum arras_status ar_run_ask(struct ar_run *run, const struct ar_criterion *criterion,
                             bool *ret_holds, struct arras_str *ret_why)
{
    struct ar_scope scope = ar_run_scope(run, run->frame);
    struct ar_diags diags;
    ar_diags_init(&diags, &run->attempt);
    enum arras_status status = ar_criterion_holds(criterion, &scope, &diags, ret_holds, ret_why);
    const struct arras_diag *error = ar_diags_first_error(&diags);
    if (!status) {
        ar_diags_add(&run->attempt_diags, &diags);
    } else {
        *ret_why = error ? error->message : ar_str_z(arras_status_meaning(status));
    }
    return status;
}

/* Whether the step succeeded: all its criteria hold, or, where it has none, the status is 2xx. */
static enum arras_status judge(struct ar_run *run, struct ar_verdict *verdict)
{
    const struct ar_step *step = current(run);
    bool holds = true;
    for (size_t i = 0; i < step->criteria.count && !verdict->status; i++) {
        const struct ar_criterion *criterion = &step->criteria.items[i];
        struct arras_str why = {0};
        enum arras_status status = ar_run_ask(run, criterion, &holds, &why);
        if (status == ARRAS_NO_MEMORY) {
            return status;
        }
        if (status) {
            *verdict = ar_verdict_failed(run, status == ARRAS_LIMIT ? ARRAS_LIMIT : ARRAS_FAILED,
                                         "criterion", criterion->at,
                                         "the criterion '%.*s' could not be evaluated: %.*s",
                                         AR_STR_ARG(criterion->condition), AR_STR_ARG(why));
        } else if (!holds && !is_other_success(run, criterion) &&
                   unmet(run, criterion, why, verdict)) {
            return ARRAS_NO_MEMORY;
        }
    }
    const struct ar_http_response *response = run->exchange.response;
    bool ok = !response || (response->status >= 200 && response->status < 300);
    if (!verdict->status && step->criteria.count == 0 && !ok) {
        return unmet(run, NULL, (struct arras_str){0}, verdict);
    }
    return ARRAS_OK;
}

/* A text that leaves the run; that of the attempt before where it is the same, so that polls need
 * little memory. */
static const char *text_of(struct ar_run *run, struct arras_str text, const char *before)
{
    struct arras_str copy;
    if (!ar_secrets_hide(&run->secrets, text, &run->attempt, &text)) {
        return NULL;
    }
    if (before && ar_str_is(text, before)) {
        return before;
    }
    return ar_str_copy(text, run->arena, &copy) ? copy.ptr : NULL;
}

static enum arras_status record(struct ar_run *run, const struct ar_verdict *verdict,
                                double seconds)
{
    const struct ar_frame *frame = run->frame;
    const struct ar_http_request *request = run->exchange.request;
    const struct ar_http_response *response = run->exchange.response;
    bool failed = verdict->status != ARRAS_OK;
    struct arras_step last = {0};
    if (run->steps.count) {
        last = run->steps.items[run->steps.count - 1];
    }
    struct arras_step step = {.workflow_id = text_of(run, frame->workflow->id, last.workflow_id),
                              .step_id = text_of(run, current(run)->id, last.step_id),
                              .attempt = frame->states[frame->step].attempts,
                              .succeeded = verdict->status == ARRAS_OK,
                              .method = request ? text_of(run, request->method, last.method) : NULL,
                              .url = request ? text_of(run, request->url, last.url) : NULL,
                              .http_status = response ? response->status : 0,
                              .seconds = seconds,
                              .reason = failed ? text_of(run, verdict->reason, last.reason) : NULL};
    bool made = step.workflow_id && step.step_id && (!request || (step.method && step.url)) &&
                (!failed || step.reason);
    return made && ar_vec_push(run->arena, &run->steps, step) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_step_end(struct ar_run *run, struct ar_verdict verdict, double seconds)
{
    enum arras_status status = verdict.status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
    if (!verdict.status) {
        status = judge(run, &verdict);
    }
    if (!status) {
        status = ar_step_outputs(run, &verdict);
        if (status == ARRAS_LIMIT) {
            verdict = ar_verdict_failed(run, ARRAS_LIMIT, "size-limit", current(run)->at,
                                        "the outputs are too large or too deep");
            status = verdict.status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
        }
    }
    status = status ? status : record(run, &verdict, seconds);
    enum arras_status told = ar_run_tell(run);
    status = status ? status : told;
    return status ? status : ar_action_follow(run, verdict);
}
