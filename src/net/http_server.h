/* HTTP/1.1 server, by libmicrohttpd. A handler is called on a server thread once the whole request
 * has come in (at most AR_SERVER_BODY bytes of body), and answers before it returns, or says how
 * the answer comes later or in pieces. What waits holds no thread. */
#ifndef AR_NET_HTTP_SERVER_H
#define AR_NET_HTTP_SERVER_H

#include "base/buf.h"
#include "base/diag.h"
#include "openapi/http_message.h"

struct ar_http_server;
struct ar_server_response;

struct ar_server_request {
    struct arras_str method;
    struct arras_str path;  /* as sent: percent-encoded, without the query */
    struct arras_str query; /* as sent, without '?' */
    struct ar_headers headers;
    struct arras_str body;
    struct ar_arena *arena; /* of this request, released when the answer is sent, as this is */
    /* Has an answer that waits asked again. MUST be safe on any thread until `end` returns. */
    void (*wake)(void *context);
    void *wake_context;
};

/* An answer that is not there when the handler returns: either `answer` or `stream` is set. Both
 * are called on a server thread, first right after the handler; where they have nothing yet, the
 * connection waits and they are called again once it was woken, or when the monotonic clock
 * (clock.h) says *until, which they may set (INT64_MAX before each call). `stopping`: the server
 * ends and does not wait any more. `end` is called once, after the last of those calls; `complete`
 * is false where the client went away (it closed its connection, its sending half too), or the
 * server stopped, before the answer was made. */
struct ar_server_later {
    /* Fills in the response, but for `later`; false: nothing yet (503 where `stopping`). */
    bool (*answer)(void *context, bool stopping, int64_t *until, struct ar_server_response *ret);
    /* Appends the next piece of the body; nothing appended: nothing yet. True: that was the last.
     * Status and headers are those of the handler's response. */
    bool (*stream)(void *context, bool stopping, int64_t *until, struct ar_buf *piece);
    void (*end)(void *context, bool complete);
    void *context;
};

struct ar_server_response {
    int status;                /* 500 unless set */
    const char *content_type;  /* NULL: no Content-Type */
    struct arras_str body;     /* in the request's arena, or static */
    struct ar_headers headers; /* further ones */
    struct ar_server_later later;
};

/* MUST be safe to call on several threads at once. */
typedef void ar_http_handler(void *context, const struct ar_server_request *request,
                             struct ar_server_response *ret);

struct ar_http_server_options {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
    uint16_t port;       /* 0: the system picks one */
    unsigned threads;    /* 0: 2 */
    ar_http_handler *handle;
    void *context;
};

enum arras_status ar_http_server_start(const struct ar_http_server_options *options,
                                       struct ar_diags *diags,
                                       struct ar_http_server **ret) ARRAS_CHECKED;
uint16_t ar_http_server_port(const struct ar_http_server *server);
/* Serves a connection that was accepted elsewhere: a stream socket, which is the server's from then
 * on. Of one owner (any address) at most AR_JOB_CONNECTIONS are open at a time: further ones are
 * closed. Any thread, before ar_http_server_stop. */
void ar_http_server_adopt(struct ar_http_server *server, const void *owner, int fd);
/* Takes no new connections, lets answers under way finish, then frees all. NULL is allowed. */
void ar_http_server_stop(struct ar_http_server *server);

/* Part of a query or a form, decoded: "+" is a space, then percent-escapes. ARRAS_NO_MEMORY. */
enum arras_status ar_query_decode(struct arras_str text, struct ar_arena *arena,
                                  struct arras_str *ret) ARRAS_CHECKED;
/* The decoded value of a query parameter ("+" is a space); *ret_found false where it is absent. */
enum arras_status ar_query_find(struct arras_str query, const char *name, struct ar_arena *arena,
                                struct arras_str *ret, bool *ret_found) ARRAS_CHECKED;

#endif
