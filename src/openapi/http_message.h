/* HTTP messages as every layer from here on sees them: built here, answered by servers, carried by
 * the network (RFC 9110). */
#ifndef AR_OPENAPI_HTTP_MESSAGE_H
#define AR_OPENAPI_HTTP_MESSAGE_H

#include <stdint.h>
#include "base/str.h"

struct ar_header {
    struct arras_str name, value;
};

struct ar_headers {
    struct ar_header *items;
    size_t count;
};

/* The first header of that name, without regard to case; NULL where there is none. */
const struct arras_str *ar_headers_find(const struct ar_headers *headers, const char *name);

/* A piece of a body: bytes, or the whole content of a file, read while it is sent. */
struct ar_body_part {
    struct arras_str bytes;
    const char *path; /* NULL: `bytes` */
    uint64_t size;    /* of the file when the request was built; sending fails where it changed */
};

/* All strings borrowed. */
struct ar_http_request {
    struct arras_str method; /* "GET" */
    struct arras_str url;    /* absolute, already encoded, without fragment */
    struct ar_headers headers;
    struct arras_str body;
    bool has_body; /* an empty body is still a body */
    /* Where there are parts they are the body, in order, and `body` is empty. */
    const struct ar_body_part *parts;
    size_t part_count;
};

struct ar_http_response {
    int status;                /* 100 to 599 */
    struct ar_headers headers; /* of the last response, names as received */
    struct arras_str body;
};

#endif
