/* Secrets of a run, and hiding them wherever text leaves it. */
#ifndef AR_RUN_SECRETS_H
#define AR_RUN_SECRETS_H

#include "arazzo/model.h"

struct ar_secrets {
    AR_VEC(struct arras_str) list; /* plain, and as encodings write them where that differs */
};

#define AR_HIDDEN "***"

/* Adds the values of inputs whose schema says `format: password` or `writeOnly: true`; each secret
 * is kept once. */
enum arras_status ar_secrets_from_inputs(struct ar_secrets *secrets,
                                         const struct ar_workflow *workflow,
                                         const struct arras_value *inputs,
                                         struct ar_arena *arena) ARRAS_CHECKED;
/* Adds the values of headers that are secrets by their names: without the scheme ("Bearer"), of
 * cookies each value. */
enum arras_status ar_secrets_from_headers(struct ar_secrets *secrets,
                                          const struct ar_headers *headers,
                                          struct ar_arena *arena) ARRAS_CHECKED;
/* Adds one secret, in all its encodings. */
enum arras_status ar_secrets_add(struct ar_secrets *secrets, struct arras_str secret,
                                 struct ar_arena *arena) ARRAS_CHECKED;
/* Adds every text and number within a value. */
enum arras_status ar_secrets_add_value(struct ar_secrets *secrets, const struct arras_value *value,
                                       struct ar_arena *arena) ARRAS_CHECKED;
/* Text with every secret in it replaced by AR_HIDDEN; the text itself where there is none. One of
 * one or two bytes only where it is a value as a whole; of one that the text was cut within
 * ("..."), its beginning. False when memory ran out. */
bool ar_secrets_hide(const struct ar_secrets *secrets, struct arras_str text,
                     struct ar_arena *arena, struct arras_str *ret) ARRAS_CHECKED;
/* The same for every string within a value; a number that is a secret of three digits or more
 * becomes AR_HIDDEN. */
enum arras_status ar_secrets_hide_value(const struct ar_secrets *secrets,
                                        const struct arras_value *value, struct ar_arena *arena,
                                        struct arras_value *ret) ARRAS_CHECKED;
/* Whether a header's value is a secret by its name: Authorization and its like. */
bool ar_is_secret_header(struct arras_str name);

#endif
