#include "net/http_server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/uri.h"
#include "base/vec.h"
#include "net/http_adopted.h"
#include "net/http_wait.h"

struct ar_http_server {
    struct MHD_Daemon *daemon;
    ar_http_handler *handle;
    void *context;
    int socket;
    uint16_t port;
    atomic_size_t body_bytes; /* held for all requests together */
    atomic_bool stopping;
    struct ar_waits *waits;
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    struct ar_adopted adopted;
    size_t answering; /* guarded by mutex: whole requests whose answer is not sent yet */
};

/* One request, from its first line to the end of its answer; malloc'ed. */
struct exchange {
    struct ar_http_server *server;
    struct ar_arena arena;
    struct ar_buf body;
    struct arras_str path, query;
    size_t reserved; /* of server->body_bytes */
    size_t received; /* bytes of body, also those not kept */
    int refused;     /* the status that answers a body that is not taken; 0: taken */
    bool begun, counted;
    struct ar_server_request request;
    struct ar_server_response response;
    struct ar_wait wait;
    struct ar_buf piece; /* of a stream: what libmicrohttpd has not taken yet stands from `taken` */
    size_t taken;
    bool complete; /* the whole answer was made */
};

static const struct arras_str too_large_text = AR_STR_INIT("Payload too large\n");
static const struct arras_str busy_text = AR_STR_INIT("Service unavailable, try again later\n");

/* The target is mostly "/path?query"; a proxy's form begins with a scheme and an authority, which
 * say nothing to us (RFC 9112 section 3.2.2). */
static bool take_target(struct exchange *x, const char *target)
{
    struct arras_str text;
    if (!ar_str_copy(ar_str_z(target), &x->arena, &text)) {
        return false;
    }
    if (!ar_str_starts(text, "/")) {
        struct ar_uri uri = ar_uri_parse(text);
        x->path = uri.path;
        x->query = uri.query;
        return true;
    }
    size_t question = ar_str_find_char(text, '?', 0);
    x->path = ar_str_sub(text, 0, question);
    if (question != AR_NOT_FOUND) {
        x->query = ar_str_from(text, question + 1);
    }
    return true;
}

/* Called with the request line's target, before anything is decoded. */
static void *exchange_new(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)connection;
    struct exchange *x = calloc(1, sizeof(*x));
    if (!x) {
        return NULL;
    }
    x->server = context;
    ar_arena_init(&x->arena, AR_SERVER_REQUEST_MEMORY);
    ar_buf_init(&x->body, AR_SERVER_BODY);
    ar_buf_init(&x->piece, AR_SERVER_REQUEST_MEMORY);
    if (!take_target(x, target)) {
        ar_arena_release(&x->arena);
        free(x);
        return NULL;
    }
    return x;
}

static void exchange_end(void *context, struct MHD_Connection *connection, void **exchange,
                         enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct ar_http_server *server = context;
    struct exchange *x = *exchange;
    *exchange = NULL;
    if (!x) {
        return;
    }
    bool counted = x->counted;
    if (x->response.later.end) {
        x->response.later.end(x->response.later.context, x->complete);
    }
    atomic_fetch_sub(&server->body_bytes, x->reserved);
    ar_buf_release(&x->body);
    ar_buf_release(&x->piece);
    ar_arena_release(&x->arena);
    free(x);
    if (counted) {
        pthread_mutex_lock(&server->mutex);
        server->answering--;
        if (server->answering == 0) {
            pthread_cond_signal(&server->idle);
        }
        pthread_mutex_unlock(&server->mutex);
    }
}

static bool add_headers(struct MHD_Response *response, const struct ar_server_response *answer,
                        struct ar_arena *arena)
{
    bool made = true;
    if (answer->content_type) {
        made = MHD_add_response_header(response, "Content-Type", answer->content_type) == MHD_YES;
    }
    for (size_t i = 0; made && i < answer->headers.count; i++) {
        const char *name = ar_str_to_z(answer->headers.items[i].name, arena);
        const char *value = ar_str_to_z(answer->headers.items[i].value, arena);
        made = name && value && MHD_add_response_header(response, name, value) == MHD_YES;
    }
    return made;
}

/* Takes the response over. */
static enum MHD_Result queue(struct MHD_Connection *connection, struct MHD_Response *response,
                             const struct ar_server_response *answer, struct ar_arena *arena,
                             bool close)
{
    if (!response) {
        return MHD_NO;
    }
    bool made = add_headers(response, answer, arena);
    if (made && close) {
        made = MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    }
    enum MHD_Result result =
        made ? MHD_queue_response(connection, (unsigned)answer->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection,
                                   const struct ar_server_response *answer, struct ar_arena *arena,
                                   bool close)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.len, (void *)(uintptr_t)answer->body.ptr, MHD_RESPMEM_PERSISTENT);
    return queue(connection, response, answer, arena, close);
}

