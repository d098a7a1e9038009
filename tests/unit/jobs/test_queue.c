#include "jobs/queue/queue.h"
#include <poll.h>
#include <pthread.h>
#include "base/clock.h"
#include "jobs/uuid.h"
#include "unit/jobs/database.h"
#include "unit/jobs/store_suite.h"
#include "unit/jobs/temporary.h"

static char directory[] = "/tmp/arras-test-queue-XXXXXX";

struct fixture {
    struct ar_arena arena;
    struct ar_store *store;
    struct ar_queue *queue;
};

static int set_up(void **state)
{
    struct fixture *t = calloc(1, sizeof(*t));
    char path[TEST_DATABASE_LENGTH];
    test_database_new(directory, path);
    ar_arena_init(&t->arena, 0);
    assert_int_equal(ar_store_open(path, NULL, &t->store), ARRAS_OK);
    assert_int_equal(ar_store_workspace_add(t->store, AR_STR("w"), NULL), ARRAS_OK);
    assert_int_equal(ar_queue_new(t->store, &t->queue), ARRAS_OK);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *t = *state;
    ar_queue_free(t->queue);
    ar_store_close(t->store);
    ar_arena_release(&t->arena);
    free(t);
    return 0;
}

static struct arras_str submit(struct fixture *t, int64_t scheduled_for)
{
    struct ar_job job = ar_test_job("", 0);
    job.scheduled_for = scheduled_for;
    assert_int_equal(ar_queue_submit(t->queue, &job, &t->arena, NULL), ARRAS_OK);
    return job.id;
}

static struct ar_job get(struct fixture *t, struct arras_str id)
{
    struct ar_job job = {0};
    assert_int_equal(ar_store_job_get(t->store, AR_STR("w"), id, &t->arena, NULL, &job), ARRAS_OK);
    return job;
}

/* A worker on a thread of its own: takes one job. */
struct taker {
    struct fixture *fixture;
    struct ar_arena arena;
    pthread_t thread;
    enum arras_status status;
    struct ar_job job;
};

static void *take_one(void *context)
{
    struct taker *taker = context;
    taker->status =
        ar_queue_take(taker->fixture->queue, AR_STR("worker"), &taker->arena, NULL, &taker->job);
    return NULL;
}

static void taker_start(struct taker *taker, struct fixture *t)
{
    *taker = (struct taker){.fixture = t};
    ar_arena_init(&taker->arena, 0);
    assert_int_equal(pthread_create(&taker->thread, NULL, take_one, taker), 0);
}

static void taker_join(struct taker *taker)
{
    pthread_join(taker->thread, NULL);
}

static void uuids_are_version_7_and_in_order_even_when_the_clock_goes_back(void **state)
{
    (void)state;
    struct ar_uuid_clock clock = {0};
    char last[AR_UUID_LENGTH + 1] = "", next[AR_UUID_LENGTH + 1];
    int64_t wall = INT64_C(1700000000000000);
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(ar_uuid_next(&clock, wall - i, next), ARRAS_OK);
        assert_true(memcmp(last, next, sizeof(next)) < 0);
        assert_int_equal(next[14], '7');
        assert_non_null(memchr("89ab", next[19], 4));
        memcpy(last, next, sizeof(next));
    }
    assert_memory_equal(next, "018bcfe5-68", 11);
}

static void a_submitted_job_has_id_and_times_and_wakes_a_waiting_worker(void **state)
{
    struct fixture *t = *state;
    struct taker taker;
    taker_start(&taker, t);
    int64_t before = ar_store_now(t->store);
    struct arras_str id = submit(t, 0);
    taker_join(&taker);
    assert_int_equal(taker.status, ARRAS_OK);
    assert_true(ar_str_eq(taker.job.id, id));
    assert_int_equal(id.len, AR_UUID_LENGTH);
    assert_true(taker.job.created_at >= before && taker.job.scheduled_for == taker.job.created_at);
    ar_arena_release(&taker.arena);
}

static void a_job_ends_no_sooner_than_it_began(void **state)
{
    struct fixture *t = *state;
    int64_t before = ar_store_now(t->store);
    struct ar_job job = {.started_at = before + INT64_C(3600000000)}; /* the clock was set back */
    assert_int_equal(ar_store_end_time(t->store, &job), job.started_at);
    job.started_at = before;
    assert_true(ar_store_end_time(t->store, &job) >= before);
    assert_true(ar_store_end_time(t->store, &job) < before + INT64_C(3600000000));
}

static void a_given_id_is_taken_once(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = ar_test_job("mine", 0);
    assert_int_equal(ar_queue_submit(t->queue, &job, &t->arena, NULL), ARRAS_OK);
    job = ar_test_job("mine", 0);
    assert_int_equal(ar_queue_submit(t->queue, &job, &t->arena, NULL), ARRAS_CONFLICT);
}

static void a_scheduled_job_is_taken_when_it_is_due_and_not_before(void **state)
{
    struct fixture *t = *state;
    struct taker first, second;
    taker_start(&first, t);
    taker_start(&second, t);
    int64_t due = ar_store_now(t->store) + 300000;
    struct arras_str later = submit(t, due);
    struct arras_str now = submit(t, 0); /* taken by one; the other must still see the later one */
    taker_join(&first);
    taker_join(&second);
    struct taker *of_later = ar_str_eq(first.job.id, later) ? &first : &second;
    struct taker *of_now = of_later == &first ? &second : &first;
    assert_true(ar_str_eq(of_later->job.id, later) && ar_str_eq(of_now->job.id, now));
    assert_true(of_later->job.started_at >= due);
    assert_true(of_now->job.started_at < due);
    ar_arena_release(&first.arena);
    ar_arena_release(&second.arena);
}

