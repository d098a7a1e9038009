#include "base/hash.h"
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

struct ar_seed ar_seed_new(void)
{
    struct ar_seed seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
        /* early in boot: the address and the time are still not an outsider's to choose */
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        seed.k0 = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)&seed;
        seed.k1 = (uint64_t)now.tv_sec ^ ((uint64_t)(uintptr_t)&ar_seed_new << 16);
    }
    return seed;
}

static uint64_t rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

static void round_once(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

uint64_t ar_hash(struct ar_seed seed, struct arras_str s)
{
    uint64_t v[4] = {seed.k0 ^ 0x736f6d6570736575u, seed.k1 ^ 0x646f72616e646f6du,
                     seed.k0 ^ 0x6c7967656e657261u, seed.k1 ^ 0x7465646279746573u};
    size_t whole = s.len & ~(size_t)7;
    uint64_t word;
    for (size_t i = 0; i < whole; i += 8) {
        memcpy(&word, s.ptr + i, 8);
        v[3] ^= word;
        round_once(v);
        v[0] ^= word;
    }
    word = (uint64_t)s.len << 56;
    for (size_t i = whole; i < s.len; i++) {
        word |= (uint64_t)(unsigned char)s.ptr[i] << (8 * (i - whole));
    }
    v[3] ^= word;
    round_once(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    round_once(v);
    round_once(v);
    round_once(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

enum arras_status ar_hex(const unsigned char *bytes, size_t len, struct ar_arena *arena,
                         struct arras_str *ret)
{
    static const char digits[] = "0123456789abcdef";
    char *out = ar_arena_raw(arena, 2 * len + 1, 1);
    if (!out) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
    *ret = (struct arras_str){out, 2 * len};
    return ARRAS_OK;
}

enum arras_status ar_sha256_hex(struct arras_str text, struct ar_arena *arena,
                                struct arras_str *ret)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(text.len ? text.ptr : "", text.len, digest, &len, EVP_sha256(), NULL) != 1) {
        return ARRAS_FAILED;
    }
    return ar_hex(digest, len, arena, ret);
}
