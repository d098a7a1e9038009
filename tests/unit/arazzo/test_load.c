/* Reading documents: what is wrong with one is told in one sentence with its place. */
#include "unit/arazzo/desk.h"
#include "arazzo/template.h"
#include <stdio.h>

static void load_text(struct desk *desk, const char *text, enum arras_status expected)
{
    desk->diags = (struct ar_diags){.arena = &desk->arena};
    desk_write(desk, "doc.yaml", text);
    enum arras_status status = desk_load(desk, "doc.yaml", ARRAS_TOLERANT, NULL);
    if (!status && desk->arazzo->workflow_count) {
        status = desk->arazzo->workflows[0].status;
    }
    if (status != expected) {
        desk_told(desk, "?", NULL);
        print_message("# of\n%s\n", text);
    }
    assert_int_equal(status, expected);
}

/* One error with this message, at this line of the document. */
static void tells(struct desk *desk, const char *message, unsigned line)
{
    if (desk->diags.errors != 1 || !desk_told(desk, desk->diags.list.items[0].code, message) ||
        ar_diags_first_error(&desk->diags)->line != line) {
        desk_told(desk, "?", NULL);
        print_message("# expected %s (line %u)\n", message, line);
        fail();
    }
    assert_true(ar_str_ends(ar_diags_first_error(&desk->diags)->file, "doc.yaml"));
    assert_false(ar_str_ends(ar_diags_first_error(&desk->diags)->message, "."));
}

static void what_is_wrong_with_the_whole_document_fails_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum arras_status status;
        const char *message;
        unsigned line;
    } cases[] = {
        {"just text\n", ARRAS_INVALID, "this is not an Arazzo document: it has no 'arazzo'", 1},
        {"[1]\n", ARRAS_INVALID, "this is not an Arazzo document: it has no 'arazzo'", 1},
        {"openapi: 3.1.0\n", ARRAS_INVALID, "this is not an Arazzo document", 1},
        {"arazzo: 2.0.0\n", ARRAS_UNSUPPORTED, "Arazzo '2.0.0' is not supported; 1.0 and 1.1 are",
         1},
        {"arazzo: 10\n", ARRAS_UNSUPPORTED, "Arazzo '10' is not supported", 1},
        {"arazzo: [1]\n", ARRAS_UNSUPPORTED, "Arazzo '' is not supported", 1},
        {"arazzo: 1.0.1\n", ARRAS_INVALID, "the document has no sourceDescriptions", 1},
        {"arazzo: 1.0.1\nsourceDescriptions: []\n", ARRAS_INVALID,
         "the document has no sourceDescriptions", 1},
        {"arazzo: 1.0.1\nsourceDescriptions: {}\n", ARRAS_INVALID,
         "'sourceDescriptions' must be a list, it is a mapping", 2},
        {"arazzo: 1.0.1\nsourceDescriptions: [x]\n", ARRAS_INVALID,
         "a source description must be a mapping", 2},
        {"arazzo: 1.0.1\nsourceDescriptions: [{url: x}]\n", ARRAS_INVALID,
         "a source description needs a 'name'", 2},
        {"arazzo: 1.0.1\nsourceDescriptions: [{name: x}]\n", ARRAS_INVALID,
         "a source description needs a 'url'", 2},
        {"arazzo: 1.0.1\nsourceDescriptions: [{name: 7, url: x}]\n", ARRAS_INVALID,
         "'name' must be a string, it is a number", 2},
        {"arazzo: 1.0.1\nsourceDescriptions: [{name: x, url: x, type: wsdl}]\n", ARRAS_INVALID,
         "the source description 'x' is of type 'wsdl', which is none of openapi, arazzo, asyncapi",
         2},
        {"arazzo: 1.0.1\nsourceDescriptions:\n- {name: x, url: x}\n- {name: x, url: y}\n",
         ARRAS_INVALID, "two source descriptions are called 'x'", 4},
        {"arazzo: 1.0.1\nsourceDescriptions: [{name: \"a\\0b\", url: x}]\n", ARRAS_INVALID,
         "a name must not hold a NUL character", 2},
        {"arazzo: 1.0.1\nsourceDescriptions: [{name: x, url: x}]\n", ARRAS_INVALID,
         "the document has no workflows", 1},
        {"arazzo: 1.0.1\nsourceDescriptions: [{name: x, url: x}]\nworkflows: [7]\n", ARRAS_INVALID,
         "a workflow must be a mapping", 3},
        {"arazzo: 1.0.1\nsourceDescriptions: [{name: x, url: x}]\nworkflows: [{steps: []}]\n",
         ARRAS_INVALID, "a workflow needs a 'workflowId'", 3},
        {"arazzo: 1.0.1\ncomponents: []\nsourceDescriptions: [{name: x, url: x}]\n", ARRAS_INVALID,
         "'components' must be a mapping, it is a list", 2},
    };
    struct desk d;
    desk_init(&d);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        load_text(&d, cases[i].text, cases[i].status);
        tells(&d, cases[i].message, cases[i].line);
    }
    desk_release(&d);
}

