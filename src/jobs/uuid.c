#include "jobs/uuid.h"
#include <stdio.h>
#include <sys/random.h>

enum { COUNTER_MOST = 0xfff };

enum arras_status ar_uuid_next(struct ar_uuid_clock *clock, int64_t wall,
                               char ret[AR_UUID_LENGTH + 1])
{
    unsigned char random[10];
    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        return ARRAS_IO;
    }
    int64_t millisecond = wall / 1000;
    if (millisecond > clock->millisecond) {
        clock->millisecond = millisecond;
        /* starts in the lower half, so that there is room to count */
        clock->counter = (random[8] << 8 | random[9]) & (COUNTER_MOST >> 1);
    } else if (clock->counter < COUNTER_MOST) {
        clock->counter++;
    } else {
        clock->millisecond++; /* a little ahead of the time, until that has caught up */
        clock->counter = 0;
    }
    uint64_t t = (uint64_t)clock->millisecond;
    snprintf(ret, AR_UUID_LENGTH + 1, "%08x-%04x-7%03x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             (unsigned)(t >> 16 & 0xffffffff), (unsigned)(t & 0xffff), clock->counter,
             (random[0] & 0x3f) | 0x80, random[1], random[2], random[3], random[4], random[5],
             random[6], random[7]);
    return ARRAS_OK;
}
