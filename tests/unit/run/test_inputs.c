/* Inputs: texts become what their schema says, and all that is wrong is told at once. */
#include "unit/arazzo/desk.h"
#include "run/inputs.h"
#include <stdio.h>

static const char workflow[] = "- workflowId: w\n"
                               "  inputs:\n"
                               "    type: object\n"
                               "    properties:\n"
                               "      s: {type: string}\n"
                               "      n: {type: number}\n"
                               "      i: {type: integer}\n"
                               "      b: {type: boolean}\n"
                               "      o: {type: object}\n"
                               "      l: {type: array}\n"
                               "      nil: {type: [string, 'null']}\n"
                               "      si: {type: [string, integer]}\n"
                               "      so: {type: [string, object]}\n"
                               "      any: {}\n"
                               "      ref: {$ref: '#/components/inputs/count'}\n"
                               "      d: {type: integer, default: 7}\n"
                               "      api-key: {type: string}\n"
                               "      $top: {type: integer}\n"
                               "      enum: {enum: [a, b]}\n"
                               "  steps: [{stepId: s, operationId: listThings}]\n"
                               "components: {inputs: {count: {type: integer}}}\n";

static struct desk d;
static struct ar_diags told;
static struct ar_uploads uploads;

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

static enum arras_status prepare(const struct ar_given_inputs *given,
                                 const struct arras_value **ret)
{
    ar_diags_init(&told, &d.arena);
    return ar_inputs_prepare(&d.arazzo->workflows[0], given, &d.arena, &told, ret, &uploads);
}

static void texts_become_what_their_schema_says(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *value; /* NULL: refused */
    } cases[] = {
        {"s", "5", "\"5\""},
        {"s", "", "\"\""},
        {"n", "19.10", "19.10"},
        {"n", "1e3", "1e3"},
        {"n", "five", NULL},
        {"n", "", NULL},
        {"i", "9007199254740993", "9007199254740993"},
        {"i", "007", NULL},
        {"i", "1.5", NULL},
        {"i", "+1", NULL},
        {"b", "true", "true"},
        {"b", "false", "false"},
        {"b", "yes", NULL},
        {"o", "{\"a\":1.0}", "{\"a\":1.0}"},
        {"o", "[1]", NULL},
        {"o", "{", NULL},
        {"l", "[1,\"x\"]", "[1,\"x\"]"},
        {"l", "1,2", NULL},
        {"nil", "null", "null"},
        {"nil", "nullx", "\"nullx\""},
        {"si", "12", "12"},
        {"si", "x12", "\"x12\""},
        {"so", "5", "\"5\""},
        {"so", "[5]", "\"[5]\""},
        {"so", "{\"a\":[]}", "{\"a\":[]}"},
        {"any", "5", "\"5\""},
        {"undeclared", "5", "\"5\""},
        {"ref", "3", "3"},
        {"ref", "x", NULL},
        {"$top", "3", "3"},
        {"enum", "a", "\"a\""},
        {"enum", "c", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arras_setting text = {cases[i].name, cases[i].text};
        struct ar_given_inputs given = {.texts = {&text, 1}};
        const struct arras_value *inputs;
        enum arras_status status = prepare(&given, &inputs);
        if (status != (cases[i].value ? ARRAS_OK : ARRAS_INVALID)) {
            fail_msg("%s=%s: status %d", cases[i].name, cases[i].text, (int)status);
        }
        assert_int_equal(told.errors, cases[i].value ? 0 : 1);
        if (cases[i].value) {
            assert_string_equal(desk_text(&d, ar_get(inputs, ar_str_z(cases[i].name))),
                                cases[i].value);
        } else {
            assert_string_equal(told.list.items[0].code, "invalid-input");
            assert_true(told.list.items[0].line > 0);
        }
    }
}

static void what_is_given_comes_before_fallbacks_and_defaults(void **state)
{
    (void)state;
    struct arras_setting texts[] = {{"s", "text"}, {"s", "later text"}};
    struct arras_setting fallbacks[] = {{"S", "fallback"}, {"I", "4"},      {"API_KEY", "k"},
                                        {"_TOP", "9"},     {"NOBODY", "x"}, {"b", "true"},
                                        {"D", "1"},        {"N", "2"}};
    struct ar_given_inputs given = {.values = desk_json(&d, "{\"s\":\"file\",\"n\":1.50}"),
                                    .texts = {texts, 2},
                                    .fallbacks = {fallbacks, 8}};
    const struct arras_value *inputs;
    assert_int_equal(prepare(&given, &inputs), ARRAS_OK);
    assert_string_equal(desk_text(&d, inputs),
                        "{\"s\":\"later text\",\"n\":1.50,\"i\":4,\"b\":true,\"d\":1,"
                        "\"api-key\":\"k\",\"$top\":9}");
    given = (struct ar_given_inputs){0};
    assert_int_equal(prepare(&given, &inputs), ARRAS_OK);
    assert_string_equal(desk_text(&d, inputs), "{\"d\":7}");
}

