/* Lists, counts and selections of jobs, and what is run again or kept; windmill-api.md sections 4.1
 * to 4.3. */
#include "base/clock.h"
#include "jobs/worker/reuse.h"
#include "jobs/time.h"
#include "unit/jobs/api_fixture.h"

#define W "/api/w/main"
#define RUN W "/jobs/run/p/u/demo/hello"

static void assert_text(struct arras_str got, const char *expected)
{
    char text[1024];
    snprintf(text, sizeof(text), "%.*s", AR_STR_ARG(got));
    assert_string_equal(text, expected);
}

static struct arras_str run(struct api_fixture *f, const char *query)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, RUN "?%s", query));
    struct api_answer answer = api_ask(f, "runScriptByPath", "POST", target.ptr, "{}");
    assert_int_equal(answer.status, 201);
    return answer.body;
}

static struct api_answer ask(struct api_fixture *f, const char *operation, const char *rest)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, W "/jobs/%s", rest));
    return api_ask(f, operation, "GET", target.ptr, NULL);
}

/* One completed with success (tag "bash"), one failed (tag "big"), one running, one queued that has
 * a parent, one scheduled for a far year. */
static struct arras_str fill(struct api_fixture *f)
{
    api_deploy(f, "u/demo/hello");
    struct arras_str first = run(f, "");
    struct ar_job job = api_take(f);
    api_complete(f, &job, true, "1");
    run(f, "tag=big");
    job = api_take(f);
    api_complete(f, &job, false, "{\"error\":{}}");
    run(f, "");
    api_take(f);
    struct arras_str query;
    assert_true(ar_str_printf(&f->arena, &query, "parent_job=%.*s", AR_STR_ARG(first)));
    run(f, query.ptr);
    run(f, "scheduled_for=2199-01-01T00:00:00Z");
    return first;
}

static void each_filter_has_its_jobs(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *query;
        uint32_t count;
    } rows[] = {
        {"", 5},
        {"tag=big", 1},
        {"tag=!big", 4},
        {"tag=big,bash", 5},
        {"job_kinds=script,flow,singlestepflow", 5},
        {"job_kinds=flow", 0},
        {"job_kinds=!script", 0},
        {"has_null_parent=true", 4},
        {"created_by=admin,bob", 5},
        {"created_by=!admin", 0},
        {"worker=tester", 3},
        {"status=success", 1},
        {"status=failure,canceled", 1},
        {"status=!success", 1},
        {"status=skipped", 0},
        {"running=true", 1},
        {"running=false", 2},
        {"success=true", 1},
        {"scheduled_for_before_now=true", 4},
        {"started_after=2001-01-01T00:00:00Z", 3},
        {"started_before=2198-01-01T00:00:00Z", 3},
        {"completed_after=2001-01-01T00:00:00Z", 2},
        {"completed_before=2001-01-01T00:00:00Z", 0},
        {"created_after_queue=2198-01-01T00:00:00Z", 2},
        {"is_skipped=true", 0},
        {"is_flow_step=false&is_not_schedule=true", 5},
        {"label=none", 0},
        {"all_workspaces=true", 5},
        {"page=2&per_page=2", 2},
        {"page=0&per_page=2", 2},
    };
    fill(f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arras_str rest;
        assert_true(ar_str_printf(&f->arena, &rest, "list?%s", rows[i].query));
        struct api_answer jobs = ask(f, "listJobs", rest.ptr);
        print_message("%s\n", rows[i].query);
        assert_int_equal(jobs.status, 200);
        assert_int_equal(jobs.value.count, rows[i].count);
        assert_true(ar_str_printf(&f->arena, &rest, "list_filtered_uuids?%s", rows[i].query));
        assert_int_equal(ask(f, "listFilteredJobsUuids", rest.ptr).value.count, rows[i].count);
    }
    assert_int_equal(ask(f, "listQueue", "queue/list").value.count, 3);
    assert_int_equal(ask(f, "listFilteredQueueUuids", "queue/list_filtered_uuids").value.count, 3);
    assert_int_equal(ask(f, "listCompletedJobs", "completed/list").value.count, 2);
    assert_int_equal(ask(f, "listCompletedJobs", "completed/list?running=true").value.count, 0);
}

