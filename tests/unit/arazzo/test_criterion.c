/* Criteria of each type. */
#include "unit/arazzo/desk.h"
#include "arazzo/criterion.h"
#include "query/regex.h"

static const char workflow[] = "- workflowId: w\n"
                               "  inputs: {properties: {id: {}, quote: {}, n: {}, list: {}}}\n"
                               "  steps:\n"
                               "  - {stepId: s, operationId: listThings}\n";

static struct desk d;
static struct ar_diags told;

static int set_up(void **state)
{
    (void)state;
    desk_init(&d);
    return desk_workflows(&d, ARRAS_TOLERANT, workflow);
}

static int tear_down(void **state)
{
    (void)state;
    desk_release(&d);
    return 0;
}

static enum arras_status judge(const char *criterion, const char *body, bool *ret,
                               struct arras_str *ret_why)
{
    static struct ar_http_request request;
    static struct ar_http_response response = {.status = 200};
    struct ar_exchange exchange = {.request = &request,
                                   .response = &response,
                                   .response_body = body ? desk_json(&d, body) : NULL};
    struct ar_scope scope = {
        .workflow = &d.arazzo->workflows[0],
        .inputs = desk_json(&d, "{\"id\":\"b\",\"quote\":\"it's \\\"x\\\" \\\\\",\"n\":2,\"list\":["
                                "\"a'b\"],\"apos\":\"x' or '1'='1\"}"),
        .exchange = &exchange,
        .arena = &d.arena};
    struct ar_criterion read;
    ar_diags_init(&told, &d.arena);
    enum arras_status status =
        ar_criterion_read(desk_json(&d, criterion), scope.workflow, &d.arena, &told, &read);
    if (!status) {
        status = ar_criterion_holds(&read, &scope, &told, ret, ret_why);
    }
    ar_criterion_release(&read);
    return status;
}

/* `warning`: the code of the one warning that is told, NULL for none. */
static void is(bool expected, const char *criterion, const char *body, const char *warning)
{
    bool result = !expected;
    enum arras_status status = judge(criterion, body, &result, NULL);
    bool right = !status && result == expected && told.warnings == (warning ? 1 : 0) &&
                 (!warning || strcmp(told.list.items[0].code, warning) == 0);
    if (!right) {
        print_message("# %s: status %d, %s, %s\n", criterion, status, result ? "holds" : "does not",
                      told.list.count ? told.list.items[0].message.ptr : "nothing told");
    }
    assert_true(right);
}

#define BODY "\"context\":\"$response.body\",\"type\":\"jsonpath\",\"condition\":"

static void regular_expressions_search_the_text_of_their_context(void **state)
{
    (void)state;
    is(true, "{\"context\":\"$statusCode\",\"type\":\"regex\",\"condition\":\"^200$\"}", NULL,
       NULL);
    is(false, "{\"context\":\"$statusCode\",\"type\":\"regex\",\"condition\":\"^404$\"}", NULL,
       NULL);
    is(true, "{\"context\":\"$response.body#/a\",\"type\":\"regex\",\"condition\":\"b+\"}",
       "{\"a\":\"abbc\"}", NULL);
    is(true, "{\"context\":\"$response.body\",\"type\":\"regex\",\"condition\":\"\\\"a\\\":1\"}",
       "{\"a\":1}", NULL);
    is(false, "{\"context\":\"$response.body#/none\",\"type\":\"regex\",\"condition\":\".*\"}",
       "{}", NULL);
    is(true, "{\"context\":\"$response.body\",\"type\":\"regex\",\"condition\":\"^{$inputs.id}$\"}",
       "\"b\"", NULL);
    is(true, "{\"context\":\"$response.body\",\"type\":\"regex\",\"condition\":\"^a|b$\"}", "\"b\"",
       NULL);
}

static void jsonpath_by_the_letter_selects_something(void **state)
{
    (void)state;
    is(true, "{" BODY "\"$.data[*]\"}", "{\"data\":[0]}", NULL);
    is(false, "{" BODY "\"$.data[*]\"}", "{\"data\":[]}", NULL);
    is(true, "{" BODY "\"$.a\"}", "{\"a\":false}", NULL);
    is(true, "{" BODY "\"$.s[?(@.t != 'x')]\"}", "{\"s\":[{\"t\":\"y\"}]}", NULL);
    is(true, "{" BODY "\"$[?@.id == '{$inputs.id}']\"}", "[{\"id\":\"b\"}]", NULL);
    is(true, "{" BODY "\"$[?@.n == {$inputs.n}]\"}", "[{\"n\":2}]", NULL);
    is(false, "{\"context\":\"$response.body#/none\",\"type\":\"jsonpath\",\"condition\":\"$\"}",
       "{}", NULL);
}

