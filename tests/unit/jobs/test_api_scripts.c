/* Deploying and reading scripts: windmill-api.md section 4.4. */
#include "base/hash.h"
#include "unit/jobs/api_fixture.h"

#define CREATE "/api/w/main/scripts/create"
#define BASH(more)                                                                                 \
    "{\"path\":\"u/demo/hello\",\"content\":\"echo hi\",\"language\":\"bash\"" more "}"

static struct api_answer create(struct api_fixture *f, const char *body)
{
    return api_ask(f, "createScript", "POST", CREATE, body);
}

static struct api_answer get(struct api_fixture *f, const char *path)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, "/api/w/main/scripts/get/p/%s", path));
    return api_ask(f, "getScriptByPath", "GET", target.ptr, NULL);
}

static struct arras_str member(const struct api_answer *answer, const char *name)
{
    return ar_text(ar_get_z(&answer->value, name));
}

static void a_script_is_read_as_it_was_deployed(void **state)
{
    struct api_fixture *f = *state;
    struct api_answer created =
        create(f, "{\"path\":\"f/a/b-c_1\",\"summary\":\"S\",\"description\":\"D\",\"content\":"
                  "\"def main(x: int): return x\",\"language\":\"python3\",\"schema\":{\"type\":"
                  "\"object\",\"properties\":{\"x\":{\"default\":19.10}}},\"tag\":\"big\","
                  "\"timeout\":30,\"lock\":[\"a\",\"b\"],\"unknown\":{}}");
    assert_int_equal(created.status, 201);
    struct api_answer script = get(f, "f/a/b-c_1");
    assert_int_equal(script.status, 200);
    assert_true(ar_str_eq(member(&script, "hash"), created.body));
    assert_str(member(&script, "summary"), "S");
    assert_str(member(&script, "description"), "D");
    assert_str(member(&script, "content"), "def main(x: int): return x");
    assert_str(member(&script, "language"), "python3");
    assert_str(member(&script, "created_by"), "admin");
    assert_str(member(&script, "kind"), "script");
    assert_str(member(&script, "tag"), "big");
    assert_str(member(&script, "timeout"), "30");
    assert_str(member(&script, "lock"), "a\nb");
    const struct arras_value *x =
        ar_get_z(ar_get_z(ar_get_z(&script.value, "schema"), "properties"), "x");
    assert_str(ar_text(ar_get_z(x, "default")), "19.10");
    assert_true(ar_is(ar_get_z(&script.value, "parent_hashes"), ARRAS_NULL));
    /* the path as one encoded segment, the version by its hash, the content alone */
    assert_true(ar_str_eq(get(f, "f%2Fa%2Fb-c_1").body, script.body));
    assert_true(
        ar_str_eq(api_ask_of(f, "getScriptByHash", "GET", "scripts/get/h/", created.body, "").body,
                  script.body));
    assert_str(
        api_ask(f, "rawScriptByPath", "GET", "/api/w/main/scripts/raw/p/f/a/b-c_1", NULL).body,
        "def main(x: int): return x");
    /* who imports it asks for a file */
    assert_str(
        api_ask(f, "rawScriptByPath", "GET", "/api/w/main/scripts/raw/p/f/a/b-c_1.bun.ts", NULL)
            .body,
        "def main(x: int): return x");
}

static void what_differs_from_what_is_deployed_is_told(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str hash, body;
    api_deploy(f, "f/a/same");
    api_deploy(f, "f/a/other");
    assert_int_equal(ar_sha256_hex(AR_STR("echo hello $1\n"), &f->arena, &hash), ARRAS_OK);
    assert_true(ar_str_printf(&f->arena, &body,
                              "{\"scripts\":{\"f/a/same\":\"%.*s\",\"f/a/other\":\"0\","
                              "\"f/a/none\":\"%.*s\"}}",
                              AR_STR_ARG(hash), AR_STR_ARG(hash)));
    assert_str(api_ask(f, "diffRawScriptsWithDeployed", "POST", "/api/w/main/scripts/raw_temp/diff",
                       body.ptr)
                   .body,
               "[\"f/a/other\",\"f/a/none\"]");
    struct api_answer answer =
        api_ask(f, "storeRawScriptTemp", "POST", "/api/w/main/scripts/raw_temp/store",
                "\"echo hello $1\\n\"");
    assert_true(ar_str_eq(ar_text(&answer.value), hash));
}

