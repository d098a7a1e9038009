#include "jobs/store/db.h"
#include "jobs/store/store.h"

enum arras_status ar_store_cache_put(struct ar_store *store, struct arras_str key,
                                     struct arras_str result, int64_t expires_at, int64_t now,
                                     struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_begin(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx, "DELETE FROM cache WHERE expires_at <= $1");
    ar_query_int(&query, now);
    enum arras_status status = ar_query_finish(&query, NULL);
    ar_query_begin(&query, &tx,
                   "INSERT INTO cache (key, result, expires_at) VALUES ($1, $2, $3)"
                   " ON CONFLICT (key) DO UPDATE SET result = excluded.result,"
                   " expires_at = excluded.expires_at");
    ar_query_text(&query, key);
    ar_query_data(&query, result);
    ar_query_int(&query, expires_at);
    enum arras_status put = ar_query_finish(&query, NULL);
    return ar_tx_end(&tx, status ? status : put);
}

enum arras_status ar_store_cache_get(struct ar_store *store, struct arras_str key, int64_t now,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct arras_str *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct arras_str result = {NULL, 0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, "SELECT result FROM cache WHERE key = $1 AND expires_at > $2");
    ar_query_text(&query, key);
    ar_query_int(&query, now);
    bool found = ar_query_row(&query);
    if (found) {
        result = ar_query_get_text(&query, 0, arena);
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK && found) {
        *ret = result;
    }
    return status || found ? status : ARRAS_NOT_FOUND;
}