/* Of jobs with arguments, labels and a schedule. */
static void jobs_are_found_by_what_they_hold(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *query;
        uint32_t count;
    } rows[] = {
        {"args={%22n%22:1}", 1},
        {"args={%22n%22:[1]}", 0},
        {"args={}", 4},
        {"result=%22done%22", 1},
        {"result=null", 0},
        {"label=deploy", 1},
        {"label=deploy,other", 1},
        {"label=!deploy", 3},
        {"label=d*y", 0},
        {"label=d*y&allow_wildcards=true", 1},
        {"tag=ba*&allow_wildcards=true", 3},
        {"tag=!ba*&allow_wildcards=true", 1},
        {"tag=b*", 0},
        {"tag=b_sh&allow_wildcards=true", 0},
        {"worker=*est*&allow_wildcards=true", 1},
        {"script_path_start=u/demo,x", 4},
        {"script_path_start=!u/demo", 0},
        {"script_path_start=u*", 0},
        {"trigger_kind=schedule", 1},
        {"trigger_kind=!schedule", 3},
        {"trigger_kind=!http", 4},
        {"trigger_kind=webhook,http", 0},
        {"trigger_kind=schedule&is_not_schedule=true", 0},
        {"trigger_path=u/demo/tick", 1},
        {"trigger_path=u/demo/tick&schedule_path=u/demo/tock", 0},
        {"broad_filter=DEMO/hel", 4},
        {"broad_filter=Schedule", 1},
        {"broad_filter=tick", 1},
        {"broad_filter=deploy", 1},
        {"broad_filter=big", 1},
        {"broad_filter=b_g", 0},
    };
    api_deploy(f, "u/demo/hello");
    api_ask(f, "runScriptByPath", "POST", RUN, "{\"n\":1,\"wide\":[1,2]}");
    struct ar_job job = api_take(f);
    assert_int_equal(ar_store_job_label(f->api.store, job.id, AR_STR("[\"deploy\",\"d\"]"), NULL),
                     ARRAS_OK);
    api_complete(f, &job, true, "\"done\"");
    run(f, "tag=big");
    run(f, "");
    assert_int_equal(api_ask(f, "createSchedule", "POST", W "/schedules/create",
                             "{\"path\":\"u/demo/tick\",\"schedule\":\"0 0 0 1 1 *\",\"timezone\":"
                             "\"UTC\",\"script_path\":\"u/demo/hello\",\"is_flow\":false,"
                             "\"args\":{},\"enabled\":true}")
                         .status,
                     201);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arras_str rest;
        assert_true(ar_str_printf(&f->arena, &rest, "list?%s", rows[i].query));
        struct api_answer jobs = ask(f, "listJobs", rest.ptr);
        print_message("%s\n", rows[i].query);
        assert_int_equal(jobs.status, 200);
        assert_int_equal(jobs.value.count, rows[i].count);
    }
}

static void filters_that_are_not_there_are_refused(void **state)
{
    struct api_fixture *f = *state;
    api_assert_error(ask(f, "listJobs", "list?args=x"), 400,
                     "Bad request: query parameter args: expected JSON");
    api_assert_error(
        ask(f, "listJobs", "list?concurrency_key=x"), 400,
        "Bad request: query parameter concurrency_key: this server has no concurrency limits");
    api_assert_error(ask(f, "listJobs", "list?tag=a,!b"), 400,
                     "Bad request: query parameter tag: all of its values are negated, or none is");
    api_assert_error(ask(f, "listJobs", "list?status=success&running=true"), 400,
                     "Bad request: cannot specify success/status with running");
    f->token = MEMBER;
    api_assert_error(ask(f, "listJobs", "list?all_workspaces=true"), 403,
                     "Permission denied: all_workspaces is for super admins, not member");
    assert_int_equal(
        api_ask(f, "countJobsByTag", "GET", "/api/jobs/completed/count_by_tag", NULL).status, 403);
    api_assert_error(
        api_ask(f, "getCountsOfJobsWaitingPerTag", "GET", "/api/workers/queue_counts", NULL), 403,
        "Require Admin privileges for member");
}