static void missing_and_null_texts_are_empty(void **state)
{
    struct api_fixture *f = *state;
    assert_int_equal(
        create(f, BASH(",\"summary\":null,\"schema\":null,\"parent_hash\":null,\"tag\":null"))
            .status,
        201);
    struct api_answer script = get(f, "u/demo/hello");
    assert_str(member(&script, "summary"), "");
    assert_str(member(&script, "description"), "");
    assert_true(ar_is(ar_get_z(&script.value, "schema"), ARRAS_NULL));
    assert_true(ar_is(ar_get_z(&script.value, "tag"), ARRAS_NULL));
}

static void unknown_scripts_are_told(void **state)
{
    struct api_fixture *f = *state;
    api_assert_error(get(f, "u/no/script"), 404, "Not found: Script not found at name u/no/script");
    api_assert_error(
        api_ask(f, "getScriptByHash", "GET", "/api/w/main/scripts/get/h/0123456789abcdef", NULL),
        404, "Not found: Script not found at name 0123456789abcdef");
    api_assert_error(api_ask(f, "rawScriptByPath", "GET", "/api/w/main/scripts/raw/p/u/x/y", NULL),
                     404, "Not found: Script not found at name u/x/y");
    assert_str(
        api_ask(f, "existsScriptByPath", "GET", "/api/w/main/scripts/exists/p/u/x/y", NULL).body,
        "false");
    api_deploy(f, "u/x/y");
    assert_str(
        api_ask(f, "existsScriptByPath", "GET", "/api/w/main/scripts/exists/p/u/x/y", NULL).body,
        "true");
}

