#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobs/sqlite.h"

/* The schema, one text for each version that it ever had: a database of version n gets those from
 * n on. A text that was released never changes. */
static const char *const MIGRATIONS[] = {
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE workspace (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE token (hash TEXT PRIMARY KEY, email TEXT NOT NULL, username TEXT NOT NULL,"
    " workspace TEXT NOT NULL, admin INTEGER NOT NULL, superadmin INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE script (number INTEGER PRIMARY KEY,"
    " workspace TEXT NOT NULL REFERENCES workspace (id), path TEXT NOT NULL, hash TEXT NOT NULL,"
    " parent_hash TEXT NOT NULL, summary TEXT NOT NULL, description TEXT NOT NULL,"
    " content TEXT NOT NULL, language TEXT NOT NULL, kind TEXT NOT NULL, schema TEXT NOT NULL,"
    " lock TEXT NOT NULL, tag TEXT NOT NULL, created_by TEXT NOT NULL,"
    " created_at INTEGER NOT NULL, timeout INTEGER NOT NULL, archived INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL, UNIQUE (workspace, hash)) STRICT;"
    "CREATE INDEX script_path ON script (workspace, path, number);"
    "CREATE TABLE job (id TEXT PRIMARY KEY, workspace TEXT NOT NULL REFERENCES workspace (id),"
    " kind TEXT NOT NULL, script_path TEXT NOT NULL, script_hash TEXT NOT NULL,"
    " language TEXT NOT NULL, code TEXT NOT NULL, args TEXT NOT NULL, created_by TEXT NOT NULL,"
    " permissioned_as TEXT NOT NULL, email TEXT NOT NULL, tag TEXT NOT NULL,"
    " parent_job TEXT NOT NULL, timeout INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    " scheduled_for INTEGER NOT NULL, started_at INTEGER NOT NULL, completed_at INTEGER NOT NULL,"
    " state INTEGER NOT NULL, worker TEXT NOT NULL, attempt INTEGER NOT NULL,"
    " cancel_requested INTEGER NOT NULL, canceled_by TEXT NOT NULL, canceled_reason TEXT NOT NULL,"
    " result TEXT NOT NULL, memory_peak INTEGER NOT NULL, deleted INTEGER NOT NULL) STRICT;"
    "CREATE INDEX job_queue ON job (scheduled_for, id) WHERE state = 0;"
    "CREATE INDEX job_running ON job (id) WHERE state = 1;"
    "CREATE INDEX job_list ON job (workspace, state > 1, created_at DESC, id DESC);"
    "CREATE TABLE log (job TEXT NOT NULL REFERENCES job (id), start INTEGER NOT NULL,"
    " text BLOB NOT NULL, PRIMARY KEY (job, start)) STRICT, WITHOUT ROWID;",
};

enum { VERSION = sizeof(MIGRATIONS) / sizeof(*MIGRATIONS) };

static enum arras_status read_version(struct ar_sqlite *db, struct ar_diags *diags,
                                      int64_t *ret_version)
{
    struct ar_query query;
    ar_query_begin(&query, db, "PRAGMA user_version", diags);
    *ret_version = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_query_end(&query);
}

static enum arras_status apply_migrations(struct ar_sqlite *db, int64_t version,
                                          struct ar_diags *diags)
{
    enum arras_status status = ar_sqlite_run(db, "BEGIN IMMEDIATE", diags);
    for (int64_t i = version; i < VERSION && status == ARRAS_OK; i++) {
        status = ar_sqlite_run(db, MIGRATIONS[i], diags);
    }
    char pragma[64];
    snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", VERSION);
    if (status == ARRAS_OK) {
        status = ar_sqlite_run(db, pragma, diags);
    }
    return ar_sqlite_finish(db, status, diags);
}

static enum arras_status migrate(struct ar_sqlite *db, struct ar_diags *diags)
{
    int64_t version = 0;
    enum arras_status status = read_version(db, diags, &version);
    if (status == ARRAS_OK && version > VERSION) {
        return ar_error(diags, ARRAS_UNSUPPORTED, "database", NULL, 0,
                        "the database '%s' was written by a newer version of this program (schema "
                        "%lld, known up to %d)",
                        db->path, (long long)version, VERSION);
    }
    return status || version == VERSION ? status : apply_migrations(db, version, diags);
}

/* secure_delete: what is deleted is overwritten, not only forgotten. */
static const char SETTINGS[] = "PRAGMA secure_delete=ON;"
                               "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA journal_size_limit=16777216;";

static enum arras_status open_database(struct ar_sqlite *db, struct ar_diags *diags)
{
    /* created here, so that nobody else may read it; SQLite gives its other files the same mode */
    int fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return ar_error(diags, ARRAS_IO, "database", NULL, 0, "cannot open the database '%s': %s",
                        db->path, strerror(errno));
    }
    close(fd);
    int code = sqlite3_open_v2(
        db->path, &db->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
        NULL);
    if (code != SQLITE_OK) {
        return db->db ? ar_sqlite_error(db, code, diags) : ar_no_memory(diags);
    }
    sqlite3_busy_timeout(db->db, 5000); /* someone may look at it with the sqlite3 shell */
    enum arras_status status = ar_sqlite_run(db, SETTINGS, diags);
    db->durable = true;
    return status ? status : migrate(db, diags);
}

static enum arras_status take_lock(struct ar_sqlite *db, struct ar_diags *diags)
{
    char *path = NULL;
    if (asprintf(&path, "%s.lock", db->path) < 0) {
        return ar_no_memory(diags);
    }
    enum arras_status status = ARRAS_OK;
    db->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (db->lock_fd < 0) {
        status = ar_error(diags, ARRAS_IO, "database", NULL, 0, "cannot open '%s': %s", path,
                          strerror(errno));
    } else if (flock(db->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        status = errno == EWOULDBLOCK ? ar_error(diags, ARRAS_CONFLICT, "data-in-use", NULL, 0,
                                                 "another server is using the data '%s'", db->path)
                                      : ar_error(diags, ARRAS_IO, "database", NULL, 0,
                                                 "cannot lock '%s': %s", path, strerror(errno));
    }
    free(path);
    return status;
}

static void store_close(struct ar_store *store)
{
    struct ar_sqlite *db = ar_sqlite(store);
    for (size_t i = 0; i < AR_SQLITE_STATEMENTS; i++) {
        sqlite3_finalize(db->kept[i].statement);
    }
    sqlite3_close(db->db);
    if (db->lock_fd >= 0) {
        close(db->lock_fd); /* the lock file stays: removing it would race with the next server */
    }
    pthread_mutex_destroy(&db->lock);
    free(db->path);
    free(db);
}

static enum arras_status setting_get(struct ar_store *store, const char *name,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct arras_str *ret)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    ar_sqlite_lock(db);
    ar_query_begin(&query, db, "SELECT value FROM setting WHERE name = ?", diags);
    ar_query_text(&query, ar_str_z(name));
    bool found = ar_query_row(&query);
    struct arras_str value = found ? ar_query_get_text(&query, 0, arena) : AR_STR("");
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK && found) {
        *ret = value;
    }
    return status || found ? status : ARRAS_NOT_FOUND;
}