static void previews_need_no_code_of_their_own(void **state)
{
    struct api_fixture *f = *state;
    static const char url[] = W "/jobs/run/preview";
    struct arras_str body, hash = api_deploy(f, "u/demo/hello");
    assert_true(ar_str_printf(&f->arena, &body, "{\"script_hash\":\"%.*s\",\"args\":{\"n\":1}}",
                              AR_STR_ARG(hash)));
    assert_int_equal(api_ask(f, "runScriptPreview", "POST", url, body.ptr).status, 201);
    struct ar_job job = api_take(f);
    assert_text(job.code, "echo hello $1\n");
    assert_text(job.kind, "preview");
    assert_text(job.script_path, "u/demo/hello");
    assert_true(ar_str_eq(job.script_hash, hash));
    assert_int_equal(api_ask(f, "runScriptPreview", "POST", url,
                             "{\"kind\":\"identity\",\"args\":{\"previous_result\":[1]}}")
                         .status,
                     201);
    job = api_take(f);
    assert_text(job.kind, "identity");
    assert_text(job.tag, "other");
    assert_int_equal(ask(f, "listJobs", "list?job_kinds=identity").value.count, 1);
    api_assert_error(api_ask(f, "runScriptPreview", "POST", url, "{\"kind\":\"http\",\"args\":{}}"),
                     400, "Bad request: this server has no previews of kind 'http'");
    assert_int_equal(
        api_ask(f, "runScriptPreviewBundle", "POST", W "/jobs/run/preview_bundle", NULL).status,
        501);
    assert_int_equal(
        api_ask(f, "getLogFileFromStore", "GET", W "/jobs_u/get_log_file/a/b.txt", NULL).status,
        501);
    api_assert_error(api_ask(f, "runScriptPreview", "POST", url,
                             "{\"script_hash\":\"0123456789abcdef\",\"args\":{}}"),
                     404, "Not found: Script not found at name 0123456789abcdef");
}

