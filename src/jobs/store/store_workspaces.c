/* Workspaces, and who is what in them. */
#include "jobs/store/store_people.h"
#include "jobs/store/store_named.h"

#define COLUMN(field, type) AR_COLUMN(struct ar_workspace, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(id, TEXT),    COLUMN(name, TEXT),     COLUMN(owner, TEXT),
    COLUMN(color, TEXT), COLUMN(archived, BOOL), COLUMN(created_at, INT64),
};

static const struct ar_record TYPE = {COLUMNS, sizeof(COLUMNS) / sizeof(*COLUMNS),
                                      sizeof(struct ar_workspace)};

#define WORKSPACE_COLUMNS "id, name, owner, color, archived, created_at"

/* In the order of the columns of membership queries. */
#define MEMBER(field, type) AR_COLUMN(struct ar_membership, field, type)

static const struct ar_column MEMBERSHIP[] = {
    MEMBER(workspace.id, TEXT),       MEMBER(workspace.name, TEXT),
    MEMBER(workspace.owner, TEXT),    MEMBER(workspace.color, TEXT),
    MEMBER(workspace.archived, BOOL), MEMBER(workspace.created_at, INT64),
    MEMBER(username, TEXT),           MEMBER(admin, BOOL),
    MEMBER(is_operator, BOOL),        MEMBER(disabled, BOOL),
};

static const struct ar_record MEMBERSHIP_TYPE = {
    MEMBERSHIP, sizeof(MEMBERSHIP) / sizeof(*MEMBERSHIP), sizeof(struct ar_membership)};

#define MEMBERSHIP_COLUMNS                                                                         \
    "workspace.id, workspace.name, workspace.owner, workspace.color, workspace.archived,"          \
    " workspace.created_at, member.username, member.admin, member.operator, member.disabled"

static enum arras_status insert_workspace(struct ar_tx *tx, const struct ar_workspace *workspace)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "INSERT INTO workspace (" WORKSPACE_COLUMNS ")"
                   " VALUES ($1, $2, $3, $4, $5, $6)");
    ar_query_bind_record(&query, COLUMNS, TYPE.count, workspace);
    return ar_query_finish(&query, NULL);
}

static enum arras_status insert_group(struct ar_tx *tx, struct arras_str workspace,
                                      struct arras_str name, struct arras_str summary)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "INSERT INTO user_group (workspace, name, summary, extra_perms)"
                   " VALUES ($1, $2, $3, $4)");
    ar_query_text(&query, workspace);
    ar_query_text(&query, name);
    ar_query_data(&query, summary);
    ar_query_data(&query, AR_STR(""));
    return ar_query_finish(&query, NULL);
}

/* Everybody may read what lies in it. */
static enum arras_status insert_folder(struct ar_tx *tx, const struct ar_workspace *workspace,
                                       struct arras_str name, struct arras_str by)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "INSERT INTO folder (workspace, name, summary, owners, extra_perms, created_by,"
                   " edited_at) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    ar_query_text(&query, workspace->id);
    ar_query_text(&query, name);
    ar_query_data(&query, AR_STR(""));
    ar_query_data(&query, AR_STR("[]"));
    ar_query_data(&query, AR_STR("{\"g/all\":false}"));
    ar_query_text(&query, by);
    ar_query_int(&query, workspace->created_at);
    return ar_query_finish(&query, NULL);
}

static enum arras_status insert_member(struct ar_tx *tx, const struct ar_workspace_member *member)
{
    struct ar_query query;
    ar_query_begin(&query, tx,
                   "INSERT INTO member (workspace, username, email, admin, operator, disabled,"
                   " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    ar_query_text(&query, member->workspace);
    ar_query_text(&query, member->username);
    ar_query_text(&query, member->email);
    ar_query_int(&query, member->admin);
    ar_query_int(&query, member->is_operator);
    ar_query_int(&query, member->disabled);
    ar_query_int(&query, member->created_at);
    return ar_query_finish(&query, NULL);
}

/* What every workspace has (windmill-api.md section 4.6). */
static enum arras_status insert_furniture(struct ar_tx *tx, const struct ar_workspace *workspace,
                                          const struct ar_workspace_member *creator)
{
    const struct arras_str folders[] = {AR_STR_INIT("app_themes"), AR_STR_INIT("app_custom"),
                                        AR_STR_INIT("app_groups")};
    enum arras_status status =
        insert_group(tx, workspace->id, AR_STR("all"),
                     AR_STR("The group that always contains all users of this workspace"));
    if (!status) {
        status = insert_group(tx, workspace->id, AR_STR("wm_deployers"),
                              AR_STR("Those who deploy on behalf of others"));
    }
    for (size_t i = 0; !status && i < sizeof(folders) / sizeof(folders[0]); i++) {
        status = insert_folder(tx, workspace, folders[i], creator ? creator->username : AR_STR(""));
    }
    return status || !creator ? status : insert_member(tx, creator);
}

enum arras_status ar_store_workspace_create(struct ar_store *store,
                                            const struct ar_workspace *workspace,
                                            const struct ar_workspace_member *creator,
                                            struct ar_diags *diags)
{
    struct ar_tx tx;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = insert_workspace(&tx, workspace);
    return ar_tx_end(&tx, status ? status : insert_furniture(&tx, workspace, creator));
}

enum arras_status ar_store_workspace_add(struct ar_store *store, struct arras_str id,
                                         struct ar_diags *diags)
{
    const struct ar_workspace workspace = {.id = id, .name = id};
    return ar_store_workspace_create(store, &workspace, NULL, diags);
}

enum arras_status ar_store_workspace_get(struct ar_store *store, struct arras_str id,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         struct ar_workspace *ret)
{
    return ar_named_get(store, "SELECT " WORKSPACE_COLUMNS " FROM workspace WHERE id = $1", &TYPE,
                        &id, 1, arena, diags, ret);
}

enum arras_status ar_store_workspace_exists(struct ar_store *store, struct arras_str id,
                                            struct ar_diags *diags, bool *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, "SELECT 1 FROM workspace WHERE id = $1");
    ar_query_text(&query, id);
    bool found = ar_query_row(&query);
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = found;
    }
    return status;
}

