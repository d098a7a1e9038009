/* What a job may reach and take: its server by its token, and nothing else. A whole server, asked
 * over connections. */
#include "arras/server.h"
#include <sys/stat.h>
#include "arras/client.h"
#include "base/buf.h"
#include "base/clock.h"
#include "jobs/sandbox/sandbox.h"
#include "jobs/worker/workers.h"
#include "unit/jobs/temporary.h"
#include "value/json.h"
#include "value/pool.h"

static bool sandboxed = true;

struct fixture {
    struct arras_pool *pool;
    struct arras_server *server;
    struct arras_client *client;
};

static void start(struct fixture *f, struct arras_server_options options)
{
    options.work.workers = 1;
    options.work.no_sandbox = !sandboxed;
    assert_int_equal(arras_server_start(&options, f->pool, &f->server), ARRAS_OK);
    struct arras_server_access access = arras_server_access(f->server);
    assert_int_equal(
        arras_client_new(access.url, access.workspace, access.token, NULL, NULL, &f->client),
        ARRAS_OK);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->pool = arras_pool_new();
    assert_non_null(f->pool);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arras_client_free(f->client);
    arras_server_stop(f->server);
    arras_pool_free(f->pool);
    free(f);
    return 0;
}

/* The text of its result. */
static const char *run(struct fixture *f, const char *language, const char *code)
{
    struct ar_buf buf;
    struct arras_str body, text;
    struct arras_answer answer;
    const struct arras_value *value;
    ar_buf_init(&buf, 1 << 20);
    ar_buf_printf(&buf, "{\"language\":\"%s\",\"args\":{},\"content\":", language);
    ar_json_write_string(&buf, ar_str_z(code), 0);
    ar_buf_add_z(&buf, "}");
    assert_int_equal(ar_buf_copy(&buf, &f->pool->arena, &body), ARRAS_OK);
    ar_buf_release(&buf);
    assert_int_equal(arras_read(f->pool, ARRAS_FORMAT_JSON, "body", body, &value), ARRAS_OK);
    assert_int_equal(arras_client_call(f->client, f->pool, "POST", "jobs/run_wait_result/preview",
                                       value, &answer),
                     ARRAS_OK);
    assert_true(ar_str_copy(answer.text, &f->pool->arena, &text));
    return text.ptr;
}

static void assert_part(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        print_error("'%s' is not in: %s\n", part, text);
    }
    assert_non_null(strstr(text, part));
}

#define ASK                                                                                        \
    "import json, os, urllib.request, urllib.error\n"                                              \
    "def ask(path, token, base='BASE_INTERNAL_URL'):\n"                                            \
    "    request = urllib.request.Request(os.environ[base] + '/api' + path,\n"                     \
    "                                     headers={'Authorization': 'Bearer ' + token})\n"         \
    "    try:\n"                                                                                   \
    "        with urllib.request.urlopen(request, timeout=10) as answer:\n"                        \
    "            return answer.status, answer.read().decode()\n"                                   \
    "    except urllib.error.HTTPError as error:\n"                                                \
    "        return error.code, ''\n"

static void a_job_calls_its_server(void **state)
{
    struct fixture *f = *state;
    start(f, (struct arras_server_options){0});
    assert_string_equal(
        run(f, "python3",
            ASK "def main():\n"
                "    own = '/w/' + os.environ['WM_WORKSPACE'] + '/users/whoami'\n"
                "    status, text = ask(own, os.environ['WM_TOKEN'])\n"
                "    user = json.loads(text)\n"
                "    return [status, user['username'], user['is_admin'],\n"
                "            ask(own, 'wrong')[0],\n"
                "            ask('/w/other/users/whoami', os.environ['WM_TOKEN'])[0] >= 400]"),
        "[200,\"admin\",true,401,true]");
}

static void a_token_ends_with_its_job(void **state)
{
    struct fixture *f = *state;
    start(f, (struct arras_server_options){0});
    char token[64] = {0};
    const char *result = run(f, "bash", "echo $WM_TOKEN");
    assert_int_equal(strlen(result), 32); /* with quotes */
    memcpy(token, result + 1, 30);
    struct arras_server_access access = arras_server_access(f->server);
    assert_string_not_equal(token, access.token);
    struct arras_client *client;
    struct arras_answer answer;
    assert_int_equal(arras_client_new(access.url, access.workspace, token, NULL, NULL, &client),
                     ARRAS_OK);
    assert_int_equal(arras_client_call(client, f->pool, "GET", "users/whoami", NULL, &answer),
                     ARRAS_OK);
    assert_int_equal(answer.status, 401);
    arras_client_free(client);
}

