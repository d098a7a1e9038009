/* Taking jobs to another server: export, import, and deleting what was taken. For administrators of
 * the workspace. What a worker has at this moment stays, and so do the occurrences of schedules
 * that wait: a schedule makes its own, where it is. */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/job_move.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/uuid.h"

static enum arras_status push_whole(struct ar_call *call, const struct ar_job *job,
                                    struct ar_list *list)
{
    struct ar_writer writer;
    struct arras_value value;
    struct ar_job whole;
    enum arras_status status = ar_store_job_get(call->api->store, job->workspace, job->id,
                                                call->arena, &call->diags, &whole);
    ar_writer_init(&writer, call->arena);
    if (status == ARRAS_NOT_FOUND) {
        return ARRAS_OK; /* deleted meanwhile */
    }
    if (!status) {
        status = ar_job_export(call, &whole, &writer);
    }
    if (!status) {
        status = ar_writer_value(&writer, &value);
    }
    return status || ar_list_push(list, value) ? status : ARRAS_NO_MEMORY;
}

/* Oldest first, so that what is submitted meanwhile moves no page. */
static void export_jobs(struct ar_call *call, bool completed)
{
    struct ar_job_filter filter = {.workspace = call->workspace,
                                   .running = completed ? -1 : 0,
                                   .completed = completed,
                                   .success = -1,
                                   .scheduled = completed ? 0 : -1,
                                   .oldest_first = true};
    struct ar_job_list jobs = {0};
    struct ar_list list;
    if (!ar_call_is_admin(call) || !ar_param_page(call, &filter.skip, &filter.limit)) {
        return;
    }
    enum arras_status status =
        ar_store_job_list(call->api->store, &filter, call->arena, &call->diags, &jobs);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; i < jobs.list.count && !status; i++) {
        status = push_whole(call, &jobs.list.items[i], &list);
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    if (ar_audit(call, "jobs.export", AR_AUDIT_EXECUTE, call->workspace, NULL)) {
        ar_answer_json(call, 200, &value);
    }
}

void ar_api_export_completed(struct ar_call *call)
{
    export_jobs(call, true);
}

void ar_api_export_queued(struct ar_call *call)
{
    export_jobs(call, false);
}

static bool read_array(struct ar_call *call, struct arras_value *ret)
{
    if (!ar_call_is_admin(call) || !ar_call_json_body(call, false, ret)) {
        return false;
    }
    if (ar_is(ret, ARRAS_ARRAY) && ret->count <= AR_JOB_LIST_MOST) {
        return true;
    }
    ar_answer_textf(call, 422,
                    "Failed to deserialize the JSON body into the target type: expected an array "
                    "of at most %d jobs",
                    AR_JOB_LIST_MOST);
    return false;
}

static bool import_each(struct ar_call *call, const struct arras_value *body, bool completed,
                        struct ar_job *jobs, struct arras_str *logs)
{
    for (uint32_t i = 0; i < body->count; i++) {
        struct ar_moved_job moved;
        if (!ar_job_import(call, &body->items[i], completed, &moved)) {
            return false;
        }
        jobs[i] = moved.job;
        logs[i] = moved.log;
    }
    return true;
}

/* All of them or none. */
static void import_jobs(struct ar_call *call, bool completed)
{
    struct arras_value body;
    if (!read_array(call, &body)) {
        return;
    }
    struct ar_job *jobs = ar_arena_array(call->arena, body.count + 1, sizeof(*jobs));
    struct arras_str *logs = ar_arena_array(call->arena, body.count + 1, sizeof(*logs));
    if (!jobs || !logs) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    if (!import_each(call, &body, completed, jobs, logs)) {
        return;
    }
    enum arras_status status =
        ar_store_jobs_add(call->api->store, jobs, logs, body.count, &call->diags);
    if (status == ARRAS_CONFLICT) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: some of these jobs are here already, so none "
                              "was imported"));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "jobs.import", AR_AUDIT_CREATE, call->workspace, 200,
                        "imported %u jobs", body.count);
    }
}

void ar_api_import_completed(struct ar_call *call)
{
    import_jobs(call, true);
}

void ar_api_import_queued(struct ar_call *call)
{
    import_jobs(call, false);
}

void ar_api_delete_jobs(struct ar_call *call)
{
    struct arras_value body;
    size_t deleted = 0;
    if (!read_array(call, &body)) {
        return;
    }
    struct arras_str *ids = ar_arena_array(call->arena, body.count + 1, sizeof(*ids));
    bool valid = true, memory = ids != NULL;
    for (uint32_t i = 0; memory && valid && i < body.count; i++) {
        memory = ar_uuid_read(ar_text(&body.items[i]), call->arena, &ids[i], &valid);
    }
    if (!memory) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    if (!valid) {
        ar_answer_text(call, 422,
                       AR_STR("Failed to deserialize the JSON body into the target type: expected "
                              "UUIDs"));
        return;
    }
    enum arras_status status = ar_store_jobs_remove(call->api->store, call->workspace, ids,
                                                    body.count, &call->diags, &deleted);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "jobs.delete", AR_AUDIT_DELETE, call->workspace, 200,
                        "deleted %zu of %u jobs", deleted, body.count);
    }
}
