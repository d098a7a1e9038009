#include "jobs/store/store_named.h"
#include "base/vec.h"

static void bind_names(struct ar_query *query, const struct arras_str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ar_query_text(query, names[i]);
    }
}

enum arras_status ar_named_run(struct ar_tx *tx, const char *sql, const struct arras_str *names,
                               size_t name_count, int *ret_changes)
{
    struct ar_query query;
    ar_query_begin(&query, tx, sql);
    bind_names(&query, names, name_count);
    return ar_query_finish(&query, ret_changes);
}

enum arras_status ar_named_write(struct ar_store *store, const char *sql,
                                 const struct ar_record *type, const void *record,
                                 const struct arras_str *names, size_t name_count,
                                 struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx, sql);
    if (record) {
        ar_query_bind_record(&query, type->columns, type->count, record);
    }
    bind_names(&query, names, name_count);
    enum arras_status status = ar_query_finish(&query, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_named_get(struct ar_store *store, const char *sql,
                               const struct ar_record *type, const struct arras_str *names,
                               size_t name_count, struct ar_arena *arena, struct ar_diags *diags,
                               void *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    void *record = ar_arena_alloc(arena, type->size);
    if (!record) {
        return ar_no_memory(diags);
    }
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, sql);
    bind_names(&query, names, name_count);
    enum arras_status status =
        ar_tx_end(&tx, ar_query_one(&query, type->columns, type->count, arena, record));
    if (status == ARRAS_OK) {
        memcpy(ret, record, type->size);
    }
    return status;
}

enum arras_status ar_named_list(struct ar_store *store, const char *sql,
                                const struct ar_record *type, const struct arras_str *names,
                                size_t name_count, struct ar_arena *arena, struct ar_diags *diags,
                                void **ret_items, size_t *ret_count)
{
    struct ar_tx tx;
    struct ar_query query;
    void *items = NULL;
    size_t count = 0, cap = 0;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, sql);
    bind_names(&query, names, name_count);
    while (count < AR_RECORDS_MOST && ar_query_row(&query)) {
        if (count == cap && !ar_vec_grow(arena, &items, &cap, type->size)) {
            query.status = ar_no_memory(diags);
            break;
        }
        void *record = (char *)items + count * type->size;
        memset(record, 0, type->size);
        ar_query_get_record(&query, type->columns, type->count, arena, record);
        count++;
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret_items = items;
        *ret_count = count;
    }
    return status;
}