static void bodies_of_the_wrong_shape_are_refused(void **state)
{
    struct api_fixture *f = *state;
#define SHAPE "Failed to deserialize the JSON body into the target type: "
    const struct {
        const char *body;
        int status;
        const char *text;
    } rows[] = {
        {"[]", 422, SHAPE "expected an object, found array"},
        {"{\"path\":\"u/a/b\",\"language\":\"bash\"}", 422, SHAPE "missing field `content`"},
        {"{\"content\":\"\",\"language\":\"bash\"}", 422, SHAPE "missing field `path`"},
        {"{\"path\":\"u/a/b\",\"content\":\"\"}", 422, SHAPE "missing field `language`"},
        {BASH(",\"summary\":1"), 422, SHAPE "summary: expected a string, found number"},
        {BASH(",\"schema\":\"x\""), 422, SHAPE "schema: expected an object, found string"},
        {BASH(",\"kind\":\"odd\""), 422, SHAPE "kind: unknown variant `odd`"},
        {BASH(",\"timeout\":\"x\""), 422, SHAPE "timeout: expected a number of seconds"},
        {BASH(",\"parent_hash\":\"xyz\""), 422,
         SHAPE "parent_hash: expected 16 hexadecimal digits"},
        {BASH(",\"parent_hash\":\"0123456789abcdef\""), 400,
         "Bad request: The parent hash does not seem to exist"},
        {"{\"path\":\"u/a/b\",\"content\":\"\",\"language\":\"cobol\"}", 400,
         "Bad request: this server does not run language 'cobol'; it runs bash, python3, bun, "
         "nativets, deno and nodejs"},
        {"{\"path\":\"u/a/b\",\"content\":\"a\\u0000b\",\"language\":\"bash\"}", 400,
         "Bad request: the content holds a NUL character"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        api_assert_error(create(f, rows[i].body), rows[i].status, rows[i].text);
    }
    struct api_answer answer = create(f, "{\"path\":");
    assert_int_equal(answer.status, 400);
    assert_true(ar_str_starts(answer.body, "Failed to parse the request body as JSON: "));
    struct ar_header headers[] = {{AR_STR("Authorization"), AR_STR("Bearer " ADMIN)},
                                  {AR_STR("Content-Type"), AR_STR("text/plain")}};
    api_assert_error(api_send(f, "POST", CREATE, headers, 2, BASH("")), 415,
                     "Expected request with `Content-Type: application/json`");
}

static void paths_are_checked(void **state)
{
    struct api_fixture *f = *state;
    const char *bad[] = {"",       "x",       "u/a",      "g/a/b",        "u//b",    "u/a/",
                         "/u/a/b", "u/a/b c", "u/a/../b", "u/a/\xc3\xa9", "u/a/b.sh"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct arras_str body;
        assert_true(ar_str_printf(
            &f->arena, &body, "{\"path\":\"%s\",\"content\":\"\",\"language\":\"bash\"}", bad[i]));
        struct api_answer answer = create(f, body.ptr);
        assert_int_equal(answer.status, 400);
        assert_true(ar_str_find(answer.body, AR_STR("is not a script path"), 0) != AR_NOT_FOUND);
    }
}

static void versions_follow_one_another(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str first = create(f, BASH("")).body;
    char text[256];
    api_assert_error(create(f, BASH("")), 400,
                     "Bad request: A script with same hash (hence same path, description, summary, "
                     "content) already exists!");
    snprintf(text, sizeof(text),
             "Bad request: Path conflict for u/demo/hello with non-archived hash %.*s",
             AR_STR_ARG(first));
    api_assert_error(create(f, BASH(",\"summary\":\"2\"")), 400, text);

    struct arras_str body;
    assert_true(ar_str_printf(&f->arena, &body, BASH(",\"summary\":\"2\",\"parent_hash\":\"%.*s\""),
                              AR_STR_ARG(first)));
    struct api_answer second = create(f, body.ptr);
    assert_int_equal(second.status, 201);
    assert_false(ar_str_eq(second.body, first));
    struct api_answer live = get(f, "u/demo/hello");
    assert_true(ar_str_eq(member(&live, "hash"), second.body));
    assert_true(ar_str_eq(ar_text(ar_item(ar_get_z(&live.value, "parent_hashes"), 0)), first));
    struct api_answer old = api_ask_of(f, "getScriptByHash", "GET", "scripts/get/h/", first, "");
    assert_true(ar_get_z(&old.value, "archived")->boolean);
    struct api_answer third = create(f, BASH(",\"summary\":\"3\",\"auto_parent\":true"));
    assert_int_equal(third.status, 201);
    struct api_answer newest = get(f, "u/demo/hello");
    const struct arras_value *parents = ar_get_z(&newest.value, "parent_hashes");
    assert_int_equal(parents->count, 2);
    assert_true(ar_str_eq(ar_text(ar_item(parents, 0)), second.body));
    assert_true(ar_str_eq(ar_text(ar_item(parents, 1)), first));

    assert_true(ar_str_printf(&f->arena, &body, BASH(",\"summary\":\"3\",\"parent_hash\":\"%.*s\""),
                              AR_STR_ARG(first)));
    api_assert_error(create(f, body.ptr), 400,
                     "Bad request: the lineage must be linear: the parent hash is that of an "
                     "archived version, and no 2 scripts can have the same parent");
}

static void an_earlier_content_may_come_back(void **state)
{
    struct api_fixture *f = *state;
    create(f, BASH(""));
    assert_int_equal(create(f, BASH(",\"summary\":\"2\",\"auto_parent\":true")).status, 201);
    assert_int_equal(create(f, BASH(",\"auto_parent\":true")).status, 201);
    struct api_answer live = get(f, "u/demo/hello");
    assert_str(member(&live, "summary"), "");
}

static void what_did_not_change_keeps_its_version_where_asked(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str first = create(f, BASH("")).body;
    struct api_answer again = api_ask(f, "createScript", "POST", CREATE "?skip_if_noop=true",
                                      BASH(",\"auto_parent\":true"));
    assert_int_equal(again.status, 201);
    assert_true(ar_str_eq(again.body, first));
    struct api_answer changed = api_ask(f, "createScript", "POST", CREATE "?skip_if_noop=true",
                                        BASH(",\"auto_parent\":true,\"summary\":\"2\""));
    assert_int_equal(changed.status, 201);
    assert_false(ar_str_eq(changed.body, first));
}

static void a_list_has_the_newest_of_each_path(void **state)
{
    struct api_fixture *f = *state;
    create(f, BASH(""));
    create(f, BASH(",\"summary\":\"2\",\"auto_parent\":true"));
    api_deploy(f, "f/a/b");
    const char *list = "/api/w/main/scripts/list?page=0&per_page=10&show_archived=false";
    struct api_answer answer = api_ask(f, "listScripts", "GET", list, NULL);
    assert_int_equal(answer.value.count, 2);
    assert_str(ar_text(ar_get_z(ar_item(&answer.value, 0), "path")), "f/a/b");
    assert_str(ar_text(ar_get_z(ar_item(&answer.value, 1), "summary")), "2");
    answer = api_ask(f, "listScripts", "GET", "/api/w/main/scripts/list?page=2&per_page=1", NULL);
    assert_int_equal(answer.value.count, 1);
    assert_str(ar_text(ar_get_z(ar_item(&answer.value, 0), "path")), "u/demo/hello");
    api_assert_error(
        api_ask(f, "listScripts", "GET", "/api/w/main/scripts/list?show_archived=maybe", NULL), 400,
        "Bad request: query parameter show_archived: expected true or false, found 'maybe'");
}

static void settings_are_kept_and_count(void **state)
{
    struct api_fixture *f = *state;
    assert_int_equal(
        create(
            f,
            BASH(",\"priority\":7,\"cache_ttl\":60,\"visible_to_runner_only\":true,"
                 "\"concurrent_limit\":2,\"is_template\":true,\"labels\":[\"nightly\"],"
                 "\"envs\":[\"A=1=2\",\"B\"],\"draft_only\":false,\"codebase\":null,\"modules\":{},"
                 "\"restart_unless_cancelled\":true,\"debounce_delay_s\":0"))
            .status,
        201);
    struct api_answer script = get(f, "u/demo/hello");
    assert_str(member(&script, "priority"), "7");
    assert_str(member(&script, "concurrent_limit"), "2");
    assert_true(ar_get_z(&script.value, "is_template")->boolean);
    assert_str(ar_text(ar_item(ar_get_z(&script.value, "labels"), 0)), "nightly");
    assert_null(ar_get_z(&script.value, "debounce_delay_s"));
    api_submit(f);
    struct ar_job job = api_take(f);
    assert_int_equal(job.priority, 7);
    assert_int_equal(job.cache_ttl, 60);
    assert_true(job.cache_key.len > 0);
    assert_true(job.hidden);
    assert_true(job.restarts);
    assert_str(job.envs, "[\"A=1=2\",\"B\"]");
    assert_int_equal(job.redact_after, 0);
    assert_int_equal(create(f, BASH(",\"auto_parent\":true")).status, 201);
    script = get(f, "u/demo/hello");
    assert_null(ar_get_z(&script.value, "priority"));
    assert_false(ar_get_z(&script.value, "is_template")->boolean);
}

static void a_script_says_how_long_its_jobs_are_kept(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *body, *name, *shown;
        int64_t after;
    } rows[] = {
        {BASH(",\"delete_after_use\":true"), "delete_after_use", NULL, 1},
        {BASH(",\"delete_after_secs\":0,\"auto_parent\":true"), "delete_after_secs", "0", 1},
        {BASH(",\"delete_after_secs\":5,\"delete_after_use\":true,\"auto_parent\":true"),
         "delete_after_secs", "5", 5000000},
        {BASH(",\"delete_after_secs\":null,\"auto_parent\":true"), NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(create(f, rows[i].body).status, 201);
        struct api_answer script = get(f, "u/demo/hello");
        assert_true(!rows[i].name || ar_get_z(&script.value, rows[i].name));
        assert_true(rows[i].name || !ar_get_z(&script.value, "delete_after_secs"));
        assert_true(!rows[i].shown || ar_str_is(member(&script, rows[i].name), rows[i].shown));
        api_submit(f);
        struct ar_job job = api_take(f);
        assert_int_equal(job.redact_after, rows[i].after);
    }
}

#define ENVS(name)                                                                                 \
    "Bad request: envs: '" name "' is not NAME=VALUE with a name of letters, digits and '_' that " \
    "is not the server's own (WM_..., ARRAS_..., BASE_URL, BASE_INTERNAL_URL, HOME)"

static void settings_that_would_not_count_are_refused(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *body;
        int status;
        const char *text;
    } rows[] = {
        {BASH(",\"draft_only\":true"), 400,
         "Bad request: draft_only cannot be set: this server keeps no drafts"},
        {BASH(",\"modules\":{\"a.py\":{}}"), 400,
         "Bad request: modules cannot be set: this server takes no modules beside a script's "
         "content"},
        {BASH(",\"has_preprocessor\":true"), 400,
         "Bad request: has_preprocessor cannot be set: bash scripts have no functions"},
        {BASH(",\"priority\":101"), 400,
         "Bad request: priority: expected an integer from 0 to 100"},
        {BASH(",\"cache_ttl\":1.5"), 400,
         "Bad request: cache_ttl: expected an integer from 0 to 2147483647"},
        {BASH(",\"dedicated_worker\":1"), 422,
         SHAPE "dedicated_worker: expected a boolean, found number"},
        {BASH(",\"envs\":[1]"), 422, SHAPE "envs: expected an array of strings, found array"},
        {BASH(",\"envs\":[\"A=1\",\"WM_TOKEN=x\"]"), 400, ENVS("WM_TOKEN")},
        {BASH(",\"envs\":[\"=x\"]"), 400, ENVS("")},
        {BASH(",\"envs\":[\"A B=x\"]"), 400, ENVS("A B")},
        {BASH(",\"labels\":\"x\""), 422,
         SHAPE "labels: expected an array of strings, found string"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        api_assert_error(create(f, rows[i].body), rows[i].status, rows[i].text);
    }
}

static struct api_answer list(struct api_fixture *f, const char *query)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, "/api/w/main/scripts/list?%s", query));
    return api_ask(f, "listScripts", "GET", target.ptr, NULL);
}