static const struct {
    const char *steps, *message;
} bad_workflows[] = {
    {"{}", "'steps' must be a list, it is a mapping"},
    {"[]", "the workflow 'bad' has no steps"},
    {"[7]", "a step must be a mapping"},
    {"[{operationId: listThings}]", "a step needs a 'stepId'"},
    {"[{stepId: a, operationId: listThings}, {stepId: a, operationId: listThings}]",
     "two steps of the workflow 'bad' are called 'a'"},
    {"[{stepId: a}]",
     "the step 'a' needs one of operationId, operationPath and workflowId, it has none"},
    {"[{stepId: a, operationId: x, workflowId: y}]",
     "the step 'a' needs one of operationId, operationPath and workflowId, it has several"},
    {"[{stepId: a, operationId: [x]}]", "'operationId' must be a string, it is a list"},
    {"[{stepId: a, operationId: listThings, outputs: [x]}]",
     "'outputs' must be a mapping, it is a list"},
    {"[{stepId: a, operationId: listThings, parameters: {}}]",
     "'parameters' must be a list, it is a mapping"},
    {"[{stepId: a, operationId: listThings, parameters: [x]}]", "a parameter must be a mapping"},
    {"[{stepId: a, operationId: listThings, parameters: [{in: query, value: 1}]}]",
     "a parameter needs a 'name'"},
    {"[{stepId: a, operationId: listThings, parameters: [{name: q, in: query}]}]",
     "the parameter 'q' needs a 'value'"},
    {"[{stepId: a, operationId: listThings, parameters: [{name: r, value: 1}]}]",
     "the parameter 'r' of an operation needs an 'in'"},
    {"[{stepId: a, operationId: listThings, parameters: [{name: q, in: body, value: 1}]}]",
     "the parameter 'q' is said to be in 'body', which is none of path, query, header, cookie"},
    {"[{stepId: a, operationId: listThings, parameters: [{name: q, in: query, value: 1}, "
     "{name: "
     "q, in: query, value: 2}]}]",
     "the parameter 'q' is given twice"},
    {"[{stepId: a, operationId: listThings, parameters: [{reference: $components.parameters.x}]"
     "}]",
     "the reference '$components.parameters.x': components.parameters has no 'x'"},
    {"[{stepId: a, operationId: listThings, onSuccess: [{reference: $components.parameters.x}]}"
     "]",
     "the reference '$components.parameters.x' is not one to successActions"},
    {"[{stepId: a, operationId: listThings, requestBody: x}]",
     "'requestBody' must be a mapping, it is a string"},
    {"[{stepId: a, operationId: listThings, requestBody: {payload: 1, replacements: "
     "[{target: /x}]}}]",
     "a payload replacement needs a 'value'"},
    {"[{stepId: a, operationId: listThings, successCriteria: {}}]",
     "'successCriteria' must be a list, it is a mapping"},
    {"[{stepId: a, operationId: listThings, onSuccess: {}}]",
     "actions must be a list, this is object"},
    {"[{stepId: a, operationId: listThings, onSuccess: [{name: x}]}]", "an action needs a 'type'"},
    {"[{stepId: a, operationId: listThings, onSuccess: [{name: x, type: retry}]}]",
     "the action 'x' is of type 'retry', which is none of end, goto"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: stop}]}]",
     "the action 'x' is of type 'stop', which is none of end, goto, retry"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: goto}]}]",
     "the action 'x' is a goto without stepId or workflowId"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: goto, stepId: a, "
     "workflowId: ok}]}]",
     "the action 'x' names both a stepId and a workflowId"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: retry, retryLimit: -1}]"
     "}]",
     "'retryLimit' must be a whole number that is not negative, it is -1"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: retry, retryLimit: 1.5}"
     "]}]",
     "'retryLimit' must be a whole number that is not negative, it is 1.5"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: retry, retryAfter: "
     "-0.5}]}]",
     "'retryAfter' must not be negative, it is -0.5"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: retry, retryAfter: "
     "soon}]}]",
     "'retryAfter' must be a number, it is a string"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: end, criteria: 7}]}]",
     "'criteria' must be a list, it is a number"},
    {"[{stepId: a, operationId: listThings, onFailure: [{name: x, type: end, condition: 7}]}]",
     "a condition must be a string, this is number"},
    {"[{stepId: a, operationId: listThings}]\n  dependsOn: x",
     "'dependsOn' must be a list, it is a string"},
    {"[{stepId: a, operationId: listThings}]\n  inputs: [x]", ""},
    {"[{stepId: a, operationId: listThings}]\n  outputs: x",
     "'outputs' must be a mapping, it is a string"},
    {"[{stepId: a, operationId: listThings}]\n  failureActions: {}",
     "actions must be a list, this is object"},
};

