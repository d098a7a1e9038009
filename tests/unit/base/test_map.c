#include "unit/harness.h"
#include "base/map.h"

static void test_keys_lead_to_their_values_in_order(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct ar_map map = {0};
    static int values[5000];
    assert_null(ar_map_get(&map, AR_STR("0")));
    for (int i = 0; i < 5000; i++) {
        struct arras_str key;
        assert_true(ar_str_printf(&arena, &key, "%d", i));
        assert_true(ar_map_set(&map, &arena, key, &values[i]));
    }
    for (int i = 0; i < 5000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        assert_ptr_equal(ar_map_get(&map, ar_str_z(text)), &values[i]);
        assert_true(ar_str_is(map.entries[i].key, text));
    }
    assert_null(ar_map_get(&map, AR_STR("5000")));
    assert_true(ar_map_set(&map, &arena, AR_STR("7"), &values[0]));
    assert_ptr_equal(ar_map_get(&map, AR_STR("7")), &values[0]);
    assert_int_equal(map.count, 5000);
    ar_arena_release(&arena);
}

static void test_keys_may_be_empty_or_hold_nul(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct ar_map map = {0};
    int a, b, c;
    assert_true(ar_map_set(&map, &arena, AR_STR(""), &a));
    assert_true(ar_map_set(&map, &arena, AR_STR("\0"), &b));
    assert_true(ar_map_set(&map, &arena, AR_STR("\0\0"), &c));
    assert_ptr_equal(ar_map_get(&map, AR_STR("")), &a);
    assert_ptr_equal(ar_map_get(&map, AR_STR("\0")), &b);
    assert_ptr_equal(ar_map_get(&map, AR_STR("\0\0")), &c);
    ar_arena_release(&arena);
}

static void test_seeds_differ_and_hashes_with_them(void **state)
{
    (void)state;
    struct ar_seed a = ar_seed_new(), b = ar_seed_new();
    assert_true(a.k0 != b.k0 || a.k1 != b.k1);
    assert_true(ar_hash(a, AR_STR("name")) == ar_hash(a, AR_STR("name")));
    assert_true(ar_hash(a, AR_STR("name")) != ar_hash(b, AR_STR("name")));
    assert_true(ar_hash(a, AR_STR("")) != ar_hash(a, AR_STR("\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_lead_to_their_values_in_order),
        cmocka_unit_test(test_keys_may_be_empty_or_hold_nul),
        cmocka_unit_test(test_seeds_differ_and_hashes_with_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
