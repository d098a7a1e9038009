/* Databases of an earlier version of this program: read, brought up to date, nothing of them lost.
 */
#include "jobs/store/db.h"
#include "jobs/store/store_people.h"
#include "jobs/store/store_schema.h"
#include "unit/harness.h"
#include "unit/jobs/store_suite.h"

static const struct ar_store_backend *backend;

static int set_up(void **state)
{
    struct ar_arena *arena = calloc(1, sizeof(*arena));
    ar_arena_init(arena, 0);
    backend->wipe();
    *state = arena;
    return 0;
}

static int tear_down(void **state)
{
    ar_arena_release(*state);
    free(*state);
    return 0;
}

/* As it was released; a database of that version exists somewhere. */
static const char VERSION_1[] =
    "CREATE TABLE setting (name {text} PRIMARY KEY, value {text} NOT NULL) {keyed};"
    "CREATE TABLE workspace (id {text} PRIMARY KEY) {keyed};"
    "CREATE TABLE token (hash {text} PRIMARY KEY, email {text} NOT NULL, username {text} NOT NULL,"
    " workspace {text} NOT NULL, admin {int} NOT NULL, superadmin {int} NOT NULL,"
    " expires_at {int} NOT NULL) {keyed};"
    "CREATE TABLE script (number {serial},"
    " workspace {text} NOT NULL REFERENCES workspace (id), path {text} NOT NULL,"
    " hash {text} NOT NULL, parent_hash {text} NOT NULL, summary {data} NOT NULL,"
    " description {data} NOT NULL, content {data} NOT NULL, language {text} NOT NULL,"
    " kind {text} NOT NULL, schema {data} NOT NULL,"
    " lock {data} NOT NULL, tag {text} NOT NULL, created_by {text} NOT NULL,"
    " created_at {int} NOT NULL, timeout {int} NOT NULL, archived {int} NOT NULL,"
    " deleted {int} NOT NULL, UNIQUE (workspace, hash)) {table};"
    "CREATE INDEX script_path ON script (workspace, path, number);"
    "CREATE TABLE job (id {text} PRIMARY KEY, workspace {text} NOT NULL REFERENCES workspace (id),"
    " kind {text} NOT NULL, script_path {text} NOT NULL, script_hash {text} NOT NULL,"
    " language {text} NOT NULL, code {data} NOT NULL, args {data} NOT NULL,"
    " created_by {text} NOT NULL, permissioned_as {text} NOT NULL, email {text} NOT NULL,"
    " tag {text} NOT NULL, parent_job {text} NOT NULL, timeout {int} NOT NULL,"
    " created_at {int} NOT NULL, scheduled_for {int} NOT NULL, started_at {int} NOT NULL,"
    " completed_at {int} NOT NULL, state {int} NOT NULL, worker {text} NOT NULL,"
    " attempt {int} NOT NULL, cancel_requested {int} NOT NULL, canceled_by {text} NOT NULL,"
    " canceled_reason {data} NOT NULL, result {data} NOT NULL, memory_peak {int} NOT NULL,"
    " deleted {int} NOT NULL) {table};"
    "CREATE INDEX job_queue ON job (scheduled_for, id) WHERE state = 0;"
    "CREATE INDEX job_running ON job (id) WHERE state = 1;"
    "CREATE INDEX job_list ON job (workspace, (state > 1), created_at DESC, id DESC);"
    "CREATE TABLE log (job {text} NOT NULL REFERENCES job (id), start {int} NOT NULL,"
    " text {blob} NOT NULL, PRIMARY KEY (job, start)) {keyed};";

/* One job waits, one has ended. */
static const char ROWS[] =
    "INSERT INTO workspace VALUES ('w');"
    "INSERT INTO setting VALUES ('workspace', 'w');"
    "INSERT INTO token VALUES ('hash', 'a@b.c', 'ann', '', 1, 1, 0);"
    "INSERT INTO script (workspace, path, hash, parent_hash, summary, description, content,"
    " language, kind, schema, lock, tag, created_by, created_at, timeout, archived, deleted)"
    " VALUES ('w', 'u/ann/s', 'h', '', 'what', '', 'echo 1', 'bash', 'script', 'null', '', 'bash',"
    " 'ann', 1, 0, 0, 0);"
    "INSERT INTO job VALUES ('1', 'w', 'script', 'u/ann/s', 'h', 'bash', 'echo 1', 'null', 'ann',"
    " 'u/ann', 'a@b.c', 'bash', '', 0, 1, 1, 0, 0, 0, '', 0, 0, '', '', '', 0, 0);"
    "INSERT INTO job VALUES ('2', 'w', 'script', 'u/ann/s', 'h', 'bash', 'echo 1', 'null', 'ann',"
    " 'u/ann', 'a@b.c', 'bash', '', 0, 1, 1, 2, 3, 2, 'wk', 1, 0, '', '', '7', 5, 0);"
    "INSERT INTO log VALUES ('2', 0, CAST('abc' AS {blob}));"
    "INSERT INTO log VALUES ('2', 3, CAST('def' AS {blob}));";

