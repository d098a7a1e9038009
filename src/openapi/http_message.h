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

/* For HTTP's digest authentication (RFC 7616). */
struct ar_http_login {
    const char *user, *password;
};

/* Who the client is to a server that asks for a certificate: that of the request, instead of the
 * transport's. */
struct ar_http_identity {
    const char *certificate;  /* a file: PEM, or PKCS #12 (.p12, .pfx) */
    const char *key;          /* NULL: in the same file */
    const char *key_password; /* NULL: none */
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
    const char *save;  /* the file that the body of a 2xx response goes to; NULL: into memory */
    bool stays;        /* redirects are not followed: what it carries is for that one URL */
    size_t secrets_at; /* in `url`, where members begin ("&key=...") that no other origin may see,
                          whoever names them in a redirect; 0: none */
    const struct ar_http_login *login;       /* NULL: none */
    const struct ar_http_identity *identity; /* NULL: the transport's */
};

struct ar_http_response {
    int status;                /* 100 to 599 */
    struct ar_headers headers; /* of the last response, names as received */
    struct arras_str body;
    struct arras_str url; /* where it came from, where redirects were followed; else empty */
    const char *saved;    /* the file that the body went to, and `body` is empty; else NULL */
    uint64_t saved_bytes;
};

#endif