static void a_canceled_queued_job_ends_at_once(void **state)
{
    struct fixture *t = *state;
    struct arras_str id = submit(t, 0), log;
    assert_int_equal(
        ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("admin"), AR_STR("no \"more\""), NULL),
        ARRAS_OK);
    struct ar_job job = get(t, id);
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_str(job.canceled_by, "admin");
    assert_str(job.canceled_reason, "no \"more\"");
    assert_true(job.completed_at >= job.created_at);
    assert_str(job.result,
               "{\"error\":{\"message\":\"Job canceled: no \\\"more\\\" by admin\",\"name\":"
               "\"Canceled\",\"reason\":\"no \\\"more\\\"\",\"canceler\":\"admin\"}}");
    assert_int_equal(ar_store_log_get(t->store, id, 0, &t->arena, NULL, &log), ARRAS_OK);
    assert_str(log, "canceled by admin: (force cancel: false)\n");
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("x"), AR_STR("y"), NULL),
                     ARRAS_CONFLICT);
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("other"), id, AR_STR("x"), AR_STR("y"), NULL),
                     ARRAS_NOT_FOUND);
}

static bool readable(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    return poll(&entry, 1, 0) == 1;
}

static void canceling_a_running_job_makes_its_descriptor_readable(void **state)
{
    struct fixture *t = *state;
    struct ar_job job;
    submit(t, 0);
    assert_int_equal(ar_queue_take(t->queue, AR_STR("worker"), &t->arena, NULL, &job), ARRAS_OK);
    int fd = ar_queue_cancel_fd(t->queue, job.id);
    assert_false(readable(fd));
    assert_int_equal(
        ar_queue_cancel(t->queue, AR_STR("w"), job.id, AR_STR("me"), AR_STR("why"), NULL),
        ARRAS_OK);
    /* PostgreSQL's notes take a moment */
    assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 60000), 1);
    assert_true(get(t, job.id).cancel_requested);
    job.state = AR_JOB_CANCELED;
    assert_int_equal(ar_queue_complete(t->queue, &job, NULL), ARRAS_OK);
    assert_int_equal(ar_queue_cancel_fd(t->queue, job.id), -1);
    assert_str(get(t, job.id).canceled_by, "me");
}

static void a_job_put_back_is_taken_again(void **state)
{
    struct fixture *t = *state;
    struct ar_job job, again;
    submit(t, 0);
    assert_int_equal(ar_queue_take(t->queue, AR_STR("worker"), &t->arena, NULL, &job), ARRAS_OK);
    assert_int_equal(ar_queue_put_back(t->queue, &job, NULL), ARRAS_OK);
    assert_int_equal(ar_queue_take(t->queue, AR_STR("worker"), &t->arena, NULL, &again), ARRAS_OK);
    assert_true(ar_str_eq(job.id, again.id));
    assert_int_equal(again.attempt, 2);
}

static void *complete_one(void *context)
{
    struct taker *taker = context;
    take_one(taker);
    taker->job.state = AR_JOB_SUCCESS;
    taker->job.result = AR_STR("1");
    taker->status = ar_queue_complete(taker->fixture->queue, &taker->job, NULL);
    return NULL;
}

static void waiting_for_a_job_ends_with_the_job_or_with_the_time(void **state)
{
    struct fixture *t = *state;
    struct ar_job job;
    struct taker taker = {.fixture = t};
    int64_t now = ar_clock_now(ar_clock_system());
    struct arras_str id = submit(t, 0);
    assert_int_equal(
        ar_queue_wait(t->queue, AR_STR("w"), id, now + AR_MILLISECOND, &t->arena, NULL, &job),
        ARRAS_OK);
    assert_int_equal(job.state, AR_JOB_QUEUED);
    ar_arena_init(&taker.arena, 0);
    assert_int_equal(pthread_create(&taker.thread, NULL, complete_one, &taker), 0);
    assert_int_equal(
        ar_queue_wait(t->queue, AR_STR("w"), id, now + 60 * AR_SECOND, &t->arena, NULL, &job),
        ARRAS_OK);
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_str(job.result, "1");
    taker_join(&taker);
    ar_arena_release(&taker.arena);
    assert_int_equal(
        ar_queue_wait(t->queue, AR_STR("w"), AR_STR("none"), now, &t->arena, NULL, &job),
        ARRAS_NOT_FOUND);
}

static void closing_wakes_all_who_wait(void **state)
{
    struct fixture *t = *state;
    struct taker takers[3];
    for (int i = 0; i < 3; i++) {
        taker_start(&takers[i], t);
    }
    ar_queue_close(t->queue);
    for (int i = 0; i < 3; i++) {
        taker_join(&takers[i]);
        assert_int_equal(takers[i].status, ARRAS_INTERRUPTED);
        ar_arena_release(&takers[i].arena);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuids_are_version_7_and_in_order_even_when_the_clock_goes_back),
        TEST(a_submitted_job_has_id_and_times_and_wakes_a_waiting_worker),
        TEST(a_job_ends_no_sooner_than_it_began),
        TEST(a_given_id_is_taken_once),
        TEST(a_scheduled_job_is_taken_when_it_is_due_and_not_before),
        TEST(a_canceled_queued_job_ends_at_once),
        TEST(canceling_a_running_job_makes_its_descriptor_readable),
        TEST(a_job_put_back_is_taken_again),
        TEST(waiting_for_a_job_ends_with_the_job_or_with_the_time),
        TEST(closing_wakes_all_who_wait),
    };
#undef TEST
    make_directory(directory);
    int failed = cmocka_run_group_tests_name("queue", tests, NULL, NULL);
    remove_tree(directory);
    return failed;
}
