#include "jobs/worker/workers.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/verdict.h"
#include "jobs/worker/environment.h"
#include "jobs/worker/outcome.h"
#include "jobs/worker/reuse.h"
#include "jobs/worker/run.h"

enum { PAUSE_MILLISECONDS = 1000, NAME_SIZE = 128 };

struct worker {
    struct ar_workers *workers;
    pthread_t thread;
    char name[NAME_SIZE];
};

struct ar_workers {
    struct ar_workers_options options;
    char *directory, *base_url;
    struct ar_sandbox *sandbox;
    struct ar_spares *spares;
    int stop_fd; /* readable: end what runs */
    unsigned started;
    struct worker list[];
};

/* Waits a moment, unless the workers are to stop: true then. */
static bool pause_or_stop(struct ar_workers *workers)
{
    struct pollfd entry = {.fd = workers->stop_fd, .events = POLLIN};
    return poll(&entry, 1, PAUSE_MILLISECONDS) == 1;
}

/* Ends the job, or puts it back, whatever the store says now: a full disk may have room again, a
 * database that is gone may come back. What the queue cannot be told is lost with its lease, or
 * when the server starts again. */
static enum arras_status settle(struct ar_workers *workers,
                                enum arras_status (*step)(struct ar_queue *, const struct ar_job *,
                                                          struct ar_diags *),
                                const struct ar_job *job)
{
    enum arras_status status = step(workers->options.queue, job, NULL);
    if (ar_queue_may_succeed(status)) {
        ar_tell_trouble(workers->options.telemetry, "store_trouble", NULL, status);
    }
    while (ar_queue_may_succeed(status) && !pause_or_stop(workers)) {
        status = step(workers->options.queue, job, NULL);
    }
    return status;
}

static enum arras_status cancel_unstarted(struct ar_store *store, struct ar_arena *arena,
                                          struct ar_job *job)
{
    job->state = AR_JOB_CANCELED;
    job->completed_at = ar_store_end_time(store, job);
    return ar_job_canceled_result(job->canceled_by, job->canceled_reason, arena, &job->result);
}

/* Where labels or the cache cannot be written, the job has still ended as it has. */
static void end_job(struct ar_workers *workers, struct ar_arena *arena, const struct ar_job *job,
                    struct ar_diags *diags)
{
    struct ar_store *store = workers->options.store;
    enum arras_status labeled = ar_job_take_labels(store, job, arena, diags);
    if (settle(workers, ar_queue_complete, job) == ARRAS_OK) {
        ar_tell_ended(workers->options.telemetry, job);
        labeled = ar_job_keep_result(store, job, diags);
    }
    (void)labeled;
}

static void run_job(struct ar_workers *workers, struct ar_arena *arena, struct ar_diags *diags,
                    struct ar_job *job)
{
    const struct ar_job_run run = {
        .options = &workers->options,
        .sandbox = workers->sandbox,
        .spares = workers->spares,
        .cancel_fd = ar_queue_cancel_fd(workers->options.queue, job->id),
        .stop_fd = workers->stop_fd,
    };
    const struct ar_job taken = *job;
    ar_tell_started(workers->options.telemetry, job);
    bool done = job->cancel_requested;
    enum arras_status status = done
                                   ? cancel_unstarted(workers->options.store, arena, job)
                                   : ar_job_reuse(workers->options.store, arena, diags, job, &done);
    if (!status && !done) {
        status = ar_job_run(&run, arena, diags, job);
    }
    if (status && status != ARRAS_INTERRUPTED && job->attempt >= AR_JOB_ATTEMPTS) {
        const struct arras_diag *error = ar_diags_first_error(diags);
        status = ar_job_fail_outside(error ? error->message : AR_STR("memory ran out"), arena, job);
    }
    if (status == ARRAS_OK) {
        end_job(workers, arena, job, diags);
        return;
    }
    if (settle(workers, ar_queue_put_back, &taken) == ARRAS_OK && status != ARRAS_INTERRUPTED) {
        pause_or_stop(workers); /* the machine lacks something; it may come back */
    }
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct ar_workers *workers = worker->workers;
    enum arras_status status = ARRAS_OK;
    while (status != ARRAS_INTERRUPTED) {
        struct ar_arena arena;
        struct ar_diags diags;
        struct ar_job job = {0};
        ar_arena_init(&arena, 0);
        ar_diags_init(&diags, &arena);
        status =
            ar_queue_take(workers->options.queue, ar_str_z(worker->name), &arena, &diags, &job);
        if (status == ARRAS_OK) {
            run_job(workers, &arena, &diags, &job);
        } else if (status != ARRAS_INTERRUPTED) {
            ar_tell_trouble(workers->options.telemetry, "store_trouble", &diags, status);
            status = pause_or_stop(workers) ? ARRAS_INTERRUPTED : status;
        }
        ar_arena_release(&arena);
    }
    return NULL;
}

