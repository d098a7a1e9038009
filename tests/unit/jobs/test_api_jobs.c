/* The life of a job as clients see it: windmill-api.md sections 4.1 to 4.3. */
#include "base/clock.h"
#include "jobs/time.h"
#include "unit/jobs/api_fixture.h"

#define RUN "/api/w/main/jobs/run/p/u/demo/hello"

static struct arras_str member(const struct api_answer *answer, const char *name)
{
    return ar_text(ar_get_z(&answer->value, name));
}

static struct api_answer maybe(struct api_fixture *f, struct arras_str id, const char *query)
{
    return api_ask_of(f, "getCompletedJobResultMaybe", "GET", "jobs_u/completed/get_result_maybe/",
                      id, query);
}

static struct api_answer get(struct api_fixture *f, struct arras_str id)
{
    return api_ask_of(f, "getJob", "GET", "jobs_u/get/", id, "");
}

static struct api_answer completed(struct api_fixture *f, struct arras_str id)
{
    return api_ask_of(f, "getCompletedJob", "GET", "jobs_u/completed/get/", id, "");
}

static struct api_answer updates(struct api_fixture *f, struct arras_str id, const char *query)
{
    return api_ask_of(f, "getJobUpdates", "GET", "jobs_u/getupdate/", id, query);
}

static struct api_answer list(struct api_fixture *f, const char *query)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, "/api/w/main/jobs/list?%s", query));
    return api_ask(f, "listJobs", "GET", target.ptr, NULL);
}

/* An answer that a job does not match word for word: its start. */
static void assert_starts(struct api_answer answer, const char *start)
{
    char got[1024];
    snprintf(got, sizeof(got), "%.*s", (int)strlen(start), answer.body.ptr);
    assert_string_equal(got, start);
}

static void a_job_goes_from_the_queue_to_its_result(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str hash = api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);

    struct api_answer answer = get(f, id);
    assert_starts(answer, "{\"type\":\"QueuedJob\",\"workspace_id\":\"main\",\"id\":\"");
    assert_false(ar_get_z(&answer.value, "running")->boolean);
    assert_null(ar_get_z(&answer.value, "started_at"));
    assert_null(ar_get_z(&answer.value, "logs"));
    assert_str(ar_text(ar_get_z(ar_get_z(&answer.value, "args"), "name")), "you");
    assert_true(ar_str_eq(member(&answer, "script_hash"), hash));
    assert_str(member(&answer, "script_path"), "u/demo/hello");
    assert_str(member(&answer, "tag"), "bash");
    assert_str(member(&answer, "permissioned_as"), "u/admin");
    assert_str(maybe(f, id, "").body,
               "{\"started\":null,\"success\":null,\"completed\":false,\"result\":null}");
    assert_str(maybe(f, id, "?get_started=true").body,
               "{\"started\":false,\"success\":null,\"completed\":false,\"result\":null}");
    assert_int_equal(completed(f, id).status, 404);

    struct ar_job job = api_take(f);
    assert_true(ar_str_eq(job.id, id));
    assert_str(job.code, "echo hello $1\n");
    answer = get(f, id);
    assert_true(ar_get_z(&answer.value, "running")->boolean);
    assert_non_null(ar_get_z(&answer.value, "started_at"));
    assert_str(member(&answer, "worker"), "tester");
    assert_str(maybe(f, id, "?get_started=true").body,
               "{\"started\":true,\"success\":null,\"completed\":false,\"result\":null}");

    api_complete(f, &job, true, "{\"n\":19.10}");
    answer = get(f, id);
    assert_starts(answer, "{\"type\":\"CompletedJob\",\"workspace_id\":\"main\",\"id\":\"");
    assert_str(maybe(f, id, "").body,
               "{\"started\":true,\"success\":true,\"completed\":true,\"result\":{\"n\":19.10}}");
    answer = completed(f, id);
    assert_int_equal(answer.status, 200);
    assert_true(ar_get_z(&answer.value, "success")->boolean);
    assert_false(ar_get_z(&answer.value, "canceled")->boolean);
    assert_str(ar_text(ar_get_z(ar_get_z(&answer.value, "result"), "n")), "19.10");
    assert_str(member(&answer, "mem_peak"), "2048");
    assert_str(
        api_ask_of(f, "getCompletedJobResult", "GET", "jobs_u/completed/get_result/", id, "").body,
        "{\"n\":19.10}");
}

