/* Tokens, sealed texts and the key file; the data directory. */
#include "base/hash.h"
#include "jobs/secret.h"
#include <sys/stat.h>
#include "jobs/data_directory.h"
#include "unit/jobs/temporary.h"

static char directory[] = "/tmp/arras-test-secret-XXXXXX";

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    ar_arena_init(&f->arena, 0);
    ar_diags_init(&f->diags, &f->arena);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ar_arena_release(&f->arena);
    free(f);
    return 0;
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

static void a_key_is_made_once_and_for_its_owner_only(void **state)
{
    struct fixture *f = *state;
    struct ar_secret_key first, second;
    char path[128];
    snprintf(path, sizeof(path), "%s/key", directory);
    assert_int_equal(ar_secret_key_load(path, &f->diags, &first), ARRAS_OK);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(ar_secret_key_load(path, &f->diags, &second), ARRAS_OK);
    assert_memory_equal(&first, &second, sizeof(first));
    assert_int_equal(truncate(path, 5), 0);
    assert_int_equal(ar_secret_key_load(path, &f->diags, &second), ARRAS_INVALID);
    snprintf(path, sizeof(path), "%s/none/key", directory);
    assert_int_equal(ar_secret_key_load(path, &f->diags, &second), ARRAS_IO);
}

static void what_is_sealed_opens_with_its_key_and_name_only(void **state)
{
    struct fixture *f = *state;
    const struct ar_secret_key key = {{1}}, other = {{2}};
    const struct arras_str name = AR_STR("name"), text = AR_STR("tell nobody");
    struct arras_str sealed, again, opened;
    assert_int_equal(ar_secret_seal(&key, name, text, &f->arena, &sealed), ARRAS_OK);
    assert_int_equal(ar_secret_seal(&key, name, text, &f->arena, &again), ARRAS_OK);
    assert_false(ar_str_eq(sealed, again));
    assert_int_equal(ar_secret_open(&key, name, sealed, &f->arena, &opened), ARRAS_OK);
    assert_str(opened, "tell nobody");
    assert_int_equal(ar_secret_open(&other, name, sealed, &f->arena, &opened), ARRAS_INVALID);
    assert_int_equal(ar_secret_open(&key, AR_STR("x"), sealed, &f->arena, &opened), ARRAS_INVALID);
    /* every byte counts */
    for (size_t i = 0; i < sealed.len; i++) {
        struct arras_str changed;
        assert_true(ar_str_copy(sealed, &f->arena, &changed));
        ((char *)(uintptr_t)changed.ptr)[i] = changed.ptr[i] == '0' ? '1' : '0';
        assert_int_equal(ar_secret_open(&key, name, changed, &f->arena, &opened), ARRAS_INVALID);
    }
    assert_int_equal(ar_secret_open(&key, name, AR_STR("00"), &f->arena, &opened), ARRAS_INVALID);
    assert_int_equal(ar_secret_seal(&key, name, AR_STR(""), &f->arena, &sealed), ARRAS_OK);
    assert_int_equal(ar_secret_open(&key, name, sealed, &f->arena, &opened), ARRAS_OK);
    assert_str(opened, "");
}

static void tokens_are_letters_and_digits_and_differ(void **state)
{
    struct fixture *f = *state;
    struct arras_str one, two, hash;
    assert_int_equal(ar_token_new(&f->arena, &one), ARRAS_OK);
    assert_int_equal(ar_token_new(&f->arena, &two), ARRAS_OK);
    assert_int_equal(one.len, AR_TOKEN_LENGTH);
    assert_int_equal(
        strspn(one.ptr, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
        AR_TOKEN_LENGTH);
    assert_false(ar_str_eq(one, two));
    /* FIPS 180-2, appendix B.1 */
    assert_int_equal(ar_sha256_hex(AR_STR("abc"), &f->arena, &hash), ARRAS_OK);
    assert_str(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void directories_are_made_for_their_owner_and_removed_whole(void **state)
{
    struct fixture *f = *state;
    char path[128], inner[160], link[192];
    struct arras_str made;
    snprintf(path, sizeof(path), "%s/a", directory);
    snprintf(inner, sizeof(inner), "%s/b/c", path);
    assert_int_equal(ar_directory_make(ar_str_z(inner), &f->diags), ARRAS_OK);
    assert_int_equal(ar_directory_make(ar_str_z(inner), &f->diags), ARRAS_OK);
    assert_int_equal(mode_of(path), 0700);
    assert_int_equal(mode_of(inner), 0700);
    snprintf(link, sizeof(link), "%s/link", inner);
    assert_int_equal(symlink("/tmp", link), 0);
    ar_directory_remove(ar_str_z(path));
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access("/tmp", F_OK), 0);
    assert_int_equal(ar_directory_temporary(directory, &f->arena, &f->diags, &made), ARRAS_OK);
    assert_int_equal(mode_of(made.ptr), 0700);
    assert_int_equal(ar_directory_make(AR_STR("/dev/null/x"), &f->diags), ARRAS_IO);
}

static int before_all(void **state)
{
    (void)state;
    make_directory(directory);
    return 0;
}

static int after_all(void **state)
{
    (void)state;
    remove_tree(directory);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_made_once_and_for_its_owner_only),
        TEST(what_is_sealed_opens_with_its_key_and_name_only),
        TEST(tokens_are_letters_and_digits_and_differ),
        TEST(directories_are_made_for_their_owner_and_removed_whole),
    };
    return cmocka_run_group_tests(tests, before_all, after_all);
}