static enum arras_status setting_set(struct ar_store *store, const char *name,
                                     struct arras_str value, struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    if (status) {
        return ar_sqlite_unlock(db, status);
    }
    struct ar_query query;
    ar_query_begin(&query, db,
                   "INSERT INTO setting (name, value) VALUES (?, ?)"
                   " ON CONFLICT DO UPDATE SET value = excluded.value",
                   diags);
    ar_query_text(&query, ar_str_z(name));
    ar_query_text(&query, value);
    return ar_sqlite_unlock(db, ar_query_finish(&query, NULL));
}

static enum arras_status workspace_add(struct ar_store *store, struct arras_str id,
                                       struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    enum arras_status status = ar_sqlite_durable(db, true, diags);
    if (status) {
        return ar_sqlite_unlock(db, status);
    }
    struct ar_query query;
    ar_query_begin(&query, db, "INSERT INTO workspace (id) VALUES (?)", diags);
    ar_query_text(&query, id);
    return ar_sqlite_unlock(db, ar_query_finish(&query, NULL));
}

static enum arras_status workspace_exists(struct ar_store *store, struct arras_str id,
                                          struct ar_diags *diags, bool *ret)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    ar_sqlite_lock(db);
    ar_query_begin(&query, db, "SELECT 1 FROM workspace WHERE id = ?", diags);
    ar_query_text(&query, id);
    bool found = ar_query_row(&query);
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = found;
    }
    return status;
}

