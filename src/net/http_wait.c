#include "net/http_wait.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"

struct ar_waits {
    pthread_t thread;
    pthread_mutex_t lock;
    int epoll;            /* the sockets of those that are suspended, and: */
    int changed;          /* an event descriptor: look at the times again */
    struct ar_wait *list; /* suspended */
    uint64_t numbers;
    int64_t next; /* the least of `until`, as the thread knows it */
    bool stopping, ended, started;
};

enum { NUMBER_CHANGED = 0, EVENTS = 64 };

static void unlink_wait(struct ar_waits *waits, struct ar_wait *wait)
{
    if (wait->previous) {
        wait->previous->next = wait->next;
    } else {
        waits->list = wait->next;
    }
    if (wait->next) {
        wait->next->previous = wait->previous;
    }
    wait->next = wait->previous = NULL;
}

/* The lock held. The socket leaves the set before libmicrohttpd can close it. */
static void resume(struct ar_wait *wait)
{
    wait->woken = true;
    if (wait->suspended) {
        wait->suspended = false;
        unlink_wait(wait->waits, wait);
        epoll_ctl(wait->waits->epoll, EPOLL_CTL_DEL, wait->socket, NULL);
        MHD_resume_connection(wait->connection);
    }
}

/* An event may be of a connection that was resumed meanwhile: numbers are not used twice. */
static void client_gone(struct ar_waits *waits, uint64_t number)
{
    struct ar_wait *wait = waits->list;
    while (wait && wait->number != number) {
        wait = wait->next;
    }
    if (wait) {
        wait->gone = true;
        resume(wait);
    }
}

static void resume_due(struct ar_waits *waits)
{
    int64_t now = ar_clock_now(ar_clock_system());
    waits->next = INT64_MAX;
    for (struct ar_wait *wait = waits->list, *next; wait; wait = next) {
        next = wait->next;
        if (wait->until <= now) {
            resume(wait);
        } else if (wait->until < waits->next) {
            waits->next = wait->until;
        }
    }
}

static int milliseconds_to(int64_t until)
{
    int64_t left = until - ar_clock_now(ar_clock_system());
    if (until == INT64_MAX) {
        return -1;
    }
    return left <= 0                           ? 0
           : left / AR_MILLISECOND < INT32_MAX ? (int)(left / AR_MILLISECOND) + 1
                                               : INT32_MAX;
}

static void *watch(void *context)
{
    struct ar_waits *waits = context;
    struct epoll_event events[EVENTS];
    int64_t next = INT64_MAX;
    for (bool ended = false; !ended;) {
        int count = epoll_wait(waits->epoll, events, EVENTS, milliseconds_to(next));
        pthread_mutex_lock(&waits->lock);
        for (int i = 0; i < count; i++) {
            eventfd_t value;
            if (events[i].data.u64 == NUMBER_CHANGED) {
                eventfd_read(waits->changed, &value);
            } else {
                client_gone(waits, events[i].data.u64);
            }
        }
        resume_due(waits);
        next = waits->next;
        ended = waits->ended;
        pthread_mutex_unlock(&waits->lock);
    }
    return NULL;
}

static bool start(struct ar_waits *waits)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = NUMBER_CHANGED};
    if (waits->epoll < 0 || waits->changed < 0 ||
        epoll_ctl(waits->epoll, EPOLL_CTL_ADD, waits->changed, &event) < 0) {
        return false;
    }
    sigset_t all, before; /* signals are the caller's to handle */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&waits->thread, NULL, watch, waits);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    waits->started = errno == 0;
    return waits->started;
}

enum arras_status ar_waits_new(struct ar_diags *diags, struct ar_waits **ret)
{
    struct ar_waits *waits = calloc(1, sizeof(*waits));
    if (!waits) {
        return ar_no_memory(diags);
    }
    pthread_mutex_init(&waits->lock, NULL);
    waits->next = INT64_MAX;
    waits->epoll = epoll_create1(EPOLL_CLOEXEC);
    waits->changed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!start(waits)) {
        enum arras_status status =
            ar_error(diags, ARRAS_IO, "server-start", NULL, 0,
                     "the HTTP server could not be started: %s", strerror(errno));
        ar_waits_free(waits);
        return status;
    }
    *ret = waits;
    return ARRAS_OK;
}

void ar_waits_stop(struct ar_waits *waits)
{
    pthread_mutex_lock(&waits->lock);
    waits->stopping = true;
    while (waits->list) {
        resume(waits->list);
    }
    pthread_mutex_unlock(&waits->lock);
}

bool ar_waits_stopping(struct ar_waits *waits)
{
    pthread_mutex_lock(&waits->lock);
    bool stopping = waits->stopping;
    pthread_mutex_unlock(&waits->lock);
    return stopping;
}

void ar_waits_free(struct ar_waits *waits)
{
    if (!waits) {
        return;
    }
    if (waits->started) {
        pthread_mutex_lock(&waits->lock);
        waits->ended = true;
        pthread_mutex_unlock(&waits->lock);
        eventfd_write(waits->changed, 1);
        pthread_join(waits->thread, NULL);
    }
    if (waits->epoll >= 0) {
        close(waits->epoll);
    }
    if (waits->changed >= 0) {
        close(waits->changed);
    }
    pthread_mutex_destroy(&waits->lock);
    free(waits);
}

void ar_wait_init(struct ar_wait *wait, struct ar_waits *waits, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *wait = (struct ar_wait){.waits = waits, .connection = connection};
    wait->socket = info ? info->connect_fd : -1;
}

void ar_wait_begin(struct ar_wait *wait)
{
    pthread_mutex_lock(&wait->waits->lock);
    wait->woken = false;
    pthread_mutex_unlock(&wait->waits->lock);
}

/* The lock held. EPOLLRDHUP without EPOLLIN: what the client sends ahead is no news. */
static bool add(struct ar_waits *waits, struct ar_wait *wait)
{
    wait->number = ++waits->numbers;
    struct epoll_event event = {.events = EPOLLRDHUP, .data.u64 = wait->number};
    if (epoll_ctl(waits->epoll, EPOLL_CTL_ADD, wait->socket, &event) < 0) {
        return false;
    }
    wait->next = waits->list;
    if (wait->next) {
        wait->next->previous = wait;
    }
    waits->list = wait;
    return true;
}

bool ar_wait_suspend(struct ar_wait *wait, int64_t until)
{
    struct ar_waits *waits = wait->waits;
    pthread_mutex_lock(&waits->lock);
    bool suspend = !wait->woken && !waits->stopping;
    if (suspend && !add(waits, wait)) {
        wait->gone = true; /* as good as: it cannot be watched */
        suspend = false;
    }
    bool sooner = suspend && until < waits->next;
    if (suspend) {
        wait->until = until;
        wait->suspended = true;
        MHD_suspend_connection(wait->connection);
    }
    pthread_mutex_unlock(&waits->lock);
    if (sooner) {
        eventfd_write(waits->changed, 1);
    }
    return suspend;
}

void ar_wait_wake(struct ar_wait *wait)
{
    pthread_mutex_lock(&wait->waits->lock);
    resume(wait);
    pthread_mutex_unlock(&wait->waits->lock);
}
