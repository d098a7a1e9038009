/* What the files of schedules share. */
#ifndef AR_JOBS_API_SCHEDULE_JSON_H
#define AR_JOBS_API_SCHEDULE_JSON_H

#include "jobs/api/item.h"

/* The schedule at call->tail, which the caller may use so; false: answered. */
bool ar_schedule_find(struct ar_call *call, enum ar_right right,
                      struct ar_schedule *ret) ARRAS_CHECKED;
/* 400 where the cron expression or the time zone is wrong, or there is no next time; *ret_times
 * gets AR_SCHEDULE_PREVIEW of them, fewer where there are fewer. False: answered. */
bool ar_schedule_times(struct ar_call *call, struct arras_str cron, struct arras_str version,
                       struct arras_str zone, int64_t *ret_times, size_t *ret_count) ARRAS_CHECKED;

#endif