static void a_failed_job_is_not_a_success(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    api_complete(f, &job, false, "{\"error\":{\"name\":\"ExecutionErr\"}}");
    assert_str(maybe(f, id, "").body, "{\"started\":true,\"success\":false,\"completed\":true,"
                                      "\"result\":{\"error\":{\"name\":\"ExecutionErr\"}}}");
    struct api_answer answer = completed(f, id);
    assert_false(ar_get_z(&answer.value, "success")->boolean);
}

/* What is sent with a content type (NULL: none) becomes these arguments, or this status. */
static void bodies_become_arguments(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *type, *query, *body;
        int status;
        const char *args;
    } rows[] = {
        {NULL, "", "", 201, "{}"},
        {"application/json", "", "", 201, "{}"},
        {"application/json", "", "{\"a\":1.50,\"b\":[null]}", 201, "{\"a\":1.50,\"b\":[null]}"},
        {"Application/JSON; charset=utf-8", "", "{}", 201, "{}"},
        {"application/json", "", "[1]", 201, "{\"body\":[1]}"},
        {"application/json", "", "null", 201, "{\"body\":null}"},
        {"application/json", "?wrap_body=true", "{\"a\":1}", 201, "{\"body\":{\"a\":1}}"},
        {"application/json", "?raw=true", "{\"a\": 1}", 201,
         "{\"a\":1,\"raw_string\":\"{\\\"a\\\": 1}\"}"},
        {"text/plain", "", "hi", 201, "{\"raw_string\":\"hi\"}"},
        {"application/xml", "", "<a/>", 201, "{\"raw_string\":\"<a/>\"}"},
        {"application/x-www-form-urlencoded", "", "a=1+2&b=%C3%A9&a=3&c", 201,
         "{\"a\":\"3\",\"b\":\"\xc3\xa9\",\"c\":\"\"}"},
        {"application/cloudevents+json", "", "{\"id\":\"1\"}", 201, "{\"id\":\"1\"}"},
        {"application/cloudevents-batch+json", "", "[]", 400,
         "Bad request: batches of cloud events are not supported"},
        {"application/json", "", "{\"a\":", 400, NULL},
        {"application/json", "", "{\"a\":\"\xff\"}", 400, NULL},
        {"text/plain", "", "\xff", 400, "Bad request: the body is not UTF-8 text"},
        {"application/x-www-form-urlencoded", "", "a=%FF", 400,
         "Bad request: the body is not UTF-8 text"},
        {"image/png", "", "x", 415, ""},
        {NULL, "", "x", 415, ""},
    };
    api_deploy(f, "u/demo/hello");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ar_header headers[] = {{AR_STR("Authorization"), AR_STR("Bearer " ADMIN)},
                                      {AR_STR("Content-Type"), ar_str_z(rows[i].type)}};
        struct arras_str target;
        assert_true(ar_str_printf(&f->arena, &target, RUN "%s", rows[i].query));
        struct api_answer answer =
            api_send(f, "POST", target.ptr, headers, rows[i].type ? 2 : 1, rows[i].body);
        print_message("%zu: %s %s\n", i, rows[i].type ? rows[i].type : "-", rows[i].body);
        assert_int_equal(answer.status, rows[i].status);
        struct arras_str got = answer.status == 201 ? api_take(f).args : answer.body;
        assert_true(!rows[i].args || ar_str_is(got, rows[i].args));
    }
}

