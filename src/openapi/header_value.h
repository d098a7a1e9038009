/* From the text of a response's header to the value that its description means (OpenAPI 3.1.1,
 * Header Object: style `simple` or `content`; Swagger 2.0: collectionFormat). Inside src/openapi.
 */
#ifndef AR_OPENAPI_HEADER_VALUE_H
#define AR_OPENAPI_HEADER_VALUE_H

#include "openapi/description.h"
#include "openapi/http_message.h"

/* `schema`, which stands in `home`, is the header's, references followed; `header` is the Header
 * Object. Text that its schema's type cannot have stays text, for the schema to refuse. *ret is
 * NULL where the schema says no type: nothing is known then. Lines of the same name count as one,
 * joined by commas (RFC 9110 section 5.3). Borrows from the headers; what is made lives in `arena`.
 * ARRAS_NO_MEMORY; what following a reference says. */
enum arras_status ar_header_value(const struct ar_operation *operation,
                                  const struct arras_value *header,
                                  const struct arras_value *schema, const struct ar_home *home,
                                  struct arras_str text, struct ar_arena *arena,
                                  const struct arras_value **ret) ARRAS_CHECKED;
/* All lines of that name as one text; false: no memory. */
bool ar_header_text(const struct ar_headers *headers, struct arras_str name, struct ar_arena *arena,
                    struct arras_str *ret) ARRAS_CHECKED;

#endif
