#include "unit/jobs/api_fixture.h"
#include <poll.h>
#include "base/clock.h"
#include "base/limits.h"
#include "base/hash.h"
#include "jobs/api/route.h"
#include "jobs/secret.h"
#include "jobs/store/store_people.h"
#include "unit/jobs/database.h"
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

void api_add_token(struct api_fixture *f, const char *text, const char *email,
                   const char *workspace, const char *label, const char *scopes)
{
    struct ar_token token = {
        .prefix = ar_str_sub(ar_str_z(text), 0, 10),
        .email = ar_str_z(email),
        .workspace = ar_str_z(workspace),
        .label = ar_str_z(label),
        .scopes = ar_str_z(scopes),
        .created_at = f->api.created_at,
    };
    assert_int_equal(ar_sha256_hex(ar_str_z(text), &f->arena, &token.hash), ARRAS_OK);
    assert_int_equal(ar_store_token_add(f->api.store, &token, NULL), ARRAS_OK);
}

void api_add_person(struct api_fixture *f, const char *name, bool superadmin, bool admin,
                    bool is_operator)
{
    struct arras_str email;
    assert_true(ar_str_printf(&f->arena, &email, "%s@localhost", name));
    const struct ar_account account = {.email = email,
                                       .username = ar_str_z(name),
                                       .superadmin = superadmin,
                                       .created_at = f->api.created_at};
    const struct ar_workspace_member member = {.workspace = AR_STR("main"),
                                               .username = ar_str_z(name),
                                               .email = email,
                                               .admin = admin,
                                               .is_operator = is_operator,
                                               .created_at = f->api.created_at};
    assert_int_equal(ar_store_account_add(f->api.store, &account, NULL), ARRAS_OK);
    assert_int_equal(ar_store_member_add(f->api.store, &member, NULL), ARRAS_OK);
}

int api_set_up(void **state)
{
    struct api_fixture *f = calloc(1, sizeof(*f));
    struct ar_document document;
    char path[TEST_DATABASE_LENGTH];
    assert_non_null(f);
    test_database_new(directory, path);
    ar_arena_init(&f->arena, 0);
    assert_int_equal(
        ar_document_read(OPERATIONS_FILE, ARRAS_FORMAT_JSON, &f->arena, NULL, &document), ARRAS_OK);
    f->operations = document.root;
    f->token = ADMIN;
    struct ar_store *store;
    assert_int_equal(ar_store_open(path, NULL, &store), ARRAS_OK);
    f->api.store = store;
    assert_int_equal(ar_store_workspace_add(store, AR_STR("main"), NULL), ARRAS_OK);
    assert_int_equal(ar_store_workspace_add(store, AR_STR("other"), NULL), ARRAS_OK);
    assert_int_equal(ar_queue_new(store, &f->api.queue), ARRAS_OK);
    f->api.workspace = AR_STR("main");
    memset(&f->key, 7, sizeof(f->key));
    f->api.key = &f->key;
    f->api.created_at = INT64_C(1700000000123456);
    pthread_mutex_init(&f->api.deploying, NULL);
    f->api.login_milliseconds = 1;
    api_add_person(f, "admin", true, true, false);
    api_add_person(f, "member", false, false, false);
    api_add_token(f, ADMIN, "admin@localhost", "", "session", "");
    api_add_token(f, MEMBER, "member@localhost", "main", "session", "");
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

static void wake(void *context)
{
    struct api_fixture *f = context;
    f->woken++;
}

void api_wait_woken(const struct api_fixture *f)
{
    int64_t until = ar_clock_now(ar_clock_system()) + 60 * AR_SECOND;
    while (f->woken == 0) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 1);
    }
}

static void check_instance(struct api_fixture *f, const struct arras_value *operation,
                           const char *described, const struct arras_value *instance)
{
    struct ar_schema *schema;
    struct ar_schema_result result;
    const struct ar_schema_options options = {.dialect = AR_SCHEMA_2020_12};
    assert_int_equal(ar_schema_compile(&f->operations, ar_get_z(operation, described), NULL,
                                       &options, &f->arena, NULL, &schema),
                     ARRAS_OK);
    assert_int_equal(ar_schema_validate(schema, instance, &f->arena, NULL, &result), ARRAS_OK);
    if (!result.valid) {
        fail_msg("%.*s: at '%.*s': %.*s", AR_STR_ARG(ar_text(ar_get_z(operation, "operationId"))),
                 AR_STR_ARG(result.errors.items[0].instance_path),
                 AR_STR_ARG(result.errors.items[0].message));
    }
    ar_schema_release(schema);
}

