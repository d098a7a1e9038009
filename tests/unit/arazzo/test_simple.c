/* Simple conditions: what they compare, in which order, and what they say where they do not hold.
 */
#include "unit/arazzo/desk.h"
#include "arazzo/simple.h"
#include "base/limits.h"
#include <stdio.h>

static const char workflow[] = "- workflowId: w\n"
                               "  inputs: {properties: {t: {}, f: {}, nil: {}, n: {}, s: {}}}\n"
                               "  steps:\n"
                               "  - {stepId: s, operationId: listThings}\n";

static struct desk d;

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

static struct ar_scope scope(void)
{
    static struct ar_http_request request;
    static struct ar_http_response response = {.status = 200};
    static struct ar_exchange exchange = {.request = &request, .response = &response};
    exchange.response_body =
        desk_json(&d, "{\"@id\":7,\"deep\":{\"a\":[1,2]},\"status\":\"Done\",\"big\":"
                      "9007199254740993,\"empty\":\"\",\"list\":[]}");
    return (struct ar_scope){
        .workflow = &d.arazzo->workflows[0],
        .inputs = desk_json(&d, "{\"t\":true,\"f\":false,\"nil\":null,\"n\":5,\"s\":\"It's\","
                                "\"num\":\"10\",\"zero\":0,\"e\":\"\"}"),
        .exchange = &exchange,
        .arena = &d.arena};
}

static enum arras_status compile(const char *text, struct ar_diags *diags, struct ar_simple **ret)
{
    ar_diags_init(diags, &d.arena);
    return ar_simple_compile(ar_str_z(text), 0, &d.arazzo->workflows[0], &d.arena, diags, ret);
}

static bool holds(const char *text, struct arras_str *ret_why)
{
    struct ar_diags diags;
    struct ar_simple *simple;
    struct ar_scope now = scope();
    bool result = false;
    enum arras_status status = compile(text, &diags, &simple);
    if (status) {
        print_message("# '%s': %.*s\n", text, AR_STR_ARG(ar_diags_first_error(&diags)->message));
    }
    assert_int_equal(status, ARRAS_OK);
    assert_int_equal(ar_simple_holds(simple, &now, &result, ret_why), ARRAS_OK);
    return result;
}

static const char *const true_ones[] = {
    "$statusCode == 200",
    "$statusCode==200",
    "200 == $statusCode",
    "$statusCode >= 200",
    "$statusCode <= 200",
    "$statusCode < 300",
    "$statusCode > 199.5",
    "$statusCode != 404",
    "$statusCode == 2e2",
    "$statusCode == 200.0",
    "$statusCode == '200'",
    "$statusCode >= 200 && $statusCode < 300",
    /* precedence */
    "true || false && false",
    "(true || false) && true",
    "!false && true",
    "!$inputs.f == true",
    "!($inputs.t == false)",
    "!!$inputs.t",
    "! ( false )",
    "true == !$inputs.f",
    "false || !$inputs.f && $inputs.t",
    /* strings */
    "$inputs.s == 'it''s'",
    "$inputs.s == 'IT''S'",
    "'abc' < 'ABD'",
    "'' == $inputs.e",
    "$response.body#/status == 'DONE'",
    "'10' == 10",
    "$inputs.num == 10",
    "$inputs.num > 9",
    "9 < $inputs.num",
    "'a' != 'b'",
    "'a' < 'aa'",
    /* null */
    "$inputs.nil == null",
    "$inputs.none == null",
    "$response.body#/none == null",
    "null == null",
    "$inputs.n != null",
    "$inputs.e != null",
    "$inputs.f != null",
    /* booleans */
    "$inputs.t == true",
    "$inputs.t == 'True'",
    "'FALSE' == $inputs.f",
    "$inputs.t",
    "$inputs.f != $inputs.t",
    /* alone */
    "$statusCode",
    "$response.body",
    "$response.body#/list",
    "'x'",
    "!$inputs.zero",
    "!$inputs.e",
    "!$inputs.none",
    "!null",
    /* the rest */
    "$response.body#/big == 9007199254740993",
    "$response.body#/big != 9007199254740992",
    "$response.body#/@id == 7",
    "$response.body#/deep/a/1 == 2",
    "$response.body.deep.a[1] > 1",
    "$response.body#/deep/a == $response.body.deep.a",
    "{$statusCode} == 200",
    "{$statusCode == 200}",
    "{ $statusCode == 200 && {$inputs.t} }",
    "($statusCode==200)",
    " \t$statusCode\n==\r200 ",
    "-1 < 0",
};
static const char *const false_ones[] = {
    "$statusCode == 404",
    "$statusCode > 200",
    "false && false || false",
    "!true || false",
    "!$inputs.t == true",
    "null < 1",
    "1 > null",
    "null >= null",
    "$inputs.none > 0",
    "$inputs.none < 0",
    "'a' < 1",
    "'a' > 1",
    "'a' == 1",
    "true < 2",
    "$inputs.t == 1",
    "$response.body == '{}'",
    "$response.body#/deep == null",
    "$inputs.n == null",
    "$inputs.zero",
    "$inputs.e",
    "0",
    "''",
    "null",
    "false",
    "$inputs.none",
    "$inputs.nil != null",
    "'9' > '10' && false",
    "$response.body#/big == 9007199254740992",
};

