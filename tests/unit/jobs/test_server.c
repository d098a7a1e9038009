/* The whole job server: started, asked over connections, stopped, started again. Jobs run without
 * the sandbox, which not every machine that builds this has. */
#include "arras/server.h"
#include <dirent.h>
#include <sys/stat.h>
#include "arras/client.h"
#include "base/clock.h"
#include "base/file.h"
#include "unit/jobs/temporary.h"
#include "value/pool.h"

#define PATIENCE (20 * AR_SECOND)

static char directory[] = "/tmp/arras-test-server-XXXXXX";

struct fixture {
    struct arras_pool *pool;
    char data[128];
    struct arras_server *server;
    struct arras_client *client;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    static int number;
    assert_non_null(f);
    snprintf(f->data, sizeof(f->data), "%s/%d/data", directory, number++);
    f->pool = arras_pool_new();
    assert_non_null(f->pool);
    *state = f;
    return 0;
}

static void stop(struct fixture *f)
{
    arras_client_free(f->client);
    arras_server_stop(f->server);
    f->client = NULL;
    f->server = NULL;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    stop(f);
    arras_pool_free(f->pool);
    free(f);
    return 0;
}

static struct arras_server_options options_of(const struct fixture *f)
{
    return (struct arras_server_options){.data = f->data,
                                         .work = {.workers = 1, .no_sandbox = true}};
}

