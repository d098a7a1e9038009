/* Schedules: windmill-api.md sections 4.6 and 6.9. */
#include "jobs/store/store_people.h"
#include "unit/jobs/api_fixture.h"

#define API "/api/w/main/"
#define BODY(more)                                                                                 \
    "{\"path\":\"f/a/s\",\"schedule\":\"0 0 3 * * *\",\"timezone\":\"UTC\","                       \
    "\"script_path\":\"u/demo/hello\",\"is_flow\":false,\"args\":{\"name\":\"you\"}" more "}"

static struct api_answer ask(struct api_fixture *f, const char *operation, const char *method,
                             const char *target, const char *body)
{
    return api_ask(f, operation, method, target, body);
}

static struct api_answer create(struct api_fixture *f, const char *body)
{
    return ask(f, "createSchedule", "POST", API "schedules/create", body);
}

static struct api_answer update(struct api_fixture *f, const char *body)
{
    return ask(f, "updateSchedule", "POST", API "schedules/update/f/a/s", body);
}

static struct api_answer enable(struct api_fixture *f, bool enabled)
{
    return ask(f, "setScheduleEnabled", "POST", API "schedules/setenabled/f/a/s",
               enabled ? "{\"enabled\":true}" : "{\"enabled\":false}");
}

static struct arras_value get(struct api_fixture *f)
{
    struct api_answer answer = ask(f, "getSchedule", "GET", API "schedules/get/f/a/s", NULL);
    assert_int_equal(answer.status, 200);
    return answer.value;
}

static struct api_answer list(struct api_fixture *f, const char *query)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, API "schedules/list?%s", query));
    return ask(f, "listSchedules", "GET", target.ptr, NULL);
}

static struct arras_value queued(struct api_fixture *f)
{
    return ask(f, "listJobs", "GET", API "jobs/list?schedule_path=f/a/s&running=false", NULL).value;
}

static void a_schedule_is_created_turned_on_changed_and_deleted(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct api_answer answer = create(f, BODY(",\"summary\":\"Nightly\",\"labels\":[\"l\"]"));
    assert_int_equal(answer.status, 201);
    assert_str(answer.body, "f/a/s");
    struct arras_value got = get(f);
    assert_false(ar_get_z(&got, "enabled")->boolean);
    assert_str(ar_text(ar_get_z(&got, "cron_version")), "v2");
    assert_str(ar_text(ar_get_z(&got, "permissioned_as")), "u/admin");
    assert_int_equal(queued(f).count, 0);
    assert_str(enable(f, true).body, "succesfully updated schedule at path f/a/s to status true");
    struct arras_value jobs = queued(f);
    assert_int_equal(jobs.count, 1);
    assert_str(ar_text(ar_get_z(ar_item(&jobs, 0), "schedule_path")), "f/a/s");
    answer = update(f, "{\"schedule\":\"0 0 4 * * *\",\"timezone\":\"Europe/Berlin\",\"args\":null,"
                       "\"script_path\":\"u/demo/hello\",\"description\":\"later\"}");
    assert_int_equal(answer.status, 200);
    got = get(f);
    assert_str(ar_text(ar_get_z(&got, "timezone")), "Europe/Berlin");
    assert_str(ar_text(ar_get_z(&got, "summary")), "Nightly");
    assert_int_equal(ar_get_z(&got, "args")->count, 0);
    assert_int_equal(queued(f).count, 1);
    assert_str(ask(f, "existsSchedule", "GET", API "schedules/exists/f/a/s", NULL).body, "true");
    answer = ask(f, "deleteSchedule", "DELETE", API "schedules/delete/f/a/s", NULL);
    assert_str(answer.body, "schedule f/a/s deleted");
    assert_int_equal(queued(f).count, 0);
    api_assert_error(ask(f, "getSchedule", "GET", API "schedules/get/f/a/s", NULL), 404,
                     "Not found: Schedule not found at name f/a/s");
}

