/* Workflows within workflows, and what failures do to them. */
#include "unit/run/fixture.h"

/* The reason of the run's end, exactly. */
static void ends_because(const struct fixture *f, const char *code, const char *message)
{
    const struct arras_diag *last = NULL;
    for (size_t i = 0; i < f->diags.list.count; i++) {
        last = f->diags.list.items[i].severity == ARRAS_ERROR ? &f->diags.list.items[i] : last;
    }
    assert_non_null(last);
    assert_string_equal(last->code, code);
    if (!ar_str_is(last->message, message)) {
        print_message("# %.*s\n", AR_STR_ARG(last->message));
    }
    assert_true(ar_str_is(last->message, message));
    assert_true(last->line > 0);
}

static const char two_deep[] =
    "- workflowId: w\n"
    "  steps:\n"
    "  - stepId: outer\n"
    "    workflowId: v\n"
    "    successCriteria: [{condition: $outputs.o == 1}]\n"
    "    outputs: {mine: $outputs.o}\n"
    "  outputs: {o: $steps.outer.outputs.mine, v: $workflows.v.outputs.o}\n"
    "- workflowId: v\n"
    "  steps:\n"
    "  - {stepId: middle, workflowId: u}\n"
    "  outputs: {o: $steps.middle.outputs.o}\n"
    "- workflowId: u\n"
    "  steps:\n"
    "  - {stepId: inner, operationId: listThings, outputs: {o: $response.body#/o}}\n"
    "  outputs: {o: $steps.inner.outputs.o}\n";

static void outputs_come_up_through_the_workflows(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, two_deep);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, "{\"o\":1}", NULL);
    fixture_ends(&f, ARRAS_OK, "{\"o\":1,\"v\":1}");
    assert_int_equal(ar_run_step_count(f.run), 3);
    assert_string_equal(ar_run_steps(f.run)[0].step_id, "inner");
    assert_string_equal(ar_run_steps(f.run)[2].step_id, "outer");
    assert_null(ar_run_steps(f.run)[2].url);
    fixture_release(&f);
}

static void criteria_judge_a_called_workflow(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, two_deep);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, "{\"o\":2}", NULL);
    fixture_ends(&f, ARRAS_FAILED, "{\"v\":2}");
    ends_because(
        &f, "criterion",
        "the step 'outer' failed: the criterion '$outputs.o == 1' does not hold: $outputs.o "
        "is 2");
    fixture_release(&f);
}

static void a_failure_within_fails_the_steps_above(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, two_deep);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 404, "{\"no\":1}", NULL);
    fixture_ends(&f, ARRAS_FAILED, "{}");
    ends_because(&f, "criterion",
                 "the step 'outer' failed: the step 'middle' failed: the step 'inner' failed: the "
                 "response has status 404; the server says: {\"no\":1}");
    fixture_release(&f);
}

static void a_broken_connection_within_stays_one(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, two_deep);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_breaks(&f, "GET /things", ARRAS_TIMEOUT, "no answer");
    fixture_ends(&f, ARRAS_TIMEOUT, "{}");
    ends_because(&f, "timeout",
                 "the step 'outer' failed: the step 'middle' failed: the step 'inner' failed: no "
                 "answer");
    fixture_release(&f);
}

static void a_step_above_may_deal_with_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f,
                 "- workflowId: w\n"
                 "  steps:\n"
                 "  - stepId: a\n"
                 "    workflowId: v\n"
                 "    onFailure: [{name: r, type: retry, retryAfter: 2, retryLimit: 1}, {name: g, "
                 "type: goto, stepId: c}]\n"
                 "  - {stepId: b, operationId: addThing}\n"
                 "  - {stepId: c, operationId: listThings}\n"
                 "- workflowId: v\n"
                 "  steps:\n"
                 "  - {stepId: s, operationId: getThing, parameters: [{name: id, in: path, "
                 "value: 1}]}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_breaks(&f, "GET /things/1", ARRAS_NETWORK, "broke");
    fixture_passes(&f, 2000);
    fixture_answer(&f, "GET /things/1", 500, NULL, NULL);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_ends(&f, ARRAS_OK, "{}");
    assert_int_equal(ar_run_steps(f.run)[3].attempt, 2);
    assert_int_equal(f.diags.errors, 0);
    fixture_release(&f);
}

static void a_loop_over_called_workflows_is_paced_and_has_new_retries_each_time(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f,
                 "- workflowId: w\n"
                 "  steps:\n"
                 "  - stepId: call\n"
                 "    workflowId: v\n"
                 "    onSuccess: [{name: again, type: goto, stepId: call, criteria: [{condition: "
                 "$outputs.go == true}]}]\n"
                 "- workflowId: v\n"
                 "  steps:\n"
                 "  - stepId: s\n"
                 "    operationId: listThings\n"
                 "    onFailure: [{name: r, type: retry}]\n"
                 "    outputs: {go: $response.body#/go}\n"
                 "  outputs: {go: $steps.s.outputs.go}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    static const int waits[] = {0, 50, 100};
    for (size_t i = 0; i < 3; i++) {
        fixture_answer(&f, "GET /things", 503, NULL, NULL);
        fixture_answer(&f, "GET /things", 200, "{\"go\":true}", NULL);
        if (waits[i]) {
            fixture_passes(&f, waits[i]);
        }
    }
    fixture_answer(&f, "GET /things", 200, "{\"go\":false}", NULL);
    fixture_ends(&f, ARRAS_OK, "{}");
    assert_int_equal(fixture_times_told(&f, "poll-pace"), 1);
    fixture_release(&f);
}

