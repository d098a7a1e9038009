#include "unit/jobs/workers_fixture.h"

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
    struct ar_job job = jobs_run(*state, "bash", "echo '{\"a\":1' >result.json", "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "the result is not valid JSON");
    job = jobs_run(*state, "bash", "head -c 17000000 /dev/zero | tr '\\0' 1 >result.json", "{}");
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

static void python_generators_stream_and_their_pieces_are_the_result(void **state)
{
    struct jobs_fixture *t = *state;
    struct ar_job job =
        jobs_run(t, "python3", "def main():\n    yield 'a\\nb'\n    yield 1\n", "{}");
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_str(job.result, "\"a\\nb1\"");
    assert_str(jobs_log(t, job.id), "\n\n--- PYTHON CODE EXECUTION ---\n");
    assert_str(jobs_stream(t, job.id), "a\nb1");
    CHECK(t, PYTHON("async def main():\n    yield 'x'\n    yield 'y'", "{}", SUCCESS, "\"xy\""));
    job = jobs_run(t, "python3", "def main():\n    yield 'a'\n    1 / 0", "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "ZeroDivisionError");
}

static const char *z(struct jobs_fixture *t, struct arras_str text)
{
    const char *copy = ar_str_to_z(text, &t->arena);
    assert_non_null(copy);
    return copy;
}

static void pieces_of_results_come_apart_from_the_log(void **state)
{
    const struct {
        const char *code, *result, *log, *stream;
    } rows[] = {
        {"echo a; echo 'WM_STREAM: x\\ny'; echo 'WM_STREAM: z'", "\"x\\nyz\"", "a\n", "x\nyz"},
        {"echo 'WM_STREAM: x'; echo '[1]' > result.json", "[1]", "", "x"},
        {"echo 'WM_STREAM: x'; echo text > result.out", "\"text\\n\"", "", "x"},
        {"echo 'WM_STREAM: '; echo b", "\"b\"", "b\n", ""},
        {"echo 'WM_STREAM: a\\b\\\\n\\'", "\"a\\\\b\\\\\\n\\\\\"", "", "a\\b\\\n\\"},
        {"printf 'WM_STR'; sleep 0.1; printf 'EAM: 1\\nWM_STREAM\\n W\\nWM'", "\"1\"",
         "WM_STREAM\n W\nWM", "1"},
        {"echo ' WM_STREAM: no'", "\"WM_STREAM: no\"", " WM_STREAM: no\n", ""},
    };
    struct jobs_fixture *t = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ar_job job = jobs_run(t, "bash", rows[i].code, "{}");
        struct arras_str log = jobs_log(t, job.id);
        assert_int_equal(job.state, AR_JOB_SUCCESS);
        assert_string_equal(z(t, job.result), rows[i].result);
        log = ar_str_from(log, strlen("\n\n--- BASH CODE EXECUTION ---\n"));
        assert_string_equal(z(t, log), rows[i].log);
        assert_string_equal(z(t, jobs_stream(t, job.id)), rows[i].stream);
    }
    CHECK(t,
          PYTHON("def main():\n    print('WM_STREAM: a')\n    print('WM_STREAM: b')", "{}", SUCCESS,
                 "\"ab\""),
          PYTHON("def main():\n    print('WM_STREAM: a')\n    return 0", "{}", SUCCESS, "0"));
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

/* Of an event it makes the arguments. */
static void a_preprocessor_runs_before_main(void **state)
{
    static const char python[] = "def preprocessor(event):\n"
                                 "    return {'a': event['body']['n'] + 1, 'b': event['query']}\n"
                                 "def main(a: int, b: dict, c=3): return [a, b, c]";
    static const char none[] = "def preprocessor(event): return [1]\ndef main(): return 1";
    static const char node[] =
        "export async function preprocessor(event: any) { return { a: event.body.n + 1 } }\n"
        "export function main(a: number, b = 2) { return [a, b] }";
    struct jobs_fixture *t = *state;
    const struct {
        const char *language, *code, *result;
        enum ar_job_state end;
    } rows[] = {
        {"python3", python, "[2,{\"q\":\"x\"},3]", AR_JOB_SUCCESS},
        {"python3", none, "preprocessor returned no dict of arguments but list", AR_JOB_FAILURE},
        {"python3", "def main(): pass", "the script has no function 'preprocessor'",
         AR_JOB_FAILURE},
        {"bun", node, "[2,2]", AR_JOB_SUCCESS},
    };
    bool has_node = access("/usr/bin/node", X_OK) == 0 && access("/usr/bin/esbuild", X_OK) == 0;
    for (size_t i = 0; i < (has_node ? 4 : 3); i++) {
        struct ar_job job = jobs_script(rows[i].language, rows[i].code,
                                        "{\"event\":{\"body\":{\"n\":1},\"query\":{\"q\":\"x\"}}}");
        job.preprocess = true;
        job = jobs_wait(t, jobs_submit(t, job));
        assert_int_equal(job.state, rows[i].end);
        assert_holds(job.result, rows[i].result);
    }
}

static void python_exceptions_are_told_with_message_name_and_stack(void **state)
{
    CHECK(*state, PYTHON("def main():\n    raise ValueError('no \"x\"')", "{}", FAILURE,
                         "{\"error\":{\"message\":\"no \\\"x\\\"\",\"name\":\"ValueError\","
                         "\"stack\":\"  File \\\"main.py\\\", line 2, in main\\n    raise "
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
    struct jobs_fixture *t = *state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        struct ar_job job = jobs_run(t, "python3", codes[i], "{}");
        if (job.state != AR_JOB_FAILURE) {
            print_error("%s\ngot: %d %.*s\n", codes[i], job.state, AR_STR_ARG(job.result));
        }
        assert_int_equal(job.state, AR_JOB_FAILURE);
        assert_true(ar_str_starts(job.result, "{\"error\":{\"message\":"));
    }
}

#define NODE(code, args, state, result)                                                            \
    {                                                                                              \
        "bun", code, args, AR_JOB_##state, result                                                  \
    }

/* script/test installs it; a build elsewhere may do without. */
static void need_node(void)
{
    if (access("/usr/bin/node", X_OK) || access("/usr/bin/esbuild", X_OK)) {
        skip();
    }
}

static void typescript_results_are_what_main_returns(void **state)
{
    need_node();
    CHECK(*state,
          NODE("type Row = { a: number }\nexport async function main(): Promise<Row> {\n"
               "  const r: Row = { a: 1 };\n  return r as Row;\n}",
               "{}", SUCCESS, "{\"a\":1}"),
          NODE("enum E { A = 'x' }\nexport function main() { return [E.A, undefined, NaN, 12n, "
               "new Date(0), 'é'] }",
               "", SUCCESS, "[\"x\",null,null,\"12\",\"1970-01-01T00:00:00.000Z\",\"é\"]"),
          NODE("export function main() {}", "{}", SUCCESS, "null"),
          NODE("export const main = async () => '\\ud800x'", "{}", SUCCESS, "\"\xEF\xBF\xBDx\""),
          NODE("module.exports.main = (a) => require('path').join('a', a)", "{\"a\":\"b\"}",
               SUCCESS, "\"a/b\""),
          NODE("import { join } from 'node:path'\nexport const main = (a: string) => join('a', a)",
               "{\"a\":\"b\"}", SUCCESS, "\"a/b\""),
          {"nativets", "export function main() { return typeof fetch }", "{}", AR_JOB_SUCCESS,
           "\"function\""},
          {"deno", "export function main() { setInterval(() => {}, 1000); return 1 }", "{}",
           AR_JOB_SUCCESS, "1"});
}

static void typescript_arguments_are_given_by_position(void **state)
{
    need_node();
    CHECK(*state,
          NODE("export function main(b: number, a = 'x,y', c: string[] = [',', `(${1}`], "
               "d = (x: number) => x, e?: string, f = /[,)]/.source) {\n"
               "  return [a, b, c, d(4), e === undefined, f]\n}",
               "{\"a\":\"z\",\"b\":2,\"more\":1}", SUCCESS,
               "[\"z\",2,[\",\",\"(1\"],4,true,\"[,)]\"]"),
          NODE("export function main(when: Date, m: Map<string, Date>, s: string) {\n"
               "  return [when instanceof Date && when.getUTCFullYear(), typeof m, typeof s]\n}",
               "{\"when\":\"2024-05-06T07:08:09Z\",\"m\":\"2024\",\"s\":\"2024\"}", SUCCESS,
               "[2024,\"string\",\"string\"]"),
          NODE("export function main({ a, b = 2 }: { a: number; b?: number }, ...c: number[]) {\n"
               "  return [a, b, c]\n}",
               "{\"a\":1,\"c\":[3,4]}", SUCCESS, "[1,2,[3,4]]"),
          NODE("export const main = async x => x", "{\"x\":null}", SUCCESS, "null"));
}

static void typescript_streams_and_its_pieces_are_the_result(void **state)
{
    struct jobs_fixture *t = *state;
    need_node();
    struct ar_job job =
        jobs_run(t, "bun", "export async function* main() { yield 'a\\nb'; yield { c: 1 } }", "{}");
    assert_str(job.result, "\"a\\nb{\\\"c\\\":1}\"");
    assert_str(jobs_log(t, job.id), "\n\n--- BUN CODE EXECUTION ---\n");
    assert_str(jobs_stream(t, job.id), "a\nb{\"c\":1}");
    job = jobs_run(t, "bun", "export function main() { console.log('WM_STREAM: x') }", "{}");
    assert_str(job.result, "\"x\"");
}

static void typescript_errors_are_told_with_message_name_stack_and_more(void **state)
{
    struct jobs_fixture *t = *state;
    need_node();
    CHECK(t,
          NODE("interface X {\n  a: 1\n}\nexport function main() {\n"
               "  throw Object.assign(new TypeError('no \"x\"'), { code: 7, n: 1n })\n}",
               "{}", FAILURE,
               "{\"error\":{\"message\":\"no \\\"x\\\"\",\"name\":\"TypeError\",\"stack\":"
               "\"TypeError: no \\\"x\\\"\\n    at main (main.ts:5:23)\","
               "\"extra\":{\"code\":7,\"n\":\"1\"}}}"),
          NODE("export function main() { throw 'plain' }", "{}", FAILURE,
               "{\"error\":{\"message\":\"plain\",\"name\":\"Error\",\"stack\":\"\"}}"));
    static const char *const parts[][2] = {
        {"export function main( {", "SyntaxError"},
        {"export const x = 1", "the script exports no function 'main'"},
        {"import x from 'not-here'\nexport const main = () => x",
         "this machine has no package 'not-here' for Node.js"},
        {"import x from 'npm:@not/here@1.2.3/sub'\nexport const main = () => x",
         "this machine has no package '@not/here' for Node.js"},
        {"export const main = () => require('not-here')",
         "this machine has no package 'not-here' for Node.js"},
        {"export function main() { const a: any = {}; a.a = a; return a }", "circular"},
        {"export function main() { process.exit(0) }", "main did not return"},
        {"export function main() { return new Promise(() => {}) }", "main did not return"},
        {"export function main() {\n  setTimeout(() => { throw new RangeError('late') }, 1);\n"
         "  return new Promise(() => setTimeout(() => {}, 1e6))\n}",
         "\"message\":\"late\",\"name\":\"RangeError\""},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        struct ar_job job = jobs_run(t, "bun", parts[i][0], "{}");
        assert_int_equal(job.state, AR_JOB_FAILURE);
        assert_holds(job.result, parts[i][1]);
    }
}

static void node_has_its_memory_and_no_more(void **state)
{
    need_node();
    CHECK(*state, NODE("export const main = () => new WebAssembly.Memory({ initial: 1 }).buffer"
                       ".byteLength",
                       "{}", SUCCESS, "65536"));
    struct ar_job job =
        jobs_run(*state, "bun",
                 "export function main() { const a: Buffer[] = []\n"
                 "  for (let i = 0; i < 40; i++) a.push(Buffer.alloc(100e6, 1))\n  return 1 }",
                 "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
}

static void what_a_language_lacks_here_is_told(void **state)
{
    struct jobs_fixture *t = *state;
    struct ar_job job = jobs_run(t, "python3", "import not_here\ndef main(): pass", "{}");
    assert_holds(job.result, "No module named 'not_here': this machine does not have it");
    job = jobs_run(t, "bash", "#!/bin/bash\n# docker\necho x", "{}");
    assert_holds(job.result, "the script asks by '# docker' for a container");
    CHECK(t, BASH("echo x\n# docker", "{}", SUCCESS, "\"x\""));
}

static const struct CMUnitTest languages[] = {
    TEST(bash_results_come_from_a_file_or_the_last_line),
    TEST(bash_arguments_are_given_by_the_positions_in_the_script),
    TEST(a_bash_failure_is_told_with_its_last_words),
    TEST(python_results_are_what_main_returns),
    TEST(python_generators_stream_and_their_pieces_are_the_result),
    TEST(pieces_of_results_come_apart_from_the_log),
    TEST(python_arguments_are_bound_by_name),
    TEST(a_preprocessor_runs_before_main),
    TEST(python_exceptions_are_told_with_message_name_and_stack),
    TEST(what_never_returned_is_never_a_success),
    TEST(typescript_results_are_what_main_returns),
    TEST(typescript_arguments_are_given_by_position),
    TEST(typescript_streams_and_its_pieces_are_the_result),
    TEST(typescript_errors_are_told_with_message_name_stack_and_more),
    TEST(node_has_its_memory_and_no_more),
    TEST(what_a_language_lacks_here_is_told),
};

static int run_all(void)
{
    return cmocka_run_group_tests_name("languages", languages, NULL, NULL);
}

/* With the argument "none": without a sandbox. */
int main(int argc, char **argv)
{
    return jobs_test_main(argc, argv, run_all, NULL);
}