static enum MHD_Result refuse(struct MHD_Connection *connection, struct exchange *x, int status)
{
    const struct ar_server_response answer = {
        .status = status,
        .content_type = "text/plain; charset=utf-8",
        .body = status == 413 ? too_large_text : busy_text,
    };
    return send_answer(connection, &answer, &x->arena, true);
}

struct header_list {
    struct ar_arena *arena;
    AR_VEC(struct ar_header) list;
    bool failed;
};

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    (void)kind;
    struct header_list *headers = context;
    struct ar_header header;
    struct arras_str name_text = {name, name_len};
    struct arras_str value_text = {value ? value : "", value ? value_len : 0};
    if (!ar_str_copy(name_text, headers->arena, &header.name) ||
        !ar_str_copy(value_text, headers->arena, &header.value) ||
        !ar_vec_push(headers->arena, &headers->list, header)) {
        headers->failed = true;
        return MHD_NO;
    }
    return MHD_YES;
}

/* Whether a body of that announced length may be sent to us; without one, it is counted as it
 * comes. */
static int refuse_length(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t bytes = 0;
    bool known = length && ar_str_int(ar_str_z(length), &bytes);
    return known && bytes > (int64_t)AR_SERVER_BODY ? 413 : 0;
}

/* Keeps a piece of the body. What is refused is still read, so that the client comes to read the
 * answer, up to as much again as would have been allowed. */
static enum MHD_Result take_body(struct exchange *x, const char *piece, size_t len)
{
    x->received += len;
    if (x->received > 2 * AR_SERVER_BODY) {
        return MHD_NO;
    }
    if (x->refused) {
        return MHD_YES;
    }
    size_t before = atomic_fetch_add(&x->server->body_bytes, len);
    x->reserved += len;
    if (before + len > AR_SERVER_BODIES) {
        x->refused = 503;
    }
    ar_buf_add(&x->body, piece, len);
    if (ar_buf_status(&x->body)) {
        x->refused = ar_buf_status(&x->body) == ARRAS_LIMIT ? 413 : 503;
    }
    return MHD_YES;
}

static void wake(void *context)
{
    struct exchange *x = context;
    ar_wait_wake(&x->wait);
}

/* Asks for an answer that comes later, or waits. */
static enum MHD_Result answer_later(struct MHD_Connection *connection, struct exchange *x)
{
    struct ar_server_later *later = &x->response.later;
    while (!x->wait.gone) {
        int64_t until = INT64_MAX;
        bool stopping = ar_waits_stopping(x->server->waits);
        ar_wait_begin(&x->wait);
        if (later->answer(later->context, stopping, &until, &x->response)) {
            x->complete = true;
            return send_answer(connection, &x->response, &x->arena,
                               atomic_load(&x->server->stopping));
        }
        if (stopping) {
            return refuse(connection, x, 503);
        }
        if (ar_wait_suspend(&x->wait, until)) {
            return MHD_YES;
        }
    }
    return MHD_NO;
}

/* Makes the next piece. False: there is none, and the connection waits or is at its end. */
static bool next_piece(struct exchange *x)
{
    struct ar_server_later *later = &x->response.later;
    while (!x->complete && !x->wait.gone) {
        int64_t until = INT64_MAX;
        bool stopping = ar_waits_stopping(x->server->waits);
        ar_buf_clear(&x->piece);
        x->taken = 0;
        ar_wait_begin(&x->wait);
        x->complete = later->stream(later->context, stopping, &until, &x->piece);
        if (x->piece.len) {
            return true;
        }
        x->complete = x->complete || stopping;
        if (!x->complete && ar_wait_suspend(&x->wait, until)) {
            return false;
        }
    }
    return false;
}

/* libmicrohttpd asks for more of a stream. */
static ssize_t read_stream(void *context, uint64_t position, char *bytes, size_t most)
{
    (void)position;
    struct exchange *x = context;
    if (x->taken == x->piece.len && !next_piece(x)) {
        return x->wait.gone  ? MHD_CONTENT_READER_END_WITH_ERROR
               : x->complete ? MHD_CONTENT_READER_END_OF_STREAM
                             : 0;
    }
    if (ar_buf_status(&x->piece)) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t len = x->piece.len - x->taken < most ? x->piece.len - x->taken : most;
    memcpy(bytes, x->piece.ptr + x->taken, len);
    x->taken += len;
    return (ssize_t)len;
}

