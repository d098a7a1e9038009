/* Variables, resources and their types: windmill-api.md section 4.5. */
#include "unit/jobs/api_fixture.h"

#define API "/api/w/main/"

static struct api_answer ask(struct api_fixture *f, const char *operation, const char *method,
                             const char *target, const char *body)
{
    return api_ask(f, operation, method, target, body);
}

static void create_variable(struct api_fixture *f, const char *body)
{
    struct api_answer answer = ask(f, "createVariable", "POST", API "variables/create", body);
    assert_int_equal(answer.status, 201);
}

static struct api_answer get_variable(struct api_fixture *f, const char *tail)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, API "variables/get/%s", tail));
    return ask(f, "getVariable", "GET", target.ptr, NULL);
}

static struct arras_str member(struct api_answer answer, const char *name)
{
    return ar_text(ar_get_z(&answer.value, name));
}

static bool stored_in_the_clear(struct api_fixture *f, const char *path, const char *text)
{
    struct ar_variable variable;
    assert_int_equal(ar_store_variable_get(f->api.store, AR_STR("main"), ar_str_z(path), &f->arena,
                                           NULL, &variable),
                     ARRAS_OK);
    return ar_str_find(variable.value, ar_str_z(text), 0) != AR_NOT_FOUND;
}

static void a_secret_is_encrypted_and_read_back(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"f/a/password\",\"value\":\"hunter2\",\"is_secret\":true,"
                       "\"description\":\"d\",\"labels\":[\"x\"]}");
    assert_false(stored_in_the_clear(f, "f/a/password", "hunter2"));
    assert_str(member(get_variable(f, "f/a/password"), "value"), "hunter2");
    assert_str(member(get_variable(f, "f/a/password"), "description"), "d");
    assert_str(ask(f, "getVariableValue", "GET", API "variables/get_value/f/a/password", NULL).body,
               "\"hunter2\"");
    struct api_answer hidden = get_variable(f, "f/a/password?decrypt_secret=false");
    assert_true(ar_is(ar_get_z(&hidden.value, "value"), ARRAS_NULL));
    struct api_answer list = ask(f, "listVariable", "GET", API "variables/list", NULL);
    assert_int_equal(list.value.count, 1);
    assert_true(ar_is(ar_get_z(ar_item(&list.value, 0), "value"), ARRAS_NULL));
    assert_true(ar_str_find(list.body, AR_STR("hunter2"), 0) == AR_NOT_FOUND);
}

static void an_encrypted_value_goes_out_and_comes_back(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"f/a/one\",\"value\":\"hunter2\",\"is_secret\":true}");
    struct arras_str sealed = member(
                         get_variable(f, "f/a/one?decrypt_secret=false&include_encrypted=true"),
                         "value"),
                     body;
    assert_true(sealed.len > 0 && !ar_str_is(sealed, "hunter2"));
    assert_true(ar_str_printf(&f->arena, &body,
                              "{\"path\":\"f/a/two\",\"value\":\"%.*s\",\"is_secret\":true}",
                              AR_STR_ARG(sealed)));
    struct api_answer made =
        ask(f, "createVariable", "POST", API "variables/create?already_encrypted=true", body.ptr);
    assert_int_equal(made.status, 201);
    assert_str(member(get_variable(f, "f/a/two"), "value"), "hunter2");
    api_assert_error(ask(f, "createVariable", "POST", API "variables/create?already_encrypted=true",
                         "{\"path\":\"f/a/three\",\"value\":\"00\",\"is_secret\":true}"),
                     400, "Bad request: the value was not encrypted with this server's key");
    sealed = ask(f, "encryptValue", "POST", API "variables/encrypt", "\"hunter2\"").body;
    assert_true(ar_str_find(sealed, AR_STR("hunter2"), 0) == AR_NOT_FOUND);
}

