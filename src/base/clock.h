/* Time as a dependency, so that a test that waits does not. */
#ifndef AR_BASE_CLOCK_H
#define AR_BASE_CLOCK_H

#include <stdint.h>

#define AR_SECOND INT64_C(1000000000)
#define AR_MILLISECOND INT64_C(1000000)

struct ar_clock {
    /* MUST: nanoseconds since some fixed instant, never going back. */
    int64_t (*now)(void *context);
    /* MUST: microseconds since 1970-01-01T00:00:00Z. */
    int64_t (*wall)(void *context);
    void *context;
};

/* The machine's clocks. Static; any thread. */
const struct ar_clock *ar_clock_system(void);

static inline int64_t ar_clock_now(const struct ar_clock *clock)
{
    return clock->now(clock->context);
}

static inline int64_t ar_clock_wall(const struct ar_clock *clock)
{
    return clock->wall(clock->context);
}

#endif
