/* The record of who did what: windmill-api.md section 4.6. */
#ifndef AR_JOBS_API_AUDIT_H
#define AR_JOBS_API_AUDIT_H

#include "jobs/api/call.h"

#define AR_AUDIT_CREATE "Created"
#define AR_AUDIT_UPDATE "Updated"
#define AR_AUDIT_DELETE "Delete"
#define AR_AUDIT_EXECUTE "Execute"

/* Records an operation that has succeeded, before it is answered. `operation` as Windmill names it
 * ("variables.create"), `kind` one of the above, `parameters` NULL for none: no secrets. False,
 * answered: it could not be recorded. */
bool ar_audit(struct ar_call *call, const char *operation, const char *kind,
              struct arras_str resource, struct ar_writer *parameters) ARRAS_CHECKED;
/* The same, and the answer where it is recorded. */
void ar_audit_answer(struct ar_call *call, const char *operation, const char *kind,
                     struct arras_str resource, int status, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#endif
