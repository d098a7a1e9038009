#include "jobs/workers.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "unit/jobs/store_suite.h"
#include "unit/jobs/temporary.h"

enum { PATIENCE_SECONDS = 60 };

static char directory[] = "/tmp/arras-test-workers-XXXXXX";
static bool sandboxed = true; /* the same tests run without one */
static int databases;
static pid_t program; /* of the test, also in its children */

struct fixture {
    struct ar_arena arena;
    struct ar_store *store;
    struct ar_queue *queue;
    struct ar_workers *workers;
};

static void open_fixture(struct fixture *t, const char *path, unsigned workers)
{
    struct ar_diags diags;
    bool known = false;
    *t = (struct fixture){0};
    ar_arena_init(&t->arena, 0);
    ar_diags_init(&diags, &t->arena);
    assert_int_equal(ar_store_open_sqlite(path, &diags, &t->store), ARRAS_OK);
    assert_int_equal(t->store->functions->workspace_exists(t->store, AR_STR("w"), NULL, &known), 0);
    if (!known) {
        assert_int_equal(t->store->functions->workspace_add(t->store, AR_STR("w"), NULL), ARRAS_OK);
    }
    assert_int_equal(ar_queue_new(t->store, &t->queue), ARRAS_OK);
    const struct ar_workers_options options = {.store = t->store,
                                               .queue = t->queue,
                                               .count = workers,
                                               .directory = directory,
                                               .base_url = "http://127.0.0.1:1",
                                               .sandbox = sandboxed,
                                               .job_seconds = 100};
    assert_int_equal(ar_workers_start(&options, &diags, &t->workers), ARRAS_OK);
}

static void close_fixture(struct fixture *t)
{
    ar_workers_stop(t->workers);
    ar_queue_free(t->queue);
    t->store->functions->close(t->store);
    ar_arena_release(&t->arena);
}

static void database_path(char path[64])
{
    snprintf(path, 64, "%s/%d.db", directory, databases);
}

static int set_up(void **state)
{
    struct fixture *t = calloc(1, sizeof(*t));
    char path[64];
    databases++;
    database_path(path);
    open_fixture(t, path, 2);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    close_fixture(*state);
    free(*state);
    return 0;
}

static struct arras_str submit_job(struct fixture *t, struct ar_job job)
{
    struct ar_diags diags;
    ar_diags_init(&diags, &t->arena);
    job.id = AR_STR("");
    job.scheduled_for = 0;
    assert_int_equal(ar_queue_submit(t->queue, &job, &t->arena, &diags), ARRAS_OK);
    return job.id;
}

static struct ar_job script(const char *language, const char *code, const char *args)
{
    struct ar_job job = ar_test_job("", 0);
    job.language = ar_str_z(language);
    job.code = ar_str_z(code);
    job.args = ar_str_z(args);
    return job;
}

static struct ar_job wait_for(struct fixture *t, struct arras_str id)
{
    struct ar_job job;
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    assert_int_equal(ar_queue_wait(t->queue, AR_STR("w"), id, until, &t->arena, NULL, &job),
                     ARRAS_OK);
    assert_true(job.state > AR_JOB_RUNNING);
    return job;
}

static struct ar_job run(struct fixture *t, const char *language, const char *code,
                         const char *args)
{
    return wait_for(t, submit_job(t, script(language, code, args)));
}

static struct arras_str log_of(struct fixture *t, struct arras_str id)
{
    struct arras_str log = {NULL, 0};
    assert_int_equal(t->store->functions->log_get(t->store, id, 0, &t->arena, NULL, &log),
                     ARRAS_OK);
    return log;
}

static bool holds(struct arras_str text, const char *part)
{
    return ar_str_find(text, ar_str_z(part), 0) != AR_NOT_FOUND;
}

#define assert_holds(text, part)                                                                   \
    do {                                                                                           \
        if (!holds(text, part)) {                                                                  \
            print_error("'%s' is not in: %.*s\n", part, AR_STR_ARG(text));                         \
        }                                                                                          \
        assert_true(holds(text, part));                                                            \
    } while (0)

