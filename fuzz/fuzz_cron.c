/* The first byte chooses the reading and the time; up to the next NUL byte stands a cron
 * expression, behind it the content of a tz file (RFC 8536), without which it is UTC. */
#include "jobs/schedule/cron.h"
#include "two_texts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Times go forward, and what a stretch of a zone says holds at its ends. */
static void check_times(const struct ar_cron *cron, const struct ar_zone *zone, int64_t after)
{
    for (int i = 0; i < 4; i++) {
        struct ar_zone_span span = ar_zone_span(zone, after);
        int64_t next;
        if (span.start > after || span.end <= after) {
            abort();
        }
        if (!ar_cron_next(cron, zone, after, &next)) {
            return;
        }
        if (next <= after) {
            abort();
        }
        after = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct two_texts input = split(data + 1, size - 1, "");
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_cron cron;
    struct ar_zone *zone;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    enum arras_status status =
        ar_cron_parse(input.first, data[0] & 1 ? AR_CRON_V1 : AR_CRON_V2, &diags, &cron);
    /* an error is told, and only an error */
    if ((status != ARRAS_OK) != (diags.errors > 0)) {
        abort();
    }
    if (!status && ar_zone_read(input.second, &arena, &zone) &&
        ar_zone_open(AR_STR("UTC"), &arena, NULL, &zone)) {
        status = ARRAS_IO; /* a machine without time zones */
    }
    if (!status) {
        check_times(&cron, zone, (int64_t)(data[0] >> 1) * 20000000);
    }
    ar_arena_release(&arena);
    return 0;
}
