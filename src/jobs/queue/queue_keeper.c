#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/queue/queue_internal.h"

enum { RENEWALS = 6 }; /* within a lease, so that some may fail */

static int64_t monotonic(void)
{
    return ar_clock_now(ar_clock_system());
}

static int64_t lease_nanoseconds(const struct ar_queue *queue)
{
    return queue->lease * 1000;
}

static void wake_at(struct ar_queue *queue, int64_t *at, int64_t when)
{
    if (!*at || when < *at) {
        *at = when;
        pthread_cond_signal(&queue->keeper.changed);
    }
}

void ar_keeper_taken(struct ar_queue *queue)
{
    if (queue->lease) {
        wake_at(queue, &queue->keeper.renew_at, monotonic() + lease_nanoseconds(queue) / RENEWALS);
    }
}

/* Someone will run it, and may die. */
void ar_keeper_queued(struct ar_queue *queue)
{
    if (queue->lease) {
        wake_at(queue, &queue->keeper.check_at, monotonic() + lease_nanoseconds(queue));
    }
}

void ar_keeper_redacts(struct ar_queue *queue)
{
    wake_at(queue, &queue->keeper.redact_at, monotonic());
}

/* Whoever lost the database too has time to renew its leases before they are looked at. */
void ar_keeper_missed(struct ar_queue *queue)
{
    ar_keeper_redacts(queue);
    if (queue->lease) {
        queue->keeper.check_at = 0;
        ar_keeper_queued(queue);
        if (queue->taken) {
            wake_at(queue, &queue->keeper.renew_at, monotonic());
        }
    }
}

/* The first of some: those that follow soon are told with it. */
void ar_keeper_ended(struct ar_queue *queue)
{
    struct ar_keeper *keeper = &queue->keeper;
    if (queue->process && !keeper->count_at) {
        wake_at(queue, &keeper->count_at, monotonic() + AR_WORKERS_COUNT_SECONDS * AR_SECOND);
    }
}

void ar_keeper_watched(struct ar_queue *queue)
{
    if (queue->lease) {
        wake_at(queue, &queue->keeper.tell_at, monotonic() + AR_SECOND);
    }
}

/* What the store is told of: see ar_store_lease_renew. */
static void add_held(struct ar_buf *buf, const struct ar_taken *taken)
{
    ar_buf_printf(buf, "%.*s %d %.*s,", AR_STR_ARG(taken->id), taken->attempt,
                  AR_STR_ARG(taken->worker));
}

static const struct ar_job *find_kept(const struct ar_job_list *kept, const struct ar_taken *taken)
{
    for (size_t i = 0; i < kept->list.count; i++) {
        const struct ar_job *job = &kept->list.items[i];
        if (ar_str_eq(job->id, taken->id) && job->attempt == taken->attempt) {
            return job;
        }
    }
    return NULL;
}

/* Ends what was given to another worker, and what is to be canceled: the note may have been missed.
 * `held` was asked for, at `since`; what was taken since was not. The lock held. */
static void deal_with_kept(struct ar_queue *queue, struct arras_str held, int64_t since,
                           const struct ar_job_list *kept)
{
    for (struct ar_taken *taken = queue->taken; taken; taken = taken->next) {
        const struct ar_job *job = find_kept(kept, taken);
        bool asked = ar_str_find(held, taken->id, 0) != AR_NOT_FOUND;
        if (asked && (!job || job->cancel_requested)) {
            ar_queue_signal(queue, taken->id);
        }
        if (asked && job) {
            taken->lease_end = since + lease_nanoseconds(queue);
        }
    }
}

/* Called and left with the lock held, which is not held meanwhile. */
static void renew(struct ar_queue *queue)
{
    struct ar_arena arena;
    struct ar_buf held;
    struct ar_job_list kept = {0};
    ar_arena_init(&arena, 0);
    ar_buf_init(&held, AR_SQL_SIZE * 16);
    ar_buf_add_char(&held, ',');
    for (const struct ar_taken *taken = queue->taken; taken; taken = taken->next) {
        add_held(&held, taken);
    }
    queue->keeper.renew_at = queue->taken ? monotonic() + lease_nanoseconds(queue) / RENEWALS : 0;
    if (queue->taken && !ar_buf_status(&held)) {
        pthread_mutex_unlock(&queue->lock);
        int64_t since = monotonic();
        int64_t until = ar_store_now(queue->store) + queue->lease;
        enum arras_status status =
            ar_store_lease_renew(queue->store, ar_buf_str(&held), until, &arena, NULL, &kept);
        pthread_mutex_lock(&queue->lock);
        if (status == ARRAS_OK) {
            deal_with_kept(queue, ar_buf_str(&held), since, &kept);
        }
    }
    ar_buf_release(&held);
    ar_arena_release(&arena);
}

/* When to look again, from now: at the end of the first lease; where a job waits, after it became
 * due and a lease has passed; -1: there is nothing to look after. Microseconds. */
