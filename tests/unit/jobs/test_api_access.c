/* Who may ask what, and what is not there: windmill-api.md section 3. */
#include "jobs/api/route.h"
#include "openapi/description.h"
#include "unit/jobs/api_fixture.h"

#define W "/api/w/main"
#define NO_JOB "00000000-0000-4000-8000-000000000000"

static bool auth_is(const struct arras_value *operation, enum ar_api_auth auth)
{
    struct arras_str text = ar_text(ar_get_z(operation, "auth"));
    return auth == AR_AUTH_NONE ? ar_str_is(text, "none")
                                : ar_str_is(text, "token") || ar_str_is(text, "administrator");
}

static void the_route_table_is_the_list_of_operations(void **state)
{
    struct api_fixture *f = *state;
    const struct arras_value *list = ar_get_z(&f->operations, "operations");
    assert_int_equal(list->count, ar_route_count);
    for (size_t i = 0; i < ar_route_count; i++) {
        const struct arras_value *operation = ar_item(list, i);
        const struct ar_route *route = &ar_routes[i];
        assert_true(ar_str_is(ar_text(ar_get_z(operation, "operationId")), route->operation));
        assert_true(ar_str_is(ar_text(ar_get_z(operation, "method")), route->method));
        assert_true(ar_str_is(ar_text(ar_get_z(operation, "path")), route->path));
        assert_true(auth_is(operation, route->auth));
    }
}

static void version_and_clock_need_no_token(void **state)
{
    struct api_fixture *f = *state;
    f->token = NULL;
    struct api_answer answer = api_ask(f, "backendVersion", "GET", "/api/version", NULL);
    assert_str(answer.body, AR_API_VERSION);
    api_ask(f, "getDbClock", "GET", "/api/jobs/db_clock", NULL);
    struct api_answer health = api_ask(f, "getHealthStatus", "GET", "/api/health/status", NULL);
    assert_str(ar_text(ar_get_z(&health.value, "status")), "degraded"); /* there are no workers */
}

static void assert_described(struct api_fixture *f, const struct ar_description *description,
                             const struct arras_value *operation)
{
    size_t count;
    struct ar_body body;
    const struct ar_operation *found =
        ar_operation_by_id(description, ar_text(ar_get_z(operation, "operationId")), &count);
    assert_non_null(found);
    assert_int_equal(count, 1);
    assert_true(ar_str_eq(found->method, ar_text(ar_get_z(operation, "method"))));
    const struct arras_value *query = ar_get_z(operation, "query");
    for (size_t i = 0; ar_item(query, i); i++) {
        struct arras_str name = ar_text(ar_item(query, i));
        const struct arras_value *parameter;
        name = ar_str_is(name, "@paging") ? AR_STR("per_page") : name;
        if (!ar_str_starts(name, "@")) {
            assert_int_equal(ar_operation_parameter(found, name, "query", &f->arena, &parameter),
                             ARRAS_OK);
            assert_non_null(parameter);
        }
    }
    assert_int_equal(ar_operation_body(found, &f->arena, NULL, &body), ARRAS_OK);
    assert_int_equal(body.declared, ar_get_z(operation, "body") != NULL);
}

static void the_server_describes_every_operation(void **state)
{
    struct api_fixture *f = *state;
    struct ar_description *description;
    f->token = NULL;
    struct api_answer answer = api_ask(f, "getOpenApiJson", "GET", "/api/openapi.json", NULL);
    struct api_answer text = api_ask(f, "getOpenApiYaml", "GET", "/api/openapi.yaml", NULL);
    assert_true(ar_str_eq(answer.body, text.body));
    struct ar_document document = {.root = answer.value};
    assert_int_equal(ar_description_new(&document, AR_STR("http://127.0.0.1/api/openapi.json"),
                                        NULL, &f->arena, NULL, &description),
                     ARRAS_OK);
    assert_int_equal(ar_description_version(description), AR_OPENAPI_31);
    assert_int_equal(ar_description_count(description), ar_route_count);
    const struct arras_value *list = ar_get_z(&f->operations, "operations");
    for (size_t i = 0; ar_item(list, i); i++) {
        assert_described(f, description, ar_item(list, i));
    }
}

static int status_with(struct api_fixture *f, const char *name, const char *value,
                       const char *query)
{
    struct arras_str target;
    struct ar_header header = {ar_str_z(name), ar_str_z(value)};
    assert_true(ar_str_printf(&f->arena, &target, "/api/users/whoami%s", query));
    return api_send(f, "GET", target.ptr, &header, 1, NULL).status;
}