/* Waits until the job has printed that text. */
static void wait_for_log(struct fixture *t, struct arras_str id, const char *part)
{
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    while (!holds(log_of(t, id), part)) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
}

struct example {
    const char *language, *code, *args;
    enum ar_job_state state;
    const char *result;
};

static void check(struct fixture *t, const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ar_job job = run(t, examples[i].language, examples[i].code, examples[i].args);
        if (job.state != examples[i].state || !ar_str_is(job.result, examples[i].result)) {
            print_error("%s\nexpected: %d %s\ngot: %d %.*s\nlog: %.*s\n", examples[i].code,
                        examples[i].state, examples[i].result, job.state, AR_STR_ARG(job.result),
                        AR_STR_ARG(log_of(t, job.id)));
            fail();
        }
    }
}

#define CHECK(t, ...)                                                                              \
    do {                                                                                           \
        const struct example examples_[] = {__VA_ARGS__};                                          \
        check(t, examples_, sizeof(examples_) / sizeof(*examples_));                               \
    } while (0)

#define BASH(code, args, state, result)                                                            \
    {                                                                                              \
        "bash", code, args, AR_JOB_##state, result                                                 \
    }
#define PYTHON(code, args, state, result)                                                          \
    {                                                                                              \
        "python3", code, args, AR_JOB_##state, result                                              \
    }

static void bash_results_come_from_a_file_or_the_last_line(void **state)
{
    CHECK(*state, BASH("echo one\necho ' two words '", "{}", SUCCESS, "\"two words\""),
          BASH("echo no >&1; echo yes >&2", "{}", SUCCESS, "\"yes\""),
          BASH("printf 'no line end'", "", SUCCESS, "\"no line end\""),
          BASH("true", "{}", SUCCESS, "\"\""),
          BASH("echo x; printf ' {\"a\": [1.0]}\\n' >result.json", "{}", SUCCESS, "{\"a\": [1.0]}"),
          BASH("printf 'a\\nb' >result.out; echo x", "{}", SUCCESS, "\"a\\nb\""),
          BASH("touch result.json; echo x", "{}", SUCCESS, "\"x\""),
          BASH("ln -s /etc/passwd result.json; echo x", "{}", SUCCESS, "\"x\""),
          BASH("printf 'a\\xff\\xe2\\x82'", "{}", SUCCESS, "\"a\xef\xbf\xbd\xef\xbf\xbd\""));
}

static void bash_arguments_are_given_by_the_positions_in_the_script(void **state)
{
    CHECK(*state,
          BASH("name=\"$1\"\ncount=\"${2}\"\nwith=\"${3:-other}\"\necho \"$name|$count|$with\"",
               "{\"count\": 3, \"name\": \"a b\", \"more\": 1}", SUCCESS, "\"a b|3|other\""),
          BASH("o=\"$1\"\necho \"$o\"", "{\"o\": {\"a\": [true, null]}}", SUCCESS,
               "\"{\\\"a\\\":[true,null]}\""),
          BASH("  a=\"$1\"\necho \"$#\"", "{\"a\": 1}", SUCCESS, "\"0\""),
          BASH("a=\"$1\"\nc=\"$3\"\necho \"$#\"", "{\"a\": 1, \"c\": 2}", SUCCESS, "\"1\""),
          BASH("a=\"$1\"\necho \"[$a]\"", "{\"a\": \"$(id) `id` ; 'x\"}", SUCCESS,
               "\"[$(id) `id` ; 'x]\""));
}

