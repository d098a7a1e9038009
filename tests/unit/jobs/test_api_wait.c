/* Waiting for a job: run_wait_result, and streams of updates; windmill-api.md sections 4.1, 4.2. */
#include "base/limits.h"
#include "unit/jobs/api_fixture.h"
#include "unit/jobs/database.h"

#define W "/api/w/main"
#define WAIT W "/jobs/run_wait_result/p/u/demo/hello"

static void assert_text(struct arras_str got, const char *expected)
{
    char text[2048];
    snprintf(text, sizeof(text), "%.*s", AR_STR_ARG(got));
    assert_string_equal(text, expected);
}

static struct arras_str only_job(struct api_fixture *f)
{
    struct api_answer jobs = api_ask(f, "listJobs", "GET", W "/jobs/list", NULL);
    assert_int_equal(jobs.value.count, 1);
    return ar_text(ar_get_z(ar_item(&jobs.value, 0), "id"));
}

static void the_result_is_the_answer(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(
        api_ask(f, "runWaitResultScriptByPath", "POST", WAIT, "{\"name\":\"you\"}").status, 0);
    assert_true(test_on_postgres() || f->woken == 0); /* its notes may have been missed before */
    struct ar_job job = api_take(f);
    assert_str(job.args, "{\"name\":\"you\"}");
    api_wait_woken(f);
    assert_int_equal(api_proceed(f, false).status, 0);
    f->woken = 0;
    api_complete(f, &job, true, "{\"n\":19.10}");
    api_wait_woken(f);
    struct api_answer answer = api_proceed(f, false);
    assert_int_equal(answer.status, 200);
    assert_str(answer.body, "{\"n\":19.10}");
    api_check(f, "runWaitResultScriptByPath", &answer);
}

static void a_result_that_is_not_kept_is_answered_and_goes(void **state)
{
    struct api_fixture *f = *state;
    assert_int_equal(api_ask(f, "createScript", "POST", W "/scripts/create",
                             "{\"path\":\"u/demo/hello\",\"summary\":\"\",\"content\":\"echo\","
                             "\"language\":\"bash\",\"delete_after_use\":true}")
                         .status,
                     201);
    const char *const targets[] = {WAIT, W "/jobs/run_and_stream/p/u/demo/hello"};
    const char *const operations[] = {"runWaitResultScriptByPath", "runAndStreamScriptByPath"};
    for (size_t i = 0; i < 2; i++) {
        api_ask(f, operations[i], "POST", targets[i], "{\"name\":\"you\"}");
        struct ar_job job = api_take(f);
        assert_str(job.args, "{\"name\":\"you\"}");
        api_complete(f, &job, true, "\"secret\"");
        assert_true(ar_str_find(api_proceed(f, false).body, AR_STR("secret"), 0) != AR_NOT_FOUND);
        struct api_answer answer =
            api_ask_of(f, "getCompletedJob", "GET", "jobs_u/completed/get/", job.id, "");
        assert_int_equal(ar_get_z(&answer.value, "args")->count, 0);
        assert_int_equal(ar_get_z(&answer.value, "result")->type, ARRAS_OBJECT);
        assert_int_equal(ar_get_z(&answer.value, "result")->count, 0);
        assert_str(ar_text(ar_get_z(&answer.value, "logs")), "##DELETED##");
        struct arras_str body;
        assert_true(
            ar_str_printf(&f->arena, &body, "{\"job_ids\":[\"%.*s\"]}", AR_STR_ARG(job.id)));
        answer = api_ask(f, "batchReRunJobs", "POST", W "/jobs/run/batch_rerun_jobs", body.ptr);
        assert_true(ar_str_find(answer.body, AR_STR("its arguments were not kept"), 0) !=
                    AR_NOT_FOUND);
    }
}

static void a_failure_is_422(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str hash = api_deploy(f, "u/demo/hello");
    struct arras_str target;
    assert_true(
        ar_str_printf(&f->arena, &target, W "/jobs/run_wait_result/h/%.*s", AR_STR_ARG(hash)));
    assert_int_equal(api_ask(f, "runWaitResultScriptByHash", "POST", target.ptr, "{}").status, 0);
    struct ar_job job = api_take(f);
    api_complete(f, &job, false, "{\"error\":{\"name\":\"E\"}}");
    struct api_answer answer = api_proceed(f, false);
    assert_int_equal(answer.status, 422);
    assert_str(answer.body, "{\"error\":{\"name\":\"E\"}}");
    assert_string_equal(answer.type, "application/json");
}