/* Paths that are listed, by their last letter. */
static void assert_lists(struct api_fixture *f, const char *query, const char *letters)
{
    struct api_answer answer = list(f, query);
    char text[16] = "";
    assert_int_equal(answer.status, 200);
    assert_true(answer.value.count < sizeof(text));
    for (uint32_t i = 0; i < answer.value.count; i++) {
        struct arras_str path = ar_text(ar_get_z(ar_item(&answer.value, i), "path"));
        text[i] = path.ptr[path.len - 1];
    }
    assert_string_equal(text, letters);
}

static void lists_are_filtered(void **state)
{
    struct api_fixture *f = *state;
    create(f, "{\"path\":\"u/x/a\",\"content\":\"\",\"language\":\"bash\",\"is_template\":true}");
    create(f, "{\"path\":\"u/x/b\",\"content\":\"\",\"language\":\"python3\",\"labels\":[\"l\"]}");
    create(f, "{\"path\":\"f/y/c\",\"content\":\"\",\"language\":\"bash\",\"kind\":\"trigger\","
              "\"deployment_message\":\"why\",\"description\":\"D\"}");
    assert_lists(f, "", "cba");
    assert_lists(f, "order_desc=false", "abc");
    assert_lists(f, "path_start=u%2Fx", "ba");
    assert_lists(f, "path_exact=u/x/a", "a");
    assert_lists(f, "kinds=trigger,approval", "c");
    assert_lists(f, "languages=python3", "b");
    assert_lists(f, "label=l", "b");
    assert_lists(f, "is_template=true", "a");
    assert_lists(f, "is_template=false", "cb");
    assert_lists(f, "dedicated_worker=true", "");
    assert_lists(f, "created_by=nobody", "");
    assert_lists(f, "starred_only=true", "");
    assert_lists(f, "per_page=1&page=2", "b");
    assert_lists(f, "per_page=2&path_start=u/&is_template=true", "a");
    assert_lists(f,
                 "page=0&per_page=10&show_archived=false&include_without_main=false"
                 "&include_draft_only=true",
                 "cba");
    struct api_answer c = list(f, "path_exact=f/y/c&with_deployment_msg=true");
    assert_str(ar_text(ar_get_z(ar_item(&c.value, 0), "deployment_msg")), "why");
    assert_str(ar_text(ar_get_z(ar_item(&c.value, 0), "description")), "D");
    c = list(f, "path_exact=f/y/c&without_description=true");
    assert_null(ar_get_z(ar_item(&c.value, 0), "description"));
    assert_null(ar_get_z(ar_item(&c.value, 0), "deployment_msg"));
    api_assert_error(list(f, "last_parent_hash=0123456789abcdef"), 400,
                     "Bad request: query parameter last_parent_hash: this server has no such "
                     "filter, only first_parent_hash");
    assert_str(api_ask(f, "listScriptPaths", "GET", "/api/w/main/scripts/list_paths", NULL).body,
               "[\"f/y/c\",\"u/x/b\",\"u/x/a\"]");
    struct api_answer found =
        api_ask(f, "listSearchScript", "GET", "/api/w/main/scripts/list_search", NULL);
    assert_int_equal(found.value.count, 3);
    f->token = MEMBER;
    assert_lists(f, "", "");
}