static void a_bash_failure_is_told_with_its_last_words(void **state)
{
    CHECK(*state,
          BASH("echo '\x1b[31mred\x1b[0m'; exit 3", "{}", FAILURE,
               "{\"error\":{\"message\":\"exit code for \\\"bash run\\\": 3, last log lines:\\n"
               "red\",\"name\":\"ExecutionErr\",\"exit_code\":3}}"),
          BASH("false\necho not here", "{}", FAILURE,
               "{\"error\":{\"message\":\"exit code for \\\"bash run\\\": 1, last log lines:\\n\","
               "\"name\":\"ExecutionErr\",\"exit_code\":1}}"),
          BASH("echo '{\"message\":\"mine\"}' >result.json; exit 1", "{}", FAILURE,
               "{\"error\":{\"message\":\"mine\"}}"),
          BASH("kill -9 $$", "{}", FAILURE,
               "{\"error\":{\"message\":\"process terminated by signal: Some(9), last log lines:\\n"
               "\",\"name\":\"ExecutionErr\",\"exit_code\":137}}"));
    struct ar_job job = run(*state, "bash", "echo '{\"a\":1' >result.json", "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "the result is not valid JSON");
    job = run(*state, "bash", "head -c 17000000 /dev/zero | tr '\\0' 1 >result.json", "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "the result is larger than 16777216 bytes");
}

static void python_results_are_what_main_returns(void **state)
{
    CHECK(*state,
          PYTHON("def main():\n    return {'a': [1, None, 'é']}", "{}", SUCCESS,
                 "{\"a\":[1,null,\"\\u00e9\"]}"),
          PYTHON("def main(): pass", "", SUCCESS, "null"),
          PYTHON("def main(): return [float('nan'), 1.5, float('inf')]", "{}", SUCCESS,
                 "[null,1.5,null]"),
          PYTHON("import datetime\ndef main(): return datetime.date(2024, 1, 2)", "{}", SUCCESS,
                 "\"2024-01-02\""),
          PYTHON("def main(): return b'hi'", "{}", SUCCESS, "\"aGk=\""),
          PYTHON("async def main():\n    import asyncio\n    await asyncio.sleep(0)\n    return 7",
                 "{}", SUCCESS, "7"),
          PYTHON("def main(): return 12345678901234567890123", "{}", SUCCESS,
                 "12345678901234567890123"),
          PYTHON("def main(): return {'a\\udcff': ['\\ud800b', '\\U0001f600']}", "{}", SUCCESS,
                 "{\"a\xEF\xBF\xBD\":[\"\xEF\xBF\xBD"
                 "b\",\"😀\"]}"));
}

static void python_generators_stream_into_the_log_and_their_pieces_are_the_result(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = run(t, "python3", "def main():\n    yield 'a\\nb'\n    yield 1\n", "{}");
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_str(job.result, "\"a\\nb1\"");
    assert_true(holds(log_of(t, job.id), "WM_STREAM: a\\nb\nWM_STREAM: 1\n"));
    CHECK(t, PYTHON("async def main():\n    yield 'x'\n    yield 'y'", "{}", SUCCESS, "\"xy\""));
    job = run(t, "python3", "def main():\n    yield 'a'\n    1 / 0", "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "ZeroDivisionError");
}

static void python_arguments_are_bound_by_name(void **state)
{
    CHECK(*state,
          PYTHON("def main(a, b, c=3, d: str = 'd', *, e=None): return [a, b, c, d, e]",
                 "{\"a\": 1, \"c\": null, \"d\": \"x\", \"e\": {}, \"more\": 9}", SUCCESS,
                 "[1,null,3,\"x\",{}]"),
          PYTHON("def main(x: bytes): return len(x)", "{\"x\": \"aGk=\"}", SUCCESS, "2"),
          PYTHON("from datetime import datetime\ndef main(x: datetime): return x.year",
                 "{\"x\": \"2024-05-06T07:08:09\"}", SUCCESS, "2024"),
          PYTHON("import datetime as dt\ndef main(x: dt.date): return str(x)",
                 "{\"x\": \"2024-05-06\"}", SUCCESS, "\"2024-05-06\""),
          PYTHON("from typing import Optional\nfrom datetime import date, datetime\n"
                 "def main(a: Optional[bytes], b: 'date | None', c: datetime | None = None):\n"
                 "    return [len(a), b.year, c.month]",
                 "{\"a\": \"aGk=\", \"b\": \"2024-05-06\", \"c\": \"2024-05-06T07:08:09Z\"}",
                 SUCCESS, "[2,2024,5]"),
          PYTHON("def main(a: list[bytes], b: 'bytes | str'): return [a, b]",
                 "{\"a\": [\"aGk=\"], \"b\": \"aGk=\"}", SUCCESS, "[[\"aGk=\"],\"aGk=\"]"),
          PYTHON("import functools\ndef f(g):\n    @functools.wraps(g)\n    def h(*a, **k):\n"
                 "        return g(*a, **k)\n    return h\n@f\ndef main(x): return x",
                 "{\"x\": 4}", SUCCESS, "4"));
}

static void python_exceptions_are_told_with_message_name_and_stack(void **state)
{
    CHECK(*state, PYTHON("def main():\n    raise ValueError('no \"x\"')", "{}", FAILURE,
                         "{\"error\":{\"message\": \"no \\\"x\\\"\", \"name\": \"ValueError\", "
                         "\"stack\": \"  File \\\"main.py\\\", line 2, in main\\n    raise "
                         "ValueError('no \\\"x\\\"')\\n\"}}"));
}

static void what_never_returned_is_never_a_success(void **state)
{
    static const char *const codes[] = {
        "import sys\ndef main(): sys.exit(3)",
        "import sys\ndef main(): sys.exit(0)",
        "import os\ndef main(): os._exit(0)",
        "import os\nopen('result.json', 'w').write('1')\nos._exit(0)",
        "import os, signal\ndef main(): os.kill(os.getpid(), signal.SIGSEGV)",
        "import ctypes\ndef main(): ctypes.string_at(0)",
        "def main(): return 1\ndef main(: syntax",
        "x = 1",
        "def main():\n    x = []\n    x.append(x)\n    return x",
        "import atexit, os\ndef main():\n    atexit.register(os.unlink, 'main_result.json')\n"
        "    return 1",
        "import os\ndef main(): os.killpg(0, 9)",
    };
    struct fixture *t = *state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        struct ar_job job = run(t, "python3", codes[i], "{}");
        if (job.state != AR_JOB_FAILURE) {
            print_error("%s\ngot: %d %.*s\n", codes[i], job.state, AR_STR_ARG(job.result));
        }
        assert_int_equal(job.state, AR_JOB_FAILURE);
        assert_true(ar_str_starts(job.result, "{\"error\":{\"message\":"));
    }
}

static void prints_are_the_log_in_order(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = run(t, "python3",
                            "import sys\ndef main():\n    print('1')\n"
                            "    print('2', file=sys.stderr)\n    print('3')",
                            "{}");
    assert_str(log_of(t, job.id), "\n\n--- PYTHON CODE EXECUTION ---\n1\n2\n3\n");
    job = run(t, "bash", "echo 1; echo 2 >&2; echo 3", "{}");
    assert_str(log_of(t, job.id), "\n\n--- BASH CODE EXECUTION ---\n1\n2\n3\n");
}

static void a_log_can_be_read_while_the_job_runs(void **state)
{
    struct fixture *t = *state;
    struct arras_str id = submit_job(t, script("bash", "echo early; sleep 60", "{}"));
    wait_for_log(t, id, "early\n");
    assert_int_equal(
        ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("enough"), NULL), ARRAS_OK);
    struct ar_job job = wait_for(t, id);
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_str(job.canceled_by, "me");
    assert_str(job.result,
               "{\"error\":{\"message\":\"Job canceled: enough by me\",\"name\":\"Canceled\","
               "\"reason\":\"enough\",\"canceler\":\"me\"}}");
}

static void a_log_flood_is_cut_and_the_job_goes_on(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = run(t, "bash", "yes 0123456789 | head -c 30000000; echo; echo done", "{}");
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_str(job.result, "\"done\"");
    struct arras_str log = log_of(t, job.id);
    assert_true(log.len > AR_JOB_LOG_SIZE && log.len < AR_JOB_LOG_SIZE + 1000);
    assert_true(ar_str_ends(log, "[the log is cut here, at 10485760 bytes]\n"));
}

static void a_job_that_takes_too_long_is_ended_even_when_it_does_not_want_to(void **state)
{
    struct fixture *t = *state;
    struct ar_job job =
        script("bash", "trap '' TERM; echo started; while :; do sleep 60; done", "{}");
    job.timeout = 1;
    job = wait_for(t, submit_job(t, job));
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_str(job.canceled_by, "timeout");
    assert_str(job.canceled_reason, "duration > 1");
    assert_holds(job.result, "job process terminated due to timeout after exceeding 1 seconds");
    assert_true(job.completed_at - job.started_at < 20 * 1000000);
}

static void a_timeout_beyond_the_limit_is_not_granted_and_said(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = script("bash", "echo x", "{}");
    job.timeout = 1000;
    job = wait_for(t, submit_job(t, job));
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_holds(log_of(t, job.id), "WARNING: the timeout of 1000 s");
}

/* Seconds that no other test's processes sleep: how those of this one are told. */
static long long sleep_seconds(int which)
{
    return 1000000000 + (long long)program * 4 + which;
}

/* How many processes of this machine run `sleep` for that long. */
static int count_sleepers(int which)
{
    char wanted[64];
    int count = 0;
    size_t len = 1 + (size_t)snprintf(wanted, sizeof(wanted), "sleep_%lld", sleep_seconds(which));
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    wanted[strlen("sleep")] = '\0';
    for (struct dirent *entry; (entry = readdir(proc));) {
        char path[300], command[64];
        snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
        int fd = open(path, O_RDONLY);
        ssize_t got = fd < 0 ? 0 : read(fd, command, sizeof(command));
        count += got == (ssize_t)len && memcmp(command, wanted, len) == 0;
        close(fd);
    }
    closedir(proc);
    return count;
}

static void wait_for_sleepers(int which, int count)
{
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    while (count_sleepers(which) != count) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
}

/* A job in bash; N in the code is the seconds to sleep. */
static struct ar_job sleeper(struct fixture *t, const char *code, int which)
{
    struct ar_job job = script("bash", "", "{}");
    struct ar_buf buf;
    struct arras_str rest = ar_str_z(code);
    ar_buf_init(&buf, 4096);
    while (rest.len) {
        size_t at = ar_str_find(rest, AR_STR("N"), 0);
        ar_buf_add_str(&buf, ar_str_sub(rest, 0, at));
        if (at != AR_NOT_FOUND) {
            ar_buf_printf(&buf, "%lld", sleep_seconds(which));
        }
        rest = ar_str_from(rest, at == AR_NOT_FOUND ? rest.len : at + 1);
    }
    assert_int_equal(ar_buf_copy(&buf, &t->arena, &job.code), ARRAS_OK);
    ar_buf_release(&buf);
    return job;
}

static void nothing_of_a_job_is_left_running(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = sleeper(t,
                                "sleep N & (setsid sleep N &)\n"
                                "nohup sleep N >/dev/null 2>&1 &\necho done",
                                0);
    job = wait_for(t, submit_job(t, job));
    assert_str(job.result, "\"done\"");
    assert_int_equal(count_sleepers(0), 0);
    struct arras_str id =
        submit_job(t, sleeper(t, "trap '' TERM\nsleep N & (setsid sleep N &)\nsleep N", 1));
    wait_for_sleepers(1, 3);
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("x"), NULL),
                     ARRAS_OK);
    wait_for(t, id);
    assert_int_equal(count_sleepers(1), 0);
}

