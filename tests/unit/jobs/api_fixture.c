#include "unit/jobs/api_fixture.h"
#include "base/clock.h"
#include "jobs/api/route.h"
#include "jobs/secret.h"
#include "unit/jobs/temporary.h"
#include "value/document.h"
#include "value/json.h"

static char directory[] = "/tmp/arras-test-api-XXXXXX";

int api_make_directory(void **state)
{
    (void)state;
    make_directory(directory);
    return 0;
}

int api_remove_directory(void **state)
{
    (void)state;
    remove_tree(directory);
    return 0;
}

static void add_token(struct api_fixture *f, const char *token, const struct ar_user *user)
{
    struct arras_str hash;
    assert_int_equal(ar_sha256_hex(ar_str_z(token), &f->arena, &hash), ARRAS_OK);
    assert_int_equal(ar_store_token_add(f->api.store, hash, user, 0, NULL), ARRAS_OK);
}

int api_set_up(void **state)
{
    struct api_fixture *f = calloc(1, sizeof(*f));
    struct ar_document document;
    char path[64];
    static int number;
    assert_non_null(f);
    snprintf(path, sizeof(path), "%s/%d.db", directory, number++);
    ar_arena_init(&f->arena, 0);
    assert_int_equal(
        ar_document_read(OPERATIONS_FILE, ARRAS_FORMAT_JSON, &f->arena, NULL, &document), ARRAS_OK);
    f->operations = document.root;
    f->token = ADMIN;
    struct ar_store *store;
    assert_int_equal(ar_store_open_sqlite(path, NULL, &store), ARRAS_OK);
    f->api.store = store;
    assert_int_equal(ar_store_workspace_add(store, AR_STR("main"), NULL), ARRAS_OK);
    assert_int_equal(ar_store_workspace_add(store, AR_STR("other"), NULL), ARRAS_OK);
    assert_int_equal(ar_queue_new(store, &f->api.queue), ARRAS_OK);
    f->api.workspace = AR_STR("main");
    f->api.created_at = INT64_C(1700000000123456);
    pthread_mutex_init(&f->api.deploying, NULL);
    const struct ar_user admin = {
        AR_STR("admin@localhost"), AR_STR("admin"), {NULL, 0}, true, true};
    const struct ar_user member = {AR_STR("member@localhost"), AR_STR("member"), AR_STR("main"),
                                   false, false};
    add_token(f, ADMIN, &admin);
    add_token(f, MEMBER, &member);
    *state = f;
    return 0;
}

int api_tear_down(void **state)
{
    struct api_fixture *f = *state;
    ar_queue_free(f->api.queue);
    ar_store_close(f->api.store);
    pthread_mutex_destroy(&f->api.deploying);
    ar_arena_release(&f->arena);
    free(f);
    return 0;
}

struct api_answer api_send(struct api_fixture *f, const char *method, const char *target,
                           const struct ar_header *headers, size_t count, const char *body)
{
    struct arras_str query = ar_str_z(target);
    struct arras_str path = ar_str_cut(&query, '?');
    struct ar_server_request request = {
        .method = ar_str_z(method),
        .path = path,
        .query = query,
        .headers = {(struct ar_header *)(uintptr_t)headers, count},
        .body = ar_str_z(body),
        .arena = &f->arena,
    };
    struct ar_server_response response = {.status = 500};
    ar_api_handle(&f->api, &request, &response);
    struct api_answer answer = {response.status, response.content_type, response.body, ar_null()};
    if (answer.type && strcmp(answer.type, "application/json") == 0) {
        struct ar_source source = {AR_STR("answer"), answer.body};
        assert_int_equal(ar_json_read(&source, &f->arena, NULL, &answer.value), ARRAS_OK);
    }
    return answer;
}

static const struct arras_value *find_operation(struct api_fixture *f, const char *id)
{
    const struct arras_value *list = ar_get_z(&f->operations, "operations");
    for (size_t i = 0; ar_item(list, i); i++) {
        if (ar_str_is(ar_text(ar_get_z(ar_item(list, i), "operationId")), id)) {
            return ar_item(list, i);
        }
    }
    fail_msg("operations.json does not know %s", id);
    return NULL;
}

