/* Seeded hashing (SipHash-1-3), so that nobody outside can choose names that all collide. */
#ifndef AR_BASE_HASH_H
#define AR_BASE_HASH_H

#include <stdint.h>
#include "arras/str.h"

struct ar_seed {
    uint64_t k0, k1;
};

/* A fresh seed from the system's random source. One for each map or document, not each string. */
struct ar_seed ar_seed_new(void);
uint64_t ar_hash(struct ar_seed seed, struct arras_str s);

#endif