static void a_job_that_heeds_sigterm_ends_in_its_own_way(void **state)
{
    struct fixture *t = *state;
    struct arras_str id = submit_job(
        t, script("bash", "trap 'echo tidied; exit 0' TERM\necho started\nsleep 60 & wait", "{}"));
    wait_for_log(t, id, "started");
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("x"), NULL),
                     ARRAS_OK);
    struct ar_job job = wait_for(t, id);
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_holds(log_of(t, id), "tidied\ncanceled by me: (force cancel: false)\n");
}

static void the_environment_is_the_jobs_and_nothing_else(void **state)
{
    struct fixture *t = *state;
    setenv("SECRET_OF_THE_SERVER", "x", 1);
    struct ar_job job = run(t, "bash", "env | sort; echo \"$WM_JOB_ID\"", "{}");
    struct arras_str log = log_of(t, job.id);
    assert_false(holds(log, "SECRET_OF_THE_SERVER"));
    assert_holds(log, "WM_WORKSPACE=w\n");
    assert_holds(log, "WM_BASE_URL=http://127.0.0.1:1\n");
    assert_holds(log, "WM_JOB_PATH=u/admin/hello\n");
    assert_true(ar_str_eq(ar_str_sub(job.result, 1, job.result.len - 1), job.id));
    if (sandboxed) {
        assert_holds(log, "HOME=/tmp/job\n");
    }
}

