/* Schedules' next times: cron expressions, time zones, what happens when clocks are put forward or
 * back. Expected times are UTC. */
#include "base/calendar.h"
#include "jobs/schedule/cron.h"
#include "unit/harness.h"

static int64_t at(int64_t year, int month, int day, int hour, int minute, int second)
{
    return ar_date_days((struct ar_date){year, month, day}) * 86400 + hour * 3600 + minute * 60 +
           second;
}

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
};

static int setup(void **state)
{
    static struct fixture fixture;
    ar_arena_init(&fixture.arena, 0);
    ar_diags_init(&fixture.diags, &fixture.arena);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    ar_arena_release(&((struct fixture *)*state)->arena);
    return 0;
}

/* The times that follow `after`, against a list that ends with 0. */
static void check_next(struct fixture *f, const char *text, enum ar_cron_version version,
                       const char *zone_name, int64_t after, const int64_t *expected)
{
    struct ar_cron cron;
    struct ar_zone *zone;
    assert_int_equal(ar_cron_parse(ar_str_z(text), version, &f->diags, &cron), ARRAS_OK);
    assert_int_equal(ar_zone_open(ar_str_z(zone_name), &f->arena, &f->diags, &zone), ARRAS_OK);
    for (; *expected; expected++) {
        int64_t next;
        assert_true(ar_cron_next(&cron, zone, after, &next));
        if (next != *expected) {
            print_error("%s in %s: %lld s after what was expected\n", text, zone_name,
                        (long long)(next - *expected));
        }
        assert_int_equal(next, *expected);
        after = next;
    }
}

#define CHECK(text, zone, after, ...)                                                              \
    check_next(*state, text, AR_CRON_V2, zone, after, (const int64_t[]){__VA_ARGS__, 0})
#define CHECK_V1(text, zone, after, ...)                                                           \
    check_next(*state, text, AR_CRON_V1, zone, after, (const int64_t[]){__VA_ARGS__, 0})

static void fields(void **state)
{
    int64_t start = at(2026, 1, 1, 0, 0, 0); /* a Thursday */
    CHECK("*/20 * * * * *", "UTC", start, start + 20, start + 40, start + 60);
    CHECK("0 30 9 * * MON-FRI", "UTC", start, at(2026, 1, 1, 9, 30, 0), at(2026, 1, 2, 9, 30, 0),
          at(2026, 1, 5, 9, 30, 0));
    CHECK("5 5/20 * * * *", "UTC", start, at(2026, 1, 1, 0, 5, 5), at(2026, 1, 1, 0, 25, 5),
          at(2026, 1, 1, 0, 45, 5), at(2026, 1, 1, 1, 5, 5));
    CHECK("0 0 12 1,15 feb ?", "UTC", start, at(2026, 2, 1, 12, 0, 0), at(2026, 2, 15, 12, 0, 0),
          at(2027, 2, 1, 12, 0, 0));
    CHECK("0 0 0 29 2 *", "UTC", start, at(2028, 2, 29, 0, 0, 0), at(2032, 2, 29, 0, 0, 0));
    CHECK("@monthly", "UTC", start, at(2026, 2, 1, 0, 0, 0), at(2026, 3, 1, 0, 0, 0));
    CHECK("0 0 0 * * SAT-SUN", "UTC", start, at(2026, 1, 3, 0, 0, 0), at(2026, 1, 4, 0, 0, 0),
          at(2026, 1, 10, 0, 0, 0));
}

static void days_of_month_and_week(void **state)
{
    int64_t start = at(2026, 1, 1, 0, 0, 0);
    /* either holds */
    CHECK("0 0 0 13 * 5", "UTC", start, at(2026, 1, 2, 0, 0, 0), at(2026, 1, 9, 0, 0, 0),
          at(2026, 1, 13, 0, 0, 0), at(2026, 1, 16, 0, 0, 0));
    /* both hold; Friday is 6 there */
    CHECK_V1("0 0 0 13 * 6", "UTC", start, at(2026, 2, 13, 0, 0, 0), at(2026, 3, 13, 0, 0, 0),
             at(2026, 11, 13, 0, 0, 0));
    CHECK("0 0 0 L * *", "UTC", start, at(2026, 1, 31, 0, 0, 0), at(2026, 2, 28, 0, 0, 0));
    CHECK("0 0 0 LW * *", "UTC", start, at(2026, 1, 30, 0, 0, 0), at(2026, 2, 27, 0, 0, 0));
    CHECK("0 0 0 15W * *", "UTC", start, at(2026, 1, 15, 0, 0, 0), at(2026, 2, 16, 0, 0, 0),
          at(2026, 3, 16, 0, 0, 0));
    CHECK("0 0 0 1W * *", "UTC", at(2026, 7, 2, 0, 0, 0), at(2026, 8, 3, 0, 0, 0));
    CHECK("0 0 0 * * 5#2", "UTC", start, at(2026, 1, 9, 0, 0, 0), at(2026, 2, 13, 0, 0, 0));
    CHECK("0 0 0 * * FRI#L", "UTC", start, at(2026, 1, 30, 0, 0, 0), at(2026, 2, 27, 0, 0, 0));
    CHECK("0 0 0 * * 0L", "UTC", start, at(2026, 1, 25, 0, 0, 0));
    CHECK("0 0 0 * * 7", "UTC", start, at(2026, 1, 4, 0, 0, 0));
}