static void start(struct fixture *f)
{
    struct arras_server_options options = options_of(f);
    enum arras_status status = arras_server_start(&options, f->pool, &f->server);
    if (status && arras_pool_diag(f->pool, 0)) {
        print_message("%.*s\n", AR_STR_ARG(arras_pool_diag(f->pool, 0)->message));
    }
    assert_int_equal(status, ARRAS_OK);
    struct arras_server_access access = arras_server_access(f->server);
    assert_int_equal(
        arras_client_new(access.url, access.workspace, access.token, NULL, NULL, &f->client),
        ARRAS_OK);
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

static struct arras_answer call_of(struct fixture *f, const char *method, const char *before,
                                   struct arras_str id)
{
    struct arras_str path;
    assert_true(ar_str_printf(&f->pool->arena, &path, "%s%.*s", before, AR_STR_ARG(id)));
    return call(f, method, path.ptr, NULL);
}

static struct arras_str deploy_and_run(struct fixture *f, const char *content, const char *args)
{
    struct arras_str body;
    assert_true(ar_str_printf(&f->pool->arena, &body,
                              "{\"path\":\"u/demo/hello\",\"summary\":\"\",\"content\":\"%s\","
                              "\"language\":\"bash\",\"auto_parent\":true}",
                              content));
    assert_int_equal(call(f, "POST", "scripts/create?skip_if_noop=true", body.ptr).status, 201);
    struct arras_answer answer = call(f, "POST", "jobs/run/p/u/demo/hello", args);
    assert_int_equal(answer.status, 201);
    return answer.text;
}

/* Asks until the member `name` of the answer is true. */
static struct arras_answer wait_for(struct fixture *f, const char *before, struct arras_str id,
                                    const char *name)
{
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE;
    for (;;) {
        struct arras_answer answer = call_of(f, "GET", before, id);
        assert_int_equal(answer.status, 200);
        if (arras_bool(arras_member(answer.value, name))) {
            return answer;
        }
        assert_true(ar_clock_now(ar_clock_system()) < until);
    }
}

static struct arras_answer wait_for_result(struct fixture *f, struct arras_str id)
{
    return wait_for(f, "jobs_u/completed/get_result_maybe/", id, "completed");
}

static void a_script_runs_and_its_job_is_deleted(void **state)
{
    struct fixture *f = *state;
    start(f);
    struct arras_str id =
        deploy_and_run(f, "name=\\\"$1\\\"\\necho hello $name", "{\"name\":\"you\"}");
    struct arras_answer answer = wait_for_result(f, id);
    assert_true(arras_bool(arras_member(answer.value, "success")));
    assert_str(arras_text(arras_member(answer.value, "result")), "hello you");
    answer = call_of(f, "GET", "jobs_u/completed/get/", id);
    assert_int_equal(answer.status, 200);
    assert_true(arras_bool(arras_member(answer.value, "success")));
    assert_true(arras_text(arras_member(answer.value, "logs")).len > 0);
    answer = call_of(f, "POST", "jobs/completed/delete/", id);
    assert_int_equal(answer.status, 200);
    assert_true(arras_bool(arras_member(answer.value, "deleted")));
    assert_null(arras_member(answer.value, "result"));
}

static void a_restart_keeps_token_scripts_and_jobs(void **state)
{
    struct fixture *f = *state;
    char token[64];
    start(f);
    snprintf(token, sizeof(token), "%s", arras_server_access(f->server).token);
    assert_int_equal(strlen(token), 30);
    assert_string_equal(arras_server_access(f->server).workspace, "main");
    struct arras_str id = deploy_and_run(f, "echo 1", "{}");
    struct arras_str before = wait_for_result(f, id).text;
    stop(f);
    start(f);
    assert_string_equal(arras_server_access(f->server).token, token);
    assert_true(ar_str_eq(wait_for_result(f, id).text, before));
    assert_int_equal(call(f, "GET", "scripts/get/p/u/demo/hello", NULL).status, 200);
}

static void a_job_that_ran_when_the_server_stopped_is_run_again(void **state)
{
    struct fixture *f = *state;
    start(f);
    struct arras_str id = deploy_and_run(f, "exec sleep 600", "{}");
    wait_for(f, "jobs_u/get/", id, "running");
    stop(f);
    start(f);
    wait_for(f, "jobs_u/get/", id, "running");
    assert_int_equal(call_of(f, "POST", "jobs_u/queue/cancel/", id).status, 200);
    struct arras_answer answer = wait_for_result(f, id);
    assert_false(arras_bool(arras_member(answer.value, "success")));
}

static void one_data_directory_is_for_one_server(void **state)
{
    struct fixture *f = *state;
    struct arras_server *second = NULL;
    struct arras_server_options options = options_of(f);
    start(f);
    assert_int_equal(arras_server_start(&options, f->pool, &second), ARRAS_CONFLICT);
    assert_null(second);
    assert_non_null(arras_pool_diag(f->pool, 0));
    assert_int_equal(call(f, "GET", "users/whoami", NULL).status, 200);
}

static mode_t mode_of(const struct fixture *f, const char *name)
{
    struct stat info;
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", f->data, name);
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

/* Whether any file directly in the data directory holds the text. */
static bool data_holds(struct fixture *f, const char *text)
{
    bool found = false;
    DIR *files = opendir(f->data);
    assert_non_null(files);
    for (struct dirent *entry = readdir(files); entry; entry = readdir(files)) {
        char path[512];
        struct arras_str content;
        struct ar_diags diags;
        ar_diags_init(&diags, &f->pool->arena);
        snprintf(path, sizeof(path), "%s/%s", f->data, entry->d_name);
        if (entry->d_type == DT_REG &&
            !ar_file_read(path, (size_t)64 << 20, &f->pool->arena, &diags, &content)) {
            found = found || ar_str_find(content, ar_str_z(text), 0) != AR_NOT_FOUND;
        }
    }
    closedir(files);
    return found;
}

static void data_is_the_owners_and_tells_no_token(void **state)
{
    struct fixture *f = *state;
    mode_t before = umask(0);
    start(f);
    umask(before);
    assert_int_equal(mode_of(f, ""), 0700);
    assert_int_equal(mode_of(f, "arras.db"), 0600);
    assert_int_equal(mode_of(f, "key"), 0600);
    assert_int_equal(mode_of(f, "jobs"), 0700);
    char token[64];
    snprintf(token, sizeof(token), "%s", arras_server_access(f->server).token);
    deploy_and_run(f, "echo needle-in-the-database", "{}");
    assert_false(data_holds(f, token));
    assert_true(data_holds(f, "needle-in-the-database"));
    stop(f);
    assert_false(data_holds(f, token));
}

static void without_its_key_the_administrator_gets_a_new_token(void **state)
{
    struct fixture *f = *state;
    char token[64], path[256];
    start(f);
    snprintf(token, sizeof(token), "%s", arras_server_access(f->server).token);
    stop(f);
    snprintf(path, sizeof(path), "%s/key", f->data);
    assert_int_equal(remove(path), 0);
    start(f);
    assert_string_not_equal(arras_server_access(f->server).token, token);
    assert_int_equal(call(f, "GET", "users/whoami", NULL).status, 200);
    assert_int_equal(arras_pool_diag(f->pool, 0)->severity, ARRAS_WARNING);
}

static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *files = opendir(path);
    assert_non_null(files);
    while (readdir(files)) {
        count++;
    }
    closedir(files);
    return count;
}

static void temporary_data_is_removed_also_when_the_start_fails(void **state)
{
    struct fixture *f = *state;
    char parent[64];
    snprintf(parent, sizeof(parent), "%s/temporary", directory);
    assert_int_equal(mkdir(parent, 0700), 0);
    size_t empty = entries(parent);
    struct arras_server_options options = {
        .temporary = parent, .workspace = "demo", .work = {.workers = 1, .no_sandbox = true}};
    assert_int_equal(arras_server_start(&options, f->pool, &f->server), ARRAS_OK);
    assert_int_equal(entries(parent), empty + 1);
    struct arras_server_access access = arras_server_access(f->server);
    assert_string_equal(access.workspace, "demo");
    assert_true(strncmp(access.url, "http://127.0.0.1:", 17) == 0);

    int64_t port;
    assert_true(ar_str_int(ar_str_from(ar_str_z(access.url), 17), &port));
    options.port = (uint16_t)port;
    struct arras_server *second = NULL;
    assert_int_equal(arras_server_start(&options, f->pool, &second), ARRAS_IO);
    char expected[128];
    snprintf(expected, sizeof(expected),
             "cannot listen on 127.0.0.1 port %d: Address already in use", (int)port);
    assert_true(ar_str_is(arras_pool_diag(f->pool, 0)->message, expected));
    assert_int_equal(entries(parent), empty + 1);
    stop(f);
    assert_int_equal(entries(parent), empty);
}

static int before_all(void **state)
{
    (void)state;
    make_directory(directory);
    return 0;
}

static int after_all(void **state)
{
    (void)state;
    remove_tree(directory);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_script_runs_and_its_job_is_deleted),
        TEST(a_restart_keeps_token_scripts_and_jobs),
        TEST(a_job_that_ran_when_the_server_stopped_is_run_again),
        TEST(one_data_directory_is_for_one_server),
        TEST(data_is_the_owners_and_tells_no_token),
        TEST(without_its_key_the_administrator_gets_a_new_token),
        TEST(temporary_data_is_removed_also_when_the_start_fails),
    };
    return cmocka_run_group_tests(tests, before_all, after_all);
}
