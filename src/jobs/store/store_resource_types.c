#include "jobs/store/store_record.h"

#define TYPE_COLUMNS                                                                               \
    "workspace, name, schema, description, format_extension, created_by, fileset, edited_at"

#define COLUMN(field, type) AR_COLUMN(struct ar_resource_type, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(workspace, TEXT),        COLUMN(name, TEXT),
    COLUMN(schema, DATA),           COLUMN(description, DATA),
    COLUMN(format_extension, TEXT), COLUMN(created_by, TEXT),
    COLUMN(fileset, BOOL),          COLUMN(edited_at, INT64),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS) };

static const struct ar_record RECORD = {COLUMNS, COLUMN_COUNT, sizeof(struct ar_resource_type)};

enum arras_status ar_store_resource_type_add(struct ar_store *store,
                                             const struct ar_resource_type *type,
                                             struct ar_diags *diags)
{
    return ar_record_write(store, &RECORD,
                           "INSERT INTO resource_type (" TYPE_COLUMNS
                           ") VALUES ($1, $2, $3, $4, $5, $6,"
                           " $7, $8)",
                           type, NULL, diags);
}

enum arras_status ar_store_resource_type_update(struct ar_store *store,
                                                const struct ar_resource_type *type,
                                                struct ar_diags *diags)
{
    return ar_record_write(store, &RECORD,
                           "UPDATE resource_type SET schema = $3, description = $4,"
                           " format_extension = $5, created_by = $6, fileset = $7, edited_at = $8"
                           " WHERE workspace = $1 AND name = $2",
                           type, NULL, diags);
}

enum arras_status ar_store_resource_type_get(struct ar_store *store, struct arras_str workspace,
                                             struct arras_str name, struct ar_arena *arena,
                                             struct ar_diags *diags, struct ar_resource_type *ret)
{
    return ar_record_get(store, &RECORD,
                         "SELECT " TYPE_COLUMNS
                         " FROM resource_type WHERE workspace = $1 AND name = $2",
                         workspace, name, arena, diags, ret);
}

enum arras_status ar_store_resource_type_list(struct ar_store *store, struct arras_str workspace,
                                              struct ar_arena *arena, struct ar_diags *diags,
                                              ar_resource_type_taker *take, void *context)
{
    struct ar_tx tx;
    struct ar_query query;
    bool more = true;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " TYPE_COLUMNS " FROM resource_type WHERE workspace = $1 ORDER BY name");
    ar_query_text(&query, workspace);
    while (more && ar_query_row(&query)) {
        struct ar_resource_type type = {0};
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &type);
        more = !query.status && take(context, &type);
    }
    return ar_tx_end(&tx, ar_query_end(&query));
}

enum arras_status ar_store_resource_type_delete(struct ar_store *store, struct arras_str workspace,
                                                struct arras_str name, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(
        &tx, ar_record_remove(&tx, "DELETE FROM resource_type WHERE workspace = $1 AND name = $2",
                              workspace, name));
}