static struct arras_str header(struct api_fixture *f, const char *name)
{
    const struct arras_str *value = ar_headers_find(&f->response.headers, name);
    return value ? *value : AR_STR("-");
}

static void a_result_may_say_how_it_is_answered(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *result;
        int status;
        const char *type, *body;
    } rows[] = {
        {"{\"windmill_status_code\":418,\"result\":[1]}", 418, "application/json", "[1]"},
        {"{\"wm_status_code\":201}", 201, NULL, ""},
        {"{\"windmill_headers\":{\"X-A\":\"b\"}}", 204, NULL, ""},
        {"{\"windmill_content_type\":\"text/csv\",\"result\":\"a,b\"}", 200, "text/csv", "a,b"},
        {"{\"wm_content_type\":\"text/x\",\"result\":{\"a\":1}}", 200, "text/x", "{\"a\":1}"},
        {"{\"wm_content_type\":\"image/x\",\"wm_content_transfer_encoding\":\"base64\","
         "\"result\":\"aGVsbG8=\"}",
         200, "image/x", "hello"},
        {"{\"windmill_content_transfer_encoding\":\"base64\",\"result\":\"x\"}", 200,
         "application/json",
         "{\"windmill_content_transfer_encoding\":\"base64\",\"result\":\"x\"}"},
        {"{\"result\":1}", 200, "application/json", "{\"result\":1}"},
        {"{\"windmill_status_code\":99}", 500, "text/plain; charset=utf-8",
         "Internal: the job's result has a wrong windmill_status_code: expected a number from 200 "
         "to 599"},
        {"{\"windmill_headers\":{\"Content-Length\":\"1\"}}", 500, "text/plain; charset=utf-8",
         NULL},
        {"{\"windmill_headers\":{\"A\":\"x\\r\\nB: y\"}}", 500, "text/plain; charset=utf-8", NULL},
        {"{\"wm_content_type\":\"image/x\",\"wm_content_transfer_encoding\":\"base64\","
         "\"result\":\"!\"}",
         500, "text/plain; charset=utf-8", NULL},
    };
    api_deploy(f, "u/demo/hello");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].result);
        assert_int_equal(api_ask(f, "runWaitResultScriptByPath", "POST", WAIT, "{}").status, 0);
        struct ar_job job = api_take(f);
        api_complete(f, &job, true, rows[i].result);
        struct api_answer answer = api_proceed(f, false);
        assert_int_equal(answer.status, rows[i].status);
        assert_true(rows[i].type ? answer.type && strcmp(answer.type, rows[i].type) == 0
                                 : !answer.type);
        assert_true(!rows[i].body || ar_str_is(answer.body, rows[i].body));
        assert_str(header(f, "Access-Control-Allow-Origin"), "*");
        assert_text(header(f, "X-A"), i == 2 ? "b" : "-");
    }
}

static void a_client_that_goes_away_cancels_its_job(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(api_ask(f, "runWaitResultScriptByPath", "POST", WAIT, "{}").status, 0);
    api_leave(f);
    struct api_answer job =
        api_ask_of(f, "getCompletedJob", "GET", "jobs_u/completed/get/", only_job(f), "");
    assert_true(ar_get_z(&job.value, "canceled")->boolean);
    assert_str(ar_text(ar_get_z(&job.value, "canceled_reason")), "http connection broke");
}

static void stopping_the_server_cancels_nothing(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(api_ask(f, "runWaitResultScriptByPath", "POST", WAIT, "{}").status, 0);
    assert_int_equal(api_proceed(f, true).status, 0);
    api_leave(f);
    struct api_answer job = api_ask_of(f, "getJob", "GET", "jobs_u/get/", only_job(f), "");
    assert_str(ar_text(ar_get_z(&job.value, "type")), "QueuedJob");
}

static void waiting_ends_after_its_time(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    f->api.wait_seconds = -1; /* over when it begins */
    api_assert_error(api_ask(f, "runWaitResultScriptByPath", "POST", WAIT, "{}"), 500,
                     "timeout after -1s");
}

