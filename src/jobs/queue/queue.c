#include "jobs/queue/queue.h"
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/queue/queue_internal.h"

static const int64_t PAUSE = 20000; /* microseconds before a job that is due is tried again */

/* A job was queued here or elsewhere. The lock held. */
static void tell_submitted(struct ar_queue *queue)
{
    queue->submitted_count++;
    pthread_cond_signal(&queue->submitted);
    ar_keeper_queued(queue);
}

/* Those who wait for this job, or all where `id` is empty, look at it. The lock held. */
static void tell_ended(struct ar_queue *queue, struct arras_str id)
{
    bool any = false;
    for (struct ar_waiter *waiter = queue->waiters; waiter; waiter = waiter->next) {
        if (id.len == 0 || ar_str_eq(waiter->id, id)) {
            waiter->look = any = true;
        }
    }
    if (any) {
        pthread_cond_broadcast(&queue->ended);
    }
    ar_watches_tell(&queue->watches, id);
}

static void tell_missed(struct ar_queue *queue)
{
    queue->submitted_count++;
    queue->cancel_count++;
    pthread_cond_broadcast(&queue->submitted);
    tell_ended(queue, AR_STR(""));
    ar_keeper_missed(queue);
}

/* A note of the database (store.h). */
static void hear(void *context, struct arras_str note)
{
    struct ar_queue *queue = context;
    struct arras_str id = ar_str_from(note, note.len ? 1 : 0);
    pthread_mutex_lock(&queue->lock);
    switch (note.len ? note.ptr[0] : '\0') {
    case 'q':
        tell_submitted(queue);
        break;
    case 'e':
        tell_ended(queue, id);
        break;
    case 'r':
        ar_keeper_redacts(queue);
        break;
    case 'c':
        if (!ar_queue_signal(queue, id)) {
            queue->cancel_count++;
        }
        ar_watches_tell(&queue->watches, id);
        break;
    default:
        tell_missed(queue);
        break;
    }
    pthread_mutex_unlock(&queue->lock);
}

enum arras_status ar_queue_join(struct ar_queue *queue, const struct ar_worker_process *process,
                                struct ar_diags *diags)
{
    if (!ar_store_shared(queue->store)) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_store_workers_join(queue->store, process, diags);
    if (status == ARRAS_OK) {
        pthread_mutex_lock(&queue->lock);
        queue->process = process;
        pthread_mutex_unlock(&queue->lock);
    }
    return status;
}

