/* Connections whose answer is not there yet: suspended in libmicrohttpd, so that they hold no
 * thread, and watched by one thread for clients that go away and for times that pass. Within
 * http_server.c only. */
#ifndef AR_NET_HTTP_WAIT_H
#define AR_NET_HTTP_WAIT_H

#include <microhttpd.h>
#include "base/diag.h"

struct ar_waits;

/* One connection's; part of its exchange. Guarded by the lock of the waits but where noted. */
struct ar_wait {
    struct ar_waits *waits;
    struct MHD_Connection *connection;
    struct ar_wait *next, *previous; /* among those that are suspended */
    uint64_t number;
    int64_t until;
    int socket;
    bool suspended;
    bool woken; /* since ar_wait_begin */
    bool gone;  /* the client closed its connection; read on a server thread that runs it */
};

enum arras_status ar_waits_new(struct ar_diags *diags, struct ar_waits **ret) ARRAS_CHECKED;
/* Resumes all, for the last time: from now on nothing is suspended. */
void ar_waits_stop(struct ar_waits *waits);
/* After libmicrohttpd was stopped. NULL is allowed. */
void ar_waits_free(struct ar_waits *waits);

void ar_wait_init(struct ar_wait *wait, struct ar_waits *waits, struct MHD_Connection *connection);
/* Before the question whether to wait is asked: what wakes from here on is not missed. */
void ar_wait_begin(struct ar_wait *wait);
/* Suspends the connection, from within its own callback, until it is woken, its client is gone, or
 * the monotonic clock says `until`. False where that has happened already: ask again. */
bool ar_wait_suspend(struct ar_wait *wait, int64_t until) ARRAS_CHECKED;
/* On any thread, while the exchange lives. */
void ar_wait_wake(struct ar_wait *wait);
bool ar_waits_stopping(struct ar_waits *waits);

#endif
