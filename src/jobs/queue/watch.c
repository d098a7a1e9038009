#include "jobs/queue/watch.h"

void ar_watches_init(struct ar_watches *watches)
{
    pthread_mutex_init(&watches->lock, NULL);
    watches->list = NULL;
}

void ar_watches_release(struct ar_watches *watches)
{
    pthread_mutex_destroy(&watches->lock);
}

void ar_watch_add(struct ar_watches *watches, struct ar_watch *watch)
{
    pthread_mutex_lock(&watches->lock);
    watch->previous = NULL;
    watch->next = watches->list;
    if (watch->next) {
        watch->next->previous = watch;
    }
    watches->list = watch;
    pthread_mutex_unlock(&watches->lock);
}

void ar_watch_remove(struct ar_watches *watches, struct ar_watch *watch)
{
    pthread_mutex_lock(&watches->lock);
    if (watch->previous) {
        watch->previous->next = watch->next;
    } else {
        watches->list = watch->next;
    }
    if (watch->next) {
        watch->next->previous = watch->previous;
    }
    pthread_mutex_unlock(&watches->lock);
}

void ar_watches_tell(struct ar_watches *watches, struct arras_str job)
{
    pthread_mutex_lock(&watches->lock);
    for (struct ar_watch *watch = watches->list; watch; watch = watch->next) {
        if (job.len == 0 || ar_str_eq(watch->job, job)) {
            watch->tell(watch->context);
        }
    }
    pthread_mutex_unlock(&watches->lock);
}

bool ar_watches_tell_progress(struct ar_watches *watches)
{
    bool any = false;
    pthread_mutex_lock(&watches->lock);
    for (struct ar_watch *watch = watches->list; watch; watch = watch->next) {
        if (watch->progress) {
            watch->tell(watch->context);
            any = true;
        }
    }
    pthread_mutex_unlock(&watches->lock);
    return any;
}
