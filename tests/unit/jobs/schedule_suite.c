/* Schedules and their occurrences, on every backend. Times are given, never waited for. */
#include <pthread.h>
#include "jobs/time.h"
#include "unit/harness.h"
#include "unit/jobs/store_suite.h"

static const struct ar_store_backend *backend;

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_store *store;
    int versions; /* of the script */
};

static void open_store(struct fixture *f)
{
    assert_int_equal(backend->open(&f->diags, &f->store), ARRAS_OK);
}

static void deploy(struct fixture *f, const char *path, const char *language, const char *content)
{
    static char hash[8][17], parent[17];
    struct ar_script script = {.workspace = AR_STR("w"),
                               .path = ar_str_z(path),
                               .content = ar_str_z(content),
                               .language = ar_str_z(language),
                               .kind = AR_STR("script"),
                               .created_by = AR_STR("ann")};
    snprintf(hash[f->versions], sizeof(hash[0]), "%016d", f->versions);
    script.hash = ar_str_z(hash[f->versions]);
    if (f->versions) {
        snprintf(parent, sizeof(parent), "%016d", f->versions - 1);
        script.parent_hash = ar_str_z(parent);
    }
    f->versions++;
    assert_int_equal(ar_store_script_add(f->store, &script, &f->diags), ARRAS_OK);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    ar_arena_init(&f->arena, 0);
    ar_diags_init(&f->diags, &f->arena);
    backend->wipe();
    open_store(f);
    assert_int_equal(ar_store_workspace_add(f->store, AR_STR("w"), &f->diags), 0);
    deploy(f, "u/ann/s", "bash", "echo 1");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ar_store_close(f->store);
    ar_arena_release(&f->arena);
    free(f);
    backend->wipe();
    return 0;
}

/* "2026-03-28T00:00:00Z" */
static int64_t at(const char *text)
{
    int64_t time = 0;
    assert_true(ar_time_read(ar_str_z(text), &time));
    return time;
}

static struct ar_schedule schedule(const char *cron, const char *zone, const char *edited_at)
{
    return (struct ar_schedule){.workspace = AR_STR("w"),
                                .path = AR_STR("u/ann/every"),
                                .cron = ar_str_z(cron),
                                .cron_version = AR_STR("v2"),
                                .timezone = ar_str_z(zone),
                                .script_path = AR_STR("u/ann/s"),
                                .args = AR_STR("{\"x\":1}"),
                                .enabled = true,
                                .edited_by = AR_STR("ann"),
                                .email = AR_STR("ann@localhost"),
                                .permissioned_as = AR_STR("u/ann"),
                                .edited_at = at(edited_at)};
}

static void add(struct fixture *f, const struct ar_schedule *s)
{
    assert_int_equal(ar_store_schedule_add(f->store, s, &f->diags), ARRAS_OK);
}

/* The jobs that wait or run. */
static struct ar_job_list open_jobs(struct fixture *f)
{
    struct ar_job_list list;
    const struct ar_job_filter filter = {
        .workspace = AR_STR("w"), .running = -1, .completed = 0, .success = -1, .limit = 100};
    assert_int_equal(ar_store_job_list(f->store, &filter, &f->arena, &f->diags, &list), ARRAS_OK);
    return list;
}

static struct ar_job occurrence(struct fixture *f)
{
    struct ar_job_list list = open_jobs(f);
    assert_int_equal(list.list.count, 1);
    return list.list.items[0];
}

static void assert_waits_for(struct fixture *f, const char *expected)
{
    char text[AR_TIME_LENGTH + 1];
    struct ar_job job = occurrence(f);
    ar_time_write(job.scheduled_for, text);
    memcpy(text + 19, "Z", 2); /* without microseconds */
    assert_string_equal(text, expected);
    assert_int_equal(job.state, AR_JOB_QUEUED);
    assert_str(job.schedule_path, "u/ann/every");
}

static struct ar_job claim(struct fixture *f, int64_t now)
{
    struct ar_job job;
    int64_t next;
    const struct ar_claim by = {.worker = AR_STR("tester"), .now = now};
    assert_int_equal(ar_store_job_claim(f->store, &by, &f->arena, &f->diags, &job, &next),
                     ARRAS_OK);
    return job;
}