static void what_is_wrong_with_one_workflow_leaves_the_others(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    for (size_t i = 0; i < sizeof(bad_workflows) / sizeof(*bad_workflows); i++) {
        struct arras_str text;
        d.diags = (struct ar_diags){.arena = &d.arena};
        assert_true(ar_str_printf(&d.arena, &text,
                                  "- workflowId: ok\n"
                                  "  steps: [{stepId: s, operationId: listThings}]\n"
                                  "- workflowId: bad\n"
                                  "  steps: %s\n",
                                  bad_workflows[i].steps));
        enum arras_status status = desk_workflows(&d, ARRAS_TOLERANT, text.ptr);
        const struct ar_workflow *bad = ar_arazzo_workflow(d.arazzo, AR_STR("bad"));
        if (!status) {
            print_message("# %s\n", bad_workflows[i].steps);
        }
        assert_int_not_equal(status, ARRAS_OK);
        assert_int_not_equal(status, ARRAS_NO_MEMORY);
        assert_int_equal(ar_arazzo_workflow(d.arazzo, AR_STR("ok"))->status, ARRAS_OK);
        assert_int_equal(bad->diags.errors, 1);
        const struct arras_diag *error = ar_diags_first_error(&bad->diags);
        if (ar_str_find(error->message, ar_str_z(bad_workflows[i].message), 0) == AR_NOT_FOUND) {
            print_message("# %s: %.*s\n", bad_workflows[i].steps, AR_STR_ARG(error->message));
            fail();
        }
        assert_in_range(error->line, 7, 9);
    }
    desk_release(&d);
}