static enum MHD_Result send_response(struct MHD_Connection *connection, struct exchange *x)
{
    bool close = atomic_load(&x->server->stopping);
    if (x->response.later.answer) {
        return answer_later(connection, x);
    }
    if (x->response.later.stream) {
        struct MHD_Response *response = MHD_create_response_from_callback(
            MHD_SIZE_UNKNOWN, AR_SERVER_STREAM_BLOCK, read_stream, x, NULL);
        return queue(connection, response, &x->response, &x->arena, close);
    }
    return send_answer(connection, &x->response, &x->arena, close);
}

static enum MHD_Result answer(struct MHD_Connection *connection, struct exchange *x,
                              const char *method)
{
    struct ar_http_server *server = x->server;
    pthread_mutex_lock(&server->mutex);
    server->answering++;
    x->counted = true;
    pthread_mutex_unlock(&server->mutex);

    struct header_list headers = {.arena = &x->arena};
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, add_header, &headers);
    x->request = (struct ar_server_request){
        .path = x->path,
        .query = x->query,
        .headers = {headers.list.items, headers.list.count},
        .body = ar_buf_str(&x->body),
        .arena = &x->arena,
        .wake = wake,
        .wake_context = x,
    };
    if (headers.failed || !ar_str_copy(ar_str_z(method), &x->arena, &x->request.method)) {
        return refuse(connection, x, 503);
    }
    x->response = (struct ar_server_response){.status = 500};
    ar_wait_init(&x->wait, server->waits, connection);
    server->handle(server->context, &x->request, &x->response);
    return send_response(connection, x);
}

/* libmicrohttpd calls this once when the headers are there, for each piece of the body, once at its
 * end, and when an answer that waits was resumed. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *target, const char *method, const char *version,
                                  const char *piece, size_t *piece_len, void **exchange)
{
    (void)target;
    (void)version;
    struct ar_http_server *server = context;
    struct exchange *x = *exchange;
    if (!x) {
        return MHD_NO;
    }
    if (!x->begun) {
        x->begun = true;
        int refused = atomic_load(&server->stopping) ? 503 : refuse_length(connection);
        return refused ? refuse(connection, x, refused) : MHD_YES;
    }
    if (*piece_len) {
        size_t len = *piece_len;
        *piece_len = 0;
        return take_body(x, piece, len);
    }
    if (x->response.later.answer) { /* resumed */
        return answer_later(connection, x);
    }
    return x->refused ? refuse(connection, x, x->refused) : answer(connection, x, method);
}

/* Parameters and path are decoded by whoever reads them. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool read_address(const char *text, uint16_t port, union address *ret, socklen_t *ret_len)
{
    memset(ret, 0, sizeof(*ret));
    if (inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1) {
        ret->v4.sin_family = AF_INET;
        ret->v4.sin_port = htons(port);
        *ret_len = sizeof(ret->v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &ret->v6.sin6_addr) == 1) {
        ret->v6.sin6_family = AF_INET6;
        ret->v6.sin6_port = htons(port);
        *ret_len = sizeof(ret->v6);
        return true;
    }
    return false;
}

static enum arras_status listen_failed(const struct ar_http_server_options *options,
                                       struct ar_diags *diags, int error)
{
    enum arras_status status =
        ar_error(diags, ARRAS_IO, "server-address", NULL, 0, "cannot listen on %s port %u: %s",
                 options->address, (unsigned)options->port, strerror(error));
    if (error == EADDRINUSE) {
        ar_hint(diags, "another program listens there; choose another port, or 0 for a free one");
    }
    return status;
}

static enum arras_status open_socket(struct ar_http_server *server,
                                     const struct ar_http_server_options *options,
                                     struct ar_diags *diags)
{
    union address address;
    socklen_t len;
    if (!read_address(options->address, options->port, &address, &len)) {
        return ar_error(diags, ARRAS_USAGE, "server-address", NULL, 0,
                        "'%s' is not an IPv4 or IPv6 address", options->address);
    }
    int one = 1;
    server->socket =
        socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (server->socket < 0 ||
        setsockopt(server->socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
        bind(server->socket, &address.any, len) || listen(server->socket, SOMAXCONN)) {
        return listen_failed(options, diags, errno);
    }
    len = sizeof(address);
    if (getsockname(server->socket, &address.any, &len)) {
        return listen_failed(options, diags, errno);
    }
    server->port =
        ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return ARRAS_OK;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)socket_context;
    struct ar_http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        ar_adopted_remove(&server->adopted, info->connect_fd);
    }
}

void ar_http_server_adopt(struct ar_http_server *server, const void *owner, int fd)
{
    const struct sockaddr_in nowhere = {.sin_family = AF_INET};
    if (!ar_adopted_add(&server->adopted, owner, fd, AR_JOB_CONNECTIONS)) {
        close(fd);
    } else if (MHD_add_connection(server->daemon, fd, (const struct sockaddr *)&nowhere,
                                  sizeof(nowhere)) != MHD_YES) {
        ar_adopted_remove(&server->adopted, fd); /* libmicrohttpd has closed it */
    }
}

