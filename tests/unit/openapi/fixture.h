/* A description from a text, and requests shown as text: what the tests of src/openapi share. */
#ifndef AR_TEST_OPENAPI_FIXTURE_H
#define AR_TEST_OPENAPI_FIXTURE_H

#include "openapi/request.h"

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_document document;
    struct ar_description *description;
    const struct ar_uploads *uploads; /* of the requests that are built */
};

/* `text`: YAML or JSON; it must be a description. */
void fixture_open(struct fixture *f, const char *location, const char *text,
                  const struct ar_description_options *options);
void fixture_close(struct fixture *f);
/* A JSON text as a value in the fixture's arena. */
const struct arras_value *fixture_value(struct fixture *f, const char *json);
const struct ar_operation *fixture_operation(struct fixture *f, const char *id);

/* Builds a request to http://h and shows it:
 *
 *     GET http://h/a?b=c
 *     Accept: x
 *
 *     body
 *     warning: ...
 *
 * A file in a body is shown as (SIZE bytes of PATH).
 *
 * `arguments`: JSON, [[place, name, value], ...]; `payload`: JSON or NULL; `type` or NULL. */
const char *fixture_request(struct fixture *f, const char *operation, const char *arguments,
                            const char *payload, const char *type, bool strict);

#endif
