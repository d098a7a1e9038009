/* Folders, and groups of users. */
#include "jobs/store/store_people.h"
#include "jobs/store/store_named.h"

#define COUNT(columns) (sizeof(columns) / sizeof(*(columns)))

#define FOLDER(field, type) AR_COLUMN(struct ar_folder, field, type)

static const struct ar_column FOLDER_COLUMNS[] = {
    FOLDER(workspace, TEXT),  FOLDER(name, TEXT),        FOLDER(summary, DATA),
    FOLDER(owners, DATA),     FOLDER(extra_perms, DATA), FOLDER(created_by, TEXT),
    FOLDER(edited_at, INT64),
};
static const struct ar_record FOLDER_TYPE = {FOLDER_COLUMNS, COUNT(FOLDER_COLUMNS),
                                             sizeof(struct ar_folder)};
#define FOLDER_SQL "workspace, name, summary, owners, extra_perms, created_by, edited_at"

#define GROUP(field, type) AR_COLUMN(struct ar_group, field, type)

static const struct ar_column GROUP_COLUMNS[] = {
    GROUP(workspace, TEXT),
    GROUP(name, TEXT),
    GROUP(summary, DATA),
    GROUP(extra_perms, DATA),
};
static const struct ar_record GROUP_TYPE = {GROUP_COLUMNS, COUNT(GROUP_COLUMNS),
                                            sizeof(struct ar_group)};
#define GROUP_SQL "workspace, name, summary, extra_perms"

static const struct ar_column NAME_COLUMNS[] = {{0, AR_COLUMN_TEXT}};
static const struct ar_record NAME_TYPE = {NAME_COLUMNS, 1, sizeof(struct arras_str)};

enum arras_status ar_store_folder_add(struct ar_store *store, const struct ar_folder *folder,
                                      struct ar_diags *diags)
{
    return ar_named_write(store,
                          "INSERT INTO folder (" FOLDER_SQL ") VALUES ($1, $2, $3, $4, $5, $6,"
                          " $7)",
                          &FOLDER_TYPE, folder, NULL, 0, diags);
}

enum arras_status ar_store_folder_update(struct ar_store *store, const struct ar_folder *folder,
                                         struct ar_diags *diags)
{
    return ar_named_write(store,
                          "UPDATE folder SET summary = $3, owners = $4, extra_perms = $5,"
                          " created_by = $6, edited_at = $7 WHERE workspace = $1 AND name = $2",
                          &FOLDER_TYPE, folder, NULL, 0, diags);
}

enum arras_status ar_store_folder_get(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str name, struct ar_arena *arena,
                                      struct ar_diags *diags, struct ar_folder *ret)
{
    const struct arras_str names[] = {workspace, name};
    return ar_named_get(store,
                        "SELECT " FOLDER_SQL " FROM folder WHERE workspace = $1 AND name = $2",
                        &FOLDER_TYPE, names, 2, arena, diags, ret);
}

