/* Joins a run machine to the network and the clock. */
#ifndef AR_DRIVE_DRIVE_H
#define AR_DRIVE_DRIVE_H

#include "net/http_client.h"
#include "run/run.h"

struct ar_drive_options {
    int64_t request_timeout;               /* nanoseconds; 0: AR_REQUEST_SECONDS */
    int64_t deadline;                      /* of the clock; 0: none */
    const volatile int *interrupted;       /* may be NULL */
    const struct arras_observer *observer; /* may be NULL */
    const struct ar_clock *clock;
};

/* Runs it to its end. ARRAS_NO_MEMORY only: every other trouble is an end of the run. */
enum arras_status ar_drive(struct ar_run *run, struct ar_http_client *client,
                           const struct ar_drive_options *options) ARRAS_CHECKED;

#endif
