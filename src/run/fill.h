/* The values that a step sends: arguments, payloads, inputs of called workflows. What cannot be had
 * is the step's failure (*verdict); ARRAS_NO_MEMORY is the only status besides OK. */
#ifndef AR_RUN_FILL_H
#define AR_RUN_FILL_H

#include "run/machine.h"

typedef AR_VEC(struct ar_argument) ar_argument_vec;

/* Optional inputs that were not given leave their parameter out, with a warning (optional-absent).
 */
enum arras_status ar_fill_arguments(struct ar_run *run, const struct ar_parameters *parameters,
                                    ar_argument_vec *arguments,
                                    struct ar_verdict *verdict) ARRAS_CHECKED;
/* The payload with its replacements made; *ret NULL: none. `body` may be NULL. */
enum arras_status ar_fill_payload(struct ar_run *run, const struct ar_request_body *body,
                                  const struct arras_value **ret,
                                  struct ar_verdict *verdict) ARRAS_CHECKED;
/* An object of the arguments by name, laid over `base` (NULL: nothing). */
enum arras_status ar_argument_inputs(struct ar_run *run, const ar_argument_vec *arguments,
                                     const struct arras_value *base,
                                     struct arras_value *ret) ARRAS_CHECKED;
/* The inputs of the workflow that an action goes to: this workflow's by name, and over them the
 * action's parameters (Arazzo 1.1). */
enum arras_status ar_action_inputs(struct ar_run *run, const struct ar_action *action,
                                   const struct arras_value **ret,
                                   struct ar_verdict *verdict) ARRAS_CHECKED;

#endif
