#include "base/limits.h"
#include "jobs/store/store_occurrences.h"
#include "jobs/store/store_record.h"

/* In the order of the columns below; `content` comes last, so that a list can leave it out. */
#define SCRIPT_COLUMNS                                                                             \
    "workspace, path, hash, parent_hash, summary, description, language, kind, schema, lock, tag," \
    " created_by, created_at, timeout, archived, deleted, extra_perms, settings, labels, message," \
    " ancestors"

#define COLUMN(field, type) AR_COLUMN(struct ar_script, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(workspace, TEXT),   COLUMN(path, TEXT),        COLUMN(hash, TEXT),
    COLUMN(parent_hash, TEXT), COLUMN(summary, DATA),     COLUMN(description, DATA),
    COLUMN(language, TEXT),    COLUMN(kind, TEXT),        COLUMN(schema, DATA),
    COLUMN(lock, DATA),        COLUMN(tag, TEXT),         COLUMN(created_by, TEXT),
    COLUMN(created_at, INT64), COLUMN(timeout, INT64),    COLUMN(archived, BOOL),
    COLUMN(deleted, BOOL),     COLUMN(extra_perms, DATA), COLUMN(settings, DATA),
    COLUMN(labels, DATA),      COLUMN(message, DATA),     COLUMN(ancestors, TEXT),
    COLUMN(content, DATA),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS) };

static const struct ar_record RECORD = {COLUMNS, COLUMN_COUNT, sizeof(struct ar_script)};

static enum arras_status archive_parent(struct ar_tx *tx, const struct ar_script *script)
{
    if (script->parent_hash.len == 0) {
        return ARRAS_OK;
    }
    struct ar_query query;
    ar_query_begin(&query, tx, "UPDATE script SET archived = 1 WHERE workspace = $1 AND hash = $2");
    ar_query_text(&query, script->workspace);
    ar_query_text(&query, script->parent_hash);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    return status || changes ? status : ARRAS_NOT_FOUND;
}

#define TEXT_OF(number) #number
#define NUMBER(name) TEXT_OF(name)

/* After it was added; of a parent from before this was kept, its own parent is known at least. */
static enum arras_status set_ancestors(struct ar_tx *tx, const struct ar_script *script)
{
    struct ar_query query;
    if (script->parent_hash.len == 0) {
        return ARRAS_OK;
    }
    ar_query_begin(&query, tx,
                   "UPDATE script SET ancestors = coalesce((SELECT substr(parent.hash || ',' ||"
                   " CASE WHEN parent.ancestors = '' AND parent.parent_hash <> ''"
                   " THEN parent.parent_hash || ',' ELSE parent.ancestors END, 1,"
                   " " NUMBER(AR_SCRIPT_ANCESTORS) " * (" NUMBER(
                       AR_SCRIPT_HASH_LENGTH) " + 1))"
                                              " FROM script AS parent WHERE parent.workspace = $1 "
                                              "AND parent.hash = $3), '')"
                                              " WHERE workspace = $1 AND hash = $2");
    ar_query_text(&query, script->workspace);
    ar_query_text(&query, script->hash);
    ar_query_text(&query, script->parent_hash);
    return ar_query_finish(&query, NULL);
}