static const char components[] =
    "- workflowId: w\n"
    "  parameters:\n"
    "  - {name: q, in: query, value: workflow}\n"
    "  - {name: h, in: header, value: workflow}\n"
    "  - {name: plain, value: workflow}\n"
    "  - {name: both, in: header, value: workflow}\n"
    "  successActions: [{name: one, type: end}, {name: two, type: end}]\n"
    "  failureActions: [{reference: $components.failureActions.again}]\n"
    "  steps:\n"
    "  - stepId: a\n"
    "    operationId: listThings\n"
    "    parameters:\n"
    "    - {name: q, in: query, value: step}\n"
    "    - {reference: $components.parameters.my.page, value: 5}\n"
    "    - {reference: $components.parameters.other}\n"
    "    onSuccess: [{name: two, type: goto, stepId: b}]\n"
    "    onFailure: [{name: again, type: end}]\n"
    "  - {stepId: b, operationId: listThings}\n"
    "  - stepId: c\n"
    "    workflowId: v\n"
    "    parameters: [{name: plain, in: query, value: step}]\n"
    "- workflowId: v\n"
    "  inputs: {properties: {both: {}}}\n"
    "  steps: [{stepId: s, operationId: listThings}]\n"
    "components:\n"
    "  parameters:\n"
    "    my.page: {name: page, in: query, value: 1}\n"
    "    other: {name: other, in: query, value: 2}\n"
    "  failureActions:\n"
    "    again: {name: again, type: retry, retryLimit: 4, retryAfter: 0.25}\n";

/* "name=value ..." */
static void has_parameters(struct desk *desk, const struct ar_step *step, const char *expected)
{
    struct ar_buf buf;
    ar_buf_init(&buf, 4096);
    for (size_t i = 0; i < step->parameters.count; i++) {
        struct ar_filled filled;
        struct ar_scope scope = {.workflow = &desk->arazzo->workflows[0], .arena = &desk->arena};
        assert_int_equal(ar_template_fill(step->parameters.items[i].value, &scope, NULL, &filled),
                         ARRAS_OK);
        ar_buf_printf(&buf, "%s%.*s=%.*s", i ? " " : "", AR_STR_ARG(step->parameters.items[i].name),
                      AR_STR_ARG(ar_text(filled.value)));
    }
    ar_buf_add_char(&buf, '\0');
    assert_string_equal(buf.ptr, expected);
    ar_buf_release(&buf);
}

static void steps_inherit_what_they_do_not_override(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    assert_int_equal(desk_workflows(&d, ARRAS_TOLERANT, components), ARRAS_OK);
    const struct ar_step *steps = d.arazzo->workflows[0].steps;
    has_parameters(&d, &steps[0], "q=step page=5 other=2 h=workflow both=workflow");
    has_parameters(&d, &steps[1], "q=workflow h=workflow both=workflow");
    /* inputs of a workflow have no places; those for requests reach it where it declares them */
    has_parameters(&d, &steps[2], "plain=step both=workflow");
    assert_int_equal(steps[0].on_success.count, 2);
    assert_str(steps[0].on_success.items[0].name, "two");
    assert_int_equal(steps[0].on_success.items[0].type, AR_ACTION_GOTO);
    assert_str(steps[0].on_success.items[1].name, "one");
    assert_int_equal(steps[0].on_failure.count, 1);
    assert_int_equal(steps[0].on_failure.items[0].type, AR_ACTION_END);
    assert_int_equal(steps[1].on_failure.items[0].retry_limit, 4);
    assert_true(steps[1].on_failure.items[0].retry_after == 0.25);
    desk_release(&d);
}

static void absent_members_of_actions_have_their_defaults(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    assert_int_equal(desk_step(&d, ARRAS_TOLERANT,
                               "    onFailure:\n"
                               "    - {name: a, type: retry}\n"
                               "    - {name: b, type: retry, retryLimit: 0, retryAfter: 1e999}\n"
                               "    - {name: c, type: retry, retryLimit: 2.0}\n"),
                     ARRAS_OK);
    const struct ar_action *actions = d.arazzo->workflows[0].steps[0].on_failure.items;
    assert_int_equal(actions[0].retry_limit, 1);
    assert_true(actions[0].retry_after < 0);
    assert_int_equal(actions[1].retry_limit, 0);
    assert_int_equal(actions[2].retry_limit, 2);
    desk_release(&d);
}

