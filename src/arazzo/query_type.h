/* Criterion Expression Type Object (Arazzo 1.0.1), Expression Type Object (1.1): which language a
 * condition or selector is written in, and which version of it. */
#ifndef AR_ARAZZO_QUERY_TYPE_H
#define AR_ARAZZO_QUERY_TYPE_H

#include "arazzo/model.h"

/* For conditions, and for selectors and targets: what each may be written in. */
enum ar_query_use { AR_QUERY_CONDITION, AR_QUERY_SELECTOR };

/* Reads a type: a name, or an object with type and version. A version that is not supported is
 * refused by name; one whose common expressions mean the same, or none, is read as the supported
 * one, with a warning (criterion-version). */
enum arras_status ar_query_type_read(const struct arras_value *type, enum ar_query_use use,
                                     const struct ar_arazzo *arazzo, struct ar_diags *diags,
                                     enum ar_query_type *ret) ARRAS_CHECKED;

#endif
