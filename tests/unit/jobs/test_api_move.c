/* Jobs that are taken from one server to another, many at once, and what all schedules tell. */
#include "unit/jobs/api_fixture.h"
#include "value/json.h"

#define W "/api/w/main"
#define EXPORT W "/jobs/completed/export"
#define EXPORT_QUEUED W "/jobs/queue/export"

static struct api_answer post(struct api_fixture *f, const char *operation, const char *target,
                              const char *body)
{
    return api_ask(f, operation, "POST", target, body);
}

static struct api_answer get(struct api_fixture *f, const char *operation, const char *target)
{
    return api_ask(f, operation, "GET", target, NULL);
}

static const char *body_of(struct api_fixture *f, struct api_answer answer)
{
    return ar_str_to_z(answer.body, &f->arena);
}

/* The ids of an export, as a body. */
static const char *ids_of(struct api_fixture *f, struct api_answer answer)
{
    struct ar_list ids;
    struct arras_str text;
    ar_list_init(&ids, &f->arena);
    for (size_t i = 0; ar_item(&answer.value, i); i++) {
        assert_true(ar_list_push(&ids, *ar_get_z(ar_item(&answer.value, i), "id")));
    }
    struct arras_value value = ar_list_value(&ids);
    assert_int_equal(ar_json_text(&value, ARRAS_WRITE_COMPACT, 1 << 20, &f->arena, &text),
                     ARRAS_OK);
    return ar_str_to_z(text, &f->arena);
}

/* A success with a log, a failed preview, one that was canceled; one runs, one waits, and one waits
 * that a schedule made. */
static void fill(struct api_fixture *f)
{
    api_deploy(f, "u/demo/hello");
    struct arras_str first = api_submit(f);
    struct ar_job job = api_take(f);
    assert_int_equal(ar_store_log_append(f->api.store, job.id, AR_STR("said\n"), NULL), ARRAS_OK);
    api_complete(f, &job, true, "{\"big\":12345678901234567890123}");
    assert_int_equal(post(f, "runScriptPreview", W "/jobs/run/preview",
                          "{\"content\":\"false\",\"language\":\"bash\",\"args\":{\"a\":[1]}}")
                         .status,
                     201);
    job = api_take(f);
    api_complete(f, &job, false, "{\"error\":{}}");
    struct arras_str canceled = api_submit(f);
    struct arras_str target;
    assert_true(
        ar_str_printf(&f->arena, &target, W "/jobs_u/queue/cancel/%.*s", AR_STR_ARG(canceled)));
    assert_int_equal(post(f, "cancelQueuedJob", target.ptr, "{}").status, 200);
    api_submit(f);
    api_take(f);
    assert_true(ar_str_printf(&f->arena, &target,
                              W "/jobs/run/p/u/demo/hello?parent_job=%.*s&scheduled_in_secs=1000",
                              AR_STR_ARG(first)));
    assert_int_equal(post(f, "runScriptByPath", target.ptr, "{\"name\":\"x\"}").status, 201);
    assert_int_equal(post(f, "createSchedule", W "/schedules/create",
                          "{\"path\":\"u/demo/tick\",\"schedule\":\"0 0 0 1 1 *\",\"timezone\":"
                          "\"UTC\",\"script_path\":\"u/demo/hello\",\"is_flow\":false,\"args\":{},"
                          "\"enabled\":true}")
                         .status,
                     201);
}

static void what_was_deleted_comes_back_by_an_import(void **state)
{
    struct api_fixture *f = *state;
    fill(f);
    struct api_answer completed = get(f, "exportCompletedJobs", EXPORT);
    struct api_answer queued = get(f, "exportQueuedJobs", EXPORT_QUEUED);
    assert_int_equal(completed.value.count, 3);
    assert_int_equal(queued.value.count, 1);
    assert_int_equal(get(f, "exportCompletedJobs", EXPORT "?per_page=2&page=2").value.count, 1);
    assert_str(ar_text(ar_get_z(ar_item(&completed.value, 0), "logs")), "said\n");
    assert_str(ar_text(ar_get_z(ar_item(&completed.value, 1), "raw_code")), "false");
    assert_null(ar_get_z(ar_item(&completed.value, 0), "raw_code"));
    api_assert_error(
        post(f, "importCompletedJobs", W "/jobs/completed/import", body_of(f, completed)), 400,
        "Bad request: some of these jobs are here already, so none was imported");
    assert_str(post(f, "deleteJobs", W "/jobs/delete", ids_of(f, completed)).body,
               "deleted 3 of 3 jobs");
    assert_str(post(f, "deleteJobs", W "/jobs/delete", ids_of(f, completed)).body,
               "deleted 0 of 3 jobs");
    assert_str(post(f, "deleteJobs", W "/jobs/delete", ids_of(f, queued)).body,
               "deleted 1 of 1 jobs");
    assert_int_equal(get(f, "exportCompletedJobs", EXPORT).value.count, 0);
    assert_int_equal(get(f, "listJobs", W "/jobs/list").value.count, 2);
    assert_str(
        post(f, "importCompletedJobs", W "/jobs/completed/import", body_of(f, completed)).body,
        "imported 3 jobs");
    assert_str(post(f, "importQueuedJobs", W "/jobs/queue/import", body_of(f, queued)).body,
               "imported 1 jobs");
    struct api_answer again = get(f, "exportCompletedJobs", EXPORT);
    assert_true(ar_str_eq(again.body, completed.body));
    assert_true(ar_str_eq(get(f, "exportQueuedJobs", EXPORT_QUEUED).body, queued.body));
}

