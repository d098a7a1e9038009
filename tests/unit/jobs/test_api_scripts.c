/* Deploying and reading scripts: windmill-api.md section 4.4. */
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_script_is_read_as_it_was_deployed),
        TEST(missing_and_null_texts_are_empty),
        TEST(unknown_scripts_are_told),
        TEST(bodies_of_the_wrong_shape_are_refused),
        TEST(paths_are_checked),
        TEST(versions_follow_one_another),
        TEST(an_earlier_content_may_come_back),
        TEST(what_did_not_change_keeps_its_version_where_asked),
        TEST(a_list_has_the_newest_of_each_path),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
