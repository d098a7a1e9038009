/* Seeded hashing (SipHash-1-3), so that nobody outside can choose names that all collide; and the
 * one that names a text for good. */
#ifndef AR_BASE_HASH_H
#define AR_BASE_HASH_H

#include <stdint.h>
#include "arras/str.h"
#include "base/arena.h"

struct ar_seed {
    uint64_t k0, k1;
};

/* A fresh seed from the system's random source. One for each map or document, not each string. */
struct ar_seed ar_seed_new(void);
uint64_t ar_hash(struct ar_seed seed, struct arras_str s);

enum arras_status ar_hex(const unsigned char *bytes, size_t len, struct ar_arena *arena,
                         struct arras_str *ret) ARRAS_CHECKED;
/* SHA-256 as 64 hex digits. */
enum arras_status ar_sha256_hex(struct arras_str text, struct ar_arena *arena,
                                struct arras_str *ret) ARRAS_CHECKED;

#endif