static void a_script_is_archived_and_comes_back(void **state)
{
    struct api_fixture *f = *state;
    const char *archive = "/api/w/main/scripts/archive/p/u/demo/hello";
    struct arras_str first = create(f, BASH("")).body;
    f->token = MEMBER;
    assert_int_equal(api_ask(f, "archiveScriptByPath", "POST", archive, NULL).status, 404);
    f->token = ADMIN;
    assert_int_equal(api_ask(f, "archiveScriptByPath", "POST", archive, NULL).status, 200);
    api_assert_error(api_ask(f, "archiveScriptByPath", "POST", archive, NULL), 404,
                     "Not found: Script not found at name u/demo/hello");
    assert_int_equal(get(f, "u/demo/hello").status, 404);
    assert_lists(f, "show_archived=true", "o");
    assert_lists(f, "", "");
    struct api_answer again = create(f, BASH(""));
    assert_int_equal(again.status, 201);
    assert_false(ar_str_eq(again.body, first));
    struct api_answer live = get(f, "u/demo/hello");
    assert_true(ar_str_eq(ar_text(ar_item(ar_get_z(&live.value, "parent_hashes"), 0)), first));
    struct api_answer archived =
        api_ask_of(f, "archiveScriptByHash", "POST", "scripts/archive/h/", again.body, "");
    assert_true(ar_get_z(&archived.value, "archived")->boolean);
    assert_int_equal(create(f, BASH("")).status, 201);
    assert_lists(f, "", "o");
}

