/* Whether JSON holds other JSON, as jsonb's @> of PostgreSQL sees it. */
#ifndef AR_JOBS_JSON_CONTAINS_H
#define AR_JOBS_JSON_CONTAINS_H

#include "value/value.h"

/* An object holds the members, an array the items, in whatever order, each held by one of its own;
 * numbers by their value. An array also holds, at the top alone, the single thing that is in it. */
bool ar_json_contains(const struct arras_value *value, const struct arras_value *part);

#endif
