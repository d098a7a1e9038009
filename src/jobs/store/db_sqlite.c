#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/store/db_driver.h"
#include "jobs/store/db_functions.h"

struct sqlite {
    struct ar_db base; /* MUST be first */
    sqlite3 *db;
    pthread_mutex_t lock; /* one connection, one thread in it at a time */
    int lock_fd;          /* holds the lock that keeps other servers out; -1: none */
    bool durable;         /* what PRAGMA synchronous is set to: FULL, else NORMAL */
    struct ar_db_kept kept[AR_DB_STATEMENTS];
};

static const struct ar_db_word WORDS[AR_DB_WORDS] =
    AR_DB_WORD_TABLE("TEXT", "TEXT", "BLOB", "INTEGER", "INTEGER PRIMARY KEY", "STRICT",
                     "STRICT, WITHOUT ROWID", "instr", "", "presence = 0", "");

/* What SQLite says was wrong, with the database's name. */
static enum arras_status failed(struct sqlite *db, int code, struct ar_diags *diags)
{
    if (code == SQLITE_NOMEM) {
        return ar_no_memory(diags);
    }
    if ((code & 0xff) == SQLITE_CONSTRAINT) {
        return ARRAS_CONFLICT;
    }
    return ar_error(diags, ARRAS_IO, "database", NULL, 0, "the database '%s': %s", db->base.name,
                    sqlite3_errmsg(db->db));
}

