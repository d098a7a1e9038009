#include "unit/harness.h"
#include "base/limits.h"
#include "query/condition.h"
#include "value/json.h"

static const char body_text[] =
    "{\"completed\": false, \"ok\": true, \"status\": \"Done\", \"count\": 3, \"zero\": 0,"
    " \"nothing\": null, \"items\": [1, 2, 3], \"empty\": [], \"name\": \"z\u00fcrich\","
    " \"data\": [{\"id\": \"a\", \"status\": \"x\"}, {\"id\": \"b\", \"status\": \"y\"}],"
    " \"rope\": {\"length\": 7}, \"flags\": {\"a\": 1}, \"same\": [1, 2.0, 3],"
    " \"big\": 9007199254740993, \"pairs\": [[1], [1, 2]]}";
static const char inputs_text[] =
    "{\"y\": 3, \"model\": \"a\", \"off\": false, \"list\": [1, 2], \"status\": \"DONE\"}";

static struct ar_arena arena;
static struct arras_value body, inputs;

static bool is_root(void *context, struct arras_str name)
{
    (void)context;
    return ar_str_is(name, "inputs") || ar_str_is(name, "fails");
}

/* `$inputs.NAME`, `$inputs['NAME']` */
static enum arras_status resolve(void *context, struct arras_str expression,
                                 const struct arras_value **ret)
{
    (void)context;
    if (ar_str_starts(expression, "$fails")) {
        return ARRAS_FAILED;
    }
    struct arras_str name = ar_str_from(expression, strlen("$inputs."));
    if (ar_str_starts(expression, "$inputs['")) {
        name = ar_str_sub(expression, strlen("$inputs['"), expression.len - 2);
    }
    *ret = ar_get(&inputs, name);
    return ARRAS_OK;
}

static const struct ar_condition_names names = {is_root, resolve, NULL};

static enum arras_status check(const char *text, const struct arras_value *root, bool *ret)
{
    struct ar_condition *condition;
    enum arras_status status =
        ar_condition_compile(ar_str_z(text), &names, &arena, NULL, &condition);
    if (status) {
        return status;
    }
    status = ar_condition_eval(condition, root, &names, &arena, NULL, ret);
    ar_condition_release(condition);
    return status;
}

static const struct {
    const char *condition;
    bool holds;
} table[] = {
    {"$.completed == false", true},
    {"$.completed == true", false},
    {"$.completed==false", true},
    {"  $.completed  !=  true  ", true},
    {"true == $.ok", true},
    {"$.status == \"Done\"", true},
    {"$.status == 'done'", true},
    {"$.status != 'done'", false},
    {"$.status == 'do'", false},
    {"$.count == 3", true},
    {"$.count == 3.0", true},
    {"$.count == '3'", false},
    {"$.count >= 3 && $.count < 4", true},
    {"$.count > 3 || $.count <= 2", false},
    {"$.big == 9007199254740992", false},
    {"$.status < 'Dz'", true},
    {"$.status > 5", false},
    {"$.ok >= true", true},
    {"$.items.length > 0", true},
    {"$.items.length == 3", true},
    {"$.empty.length == 0", true},
    {"$.length > 0", true},
    {"$.flags.length == 1", true},
    {"$.name.length == 6", true},
    {"$.rope.length == 7", true},
    {"$.count.length == null", true},
    {"$.missing.length == 0", false},
    {"$.missing.length > 0", false},
    {"$.pairs[1].length == 2", true},
    {"$['items'].length == 3", true},
    {"$.data[?(@.status == 'x')].length == 1", true},
    {"$.data[?(@.status == 'q')].length == 0", true},
    {"$.data[?(@.id == 'a')].length > 0", true},
    {"$.data[?@.id=='a'].status == 'x'", true},
    {"$.data[*].length == 2", true},
    {"$.data[*].id == 'a'", false},
    {"$.data[*].id != 'a'", true},
    {"$.data[0].id == 'a'", true},
    {"$.nothing == null", true},
    {"$.missing == null", true},
    {"$.missing != null", false},
    {"$.ok != null", true},
    {"null == null", true},
    {"$.missing == $.nothing", true},
    {"$.missing < 1", false},
    {"$.count == $inputs.y", true},
    {"$.count <= $inputs.y", true},
    {"$inputs.y==$.count", true},
    {"$inputs.y!=$.count", false},
    {"($inputs.y)&&$.ok", true},
    {"$inputs['model'] == 'A'", true},
    {"$inputs.absent == null", true},
    {"$inputs.list.length == 2", true},
    {"$inputs.absent.length == 2", false},
    {"$.status == $inputs.status", true},
    {"$inputs.off", false},
    {"$inputs.y", true},
    {"!$inputs.absent", true},
    {"$.items == $.same", true},
    {"$.completed", true},
    {"$.missing", false},
    {"$.items.length", true},
    {"$.empty.length", false},
    {"$.missing.length", false},
    {"$.data[?@.id == 'a'].length", true},
    {"$.data[?@.id == 'q']", false},
    {"!$.missing", true},
    {"!!$.missing", false},
    {"!($.ok == true)", false},
    {"!($.ok == false) && $.ok", true},
    {"true", true},
    {"false || true", true},
    {"true || false && false", true},
    {"(true || false) && false", false},
    {"$.ok == true && $.count == 3 && $.items.length == 3 || $.completed == true", true},
    {"$.completed == true || $.ok == true && $.zero == 0", true},
    {"$.a == 1 || $.b == 2 || $.count == 3", true},
    {"((($.ok)))", true},
    {"$.ok\t==\n true", true},
    {"$.data[?match(@.id, 'a|b')].length == 2", true},
    {"$ != null", true},
};

