/* What reading and writing resources share. */
#ifndef AR_JOBS_API_RESOURCE_JSON_H
#define AR_JOBS_API_RESOURCE_JSON_H

#include "jobs/access.h"
#include "jobs/api/call.h"

/* The resource at call->tail, which the caller may use so; false: answered. */
bool ar_resource_find(struct ar_call *call, enum ar_right right,
                      struct ar_resource *ret) ARRAS_CHECKED;

#endif
