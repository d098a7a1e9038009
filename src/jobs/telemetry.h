/* What an operator sees of a process of the job server: events, which go to the sink that the
 * program gave (arras/server.h), and counters, which /metrics shows. Nothing secret: no arguments,
 * no results, no tokens, no query strings. All functions are safe on any thread and take NULL. */
#ifndef AR_JOBS_TELEMETRY_H
#define AR_JOBS_TELEMETRY_H

#include <stdatomic.h>
#include "arras/server.h"
#include "base/buf.h"
#include "base/diag.h"
#include "jobs/model.h"

enum { AR_DURATION_BOUNDS = 12, AR_STATUS_CLASSES = 5, AR_ENDED_STATES = 3 };

struct ar_telemetry {
    struct arras_log log;
    unsigned workers;                                    /* threads that run jobs here */
    atomic_uint_fast64_t ended[AR_ENDED_STATES];         /* from AR_JOB_SUCCESS on */
    atomic_uint_fast64_t requests[AR_STATUS_CLASSES];    /* 1xx to 5xx */
    atomic_uint_fast64_t lasted[AR_DURATION_BOUNDS + 1]; /* jobs by their duration */
    atomic_uint_fast64_t milliseconds;                   /* of all of them */
    atomic_uint_fast64_t refused;                        /* requests with a wrong token */
    atomic_uint_fast64_t lost;                           /* leases of workers that ran out */
};

/* Pairs of a name and a text, ended by NULL; each text a `const struct arras_str *`. */
void ar_tell(const struct ar_telemetry *telemetry, enum arras_log_level level, const char *event,
             ...);
/* The first error of `diags` (may be NULL), or what `status` means. */
void ar_tell_trouble(const struct ar_telemetry *telemetry, const char *event,
                     const struct ar_diags *diags, enum arras_status status);
void ar_tell_started(const struct ar_telemetry *telemetry, const struct ar_job *job);
void ar_tell_ended(struct ar_telemetry *telemetry, const struct ar_job *job);
void ar_tell_request(struct ar_telemetry *telemetry, struct arras_str method, struct arras_str path,
                     int status);
/* How many jobs have ended in this process. */
int64_t ar_told_ended(struct ar_telemetry *telemetry);
void ar_tell_lost(struct ar_telemetry *telemetry);
void ar_tell_refused(struct ar_telemetry *telemetry, struct arras_str path);

/* What the queue holds now. */
struct ar_gauges {
    int64_t due, scheduled, running;
};

/* The metrics in Prometheus' text format 0.0.4. Failures stay in the buffer. */
void ar_metrics_write(struct ar_telemetry *telemetry, const struct ar_gauges *gauges,
                      struct ar_buf *buf);

#endif
