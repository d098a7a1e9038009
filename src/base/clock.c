#include "base/clock.h"
#include <stddef.h>
#include <time.h>

static int64_t system_now(void *context)
{
    (void)context;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * AR_SECOND + t.tv_nsec;
}

static int64_t system_wall(void *context)
{
    (void)context;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const struct ar_clock *ar_clock_system(void)
{
    static const struct ar_clock clock = {system_now, system_wall, NULL};
    return &clock;
}
