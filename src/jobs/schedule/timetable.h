/* The times of a schedule: a cron expression (cron.h) in a time zone (zone.h). */
#ifndef AR_JOBS_TIMETABLE_H
#define AR_JOBS_TIMETABLE_H

#include "jobs/schedule/cron.h"

struct ar_timetable {
    struct ar_cron cron;
    struct ar_zone *zone;
};

/* `version`: "v1", "v2", empty for v2. Lives in `arena`. INVALID, with a diagnostic that says what
 * is wrong; IO, NO_MEMORY. */
enum arras_status ar_timetable_read(struct arras_str cron, struct arras_str version,
                                    struct arras_str zone, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_timetable *ret) ARRAS_CHECKED;
/* The first time after `after`, microseconds since 1970. False: there is none (AR_CRON_YEARS). */
bool ar_timetable_next(const struct ar_timetable *table, int64_t after, int64_t *ret) ARRAS_CHECKED;

#endif
