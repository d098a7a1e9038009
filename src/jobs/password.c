#include "jobs/password.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { SALT = 16, HASH = 32, COST = 1 << 14, BLOCK = 8, MEMORY = 64 << 20 };

#define PREFIX "scrypt$16384$"

static bool derive(struct arras_str password, const unsigned char salt[SALT],
                   unsigned char hash[HASH])
{
    return EVP_PBE_scrypt(password.len ? password.ptr : "", password.len, salt, SALT, COST, BLOCK,
                          1, MEMORY, hash, HASH) == 1;
}

static void write_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static bool read_hex(struct arras_str hex, unsigned char *out, size_t len)
{
    if (hex.len != 2 * len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int high = OPENSSL_hexchar2int((unsigned char)hex.ptr[2 * i]);
        int low = OPENSSL_hexchar2int((unsigned char)hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

enum arras_status ar_password_hash(struct arras_str password, struct ar_arena *arena,
                                   struct arras_str *ret)
{
    unsigned char salt[SALT], hash[HASH];
    char salt_hex[2 * SALT + 1], hash_hex[2 * HASH + 1];
    if (RAND_bytes(salt, SALT) != 1 || !derive(password, salt, hash)) {
        return ARRAS_FAILED;
    }
    write_hex(salt, SALT, salt_hex);
    write_hex(hash, HASH, hash_hex);
    return ar_str_printf(arena, ret, PREFIX "%s$%s", salt_hex, hash_hex) ? ARRAS_OK
                                                                         : ARRAS_NO_MEMORY;
}

bool ar_password_fits(struct arras_str password, struct arras_str kept)
{
    unsigned char salt[SALT] = {0}, hash[HASH] = {0}, made[HASH];
    struct arras_str rest = ar_str_from(kept, strlen(PREFIX));
    struct arras_str salt_hex = ar_str_cut(&rest, '$');
    bool known =
        ar_str_starts(kept, PREFIX) && read_hex(salt_hex, salt, SALT) && read_hex(rest, hash, HASH);
    bool derived = derive(password, salt, made);
    bool same = CRYPTO_memcmp(made, hash, HASH) == 0;
    OPENSSL_cleanse(made, sizeof(made));
    return known && derived && same;
}
