/* What is sent and what is made of what comes back: values as written, reasons, ends from outside,
 * and what a long run costs. */
#include "unit/run/fixture.h"
#include "value/json.h"
#include <stdio.h>

static void numbers_travel_as_they_were_written(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  inputs: {properties: {n: {type: integer}}}\n"
                     "  steps:\n"
                     "  - stepId: a\n"
                     "    operationId: addThing\n"
                     "    requestBody: {contentType: application/json, payload: {a: $inputs.n, b: "
                     "1.50, c: 'is {$inputs.n}', d: 123456789012345678901234567890}}\n"
                     "    outputs: {n: $response.body#/n, t: $response.body#/t}\n"
                     "  - stepId: b\n"
                     "    operationId: getThing\n"
                     "    parameters: [{name: id, in: path, value: $steps.a.outputs.n}]\n"
                     "  - stepId: c\n"
                     "    operationId: listThings\n"
                     "    parameters: [{name: q, in: query, value: $steps.a.outputs.t}]\n"
                     "  outputs: {n: $steps.a.outputs.n}\n");
    assert_int_equal(fixture_start(&f, "{\"n\":9007199254740993}", 0), ARRAS_OK);
    assert_str(fixture_body(&f), "{\"a\":9007199254740993,\"b\":1.50,\"c\":\"is "
                                 "9007199254740993\",\"d\":123456789012345678901234567890}");
    fixture_answer(&f, "POST /things", 201, "{\"n\":1e2,\"t\":19.10}", NULL);
    fixture_answer(&f, "GET /things/1e2", 200, NULL, NULL);
    fixture_answer(&f, "GET /things?q=19.10", 200, NULL, NULL);
    fixture_ends(&f, ARRAS_OK, "{\"n\":1e2}");
    fixture_release(&f);
}

static void sends(const char *body, const char *expected)
{
    struct fixture f;
    struct arras_str text;
    char workflow[1024];
    snprintf(workflow, sizeof(workflow),
             "- workflowId: w\n"
             "  inputs: {required: [must], properties: {n: {}, o: {}, may: {}, must: {}}}\n"
             "  steps:\n"
             "  - {stepId: a, operationId: addThing, requestBody: {contentType: application/json, "
             "%s}}\n",
             body);
    fixture_load(&f, workflow);
    assert_int_equal(fixture_start(&f, "{\"n\":5,\"o\":{\"k\":[1,2]},\"must\":null}", 0), ARRAS_OK);
    if (expected) {
        text = fixture_body(&f);
        if (!ar_str_is(text, expected)) {
            print_message("# %s: %.*s\n", body, AR_STR_ARG(text));
        }
        assert_true(ar_str_is(text, expected));
    } else {
        fixture_ends(&f, ARRAS_FAILED, "{}");
    }
    fixture_release(&f);
}

static void replacements_change_the_payload(void **state)
{
    (void)state;
    sends("payload: {a: 1, b: [1, 2]}, replacements: [{target: /a, value: $inputs.n}]",
          "{\"a\":5,\"b\":[1,2]}");
    sends("payload: {a: 1}, replacements: [{target: /b, value: 10}, {target: /b, value: 11}]",
          "{\"a\":1,\"b\":11}");
    sends("payload: {b: [1]}, replacements: [{target: /b/0, value: {x: $inputs.n}}, {target: /b/-, "
          "value: 2.50}]",
          "{\"b\":[{\"x\":5},2.50]}");
    sends("payload: $inputs.o, replacements: [{target: /k/1, value: $inputs.must}]",
          "{\"k\":[1,null]}");
    sends("payload: {a: 1}, replacements: [{target: /a, value: $inputs.may}]", "{\"a\":1}");
    sends("payload: {a: 1}, replacements: [{target: '', value: [7]}]", "[7]");
    /* of the text of a JSON object, too */
    sends("payload: '{\"a\": \"{$inputs.n}\"}', replacements: [{target: /b, value: 1}]",
          "{\"a\":\"5\",\"b\":1}");
    sends("payload: {a: 1}, replacements: [{target: /x/y, value: 1}]", NULL);
    sends("payload: {a: 1}, replacements: [{target: /a, value: $response.body#/x}]", NULL);
    sends("payload: text, replacements: [{target: /a, value: 1}]", NULL);
}

static void falsy_payloads_are_sent(void **state)
{
    (void)state;
    sends("payload: {}", "{}");
    sends("payload: []", "[]");
    sends("payload: 0", "0");
    sends("payload: false", "false");
    sends("payload: null", "null");
    sends("payload: $inputs.may", "");
    sends("payload: {a: $inputs.may, b: {c: [$inputs.may]}}", "{\"b\":{\"c\":[]}}");
}

