/* Every allocation of a compilation or an evaluation fails once: the status says so, nothing leaks
 * and nothing else goes wrong. No diagnostics are kept, since one that is lost is no failure. */
#include "unit/harness.h"
#include "unit/alloc_fail.h"
#include "query/condition.h"
#include "query/regex.h"
#include "query/xpath.h"
#include "value/json.h"

static struct ar_arena values;
static struct arras_value root;

static enum arras_status run_regex(void *context)
{
    struct ar_regex *regex;
    bool found;
    enum arras_status status = ar_regex_new(ar_str_z(context), AR_REGEX_ECMA, 0, NULL, &regex);
    if (!status) {
        status = ar_regex_match(regex, AR_STR("aa"), &found);
        ar_regex_free(regex);
    }
    return status;
}

static enum arras_status run_jsonpath(void *context)
{
    struct ar_jsonpath *path;
    struct ar_nodes nodes;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    enum arras_status status = ar_jsonpath_compile(ar_str_z(context), &arena, NULL, &path);
    if (!status) {
        status = ar_jsonpath_eval(path, &root, true, &arena, NULL, &nodes);
        ar_jsonpath_release(path);
    }
    ar_arena_release(&arena);
    return status;
}

static enum arras_status run_condition(void *context)
{
    struct ar_condition *condition;
    struct ar_arena arena;
    bool holds;
    ar_arena_init(&arena, 0);
    enum arras_status status =
        ar_condition_compile(ar_str_z(context), NULL, &arena, NULL, &condition);
    if (!status) {
        status = ar_condition_eval(condition, &root, NULL, &arena, NULL, &holds);
        ar_condition_release(condition);
    }
    ar_arena_release(&arena);
    return status;
}

static enum arras_status run_xpath(void *context)
{
    struct ar_arena arena;
    struct arras_value value;
    bool truth;
    ar_arena_init(&arena, 0);
    enum arras_status status = ar_xpath_eval(ar_str_z(context), AR_STR("<a b='1'><c/>x</a>"),
                                             &arena, NULL, &value, &truth);
    ar_arena_release(&arena);
    return status;
}

static void regular_expressions_survive_it(void **state)
{
    (void)state;
    static char plain[] = "^(?<x>a)\\k<x>[\\s\\S]*\\p{L}*$", wrong[] = "(?<x>a)(?<x>b)";
    assert_true(alloc_fail_each(run_regex, plain, ARRAS_OK) >= 3);
    alloc_fail_each(run_regex, wrong, ARRAS_SYNTAX);
}

static void jsonpath_survives_it(void **state)
{
    (void)state;
    static char filter[] = "$..[?match(@.n, 'a.*') || search(@.n, $.pattern) || "
                           "length(@['\\u006e']) == count($.*)]",
                all[] = "$..*", wrong[] = "$[?match(@, 'a') && count(1) > 2]";
    assert_true(alloc_fail_each(run_jsonpath, filter, ARRAS_OK) >= 5);
    assert_true(alloc_fail_each(run_jsonpath, all, ARRAS_OK) >= 1);
    alloc_fail_each(run_jsonpath, wrong, ARRAS_INVALID);
}

static void conditions_survive_it(void **state)
{
    (void)state;
    static char chain[] = "$.list[?search(@.n, 'b')].length > 0 && !($.pattern == 'q' || $.x)",
                wrong[] = "$.a ==";
    assert_true(alloc_fail_each(run_condition, chain, ARRAS_OK) >= 2);
    alloc_fail_each(run_condition, wrong, ARRAS_SYNTAX);
}

static void xpath_survives_it(void **state)
{
    (void)state;
    static char nodes[] = "//c | //@b | //text()", number[] = "count(//c)", wrong[] = "//[";
    assert_true(alloc_fail_each(run_xpath, nodes, ARRAS_OK) >= 1);
    assert_true(alloc_fail_each(run_xpath, number, ARRAS_OK) >= 1);
    alloc_fail_each(run_xpath, wrong, ARRAS_SYNTAX);
}

static int set_up(void **state)
{
    (void)state;
    static const struct ar_source source = {
        AR_STR_INIT("root"),
        AR_STR_INIT("{\"pattern\": \"^b\", \"list\": [{\"n\": \"abc\"}, {\"n\": \"bcd\"}, {}]}")};
    ar_arena_init(&values, 0);
    return ar_json_read(&source, &values, NULL, &root);
}

static int tear_down(void **state)
{
    (void)state;
    ar_arena_release(&values);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regular_expressions_survive_it),
        cmocka_unit_test(jsonpath_survives_it),
        cmocka_unit_test(conditions_survive_it),
        cmocka_unit_test(xpath_survives_it),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
