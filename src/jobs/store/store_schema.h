/* The schema of the store's database, by versions. */
#ifndef AR_JOBS_STORE_SCHEMA_H
#define AR_JOBS_STORE_SCHEMA_H

#include "jobs/store/db.h"

/* Brings the database to the newest schema (ar_db_migrate). */
enum arras_status ar_store_migrate(struct ar_db *db, struct ar_diags *diags) ARRAS_CHECKED;

/* The newest version. */
int ar_store_newest_schema(void);

#endif