/* Neither what runs nor what a schedule waits with. */
static void jobs_that_are_in_use_are_not_deleted(void **state)
{
    struct api_fixture *f = *state;
    fill(f);
    struct api_answer all = get(f, "listQueue", W "/jobs/queue/list");
    assert_int_equal(all.value.count, 3);
    assert_str(post(f, "deleteJobs", W "/jobs/delete", ids_of(f, all)).body, "deleted 1 of 3 jobs");
    assert_int_equal(get(f, "listQueue", W "/jobs/queue/list").value.count, 2);
    assert_int_equal(post(f, "deleteJobs", W "/jobs/delete", "[\"x\"]").status, 422);
    f->token = MEMBER;
    static const char *const names[] = {"importCompletedJobs", "importQueuedJobs", "deleteJobs"};
    static const char *const targets[] = {W "/jobs/completed/import", W "/jobs/queue/import",
                                          W "/jobs/delete"};
    for (size_t i = 0; i < 3; i++) {
        api_assert_error(post(f, names[i], targets[i], "[]"), 403,
                         "Require Admin privileges for member");
    }
    api_assert_error(get(f, "exportCompletedJobs", EXPORT), 403,
                     "Require Admin privileges for member");
    api_assert_error(get(f, "exportQueuedJobs", EXPORT_QUEUED), 403,
                     "Require Admin privileges for member");
}

#define JOB                                                                                        \
    "\"id\":\"019e61a5-f488-7af2-8000-000000000001\",\"created_by\":\"x\",\"created_at\":"         \
    "\"2026-01-02T03:04:05Z\",\"email\":\"root@localhost\",\"visible_to_owner\":true"
#define ID "Bad request: job 019e61a5-f488-7af2-8000-000000000001: "

static void wrong_jobs_are_named(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *body, *error;
        bool queued;
    } rows[] = {
        {"[{" JOB ",\"job_kind\":\"flow\",\"permissioned_as\":\"u/admin\"}]",
         ID "this server has no jobs of kind 'flow'", false},
        {"[{" JOB ",\"job_kind\":\"noop\",\"permissioned_as\":\"g/all\"}]",
         ID "needs id, created_at, created_by and permissioned_as (u/NAME)", false},
        {"[{" JOB ",\"job_kind\":\"noop\",\"permissioned_as\":\"u/admin\"}]",
         ID "status: expected success, failure, canceled or skipped", false},
        {"[{" JOB ",\"job_kind\":\"noop\",\"permissioned_as\":\"u/x\",\"status\":\"success\"}]",
         ID "has no completed_at", false},
        {"[{" JOB ",\"job_kind\":\"noop\",\"permissioned_as\":\"u/x\",\"timeout\":-1}]",
         ID "a number is none that fits", false},
        {"[{" JOB ",\"job_kind\":\"noop\",\"permissioned_as\":\"u/x\",\"args\":[]}]",
         ID "args: expected an object", false},
        {"[{" JOB ",\"job_kind\":\"noop\",\"permissioned_as\":\"u/nobody\"}]",
         ID "the user that it runs as is not a member of the workspace", true},
        {"[{" JOB ",\"job_kind\":\"script\",\"permissioned_as\":\"u/admin\",\"script_path\":"
         "\"f/a/b\"}]",
         ID "its script is not deployed here", true},
        {"[{" JOB ",\"job_kind\":\"preview\",\"permissioned_as\":\"u/admin\",\"raw_code\":\"x\","
         "\"language\":\"cobol\"}]",
         ID "this server cannot run its code", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *operation = rows[i].queued ? "importQueuedJobs" : "importCompletedJobs";
        const char *target = rows[i].queued ? W "/jobs/queue/import" : W "/jobs/completed/import";
        api_assert_error(post(f, operation, target, rows[i].body), 400, rows[i].error);
    }
    /* an email in a file gives nobody's rights */
    assert_int_equal(post(f, "importQueuedJobs", W "/jobs/queue/import",
                          "[{" JOB ",\"job_kind\":\"noop\",\"permissioned_as\":\"u/member\"}]")
                         .status,
                     200);
    struct ar_job job = api_take(f);
    assert_str(job.email, "member@localhost");
    assert_str(job.permissioned_as, "u/member");
    assert_str(job.args, "{}");
}