static void a_filter_on_the_root_may_mean_the_object_itself(void **state)
{
    (void)state;
    is(true, "{" BODY "\"$[?count(@.pets) > 0]\"}", "{\"pets\":[1]}", "root-filter");
    is(false, "{" BODY "\"$[?count(@.pets) > 0]\"}", "{\"none\":[1]}", NULL);
    is(true, "{" BODY "\"$[?count(@.pets) > 0]\"}", "[{\"pets\":1}]", NULL);
    is(false, "{" BODY "\"$[?count(@.pets) > 0]\"}", "[]", NULL);
    /* `$` in the filter is the object, too */
    is(true, "{" BODY "\"$[?@.a == $.b]\"}", "{\"a\":1,\"b\":1}", "root-filter");
    is(false, "{" BODY "\"$.x[?@.a == 1]\"}", "{\"a\":1,\"x\":[]}", NULL);
}

static void what_jsonpath_cannot_read_is_read_as_a_comparison(void **state)
{
    (void)state;
    is(true, "{" BODY "\"$.done == true\"}", "{\"done\":true}", "jsonpath-condition");
    is(false, "{" BODY "\"$.done == true\"}", "{\"done\":false}", "jsonpath-condition");
    is(false, "{" BODY "\"$.done == true\"}", "{}", "jsonpath-condition");
    is(true, "{" BODY "\"$.items.length > 0 && $.s == \\\"X\\\"\"}", "{\"items\":[1],\"s\":\"x\"}",
       "jsonpath-condition");
    is(true, "{" BODY "\"$[?(@.t == 'x')].length == 0\"}", "[{\"t\":\"y\"}]", "jsonpath-condition");
    is(true, "{" BODY "\"$.a == {$inputs.n}\"}", "{\"a\":2}", "jsonpath-condition");
}

static void values_in_literals_are_escaped(void **state)
{
    (void)state;
    is(true, "{" BODY "\"$[?@.id == '{$inputs.quote}']\"}", "[{\"id\":\"it's \\\"x\\\" \\\\\"}]",
       NULL);
    is(true, "{" BODY "\"$[?@.id == \\\"{$inputs.quote}\\\"]\"}",
       "[{\"id\":\"it's \\\"x\\\" \\\\\"}]", NULL);
    is(false, "{" BODY "\"$[?@.id == '{$inputs.apos}']\"}", "[{\"id\":\"x\"}]", NULL);
    is(true, "{" BODY "\"$[?@.id == '{$inputs.list}']\"}", "[{\"id\":\"[\\\"a'b\\\"]\"}]", NULL);
    is(true, "{" BODY "\"$[?@.id == '$inputs.id']\"}", "[{\"id\":\"b\"}]", "embedded-unbraced");
}

#define XML "\"context\":\"$response.body\",\"type\":\"xpath\",\"condition\":"

static void xpath_asks_xml_text(void **state)
{
    (void)state;
    is(true, "{" XML "\"count(//a) = 2\"}", "\"<r><a/><a/></r>\"", NULL);
    is(false, "{" XML "\"//b\"}", "\"<r><a/></r>\"", NULL);
    is(true, "{" XML "\"//a[. = '{$inputs.id}']\"}", "\"<r><a>b</a></r>\"", NULL);
    is(true, "{" XML "\"//a[. = {$inputs.id}]\"}", "\"<r><a>b</a></r>\"", NULL);
    bool result = true;
    /* a quote would end the literal and change the question */
    assert_int_equal(
        judge("{" XML "\"//a[. = '{$inputs.apos}']\"}", "\"<r><a>c</a></r>\"", &result, NULL),
        ARRAS_INVALID);
    is(false, "{" XML "\"//a[. = {$inputs.apos}]\"}", "\"<r><a>c</a></r>\"", NULL);
    assert_int_equal(judge("{" XML "\"//a[\"}", "\"<r/>\"", &result, NULL), ARRAS_SYNTAX);
    assert_int_equal(judge("{" XML "\"//a\"}", "{\"no\":\"xml\"}", &result, NULL), ARRAS_INVALID);
}

static void versions_that_mean_the_same_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum arras_status tolerant, strict;
        bool warns;
    } cases[] = {
        {"{\"type\":\"jsonpath\",\"version\":\"rfc9535\"}", ARRAS_OK, ARRAS_OK, false},
        {"{\"type\":\"jsonpath\",\"version\":\"draft-goessner-dispatch-jsonpath-00\"}", ARRAS_OK,
         ARRAS_INVALID, true},
        {"{\"type\":\"jsonpath\",\"version\":\"xpath-30\"}", ARRAS_UNSUPPORTED, ARRAS_UNSUPPORTED,
         false},
        {"{\"type\":\"jsonpath\",\"version\":\"next\"}", ARRAS_UNSUPPORTED, ARRAS_UNSUPPORTED,
         false},
        {"{\"type\":\"jsonpath\"}", ARRAS_OK, ARRAS_INVALID, true},
        {"{\"type\":\"regex\"}", ARRAS_INVALID, ARRAS_INVALID, false},
        {"{\"type\":\"perl\"}", ARRAS_INVALID, ARRAS_INVALID, false},
        {"7", ARRAS_INVALID, ARRAS_INVALID, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arras_str text;
        bool result = false;
        assert_true(ar_str_printf(
            &d.arena, &text, "{\"context\":\"$response.body\",\"condition\":\"$\",\"type\":%s}",
            cases[i].type));
        assert_int_equal(judge(text.ptr, "{}", &result, NULL), cases[i].tolerant);
        assert_int_equal(told.warnings, cases[i].warns);
        d.arazzo->strictness = ARRAS_STRICT;
        enum arras_status status = judge(text.ptr, "{}", &result, NULL);
        d.arazzo->strictness = ARRAS_TOLERANT;
        assert_int_equal(status, cases[i].strict);
    }
}

