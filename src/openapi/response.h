/* From the bytes of a response to a value. */
#ifndef AR_OPENAPI_RESPONSE_H
#define AR_OPENAPI_RESPONSE_H

#include "base/diag.h"
#include "openapi/http_message.h"
#include "value/value.h"

/* By Content-Type: JSON (also +json) is read, with a body that is no JSON becoming its text and a
 * warning `body-not-json`; everything else, XML too, is the whole text, byte for byte. Without a
 * Content-Type, a body that reads as a JSON object or array is JSON. An empty body is NULL. The
 * value borrows from the response. */
enum arras_status ar_response_body(const struct ar_http_response *response, struct ar_arena *arena,
                                   struct ar_diags *diags,
                                   const struct arras_value **ret) ARRAS_CHECKED;

#endif
