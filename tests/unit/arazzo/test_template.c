/* Values with expressions in them, filled in. */
#include "unit/arazzo/desk.h"
#include "arazzo/template.h"

static const char workflow[] = "- workflowId: w\n"
                               "  inputs:\n"
                               "    required: [must]\n"
                               "    properties: {must: {}, may: {}, text: {}, list: {}, api: {}}\n"
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

static struct ar_filled fill(const char *json, struct ar_diags *diags)
{
    struct ar_template *template;
    struct ar_filled filled;
    struct ar_scope scope = {
        .workflow = &d.arazzo->workflows[0],
        .inputs = desk_json(&d, "{\"text\":\"a\\\"b\",\"list\":[1,{\"x\":19.10}],\"n\":"
                                "9007199254740993,\"t\":true,\"nil\":null,\"api-key\":\"K\"}"),
        .arena = &d.arena};
    ar_diags_init(diags, &d.arena);
    assert_int_equal(
        ar_template_new(desk_json(&d, json), scope.workflow, &d.arena, diags, &template), ARRAS_OK);
    assert_int_equal(ar_template_fill(template, &scope, diags, &filled), ARRAS_OK);
    return filled;
}

static void values_are_filled_in(void **state)
{
    (void)state;
    static const struct {
        const char *template, *filled;
    } cases[] = {
        {"\"$inputs.n\"", "9007199254740993"},
        {"\"{$inputs.n}\"", "9007199254740993"},
        {"\"$inputs.list\"", "[1,{\"x\":19.10}]"},
        {"\"$inputs.nil\"", "null"},
        {"\"$inputs.t\"", "true"},
        {"\"$inputs.api-key\"", "\"K\""},
        {"\"is {$inputs.n}\"", "\"is 9007199254740993\""},
        {"\"Bearer $inputs.text\"", "\"Bearer a\\\"b\""},
        {"\"{$inputs.n}{$inputs.t}\"", "\"9007199254740993true\""},
        {"\"{$inputs.n} = '$inputs.t'\"", "\"9007199254740993 = 'true'\""},
        {"\"$inputs.n$inputs.t\"", "\"9007199254740993true\""},
        {"\"$inputs.n-$inputs.t\"", "(nothing)"},
        {"\"x{$inputs.list}\"", "\"x[1,{\\\"x\\\":19.10}]\""},
        {"\"x{$inputs.nil}\"", "\"xnull\""},
        {"\"{\\\"a\\\": \\\"{$inputs.n}\\\", \\\"b\\\": {\\\"c\\\": $inputs.t}}\"",
         "\"{\\\"a\\\": \\\"9007199254740993\\\", \\\"b\\\": {\\\"c\\\": true}}\""},
        {"\"costs $5 {not} {$5} {$inputs\"",
         "\"costs $5 {not} {$5} {{\\\"text\\\":\\\"a\\\\\\\"b\\\","
         "\\\"list\\\":[1,{\\\"x\\\":19.10}],\\\"n\\\":"
         "9007199254740993,\\\"t\\\":true,\\\"nil\\\":null,"
         "\\\"api-key\\\":\\\"K\\\"}\""},
        {"\"\"", "\"\""},
        {"0", "0"},
        {"19.10", "19.10"},
        {"false", "false"},
        {"{}", "{}"},
        {"[]", "[]"},
        {"{\"a\":{\"b\":[\"$inputs.n\",{\"c\":\"$inputs.list\"}]},\"d\":1.0}",
         "{\"a\":{\"b\":[9007199254740993,{\"c\":[1,{\"x\":19.10}]}]},\"d\":1.0}"},
        {"{\"a\":\"$inputs.may\",\"b\":1}", "{\"b\":1}"},
        {"{\"a\":{\"b\":\"$inputs.may\"}}", "{\"a\":{}}"},
        {"[1,\"$inputs.may\",2]", "[1,2]"},
        {"[\"x $inputs.may\"]", "[]"},
        {"{\"$inputs.n\":1}", "{\"$inputs.n\":1}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct ar_diags diags;
        struct ar_filled filled = fill(cases[i].template, &diags);
        if (strcmp(desk_text(&d, filled.value), cases[i].filled) != 0) {
            print_message("# %s\n", cases[i].template);
        }
        assert_string_equal(desk_text(&d, filled.value), cases[i].filled);
    }
}

static void what_points_at_nothing_names_the_expression_to_blame(void **state)
{
    (void)state;
    static const struct {
        const char *template, *missing;
        bool optional;
    } cases[] = {
        {"\"$inputs.must\"", "$inputs.must", false},
        {"\"$inputs.may\"", "$inputs.may", true},
        {"\"a {$inputs.may}\"", "$inputs.may", true},
        {"\"a $inputs.must b {$inputs.may}\"", "$inputs.must", false},
        {"{\"a\":[{\"b\":\"x $response.body#/id\"}]}", "$response.body#/id", false},
        {"{\"a\":\"$inputs.may\",\"b\":\"$steps.s.outputs.x\"}", "$steps.s.outputs.x", false},
        {"\"$inputs.list[7]\"", "$inputs.list[7]", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct ar_diags diags;
        struct ar_filled filled = fill(cases[i].template, &diags);
        assert_null(filled.value);
        assert_non_null(filled.missing);
        assert_true(ar_str_is(filled.missing->text, cases[i].missing));
        assert_int_equal(filled.optional, cases[i].optional);
    }
}

static void what_is_left_out_or_read_loosely_is_told(void **state)
{
    (void)state;
    struct ar_diags diags;
    fill("{\"a\":\"$inputs.may\",\"b\":[\"$inputs.may\"]}", &diags);
    assert_int_equal(diags.warnings, 2);
    assert_string_equal(diags.list.items[0].code, "optional-absent");
    fill("\"Bearer $inputs.text\"", &diags);
    assert_int_equal(diags.warnings, 1);
    assert_string_equal(diags.list.items[0].code, "embedded-unbraced");
    assert_str(diags.list.items[0].hint, "write '{$inputs.text}'");
    fill("\"Bearer {$inputs.text}\"", &diags);
    assert_int_equal(diags.list.count, 0);
}

static void strict_refuses_expressions_without_braces(void **state)
{
    (void)state;
    struct desk strict;
    desk_init(&strict);
    assert_int_equal(desk_step(&strict, ARRAS_STRICT,
                               "    parameters: [{name: q, in: query, value: 'a $statusCode'}]\n"),
                     ARRAS_INVALID);
    assert_true(desk_told(&strict, "embedded-unbraced", NULL));
    desk_release(&strict);
}

static enum arras_status count(void *context, const struct ar_expression *expression)
{
    (void)expression;
    ++*(size_t *)context;
    return ARRAS_OK;
}

static void every_expression_is_visited_and_constants_have_none(void **state)
{
    (void)state;
    struct ar_template *template;
    size_t visited = 0;
    assert_int_equal(
        ar_template_new(desk_json(&d, "{\"a\":[\"$inputs.n\",\"{$url}{$method}\",1],\"b\":{}}"),
                        &d.arazzo->workflows[0], &d.arena, &d.diags, &template),
        ARRAS_OK);
    assert_false(ar_template_is_constant(template));
    assert_int_equal(ar_template_visit(template, count, &visited), ARRAS_OK);
    assert_int_equal(visited, 3);
    assert_int_equal(ar_template_new(desk_json(&d, "{\"a\":[\"$top\",{}]}"),
                                     &d.arazzo->workflows[0], &d.arena, &d.diags, &template),
                     ARRAS_OK);
    assert_true(ar_template_is_constant(template));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_filled_in),
        cmocka_unit_test(what_points_at_nothing_names_the_expression_to_blame),
        cmocka_unit_test(what_is_left_out_or_read_loosely_is_told),
        cmocka_unit_test(strict_refuses_expressions_without_braces),
        cmocka_unit_test(every_expression_is_visited_and_constants_have_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