static void complete(struct fixture *f, struct ar_job *job, int64_t now)
{
    job->state = AR_JOB_SUCCESS;
    job->result = AR_STR("1");
    job->completed_at = now;
    assert_int_equal(ar_store_job_complete(f->store, job, &f->diags), ARRAS_OK);
}

/* Runs the occurrence that is due from one time to another. */
static void run(struct fixture *f, const char *from, const char *to)
{
    struct ar_job job = claim(f, at(from));
    complete(f, &job, at(to));
}

static struct arras_str next_log(struct fixture *f)
{
    struct arras_str log;
    assert_int_equal(ar_store_log_get(f->store, occurrence(f).id, 0, &f->arena, &f->diags, &log),
                     ARRAS_OK);
    return log;
}

static void an_occurrence_runs_the_script_as_the_editor(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    add(f, &s);
    assert_int_equal(ar_store_schedule_add(f->store, &s, &f->diags), ARRAS_CONFLICT);
    assert_waits_for(f, "2026-01-01T01:00:00Z");
    struct ar_job job = claim(f, at("2026-01-01T01:00:00Z"));
    assert_str(job.kind, "script");
    assert_str(job.script_path, "u/ann/s");
    assert_str(job.code, "echo 1");
    assert_str(job.tag, "bash");
    assert_str(job.args, "{\"x\":1}");
    assert_str(job.permissioned_as, "u/ann");
    assert_str(job.email, "ann@localhost");
    complete(f, &job, at("2026-01-01T01:00:03Z"));
    assert_waits_for(f, "2026-01-01T02:00:00Z");
    assert_str(next_log(f), "");
}

static void times_are_of_the_timetable_however_long_runs_take(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("*/10 * * * * *", "UTC", "2026-01-01T00:00:01Z");
    add(f, &s);
    run(f, "2026-01-01T00:00:10.2Z", "2026-01-01T00:00:19.9Z");
    assert_waits_for(f, "2026-01-01T00:00:20Z");
    run(f, "2026-01-01T00:00:20Z", "2026-01-01T00:00:45Z");
    assert_waits_for(f, "2026-01-01T00:00:50Z");
    assert_str(next_log(f), "[2 times of schedule u/ann/every passed before the run before this "
                            "one had ended, and nothing was run for them]\n");
    run(f, "2026-01-01T00:00:50Z", "2026-01-01T00:01:00.001Z");
    assert_waits_for(f, "2026-01-01T00:01:10Z");
    /* a worker whose clock is behind does not run a time twice */
    run(f, "2026-01-01T00:01:10Z", "2026-01-01T00:01:09.5Z");
    assert_waits_for(f, "2026-01-01T00:01:20Z");
}

static void what_was_due_while_no_server_ran_is_run_once(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 3 * * *", "UTC", "2026-01-01T12:00:00Z");
    add(f, &s);
    ar_store_close(f->store);
    open_store(f);
    assert_waits_for(f, "2026-01-02T03:00:00Z");
    run(f, "2026-01-09T10:00:00Z", "2026-01-09T10:01:00Z");
    assert_waits_for(f, "2026-01-10T03:00:00Z");
}

static void clocks_that_change_move_no_other_time(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z");
    add(f, &s);
    assert_waits_for(f, "2026-03-28T01:30:00Z");
    run(f, "2026-03-28T01:30:00Z", "2026-03-28T01:30:01Z");
    assert_waits_for(f, "2026-03-29T01:00:00Z"); /* 02:30 does not exist: at 03:00 */
    run(f, "2026-03-29T01:00:00Z", "2026-03-29T01:00:01Z");
    assert_waits_for(f, "2026-03-30T00:30:00Z");
    s.edited_at = at("2026-10-24T12:00:00Z");
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_waits_for(f, "2026-10-25T00:30:00Z");
    run(f, "2026-10-25T00:30:00Z", "2026-10-25T00:30:01Z"); /* 02:30 comes a second time: once */
    assert_waits_for(f, "2026-10-26T01:30:00Z");
}