static void options_come_in_the_query(void **state)
{
    struct api_fixture *f = *state;
    const char *id = "0190A000-0000-7000-8000-00000000ABCD";
    api_deploy(f, "u/demo/hello");
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target,
                              RUN "?job_id=%s&tag=big&timeout=7&parent_job=%s"
                                  "&scheduled_for=2199-05-06T07:08:09.5%%2B01:00",
                              id, id));
    struct api_answer answer = api_ask(f, "runScriptByPath", "POST", target.ptr, "{}");
    assert_str(answer.body, "0190a000-0000-7000-8000-00000000abcd");
    struct api_answer job = get(f, answer.body);
    assert_str(member(&job, "tag"), "big");
    assert_str(member(&job, "timeout"), "7");
    assert_str(member(&job, "parent_job"), "0190a000-0000-7000-8000-00000000abcd");
    assert_str(member(&job, "scheduled_for"), "2199-05-06T06:08:09.500000Z");
    api_assert_error(
        api_ask(f, "runScriptByPath", "POST", target.ptr, "{}"), 400,
        "Bad request: Job with id 0190a000-0000-7000-8000-00000000abcd already exists");

    int64_t due, before = ar_clock_wall(ar_clock_system());
    answer = api_ask(f, "runScriptByPath", "POST", RUN "?scheduled_in_secs=3600", "{}");
    job = get(f, answer.body);
    assert_true(ar_time_read(member(&job, "scheduled_for"), &due));
    assert_true(due - before >= INT64_C(3600000000) && due - before < INT64_C(3700000000));
}

static void wrong_options_are_refused(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *query, *text;
    } rows[] = {
        {"job_id=7", "job_id: expected a UUID, found '7'"},
        {"scheduled_for=tomorrow",
         "scheduled_for: expected a time such as 2026-01-02T03:04:05Z, found 'tomorrow'"},
        {"scheduled_for=2026-02-29T00:00:00Z",
         "scheduled_for: expected a time such as 2026-01-02T03:04:05Z, found "
         "'2026-02-29T00:00:00Z'"},
        {"scheduled_in_secs=-1", "scheduled_in_secs: expected a whole number from 0 to 3162240000, "
                                 "found '-1'"},
        {"timeout=0", "timeout: expected a whole number from 1 to 2147483647, found '0'"},
        {"wrap_body=yes", "wrap_body: expected true or false, found 'yes'"},
        {"tag=%ff", "tag is not UTF-8 text"},
    };
    api_deploy(f, "u/demo/hello");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char target[256], text[256];
        snprintf(target, sizeof(target), RUN "?%s", rows[i].query);
        snprintf(text, sizeof(text), "Bad request: query parameter %s", rows[i].text);
        api_assert_error(api_ask(f, "runScriptByPath", "POST", target, "{}"), 400, text);
    }
    api_share(f, "u/demo/hello");
    f->token = MEMBER;
    api_assert_error(api_ask(f, "runScriptByPath", "POST", RUN "?tag=big", "{}"), 400,
                     "Bad request: Only super admins are allowed to use tags that are not included "
                     "in the allowed CUSTOM_TAGS: ");
    api_assert_error(api_ask(f, "runScriptByPath", "POST", "/api/w/main/jobs/run/p/u/no/no", "{}"),
                     404, "Not found: deployed script not found at name u/no/no");
    struct api_answer jobs = list(f, "");
    assert_int_equal(jobs.value.count, 0);
}

static void updates_tell_what_is_new(void **state)
{
    struct api_fixture *f = *state;
    struct ar_store *store = f->api.store;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    assert_str(updates(f, id, "").body, "{\"completed\":false}");
    struct ar_job job = api_take(f);
    assert_int_equal(ar_store_log_append(store, id, AR_STR("h\xc3\xa9llo\n"), NULL), ARRAS_OK);
    assert_str(
        updates(f, id, "").body,
        "{\"running\":true,\"completed\":false,\"new_logs\":\"h\xc3\xa9llo\\n\",\"log_offset\":7}");
    assert_str(updates(f, id, "?running=true&log_offset=7").body,
               "{\"completed\":false,\"new_logs\":\"\",\"log_offset\":7}");
    assert_int_equal(ar_store_log_append(store, id, AR_STR("more"), NULL), ARRAS_OK);
    assert_str(updates(f, id, "?running=true&log_offset=7").body,
               "{\"completed\":false,\"new_logs\":\"more\",\"log_offset\":11}");
    assert_str(updates(f, id, "?no_logs=true&only_result=true").body, "{}");
    api_complete(f, &job, true, "[1]");
    assert_str(updates(f, id, "?no_logs=true").body,
               "{\"running\":false,\"completed\":true,\"mem_peak\":2048}");
    assert_str(updates(f, id, "?only_result=true").body,
               "{\"completed\":true,\"only_result\":[1]}");

    assert_str(api_ask_of(f, "getJobLogs", "GET", "jobs_u/get_logs/", id, "").body,
               "to remove ansi colors, use: | sed 's/\\x1B\\[[0-9;]\\{1,\\}[A-Za-z]//g'\n"
               "h\xc3\xa9llo\nmore");
    assert_str(
        api_ask_of(f, "getJobLogs", "GET", "jobs_u/get_logs/", id, "?remove_ansi_warnings=true")
            .body,
        "h\xc3\xa9llo\nmore");
    struct api_answer answer = completed(f, id);
    assert_str(member(&answer, "logs"), "h\xc3\xa9llo\nmore");
    answer = api_ask_of(f, "getJob", "GET", "jobs_u/get/", id, "?no_logs=true");
    assert_null(ar_get_z(&answer.value, "logs"));
}

