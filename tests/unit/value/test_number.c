#include "unit/harness.h"
#include <locale.h>
#include <math.h>
#include "value/number.h"
#include "value/value.h"

static struct arras_str z(const char *text)
{
    return ar_str_z(text);
}

static void test_only_json_numbers_are_valid(void **state)
{
    (void)state;
    static const char *const good[] = {"0",   "-0",   "10",   "1.5",       "-0.0",
                                       "1e5", "1E+5", "0e-0", "12.34e-56", "1e999999999999"};
    static const char *const bad[] = {"",         "-",   "+1",  "01",  "1.", ".5",
                                      "1e",       "1e+", "0x1", "1 ",  " 1", "1.e1",
                                      "Infinity", "NaN", "1_0", "--1", "00"};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(ar_number_valid(z(good[i])));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_false(ar_number_valid(z(bad[i])));
    }
}

static void check_order(const char *a, const char *b, int order)
{
    int got = ar_number_compare(z(a), z(b)), back = ar_number_compare(z(b), z(a));
    if ((got > 0) - (got < 0) != order || (back > 0) - (back < 0) != -order) {
        fail_msg("%s against %s: %d and %d, not %d", a, b, got, back, order);
    }
}

static void test_numbers_compare_by_value(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"1", "1.0", 0},
        {"1.0", "1e0", 0},
        {"100", "1e2", 0},
        {"1.50", "15e-1", 0},
        {"0.00120", "12E-4", 0},
        {"0", "-0.0e5", 0},
        {"0e99999999999999999999", "0", 0},
        {"9007199254740993", "9007199254740992", 1},
        {"9007199254740993", "9007199254740992.9999999", 1},
        {"0.1", "0.10000000000000000000000000000000001", -1},
        {"-1", "1", -1},
        {"-2", "-1", -1},
        {"-10", "-9", -1},
        {"0", "1e-400", -1},
        {"0", "-1e-400", 1},
        {"123", "1230", -1},
        {"1.23", "1.2", 1},
        {"12", "123", -1},
        {"10", "9.99", 1},
        {"1e400", "1e401", -1},
        {"1e99999999999999999999", "1e99999999999999999998", 1},
        {"10e99999999999999999998", "1e99999999999999999999", 0},
        {"0.01e100000000000000000001", "1e99999999999999999999", 0},
        {"1e-99999999999999999999", "1e-99999999999999999998", -1},
        {"1e-99999999999999999999", "1e99999999999999999999", -1},
        {"-1e99999999999999999999", "5", -1},
        {"1e000000000000000000000000002", "100", 0},
        {"1000000000000000000000000000000000000001", "1e39", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        check_order(cases[i].a, cases[i].b, cases[i].order);
    }
}

/* Against arithmetic that is exact for small numbers. */
static void test_numbers_compare_as_small_ones_do(void **state)
{
    (void)state;
    for (int i = -120; i <= 120; i++) {
        for (int k = -120; k <= 120; k += 7) {
            char a[32], b[32];
            snprintf(a, sizeof(a), "%s%d.%de1", i < 0 ? "-" : "", abs(i) / 10, abs(i) % 10);
            snprintf(b, sizeof(b), "%d0e-1", k);
            check_order(a, b, (i > k) - (i < k));
        }
    }
}

static void test_whole_numbers_are_known_however_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool whole, fits;
        int64_t number;
    } cases[] = {
        {"0", true, true, 0},
        {"-0.000", true, true, 0},
        {"1e2", true, true, 100},
        {"1.5", false, false, 0},
        {"15e-1", false, false, 0},
        {"150e-1", true, true, 15},
        {"1.50e1", true, true, 15},
        {"-12.00", true, true, -12},
        {"9223372036854775807", true, true, INT64_MAX},
        {"9223372036854775808", true, false, 0},
        {"-9223372036854775808", true, true, INT64_MIN},
        {"-9223372036854775809", true, false, 0},
        {"9.223372036854775807e18", true, true, INT64_MAX},
        {"1e18", true, true, INT64_C(1000000000000000000)},
        {"1e19", true, false, 0},
        {"1e999999999999999999999", true, false, 0},
        {"1e-999999999999999999999", false, false, 0},
        {"0.00000000000000000001e20", true, true, 1},
        {"100000000000000000000e-20", true, true, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int64_t number = 0;
        assert_int_equal(ar_number_is_integer(z(cases[i].text)), cases[i].whole);
        assert_int_equal(ar_number_to_int64(z(cases[i].text), &number), cases[i].fits);
        assert_true(number == cases[i].number);
    }
}