static void versions_have_messages(void **state)
{
    struct api_fixture *f = *state;
    const char *history = "/api/w/main/scripts/history/p/u/demo/hello";
    struct arras_str first = create(f, BASH(",\"deployment_message\":\"one\"")).body;
    struct arras_str second = create(f, BASH(",\"summary\":\"2\",\"auto_parent\":true")).body;
    struct arras_str expected, target;
    assert_true(ar_str_printf(&f->arena, &expected,
                              "[{\"script_hash\":\"%.*s\"},{\"script_hash\":\"%.*s\","
                              "\"deployment_msg\":\"one\"}]",
                              AR_STR_ARG(second), AR_STR_ARG(first)));
    struct api_answer answer = api_ask(f, "getScriptHistoryByPath", "GET", history, NULL);
    assert_true(ar_str_eq(answer.body, expected));
    assert_true(ar_str_printf(&f->arena, &target,
                              "/api/w/main/scripts/history_update/h/%.*s/p/u/demo/hello",
                              AR_STR_ARG(second)));
    assert_int_equal(
        api_ask(f, "updateScriptHistory", "POST", target.ptr, "{\"deployment_msg\":\"two\"}")
            .status,
        200);
    answer = api_ask(f, "getScriptLatestVersion", "GET",
                     "/api/w/main/scripts/get_latest_version/u/demo/hello", NULL);
    assert_true(ar_str_eq(member(&answer, "script_hash"), second));
    assert_str(member(&answer, "deployment_msg"), "two");
    assert_int_equal(api_ask(f, "updateScriptHistory", "POST",
                             "/api/w/main/scripts/history_update/h/0123456789abcdef/p/u/x/y",
                             "{\"deployment_msg\":\"x\"}")
                         .status,
                     404);
    assert_str(api_ask_of(f, "rawScriptByHash", "GET", "scripts/raw/h/", first, "").body,
               "echo hi");
    assert_str(
        api_ask_of(f, "getScriptDeploymentStatus", "GET", "scripts/deployment_status/h/", first, "")
            .body,
        "{\"lock\":\"\",\"lock_error_logs\":null}");
}