/* Strings of one letter, as JSON. */
static struct arras_str long_text(struct api_fixture *f, size_t len)
{
    char *text = ar_arena_raw(&f->arena, len + 3, 1);
    assert_non_null(text);
    memset(text, 'x', len + 2);
    text[0] = text[len + 1] = '"';
    text[len + 2] = '\0';
    return (struct arras_str){text, len + 2};
}

static void results_are_whole_and_logs_shown_from_their_end(void **state)
{
    struct api_fixture *f = *state;
    struct ar_store *store = f->api.store;
    struct arras_str args;
    api_deploy(f, "u/demo/hello");
    assert_true(ar_str_printf(&f->arena, &args, "{\"a\":%s}", long_text(f, 90001).ptr));
    struct arras_str id = api_ask(f, "runScriptByPath", "POST", RUN, args.ptr).body;
    struct ar_job job = api_take(f);
    struct arras_str log = long_text(f, 30000);
    assert_int_equal(ar_store_log_append(store, id, log, NULL), ARRAS_OK);
    struct arras_str result = long_text(f, 90001);
    api_complete(f, &job, true, result.ptr);
    struct api_answer answer = completed(f, id);
    assert_int_equal(ar_text(ar_get_z(ar_get_z(&answer.value, "args"), "a")).len, 90001);
    assert_int_equal(member(&answer, "result").len, 90001);
    assert_int_equal(member(&answer, "logs").len, 20000);
    answer = list(f, "include_args=true");
    const struct arras_value *listed = ar_item(&answer.value, 0);
    assert_null(ar_get_z(listed, "result"));
    assert_str(ar_text(ar_get_z(ar_get_z(listed, "args"), "reason")), "WINDMILL_TOO_BIG");
    answer = api_ask_of(f, "getCompletedJobResult", "GET", "jobs_u/completed/get_result/", id, "");
    assert_true(ar_str_eq(answer.body, result));
    answer = maybe(f, id, "");
    assert_int_equal(member(&answer, "result").len, 90001);
}

static void a_job_says_how_far_it_is(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    struct arras_str set;
    assert_true(ar_str_printf(&f->arena, &set, "/api/w/main/job_metrics/set_progress/%.*s",
                              AR_STR_ARG(id)));
    assert_str(api_ask_of(f, "getJobProgress", "GET", "job_metrics/get_progress/", id, "").body,
               "null");
    assert_int_equal(
        api_ask(f, "setJobProgress", "POST", set.ptr, "{\"percent\":40,\"flow_job_id\":null}")
            .status,
        200);
    assert_str(api_ask_of(f, "getJobProgress", "GET", "job_metrics/get_progress/", id, "").body,
               "40");
    assert_str(updates(f, id, "?running=true&no_logs=true&get_progress=true").body,
               "{\"completed\":false,\"progress\":40}");
    assert_str(updates(f, id, "?running=true&no_logs=true").body, "{\"completed\":false}");
    api_assert_error(api_ask(f, "setJobProgress", "POST", set.ptr, "{\"percent\":101}"), 400,
                     "Bad request: percent: expected an integer from 0 to 100");
    api_complete(f, &job, true, "1");
    assert_int_equal(api_ask(f, "setJobProgress", "POST", set.ptr, "{\"percent\":50}").status, 400);
}