static void test_doubles_are_the_nearest(void **state)
{
    (void)state;
    static char digits[5000];
    memset(digits, '3', sizeof(digits));
    digits[0] = '0';
    digits[1] = '.';
    struct arras_str thirds = {digits, sizeof(digits)};
    assert_true(ar_number_to_double(z("0.1")) == 0.1);
    assert_true(ar_number_to_double(z("-1.5e3")) == -1500.0);
    assert_true(ar_number_to_double(thirds) == 1.0 / 3);
    assert_true(isinf(ar_number_to_double(z("1e400"))));
    assert_true(ar_number_to_double(z("-1e99999999999999999999")) == -INFINITY);
    assert_true(ar_number_to_double(z("1e-99999999999999999999")) == 0);
    /* just above the middle between two doubles, told by the last digit only */
    memset(digits, '0', sizeof(digits));
    memcpy(digits, "9007199254740993.0", 18);
    assert_true(ar_number_to_double(thirds) == 9007199254740992.0);
    digits[sizeof(digits) - 1] = '1';
    assert_true(ar_number_to_double(thirds) == 9007199254740994.0);
    memset(digits, '0', sizeof(digits));
    memcpy(digits, "-0.0", 4);
    assert_true(signbit(ar_number_to_double(thirds)));
}

static void test_multiples_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool multiple;
    } cases[] = {
        {"0", "3", true},
        {"10", "2", true},
        {"7", "2", false},
        {"4.5", "1.5", true},
        {"35", "1.5", false},
        {"0.0075", "0.0001", true},
        {"0.00751", "0.0001", false},
        {"1.1", "0.1", true},
        {"0.3", "0.1", true},
        {"19.99", "0.01", true},
        {"-6", "4", false},
        {"-8", "4", true},
        {"1e308", "0.123456789", false},
        {"1e308", "0.5", true},
        {"1e999999999999999999", "5", true},
        {"1e999999999999999999", "7", false},
        {"12391239123", "1e-8", true},
        {"5", "1e999999999999999999", false},
        {"1000000000000000000000000000000000000001", "1000000000000000000003", false},
        {"3000000000000000000000000000000000000003", "1000000000000000000000000000000000000001",
         true},
        {"3000000000000000000000000000000000000004", "1000000000000000000000000000000000000001",
         false},
        {"9007199254740993", "2", false},
        {"9007199254740993", "3", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (ar_number_is_multiple(z(cases[i].a), z(cases[i].b)) != cases[i].multiple) {
            fail_msg("%s of %s", cases[i].a, cases[i].b);
        }
    }
}

static void check_double(double number, const char *text)
{
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct arras_value value;
    assert_true(ar_double(&arena, number, &value));
    assert_true(ar_number_valid(ar_text(&value)));
    assert_true(ar_number_to_double(ar_text(&value)) == number);
    if (!ar_str_is(ar_text(&value), text)) {
        fail_msg("%s written as %.*s", text, AR_STR_ARG(ar_text(&value)));
    }
    ar_arena_release(&arena);
}

static void test_doubles_are_written_with_the_fewest_digits(void **state)
{
    (void)state;
    check_double(0, "0");
    check_double(-0.0, "-0");
    check_double(0.1, "0.1");
    check_double(1.0 / 3, "0.3333333333333333");
    check_double(100, "100");
    check_double(5e-324, "5e-324");
    check_double(1.7976931348623157e308, "1.7976931348623157e+308");
    check_double(9007199254740993.0, "9007199254740992");
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct arras_value value;
    assert_true(ar_double(&arena, NAN, &value) && value.type == ARRAS_NULL);
    assert_true(ar_double(&arena, -INFINITY, &value) && value.type == ARRAS_NULL);
    assert_true(ar_int(&arena, INT64_MIN, &value));
    assert_str(ar_text(&value), "-9223372036854775808");
    ar_arena_release(&arena);
}

static void test_the_programs_locale_changes_nothing(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) {
        print_message("no German locale here: only the C one is seen\n");
    }
    check_double(1.5, "1.5");
    assert_true(ar_number_to_double(z("1.5")) == 1.5);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_json_numbers_are_valid),
        cmocka_unit_test(test_numbers_compare_by_value),
        cmocka_unit_test(test_numbers_compare_as_small_ones_do),
        cmocka_unit_test(test_whole_numbers_are_known_however_written),
        cmocka_unit_test(test_doubles_are_the_nearest),
        cmocka_unit_test(test_multiples_are_exact),
        cmocka_unit_test(test_doubles_are_written_with_the_fewest_digits),
        cmocka_unit_test(test_the_programs_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
