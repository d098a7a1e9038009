/* Windmill's own description, as published: what the first workflow needs of it. */
#include "fixture.h"
#include "unit/harness.h"
#include "unit/suites.h"
#include "openapi/response.h"

static char path[4096];

static void open_windmill(struct fixture *f)
{
    *f = (struct fixture){0};
    ar_arena_init(&f->arena, 0);
    ar_diags_init(&f->diags, &f->arena);
    assert_int_equal(ar_document_read(path, ARRAS_FORMAT_YAML, &f->arena, &f->diags, &f->document),
                     ARRAS_OK);
    assert_int_equal(ar_description_new(&f->document, ar_str_z(path), NULL, &f->arena, &f->diags,
                                        &f->description),
                     ARRAS_OK);
}

static void all_operations_are_found(void **state)
{
    (void)state;
    struct fixture f;
    open_windmill(&f);
    assert_int_equal(ar_description_version(f.description), AR_OPENAPI_30);
    assert_int_equal(ar_description_count(f.description), 714);
    assert_str(ar_description_base_path(f.description), "/api");
    size_t count;
    assert_non_null(ar_operation_by_id(f.description, AR_STR("runScriptByPath"), &count));
    assert_int_equal(count, 1);
    assert_null(ar_operation_by_id(f.description, AR_STR("runscriptbypath"), &count));
    assert_int_equal(count, 0);
    const struct ar_operation *operation = ar_operation_by_path(
        f.description, AR_STR("get"), AR_STR("/w/{workspace}/jobs_u/completed/get/{id}"));
    assert_str(operation->id, "getCompletedJob");
    struct arras_str server;
    assert_int_equal(ar_operation_server(operation, NULL, &f.arena, &f.diags, &server),
                     ARRAS_UNRESOLVED);
    fixture_close(&f);
}

static void requests_of_the_workflow_are_built(void **state)
{
    (void)state;
    struct fixture f;
    open_windmill(&f);
    assert_string_equal(
        fixture_request(&f, "runScriptByPath",
                        "[[\"path\", \"workspace\", \"demo\"], [\"path\", \"path\", \"u/a/b c\"], "
                        "[\"header\", \"Authorization\", \"Bearer t\"]]",
                        "{\"n\": 9007199254740993}", NULL, false),
        "POST http://h/w/demo/jobs/run/p/u%2Fa%2Fb%20c\n"
        "Authorization: Bearer t\n"
        "Accept: text/plain, */*;q=0.1\n"
        "Content-Type: application/json\n"
        "\n{\"n\":9007199254740993}\n"
        "warning undeclared-parameter: operation 'runScriptByPath' declares no parameter "
        "'Authorization' in header\n");
    assert_string_equal(
        fixture_request(&f, "getCompletedJobResultMaybe",
                        "[[\"path\", \"workspace\", \"demo\"], [\"path\", \"id\", \"1-2\"], "
                        "[\"query\", \"get_started\", true]]",
                        NULL, NULL, true),
        "GET http://h/w/demo/jobs_u/completed/get_result_maybe/1-2?get_started=true\n"
        "Accept: application/json, */*;q=0.1\n");
    assert_string_equal(fixture_request(&f, "deleteCompletedJob",
                                        "[[\"path\", \"workspace\", \"demo\"]]", NULL, NULL, false),
                        "invalid missing-path-parameter: operation 'deleteCompletedJob' needs the "
                        "path parameter 'id'\n");
    fixture_close(&f);
}

/* Every operation with nothing but its path parameters: the two references to files that are not
 * there hinder nothing else. */
static void every_operation_can_be_called(void **state)
{
    (void)state;
    struct fixture f;
    open_windmill(&f);
    const struct arras_value *value = fixture_value(&f, "\"x\"");
    for (size_t i = 0; i < ar_description_count(f.description); i++) {
        const struct ar_operation *operation = ar_description_at(f.description, i);
        struct ar_argument arguments[8];
        size_t count = 0;
        struct arras_str rest = operation->path;
        for (size_t open; (open = ar_str_find_char(rest, '{', 0)) != AR_NOT_FOUND; count++) {
            size_t close = ar_str_find_char(rest, '}', open);
            assert_true(close != AR_NOT_FOUND && count < 8);
            arguments[count] = (struct ar_argument){
                .name = ar_str_sub(rest, open + 1, close), .in = AR_IN_PATH, .value = value};
            rest = ar_str_from(rest, close + 1);
        }
        struct ar_call call = {.operation = operation,
                               .server = AR_STR("http://h"),
                               .arguments = arguments,
                               .argument_count = count};
        struct ar_http_request request;
        assert_int_equal(ar_request_build(&call, &f.arena, &f.diags, &request), ARRAS_OK);
        assert_true(ar_str_find_char(request.url, '{', 0) == AR_NOT_FOUND);
    }
    fixture_close(&f);
}

static void references_to_missing_files_name_both(void **state)
{
    (void)state;
    struct fixture f;
    open_windmill(&f);
    const struct arras_value *schemas =
        ar_get_z(ar_get_z(&f.document.root, "components"), "schemas");
    const struct arras_value *target;
    assert_int_equal(ar_description_follow(f.description, ar_get_z(schemas, "OpenFlow"), &f.arena,
                                           &f.diags, &target),
                     ARRAS_UNRESOLVED);
    struct arras_str message = ar_diags_first_error(&f.diags)->message;
    assert_non_null(strstr(message.ptr, "windmill-api-openapi.yml refers to"));
    assert_non_null(strstr(message.ptr, "/openflow.openapi.yaml cannot be read"));
    fixture_close(&f);
}

int main(void)
{
    if (!suite_folder("../seed/openapi", path, sizeof(path))) {
        return SUITE_MISSING;
    }
    size_t len = strlen(path);
    snprintf(path + len, sizeof(path) - len, "/windmill-api-openapi.yml");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_operations_are_found),
        cmocka_unit_test(requests_of_the_workflow_are_built),
        cmocka_unit_test(every_operation_can_be_called),
        cmocka_unit_test(references_to_missing_files_name_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
