/* Secrets appear nowhere: not in outputs, URLs, reasons or warnings, plain or encoded. */
#include "unit/run/fixture.h"
#include "run/secrets.h"
#include "value/json.h"

static struct ar_arena arena;

static int set_up(void **state)
{
    (void)state;
    ar_arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ar_arena_release(&arena);
    return 0;
}

/* Secrets as a header gives them. */
static void take(struct ar_secrets *secrets, const char *name, const char *value)
{
    struct ar_header header = {ar_str_z(name), ar_str_z(value)};
    struct ar_headers headers = {&header, 1};
    assert_int_equal(ar_secrets_from_headers(secrets, &headers, &arena), ARRAS_OK);
}

static void hides(const struct ar_secrets *secrets, const char *text, const char *hidden)
{
    struct arras_str got;
    assert_true(ar_secrets_hide(secrets, ar_str_z(text), &arena, &got));
    if (!ar_str_is(got, hidden)) {
        print_message("# '%s' became '%.*s'\n", text, AR_STR_ARG(got));
    }
    assert_true(ar_str_is(got, hidden));
}

static void a_secret_is_hidden_in_every_encoding(void **state)
{
    (void)state;
    struct ar_secrets secrets = {0};
    take(&secrets, "authorization", "Bearer p\xC3\xA4 ss\"/wo+rd");
    hides(&secrets, "x p\xC3\xA4 ss\"/wo+rd y", "x *** y");
    hides(&secrets, "?k=p%C3%A4%20ss%22%2Fwo%2Brd&x", "?k=***&x");
    hides(&secrets, "k=p%C3%A4+ss%22%2Fwo%2Brd&x", "k=***&x");
    hides(&secrets, "{\"k\":\"p\xC3\xA4 ss\\\"/wo+rd\"}", "{\"k\":\"***\"}");
    take(&secrets, "X-API-Key", "K\xC3\xA4se1234");
    hides(&secrets, "\"K\\u00e4se1234\"", "\"***\"");
    hides(&secrets, "K%C3%A4se1234", "***");
    take(&secrets, "Cookie", "sid=0123456789abcdef; other=whatever");
    hides(&secrets, "sid=0123456789abcdef, whatever", "sid=***, ***");
    /* base64 of "user:" and the secret, at each offset within a group of three */
    take(&secrets, "X-Auth-Token", "hunter2hunter2");
    hides(&secrets, "Basic aHVudGVyMmh1bnRlcjI=", "Basic ***cjI=");
    hides(&secrets, "Basic dTpodW50ZXIyaHVudGVyMg==", "Basic dTpo***Mg==");
    hides(&secrets, "Basic dXM6aHVudGVyMmh1bnRlcjI=", "Basic dXM6***cjI=");
}

static void other_texts_stay(void **state)
{
    (void)state;
    struct ar_secrets secrets = {0};
    hides(&secrets, "anything", "anything");
    take(&secrets, "Accept", "text/plain");
    hides(&secrets, "text/plain", "text/plain");
    take(&secrets, "Authorization", "ab"); /* would hide half of every text */
    hides(&secrets, "abc", "abc");
    hides(&secrets, "ab", "***"); /* but where it is the whole of a value */
    hides(&secrets, "X-Pin: ab\n{\"pin\":\"ab\",\"cab\":\"tab\"}",
          "X-Pin: ***\n{\"pin\":\"***\",\"cab\":\"tab\"}");
    hides(&secrets, "/p?pin=ab&a=cab", "/p?pin=***&a=cab");
    hides(&secrets, "x == ab, x ab, ab x", "x == ab, x ab, ab x");
    take(&secrets, "Authorization", "abcd");
    take(&secrets, "Authorization", "abcdef");
    hides(&secrets, "abcdefg abcde", "***g ***e"); /* the longest that stands there */
    size_t count = secrets.list.count;
    take(&secrets, "Authorization", "abcdef");
    assert_int_equal(secrets.list.count, count);
}

/* Messages show the beginning of what is long. */
static void the_beginning_of_a_secret_that_was_cut_is_hidden(void **state)
{
    (void)state;
    struct ar_secrets secrets = {0};
    take(&secrets, "Authorization", "Bearer abcdefghij\"klm");
    hides(&secrets, "it is abcdefgh...", "it is ***...");
    hides(&secrets, "it is \"x abcdefgh\"..., not \"abcdefghij\\\"k\"...",
          "it is \"x ***\"..., not \"***\"...");
    hides(&secrets, "abc... ab... abd...", "***... ab... abd...");
    hides(&secrets, "... abcdef", "... abcdef");
}