static void conditions_hold_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(true_ones) / sizeof(*true_ones); i++) {
        if (!holds(true_ones[i], NULL)) {
            fail_msg("does not hold: %s", true_ones[i]);
        }
    }
    for (size_t i = 0; i < sizeof(false_ones) / sizeof(*false_ones); i++) {
        if (holds(false_ones[i], NULL)) {
            fail_msg("holds: %s", false_ones[i]);
        }
    }
}

static void loose_literals_are_read_with_a_warning_and_refused_when_strict(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "$response.body#/status == \"done\"",
        "$response.body#/status == done",
        "$response.body#/status != application/json",
        "{$statusCode == 200}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct ar_diags diags;
        struct ar_simple *simple;
        struct ar_scope now = scope();
        bool result = false;
        assert_int_equal(compile(texts[i], &diags, &simple), ARRAS_OK);
        assert_int_equal(diags.warnings, 1);
        assert_string_equal(diags.list.items[0].code,
                            i == 3 ? "braced-condition" : "loose-literal");
        assert_true(diags.list.items[0].hint.len > 0);
        assert_int_equal(ar_simple_holds(simple, &now, &result, NULL), ARRAS_OK);
        assert_true(result);
        d.arazzo->strictness = ARRAS_STRICT;
        enum arras_status status = compile(texts[i], &diags, &simple);
        d.arazzo->strictness = ARRAS_TOLERANT;
        assert_int_equal(status, ARRAS_INVALID);
        assert_int_equal(diags.errors, 1);
    }
}

static void errors_say_what_was_expected_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the condition '': expected a value at character 1"},
        {"  ", "the condition '  ': expected a value at character 3"},
        {"$statusCode ==", "the condition '$statusCode ==': expected a value at character 15"},
        {"== 1", "the condition '== 1': expected a value at character 1"},
        {"1 = 2", "the condition '1 = 2': expected an operator at character 3"},
        {"1 == 2 3", "the condition '1 == 2 3': expected an operator at character 8"},
        {"1 < 2 < 3", "the condition '1 < 2 < 3': expected an operator at character 7"},
        {"(1 == 1", "the condition '(1 == 1': expected ')' at character 8"},
        {"1)", "the condition '1)': expected an operator at character 2"},
        {"'open", "the condition ''open': expected the closing quote at character 6"},
        {"$nobody == 1",
         "the condition '$nobody == 1': expected a runtime expression at character 1"},
        {"1 && || 2", "the condition '1 && || 2': expected a value at character 6"},
        {"1 & 2", "the condition '1 & 2': expected an operator at character 3"},
        {"!", "the condition '!': expected a value at character 2"},
        {"{$statusCode == 1", "the condition '{$statusCode == 1': expected '}' at character 18"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct ar_diags diags;
        struct ar_simple *simple;
        assert_int_equal(compile(cases[i].text, &diags, &simple), ARRAS_SYNTAX);
        assert_int_equal(diags.errors, 1);
        const struct arras_diag *error = ar_diags_first_error(&diags);
        if (!ar_str_is(error->message, cases[i].message)) {
            print_message("# %.*s\n", AR_STR_ARG(error->message));
        }
        assert_true(ar_str_is(error->message, cases[i].message));
        assert_string_equal(error->code, "condition");
        assert_int_equal(error->line, 1);
    }
}

