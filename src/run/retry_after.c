#include "run/retry_after.h"
#include "base/calendar.h"
#include "base/str.h"

static bool number(struct arras_str text, int64_t most, int64_t *ret)
{
    return text.len && text.ptr[0] >= '0' && text.ptr[0] <= '9' && ar_str_int(text, ret) &&
           *ret <= most;
}

/* "06", "Nov", "1994", "08:49:37" */
static bool moment(struct arras_str day, struct arras_str month, int64_t year,
                   struct arras_str time, int64_t *ret_seconds)
{
    const struct arras_str months = AR_STR("JanFebMarAprMayJunJulAugSepOctNovDec");
    int64_t number_of_day, hour, minute, second;
    size_t at = month.len == 3 ? ar_str_find(months, month, 0) : AR_NOT_FOUND;
    bool read = at != AR_NOT_FOUND && at % 3 == 0 && number(day, 31, &number_of_day) &&
                time.len == 8 && number(ar_str_sub(time, 0, 2), 23, &hour) &&
                number(ar_str_sub(time, 3, 5), 59, &minute) &&
                number(ar_str_sub(time, 6, 8), 60, &second);
    if (read) {
        struct ar_date date = {year, (int)(at / 3 + 1), (int)number_of_day};
        *ret_seconds = ((ar_date_days(date) * 24 + hour) * 60 + minute) * 60 + second;
    }
    return read;
}

/* RFC 9110 section 5.6.7: two digits of a year are those of the next one that ends so, if that is
 * at most 50 years ahead, else of the last one. */
static int64_t whole_year(int64_t digits, int64_t wall)
{
    int64_t now = ar_date_of_days(wall / 1000000 / 86400).year;
    int64_t year = now - now % 100 + digits;
    if (year <= now - 50) {
        return year + 100;
    }
    return year > now + 50 ? year - 100 : year;
}

/* The three forms of RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT",
 * "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". */
static bool http_date(struct arras_str text, int64_t wall, int64_t *ret_seconds)
{
    size_t comma = ar_str_find_char(text, ',', 0);
    int64_t year;
    if (comma == AR_NOT_FOUND) {
        return text.len == 24 && number(ar_str_sub(text, 20, 24), 9999, &year) &&
               moment(ar_str_trim(ar_str_sub(text, 8, 10)), ar_str_sub(text, 4, 7), year,
                      ar_str_sub(text, 11, 19), ret_seconds);
    }
    text = ar_str_from(text, comma + 1);
    bool two_digits = text.len == 23;
    if (!ar_str_ends(text, " GMT") || (!two_digits && text.len != 25)) {
        return false;
    }
    size_t behind = two_digits ? 10 : 12; /* the year */
    if (!number(ar_str_sub(text, 8, behind), 9999, &year)) {
        return false;
    }
    return moment(ar_str_sub(text, 1, 3), ar_str_sub(text, 4, 7),
                  two_digits ? whole_year(year, wall) : year,
                  ar_str_sub(text, behind + 1, behind + 9), ret_seconds);
}

bool ar_retry_after(struct arras_str value, int64_t wall, double *ret_seconds)
{
    int64_t seconds;
    value = ar_str_trim(value);
    if (number(value, INT64_MAX, &seconds)) {
        *ret_seconds = (double)seconds;
        return true;
    }
    if (!http_date(value, wall, &seconds)) {
        return false;
    }
    double left = (double)seconds - (double)wall / 1e6;
    *ret_seconds = left > 0 ? left : 0;
    return true;
}
