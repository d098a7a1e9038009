/* Accounts, members of workspaces, tokens. */
#include "jobs/store/store_people.h"
#include "jobs/store/store_named.h"

#define COUNT(columns) (sizeof(columns) / sizeof(*(columns)))

#define ACCOUNT(field, type) AR_COLUMN(struct ar_account, field, type)

static const struct ar_column ACCOUNT_COLUMNS[] = {
    ACCOUNT(email, TEXT),    ACCOUNT(password, TEXT),    ACCOUNT(username, TEXT),
    ACCOUNT(name, DATA),     ACCOUNT(company, DATA),     ACCOUNT(superadmin, BOOL),
    ACCOUNT(disabled, BOOL), ACCOUNT(created_at, INT64),
};
static const struct ar_record ACCOUNT_TYPE = {ACCOUNT_COLUMNS, COUNT(ACCOUNT_COLUMNS),
                                              sizeof(struct ar_account)};
#define ACCOUNT_SQL "email, password, username, name, company, superadmin, disabled, created_at"

#define MEMBER(field, type) AR_COLUMN(struct ar_workspace_member, field, type)

static const struct ar_column MEMBER_COLUMNS[] = {
    MEMBER(workspace, TEXT),   MEMBER(username, TEXT),    MEMBER(email, TEXT),
    MEMBER(admin, BOOL),       MEMBER(is_operator, BOOL), MEMBER(disabled, BOOL),
    MEMBER(created_at, INT64),
};
static const struct ar_record MEMBER_TYPE = {MEMBER_COLUMNS, COUNT(MEMBER_COLUMNS),
                                             sizeof(struct ar_workspace_member)};
#define MEMBER_SQL "workspace, username, email, admin, operator, disabled, created_at"

enum arras_status ar_store_account_add(struct ar_store *store, const struct ar_account *account,
                                       struct ar_diags *diags)
{
    return ar_named_write(store,
                          "INSERT INTO account (" ACCOUNT_SQL ") VALUES ($1, $2, $3, $4, $5, $6,"
                          " $7, $8)",
                          &ACCOUNT_TYPE, account, NULL, 0, diags);
}

enum arras_status ar_store_account_update(struct ar_store *store, const struct ar_account *account,
                                          struct ar_diags *diags)
{
    return ar_named_write(store,
                          "UPDATE account SET password = $2, username = $3, name = $4,"
                          " company = $5, superadmin = $6, disabled = $7, created_at = $8"
                          " WHERE email = $1",
                          &ACCOUNT_TYPE, account, NULL, 0, diags);
}

enum arras_status ar_store_account_get(struct ar_store *store, struct arras_str email,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_account *ret)
{
    return ar_named_get(store, "SELECT " ACCOUNT_SQL " FROM account WHERE email = $1",
                        &ACCOUNT_TYPE, &email, 1, arena, diags, ret);
}

enum arras_status ar_store_account_list(struct ar_store *store, struct ar_arena *arena,
                                        struct ar_diags *diags, struct ar_account_list *ret)
{
    void *items = NULL;
    enum arras_status status =
        ar_named_list(store, "SELECT " ACCOUNT_SQL " FROM account ORDER BY email", &ACCOUNT_TYPE,
                      NULL, 0, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}

enum arras_status ar_store_account_delete(struct ar_store *store, struct arras_str email,
                                          struct ar_diags *diags)
{
    static const char *const sql[] = {
        "DELETE FROM token WHERE email = $1",
        "DELETE FROM group_member WHERE EXISTS (SELECT 1 FROM member WHERE member.email = $1"
        " AND member.workspace = group_member.workspace"
        " AND member.username = group_member.username)",
        "DELETE FROM member WHERE email = $1",
    };
    struct ar_tx tx;
    int changes = 0;
    enum arras_status status = ARRAS_OK;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    for (size_t i = 0; !status && i < COUNT(sql); i++) {
        status = ar_named_run(&tx, sql[i], &email, 1, NULL);
    }
    if (!status) {
        status = ar_named_run(&tx, "DELETE FROM account WHERE email = $1", &email, 1, &changes);
    }
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_store_member_add(struct ar_store *store,
                                      const struct ar_workspace_member *member,
                                      struct ar_diags *diags)
{
    return ar_named_write(store,
                          "INSERT INTO member (" MEMBER_SQL ") VALUES ($1, $2, $3, $4, $5, $6,"
                          " $7)",
                          &MEMBER_TYPE, member, NULL, 0, diags);
}

enum arras_status ar_store_member_update(struct ar_store *store,
                                         const struct ar_workspace_member *member,
                                         struct ar_diags *diags)
{
    return ar_named_write(store,
                          "UPDATE member SET email = $3, admin = $4, operator = $5, disabled = $6,"
                          " created_at = $7 WHERE workspace = $1 AND username = $2",
                          &MEMBER_TYPE, member, NULL, 0, diags);
}

enum arras_status ar_store_member_get(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str username, struct ar_arena *arena,
                                      struct ar_diags *diags, struct ar_workspace_member *ret)
{
    const struct arras_str names[] = {workspace, username};
    return ar_named_get(store,
                        "SELECT " MEMBER_SQL " FROM member WHERE workspace = $1"
                        " AND username = $2",
                        &MEMBER_TYPE, names, 2, arena, diags, ret);
}

enum arras_status ar_store_member_list(struct ar_store *store, struct arras_str workspace,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_member_list *ret)
{
    void *items = NULL;
    enum arras_status status = ar_named_list(
        store, "SELECT " MEMBER_SQL " FROM member WHERE workspace = $1 ORDER BY username",
        &MEMBER_TYPE, &workspace, 1, arena, diags, &items, &ret->count);
    ret->items = items;
    return status;
}

enum arras_status ar_store_member_delete(struct ar_store *store,
                                         const struct ar_workspace_member *member,
                                         struct ar_diags *diags)
{
    const struct arras_str names[] = {member->workspace, member->username};
    const struct arras_str owner[] = {member->workspace, member->email};
    struct ar_tx tx;
    int changes = 0;
    ar_tx_begin(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ar_named_run(
        &tx, "DELETE FROM group_member WHERE workspace = $1 AND username = $2", names, 2, NULL);
    if (!status) {
        status = ar_named_run(&tx, "DELETE FROM token WHERE workspace = $1 AND email = $2", owner,
                              2, NULL);
    }
    if (!status) {
        status = ar_named_run(&tx, "DELETE FROM member WHERE workspace = $1 AND username = $2",
                              names, 2, &changes);
    }
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}
