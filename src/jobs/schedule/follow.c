#include "jobs/schedule/follow.h"
#include "base/limits.h"
#include "jobs/schedule/scheduler.h"
#include "jobs/store/store_jobs.h"
#include "jobs/uuid.h"
#include "jobs/worker/script_job.h"

/* Asked for while it ended by itself, which its worker does not know. */
static enum arras_status was_canceled(struct ar_tx *tx, const struct ar_job *job, bool *ret)
{
    struct ar_query query;
    ar_query_begin(&query, tx, "SELECT cancel_requested FROM job WHERE id = $1");
    ar_query_text(&query, job->id);
    *ret = !ar_query_row(&query) || ar_query_get_int(&query, 0) != 0;
    return ar_query_end(&query);
}

static enum arras_status add(struct ar_tx *tx, struct ar_job *job, struct ar_arena *arena)
{
    struct ar_uuid_clock uuids = {0};
    char id[AR_UUID_LENGTH + 1];
    bool added;
    enum arras_status status = ar_uuid_next(&uuids, job->created_at, id);
    if (status == ARRAS_OK && !ar_str_copy(ar_str_z(id), arena, &job->id)) {
        status = ARRAS_NO_MEMORY;
    }
    return status ? status : ar_job_tx_add(tx, job, &added);
}

static int64_t restart_time(const struct ar_job *ended)
{
    int64_t spaced = ended->started_at + AR_JOB_RESTART_SECONDS * INT64_C(1000000);
    return spaced > ended->completed_at ? spaced : ended->completed_at;
}

static enum arras_status restart(struct ar_tx *tx, const struct ar_job *ended,
                                 struct ar_arena *arena)
{
    struct ar_script script = {0};
    struct ar_job job = {
        .workspace = ended->workspace,
        .args = ended->args,
        .created_by = ended->created_by,
        .permissioned_as = ended->permissioned_as,
        .email = ended->email,
        .parent_job = ended->parent_job,
        .root_job = ended->root_job,
        .entrypoint = ended->entrypoint,
        .created_at = ended->completed_at,
        .scheduled_for = restart_time(ended),
    };
    enum arras_status status =
        ar_schedule_tx_script(tx, ended->workspace, ended->script_path, arena, &script);
    if (status) {
        return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
    }
    status = ar_script_job(&script, arena, &job);
    if (status || !job.restarts) {
        return status;
    }
    job.cache_ttl = 0; /* it is to run, not to be answered */
    job.hidden = job.hidden || ended->hidden;
    if (ar_str_eq(job.script_hash, ended->script_hash)) { /* as it was submitted */
        job.tag = ended->tag;
        job.timeout = ended->timeout;
    }
    return add(tx, &job, arena);
}

enum arras_status ar_follow_tx_restart(struct ar_tx *tx, const struct ar_job *ended)
{
    struct ar_arena arena;
    bool canceled = ended->state == AR_JOB_CANCELED;
    enum arras_status status = canceled ? ARRAS_OK : was_canceled(tx, ended, &canceled);
    if (status || canceled) {
        return status;
    }
    ar_arena_init(&arena, 0);
    status = restart(tx, ended, &arena);
    ar_arena_release(&arena);
    return status;
}