static void scripts_are_deleted_by_administrators(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str first = create(f, BASH("")).body;
    const char *remove = "/api/w/main/scripts/delete/p/u/demo/hello";
    f->token = MEMBER;
    api_assert_error(api_ask(f, "deleteScriptByPath", "POST", remove, NULL), 403,
                     "Require Admin privileges for member");
    f->token = ADMIN;
    struct api_answer blank =
        api_ask_of(f, "deleteScriptByHash", "POST", "scripts/delete/h/", first, "");
    assert_int_equal(blank.status, 200);
    assert_str(member(&blank, "content"), "");
    assert_int_equal(get(f, "u/demo/hello").status, 404);
    assert_str(api_ask(f, "deleteScriptByPath", "POST", remove, NULL).body, "\"u/demo/hello\"");
    assert_int_equal(api_ask(f, "deleteScriptByPath", "POST", remove, NULL).status, 404);
    assert_int_equal(api_ask_of(f, "getScriptByHash", "GET", "scripts/get/h/", first, "").status,
                     404);
    api_deploy(f, "u/x/y");
    assert_str(api_ask(f, "deleteScriptsBulk", "DELETE", "/api/w/main/scripts/delete_bulk",
                       "{\"paths\":[\"u/x/y\",\"u/x/z\"]}")
                   .body,
               "[\"u/x/y\"]");
}

static void there_are_no_drafts(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/x/y");
    struct api_answer script =
        api_ask(f, "getScriptByPathWithDraft", "GET", "/api/w/main/scripts/get/draft/u/x/y", NULL);
    assert_str(member(&script, "path"), "u/x/y");
    assert_null(ar_get_z(&script.value, "draft"));
    api_assert_error(api_ask(f, "createDraft", "POST", "/api/w/main/drafts/create", "{}"), 501,
                     "Not implemented: this server keeps no drafts, only what is deployed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_script_is_read_as_it_was_deployed),
        TEST(what_differs_from_what_is_deployed_is_told),
        TEST(missing_and_null_texts_are_empty),
        TEST(unknown_scripts_are_told),
        TEST(bodies_of_the_wrong_shape_are_refused),
        TEST(paths_are_checked),
        TEST(versions_follow_one_another),
        TEST(an_earlier_content_may_come_back),
        TEST(what_did_not_change_keeps_its_version_where_asked),
        TEST(a_list_has_the_newest_of_each_path),
        TEST(settings_are_kept_and_count),
        TEST(a_script_says_how_long_its_jobs_are_kept),
        TEST(settings_that_would_not_count_are_refused),
        TEST(lists_are_filtered),
        TEST(a_script_is_archived_and_comes_back),
        TEST(versions_have_messages),
        TEST(scripts_are_deleted_by_administrators),
        TEST(there_are_no_drafts),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
