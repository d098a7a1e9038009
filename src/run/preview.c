/* What a run would send, as far as it can be known. */
#include "base/limits.h"
#include "base/uri.h"
#include "run/machine.h"
#include "run/secrets.h"

struct preview {
    struct ar_run *run;
    ar_run_shower *show;
    void *context;
    struct ar_diags *uploads; /* not NULL: files that cannot be read are told here, nothing else */
};

/* "%7B%24steps.a.outputs.id%7D" in a URL, as a person reads it: {$steps.a.outputs.id}. */
static enum arras_status readable(struct arras_str url, struct ar_arena *arena,
                                  struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_URL_LENGTH * 2);
    enum arras_status status = ARRAS_OK;
    while (url.len && !status) {
        size_t open = ar_str_find(url, AR_STR("%7B%24"), 0);
        size_t close = open == AR_NOT_FOUND ? open : ar_str_find(url, AR_STR("%7D"), open);
        struct arras_str decoded = {0};
        ar_buf_add_str(&buf, ar_str_sub(url, 0, close == AR_NOT_FOUND ? url.len : open));
        if (close == AR_NOT_FOUND) {
            break;
        }
        status = ar_uri_decode(ar_str_sub(url, open, close + 3), arena, &decoded);
        ar_buf_add_str(&buf, decoded);
        url = ar_str_from(url, close + 3);
    }
    status = status ? status : ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

static char *shown(struct preview *preview, struct arras_str text)
{
    struct ar_run *run = preview->run;
    return ar_secrets_hide(&run->secrets, text, run->arena, &text) ? ar_str_to_z(text, run->arena)
                                                                   : NULL;
}

static enum arras_status show_step(struct preview *preview, const struct ar_verdict *verdict)
{
    struct ar_run *run = preview->run;
    const struct ar_workflow *workflow = run->frame->workflow;
    const struct ar_http_request *request = &run->request;
    struct arras_step step = {.workflow_id = shown(preview, workflow->id),
                              .step_id = shown(preview, workflow->steps[run->frame->step].id)};
    if (verdict->status) {
        step.reason = shown(preview, verdict->reason);
        return step.workflow_id && step.step_id && step.reason
                   ? preview->show(preview->context, &step, NULL)
                   : ARRAS_NO_MEMORY;
    }
    struct ar_http_request as_read = *request;
    enum arras_status status = readable(request->url, run->arena, &as_read.url);
    step.method = shown(preview, request->method);
    step.url = status ? NULL : shown(preview, as_read.url);
    if (!step.workflow_id || !step.step_id || !step.method || !step.url) {
        return ARRAS_NO_MEMORY;
    }
    return preview->show(preview->context, &step, &as_read);
}

/* What is wrong with a file that the step would send. */
static enum arras_status tell_upload(struct preview *preview, const struct ar_verdict *verdict)
{
    struct ar_run *run = preview->run;
    struct arras_str reason;
    if (!verdict->status || strcmp(verdict->code, "upload") != 0) {
        return ARRAS_OK;
    }
    if (!ar_secrets_hide(&run->secrets, verdict->reason, run->arena, &reason)) {
        return ARRAS_NO_MEMORY;
    }
    ar_error(preview->uploads, ARRAS_INVALID, verdict->code, verdict->source, verdict->at, "%.*s",
             AR_STR_ARG(reason));
    ar_hint(preview->uploads, "a text that begins with @ is given as @@");
    return ARRAS_OK;
}

static enum arras_status preview_frame(struct preview *preview);

/* A workflow within another one; each is entered only while it is not already under way. */
static enum arras_status enter(struct preview *preview, enum ar_purpose purpose,
                               const struct ar_workflow *workflow, const struct arras_value *inputs)
{
    struct ar_run *run = preview->run;
    struct ar_frame *below = run->frame;
    for (const struct ar_frame *frame = below; frame; frame = frame->below) {
        if (frame->workflow == workflow) {
            return ARRAS_OK;
        }
    }
    enum arras_status status = ar_run_push(run, purpose, workflow, inputs, below);
    if (!status && run->state != AR_RUN_ENDED) {
        status = preview_frame(preview);
        run->frame = below;
    }
    return status;
}

static enum arras_status preview_frame(struct preview *preview)
{
    struct ar_run *run = preview->run;
    struct ar_frame *frame = run->frame;
    const struct ar_workflow *workflow = frame->workflow;
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < workflow->depends_on_count && !status; i++) {
        status = enter(preview, AR_FOR_WORKFLOW, workflow->dependencies[i], frame->inputs);
    }
    for (size_t i = 0; i < workflow->step_count && !status; i++) {
        struct ar_verdict verdict = {0};
        struct arras_value inputs;
        frame->step = i;
        status = ar_step_prepare(run, &inputs, &verdict);
        if (!status && workflow->steps[i].workflow && !verdict.status) {
            status = enter(preview, AR_FOR_STEP, workflow->steps[i].workflow, &inputs);
        } else if (!status) {
            struct ar_credential *wanted; /* none: a preview fetches no tokens */
            status = verdict.status ? ARRAS_OK : ar_credentials_apply(run, &wanted, &verdict);
            status = status             ? status
                     : preview->uploads ? tell_upload(preview, &verdict)
                                        : show_step(preview, &verdict);
        }
        ar_diags_add(run->settings.diags, &run->attempt_diags);
    }
    return status;
}

enum arras_status ar_run_preview(struct ar_run *run, ar_run_shower *show, void *context)
{
    struct preview preview = {.run = run, .show = show, .context = context};
    run->preview = true;
    return preview_frame(&preview);
}

/* In a run of its own, whose warnings nobody needs: it tells what the run itself will tell. */
enum arras_status ar_run_check_uploads(const struct ar_run_settings *settings)
{
    struct ar_run_settings own = *settings;
    struct preview preview = {.uploads = settings->diags};
    struct ar_diags none;
    size_t before = settings->diags->errors;
    ar_diags_init(&none, settings->arena);
    own.diags = &none;
    enum arras_status status = ar_run_make(&own, &preview.run);
    if (!status) {
        preview.run->preview = true;
        status = preview_frame(&preview);
        ar_run_release(preview.run);
    }
    return status ? status : settings->diags->errors > before ? ARRAS_INVALID : ARRAS_OK;
}
