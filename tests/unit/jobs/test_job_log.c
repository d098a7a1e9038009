/* What a job printed is stored once, whatever becomes of the connection meanwhile: a store whose
 * database fails when the test says so. */
#include "jobs/worker/job_log.h"
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/store/db_driver.h"
#include "unit/harness.h"
#include "unit/jobs/database.h"
#include "unit/jobs/store_suite.h"
#include "unit/jobs/temporary.h"

static char directory[] = "/tmp/arras-test-log-XXXXXX";

/* What becomes of the next transaction that writes. */
enum fault {
    NONE,
    REFUSED,      /* nothing is done, which is known */
    CUT_BEFORE,   /* nothing was done, which nobody knows */
    CUT_AFTERWARD /* it was done, which nobody knows */
};

static enum fault fault;
static struct ar_db_driver driver;
static const struct ar_db_driver *real;

static enum arras_status begin(struct ar_tx *tx)
{
    enum fault now = tx->mode == AR_DB_READ ? NONE : fault;
    if (now == REFUSED || now == CUT_BEFORE) {
        fault = NONE;
        return now == REFUSED ? ARRAS_IO : ARRAS_NETWORK;
    }
    return real->begin(tx);
}

static enum arras_status end(struct ar_tx *tx, enum arras_status status)
{
    bool cut = tx->mode != AR_DB_READ && fault == CUT_AFTERWARD;
    fault = cut ? NONE : fault;
    status = real->end(tx, status);
    return cut && !status ? ARRAS_NETWORK : status;
}

struct fixture {
    struct ar_arena arena;
    struct ar_store *store;
    struct ar_job_log log;
};

static int set_up(void **state)
{
    struct fixture *t = calloc(1, sizeof(*t));
    char path[TEST_DATABASE_LENGTH];
    struct ar_job job = ar_test_job("1", 1);
    test_database_new(directory, path);
    ar_arena_init(&t->arena, 0);
    fault = NONE;
    assert_int_equal(ar_store_open(path, NULL, &t->store), ARRAS_OK);
    assert_int_equal(ar_store_workspace_add(t->store, AR_STR("w"), NULL), ARRAS_OK);
    assert_int_equal(ar_store_job_add(t->store, &job, NULL), ARRAS_OK);
    real = t->store->db->driver;
    driver = *real;
    driver.begin = begin;
    driver.end = end;
    t->store->db->driver = &driver;
    ar_job_log_init(&t->log, t->store, AR_STR("1"), AR_JOB_LOG_SIZE, AR_JOB_RESULT_SIZE);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *t = *state;
    ar_job_log_release(&t->log);
    ar_store_close(t->store);
    ar_arena_release(&t->arena);
    free(t);
    return 0;
}

static void print(struct fixture *t, const char *text)
{
    ar_job_log_print(&t->log, text, strlen(text));
}

static void flush(struct fixture *t, enum fault next, enum arras_status expected)
{
    fault = next;
    assert_int_equal(ar_job_log_flush(&t->log, NULL), expected);
    assert_int_equal(fault, NONE);
}

static void assert_text(struct arras_str got, const char *expected)
{
    if (!ar_str_is(got, expected)) {
        print_error("got '%.*s'\n", AR_STR_ARG(got));
    }
    assert_true(ar_str_is(got, expected));
}

static void assert_stored(struct fixture *t, const char *log, const char *stream)
{
    struct arras_str text;
    int64_t end_of_stream;
    assert_int_equal(ar_store_log_get(t->store, AR_STR("1"), 0, &t->arena, NULL, &text), ARRAS_OK);
    assert_text(text, log);
    assert_int_equal(
        ar_store_stream_part(t->store, AR_STR("1"), 0, &t->arena, NULL, &text, &end_of_stream),
        ARRAS_OK);
    assert_text(text, stream);
}

static void what_was_cut_off_is_stored_once(void **state)
{
    struct fixture *t = *state;
    print(t, "one\n");
    flush(t, CUT_AFTERWARD, ARRAS_NETWORK);
    print(t, "two\n");
    flush(t, NONE, ARRAS_OK);
    assert_stored(t, "one\ntwo\n", "");
    print(t, "three\n");
    flush(t, CUT_BEFORE, ARRAS_NETWORK);
    print(t, "four\n");
    flush(t, CUT_BEFORE, ARRAS_NETWORK);
    flush(t, CUT_AFTERWARD, ARRAS_NETWORK);
    flush(t, NONE, ARRAS_OK);
    assert_stored(t, "one\ntwo\nthree\nfour\n", "");
    flush(t, NONE, ARRAS_OK);
    assert_stored(t, "one\ntwo\nthree\nfour\n", "");
}