static void changes_replace_the_occurrence_that_waits(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    add(f, &s);
    s.cron = AR_STR("0 45 * * * *");
    s.tag = AR_STR("gpu");
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_waits_for(f, "2026-01-01T00:45:00Z");
    assert_str(occurrence(f).tag, "gpu");
    s.enabled = false;
    assert_int_equal(ar_store_schedule_enable(f->store, &s, &f->diags), ARRAS_OK);
    assert_int_equal(open_jobs(f).list.count, 0);
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_int_equal(open_jobs(f).list.count, 0);
    s.enabled = true;
    assert_int_equal(ar_store_schedule_enable(f->store, &s, &f->diags), ARRAS_OK);
    assert_waits_for(f, "2026-01-01T00:45:00Z");
    assert_int_equal(ar_store_schedule_delete(f->store, s.workspace, s.path, &f->diags), ARRAS_OK);
    assert_int_equal(open_jobs(f).list.count, 0);
    assert_int_equal(ar_store_schedule_delete(f->store, s.workspace, s.path, &f->diags),
                     ARRAS_NOT_FOUND);
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_NOT_FOUND);
}

static void changes_leave_the_occurrence_that_runs(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    add(f, &s);
    struct ar_job job = claim(f, at("2026-01-01T01:00:00Z"));
    s.cron = AR_STR("0 45 * * * *");
    s.edited_at = at("2026-01-01T01:10:00Z");
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_int_equal(occurrence(f).state, AR_JOB_RUNNING);
    complete(f, &job, at("2026-01-01T01:20:00Z"));
    assert_waits_for(f, "2026-01-01T01:45:00Z");
    job = claim(f, at("2026-01-01T01:45:00Z"));
    s.enabled = false;
    assert_int_equal(ar_store_schedule_enable(f->store, &s, &f->diags), ARRAS_OK);
    complete(f, &job, at("2026-01-01T01:50:00Z"));
    assert_int_equal(open_jobs(f).list.count, 0);
}

static void a_pause_is_kept(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    s.paused_until = at("2026-01-03T05:00:00Z");
    add(f, &s);
    assert_waits_for(f, "2026-01-03T05:00:00Z");
    run(f, "2026-01-03T05:00:00Z", "2026-01-03T05:00:01Z");
    assert_waits_for(f, "2026-01-03T06:00:00Z");
}

static void what_waits_runs_the_version_that_is_deployed_then(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    add(f, &s);
    deploy(f, "u/ann/s", "python3", "print(2)");
    struct ar_job job = claim(f, at("2026-01-01T01:00:00Z"));
    assert_str(job.code, "print(2)");
    assert_str(job.tag, "python3");
    assert_str(job.script_hash, "0000000000000001");
}

static struct arras_str error_of(struct fixture *f)
{
    struct ar_schedule s;
    assert_int_equal(ar_store_schedule_get(f->store, AR_STR("w"), AR_STR("u/ann/every"), &f->arena,
                                           &f->diags, &s),
                     ARRAS_OK);
    assert_true(s.enabled);
    return s.error;
}

static void what_cannot_go_on_says_why_and_goes_on_later(void **state)
{
    struct fixture *f = *state;
    size_t without = 0;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    s.script_path = AR_STR("u/ann/none");
    add(f, &s);
    assert_int_equal(open_jobs(f).list.count, 0);
    assert_str(error_of(f), "script u/ann/none not found");
    int64_t now = at("2026-01-01T05:30:00Z");
    assert_int_equal(ar_store_schedules_repair(f->store, now, &f->diags, &without), ARRAS_OK);
    assert_int_equal(without, 1);
    deploy(f, "u/ann/none", "bash", "echo");
    assert_int_equal(ar_store_schedules_repair(f->store, now, &f->diags, &without), ARRAS_OK);
    assert_int_equal(without, 0);
    assert_waits_for(f, "2026-01-01T06:00:00Z");
    assert_str(error_of(f), "");
}

static void end_in_failure(struct fixture *f, struct ar_job *job, int64_t now)
{
    job->state = AR_JOB_FAILURE;
    job->result = AR_STR("{\"error\":{\"name\":\"E\"}}");
    job->completed_at = now;
    assert_int_equal(ar_store_job_complete(f->store, job, &f->diags), ARRAS_OK);
}

