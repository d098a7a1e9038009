/* The run machine, without a socket and without waiting. */
#include "run/retry_after.h"
#include "unit/run/fixture.h"

static void steps_follow_each_other_and_outputs_flow(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f,
                 "- workflowId: w\n"
                 "  inputs: {type: object, properties: {name: {type: string}}}\n"
                 "  steps:\n"
                 "  - stepId: add\n"
                 "    operationId: addThing\n"
                 "    requestBody: {contentType: application/json, payload: {name: $inputs.name}}\n"
                 "    successCriteria: [{condition: $statusCode == 201}]\n"
                 "    outputs: {id: $response.body#/id}\n"
                 "  - stepId: read\n"
                 "    operationId: getThing\n"
                 "    parameters: [{name: id, in: path, value: $steps.add.outputs.id}]\n"
                 "    outputs: {name: $response.body#/name, size: $response.body#/size}\n"
                 "  outputs: {name: $steps.read.outputs.name, size: $steps.read.outputs.size}\n");
    assert_int_equal(fixture_start(&f, "{\"name\":\"a\"}", 0), ARRAS_OK);
    fixture_answer(&f, "POST /things", 201, "{\"id\":\"a/b\"}", NULL);
    fixture_answer(&f, "GET /things/a%2Fb", 200, "{\"name\":\"a\",\"size\":19.10}", NULL);
    fixture_ends(&f, ARRAS_OK, "{\"name\":\"a\",\"size\":19.10}");
    fixture_release(&f);
}

static void a_poll_is_paced_and_ends(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(
        &f, "- workflowId: w\n"
            "  steps:\n"
            "  - stepId: poll\n"
            "    operationId: listThings\n"
            "    onSuccess:\n"
            "    - {name: again, type: goto, stepId: poll, criteria: [{context: $response.body, "
            "type: jsonpath, condition: $.completed == false}]}\n"
            "    outputs: {completed: $response.body#/completed}\n"
            "  outputs: {completed: $steps.poll.outputs.completed}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    static const int waits[] = {0, 50, 100, 200, 400, 800, 1600, 2000, 2000};
    for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
        fixture_answer(&f, "GET /things", 200, "{\"completed\":false}", NULL);
        if (waits[i]) {
            fixture_passes(&f, waits[i]);
        }
    }
    fixture_answer(&f, "GET /things", 200, "{\"completed\":true}", NULL);
    fixture_ends(&f, ARRAS_OK, "{\"completed\":true}");
    assert_true(fixture_told(&f, "poll-pace"));
    assert_true(fixture_told(&f, "jsonpath-condition"));
    assert_int_equal(ar_run_step_count(f.run), 10);
    assert_int_equal(ar_run_steps(f.run)[9].attempt, 10);
    fixture_release(&f);
}

static const char retrying[] = "- workflowId: w\n"
                               "  steps:\n"
                               "  - stepId: read\n"
                               "    operationId: listThings\n"
                               "    successCriteria: [{condition: $statusCode == 200}]\n"
                               "    onFailure:\n"
                               "    - {name: again, type: retry, retryAfter: 1.5, retryLimit: 2, "
                               "criteria: [{condition: $statusCode == "
                               "503}]}\n"
                               "    - {name: other, type: goto, stepId: rescue}\n"
                               "  - stepId: never\n"
                               "    operationId: addThing\n"
                               "  - stepId: rescue\n"
                               "    operationId: getThing\n"
                               "    parameters: [{name: id, in: path, value: 1}]\n"
                               "    outputs: {body: $response.body}\n"
                               "  outputs: {body: $steps.rescue.outputs.body}\n";

static void a_retry_waits_and_its_limit_is_used_up_before_the_next_action(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, retrying);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 503, NULL, NULL);
    fixture_passes(&f, 1500);
    fixture_answer(&f, "GET /things", 503, NULL, NULL);
    fixture_passes(&f, 1500);
    fixture_answer(&f, "GET /things", 503, NULL, NULL);
    fixture_answer(&f, "GET /things/1", 200, "[1]", NULL);
    fixture_ends(&f, ARRAS_OK, "{\"body\":[1]}");
    fixture_release(&f);
}

