/* One statement whose parameters are a record's columns or names, whose rows are records: for
 * tables that are asked by more than a workspace and a key (store_record.h). */
#ifndef AR_JOBS_STORE_NAMED_H
#define AR_JOBS_STORE_NAMED_H

#include "jobs/store/store_record.h"

/* Rows at most in a list. */
enum { AR_RECORDS_MOST = 10000 };

/* Writes: parameters are the columns (none without a record), then the names. NOT_FOUND where no
 * row changed. */
enum arras_status ar_named_write(struct ar_store *store, const char *sql,
                                 const struct ar_record *type, const void *record,
                                 const struct arras_str *names, size_t name_count,
                                 struct ar_diags *diags) ARRAS_CHECKED;
/* The first row. NOT_FOUND. */
enum arras_status ar_named_get(struct ar_store *store, const char *sql,
                               const struct ar_record *type, const struct arras_str *names,
                               size_t name_count, struct ar_arena *arena, struct ar_diags *diags,
                               void *ret) ARRAS_CHECKED;
/* All rows, as an array in the arena, up to AR_RECORDS_MOST. */
enum arras_status ar_named_list(struct ar_store *store, const char *sql,
                                const struct ar_record *type, const struct arras_str *names,
                                size_t name_count, struct ar_arena *arena, struct ar_diags *diags,
                                void **ret_items, size_t *ret_count) ARRAS_CHECKED;
/* One statement of a transaction, its parameters names. */
enum arras_status ar_named_run(struct ar_tx *tx, const char *sql, const struct arras_str *names,
                               size_t name_count, int *ret_changes) ARRAS_CHECKED;

#endif
