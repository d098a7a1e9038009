/* What jobs get for "$var:PATH" and "$res:PATH" in their arguments: windmill-api.md section 6.7. */
#include "jobs/worker/arguments.h"
#include "unit/jobs/workers_fixture.h"
#include "value/json.h"

static void add_variable(struct jobs_fixture *t, const char *path, const char *value, bool secret)
{
    struct ar_variable variable = {.workspace = AR_STR("w"),
                                   .path = ar_str_z(path),
                                   .value = ar_str_z(value),
                                   .secret = secret,
                                   .edited_by = AR_STR("admin")};
    if (secret) {
        assert_int_equal(
            ar_secret_seal(&jobs_key, AR_STR("w"), ar_str_z(value), &t->arena, &variable.value),
            ARRAS_OK);
    }
    assert_int_equal(ar_store_variable_add(t->store, &variable, NULL), ARRAS_OK);
}

static void add_resource(struct jobs_fixture *t, const char *path, const char *value)
{
    const struct ar_resource resource = {.workspace = AR_STR("w"),
                                         .path = ar_str_z(path),
                                         .value = ar_str_z(value),
                                         .type = AR_STR("any"),
                                         .created_by = AR_STR("admin")};
    assert_int_equal(ar_store_resource_add(t->store, &resource, NULL), ARRAS_OK);
}

static void fill(struct jobs_fixture *t)
{
    add_variable(t, "u/admin/plain", "blue", false);
    add_variable(t, "u/admin/secret", "hunter2", true);
    add_variable(t, "u/bob/his", "no", false);
    add_resource(t, "u/admin/db", "{\"host\":\"h\",\"password\":\"$var:u/admin/secret\"}");
}

static void references_are_filled_in_as_the_user_may_read(void **state)
{
    static const struct {
        const char *args, *expected; /* or the error */
    } cases[] = {
        {"{\"a\":\"$var:u/admin/plain\",\"b\":[1,\"x\"]}", "{\"a\":\"blue\",\"b\":[1,\"x\"]}"},
        {"{\"a\":\"\\u0024var:u/admin/secret\"}", "{\"a\":\"hunter2\"}"},
        {"{\"a\":{\"b\":[\"$res:u/admin/db\"]}}",
         "{\"a\":{\"b\":[{\"host\":\"h\",\"password\":\"hunter2\"}]}}"},
        {"{\"a\":\"costs $var:u/admin/plain\"}", "{\"a\":\"costs $var:u/admin/plain\"}"},
        {"{\"a\":\"$var:u/admin/none\"}", "Variable u/admin/none not found for `a`"},
        {"{\"n\":1,\"db\":\"$res:u/admin/none\"}", "Resource u/admin/none not found for `db`"},
        {"{\"a\":\"$var:u/bob/his\"}", "no access to Variable u/bob/his for `a`"},
        {"[1]", "the job's arguments are no JSON object"},
        {"{\"a\":\"$WM_WORKSPACE\",\"b\":[\"$WM_NONE\",\"$5\",\"$HOME\",\"$WM_X=1\"]}",
         "{\"a\":\"w\",\"b\":[\"$WM_NONE\",\"$5\",\"$HOME\",\"$WM_X=1\"]}"},
        {"{\"a\":\"$encrypted:00\"}",
         "an encrypted value was not encrypted for this workspace for `a`"},
    };
    struct jobs_fixture *t = *state;
    fill(t);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct ar_job job = jobs_script("bash", "", cases[i].args);
        struct ar_diags diags;
        struct arras_value value;
        struct ar_buf buf;
        ar_diags_init(&diags, &t->arena);
        ar_buf_init(&buf, 4096);
        const struct arras_str environment[] = {AR_STR("HOME=/"), AR_STR("WM_WORKSPACE=w")};
        enum arras_status status =
            ar_job_arguments(t->store, &jobs_key, &job, environment, 2, &t->arena, &diags, &value);
        if (status == ARRAS_OK) {
            ar_json_write(&buf, &value, ARRAS_WRITE_COMPACT);
        } else {
            assert_int_equal(status, ARRAS_INVALID);
            ar_buf_add_str(&buf, ar_diags_first_error(&diags)->message);
        }
        ar_buf_add_char(&buf, '\0');
        assert_string_equal(ar_buf_str(&buf).ptr, cases[i].expected);
        ar_buf_release(&buf);
    }
}

static void a_job_gets_them_and_the_store_does_not(void **state)
{
    struct jobs_fixture *t = *state;
    fill(t);
    struct ar_job job =
        jobs_run(t, "bash", "word=\"$1\"\necho \"${#word}\"", "{\"word\":\"$var:u/admin/secret\"}");
    assert_str(job.result, "\"7\"");
    assert_str(job.args, "{\"word\":\"$var:u/admin/secret\"}");
    struct arras_str sealed, args;
    assert_int_equal(
        ar_secret_seal(&jobs_key, AR_STR("w"), AR_STR("open sesame"), &t->arena, &sealed),
        ARRAS_OK);
    assert_true(ar_str_printf(&t->arena, &args,
                              "{\"word\":\"$encrypted:%.*s\",\"id\":\"$WM_JOB_ID\"}",
                              AR_STR_ARG(sealed)));
    job = jobs_run(t, "bash",
                   "word=\"$1\"\nid=\"$2\"\n[ \"$id\" = \"$WM_JOB_ID\" ] && echo \"${word#open }\"",
                   args.ptr);
    assert_str(job.result, "\"sesame\"");
    job = jobs_run(t, "bash", "word=\"$1\"\necho", "{\"word\":\"$var:u/admin/gone\"}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "Variable u/admin/gone not found for `word`");
}

static int run_everywhere(void)
{
    const struct CMUnitTest tests[] = {
        TEST(references_are_filled_in_as_the_user_may_read),
        TEST(a_job_gets_them_and_the_store_does_not),
    };
    return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    return jobs_test_main(argc, argv, run_everywhere, NULL);
}
