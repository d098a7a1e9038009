/* An open database: what the store's SQL stands on. A driver (SQLite, PostgreSQL) gives connections
 * and statements; SQL is written once, for both.
 *
 * What both read: parameters $1, $2, ...; words in braces, which each driver replaces by its own
 * (AR_DB_WORDS below); ON CONFLICT (column); CASE, not iif; booleans kept as numbers and asked for
 * as `archived = 0`; a query's numbers as 64-bit integers, so CAST(sum(x) AS BIGINT).
 *
 *     struct ar_tx tx;
 *     struct ar_query query;
 *     int changes = 0;
 *     ar_tx_once(&tx, store->db, AR_DB_DURABLE, diags);
 *     ar_query_begin(&query, &tx, "UPDATE thing SET name = $1 WHERE id = $2");
 *     ar_query_text(&query, name);
 *     ar_query_int(&query, id);
 *     enum arras_status status = ar_query_finish(&query, &changes);
 *     return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
 *
 * Failures: CONFLICT (a constraint), IO, NETWORK (the connection broke on the way: a commit may or
 * may not have been done), NO_MEMORY. A failure is remembered, in the query and in its transaction:
 * what follows does nothing, and the end tells it. */
#ifndef AR_JOBS_DB_H
#define AR_JOBS_DB_H

#include "base/diag.h"

struct ar_db;

/* Opens, creating it where it is missing. CONFLICT where another process has it open: a lock is
 * held on the file `path`.lock, which stays behind. */
enum arras_status ar_db_open_sqlite(const char *path, struct ar_diags *diags,
                                    struct ar_db **ret) ARRAS_CHECKED;
/* A PostgreSQL database by its URL, postgres://..., with what libpq takes in one (and from
 * PGPASSWORD and its like). Connections are made when they are needed, made again when they broke,
 * and never more than AR_DB_CONNECTIONS, which other threads wait for. IO where it cannot be
 * reached within AR_DB_PATIENCE_SECONDS; USAGE where the URL is none. */
enum arras_status ar_db_open_postgres(const char *url, struct ar_diags *diags,
                                      struct ar_db **ret) ARRAS_CHECKED;
void ar_db_close(struct ar_db *db);
/* How messages call it; no password in it. */
const char *ar_db_name(const struct ar_db *db);
/* Whether other processes may have it open too. */
bool ar_db_shared(const struct ar_db *db);
/* Microseconds since 1970 by the clock that all processes of the database go by: its server's. */
int64_t ar_db_now(struct ar_db *db);
/* A number of this process, by which others of a shared database see that it lives: as long as it
 * is told notes. Nothing is asked for that while nothing happens. */
int64_t ar_db_presence(const struct ar_db *db);
/* What was deleted before is overwritten in the files too, as far as the driver does that. */
enum arras_status ar_db_erase_deleted(struct ar_db *db, struct ar_diags *diags) ARRAS_CHECKED;

enum ar_db_mode {
    AR_DB_READ,
    AR_DB_FAST,   /* what is written survives the death of this process, but may be lost with the
                     power of the database's machine; the next durable commit keeps it too */
    AR_DB_DURABLE /* what is written is on the disk when the end returns */
};

/* What a transaction tells: a letter and an id, to whoever listens. */
enum { AR_DB_NOTES = 4, AR_DB_NOTE_SIZE = 80 };

/* A connection, taken for one thread from begin to end. One at a time in a thread: a second would
 * wait for the first for ever. Every begin needs its end. */
struct ar_tx {
    struct ar_db *db;
    void *connection;
    enum ar_db_mode mode;
    bool whole; /* its statements are one transaction */
    struct ar_diags *diags;
    enum arras_status status; /* the first failure */
    int seconds;              /* the longest that a statement may take: AR_DB_SECONDS unless set */
    size_t noted;
    char notes[AR_DB_NOTES][AR_DB_NOTE_SIZE];
};

/* A transaction: all its statements or none. */
void ar_tx_begin(struct ar_tx *tx, struct ar_db *db, enum ar_db_mode mode, struct ar_diags *diags);
/* Each statement for itself: for one that is whole alone, and for reading. */
void ar_tx_once(struct ar_tx *tx, struct ar_db *db, enum ar_db_mode mode, struct ar_diags *diags);
/* Commits where `status` and every statement is OK, else undoes all. Returns what came of it. */
enum arras_status ar_tx_end(struct ar_tx *tx, enum arras_status status) ARRAS_CHECKED;
/* Once a transaction (ar_tx_begin) is committed, every process that has the database open is told,
 * this one too; of the first AR_DB_NOTES notes. `id` is printable ASCII, at most AR_DB_NOTE_SIZE -
 * 2 bytes: longer ones are cut. */
