/* What running jobs say of themselves, and which other jobs they started. */
#include "base/limits.h"
#include "jobs/store/db.h"
#include "jobs/store/store.h"

enum arras_status ar_store_job_progress_set(struct ar_store *store, struct arras_str workspace,
                                            struct arras_str id, int64_t percent,
                                            struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx,
                   "UPDATE job SET progress = $1 WHERE id = $2 AND workspace = $3 AND state <= 1");
    ar_query_int(&query, percent);
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    enum arras_status status = ar_query_finish(&query, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_store_job_progress(struct ar_store *store, struct arras_str id,
                                        struct ar_diags *diags, int64_t *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, "SELECT progress FROM job WHERE id = $1");
    ar_query_text(&query, id);
    *ret = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_tx_end(&tx, ar_query_end(&query));
}

enum arras_status ar_store_job_children(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str id, struct ar_arena *arena,
                                        struct ar_diags *diags, struct ar_job_list *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_job_list jobs = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "WITH RECURSIVE below (id, depth) AS (SELECT id, 1 FROM job"
                   " WHERE parent_job = $1 AND parent_job <> '' AND workspace = $2 AND state <= 1"
                   " UNION SELECT job.id, below.depth + 1 FROM job, below"
                   " WHERE job.parent_job = below.id AND job.parent_job <> ''"
                   " AND job.workspace = $2 AND job.state <= 1 AND below.depth < $3)"
                   " SELECT DISTINCT id FROM below WHERE id <> $1 LIMIT $4");
    ar_query_text(&query, id);
    ar_query_text(&query, workspace);
    ar_query_int(&query, AR_JOB_ANCESTORS);
    ar_query_int(&query, AR_JOB_LIST_MOST);
    while (ar_query_row(&query)) {
        struct ar_job job = {.id = ar_query_get_text(&query, 0, arena)};
        if (!query.status && !ar_vec_push(arena, &jobs.list, job)) {
            query.status = ar_no_memory(diags);
        }
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = jobs;
    }
    return status;
}
