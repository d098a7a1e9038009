#include "jobs/store/db.h"
#include "jobs/store/store.h"
#include "jobs/store/store_schema.h"

static bool is_url(const char *where)
{
    return ar_str_starts(ar_str_z(where), "postgres://") ||
           ar_str_starts(ar_str_z(where), "postgresql://");
}

enum arras_status ar_store_open(const char *where, struct ar_diags *diags, struct ar_store **ret)
{
    struct ar_store *store = calloc(1, sizeof(*store));
    if (!store) {
        return ar_no_memory(diags);
    }
    enum arras_status status = is_url(where) ? ar_db_open_postgres(where, diags, &store->db)
                                             : ar_db_open_sqlite(where, diags, &store->db);
    if (status == ARRAS_OK) {
        status = ar_store_migrate(store->db, diags);
    }
    if (status) {
        ar_store_close(store);
        return status;
    }
    *ret = store;
    return ARRAS_OK;
}

bool ar_store_shared(const struct ar_store *store)
{
    return ar_db_shared(store->db);
}

int64_t ar_store_now(struct ar_store *store)
{
    return ar_db_now(store->db);
}

int64_t ar_store_end_time(struct ar_store *store, const struct ar_job *job)
{
    int64_t now = ar_store_now(store);
    return now < job->started_at ? job->started_at : now;
}

void ar_store_close(struct ar_store *store)
{
    if (store) {
        ar_db_close(store->db);
        free(store);
    }
}

enum arras_status ar_store_listen(struct ar_store *store,
                                  void (*listener)(void *context, struct arras_str note),
                                  void *context)
{
    return ar_db_listen(store->db, listener, context, NULL);
}

enum arras_status ar_store_setting_get(struct ar_store *store, const char *name,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct arras_str *ret)
{
    static const struct ar_column value = {0, AR_COLUMN_TEXT};
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, "SELECT value FROM setting WHERE name = $1");
    ar_query_text(&query, ar_str_z(name));
    return ar_tx_end(&tx, ar_query_one(&query, &value, 1, arena, ret));
}

enum arras_status ar_store_setting_set(struct ar_store *store, const char *name,
                                       struct arras_str value, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    enum arras_status status;
    int times = 0;
    do {
        ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
        ar_query_begin(&query, &tx,
                       "INSERT INTO setting (name, value) VALUES ($1, $2)"
                       " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
        ar_query_text(&query, ar_str_z(name));
        ar_query_text(&query, value);
        status = ar_tx_end(&tx, ar_query_finish(&query, NULL));
    } while (ar_db_again(status, &times));
    return status;
}

enum arras_status ar_store_setting_add(struct ar_store *store, const char *name,
                                       struct arras_str value, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx, "INSERT INTO setting (name, value) VALUES ($1, $2)");
    ar_query_text(&query, ar_str_z(name));
    ar_query_text(&query, value);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}
