/* A workspace as an archive: windmill-api.md section 5, sync. */
#include "jobs/api/zip.h"
#include "unit/jobs/api_fixture.h"

#define API "/api/w/main/"
#define TARBALL API "workspaces/tarball"

static void create(struct api_fixture *f, const char *operation, const char *target,
                   const char *body)
{
    assert_int_equal(api_ask(f, operation, "POST", target, body).status, 201);
}

static struct arras_str get(struct api_fixture *f, const char *target)
{
    struct api_answer answer = api_ask(f, "tarballWorkspace", "GET", target, NULL);
    assert_int_equal(answer.status, 200);
    return answer.body;
}

static uint32_t number(struct arras_str archive, size_t at, unsigned bytes)
{
    uint32_t value = 0;
    assert_true(at + bytes <= archive.len);
    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint32_t)(unsigned char)archive.ptr[at + i] << (8 * i);
    }
    return value;
}

/* The content of a file, found by the directory as readers do; its ptr NULL: there is none. */
static struct arras_str file(struct arras_str archive, const char *name)
{
    size_t end = archive.len - 22;
    assert_true(archive.len >= 22 && number(archive, end, 4) == 0x06054b50);
    size_t at = number(archive, end + 16, 4);
    for (uint32_t i = 0; i < number(archive, end + 10, 2); i++) {
        assert_int_equal(number(archive, at, 4), 0x02014b50);
        uint32_t name_len = number(archive, at + 28, 2), size = number(archive, at + 24, 4);
        struct arras_str found = ar_str_sub(archive, at + 46, at + 46 + name_len);
        size_t local = number(archive, at + 42, 4);
        struct arras_str content =
            ar_str_sub(archive, local + 30 + name_len, local + 30 + name_len + size);
        assert_int_equal(number(archive, local, 4), 0x04034b50);
        assert_int_equal(number(archive, local + 14, 4), ar_crc32(content));
        if (ar_str_is(found, name)) {
            return content;
        }
        at += 46 + name_len;
    }
    assert_int_equal(at, end);
    return (struct arras_str){NULL, 0};
}

static bool holds(struct arras_str text, const char *part)
{
    return ar_str_find(text, ar_str_z(part), 0) != AR_NOT_FOUND;
}

static void the_checksum_is_the_known_one(void **state)
{
    (void)state;
    assert_int_equal(ar_crc32(AR_STR("123456789")), 0xcbf43926);
    assert_int_equal(ar_crc32(AR_STR("")), 0);
}

static void an_empty_workspace_is_an_empty_archive(void **state)
{
    struct arras_str archive = get(*state, TARBALL "?archive_type=zip");
    assert_int_equal(archive.len, 22);
    assert_null(file(archive, "anything").ptr);
}

static void scripts_are_code_and_what_is_known_of_it(void **state)
{
    struct api_fixture *f = *state;
    create(f, "createScript", API "scripts/create",
           "{\"path\":\"f/a/one\",\"summary\":\"s\",\"content\":\"print(1)\",\"language\":"
           "\"python3\",\"schema\":{\"type\":\"object\"},\"tag\":\"t\",\"timeout\":9}");
    create(f, "createScript", API "scripts/create",
           "{\"path\":\"f/a/two\",\"content\":\"1\",\"language\":\"bun\"}");
    create(f, "createScript", API "scripts/create",
           "{\"path\":\"f/a/three\",\"content\":\"2\",\"language\":\"deno\"}");
    struct arras_str archive = get(f, TARBALL "?archive_type=zip");
    assert_str(file(archive, "f/a/one.py"), "print(1)");
    assert_str(file(archive, "f/a/one.script.json"),
               "{\n  \"summary\": \"s\",\n  \"description\": \"\",\n  \"lock\": \"\",\n"
               "  \"kind\": \"script\",\n  \"schema\": {\n    \"type\": \"object\"\n  },\n"
               "  \"tag\": \"t\",\n  \"timeout\": 9\n}");
    assert_str(file(archive, "f/a/two.ts"), "1");
    assert_str(file(archive, "f/a/three.deno.ts"), "2");
    archive = get(f, TARBALL "?default_ts=deno");
    assert_str(file(archive, "f/a/two.bun.ts"), "1");
    assert_str(file(archive, "f/a/three.ts"), "2");
}

