/* Who wants to be told when something about a job has changed: it was started, put back or ended,
 * was asked to end, or its log grew. Any thread. */
#ifndef AR_JOBS_WATCH_H
#define AR_JOBS_WATCH_H

#include <pthread.h>
#include "base/str.h"

struct ar_watch {
    struct arras_str job; /* borrowed */
    bool progress;        /* wants to be told of more than the end, also where the job runs in
                             another process: then now and then, whether something happened or not */
    /* Called on the thread that made the change, with locks held: it may wake somebody, nothing
     * more. */
    void (*tell)(void *context);
    void *context;
    struct ar_watch *next, *previous; /* the list's */
};

struct ar_watches {
    pthread_mutex_t lock;
    struct ar_watch *list;
};

void ar_watches_init(struct ar_watches *watches);
void ar_watches_release(struct ar_watches *watches);
/* The caller's struct, until it is removed; `tell` is not running once that has returned. */
void ar_watch_add(struct ar_watches *watches, struct ar_watch *watch);
void ar_watch_remove(struct ar_watches *watches, struct ar_watch *watch);
/* Those of the job; of every job where it is empty. */
void ar_watches_tell(struct ar_watches *watches, struct arras_str job);
/* Those that want progress; false where there are none. */
bool ar_watches_tell_progress(struct ar_watches *watches);

#endif