static bool is_clean(const struct fixture *f, const char *secret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < f->diags.list.count; i++) {
        ar_buf_add_str(&buf, f->diags.list.items[i].message);
        ar_buf_add_str(&buf, f->diags.list.items[i].hint);
    }
    for (size_t i = 0; f->run && i < ar_run_step_count(f->run); i++) {
        const struct arras_step *step = &ar_run_steps(f->run)[i];
        ar_buf_add_z(&buf, step->url ? step->url : "");
        ar_buf_add_z(&buf, step->reason ? step->reason : "");
    }
    bool clean = ar_str_find(ar_buf_str(&buf), ar_str_z(secret), 0) == AR_NOT_FOUND;
    if (!clean) {
        print_message("# %.*s\n", AR_STR_ARG(ar_buf_str(&buf)));
    }
    ar_buf_release(&buf);
    return clean;
}

static void outputs_are(const struct fixture *f, const char *expected)
{
    struct arras_value hidden;
    struct ar_buf buf;
    assert_int_equal(
        ar_secrets_hide_value(ar_run_secrets(f->run), ar_run_outputs(f->run), &arena, &hidden),
        ARRAS_OK);
    ar_buf_init(&buf, 65536);
    ar_json_write(&buf, &hidden, ARRAS_WRITE_COMPACT);
    ar_buf_add_char(&buf, '\0');
    assert_string_equal(buf.ptr, expected);
    ar_buf_release(&buf);
}

static void a_marked_input_is_seen_nowhere(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  inputs:\n"
                     "    properties:\n"
                     "      pass: {format: password}\n"
                     "      pin: {type: integer, writeOnly: true}\n"
                     "      login: {properties: {key: {format: password}, name: {}}}\n"
                     "      list: {$ref: '#/components/inputs/hidden'}\n"
                     "  steps:\n"
                     "  - stepId: a\n"
                     "    operationId: listThings\n"
                     "    parameters: [{name: q, in: query, value: 'p={$inputs.pass}'}]\n"
                     "    successCriteria: [{condition: $response.body#/p == 'x'}]\n"
                     "  outputs: {a: $inputs.pass, b: 'is {$inputs.pin}', c: $inputs.login, d: "
                     "$inputs.list, e: $inputs.pin}\n"
                     "components: {inputs: {hidden: {writeOnly: true}}}\n");
    assert_int_equal(fixture_start(&f,
                                   "{\"pass\":\"pass wort\",\"pin\":4711,\"login\":{\"key\":"
                                   "\"keyed\",\"name\":\"open\"},\"list\":[\"listed\"]}",
                                   0),
                     ARRAS_OK);
    fixture_answer(&f, "GET /things?q=p%3Dpass%20wort", 500,
                   "{\"p\":\"pass wort\",\"x\":\"4711 keyed listed\"}", NULL);
    struct ar_effect effect;
    assert_int_equal(ar_run_next(f.run, &effect), ARRAS_OK);
    assert_int_equal(ar_run_status(f.run), ARRAS_FAILED);
    outputs_are(&f, "{\"a\":\"***\",\"b\":\"is ***\",\"c\":{\"key\":\"***\",\"name\":\"open\"},"
                    "\"d\":[\"***\"],\"e\":\"***\"}");
    assert_string_equal(ar_run_steps(f.run)[0].url, "http://test.example/v1/things?q=p%3D***");
    assert_string_equal(ar_run_steps(f.run)[0].reason,
                        "the criterion '$response.body#/p == 'x'' does not hold: $response.body#/p "
                        "is \"***\"; the server says: {\"p\":\"***\",\"x\":\"*** *** ***\"}");
    static const char *const secrets[] = {"pass wort", "pass%20wort", "4711", "keyed", "listed"};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
        assert_true(is_clean(&f, secrets[i]));
    }
    fixture_release(&f);
}

static void a_long_secret_is_hidden_before_it_is_cut(void **state)
{
    (void)state;
    struct fixture f;
    char inputs[1024] = "{\"t\":\"", body[1024];
    size_t len = strlen(inputs);
    for (int i = 0; i < 400; i++) {
        inputs[len++] = (char)('a' + i % 26);
    }
    memcpy(inputs + len, "\"}", 3);
    memcpy(body, inputs, sizeof(body));
    fixture_load(&f, "- workflowId: w\n"
                     "  inputs: {properties: {t: {format: password}}}\n"
                     "  steps:\n"
                     "  - stepId: a\n"
                     "    operationId: listThings\n"
                     "    successCriteria: [{condition: $response.body#/t == $statusCode}]\n");
    assert_int_equal(fixture_start(&f, inputs, 0), ARRAS_OK);
    fixture_answer(&f, "GET /things", 400, body, NULL);
    fixture_ends(&f, ARRAS_FAILED, "{}");
    assert_true(is_clean(&f, "abcdef"));
    fixture_release(&f);
}