static void the_token_comes_as_bearer_cookie_or_parameter(void **state)
{
    struct api_fixture *f = *state;
    assert_int_equal(status_with(f, "Authorization", "Bearer " ADMIN, ""), 200);
    assert_int_equal(status_with(f, "authorization", "bearer " ADMIN, ""), 200);
    assert_int_equal(status_with(f, "Cookie", "a=b; token=" ADMIN "; c=d", ""), 200);
    assert_int_equal(status_with(f, "Cookie", "xtoken=" ADMIN, ""), 401);
    assert_int_equal(status_with(f, "X-Other", "", "?token=" ADMIN), 200);
    assert_int_equal(status_with(f, "X-Other", "", "?token=wrong"), 401);
    /* the header decides, whatever else comes */
    assert_int_equal(status_with(f, "Authorization", "Bearer wrong", "?token=" ADMIN), 401);
    assert_int_equal(status_with(f, "Authorization", "Basic " ADMIN, ""), 401);
}

/* With `x` for everything that the path leaves open. */
static struct arras_str make_target(struct api_fixture *f, const struct ar_route *route)
{
    struct arras_str target = {NULL, 0}, rest = ar_str_z(route->path);
    struct ar_buf buf;
    ar_buf_init(&buf, 1000);
    ar_buf_add_z(&buf, "/api");
    while (rest.len) {
        struct arras_str segment = ar_str_cut(&rest, '/');
        bool parameter = ar_str_starts(segment, "{");
        ar_buf_add_z(&buf, buf.len > 4 || segment.len ? "/" : "");
        ar_buf_add_str(&buf, !parameter                          ? segment
                             : ar_str_is(segment, "{workspace}") ? AR_STR("main")
                                                                 : AR_STR("x"));
    }
    assert_int_equal(ar_buf_copy(&buf, &f->arena, &target), ARRAS_OK);
    ar_buf_release(&buf);
    return target;
}

/* What is not here says so, and what asks for nothing but a workspace answers as described. */
static void every_operation_that_needs_nothing_answers(void **state)
{
    struct api_fixture *f = *state;
    const struct arras_value *list = ar_get_z(&f->operations, "operations");
    size_t absent = 0, asked = 0;
    for (size_t i = 0; i < ar_route_count; i++) {
        const struct ar_route *route = &ar_routes[i];
        bool is_absent = ar_str_is(ar_text(ar_get_z(ar_item(list, i), "status")), "501");
        const char *open = strchr(route->path, '{');
        bool is_whole = !open || (strncmp(route->path, "/w/{workspace}", 14) == 0 &&
                                  !strchr(route->path + 14, '{'));
        struct arras_str target = make_target(f, route);
        if (is_absent) {
            struct api_answer answer =
                api_ask(f, route->operation, route->method, target.ptr, "{}");
            assert_int_equal(answer.status, 501);
            absent++;
        } else if (is_whole && strcmp(route->method, "GET") == 0) {
            struct api_answer answer =
                api_ask(f, route->operation, route->method, target.ptr, NULL);
            assert_int_equal(answer.status, 200);
            asked++;
        }
    }
    assert_true(absent > 30 && asked > 30);
}

static void without_a_good_token_nothing_is_told(void **state)
{
    struct api_fixture *f = *state;
    for (size_t i = 0; i < ar_route_count; i++) {
        const struct ar_route *route = &ar_routes[i];
        if (route->auth == AR_AUTH_NONE) {
            continue;
        }
        struct arras_str target = make_target(f, route);
        f->token = "wrong";
        api_assert_error(api_ask(f, route->operation, route->method, target.ptr, NULL), 401,
                         "Unauthorized");
        f->token = NULL;
        struct api_answer answer = api_ask(f, route->operation, route->method, target.ptr, NULL);
        if (route->auth == AR_AUTH_OPTIONAL) {
            api_assert_error(answer, 400,
                             "Bad request: As a non logged in user, you can only see jobs ran by "
                             "anonymous users");
        } else {
            api_assert_error(answer, 401, "Unauthorized");
        }
    }
}

