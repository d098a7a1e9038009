#include "jobs/queue.h"
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "jobs/canceled.h"
#include "jobs/uuid.h"

/* A job that runs here. */
struct taken {
    struct taken *next;
    int cancel_fd;
    size_t id_len;
    char id[];
};

struct ar_queue {
    struct ar_store *store;
    /* Held around each claim, so that a job is either still queued, or in `taken`, for all who hold
     * it; and from a claim that found nothing to the wait, so that no wake is missed. */
    pthread_mutex_t lock;
    pthread_cond_t submitted; /* by the wall clock, which scheduled times are of */
    pthread_cond_t ended;     /* by the monotonic clock */
    size_t waiting;           /* in take */
    uint64_t ended_count;
    bool closed;
    int64_t next_due; /* what the newest claim that found nothing said, 0: nothing is scheduled */
    struct ar_uuid_clock uuids;
    struct taken *taken;
    struct ar_watches watches;
};

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
    pthread_condattr_destroy(&monotonic);
    ar_watches_init(&queue->watches);
    *ret = queue;
    return ARRAS_OK;
}

static void taken_free(struct taken *taken)
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
    while (queue->taken) {
        struct taken *next = queue->taken->next;
        taken_free(queue->taken);
        queue->taken = next;
    }
    ar_watches_release(&queue->watches);
    pthread_cond_destroy(&queue->ended);
    pthread_cond_destroy(&queue->submitted);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static enum arras_status fill_in(struct ar_queue *queue, struct ar_job *job, struct ar_arena *arena)
{
    int64_t now = ar_clock_wall(ar_clock_system());
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
    if (status) {
        return status;
    }
    *job = filled;
    pthread_mutex_lock(&queue->lock);
    pthread_cond_signal(&queue->submitted);
    pthread_mutex_unlock(&queue->lock);
    return ARRAS_OK;
}

static enum arras_status add_taken(struct ar_queue *queue, struct arras_str id,
                                   struct ar_diags *diags)
{
    struct taken *taken = calloc(1, sizeof(*taken) + id.len);
    if (!taken) {
        return ar_no_memory(diags);
    }
    taken->id_len = id.len;
    memcpy(taken->id, id.ptr, id.len);
    taken->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (taken->cancel_fd < 0) {
        int trouble = errno;
        taken_free(taken);
        return ar_error(diags, ARRAS_IO, "job", NULL, 0, "cannot make an event descriptor: %s",
                        strerror(trouble));
    }
    taken->next = queue->taken;
    queue->taken = taken;
    return ARRAS_OK;
}

static struct taken **find_taken(struct ar_queue *queue, struct arras_str id)
{
    struct taken **at = &queue->taken;
    while (*at && !ar_str_eq((struct arras_str){(*at)->id, (*at)->id_len}, id)) {
        at = &(*at)->next;
    }
    return at;
}

/* A claim, the lock held. NOT_FOUND: nothing is due, queue->next_due says when something is. */
static enum arras_status claim(struct ar_queue *queue, struct arras_str worker,
                               struct ar_arena *arena, struct ar_diags *diags, struct ar_job *ret)
{
    int64_t now = ar_clock_wall(ar_clock_system());
    enum arras_status status =
        ar_store_job_claim(queue->store, worker, now, arena, diags, ret, &queue->next_due);
    if (status) {
        return status;
    }
    status = add_taken(queue, ret->id, diags);
    if (status) {
        /* cannot run it: another one may, or this one later */
        enum arras_status back = ar_store_job_requeue(queue->store, ret, diags);
        return back ? back : status;
    }
    ar_watches_tell(&queue->watches, ret->id);
    return ARRAS_OK;
}

static void wait_submitted(struct ar_queue *queue)
{
    queue->waiting++;
    if (queue->next_due) {
        struct timespec until = {.tv_sec = queue->next_due / 1000000,
                                 .tv_nsec = queue->next_due % 1000000 * 1000};
        pthread_cond_timedwait(&queue->submitted, &queue->lock, &until);
    } else {
        pthread_cond_wait(&queue->submitted, &queue->lock);
    }
    queue->waiting--;
}

enum arras_status ar_queue_take(struct ar_queue *queue, struct arras_str worker,
                                struct ar_arena *arena, struct ar_diags *diags, struct ar_job *ret)
{
    pthread_mutex_lock(&queue->lock);
    enum arras_status status = ARRAS_INTERRUPTED;
    while (!queue->closed) {
        status = claim(queue, worker, arena, diags, ret);
        if (status != ARRAS_NOT_FOUND) {
            break;
        }
        wait_submitted(queue);
        status = ARRAS_INTERRUPTED;
    }
    /* who leaves may have been the only one that waited for just the next scheduled time */
    if (queue->next_due && queue->waiting) {
        pthread_cond_signal(&queue->submitted);
    }
    pthread_mutex_unlock(&queue->lock);
    return status;
}

/* Tells those in ar_queue_wait, and who watches the job; the lock held. */
static void tell_ended(struct ar_queue *queue, struct arras_str id)
{
    queue->ended_count++;
    pthread_cond_broadcast(&queue->ended);
    ar_watches_tell(&queue->watches, id);
}

