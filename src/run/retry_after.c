#include "run/retry_after.h"
#include "base/calendar.h"
#include "base/str.h"

static bool number(struct arras_str text, size_t from, size_t to, int64_t most, int64_t *ret)
{
    struct arras_str part = ar_str_sub(text, from, to);
    return part.len == to - from && part.ptr[0] >= '0' && part.ptr[0] <= '9' &&
           ar_str_int(part, ret) && *ret <= most;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool http_date(struct arras_str text, int64_t *ret_seconds)
{
    const struct arras_str months = AR_STR("JanFebMarAprMayJunJulAugSepOctNovDec");
    int64_t day, year, hour, minute, second;
    struct arras_str name = ar_str_sub(text, 8, 11);
    size_t month = name.len == 3 ? ar_str_find(months, name, 0) : AR_NOT_FOUND;
    bool read = text.len == 29 && ar_str_ends(text, " GMT") && month != AR_NOT_FOUND &&
                month % 3 == 0 && number(text, 5, 7, 31, &day) &&
                number(text, 12, 16, 9999, &year) && number(text, 17, 19, 23, &hour) &&
                number(text, 20, 22, 59, &minute) && number(text, 23, 25, 60, &second);
    if (read) {
        struct ar_date date = {year, (int)(month / 3 + 1), (int)day};
        *ret_seconds = ((ar_date_days(date) * 24 + hour) * 60 + minute) * 60 + second;
    }
    return read;
}

bool ar_retry_after(struct arras_str value, int64_t wall, double *ret_seconds)
{
    int64_t seconds;
    value = ar_str_trim(value);
    if (value.len && value.ptr[0] >= '0' && value.ptr[0] <= '9' && ar_str_int(value, &seconds)) {
        *ret_seconds = (double)seconds;
        return true;
    }
    if (!http_date(value, &seconds)) {
        return false;
    }
    double left = (double)seconds - (double)wall / 1e6;
    *ret_seconds = left > 0 ? left : 0;
    return true;
}
