/* The fields that the specification gives to each object (Arazzo 1.0.1 and 1.1.0, Fixed Fields). */
#ifndef AR_ARAZZO_FIELDS_H
#define AR_ARAZZO_FIELDS_H

#include "arazzo/model.h"

enum ar_object_kind {
    AR_OBJECT_ROOT,
    AR_OBJECT_INFO,
    AR_OBJECT_SOURCE,
    AR_OBJECT_WORKFLOW,
    AR_OBJECT_STEP,
    AR_OBJECT_PARAMETER,
    AR_OBJECT_SUCCESS_ACTION,
    AR_OBJECT_FAILURE_ACTION,
    AR_OBJECT_COMPONENTS,
    AR_OBJECT_CRITERION,
    AR_OBJECT_QUERY_TYPE,
    AR_OBJECT_REQUEST_BODY,
    AR_OBJECT_REPLACEMENT
};

/* A field that is none of the object's and no extension (x-...) means nothing to anyone, and is
 * often one misspelled: `unknown-field`, once for each. What is no object has no fields. */
enum arras_status ar_check_fields(const struct arras_value *object, enum ar_object_kind kind,
                                  const struct ar_arazzo *arazzo,
                                  struct ar_diags *diags) ARRAS_CHECKED;

#endif
