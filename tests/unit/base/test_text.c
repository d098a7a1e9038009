/* Strings, buffers, UTF-8. */
#include "unit/harness.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/fold.h"
#include "base/utf8.h"

static void test_strings_compare_by_bytes_and_length(void **state)
{
    (void)state;
    assert_true(ar_str_eq(AR_STR("a\0b"), AR_STR("a\0b")));
    assert_false(ar_str_eq(AR_STR("a\0b"), AR_STR("a\0c")));
    assert_false(ar_str_eq(AR_STR("a"), AR_STR("ab")));
    assert_true(ar_str_eq((struct arras_str){NULL, 0}, AR_STR("")));
    assert_true(ar_str_is_nocase(AR_STR("Content-TYPE"), "content-type"));
    assert_false(ar_str_is_nocase(AR_STR("\xC3\x84"), "\xC3\xA4"));
    assert_true(ar_str_compare(AR_STR("a"), AR_STR("ab")) < 0);
    assert_true(ar_str_compare(AR_STR("b"), AR_STR("ab")) > 0);
    assert_true(ar_str_compare(AR_STR("\x7F"), AR_STR("\x80")) < 0);
    assert_int_equal(ar_str_compare(AR_STR(""), AR_STR("")), 0);
}

static void test_strings_are_searched_and_cut(void **state)
{
    (void)state;
    struct arras_str s = AR_STR("one/two//four");
    assert_int_equal(ar_str_find_char(s, '/', 0), 3);
    assert_int_equal(ar_str_find_char(s, '/', 4), 7);
    assert_int_equal(ar_str_find_char(s, 'z', 0), AR_NOT_FOUND);
    assert_int_equal(ar_str_find_char(s, 'o', 99), AR_NOT_FOUND);
    assert_int_equal(ar_str_find_last_char(s, '/'), 8);
    assert_int_equal(ar_str_find(s, AR_STR("//"), 0), 7);
    assert_int_equal(ar_str_find(s, AR_STR(""), 13), 13);
    assert_int_equal(ar_str_find(s, AR_STR(""), 14), AR_NOT_FOUND);
    assert_true(ar_str_starts(s, "one") && ar_str_ends(s, "four") && !ar_str_ends(s, "five"));
    assert_str(ar_str_cut(&s, '/'), "one");
    assert_str(ar_str_cut(&s, '/'), "two");
    assert_str(ar_str_cut(&s, '/'), "");
    assert_str(ar_str_cut(&s, '/'), "four");
    assert_str(s, "");
    assert_str(ar_str_trim(AR_STR(" \t x y\r\n")), "x y");
    assert_str(ar_str_trim(AR_STR(" \n")), "");
    assert_str(ar_str_sub(AR_STR("abc"), 1, 99), "bc");
    assert_str(ar_str_sub(AR_STR("abc"), 2, 1), "");
}

static void test_whole_numbers_are_read_within_64_bits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"+12", 12},
                {"007", 7},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      " 1",
                                      "1 ",
                                      "1.",
                                      "0x1",
                                      "--1",
                                      "9223372036854775808",
                                      "-9223372036854775809"};
    int64_t number = 42;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(ar_str_int(ar_str_z(good[i].text), &number));
        assert_true(number == good[i].number);
    }
    number = 42;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_false(ar_str_int(ar_str_z(bad[i]), &number));
    }
    assert_int_equal(number, 42);
}

static void test_copies_end_in_a_nul_byte(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct arras_str copy;
    assert_true(ar_str_copy(AR_STR("x\0y"), &arena, &copy));
    assert_str(copy, "x\0y");
    assert_int_equal(copy.ptr[3], 0);
    assert_null(ar_str_to_z(copy, &arena));
    assert_string_equal(ar_str_to_z(AR_STR("abc"), &arena), "abc");
    assert_true(ar_str_printf(&arena, &copy, "%d-%s", 7, "x"));
    assert_str(copy, "7-x");
    ar_arena_release(&arena);
}

static void test_a_buffer_remembers_its_first_failure(void **state)
{
    (void)state;
    struct ar_buf buf;
    ar_buf_init(&buf, 10);
    ar_buf_add_z(&buf, "12345");
    ar_buf_printf(&buf, "%s", "678");
    assert_str(ar_buf_str(&buf), "12345678");
    ar_buf_add_z(&buf, "too long");
    ar_buf_add_char(&buf, '9');
    assert_int_equal(ar_buf_status(&buf), ARRAS_LIMIT);
    assert_str(ar_buf_str(&buf), "12345678");
    ar_buf_clear(&buf);
    ar_buf_add(&buf, "0123456789", 10);
    assert_int_equal(ar_buf_status(&buf), ARRAS_OK);
    ar_buf_cut(&buf, 3);
    assert_str(ar_buf_str(&buf), "012");
    ar_buf_cut(&buf, 5);
    assert_str(ar_buf_str(&buf), "012");
    ar_buf_release(&buf);
    ar_buf_release(NULL);
}

