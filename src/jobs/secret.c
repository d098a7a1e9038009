#include "jobs/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/hash.h"

#define NONCE 12
#define TAG 16

static enum arras_status key_failed(struct ar_diags *diags, const char *path, int error)
{
    return ar_error(diags, ARRAS_IO, "server-key", NULL, 0, "key file %s: %s", path,
                    strerror(error));
}

/* Written under another name first, so that a key file is always whole; CONFLICT where another
 * process made one meanwhile. */
static enum arras_status key_make(const char *path, struct ar_diags *diags,
                                  struct ar_secret_key *ret)
{
    struct arras_str fresh;
    if (!ar_str_printf(diags->arena, &fresh, "%s.XXXXXX", path)) {
        return ar_no_memory(diags);
    }
    if (RAND_bytes(ret->bytes, sizeof(ret->bytes)) != 1) {
        return ar_error(diags, ARRAS_IO, "server-key", NULL, 0, "no random bytes for a key");
    }
    char *name = (char *)(uintptr_t)fresh.ptr;
    int fd = mkostemp(name, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        return key_failed(diags, path, errno);
    }
    errno = EIO; /* a write that is short says nothing */
    bool written =
        write(fd, ret->bytes, sizeof(ret->bytes)) == (ssize_t)sizeof(ret->bytes) && fsync(fd) == 0;
    int error = errno;
    close(fd);
    if (written && link(name, path)) {
        error = errno;
        written = false;
    }
    (void)unlink(name);
    return written ? ARRAS_OK : error == EEXIST ? ARRAS_CONFLICT : key_failed(diags, path, error);
}

/* NOT_FOUND where there is none. */
static enum arras_status key_read(const char *path, struct ar_diags *diags,
                                  struct ar_secret_key *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? ARRAS_NOT_FOUND : key_failed(diags, path, errno);
    }
    ssize_t got = read(fd, ret->bytes, sizeof(ret->bytes));
    int error = errno;
    close(fd);
    if (got < 0) {
        return key_failed(diags, path, error);
    }
    if (got != (ssize_t)sizeof(ret->bytes)) {
        return ar_error(diags, ARRAS_INVALID, "server-key", NULL, 0,
                        "key file %s: expected %zu bytes, found %zd", path, sizeof(ret->bytes),
                        got);
    }
    return ARRAS_OK;
}

enum arras_status ar_secret_key_load(const char *path, struct ar_diags *diags,
                                     struct ar_secret_key *ret)
{
    enum arras_status status = key_read(path, diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        status = key_make(path, diags, ret);
        status = status == ARRAS_CONFLICT ? key_read(path, diags, ret) : status;
    }
    return status;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL where memory ran out or the text is not hex. */
static unsigned char *from_hex(struct arras_str hex, struct ar_arena *arena)
{
    unsigned char *out = ar_arena_raw(arena, hex.len / 2 + 1, 1);
    if (!out || hex.len % 2) {
        return NULL;
    }
    for (size_t i = 0; i < hex.len; i += 2) {
        int high = hex_value(hex.ptr[i]), low = hex_value(hex.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return NULL;
        }
        out[i / 2] = (unsigned char)(high << 4 | low);
    }
    return out;
}

/* Nonce, ciphertext and tag, in this order, in `out`. */
static bool encrypt(EVP_CIPHER_CTX *cipher, const struct ar_secret_key *key, struct arras_str name,
                    struct arras_str text, unsigned char *out)
{
    int len = 0;
    return RAND_bytes(out, NONCE) == 1 &&
           EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key->bytes, out) == 1 &&
           EVP_EncryptUpdate(cipher, NULL, &len, (const unsigned char *)name.ptr, (int)name.len) ==
               1 &&
           EVP_EncryptUpdate(cipher, out + NONCE, &len, (const unsigned char *)text.ptr,
                             (int)text.len) == 1 &&
           EVP_EncryptFinal_ex(cipher, out + NONCE + text.len, &len) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG, out + NONCE + text.len) == 1;
}

enum arras_status ar_secret_seal(const struct ar_secret_key *key, struct arras_str name,
                                 struct arras_str text, struct ar_arena *arena,
                                 struct arras_str *ret)
{
    if (text.len > INT32_MAX || name.len > INT32_MAX) {
        return ARRAS_LIMIT;
    }
    size_t len = NONCE + text.len + TAG;
    unsigned char *out = ar_arena_raw(arena, len, 1);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    if (!out || !cipher) {
        EVP_CIPHER_CTX_free(cipher);
        return ARRAS_NO_MEMORY;
    }
    bool sealed = encrypt(cipher, key, name, text, out);
    EVP_CIPHER_CTX_free(cipher);
    return sealed ? ar_hex(out, len, arena, ret) : ARRAS_FAILED;
}

static bool decrypt(EVP_CIPHER_CTX *cipher, const struct ar_secret_key *key, struct arras_str name,
                    unsigned char *sealed, size_t len, unsigned char *out)
{
    int done = 0;
    return EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key->bytes, sealed) == 1 &&
           EVP_DecryptUpdate(cipher, NULL, &done, (const unsigned char *)name.ptr, (int)name.len) ==
               1 &&
           EVP_DecryptUpdate(cipher, out, &done, sealed + NONCE, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG, sealed + NONCE + len) == 1 &&
           EVP_DecryptFinal_ex(cipher, out + len, &done) == 1;
}

enum arras_status ar_secret_open(const struct ar_secret_key *key, struct arras_str name,
                                 struct arras_str sealed, struct ar_arena *arena,
                                 struct arras_str *ret)
{
    if (sealed.len / 2 < NONCE + TAG || sealed.len > INT32_MAX) {
        return ARRAS_INVALID;
    }
    size_t len = sealed.len / 2 - NONCE - TAG;
    unsigned char *bytes = from_hex(sealed, arena);
    char *out = ar_arena_raw(arena, len + 1, 1);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    if (!out || !cipher) {
        EVP_CIPHER_CTX_free(cipher);
        return ARRAS_NO_MEMORY;
    }
    bool opened = bytes && decrypt(cipher, key, name, bytes, len, (unsigned char *)out);
    EVP_CIPHER_CTX_free(cipher);
    if (!opened) {
        return ARRAS_INVALID;
    }
    out[len] = '\0';
    *ret = (struct arras_str){out, len};
    return ARRAS_OK;
}

enum arras_status ar_token_new(struct ar_arena *arena, struct arras_str *ret)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char *out = ar_arena_raw(arena, AR_TOKEN_LENGTH + 1, 1);
    if (!out) {
        return ARRAS_NO_MEMORY;
    }
    size_t len = 0;
    while (len < AR_TOKEN_LENGTH) {
        unsigned char byte;
        if (RAND_bytes(&byte, 1) != 1) {
            return ARRAS_IO;
        }
        if (byte < 4 * 62) { /* the rest would make some letters likelier */
            out[len++] = letters[byte % 62];
        }
    }
    out[len] = '\0';
    *ret = (struct arras_str){out, len};
    return ARRAS_OK;
}
