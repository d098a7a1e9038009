/* What every backend of the store must hold, as one suite of tests: a backend's test program gives
 * a way to open a store and runs it. */
#ifndef AR_TEST_STORE_SUITE_H
#define AR_TEST_STORE_SUITE_H

#include "jobs/store/store.h"

struct ar_store_backend {
    /* A store on data that is kept between two calls, until `wipe`. */
    enum arras_status (*open)(struct ar_diags *diags, struct ar_store **ret);
    void (*wipe)(void);
    const char *(*where)(void); /* a file or a URL, for ar_store_open */
};

/* Runs the suite; how many tests failed. */
int ar_store_suite_run(const struct ar_store_backend *backend);

/* schedule_suite.c: the same for schedules. */
int ar_schedule_suite_run(const struct ar_store_backend *backend);
/* ended_suite.c: and for what becomes of jobs that have ended. */
int ar_ended_suite_run(const struct ar_store_backend *backend);

/* upgrade_suite.c: and for databases of earlier versions. */
int ar_upgrade_suite_run(const struct ar_store_backend *backend);

/* A job with what must be given filled in. */
struct ar_job ar_test_job(const char *id, int64_t scheduled_for);

#endif
