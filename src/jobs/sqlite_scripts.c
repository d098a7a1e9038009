#include "base/limits.h"
#include "jobs/sqlite.h"

/* In the order of the columns below; `content` comes last, so that a list can leave it out. */
#define SCRIPT_COLUMNS                                                                             \
    "workspace, path, hash, parent_hash, summary, description, language, kind, schema, lock, tag," \
    " created_by, created_at, timeout, archived, deleted"

#define TEXT(field)                                                                                \
    {                                                                                              \
        offsetof(struct ar_script, field), AR_COLUMN_TEXT                                          \
    }
#define INT64(field)                                                                               \
    {                                                                                              \
        offsetof(struct ar_script, field), AR_COLUMN_INT64                                         \
    }
#define BOOL(field)                                                                                \
    {                                                                                              \
        offsetof(struct ar_script, field), AR_COLUMN_BOOL                                          \
    }

static const struct ar_column COLUMNS[] = {
    TEXT(workspace),   TEXT(path),       TEXT(hash),        TEXT(parent_hash), TEXT(summary),
    TEXT(description), TEXT(language),   TEXT(kind),        TEXT(schema),      TEXT(lock),
    TEXT(tag),         TEXT(created_by), INT64(created_at), INT64(timeout),    BOOL(archived),
    BOOL(deleted),     TEXT(content),
};

enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(*COLUMNS) };

static enum arras_status archive_parent(struct ar_sqlite *db, const struct ar_script *script,
                                        struct ar_diags *diags)
{
    if (script->parent_hash.len == 0) {
        return ARRAS_OK;
    }
    struct ar_query query;
    ar_query_begin(&query, db, "UPDATE script SET archived = 1 WHERE workspace = ? AND hash = ?",
                   diags);
    ar_query_text(&query, script->workspace);
    ar_query_text(&query, script->parent_hash);
    int changes = 0;
    enum arras_status status = ar_query_finish(&query, &changes);
    return status || changes ? status : ARRAS_NOT_FOUND;
}

static enum arras_status insert_script(struct ar_sqlite *db, const struct ar_script *script,
                                       struct ar_diags *diags)
{
    struct ar_query query;
    ar_query_begin(&query, db,
                   "INSERT INTO script (" SCRIPT_COLUMNS ", content) VALUES"
                   " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   diags);
    ar_query_bind_record(&query, COLUMNS, COLUMN_COUNT, script);
    return ar_query_finish(&query, NULL);
}

enum arras_status ar_sqlite_script_add(struct ar_store *store, const struct ar_script *script,
                                       struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    if (status == ARRAS_OK) {
        status = ar_sqlite_run(db, "BEGIN IMMEDIATE", diags);
    }
    if (status == ARRAS_OK) {
        status = insert_script(db, script, diags);
        if (status == ARRAS_OK) {
            status = archive_parent(db, script, diags);
        }
        status = ar_sqlite_finish(db, status, diags);
    }
    return ar_sqlite_unlock(db, status);
}

static enum arras_status get_script(struct ar_sqlite *db, const char *sql,
                                    struct arras_str workspace, struct arras_str key,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_script *ret)
{
    struct ar_query query;
    struct ar_script script = {0};
    ar_sqlite_lock(db);
    ar_query_begin(&query, db, sql, diags);
    ar_query_text(&query, workspace);
    ar_query_text(&query, key);
    bool found = ar_query_row(&query);
    if (found) {
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT, arena, &script);
    }
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK && found) {
        *ret = script;
    }
    return status || found ? status : ARRAS_NOT_FOUND;
}

enum arras_status ar_sqlite_script_by_path(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path, struct ar_arena *arena,
                                           struct ar_diags *diags, struct ar_script *ret)
{
    return get_script(ar_sqlite(store),
                      "SELECT " SCRIPT_COLUMNS ", content FROM script WHERE workspace = ?"
                      " AND path = ? AND NOT archived AND NOT deleted"
                      " ORDER BY number DESC LIMIT 1",
                      workspace, path, arena, diags, ret);
}

enum arras_status ar_sqlite_script_by_hash(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str hash, struct ar_arena *arena,
                                           struct ar_diags *diags, struct ar_script *ret)
{
    return get_script(ar_sqlite(store),
                      "SELECT " SCRIPT_COLUMNS ", content FROM script WHERE workspace = ?"
                      " AND hash = ?",
                      workspace, hash, arena, diags, ret);
}

enum arras_status ar_sqlite_script_list(struct ar_store *store, struct arras_str workspace,
                                        bool archived_too, size_t skip, size_t limit,
                                        struct ar_arena *arena, struct ar_diags *diags,
                                        struct ar_script_list *ret)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    struct ar_script_list scripts = {0};
    ar_sqlite_lock(db);
    ar_query_begin(&query, db,
                   "SELECT " SCRIPT_COLUMNS " FROM script WHERE number IN ("
                   " SELECT max(number) FROM script WHERE workspace = ?1 AND NOT deleted"
                   " AND (?2 OR NOT archived) GROUP BY path)"
                   " ORDER BY path LIMIT ?3 OFFSET ?4",
                   diags);
    ar_query_text(&query, workspace);
    ar_query_int(&query, archived_too);
    ar_query_int(&query, (int64_t)(limit < AR_JOB_LIST_MOST ? limit : AR_JOB_LIST_MOST));
    ar_query_int(&query, skip > INT64_MAX ? INT64_MAX : (int64_t)skip);
    while (ar_query_row(&query)) {
        struct ar_script script = {0};
        ar_query_get_record(&query, COLUMNS, COLUMN_COUNT - 1, arena, &script);
        if (!query.status && !ar_vec_push(arena, &scripts.list, script)) {
            query.status = ar_no_memory(diags);
        }
    }
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = scripts;
    }
    return status;
}
