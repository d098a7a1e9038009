/* The client against the API, over a connection. */
#include "arras/client.h"
#include "net/http_server.h"
#include "unit/jobs/api_fixture.h"
#include "unit/jobs/temporary.h"
#include "value/pool.h"

static char files[] = "/tmp/arras-test-client-XXXXXX";

struct fixture {
    struct api_fixture *api;
    struct ar_http_server *server;
    struct arras_pool *pool;
    struct arras_client *client;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    void *api;
    char url[64];
    assert_non_null(f);
    api_set_up(&api);
    f->api = api;
    const struct ar_http_server_options options = {
        .address = "127.0.0.1", .handle = ar_api_handle, .context = &f->api->api};
    assert_int_equal(ar_http_server_start(&options, NULL, &f->server), ARRAS_OK);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", (unsigned)ar_http_server_port(f->server));
    f->pool = arras_pool_new();
    assert_non_null(f->pool);
    assert_int_equal(arras_client_new(url, "main", ADMIN, NULL, NULL, &f->client), ARRAS_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    void *api = f->api;
    arras_client_free(f->client);
    arras_pool_free(f->pool);
    ar_http_server_stop(f->server);
    api_tear_down(&api);
    free(f);
    return 0;
}

static struct arras_answer call(struct fixture *f, const char *method, const char *path,
                                const char *body)
{
    struct arras_answer answer;
    const struct arras_value *value = NULL;
    if (body) {
        assert_int_equal(arras_read(f->pool, ARRAS_FORMAT_JSON, "body", ar_str_z(body), &value),
                         ARRAS_OK);
    }
    assert_int_equal(arras_client_call(f->client, f->pool, method, path, value, &answer), ARRAS_OK);
    return answer;
}

static const char *write_file(const char *name, const char *content, char path[256])
{
    snprintf(path, 256, "%s/%s", files, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void answers_of_any_status_come_back(void **state)
{
    struct fixture *f = *state;
    struct arras_answer answer = call(f, "GET", "/version", NULL);
    assert_int_equal(answer.status, 200);
    assert_str(answer.text, AR_API_VERSION);
    assert_null(answer.value);
    answer = call(f, "GET", "users/whoami", NULL);
    assert_int_equal(answer.status, 200);
    assert_str(arras_text(arras_member(answer.value, "username")), "admin");
    answer = call(f, "POST", "jobs/run/p/u/no/no?job_id=", "{\"a\":1}");
    assert_int_equal(answer.status, 404);
    assert_str(answer.text, "Not found: deployed script not found at name u/no/no");
}

static void a_script_is_pushed_and_pushed_again(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct arras_str first, same, second;
    write_file("a.sh", "echo 1\n", path);
    assert_int_equal(
        arras_client_push_script(f->client, f->pool, "u/demo/hello", path, NULL, &first), ARRAS_OK);
    assert_int_equal(first.len, 16);
    assert_int_equal(
        arras_client_push_script(f->client, f->pool, "u/demo/hello", path, NULL, &same), ARRAS_OK);
    assert_true(ar_str_eq(first, same));
    write_file("a.sh", "echo 2\n", path);
    assert_int_equal(
        arras_client_push_script(f->client, f->pool, "u/demo/hello", path, NULL, &second),
        ARRAS_OK);
    assert_false(ar_str_eq(first, second));
    struct arras_answer answer = call(f, "GET", "scripts/get/p/u/demo/hello", NULL);
    assert_str(arras_text(arras_member(answer.value, "content")), "echo 2\n");
    assert_str(arras_text(arras_member(answer.value, "language")), "bash");
    assert_true(
        ar_str_eq(arras_text(arras_item(arras_member(answer.value, "parent_hashes"), 0)), first));
}

static void a_new_version_keeps_what_a_file_does_not_say(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct arras_str hash;
    assert_int_equal(call(f, "POST", "scripts/create",
                          "{\"path\":\"u/demo/p\",\"content\":\"\",\"language\":\"bash\","
                          "\"summary\":\"S\",\"tag\":\"big\",\"timeout\":9}")
                         .status,
                     201);
    write_file("p.py", "def main(): return 1\n", path);
    assert_int_equal(arras_client_push_script(f->client, f->pool, "u/demo/p", path, NULL, &hash),
                     ARRAS_OK);
    struct arras_answer answer = call(f, "GET", "scripts/get/p/u/demo/p", NULL);
    assert_str(arras_text(arras_member(answer.value, "language")), "python3");
    assert_str(arras_text(arras_member(answer.value, "summary")), "S");
    assert_str(arras_text(arras_member(answer.value, "tag")), "big");
    assert_str(arras_text(arras_member(answer.value, "timeout")), "9");
}

static void what_cannot_be_pushed_is_told(void **state)
{
    struct fixture *f = *state;
    char path[256], expected[512];
    struct arras_str hash;
    write_file("a.txt", "x", path);
    assert_int_equal(
        arras_client_push_script(f->client, f->pool, "u/demo/hello", path, NULL, &hash),
        ARRAS_USAGE);
    snprintf(expected, sizeof(expected), "%s: the name does not tell the language; say it", path);
    assert_true(ar_str_is(arras_pool_diag(f->pool, 0)->message, expected));
    assert_int_equal(
        arras_client_push_script(f->client, f->pool, "u/demo/hello", path, "cobol", &hash),
        ARRAS_FAILED);
    assert_str(arras_pool_diag(f->pool, 1)->message,
               "u/demo/hello: the server answered 400: Bad request: this server does not run "
               "language 'cobol'; it runs bash, python3, bun, nativets, deno and nodejs");
    assert_int_equal(arras_client_push_script(f->client, f->pool, "u/demo/hello",
                                              "/nowhere/at/all.sh", NULL, &hash),
                     ARRAS_NOT_FOUND);
}

static void a_wrong_token_and_a_missing_server_are_told(void **state)
{
    struct fixture *f = *state;
    char path[256], url[64];
    struct arras_str hash;
    struct arras_client *other;
    struct arras_answer answer;
    write_file("a.sh", "x", path);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/api", (unsigned)ar_http_server_port(f->server));
    assert_int_equal(arras_client_new(url, "main", "wrong", NULL, NULL, &other), ARRAS_OK);
    assert_int_equal(arras_client_push_script(other, f->pool, "u/a/b", path, NULL, &hash),
                     ARRAS_USAGE);
    assert_str(arras_pool_diag(f->pool, 0)->message,
               "u/a/b: the server answered 401: Unauthorized");
    arras_client_free(other);
    assert_int_equal(arras_client_new("http://127.0.0.1:1", "main", "x", NULL, NULL, &other),
                     ARRAS_OK);
    assert_int_equal(arras_client_call(other, f->pool, "GET", "/version", NULL, &answer),
                     ARRAS_NETWORK);
    assert_true(ar_str_find(arras_pool_diag(f->pool, 1)->message, AR_STR("127.0.0.1"), 0) !=
                AR_NOT_FOUND);
    arras_client_free(other);
}

static int before_all(void **state)
{
    make_directory(files);
    return api_make_directory(state);
}

static int after_all(void **state)
{
    remove_tree(files);
    return api_remove_directory(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_of_any_status_come_back),
        TEST(a_script_is_pushed_and_pushed_again),
        TEST(a_new_version_keeps_what_a_file_does_not_say),
        TEST(what_cannot_be_pushed_is_told),
        TEST(a_wrong_token_and_a_missing_server_are_told),
    };
    return cmocka_run_group_tests(tests, before_all, after_all);
}
