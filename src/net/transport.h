/* The settings of a transport: checked before anything is sent, and put on libcurl's handles. */
#ifndef AR_NET_TRANSPORT_H
#define AR_NET_TRANSPORT_H

#include <curl/curl.h>
#include "arras/transport.h"
#include "base/diag.h"
#include "openapi/http_message.h"

/* What can be known to be wrong with it: files that cannot be read, proxies, addresses and hosts of
 * no known form. ARRAS_INVALID with diagnostics; a warning where servers are not verified.
 * ARRAS_NO_MEMORY. */
enum arras_status ar_transport_check(const struct arras_transport *transport,
                                     struct ar_diags *diags) ARRAS_CHECKED;

/* What is the same for every request. `resolve` is what ar_transport_resolve made; both must live
 * as long as the handle. */
CURLcode ar_transport_set(CURL *easy, const struct arras_transport *transport,
                          struct curl_slist *resolve);
/* What depends on the request: its proxy by scheme, its identity (NULL: the transport's own where
 * `own`, else none) and its login. */
CURLcode ar_transport_set_request(CURL *easy, const struct arras_transport *transport, bool https,
                                  bool own, const struct ar_http_request *request);
/* The transport's addresses as libcurl takes them; free the list. NULL where there are none. */
enum arras_status ar_transport_resolve(const struct arras_transport *transport,
                                       struct curl_slist **ret) ARRAS_CHECKED;

#endif