static void a_variable_is_changed_moved_and_deleted(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"f/a/v\",\"value\":\"1\",\"is_secret\":false}");
    create_variable(f, "{\"path\":\"f/a/w\",\"value\":\"2\",\"is_secret\":false}");
    api_assert_error(ask(f, "createVariable", "POST", API "variables/create",
                         "{\"path\":\"f/a/v\",\"value\":\"1\",\"is_secret\":false}"),
                     400, "Bad request: Variable f/a/v already exists");
    api_assert_error(
        ask(f, "updateVariable", "POST", API "variables/update/f/a/v", "{\"path\":\"f/a/w\"}"), 400,
        "Bad request: Variable f/a/w already exists");
    api_assert_error(
        ask(f, "updateVariable", "POST", API "variables/update/f/a/v", "{\"is_secret\":true}"), 400,
        "Bad request: cannot change is_secret without updating value too");
    assert_int_equal(ask(f, "updateVariable", "POST", API "variables/update/f/a/v",
                         "{\"path\":\"f/b/v\",\"value\":\"hunter2\",\"is_secret\":true}")
                         .status,
                     200);
    assert_false(stored_in_the_clear(f, "f/b/v", "hunter2"));
    assert_str(ask(f, "existsVariable", "GET", API "variables/exists/f/a/v", NULL).body, "false");
    assert_str(member(get_variable(f, "f/b/v"), "value"), "hunter2");
    assert_str(ask(f, "deleteVariable", "DELETE", API "variables/delete/f/b/v", NULL).body,
               "variable f/b/v deleted");
    api_assert_error(get_variable(f, "f/b/v"), 404, "Not found: Variable f/b/v not found");
}

static void wrong_variables_are_refused(void **state)
{
    struct api_fixture *f = *state;
    static const struct {
        int status;
        const char *body, *text;
    } cases[] = {
        {422, "{\"path\":\"f/a/v\",\"is_secret\":true}",
         "Failed to deserialize the JSON body into the target type: missing field `value`"},
        {422, "{\"path\":\"f/a/v\",\"value\":1,\"is_secret\":true}",
         "Failed to deserialize the JSON body into the target type: value: expected a string, "
         "found "
         "number"},
        {422, "{\"path\":\"f/a/v\",\"value\":\"\",\"is_secret\":\"no\"}",
         "Failed to deserialize the JSON body into the target type: is_secret: expected a boolean, "
         "found string"},
        {400, "{\"path\":\"v\",\"value\":\"\",\"is_secret\":false}",
         "Bad request: 'v' is not a path: expected u/USER/NAME or f/FOLDER/NAME of letters, "
         "digits, "
         "'_' and '-', at most 255 characters"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        api_assert_error(ask(f, "createVariable", "POST", API "variables/create", cases[i].body),
                         cases[i].status, cases[i].text);
    }
}

static void others_see_and_change_only_what_is_theirs(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"u/admin/v\",\"value\":\"1\",\"is_secret\":false}");
    f->token = MEMBER;
    create_variable(f, "{\"path\":\"u/member/v\",\"value\":\"1\",\"is_secret\":false}");
    api_assert_error(get_variable(f, "u/admin/v"), 401,
                     "Not authorized: Variable exists but you don't have access to it: u/admin/v");
    api_assert_error(ask(f, "createVariable", "POST", API "variables/create",
                         "{\"path\":\"u/admin/w\",\"value\":\"1\",\"is_secret\":false}"),
                     403, "Permission denied: member may not write at u/admin/w");
    api_assert_error(ask(f, "updateVariable", "POST", API "variables/update/u/member/v",
                         "{\"path\":\"u/admin/w\"}"),
                     403, "Permission denied: member may not write at u/admin/w");
    struct api_answer list = ask(f, "listVariable", "GET", API "variables/list", NULL);
    assert_int_equal(list.value.count, 1);
    assert_str(ar_text(ar_get_z(ar_item(&list.value, 0), "path")), "u/member/v");
}

