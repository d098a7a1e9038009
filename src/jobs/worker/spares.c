#include "jobs/worker/spares.h"
#include <poll.h>
#include <pthread.h>
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/worker/environment.h"

enum { KINDS = 8 };

/* One language's. The oldest is first: it is most likely to be ready. */
struct kind {
    const struct ar_language *language;
    bool network;
    int64_t wanted; /* monotonic: when it was last asked for */
    int64_t pause;  /* none is made until then: the last could not be */
    struct ar_sandbox_process waiting[AR_JOB_SPARES];
    unsigned count;
};

struct ar_spares {
    struct ar_spares_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t keeper; /* opens them: it lives as long as they do */
    bool started, closed;
    struct kind kinds[KINDS];
    size_t kind_count;
};

static int64_t now(void)
{
    return ar_clock_now(ar_clock_system());
}

static enum arras_status open_one(const struct ar_spares *spares,
                                  const struct ar_language *language, bool network,
                                  struct ar_diags *diags, struct ar_sandbox_process *ret)
{
    struct ar_arena arena;
    struct ar_sandbox *sandbox = spares->options.sandbox;
    struct ar_sandbox_opening opening = {.network = network,
                                         .port = spares->options.port,
                                         .memory = spares->options.memory,
                                         .processes = spares->options.processes};
    ar_arena_init(&arena, 0);
    enum arras_status status =
        ar_job_environment_fixed(spares->options.packages, &arena, &opening.command)
            ? ARRAS_OK
            : ar_no_memory(diags);
    if (status == ARRAS_OK && language->open) {
        status = language->open(&arena, diags, &opening);
    }
    if (status == ARRAS_OK) {
        status = sandbox->functions->open(sandbox, &opening, diags, ret);
    }
    ar_arena_release(&arena);
    return status;
}

static struct ar_sandbox_process shift(struct kind *kind)
{
    struct ar_sandbox_process first = kind->waiting[0];
    kind->count--;
    memmove(kind->waiting, kind->waiting + 1, kind->count * sizeof(first));
    return first;
}

static bool has_ended(const struct ar_sandbox_process *process)
{
    struct pollfd entry = {.fd = process->pidfd, .events = POLLIN};
    return poll(&entry, 1, 0) != 0;
}

/* One to be ended: of a language that nobody asks for any more, or one that has ended by itself. */
static bool find_stale(struct ar_spares *spares, int64_t at, struct ar_sandbox_process *ret)
{
    for (size_t i = 0; i < spares->kind_count; i++) {
        struct kind *kind = &spares->kinds[i];
        if (kind->count && (spares->closed || kind->wanted + spares->options.idle <= at ||
                            has_ended(&kind->waiting[0]))) {
            *ret = shift(kind);
            return true;
        }
    }
    return false;
}

/* A language of which there are fewer than there should be. */
static struct kind *find_short(struct ar_spares *spares, int64_t at)
{
    for (size_t i = 0; i < spares->kind_count && !spares->closed; i++) {
        struct kind *kind = &spares->kinds[i];
        if (kind->count < spares->options.count && kind->wanted + spares->options.idle > at &&
            kind->pause <= at) {
            return kind;
        }
    }
    return NULL;
}

/* With the lock held, which is released meanwhile. */
static void make_one(struct ar_spares *spares, struct kind *kind)
{
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_sandbox_process process;
    const struct ar_language *language = kind->language;
    bool network = kind->network;
    pthread_mutex_unlock(&spares->lock);
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    enum arras_status status = open_one(spares, language, network, &diags, &process);
    ar_arena_release(&arena);
    pthread_mutex_lock(&spares->lock);
    if (status == ARRAS_OK) {
        kind->waiting[kind->count++] = process; /* only this thread adds */
    } else {
        kind->pause = now() + AR_SECOND;
    }
}

/* When there is something to do again without being asked; INT64_MAX: never. */
static int64_t next_time(const struct ar_spares *spares, int64_t at)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < spares->kind_count; i++) {
        const struct kind *kind = &spares->kinds[i];
        int64_t stale = kind->wanted + spares->options.idle;
        if (kind->count && stale < next) {
            next = stale;
        }
        if (kind->count < spares->options.count && stale > at && kind->pause > at &&
            kind->pause < next) {
            next = kind->pause;
        }
    }
    return next;
}