static enum arras_status run_text(struct sqlite *db, const char *sql, struct ar_diags *diags)
{
    int code = sqlite3_exec(db->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ARRAS_OK : failed(db, code, diags);
}

static enum arras_status sqlite_run(struct ar_tx *tx, const char *sql)
{
    return run_text(tx->connection, sql, tx->diags);
}

static enum arras_status set_durable(struct sqlite *db, bool durable, struct ar_diags *diags)
{
    if (db->durable == durable) {
        return ARRAS_OK;
    }
    enum arras_status status =
        run_text(db, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", diags);
    if (status == ARRAS_OK) {
        db->durable = durable;
    }
    return status;
}

static enum arras_status sqlite_begin(struct ar_tx *tx)
{
    struct sqlite *db = (struct sqlite *)tx->db;
    enum arras_status status = ARRAS_OK;
    pthread_mutex_lock(&db->lock);
    if (tx->mode != AR_DB_READ) {
        status = set_durable(db, tx->mode == AR_DB_DURABLE, tx->diags);
    }
    if (status == ARRAS_OK && tx->whole) {
        status = run_text(db, "BEGIN IMMEDIATE", tx->diags);
    }
    if (status) {
        pthread_mutex_unlock(&db->lock);
        return status;
    }
    tx->connection = db;
    return ARRAS_OK;
}

static enum arras_status sqlite_end(struct ar_tx *tx, enum arras_status status)
{
    struct sqlite *db = tx->connection;
    if (tx->whole && status == ARRAS_OK) {
        status = run_text(db, "COMMIT", tx->diags);
    }
    if (tx->whole && status && !sqlite3_get_autocommit(db->db)) {
        sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    }
    pthread_mutex_unlock(&db->lock);
    return status;
}

/* The kept statement of a text, made at its first use. */
static enum arras_status prepare(struct sqlite *db, struct ar_query *query)
{
    struct ar_diags *diags = query->tx->diags;
    struct ar_db_kept *kept = ar_db_kept_find(db->kept, query->sql);
    if (!kept) {
        return ar_error(diags, ARRAS_LIMIT, "database", NULL, 0, "more than %d kinds of statement",
                        AR_DB_STATEMENTS);
    }
    if (!kept->sql) {
        struct ar_buf buf;
        sqlite3_stmt *statement = NULL;
        ar_buf_init(&buf, AR_SQL_SIZE);
        enum arras_status status = ar_db_expand(db->base.driver, query->sql, &buf, diags);
        if (status == ARRAS_OK) {
            int code = sqlite3_prepare_v3(db->db, buf.ptr, -1, SQLITE_PREPARE_PERSISTENT,
                                          &statement, NULL);
            status = code == SQLITE_OK ? ARRAS_OK : failed(db, code, diags);
        }
        ar_buf_release(&buf);
        if (status) {
            return status;
        }
        *kept = (struct ar_db_kept){query->sql, statement};
    }
    query->statement = kept->statement;
    return ARRAS_OK;
}

static int bind(sqlite3_stmt *statement, int number, const struct ar_parameter *parameter)
{
    switch (parameter->type) {
    case AR_PARAMETER_INT:
        return sqlite3_bind_int64(statement, number, parameter->number);
    case AR_PARAMETER_TEXT:
    case AR_PARAMETER_DATA:
        return sqlite3_bind_text64(statement, number, parameter->bytes.ptr, parameter->bytes.len,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case AR_PARAMETER_BLOB:
        return sqlite3_bind_blob64(statement, number, parameter->bytes.ptr, parameter->bytes.len,
                                   SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static enum arras_status sqlite_start(struct ar_query *query)
{
    struct sqlite *db = query->tx->connection;
    enum arras_status status = prepare(db, query);
    for (int i = 0; i < query->bound && status == ARRAS_OK; i++) {
        int code = bind(query->statement, i + 1, &query->parameters[i]);
        status = code == SQLITE_OK ? ARRAS_OK : failed(db, code, query->tx->diags);
    }
    return status;
}

static enum arras_status sqlite_row(struct ar_query *query)
{
    int code = sqlite3_step(query->statement);
    return code == SQLITE_ROW    ? ARRAS_OK
           : code == SQLITE_DONE ? ARRAS_NOT_FOUND
                                 : failed(query->tx->connection, code, query->tx->diags);
}

static int64_t sqlite_get_int(struct ar_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

static struct arras_str sqlite_get_bytes(struct ar_query *query, int column)
{
    const void *bytes = sqlite3_column_blob(query->statement, column);
    return (struct arras_str){bytes, (size_t)sqlite3_column_bytes(query->statement, column)};
}

static enum arras_status sqlite_finish(struct ar_query *query, int *ret_changes)
{
    struct sqlite *db = query->tx->connection;
    if (!query->statement) {
        return ARRAS_OK;
    }
    int code = sqlite3_reset(query->statement); /* the commit's own failure shows here */
    sqlite3_clear_bindings(query->statement);
    *ret_changes = sqlite3_changes(db->db);
    /* what the step already told is told once */
    return code == SQLITE_OK || query->status ? ARRAS_OK : failed(db, code, query->tx->diags);
}

static int64_t sqlite_now(struct ar_db *db)
{
    (void)db;
    return ar_clock_wall(ar_clock_system());
}

static enum arras_status sqlite_listen(struct ar_db *db, bool on, struct ar_diags *diags)
{
    (void)db, (void)on, (void)diags; /* no other process has it open */
    return ARRAS_OK;
}

/* The write-ahead log still holds the old pages. Not done while someone else reads. */
static enum arras_status sqlite_erase_deleted(struct ar_db *base, struct ar_diags *diags)
{
    struct sqlite *db = (struct sqlite *)base;
    pthread_mutex_lock(&db->lock);
    enum arras_status status = run_text(db, "PRAGMA wal_checkpoint(TRUNCATE)", diags);
    pthread_mutex_unlock(&db->lock);
    return status;
}

static enum arras_status sqlite_begin_migration(struct ar_tx *tx, int64_t *ret_version)
{
    struct ar_query query;
    ar_query_begin(&query, tx, "PRAGMA user_version");
    *ret_version = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_query_end(&query);
}

static enum arras_status sqlite_set_version(struct ar_tx *tx, int version)
{
    char pragma[64];
    snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", version);
    return sqlite_run(tx, pragma);
}

/* secure_delete: what is deleted is overwritten, not only forgotten. */
static const char SETTINGS[] = "PRAGMA secure_delete=ON;"
                               "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA journal_size_limit=16777216;";

static enum arras_status open_database(struct sqlite *db, struct ar_diags *diags)
{
    const char *path = db->base.name;
    /* created here, so that nobody else may read it; SQLite gives its other files the same mode */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return ar_error(diags, ARRAS_IO, "database", NULL, 0, "cannot open the database '%s': %s",
                        path, strerror(errno));
    }
    close(fd);
    int code = sqlite3_open_v2(
        path, &db->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
        NULL);
    if (code != SQLITE_OK) {
        return db->db ? failed(db, code, diags) : ar_no_memory(diags);
    }
    sqlite3_busy_timeout(db->db, 5000); /* someone may look at it with the sqlite3 shell */
    db->durable = true;
    code = ar_db_functions_sqlite(db->db);
    return code == SQLITE_OK ? run_text(db, SETTINGS, diags) : failed(db, code, diags);
}

static enum arras_status take_lock(struct sqlite *db, struct ar_diags *diags)
{
    char *path = NULL;
    if (asprintf(&path, "%s.lock", db->base.name) < 0) {
        return ar_no_memory(diags);
    }
    enum arras_status status = ARRAS_OK;
    db->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (db->lock_fd < 0) {
        status = ar_error(diags, ARRAS_IO, "database", NULL, 0, "cannot open '%s': %s", path,
                          strerror(errno));
    } else if (flock(db->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        status = errno == EWOULDBLOCK
                     ? ar_error(diags, ARRAS_CONFLICT, "data-in-use", NULL, 0,
                                "another server is using the data '%s'", db->base.name)
                     : ar_error(diags, ARRAS_IO, "database", NULL, 0, "cannot lock '%s': %s", path,
                                strerror(errno));
    }
    free(path);
    return status;
}

static void sqlite_close(struct ar_db *base)
{
    struct sqlite *db = (struct sqlite *)base;
    for (size_t i = 0; i < AR_DB_STATEMENTS; i++) {
        sqlite3_finalize(db->kept[i].statement);
    }
    sqlite3_close(db->db);
    if (db->lock_fd >= 0) {
        close(db->lock_fd); /* the lock file stays: removing it would race with the next server */
    }
    pthread_mutex_destroy(&db->lock);
    ar_db_release(&db->base);
    free(db);
}

static const struct ar_db_driver DRIVER = {
    .words = WORDS,
    .parameter = '?',
    .close = sqlite_close,
    .now = sqlite_now,
    .listen = sqlite_listen,
    .erase_deleted = sqlite_erase_deleted,
    .begin = sqlite_begin,
    .end = sqlite_end,
    .run = sqlite_run,
    .start = sqlite_start,
    .row = sqlite_row,
    .get_int = sqlite_get_int,
    .get_bytes = sqlite_get_bytes,
    .finish = sqlite_finish,
    .begin_migration = sqlite_begin_migration,
    .set_version = sqlite_set_version,
};

enum arras_status ar_db_open_sqlite(const char *path, struct ar_diags *diags, struct ar_db **ret)
{
    struct sqlite *db = calloc(1, sizeof(*db));
    if (!db || ar_db_init(&db->base, &DRIVER, path)) {
        free(db);
        return ar_no_memory(diags);
    }
    pthread_mutex_init(&db->lock, NULL);
    db->lock_fd = -1;
    enum arras_status status = take_lock(db, diags);
    if (status == ARRAS_OK) {
        status = open_database(db, diags);
    }
    if (status) {
        sqlite_close(&db->base);
        return status;
    }
    *ret = &db->base;
    return ARRAS_OK;
}
