/* Cron expressions with seconds, as schedules have them: "0 30 9 * * MON-FRI" (second, minute,
 * hour, day of month, month, day of week), and their next times in a time zone.
 *
 * Fields: *, ?, n, n-m, lists, steps, names of months and days in English; L (last day of the
 * month; 5L, 5#L: the last Friday), 5#2 (the second Friday), 15W (the weekday nearest to the 15th),
 * LW; @hourly, @daily, @weekly, @monthly, @yearly. */
#ifndef AR_JOBS_CRON_H
#define AR_JOBS_CRON_H

#include "jobs/schedule/zone.h"

/* Windmill's two readings (its `cron_version`). */
enum ar_cron_version {
    AR_CRON_V2, /* Sunday is 0 or 7; where day of month and day of week are both given either may
                   hold, as in Vixie's cron */
    AR_CRON_V1  /* Sunday is 1; both must hold */
};

struct ar_cron {
    uint64_t seconds, minutes; /* bit n: n */
    uint32_t hours;
    uint32_t days; /* bit n: n of the month, from 1 */
    uint16_t months;
    uint8_t weekdays; /* bit 0: Sunday */
    uint8_t nth[5];   /* of the month: nth[0] bit 5: the first Friday */
    uint8_t last;     /* bit 5: the last Friday */
    uint32_t near;    /* bit n: the weekday nearest to n */
    bool last_day, last_weekday;
    bool any_day, any_weekday; /* the field was * or ? */
    bool any_hour;             /* the field began with * */
    bool both;                 /* V1 */
};

/* INVALID with a diagnostic that names the field and what is wrong with it. */
enum arras_status ar_cron_parse(struct arras_str text, enum ar_cron_version version,
                                struct ar_diags *diags, struct ar_cron *ret) ARRAS_CHECKED;

/* The first time after `after` (seconds since 1970). Where clocks are put forward, what would have
 * been in the missing hour happens at its end; where they are put back, what has a fixed hour
 * happens in the first of the two, what is every hour in both. False: none within AR_CRON_YEARS. */
bool ar_cron_next(const struct ar_cron *cron, const struct ar_zone *zone, int64_t after,
                  int64_t *ret) ARRAS_CHECKED;

#endif