static void a_tag_may_depend_on_the_job(void **state)
{
    struct api_fixture *f = *state;
    assert_int_equal(api_ask(f, "createScript", "POST", W "/scripts/create",
                             "{\"path\":\"u/demo/hello\",\"summary\":\"\",\"content\":\"echo\","
                             "\"language\":\"bash\",\"tag\":\"$workspace/$args[who]-$args[n]$x\"}")
                         .status,
                     201);
    const struct {
        const char *body, *tag;
    } rows[] = {
        {"{\"who\":\"ann\",\"n\":[1,2]}", "main/ann-[1_2]$x"},
        {"{}", "main/-$x"},
        {"{\"who\":\"$workspace\",\"n\":\"a\\nb\"}", "main/$workspace-a_b$x"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(api_ask(f, "runScriptByPath", "POST", RUN, rows[i].body).status, 201);
        assert_text(api_take(f).tag, rows[i].tag);
    }
    assert_int_equal(api_ask(f, "createSchedule", "POST", W "/schedules/create",
                             "{\"path\":\"u/demo/tick\",\"schedule\":\"0 0 0 1 1 *\",\"timezone\":"
                             "\"UTC\",\"script_path\":\"u/demo/hello\",\"is_flow\":false,"
                             "\"args\":{\"who\":\"s\"},\"enabled\":true}")
                         .status,
                     201);
    assert_int_equal(ask(f, "listJobs", "list?tag=main/s-$x").value.count, 1);
}

static void waiting_jobs_are_a_series(void **state)
{
    struct api_fixture *f = *state;
    fill(f);
    struct api_answer metrics =
        api_ask(f, "getQueueMetrics", "GET", "/api/workers/queue_metrics", NULL);
    assert_int_equal(metrics.status, 200);
    assert_int_equal(metrics.value.count, 1);
    assert_text(ar_text(ar_get_z(ar_item(&metrics.value, 0), "id")), "queue_count_bash");
    f->token = MEMBER;
    assert_int_equal(
        api_ask(f, "getQueueMetrics", "GET", "/api/workers/queue_metrics", NULL).status, 403);
}

static void jobs_are_counted(void **state)
{
    struct api_fixture *f = *state;
    char rest[64];
    fill(f);
    assert_str(ask(f, "getQueueCount", "queue/count").body,
               "{\"database_length\":3,\"suspended\":0}");
    assert_str(ask(f, "getCompletedCount", "completed/count").body, "{\"database_length\":2}");
    assert_str(ask(f, "countCompletedJobs", "completed/count_jobs?completed_after_s_ago=60").body,
               "2");
    assert_str(ask(f, "countCompletedJobs", "completed/count_jobs?success=true&tags=bash,big").body,
               "1");
    assert_str(api_ask(f, "countJobsByTag", "GET", "/api/jobs/completed/count_by_tag", NULL).body,
               "[{\"tag\":\"bash\",\"count\":1},{\"tag\":\"big\",\"count\":1}]");
    assert_str(
        api_ask(f, "getCountsOfJobsWaitingPerTag", "GET", "/api/workers/queue_counts", NULL).body,
        "{\"bash\":1}");
    assert_str(
        api_ask(f, "getCountsOfRunningJobsPerTag", "GET", "/api/workers/queue_running_counts", NULL)
            .body,
        "{\"bash\":1}");
    int64_t now = ar_clock_wall(ar_clock_system()) / 1000;
    snprintf(rest, sizeof(rest), "queue/position/%lld", (long long)now);
    assert_str(ask(f, "getQueuePosition", rest).body, "{\"position\":1}");
    assert_str(ask(f, "getQueuePosition", "queue/position/1").body, "{\"position\":null}");
    assert_int_equal(ask(f, "getQueuePosition", "queue/position/x").status, 400);
}

static void a_scheduled_time_is_told(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = run(f, "scheduled_for=2199-01-01T00:00:00Z");
    assert_str(api_ask_of(f, "getScheduledFor", "GET", "jobs/queue/scheduled_for/", id, "").body,
               "7226582400000");
}

static void the_starts_of_several_jobs_are_told(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str body, expected;
    char at[AR_TIME_LENGTH + 1];
    api_deploy(f, "u/demo/hello");
    struct arras_str first = api_submit(f), second = api_submit(f);
    struct ar_job job = api_take(f);
    assert_true(ar_str_eq(job.id, first));
    ar_time_write(job.started_at, at);
    assert_true(ar_str_printf(&f->arena, &body, "[\"%.*s\",\"%.*s\",\"none\"]", AR_STR_ARG(second),
                              AR_STR_ARG(first)));
    assert_true(ar_str_printf(&f->arena, &expected, "[null,\"%s\",null]", at));
    const char *target = W "/jobs_u/queue/get_started_at_by_ids";
    struct api_answer answer = api_ask(f, "getStartedAtByIds", "POST", target, body.ptr);
    assert_true(ar_str_eq(answer.body, expected));
    f->token = MEMBER; /* not one's own */
    answer = api_ask(f, "getStartedAtByIds", "POST", target, body.ptr);
    assert_str(answer.body, "[null,null,null]");
    assert_int_equal(api_ask(f, "getStartedAtByIds", "POST", target, "{}").status, 422);
}

static void a_selection_is_canceled(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str done = fill(f), body;
    struct arras_str waits = run(f, "");
    assert_true(ar_str_printf(&f->arena, &body,
                              "[\"%.*s\",\"%.*s\",\"00000000-0000-4000-8000-000000000000\",\"x\"]",
                              AR_STR_ARG(done), AR_STR_ARG(waits)));
    struct api_answer answer =
        api_ask(f, "cancelSelection", "POST", W "/jobs/queue/cancel_selection", body.ptr);
    assert_int_equal(answer.value.count, 1);
    assert_true(ar_str_eq(ar_text(ar_item(&answer.value, 0)), waits));
    assert_int_equal(
        api_ask(f, "cancelSelection", "POST", W "/jobs/queue/cancel_selection", "{}").status, 422);
    assert_int_equal(api_ask(f, "cancelPersistentQueuedJobs", "POST",
                             W "/jobs_u/queue/cancel_persistent/u/demo/hello", "{}")
                         .status,
                     200);
    assert_int_equal(ask(f, "listJobs", "list?running=false").value.count, 0);
    struct api_answer running = ask(f, "listJobs", "list?running=true");
    assert_true(ar_get_z(ar_item(&running.value, 0), "canceled")->boolean);
}

static void a_long_queue_refuses_jobs_that_mind(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    run(f, "queue_limit=0");
    api_assert_error(api_ask(f, "runScriptByPath", "POST", RUN "?queue_limit=0", "{}"), 500,
                     "Internal: Number of queued job is too high: 1 > 0");
    run(f, "queue_limit=1");
}

static void what_a_submission_says_is_kept(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = run(f, "root_job=00000000-0000-4000-8000-00000000000A&cache_ttl=60"
                                 "&invisible_to_owner=true");
    struct api_answer job = api_ask_of(f, "getJob", "GET", "jobs_u/get/", id, "");
    assert_str(ar_text(ar_get_z(&job.value, "root_job")), "00000000-0000-4000-8000-00000000000a");
    assert_str(ar_text(ar_get_z(&job.value, "cache_ttl")), "60");
    assert_false(ar_get_z(&job.value, "visible_to_owner")->boolean);
    assert_str(api_ask_of(f, "getRootJobId", "GET", "jobs_u/get_root_job_id/", id, "").body,
               "\"00000000-0000-4000-8000-00000000000a\"");
    api_assert_error(
        api_ask(f, "runScriptByPath", "POST", RUN, "{\"_ENTRYPOINT_OVERRIDE\":\"other\"}"), 400,
        "Bad request: a bash script has no functions to run by _ENTRYPOINT_OVERRIDE");
    api_assert_error(api_ask(f, "runScriptByPath", "POST", RUN "?memory_id=1", "{}"), 400,
                     "Bad request: this server has no query parameter memory_id");
    struct api_answer preview =
        api_ask(f, "runScriptPreview", "POST", W "/jobs/run/preview",
                "{\"content\":\"x\",\"language\":\"python3\",\"args\":{\"a\":1,"
                "\"_ENTRYPOINT_OVERRIDE\":\"other\"}}");
    job = api_ask_of(f, "getJob", "GET", "jobs_u/get/", preview.body, "");
    assert_str(ar_text(ar_get_z(&job.value, "script_entrypoint_override")), "other");
    assert_str(api_ask_of(f, "getJobArgs", "GET", "jobs_u/get_args/", preview.body, "").body,
               "{\"a\":1}");
}

/* A job with these arguments, as its worker gets it. */
static struct ar_job take_cached(struct api_fixture *f, const char *query, const char *args)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, RUN "?%s", query));
    assert_int_equal(api_ask(f, "runScriptByPath", "POST", target.ptr, args).status, 201);
    return api_take(f);
}

