/* The Gregorian calendar, without time zones. */
#ifndef AR_BASE_CALENDAR_H
#define AR_BASE_CALENDAR_H

#include <stdint.h>

struct ar_date {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* from 1 */
};

/* Days since 1970-01-01, and back. */
int64_t ar_date_days(struct ar_date date);
struct ar_date ar_date_of_days(int64_t days);
int ar_date_month_length(int64_t year, int month);
/* 0 is Sunday. */
int ar_date_weekday(int64_t days);

#endif
