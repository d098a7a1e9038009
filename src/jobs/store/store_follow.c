#include "jobs/store/store_follow.h"
#include <sys/random.h>
#include "base/limits.h"
#include "jobs/time.h"
#include "jobs/store/store_occurrences.h"
#include "jobs/store/store_jobs.h"
#include "jobs/uuid.h"
#include "jobs/script_job.h"
#include "value/json.h"
#include "value/number.h"

/* Asked for while it ended by itself, which its worker does not know. */
static enum arras_status was_canceled(struct ar_tx *tx, const struct ar_job *job, bool *ret)
{
    struct ar_query query;
    ar_query_begin(&query, tx, "SELECT cancel_requested FROM job WHERE id = $1");
    ar_query_text(&query, job->id);
    *ret = !ar_query_row(&query) || ar_query_get_int(&query, 0) != 0;
    return ar_query_end(&query);
}

enum arras_status ar_follow_tx_add(struct ar_tx *tx, struct ar_job *job, struct ar_arena *arena)
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
        .preprocess = ended->preprocess,
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
    return ar_follow_tx_add(tx, &job, arena);
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

enum arras_status ar_follow_tx_failed(struct ar_tx *tx, const struct ar_job *job, bool *ret)
{
    bool timed_out =
        job->state == AR_JOB_CANCELED && job->worker.len && ar_str_is(job->canceled_by, "timeout");
    bool canceled = false;
    *ret = false;
    if (job->state != AR_JOB_FAILURE && !timed_out) {
        return ARRAS_OK;
    }
    enum arras_status status = was_canceled(tx, job, &canceled);
    *ret = !canceled;
    return status;
}

/* What is stored was checked. */
static int64_t number_of(const struct arras_value *object, const char *name)
{
    int64_t number = 0;
    return ar_number_to_int64(ar_text(ar_get_z(object, name)), &number) ? number : 0;
}

static int64_t times(int64_t a, int64_t b)
{
    return a && b > AR_RETRY_SECONDS / a ? AR_RETRY_SECONDS : a * b;
}

/* Seconds, at most AR_RETRY_SECONDS. */
static int64_t exponential_delay(const struct arras_value *rule, int64_t number)
{
    int64_t delay = number_of(rule, "multiplier"), base = number_of(rule, "seconds");
    int64_t random_most = number_of(rule, "random_factor");
    uint32_t random = 0;
    for (int64_t i = 0; i < number && delay && delay < AR_RETRY_SECONDS && base != 1; i++) {
        delay = times(delay, base);
    }
    if (random_most && getrandom(&random, sizeof(random), 0) == sizeof(random)) {
        delay += delay * (int64_t)(random % (uint32_t)(random_most + 1)) / 100;
    }
    return delay < AR_RETRY_SECONDS ? delay : AR_RETRY_SECONDS;
}

/* Seconds until the next try after so many failures; -1: there is none. */
static int64_t retry_delay(const struct arras_value *retry, int64_t failures)
{
    const struct arras_value *constant = ar_get_z(retry, "constant");
    const struct arras_value *exponential = ar_get_z(retry, "exponential");
    int64_t first = number_of(constant, "attempts");
    if (failures < first) {
        return number_of(constant, "seconds");
    }
    return failures - first < number_of(exponential, "attempts")
               ? exponential_delay(exponential, failures + 1)
               : -1;
}

static enum arras_status try_again(struct ar_tx *tx, const struct ar_job *failed, int64_t delay,
                                   struct ar_arena *arena)
{
    struct arras_str line;
    if (!ar_str_printf(arena, &line,
                       "\n[try %d failed; the schedule has it tried again in %lld s]\n",
                       failed->failures + 1, (long long)delay)) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status =
        ar_job_tx_retry(tx, failed, failed->completed_at + delay * INT64_C(1000000));
    return status ? status : ar_log_tx_append(tx, failed->id, line);
}

enum arras_status ar_follow_tx_retry(struct ar_tx *tx, const struct ar_job *failed,
                                     const struct ar_schedule *schedule, struct ar_arena *arena,
                                     bool *ret_again)
{
    struct ar_source source = {AR_STR("the store"), schedule->retry};
    struct arras_value retry;
    *ret_again = false;
    if (schedule->retry.len == 0 || !schedule->enabled) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_follow_tx_failed(tx, failed, ret_again);
    if (status || !*ret_again) {
        return status;
    }
    status = ar_json_read(&source, arena, tx->diags, &retry);
    int64_t delay = status ? -1 : retry_delay(&retry, failed->failures);
    *ret_again = !status && delay >= 0;
    return *ret_again ? try_again(tx, failed, delay, arena) : status;
}
