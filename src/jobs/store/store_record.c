#include "jobs/store/store_record.h"

enum arras_status ar_record_get(struct ar_store *store, const struct ar_record *record,
                                const char *sql, struct arras_str workspace, struct arras_str key,
                                struct ar_arena *arena, struct ar_diags *diags, void *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    void *found = ar_arena_alloc(arena, record->size);
    if (!found) {
        return ar_no_memory(diags);
    }
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, sql);
    ar_query_text(&query, workspace);
    ar_query_text(&query, key);
    enum arras_status status =
        ar_tx_end(&tx, ar_query_one(&query, record->columns, record->count, arena, found));
    if (status == ARRAS_OK) {
        memcpy(ret, found, record->size);
    }
    return status;
}

static enum arras_status finish(struct ar_query *query)
{
    int changes = 0;
    enum arras_status status = ar_query_finish(query, &changes);
    return status || changes ? status : ARRAS_NOT_FOUND;
}

enum arras_status ar_record_write(struct ar_store *store, const struct ar_record *record,
                                  const char *sql, const void *value, const struct arras_str *key,
                                  struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx, sql);
    ar_query_bind_record(&query, record->columns, record->count, value);
    if (key) {
        ar_query_text(&query, *key);
    }
    return ar_tx_end(&tx, finish(&query));
}

enum arras_status ar_record_remove(struct ar_tx *tx, const char *sql, struct arras_str workspace,
                                   struct arras_str key)
{
    struct ar_query query;
    ar_query_begin(&query, tx, sql);
    ar_query_text(&query, workspace);
    ar_query_text(&query, key);
    return finish(&query);
}
