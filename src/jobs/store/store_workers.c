/* The processes that run the jobs of a shared database. */
#include "base/limits.h"
#include "jobs/store/db.h"
#include "jobs/store/store.h"

#define COLUMN(field, type) AR_COLUMN(struct ar_worker_process, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(name, TEXT),   COLUMN(group, TEXT),       COLUMN(tags, TEXT),  COLUMN(host, TEXT),
    COLUMN(count, INT64), COLUMN(started_at, INT64), COLUMN(ended, INT64)};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS) };

/* Of those that began long ago: one that begins just now may not be seen to live yet. */
static enum arras_status forget_dead(struct ar_tx *tx, int64_t now)
{
    struct ar_query query;
    ar_query_begin(&query, tx, "DELETE FROM worker_process WHERE started_at < $1 AND NOT {alive}");
    ar_query_int(&query, now - AR_WORKERS_FORGET_SECONDS * INT64_C(1000000));
    return ar_query_finish(&query, NULL);
}

static enum arras_status add(struct ar_tx *tx, const struct ar_worker_process *process,
                             int64_t presence)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "INSERT INTO worker_process (name, worker_group, tags, host, count, started_at,"
                   " ended, presence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    ar_query_bind_record(&query, COLUMNS, COLUMN_COUNT, process);
    ar_query_int(&query, presence);
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_store_workers_join(struct ar_store *store,
                                        const struct ar_worker_process *process,
                                        struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_FAST, diags);
    enum arras_status status = forget_dead(&tx, process->started_at);
    return ar_tx_end(&tx, status ? status : add(&tx, process, ar_db_presence(store->db)));
}

enum arras_status ar_store_workers_count(struct ar_store *store, struct arras_str name,
                                         int64_t ended, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx, "UPDATE worker_process SET ended = $1 WHERE name = $2");
    ar_query_int(&query, ended);
    ar_query_text(&query, name);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}

enum arras_status ar_store_workers_list(struct ar_store *store, struct ar_arena *arena,
                                        struct ar_diags *diags, struct ar_worker_process_list *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_worker_process_list list = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT name, worker_group, tags, host, count, started_at, ended"
                   " FROM worker_process WHERE {alive} ORDER BY name LIMIT $1");
    ar_query_int(&query, AR_WORKERS_LISTED);
    while (ar_query_row(&query)) {
        struct ar_worker_process process = {0};
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &process);
        if (!query.status && !ar_vec_push(arena, &list.list, process)) {
            query.status = ar_no_memory(diags);
        }
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = list;
    }
    return status;
}