static enum arras_status cancel_queued(struct ar_queue *queue, struct ar_job *job,
                                       struct arras_str by, struct arras_str reason,
                                       struct ar_arena *arena, struct ar_diags *diags)
{
    struct arras_str line;
    job->state = AR_JOB_CANCELED;
    job->canceled_by = by;
    job->canceled_reason = reason;
    job->completed_at = ar_clock_wall(ar_clock_system());
    enum arras_status status = ar_job_canceled_result(by, reason, arena, &job->result);
    if (status == ARRAS_OK) {
        status = ar_job_canceled_log(by, arena, &line);
    }
    if (status) {
        return ar_no_memory(diags);
    }
    status = ar_store_job_complete(queue->store, job, diags);
    if (status == ARRAS_OK) {
        status = ar_store_log_append(queue->store, job->id, line, diags);
        tell_ended(queue, job->id);
    }
    return status;
}

static enum arras_status cancel_running(struct ar_queue *queue, const struct ar_job *job,
                                        struct arras_str by, struct arras_str reason,
                                        struct ar_diags *diags)
{
    enum arras_status status =
        ar_store_job_request_cancel(queue->store, job->workspace, job->id, by, reason, diags);
    struct taken *taken = *find_taken(queue, job->id);
    if (status == ARRAS_OK && taken && eventfd_write(taken->cancel_fd, 1) < 0) {
        return ar_error(diags, ARRAS_IO, "cancel", NULL, 0, "cannot wake the worker: %s",
                        strerror(errno));
    }
    return status;
}

enum arras_status ar_queue_cancel(struct ar_queue *queue, struct arras_str workspace,
                                  struct arras_str id, struct arras_str by, struct arras_str reason,
                                  struct ar_diags *diags)
{
    struct ar_arena arena;
    struct ar_job job = {0};
    ar_arena_init(&arena, 0);
    pthread_mutex_lock(&queue->lock);
    enum arras_status status = ar_store_job_get(queue->store, workspace, id, &arena, diags, &job);
    if (status == ARRAS_OK) {
        if (job.state == AR_JOB_QUEUED) {
            status = cancel_queued(queue, &job, by, reason, &arena, diags);
        } else if (job.state == AR_JOB_RUNNING) {
            status = cancel_running(queue, &job, by, reason, diags);
        } else {
            status = ARRAS_CONFLICT;
        }
    }
    pthread_mutex_unlock(&queue->lock);
    ar_arena_release(&arena);
    return status;
}

int ar_queue_cancel_fd(struct ar_queue *queue, struct arras_str id)
{
    pthread_mutex_lock(&queue->lock);
    struct taken *taken = *find_taken(queue, id);
    int fd = taken ? taken->cancel_fd : -1;
    pthread_mutex_unlock(&queue->lock);
    return fd;
}

static void forget_taken(struct ar_queue *queue, struct arras_str id)
{
    struct taken **at = find_taken(queue, id);
    struct taken *taken = *at;
    if (taken) {
        *at = taken->next;
        taken_free(taken);
    }
}

enum arras_status ar_queue_complete(struct ar_queue *queue, const struct ar_job *job,
                                    struct ar_diags *diags)
{
    enum arras_status status = ar_store_job_complete(queue->store, job, diags);
    pthread_mutex_lock(&queue->lock);
    forget_taken(queue, job->id);
    tell_ended(queue, job->id);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

enum arras_status ar_queue_put_back(struct ar_queue *queue, const struct ar_job *job,
                                    struct ar_diags *diags)
{
    enum arras_status status = ar_store_job_requeue(queue->store, job, diags);
    pthread_mutex_lock(&queue->lock);
    forget_taken(queue, job->id);
    pthread_cond_signal(&queue->submitted);
    ar_watches_tell(&queue->watches, job->id);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

void ar_queue_watch(struct ar_queue *queue, struct ar_watch *watch)
{
    ar_watch_add(&queue->watches, watch);
}

void ar_queue_unwatch(struct ar_queue *queue, struct ar_watch *watch)
{
    ar_watch_remove(&queue->watches, watch);
}

void ar_queue_log_grew(struct ar_queue *queue, struct arras_str id)
{
    ar_watches_tell(&queue->watches, id);
}

/* Until some job has ended since `seen`; false when the time is over. The lock held. */
static bool wait_ended(struct ar_queue *queue, uint64_t seen, int64_t until)
{
    struct timespec deadline = {.tv_sec = until / AR_SECOND, .tv_nsec = until % AR_SECOND};
    while (queue->ended_count == seen && !queue->closed) {
        if (pthread_cond_timedwait(&queue->ended, &queue->lock, &deadline) == ETIMEDOUT) {
            return false;
        }
    }
    return true;
}

enum arras_status ar_queue_wait(struct ar_queue *queue, struct arras_str workspace,
                                struct arras_str id, int64_t until, struct ar_arena *arena,
                                struct ar_diags *diags, struct ar_job *ret)
{
    struct ar_mark mark = ar_arena_mark(arena);
    bool more = true;
    for (;;) {
        pthread_mutex_lock(&queue->lock);
        uint64_t seen = queue->ended_count;
        bool closed = queue->closed;
        pthread_mutex_unlock(&queue->lock);
        if (closed) {
            return ARRAS_INTERRUPTED;
        }
        ar_arena_rewind(arena, mark);
        enum arras_status status = ar_store_job_get(queue->store, workspace, id, arena, diags, ret);
        if (status || ret->state > AR_JOB_RUNNING || !more) {
            return status;
        }
        pthread_mutex_lock(&queue->lock);
        more = wait_ended(queue, seen, until);
        pthread_mutex_unlock(&queue->lock);
    }
}

void ar_queue_close(struct ar_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->submitted);
    pthread_cond_broadcast(&queue->ended);
    pthread_mutex_unlock(&queue->lock);
}
