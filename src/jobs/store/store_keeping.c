/* Steps of operating a database: what waits, and what is old. */
#include "jobs/store/db.h"
#include "jobs/store/store.h"
#include "jobs/store/store_people.h"

enum arras_status ar_store_job_gauges(struct ar_store *store, int64_t now, struct ar_diags *diags,
                                      int64_t *ret_due, int64_t *ret_scheduled,
                                      int64_t *ret_running)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT (SELECT count(*) FROM job WHERE state = 0 AND scheduled_for <= $1),"
                   " (SELECT count(*) FROM job WHERE state = 0 AND scheduled_for > $1),"
                   " (SELECT count(*) FROM job WHERE state = 1)");
    ar_query_int(&query, now);
    bool found = ar_query_row(&query);
    *ret_due = found ? ar_query_get_int(&query, 0) : 0;
    *ret_scheduled = found ? ar_query_get_int(&query, 1) : 0;
    *ret_running = found ? ar_query_get_int(&query, 2) : 0;
    return ar_tx_end(&tx, ar_query_end(&query));
}

/* The same choice in both statements: nothing that has ended changes its end. */
#define OLD                                                                                        \
    "(SELECT id FROM job WHERE state > 1 AND completed_at > 0 AND completed_at < $1"               \
    " ORDER BY completed_at, id LIMIT $2)"

enum arras_status ar_store_jobs_forget(struct ar_store *store, int64_t before, int64_t most,
                                       struct ar_diags *diags, int *ret_count)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_begin(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx, "DELETE FROM log WHERE job IN " OLD);
    ar_query_int(&query, before);
    ar_query_int(&query, most);
    enum arras_status status = ar_query_finish(&query, NULL);
    if (status == ARRAS_OK) {
        ar_query_begin(&query, &tx, "DELETE FROM job WHERE id IN " OLD);
        ar_query_int(&query, before);
        ar_query_int(&query, most);
        status = ar_query_finish(&query, ret_count);
    }
    return ar_tx_end(&tx, status);
}

static enum arras_status forget(struct ar_store *store, const char *sql, int64_t before,
                                int64_t most, struct ar_diags *diags, int *ret_count)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx, sql);
    ar_query_int(&query, before);
    ar_query_int(&query, most);
    return ar_tx_end(&tx, ar_query_finish(&query, ret_count));
}

enum arras_status ar_store_audit_forget(struct ar_store *store, int64_t before, int64_t most,
                                        struct ar_diags *diags, int *ret_count)
{
    return forget(store,
                  "DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE at < $1"
                  " ORDER BY at, number LIMIT $2)",
                  before, most, diags, ret_count);
}

enum arras_status ar_store_tokens_forget(struct ar_store *store, int64_t before, int64_t most,
                                         struct ar_diags *diags, int *ret_count)
{
    return forget(store,
                  "DELETE FROM token WHERE hash IN (SELECT hash FROM token WHERE expires_at > 0"
                  " AND expires_at < $1 ORDER BY expires_at LIMIT $2)",
                  before, most, diags, ret_count);
}
