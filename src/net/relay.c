#include "net/relay.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/limits.h"
#include "net/http_adopted.h"
#include "net/origin.h"

/* The ends of a connection; flow i is what comes from end i. */
enum { JOB, SERVER, ENDS };

struct flow {
    size_t start, end; /* of what waits to be written */
    bool all;          /* nothing more comes */
    char bytes[AR_RELAY_BUFFER];
};

struct connection {
    int fds[ENDS];                  /* that of the server -1: there is none any more */
    const struct addrinfo *address; /* that is being tried, or was reached */
    bool connected;
    int64_t until; /* monotonic: the connection ends where nothing happens before */
    struct flow flows[ENDS];
};

struct ar_relay {
    pthread_t thread;
    int pipe[2]; /* descriptors of connections; -1: stop */
    struct addrinfo *addresses;
    struct ar_adopted adopted;
    size_t count;
    struct connection *list[AR_RELAY_CONNECTIONS];
    struct pollfd fds[1 + ENDS * AR_RELAY_CONNECTIONS];
};

static const char unreachable[] =
    "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "the worker cannot reach the server that its --server names\n";

static bool is_empty(const struct flow *flow)
{
    return flow->start == flow->end;
}

static void set_time(struct connection *c, int64_t seconds)
{
    c->until = ar_clock_now(ar_clock_system()) + seconds * AR_SECOND;
}

static void drop(struct ar_relay *relay, size_t index)
{
    struct connection *c = relay->list[index];
    relay->list[index] = relay->list[--relay->count];
    if (c->fds[SERVER] >= 0) {
        close(c->fds[SERVER]);
    }
    ar_adopted_remove(&relay->adopted, c->fds[JOB]);
    close(c->fds[JOB]);
    free(c);
}

/* Begins with the address, or the first behind it that can be tried. Where there is none, the job
 * is told. */
static void begin(struct connection *c, const struct addrinfo *address)
{
    for (; address; address = address->ai_next) {
        int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0 &&
            (connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS)) {
            int one = 1;
            setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
            c->fds[SERVER] = fd;
            c->address = address;
            set_time(c, AR_CONNECT_SECONDS);
            return;
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    struct flow *answer = &c->flows[SERVER];
    memcpy(answer->bytes, unreachable, sizeof(unreachable) - 1);
    answer->end = sizeof(unreachable) - 1;
    answer->all = true;
    set_time(c, AR_RELAY_LINGER_SECONDS);
}

static void try_next(struct connection *c)
{
    close(c->fds[SERVER]);
    c->fds[SERVER] = -1;
    begin(c, c->address->ai_next);
}

static void conclude_connect(struct connection *c)
{
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(c->fds[SERVER], SOL_SOCKET, SO_ERROR, &error, &size) || error) {
        try_next(c);
    } else {
        c->connected = true;
        set_time(c, AR_RELAY_IDLE_SECONDS);
    }
}

/* False: the connection is broken. */
static bool receive(struct connection *c, int end)
{
    struct flow *flow = &c->flows[end];
    ssize_t len = recv(c->fds[end], flow->bytes, sizeof(flow->bytes), 0);
    flow->start = 0;
    flow->end = len > 0 ? (size_t)len : 0;
    flow->all = len == 0;
    return len >= 0 || errno == EAGAIN || errno == EINTR;
}

/* What came from that end goes to the other; nowhere, where that one is gone. */
static bool pass_on(struct connection *c, int end)
{
    struct flow *flow = &c->flows[end];
    int fd = c->fds[1 - end];
    if (fd < 0) {
        flow->start = flow->end;
        return true;
    }
    ssize_t len = send(fd, flow->bytes + flow->start, flow->end - flow->start, MSG_NOSIGNAL);
    if (len > 0) {
        flow->start += (size_t)len;
        set_time(c, c->connected ? AR_RELAY_IDLE_SECONDS : AR_RELAY_LINGER_SECONDS);
    }
    return len >= 0 || errno == EAGAIN || errno == EINTR;
}

