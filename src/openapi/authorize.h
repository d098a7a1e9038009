/* Laying credentials on a request that was built: headers, the query, cookies (RFC 7617, RFC 6750,
 * OpenAPI 3.1.1 section 4.8.27). The headers that the request had stay as they are; what is new is
 * made in `arena`. ARRAS_LIMIT where a URL or header would grow too long, ARRAS_NO_MEMORY. */
#ifndef AR_OPENAPI_AUTHORIZE_H
#define AR_OPENAPI_AUTHORIZE_H

#include "openapi/http_message.h"

/* Sets a header, in the place of one of that name. */
enum arras_status ar_request_set_header(struct ar_http_request *request, struct arras_str name,
                                        struct arras_str value,
                                        struct ar_arena *arena) ARRAS_CHECKED;
/* Adds "name=value", percent-encoded, to the query. */
enum arras_status ar_request_add_query(struct ar_http_request *request, struct arras_str name,
                                       struct arras_str value,
                                       struct ar_arena *arena) ARRAS_CHECKED;
/* Adds "name=value" to the cookies; what a cookie cannot hold is percent-encoded. */
enum arras_status ar_request_add_cookie(struct ar_http_request *request, struct arras_str name,
                                        struct arras_str value,
                                        struct ar_arena *arena) ARRAS_CHECKED;
/* "Basic " and "user:password" in base64. */
enum arras_status ar_basic_header(struct arras_str user, struct arras_str password,
                                  struct ar_arena *arena, struct arras_str *ret) ARRAS_CHECKED;
/* Whether a header may be called so (RFC 9110 section 5.1), and may hold this. */
bool ar_header_name_valid(struct arras_str name);
bool ar_header_value_valid(struct arras_str value);

#endif