/* Berlin, 2026-03-29: 02:00 becomes 03:00 (01:00 UTC). */
static void clocks_put_forward(void **state)
{
    int64_t start = at(2026, 3, 28, 12, 0, 0);
    CHECK("0 30 2 * * *", "Europe/Berlin", start, at(2026, 3, 29, 1, 0, 0),
          at(2026, 3, 30, 0, 30, 0));
    CHECK("0 0 3 * * *", "Europe/Berlin", start, at(2026, 3, 29, 1, 0, 0),
          at(2026, 3, 30, 1, 0, 0));
    CHECK("0 30 * * * *", "Europe/Berlin", at(2026, 3, 29, 0, 0, 0), at(2026, 3, 29, 0, 30, 0),
          at(2026, 3, 29, 1, 0, 0), at(2026, 3, 29, 1, 30, 0));
    CHECK("0 */30 * * * *", "Europe/Berlin", at(2026, 3, 29, 0, 0, 0), at(2026, 3, 29, 0, 30, 0),
          at(2026, 3, 29, 1, 0, 0), at(2026, 3, 29, 1, 30, 0));
}

/* Berlin, 2026-10-25: 03:00 becomes 02:00 (01:00 UTC). */
static void clocks_put_back(void **state)
{
    int64_t start = at(2026, 10, 24, 12, 0, 0);
    CHECK("0 30 2 * * *", "Europe/Berlin", start, at(2026, 10, 25, 0, 30, 0),
          at(2026, 10, 26, 1, 30, 0));
    CHECK("0 30 * * * *", "Europe/Berlin", at(2026, 10, 25, 0, 0, 0), at(2026, 10, 25, 0, 30, 0),
          at(2026, 10, 25, 1, 30, 0), at(2026, 10, 25, 2, 30, 0));
    CHECK("0 0 3 * * *", "Europe/Berlin", start, at(2026, 10, 25, 2, 0, 0));
}

static void time_zones(void **state)
{
    int64_t start = at(2026, 6, 30, 0, 0, 0);
    CHECK("0 0 9 * * *", "America/New_York", start, at(2026, 6, 30, 13, 0, 0));
    CHECK("0 0 9 * * *", "Asia/Kolkata", start, at(2026, 6, 30, 3, 30, 0));
    CHECK("0 0 9 * * *", "Australia/Lord_Howe", start, at(2026, 6, 30, 22, 30, 0));
    /* beyond what the files list: the rule at their end, in either hemisphere */
    CHECK("0 0 9 1 1,7 *", "Europe/Berlin", at(2060, 1, 2, 0, 0, 0), at(2060, 7, 1, 7, 0, 0),
          at(2061, 1, 1, 8, 0, 0));
    CHECK("0 0 9 1 1,7 *", "Australia/Sydney", at(2060, 1, 2, 0, 0, 0), at(2060, 6, 30, 23, 0, 0),
          at(2060, 12, 31, 22, 0, 0));
}

static void what_never_comes(void **state)
{
    struct fixture *f = *state;
    struct ar_cron cron;
    struct ar_zone *zone;
    int64_t next;
    assert_int_equal(ar_cron_parse(AR_STR("0 0 0 30 2 ?"), AR_CRON_V2, &f->diags, &cron), 0);
    assert_int_equal(ar_zone_open(AR_STR("UTC"), &f->arena, &f->diags, &zone), ARRAS_OK);
    assert_false(ar_cron_next(&cron, zone, at(2026, 1, 1, 0, 0, 0), &next));
}

static void wrong_expressions(void **state)
{
    struct fixture *f = *state;
    static const char *const wrong[] = {
        "",
        "* * * * *",
        "60 * * * * *",
        "* * 24 * * *",
        "* * * 0 * *",
        "* * * 32 * *",
        "* * * * 13 *",
        "* * * * * 8",
        "a * * * * *",
        "*/0 * * * * *",
        "5-1 * * * * *",
        ", * * * * *",
        "* * * * * 5#6",
        "* * * * * #2",
        "* * * 0W * *",
        "* * * W * *",
        "* * * * * * *",
        "1/ * * * * *",
        "@often",
        "- * * * * *",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct ar_cron cron;
        if (ar_cron_parse(ar_str_z(wrong[i]), AR_CRON_V2, &f->diags, &cron) != ARRAS_INVALID) {
            fail_msg("'%s' was taken", wrong[i]);
        }
    }
    assert_int_equal(f->diags.errors, sizeof(wrong) / sizeof(*wrong));
    assert_str(f->diags.list.items[2].message, "cron: '60' is no second (0 to 59)");
}

static void wrong_zones(void **state)
{
    struct fixture *f = *state;
    struct ar_zone *zone;
    static const char *const wrong[] = {
        "",       "Mars/Olympus", "../../etc/passwd", "/etc/localtime",
        "Europe", "tzdata.zi",    "Europe/Ber lin"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_int_equal(ar_zone_open(ar_str_z(wrong[i]), &f->arena, &f->diags, &zone),
                         ARRAS_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields, setup, teardown),
        cmocka_unit_test_setup_teardown(days_of_month_and_week, setup, teardown),
        cmocka_unit_test_setup_teardown(clocks_put_forward, setup, teardown),
        cmocka_unit_test_setup_teardown(clocks_put_back, setup, teardown),
        cmocka_unit_test_setup_teardown(time_zones, setup, teardown),
        cmocka_unit_test_setup_teardown(what_never_comes, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_expressions, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_zones, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