static void the_peak_of_memory_is_measured(void **state)
{
    struct ar_job job = run(*state, "python3", "def main(): return len(b'x' * 100000000)", "{}");
    assert_str(job.result, "100000000");
    assert_true(job.memory_peak > 97000 && job.memory_peak < 400000);
}

static void a_memory_hog_fails_and_the_server_lives(void **state)
{
    struct ar_job job = run(*state, "python3", "def main(): return len(b'x' * (3 << 30))", "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "MemoryError");
}

static void a_language_that_is_not_here_is_a_failure_that_says_so(void **state)
{
    CHECK(*state, {"cobol", "x", "{}", AR_JOB_FAILURE,
                   "{\"error\":{\"message\":\"execution error:\\nthis server runs no scripts in "
                   "'cobol'\",\"name\":\"ExecutionErr\"}}"});
}

static void arguments_too_long_for_a_command_are_a_failure_that_says_so(void **state)
{
    struct fixture *t = *state;
    char *args = malloc(300001);
    assert_non_null(args);
    memset(args, 'x', 300000);
    memcpy(args, "{\"a\":\"", 6);
    memcpy(args + 299998, "\"}", 3);
    struct ar_job job = run(t, "bash", "a=\"$1\"\necho \"${#a}\"", args);
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "Argument list too long");
    job = run(t, "python3", "def main(a): return len(a)", args);
    assert_str(job.result, "299992");
    free(args);
}