static void lists_are_filtered_and_paged(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"f/a/1\",\"value\":\"red\",\"is_secret\":false,\"labels\":"
                       "[\"x\",\"y\"]}");
    create_variable(f, "{\"path\":\"f/a/2\",\"value\":\"red\",\"is_secret\":true}");
    create_variable(f, "{\"path\":\"f/b/3\",\"value\":\"blue\",\"is_secret\":false,"
                       "\"description\":\"the sky\"}");
    static const struct {
        const char *query;
        size_t count;
    } cases[] = {{"?path_start=f/a/", 2},   {"?path=f/b/3", 1},        {"?value=red", 1},
                 {"?label=y", 1},           {"?description=sky", 1},   {"?per_page=2", 2},
                 {"?per_page=2&page=2", 1}, {"?per_page=2&page=3", 0}, {"?label=z", 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arras_str target;
        assert_true(ar_str_printf(&f->arena, &target, API "variables/list%s", cases[i].query));
        assert_int_equal(ask(f, "listVariable", "GET", target.ptr, NULL).value.count,
                         cases[i].count);
    }
}

static void create_resource(struct api_fixture *f, const char *body)
{
    assert_int_equal(ask(f, "createResource", "POST", API "resources/create", body).status, 201);
}

static void a_resource_keeps_its_value_as_written(void **state)
{
    struct api_fixture *f = *state;
    create_resource(f, "{\"path\":\"f/a/db\",\"value\":{\"port\":5432,\"n\":19.10},"
                       "\"resource_type\":\"postgresql\",\"description\":\"d\"}");
    assert_str(ask(f, "getResourceValue", "GET", API "resources/get_value/f/a/db", NULL).body,
               "{\"port\":5432,\"n\":19.10}");
    struct api_answer resource = ask(f, "getResource", "GET", API "resources/get/f/a/db", NULL);
    assert_str(member(resource, "resource_type"), "postgresql");
    assert_str(member(resource, "created_by"), "admin");
    api_assert_error(ask(f, "createResource", "POST", API "resources/create",
                         "{\"path\":\"f/a/db\",\"value\":1,\"resource_type\":\"x\"}"),
                     400, "Bad request: Resource f/a/db already exists");
    assert_int_equal(ask(f, "createResource", "POST", API "resources/create?update_if_exists=true",
                         "{\"path\":\"f/a/db\",\"value\":[1],\"resource_type\":\"x\"}")
                         .status,
                     201);
    assert_str(ask(f, "updateResourceValue", "POST", API "resources/update_value/f/a/db",
                   "{\"value\":null}")
                   .body,
               "value of resource f/a/db updated");
    assert_str(ask(f, "getResourceValue", "GET", API "resources/get_value/f/a/db", NULL).body,
               "null");
    assert_str(
        ask(f, "updateResource", "POST", API "resources/update/f/a/db", "{\"path\":\"f/a/new\"}")
            .body,
        "resource f/a/db updated (npath: \"f/a/new\")");
    assert_str(ask(f, "existsResource", "GET", API "resources/exists/f/a/new", NULL).body, "true");
    assert_str(ask(f, "deleteResource", "DELETE", API "resources/delete/f/a/new", NULL).body,
               "resource f/a/new deleted");
    api_assert_error(ask(f, "getResource", "GET", API "resources/get/f/a/new", NULL), 404,
                     "Not found: Resource f/a/new not found");
}

