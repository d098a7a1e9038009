#include "unit/harness.h"
#include "base/diag.h"
#include "base/limits.h"

static struct ar_arena arena;
static struct ar_diags diags;

static int setup(void **state)
{
    (void)state;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ar_arena_release(&arena);
    return 0;
}

static const struct arras_diag *at(struct arras_str text, size_t offset)
{
    struct ar_source source = {AR_STR("file"), text};
    assert_int_equal(ar_error(&diags, ARRAS_SYNTAX, "rule", &source, offset, "wrong"),
                     ARRAS_SYNTAX);
    return &diags.list.items[diags.list.count - 1];
}

static void check_place(struct arras_str text, size_t offset, uint32_t line, uint32_t column,
                        const char *excerpt, uint32_t caret)
{
    const struct arras_diag *diag = at(text, offset);
    assert_int_equal(diag->line, line);
    assert_int_equal(diag->column, column);
    assert_true(ar_str_is(diag->excerpt, excerpt));
    assert_int_equal(diag->caret, caret);
}

static void test_a_place_has_line_column_and_excerpt(void **state)
{
    (void)state;
    struct arras_str text = AR_STR("one\r\n\xC3\xA4\xC3\xB6 two\n\nlast");
    check_place(text, 0, 1, 1, "one", 0);
    check_place(text, 3, 1, 4, "one", 3);
    check_place(text, 5, 2, 1, "\xC3\xA4\xC3\xB6 two", 0);
    check_place(text, 10, 2, 4, "\xC3\xA4\xC3\xB6 two", 5);
    check_place(text, 14, 3, 1, "", 0);
    check_place(text, 15, 4, 1, "last", 0);
    check_place(text, 19, 4, 5, "last", 4);
    check_place(text, 999, 4, 5, "last", 4);
    check_place(AR_STR(""), 0, 1, 1, "", 0);
}

static void test_a_long_line_is_cut_around_the_place(void **state)
{
    (void)state;
    static char text[10000];
    memset(text, 'x', sizeof(text));
    text[5000] = '!';
    const struct arras_diag *diag = at((struct arras_str){text, sizeof(text)}, 5000);
    assert_int_equal(diag->column, 5001);
    assert_true(diag->excerpt.len <= AR_DIAG_EXCERPT);
    assert_int_equal(diag->excerpt.ptr[diag->caret], '!');
}

static void test_hints_belong_to_the_newest(void **state)
{
    (void)state;
    ar_hint(&diags, "to nothing");
    ar_warning(&diags, "first", NULL, 0, "a %s", "warning");
    ar_error(&diags, ARRAS_INVALID, "second", NULL, 0, "an error");
    ar_hint(&diags, "do %d things", 2);
    assert_int_equal(diags.list.count, 2);
    assert_str(diags.list.items[0].message, "a warning");
    assert_str(diags.list.items[0].hint, "");
    assert_str(diags.list.items[1].hint, "do 2 things");
    assert_int_equal(diags.list.items[1].line, 0);
    assert_ptr_equal(ar_diags_first_error(&diags), &diags.list.items[1]);
}

static void test_more_than_the_cap_are_counted_only(void **state)
{
    (void)state;
    for (int i = 0; i < AR_DIAG_COUNT + 5; i++) {
        ar_error(&diags, ARRAS_INVALID, "rule", NULL, 0, "number %d", i);
    }
    ar_hint(&diags, "to one not kept");
    assert_int_equal(diags.errors, AR_DIAG_COUNT + 5);
    assert_int_equal(diags.list.count, AR_DIAG_COUNT);
    assert_str(diags.list.items[AR_DIAG_COUNT - 1].hint, "");
}

static void test_nothing_is_kept_without_a_list(void **state)
{
    (void)state;
    assert_int_equal(ar_error(NULL, ARRAS_LIMIT, "rule", NULL, 0, "x"), ARRAS_LIMIT);
    ar_warning(NULL, "rule", NULL, 0, "x");
    ar_hint(NULL, "x");
    assert_int_equal(ar_no_memory(NULL), ARRAS_NO_MEMORY);
}

static void test_lack_of_memory_is_an_error_of_its_own(void **state)
{
    (void)state;
    assert_null(ar_diags_first_error(&diags));
    assert_int_equal(ar_no_memory(&diags), ARRAS_NO_MEMORY);
    assert_non_null(ar_diags_first_error(&diags));
    assert_int_equal(ar_diags_first_error(&diags)->status, ARRAS_NO_MEMORY);
}

static void test_every_status_has_a_name_and_a_meaning(void **state)
{
    (void)state;
    assert_string_equal(arras_status_name(ARRAS_OK), "ok");
    assert_string_equal(arras_status_name(ARRAS_NO_MEMORY), "no-memory");
    for (int status = ARRAS_OK; status <= ARRAS_INTERRUPTED; status++) {
        assert_string_not_equal(arras_status_name((enum arras_status)status), "unknown");
        assert_true(strlen(arras_status_meaning((enum arras_status)status)) > 5);
    }
    assert_string_equal(arras_status_name((enum arras_status)1000), "unknown");
    assert_string_equal(arras_status_meaning((enum arras_status)1000), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_place_has_line_column_and_excerpt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_long_line_is_cut_around_the_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hints_belong_to_the_newest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_than_the_cap_are_counted_only, setup, teardown),
        cmocka_unit_test(test_nothing_is_kept_without_a_list),
        cmocka_unit_test_setup_teardown(test_lack_of_memory_is_an_error_of_its_own, setup,
                                        teardown),
        cmocka_unit_test(test_every_status_has_a_name_and_a_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