static void stopping_puts_running_jobs_back(void **state)
{
    struct fixture *t = *state;
    struct arras_str id = submit_job(t, script("bash", "echo started; sleep 60", "{}"));
    struct ar_job job;
    wait_for_log(t, id, "started");
    ar_workers_stop(t->workers);
    t->workers = NULL;
    assert_int_equal(t->store->functions->job_get(t->store, AR_STR("w"), id, &t->arena, NULL, &job),
                     ARRAS_OK);
    assert_int_equal(job.state, AR_JOB_QUEUED);
    assert_int_equal(job.attempt, 1);
}

/* A server of its own: submits jobs, one of which runs until the end, and tells when it does. */
static void serve_until_killed(int ready)
{
    struct fixture t;
    char path[64];
    database_path(path);
    open_fixture(&t, path, 1);
    wait_for(&t, submit_job(&t, script("bash", "echo first", "{}")));
    submit_job(&t, sleeper(&t, "sleep N & (setsid sleep N &)\nsleep N", 2));
    submit_job(&t, script("bash", "echo second", "{}"));
    wait_for_sleepers(2, 3);
    assert_int_equal(write(ready, "x", 1), 1);
    pause();
}

static void jobs_survive_the_death_of_the_server(void **state)
{
    struct fixture t;
    char path[64], byte;
    int ready[2];
    (void)state;
    databases++;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        serve_until_killed(ready[1]);
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_int_equal(count_sleepers(2), 3);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    wait_for_sleepers(2, 0); /* the kernel ends them in its own time */
    database_path(path);
    open_fixture(&t, path, 0);
    size_t count = 0;
    struct ar_job_list jobs;
    const struct ar_job_filter all = {
        .workspace = AR_STR("w"), .running = -1, .completed = -1, .success = -1, .limit = 10};
    assert_int_equal(t.store->functions->job_recover(t.store, NULL, &count), ARRAS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(t.store->functions->job_list(t.store, &all, &t.arena, NULL, &jobs), ARRAS_OK);
    assert_int_equal(jobs.list.count, 3);
    assert_int_equal(jobs.list.items[0].state, AR_JOB_QUEUED);
    assert_int_equal(jobs.list.items[0].attempt, 0);
    assert_int_equal(jobs.list.items[1].state, AR_JOB_QUEUED);
    assert_int_equal(jobs.list.items[1].attempt, 1);
    assert_int_equal(jobs.list.items[2].state, AR_JOB_SUCCESS);
    close_fixture(&t);
}

static void a_sandboxed_job_sees_nothing_of_the_machine(void **state)
{
    struct fixture *t = *state;
    char code[512], path[64];
    database_path(path);
    snprintf(code, sizeof(code),
             "for f in %s %s /root /home /var /etc/shadow /sys /boot; do\n"
             "  if ls $f >/dev/null 2>&1; then echo seen $f; fi\ndone\n"
             "for f in / /usr /etc /dev /proc/sys/kernel; do\n"
             "  if (touch $f/x) 2>/dev/null; then echo written $f; fi\ndone\n"
             "ls /proc | grep -c '^[0-9]'",
             directory, path);
    struct ar_job job = run(t, "bash", code, "{}");
    struct arras_str log = log_of(t, job.id);
    assert_false(holds(log, "seen"));
    assert_false(holds(log, "written"));
    assert_true(job.result.len == 3 && job.result.ptr[1] >= '3' && job.result.ptr[1] <= '7');
}

static void a_sandboxed_job_reaches_no_network(void **state)
{
    CHECK(*state, BASH("cat /proc/net/dev | grep -c :", "{}", SUCCESS, "\"1\""),
          PYTHON("import socket\ndef main():\n    s = socket.socket()\n    try:\n"
                 "        s.connect(('1.1.1.1', 53))\n    except OSError as e:\n"
                 "        return e.strerror",
                 "{}", SUCCESS, "\"Network is unreachable\""));
}

static void a_sandboxed_job_has_no_sockets_that_namespaces_do_not_hold(void **state)
{
    CHECK(*state,
          PYTHON("import errno, socket\ndef main():\n    got = []\n"
                 "    for family in (socket.AF_VSOCK, socket.AF_ALG, socket.AF_BLUETOOTH, 9, 3):\n"
                 "        try:\n            socket.socket(family, socket.SOCK_SEQPACKET)\n"
                 "        except OSError as e:\n            got.append(errno.errorcode[e.errno])\n"
                 "    return got",
                 "{}", SUCCESS,
                 "[\"EAFNOSUPPORT\",\"EAFNOSUPPORT\",\"EAFNOSUPPORT\",\"EAFNOSUPPORT\","
                 "\"EAFNOSUPPORT\"]"),
          PYTHON("import socket\ndef main():\n    a, b = socket.socketpair()\n    a.send(b'x')\n"
                 "    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):\n"
                 "        socket.socket(family)\n"
                 "    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\n"
                 "    return b.recv(1)[0]",
                 "{}", SUCCESS, "120"));
}

static void a_sandboxed_job_has_no_rights(void **state)
{
    CHECK(*state,
          BASH("id -u; grep -E '^Cap(Eff|Prm|Bnd)' /proc/self/status | tr -d '\\t\\n'", "{}",
               SUCCESS,
               "\"CapPrm:0000000000000000CapEff:0000000000000000CapBnd:0000000000000000\""),
          BASH("unshare -U true 2>&1 | grep -o 'Operation not permitted'", "{}", SUCCESS,
               "\"Operation not permitted\""),
          BASH("mount -t tmpfs x /tmp 2>/dev/null || echo refused", "{}", SUCCESS, "\"refused\""),
          PYTHON("import ctypes\ndef main():\n    c = ctypes.CDLL(None, use_errno=True)\n"
                 "    return [c.ptrace(0, 0, 0, 0), ctypes.get_errno(),\n"
                 "            c.unshare(0x10000000), ctypes.get_errno(),\n"
                 "            c.syscall(250, 0, 0, 0), ctypes.get_errno()]",
                 "{}", SUCCESS, "[-1,1,-1,1,-1,1]"));
}

static void sandboxed_jobs_do_not_see_each_other(void **state)
{
    struct fixture *t = *state;
    struct arras_str id =
        submit_job(t, script("bash", "echo secret >/tmp/secret; echo started; sleep 60", "{}"));
    wait_for_log(t, id, "started");
    struct ar_job job =
        run(t, "bash",
            "cat /tmp/secret /tmp/job/secret /proc/*/root/tmp/secret 2>/dev/null | "
            "wc -l; ls /tmp | wc -l; cat /proc/[0-9]*/cmdline | grep -c 'sl[e]ep' || true",
            "{}");
    assert_str(log_of(t, job.id), "\n\n--- BASH CODE EXECUTION ---\n0\n1\n0\n");
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("x"), NULL),
                     ARRAS_OK);
    wait_for(t, id);
}