static void a_job_without_a_network_reaches_nothing_else(void **state)
{
    struct fixture *f = *state;
    start(f, (struct arras_server_options){0});
    assert_string_equal(run(f, "python3",
                            ASK "import socket\n"
                                "def main():\n"
                                "    got = []\n"
                                "    port = int(os.environ['WM_BASE_URL'].rpartition(':')[2])\n"
                                "    for place in (('127.0.0.1', port), ('1.1.1.1', 53), "
                                "('127.0.0.1', 22)):\n"
                                "        try:\n"
                                "            socket.create_connection(place, 5)\n"
                                "        except OSError as error:\n"
                                "            got.append(error.strerror)\n"
                                "    return got"),
                        "[\"Connection refused\",\"Network is unreachable\",\"Connection "
                        "refused\"]");
}

static void a_job_cannot_take_all_connections(void **state)
{
    struct fixture *f = *state;
    start(f, (struct arras_server_options){0});
    assert_string_equal(
        run(f, "python3",
            "import os, socket\n"
            "def main():\n"
            "    port = int(os.environ['BASE_INTERNAL_URL'].rpartition(':')[2])\n"
            "    held = [socket.create_connection(('127.0.0.1', port), 5) for _ in range(60)]\n"
            "    answered = 0\n"
            "    for s in held:\n"
            "        try:\n"
            "            s.sendall(b'GET /api/version HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n"
            "            answered += s.recv(12) == b'HTTP/1.1 200'\n"
            "        except OSError:\n"
            "            pass\n"
            "    return answered"),
        "16");
    assert_string_equal(run(f, "bash", "echo alive"), "\"alive\"");
}

static void a_network_is_asked_for(void **state)
{
    struct fixture *f = *state;
    static const char outside[] =
        "# arras: network\n" ASK "def main(): return ask('/version', '', 'WM_BASE_URL')[0]";
    start(f, (struct arras_server_options){.work = {.network = ARRAS_NETWORK_ASKED}});
    assert_string_equal(run(f, "python3", outside), "200");
    assert_part(run(f, "python3", outside + strlen("# arras: network\n")), "Connection refused");
    assert_part(run(f, "bash", "\n# arras: netwrok\necho x"), "asks by 'arras:' for 'netwrok'");
    assert_string_equal(run(f, "bash", "echo x\n# arras: netwrok"), "\"x\"");
}

static void a_network_is_not_given_unless_the_server_allows_it(void **state)
{
    struct fixture *f = *state;
    start(f, (struct arras_server_options){0});
    assert_part(run(f, "bash", "# arras: network\necho x"), "which this server gives to no job");
}

static void a_server_may_give_all_a_network(void **state)
{
    struct fixture *f = *state;
    start(f, (struct arras_server_options){.work = {.network = ARRAS_NETWORK_ALL}});
    for (int i = 0; i < 2; i++) {
        assert_string_equal(
            run(f, "python3", ASK "def main(): return ask('/version', '', 'WM_BASE_URL')[0]"),
            "200");
    }
}

static void limits_are_the_servers_and_a_script_may_lower_them(void **state)
{
    static const char take[] = "def main(): return len(b'x' * 300000000)";
    struct fixture *f = *state;
    start(f, (struct arras_server_options){.work = {.job_memory = (size_t)512 << 20,
                                                    .job_log_size = 2048,
                                                    .job_result_size = 1024}});
    assert_string_equal(run(f, "python3", take), "300000000");
    assert_part(run(f, "python3", "def main(): return len(b'x' * 600000000)"), "MemoryError");
    char lowered[256];
    snprintf(lowered, sizeof(lowered), "# arras: memory=200\n%s", take);
    for (int i = 0; i < 2; i++) { /* made for it, and one that waited */
        assert_part(run(f, "python3", lowered), "MemoryError");
    }
    assert_part(run(f, "bash", "# arras: memory=100\nhead -c 300000000 /dev/zero | tail -n 1"),
                "exit code");
    assert_part(run(f, "python3", "def main(): return 'x' * 2000"),
                "the result is larger than 1024 bytes");
    assert_part(run(f, "bash", "head -c 2000 /dev/zero | tr '\\0' x"),
                "the result is larger than 1024 bytes");
    assert_string_equal(run(f, "bash", "yes | head -c 100000; echo end"), "\"end\"");
}

/* Each process is within its limit. What they share since a fork counts once. */
static void the_memory_of_all_processes_of_a_job_has_a_limit(void **state)
{
    struct fixture *f = *state;
    start(f, (struct arras_server_options){.work = {.job_memory = (size_t)512 << 20}});
    assert_part(run(f, "bash",
                    "for i in 1 2 3 4; do\n"
                    "  python3 -c 'import time; x = b\"x\" * 200000000; time.sleep(30)' &\n"
                    "done\nwait"),
                "the job's processes together took more than 512 MiB of memory");
    assert_string_equal(
        run(f, "python3",
            "import os, time\n"
            "def main():\n"
            "    held = b'x' * 300000000\n"
            "    children = [os.fork() for _ in range(2)]\n"
            "    time.sleep(0.6)\n"
            "    if 0 in children: os._exit(0)\n"
            "    return [os.waitpid(child, 0)[1] for child in children] + [len(held)]"),
        "[0,0,300000000]");
}