static void the_next_occurrence_is_the_schedules_own(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(create(f, BODY(",\"enabled\":true")).status, 201);
    struct arras_value jobs = queued(f);
    struct arras_str id = ar_text(ar_get_z(ar_item(&jobs, 0), "id"));
    api_assert_error(
        api_ask_of(f, "cancelQueuedJob", "POST", "jobs_u/queue/cancel/", id, ""), 400,
        "Bad request: this is the next occurrence of a schedule: disable the schedule instead");
    struct arras_str body;
    assert_true(ar_str_printf(&f->arena, &body, "[\"%.*s\"]", AR_STR_ARG(id)));
    assert_str(ask(f, "cancelSelection", "POST", API "jobs/queue/cancel_selection", body.ptr).body,
               "[]");
    assert_int_equal(queued(f).count, 1);
    struct api_answer answer =
        ask(f, "listJobs", "GET", API "jobs/list?is_not_schedule=true", NULL);
    assert_int_equal(answer.value.count, 0);
}

static void lists_say_how_the_last_jobs_went(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(create(f, "{\"path\":\"f/a/s\",\"schedule\":\"* * * * * *\","
                               "\"timezone\":\"UTC\",\"script_path\":\"u/demo/hello\","
                               "\"is_flow\":false,\"args\":{\"n\":1},\"enabled\":true,"
                               "\"summary\":\"Every Second\"}")
                         .status,
                     201);
    struct ar_job job = api_take(f); /* of the next second */
    api_complete(f, &job, true, "1");
    assert_str(job.schedule_path, "f/a/s");
    assert_int_equal(queued(f).count, 1);
    struct api_answer answer =
        ask(f, "listSchedulesWithJobs", "GET", API "schedules/list_with_jobs", NULL);
    assert_int_equal(answer.value.count, 1);
    const struct arras_value *ended = ar_get_z(ar_item(&answer.value, 0), "jobs");
    assert_int_equal(ended->count, 1);
    assert_true(ar_str_eq(ar_text(ar_get_z(ar_item(ended, 0), "id")), job.id));
    assert_int_equal(list(f, "path=u/demo/hello&summary=every&args=%7B%22n%22:1%7D").value.count,
                     1);
    assert_int_equal(list(f, "broad_filter=SECOND&schedule_path=f/a/s").value.count, 1);
    assert_int_equal(list(f, "args=%7B%22n%22:2%7D").value.count, 0);
    assert_int_equal(list(f, "args=%7B%22n%22:%5B1%5D%7D").value.count, 0);
    assert_int_equal(list(f, "args=%7B%22n%22:1.0%7D").value.count, 1);
    assert_int_equal(list(f, "summary=minute").value.count, 0);
    assert_int_equal(list(f, "is_flow=true").value.count, 0);
    assert_int_equal(list(f, "path_start=f/b").value.count, 0);
    assert_int_equal(list(f, "label=x").value.count, 0);
    api_assert_error(list(f, "args=1"), 400, "Bad request: query parameter args: no JSON object");
}

static void next_times_are_shown(void **state)
{
    struct api_fixture *f = *state;
    struct api_answer answer = ask(f, "previewSchedule", "POST", "/api/schedules/preview",
                                   "{\"schedule\":\"0 0 12 29 2 *\",\"timezone\":\"UTC\"}");
    assert_int_equal(answer.value.count, 5);
    assert_true(ar_str_ends(ar_text(ar_item(&answer.value, 0)), "-02-29T12:00:00.000000Z"));
    api_assert_error(ask(f, "previewSchedule", "POST", "/api/schedules/preview",
                         "{\"schedule\":\"0 0 12 30 2 *\",\"timezone\":\"UTC\"}"),
                     400, "Bad request: '0 0 12 30 2 *' has no next time");
}

