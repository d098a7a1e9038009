/* Which jobs a list, a count or a selection is of: the query parameters that say so. */
#ifndef AR_JOBS_API_JOB_FILTER_H
#define AR_JOBS_API_JOB_FILTER_H

#include "jobs/api/call.h"

/* Reads them all, with page and per_page. Those of lists with commas take "a,b" and "!a,!b". A
 * filter that nothing here can fit (flows, triggers) sets *ret_none: no job fits. False:
 * answered. */
bool ar_job_filter_read(struct ar_call *call, struct ar_job_filter *ret,
                        bool *ret_none) ARRAS_CHECKED;

#endif