static void many_jobs_are_queued_at_once(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct api_answer ids = post(f, "addBatchJobs", W "/jobs/add_batch_jobs/500",
                                 "{\"kind\":\"script\",\"path\":\"u/demo/hello\"}");
    assert_int_equal(ids.status, 200);
    assert_int_equal(ids.value.count, 500);
    assert_int_equal(post(f, "addBatchJobs", W "/jobs/add_batch_jobs/2",
                          "{\"kind\":\"rawscript\",\"rawscript\":{\"content\":\"true\","
                          "\"language\":\"bash\"}}")
                         .status,
                     200);
    assert_int_equal(
        post(f, "addBatchJobs", W "/jobs/add_batch_jobs/1", "{\"kind\":\"noop\",\"tag\":\"x\"}")
            .status,
        200);
    assert_int_equal(get(f, "listJobs", W "/jobs/list").value.count, 503);
    assert_int_equal(get(f, "listJobs", W "/jobs/list?job_kinds=preview").value.count, 2);
    assert_int_equal(get(f, "listJobs", W "/jobs/list?tag=x&job_kinds=noop").value.count, 1);
    struct ar_job job = api_take(f);
    assert_true(ar_str_eq(job.id, ar_text(ar_item(&ids.value, 0))));
    assert_int_equal(
        post(f, "addBatchJobs", W "/jobs/add_batch_jobs/1", "{\"kind\":\"rawflow\"}").status, 501);
    assert_int_equal(
        post(f, "addBatchJobs", W "/jobs/add_batch_jobs/0", "{\"kind\":\"noop\"}").status, 400);
    assert_int_equal(
        post(f, "addBatchJobs", W "/jobs/add_batch_jobs/10001", "{\"kind\":\"noop\"}").status, 400);
    f->token = MEMBER;
    assert_int_equal(
        post(f, "addBatchJobs", W "/jobs/add_batch_jobs/1", "{\"kind\":\"noop\"}").status, 403);
}

static void all_schedules_tell_one_script(void **state)
{
    struct api_fixture *f = *state;
    static const char url[] = W "/schedules/setdefaulthandler";
    static const char operation[] = "setDefaultErrorOrRecoveryHandler";
    fill(f);
    assert_int_equal(post(f, operation, url,
                          "{\"handler_type\":\"error\",\"override_existing\":true,\"path\":"
                          "\"script/u/demo/hello\",\"extra_args\":{\"to\":\"ops\"},"
                          "\"number_of_occurence\":3,\"number_of_occurence_exact\":true}")
                         .status,
                     201);
    assert_int_equal(post(f, operation, url,
                          "{\"handler_type\":\"success\",\"override_existing\":true,\"path\":"
                          "\"u/demo/hello\"}")
                         .status,
                     201);
    struct api_answer tick = get(f, "getSchedule", W "/schedules/get/u/demo/tick");
    assert_str(ar_text(ar_get_z(&tick.value, "on_failure")), "script/u/demo/hello");
    assert_str(ar_text(ar_get_z(&tick.value, "on_failure_times")), "3");
    assert_str(ar_text(ar_get_z(ar_get_z(&tick.value, "on_failure_extra_args"), "to")), "ops");
    assert_str(ar_text(ar_get_z(&tick.value, "on_success")), "u/demo/hello");
    assert_int_equal(post(f, operation, url,
                          "{\"handler_type\":\"error\",\"override_existing\":true,\"path\":null}")
                         .status,
                     201);
    tick = get(f, "getSchedule", W "/schedules/get/u/demo/tick");
    assert_int_equal(ar_get_z(&tick.value, "on_failure")->type, ARRAS_NULL);
    assert_null(ar_get_z(&tick.value, "on_failure_times"));
    api_assert_error(post(f, operation, url,
                          "{\"handler_type\":\"recovery\",\"override_existing\":true,\"path\":"
                          "\"u/no/no\"}"),
                     404, "Not found: Script not found at name u/no/no");
    api_assert_error(post(f, operation, url, "{\"handler_type\":\"x\",\"override_existing\":true}"),
                     400, "Bad request: handler_type: expected error, recovery or success");
    assert_int_equal(
        post(f, operation, url, "{\"handler_type\":\"error\",\"override_existing\":false}").status,
        501);
    f->token = MEMBER;
    assert_int_equal(
        post(f, operation, url, "{\"handler_type\":\"error\",\"override_existing\":true}").status,
        403);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_deleted_comes_back_by_an_import),
        TEST(jobs_that_are_in_use_are_not_deleted),
        TEST(wrong_jobs_are_named),
        TEST(many_jobs_are_queued_at_once),
        TEST(all_schedules_tell_one_script),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
