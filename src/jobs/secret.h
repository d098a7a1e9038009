/* Secrets of the job server: tokens, and what must be kept but not in the clear.
 *
 * Beside the database lies a key file (32 random bytes, mode 0600). What must be readable again is
 * sealed with that key by AES-256-GCM before it goes into the database, so that a copy of the
 * database alone tells nothing; the key and the database together tell all. A token that only has
 * to be recognised is kept as its SHA-256. */
#ifndef AR_JOBS_SECRET_H
#define AR_JOBS_SECRET_H

#include "base/diag.h"

struct ar_secret_key {
    unsigned char bytes[32];
};

#define AR_TOKEN_LENGTH 30

/* Reads the key file, makes it where there is none. INVALID where it is not one; IO. */
enum arras_status ar_secret_key_load(const char *path, struct ar_diags *diags,
                                     struct ar_secret_key *ret) ARRAS_CHECKED;

/* Seals `text` (hex digits in arena). `name` is bound to it: opening under another name fails. */
enum arras_status ar_secret_seal(const struct ar_secret_key *key, struct arras_str name,
                                 struct arras_str text, struct ar_arena *arena,
                                 struct arras_str *ret) ARRAS_CHECKED;
/* INVALID where it was sealed with another key or name, or was changed since. */
enum arras_status ar_secret_open(const struct ar_secret_key *key, struct arras_str name,
                                 struct arras_str sealed, struct ar_arena *arena,
                                 struct arras_str *ret) ARRAS_CHECKED;

/* A new token: AR_TOKEN_LENGTH letters and digits from the system's random source. */
enum arras_status ar_token_new(struct ar_arena *arena, struct arras_str *ret) ARRAS_CHECKED;

#endif