static struct ar_job stored(struct fixture *f, struct arras_str id)
{
    struct ar_job job = {0};
    assert_int_equal(ar_store_job_get(f->store, AR_STR("w"), id, &f->arena, &f->diags, &job),
                     ARRAS_OK);
    return job;
}

/* The occurrence that waits is run and fails a second later. */
static struct ar_job fail_next(struct fixture *f)
{
    int64_t time = occurrence(f).scheduled_for;
    struct ar_job job = claim(f, time);
    end_in_failure(f, &job, time + 1000000);
    return job;
}

static void what_fails_is_tried_again_as_the_schedule_says(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    s.retry = AR_STR("{\"constant\":{\"attempts\":1,\"seconds\":5},\"exponential\":{"
                     "\"attempts\":2,\"seconds\":3,\"multiplier\":2,\"random_factor\":0}}");
    add(f, &s);
    struct ar_job first = fail_next(f);
    assert_waits_for(f, "2026-01-01T01:00:06Z");
    assert_true(ar_str_eq(occurrence(f).id, first.id));
    assert_str(next_log(f), "\n[try 1 failed; the schedule has it tried again in 5 s]\n");
    /* its first worker knows nothing of that */
    assert_int_equal(ar_store_job_complete(f->store, &first, &f->diags), ARRAS_CONFLICT);
    fail_next(f);
    assert_waits_for(f, "2026-01-01T01:00:25Z"); /* 2 * 3 ^ 2 */
    fail_next(f);
    assert_waits_for(f, "2026-01-01T01:01:20Z"); /* 2 * 3 ^ 3 */
    assert_int_equal(stored(f, first.id).failures, 3);
    fail_next(f);
    assert_waits_for(f, "2026-01-01T02:00:00Z");
    struct ar_job ended = stored(f, first.id);
    assert_int_equal(ended.state, AR_JOB_FAILURE);
    assert_int_equal(ended.attempt, 4);
    assert_str(ended.result, "{\"error\":{\"name\":\"E\"}}");
    /* one that succeeds is not, nor one that is canceled */
    run(f, "2026-01-01T02:00:00Z", "2026-01-01T02:00:03Z");
    assert_waits_for(f, "2026-01-01T03:00:00Z");
    struct ar_job job = claim(f, at("2026-01-01T03:00:00Z"));
    assert_int_equal(ar_store_job_request_cancel(f->store, AR_STR("w"), job.id, AR_STR("me"),
                                                 AR_STR("no"), &f->diags),
                     ARRAS_OK);
    end_in_failure(f, &job, at("2026-01-01T03:00:01Z"));
    assert_waits_for(f, "2026-01-01T04:00:00Z");
}

/* Fails the occurrence that waits; the job that tells of it. */
static struct ar_job fail_and_find_other(struct fixture *f)
{
    fail_next(f);
    struct ar_job_list list = open_jobs(f);
    assert_int_equal(list.list.count, 2);
    const struct ar_job *jobs = list.list.items;
    return stored(f, jobs[jobs[0].schedule_path.len ? 1 : 0].id);
}

static void a_failure_is_told(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    const struct ar_script handler = {.workspace = AR_STR("w"),
                                      .path = AR_STR("u/ann/tell"),
                                      .hash = AR_STR("00000000000000ff"),
                                      .content = AR_STR("echo told"),
                                      .language = AR_STR("bash"),
                                      .kind = AR_STR("script"),
                                      .created_by = AR_STR("ann")};
    struct arras_str log, args;
    s.on_failure = AR_STR("script/u/ann/tell");
    s.on_failure_args = AR_STR("{\"channel\":\"ops\",\"email\":\"x\"}");
    add(f, &s);
    struct ar_job failed = fail_next(f); /* there is no such script */
    assert_int_equal(ar_store_log_get(f->store, failed.id, 0, &f->arena, &f->diags, &log),
                     ARRAS_OK);
    assert_str(log, "\n[nobody was told of this failure: script u/ann/tell not found]\n");
    assert_int_equal(ar_store_script_add(f->store, &handler, &f->diags), ARRAS_OK);
    run(f, "2026-01-01T02:00:00Z", "2026-01-01T02:00:03Z"); /* nothing to tell */
    failed = occurrence(f);
    struct ar_job job = fail_and_find_other(f);
    assert_str(job.script_path, "u/ann/tell");
    assert_str(job.code, "echo told");
    assert_str(job.permissioned_as, "u/ann");
    assert_true(ar_str_eq(job.parent_job, failed.id));
    assert_int_equal(job.scheduled_for, at("2026-01-01T03:00:01Z"));
    assert_true(ar_str_printf(
        &f->arena, &args,
        "{\"error\":{\"name\":\"E\"},\"path\":\"u/ann/s\",\"schedule_path\":\"u/ann/every\","
        "\"job_id\":\"%.*s\",\"workspace_id\":\"w\",\"email\":\"x\","
        "\"started_at\":\"2026-01-01T03:00:00.000000Z\",\"is_flow\":false,\"failed_times\":1,"
        "\"channel\":\"ops\"}",
        AR_STR_ARG(failed.id)));
    assert_string_equal(ar_str_to_z(job.args, &f->arena), ar_str_to_z(args, &f->arena));
}