static void wait_until(struct ar_spares *spares, int64_t until)
{
    if (until == INT64_MAX) {
        pthread_cond_wait(&spares->changed, &spares->lock);
        return;
    }
    const struct timespec time = {.tv_sec = until / AR_SECOND, .tv_nsec = until % AR_SECOND};
    pthread_cond_timedwait(&spares->changed, &spares->lock, &time);
}

static void *keep(void *context)
{
    struct ar_spares *spares = context;
    struct ar_sandbox_process stale;
    pthread_mutex_lock(&spares->lock);
    for (;;) {
        int64_t at = now();
        struct kind *kind;
        if (find_stale(spares, at, &stale)) {
            pthread_mutex_unlock(&spares->lock);
            ar_sandbox_discard(spares->options.sandbox, &stale);
            pthread_mutex_lock(&spares->lock);
        } else if (spares->closed) {
            break;
        } else if ((kind = find_short(spares, at))) {
            make_one(spares, kind);
        } else {
            wait_until(spares, next_time(spares, at));
        }
    }
    pthread_mutex_unlock(&spares->lock);
    return NULL;
}

enum arras_status ar_spares_new(const struct ar_spares_options *options, struct ar_diags *diags,
                                struct ar_spares **ret)
{
    struct ar_spares *spares = calloc(1, sizeof(*spares));
    pthread_condattr_t attributes;
    if (!spares || pthread_condattr_init(&attributes)) {
        free(spares);
        return ar_no_memory(diags);
    }
    spares->options = *options;
    if (spares->options.count > AR_JOB_SPARES) {
        spares->options.count = AR_JOB_SPARES;
    }
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&spares->lock, NULL);
    pthread_cond_init(&spares->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    int trouble = options->count ? pthread_create(&spares->keeper, NULL, keep, spares) : 0;
    spares->started = options->count && trouble == 0;
    if (trouble) {
        ar_spares_free(spares);
        return ar_error(diags, ARRAS_IO, "worker", NULL, 0, "cannot start a thread: %s",
                        strerror(trouble));
    }
    *ret = spares;
    return ARRAS_OK;
}

void ar_spares_free(struct ar_spares *spares)
{
    if (!spares) {
        return;
    }
    if (spares->started) {
        pthread_mutex_lock(&spares->lock);
        spares->closed = true;
        pthread_cond_signal(&spares->changed);
        pthread_mutex_unlock(&spares->lock);
        pthread_join(spares->keeper, NULL);
    }
    pthread_cond_destroy(&spares->changed);
    pthread_mutex_destroy(&spares->lock);
    free(spares);
}

/* NULL where there are too many. */
static struct kind *kind_of(struct ar_spares *spares, const struct ar_language *language,
                            bool network)
{
    size_t i = 0;
    while (i < spares->kind_count &&
           (spares->kinds[i].language != language || spares->kinds[i].network != network)) {
        i++;
    }
    if (i == KINDS) {
        return NULL;
    }
    if (i == spares->kind_count) {
        spares->kinds[i].language = language;
        spares->kinds[i].network = network;
        spares->kind_count++;
    }
    return &spares->kinds[i];
}

/* One that waits, and more to come. */
static bool take_waiting(struct ar_spares *spares, const struct ar_language *language, bool network,
                         struct ar_sandbox_process *ret)
{
    pthread_mutex_lock(&spares->lock);
    struct kind *kind = kind_of(spares, language, network);
    bool found = kind && kind->count && !has_ended(&kind->waiting[0]);
    if (found) {
        *ret = shift(kind);
    }
    if (kind) {
        kind->wanted = now();
    }
    pthread_cond_signal(&spares->changed);
    pthread_mutex_unlock(&spares->lock);
    return found;
}

enum arras_status ar_spares_take(struct ar_spares *spares, const struct ar_language *language,
                                 bool network, struct ar_diags *diags,
                                 struct ar_sandbox_process *ret, bool *ret_waited)
{
    *ret_waited = spares->started && take_waiting(spares, language, network, ret);
    return *ret_waited ? ARRAS_OK : open_one(spares, language, network, diags, ret);
}