static struct ar_db *open_database(const char *where)
{
    struct ar_db *db;
    enum arras_status status = strncmp(where, "postgres", 8) == 0
                                   ? ar_db_open_postgres(where, NULL, &db)
                                   : ar_db_open_sqlite(where, NULL, &db);
    assert_int_equal(status, ARRAS_OK);
    return db;
}

static void make_version_1(const char *where)
{
    struct ar_db *db = open_database(where);
    struct ar_tx tx;
    ar_tx_begin(&tx, db, AR_DB_DURABLE, NULL);
    assert_int_equal(ar_tx_run(&tx, VERSION_1), ARRAS_OK);
    assert_int_equal(ar_tx_run(&tx, ROWS), ARRAS_OK);
    const char *version = ar_db_shared(db)
                              ? "CREATE TABLE arras_schema (version BIGINT PRIMARY KEY);"
                                "INSERT INTO arras_schema VALUES (1)"
                              : "PRAGMA user_version=1";
    assert_int_equal(ar_tx_run(&tx, version), ARRAS_OK);
    assert_int_equal(ar_tx_end(&tx, ARRAS_OK), ARRAS_OK);
    ar_db_close(db);
}

static int64_t schema_of(const char *where)
{
    struct ar_db *db = open_database(where);
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, db, AR_DB_READ, NULL);
    ar_query_begin(&query, &tx,
                   ar_db_shared(db) ? "SELECT max(version) FROM arras_schema"
                                    : "PRAGMA user_version");
    int64_t version = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    assert_int_equal(ar_tx_end(&tx, ar_query_end(&query)), ARRAS_OK);
    ar_db_close(db);
    return version;
}

static void assert_kept(struct ar_store *store, struct ar_arena *arena)
{
    struct ar_job job;
    struct ar_script script;
    struct ar_user user;
    struct arras_str log;
    assert_int_equal(ar_store_job_get(store, AR_STR("w"), AR_STR("1"), arena, NULL, &job),
                     ARRAS_OK);
    assert_int_equal(job.state, AR_JOB_QUEUED);
    assert_str(job.code, "echo 1");
    assert_int_equal(ar_store_job_get(store, AR_STR("w"), AR_STR("2"), arena, NULL, &job),
                     ARRAS_OK);
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_str(job.result, "7");
    assert_int_equal(ar_store_log_get(store, AR_STR("2"), 0, arena, NULL, &log), ARRAS_OK);
    assert_str(log, "abcdef");
    assert_int_equal(
        ar_store_script_by_path(store, AR_STR("w"), AR_STR("u/ann/s"), arena, NULL, &script),
        ARRAS_OK);
    assert_str(script.content, "echo 1");
    assert_int_equal(ar_store_token_find(store, AR_STR("hash"), 1, arena, NULL, &user), ARRAS_OK);
    assert_str(user.email, "a@b.c");
    assert_true(user.superadmin);
}

static void a_database_of_the_first_version_is_read_and_brought_up_to_date(void **state)
{
    struct ar_store *store;
    struct ar_job job;
    int64_t next;
    make_version_1(backend->where());
    for (int i = 0; i < 2; i++) {
        assert_int_equal(backend->open(NULL, &store), ARRAS_OK);
        assert_kept(store, *state);
        ar_store_close(store);
        assert_int_equal(schema_of(backend->where()), ar_store_newest_schema());
    }
    const struct ar_claim claim = {.worker = AR_STR("x"), .now = 1};
    assert_int_equal(backend->open(NULL, &store), ARRAS_OK);
    assert_int_equal(ar_store_job_claim(store, &claim, *state, NULL, &job, &next), ARRAS_OK);
    assert_str(job.id, "1");
    ar_store_close(store);
}

int ar_upgrade_suite_run(const struct ar_store_backend *tested)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_database_of_the_first_version_is_read_and_brought_up_to_date, set_up, tear_down),
    };
    backend = tested;
    return cmocka_run_group_tests_name("upgrade", tests, NULL, NULL);
}
