/* From values to the bytes of a request: parameter serialization (OpenAPI 3.1.1 section 4.8.12, RFC
 * 6570 where it refers to it), request bodies by media type. */
#ifndef AR_OPENAPI_REQUEST_H
#define AR_OPENAPI_REQUEST_H

#include "openapi/description.h"
#include "openapi/http_message.h"
#include "openapi/upload.h"

enum ar_parameter_in {
    AR_IN_PATH,
    AR_IN_QUERY,
    AR_IN_HEADER,
    AR_IN_COOKIE,
    AR_IN_QUERYSTRING /* Arazzo 1.1: the whole query string */
};

struct ar_argument {
    struct arras_str name;
    enum ar_parameter_in in;
    const struct arras_value *value; /* not NULL */
    size_t at;                       /* of the parameter in `source`, for diagnostics */
};

struct ar_call {
    const struct ar_operation *operation;
    struct arras_str server; /* absolute URL without trailing slash */
    const struct ar_argument *arguments;
    size_t argument_count;
    const struct arras_value *payload; /* NULL: no body */
    const struct ar_uploads *uploads;  /* the inputs that may name files; NULL: none */
    /* Of the body. Empty: the JSON type that the operation declares, else its first, else
     * application/json. A Content-Type among the arguments comes before it. */
    struct arras_str content_type;
    const struct ar_source *source; /* the workflow document */
    size_t at;                      /* of the step */
    bool strict; /* what the description does not declare is an error, not a warning */
};

/* Builds the request; docs/requests.md has the decisions. A path parameter is percent-encoded,
 * slashes too, unless the description says allowReserved; a missing one is an error that names it.
 * Parameters and media types that the description does not declare are sent in their place's
 * default style, with a warning `undeclared-parameter`; in strict calls they are errors. JSON
 * bodies (also +json) as written; urlencoded with nested values as a[b][0]; multipart and XML from
 * objects and arrays; text and anything else given as a string as it is. An upload that is a part
 * of a multipart body, or the whole of one that is no JSON, text or form, becomes a file: the body
 * then comes in parts. Values in headers may hold no line ends or NUL. A Content-Type header is
 * added with a body, and an Accept header where none is given. The result borrows from the call.
 * ARRAS_INVALID, ARRAS_UNRESOLVED (a $ref that is needed), ARRAS_LIMIT (AR_URL_LENGTH,
 * AR_HEADER_SIZE, AR_REQUEST_BODY), ARRAS_NO_MEMORY. */
enum arras_status ar_request_build(const struct ar_call *call, struct ar_arena *arena,
                                   struct ar_diags *diags,
                                   struct ar_http_request *ret) ARRAS_CHECKED;

#endif
