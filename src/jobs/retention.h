/* Throws away jobs that ended long ago, with their logs, entries of the audit log that are older
 * than AR_AUDIT_DAYS, and tokens that have expired: when it starts and once a day, a few at a time,
 * with pauses in between, so that nobody waits for it. */
#ifndef AR_JOBS_RETENTION_H
#define AR_JOBS_RETENTION_H

#include "jobs/store/store.h"
#include "jobs/telemetry.h"

struct ar_retention;

/* Starts its thread. `days`: that jobs are kept; 0: these and the audit log are kept for ever. */
enum arras_status ar_retention_start(struct ar_store *store, int64_t days,
                                     const struct ar_telemetry *telemetry, struct ar_diags *diags,
                                     struct ar_retention **ret) ARRAS_CHECKED;
/* NULL is allowed. */
void ar_retention_stop(struct ar_retention *retention);

#endif
