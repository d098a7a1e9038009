/* What becomes of jobs once they have ended, on every backend. */
#include <poll.h>
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/queue/queue.h"
#include "jobs/retention.h"
#include "jobs/store/store_people.h"
#include "unit/harness.h"
#include "unit/jobs/store_suite.h"

static const struct ar_store_backend *backend;

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_store *store;
    struct ar_queue *queue; /* made by those that want one */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    ar_arena_init(&f->arena, 0);
    ar_diags_init(&f->diags, &f->arena);
    backend->wipe();
    assert_int_equal(backend->open(&f->diags, &f->store), ARRAS_OK);
    assert_int_equal(ar_store_workspace_add(f->store, AR_STR("w"), &f->diags), ARRAS_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ar_queue_free(f->queue);
    ar_store_close(f->store);
    ar_arena_release(&f->arena);
    free(f);
    backend->wipe();
    return 0;
}

static void start_queue(struct fixture *f)
{
    assert_int_equal(ar_queue_new(f->store, &f->queue), ARRAS_OK);
}

static struct ar_job get(struct fixture *f, const char *id)
{
    struct ar_job job = {0};
    assert_int_equal(
        ar_store_job_get(f->store, AR_STR("w"), ar_str_z(id), &f->arena, &f->diags, &job),
        ARRAS_OK);
    return job;
}

static struct arras_str log_of(struct fixture *f, const char *id)
{
    struct arras_str text = {NULL, 0};
    assert_int_equal(ar_store_log_get(f->store, ar_str_z(id), 0, &f->arena, &f->diags, &text),
                     ARRAS_OK);
    return text;
}

static struct arras_str stream_of(struct fixture *f, const char *id)
{
    struct arras_str text = {NULL, 0};
    int64_t end = 0;
    assert_int_equal(
        ar_store_stream_part(f->store, ar_str_z(id), 0, &f->arena, &f->diags, &text, &end),
        ARRAS_OK);
    return text;
}

static void add(struct fixture *f, const char *id, int64_t redact_after, bool awaited)
{
    struct ar_job job = ar_test_job(id, 1);
    job.redact_after = redact_after;
    job.awaited = awaited;
    assert_int_equal(ar_store_job_add(f->store, &job, &f->diags), ARRAS_OK);
    assert_int_equal(ar_store_log_append(f->store, job.id, AR_STR("secret\n"), &f->diags),
                     ARRAS_OK);
    assert_int_equal(ar_store_stream_append(f->store, job.id, AR_STR("secret"), &f->diags),
                     ARRAS_OK);
}

static struct ar_job claim(struct fixture *f)
{
    struct ar_job job = {0};
    int64_t next = 0;
    const struct ar_claim claim = {.worker = AR_STR("worker"), .now = 10};
    assert_int_equal(ar_store_job_claim(f->store, &claim, &f->arena, &f->diags, &job, &next),
                     ARRAS_OK);
    return job;
}

static void complete(struct fixture *f, struct ar_job job, int64_t at)
{
    job.state = AR_JOB_SUCCESS;
    job.result = AR_STR("\"secret\"");
    job.completed_at = at;
    assert_int_equal(ar_store_job_complete(f->store, &job, &f->diags), ARRAS_OK);
}

static void assert_kept(struct fixture *f, const char *id)
{
    struct ar_job job = get(f, id);
    assert_str(job.args, "{\"x\":1}");
    assert_str(job.result, "\"secret\"");
    assert_str(log_of(f, id), "secret\n");
    assert_str(stream_of(f, id), "secret");
}

static void assert_redacted(struct fixture *f, const char *id)
{
    struct ar_job job = get(f, id);
    assert_str(job.args, "{}");
    assert_str(job.result, "{}");
    assert_str(log_of(f, id), "##DELETED##");
    assert_int_equal(stream_of(f, id).len, 0);
    assert_int_equal(job.redact_at, AR_JOB_REDACTED);
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_false(job.deleted);
}

static void what_is_not_kept_goes_with_the_end(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1, false);
    complete(f, claim(f), 100);
    assert_redacted(f, "a");
    assert_int_equal(ar_store_log_append(f->store, AR_STR("a"), AR_STR("late"), &f->diags),
                     ARRAS_NOT_FOUND);
    assert_redacted(f, "a");
    add(f, "b", 0, false);
    complete(f, claim(f), 100);
    assert_kept(f, "b");
}

static int64_t next(struct fixture *f)
{
    int64_t at = -1;
    assert_int_equal(ar_store_redact_next(f->store, &f->diags, &at), ARRAS_OK);
    return at;
}

