/* The rule at the end of a time zone's file: POSIX's TZ with the extensions of RFC 8536 section
 * 3.3.1, "CET-1CEST,M3.5.0,M10.5.0/3". */
#ifndef AR_JOBS_ZONE_RULE_H
#define AR_JOBS_ZONE_RULE_H

#include "jobs/schedule/zone.h"

/* When in a year clocks change. */
struct ar_zone_change {
    char type;            /* 'M': weekday of a week of a month; 'J': day without leap days; 'D' */
    int month, week, day; /* M: week 5 is the last; J: from 1; D: from 0 */
    int64_t second;       /* of the day in the local time before; may be negative */
};

struct ar_zone_rule {
    int64_t offset; /* of standard time, seconds east */
    bool changes;   /* to summer time and back */
    int64_t summer_offset;
    struct ar_zone_change begins, ends; /* summer time */
};

bool ar_zone_rule_parse(struct arras_str text, struct ar_zone_rule *ret) ARRAS_CHECKED;
struct ar_zone_span ar_zone_rule_span(const struct ar_zone_rule *rule, int64_t time);

#endif
