/* Asking about one job, once or until it is done. */
#ifndef AR_CLI_JOB_FOLLOW_H
#define AR_CLI_JOB_FOLLOW_H

#include "connect.h"

/* As ar_ask, at the path that the job's id stands in, between `before` and `after`. */
int ar_ask_job(struct ar_connection *connection, const char *method, const char *before,
               const char *id, const char *after, const struct arras_value *body,
               struct arras_answer *ret);
/* Asks again with an emptied pool after *pause milliseconds, which grows: what was answered before
 * is gone. 0, or the exit status after a signal. */
int ar_ask_again(struct ar_connection *connection, int *pause);

/* What grows while a job runs, as `getJobUpdates` tells of it. */
struct ar_growth {
    const char *text, *offset; /* members of the answer; `offset` is a parameter too */
    const char *query;         /* more parameters */
};

/* Prints it as it comes, until the job is done; *ret_any: something came. 0, or the exit status. */
int ar_job_follow(struct ar_connection *connection, const char *id, const struct ar_growth *growth,
                  bool *ret_any);

#endif
