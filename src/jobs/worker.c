/* A process that only runs jobs. */
#include <errno.h>
#include <unistd.h>
#include "jobs/sandbox/sandbox.h"
#include "jobs/service.h"
#include "net/relay.h"
#include "value/pool.h"

struct arras_worker {
    struct ar_service service;
    struct ar_secret_key key;
    struct ar_relay *relay; /* NULL: sandboxed jobs do not reach the API */
    int64_t grace;
};

/* Where the API is, as the server that started last noted it. */
static enum arras_status find_base_url(struct ar_service *service, const char *given,
                                       struct ar_diags *diags, struct arras_str *ret)
{
    if (given) {
        return ar_str_copy(ar_str_z(given), &service->arena, ret) ? ARRAS_OK : ar_no_memory(diags);
    }
    enum arras_status status =
        ar_store_setting_get(service->store, AR_SETTING_URL, &service->arena, diags, ret);
    *ret = status ? AR_STR("") : *ret;
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
}

/* Unlike a server's it is never made anew. */
static enum arras_status load_key(struct arras_worker *worker, const char *path,
                                  struct ar_diags *diags)
{
    if (access(path, R_OK)) {
        return ar_error(diags, ARRAS_IO, "server-key", NULL, 0, "key file %s: %s", path,
                        strerror(errno));
    }
    worker->service.key = &worker->key;
    return ar_secret_key_load(path, diags, &worker->key);
}

static void connect_job(void *context, const void *owner, int fd)
{
    const struct arras_worker *worker = context;
    ar_relay_take(worker->relay, owner, fd);
}

static enum arras_status start(struct arras_worker *worker,
                               const struct arras_worker_options *options, struct ar_diags *diags)
{
    struct ar_service *service = &worker->service;
    struct arras_str url;
    if (!options->work.no_sandbox) {
        enum arras_status sandbox = ar_sandbox_check(options->work.packages, diags);
        if (sandbox) {
            return sandbox;
        }
    }
    enum arras_status status =
        options->key_file ? load_key(worker, options->key_file, diags) : ARRAS_OK;
    if (!status && options->server) {
        status = ar_relay_start(options->server, diags, &worker->relay);
    }
    if (!status) {
        const char *given = options->base_url ? options->base_url : options->server;
        status = find_base_url(service, given, diags, &url);
    }
    const char *z = status ? NULL : ar_str_to_z(url, &service->arena);
    return status ? status
           : !z   ? ar_no_memory(diags)
                  : ar_service_work(service, &options->work, z, worker->relay ? connect_job : NULL,
                                    worker, diags);
}

enum arras_status arras_worker_start(const struct arras_worker_options *options,
                                     struct arras_pool *pool, struct arras_worker **ret)
{
    struct ar_diags *diags = &pool->diags;
    if (!options->work.database) {
        return ar_error(diags, ARRAS_USAGE, "worker", NULL, 0,
                        "a worker of its own needs the database of its servers, postgres://...");
    }
    struct arras_worker *worker = calloc(1, sizeof(*worker));
    if (!worker) {
        return ar_no_memory(diags);
    }
    worker->grace = options->work.grace_seconds;
    enum arras_status status =
        ar_service_open(&worker->service, NULL, options->temporary, &options->work, diags);
    if (!status) {
        status = start(worker, options, diags);
    }
    if (status) {
        worker->grace = 0;
        arras_worker_stop(worker);
        return status;
    }
    ar_tell(&worker->service.telemetry, ARRAS_LOG_INFO, "started", "worker", &worker->service.name,
            NULL);
    *ret = worker;
    return ARRAS_OK;
}

const char *arras_worker_name(const struct arras_worker *worker)
{
    return worker->service.name.ptr;
}

void arras_worker_stop(struct arras_worker *worker)
{
    if (worker) {
        ar_service_stop_workers(&worker->service, worker->grace);
        ar_relay_stop(worker->relay);
        ar_tell(&worker->service.telemetry, ARRAS_LOG_INFO, "stopped", "worker",
                &worker->service.name, NULL);
        ar_service_close(&worker->service);
        explicit_bzero(&worker->key, sizeof(worker->key));
        free(worker);
    }
}
