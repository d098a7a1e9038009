/* Running jobs once more: batch_rerun_jobs. */
#include "base/limits.h"
#include "jobs/api/item.h"
#include "jobs/api/job_json.h"
#include "jobs/api/new_job.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "value/json.h"

static bool refuse(struct ar_call *call, struct arras_str id, const char *why)
{
    ar_answer_textf(call, 400, "Bad request: job %.*s %s", AR_STR_ARG(id), why);
    return false;
}

/* {"argument": {"type": "static", "value": ...}} replaces arguments. */
static bool transform(struct ar_call *call, const struct ar_job *old,
                      const struct arras_value *transforms, struct ar_object *args)
{
    size_t count = ar_is(transforms, ARRAS_OBJECT) ? transforms->count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct ar_member *member = &transforms->members[i];
        const struct arras_value *value = ar_get_z(&member->value, "value");
        if (!value || !ar_str_is(ar_text(ar_get_z(&member->value, "type")), "static")) {
            return refuse(call, old->id,
                          "cannot be run again with that input_transforms: this server knows only "
                          "those of type static");
        }
        if (!ar_object_set(args, ar_member_name(member), *value)) {
            ar_answer_failed(call, ARRAS_NO_MEMORY);
            return false;
        }
    }
    return true;
}

/* The arguments that the job had, as far as they are not replaced; as JSON. */
static bool make_args(struct ar_call *call, const struct ar_job *old,
                      const struct arras_value *options, struct arras_str *ret)
{
    struct ar_source source = {AR_STR("arguments"), old->args.len ? old->args : AR_STR("{}")};
    struct arras_value had, all;
    struct ar_object args;
    struct ar_buf buf;
    enum arras_status status = ar_json_read(&source, call->arena, &call->diags, &had);
    ar_object_init(&args, call->arena);
    for (uint32_t i = 0; !status && i < had.count; i++) {
        const struct ar_member *member = &had.members[i];
        status = ar_object_set(&args, ar_member_name(member), member->value) ? ARRAS_OK
                                                                             : ARRAS_NO_MEMORY;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    if (!transform(call, old, ar_get_z(options, "input_transforms"), &args)) {
        return false;
    }
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    status = ar_object_value(&args, &all) ? ARRAS_OK : ARRAS_NO_MEMORY;
    if (!status) {
        ar_json_write(&buf, &all, ARRAS_WRITE_COMPACT);
        status = ar_buf_copy(&buf, call->arena, ret);
    }
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    return !status;
}

/* Of the job in call->tail; false: answered why not. */
static bool run_again(struct ar_call *call, const struct arras_value *options_by_path,
                      struct ar_job *ret)
{
    struct ar_job old;
    struct arras_str args;
    bool found;
    if (!ar_call_job_id(call) || !ar_call_job(call, &old, &found)) {
        return false;
    }
    if (!found) {
        ar_answer_textf(call, 404, "Not found: Job %.*s not found", AR_STR_ARG(call->tail));
        return false;
    }
    if (!ar_str_is(old.kind, "script") || old.deleted) {
        return refuse(call, old.id, "cannot be run again: it is no run of a script, or deleted");
    }
    if (old.redact_at == AR_JOB_REDACTED) {
        return refuse(call, old.id, "cannot be run again: its arguments were not kept");
    }
    const struct arras_value *options = ar_get(options_by_path, old.script_path);
    const struct arras_value *latest = ar_get_z(options, "use_latest_version");
    enum ar_run_what what =
        ar_is(latest, ARRAS_BOOL) && latest->boolean ? AR_RUN_PATH : AR_RUN_HASH;
    call->tail = what == AR_RUN_PATH ? old.script_path : old.script_hash;
    if (!make_args(call, &old, options, &args) ||
        !ar_call_job_with(call, what, args, old.entrypoint, ret)) {
        return false;
    }
    ret->preprocess = old.preprocess;
    return ar_call_submit(call, ret);
}

static void add_line(struct ar_call *call, bool done, const struct ar_job *job,
                     struct ar_buf *lines)
{
    if (done) {
        ar_buf_add_str(lines, job->id);
    } else {
        ar_buf_add_z(lines, "Error: ");
        ar_buf_add_str(lines, call->response->body);
    }
    ar_buf_add_char(lines, '\n');
}

/* One line for each job: the new one's id, or what went wrong. */
void ar_api_rerun_jobs(struct ar_call *call)
{
    struct arras_value body;
    struct ar_buf lines;
    struct arras_str text;
    if (!ar_item_body(call, &body)) {
        return;
    }
    const struct arras_value *ids = ar_get_z(&body, "job_ids");
    if (!ar_is(ids, ARRAS_ARRAY) || ids->count > AR_JOB_LIST_MOST) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: job_ids: "
                        "expected an array of at most %d job ids",
                        AR_JOB_LIST_MOST);
        return;
    }
    ar_buf_init(&lines, AR_SERVER_REQUEST_MEMORY);
    for (uint32_t i = 0; i < ids->count; i++) {
        struct ar_job job;
        call->tail = ar_text(&ids->items[i]);
        bool done = run_again(call, ar_get_z(&body, "script_options_by_path"), &job);
        add_line(call, done, &job, &lines);
    }
    enum arras_status status = ar_buf_copy(&lines, call->arena, &text);
    ar_buf_release(&lines);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_answer_text(call, 201, text);
    call->response->content_type = "text/event-stream";
}