/* The server has said all: the job reads that to its end, and then closes. */
static void end_answer(struct connection *c)
{
    shutdown(c->fds[JOB], SHUT_WR);
    if (c->fds[SERVER] >= 0) {
        close(c->fds[SERVER]);
        c->fds[SERVER] = -1;
    }
    c->flows[SERVER].all = c->connected = false;
    set_time(c, AR_RELAY_LINGER_SECONDS);
}

/* False: the connection has ended. */
static bool step(struct connection *c, const struct pollfd *fds)
{
    if (c->fds[SERVER] >= 0 && !c->connected) {
        if (fds[SERVER].revents) {
            conclude_connect(c);
        }
    } else if (fds[SERVER].revents && is_empty(&c->flows[SERVER]) && !receive(c, SERVER)) {
        return false;
    }
    if (fds[JOB].revents && is_empty(&c->flows[JOB]) && !receive(c, JOB)) {
        return false;
    }
    bool open = c->connected || c->fds[SERVER] < 0;
    for (int end = 0; end < ENDS; end++) {
        if (open && !is_empty(&c->flows[end]) && !pass_on(c, end)) {
            return false;
        }
    }
    if (c->flows[SERVER].all && is_empty(&c->flows[SERVER])) {
        end_answer(c);
    }
    return !c->flows[JOB].all || !is_empty(&c->flows[JOB]);
}

/* What to wait for at one end; with nothing to wait for it is left out, or a broken one would keep
 * the thread awake. */
static struct pollfd wish(const struct connection *c, int end)
{
    bool connecting = c->fds[SERVER] >= 0 && !c->connected;
    int events = 0;
    if (end == SERVER && connecting) {
        events = POLLOUT;
    } else {
        events |= is_empty(&c->flows[end]) && !c->flows[end].all ? POLLIN : 0;
        events |= is_empty(&c->flows[1 - end]) ? 0 : POLLOUT;
    }
    return (struct pollfd){.fd = events ? c->fds[end] : -1, .events = (short)events};
}

/* Milliseconds until the first connection's time is over; -1: there is none. */
static int fill_in(struct ar_relay *relay)
{
    int64_t first = INT64_MAX, now = ar_clock_now(ar_clock_system());
    relay->fds[0] = (struct pollfd){.fd = relay->pipe[0], .events = POLLIN};
    for (size_t i = 0; i < relay->count; i++) {
        const struct connection *c = relay->list[i];
        relay->fds[1 + ENDS * i + JOB] = wish(c, JOB);
        relay->fds[1 + ENDS * i + SERVER] = wish(c, SERVER);
        first = c->until < first ? c->until : first;
    }
    return first == INT64_MAX ? -1 : first <= now ? 0 : (int)((first - now) / AR_MILLISECOND) + 1;
}

/* From the last to the first: one that is dropped is replaced by one that has had its turn. */
static void step_all(struct ar_relay *relay)
{
    int64_t now = ar_clock_now(ar_clock_system());
    for (size_t i = relay->count; i-- > 0;) {
        struct connection *c = relay->list[i];
        bool open = step(c, &relay->fds[1 + ENDS * i]);
        if (open && c->until <= now && c->fds[SERVER] >= 0 && !c->connected) {
            try_next(c);
        } else if (!open || c->until <= now) {
            drop(relay, i);
        }
    }
}

static void add(struct ar_relay *relay, int fd)
{
    struct connection *c = relay->count < AR_RELAY_CONNECTIONS ? calloc(1, sizeof(*c)) : NULL;
    if (!c) {
        ar_adopted_remove(&relay->adopted, fd);
        close(fd);
        return;
    }
    c->fds[JOB] = fd;
    c->fds[SERVER] = -1;
    relay->list[relay->count++] = c;
    begin(c, relay->addresses);
}