static enum arras_status load_inputs(struct desk *desk, const char *more)
{
    struct arras_str text;
    assert_true(ar_str_printf(&desk->arena, &text,
                              "- workflowId: w\n"
                              "  inputs:\n"
                              "    required: [a]\n"
                              "    properties: {a: {}}\n"
                              "    allOf:\n"
                              "    - {$ref: '#/components/inputs/more'}\n"
                              "    - {$ref: '#/components/inputs/more'}\n"
                              "  steps: [{stepId: s, operationId: listThings}]\n"
                              "components:\n"
                              "  inputs:\n"
                              "    more: {required: [b], properties: {b: {}, c: {}}, allOf: %s}\n"
                              "    last: {properties: {d: {}}}\n",
                              more));
    return desk_workflows(desk, ARRAS_TOLERANT, text.ptr);
}

static void inputs_are_gathered_through_references_and_circles_are_refused(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    assert_int_equal(load_inputs(&d, "[{$ref: '#/components/inputs/last'}]"), ARRAS_OK);
    const struct ar_workflow *workflow = &d.arazzo->workflows[0];
    assert_int_equal(workflow->input_part_count, 3);
    assert_non_null(ar_workflow_input(workflow, AR_STR("c")));
    assert_non_null(ar_workflow_input(workflow, AR_STR("d")));
    assert_null(ar_workflow_input(workflow, AR_STR("e")));
    assert_true(ar_workflow_input_required(workflow, AR_STR("a")));
    assert_true(ar_workflow_input_required(workflow, AR_STR("b")));
    assert_false(ar_workflow_input_required(workflow, AR_STR("c")));
    /* each circle doubles the ways through it */
    load_inputs(&d, "[{$ref: '#/components/inputs/more'}, {$ref: '#/components/inputs/more'}, "
                    "{$ref: '#/workflows/0/inputs'}]");
    assert_int_equal(d.arazzo->workflows[0].status, ARRAS_INVALID);
    desk_release(&d);
}

static void strict_takes_every_deviation_for_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *members, *code;
    } cases[] = {
        {"    onSuccess: [{type: end}]\n", "action-name"},
        {"    onSuccess: [{name: x, type: end, condition: $statusCode == 1}]\n",
         "action-condition"},
        {"    successCriteria: [$statusCode == 200]\n", "criterion-string"},
        {"    successCriteria: [{condition: '$statusCode == \"200\"'}]\n", "loose-literal"},
        {"    successCriteria: [{condition: '{$statusCode == 200}'}]\n", "braced-condition"},
        {"    parameters: [{name: q, in: query, value: 'a $url'}]\n", "embedded-unbraced"},
        {"    parameters: [{name: none, in: query, value: 1}]\n", "undeclared-parameter"},
        {"    parameters: [{reference: parameters.q}]\n", "reference"},
    };
    struct desk d;
    desk_init(&d);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        d.diags = (struct ar_diags){.arena = &d.arena};
        assert_int_equal(desk_step(&d, ARRAS_STRICT, cases[i].members), ARRAS_INVALID);
        assert_true(desk_told(&d, cases[i].code, NULL));
        assert_int_equal(d.diags.errors, 1);
    }
    desk_write(&d, "doc.yaml", "arazzo: '1.0'\ninfo: {title: t, version: '1'}\n");
    assert_int_equal(desk_load(&d, "doc.yaml", ARRAS_STRICT, NULL), ARRAS_INVALID);
    assert_true(desk_told(&d, "arazzo-version", "lacks its third part"));
    desk_write(&d, "doc.yaml", "arazzo: 1.0.0\ninfo: {title: t}\n");
    assert_int_equal(desk_load(&d, "doc.yaml", ARRAS_STRICT, NULL), ARRAS_INVALID);
    assert_true(desk_told(&d, "shape", "the document's 'info' needs a 'version', a string"));
    desk_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_with_the_whole_document_fails_it),
        cmocka_unit_test(what_is_wrong_with_one_workflow_leaves_the_others),
        cmocka_unit_test(steps_inherit_what_they_do_not_override),
        cmocka_unit_test(absent_members_of_actions_have_their_defaults),
        cmocka_unit_test(inputs_are_gathered_through_references_and_circles_are_refused),
        cmocka_unit_test(strict_takes_every_deviation_for_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