static size_t redact(struct fixture *f, int64_t now)
{
    size_t count = 99;
    assert_int_equal(ar_store_jobs_redact(f->store, now, &f->diags, &count), ARRAS_OK);
    return count;
}

static void what_is_kept_for_a_while_goes_in_the_order_of_its_times(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(next(f), 0);
    add(f, "a", 3000, false);
    complete(f, claim(f), 100);
    add(f, "b", 1000, false);
    complete(f, claim(f), 200);
    assert_int_equal(next(f), 1200);
    assert_int_equal(redact(f, 1199), 0);
    assert_kept(f, "b");
    assert_int_equal(redact(f, 1200), 1);
    assert_redacted(f, "b");
    assert_kept(f, "a");
    assert_int_equal(next(f), 3100);
    assert_int_equal(redact(f, 5000), 1);
    assert_redacted(f, "a");
    assert_int_equal(next(f), 0);
}

static void who_awaits_the_result_gets_it_first(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1, true);
    complete(f, claim(f), 100);
    assert_kept(f, "a");
    assert_int_equal(next(f), 100 + AR_JOB_AWAITED_SECONDS * INT64_C(1000000));
    assert_int_equal(ar_store_job_redact(f->store, AR_STR("a"), &f->diags), ARRAS_OK);
    assert_redacted(f, "a");
    assert_int_equal(next(f), 0);
    assert_int_equal(ar_store_job_redact(f->store, AR_STR("a"), &f->diags), ARRAS_NOT_FOUND);
}

static void deleted_jobs_are_not_redacted(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1000, false);
    complete(f, claim(f), 100);
    assert_int_equal(ar_store_job_delete(f->store, AR_STR("w"), AR_STR("a"), &f->diags), ARRAS_OK);
    assert_int_equal(next(f), 0);
    assert_int_equal(ar_store_job_redact(f->store, AR_STR("a"), &f->diags), ARRAS_NOT_FOUND);
    assert_int_equal(get(f, "a").args.len, 0);
    assert_int_equal(stream_of(f, "a").len, 0);
}

static void a_stream_goes_with_its_job(void **state)
{
    struct fixture *f = *state;
    int count = 0;
    add(f, "a", 0, false);
    complete(f, claim(f), 100);
    assert_str(stream_of(f, "a"), "secret");
    assert_int_equal(ar_store_jobs_forget(f->store, 200, 10, &f->diags, &count), ARRAS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(stream_of(f, "a").len, 0);
}

static void wait_until_redacted(struct fixture *f, const char *id)
{
    int64_t until = ar_clock_now(ar_clock_system()) + 60 * AR_SECOND;
    while (get(f, id).redact_at != AR_JOB_REDACTED) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
}

static void the_queue_redacts_when_the_time_has_come_and_what_became_due_without_it(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1000, false);
    complete(f, claim(f), 100); /* long ago */
    start_queue(f);
    wait_until_redacted(f, "a");
    assert_redacted(f, "a");
    add(f, "b", 300000, false);
    int64_t now = ar_store_now(f->store);
    complete(f, claim(f), now);
    assert_kept(f, "b");
    wait_until_redacted(f, "b");
    assert_true(ar_store_now(f->store) >= now + 300000);
    assert_redacted(f, "b");
}

static void one_that_never_ran_is_canceled_without_a_trace(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1, false);
    start_queue(f);
    assert_int_equal(
        ar_queue_cancel(f->queue, AR_STR("w"), AR_STR("a"), AR_STR("me"), AR_STR("no"), &f->diags),
        ARRAS_OK);
    struct ar_job job = get(f, "a");
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_str(job.args, "{}");
    assert_str(log_of(f, "a"), "##DELETED##");
}

static void one_whose_worker_died_too_often_is_redacted_too(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1, false);
    for (int i = 0; i < AR_JOB_LOST; i++) {
        struct ar_job job = {0};
        int64_t due = 0;
        const struct ar_claim claim = {.worker = AR_STR("worker"), .now = 10, .lease = 5};
        assert_int_equal(ar_store_job_claim(f->store, &claim, &f->arena, &f->diags, &job, &due),
                         ARRAS_OK);
        assert_int_equal(ar_store_lease_expire(f->store, 100, &f->diags), ARRAS_OK);
    }
    assert_int_equal(get(f, "a").state, AR_JOB_FAILURE);
    assert_str(get(f, "a").args, "{}");
    assert_str(log_of(f, "a"), "##DELETED##");
}

