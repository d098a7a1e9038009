#include "jobs/store/store_people.h"
#include "jobs/store/store_named.h"

#define COLUMN(field, type) AR_COLUMN(struct ar_token, field, type)

static const struct ar_column COLUMNS[] = {
    COLUMN(hash, TEXT),        COLUMN(prefix, TEXT),      COLUMN(email, TEXT),
    COLUMN(workspace, TEXT),   COLUMN(label, TEXT),       COLUMN(scopes, TEXT),
    COLUMN(expires_at, INT64), COLUMN(created_at, INT64), COLUMN(last_used_at, INT64),
};
static const struct ar_record TYPE = {COLUMNS, sizeof(COLUMNS) / sizeof(*COLUMNS),
                                      sizeof(struct ar_token)};
#define TOKEN_COLUMNS                                                                              \
    "hash, prefix, email, workspace, label, scopes, expires_at, created_at, last_used_at"

#define USER(field, type) AR_COLUMN(struct ar_user, field, type)

static const struct ar_column USER_COLUMNS[] = {
    USER(email, TEXT), USER(username, TEXT),   USER(workspace, TEXT),
    USER(admin, BOOL), USER(superadmin, BOOL), USER(prefix, TEXT),
    USER(label, TEXT), USER(scopes, TEXT),     USER(last_used_at, INT64),
};

enum { USER_COUNT = sizeof(USER_COLUMNS) / sizeof(*USER_COLUMNS) };

enum arras_status ar_store_token_add(struct ar_store *store, const struct ar_token *token,
                                     struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    /* a job's token need not outlive the machine: the job does not either */
    bool job = ar_str_starts(token->label, AR_LABEL_JOB);
    ar_tx_once(&tx, store->db, job ? AR_DB_FAST : AR_DB_DURABLE, diags);
    ar_query_begin(&query, &tx,
                   "INSERT INTO token (" TOKEN_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
                   " $9)");
    ar_query_bind_record(&query, COLUMNS, TYPE.count, token);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}

enum arras_status ar_store_token_find(struct ar_store *store, struct arras_str token_hash,
                                      int64_t now, struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_user *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_user user = {.admin = false};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT account.email, account.username, token.workspace, account.superadmin,"
                   " CASE WHEN token.workspace = '' THEN account.superadmin ELSE 0 END,"
                   " token.prefix, token.label, token.scopes, token.last_used_at"
                   " FROM token JOIN account ON account.email = token.email"
                   " WHERE token.hash = $1 AND account.disabled = 0"
                   " AND (token.expires_at = 0 OR token.expires_at > $2)");
    ar_query_text(&query, token_hash);
    ar_query_int(&query, now);
    enum arras_status status =
        ar_tx_end(&tx, ar_query_one(&query, USER_COLUMNS, USER_COUNT, arena, &user));
    if (status == ARRAS_OK) {
        *ret = user;
    }
    return status;
}

enum arras_status ar_store_token_touch(struct ar_store *store, struct arras_str token_hash,
                                       int64_t now, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx, "UPDATE token SET last_used_at = $2 WHERE hash = $1");
    ar_query_text(&query, token_hash);
    ar_query_int(&query, now);
    return ar_tx_end(&tx, ar_query_finish(&query, NULL));
}

enum arras_status ar_store_token_remove(struct ar_store *store, struct arras_str token_hash,
                                        struct ar_diags *diags)
{
    struct ar_tx tx;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    enum arras_status status =
        ar_named_run(&tx, "DELETE FROM token WHERE hash = $1", &token_hash, 1, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_store_token_remove_prefix(struct ar_store *store, struct arras_str email,
                                               struct arras_str prefix, struct ar_diags *diags,
                                               int *ret_count)
{
    const struct arras_str names[] = {email, prefix};
    struct ar_tx tx;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status =
        ar_tx_end(&tx, ar_named_run(&tx, "DELETE FROM token WHERE email = $1 AND prefix = $2",
                                    names, 2, &changes));
    *ret_count = changes;
    return status;
}

enum arras_status ar_store_token_set_scopes(struct ar_store *store, struct arras_str email,
                                            struct arras_str prefix, struct arras_str scopes,
                                            struct ar_diags *diags)
{
    const struct arras_str names[] = {email, prefix, scopes};
    struct ar_tx tx;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
    enum arras_status status = ar_named_run(
        &tx, "UPDATE token SET scopes = $3 WHERE email = $1 AND prefix = $2", names, 3, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}

enum arras_status ar_store_token_list(struct ar_store *store, struct arras_str email, int64_t now,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_token_list *ret)
{
    void *items = NULL;
    enum arras_status status = ar_named_list(store,
                                             "SELECT " TOKEN_COLUMNS " FROM token WHERE email = $1"
                                             " ORDER BY created_at, prefix",
                                             &TYPE, &email, 1, arena, diags, &items, &ret->count);
    struct ar_token *tokens = items;
    size_t kept = 0;
    for (size_t i = 0; !status && i < ret->count; i++) {
        if (tokens[i].expires_at == 0 || tokens[i].expires_at > now) {
            tokens[kept++] = tokens[i];
        }
    }
    ret->items = tokens;
    ret->count = kept;
    return status;
}