static void retry_after_overrules_the_document_in_every_form(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, retrying);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 503, NULL, "Retry-After: 7");
    fixture_passes(&f, 7000);
    /* the fake clock stood at 08:49:37 and has moved on by 7 seconds */
    fixture_answer(&f, "GET /things", 503, NULL, "Retry-After: Sun, 06 Nov 1994 08:49:50 GMT");
    fixture_passes(&f, 6000);
    fixture_answer(&f, "GET /things", 200, "{}", NULL);
    fixture_answer(&f, "POST /things", 200, "{}", NULL);
    fixture_answer(&f, "GET /things/1", 200, "7", NULL);
    fixture_ends(&f, ARRAS_OK, "{\"body\":7}");
    fixture_release(&f);
}

static void dates_in_retry_after_are_read_in_the_older_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds; /* negative: none */
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:39 GMT", 2},
        {"Sunday, 06-Nov-94 08:49:40 GMT", 3},
        {"Sun Nov  6 08:49:41 1994", 4},
        {"Sun Nov 16 08:49:37 1994", 864000},
        {"Sunday, 06-Nov-93 08:49:37 GMT", 0},
        {"Sunday, 06-Nov-44 08:49:37 GMT", 1577923200}, /* 50 years ahead */
        {"Friday, 06-Nov-45 08:49:37 GMT", 0},          /* of the past */
        {"Sun, 06 Nov 1994 08:49:39", -1},
        {"Sun, 06 Nov 1994 24:49:39 GMT", -1},
        {"Sun, 06 Foo 1994 08:49:39 GMT", -1},
        {"Sun Nov  6 08:49:41 94", -1},
        {"soon", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double seconds = -1;
        bool read = ar_retry_after(ar_str_z(rows[i].text), 784111777000000, &seconds);
        assert_int_equal(read, rows[i].seconds >= 0);
        assert_true(seconds == rows[i].seconds);
    }
}

static void a_failure_without_action_fails_the_run(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, retrying);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, "{}", NULL);
    fixture_answer(&f, "POST /things", 500, "{\"no\":1}", NULL);
    fixture_ends(&f, ARRAS_FAILED, "{}"); /* only outputs that exist */
    assert_false(ar_run_steps(f.run)[1].succeeded);
    fixture_release(&f);
}

static void a_broken_connection_fails_the_step_whatever_its_criteria_say(void **state)
{
    (void)state;
    struct fixture f;
    struct ar_effect effect;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - stepId: read\n"
                     "    operationId: listThings\n"
                     "    successCriteria: [{condition: $statusCode != 500}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    assert_int_equal(ar_run_next(f.run, &effect), ARRAS_OK);
    assert_int_equal(effect.type, AR_SEND);
    assert_int_equal(ar_run_failure(f.run, ARRAS_NETWORK, AR_STR("gone"), 0), ARRAS_OK);
    fixture_ends(&f, ARRAS_NETWORK, "{}");
    fixture_release(&f);
}