static void make_values(struct api_fixture *f)
{
    create(f, "createVariable", API "variables/create",
           "{\"path\":\"f/a/open\",\"value\":\"v\",\"is_secret\":false,\"description\":\"d\"}");
    create(f, "createVariable", API "variables/create",
           "{\"path\":\"f/a/password\",\"value\":\"hunter2\",\"is_secret\":true}");
    create(f, "createResourceType", API "resources/type/create", "{\"name\":\"c_db\"}");
    create(f, "createResource", API "resources/create",
           "{\"path\":\"f/a/db\",\"value\":{\"host\":\"h\"},\"resource_type\":\"c_db\"}");
}

static void values_are_files_and_secrets_are_encrypted(void **state)
{
    struct api_fixture *f = *state;
    make_values(f);
    struct arras_str archive = get(f, TARBALL);
    assert_str(file(archive, "f/a/open.variable.json"),
               "{\n  \"value\": \"v\",\n  \"is_secret\": false,\n  \"description\": \"d\"\n}");
    assert_str(file(archive, "f/a/db.resource.json"),
               "{\n  \"value\": {\n    \"host\": \"h\"\n  },\n  \"description\": \"\",\n"
               "  \"resource_type\": \"c_db\"\n}");
    assert_str(file(archive, "c_db.resource-type.json"),
               "{\n  \"schema\": null,\n  \"description\": \"\"\n}");
    assert_true(holds(file(archive, "f/a/password.variable.json"), "\"is_secret\": true"));
    assert_false(holds(archive, "hunter2"));
    archive = get(f, TARBALL "?plain_secret=true");
    assert_true(holds(file(archive, "f/a/password.variable.json"), "\"value\": \"hunter2\""));
}

static void kinds_are_left_out(void **state)
{
    struct api_fixture *f = *state;
    make_values(f);
    assert_null(file(get(f, TARBALL "?skip_secrets=true"), "f/a/password.variable.json").ptr);
    assert_non_null(file(get(f, TARBALL "?skip_secrets=true"), "f/a/open.variable.json").ptr);
    struct arras_str archive = get(f, TARBALL "?skip_variables=true&skip_resources=true"
                                              "&skip_resource_types=true");
    assert_int_equal(archive.len, 22);
}

static void nobody_gets_what_they_may_not_read(void **state)
{
    struct api_fixture *f = *state;
    make_values(f);
    create(f, "createScript", API "scripts/create",
           "{\"path\":\"u/admin/one\",\"content\":\"1\",\"language\":\"bash\"}");
    f->token = MEMBER;
    struct arras_str archive = get(f, TARBALL "?plain_secret=true");
    assert_false(holds(archive, "hunter2"));
    assert_null(file(archive, "f/a/db.resource.json").ptr);
    assert_null(file(archive, "u/admin/one.sh").ptr);
    f->token = NULL;
    assert_int_equal(api_send(f, "GET", TARBALL, NULL, 0, NULL).status, 401);
}

static void other_archives_are_refused(void **state)
{
    struct api_fixture *f = *state;
    api_assert_error(api_ask(f, "tarballWorkspace", "GET", TARBALL "?archive_type=tar", NULL), 400,
                     "Bad request: Invalid Archive Type: this server makes zip only");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_the_known_one),
        cmocka_unit_test_setup_teardown(an_empty_workspace_is_an_empty_archive, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(scripts_are_code_and_what_is_known_of_it, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(values_are_files_and_secrets_are_encrypted, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(kinds_are_left_out, api_set_up, api_tear_down),
        cmocka_unit_test_setup_teardown(nobody_gets_what_they_may_not_read, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(other_archives_are_refused, api_set_up, api_tear_down),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