static bool reused(struct api_fixture *f, struct ar_job *job)
{
    bool done;
    assert_int_equal(ar_job_reuse(f->api.store, &f->arena, NULL, job, &done), ARRAS_OK);
    return done;
}

static void a_result_is_used_again_while_it_is_kept(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct ar_job first = take_cached(f, "cache_ttl=60", "{\"a\":1,\"b\":2}");
    assert_false(reused(f, &first));
    first.state = AR_JOB_FAILURE;
    first.result = AR_STR("{}");
    first.completed_at = ar_store_end_time(f->api.store, &first);
    assert_int_equal(ar_job_keep_result(f->api.store, &first, NULL), ARRAS_OK);
    struct ar_job second = take_cached(f, "cache_ttl=60", "{\"b\":2,\"a\":1}");
    assert_false(reused(f, &second)); /* a failure is not kept */
    first.state = AR_JOB_SUCCESS;
    first.result = AR_STR("[7]");
    assert_int_equal(ar_job_keep_result(f->api.store, &first, NULL), ARRAS_OK);
    assert_true(reused(f, &second));
    assert_str(second.result, "[7]");
    assert_int_equal(second.state, AR_JOB_SUCCESS);
    struct ar_job other = take_cached(f, "cache_ttl=60", "{\"a\":1}");
    assert_false(reused(f, &other));
    other = take_cached(f, "", "{\"a\":1,\"b\":2}");
    assert_false(reused(f, &other));
    first.completed_at -= INT64_C(61000000); /* it has expired */
    assert_int_equal(ar_job_keep_result(f->api.store, &first, NULL), ARRAS_OK);
    other = take_cached(f, "cache_ttl=60", "{\"a\":1,\"b\":2}");
    assert_false(reused(f, &other));
}

static void labels_come_from_the_result(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = run(f, "");
    struct ar_job job = api_take(f);
    job.result = AR_STR("{\"wm_labels\":[\"a b\",7,\"c\\\"d\"]}");
    assert_int_equal(ar_job_take_labels(f->api.store, &job, &f->arena, NULL), ARRAS_OK);
    api_complete(f, &job, true, "1");
    struct api_answer shown =
        api_ask_of(f, "getCompletedJob", "GET", "jobs_u/completed/get/", id, "");
    const struct arras_value *labels = ar_get_z(&shown.value, "labels");
    assert_int_equal(labels->count, 2);
    assert_text(ar_text(ar_item(labels, 1)), "c\"d");
    assert_int_equal(ask(f, "listJobs", "list?label=a+b").value.count, 1);
    assert_int_equal(ask(f, "listJobs", "list?label=a").value.count, 0);
}