/* The occurrence that waits is run and ends: F fails, S succeeds, C is canceled, T takes too long.
 */
static void end_next(struct fixture *f, char how)
{
    struct ar_job job = claim(f, occurrence(f).scheduled_for);
    job.completed_at = job.scheduled_for + 1000000;
    job.state = how == 'F' ? AR_JOB_FAILURE : how == 'S' ? AR_JOB_SUCCESS : AR_JOB_CANCELED;
    job.canceled_by = how == 'T' ? AR_STR("timeout") : how == 'C' ? AR_STR("me") : AR_STR("");
    job.result = how == 'S' ? AR_STR("7") : AR_STR("{\"error\":{\"name\":\"E\"}}");
    if (how == 'C') {
        assert_int_equal(ar_store_job_request_cancel(f->store, AR_STR("w"), job.id, AR_STR("me"),
                                                     AR_STR("no"), &f->diags),
                         ARRAS_OK);
    }
    assert_int_equal(ar_store_job_complete(f->store, &job, &f->diags), ARRAS_OK);
}

/* The jobs that were queued beside the occurrence are run; who they are, each a letter behind
 * u/ann/tell-, and the arguments of the last one. */
static void run_told(struct fixture *f, char *ret, struct arras_str *ret_args)
{
    struct ar_job_list list = open_jobs(f);
    for (size_t i = list.list.count; i > 0; i--) {
        const struct ar_job *told = &list.list.items[i - 1];
        if (told->schedule_path.len) {
            continue;
        }
        struct ar_job job = claim(f, told->scheduled_for);
        assert_int_equal(job.schedule_path.len, 0);
        *ret++ = job.script_path.ptr[job.script_path.len - 1];
        *ret_args = job.args;
        job.state = AR_JOB_SUCCESS;
        job.result = AR_STR("null");
        job.completed_at = told->scheduled_for + 1;
        assert_int_equal(ar_store_job_complete(f->store, &job, &f->diags), ARRAS_OK);
    }
    *ret++ = ' ';
    *ret = '\0';
}

/* What is told of runs that end so. */
static const char *told_of(struct fixture *f, const char *ends, struct arras_str *ret_args)
{
    static char told[100];
    char *at = told;
    for (; *ends; ends++) {
        end_next(f, *ends);
        run_told(f, at, ret_args);
        at += strlen(at);
    }
    return told;
}

static void deploy_told(struct fixture *f)
{
    struct ar_script script = {.workspace = AR_STR("w"),
                               .content = AR_STR("echo told"),
                               .language = AR_STR("bash"),
                               .kind = AR_STR("script"),
                               .created_by = AR_STR("ann")};
    static const char *const scripts[][2] = {{"u/ann/tell-f", "00000000000000f1"},
                                             {"u/ann/tell-r", "00000000000000f2"},
                                             {"u/ann/tell-s", "00000000000000f3"}};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
        script.path = ar_str_z(scripts[i][0]);
        script.hash = ar_str_z(scripts[i][1]);
        assert_int_equal(ar_store_script_add(f->store, &script, &f->diags), ARRAS_OK);
    }
}