static void retries_count_anew_when_a_step_is_come_back_to(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f,
                 "- workflowId: w\n"
                 "  steps:\n"
                 "  - stepId: p\n"
                 "    operationId: listThings\n"
                 "    onSuccess: [{name: again, type: goto, stepId: p, x-arras-poll: 0, criteria: "
                 "[{condition: $response.body#/go == true}]}]\n"
                 "    onFailure: [{name: r, type: retry, retryAfter: 1, retryLimit: 1}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    for (int i = 0; i < 3; i++) {
        fixture_answer(&f, "GET /things", 503, NULL, NULL);
        fixture_passes(&f, 1000);
        fixture_answer(&f, "GET /things", 200, "{\"go\":true}", NULL);
    }
    fixture_answer(&f, "GET /things", 503, NULL, NULL);
    fixture_passes(&f, 1000);
    fixture_answer(&f, "GET /things", 503, NULL, NULL);
    fixture_ends(&f, ARRAS_FAILED, "{}");
    fixture_release(&f);
}

static void a_goto_between_workflows_is_paced_too(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps: [{stepId: a, operationId: listThings, onSuccess: [{name: x, type: "
                     "goto, workflowId: v}]}]\n"
                     "- workflowId: v\n"
                     "  steps: [{stepId: b, operationId: addThing, onSuccess: [{name: y, type: "
                     "goto, workflowId: w}]}]\n");
    assert_int_equal(fixture_start(&f, NULL, 8), ARRAS_OK);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_answer(&f, "POST /things", 200, NULL, NULL);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_answer(&f, "POST /things", 200, NULL, NULL);
    fixture_passes(&f, 50);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_passes(&f, 50);
    fixture_answer(&f, "POST /things", 200, NULL, NULL);
    fixture_passes(&f, 100);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_passes(&f, 100);
    fixture_answer(&f, "POST /things", 200, NULL, NULL);
    fixture_passes(&f, 200);
    fixture_ends(&f, ARRAS_LIMIT, "{}");
    ends_because(&f, "step-limit",
                 "the limit of 8 steps was reached; the last ones were a, b, a, b, a, b");
    fixture_release(&f);
}

static void a_workflow_may_run_before_a_retry(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - stepId: a\n"
                     "    operationId: listThings\n"
                     "    onFailure: [{name: login, type: retry, retryAfter: 3, retryLimit: 2, "
                     "workflowId: v}]\n"
                     "- workflowId: v\n"
                     "  steps: [{stepId: s, operationId: addThing}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 401, NULL, NULL);
    fixture_answer(&f, "POST /things", 200, NULL, NULL);
    fixture_passes(&f, 3000);
    fixture_answer(&f, "GET /things", 401, NULL, NULL);
    fixture_answer(&f, "POST /things", 500, NULL, NULL); /* whatever comes of it */
    fixture_passes(&f, 3000);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_ends(&f, ARRAS_OK, "{}");
    fixture_release(&f);
}

static void what_failed_is_no_dependency_that_has_run(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f,
                 "- workflowId: w\n"
                 "  steps:\n"
                 "  - {stepId: a, workflowId: v, onFailure: [{name: g, type: goto, stepId: b}]}\n"
                 "  - {stepId: b, workflowId: u}\n"
                 "  - {stepId: c, workflowId: u}\n"
                 "- workflowId: v\n"
                 "  steps: [{stepId: s, operationId: addThing}]\n"
                 "- workflowId: u\n"
                 "  dependsOn: [v]\n"
                 "  steps: [{stepId: t, operationId: listThings}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "POST /things", 500, NULL, NULL);
    fixture_answer(&f, "POST /things", 200, NULL, NULL);
    fixture_answer(&f, "GET /things", 200, NULL, NULL);
    fixture_answer(&f, "GET /things", 200, NULL, NULL); /* and what succeeded is */
    fixture_ends(&f, ARRAS_OK, "{}");
    fixture_release(&f);
}

static void circles_are_refused_or_end_at_a_depth(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  dependsOn: [v]\n"
                     "  steps: [{stepId: a, operationId: listThings}]\n"
                     "- workflowId: v\n"
                     "  dependsOn: [u]\n"
                     "  steps: [{stepId: a, operationId: listThings}]\n"
                     "- workflowId: u\n"
                     "  dependsOn: [w]\n"
                     "  steps: [{stepId: a, operationId: listThings}]\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_INVALID);
    ends_because(&f, "circular-workflows",
                 "the workflow 'w' depends on itself or calls itself, so it cannot end");
    fixture_release(&f);
    /* where an action could lead out of it, it may end */
    fixture_load(&f,
                 "- {workflowId: w, steps: [{stepId: a, operationId: listThings, onSuccess: "
                 "[{name: x, type: end, criteria: [{condition: $statusCode == 201}]}]}, {stepId: "
                 "b, workflowId: w}]}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    for (int i = 0; i < 32; i++) {
        fixture_answer(&f, "GET /things", 200, NULL, NULL);
    }
    fixture_ends(&f, ARRAS_LIMIT, "{}");
    ends_because(&f, "depth-limit", "more than 32 workflows within each other, at 'w'");
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_come_up_through_the_workflows),
        cmocka_unit_test(criteria_judge_a_called_workflow),
        cmocka_unit_test(a_failure_within_fails_the_steps_above),
        cmocka_unit_test(a_broken_connection_within_stays_one),
        cmocka_unit_test(a_step_above_may_deal_with_it),
        cmocka_unit_test(a_loop_over_called_workflows_is_paced_and_has_new_retries_each_time),
        cmocka_unit_test(retries_count_anew_when_a_step_is_come_back_to),
        cmocka_unit_test(a_goto_between_workflows_is_paced_too),
        cmocka_unit_test(a_workflow_may_run_before_a_retry),
        cmocka_unit_test(what_failed_is_no_dependency_that_has_run),
        cmocka_unit_test(circles_are_refused_or_end_at_a_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