static void resources_refer_to_variables_and_to_each_other(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"f/a/pw\",\"value\":\"hunter2\",\"is_secret\":true}");
    create_resource(f, "{\"path\":\"f/a/db\",\"resource_type\":\"postgresql\",\"value\":"
                       "{\"password\":\"$var:f/a/pw\",\"ports\":[\"$var:f/a/pw\",1]}}");
    create_resource(f, "{\"path\":\"f/a/app\",\"resource_type\":\"app\",\"value\":"
                       "{\"db\":\"$res:f/a/db\",\"text\":\"a $var:f/a/pw\"}}");
    assert_str(ask(f, "getResourceValueInterpolated", "GET",
                   API "resources/get_value_interpolated/f/a/app", NULL)
                   .body,
               "{\"db\":{\"password\":\"hunter2\",\"ports\":[\"hunter2\",1]},"
               "\"text\":\"a $var:f/a/pw\"}");
    create_resource(f, "{\"path\":\"f/a/x\",\"resource_type\":\"x\",\"value\":\"$res:f/a/y\"}");
    api_assert_error(ask(f, "getResourceValueInterpolated", "GET",
                         API "resources/get_value_interpolated/f/a/x", NULL),
                     404, "Not found: Resource f/a/y not found");
    create_resource(f, "{\"path\":\"f/a/y\",\"resource_type\":\"x\",\"value\":[\"$res:f/a/x\"]}");
    api_assert_error(ask(f, "getResourceValueInterpolated", "GET",
                         API "resources/get_value_interpolated/f/a/x", NULL),
                     400, "Bad request: Resource f/a/y refers to others in a circle");
    create_resource(f, "{\"path\":\"f/a/env\",\"resource_type\":\"x\",\"value\":{\"by\":"
                       "\"$WM_USERNAME\",\"job\":\"$WM_JOB_ID\",\"price\":\"$5\"}}");
    assert_str(
        api_ask(f, "getResourceValueInterpolated", "GET",
                API "resources/get_value_interpolated/f/a/env"
                    "?job_id=019e61a5-f488-7af2-8000-000000000001",
                NULL)
            .body,
        "{\"by\":\"admin\",\"job\":\"019e61a5-f488-7af2-8000-000000000001\",\"price\":\"$5\"}");
}

static void a_reference_does_not_lead_around_permissions(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"u/admin/pw\",\"value\":\"hunter2\",\"is_secret\":true}");
    f->token = MEMBER;
    create_resource(f, "{\"path\":\"u/member/r\",\"resource_type\":\"x\",\"value\":"
                       "\"$var:u/admin/pw\"}");
    api_assert_error(ask(f, "getResourceValueInterpolated", "GET",
                         API "resources/get_value_interpolated/u/member/r", NULL),
                     400, "Bad request: no access to Variable u/admin/pw");
}

static void resources_are_listed_by_type(void **state)
{
    struct api_fixture *f = *state;
    create_resource(f, "{\"path\":\"f/a/1\",\"value\":1,\"resource_type\":\"sql\"}");
    create_resource(f, "{\"path\":\"f/a/2\",\"value\":2,\"resource_type\":\"mysql\"}");
    create_resource(f, "{\"path\":\"f/a/3\",\"value\":3,\"resource_type\":\"state\"}");
    static const struct {
        const char *query;
        size_t count;
    } cases[] = {{"", 3},
                 {"?resource_type=sql", 1},
                 {"?resource_type=sql,state", 2},
                 {"?resource_type_exclude=state", 2}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arras_str target;
        assert_true(ar_str_printf(&f->arena, &target, API "resources/list%s", cases[i].query));
        assert_int_equal(ask(f, "listResource", "GET", target.ptr, NULL).value.count,
                         cases[i].count);
    }
    assert_str(
        ask(f, "listSearchResource", "GET", API "resources/list_search?path=f/a/2", NULL).body,
        "[{\"path\":\"f/a/2\",\"value\":2}]");
}