static void wrong_schedules_are_refused(void **state)
{
    struct api_fixture *f = *state;
    static const struct {
        int status;
        const char *body, *text;
    } cases[] = {
        {422, "{\"path\":\"f/a/s\"}",
         "Failed to deserialize the JSON body into the target type: missing field `schedule`"},
        {400, BODY(",\"cron_version\":\"v3\""),
         "Bad request: cron_version 'v3' is neither v1 nor v2"},
        {400, BODY(",\"retry\":{\"retry_if\":{\"expr\":\"true\"}}"),
         "Bad request: retry: retry_if is not possible: this server evaluates no expressions"},
        {400, BODY(",\"retry\":{\"constant\":{\"attempts\":1001}}"),
         "Bad request: retry: constant.attempts: expected an integer from 0 to 1000"},
        {400, BODY(",\"retry\":{\"exponential\":{\"random_factor\":-1}}"),
         "Bad request: retry: exponential.random_factor: expected an integer from 0 to 100"},
        {422, BODY(",\"retry\":3"),
         "Failed to deserialize the JSON body into the target type: retry: expected an object"},
        {404, BODY(",\"on_failure\":\"f/a/handler\""),
         "Not found: Script not found at name f/a/handler"},
        {400, BODY(",\"dynamic_skip\":\"u/demo/hello\""),
         "Bad request: schedules of this server have no dynamic_skip"},
        {404, BODY(",\"on_success\":\"f/a/handler\""),
         "Not found: Script not found at name f/a/handler"},
        {400, BODY(",\"on_failure\":\"u/demo/hello\",\"on_failure_times\":0"),
         "Bad request: on_failure_times: expected an integer from 1 to 1000"},
        {422, BODY(",\"on_recovery_extra_args\":[]"),
         "Failed to deserialize the JSON body into the target type: on_recovery_extra_args: "
         "expected an object"},
        {400, BODY(",\"permissioned_as\":\"u/other\",\"preserve_permissioned_as\":true"),
         "Bad request: a schedule runs as who edited it: preserve_permissioned_as is not possible"},
        {400, BODY(""), "Bad request: Schedule f/a/s already exists"},
        {404,
         "{\"path\":\"f/a/t\",\"schedule\":\"0 0 3 * * *\",\"timezone\":\"UTC\",\"script_path\":"
         "\"u/demo/none\",\"is_flow\":false,\"args\":{}}",
         "Not found: Script not found at name u/demo/none"},
        {400,
         "{\"path\":\"s\",\"schedule\":\"0 0 3 * * *\",\"timezone\":\"UTC\",\"script_path\":"
         "\"u/demo/none\",\"is_flow\":false,\"args\":{}}",
         "Bad request: 's' is not a path: expected u/USER/NAME or f/FOLDER/NAME of letters, "
         "digits, '_' and '-', at most 255 characters"},
    };
    api_deploy(f, "u/demo/hello");
    assert_int_equal(create(f, BODY("")).status, 201);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        api_assert_error(create(f, cases[i].body), cases[i].status, cases[i].text);
    }
    assert_int_equal(create(f, "{\"path\":\"f/a/t\",\"schedule\":\"0 0\",\"timezone\":\"UTC\","
                               "\"script_path\":\"u/demo/hello\",\"is_flow\":false,\"args\":{}}")
                         .status,
                     400);
    assert_int_equal(create(f, "{\"path\":\"f/a/t\",\"schedule\":\"@daily\",\"timezone\":\"Moon\","
                               "\"script_path\":\"u/demo/hello\",\"is_flow\":false,\"args\":{}}")
                         .status,
                     400);
    assert_int_equal(ask(f, "createSchedule", "POST", API "schedules/create",
                         "{\"path\":\"f/a/t\",\"schedule\":\"@daily\",\"timezone\":\"UTC\","
                         "\"script_path\":\"f/a/flow\",\"is_flow\":true,\"args\":{}}")
                         .status,
                     501);
    assert_int_equal(ask(f, "createSchedule", "POST", API "schedules/create",
                         BODY(",\"on_recovery\":\"flow/f/a/handler\""))
                         .status,
                     501);
    api_assert_error(update(f, "{\"schedule\":\"@daily\",\"timezone\":\"UTC\",\"args\":{},"
                               "\"script_path\":\"u/demo/other\"}"),
                     400, "Bad request: script_path of a schedule cannot be changed");
}

static void others_may_not_touch_it(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(create(f, BODY("")).status, 201);
    f->token = MEMBER;
    api_assert_error(enable(f, true), 401,
                     "Not authorized: Schedule exists but you don't have access to it: f/a/s");
    assert_int_equal(list(f, "").value.count, 0);
    api_assert_error(create(f, BODY("")), 403, "Permission denied: member may not write at f/a/s");
}