/* The step's reason after this answer, exactly. */
static void fails_because(const char *criteria, int status, const char *body, const char *reason)
{
    struct fixture f;
    char workflow[1024];
    snprintf(workflow, sizeof(workflow),
             "- workflowId: w\n  steps:\n  - {stepId: a, operationId: listThings%s%s}\n",
             criteria[0] ? ", successCriteria: " : "", criteria);
    fixture_load(&f, workflow);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", status, body, NULL);
    fixture_ends(&f, ARRAS_FAILED, "{}");
    const struct arras_step *step = &ar_run_steps(f.run)[0];
    assert_false(step->succeeded);
    assert_string_equal(step->reason, reason);
    struct arras_str told = ar_diags_first_error(&f.diags)->message;
    assert_true(ar_str_starts(told, "the step 'a' failed: ") && ar_str_ends(told, reason));
    fixture_release(&f);
}

static void a_reason_names_the_criterion_and_what_it_saw(void **state)
{
    (void)state;
    fails_because("", 404, NULL, "the response has status 404");
    fails_because("", 302, "{}", "the response has status 302");
    fails_because("", 500, "{\"e\":1}", "the response has status 500; the server says: {\"e\":1}");
    fails_because("", 500, "<html>", "the response has status 500");
    fails_because("", 500, "\xFF\xFE", "the response has status 500");
    fails_because("[{condition: $statusCode == 200}]", 201, "{}",
                  "the criterion '$statusCode == 200' does not hold: $statusCode is 201");
    fails_because("[{condition: $statusCode == 200}, {condition: $response.body#/a == 'x'}]", 200,
                  "{\"a\":[1.0]}",
                  "the criterion '$response.body#/a == 'x'' does not hold: $response.body#/a is "
                  "[1.0]");
    fails_because("[{condition: $response.body#/none}]", 200, "{}",
                  "the criterion '$response.body#/none' does not hold: $response.body#/none is "
                  "nothing");
    fails_because("[{context: $response.body, type: regex, condition: ^a}]", 200, "\"b\"",
                  "the criterion '^a' does not hold: $response.body is \"b\"");
    fails_because("[{context: $response.body, type: jsonpath, condition: $.a == 2}]", 200,
                  "{\"a\":1}", "the criterion '$.a == 2' does not hold: $.a is 1");
    fails_because("[{context: $response.body, type: jsonpath, condition: "
                  "'$.a == $.b && $.l.length == 1 && !($.c == 3)'}]",
                  200, "{\"a\":1,\"b\":\"x\",\"l\":[2],\"c\":4}",
                  "the criterion '$.a == $.b && $.l.length == 1 && !($.c == 3)' does not hold: "
                  "$.a is 1, $.b is \"x\"");
    fails_because("[{context: $response.body, type: jsonpath, condition: '$.l.length > 1'}]", 200,
                  "{\"l\":[2]}", "the criterion '$.l.length > 1' does not hold: $.l.length is 1");
    fails_because("[{context: $response.body, type: xpath, condition: //a}]", 200, "{}",
                  "the criterion '//a' could not be evaluated: $response.body is no XML text, it "
                  "is of type object");
}

static const char polling[] =
    "- workflowId: w\n"
    "  steps:\n"
    "  - stepId: p\n"
    "    operationId: listThings\n"
    "    parameters: [{name: q, in: query, value: 'x $inputs.none'}]\n"
    "    onSuccess:\n"
    "    - {name: again, type: goto, stepId: p, criteria: [{condition: $response.body#/go == "
    "true}]}\n"
    "    onFailure: [{name: r, type: retry, retryAfter: 60, retryLimit: 5}]\n"
    "    outputs: {gone: $response.body#/gone, big: $response.body#/big}\n"
    "  inputs: {properties: {none: {}}}\n"
    "  outputs: {big: $steps.p.outputs.big}\n";

