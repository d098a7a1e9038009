/* HTTP messages as every layer from here on sees them: built here, answered by servers, carried by
 * the network (RFC 9110). */
#ifndef AR_OPENAPI_HTTP_MESSAGE_H
#define AR_OPENAPI_HTTP_MESSAGE_H

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

/* All strings borrowed. */
struct ar_http_request {
    struct arras_str method; /* "GET" */
    struct arras_str url;    /* absolute, already encoded, without fragment */
    struct ar_headers headers;
    struct arras_str body;
    bool has_body; /* an empty body is still a body */
};

struct ar_http_response {
    int status;                /* 100 to 599 */
    struct ar_headers headers; /* of the last response, names as received */
    struct arras_str body;
};

#endif