static enum arras_status token_add(struct ar_store *store, struct arras_str token_hash,
                                   const struct ar_user *user, int64_t expires_at,
                                   struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    ar_sqlite_lock(db);
    /* a job's token need not outlive the machine: the job does not either */
    enum arras_status status = ar_sqlite_durable(db, expires_at == 0, diags);
    if (status) {
        return ar_sqlite_unlock(db, status);
    }
    struct ar_query query;
    ar_query_begin(&query, db,
                   "INSERT INTO token (hash, email, username, workspace, admin, superadmin,"
                   " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   diags);
    ar_query_text(&query, token_hash);
    ar_query_text(&query, user->email);
    ar_query_text(&query, user->username);
    ar_query_text(&query, user->workspace);
    ar_query_int(&query, user->admin);
    ar_query_int(&query, user->superadmin);
    ar_query_int(&query, expires_at);
    return ar_sqlite_unlock(db, ar_query_finish(&query, NULL));
}

static enum arras_status token_find(struct ar_store *store, struct arras_str token_hash,
                                    int64_t now, struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_user *ret)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    ar_sqlite_lock(db);
    ar_query_begin(&query, db,
                   "SELECT email, username, workspace, admin, superadmin FROM token"
                   " WHERE hash = ?1 AND (expires_at = 0 OR expires_at > ?2)",
                   diags);
    ar_query_text(&query, token_hash);
    ar_query_int(&query, now);
    struct ar_user user = {0};
    bool found = ar_query_row(&query);
    if (found) {
        user.email = ar_query_get_text(&query, 0, arena);
        user.username = ar_query_get_text(&query, 1, arena);
        user.workspace = ar_query_get_text(&query, 2, arena);
        user.admin = ar_query_get_int(&query, 3) != 0;
        user.superadmin = ar_query_get_int(&query, 4) != 0;
    }
    enum arras_status status = ar_sqlite_unlock(db, ar_query_end(&query));
    if (status == ARRAS_OK && found) {
        *ret = user;
    }
    return status || found ? status : ARRAS_NOT_FOUND;
}

static enum arras_status token_remove(struct ar_store *store, struct arras_str token_hash,
                                      struct ar_diags *diags)
{
    struct ar_sqlite *db = ar_sqlite(store);
    struct ar_query query;
    ar_sqlite_lock(db);
    ar_query_begin(&query, db, "DELETE FROM token WHERE hash = ?", diags);
    ar_query_text(&query, token_hash);
    int changes = 0;
    enum arras_status status = ar_sqlite_unlock(db, ar_query_finish(&query, &changes));
    return status || changes ? status : ARRAS_NOT_FOUND;
}

static const struct ar_store_functions FUNCTIONS = {
    .close = store_close,
    .setting_get = setting_get,
    .setting_set = setting_set,
    .workspace_add = workspace_add,
    .workspace_exists = workspace_exists,
    .token_add = token_add,
    .token_find = token_find,
    .token_remove = token_remove,
    .script_add = ar_sqlite_script_add,
    .script_by_path = ar_sqlite_script_by_path,
    .script_by_hash = ar_sqlite_script_by_hash,
    .script_list = ar_sqlite_script_list,
    .job_add = ar_sqlite_job_add,
    .job_get = ar_sqlite_job_get,
    .job_claim = ar_sqlite_job_claim,
    .job_complete = ar_sqlite_job_complete,
    .job_requeue = ar_sqlite_job_requeue,
    .job_request_cancel = ar_sqlite_job_request_cancel,
    .job_delete = ar_sqlite_job_delete,
    .job_list = ar_sqlite_job_list,
    .job_recover = ar_sqlite_job_recover,
    .log_append = ar_sqlite_log_append,
    .log_get = ar_sqlite_log_get,
};

enum arras_status ar_store_open_sqlite(const char *path, struct ar_diags *diags,
                                       struct ar_store **ret)
{
    struct ar_sqlite *db = calloc(1, sizeof(*db));
    char *copy = strdup(path);
    if (!db || !copy || pthread_mutex_init(&db->lock, NULL) != 0) {
        free(copy);
        free(db);
        return ar_no_memory(diags);
    }
    db->store.functions = &FUNCTIONS;
    db->path = copy;
    db->lock_fd = -1;
    enum arras_status status = take_lock(db, diags);
    if (status == ARRAS_OK) {
        status = open_database(db, diags);
    }
    if (status) {
        store_close(&db->store);
        return status;
    }
    *ret = &db->store;
    return ARRAS_OK;
}