static enum arras_status insert_script(struct ar_tx *tx, const struct ar_script *script)
{
    struct ar_query query;
    ar_query_begin(
        &query, tx,
        "INSERT INTO script (" SCRIPT_COLUMNS ", content) VALUES ($1, $2, $3, $4, $5,"
        " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)");
    ar_query_bind_record(&query, COLUMNS, COLUMN_COUNT, script);
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_store_script_add(struct ar_store *store, const struct ar_script *script,
                                      struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = insert_script(&tx, script);
    if (status == ARRAS_OK) {
        status = archive_parent(&tx, script);
    }
    if (status == ARRAS_OK) {
        status = set_ancestors(&tx, script);
    }
    return ar_tx_end(&tx, status ? status : ar_schedule_tx_redeploy(&tx, script));
}

enum arras_status ar_store_script_by_path(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str path, struct ar_arena *arena,
                                          struct ar_diags *diags, struct ar_script *ret)
{
    return ar_record_get(store, &RECORD,
                         "SELECT " SCRIPT_COLUMNS ", content FROM script WHERE workspace = $1"
                         " AND path = $2 AND archived = 0 AND deleted = 0"
                         " ORDER BY number DESC LIMIT 1",
                         workspace, path, arena, diags, ret);
}

enum arras_status ar_store_script_by_hash(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str hash, struct ar_arena *arena,
                                          struct ar_diags *diags, struct ar_script *ret)
{
    return ar_record_get(store, &RECORD,
                         "SELECT " SCRIPT_COLUMNS ", content FROM script WHERE workspace = $1"
                         " AND hash = $2",
                         workspace, hash, arena, diags, ret);
}

/* Hands on the rows of a list as they come, `count` columns each. */
static enum arras_status take_rows(struct ar_query *query, const struct ar_column *columns,
                                   size_t count, struct ar_arena *arena, ar_script_taker *take,
                                   void *context)
{
    bool more = true;
    while (more && ar_query_row(query)) {
        struct ar_script script = {0};
        ar_query_get_record(query, columns, count, arena, &script);
        more = !query->status && take(context, &script);
    }
    return ar_query_end(query);
}

#define LIST(order)                                                                                \
    "SELECT " SCRIPT_COLUMNS " FROM script WHERE number IN (SELECT max(number) FROM script"        \
    " WHERE workspace = $1 AND deleted = 0 GROUP BY path) AND archived = $2"                       \
    " AND ($3 = '' OR path = $3) AND substr(path, 1, length($4)) = $4"                             \
    " AND ($5 = '' OR created_by = $5) AND ($6 = '' OR parent_hash = $6)"                          \
    " AND ($7 = '' OR {instr}($7, ',' || kind || ',') > 0)"                                        \
    " AND ($8 = '' OR {instr}($8, ',' || language || ',') > 0) ORDER BY number " order

enum arras_status ar_store_script_list(struct ar_store *store,
                                       const struct ar_script_filter *filter,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       ar_script_taker *take, void *context)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, filter->oldest_first ? LIST("ASC") : LIST("DESC"));
    ar_query_text(&query, filter->workspace);
    ar_query_int(&query, filter->archived);
    ar_query_text(&query, filter->path);
    ar_query_text(&query, filter->path_start);
    ar_query_text(&query, filter->created_by);
    ar_query_text(&query, filter->parent_hash);
    ar_query_text(&query, filter->kinds);
    ar_query_text(&query, filter->languages);
    return ar_tx_end(&tx, take_rows(&query, COLUMNS, COLUMN_COUNT - 1, arena, take, context));
}

enum arras_status ar_store_script_contents(struct ar_store *store, struct arras_str workspace,
                                           struct ar_arena *arena, struct ar_diags *diags,
                                           ar_script_taker *take, void *context)
{
    static const struct ar_column columns[] = {COLUMN(path, TEXT), COLUMN(hash, TEXT),
                                               COLUMN(extra_perms, DATA), COLUMN(content, DATA)};
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(
        &query, &tx,
        "SELECT path, hash, extra_perms, content FROM script WHERE workspace = $1 AND archived = 0"
        " AND deleted = 0 ORDER BY number DESC");
    ar_query_text(&query, workspace);
    return ar_tx_end(&tx, take_rows(&query, columns, 4, arena, take, context));
}

enum arras_status ar_store_script_versions(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path, struct ar_arena *arena,
                                           struct ar_diags *diags, struct ar_script_list *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_script_list scripts = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT " SCRIPT_COLUMNS " FROM script WHERE workspace = $1 AND path = $2"
                   " ORDER BY number DESC LIMIT $3");
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    ar_query_int(&query, AR_JOB_LIST_MOST);
    while (ar_query_row(&query)) {
        struct ar_script script = {0};
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT - 1, arena, &script);
        if (!query.status && !ar_vec_push(arena, &scripts.list, script)) {
            query.status = ar_no_memory(diags);
        }
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = scripts;
    }
    return status;
}

static enum arras_status change(struct ar_store *store, const char *sql, struct arras_str workspace,
                                struct arras_str key, struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    return ar_tx_end(&tx, ar_record_remove(&tx, sql, workspace, key));
}

enum arras_status ar_store_script_archive(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str hash, struct ar_diags *diags)
{
    return change(store, "UPDATE script SET archived = 1 WHERE workspace = $1 AND hash = $2",
                  workspace, hash, diags);
}

enum arras_status ar_store_script_blank(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str hash, struct ar_diags *diags)
{
    enum arras_status status =
        change(store,
               "UPDATE script SET content = '', schema = '', lock = '', settings = '',"
               " archived = 1, deleted = 1 WHERE workspace = $1 AND hash = $2",
               workspace, hash, diags);
    return status ? status : ar_db_erase_deleted(store->db, diags);
}

enum arras_status ar_store_script_remove(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str path, struct ar_diags *diags)
{
    enum arras_status status = change(
        store, "DELETE FROM script WHERE workspace = $1 AND path = $2", workspace, path, diags);
    return status ? status : ar_db_erase_deleted(store->db, diags);
}

enum arras_status ar_store_script_message(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str path, struct arras_str hash,
                                          struct arras_str message, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx,
                   "UPDATE script SET message = $4 WHERE workspace = $1 AND path = $2"
                   " AND hash = $3");
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    ar_query_text(&query, hash);
    ar_query_data(&query, message);
    enum arras_status status = ar_query_finish(&query, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}