static void a_get_brings_its_arguments_in_the_query(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    assert_int_equal(api_ask(f, "runWaitResultScriptByPathGet", "GET",
                             WAIT "?payload=eyJhIjogMX0&include_query=q,none&q=7", NULL)
                         .status,
                     0);
    assert_str(api_take(f).args, "{\"a\":1,\"q\":\"7\"}");
    api_leave(f);
    api_assert_error(api_ask(f, "runWaitResultScriptByPathGet", "GET", WAIT "?payload=!", NULL),
                     400, "Bad request: query parameter payload is not Base64");
    assert_int_equal(
        api_ask(f, "runWaitResultScriptByPathGet", "GET", WAIT "?payload=eyJh", NULL).status, 400);
}

/* A request as the argument of a preprocessor, without its secrets. */
static void a_script_with_a_preprocessor_gets_the_request(void **state)
{
    struct api_fixture *f = *state;
    const struct ar_header headers[] = {
        {AR_STR("Authorization"), AR_STR("Bearer " ADMIN)},
        {AR_STR("Cookie"), AR_STR("token=" ADMIN)},
        {AR_STR("Content-Type"), AR_STR("application/json")},
        {AR_STR("X-Signature"), AR_STR("abc")},
    };
    struct api_answer made =
        api_ask(f, "createScript", "POST", W "/scripts/create",
                "{\"path\":\"u/demo/hook\",\"summary\":\"\",\"content\":\"def main(): pass\","
                "\"language\":\"python3\",\"has_preprocessor\":true}");
    assert_int_equal(made.status, 201);
    struct api_answer script =
        api_ask(f, "getScriptByPath", "GET", W "/scripts/get/p/u/demo/hook", NULL);
    assert_true(ar_get_z(&script.value, "has_preprocessor")->boolean);
    assert_int_equal(
        api_send(f, "POST", W "/jobs/run/p/u/demo/hook?a=b%20c&token=" ADMIN, headers, 4, "[1]")
            .status,
        201);
    struct ar_job job = api_take(f);
    assert_true(job.preprocess);
    assert_str(job.args,
               "{\"event\":{\"kind\":\"webhook\",\"body\":[1],\"raw_string\":\"[1]\",\"headers\":"
               "{\"content-type\":\"application/json\",\"x-signature\":\"abc\"},\"query\":"
               "{\"a\":\"b c\"}}}");
    struct api_answer shown = api_ask_of(f, "getJob", "GET", "jobs_u/get/", job.id, "");
    assert_false(ar_get_z(&shown.value, "preprocessed")->boolean);
    api_complete(f, &job, true, "1");
    shown = api_ask_of(f, "getJob", "GET", "jobs_u/get/", job.id, "");
    assert_true(ar_get_z(&shown.value, "preprocessed")->boolean);
    assert_int_equal(api_ask(f, "runScriptByPath", "POST",
                             W "/jobs/run/p/u/demo/hook?skip_preprocessor=true", "{\"a\":1}")
                         .status,
                     201);
    job = api_take(f);
    assert_false(job.preprocess);
    assert_str(job.args, "{\"a\":1}");
}