static void what_is_wrong_with_one_is_one_clear_error(void **state)
{
    (void)state;
    static const struct {
        const char *criterion;
        enum arras_status status;
        const char *message;
    } cases[] = {
        {"{}", ARRAS_INVALID, "a criterion needs a 'condition', a string"},
        {"7", ARRAS_INVALID, "a criterion needs a 'condition', a string"},
        {"{\"condition\":7}", ARRAS_INVALID, "a criterion needs a 'condition', a string"},
        {"{\"condition\":\"$\",\"type\":\"jsonpath\"}", ARRAS_INVALID,
         "the condition '$' has a type but no context"},
        {"{\"condition\":\"$\",\"type\":\"jsonpath\",\"context\":\"body\"}", ARRAS_INVALID,
         "the context 'body' is not a runtime expression"},
        {"{\"condition\":\"(\",\"type\":\"regex\",\"context\":\"$url\"}", ARRAS_SYNTAX, NULL},
        {"{\"condition\":\"$.[\",\"type\":\"jsonpath\",\"context\":\"$url\"}", ARRAS_SYNTAX, NULL},
        {"{\"condition\":\"x\",\"type\":\"sql\",\"context\":\"$url\"}", ARRAS_INVALID,
         "the criterion type 'sql' is none of simple, regex, jsonpath, xpath"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        bool result;
        assert_int_equal(judge(cases[i].criterion, NULL, &result, NULL), cases[i].status);
        assert_int_equal(told.errors, 1);
        if (cases[i].message) {
            assert_string_equal(told.list.items[0].message.ptr, cases[i].message);
        }
        assert_true(told.list.items[0].line > 0);
    }
}

static void strict_takes_only_the_letter(void **state)
{
    (void)state;
    static const char *const deviations[] = {
        "\"$statusCode == 200\"",
        "{" BODY "\"$.done == true\"}",
        "{" BODY "\"$[?@.id == '$inputs.id']\"}",
        "{" BODY "\"$.n == $inputs.n\"}",
        "{\"condition\":\"$statusCode == \\\"200\\\"\"}",
    };
    bool result = true;
    for (size_t i = 0; i < sizeof(deviations) / sizeof(*deviations); i++) {
        assert_int_equal(judge(deviations[i], "{\"done\":true,\"n\":2}", &result, NULL), ARRAS_OK);
        assert_int_not_equal(told.warnings, 0);
        d.arazzo->strictness = ARRAS_STRICT;
        enum arras_status status = judge(deviations[i], "{\"done\":true,\"n\":2}", &result, NULL);
        d.arazzo->strictness = ARRAS_TOLERANT;
        assert_true(status == ARRAS_INVALID || status == ARRAS_SYNTAX);
    }
    d.arazzo->strictness = ARRAS_STRICT;
    enum arras_status status =
        judge("{" BODY "\"$[?count(@.pets) > 0]\"}", "{\"pets\":[1]}", &result, NULL);
    d.arazzo->strictness = ARRAS_TOLERANT;
    assert_int_equal(status, ARRAS_OK);
    assert_false(result);
}

static void what_does_not_hold_shows_its_context(void **state)
{
    (void)state;
    struct arras_str why;
    bool result = true;
    assert_int_equal(judge("{" BODY "\"$.x\"}", "{\"y\":1.0}", &result, &why), ARRAS_OK);
    assert_false(result);
    assert_str(why, "$response.body is {\"y\":1.0}");
    assert_int_equal(judge("{" BODY "\"$.x\"}", NULL, &result, &why), ARRAS_OK);
    assert_str(why, "$response.body is nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regular_expressions_search_the_text_of_their_context),
        cmocka_unit_test(jsonpath_by_the_letter_selects_something),
        cmocka_unit_test(a_filter_on_the_root_may_mean_the_object_itself),
        cmocka_unit_test(what_jsonpath_cannot_read_is_read_as_a_comparison),
        cmocka_unit_test(values_in_literals_are_escaped),
        cmocka_unit_test(xpath_asks_xml_text),
        cmocka_unit_test(versions_that_mean_the_same_are_read),
        cmocka_unit_test(what_is_wrong_with_one_is_one_clear_error),
        cmocka_unit_test(strict_takes_only_the_letter),
        cmocka_unit_test(what_does_not_hold_shows_its_context),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
