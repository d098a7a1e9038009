#include "jobs/time.h"
#include <time.h>
#include "base/calendar.h"

#define MICRO INT64_C(1000000)

void ar_time_write(int64_t microseconds, char out[AR_TIME_LENGTH + 1])
{
    const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799);
    int64_t fraction = microseconds % MICRO, seconds = microseconds / MICRO;
    if (fraction < 0) {
        fraction += MICRO;
        seconds--;
    }
    time_t clamped = (time_t)(seconds < first ? first : seconds > last ? last : seconds);
    struct tm tm;
    gmtime_r(&clamped, &tm);
    /* the remainders change nothing; they show the compiler how long the text can become */
    snprintf(out, AR_TIME_LENGTH + 1, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
             (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
             (unsigned)tm.tm_sec % 100, (unsigned)fraction % 1000000);
}

/* `count` digits at *at, which moves behind them; -1 where there are none. */
static int digits(struct arras_str s, size_t *at, size_t count)
{
    int number = 0;
    if (s.len - *at < count) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        char c = s.ptr[(*at)++];
        if (c < '0' || c > '9') {
            return -1;
        }
        number = number * 10 + (c - '0');
    }
    return number;
}

static bool is_at(struct arras_str s, size_t *at, const char *set)
{
    return *at < s.len && strchr(set, s.ptr[*at]) && s.ptr[(*at)++];
}

/* ".5" to 500000; without a point 0. */
static bool read_fraction(struct arras_str s, size_t *at, int64_t *ret)
{
    *ret = 0;
    if (!is_at(s, at, ".")) {
        return true;
    }
    size_t start = *at;
    int64_t unit = MICRO / 10;
    while (*at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') {
        *ret += unit * (s.ptr[(*at)++] - '0');
        unit /= 10;
    }
    return *at > start;
}

/* "Z" or "+01:30", in seconds. */
static bool read_offset(struct arras_str s, size_t *at, int64_t *ret)
{
    *ret = 0;
    if (is_at(s, at, "Zz")) {
        return true;
    }
    bool west = *at < s.len && s.ptr[*at] == '-';
    if (!is_at(s, at, "+-")) {
        return false;
    }
    int hours = digits(s, at, 2);
    bool colon = is_at(s, at, ":");
    int minutes = colon ? digits(s, at, 2) : -1;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return false;
    }
    *ret = (west ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
    return true;
}

static bool read_date(struct arras_str s, size_t *at, struct tm *ret)
{
    int year = digits(s, at, 4);
    int month = is_at(s, at, "-") ? digits(s, at, 2) : -1;
    int day = is_at(s, at, "-") ? digits(s, at, 2) : -1;
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > ar_date_month_length(year, month)) {
        return false;
    }
    ret->tm_year = year - 1900;
    ret->tm_mon = month - 1;
    ret->tm_mday = day;
    return true;
}

static bool read_clock(struct arras_str s, size_t *at, struct tm *ret)
{
    ret->tm_hour = digits(s, at, 2);
    ret->tm_min = is_at(s, at, ":") ? digits(s, at, 2) : -1;
    ret->tm_sec = is_at(s, at, ":") ? digits(s, at, 2) : -1;
    return ret->tm_hour >= 0 && ret->tm_hour < 24 && ret->tm_min >= 0 && ret->tm_min < 60 &&
           ret->tm_sec >= 0 && ret->tm_sec <= 60;
}

bool ar_time_read(struct arras_str text, int64_t *ret_microseconds)
{
    struct tm tm = {0};
    size_t at = 0;
    int64_t fraction, offset;
    if (!read_date(text, &at, &tm) || !is_at(text, &at, "Tt ") || !read_clock(text, &at, &tm) ||
        !read_fraction(text, &at, &fraction) || !read_offset(text, &at, &offset) ||
        at != text.len) {
        return false;
    }
    *ret_microseconds = ((int64_t)timegm(&tm) - offset) * MICRO + fraction;
    return true;
}
