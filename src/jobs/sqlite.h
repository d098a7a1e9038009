/* What the files of the SQLite store share: the open database and one statement at a time. */
#ifndef AR_JOBS_SQLITE_H
#define AR_JOBS_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>
#include "jobs/store.h"

enum { AR_SQLITE_STATEMENTS = 64 };

struct ar_sqlite {
    struct ar_store store; /* MUST be first */
    sqlite3 *db;
    pthread_mutex_t lock; /* one connection, one thread in it at a time */
    int lock_fd;          /* holds the lock that keeps other servers out; -1: none */
    char *path;
    bool durable; /* what PRAGMA synchronous is set to: FULL, else NORMAL */
    struct {
        const char *sql; /* by address: every statement's text is static */
        sqlite3_stmt *statement;
    } kept[AR_SQLITE_STATEMENTS];
};

static inline struct ar_sqlite *ar_sqlite(struct ar_store *store)
{
    return (struct ar_sqlite *)store;
}

void ar_sqlite_lock(struct ar_sqlite *db);
/* Returns `status`. */
enum arras_status ar_sqlite_unlock(struct ar_sqlite *db, enum arras_status status);
/* Whether the commits that follow are on the disk when they return, which costs an fsync. A commit
 * that is not survives the death of the process all the same, only not a loss of power; the next
 * durable one brings it to the disk too. */
enum arras_status ar_sqlite_durable(struct ar_sqlite *db, bool durable, struct ar_diags *diags);
/* Texts without parameters or rows: BEGIN IMMEDIATE, COMMIT, pragmas, the schema. */
enum arras_status ar_sqlite_run(struct ar_sqlite *db, const char *sql, struct ar_diags *diags);
/* COMMIT where status is OK, else (or where that fails) ROLLBACK. Returns what came of it. */
enum arras_status ar_sqlite_finish(struct ar_sqlite *db, enum arras_status status,
                                   struct ar_diags *diags);
/* What SQLite says was wrong, with the database's name. */
enum arras_status ar_sqlite_error(struct ar_sqlite *db, int code, struct ar_diags *diags);

/* One statement from begin to end, the lock held. The first failure is remembered and makes the
 * rest do nothing; end tells it. A constraint that was violated is ARRAS_CONFLICT. */
struct ar_query {
    struct ar_sqlite *db;
    sqlite3_stmt *statement;
    struct ar_diags *diags;
    enum arras_status status;
    int bound; /* parameters so far */
};

void ar_query_begin(struct ar_query *query, struct ar_sqlite *db, const char *sql,
                    struct ar_diags *diags);
/* Bind the next parameter; the text is borrowed until end. */
void ar_query_text(struct ar_query *query, struct arras_str text);
void ar_query_blob(struct ar_query *query, struct arras_str bytes);
void ar_query_int(struct ar_query *query, int64_t number);
/* Steps: true where there is a row. */
bool ar_query_row(struct ar_query *query);
int64_t ar_query_get_int(struct ar_query *query, int column);
/* A copy in `arena`. */
struct arras_str ar_query_get_text(struct ar_query *query, int column, struct ar_arena *arena);
enum arras_status ar_query_end(struct ar_query *query);
/* Steps to the end of a statement without rows; *ret_changes (may be NULL): rows changed. */
enum arras_status ar_query_finish(struct ar_query *query, int *ret_changes);

/* A record and its columns: a table makes binding and reading one loop. */
enum ar_column_type { AR_COLUMN_TEXT, AR_COLUMN_INT64, AR_COLUMN_INT, AR_COLUMN_BOOL };

struct ar_column {
    size_t offset;
    enum ar_column_type type;
};

void ar_query_bind_record(struct ar_query *query, const struct ar_column *columns, size_t count,
                          const void *record);
void ar_query_get_record(struct ar_query *query, const struct ar_column *columns, size_t count,
                         struct ar_arena *arena, void *ret);

/* The functions of the table that stand in files of their own (contracts: store.h). */
enum arras_status ar_sqlite_script_add(struct ar_store *, const struct ar_script *,
                                       struct ar_diags *);
enum arras_status ar_sqlite_script_by_path(struct ar_store *, struct arras_str workspace,
                                           struct arras_str path, struct ar_arena *,
                                           struct ar_diags *, struct ar_script *ret);
enum arras_status ar_sqlite_script_by_hash(struct ar_store *, struct arras_str workspace,
                                           struct arras_str hash, struct ar_arena *,
                                           struct ar_diags *, struct ar_script *ret);
enum arras_status ar_sqlite_script_list(struct ar_store *, struct arras_str workspace,
                                        bool archived_too, size_t skip, size_t limit,
                                        struct ar_arena *, struct ar_diags *,
                                        struct ar_script_list *ret);
enum arras_status ar_sqlite_job_add(struct ar_store *, const struct ar_job *, struct ar_diags *);
enum arras_status ar_sqlite_job_get(struct ar_store *, struct arras_str workspace,
                                    struct arras_str id, struct ar_arena *, struct ar_diags *,
                                    struct ar_job *ret);
enum arras_status ar_sqlite_job_claim(struct ar_store *, struct arras_str worker, int64_t now,
                                      struct ar_arena *, struct ar_diags *, struct ar_job *ret,
                                      int64_t *ret_next);
enum arras_status ar_sqlite_job_complete(struct ar_store *, const struct ar_job *,
                                         struct ar_diags *);
enum arras_status ar_sqlite_job_requeue(struct ar_store *, const struct ar_job *,
                                        struct ar_diags *);
enum arras_status ar_sqlite_job_request_cancel(struct ar_store *, struct arras_str workspace,
                                               struct arras_str id, struct arras_str by,
                                               struct arras_str reason, struct ar_diags *);
enum arras_status ar_sqlite_job_delete(struct ar_store *, struct arras_str workspace,
                                       struct arras_str id, struct ar_diags *);
enum arras_status ar_sqlite_job_list(struct ar_store *, const struct ar_job_filter *,
                                     struct ar_arena *, struct ar_diags *, struct ar_job_list *ret);
enum arras_status ar_sqlite_job_recover(struct ar_store *, struct ar_diags *, size_t *ret_count);
enum arras_status ar_sqlite_log_append(struct ar_store *, struct arras_str job,
                                       struct arras_str text, struct ar_diags *);
enum arras_status ar_sqlite_log_get(struct ar_store *, struct arras_str job, size_t from,
                                    struct ar_arena *, struct ar_diags *, struct arras_str *ret);

#endif
