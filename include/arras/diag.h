/* A diagnostic: what a person reads when a document, an input or a run is not as it should be.
 * The library never prints; it collects diagnostics and the caller shows them. */
#ifndef ARRAS_DIAG_H
#define ARRAS_DIAG_H

#include <stdint.h>
#include "arras/status.h"
#include "arras/str.h"

enum arras_severity { ARRAS_ERROR, ARRAS_WARNING };

/* All strings live as long as what produced the diagnostic (document, run, reader). */
struct arras_diag {
    enum arras_severity severity;
    enum arras_status status; /* what kind of trouble; ARRAS_OK for a warning */
    const char *code;         /* the rule's name, as in docs/tolerances.md: "source-moved" */
    struct arras_str message; /* one sentence that names the thing */
    struct arras_str hint;    /* what to do about it; empty where there is nothing to say */
    struct arras_str file;    /* empty: no place */
    struct arras_str excerpt; /* the source line, without its end */
    uint32_t line, column;    /* from 1, columns in code points; 0: no place */
    uint32_t caret;           /* offset in bytes of the place within the excerpt */
};

#endif
