/* One request of an HTTP client under way, for the files that share the work: transfer_send.c puts
 * it on a handle of libcurl, transfer_receive.c takes in what comes, transfer_words.c tells what
 * went wrong, http_client.c has them all. */
#ifndef AR_NET_TRANSFER_H
#define AR_NET_TRANSFER_H

#include <curl/curl.h>
#include "base/buf.h"
#include "base/vec.h"
#include "net/redirect.h"
#include "net/save.h"
#include "net/transport.h"
#include "net/upload.h"

/* A request under way, or resting with its easy handle until the next. */
struct ar_transfer {
    struct ar_http_client *client;
    struct ar_transfer *next, **link; /* in one of the client's lists; link: what points here */
    CURL *easy;
    struct curl_slist *headers;
    struct ar_http_request request; /* what it points to is the caller's */
    struct ar_hop hop;
    struct ar_upload upload;
    struct ar_save save;
    struct ar_buf body;
    struct ar_arena *arena;
    void *token;
    char peer[300]; /* "host:port", for sentences */
    char error[CURL_ERROR_SIZE];
    int64_t begun, timeout, connect_timeout;
    enum arras_status failed; /* what a callback found, or start */
    const char *format; /* and its sentence, with two %s for peer and `why`; NULL: by status */
    const char *why;
    unsigned attempts; /* how often libcurl began to send this hop */
    bool idempotent, added;
    bool headers_done, body_begun;
    size_t header_size;
    AR_VEC(struct ar_header) received;
};

#define AR_CANNOT_SAVE "the body from %s cannot be saved (%s)"

/* transfer_receive.c */
/* Remembers why it fails. Less than any callback is given, so that libcurl ends the transfer. */
size_t ar_transfer_fail(struct ar_transfer *transfer, enum arras_status status, const char *format,
                        const char *why);
CURLcode ar_transfer_set_receiver(struct ar_transfer *transfer);

/* transfer_send.c */
/* Why the request could not be sent as it is, static text; or NULL. */
const char *ar_request_unsendable(const struct ar_http_request *request);
/* Puts the hop on its handle. `timeout`: nanoseconds. ARRAS_LIMIT: a body that cannot be counted.
 */
enum arras_status ar_transfer_set_hop(struct ar_transfer *transfer,
                                      const struct arras_transport *transport,
                                      int64_t timeout) ARRAS_CHECKED;
/* Rounded up: 0 would be libcurl's own default. */
long ar_milliseconds(int64_t nanoseconds);

/* transfer_words.c */
enum arras_status ar_transfer_status(const struct ar_transfer *transfer,
                                     CURLcode code) ARRAS_CHECKED;
/* One sentence about a status that is not OK. False when memory ran out. */
bool ar_transfer_sentence(struct ar_transfer *transfer, enum arras_status status, CURLcode code,
                          struct arras_str *ret) ARRAS_CHECKED;

#endif