enum arras_status ar_store_workspace_update(struct ar_store *store,
                                            const struct ar_workspace *workspace,
                                            struct ar_diags *diags)
{
    return ar_named_write(store,
                          "UPDATE workspace SET name = $2, owner = $3, color = $4, archived = $5,"
                          " created_at = $6 WHERE id = $1",
                          &TYPE, workspace, NULL, 0, diags);
}

/* In an order in which nothing refers to what is gone. */
static const char *const CONTENTS[] = {
    "DELETE FROM log WHERE job IN (SELECT id FROM job WHERE workspace = $1)",
    "DELETE FROM job WHERE workspace = $1",
    "DELETE FROM schedule WHERE workspace = $1",
    "DELETE FROM script WHERE workspace = $1",
    "DELETE FROM variable WHERE workspace = $1",
    "DELETE FROM resource WHERE workspace = $1",
    "DELETE FROM resource_type WHERE workspace = $1",
    "DELETE FROM folder WHERE workspace = $1",
    "DELETE FROM group_member WHERE workspace = $1",
    "DELETE FROM user_group WHERE workspace = $1",
    "DELETE FROM member WHERE workspace = $1",
    "DELETE FROM token WHERE workspace = $1",
};

/* CONFLICT where a job runs: its worker would end a job that is not there. */
static enum arras_status check_idle(struct ar_tx *tx, struct arras_str id)
{
    struct ar_query query;
    ar_query_begin(&query, tx, "SELECT 1 FROM job WHERE workspace = $1 AND state = 1 LIMIT 1");
    ar_query_text(&query, id);
    bool busy = ar_query_row(&query);
    enum arras_status status = ar_query_end(&query);
    return status || !busy ? status : ARRAS_CONFLICT;
}

enum arras_status ar_store_workspace_delete(struct ar_store *store, struct arras_str id,
                                            struct ar_diags *diags)
{
    struct ar_tx tx;
    int changes = 0;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = check_idle(&tx, id);
    for (size_t i = 0; !status && i < sizeof(CONTENTS) / sizeof(CONTENTS[0]); i++) {
        status = ar_named_run(&tx, CONTENTS[i], &id, 1, NULL);
    }
    if (!status) {
        status = ar_named_run(&tx, "DELETE FROM workspace WHERE id = $1", &id, 1, &changes);
    }
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_store_workspace_list(struct ar_store *store, struct ar_arena *arena,
                                          struct ar_diags *diags, struct ar_workspace_list *ret)
{
    void *items = NULL;
    enum arras_status status =
        ar_named_list(store, "SELECT " WORKSPACE_COLUMNS " FROM workspace ORDER BY id", &TYPE, NULL,
                      0, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}

enum arras_status ar_store_membership(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str email, struct ar_arena *arena,
                                      struct ar_diags *diags, struct ar_membership *ret)
{
    const struct arras_str names[] = {workspace, email};
    return ar_named_get(store,
                        "SELECT " MEMBERSHIP_COLUMNS " FROM workspace LEFT JOIN member"
                        " ON member.workspace = workspace.id AND member.email = $2"
                        " WHERE workspace.id = $1",
                        &MEMBERSHIP_TYPE, names, 2, arena, diags, ret);
}

enum arras_status ar_store_membership_list(struct ar_store *store, struct arras_str email,
                                           struct ar_arena *arena, struct ar_diags *diags,
                                           struct ar_membership_list *ret)
{
    void *items = NULL;
    enum arras_status status =
        ar_named_list(store,
                      "SELECT " MEMBERSHIP_COLUMNS
                      " FROM member JOIN workspace ON workspace.id = member.workspace"
                      " WHERE member.email = $1 AND workspace.archived = 0 ORDER BY workspace.id",
                      &MEMBERSHIP_TYPE, &email, 1, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}
