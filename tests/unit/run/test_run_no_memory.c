/* Each allocation of loading a document and running it fails once: that is told as such, or what
 * could not be kept was only a warning, and nothing leaks or goes wrong otherwise. */
#include "unit/harness.h"
#include "unit/alloc_fail.h"
#include "run/inputs.h"
#include "run/run.h"
#include "run/secrets.h"
#include "value/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char things[] =
    "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nservers: [{url: 'http://h/v1'}]\n"
    "components: {securitySchemes: {k: {type: apiKey, in: query, name: key}, s: {type: http, "
    "scheme: "
    "basic}, o: {type: openIdConnect, openIdConnectUrl: 'https://h/x'}}}\n"
    "security: [{k: [], o: [a, b]}, {s: []}]\npaths:\n"
    "  /a: {get: {operationId: a, parameters: [{name: q, in: query}]}, post: {operationId: b}}\n"
    "  /a/{id}: {get: {operationId: c, parameters: [{name: id, in: path, required: true}]}}\n";

static const char document[] =
    "arazzo: 1.0.1\n"
    "info: {title: t, version: '1'}\n"
    "sourceDescriptions: [{name: t, url: t%2Eyaml, type: openapi}]\n"
    "workflows:\n"
    "- workflowId: w\n"
    "  dependsOn: [first]\n"
    "  inputs:\n"
    "    required: [pass]\n"
    "    properties: {pass: {format: password}, n: {type: integer, default: 3}, none: {}}\n"
    "  parameters: [{name: Authorization, in: header, value: Bearer $inputs.pass}]\n"
    "  failureActions: [{reference: $components.failureActions.again}]\n"
    "  steps:\n"
    "  - stepId: add\n"
    "    operationId: b\n"
    "    requestBody:\n"
    "      contentType: application/json\n"
    "      payload: '{\"n\": {$inputs.n}, \"x\": [1]}'\n"
    "      replacements: [{target: /x/0, value: $inputs.pass}, {target: /y, value: $inputs.none}]\n"
    "    successCriteria: [{condition: $statusCode == 201 && $response.body#/id != null}]\n"
    "    outputs: {id: $response.body#/id, gone: $response.body#/gone}\n"
    "  - stepId: poll\n"
    "    operationId: c\n"
    "    parameters: [{name: id, in: path, value: $steps.add.outputs.id}]\n"
    "    onSuccess:\n"
    "    - {name: more, type: goto, stepId: poll, criteria: [{context: $response.body, type: "
    "jsonpath, condition: $.done == false}]}\n"
    "    - {name: root, type: goto, stepId: call, criteria: [{context: $response.body, type: "
    "jsonpath, condition: '$[?@.done == true]'}]}\n"
    "  - stepId: call\n"
    "    workflowId: called\n"
    "    parameters: [{name: k, value: $inputs.pass}]\n"
    "    onFailure: [{name: go, type: goto, stepId: end}]\n"
    "  - stepId: end\n"
    "    operationPath: t#/paths/~1a/get\n"
    "    parameters: [{name: q, in: query, value: x $inputs.n}]\n"
    "    onFailure: [{name: over, type: end}]\n"
    "  outputs: {id: $steps.add.outputs.id, first: $workflows.first.outputs.o}\n"
    "- workflowId: first\n"
    "  steps:\n"
    "  - stepId: s\n"
    "    operationId: a\n"
    "    successCriteria: [{context: $response.body#/x, type: xpath, condition: //y}, {context: "
    "$statusCode, type: regex, condition: '^2'}]\n"
    "  outputs: {o: $statusCode}\n"
    "- workflowId: called\n"
    "  inputs: {properties: {k: {writeOnly: true}, d: {default: [1]}}}\n"
    "  steps: [{stepId: s, operationId: a}]\n"
    "components: {failureActions: {again: {name: again, type: retry, retryAfter: 1}}}\n";

static char directory[] = "/tmp/arras-test-XXXXXX";
static char document_path[64];
static int64_t now;

static const struct {
    int status;
    const char *body;
} answers[] = {
    {200, "{\"x\":\"<x><y/></x>\"}"},
    {503, "{\"error\":\"busy\"}"},
    {201, "{\"id\":\"i/1\"}"},
    {200, "{\"done\":false}"},
    {200, "{\"done\":false}"},
    {200, "{\"done\":true}"},
    {500, "no"},
    {200, "{}"},
};

static int64_t now_of(void *context)
{
    (void)context;
    return now;
}

static enum arras_status answer(struct ar_run *run, size_t number)
{
    static struct ar_header headers[] = {
        {AR_STR_INIT("Content-Type"), AR_STR_INIT("application/json")}};
    static struct ar_http_response response;
    if (number >= sizeof(answers) / sizeof(*answers)) {
        return ar_run_failure(run, ARRAS_NETWORK, AR_STR("gone"), 0);
    }
    response = (struct ar_http_response){.status = answers[number].status,
                                         .headers = {headers, 1},
                                         .body = ar_str_z(answers[number].body)};
    return ar_run_response(run, &response, 0);
}