static void jobs_are_run_again(void **state)
{
    struct api_fixture *f = *state;
    const char *again = "/api/w/main/jobs/run/batch_rerun_jobs";
    struct arras_str body, hash = api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    api_complete(f, &job, false, "{}");
    assert_true(
        ar_str_printf(&f->arena, &body,
                      "{\"job_ids\":[\"%.*s\",\"x\"],\"script_options_by_path\":{\"u/demo/hello\":{"
                      "\"input_transforms\":{\"age\":{\"type\":\"static\",\"value\":7}}}}}",
                      AR_STR_ARG(id)));
    struct api_answer answer = api_ask(f, "batchReRunJobs", "POST", again, body.ptr);
    assert_int_equal(answer.status, 201);
    struct arras_str lines = answer.body, first = ar_str_cut(&lines, '\n');
    assert_true(ar_str_starts(lines, "Error: Bad request: "));
    job = api_take(f);
    assert_true(ar_str_eq(job.id, first));
    assert_str(job.args, "{\"name\":\"you\",\"age\":7}");
    assert_true(ar_str_eq(job.script_hash, hash));
    assert_true(
        ar_str_printf(&f->arena, &body,
                      "{\"job_ids\":[\"%.*s\"],\"script_options_by_path\":{\"u/demo/hello\":{"
                      "\"input_transforms\":{\"age\":{\"type\":\"javascript\",\"expr\":\"1\"}}}}}",
                      AR_STR_ARG(id)));
    answer = api_ask(f, "batchReRunJobs", "POST", again, body.ptr);
    assert_true(ar_str_starts(answer.body, "Error: Bad request: job "));
    f->token = MEMBER;
    answer = api_ask(f, "batchReRunJobs", "POST", again, body.ptr);
    assert_true(ar_str_starts(answer.body, "Error: Permission denied: "));
}

static void children_are_canceled_too(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str parent = api_submit(f), target;
    assert_true(ar_str_printf(&f->arena, &target, RUN "?parent_job=%.*s", AR_STR_ARG(parent)));
    struct arras_str child = api_ask(f, "runScriptByPath", "POST", target.ptr, "{}").body;
    assert_true(ar_str_printf(&f->arena, &target, RUN "?parent_job=%.*s", AR_STR_ARG(child)));
    struct arras_str grandchild = api_ask(f, "runScriptByPath", "POST", target.ptr, "{}").body;
    struct arras_str other = api_submit(f);
    assert_int_equal(
        api_ask_of(f, "cancelQueuedJob", "POST", "jobs_u/queue/cancel/", parent, "").status, 200);
    assert_int_equal(completed(f, parent).status, 200);
    struct api_answer answer = completed(f, child);
    assert_true(ar_get_z(&answer.value, "canceled")->boolean);
    assert_int_equal(completed(f, grandchild).status, 200);
    assert_int_equal(completed(f, other).status, 404);
}

static void a_part_of_a_result_is_had_by_its_path(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *path, *value;
    } rows[] = {{"a.b.1", "2.0"},  {"a.b.-1", "3"},   {"a.b.9", "null"},
                {"a.x.y", "null"}, {"a.b.x", "null"}, {"a", "{\"b\":[1,2.0,3]}"}};
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    api_complete(f, &job, true, "{\"a\":{\"b\":[1,2.0,3]}}");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char query[64];
        snprintf(query, sizeof(query), "?json_path=%s", rows[i].path);
        struct api_answer answer = api_ask_of(f, "getCompletedJobResult", "GET",
                                              "jobs_u/completed/get_result/", id, query);
        assert_true(ar_str_is(answer.body, rows[i].value));
    }
}

