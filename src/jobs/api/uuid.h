/* Job ids as clients write them. */
#ifndef AR_JOBS_API_UUID_H
#define AR_JOBS_API_UUID_H

#include "base/str.h"

/* The UUID in the form in which ids are kept: lower case with hyphens (RFC 9562 section 4); any
 * version. *ret_valid tells whether it is one; false only when memory ran out. */
bool ar_uuid_read(struct arras_str text, struct ar_arena *arena, struct arras_str *ret,
                  bool *ret_valid) ARRAS_CHECKED;

#endif