static void long_and_deep_ones_are_read_up_to_the_caps(void **state)
{
    (void)state;
    static char text[AR_CONDITION_LENGTH + 2];
    struct ar_diags diags;
    struct ar_simple *simple;
    size_t len = 0;
    while (len + 4 < AR_CONDITION_LENGTH) { /* 1||1||1... */
        memcpy(text + len, "1&&", 3);
        len += 3;
    }
    text[len++] = '1';
    text[len] = '\0';
    assert_true(holds(text, NULL));
    memset(text, ' ', sizeof(text) - 1);
    text[0] = '1';
    assert_int_equal(compile(text, &diags, &simple), ARRAS_SYNTAX);
    static const char *const nested[] = {"(", "!", "{", "!("};
    for (size_t i = 0; i < sizeof(nested) / sizeof(*nested); i++) {
        len = 0;
        for (int j = 0; j < 3000; j++) {
            memcpy(text + len, nested[i], strlen(nested[i]));
            len += strlen(nested[i]);
        }
        text[len++] = '1';
        text[len] = '\0';
        assert_int_equal(compile(text, &diags, &simple), ARRAS_SYNTAX);
        assert_true(diags.errors == 1);
    }
    snprintf(
        text, sizeof(text), "%.*s1%.*s", 100,
        "(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((("
        "((((((((((((((",
        100,
        "))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))"
        "))))))))))))))");
    assert_true(holds(text, NULL));
}

static bool hide_done(const void *context, struct arras_str text, struct ar_arena *arena,
                      struct arras_str *ret)
{
    (void)context;
    (void)arena;
    *ret = ar_str_find(text, AR_STR("Done"), 0) != AR_NOT_FOUND ? AR_STR("***") : text;
    return true;
}

static void what_does_not_hold_says_what_it_saw(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"$statusCode == 404", "$statusCode is 200"},
        {"$statusCode == 404 || $statusCode == 500", "$statusCode is 200"},
        {"$statusCode == 404 || $inputs.n > $inputs.none",
         "$statusCode is 200, $inputs.n is 5, $inputs.none is nothing"},
        {"$response.body#/status == 'no' && $statusCode == 1",
         "$response.body#/status is \"Done\""},
        {"$inputs.f", "$inputs.f is false"},
        {"1 == 2", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arras_str why;
        assert_false(holds(cases[i].text, &why));
        assert_true(ar_str_is(why, cases[i].why));
    }
    struct ar_diags diags;
    struct ar_simple *simple;
    struct ar_scope now = scope();
    struct arras_str why;
    bool result = true;
    now.hide = hide_done;
    assert_int_equal(compile("$response.body#/status == 'x'", &diags, &simple), ARRAS_OK);
    assert_int_equal(ar_simple_holds(simple, &now, &result, &why), ARRAS_OK);
    assert_str(why, "$response.body#/status is ***");
}

static void a_long_value_is_cut_between_characters(void **state)
{
    (void)state;
    char json[512] = "{\"n\":\"x";
    size_t len = strlen(json);
    for (int i = 0; i < 120; i++, len += 2) {
        memcpy(json + len, "\xC3\xA4", 2);
    }
    memcpy(json + len, "\"}", 3);
    struct ar_diags diags;
    struct ar_simple *simple;
    struct ar_scope now = scope();
    struct arras_str why;
    bool result = true;
    now.inputs = desk_json(&d, json);
    assert_int_equal(compile("$inputs.n == 1", &diags, &simple), ARRAS_OK);
    assert_int_equal(ar_simple_holds(simple, &now, &result, &why), ARRAS_OK);
    assert_true(ar_str_ends(why, "\xC3\xA4..."));
    assert_int_equal(why.len, strlen("$inputs.n is ") + 200 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_hold_or_not),
        cmocka_unit_test(loose_literals_are_read_with_a_warning_and_refused_when_strict),
        cmocka_unit_test(errors_say_what_was_expected_and_where),
        cmocka_unit_test(long_and_deep_ones_are_read_up_to_the_caps),
        cmocka_unit_test(what_does_not_hold_says_what_it_saw),
        cmocka_unit_test(a_long_value_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