/* False: stop. */
static bool take_new(struct ar_relay *relay)
{
    int fd;
    while (read(relay->pipe[0], &fd, sizeof(fd)) == sizeof(fd)) {
        if (fd < 0) {
            return false;
        }
        add(relay, fd);
    }
    return true;
}

static void *pass_all(void *context)
{
    struct ar_relay *relay = context;
    do {
        int patience = fill_in(relay);
        if (poll(relay->fds, 1 + ENDS * relay->count, patience) >= 0) {
            step_all(relay);
        }
    } while (take_new(relay));
    while (relay->count) {
        drop(relay, relay->count - 1);
    }
    return NULL;
}

void ar_relay_take(struct ar_relay *relay, const void *owner, int fd)
{
    if (!ar_adopted_add(&relay->adopted, owner, fd, AR_JOB_CONNECTIONS)) {
        close(fd);
    } else if (write(relay->pipe[1], &fd, sizeof(fd)) != sizeof(fd)) {
        ar_adopted_remove(&relay->adopted, fd);
        close(fd);
    }
}

static enum arras_status look_up(const char *url, struct ar_diags *diags, struct addrinfo **ret)
{
    struct ar_origin origin;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    enum arras_status status = ar_origin_of(ar_str_z(url), &origin);
    if (status || origin.https) {
        return ar_error(diags, status ? status : ARRAS_INVALID, "relay-server", NULL, 0,
                        "'%s' is not where a server can be reached: http://HOST:PORT, without TLS",
                        url);
    }
    char port[16], *host = origin.host;
    size_t len = strlen(host);
    snprintf(port, sizeof(port), "%u", origin.port);
    if (host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        host++;
    }
    int code = getaddrinfo(host, port, &hints, ret);
    return code ? ar_error(diags, ARRAS_NETWORK, "relay-server", NULL, 0, "server %s: %s", url,
                           gai_strerror(code))
                : ARRAS_OK;
}

/* With all signals blocked while the thread is made: they are the caller's to handle. */
static int start_thread(struct ar_relay *relay)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int trouble = pthread_create(&relay->thread, NULL, pass_all, relay);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return trouble;
}

static void relay_free(struct ar_relay *relay)
{
    for (int i = 0; i < 2; i++) {
        if (relay->pipe[i] >= 0) {
            close(relay->pipe[i]);
        }
    }
    freeaddrinfo(relay->addresses);
    ar_adopted_release(&relay->adopted);
    free(relay);
}

enum arras_status ar_relay_start(const char *url, struct ar_diags *diags, struct ar_relay **ret)
{
    struct addrinfo *addresses;
    enum arras_status status = look_up(url, diags, &addresses);
    if (status) {
        return status;
    }
    struct ar_relay *relay = calloc(1, sizeof(*relay));
    if (!relay) {
        freeaddrinfo(addresses);
        return ar_no_memory(diags);
    }
    relay->addresses = addresses;
    relay->pipe[0] = relay->pipe[1] = -1;
    ar_adopted_init(&relay->adopted);
    int trouble = pipe2(relay->pipe, O_CLOEXEC | O_NONBLOCK) ? errno : start_thread(relay);
    if (trouble) {
        relay_free(relay);
        return ar_error(diags, ARRAS_IO, "relay-server", NULL, 0, "cannot start a thread: %s",
                        strerror(trouble));
    }
    *ret = relay;
    return ARRAS_OK;
}

void ar_relay_stop(struct ar_relay *relay)
{
    const int stop = -1;
    if (!relay) {
        return;
    }
    while (write(relay->pipe[1], &stop, sizeof(stop)) < 0) { /* full: the thread empties it */
        const struct timespec moment = {.tv_nsec = AR_MILLISECOND};
        nanosleep(&moment, NULL);
    }
    pthread_join(relay->thread, NULL);
    relay_free(relay);
}
