#include "unit/jobs/database.h"
#include "unit/jobs/store_suite.h"
#include <libpq-fe.h>
#include <sqlite3.h>
#include "base/buf.h"
#include "base/file.h"
#include "unit/jobs/temporary.h"

static char directory[] = "/tmp/arras-test-store-XXXXXX";
static char path[64];

static enum arras_status open_sqlite(struct ar_diags *diags, struct ar_store **ret)
{
    return ar_store_open(path, diags, ret);
}

static const char *where_sqlite(void)
{
    return path;
}

static void wipe_sqlite(void)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        char name[96];
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        unlink(name);
    }
}

static int set_up(void **state)
{
    struct ar_arena *arena = calloc(1, sizeof(*arena));
    ar_arena_init(arena, 0);
    wipe_sqlite();
    *state = arena;
    return 0;
}

static int tear_down(void **state)
{
    ar_arena_release(*state);
    free(*state);
    return 0;
}

static void a_second_server_on_the_same_data_is_refused_and_told_why(void **state)
{
    struct ar_arena *arena = *state;
    struct ar_diags diags;
    struct ar_store *first, *second;
    ar_diags_init(&diags, arena);
    assert_int_equal(ar_store_open(path, &diags, &first), ARRAS_OK);
    assert_int_equal(ar_store_open(path, &diags, &second), ARRAS_CONFLICT);
    struct arras_str message = ar_diags_first_error(&diags)->message;
    assert_true(ar_str_starts(message, "another server is using the data '/tmp/"));
    ar_store_close(first);
    assert_int_equal(ar_store_open(path, &diags, &first), ARRAS_OK);
    ar_store_close(first);
}

static void a_database_of_a_newer_version_is_refused(void **state)
{
    struct ar_diags diags;
    struct ar_store *store;
    sqlite3 *db;
    ar_diags_init(&diags, *state);
    assert_int_equal(ar_store_open(path, &diags, &store), ARRAS_OK);
    ar_store_close(store);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=1000", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(ar_store_open(path, &diags, &store), ARRAS_UNSUPPORTED);
}

static void a_file_that_is_no_database_is_an_error_that_names_it(void **state)
{
    struct ar_diags diags;
    struct ar_store *store;
    ar_diags_init(&diags, *state);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++) {
        fputs("not a database ", file);
    }
    fclose(file);
    assert_int_equal(ar_store_open(path, &diags, &store), ARRAS_IO);
    struct arras_str message = ar_diags_first_error(&diags)->message;
    assert_int_not_equal(ar_str_find(message, ar_str_z(path), 0), AR_NOT_FOUND);
}

static bool files_hold(struct ar_arena *arena, const char *text)
{
    bool found = false;
    const char *const endings[] = {"", "-wal"};
    for (size_t i = 0; i < 2; i++) {
        char name[96];
        struct arras_str content;
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        assert_int_equal(ar_file_read(name, (size_t)1 << 30, arena, NULL, &content), ARRAS_OK);
        found |= ar_str_find(content, ar_str_z(text), 0) != AR_NOT_FOUND;
    }
    return found;
}

/* Small ones stand within a page, large ones fill pages of their own. */
static struct arras_str marked(struct ar_arena *arena, const char *mark, size_t times)
{
    struct ar_buf buf;
    struct arras_str text;
    ar_buf_init(&buf, 1 << 24);
    for (size_t i = 0; i < times; i++) {
        ar_buf_printf(&buf, "%s %zu\n", mark, i);
    }
    assert_int_equal(ar_buf_copy(&buf, arena, &text), ARRAS_OK);
    ar_buf_release(&buf);
    return text;
}

static void run_marked_job(struct ar_store *store, struct ar_arena *arena, const char *id,
                           size_t times)
{
    struct ar_job job = ar_test_job(id, 1);
    int64_t next;
    job.args = marked(arena, "MARKED-ARGUMENT", times);
    job.code = marked(arena, "MARKED-CODE", times);
    assert_int_equal(ar_store_job_add(store, &job, NULL), ARRAS_OK);
    const struct ar_claim claim = {.worker = AR_STR("x"), .now = 1};
    assert_int_equal(ar_store_job_claim(store, &claim, arena, NULL, &job, &next), ARRAS_OK);
    job.result = marked(arena, "MARKED-RESULT", times);
    job.state = AR_JOB_SUCCESS;
    assert_int_equal(ar_store_log_append(store, job.id, marked(arena, "MARKED-LOG", times), NULL),
                     ARRAS_OK);
    assert_int_equal(ar_store_job_complete(store, &job, NULL), ARRAS_OK);
}

static void what_was_deleted_is_not_in_the_files_any_more(void **state)
{
    struct ar_arena *arena = *state;
    struct ar_store *store;
    assert_int_equal(ar_store_open(path, NULL, &store), ARRAS_OK);
    assert_int_equal(ar_store_workspace_add(store, AR_STR("w"), NULL), ARRAS_OK);
    for (char id = 'a'; id < 'k'; id++) {
        run_marked_job(store, arena, (char[]){id, '\0'}, id % 2 ? 3 : 5000);
    }
    assert_true(files_hold(arena, "MARKED-ARGUMENT") && files_hold(arena, "MARKED-LOG"));
    for (char id = 'a'; id < 'k'; id++) {
        struct arras_str name = {&id, 1};
        assert_int_equal(ar_store_job_delete(store, AR_STR("w"), name, NULL), ARRAS_OK);
    }
    assert_false(files_hold(arena, "MARKED-"));
    ar_store_close(store);
}

/* The same suite on PostgreSQL: in a schema that is made anew. */
static enum arras_status open_postgres(struct ar_diags *diags, struct ar_store **ret)
{
    return ar_store_open(getenv("ARRAS_TEST_POSTGRES"), diags, ret);
}

static const char *where_postgres(void)
{
    return getenv("ARRAS_TEST_POSTGRES");
}

static void wipe_postgres(void)
{
    test_postgres_run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

int main(void)
{
    if (test_on_postgres()) {
        const struct ar_store_backend postgres = {open_postgres, wipe_postgres, where_postgres};
        return ar_store_suite_run(&postgres) + ar_schedule_suite_run(&postgres) +
               ar_upgrade_suite_run(&postgres);
    }
    make_directory(directory);
    snprintf(path, sizeof(path), "%s/arras.db", directory);
    const struct ar_store_backend sqlite = {open_sqlite, wipe_sqlite, where_sqlite};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_server_on_the_same_data_is_refused_and_told_why,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_database_of_a_newer_version_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_database_is_an_error_that_names_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_deleted_is_not_in_the_files_any_more, set_up,
                                        tear_down),
    };
    int failed = ar_store_suite_run(&sqlite) + ar_schedule_suite_run(&sqlite) +
                 ar_ended_suite_run(&sqlite) + ar_upgrade_suite_run(&sqlite);
    failed += cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
    remove_tree(directory);
    return failed;
}
