/* What reading and writing variables share. */
#ifndef AR_JOBS_API_VARIABLE_JSON_H
#define AR_JOBS_API_VARIABLE_JSON_H

#include "jobs/access.h"
#include "jobs/api/call.h"

/* The variable at call->tail, which the caller may use so; false: answered. */
bool ar_variable_find(struct ar_call *call, enum ar_right right,
                      struct ar_variable *ret) ARRAS_CHECKED;
/* A secret value sealed for the store. */
enum arras_status ar_variable_seal(struct ar_call *call, struct arras_str text,
                                   struct arras_str *ret) ARRAS_CHECKED;
/* The value in the clear. INVALID where it was sealed with another key. */
enum arras_status ar_variable_open(struct ar_call *call, const struct ar_variable *variable,
                                   struct arras_str *ret) ARRAS_CHECKED;

#endif
