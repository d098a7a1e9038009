/* Time zones as the machine knows them: the files of the tz database below /usr/share/zoneinfo (RFC
 * 8536), with the rule at their end for the time after their last entry. Read by our own code, for
 * the C library has one zone for a whole process. */
#ifndef AR_JOBS_ZONE_H
#define AR_JOBS_ZONE_H

#include "base/diag.h"

struct ar_zone;

/* "Europe/Berlin", "UTC". Lives in `arena`; any thread may ask it. INVALID where the name is none
 * or this machine does not know it; IO, NO_MEMORY. */
enum arras_status ar_zone_open(struct arras_str name, struct ar_arena *arena,
                               struct ar_diags *diags, struct ar_zone **ret) ARRAS_CHECKED;
/* The same of a file's content. */
enum arras_status ar_zone_read(struct arras_str bytes, struct ar_arena *arena,
                               struct ar_zone **ret) ARRAS_CHECKED;

/* A stretch of time in which local clocks do not jump: seconds since 1970 (UTC), and what to add to
 * get local time. */
struct ar_zone_span {
    int64_t start, end; /* end is not in it */
    int64_t offset;
};

struct ar_zone_span ar_zone_span(const struct ar_zone *zone, int64_t time);

#endif