static void a_workspace_is_open_to_its_members(void **state)
{
    struct api_fixture *f = *state;
    f->token = MEMBER;
    assert_int_equal(api_ask(f, "whoami", "GET", W "/users/whoami", NULL).status, 200);
    /* one that exists and one that does not are the same to who is not in it */
    api_assert_error(api_ask(f, "whoami", "GET", "/api/w/other/users/whoami", NULL), 401,
                     "Not authorized: member@localhost is not a member of workspace other");
    api_assert_error(api_ask(f, "whoami", "GET", "/api/w/none/users/whoami", NULL), 401,
                     "Not authorized: member@localhost is not a member of workspace none");
    f->token = ADMIN;
    assert_int_equal(api_ask(f, "whoami", "GET", "/api/w/other/users/whoami", NULL).status, 200);
    api_assert_error(api_ask(f, "whoami", "GET", "/api/w/none/users/whoami", NULL), 404,
                     "Not found: workspace not found at name none");
    /* the CLI's "queues" asks this */
    const char *queues = "/api/w/admins/jobs/queue/list?all_workspaces=true";
    assert_int_equal(api_ask(f, "listQueue", "GET", queues, NULL).value.count, 0);
    assert_int_equal(api_ask(f, "createScript", "POST", "/api/w/admins/scripts/create",
                             "{\"path\":\"u/admin/a\",\"summary\":\"\",\"content\":\"\","
                             "\"language\":\"bash\"}")
                         .status,
                     404);
    f->token = MEMBER;
    assert_int_equal(api_ask(f, "listQueue", "GET", queues, NULL).status, 401);
}

static void a_job_is_seen_in_its_own_workspace_only(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str target;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    assert_int_equal(api_ask_of(f, "getJob", "GET", "jobs_u/get/", id, "").status, 200);
    assert_true(ar_str_printf(&f->arena, &target, "/api/w/other/jobs_u/get/%.*s", AR_STR_ARG(id)));
    assert_int_equal(api_ask(f, "getJob", "GET", target.ptr, NULL).status, 404);
    api_assert_error(
        api_ask(f, "runScriptByPath", "POST", "/api/w/other/jobs/run/p/u/demo/hello", "{}"), 404,
        "Not found: deployed script not found at name u/demo/hello");
}

static void says_who_is_asking(void **state)
{
    struct api_fixture *f = *state;
    struct api_answer answer = api_ask(f, "whoami", "GET", W "/users/whoami", NULL);
    assert_str(answer.body,
               "{\"workspace_id\":\"main\",\"email\":\"admin@localhost\",\"username\":\"admin\","
               "\"is_admin\":true,\"is_super_admin\":true,"
               "\"created_at\":\"2023-11-14T22:13:20.123456Z\",\"operator\":false,"
               "\"disabled\":false,\"groups\":[\"all\"],\"folders\":[],\"folders_owners\":[]}");
    f->token = MEMBER;
    answer = api_ask(f, "globalWhoami", "GET", "/api/users/whoami", NULL);
    assert_str(ar_text(ar_get_z(&answer.value, "email")), "member@localhost");
    assert_false(ar_get_z(&answer.value, "super_admin")->boolean);
    answer = api_ask(f, "listUserWorkspaces", "GET", "/api/workspaces/users", NULL);
    const struct arras_value *workspaces = ar_get_z(&answer.value, "workspaces");
    assert_int_equal(workspaces->count, 1);
    assert_str(ar_text(ar_get_z(ar_item(workspaces, 0), "id")), "main");
}

static void says_which_workspaces_exist(void **state)
{
    struct api_fixture *f = *state;
    struct api_answer answer =
        api_ask(f, "existsWorkspace", "POST", "/api/workspaces/exists", "{\"id\":\"other\"}");
    assert_str(answer.body, "true");
    answer = api_ask(f, "existsWorkspace", "POST", "/api/workspaces/exists", "{\"id\":\"none\"}");
    assert_str(answer.body, "false");
    api_assert_error(api_ask(f, "existsWorkspace", "POST", "/api/workspaces/exists", "{}"), 422,
                     "Failed to deserialize the JSON body into the target type: missing field "
                     "`id`");
    answer = api_ask(f, "getWorkspaceName", "GET", W "/workspaces/get_workspace_name", NULL);
    assert_str(answer.body, "main");
}

static void unknown_paths_and_methods_are_told(void **state)
{
    struct api_fixture *f = *state;
    const char *paths[] = {"/",
                           "/api",
                           "/api/",
                           "/api/nothing",
                           "/api/version/",
                           W "/jobs_u/get/",
                           W "/jobs_u/get/" NO_JOB "/more",
                           W "/scripts/get/p/",
                           "/api/w//users/whoami"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char expected[256];
        snprintf(expected, sizeof(expected), "Not found: this server has no operation GET %s",
                 paths[i]);
        api_assert_error(api_send(f, "GET", paths[i], NULL, 0, NULL), 404, expected);
    }
    api_assert_error(api_send(f, "DELETE", "/api/version", NULL, 0, NULL), 405,
                     "Method not allowed: DELETE /api/version");
}

