/* Results, on standard output. */
#ifndef AR_CLI_PRINT_H
#define AR_CLI_PRINT_H

#include "arras/value.h"

/* A value as JSON and a line end on standard output; `flags` of enum arras_write_flags. The exit
 * status: 0 or 4. */
int ar_print_value(struct arras_pool *pool, const struct arras_value *value, int flags);

#endif