/* With all signals blocked while the threads are made: they are the caller's to handle. */
static enum arras_status start_daemon(struct ar_http_server *server, unsigned threads,
                                      struct ar_diags *diags)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        on_request, server, MHD_OPTION_LISTEN_SOCKET, server->socket, MHD_OPTION_THREAD_POOL_SIZE,
        threads, MHD_OPTION_CONNECTION_LIMIT, (unsigned)AR_SERVER_CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)AR_HEADER_SIZE, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)AR_SERVER_IDLE_SECONDS, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server, MHD_OPTION_URI_LOG_CALLBACK,
        exchange_new, server, MHD_OPTION_NOTIFY_COMPLETED, exchange_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!server->daemon) {
        server->socket = -1; /* libmicrohttpd closes it on most ways out, and twice is worse */
        return ar_error(diags, ARRAS_IO, "server-start", NULL, 0,
                        "the HTTP server could not be started");
    }
    return ARRAS_OK;
}

static void server_free(struct ar_http_server *server)
{
    if (server->socket >= 0) {
        close(server->socket);
    }
    ar_waits_free(server->waits);
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->mutex);
    ar_adopted_release(&server->adopted);
    free(server);
}

enum arras_status ar_http_server_start(const struct ar_http_server_options *options,
                                       struct ar_diags *diags, struct ar_http_server **ret)
{
    struct ar_http_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return ar_no_memory(diags);
    }
    server->handle = options->handle;
    server->context = options->context;
    server->socket = -1;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&server->mutex, NULL);
    ar_adopted_init(&server->adopted);
    pthread_cond_init(&server->idle, &attributes);
    pthread_condattr_destroy(&attributes);

    enum arras_status status = ar_waits_new(diags, &server->waits);
    if (!status) {
        status = open_socket(server, options, diags);
    }
    if (!status) {
        status = start_daemon(server, options->threads ? options->threads : 2, diags);
    }
    if (status) {
        server_free(server);
        return status;
    }
    *ret = server;
    return ARRAS_OK;
}

uint16_t ar_http_server_port(const struct ar_http_server *server)
{
    return server->port;
}

/* Until every answer is sent, or its client did not take it in time. */
static void wait_for_answers(struct ar_http_server *server)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += AR_SERVER_STOP_SECONDS;
    pthread_mutex_lock(&server->mutex);
    while (server->answering > 0 &&
           pthread_cond_timedwait(&server->idle, &server->mutex, &until) == 0) {
    }
    pthread_mutex_unlock(&server->mutex);
}

void ar_http_server_stop(struct ar_http_server *server)
{
    if (!server) {
        return;
    }
    atomic_store(&server->stopping, true);
    MHD_quiesce_daemon(server->daemon);
    ar_waits_stop(server->waits);
    wait_for_answers(server);
    MHD_stop_daemon(server->daemon);
    server_free(server);
}

enum arras_status ar_query_decode(struct arras_str text, struct ar_arena *arena,
                                  struct arras_str *ret)
{
    char *spaced = ar_arena_raw(arena, text.len + 1, 1);
    if (!spaced) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < text.len; i++) {
        spaced[i] = text.ptr[i] == '+' ? ' ' : text.ptr[i];
    }
    return ar_uri_decode((struct arras_str){spaced, text.len}, arena, ret);
}

enum arras_status ar_query_find(struct arras_str query, const char *name, struct ar_arena *arena,
                                struct arras_str *ret, bool *ret_found)
{
    *ret_found = false;
    while (query.len) {
        struct arras_str value = ar_str_cut(&query, '&');
        struct arras_str key = ar_str_cut(&value, '=');
        struct arras_str decoded;
        enum arras_status status = ar_query_decode(key, arena, &decoded);
        if (status) {
            return status;
        }
        if (ar_str_is(decoded, name)) {
            *ret_found = true;
            return ar_query_decode(value, arena, ret);
        }
    }
    return ARRAS_OK;
}
