#include "base/buf.h"
#include "base/limits.h"
#include "jobs/store_jobs.h"

enum arras_status ar_log_tx_append(struct ar_tx *tx, struct arras_str job, struct arras_str text)
{
    struct ar_query query;
    int changes = 0;
    ar_query_begin(&query, tx,
                   "INSERT INTO log (job, start, text) SELECT id, coalesce((SELECT start +"
                   " length(text) FROM log WHERE job = $1 ORDER BY start DESC LIMIT 1), 0), $2"
                   " FROM job WHERE id = $1 AND deleted = 0");
    ar_query_text(&query, job);
    ar_query_blob(&query, text);
    enum arras_status status = ar_query_finish(&query, &changes);
    return status || changes ? status : ARRAS_NOT_FOUND;
}

enum arras_status ar_store_log_append(struct ar_store *store, struct arras_str job,
                                      struct arras_str text, struct ar_diags *diags)
{
    enum {
        TRIES = 10
    }; /* CONFLICT: another process appended at the same time, to the same place */
    enum arras_status status = text.len ? ARRAS_CONFLICT : ARRAS_OK;
    for (int i = 0; i < TRIES && status == ARRAS_CONFLICT; i++) {
        struct ar_tx tx;
        ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
        status = ar_tx_end(&tx, ar_log_tx_append(&tx, job, text));
    }
    return status;
}

enum arras_status ar_store_log_get(struct ar_store *store, struct arras_str job, size_t from,
                                   struct ar_arena *arena, struct ar_diags *diags,
                                   struct arras_str *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_buf buf;
    ar_buf_init(&buf, AR_JOB_LOG_SIZE * 2);
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT start, text FROM log WHERE job = $1 AND start + length(text) > $2"
                   " ORDER BY start");
    ar_query_text(&query, job);
    ar_query_int(&query, from > INT64_MAX ? INT64_MAX : (int64_t)from);
    while (ar_query_row(&query)) {
        size_t start = (size_t)ar_query_get_int(&query, 0);
        ar_buf_add_str(&buf,
                       ar_str_from(ar_query_get_bytes(&query, 1), from > start ? from - start : 0));
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        status = ar_buf_copy(&buf, arena, ret);
    }
    ar_buf_release(&buf);
    return status;
}
