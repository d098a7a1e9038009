/* Credentials of a run on a clock that only the test moves: when tokens are had, shared, renewed,
 * and what becomes of it when they cannot be. tests/conformance/cases/credentials shows the rest.
 */
#include "unit/run/fixture.h"
#include <stdio.h>

static const char description[] =
    "openapi: 3.1.0\n"
    "info: {title: things, version: '1'}\n"
    "servers: [{url: 'http://test.example/v1'}]\n"
    "components:\n"
    "  securitySchemes:\n"
    "    o:\n"
    "      type: oauth2\n"
    "      flows: {clientCredentials: {tokenUrl: 'https://auth.example/token', scopes: {}}}\n"
    "    d: {type: http, scheme: digest}\n"
    "    m: {type: mutualTLS}\n"
    "security: [{o: [read]}]\n"
    "paths:\n"
    "  /a: {get: {operationId: a}}\n"
    "  /b: {get: {operationId: b, security: [{o: [write]}]}}\n"
    "  /d: {get: {operationId: d, security: [{d: []}]}}\n"
    "  /m: {get: {operationId: m, security: [{m: []}]}}\n";

static const char two_steps[] = "- workflowId: w\n"
                                "  steps:\n"
                                "  - {stepId: one, operationId: a}\n"
                                "  - {stepId: two, operationId: a}\n";

/* The next effect must be this request, with that Authorization (NULL: none). */
static void expect(struct fixture *fixture, const char *line, const char *authorization)
{
    struct ar_effect effect;
    char seen[256];
    assert_int_equal(ar_run_next(fixture->run, &effect), ARRAS_OK);
    assert_int_equal(effect.type, AR_SEND);
    snprintf(seen, sizeof(seen), "%.*s %.*s", AR_STR_ARG(effect.request->method),
             AR_STR_ARG(effect.request->url));
    assert_string_equal(seen, line);
    const struct arras_str *header = ar_headers_find(&effect.request->headers, "Authorization");
    assert_int_equal(header != NULL, authorization != NULL);
    assert_true(!header || ar_str_is(*header, authorization));
    assert_int_equal(effect.own, strstr(line, "/token") != NULL);
}

static void answer(struct fixture *fixture, int status, const char *body)
{
    struct ar_http_response response = {.status = status, .body = ar_str_z(body)};
    assert_int_equal(ar_run_response(fixture->run, &response, 0.001), ARRAS_OK);
}

static void expect_grant(struct fixture *fixture, const char *body)
{
    struct ar_effect effect;
    expect(fixture, "POST https://auth.example/token", "Basic aWQ6c2VjcmV0");
    assert_int_equal(ar_run_next(fixture->run, &effect), ARRAS_OK);
    assert_true(ar_str_is(effect.request->body, body));
}

static void start(struct fixture *fixture, const char *workflows, const char *credentials)
{
    fixture_load_described(fixture, description, workflows);
    fixture->credentials = credentials;
    assert_int_equal(fixture_start(fixture, NULL, 0), ARRAS_OK);
}

static void a_token_is_shared_until_it_expires(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture,
          "- workflowId: w\n"
          "  steps:\n"
          "  - {stepId: one, operationId: a}\n"
          "  - {stepId: two, operationId: a}\n"
          "  - {stepId: other, operationId: b}\n"
          "  - {stepId: nested, workflowId: called}\n"
          "- workflowId: called\n"
          "  steps:\n"
          "  - {stepId: three, operationId: a}\n"
          "  - {stepId: four, operationId: a}\n",
          "{\"things\": {\"o\": \"id:secret\"}}");
    expect_grant(&fixture, "grant_type=client_credentials&scope=read");
    answer(&fixture, 200, "{\"access_token\":\"token-1\",\"expires_in\":100}");
    expect(&fixture, "GET http://test.example/v1/a", "Bearer token-1");
    answer(&fixture, 200, "");
    fixture.now += 80 * AR_SECOND;
    expect(&fixture, "GET http://test.example/v1/a", "Bearer token-1");
    answer(&fixture, 200, "");
    expect_grant(&fixture, "grant_type=client_credentials&scope=write");
    answer(&fixture, 200, "{\"access_token\":\"token-w\",\"token_type\":\"bearer\"}");
    expect(&fixture, "GET http://test.example/v1/b", "Bearer token-w");
    answer(&fixture, 200, "");
    expect(&fixture, "GET http://test.example/v1/a", "Bearer token-1");
    answer(&fixture, 200, "");
    fixture.now += 11 * AR_SECOND; /* 91 s: a tenth of its life is the margin */
    expect_grant(&fixture, "grant_type=client_credentials&scope=read");
    answer(&fixture, 200, "{\"access_token\":\"token-2\",\"expires_in\":\"100\"}");
    expect(&fixture, "GET http://test.example/v1/a", "Bearer token-2");
    answer(&fixture, 200, "");
    fixture_ends(&fixture, ARRAS_OK, "{}");
    fixture_release(&fixture);
}

static void a_token_that_expires_at_once_is_used_once(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, two_steps, "{\"things\": {\"o\": \"id:secret\"}}");
    for (int i = 0; i < 2; i++) {
        fixture.now += AR_SECOND;
        expect_grant(&fixture, "grant_type=client_credentials&scope=read");
        answer(&fixture, 200, "{\"access_token\":\"token-1\",\"expires_in\":0}");
        expect(&fixture, "GET http://test.example/v1/a", "Bearer token-1");
        answer(&fixture, 200, "");
    }
    fixture_ends(&fixture, ARRAS_OK, "{}");
    fixture_release(&fixture);
}