static void a_fork_bomb_ends_with_its_job(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = script("python3",
                               "import os\ndef main():\n    while True:\n        try:\n"
                               "            os.fork()\n        except OSError:\n            pass",
                               "{}");
    job.timeout = 2;
    job = wait_for(t, submit_job(t, job));
    assert_int_equal(job.state, AR_JOB_CANCELED);
    job = run(t, "bash", "echo alive", "{}");
    assert_str(job.result, "\"alive\"");
}

static void a_job_has_so_many_processes_and_so_much_room(void **state)
{
    CHECK(*state,
          PYTHON("import os, time\ndef main():\n    n = 0\n    try:\n        while n < 1000:\n"
                 "            if os.fork() == 0:\n                time.sleep(60)\n"
                 "            n += 1\n    except OSError:\n        pass\n    return 200 < n < 257",
                 "{}", SUCCESS, "true"),
          BASH("for i in 1 2 3 4; do head -c 400000000 /dev/zero >big$i 2>/dev/null || "
               "echo full; done; rm -f big*; echo ok",
               "{}", SUCCESS, "\"ok\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest everywhere[] = {
    TEST(bash_results_come_from_a_file_or_the_last_line),
    TEST(bash_arguments_are_given_by_the_positions_in_the_script),
    TEST(a_bash_failure_is_told_with_its_last_words),
    TEST(python_results_are_what_main_returns),
    TEST(python_generators_stream_into_the_log_and_their_pieces_are_the_result),
    TEST(python_arguments_are_bound_by_name),
    TEST(python_exceptions_are_told_with_message_name_and_stack),
    TEST(what_never_returned_is_never_a_success),
    TEST(prints_are_the_log_in_order),
    TEST(a_log_can_be_read_while_the_job_runs),
    TEST(a_log_flood_is_cut_and_the_job_goes_on),
    TEST(a_job_that_takes_too_long_is_ended_even_when_it_does_not_want_to),
    TEST(a_timeout_beyond_the_limit_is_not_granted_and_said),
    TEST(nothing_of_a_job_is_left_running),
    TEST(a_job_that_heeds_sigterm_ends_in_its_own_way),
    TEST(the_environment_is_the_jobs_and_nothing_else),
    TEST(the_peak_of_memory_is_measured),
    TEST(a_memory_hog_fails_and_the_server_lives),
    TEST(a_language_that_is_not_here_is_a_failure_that_says_so),
    TEST(arguments_too_long_for_a_command_are_a_failure_that_says_so),
    TEST(stopping_puts_running_jobs_back),
    cmocka_unit_test(jobs_survive_the_death_of_the_server),
};

static const struct CMUnitTest in_sandbox[] = {
    TEST(a_sandboxed_job_sees_nothing_of_the_machine),
    TEST(a_sandboxed_job_reaches_no_network),
    TEST(a_sandboxed_job_has_no_sockets_that_namespaces_do_not_hold),
    TEST(a_sandboxed_job_has_no_rights),
    TEST(sandboxed_jobs_do_not_see_each_other),
    TEST(a_fork_bomb_ends_with_its_job),
    TEST(a_job_has_so_many_processes_and_so_much_room),
};

/* With the argument "none": the tests that hold without a sandbox too. */
int main(int argc, char **argv)
{
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    sandboxed = argc < 2 || strcmp(argv[1], "none") != 0;
    if (sandboxed && ar_sandbox_check(&diags)) {
        printf("skipped: %.*s\n", AR_STR_ARG(ar_diags_first_error(&diags)->message));
        ar_arena_release(&arena);
        return 77;
    }
    ar_arena_release(&arena);
    program = getpid();
    make_directory(directory);
    int failed = cmocka_run_group_tests_name("workers", everywhere, NULL, NULL);
    if (sandboxed) {
        failed += cmocka_run_group_tests_name("sandbox", in_sandbox, NULL, NULL);
    }
    remove_tree(directory);
    return failed;
}