enum arras_status ar_store_folder_list(struct ar_store *store, struct arras_str workspace,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_folder_list *ret)
{
    void *items = NULL;
    enum arras_status status =
        ar_named_list(store, "SELECT " FOLDER_SQL " FROM folder WHERE workspace = $1 ORDER BY name",
                      &FOLDER_TYPE, &workspace, 1, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}

enum arras_status ar_store_folder_delete(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str name, struct ar_diags *diags)
{
    const struct arras_str names[] = {workspace, name};
    return ar_named_write(store, "DELETE FROM folder WHERE workspace = $1 AND name = $2", NULL,
                          NULL, names, 2, diags);
}

enum arras_status ar_store_folder_count(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str name, struct ar_diags *diags,
                                        struct ar_folder_usage *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(
        &query, &tx,
        "SELECT (SELECT count(*) FROM script WHERE workspace = $1 AND archived = 0 AND deleted = 0"
        " AND substr(path, 1, length($2) + 3) = 'f/' || $2 || '/'),"
        " (SELECT count(*) FROM resource WHERE workspace = $1"
        " AND substr(path, 1, length($2) + 3) = 'f/' || $2 || '/'),"
        " (SELECT count(*) FROM variable WHERE workspace = $1"
        " AND substr(path, 1, length($2) + 3) = 'f/' || $2 || '/'),"
        " (SELECT count(*) FROM schedule WHERE workspace = $1"
        " AND substr(path, 1, length($2) + 3) = 'f/' || $2 || '/')");
    ar_query_text(&query, workspace);
    ar_query_text(&query, name);
    if (ar_query_row(&query)) {
        *ret = (struct ar_folder_usage){ar_query_get_int(&query, 0), ar_query_get_int(&query, 1),
                                        ar_query_get_int(&query, 2), ar_query_get_int(&query, 3)};
    }
    return ar_tx_end(&tx, ar_query_end(&query));
}

enum arras_status ar_store_group_add(struct ar_store *store, const struct ar_group *group,
                                     struct ar_diags *diags)
{
    return ar_named_write(store, "INSERT INTO user_group (" GROUP_SQL ") VALUES ($1, $2, $3, $4)",
                          &GROUP_TYPE, group, NULL, 0, diags);
}

enum arras_status ar_store_group_update(struct ar_store *store, const struct ar_group *group,
                                        struct ar_diags *diags)
{
    return ar_named_write(store,
                          "UPDATE user_group SET summary = $3, extra_perms = $4"
                          " WHERE workspace = $1 AND name = $2",
                          &GROUP_TYPE, group, NULL, 0, diags);
}

enum arras_status ar_store_group_get(struct ar_store *store, struct arras_str workspace,
                                     struct arras_str name, struct ar_arena *arena,
                                     struct ar_diags *diags, struct ar_group *ret)
{
    const struct arras_str names[] = {workspace, name};
    return ar_named_get(store,
                        "SELECT " GROUP_SQL " FROM user_group WHERE workspace = $1 AND name = $2",
                        &GROUP_TYPE, names, 2, arena, diags, ret);
}

enum arras_status ar_store_group_list(struct ar_store *store, struct arras_str workspace,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_group_list *ret)
{
    void *items = NULL;
    enum arras_status status = ar_named_list(
        store, "SELECT " GROUP_SQL " FROM user_group WHERE workspace = $1 ORDER BY name",
        &GROUP_TYPE, &workspace, 1, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}

enum arras_status ar_store_group_delete(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str name, struct ar_diags *diags)
{
    const struct arras_str names[] = {workspace, name};
    struct ar_tx tx;
    int changes = 0;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ar_named_run(
        &tx, "DELETE FROM group_member WHERE workspace = $1 AND name = $2", names, 2, NULL);
    if (!status) {
        status = ar_named_run(&tx, "DELETE FROM user_group WHERE workspace = $1 AND name = $2",
                              names, 2, &changes);
    }
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_store_group_enter(struct ar_store *store, struct arras_str workspace,
                                       struct arras_str name, struct arras_str username,
                                       struct ar_diags *diags)
{
    const struct arras_str names[] = {workspace, name, username};
    return ar_named_write(store,
                          "INSERT INTO group_member (workspace, name, username)"
                          " VALUES ($1, $2, $3)",
                          NULL, NULL, names, 3, diags);
}

enum arras_status ar_store_group_leave(struct ar_store *store, struct arras_str workspace,
                                       struct arras_str name, struct arras_str username,
                                       struct ar_diags *diags)
{
    const struct arras_str names[] = {workspace, name, username};
    return ar_named_write(store,
                          "DELETE FROM group_member WHERE workspace = $1 AND name = $2"
                          " AND username = $3",
                          NULL, NULL, names, 3, diags);
}

enum arras_status ar_store_group_members(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str name, struct ar_arena *arena,
                                         struct ar_diags *diags, struct ar_name_list *ret)
{
    const struct arras_str names[] = {workspace, name};
    void *items = NULL;
    enum arras_status status =
        ar_named_list(store,
                      "SELECT username FROM member WHERE workspace = $1 AND ($2 = 'all'"
                      " OR username IN (SELECT username FROM group_member WHERE workspace = $1"
                      " AND name = $2)) ORDER BY username",
                      &NAME_TYPE, names, 2, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}

enum arras_status ar_store_groups_of(struct ar_store *store, struct arras_str workspace,
                                     struct arras_str username, struct ar_arena *arena,
                                     struct ar_diags *diags, struct ar_name_list *ret)
{
    const struct arras_str names[] = {workspace, username};
    void *items = NULL;
    enum arras_status status = ar_named_list(
        store, "SELECT name FROM group_member WHERE workspace = $1 AND username = $2 ORDER BY name",
        &NAME_TYPE, names, 2, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}

enum arras_status ar_store_perms_set(struct ar_store *store, const char *kind,
                                     struct arras_str workspace, struct arras_str path,
                                     struct arras_str extra_perms, struct ar_diags *diags)
{
    static const struct {
        const char *kind, *sql;
    } kinds[] = {
        {"script",
         "UPDATE script SET extra_perms = $3 WHERE workspace = $1 AND path = $2 AND archived = 0"
         " AND deleted = 0"},
        {"variable", "UPDATE variable SET extra_perms = $3 WHERE workspace = $1 AND path = $2"},
        {"schedule", "UPDATE schedule SET extra_perms = $3 WHERE workspace = $1 AND path = $2"},
        {"resource", "UPDATE resource SET extra_perms = $3 WHERE workspace = $1 AND path = $2"},
    };
    struct ar_tx tx;
    struct ar_query query;
    const char *sql = NULL;
    int changes = 0;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        sql = strcmp(kinds[i].kind, kind) == 0 ? kinds[i].sql : sql;
    }
    if (!sql) {
        return ARRAS_NOT_FOUND;
    }
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx, sql);
    ar_query_text(&query, workspace);
    ar_query_text(&query, path);
    ar_query_data(&query, extra_perms);
    enum arras_status status = ar_query_finish(&query, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}
