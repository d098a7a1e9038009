/* Connections that were accepted elsewhere, by who brought them: so that none brings too many. */
#ifndef AR_NET_HTTP_ADOPTED_H
#define AR_NET_HTTP_ADOPTED_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct ar_adopted {
    pthread_mutex_t mutex;
    struct ar_adopted_connection *list;
    size_t count, room;
};

void ar_adopted_init(struct ar_adopted *adopted);
void ar_adopted_release(struct ar_adopted *adopted);
/* False where the owner has `most` already, or memory ran out. Any thread, as the next. */
bool ar_adopted_add(struct ar_adopted *adopted, const void *owner, int fd, size_t most);
/* The descriptor is about to be closed; nothing where it was not added. */
void ar_adopted_remove(struct ar_adopted *adopted, int fd);

#endif
