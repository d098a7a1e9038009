/* An HTTP server for tests: answers requests with what a script says, byte for byte. A thread for
 * each connection, on a loopback port that the system picks. */
#ifndef AR_TEST_SCRIPT_SERVER_H
#define AR_TEST_SCRIPT_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

enum script_end {
    SCRIPT_KEEP,  /* go on with the next request of the connection */
    SCRIPT_CLOSE, /* close it */
    SCRIPT_HOLD   /* leave it open without a further word until the client closes */
};

struct script_answer {
    const char *bytes;
    size_t len; /* 0: of the string `bytes` */
    enum script_end end;
};

enum { SCRIPT_CONNECTIONS = 256 };

struct script_server {
    const struct script_answer *answers; /* by the number of the request; the last repeats */
    size_t answer_count;
    int listener;
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    struct ar_buf seen;   /* all requests, one after the other */
    size_t request_count, connection_count;
    pthread_t threads[SCRIPT_CONNECTIONS];
};

void script_start(struct script_server *server, const struct script_answer *answers, size_t count);
/* Waits for every connection to end: the client must have closed its own. */
void script_stop(struct script_server *server);

#endif
