/* Windmill's HTTP API on the queue and the store: one file for each family of operations, one table
 * of routes (route.c). What each operation answers stands in operations.json, from which the
 * documentation and the tests take it. */
#ifndef AR_JOBS_API_API_H
#define AR_JOBS_API_API_H

#include <pthread.h>
#include <stdatomic.h>
#include "base/limits.h"
#include "jobs/queue/queue.h"
#include "jobs/secret.h"
#include "net/http_server.h"

struct ar_api {
    struct ar_store *store;
    struct ar_queue *queue;
    struct arras_str workspace;              /* the one that was made with the data */
    const struct ar_secret_key *key;         /* of secret variables */
    struct ar_telemetry *telemetry;          /* NULL: nobody is told, and there is no /metrics */
    const struct ar_worker_process *process; /* this one, where it runs jobs; else all of it is 0 */
    bool metrics_open;                       /* it needs no token */
    atomic_bool stopping;                    /* no more jobs are started */
    int64_t created_at;                      /* when the data was made, microseconds */
    int64_t wait_seconds;       /* how long run_wait_result waits; 0: AR_API_WAIT_SECONDS */
    int64_t stream_seconds;     /* how long a stream of updates lasts; 0: AR_API_STREAM_SECONDS */
    int64_t login_milliseconds; /* until a failed login is answered; 0: AR_API_LOGIN_MILLISECONDS */
    _Atomic uint64_t login_failures[AR_API_LOGIN_COUNTERS]; /* by account (auth.c) */
    /* Held from looking at a path's versions to adding one: there is one live version of a path. */
    pthread_mutex_t deploying;
};

/* What a client may take this server for: the version of the API, then ours. */
#define AR_API_VERSION "CE v1.694.0-arras-" ARRAS_VERSION

/* An ar_http_handler; `context` is the struct ar_api. */
void ar_api_handle(void *context, const struct ar_server_request *request,
                   struct ar_server_response *ret);

#endif
