/* The Retry-After header, RFC 9110 section 10.2.3. */
#ifndef AR_RUN_RETRY_AFTER_H
#define AR_RUN_RETRY_AFTER_H

#include <stdbool.h>
#include <stdint.h>
#include "arras/str.h"

/* Seconds from `wall` (microseconds since 1970) on, never negative: of seconds, or of an HTTP date
 * in one of the three forms of RFC 9110 section 5.6.7. False: neither. */
bool ar_retry_after(struct arras_str value, int64_t wall, double *ret_seconds);

#endif
