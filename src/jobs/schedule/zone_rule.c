#include "jobs/schedule/zone_rule.h"
#include "base/calendar.h"

enum { DAY = 86400, MOST_HOURS = 167 };

static bool take(struct arras_str *rest, char c)
{
    bool is = rest->len > 0 && rest->ptr[0] == c;
    *rest = is ? ar_str_from(*rest, 1) : *rest;
    return is;
}

static bool take_number(struct arras_str *rest, int least, int most, int *ret)
{
    int number = 0;
    size_t len = 0;
    while (len < rest->len && len < 4 && rest->ptr[len] >= '0' && rest->ptr[len] <= '9') {
        number = number * 10 + (rest->ptr[len++] - '0');
    }
    *rest = ar_str_from(*rest, len);
    *ret = number;
    return len > 0 && number >= least && number <= most;
}

/* "CEST" or "<+03>" */
static bool take_name(struct arras_str *rest)
{
    size_t len = 0;
    if (take(rest, '<')) {
        len = ar_str_find_char(*rest, '>', 0);
        *rest = len == AR_NOT_FOUND ? *rest : ar_str_from(*rest, len + 1);
        return len != AR_NOT_FOUND;
    }
    while (len < rest->len && ((rest->ptr[len] >= 'A' && rest->ptr[len] <= 'Z') ||
                               (rest->ptr[len] >= 'a' && rest->ptr[len] <= 'z'))) {
        len++;
    }
    *rest = ar_str_from(*rest, len);
    return len >= 3;
}

/* "[+-]h[:mm[:ss]]" in seconds */
static bool take_time(struct arras_str *rest, int64_t *ret)
{
    bool negative = take(rest, '-');
    if (!negative) {
        (void)take(rest, '+');
    }
    int hours, minutes = 0, seconds = 0;
    bool read = take_number(rest, 0, MOST_HOURS, &hours);
    if (read && take(rest, ':')) {
        read = take_number(rest, 0, 59, &minutes);
        read = read && (!take(rest, ':') || take_number(rest, 0, 59, &seconds));
    }
    if (read) {
        int64_t time = (int64_t)hours * 3600 + minutes * 60 + seconds;
        *ret = negative ? -time : time;
    }
    return read;
}

static bool take_change(struct arras_str *rest, struct ar_zone_change *ret)
{
    bool read = take(rest, ',');
    ret->second = INT64_C(2) * 3600;
    if (take(rest, 'M')) {
        ret->type = 'M';
        read = read && take_number(rest, 1, 12, &ret->month) && take(rest, '.') &&
               take_number(rest, 1, 5, &ret->week) && take(rest, '.') &&
               take_number(rest, 0, 6, &ret->day);
    } else if (take(rest, 'J')) {
        ret->type = 'J';
        read = read && take_number(rest, 1, 365, &ret->day);
    } else {
        ret->type = 'D';
        read = read && take_number(rest, 0, 365, &ret->day);
    }
    return read && (!take(rest, '/') || take_time(rest, &ret->second));
}

bool ar_zone_rule_parse(struct arras_str text, struct ar_zone_rule *ret)
{
    struct ar_zone_rule rule = {0};
    int64_t west;
    bool read = take_name(&text) && take_time(&text, &west);
    if (read) {
        rule.offset = -west; /* POSIX counts westward */
    }
    if (read && text.len) {
        rule.changes = true;
        rule.summer_offset = rule.offset + 3600;
        read = take_name(&text);
        if (read && text.len && text.ptr[0] != ',') {
            read = take_time(&text, &west);
            rule.summer_offset = read ? -west : 0;
        }
        read = read && take_change(&text, &rule.begins) && take_change(&text, &rule.ends);
    }
    if (read && text.len == 0) {
        *ret = rule;
    }
    return read && text.len == 0;
}

static int64_t change_days(const struct ar_zone_change *change, int64_t year)
{
    int64_t first = ar_date_days((struct ar_date){year, 1, 1});
    if (change->type == 'D') {
        return first + change->day;
    }
    if (change->type == 'J') {
        bool after = change->day > 59 && ar_date_month_length(year, 2) == 29;
        return first + change->day - 1 + after;
    }
    first = ar_date_days((struct ar_date){year, change->month, 1});
    int to_weekday = (change->day - ar_date_weekday(first) + 7) % 7;
    int64_t day = to_weekday + 7 * (int64_t)(change->week - 1);
    return first + (day >= ar_date_month_length(year, change->month) ? day - 7 : day);
}

/* The instant of a change in a year; clocks show `offset` before it. */
static int64_t change_time(const struct ar_zone_change *change, int64_t year, int64_t offset)
{
    return change_days(change, year) * DAY + change->second - offset;
}

struct ar_zone_span ar_zone_rule_span(const struct ar_zone_rule *rule, int64_t time)
{
    struct ar_zone_span span = {INT64_MIN, INT64_MAX, rule->offset};
    if (!rule->changes) {
        return span;
    }
    /* the changes of the years around it, in either hemisphere */
    int64_t days = (time >= 0 ? time : time - (DAY - 1)) / DAY;
    int64_t year = ar_date_of_days(days).year;
    for (int64_t y = year - 1; y <= year + 1; y++) {
        int64_t begins = change_time(&rule->begins, y, rule->offset);
        int64_t ends = change_time(&rule->ends, y, rule->summer_offset);
        if (begins <= time && begins > span.start) {
            span.start = begins;
            span.offset = rule->summer_offset;
        }
        if (ends <= time && ends > span.start) {
            span.start = ends;
            span.offset = rule->offset;
        }
        span.end = begins > time && begins < span.end ? begins : span.end;
        span.end = ends > time && ends < span.end ? ends : span.end;
    }
    return span;
}
