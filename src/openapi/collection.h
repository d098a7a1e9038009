/* Swagger's arrays within arrays (OpenAPI 2.0, Items Object). Inside src/openapi. */
#ifndef AR_OPENAPI_COLLECTION_H
#define AR_OPENAPI_COLLECTION_H

#include "value/value.h"

/* The array with each array in it joined to a text by the collectionFormat of the parameter's
 * items. ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_collection_flatten(const struct arras_value *parameter,
                                        const struct arras_value *value, struct ar_arena *arena,
                                        const struct arras_value **ret) ARRAS_CHECKED;

#endif
