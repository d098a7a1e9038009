/* Jobs whose arguments, results and logs are not kept (windmill-api.md section 6.5). */
#include "base/limits.h"
#include "jobs/store/store_jobs.h"

#define GONE "##DELETED##" /* Windmill's log of such a job */

static enum arras_status replace_log(struct ar_tx *tx, struct arras_str id)
{
    struct ar_query query;
    enum arras_status status = ar_log_tx_remove(tx, id);
    if (status) {
        return status;
    }
    ar_query_begin(&query, tx,
                   "INSERT INTO log (job, start, text, first_char, chars)"
                   " VALUES ($1, 0, $2, 0, $3)");
    ar_query_text(&query, id);
    ar_query_blob(&query, AR_STR(GONE));
    ar_query_int(&query, (int64_t)strlen(GONE));
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_job_tx_redact(struct ar_tx *tx, struct arras_str id)
{
    struct ar_query query;
    int changes = 0;
    ar_query_begin(&query, tx,
                   "UPDATE job SET args = $2, result = $2, redact_at = $3 WHERE id = $1"
                   " AND state > 1 AND deleted = 0 AND redact_at >= 0");
    ar_query_text(&query, id);
    ar_query_data(&query, AR_STR("{}"));
    ar_query_int(&query, AR_JOB_REDACTED);
    enum arras_status status = ar_query_finish(&query, &changes);
    if (status || !changes) {
        return status ? status : ARRAS_NOT_FOUND;
    }
    return replace_log(tx, id);
}

static enum arras_status redact(struct ar_store *store, struct arras_str id, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(&tx, ar_job_tx_redact(&tx, id));
}

enum arras_status ar_store_job_redact(struct ar_store *store, struct arras_str id,
                                      struct ar_diags *diags)
{
    enum arras_status status = redact(store, id, diags);
    return status ? status : ar_db_erase_deleted(store->db, diags);
}

struct ids {
    AR_VEC(struct arras_str) list;
};

static enum arras_status find_due(struct ar_store *store, int64_t now, struct ar_arena *arena,
                                  struct ar_diags *diags, struct ids *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT id FROM job WHERE redact_at > 0 AND redact_at <= $1"
                   " ORDER BY redact_at LIMIT $2");
    ar_query_int(&query, now);
    ar_query_int(&query, AR_REDACTION_BATCH);
    while (ar_query_row(&query)) {
        struct arras_str id = ar_query_get_text(&query, 0, arena);
        if (!query.status && !ar_vec_push(arena, &ret->list, id)) {
            query.status = ar_no_memory(diags);
        }
    }
    return ar_tx_end(&tx, ar_query_end(&query));
}

enum arras_status ar_store_jobs_redact(struct ar_store *store, int64_t now, struct ar_diags *diags,
                                       size_t *ret_count)
{
    struct ar_arena arena;
    struct ids due = {0};
    ar_arena_init(&arena, 0);
    enum arras_status status = find_due(store, now, &arena, diags, &due);
    for (size_t i = 0; !status && i < due.list.count; i++) {
        status = redact(store, due.list.items[i], diags);
        status = status == ARRAS_NOT_FOUND ? ARRAS_OK : status; /* another process was first */
    }
    if (!status && due.list.count) {
        status = ar_db_erase_deleted(store->db, diags);
    }
    *ret_count = due.list.count;
    ar_arena_release(&arena);
    return status;
}

enum arras_status ar_store_redact_next(struct ar_store *store, struct ar_diags *diags, int64_t *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, "SELECT min(redact_at) FROM job WHERE redact_at > 0");
    *ret = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_tx_end(&tx, ar_query_end(&query));
}
