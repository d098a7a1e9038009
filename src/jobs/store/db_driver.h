/* What a database driver gives to db.h. All functions MUST be there. */
#ifndef AR_JOBS_DB_DRIVER_H
#define AR_JOBS_DB_DRIVER_H

#include <pthread.h>
#include "base/buf.h"
#include "jobs/store/db.h"

struct ar_db_word {
    const char *word, *sql;
};

/* The words that SQL texts have in braces: column types (text: compared byte by byte, no NUL;
 * data: whatever UTF-8; int: 64 bits; serial: the primary key that counts up by itself), the ends
 * of CREATE TABLE (table; keyed: one whose primary key is no serial), instr(text, part),
 * what makes a row that is being claimed invisible to other claims, whether the process lives
 * whose number (ar_db_presence) is in the column `presence`, and the statements that a migration
 * makes the functions with that the database lacks (db_functions.h). */
enum { AR_DB_WORDS = 11 };
#define AR_DB_WORD_TABLE(text, data, blob, integer, serial, table, keyed, instr, skip_locked,      \
                         alive, functions)                                                         \
    {                                                                                              \
        {"text", text}, {"data", data}, {"blob", blob}, {"int", integer}, {"serial", serial},      \
            {"table", table}, {"keyed", keyed}, {"instr", instr}, {"skip_locked", skip_locked},    \
            {"alive", alive}, {"functions", functions},                                            \
    }

struct ar_db_driver {
    const struct ar_db_word *words; /* AR_DB_WORDS of them */
    char parameter;                 /* what parameters begin with: $ or ? */
    bool shared;

    void (*close)(struct ar_db *);
    int64_t (*now)(struct ar_db *);
    /* Begins or ends calling ar_db_tell with what other processes note; MAY do nothing where the
     * database is not shared: db.c tells what this process notes. */
    enum arras_status (*listen)(struct ar_db *, bool on, struct ar_diags *);
    enum arras_status (*erase_deleted)(struct ar_db *, struct ar_diags *);
    /* Waits for a connection, makes it ready for tx->mode, begins a transaction where tx->whole;
     * sets tx->connection. */
    enum arras_status (*begin)(struct ar_tx *);
    /* Commits where `status` is OK, with tx->notes where it is shared, else undoes (tx->whole), and
     * gives the connection back. Only after a begin that succeeded. */
    enum arras_status (*end)(struct ar_tx *, enum arras_status status);
    /* Runs the statements of an expanded text. */
    enum arras_status (*run)(struct ar_tx *, const char *sql);

    /* Prepares, binds and starts the statement; query->statement is the driver's, NULL before. */
    enum arras_status (*start)(struct ar_query *);
    /* The next row: NOT_FOUND where there is none. */
    enum arras_status (*row)(struct ar_query *);
    int64_t (*get_int)(struct ar_query *, int column);
    struct arras_str (*get_bytes)(struct ar_query *, int column);
    /* Ends the statement, however far it came; rows changed. */
    enum arras_status (*finish)(struct ar_query *, int *ret_changes);

    /* Keeps other processes from migrating until the transaction ends; the schema's version. */
    enum arras_status (*begin_migration)(struct ar_tx *, int64_t *ret_version);
    enum arras_status (*set_version)(struct ar_tx *, int version);
};

/* A driver's database begins with this. */
struct ar_db {
    const struct ar_db_driver *driver;
    char *name;
    int64_t presence;           /* random */
    pthread_rwlock_t listening; /* read while the listener is being called */
    ar_db_listener listener;
    void *listener_context;
};

enum arras_status ar_db_init(struct ar_db *db, const struct ar_db_driver *driver,
                             const char *name) ARRAS_CHECKED;
void ar_db_release(struct ar_db *db);
/* Calls the listener. */
void ar_db_tell(struct ar_db *db, struct arras_str note);

/* Kept statements, by the address of their texts. */
enum { AR_DB_STATEMENTS = 512 };

struct ar_db_kept {
    const char *sql;
    void *statement;
};

/* The place of `sql` among AR_DB_STATEMENTS ones: its own, or an empty one; NULL: all are taken. */
struct ar_db_kept *ar_db_kept_find(struct ar_db_kept *kept, const char *sql);

/* A text in the driver's own dialect, NUL-terminated in `buf`. ARRAS_INVALID: an unknown word. */
enum arras_status ar_db_expand(const struct ar_db_driver *driver, const char *sql,
                               struct ar_buf *buf, struct ar_diags *diags) ARRAS_CHECKED;

#endif