static void deploy(struct fixture *f, const char *hash, const char *parent, const char *settings)
{
    const struct ar_script script = {.workspace = AR_STR("w"),
                                     .path = AR_STR("u/admin/hello"),
                                     .hash = ar_str_z(hash),
                                     .parent_hash = ar_str_z(parent),
                                     .content = ar_str_z(hash),
                                     .language = AR_STR("bash"),
                                     .kind = AR_STR("script"),
                                     .settings = ar_str_z(settings),
                                     .created_by = AR_STR("ann")};
    assert_int_equal(ar_store_script_add(f->store, &script, &f->diags), ARRAS_OK);
}

/* The one job that waits. */
static struct ar_job waiting(struct fixture *f)
{
    struct ar_job_list list;
    const struct ar_job_filter filter = {
        .workspace = AR_STR("w"), .running = 0, .completed = 0, .success = -1, .limit = 100};
    assert_int_equal(ar_store_job_list(f->store, &filter, &f->arena, &f->diags, &list), ARRAS_OK);
    assert_true(list.list.count <= 1);
    return list.list.count ? get(f, ar_str_to_z(list.list.items[0].id, &f->arena))
                           : (struct ar_job){.id = {NULL, 0}};
}

#define PERPETUAL "{\"restart_unless_cancelled\":true}"
#define SECONDS INT64_C(1000000)

static struct ar_job claim_at(struct fixture *f, int64_t now)
{
    struct ar_job job = {0};
    int64_t due = 0;
    const struct ar_claim claim = {.worker = AR_STR("worker"), .now = now};
    assert_int_equal(ar_store_job_claim(f->store, &claim, &f->arena, &f->diags, &job, &due),
                     ARRAS_OK);
    return job;
}

static size_t count_entries(struct fixture *f)
{
    struct ar_audit_list list = {0};
    const struct ar_audit_filter filter = {.workspace = AR_STR("w"), .limit = 100};
    assert_int_equal(ar_store_audit_list(f->store, &filter, &f->arena, &f->diags, &list), ARRAS_OK);
    return list.count;
}

static void add_token(struct fixture *f, const char *hash, int64_t expires_at)
{
    const struct ar_token token = {
        .hash = ar_str_z(hash), .email = AR_STR("ann@localhost"), .expires_at = expires_at};
    assert_int_equal(ar_store_token_add(f->store, &token, &f->diags), ARRAS_OK);
}

static bool has_token(struct fixture *f, const char *hash)
{
    return ar_store_token_remove(f->store, ar_str_z(hash), &f->diags) == ARRAS_OK;
}

