/* HTTP client: any number of requests in flight on one thread, by libcurl's multi interface.
 * HTTP/1.1, and HTTP/2 where TLS negotiates it. Neither environment nor .netrc are read. The
 * program MUST ignore SIGPIPE: a write over TLS to a closed connection may raise it. */
#ifndef AR_NET_HTTP_CLIENT_H
#define AR_NET_HTTP_CLIENT_H

#include "arras/transport.h"
#include "base/diag.h"
#include "openapi/http_message.h"

struct ar_http_client;

struct ar_http_client_options {
    const struct arras_transport *transport; /* NULL: all zero; outlives the client, with all that
                                                it points to; checked by ar_transport_check */
    const char *user_agent;                  /* NULL: "arras/VERSION" */
};

/* How a request ended. */
struct ar_http_result {
    void *token;              /* as given to start */
    enum arras_status status; /* OK: there is a response (of any HTTP status). NETWORK, TIMEOUT,
                                 LIMIT (response too large), INVALID (a URL, a host
                                 that is not allowed, a certificate), NO_MEMORY */
    struct ar_http_response response; /* in the arena given to start */
    struct arras_str error;           /* one sentence, when status is not OK; names host and port */
    int64_t seconds_ns;               /* from start to end */
};

/* Handles are malloc'ed; one thread. */
enum arras_status ar_http_client_new(const struct ar_http_client_options *options,
                                     struct ar_http_client **ret) ARRAS_CHECKED;
/* Ends what is in flight without a result. */
void ar_http_client_free(struct ar_http_client *client);

/* Starts a request. What it points to (strings, headers, parts, login, identity) must live until
 * its result came or it was cancelled; the struct itself need not. Method, URL and headers are sent
 * as they are, with Host, User-Agent and Accept-Encoding added where they are not among them;
 * Content-Length and Transfer-Encoding are left out, since the client frames the message. A HEAD
 * request has no body. Where there are parts, their files are read while they are sent. With
 * `save`, the body of a 2xx response goes to that file, which is replaced once the whole body is
 * there. What cannot be sent is the result INVALID. The response is made in `arena`, which must
 * live until the result came. `timeout`: nanoseconds for the whole request, 0: AR_REQUEST_SECONDS.
 * Connections are kept and reused; a request that is not idempotent is never sent a second time
 * when a reused one breaks (RFC 9110 section 9.2.2). */
enum arras_status ar_http_client_start(struct ar_http_client *client,
                                       const struct ar_http_request *request, int64_t timeout,
                                       struct ar_arena *arena, void *token) ARRAS_CHECKED;
/* Waits up to `wait` nanoseconds (0: not at all) for a request to end, or until another thread or a
 * signal handler calls wake. True: *ret is the next result. False: none ended. */
bool ar_http_client_next(struct ar_http_client *client, int64_t wait,
                         struct ar_http_result *ret) ARRAS_CHECKED;
/* From any thread, and from signal handlers. */
void ar_http_client_wake(struct ar_http_client *client);
/* Ends every request with that token, without a result. */
void ar_http_client_cancel(struct ar_http_client *client, void *token);
size_t ar_http_client_in_flight(const struct ar_http_client *client);

#endif
