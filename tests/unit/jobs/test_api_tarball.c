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

static uint32_t count(struct arras_str archive)
{
    assert_true(archive.len >= 22 && number(archive, archive.len - 22, 4) == 0x06054b50);
    return number(archive, archive.len - 22 + 10, 2);
}

/* Where the directory has its file of that number. */
static size_t entry(struct arras_str archive, uint32_t index)
{
    size_t at = number(archive, archive.len - 22 + 16, 4);
    for (uint32_t i = 0; i < index; i++) {
        at += 46 + number(archive, at + 28, 2);
    }
    assert_int_equal(number(archive, at, 4), 0x02014b50);
    return at;
}

static struct arras_str name_at(struct arras_str archive, uint32_t index)
{
    size_t at = entry(archive, index);
    return ar_str_sub(archive, at + 46, at + 46 + number(archive, at + 28, 2));
}

/* The content of a file, found by the directory as readers do; its ptr NULL: there is none. */
static struct arras_str file(struct arras_str archive, const char *name)
{
    for (uint32_t i = 0; i < count(archive); i++) {
        size_t at = entry(archive, i), local = number(archive, at + 42, 4);
        struct arras_str found = name_at(archive, i);
        size_t from = local + 30 + found.len;
        struct arras_str content = ar_str_sub(archive, from, from + number(archive, at + 24, 4));
        assert_int_equal(number(archive, local, 4), 0x04034b50);
        assert_int_equal(number(archive, local + 14, 4), ar_crc32(content));
        if (ar_str_is(found, name)) {
            return content;
        }
    }
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

static void an_empty_workspace_is_its_folders(void **state)
{
    struct arras_str archive = get(*state, TARBALL "?archive_type=zip");
    assert_null(file(archive, "anything").ptr);
    for (uint32_t i = 0; i < count(archive); i++) {
        assert_true(ar_str_ends(name_at(archive, i), "/folder.meta.json"));
    }
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
    for (uint32_t i = 0; i < count(archive); i++) {
        assert_true(ar_str_ends(name_at(archive, i), "/folder.meta.json"));
    }
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

static void folders_and_schedules_are_files(void **state)
{
    struct api_fixture *f = *state;
    struct api_answer made = api_ask(f, "createFolder", "POST", API "folders/create",
                                     "{\"name\":\"team\",\"owners\":[\"u/admin\"],"
                                     "\"extra_perms\":{},\"summary\":\"s\"}");
    assert_int_equal(made.status, 200);
    create(f, "createScript", API "scripts/create",
           "{\"path\":\"f/team/one\",\"content\":\"1\",\"language\":\"bash\"}");
    create(f, "createSchedule", API "schedules/create",
           "{\"path\":\"f/team/tick\",\"schedule\":\"0 0 12 * * *\",\"timezone\":\"UTC\","
           "\"script_path\":\"f/team/one\",\"is_flow\":false,\"args\":{}}");
    struct arras_str archive = get(f, TARBALL "?include_schedules=true");
    struct arras_str folder = file(archive, "f/team/folder.meta.json");
    assert_true(holds(folder, "\"summary\": \"s\"") && holds(folder, "\"u/admin\""));
    struct arras_str schedule = file(archive, "f/team/tick.schedule.json");
    assert_true(holds(schedule, "\"schedule\": \"0 0 12 * * *\""));
    assert_false(holds(schedule, "permissioned_as") || holds(schedule, "email"));
    assert_null(file(get(f, TARBALL), "f/team/tick.schedule.json").ptr);
}

static void a_token_with_scopes_gets_nothing(void **state)
{
    struct api_fixture *f = *state;
    struct api_answer made = api_ask(f, "createToken", "POST", "/api/users/tokens/create",
                                     "{\"scopes\":[\"workspaces:read\"]}");
    struct arras_str token;
    assert_int_equal(made.status, 201);
    assert_true(ar_str_printf(&f->arena, &token, "%.*s", AR_STR_ARG(made.body)));
    f->token = token.ptr;
    api_assert_error(api_ask(f, "tarballWorkspace", "GET", TARBALL, NULL), 403,
                     "Permission denied: a token with scopes is not for all of a workspace");
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
        cmocka_unit_test_setup_teardown(an_empty_workspace_is_its_folders, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(scripts_are_code_and_what_is_known_of_it, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(values_are_files_and_secrets_are_encrypted, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(kinds_are_left_out, api_set_up, api_tear_down),
        cmocka_unit_test_setup_teardown(nobody_gets_what_they_may_not_read, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(folders_and_schedules_are_files, api_set_up, api_tear_down),
        cmocka_unit_test_setup_teardown(a_token_with_scopes_gets_nothing, api_set_up,
                                        api_tear_down),
        cmocka_unit_test_setup_teardown(other_archives_are_refused, api_set_up, api_tear_down),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