static void what_it_does_about_failures_is_kept_until_an_update_leaves_it_out(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(
        create(f, BODY(",\"retry\":{\"constant\":{\"attempts\":2,\"seconds\":1}},\"enabled\":true,"
                       "\"on_failure\":\"script/u/demo/hello\",\"on_failure_times\":3,"
                       "\"on_failure_exact\":true,\"on_failure_extra_args\":{\"a\":1},"
                       "\"on_recovery\":\"u/demo/hello\",\"on_recovery_times\":2,"
                       "\"on_recovery_extra_args\":{\"b\":1},\"on_success\":\"u/demo/hello\","
                       "\"on_success_extra_args\":{\"c\":1}"))
            .status,
        201);
    struct arras_value got = get(f);
    assert_str(ar_text(ar_get_z(&got, "on_failure")), "script/u/demo/hello");
    assert_str(ar_text(ar_get_z(ar_get_z(&got, "on_failure_extra_args"), "a")), "1");
    assert_str(ar_text(ar_get_z(ar_get_z(ar_get_z(&got, "retry"), "constant"), "attempts")), "2");
    assert_str(ar_text(ar_get_z(&got, "on_failure_times")), "3");
    assert_true(ar_get_z(&got, "on_failure_exact")->boolean);
    assert_str(ar_text(ar_get_z(&got, "on_recovery")), "u/demo/hello");
    assert_str(ar_text(ar_get_z(&got, "on_recovery_times")), "2");
    assert_str(ar_text(ar_get_z(ar_get_z(&got, "on_recovery_extra_args"), "b")), "1");
    assert_str(ar_text(ar_get_z(&got, "on_success")), "u/demo/hello");
    assert_str(ar_text(ar_get_z(ar_get_z(&got, "on_success_extra_args"), "c")), "1");
    assert_int_equal(
        update(f, "{\"schedule\":\"* * * * * *\",\"timezone\":\"UTC\",\"args\":{}}").status, 200);
    got = get(f);
    assert_int_equal(ar_get_z(&got, "retry")->type, ARRAS_NULL);
    assert_int_equal(ar_get_z(&got, "on_failure")->type, ARRAS_NULL);
    assert_int_equal(ar_get_z(&got, "on_recovery")->type, ARRAS_NULL);
    assert_null(ar_get_z(&got, "on_failure_times"));
    assert_null(ar_get_z(&got, "on_failure_exact"));
}

static void one_that_waits_for_another_try_can_be_canceled(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(
        create(f, "{\"path\":\"f/a/s\",\"schedule\":\"* * * * * *\",\"timezone\":\"UTC\","
                  "\"script_path\":\"u/demo/hello\",\"is_flow\":false,\"args\":{},"
                  "\"enabled\":true,\"retry\":{\"constant\":{\"attempts\":1,\"seconds\":600}}}")
            .status,
        201);
    struct ar_job job = api_take(f); /* of the next second */
    api_complete(f, &job, false, "{\"error\":{}}");
    struct arras_value jobs = queued(f);
    assert_int_equal(jobs.count, 1);
    assert_true(ar_str_eq(ar_text(ar_get_z(ar_item(&jobs, 0), "id")), job.id));
    assert_int_equal(
        api_ask_of(f, "cancelQueuedJob", "POST", "jobs_u/queue/cancel/", job.id, "").status, 200);
    jobs = queued(f);
    assert_int_equal(jobs.count, 1);
    assert_false(ar_str_eq(ar_text(ar_get_z(ar_item(&jobs, 0), "id")), job.id));
}

static void who_edits_it_may_run_its_script(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(create(f, BODY("")).status, 201);
    assert_int_equal(ar_store_perms_set(f->api.store, "schedule", AR_STR("main"), AR_STR("f/a/s"),
                                        AR_STR("{\"u/member\":true}"), NULL),
                     ARRAS_OK);
    f->token = MEMBER;
    const char *none = "Not found: Script not found at name u/demo/hello";
    api_assert_error(enable(f, true), 404, none);
    api_assert_error(update(f, BODY("")), 404, none);
    assert_int_equal(enable(f, false).status, 200);
    f->token = ADMIN;
    api_share(f, "u/demo/hello");
    f->token = MEMBER;
    assert_int_equal(update(f, BODY("")).status, 200);
    assert_int_equal(enable(f, true).status, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_schedule_is_created_turned_on_changed_and_deleted),
        TEST(the_next_occurrence_is_the_schedules_own),
        TEST(lists_say_how_the_last_jobs_went),
        TEST(next_times_are_shown),
        TEST(wrong_schedules_are_refused),
        TEST(others_may_not_touch_it),
        TEST(what_it_does_about_failures_is_kept_until_an_update_leaves_it_out),
        TEST(one_that_waits_for_another_try_can_be_canceled),
        TEST(who_edits_it_may_run_its_script),
    };
    return cmocka_run_group_tests_name("schedules in the API", tests, api_make_directory,
                                       api_remove_directory);
}
