#include "jobs/store/store_record.h"

#define RESOURCE_COLUMNS                                                                           \
    "workspace, path, value, type, description, extra_perms, labels, created_by, created_at,"      \
    " edited_at"

#define COLUMN(field, type) AR_COLUMN(struct ar_resource, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(workspace, TEXT),  COLUMN(path, TEXT),        COLUMN(value, DATA),
    COLUMN(type, TEXT),       COLUMN(description, DATA), COLUMN(extra_perms, DATA),
    COLUMN(labels, DATA),     COLUMN(created_by, TEXT),  COLUMN(created_at, INT64),
    COLUMN(edited_at, INT64),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS) };

static const struct ar_record RECORD = {COLUMNS, COLUMN_COUNT, sizeof(struct ar_resource)};

enum arras_status ar_store_resource_add(struct ar_store *store, const struct ar_resource *resource,
                                        struct ar_diags *diags)
{
    return ar_record_write(store, &RECORD,
                           "INSERT INTO resource (" RESOURCE_COLUMNS
                           ") VALUES ($1, $2, $3, $4, $5, $6, $7,"
                           " $8, $9, $10)",
                           resource, NULL, diags);
}

enum arras_status ar_store_resource_update(struct ar_store *store, struct arras_str path,
                                           const struct ar_resource *resource,
                                           struct ar_diags *diags)
{
    return ar_record_write(store, &RECORD,
                           "UPDATE resource SET path = $2, value = $3, type = $4, description = $5,"
                           " extra_perms = $6, labels = $7, created_by = $8, created_at = $9,"
                           " edited_at = $10 WHERE workspace = $1 AND path = $11",
                           resource, &path, diags);
}

enum arras_status ar_store_resource_get(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_diags *diags, struct ar_resource *ret)
{
    return ar_record_get(store, &RECORD,
                         "SELECT " RESOURCE_COLUMNS
                         " FROM resource WHERE workspace = $1 AND path = $2",
                         workspace, path, arena, diags, ret);
}

/* Lists of types, "a,b", are compared with a comma at both ends. */
static struct arras_str with_commas(struct arras_str list, struct ar_arena *arena,
                                    struct ar_query *query)
{
    struct arras_str text = AR_STR("");
    if (list.len && !ar_str_printf(arena, &text, ",%.*s,", AR_STR_ARG(list))) {
        query->status = ARRAS_NO_MEMORY;
    }
    return text;
}

enum arras_status ar_store_resource_list(struct ar_store *store,
                                         const struct ar_item_filter *filter,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         ar_resource_taker *take, void *context)
{
    struct ar_tx tx;
    struct ar_query query;
    bool more = true;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " RESOURCE_COLUMNS " FROM resource WHERE workspace = $1"
                   " AND ($2 = '' OR path = $2) AND substr(path, 1, length($3)) = $3"
                   " AND ($4 = '' OR {instr}(description, $4) > 0)"
                   " AND ($5 = '' OR {instr}(value, $5) > 0)"
                   " AND ($6 = '' OR {instr}($6, ',' || type || ',') > 0)"
                   " AND ($7 = '' OR {instr}($7, ',' || type || ',') = 0) ORDER BY path");
    ar_query_text(&query, filter->workspace);
    ar_query_text(&query, filter->path);
    ar_query_text(&query, filter->path_start);
    ar_query_data(&query, filter->description);
    ar_query_data(&query, filter->value);
    ar_query_text(&query, with_commas(filter->type, arena, &query));
    ar_query_text(&query, with_commas(filter->not_type, arena, &query));
    while (more && ar_query_row(&query)) {
        struct ar_resource resource = {0};
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &resource);
        more = !query.status && take(context, &resource);
    }
    return ar_tx_end(&tx, ar_query_end(&query));
}

/* A variable and a resource at one path belong together. `first` must have been there. */
static enum arras_status delete_both(struct ar_store *store, const char *first, const char *second,
                                     struct arras_str workspace, struct arras_str path,
                                     struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ar_record_remove(&tx, first, workspace, path);
    if (status == ARRAS_OK) {
        status = ar_record_remove(&tx, second, workspace, path);
        status = status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
    }
    return ar_tx_end(&tx, status);
}

static const char DELETE_RESOURCE[] = "DELETE FROM resource WHERE workspace = $1 AND path = $2";
static const char DELETE_VARIABLE[] = "DELETE FROM variable WHERE workspace = $1 AND path = $2";

enum arras_status ar_store_resource_delete(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path, struct ar_diags *diags)
{
    return delete_both(store, DELETE_RESOURCE, DELETE_VARIABLE, workspace, path, diags);
}

enum arras_status ar_store_variable_delete(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path, struct ar_diags *diags)
{
    return delete_both(store, DELETE_VARIABLE, DELETE_RESOURCE, workspace, path, diags);
}