static int64_t look_after(struct ar_queue *queue)
{
    int64_t lease = 0, due = 0, now = ar_store_now(queue->store);
    if (ar_store_lease_next(queue->store, NULL, &lease, &due)) {
        return queue->lease;
    }
    int64_t after = due ? (due > now ? due - now : 0) + queue->lease : -1;
    int64_t left = lease > now ? lease - now : 0;
    return lease && (after < 0 || left < after) ? left : after;
}

/* As renew. */
static void check(struct ar_queue *queue)
{
    queue->keeper.check_at = 0;
    pthread_mutex_unlock(&queue->lock);
    enum arras_status status;
    do {
        status = ar_store_lease_expire(queue->store, ar_store_now(queue->store), NULL);
        if (status == ARRAS_OK) {
            ar_tell_lost(queue->telemetry);
        }
    } while (status == ARRAS_OK);
    int64_t after = status == ARRAS_NOT_FOUND ? look_after(queue) : queue->lease;
    pthread_mutex_lock(&queue->lock);
    if (after >= 0) {
        /* a moment later: the clocks differ a little, and several look */
        wake_at(queue, &queue->keeper.check_at, monotonic() + after * 1000 + AR_SECOND / 2);
    }
}

/* As renew. What cannot be done now is tried again. */
static void redact(struct ar_queue *queue)
{
    struct ar_store *store = queue->store;
    int64_t next = 0, now = ar_store_now(store);
    size_t count = 0;
    queue->keeper.redact_at = 0;
    pthread_mutex_unlock(&queue->lock);
    enum arras_status status = ar_store_jobs_redact(store, now, NULL, &count);
    if (status == ARRAS_OK) {
        status = ar_store_redact_next(store, NULL, &next);
    }
    if (status) {
        ar_tell_trouble(queue->telemetry, "store_trouble", NULL, status);
        next = now + AR_REDACTION_RETRY_SECONDS * INT64_C(1000000);
    }
    pthread_mutex_lock(&queue->lock);
    if (next) {
        wake_at(queue, &queue->keeper.redact_at,
                monotonic() + (next > now ? (next - now) * 1000 : 0));
    }
}

/* As renew. What cannot be told now is told with what ends next. */
static void count(struct ar_queue *queue)
{
    const struct ar_worker_process *process = queue->process;
    queue->keeper.count_at = 0;
    pthread_mutex_unlock(&queue->lock);
    enum arras_status status =
        ar_store_workers_count(queue->store, process->name, ar_told_ended(queue->telemetry), NULL);
    if (status) {
        ar_tell_trouble(queue->telemetry, "store_trouble", NULL, status);
    }
    pthread_mutex_lock(&queue->lock);
}

/* The watchers look; as long as there are some, again in a second. The lock held. */
static void tell(struct ar_queue *queue)
{
    queue->keeper.tell_at = 0;
    if (ar_watches_tell_progress(&queue->watches)) {
        ar_keeper_watched(queue);
    }
}

/* What is to be done first, NULL: nothing. */
static int64_t *first(struct ar_keeper *keeper)
{
    int64_t *const all[] = {&keeper->renew_at, &keeper->check_at, &keeper->tell_at,
                            &keeper->redact_at, &keeper->count_at};
    int64_t *found = NULL;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (*all[i] && (!found || *all[i] < *found)) {
            found = all[i];
        }
    }
    return found;
}

static void wait_until(struct ar_queue *queue, int64_t time)
{
    struct timespec until = {.tv_sec = time / AR_SECOND, .tv_nsec = time % AR_SECOND};
    pthread_cond_timedwait(&queue->keeper.changed, &queue->lock, &until);
}

static void *keep(void *context)
{
    struct ar_queue *queue = context;
    struct ar_keeper *keeper = &queue->keeper;
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed || queue->taken) {
        const int64_t *next = first(keeper);
        if (!next) {
            pthread_cond_wait(&keeper->changed, &queue->lock);
        } else if (*next > monotonic()) {
            wait_until(queue, *next);
        } else if (next == &keeper->renew_at) {
            renew(queue);
        } else if (next == &keeper->check_at) {
            check(queue);
        } else if (next == &keeper->redact_at) {
            redact(queue);
        } else if (next == &keeper->count_at) {
            count(queue);
        } else {
            tell(queue);
        }
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

enum arras_status ar_keeper_start(struct ar_queue *queue)
{
    ar_keeper_redacts(queue); /* what became due while no server ran */
    ar_keeper_queued(queue);  /* what others left behind, once they had time to renew it */
    if (pthread_create(&queue->keeper.thread, NULL, keep, queue)) {
        return ARRAS_NO_MEMORY;
    }
    queue->keeper.started = true;
    return ARRAS_OK;
}

void ar_keeper_stop(struct ar_queue *queue)
{
    if (queue->keeper.started) {
        pthread_join(queue->keeper.thread, NULL);
    }
}
