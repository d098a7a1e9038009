/* What tables have in common whose records have a workspace and a key in it: one statement that
 * gets, writes or removes one record. For store_*.c. */
#ifndef AR_JOBS_STORE_RECORD_H
#define AR_JOBS_STORE_RECORD_H

#include "jobs/store/db.h"
#include "jobs/store/store.h"

struct ar_record {
    const struct ar_column *columns;
    size_t count, size; /* of columns; of the struct, in bytes */
};

/* The record that `sql` finds with $1 the workspace and $2 the key. NOT_FOUND; *ret is set on
 * success only. */
enum arras_status ar_record_get(struct ar_store *store, const struct ar_record *record,
                                const char *sql, struct arras_str workspace, struct arras_str key,
                                struct ar_arena *arena, struct ar_diags *diags,
                                void *ret) ARRAS_CHECKED;
/* Runs `sql` with the record's columns from $1 on and, where `key` is not NULL, *key behind them.
 * NOT_FOUND where that changed nothing, CONFLICT. */
enum arras_status ar_record_write(struct ar_store *store, const struct ar_record *record,
                                  const char *sql, const void *value, const struct arras_str *key,
                                  struct ar_diags *diags) ARRAS_CHECKED;
/* Runs `sql`, which removes or changes, with $1 the workspace and $2 the key: NOT_FOUND where that
 * changed nothing. */
enum arras_status ar_record_remove(struct ar_tx *tx, const char *sql, struct arras_str workspace,
                                   struct arras_str key) ARRAS_CHECKED;

#endif
