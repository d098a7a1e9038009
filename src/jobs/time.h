/* Times as the API writes and reads them: RFC 3339. */
#ifndef AR_JOBS_TIME_H
#define AR_JOBS_TIME_H

#include <stdint.h>
#include "base/str.h"

#define AR_TIME_LENGTH 27 /* "2026-01-02T03:04:05.678901Z" */

/* Microseconds since 1970, from year 0 to 9999 (beyond: the nearest). Writes AR_TIME_LENGTH
 * characters and a NUL. */
void ar_time_write(int64_t microseconds, char out[AR_TIME_LENGTH + 1]);
/* A date-time of RFC 3339 section 5.6 with any offset; a leap second counts as the one after it.
 * Digits behind the microsecond are dropped. */
bool ar_time_read(struct arras_str text, int64_t *ret_microseconds) ARRAS_CHECKED;

#endif
