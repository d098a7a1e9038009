/* What the program tells people, on standard error: diagnostics of the library and its own, with
 * their place and what to do. Colours only on a terminal, and not with NO_COLOR. */
#ifndef AR_CLI_SAY_H
#define AR_CLI_SAY_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arras/diag.h"

struct arras_pool;

/* `error: ...`, `warning: ...`, `hint: ...`, one line each. */
void ar_say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ar_say_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ar_say_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A diagnostic with its place, the excerpt with a caret, and its hint. */
void ar_say_diag(const struct arras_diag *diag);
/* The one at `index` of the pool, which exists. A warning by a rule that an earlier one told of
 * comes without excerpt and hint: the place is new, what to do is not. */
void ar_say_pool_diag(const struct arras_pool *pool, size_t index);
/* Those of the pool from *next on, which moves past the last; `errors_only` leaves out warnings.
 * Returns how many were errors. */
size_t ar_say_pool(const struct arras_pool *pool, size_t *next, bool errors_only);
/* All errors of the pool, or, where there is none, the meaning of `status`: so that no failure is
 * silent. */
void ar_say_failure(const struct arras_pool *pool, enum arras_status status);
/* The first error of the pool from `index` on, NULL where there is none. */
const struct arras_diag *ar_first_error(const struct arras_pool *pool, size_t index);

enum ar_colour { AR_PLAIN, AR_BOLD, AR_RED, AR_GREEN, AR_YELLOW, AR_DIM };
/* The escape sequence for standard error, empty where colours are off. */
const char *ar_colour(enum ar_colour colour);

/* Writes text that came from outside: control characters appear as \xNN, so that no document or
 * server can drive the terminal. Line ends and tabs are kept where `lines`. */
void ar_print_safe(FILE *file, struct arras_str text, bool lines);

#endif