static void conditions_hold_as_their_authors_mean_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        bool holds = !table[i].holds;
        enum arras_status status = check(table[i].condition, &body, &holds);
        if (status || holds != table[i].holds) {
            fail_msg("%s: %s, %s", table[i].condition, arras_status_name(status),
                     holds ? "true" : "false");
        }
    }
}

static void a_list_as_the_root_has_a_length(void **state)
{
    (void)state;
    bool holds = false;
    const struct arras_value *list = ar_get_z(&body, "empty");
    assert_int_equal(check("$.length == 0", list, &holds), ARRAS_OK);
    assert_true(holds);
    list = ar_get_z(&body, "data");
    assert_int_equal(check("$[?(@.status == 'x')].length == 1 && $[0].id == 'a'", list, &holds),
                     ARRAS_OK);
    assert_true(holds);
}

static void an_absent_root_is_nothing(void **state)
{
    (void)state;
    bool holds = true;
    assert_int_equal(check("$.a == 1", NULL, &holds), ARRAS_OK);
    assert_false(holds);
    assert_int_equal(check("$.length > 0 || $..a", NULL, &holds), ARRAS_OK);
    assert_false(holds);
    assert_int_equal(check("$.a == null", NULL, &holds), ARRAS_OK);
    assert_true(holds);
}

static void what_cannot_be_meant_is_refused(void **state)
{
    (void)state;
    static const char *const conditions[] = {
        "",
        " ",
        "$.a ==",
        "== 1",
        "$.a == 1 &&",
        "$.a = 1",
        "$.a == 1 == 1",
        "($.a",
        "$.a)",
        "$.a == done",
        "$unknown == 1",
        "$.a == $unknown.b",
        "5",
        "'x'",
        "null",
        "!$.a == 1",
        "$.a & $.b",
        "$.a ==! 1",
        "$.a-b == 1",
        "@.a == 1",
        "$.a == 'x",
        "$inputs['a == 1",
        "$.a[?@.b",
        "$.a == 01",
        "$.a == \"\\q\"",
        "$. a == 1",
        "$.a == -",
        "\xFF",
    };
    for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
        bool holds;
        if (check(conditions[i], &body, &holds) != ARRAS_SYNTAX) {
            fail_msg("%s was not refused", conditions[i]);
        }
    }
}

static void errors_name_the_place(void **state)
{
    (void)state;
    struct ar_diags diags;
    ar_diags_init(&diags, &arena);
    struct ar_condition *condition;
    assert_int_equal(ar_condition_compile(AR_STR("$.ok == yes"), NULL, &arena, &diags, &condition),
                     ARRAS_SYNTAX);
    const struct arras_diag *diag = ar_diags_first_error(&diags);
    assert_int_equal(diag->column, 9);
    assert_str(diag->file, "condition");
    assert_str(diag->message, "expected a query, a runtime expression, a quoted string, a number, "
                              "true, false or null");
}

static void without_names_there_are_no_runtime_expressions(void **state)
{
    (void)state;
    struct ar_condition *condition;
    assert_int_equal(ar_condition_compile(AR_STR("$inputs.y == 3"), NULL, &arena, NULL, &condition),
                     ARRAS_SYNTAX);
}

static void a_failing_resolver_fails_the_condition(void **state)
{
    (void)state;
    bool holds;
    assert_int_equal(check("$fails.x == 1", &body, &holds), ARRAS_FAILED);
    assert_int_equal(check("$.ok && !$fails.x", &body, &holds), ARRAS_FAILED);
    /* but not where it is not asked */
    assert_int_equal(check("$.ok || $fails.x", &body, &holds), ARRAS_OK);
    assert_true(holds);
}

static void nesting_and_length_are_limited(void **state)
{
    (void)state;
    bool holds;
    char deep[2 * AR_QUERY_DEPTH + 8];
    memset(deep, '(', sizeof(deep));
    deep[sizeof(deep) - 1] = '\0';
    assert_int_equal(check(deep, &body, &holds), ARRAS_LIMIT);
    memset(deep, '!', sizeof(deep) - 1);
    assert_int_equal(check(deep, &body, &holds), ARRAS_SYNTAX);
    struct arras_str endless = {deep, AR_QUERY_LENGTH + 1}; /* refused before it is read */
    struct ar_condition *condition;
    assert_int_equal(ar_condition_compile(endless, NULL, &arena, NULL, &condition), ARRAS_LIMIT);
}

static int set_up(void **state)
{
    (void)state;
    ar_arena_init(&arena, 0);
    struct ar_source source = {AR_STR("body"), {body_text, sizeof(body_text) - 1}};
    struct ar_source second = {AR_STR("inputs"), {inputs_text, sizeof(inputs_text) - 1}};
    return ar_json_read(&source, &arena, NULL, &body) ||
           ar_json_read(&second, &arena, NULL, &inputs);
}

static int tear_down(void **state)
{
    (void)state;
    ar_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_hold_as_their_authors_mean_them),
        cmocka_unit_test(a_list_as_the_root_has_a_length),
        cmocka_unit_test(an_absent_root_is_nothing),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
        cmocka_unit_test(errors_name_the_place),
        cmocka_unit_test(without_names_there_are_no_runtime_expressions),
        cmocka_unit_test(a_failing_resolver_fails_the_condition),
        cmocka_unit_test(nesting_and_length_are_limited),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