static void secrets_of_the_server_are_out_of_reach(void **state)
{
    struct fixture *f = *state;
    setenv("SECRET_OF_THE_SERVER", "do-not-tell", 1);
    start(f, (struct arras_server_options){0});
    char code[1024];
    snprintf(code, sizeof(code),
             "token=%.10s; token+=%s\n" /* not found because it is searched for */
             "for p in /proc/[0-9]*; do\n"
             "  tr '\\0' '\\n' <$p/environ; tr '\\0' '\\n' <$p/cmdline; ls -l $p/fd; cat $p/maps\n"
             "done >/tmp/seen 2>/dev/null || true\n"
             "echo $(grep -rs -e do-not-tell -e arras.db /tmp/seen /etc /dev/shm /run /var /home "
             "/root | wc -l) $(grep -c \"$token\" /tmp/seen) $(test -s /tmp/seen && echo looked)",
             arras_server_access(f->server).token, arras_server_access(f->server).token + 10);
    assert_string_equal(run(f, "bash", code), "\"0 0 looked\"");
    run(f, "bash", "kill -9 -1; kill -STOP 1; kill -9 1");
    assert_string_equal(run(f, "bash", "echo alive"), "\"alive\"");
}

/* Whatever their permissions are: to a job they are not there. */
static void the_database_and_the_key_are_out_of_reach(void **state)
{
    struct fixture *f = *state;
    char folder[] = "/tmp/arras-test-isolation-XXXXXX", path[64], code[1024];
    make_directory(folder);
    start(f, (struct arras_server_options){.data = folder, .work = {.network = ARRAS_NETWORK_ALL}});
    chmod(folder, 0777);
    static const char *const names[] = {"arras.db", "arras.db-wal", "key"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        assert_int_equal(chmod(path, 0666), 0);
    }
    snprintf(code, sizeof(code),
             "for d in '' /proc/*/root /proc/*/cwd/../.. /.. /tmp/../..; do\n"
             "  cat $d%s/key $d%s/arras.db* 2>/dev/null || true\ndone | wc -c\n"
             "(echo x >%s/key) 2>/dev/null || echo refused\n"
             "ln -s %s/key result.json",
             folder, folder, folder, folder);
    assert_string_equal(run(f, "bash", code), "\"refused\"");
    snprintf(code, sizeof(code), "ls -d %s || echo gone; cat /proc/mounts | grep -c %s || true",
             folder, folder);
    assert_string_equal(run(f, "bash", code), "\"0\"");
    arras_client_free(f->client);
    arras_server_stop(f->server);
    f->client = NULL;
    f->server = NULL;
    remove_tree(folder);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void scripts_import_the_packages_that_the_server_is_given(void **state)
{
    struct fixture *f = *state;
    char folder[] = "/tmp/arras-test-packages-XXXXXX", path[64];
    make_directory(folder);
    chmod(folder, 0755);
    static const char *const made[] = {"python", "node_modules", "node_modules/@a",
                                       "node_modules/@a/b"};
    for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, made[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    write_file(folder, "python/own_package.py", "x = 7\n");
    write_file(folder, "node_modules/@a/b/package.json", "{\"main\":\"i.js\"}");
    write_file(folder, "node_modules/@a/b/i.js", "exports.x = 8;\n");
    start(f, (struct arras_server_options){.work = {.packages = folder}});
    assert_string_equal(run(f, "python3", "import own_package\ndef main(): return own_package.x"),
                        "7");
    if (access("/usr/bin/node", X_OK) == 0) {
        assert_string_equal(
            run(f, "bun", "import { x } from '@a/b@1.2'\nexport const main = () => x"), "8");
    }
    remove_tree(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest everywhere[] = {
    TEST(the_memory_of_all_processes_of_a_job_has_a_limit), TEST(a_job_calls_its_server),
    TEST(a_token_ends_with_its_job), TEST(scripts_import_the_packages_that_the_server_is_given)};

static const struct CMUnitTest in_sandbox[] = {
    TEST(a_job_without_a_network_reaches_nothing_else),
    TEST(a_job_cannot_take_all_connections),
    TEST(a_network_is_asked_for),
    TEST(a_network_is_not_given_unless_the_server_allows_it),
    TEST(a_server_may_give_all_a_network),
    TEST(limits_are_the_servers_and_a_script_may_lower_them),
    TEST(secrets_of_the_server_are_out_of_reach),
    TEST(the_database_and_the_key_are_out_of_reach),
};

/* With the argument "none": what holds without a sandbox too. */
int main(int argc, char **argv)
{
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    sandboxed = argc < 2 || strcmp(argv[1], "none") != 0;
    bool skipped = sandboxed && ar_sandbox_check(NULL, &diags) != ARRAS_OK;
    ar_arena_release(&arena);
    if (skipped) {
        return 77;
    }
    int failed = cmocka_run_group_tests_name("isolation", everywhere, NULL, NULL);
    return sandboxed ? failed + cmocka_run_group_tests_name("in a sandbox", in_sandbox, NULL, NULL)
                     : failed;
}