static void test_utf8_is_told_from_what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t valid;
    } cases[] = {
        {"", 0},
        {"plain text, longer than eight bytes", 35},
        {"\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 18},
        {"12345678\xC3", 8},  /* cut off */
        {"a\xC0\x80", 1},     /* overlong */
        {"a\xC1\xBF", 1},     /* overlong */
        {"a\xE0\x9F\xBF", 1}, /* overlong */
        {"a\xF0\x8F\xBF\xBF", 1} /* overlong */,
        {"a\xED\xA0\x80", 1}, /* a surrogate */
        {"a\xF4\x90\x80\x80", 1} /* above U+10FFFF */,
        {"a\xF5\x80\x80\x80", 1},
        {"a\x80", 1}, /* continues nothing */
        {"a\xE2\x82", 1},
        {"a\xE2\x28\xA1", 1},
        {"\xFF", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(ar_utf8_valid(ar_str_z(cases[i].text)), cases[i].valid);
    }
}

static void test_every_code_point_is_written_and_read(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char out[4];
        struct arras_str s = {out, ar_utf8_put(code, out)};
        size_t at = 0;
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        assert_int_equal(ar_utf8_next(s, &at), surrogate ? 0xFFFD : code);
        assert_int_equal(at, s.len);
        assert_int_equal(ar_utf8_valid(s), s.len);
    }
    assert_int_equal(ar_utf8_count(AR_STR("a\xC3\xA4\xF0\x9F\x98\x80\xFF\xFEz")), 6);
}

static void base64_is_read_in_both_alphabets(void **state)
{
    (void)state;
    const struct {
        const char *text, *bytes; /* NULL: not Base64 */
    } rows[] = {
        {"", ""},
        {"aGVsbG8=", "hello"},
        {"aGVsbG8", "hello"},
        {"aGk=", "hi"},
        {"aA==", "h"},
        {"aA", "h"},
        {"+/+/", "\xfb\xff\xbf"},
        {"-_-_", "\xfb\xff\xbf"},
        {"a", NULL},
        {"aA=", NULL},
        {"aB==", NULL},
        {"aGVs bG8=", NULL},
        {"aGVsbG8=\n", NULL},
        {"=", NULL},
        {"aGk=aGk=", NULL},
    };
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arras_str got;
        enum arras_status status = ar_base64_decode(ar_str_z(rows[i].text), &arena, &got);
        assert_int_equal(status, rows[i].bytes ? ARRAS_OK : ARRAS_SYNTAX);
        assert_true(!rows[i].bytes || ar_str_is(got, rows[i].bytes));
    }
    ar_arena_release(&arena);
}

static void text_is_compared_without_regard_to_case(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"", "", 0},
        {"AbC", "aBc", 0},
        {"a", "B", -1},
        {"b", "A", 1},
        {"a", "ab", -1},
        {"Z", "[", 1},
        {"\u00c9t\u00c9", "\u00e9T\u00e9", 0},
        {"\u0391\u03a9\u03a3", "\u03b1\u03c9\u03c2", 0},
        {"\u0416\u0423\u041a", "\u0436\u0443\u043a", 0},
        {"\u0100\u0130", "\u0101\u0130", 0},
        {"\u00d7", "\u00f7", -1}, /* no letters, though they stand among them */
        {"\u1e9e", "\u00df", 0},
        {"\U0001e900", "\U0001e922", 0},
        {"\xc9", "\xe9", -1}, /* not UTF-8 */
        {"\xff", "\xff", 0},
        {"\xff", "\ufffd", 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int order = ar_fold_compare(ar_str_z(rows[i].a), ar_str_z(rows[i].b));
        assert_int_equal((order > 0) - (order < 0), rows[i].order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_read_in_both_alphabets),
        cmocka_unit_test(text_is_compared_without_regard_to_case),
        cmocka_unit_test(test_strings_compare_by_bytes_and_length),
        cmocka_unit_test(test_strings_are_searched_and_cut),
        cmocka_unit_test(test_whole_numbers_are_read_within_64_bits),
        cmocka_unit_test(test_copies_end_in_a_nul_byte),
        cmocka_unit_test(test_a_buffer_remembers_its_first_failure),
        cmocka_unit_test(test_utf8_is_told_from_what_is_none),
        cmocka_unit_test(test_every_code_point_is_written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
