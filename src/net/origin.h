/* Where a request goes: scheme, host and port, read from URLs exactly as libcurl reads them, so
 * that what is checked is what is connected to; and the fence of hosts that are allowed. */
#ifndef AR_NET_ORIGIN_H
#define AR_NET_ORIGIN_H

#include "arras/transport.h"
#include "base/str.h"

enum { AR_HOST_SIZE = 256 };

struct ar_origin {
    bool https;
    char host[AR_HOST_SIZE]; /* in lower case, without a dot at its end; IPv6 in brackets */
    unsigned port;
};

/* ARRAS_INVALID: no absolute http or https URL with a host. ARRAS_NO_MEMORY. */
enum arras_status ar_origin_of(struct arras_str url, struct ar_origin *ret) ARRAS_CHECKED;
bool ar_origin_same(const struct ar_origin *a, const struct ar_origin *b);

/* Whether the transport lets requests go there. */
bool ar_origin_allowed(const struct ar_origin *origin, const struct arras_transport *transport);
/* Whether one of the allowed hosts is this one and begins with "http://": plain text is meant. */
bool ar_origin_allowed_plain(const struct ar_origin *origin,
                             const struct arras_transport *transport);
/* Whether the text is of the form of an allowed host. */
bool ar_allow_host_is_valid(const char *text);

#endif