static void inputs_of_a_called_workflow_are_secrets_too(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - {stepId: a, operationId: addThing, outputs: {t: $response.body#/token}}\n"
                     "  - {stepId: b, workflowId: v, parameters: [{name: k, value: "
                     "$steps.a.outputs.t}]}\n"
                     "  outputs: {t: $steps.a.outputs.t}\n"
                     "- workflowId: v\n"
                     "  inputs: {properties: {k: {format: password}}}\n"
                     "  steps:\n"
                     "  - {stepId: s, operationId: listThings, parameters: [{name: q, in: query, "
                     "value: $inputs.k}]}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "POST /things", 201, "{\"token\":\"t0ken\"}", NULL);
    fixture_answer(&f, "GET /things?q=t0ken", 200, "{}", NULL);
    fixture_ends(&f, ARRAS_OK, "{\"t\":\"t0ken\"}");
    outputs_are(&f, "{\"t\":\"***\"}");
    assert_string_equal(ar_run_steps(f.run)[1].url, "http://test.example/v1/things?q=***");
    fixture_release(&f);
}

static void a_token_that_was_sent_as_one_is_a_secret(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f, "- workflowId: w\n"
                     "  steps:\n"
                     "  - {stepId: a, operationId: addThing, outputs: {t: $response.body#/token}}\n"
                     "  - stepId: b\n"
                     "    operationId: listThings\n"
                     "    parameters: [{name: Authorization, in: header, value: 'Bearer "
                     "{$steps.a.outputs.t}'}]\n"
                     "    successCriteria: [{condition: $request.header.Authorization == 'x'}]\n"
                     "  outputs: {t: $steps.a.outputs.t}\n");
    assert_int_equal(fixture_start(&f, NULL, 0), ARRAS_OK);
    fixture_answer(&f, "POST /things", 201, "{\"token\":\"t0ken\"}", NULL);
    fixture_answer(&f, "GET /things", 401, "{\"bad\":\"t0ken\"}", NULL);
    fixture_ends(&f, ARRAS_FAILED, "{\"t\":\"t0ken\"}");
    outputs_are(&f, "{\"t\":\"***\"}");
    assert_true(is_clean(&f, "t0ken"));
    fixture_release(&f);
}

static void an_error_about_the_inputs_does_not_show_them(void **state)
{
    (void)state;
    struct fixture f;
    fixture_load(&f,
                 "- workflowId: w\n"
                 "  inputs: {properties: {t: {format: password, minLength: 30, pattern: '^x'}}}\n"
                 "  steps: [{stepId: a, operationId: listThings}]\n");
    assert_int_equal(fixture_start(&f, "{\"t\":\"hunter2\"}", 0), ARRAS_INVALID);
    assert_int_equal(f.diags.errors, 2);
    assert_true(is_clean(&f, "hunter2"));
    fixture_release(&f);
    /* messages show its beginning */
    fixture_load(&f, "- workflowId: w\n"
                     "  inputs: {properties: {t: {format: password, pattern: '^x'}}}\n"
                     "  steps: [{stepId: a, operationId: listThings}]\n");
    assert_int_equal(fixture_start(&f,
                                   "{\"t\":\"hunter2-a-long-one-that-no-message-shows-as-a-whole-"
                                   "but-only-its-beginning\"}",
                                   0),
                     ARRAS_INVALID);
    assert_int_equal(f.diags.errors, 1);
    assert_true(is_clean(&f, "hunter2"));
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_hidden_in_every_encoding),
        cmocka_unit_test(other_texts_stay),
        cmocka_unit_test(the_beginning_of_a_secret_that_was_cut_is_hidden),
        cmocka_unit_test(a_marked_input_is_seen_nowhere),
        cmocka_unit_test(a_long_secret_is_hidden_before_it_is_cut),
        cmocka_unit_test(inputs_of_a_called_workflow_are_secrets_too),
        cmocka_unit_test(a_token_that_was_sent_as_one_is_a_secret),
        cmocka_unit_test(an_error_about_the_inputs_does_not_show_them),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