static void head_starts_nothing(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct api_answer answer = api_send(f, "HEAD", W "/jobs/run/p/u/demo/hello", NULL, 0, NULL);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body.len, 0);
    answer = api_ask(f, "listJobs", "GET", W "/jobs/list", NULL);
    assert_int_equal(answer.value.count, 0);
    assert_int_equal(api_send(f, "HEAD", "/api/version", NULL, 0, NULL).status, 200);
}

static void pages_of_any_origin_may_ask(void **state)
{
    struct api_fixture *f = *state;
    struct ar_server_request request = {
        .method = AR_STR("OPTIONS"), .path = AR_STR(W "/jobs/list"), .arena = &f->arena};
    struct ar_server_response response = {.status = 500};
    ar_api_handle(&f->api, &request, &response);
    assert_int_equal(response.status, 200);
    assert_str(*ar_headers_find(&response.headers, "Access-Control-Allow-Origin"), "*");
    assert_str(*ar_headers_find(&response.headers, "Access-Control-Allow-Headers"),
               "content-type, authorization");
}

static void paths_that_are_no_text_are_refused(void **state)
{
    struct api_fixture *f = *state;
    const char *text = "Bad request: the path is not UTF-8 text";
    api_assert_error(api_ask(f, "getScriptByPath", "GET", W "/scripts/get/p/u/a%00b", NULL), 400,
                     text);
    api_assert_error(api_ask(f, "getScriptByPath", "GET", W "/scripts/get/p/u/%ff", NULL), 400,
                     text);
    api_assert_error(api_ask(f, "whoami", "GET", "/api/w/%c3%28/users/whoami", NULL), 400, text);
    api_assert_error(api_ask(f, "getJob", "GET", W "/jobs_u/get/17", NULL), 400,
                     "Bad request: '17' is not a job id, which is a UUID");
}

static void unknown_jobs_are_told_as_windmill_does(void **state)
{
    struct api_fixture *f = *state;
    const char *job = "Not found: Job " NO_JOB " not found";
    const char *completed = "Not found: Completed Job not found at name " NO_JOB;
    api_assert_error(api_ask(f, "getJob", "GET", W "/jobs_u/get/" NO_JOB, NULL), 404, job);
    api_assert_error(api_ask(f, "getJobUpdates", "GET", W "/jobs_u/getupdate/" NO_JOB, NULL), 404,
                     job);
    api_assert_error(api_ask(f, "getJobLogs", "GET", W "/jobs_u/get_logs/" NO_JOB, NULL), 404, job);
    api_assert_error(api_ask(f, "getCompletedJob", "GET", W "/jobs_u/completed/get/" NO_JOB, NULL),
                     404, completed);
    api_assert_error(
        api_ask(f, "getCompletedJobResult", "GET", W "/jobs_u/completed/get_result/" NO_JOB, NULL),
        404, completed);
    api_assert_error(
        api_ask(f, "deleteCompletedJob", "POST", W "/jobs/completed/delete/" NO_JOB, NULL), 404,
        completed);
    api_assert_error(api_ask(f, "cancelQueuedJob", "POST", W "/jobs_u/queue/cancel/" NO_JOB, "{}"),
                     404, "Not found: queued job id " NO_JOB " does not exist");
    struct api_answer answer = api_ask(f, "getCompletedJobResultMaybe", "GET",
                                       W "/jobs_u/completed/get_result_maybe/" NO_JOB, NULL);
    assert_str(answer.body,
               "{\"started\":null,\"success\":null,\"completed\":false,\"result\":null}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_route_table_is_the_list_of_operations),
        TEST(version_and_clock_need_no_token),
        TEST(the_server_describes_every_operation),
        TEST(every_operation_that_needs_nothing_answers),
        TEST(the_token_comes_as_bearer_cookie_or_parameter),
        TEST(without_a_good_token_nothing_is_told),
        TEST(a_workspace_is_open_to_its_members),
        TEST(a_job_is_seen_in_its_own_workspace_only),
        TEST(says_who_is_asking),
        TEST(says_which_workspaces_exist),
        TEST(unknown_paths_and_methods_are_told),
        TEST(head_starts_nothing),
        TEST(pages_of_any_origin_may_ask),
        TEST(paths_that_are_no_text_are_refused),
        TEST(unknown_jobs_are_told_as_windmill_does),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