static void check_against(struct api_fixture *f, const struct arras_value *operation,
                          const struct api_answer *answer)
{
    struct ar_schema *schema;
    struct ar_schema_result result;
    const struct ar_schema_options options = {.dialect = AR_SCHEMA_2020_12};
    struct arras_str type = ar_text(ar_get_z(operation, "contentType"));
    assert_true(ar_str_eq(ar_str_sub(ar_str_z(answer->type), 0, type.len), type));
    struct arras_value instance =
        ar_str_is(type, "application/json") ? answer->value : ar_string(answer->body);
    assert_int_equal(ar_schema_compile(&f->operations, ar_get_z(operation, "response"), NULL,
                                       &options, &f->arena, NULL, &schema),
                     ARRAS_OK);
    assert_int_equal(ar_schema_validate(schema, &instance, &f->arena, NULL, &result), ARRAS_OK);
    if (!result.valid) {
        fail_msg("%.*s: at '%.*s': %.*s in %.*s",
                 AR_STR_ARG(ar_text(ar_get_z(operation, "operationId"))),
                 AR_STR_ARG(result.errors.items[0].instance_path),
                 AR_STR_ARG(result.errors.items[0].message), AR_STR_ARG(answer->body));
    }
    ar_schema_release(schema);
}

struct api_answer api_ask(struct api_fixture *f, const char *operation, const char *method,
                          const char *target, const char *body)
{
    struct ar_header headers[2] = {{AR_STR("Content-Type"), AR_STR("application/json")}};
    size_t count = body ? 1 : 0;
    if (f->token) {
        headers[count].name = AR_STR("Authorization");
        assert_true(ar_str_printf(&f->arena, &headers[count++].value, "Bearer %s", f->token));
    }
    struct api_answer answer = api_send(f, method, target, headers, count, body);
    const struct arras_value *described = find_operation(f, operation);
    int64_t status;
    assert_true(ar_str_int(ar_text(ar_get_z(described, "status")), &status));
    if (answer.status / 100 == 2) {
        assert_int_equal(answer.status, status);
        check_against(f, described, &answer);
    }
    return answer;
}

struct api_answer api_ask_of(struct api_fixture *f, const char *operation, const char *method,
                             const char *before, struct arras_str id, const char *behind)
{
    struct arras_str target;
    assert_true(
        ar_str_printf(&f->arena, &target, "/api/w/main/%s%.*s%s", before, AR_STR_ARG(id), behind));
    return api_ask(f, operation, method, target.ptr, NULL);
}

struct arras_str api_deploy(struct api_fixture *f, const char *path)
{
    struct arras_str body;
    assert_true(ar_str_printf(&f->arena, &body,
                              "{\"path\":\"%s\",\"summary\":\"says\",\"content\":\"echo hello "
                              "$1\\n\",\"language\":\"bash\"}",
                              path));
    struct api_answer answer =
        api_ask(f, "createScript", "POST", "/api/w/main/scripts/create", body.ptr);
    assert_int_equal(answer.status, 201);
    return answer.body;
}

struct arras_str api_submit(struct api_fixture *f)
{
    struct api_answer answer = api_ask(f, "runScriptByPath", "POST",
                                       "/api/w/main/jobs/run/p/u/demo/hello", "{\"name\":\"you\"}");
    assert_int_equal(answer.status, 201);
    return answer.body;
}

struct ar_job api_take(struct api_fixture *f)
{
    struct ar_job job;
    assert_int_equal(ar_queue_take(f->api.queue, AR_STR("tester"), &f->arena, NULL, &job),
                     ARRAS_OK);
    return job;
}

void api_complete(struct api_fixture *f, struct ar_job *job, bool success, const char *result)
{
    job->state = success ? AR_JOB_SUCCESS : AR_JOB_FAILURE;
    job->result = ar_str_z(result);
    job->completed_at = ar_clock_wall(ar_clock_system());
    job->memory_peak = 2048;
    assert_int_equal(ar_queue_complete(f->api.queue, job, NULL), ARRAS_OK);
}

void api_assert_error(struct api_answer answer, int status, const char *text)
{
    char got[1024];
    snprintf(got, sizeof(got), "%.*s", AR_STR_ARG(answer.body));
    assert_string_equal(got, text);
    assert_int_equal(answer.status, status);
    assert_string_equal(answer.type, "text/plain; charset=utf-8");
}