static void only_so_many_failures_in_a_row_are_told(void **state)
{
    struct fixture *f = *state;
    struct arras_str args = {NULL, 0};
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    deploy_told(f);
    s.on_failure = AR_STR("u/ann/tell-f");
    s.failure_times = 3;
    add(f, &s);
    assert_string_equal(told_of(f, "FFSFCFTFSF", &args), "      f f   ");
    assert_true(ar_str_find(args, AR_STR("\"failed_times\":3}"), 0) != AR_NOT_FOUND);
    s.failure_exact = true;
    s.edited_at = at("2026-01-01T12:30:00Z");
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_string_equal(told_of(f, "FFFFSFF", &args), " f      ");
    s.failure_times = 0;
    s.edited_at = at("2026-01-01T23:30:00Z");
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_string_equal(told_of(f, "FSFF", &args), "  f  ");
}

static void successes_and_recoveries_are_told(void **state)
{
    struct fixture *f = *state;
    struct arras_str args = {NULL, 0};
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    deploy_told(f);
    s.on_success = AR_STR("script/u/ann/tell-s");
    s.on_success_args = AR_STR("{\"channel\":\"ops\"}");
    add(f, &s);
    assert_string_equal(told_of(f, "SFCS", &args), "s   s ");
    assert_str(args, "{\"schedule_path\":\"u/ann/every\",\"path\":\"u/ann/s\",\"is_flow\":false,"
                     "\"success_result\":7,\"success_started_at\":\"2026-01-01T04:00:00.000000Z\","
                     "\"channel\":\"ops\"}");
    s.on_success = AR_STR("");
    s.edited_at = at("2026-01-01T04:30:00Z");
    s.on_recovery = AR_STR("u/ann/tell-r");
    s.on_recovery_args = AR_STR("{\"is_flow\":true}");
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_string_equal(told_of(f, "SFCSS", &args), "   r  ");
    assert_str(args, "{\"error\":{\"name\":\"E\"},\"error_started_at\":"
                     "\"2026-01-01T06:00:00.000000Z\",\"schedule_path\":\"u/ann/every\","
                     "\"path\":\"u/ann/s\",\"is_flow\":true,\"success_result\":7,"
                     "\"success_started_at\":\"2026-01-01T08:00:00.000000Z\",\"success_times\":1}");
    s.recovery_times = 2;
    s.edited_at = at("2026-01-01T12:30:00Z");
    assert_int_equal(ar_store_schedule_update(f->store, &s, &f->diags), ARRAS_OK);
    assert_string_equal(told_of(f, "FSFSSS", &args), "    r  ");
}

static void a_lost_worker_does_not_stop_it(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    add(f, &s);
    struct ar_job job;
    int64_t next, now = at("2026-01-01T01:00:00Z");
    const struct ar_claim by = {.worker = AR_STR("tester"), .now = now, .lease = 1};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ar_store_job_claim(f->store, &by, &f->arena, &f->diags, &job, &next), 0);
        assert_int_equal(ar_store_lease_expire(f->store, now + 1000000, &f->diags), ARRAS_OK);
    }
    assert_waits_for(f, "2026-01-01T02:00:00Z");
    struct ar_job_list ended;
    assert_int_equal(
        ar_store_schedule_jobs(f->store, s.workspace, s.path, &f->arena, &f->diags, &ended), 0);
    assert_int_equal(ended.list.count, 1);
    assert_int_equal(ended.list.items[0].state, AR_JOB_FAILURE);
}

static void what_ended_long_ago_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct ar_schedule s = schedule("0 0 * * * *", "UTC", "2026-01-01T00:30:00Z");
    struct ar_job_list ended;
    int count = 0;
    add(f, &s);
    run(f, "2026-01-01T01:00:00Z", "2026-01-01T04:30:00Z");
    run(f, "2026-01-01T05:00:00Z", "2026-01-01T05:00:01Z"); /* has a log: times were left out */
    run(f, "2026-01-01T06:00:00Z", "2026-01-01T06:00:01Z");
    int64_t before = at("2026-01-01T06:00:00Z");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ar_store_jobs_forget(f->store, before, 1, &f->diags, &count), ARRAS_OK);
        assert_int_equal(count, 1);
    }
    assert_int_equal(ar_store_jobs_forget(f->store, before, 1, &f->diags, &count), ARRAS_OK);
    assert_int_equal(count, 0);
    assert_int_equal(
        ar_store_schedule_jobs(f->store, s.workspace, s.path, &f->arena, &f->diags, &ended), 0);
    assert_int_equal(ended.list.count, 1);
    int64_t due, scheduled, running;
    assert_int_equal(ar_store_job_gauges(f->store, before, &f->diags, &due, &scheduled, &running),
                     ARRAS_OK);
    assert_true(due == 0 && scheduled == 1 && running == 0);
    assert_waits_for(f, "2026-01-01T07:00:00Z");
}