static void warnings_are_told_once_and_memory_stays_flat(void **state)
{
    (void)state;
    struct fixture f;
    char body[600] = "{\"go\":true,\"big\":\"";
    size_t len = strlen(body);
    memset(body + len, 'x', 500);
    memcpy(body + len + 500, "\"}", 3);
    fixture_load(&f, polling);
    assert_int_equal(fixture_start(&f, NULL, 10000), ARRAS_OK);
    size_t early = 0;
    for (int i = 0; i < 9000; i++) {
        struct ar_effect effect;
        fixture_answer(&f, "GET /things", 200, body, NULL);
        assert_int_equal(ar_run_next(f.run, &effect), ARRAS_OK);
        f.now = effect.type == AR_WAIT ? effect.until : f.now;
        if (i == 100) {
            early = f.arena.total;
        }
    }
    /* of an attempt only the entry in the list of steps is kept, which grows by doubling */
    assert_true(f.arena.total - early < 16384 * 4 * sizeof(struct arras_step));
    assert_true(f.arena.total - early < 9000 * sizeof(body));
    assert_int_equal(fixture_times_told(&f, "poll-pace"), 1);
    assert_int_equal(fixture_times_told(&f, "optional-absent"), 1);
    assert_int_equal(fixture_times_told(&f, "output-absent"), 1);
    assert_int_equal(fixture_times_told(&f, "embedded-unbraced"), 1);
    assert_int_equal(ar_run_step_count(f.run), 9000);
    assert_int_equal(ar_run_steps(f.run)[8999].attempt, 9000);
    fixture_release(&f);
}

static void a_run_is_stopped_while_it_waits_and_while_a_request_is_under_way(void **state)
{
    (void)state;
    struct fixture f;
    struct ar_effect effect;
    fixture_load(&f, polling);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 503, "{\"big\":1}", NULL);
    assert_int_equal(ar_run_next(f.run, &effect), ARRAS_OK);
    assert_int_equal(effect.type, AR_WAIT);
    assert_int_equal(ar_run_stop(f.run, ARRAS_INTERRUPTED, AR_STR("interrupted")), ARRAS_OK);
    fixture_ends(&f, ARRAS_INTERRUPTED, "{}");
    /* an end stays what it is */
    assert_int_equal(ar_run_stop(f.run, ARRAS_LIMIT, AR_STR("too late")), ARRAS_OK);
    fixture_ends(&f, ARRAS_INTERRUPTED, "{}");
    assert_int_equal(f.diags.errors, 1);
    fixture_release(&f);
    fixture_load(&f, polling);
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    assert_int_equal(fixture_body(&f).len, 0);
    assert_int_equal(ar_run_stop(f.run, ARRAS_LIMIT, AR_STR("the deadline")), ARRAS_OK);
    fixture_ends(&f, ARRAS_LIMIT, "{}");
    assert_true(fixture_told(&f, "deadline"));
    fixture_release(&f);
}

static void actions_deal_with_a_broken_connection(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(
        &f, "- workflowId: w\n"
            "  steps:\n"
            "  - stepId: a\n"
            "    operationId: listThings\n"
            "    onFailure:\n"
            "    - {name: r, type: retry, retryAfter: 1, criteria: [{condition: $statusCode == "
            "null}]}\n"
            "    - {name: e, type: end}\n"
            "    outputs: {s: $statusCode}\n"
            "  outputs: {s: $steps.a.outputs.s}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_breaks(&f, "GET /things", ARRAS_NETWORK, "refused");
    fixture_passes(&f, 1000);
    fixture_breaks(&f, "GET /things", ARRAS_NETWORK, "refused");
    /* an action dealt with it, so the workflow failed, not the network */
    fixture_ends(&f, ARRAS_FAILED, "{}");
    assert_int_equal(ar_run_steps(f.run)[1].http_status, 0);
    assert_string_equal(ar_run_steps(f.run)[1].reason, "refused");
    fixture_release(&f);
}

static void a_called_workflow_uses_its_own_defaults(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps: [{stepId: a, workflowId: v, parameters: [{name: id, value: 7.0}]}]\n"
                     "- workflowId: v\n"
                     "  inputs: {properties: {id: {}, q: {default: d}}}\n"
                     "  steps:\n"
                     "  - {stepId: s, operationId: getThing, parameters: [{name: id, in: path, "
                     "value: '{$inputs.id}-{$inputs.q}'}]}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things/7.0-d", 200, NULL, NULL);
    fixture_ends(&f, ARRAS_OK, "{}");
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_travel_as_they_were_written),
        cmocka_unit_test(replacements_change_the_payload),
        cmocka_unit_test(falsy_payloads_are_sent),
        cmocka_unit_test(a_reason_names_the_criterion_and_what_it_saw),
        cmocka_unit_test(warnings_are_told_once_and_memory_stays_flat),
        cmocka_unit_test(a_run_is_stopped_while_it_waits_and_while_a_request_is_under_way),
        cmocka_unit_test(actions_deal_with_a_broken_connection),
        cmocka_unit_test(a_called_workflow_uses_its_own_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