static void a_called_workflow_has_its_own_scope_and_gives_its_outputs(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(
        &f, "- workflowId: outer\n"
            "  inputs: {type: object, properties: {id: {type: integer}}}\n"
            "  steps:\n"
            "  - stepId: call\n"
            "    workflowId: inner\n"
            "    parameters: [{name: id, value: $inputs.id}]\n"
            "  - stepId: remove\n"
            "    operationId: deleteThing\n"
            "    parameters: [{name: id, in: path, value: $steps.call.outputs.found}]\n"
            "  outputs: {found: $steps.call.outputs.found, same: $workflows.inner.outputs.found}\n"
            "- workflowId: inner\n"
            "  inputs: {type: object, properties: {id: {type: integer}, q: {default: x}}}\n"
            "  steps:\n"
            "  - stepId: call\n"
            "    operationId: getThing\n"
            "    parameters:\n"
            "    - {name: id, in: path, value: $inputs.id}\n"
            "    - {name: q, in: query, value: $inputs.q}\n"
            "    outputs: {id: $response.body#/id}\n"
            "  outputs: {found: $steps.call.outputs.id}\n");
    assert_int_equal(fixture_start(&f, "{\"id\":5}", 0), ARRAS_OK);
    fixture_answer(&f, "GET /things/5?q=x", 200, "{\"id\":6}", NULL);
    fixture_answer(&f, "DELETE /things/6", 204, NULL, NULL);
    fixture_ends(&f, ARRAS_OK, "{\"found\":6,\"same\":6}");
    assert_int_equal(ar_run_step_count(f.run), 3);
    fixture_release(&f);
}

static void what_a_workflow_depends_on_runs_first_and_once(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f,
                 "- workflowId: last\n"
                 "  dependsOn: [first, second]\n"
                 "  steps:\n"
                 "  - {stepId: a, operationId: addThing}\n"
                 "  outputs: {id: $workflows.first.outputs.id}\n"
                 "- workflowId: first\n"
                 "  steps:\n"
                 "  - {stepId: a, operationId: listThings, outputs: {id: $response.body#/id}}\n"
                 "  outputs: {id: $steps.a.outputs.id}\n"
                 "- workflowId: second\n"
                 "  dependsOn: [first]\n"
                 "  steps:\n"
                 "  - stepId: a\n"
                 "    operationId: deleteThing\n"
                 "    parameters: [{name: id, in: path, value: $workflows.first.outputs.id}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, "{\"id\":3}", NULL);
    fixture_answer(&f, "DELETE /things/3", 200, NULL, NULL);
    fixture_answer(&f, "POST /things", 200, NULL, NULL);
    fixture_ends(&f, ARRAS_OK, "{\"id\":3}");
    fixture_release(&f);
}

static void a_retry_may_run_another_step_first(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - stepId: login\n"
                     "    operationId: addThing\n"
                     "    outputs: {token: $response.body}\n"
                     "  - stepId: use\n"
                     "    operationId: getThing\n"
                     "    parameters: [{name: id, in: path, value: $steps.login.outputs.token}]\n"
                     "    onFailure: [{name: again, type: retry, retryAfter: 1, stepId: login}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "POST /things", 200, "1", NULL);
    fixture_answer(&f, "GET /things/1", 401, NULL, NULL);
    fixture_answer(&f, "POST /things", 200, "2", NULL);
    fixture_passes(&f, 1000);
    fixture_answer(&f, "GET /things/2", 401, NULL, NULL);
    fixture_ends(&f, ARRAS_FAILED, "{}"); /* retryLimit is 1 where it is absent */
    fixture_release(&f);
}

static void an_endless_loop_ends_at_the_limit(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - stepId: a\n"
                     "    operationId: listThings\n"
                     "    onSuccess: [{name: round, type: goto, stepId: a, x-arras-poll: 0}]\n");
    assert_int_equal(fixture_start(&f, NULL, 5), ARRAS_OK);
    for (int i = 0; i < 5; i++) {
        fixture_answer(&f, "GET /things", 200, NULL, NULL);
    }
    fixture_ends(&f, ARRAS_LIMIT, "{}");
    fixture_release(&f);
}

static void a_goto_to_a_workflow_does_not_come_back(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - stepId: a\n"
                     "    operationId: listThings\n"
                     "    onSuccess: [{name: over, type: goto, workflowId: other}]\n"
                     "  - {stepId: b, operationId: addThing}\n"
                     "- workflowId: other\n"
                     "  steps:\n"
                     "  - {stepId: c, operationId: addThing, outputs: {x: $response.body}}\n"
                     "  outputs: {x: $steps.c.outputs.x}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_answer(&f, "POST /things", 200, "true", NULL);
    fixture_ends(&f, ARRAS_OK, "{\"x\":true}");
    fixture_release(&f);
}

