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

/* 404 where there is no script at the path that the caller may run; false: answered. */
bool ar_schedule_check_script(struct ar_call *call, struct arras_str path) ARRAS_CHECKED;
/* What is done after a run: retry, on_failure and its arguments and so on, each nothing where it is
 * not there. 400 to what this server does not do. False: answered. */
bool ar_schedule_read_follow(struct ar_call *call, const struct arras_value *body,
                             struct ar_schedule *ret) ARRAS_CHECKED;
/* What of that is set. */
void ar_schedule_write_follow(struct ar_writer *w, const struct ar_schedule *schedule);

#endif
