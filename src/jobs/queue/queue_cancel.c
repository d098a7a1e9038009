/* Ending jobs from outside. */
#include "jobs/queue/queue_internal.h"
#include "jobs/verdict.h"

enum { TRIES = 20 };

struct cancellation {
    struct ar_queue *queue;
    struct arras_str workspace, by, reason;
    bool force; /* what runs ends at once, whatever its worker does */
    struct ar_diags *diags;
};

static enum arras_status end_now(const struct cancellation *c, struct ar_job *job,
                                 struct ar_arena *arena)
{
    struct ar_store *store = c->queue->store;
    struct arras_str line;
    job->state = AR_JOB_CANCELED;
    job->canceled_by = c->by;
    job->canceled_reason = c->reason;
    job->completed_at = ar_store_end_time(store, job);
    enum arras_status status = ar_job_canceled_result(c->by, c->reason, arena, &job->result);
    if (status == ARRAS_OK) {
        status = ar_job_canceled_log(c->by, c->force, arena, &line);
    }
    if (status) {
        return ar_no_memory(c->diags);
    }
    status = ar_store_job_complete(store, job, c->diags);
    if (status == ARRAS_OK) {
        status = ar_store_log_append(store, job->id, line, c->diags);
        ar_watches_tell(&c->queue->watches, job->id);
    }
    return status == ARRAS_NOT_FOUND && job->redact_after ? ARRAS_OK : status; /* no log any more */
}

/* Its worker is told, and ends its processes; it need not answer where that is forced. */
static enum arras_status end_running(const struct cancellation *c, struct ar_job *job,
                                     struct ar_arena *arena)
{
    enum arras_status status = ar_store_job_request_cancel(c->queue->store, c->workspace, job->id,
                                                           c->by, c->reason, c->diags);
    return status || !c->force ? status : end_now(c, job, arena);
}

/* CONFLICT: its state is another by now, or it has ended. */
static enum arras_status try_one(const struct cancellation *c, struct arras_str id, bool *ret_ended)
{
    struct ar_store *store = c->queue->store;
    struct ar_arena arena;
    struct ar_job job = {0};
    ar_arena_init(&arena, 0);
    enum arras_status status = ar_store_job_get(store, c->workspace, id, &arena, c->diags, &job);
    *ret_ended = job.state > AR_JOB_RUNNING;
    if (status == ARRAS_OK) {
        /* the schedule's own; one that is to be tried again is a job of its own */
        bool future =
            job.schedule_path.len && !job.failures && job.scheduled_for > ar_store_now(store);
        status = job.state == AR_JOB_QUEUED && future ? ARRAS_UNSUPPORTED
                 : job.state == AR_JOB_QUEUED         ? end_now(c, &job, &arena)
                 : job.state == AR_JOB_RUNNING        ? end_running(c, &job, &arena)
                                                      : ARRAS_CONFLICT;
    }
    ar_arena_release(&arena);
    return status;
}

static enum arras_status cancel_one(const struct cancellation *c, struct arras_str id)
{
    bool ended = false;
    enum arras_status status = ARRAS_CONFLICT;
    for (int i = 0; i < TRIES && status == ARRAS_CONFLICT && !ended; i++) {
        status = try_one(c, id, &ended);
    }
    return status;
}

/* Those that have ended meanwhile, or are a schedule's, are passed over. */
static enum arras_status cancel_children(const struct cancellation *c, struct arras_str id)
{
    struct ar_arena arena;
    struct ar_job_list jobs = {0};
    ar_arena_init(&arena, 0);
    enum arras_status status =
        ar_store_job_children(c->queue->store, c->workspace, id, &arena, c->diags, &jobs);
    for (size_t i = 0; !status && i < jobs.list.count; i++) {
        status = cancel_one(c, jobs.list.items[i].id);
        if (status == ARRAS_NOT_FOUND || status == ARRAS_CONFLICT || status == ARRAS_UNSUPPORTED) {
            status = ARRAS_OK;
        }
    }
    ar_arena_release(&arena);
    return status;
}

/* The parent first, so that it starts no more of them. */
static enum arras_status cancel(const struct cancellation *c, struct arras_str id)
{
    enum arras_status status = cancel_one(c, id);
    return status ? status : cancel_children(c, id);
}

enum arras_status ar_queue_cancel(struct ar_queue *queue, struct arras_str workspace,
                                  struct arras_str id, struct arras_str by, struct arras_str reason,
                                  struct ar_diags *diags)
{
    const struct cancellation c = {queue, workspace, by, reason, false, diags};
    return cancel(&c, id);
}

enum arras_status ar_queue_force_cancel(struct ar_queue *queue, struct arras_str workspace,
                                        struct arras_str id, struct arras_str by,
                                        struct arras_str reason, struct ar_diags *diags)
{
    const struct cancellation c = {queue, workspace, by, reason, true, diags};
    return cancel(&c, id);
}