/* By path, by version, by GET. */
static void each_way_to_wait_and_to_watch_is_there(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str hash = api_deploy(f, "u/demo/hello");
    const struct {
        const char *operation, *method, *target;
        bool by_hash;
    } rows[] = {
        {"runWaitResultScriptByHash", "POST", W "/jobs/run_wait_result/h/", true},
        {"runWaitResultScriptByHashGet", "GET", W "/jobs/run_wait_result/h/", true},
        {"runAndStreamScriptByPath", "POST", W "/jobs/run_and_stream/p/", false},
        {"runAndStreamScriptByPathGet", "GET", W "/jobs/run_and_stream/p/", false},
        {"runAndStreamScriptByHash", "POST", W "/jobs/run_and_stream/h/", true},
        {"runAndStreamScriptByHashGet", "GET", W "/jobs/run_and_stream/h/", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        bool get = strcmp(rows[i].method, "GET") == 0;
        struct arras_str target;
        assert_true(ar_str_printf(&f->arena, &target, "%s%.*s%s", rows[i].target,
                                  AR_STR_ARG(rows[i].by_hash ? hash : AR_STR("u/demo/hello")),
                                  get ? "?payload=eyJhIjogMX0" : ""));
        api_ask(f, rows[i].operation, rows[i].method, target.ptr, get ? NULL : "{\"a\":1}");
        struct ar_job job = api_take(f);
        assert_str(job.args, "{\"a\":1}");
        api_complete(f, &job, true, "\"the result\"");
        struct api_answer answer = api_proceed(f, false);
        assert_true(ar_str_find(answer.body, AR_STR("\"the result\""), 0) != AR_NOT_FOUND);
        assert_null(f->later.end);
    }
}

static void headers_become_arguments_where_asked_for(void **state)
{
    struct api_fixture *f = *state;
    const struct ar_header headers[] = {{AR_STR("Authorization"), AR_STR("Bearer " ADMIN)},
                                        {AR_STR("X-Hub-Signature"), AR_STR("s")},
                                        {AR_STR("X-Other"), AR_STR("o")}};
    api_deploy(f, "u/demo/hello");
    struct api_answer answer =
        api_send(f, "POST", W "/jobs/run/p/u/demo/hello?include_header=X-Hub-Signature,X-None",
                 headers, 3, "");
    assert_int_equal(answer.status, 201);
    assert_str(api_take(f).args, "{\"x_hub_signature\":\"s\"}");
}

static void a_preview_brings_its_code(void **state)
{
    struct api_fixture *f = *state;
    const struct {
        const char *body;
        int status;
        const char *text;
    } rows[] = {
        {"{\"language\":\"bash\"}", 400, "Bad request: a preview needs content"},
        {"{\"content\":\"x\"}", 400, "Bad request: a preview needs a language"},
        {"{\"content\":\"x\",\"language\":\"cobol\"}", 400,
         "Bad request: this server does not run language 'cobol'"},
        {"{\"content\":\"x\",\"language\":\"bash\",\"kind\":\"http\"}", 400,
         "Bad request: this server has no previews of kind 'http'"},
        {"{\"content\":1}", 422,
         "Failed to deserialize the JSON body into the target type: content: expected a string, "
         "found number"},
        {"[]", 422,
         "Failed to deserialize the JSON body into the target type: expected an object, found "
         "array"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        api_assert_error(
            api_ask(f, "runScriptPreview", "POST", W "/jobs/run/preview", rows[i].body),
            rows[i].status, rows[i].text);
    }
    struct api_answer answer =
        api_ask(f, "runScriptPreview", "POST", W "/jobs/run/preview",
                "{\"content\":\"echo 7\",\"language\":\"bash\",\"args\":{\"a\":1},"
                "\"path\":\"u/admin/draft\"}");
    assert_int_equal(answer.status, 201);
    struct api_answer shown = api_ask_of(f, "getJob", "GET", "jobs_u/get/", answer.body, "");
    assert_str(ar_text(ar_get_z(&shown.value, "raw_code")), "echo 7");
    assert_str(ar_text(ar_get_z(&shown.value, "job_kind")), "preview");
    struct ar_job job = api_take(f);
    assert_str(job.code, "echo 7");
    assert_str(job.args, "{\"a\":1}");
    assert_int_equal(api_ask(f, "runScriptPreviewAndWaitResult", "POST",
                             W "/jobs/run_wait_result/preview",
                             "{\"content\":\"echo 7\",\"language\":\"bash\"}")
                         .status,
                     0);
    api_leave(f);
}

static void assert_frames(struct api_fixture *f, struct api_answer answer, const char *frames)
{
    api_check(f, "getJobUpdatesSSE", &answer);
    assert_text(answer.body, frames);
}

static void updates_are_streamed_as_they_happen(void **state)
{
    struct api_fixture *f = *state;
    struct ar_store *store = f->api.store;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct api_answer answer =
        api_ask_of(f, "getJobUpdatesSSE", "GET", "jobs_u/getupdate_sse/", id, "");
    assert_frames(f, answer, "data: {\"type\":\"update\",\"completed\":false}\n\n");
    assert_str(header(f, "X-Accel-Buffering"), "no");
    assert_int_equal(api_proceed(f, false).status, 0);
    struct ar_job job = api_take(f);
    api_wait_woken(f);
    assert_frames(f, api_proceed(f, false),
                  "data: {\"type\":\"update\",\"running\":true,\"completed\":false,"
                  "\"new_logs\":\"\",\"log_offset\":1}\n\n");
    assert_int_equal(ar_store_log_append(store, id, AR_STR("h\xc3\xa9\n"), NULL), ARRAS_OK);
    assert_frames(f, api_proceed(f, false),
                  "data: {\"type\":\"update\",\"completed\":false,\"new_logs\":\"h\xc3\xa9\\n\","
                  "\"log_offset\":4}\n\n");
    assert_int_equal(api_proceed(f, false).status, 0);
    api_complete(f, &job, true, "[1]");
    answer = api_proceed(f, false);
    api_check(f, "getJobUpdatesSSE", &answer);
    assert_true(ar_str_find(answer.body, AR_STR("\"job\":{\"type\":\"CompletedJob\""), 0) !=
                AR_NOT_FOUND);
    assert_null(f->later.end); /* that was the last */
}

/* As setJobProgress does. */
static void tell_progress(struct api_fixture *f, struct arras_str id, int percent)
{
    assert_int_equal(ar_store_job_progress_set(f->api.store, AR_STR("main"), id, percent, NULL),
                     ARRAS_OK);
    ar_queue_log_grew(f->api.queue, id);
}

static void progress_is_streamed_as_it_is_told(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    struct api_answer answer = api_ask_of(f, "getJobUpdatesSSE", "GET", "jobs_u/getupdate_sse/", id,
                                          "?running=true&no_logs=true&get_progress=true");
    assert_frames(f, answer, "data: {\"type\":\"update\",\"completed\":false}\n\n");
    for (int percent = 40; percent <= 80; percent += 40) {
        char frame[96];
        tell_progress(f, id, percent);
        api_wait_woken(f);
        snprintf(frame, sizeof(frame),
                 "data: {\"type\":\"update\",\"completed\":false,\"progress\":%d}\n\n", percent);
        assert_frames(f, api_proceed(f, false), frame);
        assert_int_equal(api_proceed(f, false).status, 0);
    }
    api_complete(f, &job, true, "1");
    assert_non_null(f->later.end);
    answer = api_proceed(f, false);
    assert_true(ar_str_find(answer.body, AR_STR("\"completed\":true"), 0) != AR_NOT_FOUND);
}

static void pieces_of_the_result_are_streamed(void **state)
{
    struct api_fixture *f = *state;
    struct ar_store *store = f->api.store;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    assert_int_equal(ar_store_stream_append(store, id, AR_STR("h\xc3\xa9"), NULL), ARRAS_OK);
    struct api_answer answer =
        api_ask_of(f, "getJobUpdatesSSE", "GET", "jobs_u/getupdate_sse/", id, "?only_result=true");
    assert_frames(f, answer,
                  "data: {\"type\":\"update\",\"new_result_stream\":\"h\xc3\xa9\","
                  "\"stream_offset\":3}\n\n");
    assert_int_equal(api_proceed(f, false).status, 0);
    assert_int_equal(ar_store_stream_append(store, id, AR_STR("!"), NULL), ARRAS_OK);
    assert_frames(f, api_proceed(f, false),
                  "data: {\"type\":\"update\",\"new_result_stream\":\"!\","
                  "\"stream_offset\":4}\n\n");
    api_complete(f, &job, true, "\"h\"");
    assert_frames(f, api_proceed(f, false),
                  "data: {\"type\":\"update\",\"completed\":true,\"only_result\":\"h\","
                  "\"new_result_stream\":\"\",\"stream_offset\":4}\n\n");
    answer = api_ask_of(f, "getJobUpdates", "GET", "jobs_u/getupdate/", id, "?stream_offset=3");
    assert_text(answer.body,
                "{\"running\":false,\"completed\":true,\"new_logs\":\"\",\"log_offset\":1,"
                "\"new_result_stream\":\"!\",\"stream_offset\":4,\"mem_peak\":2048}");
}

static void a_stream_ends_where_there_is_nothing_to_tell(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str none = AR_STR("00000000-0000-4000-8000-000000000000");
    struct api_answer answer =
        api_ask_of(f, "getJobUpdatesSSE", "GET", "jobs_u/getupdate_sse/", none, "");
    assert_frames(f, answer, "data: {\"type\":\"notfound\"}\n\n");
    assert_null(f->later.end);

    api_deploy(f, "u/demo/hello");
    f->api.stream_seconds = -1;
    answer = api_ask(f, "runAndStreamScriptByPath", "POST", W "/jobs/run_and_stream/p/u/demo/hello",
                     "{}");
    assert_frames(f, answer,
                  "data: {\"type\":\"update\",\"completed\":false}\n\n"
                  "data: {\"type\":\"timeout\"}\n\n");
    assert_null(f->later.end);
}

static void a_stream_of_only_the_result(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f);
    struct ar_job job = api_take(f);
    api_complete(f, &job, true, "[1]");
    struct api_answer answer =
        api_ask_of(f, "getJobUpdatesSSE", "GET", "jobs_u/getupdate_sse/", id, "?only_result=true");
    assert_frames(f, answer,
                  "data: {\"type\":\"update\",\"completed\":true,\"only_result\":[1]}\n\n");
}

static void locks_are_empty(void **state)
{
    struct api_fixture *f = *state;
    const char *body = "{\"raw_scripts\":[{\"raw_code\":\"x\",\"language\":\"python3\","
                       "\"script_path\":\"u/a/b\"}],\"entrypoint\":\"u/a/b\"}";
    assert_str(
        api_ask(f, "runRawScriptDependencies", "POST", W "/jobs/run/dependencies", body).body,
        "{\"lock\":\"\"}");
    assert_int_equal(
        api_ask(f, "runRawScriptDependencies", "POST", W "/jobs/run/dependencies", "{}").status,
        422);
    struct api_answer answer =
        api_ask(f, "runRawScriptDependenciesAsync", "POST", W "/jobs/run/dependencies_async", body);
    struct api_answer job = api_ask_of(f, "getJob", "GET", "jobs_u/get/", answer.body, "");
    assert_str(ar_text(ar_get_z(&job.value, "job_kind")), "dependencies");
    assert_str(ar_text(ar_get_z(&job.value, "tag")), "dependency");
}

static void flows_are_not_implemented(void **state)
{
    struct api_fixture *f = *state;
    api_ask(f, "runFlowByPath", "POST", W "/jobs/run/f/u/demo/flow", "{}");
    struct api_answer answer = api_ask(f, "getFlow", "GET", W "/flows/get/u/demo/flow", NULL);
    api_assert_error(answer, 501, "Not implemented: this server runs scripts, not flows");
}

static void small_things_about_a_job_are_told(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "u/demo/hello");
    struct arras_str id = api_submit(f), target;
    assert_str(api_ask_of(f, "getJobArgs", "GET", "jobs_u/get_args/", id, "").body,
               "{\"name\":\"you\"}");
    assert_true(ar_str_printf(&f->arena, &target, W "/jobs/run/p/u/demo/hello?parent_job=%.*s",
                              AR_STR_ARG(id)));
    struct arras_str child = api_ask(f, "runScriptByPath", "POST", target.ptr, "{}").body;
    struct api_answer root =
        api_ask_of(f, "getRootJobId", "GET", "jobs_u/get_root_job_id/", child, "");
    assert_true(ar_str_eq(ar_text(&root.value), id));
    assert_int_equal(
        api_ask_of(f, "getCompletedJobTiming", "GET", "jobs_u/completed/get_timing/", id, "")
            .status,
        404);
    struct ar_job job = api_take(f);
    assert_int_equal(ar_store_log_append(f->api.store, id, AR_STR("hi"), NULL), ARRAS_OK);
    api_complete(f, &job, true, "1");
    struct api_answer timing =
        api_ask_of(f, "getCompletedJobTiming", "GET", "jobs_u/completed/get_timing/", id, "");
    assert_non_null(ar_get_z(&timing.value, "started_at"));
    assert_str(
        api_ask_of(f, "getCompletedJobLogsTail", "GET", "jobs_u/get_completed_logs_tail/", id, "")
            .body,
        "hi");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_result_is_the_answer),
        TEST(a_result_that_is_not_kept_is_answered_and_goes),
        TEST(a_failure_is_422),
        TEST(a_result_may_say_how_it_is_answered),
        TEST(a_client_that_goes_away_cancels_its_job),
        TEST(stopping_the_server_cancels_nothing),
        TEST(waiting_ends_after_its_time),
        TEST(a_get_brings_its_arguments_in_the_query),
        TEST(each_way_to_wait_and_to_watch_is_there),
        TEST(a_script_with_a_preprocessor_gets_the_request),
        TEST(headers_become_arguments_where_asked_for),
        TEST(a_preview_brings_its_code),
        TEST(updates_are_streamed_as_they_happen),
        TEST(progress_is_streamed_as_it_is_told),
        TEST(pieces_of_the_result_are_streamed),
        TEST(a_stream_ends_where_there_is_nothing_to_tell),
        TEST(a_stream_of_only_the_result),
        TEST(locks_are_empty),
        TEST(flows_are_not_implemented),
        TEST(small_things_about_a_job_are_told),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