static void workers_free(struct ar_workers *workers)
{
    ar_spares_free(workers->spares);
    if (workers->sandbox) {
        workers->sandbox->functions->free(workers->sandbox);
    }
    if (workers->stop_fd >= 0) {
        close(workers->stop_fd);
    }
    free(workers->directory);
    free(workers->base_url);
    free(workers);
}

void ar_workers_stop(struct ar_workers *workers, int64_t grace)
{
    if (!workers) {
        return;
    }
    ar_queue_close(workers->options.queue);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += grace;
    unsigned ended = 0;
    while (ended < workers->started && grace > 0 &&
           pthread_clockjoin_np(workers->list[ended].thread, NULL, CLOCK_MONOTONIC, &until) == 0) {
        ended++;
    }
    eventfd_write(workers->stop_fd, 1);
    for (; ended < workers->started; ended++) {
        pthread_join(workers->list[ended].thread, NULL);
    }
    workers_free(workers);
}

static enum arras_status start_threads(struct ar_workers *workers, struct ar_diags *diags)
{
    for (unsigned i = 0; i < workers->options.count; i++) {
        struct worker *worker = &workers->list[i];
        worker->workers = workers;
        const char *name = workers->options.name ? workers->options.name : "worker";
        snprintf(worker->name, sizeof(worker->name), "%.100s-%u", name, i + 1);
        int trouble = pthread_create(&worker->thread, NULL, work, worker);
        if (trouble) {
            return ar_error(diags, ARRAS_IO, "worker", NULL, 0, "cannot start a thread: %s",
                            strerror(trouble));
        }
        workers->started++;
    }
    return ARRAS_OK;
}

static void fill_in_limits(struct ar_workers_options *options)
{
    options->memory = options->memory ? options->memory : AR_JOB_MEMORY;
    options->processes = options->processes ? options->processes : AR_JOB_PROCESSES;
    options->log_size = options->log_size ? options->log_size : AR_JOB_LOG_SIZE;
    options->result_size = options->result_size ? options->result_size : AR_JOB_RESULT_SIZE;
}

enum arras_status ar_workers_start(const struct ar_workers_options *options, struct ar_diags *diags,
                                   struct ar_workers **ret)
{
    struct ar_workers *workers =
        calloc(1, sizeof(*workers) + options->count * sizeof(workers->list[0]));
    if (!workers) {
        return ar_no_memory(diags);
    }
    workers->options = *options;
    fill_in_limits(&workers->options);
    workers->directory = strdup(options->directory);
    workers->base_url = strdup(options->base_url ? options->base_url : "");
    workers->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    workers->options.directory = workers->directory;
    workers->options.base_url = workers->base_url;
    enum arras_status status = ARRAS_OK;
    if (!workers->directory || !workers->base_url || workers->stop_fd < 0) {
        status = ar_no_memory(diags);
    } else {
        status = options->sandbox
                     ? ar_sandbox_bwrap_new(options->packages, diags, &workers->sandbox)
                     : ar_sandbox_none_new(options->directory, diags, &workers->sandbox);
    }
    if (status == ARRAS_OK) {
        int64_t idle = options->spare_seconds ? options->spare_seconds : AR_JOB_SPARE_SECONDS;
        const struct ar_spares_options spares = {.sandbox = workers->sandbox,
                                                 .count = options->spares,
                                                 .idle = idle * AR_SECOND,
                                                 .packages = !options->packages ? NULL
                                                             : options->sandbox
                                                                 ? AR_SANDBOX_PACKAGES
                                                                 : options->packages,
                                                 .port = ar_job_port(options),
                                                 .memory = workers->options.memory,
                                                 .processes = workers->options.processes};
        status = ar_spares_new(&spares, diags, &workers->spares);
    }
    if (status == ARRAS_OK) {
        status = start_threads(workers, diags);
    }
    if (status) {
        if (workers->started) {
            ar_workers_stop(workers, 0);
        } else {
            workers_free(workers);
        }
        return status;
    }
    *ret = workers;
    return ARRAS_OK;
}
