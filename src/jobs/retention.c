#include "jobs/retention.h"
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/limits.h"
#include "jobs/store/store_people.h"

enum { PAUSE = 100, DAY = 24 * 3600 * 1000 }; /* milliseconds */

struct ar_retention {
    struct ar_store *store;
    const struct ar_telemetry *telemetry;
    int64_t days;
    int stop_fd;
    pthread_t thread;
};

static bool stopped(struct ar_retention *retention, int milliseconds)
{
    struct pollfd entry = {.fd = retention->stop_fd, .events = POLLIN};
    return poll(&entry, 1, milliseconds) == 1;
}

typedef enum arras_status forgetter(struct ar_store *store, int64_t before, int64_t most,
                                    struct ar_diags *diags, int *ret_count);

/* One batch; false: there is no more, or it failed. */
static bool forget_some(struct ar_retention *retention, forgetter *step, int64_t before,
                        int64_t *total)
{
    struct ar_arena arena;
    struct ar_diags diags;
    int count = 0;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    enum arras_status status = step(retention->store, before, AR_RETENTION_BATCH, &diags, &count);
    if (status) {
        ar_tell_trouble(retention->telemetry, "store_trouble", &diags, status);
    }
    ar_arena_release(&arena);
    *total += count;
    return status == ARRAS_OK && count == AR_RETENTION_BATCH;
}

/* How many. */
static int64_t forget_all(struct ar_retention *retention, forgetter *step, int64_t days)
{
    int64_t total = 0, before = ar_store_now(retention->store) - days * 86400 * 1000000;
    while (forget_some(retention, step, before, &total) && !stopped(retention, PAUSE)) {
    }
    return total;
}

static void *forget(void *context)
{
    struct ar_retention *retention = context;
    do {
        int64_t jobs = 0;
        if (retention->days > 0) {
            jobs = forget_all(retention, ar_store_jobs_forget, retention->days);
            forget_all(retention, ar_store_audit_forget, AR_AUDIT_DAYS);
        }
        forget_all(retention, ar_store_tokens_forget, 0);
        if (jobs) {
            char text[32];
            snprintf(text, sizeof(text), "%lld", (long long)jobs);
            const struct arras_str count = ar_str_z(text);
            ar_tell(retention->telemetry, ARRAS_LOG_INFO, "jobs_forgotten", "jobs", &count, NULL);
        }
    } while (!stopped(retention, DAY));
    return NULL;
}

enum arras_status ar_retention_start(struct ar_store *store, int64_t days,
                                     const struct ar_telemetry *telemetry, struct ar_diags *diags,
                                     struct ar_retention **ret)
{
    struct ar_retention *retention = calloc(1, sizeof(*retention));
    if (!retention) {
        return ar_no_memory(diags);
    }
    *retention = (struct ar_retention){.store = store,
                                       .telemetry = telemetry,
                                       .days = days,
                                       .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    bool started =
        retention->stop_fd >= 0 && pthread_create(&retention->thread, NULL, forget, retention) == 0;
    if (!started) {
        if (retention->stop_fd >= 0) {
            close(retention->stop_fd);
        }
        free(retention);
        return ar_error(diags, ARRAS_IO, "retention", NULL, 0, "cannot start a thread");
    }
    *ret = retention;
    return ARRAS_OK;
}

void ar_retention_stop(struct ar_retention *retention)
{
    if (retention) {
        eventfd_write(retention->stop_fd, 1);
        pthread_join(retention->thread, NULL);
        close(retention->stop_fd);
        free(retention);
    }
}