struct contender {
    struct fixture *f;
    struct ar_store *store;
    int64_t from;
    int number, runs, failures;
};

/* Runs what is due at every second of a minute; in between turns the schedule off and on. */
static void *contend(void *context)
{
    struct contender *c = context;
    char name[2] = {(char)('a' + c->number), '\0'};
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    for (int second = 0; second < 60; second++) {
        struct ar_job job;
        struct ar_schedule s = schedule("* * * * * *", "UTC", "2026-01-01T00:00:00Z");
        int64_t next;
        s.edited_at = c->from + second * INT64_C(1000000);
        const struct ar_claim by = {.worker = ar_str_z(name), .now = s.edited_at};
        enum arras_status status = ar_store_job_claim(c->store, &by, &arena, NULL, &job, &next);
        if (status == ARRAS_OK) {
            job.state = AR_JOB_SUCCESS;
            job.completed_at = s.edited_at + 1000;
            status = ar_store_job_complete(c->store, &job, NULL);
            c->runs += status == ARRAS_OK;
        }
        c->failures += status && status != ARRAS_NOT_FOUND;
        c->failures += second % 7 == c->number && ar_store_schedule_enable(c->store, &s, NULL);
        c->failures += second % 11 == c->number && ar_store_schedule_update(c->store, &s, NULL);
    }
    ar_arena_release(&arena);
    return NULL;
}

static void many_servers_queue_one_occurrence(void **state)
{
    struct fixture *f = *state;
    enum { COUNT = 4 };
    struct contender list[COUNT];
    pthread_t threads[COUNT];
    struct ar_store *second = NULL;
    struct ar_schedule s = schedule("* * * * * *", "UTC", "2026-01-01T00:00:00Z");
    add(f, &s);
    if (ar_store_shared(f->store)) {
        assert_int_equal(backend->open(&f->diags, &second), ARRAS_OK);
    }
    for (int i = 0; i < COUNT; i++) {
        list[i] = (struct contender){.f = f, .number = i, .from = s.edited_at};
        list[i].store = second && i % 2 ? second : f->store;
        assert_int_equal(pthread_create(&threads[i], NULL, contend, &list[i]), 0);
    }
    int runs = 0;
    for (int i = 0; i < COUNT; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(list[i].failures, 0);
        runs += list[i].runs;
    }
    ar_store_close(second);
    assert_true(runs > 0);
    assert_int_equal(occurrence(f).state, AR_JOB_QUEUED);
}

int ar_schedule_suite_run(const struct ar_store_backend *tested)
{
    backend = tested;
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_occurrence_runs_the_script_as_the_editor),
        TEST(times_are_of_the_timetable_however_long_runs_take),
        TEST(what_was_due_while_no_server_ran_is_run_once),
        TEST(clocks_that_change_move_no_other_time),
        TEST(changes_replace_the_occurrence_that_waits),
        TEST(changes_leave_the_occurrence_that_runs),
        TEST(a_pause_is_kept),
        TEST(what_waits_runs_the_version_that_is_deployed_then),
        TEST(what_cannot_go_on_says_why_and_goes_on_later),
        TEST(what_fails_is_tried_again_as_the_schedule_says),
        TEST(a_failure_is_told),
        TEST(only_so_many_failures_in_a_row_are_told),
        TEST(successes_and_recoveries_are_told),
        TEST(a_lost_worker_does_not_stop_it),
        TEST(what_ended_long_ago_is_forgotten),
        TEST(many_servers_queue_one_occurrence),
    };
    return cmocka_run_group_tests_name("schedules", tests, NULL, NULL);
}