static void types_of_resources(void **state)
{
    struct api_fixture *f = *state;
    assert_int_equal(ask(f, "createResourceType", "POST", API "resources/type/create",
                         "{\"name\":\"c_db\",\"schema\":{\"type\":\"object\"}}")
                         .status,
                     201);
    assert_int_equal(ask(f, "createResourceType", "POST", API "resources/type/create",
                         "{\"name\":\"c_ini\",\"format_extension\":\"ini\"}")
                         .status,
                     201);
    assert_str(ask(f, "listResourceTypeNames", "GET", API "resources/type/listnames", NULL).body,
               "[\"c_db\",\"c_ini\"]");
    assert_str(ask(f, "fileResourceTypeToFileExtMap", "GET",
                   API "resources/file_resource_type_to_file_ext_map", NULL)
                   .body,
               "{\"c_ini\":{\"format_extension\":\"ini\",\"is_fileset\":false}}");
    assert_int_equal(ask(f, "updateResourceType", "POST", API "resources/type/update/c_db",
                         "{\"description\":\"ours\"}")
                         .status,
                     200);
    struct api_answer type = ask(f, "getResourceType", "GET", API "resources/type/get/c_db", NULL);
    assert_str(member(type, "description"), "ours");
    assert_true(ar_is(ar_get_z(&type.value, "schema"), ARRAS_OBJECT));
    assert_int_equal(ask(f, "listResourceType", "GET", API "resources/type/list", NULL).value.count,
                     2);
    assert_str(ask(f, "deleteResourceType", "DELETE", API "resources/type/delete/c_db", NULL).body,
               "resource_type c_db deleted");
    assert_str(ask(f, "existsResourceType", "GET", API "resources/type/exists/c_db", NULL).body,
               "false");
    f->token = MEMBER;
    api_assert_error(
        ask(f, "deleteResourceType", "DELETE", API "resources/type/delete/c_ini", NULL), 403,
        "Permission denied: Require Admin privileges for member");
}

static void several_are_deleted_at_once(void **state)
{
    struct api_fixture *f = *state;
    create_variable(f, "{\"path\":\"u/member/a\",\"value\":\"\",\"is_secret\":false}");
    create_variable(f, "{\"path\":\"f/a/b\",\"value\":\"\",\"is_secret\":false}");
    create_resource(f,
                    "{\"path\":\"u/member/a\",\"value\":{\"name\":\"n\"},\"resource_type\":\"t\"}");
    create_resource(f, "{\"path\":\"u/member/c\",\"value\":[],\"resource_type\":\"t\"}");
    create_resource(f, "{\"path\":\"u/member/d\",\"value\":[],\"resource_type\":\"other\"}");
    struct api_answer names =
        ask(f, "listResourceNames", "GET", API "resources/list_names/t", NULL);
    assert_str(names.body, "[{\"name\":\"n\",\"path\":\"u/member/a\"},"
                           "{\"name\":\"u/member/c\",\"path\":\"u/member/c\"}]");
    f->token = MEMBER; /* what is another's, or is not there, is passed over */
    const char *paths = "{\"paths\":[\"u/member/c\",\"f/a/b\",\"u/member/x\"]}";
    assert_str(ask(f, "deleteResourcesBulk", "DELETE", API "resources/delete_bulk", paths).body,
               "[\"u/member/c\"]");
    paths = "{\"paths\":[\"u/member/a\",\"f/a/b\"]}";
    assert_str(ask(f, "deleteVariablesBulk", "DELETE", API "variables/delete_bulk", paths).body,
               "[\"u/member/a\"]");
    api_assert_error(
        ask(f, "deleteVariablesBulk", "DELETE", API "variables/delete_bulk", "{\"paths\":[1]}"),
        422,
        "Failed to deserialize the JSON body into the target type: paths: expected an array of "
        "at "
        "most 10000 strings");
    f->token = ADMIN;
    assert_int_equal(ask(f, "listVariable", "GET", API "variables/list", NULL).value.count, 1);
}

int main(void)
{
#define API_TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)
    const struct CMUnitTest tests[] = {
        API_TEST(a_secret_is_encrypted_and_read_back),
        API_TEST(an_encrypted_value_goes_out_and_comes_back),
        API_TEST(a_variable_is_changed_moved_and_deleted),
        API_TEST(wrong_variables_are_refused),
        API_TEST(others_see_and_change_only_what_is_theirs),
        API_TEST(lists_are_filtered_and_paged),
        API_TEST(a_resource_keeps_its_value_as_written),
        API_TEST(resources_refer_to_variables_and_to_each_other),
        API_TEST(a_reference_does_not_lead_around_permissions),
        API_TEST(resources_are_listed_by_type),
        API_TEST(types_of_resources),
        API_TEST(several_are_deleted_at_once),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
