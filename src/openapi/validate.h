/* Whether a response is what its operation's description says (OpenAPI 3.1.1, Responses Object,
 * Response Object, Media Type Object; Swagger 2.0 likewise). docs/validate.md has the decisions. */
#ifndef AR_OPENAPI_VALIDATE_H
#define AR_OPENAPI_VALIDATE_H

#include "openapi/description.h"
#include "openapi/http_message.h"

/* The schemas compiled so far, each when a response first asks for it. One thread at a time. */
struct ar_response_validator;

struct ar_finding {
    struct arras_str message;       /* one sentence that names the operation, the status and, of a
                                       body, the JSON Pointer into it; values are shown */
    const struct ar_source *source; /* of the description, */
    size_t at;                      /* and the place in it that the response does not keep */
};

struct ar_findings {
    AR_VEC(struct ar_finding) list; /* at most AR_SCHEMA_ERRORS and a few; the worst first */
};

/* Both live in `arena`; release what it does not give back. NULL: memory ran out. */
struct ar_response_validator *ar_response_validator_new(struct ar_arena *arena);
void ar_response_validator_release(struct ar_response_validator *validator); /* NULL is allowed */

/* Adds what is wrong with the response to `ret`, in `arena`: a status that is not described, a
 * required header that is missing, a media type that is not described, a body that its schema does
 * not allow. `body` is what ar_response_body made of it. A schema that cannot be used is a finding,
 * too. ARRAS_NO_MEMORY only. */
enum arras_status ar_response_validate(struct ar_response_validator *validator,
                                       const struct ar_operation *operation,
                                       const struct ar_http_response *response,
                                       const struct arras_value *body, struct ar_arena *arena,
                                       struct ar_findings *ret) ARRAS_CHECKED;

#endif