static void a_401_renews_once_an_attempt(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture,
          "- workflowId: w\n"
          "  steps:\n"
          "  - stepId: one\n"
          "    operationId: a\n"
          "    onFailure: [{name: again, type: retry, retryAfter: 1, retryLimit: 1}]\n",
          "{\"things\": {\"o\": \"id:secret\"}}");
    for (int attempt = 0; attempt < 2; attempt++) {
        if (attempt == 0) {
            expect_grant(&fixture, "grant_type=client_credentials&scope=read");
            answer(&fixture, 200, "{\"access_token\":\"token-1\"}");
        } else {
            fixture_passes(&fixture, 1000);
        }
        expect(&fixture, "GET http://test.example/v1/a",
               attempt ? "Bearer token-2" : "Bearer token-1");
        answer(&fixture, 401, "");
        expect_grant(&fixture, "grant_type=client_credentials&scope=read");
        answer(&fixture, 200, "{\"access_token\":\"token-2\"}");
        expect(&fixture, "GET http://test.example/v1/a", "Bearer token-2");
        answer(&fixture, 401, "");
    }
    fixture_ends(&fixture, ARRAS_FAILED, "{}");
    assert_int_equal(ar_run_step_count(fixture.run), 2);
    fixture_release(&fixture);
}

static void a_token_that_cannot_be_had_is_the_steps_failure(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture,
          "- workflowId: w\n"
          "  steps:\n"
          "  - stepId: one\n"
          "    operationId: a\n"
          "    onFailure: [{name: again, type: retry, retryAfter: 1, retryLimit: 3}]\n",
          "{\"things\": {\"o\": \"id:secret\"}}");
    expect_grant(&fixture, "grant_type=client_credentials&scope=read");
    assert_int_equal(
        ar_run_failure(fixture.run, ARRAS_NETWORK, AR_STR("auth.example is not there"), 0.1),
        ARRAS_OK);
    fixture_passes(&fixture, 1000);
    expect_grant(&fixture, "grant_type=client_credentials&scope=read");
    answer(&fixture, 503, "busy");
    fixture_passes(&fixture, 1000);
    expect_grant(&fixture, "grant_type=client_credentials&scope=read");
    answer(&fixture, 200, "{\"access_token\":\"a\\nb\"}");
    fixture_passes(&fixture, 1000);
    expect_grant(&fixture, "grant_type=client_credentials&scope=read");
    answer(&fixture, 200, "{\"access_token\":\"token-1\",\"token_type\":\"mac\"}");
    fixture_ends(&fixture, ARRAS_FAILED, "{}");
    const struct arras_step *steps = ar_run_steps(fixture.run);
    assert_int_equal(ar_run_step_count(fixture.run), 4);
    assert_string_equal(steps[0].reason,
                        "no access token for 'things.o': auth.example is not there");
    assert_null(steps[0].url); /* it was not sent */
    assert_string_equal(
        steps[1].reason,
        "no access token for 'things.o': the token endpoint answered with status 503");
    assert_true(fixture_told(&fixture, "token"));
    fixture_release(&fixture);
}

static void other_schemes_are_left_to_the_transport(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ar_effect effect;
    start(&fixture,
          "- workflowId: w\n  steps: [{stepId: d, operationId: d}, {stepId: m, operationId: m}]\n",
          "{\"things\": {\"d\": \"joe:pass:word\", \"m\": \"client.pem:client.key\"}}");
    expect(&fixture, "GET http://test.example/v1/d", NULL);
    assert_int_equal(ar_run_next(fixture.run, &effect), ARRAS_OK);
    assert_string_equal(effect.request->login->user, "joe");
    assert_string_equal(effect.request->login->password, "pass:word");
    assert_null(effect.request->identity);
    answer(&fixture, 200, "");
    expect(&fixture, "GET http://test.example/v1/m", NULL);
    assert_int_equal(ar_run_next(fixture.run, &effect), ARRAS_OK);
    assert_string_equal(effect.request->identity->certificate, "client.pem");
    assert_string_equal(effect.request->identity->key, "client.key");
    assert_null(effect.request->login);
    answer(&fixture, 200, "");
    fixture_ends(&fixture, ARRAS_OK, "{}");
    fixture_release(&fixture);
}

static void what_cannot_be_a_credential_is_refused_before_the_run(void **state)
{
    static const char *const wrong[] = {
        "{\"things\": {\"o\": true}}",
        "{\"things\": {\"o\": {}}}",
        "{\"things\": {\"o\": \"to\\nken\"}}",
        "{\"things\": {\"o\": {\"clientId\": \"a\"}}}",
        "{\"things\": {\"o\": {\"accessToken\": [1]}}}",
        "{\"things\": {\"o\": {\"clientId\": \"a\", \"clientSecret\": \"b\", "
        "\"clientAuthentication\": "
        "\"jwt\"}}}",
        "{\"things\": {\"o\": {\"clientId\": \"a\", \"clientSecret\": \"b\", \"tokenUrl\": "
        "\"http://127.0.0.1.example/t\"}}}",
        "{\"things\": {\"o\": {\"type\": \"nothing\"}}}"};
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct fixture fixture;
        fixture_load_described(&fixture, description, two_steps);
        fixture.credentials = wrong[i];
        assert_int_equal(fixture_start(&fixture, NULL, 0), ARRAS_USAGE);
        assert_int_equal(fixture_times_told(&fixture, "credentials"), 1);
        fixture_release(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_shared_until_it_expires),
        cmocka_unit_test(a_token_that_expires_at_once_is_used_once),
        cmocka_unit_test(a_401_renews_once_an_attempt),
        cmocka_unit_test(a_token_that_cannot_be_had_is_the_steps_failure),
        cmocka_unit_test(other_schemes_are_left_to_the_transport),
        cmocka_unit_test(what_cannot_be_a_credential_is_refused_before_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