static void pieces_that_were_cut_off_are_stored_once(void **state)
{
    struct fixture *t = *state;
    print(t, "WM_STREAM: \xc3\xa9\n");
    flush(t, CUT_AFTERWARD, ARRAS_NETWORK);
    print(t, "WM_STREAM: b\n");
    flush(t, NONE, ARRAS_OK);
    assert_stored(t, "",
                  "\xc3\xa9"
                  "b");
    print(t, "WM_STREAM: c\n");
    flush(t, CUT_BEFORE, ARRAS_NETWORK);
    print(t, "WM_STREAM: d\n");
    flush(t, NONE, ARRAS_OK);
    assert_stored(t, "",
                  "\xc3\xa9"
                  "bcd");
    print(t, "WM_STREAM: e\nplain\n");
    flush(t, REFUSED, ARRAS_IO);
    flush(t, NONE, ARRAS_OK);
    assert_stored(t, "plain\n",
                  "\xc3\xa9"
                  "bcde");
}

/* The same in three steps, while the job goes on to print. */
static void what_is_printed_while_the_rest_is_being_stored_follows_it(void **state)
{
    struct fixture *t = *state;
    print(t, "one\nWM_STREAM: a\n");
    ar_job_log_gather(&t->log);
    print(t, "two\nWM_STREAM: b\n");
    fault = CUT_AFTERWARD;
    enum arras_status status = ar_job_log_store(&t->log, NULL);
    assert_int_equal(status, ARRAS_NETWORK);
    print(t, "three\n");
    ar_job_log_stored(&t->log, status);
    ar_job_log_gather(&t->log);
    status = ar_job_log_store(&t->log, NULL);
    assert_int_equal(status, ARRAS_OK);
    ar_job_log_stored(&t->log, status);
    assert_int_equal(t->log.due, 0);
    assert_stored(t, "one\ntwo\nthree\n", "ab");
}

/* A line without its end, and half a character. */
static void the_end_of_a_log_is_kept_when_it_could_not_be_stored(void **state)
{
    struct fixture *t = *state;
    print(t, "begun\n");
    flush(t, NONE, ARRAS_OK);
    print(t, "half \xc3");
    ar_job_log_end(&t->log);
    flush(t, REFUSED, ARRAS_IO);
    flush(t, CUT_BEFORE, ARRAS_NETWORK);
    ar_job_log_say(&t->log, AR_STR("\n[said]\n"));
    flush(t, CUT_AFTERWARD, ARRAS_NETWORK);
    flush(t, NONE, ARRAS_OK);
    assert_stored(t, "begun\nhalf \xef\xbf\xbd\n[said]\n", "");
}

static int64_t due_in(const struct fixture *t)
{
    return t->log.due - ar_clock_now(ar_clock_system());
}

static void a_store_that_fails_is_asked_once_a_second(void **state)
{
    struct fixture *t = *state;
    static char much[AR_JOB_LOG_BATCH + 1];
    memset(much, 'x', sizeof(much) - 1);
    assert_int_equal(t->log.due, 0);
    print(t, "one\n");
    assert_true(due_in(t) > 0 && due_in(t) <= AR_JOB_LOG_MILLISECONDS * AR_MILLISECOND);
    print(t, much);
    assert_true(due_in(t) < 0); /* so much: at once */
    for (int i = 0; i < 3; i++) {
        flush(t, i == 1 ? CUT_BEFORE : REFUSED, i == 1 ? ARRAS_NETWORK : ARRAS_IO);
        int64_t due = t->log.due;
        assert_true(due_in(t) > AR_JOB_LOG_MILLISECONDS * AR_MILLISECOND && due_in(t) <= AR_SECOND);
        print(t, much);
        assert_int_equal(t->log.due, due); /* however much comes */
    }
    flush(t, NONE, ARRAS_OK);
    assert_int_equal(t->log.due, 0);
    print(t, much);
    assert_true(due_in(t) < 0);
}

int main(void)
{
    make_directory(directory);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_cut_off_is_stored_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pieces_that_were_cut_off_are_stored_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_printed_while_the_rest_is_being_stored_follows_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_a_log_is_kept_when_it_could_not_be_stored,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_store_that_fails_is_asked_once_a_second, set_up,
                                        tear_down),
    };
    int failed = cmocka_run_group_tests_name("job log", tests, NULL, NULL);
    remove_tree(directory);
    return failed;
}
