/* Workspaces, and tokens with the users that they stand for. */
#include "jobs/db.h"
#include "jobs/store.h"

enum arras_status ar_store_workspace_add(struct ar_store *store, struct arras_str id,
                                         struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx, "INSERT INTO workspace (id) VALUES ($1)");
    ar_query_text(&query, id);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
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

static const struct ar_column USER[] = {
    AR_COLUMN(struct ar_user, email, TEXT),      AR_COLUMN(struct ar_user, username, TEXT),
    AR_COLUMN(struct ar_user, workspace, TEXT),  AR_COLUMN(struct ar_user, admin, BOOL),
    AR_COLUMN(struct ar_user, superadmin, BOOL),
};

enum { USER_COUNT = sizeof(USER) / sizeof(*USER) };

enum arras_status ar_store_token_add(struct ar_store *store, struct arras_str token_hash,
                                     const struct ar_user *user, int64_t expires_at,
                                     struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    /* a job's token need not outlive the machine: the job does not either */
    ar_tx_once(&tx, store->db, expires_at ? AR_DB_FAST : AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx,
                   "INSERT INTO token (email, username, workspace, admin, superadmin, hash,"
                   " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    ar_query_bind_record(&query, USER, USER_COUNT, user);
    ar_query_text(&query, token_hash);
    ar_query_int(&query, expires_at);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}

enum arras_status ar_store_user_is_admin(struct ar_store *store, struct arras_str username,
                                         struct arras_str workspace, struct ar_diags *diags,
                                         bool *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT 1 FROM token WHERE username = $1 AND admin = 1"
                   " AND expires_at = 0 AND (workspace = '' OR workspace = $2)");
    ar_query_text(&query, username);
    ar_query_text(&query, workspace);
    bool found = ar_query_row(&query);
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = found;
    }
    return status;
}

enum arras_status ar_store_token_find(struct ar_store *store, struct arras_str token_hash,
                                      int64_t now, struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_user *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT email, username, workspace, admin, superadmin FROM token"
                   " WHERE hash = $1 AND (expires_at = 0 OR expires_at > $2)");
    ar_query_text(&query, token_hash);
    ar_query_int(&query, now);
    return ar_tx_end(&tx, ar_query_one(&query, USER, USER_COUNT, arena, ret));
}

enum arras_status ar_store_token_remove(struct ar_store *store, struct arras_str token_hash,
                                        struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx, "DELETE FROM token WHERE hash = $1");
    ar_query_text(&query, token_hash);
    enum arras_status status = ar_query_finish(&query, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}
