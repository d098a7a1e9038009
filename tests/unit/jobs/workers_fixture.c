#include "unit/jobs/workers_fixture.h"
#include <poll.h>
#include "base/clock.h"
#include "jobs/sandbox/sandbox.h"

char jobs_directory[] = "/tmp/arras-test-workers-XXXXXX";
bool jobs_sandboxed = true;
unsigned jobs_spares = 2;
int64_t jobs_spare_seconds = 60;
static int databases;
const struct ar_secret_key jobs_key = {{1, 2, 3}};

void jobs_next_database(void)
{
    databases++;
}

void jobs_open(struct jobs_fixture *t, const char *path, unsigned workers)
{
    struct ar_diags diags;
    bool known = false;
    *t = (struct jobs_fixture){0};
    ar_arena_init(&t->arena, 0);
    ar_diags_init(&diags, &t->arena);
    assert_int_equal(ar_store_open(path, &diags, &t->store), ARRAS_OK);
    assert_int_equal(ar_store_workspace_exists(t->store, AR_STR("w"), NULL, &known), 0);
    if (!known) {
        assert_int_equal(ar_store_workspace_add(t->store, AR_STR("w"), NULL), ARRAS_OK);
    }
    assert_int_equal(ar_queue_new(t->store, &t->queue), ARRAS_OK);
    const struct ar_workers_options options = {.store = t->store,
                                               .queue = t->queue,
                                               .count = workers,
                                               .directory = jobs_directory,
                                               .base_url = "http://127.0.0.1:1",
                                               .key = &jobs_key,
                                               .sandbox = jobs_sandboxed,
                                               .job_seconds = 100,
                                               .spares = jobs_spares,
                                               .spare_seconds = jobs_spare_seconds};
    assert_int_equal(ar_workers_start(&options, &diags, &t->workers), ARRAS_OK);
}

void jobs_close(struct jobs_fixture *t)
{
    ar_workers_stop(t->workers, 0);
    ar_queue_free(t->queue);
    ar_store_close(t->store);
    ar_arena_release(&t->arena);
}

void jobs_database_path(char path[64])
{
    snprintf(path, 64, "%s/%d.db", jobs_directory, databases);
}

int jobs_set_up(void **state)
{
    struct jobs_fixture *t = calloc(1, sizeof(*t));
    char path[64];
    databases++;
    jobs_database_path(path);
    jobs_open(t, path, 2);
    *state = t;
    return 0;
}

int jobs_tear_down(void **state)
{
    jobs_close(*state);
    free(*state);
    return 0;
}

struct arras_str jobs_submit(struct jobs_fixture *t, struct ar_job job)
{
    struct ar_diags diags;
    ar_diags_init(&diags, &t->arena);
    job.id = AR_STR("");
    job.scheduled_for = 0;
    assert_int_equal(ar_queue_submit(t->queue, &job, &t->arena, &diags), ARRAS_OK);
    return job.id;
}

struct ar_job jobs_script(const char *language, const char *code, const char *args)
{
    struct ar_job job = ar_test_job("", 0);
    job.language = ar_str_z(language);
    job.code = ar_str_z(code);
    job.args = ar_str_z(args);
    return job;
}

struct ar_job jobs_wait(struct jobs_fixture *t, struct arras_str id)
{
    struct ar_job job;
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    assert_int_equal(ar_queue_wait(t->queue, AR_STR("w"), id, until, &t->arena, NULL, &job),
                     ARRAS_OK);
    assert_true(job.state > AR_JOB_RUNNING);
    return job;
}

struct ar_job jobs_run(struct jobs_fixture *t, const char *language, const char *code,
                       const char *args)
{
    return jobs_wait(t, jobs_submit(t, jobs_script(language, code, args)));
}

struct arras_str jobs_log(struct jobs_fixture *t, struct arras_str id)
{
    struct arras_str log = {NULL, 0};
    assert_int_equal(ar_store_log_get(t->store, id, 0, &t->arena, NULL, &log), ARRAS_OK);
    return log;
}

struct arras_str jobs_stream(struct jobs_fixture *t, struct arras_str id)
{
    struct arras_str text = {NULL, 0};
    int64_t end;
    assert_int_equal(ar_store_stream_part(t->store, id, 0, &t->arena, NULL, &text, &end), ARRAS_OK);
    return text;
}

bool holds(struct arras_str text, const char *part)
{
    return ar_str_find(text, ar_str_z(part), 0) != AR_NOT_FOUND;
}

/* Waits until the job has printed that text. */
void jobs_wait_for_log(struct jobs_fixture *t, struct arras_str id, const char *part)
{
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    while (!holds(jobs_log(t, id), part)) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
}

void jobs_check(struct jobs_fixture *t, const struct jobs_example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ar_job job = jobs_run(t, examples[i].language, examples[i].code, examples[i].args);
        if (job.state != examples[i].state || !ar_str_is(job.result, examples[i].result)) {
            print_error("%s\nexpected: %d %s\ngot: %d %.*s\nlog: %.*s\n", examples[i].code,
                        examples[i].state, examples[i].result, job.state, AR_STR_ARG(job.result),
                        AR_STR_ARG(jobs_log(t, job.id)));
            fail();
        }
    }
}

int jobs_test_main(int argc, char **argv, int (*everywhere)(void), int (*in_sandbox)(void))
{
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    jobs_sandboxed = argc < 2 || strcmp(argv[1], "none") != 0;
    if (jobs_sandboxed && ar_sandbox_check(NULL, &diags)) {
        printf("skipped: %.*s\n", AR_STR_ARG(ar_diags_first_error(&diags)->message));
        ar_arena_release(&arena);
        return 77;
    }
    ar_arena_release(&arena);
    make_directory(jobs_directory);
    int failed = everywhere();
    if (jobs_sandboxed && in_sandbox) {
        failed += in_sandbox();
    }
    remove_tree(jobs_directory);
    return failed;
}