/* Discovery, then the token. */
static enum arras_status answer_own(struct ar_run *run, const struct ar_http_request *request)
{
    bool asks = ar_str_is(request->method, "POST");
    struct ar_http_response response = {
        .status = 200,
        .body = ar_str_z(asks ? "{\"access_token\":\"t0ken\",\"refresh_token\":\"again\"}"
                              : "{\"token_endpoint\":\"https://h/t\"}")};
    return ar_run_response(run, &response, 0);
}

static enum arras_status run_all(struct ar_run *run)
{
    struct ar_effect effect = {.type = AR_SEND};
    enum arras_status status = ARRAS_OK;
    size_t number = 0;
    while (!status && effect.type != AR_DONE) {
        status = ar_run_next(run, &effect);
        if (!status && effect.type == AR_SEND && effect.own) {
            status = answer_own(run, effect.request);
        } else if (!status && effect.type == AR_SEND) {
            status = answer(run, number++);
        } else if (!status && effect.type == AR_WAIT) {
            now = effect.until;
        }
    }
    return status ? status : ar_run_status(run);
}

static enum arras_status load_and_run(struct ar_arena *arena, struct ar_diags *diags)
{
    struct arras_load_options options = {0};
    struct ar_clock clock = {now_of, now_of, NULL};
    struct arras_setting pass = {"pass", "se\"cret"};
    struct arras_setting fallback = {"N", "12"};
    struct ar_given_inputs given = {.texts = {&pass, 1}, .fallbacks = {&fallback, 1}};
    struct ar_arazzo *arazzo = NULL;
    struct ar_run *run = NULL;
    enum arras_status status = ar_arazzo_load(document_path, &options, NULL, arena, diags, &arazzo);
    if (status) {
        return status;
    }
    struct arras_value credentials;
    const struct ar_source text = {
        AR_STR("credentials"),
        AR_STR("{\"t\":{\"k\":\"key-1\",\"o\":{\"username\":\"joe\",\"password\":\"pw-1\","
               "\"clientId\":"
               "\"id\",\"clientSecret\":\"s-1\",\"parameters\":{\"audience\":\"x\"}}}}")};
    struct arras_setting header = {"t:X-Extra", "more"};
    status = ar_json_read(&text, arena, diags, &credentials);
    if (status) {
        ar_arazzo_release(arazzo);
        return status;
    }
    struct ar_run_settings settings = {.workflow = &arazzo->workflows[0],
                                       .credentials = &credentials,
                                       .headers = {&header, 1},
                                       .clock = &clock,
                                       .arena = arena,
                                       .diags = diags};
    status = settings.workflow->status;
    ar_diags_add(diags, &settings.workflow->diags);
    if (!status) {
        status = ar_inputs_prepare(settings.workflow, &given, arena, diags, &settings.inputs,
                                   &settings.uploads);
    }
    status = status ? status : ar_run_new(&settings, &run);
    if (!status) {
        struct arras_value hidden;
        status = run_all(run);
        if (!status) {
            status =
                ar_secrets_hide_value(ar_run_secrets(run), ar_run_outputs(run), arena, &hidden);
        }
        ar_run_release(run);
    }
    ar_arazzo_release(arazzo);
    return status;
}

static enum arras_status once(struct ar_diags *told)
{
    struct ar_arena arena;
    struct ar_diags diags;
    now = 0;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    enum arras_status status = load_and_run(&arena, &diags);
    for (size_t i = 0; told && i < diags.list.count; i++) {
        print_message("# %s: %.*s\n", diags.list.items[i].code,
                      AR_STR_ARG(diags.list.items[i].message));
    }
    ar_arena_release(&arena);
    return status;
}

static void a_document_is_loaded_and_run_or_memory_ran_out(void **state)
{
    (void)state;
    size_t failures = 0, told = 0;
    enum arras_status expected = once(NULL);
    if (expected) {
        struct ar_diags show;
        once(&show);
    }
    assert_int_equal(expected, ARRAS_OK);
    for (size_t number = 0;; number++) {
        alloc_fail_at(number);
        enum arras_status status = once(NULL);
        if (!alloc_fail_end()) {
            assert_int_equal(status, ARRAS_OK);
            break;
        }
        failures++;
        told += status == ARRAS_NO_MEMORY;
        if (status != ARRAS_NO_MEMORY && status != ARRAS_OK) {
            fail_msg("allocation %zu: %s", number, arras_status_name(status));
        }
    }
    /* the others were of what a warning says */
    assert_true(failures > 50);
    assert_true(told > failures / 2);
}

static void write_file(const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(directory)) {
        return 1;
    }
    snprintf(document_path, sizeof(document_path), "%s/doc.yaml", directory);
    write_file("t.yaml", things);
    write_file("doc.yaml", document);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(document_path);
    snprintf(document_path, sizeof(document_path), "%s/t.yaml", directory);
    unlink(document_path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_loaded_and_run_or_memory_ran_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
