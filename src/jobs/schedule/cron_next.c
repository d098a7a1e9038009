#include "base/calendar.h"
#include "base/limits.h"
#include "jobs/schedule/cron.h"

enum { DAY = 86400 };

static bool has(uint64_t set, int64_t n)
{
    return set >> n & 1;
}

/* The weekday nearest to a day, within its month. */
static int nearest_weekday(struct ar_date date, int length)
{
    int weekday = ar_date_weekday(ar_date_days(date));
    if (weekday == 6) {
        return date.day > 1 ? date.day - 1 : 3;
    }
    if (weekday == 0) {
        return date.day < length ? date.day + 1 : length - 2;
    }
    return date.day;
}

static bool day_holds(const struct ar_cron *cron, struct ar_date date, int length)
{
    bool holds = has(cron->days, date.day) || (cron->last_day && date.day == length);
    struct ar_date at = {date.year, date.month, length};
    holds = holds || (cron->last_weekday && nearest_weekday(at, length) == date.day);
    for (at.day = 1; !holds && cron->near && at.day <= length; at.day++) {
        holds = has(cron->near, at.day) && nearest_weekday(at, length) == date.day;
    }
    return holds;
}

static bool weekday_holds(const struct ar_cron *cron, struct ar_date date, int length)
{
    int weekday = ar_date_weekday(ar_date_days(date));
    return has(cron->weekdays, weekday) || has(cron->nth[(date.day - 1) / 7], weekday) ||
           (has(cron->last, weekday) && date.day > length - 7);
}

static bool date_holds(const struct ar_cron *cron, struct ar_date date)
{
    if (!has(cron->months, date.month)) {
        return false;
    }
    int length = ar_date_month_length(date.year, date.month);
    bool day = day_holds(cron, date, length), weekday = weekday_holds(cron, date, length);
    if (cron->any_day || cron->any_weekday || cron->both) {
        return (cron->any_day || day) && (cron->any_weekday || weekday);
    }
    return day || weekday;
}

/* The first member of a set from `from` on; -1: none. */
static int from_set(uint64_t set, int from)
{
    uint64_t rest = from < 64 ? set >> from << from : 0;
    return rest ? __builtin_ctzll(rest) : -1;
}

/* The first time of day from `second` on; -1: none. */
static int time_of_day(const struct ar_cron *cron, int second)
{
    int from[3] = {second / 3600, second / 60 % 60, second % 60};
    for (int hour = from_set(cron->hours, from[0]); hour >= 0;
         hour = from_set(cron->hours, hour + 1)) {
        int minute_from = hour == from[0] ? from[1] : 0;
        for (int minute = from_set(cron->minutes, minute_from); minute >= 0;
             minute = from_set(cron->minutes, minute + 1)) {
            bool first = hour == from[0] && minute == from[1];
            int at = from_set(cron->seconds, first ? from[2] : 0);
            if (at >= 0) {
                return hour * 3600 + minute * 60 + at;
            }
        }
    }
    return -1;
}

/* The first local time from `local` on, as if clocks never jumped. */
static bool next_local(const struct ar_cron *cron, int64_t local, int64_t last_day, int64_t *ret)
{
    int64_t day = (local >= 0 ? local : local - (DAY - 1)) / DAY;
    int second = (int)(local - day * DAY);
    for (; day <= last_day; day++, second = 0) {
        int at = date_holds(cron, ar_date_of_days(day)) ? time_of_day(cron, second) : -1;
        if (at >= 0) {
            *ret = day * DAY + at;
            return true;
        }
    }
    return false;
}

bool ar_cron_next(const struct ar_cron *cron, const struct ar_zone *zone, int64_t after,
                  int64_t *ret)
{
    int64_t last_day = after / DAY + AR_CRON_YEARS * INT64_C(366);
    int64_t time = after + 1;
    for (;;) {
        struct ar_zone_span span = ar_zone_span(zone, time);
        int64_t from = time + span.offset, local;
        if (!cron->any_hour && span.start != INT64_MIN) {
            /* what the clocks showed already before they were put back */
            int64_t shown = span.start + ar_zone_span(zone, span.start - 1).offset;
            from = from > shown ? from : shown;
        }
        if (!next_local(cron, from, last_day, &local)) {
            return false;
        }
        if (span.end == INT64_MAX || local - span.offset < span.end) {
            *ret = local - span.offset;
            return true;
        }
        int64_t missing = span.end + ar_zone_span(zone, span.end).offset;
        if (local < missing) { /* the clocks never show it */
            *ret = span.end;
            return true;
        }
        time = span.end;
    }
}