static void a_queued_job_is_canceled_at_once(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str target;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    assert_true(
        ar_str_printf(&f->arena, &target, "/api/w/main/jobs_u/queue/cancel/%.*s", AR_STR_ARG(id)));
    struct api_answer answer =
        api_ask(f, "cancelQueuedJob", "POST", target.ptr, "{\"reason\":\"no more\"}");
    assert_int_equal(answer.status, 200);
    assert_true(ar_str_eq(answer.body, id));
    answer = completed(f, id);
    assert_true(ar_get_z(&answer.value, "canceled")->boolean);
    assert_false(ar_get_z(&answer.value, "success")->boolean);
    assert_str(member(&answer, "canceled_by"), "admin");
    assert_str(member(&answer, "canceled_reason"), "no more");
    const struct arras_value *error = ar_get_z(ar_get_z(&answer.value, "result"), "error");
    assert_str(ar_text(ar_get_z(error, "message")), "Job canceled: no more by admin");
    assert_true(ar_is(ar_get_z(&answer.value, "started_at"), ARRAS_NULL));
    /* again: it is over, which is no error */
    answer = api_ask(f, "cancelQueuedJob", "POST", target.ptr, NULL);
    char text[128];
    snprintf(text, sizeof(text), "queued job id %.*s is already completed", AR_STR_ARG(id));
    api_assert_error(answer, 200, text);
    api_assert_error(api_ask(f, "cancelQueuedJob", "POST", target.ptr, "{\"reason\":1}"), 422,
                     "Failed to deserialize the JSON body into the target type: reason: expected a "
                     "string, found number");
}

static void a_running_job_is_asked_to_end(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    struct api_answer answer =
        api_ask_of(f, "cancelQueuedJob", "POST", "jobs_u/queue/cancel/", id, "");
    assert_true(ar_str_eq(answer.body, id));
    answer = get(f, id);
    assert_starts(answer, "{\"type\":\"QueuedJob\"");
    assert_true(ar_get_z(&answer.value, "canceled")->boolean);
    assert_str(member(&answer, "canceled_reason"), "unexplicited reasons");
    api_complete(f, &job, true, "1");
}

static void a_deleted_job_keeps_only_its_record(void **state)
{
    struct api_fixture *f = *state;
    struct ar_store *store = f->api.store;
    char text[128];
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    snprintf(text, sizeof(text), "Not found: Completed Job not found at name %.*s", AR_STR_ARG(id));
    const char *delete = "jobs/completed/delete/";
    api_assert_error(api_ask_of(f, "deleteCompletedJob", "POST", delete, id, ""), 404, text);
    struct ar_job job = api_take(f);
    assert_int_equal(ar_store_log_append(store, id, AR_STR("secret"), NULL), ARRAS_OK);
    api_complete(f, &job, true, "1");

    f->token = MEMBER;
    api_assert_error(api_ask_of(f, "deleteCompletedJob", "POST", delete, id, ""), 403,
                     "Require Admin privileges for member");
    f->token = ADMIN;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(api_ask_of(f, "deleteCompletedJob", "POST", delete, id, "").status, 200);
    }
    struct api_answer answer = get(f, id);
    assert_true(ar_get_z(&answer.value, "deleted")->boolean);
    assert_null(ar_get_z(&answer.value, "result"));
    assert_null(ar_get_z(&answer.value, "logs"));
    assert_str(maybe(f, id, "").body,
               "{\"started\":true,\"success\":true,\"completed\":true,\"result\":null}");
    assert_str(
        api_ask_of(f, "getCompletedJobResult", "GET", "jobs_u/completed/get_result/", id, "").body,
        "null");
    assert_str(
        api_ask_of(f, "getJobLogs", "GET", "jobs_u/get_logs/", id, "?remove_ansi_warnings=true")
            .body,
        "");
}

static size_t count(struct api_fixture *f, const char *query)
{
    return list(f, query).value.count;
}

