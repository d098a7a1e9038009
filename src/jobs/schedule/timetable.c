#include "jobs/schedule/timetable.h"

#define SECOND INT64_C(1000000)

enum arras_status ar_timetable_read(struct arras_str cron, struct arras_str version,
                                    struct arras_str zone, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_timetable *ret)
{
    bool v1 = ar_str_is(version, "v1");
    if (!v1 && version.len && !ar_str_is(version, "v2")) {
        return ar_error(diags, ARRAS_INVALID, "cron", NULL, 0,
                        "cron_version '%.*s' is neither v1 nor v2",
                        AR_STR_ARG(ar_str_sub(version, 0, 20)));
    }
    enum arras_status status = ar_cron_parse(cron, v1 ? AR_CRON_V1 : AR_CRON_V2, diags, &ret->cron);
    return status ? status : ar_zone_open(zone, arena, diags, &ret->zone);
}

bool ar_timetable_next(const struct ar_timetable *table, int64_t after, int64_t *ret)
{
    int64_t seconds = after / SECOND - (after % SECOND < 0), next;
    if (!ar_cron_next(&table->cron, table->zone, seconds, &next)) {
        return false;
    }
    *ret = next * SECOND;
    return true;
}
