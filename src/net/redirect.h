/* Where a redirect leads, and what may go along (RFC 9110 section 15.4). */
#ifndef AR_NET_REDIRECT_H
#define AR_NET_REDIRECT_H

#include "net/origin.h"
#include "openapi/http_message.h"

/* A request on its way through redirects. */
struct ar_hop {
    struct arras_str method, url;
    struct ar_origin origin;
    bool has_body;
    bool stays;               /* no redirect is followed */
    bool own;                 /* still with the origin that it was made for */
    struct arras_str secrets; /* "&key=..." of the first URL: what no other origin may see */
    unsigned count;           /* redirects that were followed */
};

/* What to do about a response. *ret_follow false: it is the answer: redirects are not followed, it
 * is none, or the request has a body that 301, 302 and 303 would lose. Else *ret is the next hop.
 * ARRAS_LIMIT, ARRAS_INVALID: it may not be followed, *ret_why is static. ARRAS_NO_MEMORY. */
enum arras_status ar_redirect_next(const struct ar_hop *hop, int status,
                                   const struct ar_headers *headers,
                                   const struct arras_transport *transport, struct ar_arena *arena,
                                   struct ar_hop *ret, bool *ret_follow,
                                   const char **ret_why) ARRAS_CHECKED;
/* Whether a header of the request goes along on this hop: to another origin only those that can be
 * no credential, and none of a body that stays behind. */
bool ar_redirect_keeps(const struct ar_hop *hop, struct arras_str header);

#endif