static void old_entries_of_the_audit_log_and_expired_tokens_are_forgotten(void **state)
{
    struct fixture *f = *state;
    const struct ar_account ann = {.email = AR_STR("ann@localhost"), .username = AR_STR("ann")};
    int count = 0;
    for (int64_t at = 100; at <= 500; at += 100) {
        const struct ar_audit_entry entry = {.workspace = AR_STR("w"),
                                             .at = at,
                                             .username = AR_STR("ann"),
                                             .operation = AR_STR("jobs.delete"),
                                             .kind = AR_STR("Delete")};
        assert_int_equal(ar_store_audit_add(f->store, &entry, &f->diags), ARRAS_OK);
    }
    assert_int_equal(ar_store_audit_forget(f->store, 400, 2, &f->diags, &count), ARRAS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(ar_store_audit_forget(f->store, 400, 2, &f->diags, &count), ARRAS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(count_entries(f), 2);
    assert_int_equal(ar_store_account_add(f->store, &ann, &f->diags), ARRAS_OK);
    add_token(f, "never", 0);
    add_token(f, "old", 100);
    add_token(f, "new", 300);
    assert_int_equal(ar_store_tokens_forget(f->store, 200, 10, &f->diags, &count), ARRAS_OK);
    assert_int_equal(count, 1);
    assert_true(has_token(f, "never"));
    assert_true(has_token(f, "new"));
    assert_false(has_token(f, "old"));
}

static void what_is_old_is_forgotten_when_a_server_starts(void **state)
{
    struct fixture *f = *state;
    const struct ar_account ann = {.email = AR_STR("ann@localhost"), .username = AR_STR("ann")};
    struct ar_retention *retention;
    struct ar_job job;
    add(f, "a", 0, false);
    complete(f, claim(f), 100); /* long ago */
    assert_int_equal(ar_store_account_add(f->store, &ann, &f->diags), ARRAS_OK);
    add_token(f, "old", 100);
    assert_int_equal(ar_retention_start(f->store, 1, NULL, &f->diags, &retention), ARRAS_OK);
    int64_t until = ar_clock_now(ar_clock_system()) + 60 * AR_SECOND;
    while (ar_store_job_get(f->store, AR_STR("w"), AR_STR("a"), &f->arena, &f->diags, &job) !=
           ARRAS_NOT_FOUND) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
    ar_retention_stop(retention); /* between two of its steps */
    assert_int_equal(ar_retention_start(f->store, 0, NULL, &f->diags, &retention), ARRAS_OK);
    struct ar_user user;
    while (ar_store_token_find(f->store, AR_STR("old"), 50, &f->arena, &f->diags, &user) !=
           ARRAS_NOT_FOUND) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
    ar_retention_stop(retention);
}

static void a_perpetual_script_is_run_again_and_again(void **state)
{
    struct fixture *f = *state;
    struct ar_job job = ar_test_job("a", 1);
    deploy(f, "0000000000000001", "", PERPETUAL);
    job.script_hash = AR_STR("0000000000000001");
    job.restarts = true;
    job.redact_after = 1;
    job.tag = AR_STR("special");
    job.parent_job = AR_STR("p");
    assert_int_equal(ar_store_job_add(f->store, &job, &f->diags), ARRAS_OK);
    complete(f, claim_at(f, 100), 2 * SECONDS); /* a short run */
    struct ar_job next = waiting(f);
    assert_int_equal(next.scheduled_for, 100 + AR_JOB_RESTART_SECONDS * SECONDS);
    assert_str(next.args, "{\"x\":1}");
    assert_str(next.tag, "special");
    assert_str(next.parent_job, "p");
    assert_str(next.created_by, "admin");
    assert_false(ar_str_is(next.id, "a"));
    /* a long one, which failed, of a version that was followed by another */
    job = claim_at(f, 20 * SECONDS);
    deploy(f, "0000000000000002", "0000000000000001", PERPETUAL);
    job.state = AR_JOB_FAILURE;
    job.completed_at = 50 * SECONDS;
    assert_int_equal(ar_store_job_complete(f->store, &job, &f->diags), ARRAS_OK);
    assert_int_equal(ar_store_job_complete(f->store, &job, &f->diags), ARRAS_CONFLICT);
    next = waiting(f);
    assert_int_equal(next.scheduled_for, 50 * SECONDS);
    assert_str(next.script_hash, "0000000000000002");
    assert_str(next.code, "0000000000000002");
    assert_str(next.tag, "bash");
    /* one that is not perpetual */
    deploy(f, "0000000000000003", "0000000000000002", "");
    complete(f, claim_at(f, 60 * SECONDS), 61 * SECONDS);
    assert_int_equal(waiting(f).id.len, 0);
}

static void a_perpetual_script_ends_when_it_is_canceled(void **state)
{
    struct fixture *f = *state;
    deploy(f, "0000000000000001", "", PERPETUAL);
    start_queue(f);
    for (int i = 0; i < 3; i++) {
        const char *const ids[] = {"a", "b", "c"};
        struct ar_job job = ar_test_job(ids[i], 1);
        job.restarts = true;
        assert_int_equal(ar_store_job_add(f->store, &job, &f->diags), ARRAS_OK);
        if (i) { /* the second ends by itself before its worker knows, the third is ended by it */
            job = claim(f);
        }
        assert_int_equal(
            ar_queue_cancel(f->queue, AR_STR("w"), job.id, AR_STR("me"), AR_STR("no"), &f->diags),
            ARRAS_OK);
        if (i) {
            job.state = i == 1 ? AR_JOB_SUCCESS : AR_JOB_CANCELED;
            job.completed_at = 20;
            assert_int_equal(ar_store_job_complete(f->store, &job, &f->diags), ARRAS_OK);
        }
        assert_int_equal(waiting(f).id.len, 0);
    }
}

int ar_ended_suite_run(const struct ar_store_backend *tested)
{
    backend = tested;
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_kept_goes_with_the_end),
        TEST(what_is_kept_for_a_while_goes_in_the_order_of_its_times),
        TEST(who_awaits_the_result_gets_it_first),
        TEST(deleted_jobs_are_not_redacted),
        TEST(a_stream_goes_with_its_job),
        TEST(the_queue_redacts_when_the_time_has_come_and_what_became_due_without_it),
        TEST(one_that_never_ran_is_canceled_without_a_trace),
        TEST(one_whose_worker_died_too_often_is_redacted_too),
        TEST(old_entries_of_the_audit_log_and_expired_tokens_are_forgotten),
        TEST(what_is_old_is_forgotten_when_a_server_starts),
        TEST(a_perpetual_script_is_run_again_and_again),
        TEST(a_perpetual_script_ends_when_it_is_canceled),
    };
    return cmocka_run_group_tests_name("ended jobs", tests, NULL, NULL);
}
