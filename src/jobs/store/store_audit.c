#include "jobs/store/store_people.h"
#include "jobs/store/store_named.h"

#define COLUMN(field, type) AR_COLUMN(struct ar_audit_entry, field, type)

/* Without the number, which the database gives. */
static const struct ar_column COLUMNS[] = {
    COLUMN(workspace, TEXT),  COLUMN(at, INT64),  COLUMN(username, TEXT),
    COLUMN(operation, TEXT),  COLUMN(kind, TEXT), COLUMN(resource, TEXT),
    COLUMN(parameters, DATA), COLUMN(id, INT64),
};

enum { COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS) };

#define AUDIT_COLUMNS "workspace, at, username, operation, kind, resource, parameters"

enum arras_status ar_store_audit_add(struct ar_store *store, const struct ar_audit_entry *entry,
                                     struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx,
                   "INSERT INTO audit (" AUDIT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
    ar_query_bind_record(&query, COLUMNS, COUNT - 1, entry);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}

enum arras_status ar_store_audit_list(struct ar_store *store, const struct ar_audit_filter *filter,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_audit_list *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    AR_VEC(struct ar_audit_entry) entries = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " AUDIT_COLUMNS ", number FROM audit WHERE ($1 = '' OR workspace = $1)"
                   " AND ($2 = '' OR username = $2) AND ($3 = '' OR kind = $3)"
                   " AND ($4 = '' OR resource = $4)"
                   " AND ($5 = '' OR {instr}($5, ',' || operation || ',') > 0)"
                   " AND ($6 = '' OR {instr}($6, ',' || operation || ',') = 0)"
                   " AND ($7 = 0 OR at < $7) AND ($8 = 0 OR at > $8)"
                   " ORDER BY number DESC LIMIT $9 OFFSET $10");
    ar_query_text(&query, filter->workspace);
    ar_query_text(&query, filter->username);
    ar_query_text(&query, filter->kind);
    ar_query_text(&query, filter->resource);
    ar_query_text(&query, filter->operations);
    ar_query_text(&query, filter->not_operations);
    ar_query_int(&query, filter->before);
    ar_query_int(&query, filter->after);
    ar_query_int(&query, filter->limit < AR_RECORDS_MOST ? (int64_t)filter->limit
                                                         : (int64_t)AR_RECORDS_MOST);
    ar_query_int(&query, filter->skip < INT32_MAX ? (int64_t)filter->skip : INT32_MAX);
    while (ar_query_row(&query)) {
        struct ar_audit_entry entry = {0};
        ar_query_get_record(&query, COLUMNS, COUNT, arena, &entry);
        if (!query.status && !ar_vec_push(arena, &entries, entry)) {
            query.status = ar_no_memory(diags);
        }
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    ret->items = entries.items;
    ret->count = entries.count;
    return status;
}

enum arras_status ar_store_audit_get(struct ar_store *store, struct arras_str workspace, int64_t id,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_audit_entry *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_audit_entry entry = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " AUDIT_COLUMNS ", number FROM audit WHERE workspace = $1"
                   " AND number = $2");
    ar_query_text(&query, workspace);
    ar_query_int(&query, id);
    enum arras_status status = ar_tx_end(&tx, ar_query_one(&query, COLUMNS, COUNT, arena, &entry));
    if (status == ARRAS_OK) {
        *ret = entry;
    }
    return status;
}