static void all_that_is_wrong_is_told_at_once(void **state)
{
    (void)state;
    struct desk own;
    desk_init(&own);
    assert_int_equal(desk_workflows(&own, ARRAS_TOLERANT,
                                    "- workflowId: w\n"
                                    "  inputs:\n"
                                    "    type: object\n"
                                    "    required: [a, b]\n"
                                    "    properties: {a: {}, b: {}, n: {type: integer}, m: "
                                    "{maxLength: 2}}\n"
                                    "    allOf: [{required: [c, n]}]\n"
                                    "  steps: [{stepId: s, operationId: listThings}]\n"),
                     ARRAS_OK);
    struct ar_given_inputs given = {.values = desk_json(&own, "{\"n\":\"x\",\"m\":\"long\"}")};
    const struct arras_value *inputs;
    assert_int_equal(ar_inputs_prepare(&own.arazzo->workflows[0], &given, &own.arena, &own.diags,
                                       &inputs, &uploads),
                     ARRAS_INVALID);
    assert_int_equal(own.diags.errors, 5);
    assert_true(desk_told(&own, "missing-input", "the workflow 'w' needs the input 'a'"));
    assert_true(desk_told(&own, "missing-input", "needs the input 'b'"));
    assert_true(desk_told(&own, "missing-input", "needs the input 'c'"));
    assert_true(desk_told(&own, "invalid-input", "'n'"));
    assert_true(desk_told(&own, "invalid-input", "'m'"));
    desk_release(&own);
}

static void texts_are_read_for_all_workflows_that_have_the_inputs(void **state)
{
    (void)state;
    struct desk own;
    struct arras_setting texts[] = {{"n", "1"}, {"m", "2"}, {"t", "3"}};
    struct arras_setting fallbacks[] = {{"K", "4"}, {"F", "true"}, {"UNKNOWN", "5"}};
    struct ar_given_inputs given = {.texts = {texts, 3}, .fallbacks = {fallbacks, 3}};
    const struct arras_value *inputs;
    desk_init(&own);
    assert_int_equal(
        desk_workflows(&own, ARRAS_TOLERANT,
                       "- workflowId: w\n"
                       "  dependsOn: [first]\n"
                       "  inputs: {properties: {n: {type: string}}, additionalProperties: false}\n"
                       "  steps:\n"
                       "  - stepId: s\n"
                       "    operationId: listThings\n"
                       "    onFailure: [{name: on, type: goto, workflowId: last}]\n"
                       "- workflowId: first\n"
                       "  dependsOn: [deepest]\n"
                       "  inputs: {properties: {n: {type: integer}, m: {type: integer}}}\n"
                       "  steps: [{stepId: s, operationId: listThings}]\n"
                       "- workflowId: deepest\n"
                       "  inputs: {properties: {t: {type: integer}, k: {type: integer}}}\n"
                       "  steps: [{stepId: s, operationId: listThings}]\n"
                       "- workflowId: last\n"
                       "  inputs: {properties: {f: {type: boolean}}}\n"
                       "  steps: [{stepId: s, operationId: listThings}]\n"),
        ARRAS_OK);
    /* as the nearest declares it: of 'n' the workflow itself, for which it is no integer */
    assert_int_equal(ar_inputs_prepare(&own.arazzo->workflows[0], &given, &own.arena, &own.diags,
                                       &inputs, &uploads),
                     ARRAS_INVALID);
    assert_string_equal(desk_text(&own, inputs),
                        "{\"n\":\"1\",\"m\":2,\"t\":3,\"f\":true,\"k\":4}");
    assert_true(desk_told(&own, "invalid-input", "'n' must be a whole number"));
    assert_int_equal(own.diags.errors, 1);
    desk_release(&own);
}

static void inputs_that_are_no_object_are_refused(void **state)
{
    (void)state;
    struct ar_given_inputs given = {.values = desk_json(&d, "[1]")};
    const struct arras_value *inputs;
    assert_int_equal(prepare(&given, &inputs), ARRAS_INVALID);
    assert_str(told.list.items[0].message, "the inputs must be an object, they are array");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_what_their_schema_says),
        cmocka_unit_test(what_is_given_comes_before_fallbacks_and_defaults),
        cmocka_unit_test(texts_are_read_for_all_workflows_that_have_the_inputs),
        cmocka_unit_test(all_that_is_wrong_is_told_at_once),
        cmocka_unit_test(inputs_that_are_no_object_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
