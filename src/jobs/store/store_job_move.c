/* Many jobs in one step: those that come from another server, and those that go for good. */
#include "base/limits.h"
#include "jobs/store/store_jobs.h"

static enum arras_status add_one(struct ar_tx *tx, const struct ar_job *job, struct arras_str log)
{
    bool added = false;
    enum arras_status status = ar_job_tx_add(tx, job, &added);
    if (!status && !added) {
        status = ARRAS_CONFLICT;
    }
    return status || log.len == 0 ? status : ar_log_tx_append(tx, job->id, log);
}

static enum arras_status add_all(struct ar_store *store, const struct ar_job *jobs,
                                 const struct arras_str *logs, size_t count, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < count && !status; i++) {
        status = add_one(&tx, &jobs[i], logs ? logs[i] : AR_STR(""));
    }
    return ar_tx_end(&tx, status);
}

enum arras_status ar_store_jobs_add(struct ar_store *store, const struct ar_job *jobs,
                                    const struct arras_str *logs, size_t count,
                                    struct ar_diags *diags)
{
    enum arras_status status;
    int times = 0;
    do {
        status = add_all(store, jobs, logs, count, diags);
    } while (ar_db_again(status, &times));
    bool unsure = status == ARRAS_CONFLICT && times && count;
    return unsure ? ar_job_is_as(store, &jobs[0], diags) : status;
}

#define MOVABLE " AND state <> 1 AND (state > 1 OR schedule_path = '')"

static enum arras_status remove_one(struct ar_tx *tx, struct arras_str workspace,
                                    struct arras_str id, int *ret_changes)
{
    static const char *const statements[] = {
        "DELETE FROM log WHERE job IN (SELECT id FROM job WHERE id = $1 AND workspace = $2" MOVABLE
        ")",
        "DELETE FROM job WHERE id = $1 AND workspace = $2" MOVABLE,
    };
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < 2 && !status; i++) {
        struct ar_query query;
        ar_query_begin(&query, tx, statements[i]);
        ar_query_text(&query, id);
        ar_query_text(&query, workspace);
        status = ar_query_finish(&query, ret_changes);
    }
    return status;
}

enum arras_status ar_store_jobs_remove(struct ar_store *store, struct arras_str workspace,
                                       const struct arras_str *ids, size_t count,
                                       struct ar_diags *diags, size_t *ret_count)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ARRAS_OK;
    *ret_count = 0;
    for (size_t i = 0; i < count && !status; i++) {
        int changes = 0;
        status = remove_one(&tx, workspace, ids[i], &changes);
        *ret_count += (size_t)changes;
    }
    status = ar_tx_end(&tx, status);
    return status ? status : ar_db_erase_deleted(store->db, diags);
}
