/* What each process of the job server has, whether it serves the API or only works: a database, a
 * directory, a queue, workers. */
#ifndef AR_JOBS_SERVICE_H
#define AR_JOBS_SERVICE_H

#include "arras/server.h"
#include "jobs/retention.h"
#include "jobs/telemetry.h"
#include "jobs/worker/workers.h"

struct ar_service {
    struct ar_arena arena; /* all strings below */
    struct arras_str data; /* the directory */
    bool temporary;        /* it is removed at the end */
    struct arras_str jobs; /* the directory of this process's jobs, locked by `jobs_fd` */
    int jobs_fd;
    struct arras_str name, tags;
    struct ar_worker_process process; /* the same, for others */
    const struct ar_secret_key *key;  /* for jobs' arguments; NULL: they read no secret variables */
    struct ar_store *store;
    struct ar_queue *queue;
    struct ar_workers *workers;
    struct ar_retention *retention;
    struct ar_telemetry telemetry;
};

/* `temporary`: where a directory is made when `data` is NULL (NULL: "/tmp"). */
enum arras_status ar_service_open(struct ar_service *service, const char *data,
                                  const char *temporary, const struct arras_work_options *options,
                                  struct ar_diags *diags) ARRAS_CHECKED;
/* Starts the workers, where there are to be any. `connect` as in workers.h. */
enum arras_status ar_service_work(struct ar_service *service,
                                  const struct arras_work_options *options, const char *base_url,
                                  void (*connect)(void *context, const void *owner, int fd),
                                  void *connect_context, struct ar_diags *diags) ARRAS_CHECKED;
/* Lets jobs that run end for `grace` seconds, puts the rest back. */
void ar_service_stop_workers(struct ar_service *service, int64_t grace);
/* Closes all; also one that could not be opened. */
void ar_service_close(struct ar_service *service);
/* A file of the data directory, in the service's arena; false: memory ran out. */
bool ar_service_path(struct ar_service *service, const char *name,
                     struct arras_str *ret) ARRAS_CHECKED;

#endif