static void an_optional_input_that_is_absent_leaves_its_place_empty(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  inputs: {type: object, properties: {q: {type: string}}}\n"
                     "  steps:\n"
                     "  - stepId: a\n"
                     "    operationId: listThings\n"
                     "    parameters: [{name: q, in: query, value: $inputs.q}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_ends(&f, ARRAS_OK, "{}");
    assert_true(fixture_told(&f, "optional-absent"));
    fixture_release(&f);
}

static void a_parameter_that_points_at_nothing_fails_the_step_and_sends_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - {stepId: a, operationId: listThings, outputs: {id: $response.body#/id}}\n"
                     "  - stepId: b\n"
                     "    operationId: getThing\n"
                     "    parameters: [{name: id, in: path, value: $steps.a.outputs.id}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, "{}", NULL);
    fixture_ends(&f, ARRAS_FAILED, "{}");
    assert_true(fixture_told(&f, "output-absent"));
    assert_true(fixture_told(&f, "value-missing"));
    fixture_release(&f);
}

static void names_that_do_not_exist_are_found_before_anything_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *parameter, *code;
    } cases[] = {
        {"$inputs.nobody", "unknown-input"},
        {"$steps.nobody.outputs.x", "unknown-step"},
        {"$workflows.nobody.outputs.x", "unknown-workflow"},
        {"$sourceDescriptions.nobody.url", "unknown-source"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture f;
        char text[512];
        snprintf(text, sizeof(text),
                 "- workflowId: w\n"
                 "  steps:\n"
                 "  - stepId: a\n"
                 "    operationId: listThings\n"
                 "    parameters: [{name: q, in: query, value: %s}]\n",
                 cases[i].parameter);
        fixture_load(&f, text);
        assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_INVALID);
        assert_true(fixture_told(&f, cases[i].code));
        fixture_release(&f);
    }
}

static void inputs_are_checked_all_at_once(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  inputs:\n"
                     "    type: object\n"
                     "    required: [a, b]\n"
                     "    properties: {a: {type: string}, b: {type: string}, c: {type: integer}}\n"
                     "  steps:\n"
                     "  - {stepId: a, operationId: listThings}\n");
    assert_int_equal(fixture_start(&f, "{\"c\":\"x\"}", 0), ARRAS_INVALID);
    assert_int_equal(f.diags.errors, 3);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_each_other_and_outputs_flow),
        cmocka_unit_test(a_poll_is_paced_and_ends),
        cmocka_unit_test(a_retry_waits_and_its_limit_is_used_up_before_the_next_action),
        cmocka_unit_test(dates_in_retry_after_are_read_in_the_older_forms),
        cmocka_unit_test(retry_after_overrules_the_document_in_every_form),
        cmocka_unit_test(a_failure_without_action_fails_the_run),
        cmocka_unit_test(a_broken_connection_fails_the_step_whatever_its_criteria_say),
        cmocka_unit_test(a_called_workflow_has_its_own_scope_and_gives_its_outputs),
        cmocka_unit_test(what_a_workflow_depends_on_runs_first_and_once),
        cmocka_unit_test(a_retry_may_run_another_step_first),
        cmocka_unit_test(an_endless_loop_ends_at_the_limit),
        cmocka_unit_test(a_goto_to_a_workflow_does_not_come_back),
        cmocka_unit_test(an_optional_input_that_is_absent_leaves_its_place_empty),
        cmocka_unit_test(a_parameter_that_points_at_nothing_fails_the_step_and_sends_nothing),
        cmocka_unit_test(names_that_do_not_exist_are_found_before_anything_is_sent),
        cmocka_unit_test(inputs_are_checked_all_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
