/* A workflow's inputs, from what a user gave (Arazzo 1.0.1, Workflow Object, `inputs`). */
#ifndef AR_RUN_INPUTS_H
#define AR_RUN_INPUTS_H

#include "arazzo/model.h"
#include "openapi/upload.h"

struct ar_given_inputs {
    const struct arras_value *values; /* an object, or NULL */
    struct arras_settings texts;      /* override values; coerced to the schema's type */
    struct arras_settings fallbacks;  /* for declared inputs that nothing else gave */
};

/* Coerces texts, fills in defaults and validates by the schema, and by those of the workflows that
 * it depends on, which are given the same; all errors at once. A text that
 * cannot be read as its type stays a string, for the schema to refuse. *ret_uploads holds
 * those that may name files: what the user gave, no defaults. ARRAS_INVALID, ARRAS_NO_MEMORY. */
enum arras_status ar_inputs_prepare(const struct ar_workflow *workflow,
                                    const struct ar_given_inputs *given, struct ar_arena *arena,
                                    struct ar_diags *diags, const struct arras_value **ret,
                                    struct ar_uploads *ret_uploads) ARRAS_CHECKED;

/* Inputs that fit the schema, by the ranges of int32, int64, float and double (Arazzo, Data Types).
 * One that is beyond its range is a deviation, `input-range`: ARRAS_INVALID with an error in the
 * strict setting, else a warning. Values are shown: hide secrets in `diags`. ARRAS_LIMIT,
 * ARRAS_NO_MEMORY. */
enum arras_status ar_inputs_check_ranges(const struct ar_workflow *workflow,
                                         const struct arras_value *inputs, struct ar_arena *arena,
                                         struct ar_diags *diags) ARRAS_CHECKED;

#endif
