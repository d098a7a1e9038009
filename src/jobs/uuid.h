/* UUIDs ordered by time: version 7, RFC 9562 section 5.7. */
#ifndef AR_JOBS_UUID_H
#define AR_JOBS_UUID_H

#include <stdint.h>
#include "arras/status.h"

enum { AR_UUID_LENGTH = 36 };

/* What keeps those made within one millisecond in order: a 12-bit counter in rand_a (section 6.2,
 * method 1). Zero-initialised; one thread at a time. */
struct ar_uuid_clock {
    int64_t millisecond;
    unsigned counter;
};

/* The next one, greater than all that this clock made, as text with a NUL byte. `wall`:
 * microseconds since 1970; may go back. ARRAS_IO where the system has no randomness. */
enum arras_status ar_uuid_next(struct ar_uuid_clock *clock, int64_t wall,
                               char ret[AR_UUID_LENGTH + 1]) ARRAS_CHECKED;

#endif