static void destroy(struct ar_queue *queue)
{
    ar_watches_release(&queue->watches);
    pthread_cond_destroy(&queue->keeper.changed);
    pthread_cond_destroy(&queue->ended);
    pthread_cond_destroy(&queue->submitted);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

enum arras_status ar_queue_new(struct ar_store *store, struct ar_queue **ret)
{
    struct ar_queue *queue = calloc(1, sizeof(*queue));
    if (!queue) {
        return ARRAS_NO_MEMORY;
    }
    queue->store = store;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->submitted, NULL);
    pthread_cond_init(&queue->ended, &monotonic);
    pthread_cond_init(&queue->keeper.changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    ar_watches_init(&queue->watches);
    ar_queue_configure(queue, NULL, 0);
    enum arras_status status = ar_keeper_start(queue);
    if (status == ARRAS_OK) {
        status = ar_store_listen(store, hear, queue);
    }
    if (status) {
        ar_queue_close(queue);
        ar_keeper_stop(queue);
        destroy(queue);
        return status;
    }
    *ret = queue;
    return ARRAS_OK;
}

void ar_queue_configure(struct ar_queue *queue, const char *tags, int64_t lease_seconds)
{
    pthread_mutex_lock(&queue->lock);
    queue->tags = tags;
    if (ar_store_shared(queue->store)) {
        queue->lease = (lease_seconds ? lease_seconds : AR_JOB_LEASE_SECONDS) * 1000000;
        ar_keeper_missed(queue);
    }
    pthread_mutex_unlock(&queue->lock);
}

void ar_queue_observe(struct ar_queue *queue, struct ar_telemetry *telemetry)
{
    pthread_mutex_lock(&queue->lock);
    queue->telemetry = telemetry;
    pthread_mutex_unlock(&queue->lock);
}

static void taken_free(struct ar_taken *taken)
{
    if (taken->cancel_fd >= 0) {
        close(taken->cancel_fd);
    }
    free(taken);
}

void ar_queue_free(struct ar_queue *queue)
{
    if (!queue) {
        return;
    }
    ar_store_listen(queue->store, NULL, NULL);
    ar_queue_close(queue);
    pthread_mutex_lock(&queue->lock);
    while (queue->taken) {
        struct ar_taken *next = queue->taken->next;
        taken_free(queue->taken);
        queue->taken = next;
    }
    pthread_cond_signal(&queue->keeper.changed);
    pthread_mutex_unlock(&queue->lock);
    ar_keeper_stop(queue);
    destroy(queue);
}

static enum arras_status fill_in(struct ar_queue *queue, struct ar_job *job, struct ar_arena *arena)
{
    int64_t now = ar_store_now(queue->store);
    job->created_at = now;
    job->state = AR_JOB_QUEUED;
    if (!job->scheduled_for) {
        job->scheduled_for = now;
    }
    if (job->id.len) {
        return ARRAS_OK;
    }
    char id[AR_UUID_LENGTH + 1];
    pthread_mutex_lock(&queue->lock);
    enum arras_status status = ar_uuid_next(&queue->uuids, now, id);
    pthread_mutex_unlock(&queue->lock);
    if (status) {
        return status;
    }
    return ar_str_copy(ar_str_z(id), arena, &job->id) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_queue_submit(struct ar_queue *queue, struct ar_job *job,
                                  struct ar_arena *arena, struct ar_diags *diags)
{
    struct ar_job filled = *job;
    enum arras_status status = fill_in(queue, &filled, arena);
    if (status) {
        return ar_error(diags, status, "submit", NULL, 0, "no id for the job: %s",
                        arras_status_meaning(status));
    }
    status = ar_store_job_add(queue->store, &filled, diags);
    if (status == ARRAS_OK) {
        *job = filled;
    }
    return status;
}

enum arras_status ar_queue_submit_all(struct ar_queue *queue, struct ar_job *jobs, size_t count,
                                      struct ar_arena *arena, struct ar_diags *diags)
{
    for (size_t i = 0; i < count; i++) {
        enum arras_status status = fill_in(queue, &jobs[i], arena);
        if (status) {
            return ar_error(diags, status, "submit", NULL, 0, "no id for the job: %s",
                            arras_status_meaning(status));
        }
    }
    return ar_store_jobs_add(queue->store, jobs, NULL, count, diags);
}

/* `since`: before it was asked for, by the monotonic clock. */
static enum arras_status add_taken(struct ar_queue *queue, const struct ar_job *job, int64_t since,
                                   struct ar_diags *diags)
{
    struct ar_taken *taken = calloc(1, sizeof(*taken) + job->id.len + job->worker.len);
    if (!taken) {
        return ar_no_memory(diags);
    }
    memcpy(taken->bytes, job->id.ptr, job->id.len);
    memcpy(taken->bytes + job->id.len, job->worker.ptr, job->worker.len);
    taken->id = (struct arras_str){taken->bytes, job->id.len};
    taken->worker = (struct arras_str){taken->bytes + job->id.len, job->worker.len};
    taken->attempt = job->attempt;
    taken->lease_end = queue->lease ? since + queue->lease * 1000 : INT64_MAX;
    taken->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (taken->cancel_fd < 0) {
        int trouble = errno;
        taken_free(taken);
        return ar_error(diags, ARRAS_IO, "job", NULL, 0, "cannot make an event descriptor: %s",
                        strerror(trouble));
    }
    taken->next = queue->taken;
    queue->taken = taken;
    ar_keeper_taken(queue);
    return ARRAS_OK;
}

static struct ar_taken **find_taken(struct ar_queue *queue, struct arras_str id)
{
    struct ar_taken **at = &queue->taken;
    while (*at && !ar_str_eq((*at)->id, id)) {
        at = &(*at)->next;
    }
    return at;
}

bool ar_queue_signal(struct ar_queue *queue, struct arras_str id)
{
    struct ar_taken *taken = *find_taken(queue, id);
    return taken && eventfd_write(taken->cancel_fd, 1) == 0;
}

/* A cancellation was noted while the job was being claimed: it may have been this one's. */
static enum arras_status look_for_cancel(struct ar_queue *queue, struct ar_arena *arena,
                                         struct ar_diags *diags, struct ar_job *job)
{
    struct ar_job stored;
    enum arras_status status =
        ar_store_job_get(queue->store, job->workspace, job->id, arena, diags, &stored);
    if (status == ARRAS_OK && stored.cancel_requested) {
        job->cancel_requested = true;
        job->canceled_by = stored.canceled_by;
        job->canceled_reason = stored.canceled_reason;
    }
    return ARRAS_OK; /* where it cannot be told now, a renewal of the lease tells it */
}

/* Now and then, where jobs are asked for. A failure is left to the next time. */
static void repair_schedules(struct ar_queue *queue)
{
    size_t without = 0;
    int64_t time = ar_clock_now(ar_clock_system());
    pthread_mutex_lock(&queue->lock);
    bool due = time >= queue->repair_at;
    if (due) {
        queue->repair_at = time + AR_SCHEDULE_REPAIR_SECONDS * AR_SECOND;
    }
    pthread_mutex_unlock(&queue->lock);
    if (!due) {
        return;
    }
    enum arras_status status =
        ar_store_schedules_repair(queue->store, ar_store_now(queue->store), NULL, &without);
    if (status) {
        ar_tell_trouble(queue->telemetry, "store_trouble", NULL, status);
    } else if (without) {
        char text[32];
        snprintf(text, sizeof(text), "%zu", without);
        const struct arras_str schedules = ar_str_z(text);
        ar_tell(queue->telemetry, ARRAS_LOG_WARNING, "schedules_stuck", "schedules", &schedules,
                NULL);
    }
    pthread_mutex_lock(&queue->lock);
    queue->repairing = status || without;
    pthread_mutex_unlock(&queue->lock);
}

/* NOT_FOUND: nothing is due, queue->next_due says when something is. */
static enum arras_status claim(struct ar_queue *queue, struct arras_str worker,
                               struct ar_arena *arena, struct ar_diags *diags, struct ar_job *ret)
{
    int64_t next = 0;
    pthread_mutex_lock(&queue->lock);
    uint64_t seen = queue->cancel_count;
    struct ar_claim claim = {.worker = worker,
                             .tags = queue->tags ? ar_str_z(queue->tags) : AR_STR(""),
                             .lease = queue->lease};
    pthread_mutex_unlock(&queue->lock);
    int64_t since = ar_clock_now(ar_clock_system());
    claim.now = ar_store_now(queue->store);
    enum arras_status status = ar_store_job_claim(queue->store, &claim, arena, diags, ret, &next);
    pthread_mutex_lock(&queue->lock);
    if (status == ARRAS_NOT_FOUND) {
        queue->next_due = next;
    }
    bool may_be_canceled = queue->cancel_count != seen;
    enum arras_status added = status ? status : add_taken(queue, ret, since, diags);
    pthread_mutex_unlock(&queue->lock);
    if (status) {
        return status;
    }
    if (added) {
        /* cannot run it: another one may, or this one later */
        enum arras_status back = ar_store_job_requeue(queue->store, ret, diags);
        return back ? back : added;
    }
    ar_watches_tell(&queue->watches, ret->id);
    return may_be_canceled ? look_for_cancel(queue, arena, diags, ret) : ARRAS_OK;
}

/* How long there is nothing to do unless a job is queued, microseconds; -1: for ever. The lock
 * held. */
static int64_t idle_time(const struct ar_queue *queue)
{
    int64_t left = -1;
    if (queue->repairing) {
        left = (queue->repair_at - ar_clock_now(ar_clock_system())) / 1000;
        left = left > PAUSE ? left : PAUSE;
    }
    if (queue->next_due) {
        int64_t due = queue->next_due - ar_store_now(queue->store);
        /* one that is due already is being claimed by someone else, who may fail */
        due = due > PAUSE ? due : PAUSE;
        left = left < 0 || due < left ? due : left;
    }
    return left;
}

/* Until a job was queued since `seen`, or is due. The lock held. */
static void wait_submitted(struct ar_queue *queue, uint64_t seen)
{
    if (queue->closed || queue->submitted_count != seen) {
        return;
    }
    queue->waiting++;
    int64_t left = idle_time(queue);
    if (left >= 0) {
        int64_t until = ar_clock_wall(ar_clock_system()) + left;
        struct timespec time = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
        pthread_cond_timedwait(&queue->submitted, &queue->lock, &time);
    } else {
        pthread_cond_wait(&queue->submitted, &queue->lock);
    }
    queue->waiting--;
}

enum arras_status ar_queue_take(struct ar_queue *queue, struct arras_str worker,
                                struct ar_arena *arena, struct ar_diags *diags, struct ar_job *ret)
{
    enum arras_status status = ARRAS_INTERRUPTED;
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed) {
        uint64_t seen = queue->submitted_count;
        pthread_mutex_unlock(&queue->lock);
        repair_schedules(queue);
        status = claim(queue, worker, arena, diags, ret);
        pthread_mutex_lock(&queue->lock);
        if (status != ARRAS_NOT_FOUND) {
            break;
        }
        wait_submitted(queue, seen);
        status = ARRAS_INTERRUPTED;
    }
    /* who leaves may have been the only one that waited for just the next scheduled time */
    if ((queue->next_due || queue->repairing) && queue->waiting) {
        pthread_cond_signal(&queue->submitted);
    }
    pthread_mutex_unlock(&queue->lock);
    return status;
}

int ar_queue_cancel_fd(struct ar_queue *queue, struct arras_str id)
{
    pthread_mutex_lock(&queue->lock);
    struct ar_taken *taken = *find_taken(queue, id);
    int fd = taken ? taken->cancel_fd : -1;
    pthread_mutex_unlock(&queue->lock);
    return fd;
}

int64_t ar_queue_lease_end(struct ar_queue *queue, struct arras_str id)
{
    pthread_mutex_lock(&queue->lock);
    const struct ar_taken *taken = *find_taken(queue, id);
    int64_t end = taken ? taken->lease_end : INT64_MAX, third = queue->lease * 1000 / 3;
    pthread_mutex_unlock(&queue->lock);
    const int64_t ending = 2 * AR_JOB_KILL_MILLISECONDS * AR_MILLISECOND;
    return end == INT64_MAX ? end : end - (third < ending ? third : ending);
}

/* Unless it was the database that failed. */
static void forget_taken(struct ar_queue *queue, struct arras_str id, enum arras_status status)
{
    if (ar_queue_may_succeed(status)) {
        return;
    }
    pthread_mutex_lock(&queue->lock);
    struct ar_taken **at = find_taken(queue, id);
    struct ar_taken *taken = *at;
    if (taken) {
        *at = taken->next;
        taken_free(taken);
    }
    ar_keeper_ended(queue);
    pthread_mutex_unlock(&queue->lock);
}

enum arras_status ar_queue_complete(struct ar_queue *queue, const struct ar_job *job,
                                    struct ar_diags *diags)
{
    enum arras_status status = ar_store_job_complete(queue->store, job, diags);
    forget_taken(queue, job->id, status);
    return status;
}

enum arras_status ar_queue_put_back(struct ar_queue *queue, const struct ar_job *job,
                                    struct ar_diags *diags)
{
    enum arras_status status = ar_store_job_requeue(queue->store, job, diags);
    forget_taken(queue, job->id, status);
    ar_watches_tell(&queue->watches, job->id);
    return status;
}

void ar_queue_watch(struct ar_queue *queue, struct ar_watch *watch)
{
    ar_watch_add(&queue->watches, watch);
    pthread_mutex_lock(&queue->lock);
    if (watch->progress) {
        ar_keeper_watched(queue);
    }
    pthread_mutex_unlock(&queue->lock);
}

void ar_queue_unwatch(struct ar_queue *queue, struct ar_watch *watch)
{
    ar_watch_remove(&queue->watches, watch);
}

void ar_queue_log_grew(struct ar_queue *queue, struct arras_str id)
{
    ar_watches_tell(&queue->watches, id);
}

/* Until the job may have ended; false when the time is over. The lock held. */
static bool wait_ended(struct ar_queue *queue, const struct ar_waiter *waiter, int64_t until)
{
    struct timespec deadline = {.tv_sec = until / AR_SECOND, .tv_nsec = until % AR_SECOND};
    while (!waiter->look && !queue->closed) {
        if (pthread_cond_timedwait(&queue->ended, &queue->lock, &deadline) == ETIMEDOUT) {
            return false;
        }
    }
    return true;
}

static void remove_waiter(struct ar_queue *queue, struct ar_waiter *waiter)
{
    struct ar_waiter **at = &queue->waiters;
    while (*at != waiter) {
        at = &(*at)->next;
    }
    *at = waiter->next;
}

enum arras_status ar_queue_wait(struct ar_queue *queue, struct arras_str workspace,
                                struct arras_str id, int64_t until, struct ar_arena *arena,
                                struct ar_diags *diags, struct ar_job *ret)
{
    struct ar_mark mark = ar_arena_mark(arena);
    enum arras_status status = ARRAS_OK;
    pthread_mutex_lock(&queue->lock);
    struct ar_waiter waiter = {.next = queue->waiters, .id = id};
    queue->waiters = &waiter;
    for (bool more = true;; more = wait_ended(queue, &waiter, until)) {
        if (queue->closed) {
            status = ARRAS_INTERRUPTED;
            break;
        }
        waiter.look = false; /* before it is asked for: what ends meanwhile is looked at again */
        pthread_mutex_unlock(&queue->lock);
        ar_arena_rewind(arena, mark);
        status = ar_store_job_get(queue->store, workspace, id, arena, diags, ret);
        pthread_mutex_lock(&queue->lock);
        if (status || ret->state > AR_JOB_RUNNING || !more) {
            break;
        }
    }
    remove_waiter(queue, &waiter);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

void ar_queue_close(struct ar_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->submitted);
    pthread_cond_broadcast(&queue->ended);
    pthread_cond_broadcast(&queue->keeper.changed);
    pthread_mutex_unlock(&queue->lock);
}