/* "data: JSON", an empty line, and so on. */
static void check_events(struct api_fixture *f, const struct arras_value *operation,
                         struct arras_str body)
{
    while (body.len) {
        size_t end = ar_str_find(body, AR_STR("\n\n"), 0);
        assert_true(ar_str_starts(body, "data: ") && end != AR_NOT_FOUND);
        struct ar_source source = {AR_STR("event"), ar_str_sub(body, strlen("data: "), end)};
        struct arras_value event;
        assert_int_equal(ar_json_read(&source, &f->arena, NULL, &event), ARRAS_OK);
        check_instance(f, operation, "event", &event);
        body = ar_str_from(body, end + 2);
    }
}

static void check_against(struct api_fixture *f, const struct arras_value *operation,
                          const struct api_answer *answer)
{
    struct arras_str type = ar_text(ar_get_z(operation, "contentType"));
    assert_true(ar_str_eq(ar_str_sub(ar_str_z(answer->type), 0, type.len), type));
    struct arras_value instance =
        ar_str_is(type, "application/json") ? answer->value : ar_string(answer->body);
    check_instance(f, operation, "response", &instance);
    if (ar_get_z(operation, "event")) {
        check_events(f, operation, answer->body);
    }
}

/* An error says why, as text; a job that failed is an answer of what waited for it. */
static void check_error(const struct arras_value *operation, const struct api_answer *answer)
{
    struct arras_str id = ar_text(ar_get_z(operation, "operationId"));
    if (answer->status < 400 || answer->status == 415 || ar_str_starts(id, "runWaitResult") ||
        ar_str_ends(id, "WaitResult")) {
        return;
    }
    assert_string_equal(answer->type, "text/plain; charset=utf-8");
    assert_true(answer->body.len > 0);
}

/* Whether the request's path is one of the operation's. */
static bool path_fits(struct arras_str path, struct arras_str pattern)
{
    bool fits = true;
    while (fits && pattern.len && path.len) {
        struct arras_str wanted = ar_str_cut(&pattern, '/');
        if (ar_str_starts(wanted, "{*")) {
            return true;
        }
        struct arras_str found = ar_str_cut(&path, '/');
        fits = ar_str_eq(wanted, found) || (ar_str_starts(wanted, "{") && found.len);
    }
    return fits && pattern.len == 0 && path.len == 0;
}

/* The first operation of that request, as the server finds it; NULL: there is none. */
static const struct arras_value *find_requested(struct api_fixture *f, struct arras_str method,
                                                struct arras_str path)
{
    const struct arras_value *list = ar_get_z(&f->operations, "operations");
    path = ar_str_from(path, ar_str_starts(path, "/api") ? strlen("/api") : 0);
    for (size_t i = 0; ar_item(list, i); i++) {
        const struct arras_value *one = ar_item(list, i);
        if (ar_str_eq(ar_text(ar_get_z(one, "method")), method) &&
            path_fits(path, ar_text(ar_get_z(one, "path")))) {
            return one;
        }
    }
    return NULL;
}

/* Who waits for a job gets what the job wants. */
static bool is_waiting(const struct arras_value *operation)
{
    struct arras_str id = ar_text(ar_get_z(operation, "operationId"));
    return ar_str_starts(id, "runWaitResult") || ar_str_ends(id, "WaitResult");
}

/* Every answer of every test passes here. */
static void check_answer(struct api_fixture *f, const struct api_answer *answer)
{
    int64_t status;
    if (!f->requested || answer->status == 0) {
        return;
    }
    assert_true(ar_str_int(ar_text(ar_get_z(f->requested, "status")), &status));
    bool json = answer->type && strcmp(answer->type, "application/json") == 0;
    if (answer->status == status && (json || !is_waiting(f->requested))) {
        check_against(f, f->requested, answer);
    } else if (answer->status < 400 && !is_waiting(f->requested)) {
        fail_msg("%.*s answers %d", AR_STR_ARG(ar_text(ar_get_z(f->requested, "operationId"))),
                 answer->status);
    }
    check_error(f->requested, answer);
}

