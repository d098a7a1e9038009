#include "unit/harness.h"
#include "base/arena.h"
#include "base/vec.h"

static void test_memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    char *before = NULL;
    for (size_t size = 1; size < 3000; size += 7) {
        char *memory = ar_arena_alloc(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
        }
        memset(memory, 0xAA, size);
        assert_true(before == NULL || *before == (char)0xAA);
        before = memory;
    }
    ar_arena_release(&arena);
    assert_int_equal(arena.total, 0);
}

static void test_a_limit_stops_it(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 100000);
    assert_null(ar_arena_alloc(&arena, 100000));
    size_t got = 0;
    while (ar_arena_alloc(&arena, 1000)) {
        got += 1000;
    }
    assert_true(got >= 30000 && got <= 100000 && arena.total <= 100000);
    ar_arena_release(&arena);
}

static void test_sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, SIZE_MAX);
    assert_null(ar_arena_alloc(&arena, SIZE_MAX));
    assert_null(ar_arena_alloc(&arena, SIZE_MAX - 8));
    assert_null(ar_arena_array(&arena, SIZE_MAX / 4, 8));
    assert_non_null(ar_arena_array(&arena, 0, 8));
    ar_arena_release(&arena);
}

static void test_rewinding_gives_the_same_memory_again(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct ar_mark empty = ar_arena_mark(&arena);
    char *kept = ar_arena_alloc(&arena, 10);
    assert_non_null(kept);
    kept[9] = 'k';
    struct ar_mark mark = ar_arena_mark(&arena);
    char *first = ar_arena_alloc(&arena, 100);
    for (int i = 0; i < 100; i++) {
        assert_non_null(ar_arena_alloc(&arena, 10000));
    }
    ar_arena_rewind(&arena, mark);
    assert_ptr_equal(ar_arena_alloc(&arena, 100), first);
    assert_int_equal(kept[9], 'k');
    ar_arena_rewind(&arena, empty);
    assert_int_equal(arena.total, 0);
    ar_arena_release(&arena);
    ar_arena_release(NULL);
}

static void test_a_vector_keeps_what_was_pushed(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    AR_VEC(int) numbers = {0};
    for (int i = 0; i < 1000; i++) {
        assert_true(ar_vec_push(&arena, &numbers, i));
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(numbers.items[i], i);
    }
    assert_int_equal(numbers.count, 1000);
    ar_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(test_a_limit_stops_it),
        cmocka_unit_test(test_sizes_that_overflow_are_refused),
        cmocka_unit_test(test_rewinding_gives_the_same_memory_again),
        cmocka_unit_test(test_a_vector_keeps_what_was_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
