#include "jobs/store/store_record.h"

#define VARIABLE_COLUMNS                                                                           \
    "workspace, path, value, secret, description, extra_perms, labels, expires_at, edited_by,"     \
    " edited_at"

#define COLUMN(field, type) AR_COLUMN(struct ar_variable, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(workspace, TEXT),  COLUMN(path, TEXT),        COLUMN(value, DATA),
    COLUMN(secret, BOOL),     COLUMN(description, DATA), COLUMN(extra_perms, DATA),
    COLUMN(labels, DATA),     COLUMN(expires_at, INT64), COLUMN(edited_by, TEXT),
    COLUMN(edited_at, INT64),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS) };

static const struct ar_record RECORD = {COLUMNS, COLUMN_COUNT, sizeof(struct ar_variable)};

enum arras_status ar_store_variable_add(struct ar_store *store, const struct ar_variable *variable,
                                        struct ar_diags *diags)
{
    return ar_record_write(store, &RECORD,
                           "INSERT INTO variable (" VARIABLE_COLUMNS
                           ") VALUES ($1, $2, $3, $4, $5, $6, $7,"
                           " $8, $9, $10)",
                           variable, NULL, diags);
}

enum arras_status ar_store_variable_update(struct ar_store *store, struct arras_str path,
                                           const struct ar_variable *variable,
                                           struct ar_diags *diags)
{
    return ar_record_write(
        store, &RECORD,
        "UPDATE variable SET path = $2, value = $3, secret = $4, description = $5,"
        " extra_perms = $6, labels = $7, expires_at = $8, edited_by = $9,"
        " edited_at = $10 WHERE workspace = $1 AND path = $11",
        variable, &path, diags);
}

enum arras_status ar_store_variable_get(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_diags *diags, struct ar_variable *ret)
{
    return ar_record_get(store, &RECORD,
                         "SELECT " VARIABLE_COLUMNS
                         " FROM variable WHERE workspace = $1 AND path = $2",
                         workspace, path, arena, diags, ret);
}

enum arras_status ar_store_variable_list(struct ar_store *store,
                                         const struct ar_item_filter *filter,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         ar_variable_taker *take, void *context)
{
    struct ar_tx tx;
    struct ar_query query;
    bool more = true;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " VARIABLE_COLUMNS " FROM variable WHERE workspace = $1"
                   " AND ($2 = '' OR path = $2) AND substr(path, 1, length($3)) = $3"
                   " AND ($4 = '' OR {instr}(description, $4) > 0)"
                   " AND ($5 = '' OR (secret = 0 AND {instr}(value, $5) > 0)) ORDER BY path");
    ar_query_text(&query, filter->workspace);
    ar_query_text(&query, filter->path);
    ar_query_text(&query, filter->path_start);
    ar_query_data(&query, filter->description);
    ar_query_data(&query, filter->value);
    while (more && ar_query_row(&query)) {
        struct ar_variable variable = {0};
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &variable);
        more = !query.status && take(context, &variable);
    }
    return ar_tx_end(&tx, ar_query_end(&query));
}
