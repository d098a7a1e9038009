#include "net/http_adopted.h"
#include <stdlib.h>

struct ar_adopted_connection {
    const void *owner;
    int fd;
};

void ar_adopted_init(struct ar_adopted *adopted)
{
    *adopted = (struct ar_adopted){.list = NULL};
    pthread_mutex_init(&adopted->mutex, NULL);
}

void ar_adopted_release(struct ar_adopted *adopted)
{
    pthread_mutex_destroy(&adopted->mutex);
    free(adopted->list);
}

static bool make_room(struct ar_adopted *adopted)
{
    if (adopted->count < adopted->room) {
        return true;
    }
    size_t room = adopted->room ? 2 * adopted->room : 16;
    struct ar_adopted_connection *list = realloc(adopted->list, room * sizeof(*list));
    if (list) {
        adopted->list = list;
        adopted->room = room;
    }
    return list != NULL;
}

bool ar_adopted_add(struct ar_adopted *adopted, const void *owner, int fd, size_t most)
{
    size_t count = 0;
    pthread_mutex_lock(&adopted->mutex);
    for (size_t i = 0; i < adopted->count; i++) {
        count += adopted->list[i].owner == owner;
    }
    bool added = count < most && make_room(adopted);
    if (added) {
        adopted->list[adopted->count++] = (struct ar_adopted_connection){owner, fd};
    }
    pthread_mutex_unlock(&adopted->mutex);
    return added;
}

void ar_adopted_remove(struct ar_adopted *adopted, int fd)
{
    pthread_mutex_lock(&adopted->mutex);
    for (size_t i = 0; i < adopted->count; i++) {
        if (adopted->list[i].fd == fd) {
            adopted->list[i] = adopted->list[--adopted->count];
            break;
        }
    }
    pthread_mutex_unlock(&adopted->mutex);
}