void ar_tx_notify(struct ar_tx *tx, char kind, struct arras_str id);
/* Whether to do it all again: NETWORK says that the connection broke, and nobody knows what was
 * committed. For what may be done twice; *times begins at 0. */
bool ar_db_again(enum arras_status status, int *times);

/* Is called for each note from now on, on any thread, holding no connection; with an empty one when
 * notes may have been missed. One listener a database; NULL: none any more, and when that returns
 * no call is under way. */
typedef void (*ar_db_listener)(void *context, struct arras_str note);
enum arras_status ar_db_listen(struct ar_db *db, ar_db_listener listener, void *context,
                               struct ar_diags *diags) ARRAS_CHECKED;

/* Statements without parameters or rows, as a schema has them; braces are replaced. */
enum arras_status ar_tx_run(struct ar_tx *tx, const char *sql) ARRAS_CHECKED;

enum { AR_QUERY_PARAMETERS = 48 };

enum ar_parameter_type {
    AR_PARAMETER_INT,
    AR_PARAMETER_TEXT,
    AR_PARAMETER_DATA,
    AR_PARAMETER_BLOB
};

struct ar_parameter {
    enum ar_parameter_type type;
    int64_t number;
    struct arras_str bytes;
};

/* One statement from begin to end. A constraint that it violated is ARRAS_CONFLICT. */
struct ar_query {
    struct ar_tx *tx;
    const char *sql;
    enum arras_status status;
    bool started;
    int bound; /* parameters so far */
    struct ar_parameter parameters[AR_QUERY_PARAMETERS];
    /* the driver's */
    void *statement;
    int row, rows;
};

/* `sql` MUST be static text: prepared statements are kept by its address. */
void ar_query_begin(struct ar_query *query, struct ar_tx *tx, const char *sql);
/* Bind the next parameter; bytes are borrowed until the end. Text: a {text} column, or compared
 * with one; valid UTF-8 without NUL (ARRAS_INVALID). Data: a {data} column, whatever UTF-8. */
void ar_query_text(struct ar_query *query, struct arras_str text);
void ar_query_data(struct ar_query *query, struct arras_str text);
void ar_query_blob(struct ar_query *query, struct arras_str bytes);
void ar_query_int(struct ar_query *query, int64_t number);
/* Steps: true where there is a row. */
bool ar_query_row(struct ar_query *query);
/* Columns of the row, from 0. NULL is 0 and the empty text. */
int64_t ar_query_get_int(struct ar_query *query, int column);
/* Of {text}, {data} and {blob}: a copy in `arena`; until the next row. */
struct arras_str ar_query_get_text(struct ar_query *query, int column, struct ar_arena *arena);
struct arras_str ar_query_get_bytes(struct ar_query *query, int column);
enum arras_status ar_query_end(struct ar_query *query) ARRAS_CHECKED;
/* Steps to the end; *ret_changes (may be NULL): rows that were inserted, updated or deleted. */
enum arras_status ar_query_finish(struct ar_query *query, int *ret_changes) ARRAS_CHECKED;

/* A record and its columns: a table makes binding and reading one loop. */
enum ar_column_type {
    AR_COLUMN_TEXT,
    AR_COLUMN_DATA,
    AR_COLUMN_INT64,
    AR_COLUMN_INT,
    AR_COLUMN_BOOL
};

struct ar_column {
    size_t offset;
    enum ar_column_type type;
};

/* AR_COLUMN(struct ar_job, id, TEXT) */
#define AR_COLUMN(record, field, kind)                                                             \
    {                                                                                              \
        offsetof(record, field), AR_COLUMN_##kind                                                  \
    }

void ar_query_bind_record(struct ar_query *query, const struct ar_column *columns, size_t count,
                          const void *record);
void ar_query_get_record(struct ar_query *query, const struct ar_column *columns, size_t count,
                         struct ar_arena *arena, void *ret);
/* The first row as a record, and the query's end; NOT_FOUND where there is none. */
enum arras_status ar_query_one(struct ar_query *query, const struct ar_column *columns,
                               size_t count, struct ar_arena *arena, void *ret) ARRAS_CHECKED;

/* Brings the schema to the newest version, whoever comes first; `migrations` are the texts of the
 * versions 1, 2, ... UNSUPPORTED where the database is of a newer one. */
enum arras_status ar_db_migrate(struct ar_db *db, const char *const *migrations, int count,
                                struct ar_diags *diags) ARRAS_CHECKED;

#endif