static struct api_answer read_answer(struct api_fixture *f)
{
    struct api_answer answer = {f->response.status, f->response.content_type, f->response.body,
                                ar_null()};
    if (answer.type && strcmp(answer.type, "application/json") == 0) {
        struct ar_source source = {AR_STR("answer"), answer.body};
        assert_int_equal(ar_json_read(&source, &f->arena, NULL, &answer.value), ARRAS_OK);
    }
    check_answer(f, &answer);
    return answer;
}

static void end_later(struct api_fixture *f, bool complete)
{
    struct ar_server_later later = f->later;
    f->later = (struct ar_server_later){.end = NULL};
    later.end(later.context, complete);
}

static bool next_piece(struct api_fixture *f, bool stopping)
{
    struct ar_buf piece;
    int64_t until = INT64_MAX;
    ar_buf_init(&piece, AR_SERVER_REQUEST_MEMORY);
    bool last = f->later.stream(f->later.context, stopping, &until, &piece);
    bool some = piece.len > 0;
    assert_int_equal(ar_buf_copy(&piece, &f->arena, &f->response.body), ARRAS_OK);
    ar_buf_release(&piece);
    if (last) {
        end_later(f, true);
    }
    return some;
}

struct api_answer api_proceed(struct api_fixture *f, bool stopping)
{
    int64_t until = INT64_MAX;
    if (f->later.stream) {
        return next_piece(f, stopping) ? read_answer(f) : (struct api_answer){.status = 0};
    }
    if (!f->later.answer(f->later.context, stopping, &until, &f->response)) {
        return (struct api_answer){.status = 0};
    }
    end_later(f, true);
    return read_answer(f);
}

void api_leave(struct api_fixture *f)
{
    end_later(f, false);
}

struct api_answer api_send(struct api_fixture *f, const char *method, const char *target,
                           const struct ar_header *headers, size_t count, const char *body)
{
    struct arras_str query = ar_str_z(target);
    struct arras_str path = ar_str_cut(&query, '?');
    struct ar_server_request *request = ar_arena_alloc(&f->arena, sizeof(*request));
    assert_non_null(request);
    *request = (struct ar_server_request){
        .method = ar_str_z(method),
        .path = path,
        .query = query,
        .headers = {(struct ar_header *)(uintptr_t)headers, count},
        .body = ar_str_z(body),
        .arena = &f->arena,
        .wake = wake,
        .wake_context = f,
    };
    f->requested = find_requested(f, request->method, path);
    f->response = (struct ar_server_response){.status = 500};
    ar_api_handle(&f->api, request, &f->response);
    f->later = f->response.later;
    f->response.later = (struct ar_server_later){.end = NULL};
    return f->later.end ? api_proceed(f, false) : read_answer(f);
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

void api_check(struct api_fixture *f, const char *operation, const struct api_answer *answer)
{
    check_against(f, find_operation(f, operation), answer);
}

/* Whether a list of names and @sets has the name. */
static bool is_described(struct api_fixture *f, const struct arras_value *list,
                         struct arras_str name)
{
    const struct arras_value *sets = ar_get_z(&f->operations, "parameterSets");
    for (size_t i = 0; ar_item(list, i); i++) {
        struct arras_str one = ar_text(ar_item(list, i));
        bool is_set = ar_str_starts(one, "@");
        if (is_set ? is_described(f, ar_get(sets, ar_str_from(one, 1)), name)
                   : ar_str_eq(one, name)) {
            return true;
        }
    }
    return false;
}

/* What a test asks of an operation that takes it is in the operation's description. */
static void check_query(struct api_fixture *f, const struct arras_value *operation,
                        const char *target)
{
    struct arras_str query = ar_str_z(target);
    struct arras_str id = ar_text(ar_get_z(operation, "operationId"));
    ar_str_cut(&query, '?');
    while (query.len) {
        struct arras_str one = ar_str_cut(&query, '&'), name = ar_str_cut(&one, '=');
        if (!is_described(f, ar_get_z(operation, "query"), name)) {
            fail_msg("%.*s: query parameter %.*s is not described", AR_STR_ARG(id),
                     AR_STR_ARG(name));
        }
    }
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
        check_query(f, described, target);
    }
    assert_ptr_equal(described, f->requested);
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

void api_share(struct api_fixture *f, const char *path)
{
    assert_int_equal(ar_store_perms_set(f->api.store, "script", AR_STR("main"), ar_str_z(path),
                                        AR_STR("{\"u/member\":false}"), NULL),
                     ARRAS_OK);
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
    job->completed_at = ar_store_end_time(f->api.store, job);
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
