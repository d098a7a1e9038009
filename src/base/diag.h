/* Collecting diagnostics, with places in source texts.
 *
 *     ar_error(diags, ARRAS_INVALID, "unknown-step", source, value->at,
 *              "step '%.*s': no step '%.*s' in this workflow", ...);
 *     ar_hint(diags, "the steps are: %.*s", ...);
 */
#ifndef AR_BASE_DIAG_H
#define AR_BASE_DIAG_H

#include "arras/diag.h"
#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

/* A text that was read, and what to call it. Both are borrowed; the text must outlive every
 * diagnostic made from it. */
struct ar_source {
    struct arras_str name; /* a path, a URL, "<stdin>", "expression" */
    struct arras_str text;
};

/* "No place": ar_error(diags, status, code, NULL, 0, ...). */

struct ar_diags {
    struct ar_arena *arena; /* owns messages and the list */
    AR_VEC(struct arras_diag) list;
    size_t errors, warnings; /* counted also beyond what is kept */
    bool lost;               /* one, or its hint, could not be kept */
};

void ar_diags_init(struct ar_diags *diags, struct ar_arena *arena);

/* `at`: offset in bytes within the source's text; past its end means its end. `code` is static
 * text. `diags` may be NULL: then nothing is kept. ar_error returns `status`, so that a caller can
 * write `return ar_error(...)`. The message is one sentence without a full stop. */
enum arras_status ar_error(struct ar_diags *diags, enum arras_status status, const char *code,
                           const struct ar_source *source, size_t at, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void ar_warning(struct ar_diags *diags, const char *code, const struct ar_source *source, size_t at,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Where a document leaves the specification's letter: an error (ARRAS_INVALID) when `strict`, else
 * a warning and ARRAS_OK. */
enum arras_status ar_deviation(struct ar_diags *diags, bool strict, const char *code,
                               const struct ar_source *source, size_t at, const char *format,
                               ...) ARRAS_CHECKED __attribute__((format(printf, 6, 7)));
/* What to do about the newest one. */
void ar_hint(struct ar_diags *diags, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds copies of all that `from` holds and `diags` does not hold yet. */
void ar_diags_add(struct ar_diags *diags, const struct ar_diags *from);
/* Memory ran out: kept without needing memory where possible. Returns ARRAS_NO_MEMORY. */
enum arras_status ar_no_memory(struct ar_diags *diags);

/* The first error, or NULL. */
const struct arras_diag *ar_diags_first_error(const struct ar_diags *diags);

/* Line and column (from 1, in code points) of an offset. */
void ar_source_place(const struct ar_source *source, size_t at, uint32_t *ret_line,
                     uint32_t *ret_column);

#endif
