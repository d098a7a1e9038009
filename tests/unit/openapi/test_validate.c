/* Responses against the description: what the conformance cases cannot reach. */
#include "unit/harness.h"
#include "unit/alloc_fail.h"
#include "fixture.h"
#include "openapi/response.h"
#include "openapi/validate.h"

static const char text[] =
    "openapi: 3.0.3\n"
    "info: {title: t, version: '1'}\n"
    "paths:\n"
    "  /a:\n"
    "    get:\n"
    "      operationId: a\n"
    "      responses:\n"
    "        '200':\n"
    "          description: any\n"
    "          headers: {X-A: {$ref: '#/components/headers/A'}}\n"
    "          content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}\n"
    "        '500': {$ref: '#/nowhere'}\n"
    "components:\n"
    "  headers: {A: {required: true}}\n"
    "  schemas: {A: {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}, B: {enum: "
    "[1]}}\n";

struct given {
    struct fixture *fixture;
    struct ar_response_validator *validator; /* NULL: a new one each time */
    int status;
    size_t found;
};

static enum arras_status look(const struct given *given, struct ar_response_validator *validator,
                              struct ar_arena *arena, size_t *ret_found)
{
    struct ar_header type = {AR_STR("Content-Type"), AR_STR("application/json")};
    struct ar_http_response response = {
        .status = given->status, .headers = {&type, 1}, .body = AR_STR("{\"b\": 2}")};
    const struct arras_value *body;
    struct ar_findings findings = {0};
    enum arras_status status = ar_response_body(&response, arena, NULL, &body);
    if (!status) {
        status = ar_response_validate(validator, fixture_operation(given->fixture, "a"), &response,
                                      body, arena, &findings);
    }
    *ret_found = findings.list.count;
    return status;
}

static enum arras_status look_anew(void *context)
{
    struct given *given = context;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct ar_response_validator *validator = ar_response_validator_new(&arena);
    enum arras_status status =
        validator ? look(given, validator, &arena, &given->found) : ARRAS_NO_MEMORY;
    ar_response_validator_release(validator);
    ar_arena_release(&arena);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, "/x/api.yaml", text, NULL);
    struct given given = {&fixture, NULL, 200, 0};
    assert_true(alloc_fail_each(look_anew, &given, ARRAS_OK) > 0);
    assert_int_equal(given.found, 2);
    given.status = 500;
    assert_true(alloc_fail_each(look_anew, &given, ARRAS_OK) > 0);
    assert_int_equal(given.found, 1);
    fixture_close(&fixture);
}

static void schemas_are_compiled_once(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ar_arena kept, arena;
    size_t found;
    fixture_open(&fixture, "/x/api.yaml", text, NULL);
    ar_arena_init(&kept, 0);
    struct given given = {&fixture, ar_response_validator_new(&kept), 200, 0};
    for (int i = 0; i < 3; i++) {
        struct ar_mark before = ar_arena_mark(&kept);
        ar_arena_init(&arena, 0);
        assert_int_equal(look(&given, given.validator, &arena, &found), ARRAS_OK);
        assert_int_equal(found, 2);
        ar_arena_release(&arena);
        struct ar_mark after = ar_arena_mark(&kept);
        assert_int_equal(memcmp(&before, &after, sizeof(before)) == 0, i > 0);
    }
    ar_response_validator_release(given.validator);
    ar_arena_release(&kept);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail),
                                       cmocka_unit_test(schemas_are_compiled_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