static struct arras_str submit_below(struct api_fixture *f, struct arras_str parent)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target,
                              "/api/w/main/jobs/run/p/u/demo/hello?parent_job=%.*s",
                              AR_STR_ARG(parent)));
    return api_ask(f, "runScriptByPath", "POST", target.ptr, "{}").body;
}

static struct ar_job stored(struct api_fixture *f, struct arras_str id)
{
    struct ar_job job;
    assert_int_equal(ar_store_job_get(f->api.store, AR_STR("main"), id, &f->arena, NULL, &job),
                     ARRAS_OK);
    return job;
}

static void a_forced_cancellation_begins_at_the_top_and_ends_at_once(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str log;
    api_deploy(f, "u/demo/hello");
    struct arras_str gone = api_submit(f);
    struct ar_job ended = api_take(f);
    api_complete(f, &ended, true, "1");
    struct arras_str top = submit_below(f, gone), middle = submit_below(f, top);
    struct ar_job running = api_take(f);
    assert_true(ar_str_eq(running.id, top));
    running = api_take(f);
    struct arras_str below = submit_below(f, middle);
    struct api_answer answer =
        api_ask_of(f, "forceCancelQueuedJob", "POST", "jobs_u/queue/force_cancel/", below, "");
    assert_int_equal(answer.status, 200);
    assert_true(ar_str_eq(answer.body, below));
    const struct arras_str all[] = {top, middle, below};
    for (size_t i = 0; i < 3; i++) {
        struct ar_job job = stored(f, all[i]);
        assert_int_equal(job.state, AR_JOB_CANCELED);
        assert_str(job.canceled_by, "admin");
        assert_int_equal(ar_store_log_get(f->api.store, job.id, 0, &f->arena, NULL, &log),
                         ARRAS_OK);
        assert_str(log, "canceled by admin: (force cancel: true)\n");
    }
    assert_int_equal(stored(f, gone).state, AR_JOB_SUCCESS);
    /* whose worker had not heard of it */
    running.state = AR_JOB_SUCCESS;
    assert_int_equal(ar_queue_complete(f->api.queue, &running, NULL), ARRAS_CONFLICT);
    answer = api_ask(f, "listAuditLogs", "GET",
                     "/api/w/main/audit/list?operation=jobs.force_cancel", NULL);
    assert_int_equal(answer.value.count, 1);
    answer = api_ask_of(f, "forceCancelQueuedJob", "POST", "jobs_u/queue/force_cancel/", top, "");
    assert_int_equal(answer.status, 200);
}

static void nobody_forces_what_he_may_not_end(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str top = api_submit(f);
    api_share(f, "u/demo/hello");
    f->token = MEMBER;
    struct arras_str own = submit_below(f, top);
    struct api_answer answer =
        api_ask_of(f, "forceCancelQueuedJob", "POST", "jobs_u/queue/force_cancel/", own, "");
    assert_int_equal(answer.status, 403);
    assert_int_equal(stored(f, top).state, AR_JOB_QUEUED);
    assert_int_equal(stored(f, own).state, AR_JOB_QUEUED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_filter_has_its_jobs),
        TEST(jobs_are_found_by_what_they_hold),
        TEST(filters_that_are_not_there_are_refused),
        TEST(previews_need_no_code_of_their_own),
        TEST(a_tag_may_depend_on_the_job),
        TEST(waiting_jobs_are_a_series),
        TEST(jobs_are_counted),
        TEST(a_scheduled_time_is_told),
        TEST(the_starts_of_several_jobs_are_told),
        TEST(a_selection_is_canceled),
        TEST(a_long_queue_refuses_jobs_that_mind),
        TEST(what_a_submission_says_is_kept),
        TEST(a_result_is_used_again_while_it_is_kept),
        TEST(labels_come_from_the_result),
        TEST(a_forced_cancellation_begins_at_the_top_and_ends_at_once),
        TEST(nobody_forces_what_he_may_not_end),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
