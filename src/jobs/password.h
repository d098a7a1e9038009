/* Passwords, kept as what scrypt (RFC 7914) makes of them: `scrypt$N$SALT$HASH`, in hex. */
#ifndef AR_JOBS_PASSWORD_H
#define AR_JOBS_PASSWORD_H

#include "base/diag.h"

enum { AR_PASSWORD_LEAST = 5, AR_PASSWORD_MOST = 1024 };

/* FAILED where there are no random bytes or no memory for it. Takes some 50 ms of a processor. */
enum arras_status ar_password_hash(struct arras_str password, struct ar_arena *arena,
                                   struct arras_str *ret) ARRAS_CHECKED;
/* Whether the password is the one that `kept` was made of. Takes as long where `kept` is empty or
 * none, so that nobody learns from the time which accounts there are. */
bool ar_password_fits(struct arras_str password, struct arras_str kept);

#endif