static void lists_are_filtered(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    api_submit(f);
    struct ar_job job = api_take(f);
    api_complete(f, &job, true, "1");
    api_submit(f);
    job = api_take(f);
    api_complete(f, &job, false, "2");
    struct arras_str running = api_submit(f);
    api_take(f);
    api_share(f, "u/demo/hello");
    f->token = MEMBER;
    struct arras_str queued = api_submit(f);
    assert_int_equal(list(f, "").value.count, 1); /* its own */
    f->token = ADMIN;

    struct api_answer all = list(f, "");
    assert_int_equal(all.value.count, 4);
    assert_str(ar_text(ar_get_z(ar_item(&all.value, 1), "type")), "QueuedJob");
    assert_str(ar_text(ar_get_z(ar_item(&all.value, 2), "type")), "CompletedJob");
    assert_true(ar_is(ar_get_z(ar_item(&all.value, 0), "args"), ARRAS_NULL));
    assert_int_equal(count(f, "success=true"), 1);
    assert_int_equal(count(f, "status=success"), 1);
    assert_int_equal(count(f, "success=false"), 1);
    struct api_answer some = list(f, "running=true");
    assert_int_equal(some.value.count, 1);
    assert_true(ar_str_eq(ar_text(ar_get_z(ar_item(&some.value, 0), "id")), running));
    some = list(f, "running=false&include_args=true");
    assert_int_equal(some.value.count, 1);
    assert_true(ar_str_eq(ar_text(ar_get_z(ar_item(&some.value, 0), "id")), queued));
    assert_true(ar_is(ar_get_z(ar_item(&some.value, 0), "args"), ARRAS_OBJECT));
    assert_int_equal(count(f, "created_by=member"), 1);
    assert_int_equal(count(f, "script_path_exact=u/demo/hello"), 4);
    assert_int_equal(count(f, "script_path_exact=u/demo"), 0);
    assert_int_equal(count(f, "script_path_start=u/demo"), 4);
    assert_int_equal(count(f, "created_after=2199-01-01T00:00:00Z"), 0);
    assert_int_equal(count(f, "created_before=2199-01-01T00:00:00Z"), 4);
    assert_int_equal(count(f, "per_page=3"), 3);
    assert_int_equal(count(f, "per_page=3&page=0"), 3);
    assert_int_equal(count(f, "per_page=3&page=2"), 1);
    /* what the CLI sends */
    assert_int_equal(count(f, "job_kinds=script,flow,singlestepflow&per_page=30&has_null_parent="
                              "true"),
                     4);
    api_assert_error(list(f, "running=true&success=true"), 400,
                     "Bad request: cannot specify success/status with running");
    api_assert_error(list(f, "per_page=-1"), 400,
                     "Bad request: query parameter per_page: expected a whole number from 0 to "
                     "2147483647, found '-1'");
}

static void times_are_read_and_written(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool valid;
        const char *as;
    } rows[] = {
        {"1970-01-01T00:00:00Z", true, "1970-01-01T00:00:00.000000Z"},
        {"2024-02-29t23:59:59.1234567-00:30", true, "2024-03-01T00:29:59.123456Z"},
        {"1969-12-31 23:59:59.5z", true, "1969-12-31T23:59:59.500000Z"},
        {"2016-12-31T23:59:60Z", true, "2017-01-01T00:00:00.000000Z"},
        {"0000-01-01T00:00:00Z", true, "0000-01-01T00:00:00.000000Z"},
        {"9999-12-31T23:59:59.999999Z", true, "9999-12-31T23:59:59.999999Z"},
        {"2023-02-29T00:00:00Z", false, NULL},
        {"2023-01-01T24:00:00Z", false, NULL},
        {"2023-01-01T00:00:00", false, NULL},
        {"2023-01-01T00:00:00.Z", false, NULL},
        {"2023-01-01T00:00:00+24:00", false, NULL},
        {"2023-01-01T00:00:00Z ", false, NULL},
        {"2023-1-01T00:00:00Z", false, NULL},
        {"", false, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t time;
        char text[AR_TIME_LENGTH + 1];
        assert_int_equal(ar_time_read(ar_str_z(rows[i].text), &time), rows[i].valid);
        if (rows[i].valid) {
            ar_time_write(time, text);
            assert_string_equal(text, rows[i].as);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_goes_from_the_queue_to_its_result),
        TEST(a_failed_job_is_not_a_success),
        TEST(bodies_become_arguments),
        TEST(options_come_in_the_query),
        TEST(wrong_options_are_refused),
        TEST(updates_tell_what_is_new),
        TEST(results_are_whole_and_logs_shown_from_their_end),
        TEST(a_job_says_how_far_it_is),
        TEST(jobs_are_run_again),
        TEST(children_are_canceled_too),
        TEST(a_part_of_a_result_is_had_by_its_path),
        TEST(a_queued_job_is_canceled_at_once),
        TEST(a_running_job_is_asked_to_end),
        TEST(a_deleted_job_keeps_only_its_record),
        TEST(lists_are_filtered),
        TEST(times_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
