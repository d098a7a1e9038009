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

/* As the first version of the program made it. */
static const char VERSION_1[] =
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE workspace (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE token (hash TEXT PRIMARY KEY, email TEXT NOT NULL, username TEXT NOT NULL,"
    " workspace TEXT NOT NULL, admin INTEGER NOT NULL, superadmin INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE script (number INTEGER PRIMARY KEY,"
    " workspace TEXT NOT NULL REFERENCES workspace (id), path TEXT NOT NULL, hash TEXT NOT NULL,"
    " parent_hash TEXT NOT NULL, summary TEXT NOT NULL, description TEXT NOT NULL,"
    " content TEXT NOT NULL, language TEXT NOT NULL, kind TEXT NOT NULL, schema TEXT NOT NULL,"
    " lock TEXT NOT NULL, tag TEXT NOT NULL, created_by TEXT NOT NULL,"
    " created_at INTEGER NOT NULL, timeout INTEGER NOT NULL, archived INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL, UNIQUE (workspace, hash)) STRICT;"
    "CREATE INDEX script_path ON script (workspace, path, number);"
    "CREATE TABLE job (id TEXT PRIMARY KEY, workspace TEXT NOT NULL REFERENCES workspace (id),"
    " kind TEXT NOT NULL, script_path TEXT NOT NULL, script_hash TEXT NOT NULL,"
    " language TEXT NOT NULL, code TEXT NOT NULL, args TEXT NOT NULL, created_by TEXT NOT NULL,"
    " permissioned_as TEXT NOT NULL, email TEXT NOT NULL, tag TEXT NOT NULL,"
    " parent_job TEXT NOT NULL, timeout INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    " scheduled_for INTEGER NOT NULL, started_at INTEGER NOT NULL, completed_at INTEGER NOT NULL,"
    " state INTEGER NOT NULL, worker TEXT NOT NULL, attempt INTEGER NOT NULL,"
    " cancel_requested INTEGER NOT NULL, canceled_by TEXT NOT NULL, canceled_reason TEXT NOT NULL,"
    " result TEXT NOT NULL, memory_peak INTEGER NOT NULL, deleted INTEGER NOT NULL) STRICT;"
    "CREATE INDEX job_queue ON job (scheduled_for, id) WHERE state = 0;"
    "CREATE INDEX job_running ON job (id) WHERE state = 1;"
    "CREATE INDEX job_list ON job (workspace, state > 1, created_at DESC, id DESC);"
    "CREATE TABLE log (job TEXT NOT NULL REFERENCES job (id), start INTEGER NOT NULL,"
    " text BLOB NOT NULL, PRIMARY KEY (job, start)) STRICT, WITHOUT ROWID;";

static void a_database_of_the_first_version_is_read_and_brought_up_to_date(void **state)
{
    struct ar_store *store;
    struct ar_job job = {0};
    sqlite3 *db;
    int64_t next;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, VERSION_1, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            db,
            "INSERT INTO workspace VALUES ('w'); INSERT INTO job VALUES ('1', 'w', 'script',"
            " 'u/a/b', 'h', 'bash', 'echo', '{}', 'admin', 'u/admin', 'a@b.c', 'bash', '',"
            " 0, 1, 1, 0, 0, 0, '', 0, 0, '', '', '', 0, 0); PRAGMA user_version=1",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ar_store_open(path, NULL, &store), ARRAS_OK);
        assert_int_equal(ar_store_job_get(store, AR_STR("w"), AR_STR("1"), *state, NULL, &job),
                         ARRAS_OK);
        assert_str(job.code, "echo");
        ar_store_close(store);
    }
    const struct ar_claim claim = {.worker = AR_STR("x"), .now = 1};
    assert_int_equal(ar_store_open(path, NULL, &store), ARRAS_OK);
    assert_int_equal(ar_store_job_claim(store, &claim, *state, NULL, &job, &next), ARRAS_OK);
    ar_store_close(store);
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

static void wipe_postgres(void)
{
    test_postgres_run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

int main(void)
{
    if (test_on_postgres()) {
        const struct ar_store_backend postgres = {open_postgres, wipe_postgres};
        return ar_store_suite_run(&postgres) + ar_schedule_suite_run(&postgres);
    }
    make_directory(directory);
    snprintf(path, sizeof(path), "%s/arras.db", directory);
    const struct ar_store_backend sqlite = {open_sqlite, wipe_sqlite};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_server_on_the_same_data_is_refused_and_told_why,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_database_of_a_newer_version_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_database_of_the_first_version_is_read_and_brought_up_to_date, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_database_is_an_error_that_names_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_deleted_is_not_in_the_files_any_more, set_up,
                                        tear_down),
    };
    int failed =
        ar_store_suite_run(&sqlite) + ar_schedule_suite_run(&sqlite) + ar_ended_suite_run(&sqlite);
    failed += cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
    remove_tree(directory);
    return failed;
}
