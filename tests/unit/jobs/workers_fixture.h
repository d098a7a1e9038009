/* Workers on a store and a queue of their own: what tests of jobs share. */
#ifndef AR_TEST_WORKERS_FIXTURE_H
#define AR_TEST_WORKERS_FIXTURE_H

#include "jobs/worker/workers.h"
#include "unit/jobs/store_suite.h"
#include "unit/jobs/temporary.h"

enum { PATIENCE_SECONDS = 60 };

extern char jobs_directory[];
extern bool jobs_sandboxed;  /* the same tests run without one */
extern unsigned jobs_spares; /* sandboxes kept ready for each language */
extern int64_t jobs_spare_seconds;
extern const struct ar_secret_key jobs_key;

struct jobs_fixture {
    struct ar_arena arena;
    struct ar_store *store;
    struct ar_queue *queue;
    struct ar_workers *workers;
};

/* The database of the test that runs now. */
void jobs_database_path(char path[64]);
void jobs_next_database(void);
void jobs_open(struct jobs_fixture *t, const char *path, unsigned workers);
void jobs_close(struct jobs_fixture *t);
int jobs_set_up(void **state);
int jobs_tear_down(void **state);

struct ar_job jobs_script(const char *language, const char *code, const char *args);
/* Its id. */
struct arras_str jobs_submit(struct jobs_fixture *t, struct ar_job job);
/* The job once it has ended. */
struct ar_job jobs_wait(struct jobs_fixture *t, struct arras_str id);
struct ar_job jobs_run(struct jobs_fixture *t, const char *language, const char *code,
                       const char *args);
struct arras_str jobs_log(struct jobs_fixture *t, struct arras_str id);
/* What was streamed of the result. */
struct arras_str jobs_stream(struct jobs_fixture *t, struct arras_str id);
/* Waits until the job has printed that text. */
void jobs_wait_for_log(struct jobs_fixture *t, struct arras_str id, const char *part);
bool holds(struct arras_str text, const char *part);

#define assert_holds(text, part)                                                                   \
    do {                                                                                           \
        if (!holds(text, part)) {                                                                  \
            print_error("'%s' is not in: %.*s\n", part, AR_STR_ARG(text));                         \
        }                                                                                          \
        assert_true(holds(text, part));                                                            \
    } while (0)

struct jobs_example {
    const char *language, *code, *args;
    enum ar_job_state state;
    const char *result;
};

/* Runs each and compares how it ended. */
void jobs_check(struct jobs_fixture *t, const struct jobs_example *examples, size_t count);

#define CHECK(t, ...)                                                                              \
    do {                                                                                           \
        const struct jobs_example examples_[] = {__VA_ARGS__};                                     \
        jobs_check(t, examples_, sizeof(examples_) / sizeof(*examples_));                          \
    } while (0)

#define BASH(code, args, state, result)                                                            \
    {                                                                                              \
        "bash", code, args, AR_JOB_##state, result                                                 \
    }
#define PYTHON(code, args, state, result)                                                          \
    {                                                                                              \
        "python3", code, args, AR_JOB_##state, result                                              \
    }

#define TEST(name) cmocka_unit_test_setup_teardown(name, jobs_set_up, jobs_tear_down)

/* What a test program does with the argument "none" (without a sandbox) or without: makes the
 * directory, runs the groups (the second only in a sandbox; NULL: none), removes it. */
int jobs_test_main(int argc, char **argv, int (*everywhere)(void), int (*in_sandbox)(void));

#endif
