#include "unit/jobs/store_suite.h"
#include "jobs/store/store_people.h"
#include <pthread.h>
#include <unistd.h>
#include "base/limits.h"
#include "unit/harness.h"

static const struct ar_store_backend *backend;

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_store *store;
};

static void open_store(struct fixture *fixture)
{
    enum arras_status status = backend->open(&fixture->diags, &fixture->store);
    const struct arras_diag *error = ar_diags_first_error(&fixture->diags);
    if (error) {
        print_error("%.*s\n", AR_STR_ARG(error->message));
    }
    assert_int_equal(status, ARRAS_OK);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    ar_arena_init(&fixture->arena, 0);
    ar_diags_init(&fixture->diags, &fixture->arena);
    backend->wipe();
    open_store(fixture);
    assert_int_equal(ar_store_workspace_add(fixture->store, AR_STR("w"), &fixture->diags), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ar_store_close(fixture->store);
    ar_arena_release(&fixture->arena);
    free(fixture);
    backend->wipe();
    return 0;
}

static void reopen(struct fixture *fixture)
{
    ar_store_close(fixture->store);
    open_store(fixture);
}

struct ar_job ar_test_job(const char *id, int64_t scheduled_for)
{
    return (struct ar_job){.id = ar_str_z(id),
                           .workspace = AR_STR("w"),
                           .kind = AR_STR("script"),
                           .script_path = AR_STR("u/admin/hello"),
                           .language = AR_STR("bash"),
                           .code = AR_STR("echo hello"),
                           .args = AR_STR("{\"x\":1}"),
                           .created_by = AR_STR("admin"),
                           .created_at = scheduled_for,
                           .scheduled_for = scheduled_for};
}

static void add(struct fixture *fixture, const char *id, int64_t scheduled_for)
{
    struct ar_job job = ar_test_job(id, scheduled_for);
    assert_int_equal(ar_store_job_add(fixture->store, &job, &fixture->diags), ARRAS_OK);
}

static struct ar_job get(struct fixture *fixture, const char *id)
{
    struct ar_job job = {0};
    assert_int_equal(ar_store_job_get(fixture->store, AR_STR("w"), ar_str_z(id), &fixture->arena,
                                      &fixture->diags, &job),
                     ARRAS_OK);
    return job;
}

static struct ar_job claim(struct fixture *fixture, int64_t now)
{
    struct ar_job job = {0};
    int64_t next = 0;
    const struct ar_claim claim = {.worker = AR_STR("worker"), .now = now};
    assert_int_equal(
        ar_store_job_claim(fixture->store, &claim, &fixture->arena, &fixture->diags, &job, &next),
        ARRAS_OK);
    return job;
}

static enum arras_status claim_at(struct fixture *fixture, int64_t now, struct ar_job *ret,
                                  int64_t *ret_next)
{
    const struct ar_claim claim = {.worker = AR_STR("x"), .now = now};
    return ar_store_job_claim(fixture->store, &claim, &fixture->arena, &fixture->diags, ret,
                              ret_next);
}

static enum arras_status complete(struct fixture *fixture, struct ar_job job,
                                  enum ar_job_state state)
{
    job.state = state;
    job.result = AR_STR("\"done\"");
    job.completed_at = 77;
    job.memory_peak = 1234;
    return ar_store_job_complete(fixture->store, &job, &fixture->diags);
}

static struct arras_str log_from(struct fixture *fixture, const char *id, size_t from)
{
    struct arras_str text = {NULL, 0};
    assert_int_equal(ar_store_log_get(fixture->store, ar_str_z(id), from, &fixture->arena,
                                      &fixture->diags, &text),
                     ARRAS_OK);
    return text;
}

static void append(struct fixture *fixture, const char *id, const char *text)
{
    assert_int_equal(
        ar_store_log_append(fixture->store, ar_str_z(id), ar_str_z(text), &fixture->diags),
        ARRAS_OK);
}

static void settings_are_kept_and_replaced(void **state)
{
    struct fixture *t = *state;
    struct arras_str value;
    assert_int_equal(ar_store_setting_get(t->store, "secret", &t->arena, &t->diags, &value),
                     ARRAS_NOT_FOUND);
    assert_int_equal(ar_store_setting_set(t->store, "secret", AR_STR("a"), &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_setting_set(t->store, "secret", AR_STR("b"), &t->diags), ARRAS_OK);
    reopen(t);
    assert_int_equal(ar_store_setting_get(t->store, "secret", &t->arena, &t->diags, &value),
                     ARRAS_OK);
    assert_str(value, "b");
}

static void a_workspace_is_added_once(void **state)
{
    struct fixture *t = *state;
    bool exists = true;
    assert_int_equal(ar_store_workspace_exists(t->store, AR_STR("x"), &t->diags, &exists),
                     ARRAS_OK);
    assert_false(exists);
    assert_int_equal(ar_store_workspace_add(t->store, AR_STR("x"), &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_workspace_add(t->store, AR_STR("x"), &t->diags), ARRAS_CONFLICT);
    assert_int_equal(ar_store_workspace_exists(t->store, AR_STR("x"), &t->diags, &exists),
                     ARRAS_OK);
    assert_true(exists);
}

static void a_token_is_found_until_it_expires_or_is_removed(void **state)
{
    struct fixture *t = *state;
    const struct ar_account account = {
        .email = AR_STR("a@b.c"), .username = AR_STR("a"), .superadmin = true};
    struct ar_token token = {.hash = AR_STR("h1"),
                             .prefix = AR_STR("p1"),
                             .email = AR_STR("a@b.c"),
                             .workspace = AR_STR("w"),
                             .scopes = AR_STR("[]"),
                             .expires_at = 100};
    struct ar_user found = {0};
    assert_int_equal(ar_store_token_add(t->store, &token, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_token_find(t->store, AR_STR("h1"), 99, &t->arena, &t->diags, &found),
                     ARRAS_NOT_FOUND); /* nobody's */
    assert_int_equal(ar_store_account_add(t->store, &account, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_account_add(t->store, &account, &t->diags), ARRAS_CONFLICT);
    token.hash = AR_STR("h2");
    token.prefix = AR_STR("p2");
    token.workspace = AR_STR("");
    token.expires_at = 0;
    assert_int_equal(ar_store_token_add(t->store, &token, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_token_find(t->store, AR_STR("h1"), 99, &t->arena, &t->diags, &found),
                     ARRAS_OK);
    assert_str(found.email, "a@b.c");
    assert_str(found.workspace, "w");
    assert_str(found.scopes, "[]");
    assert_true(found.admin && !found.superadmin);
    assert_int_equal(ar_store_token_find(t->store, AR_STR("h1"), 100, &t->arena, &t->diags, &found),
                     ARRAS_NOT_FOUND);
    assert_int_equal(
        ar_store_token_find(t->store, AR_STR("h2"), 1000, &t->arena, &t->diags, &found), ARRAS_OK);
    assert_true(found.superadmin);
    assert_int_equal(ar_store_token_touch(t->store, AR_STR("h2"), 77, &t->diags), ARRAS_OK);
    struct ar_token_list list;
    assert_int_equal(
        ar_store_token_list(t->store, AR_STR("a@b.c"), 100, &t->arena, &t->diags, &list), ARRAS_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].last_used_at, 77);
    int count;
    assert_int_equal(
        ar_store_token_remove_prefix(t->store, AR_STR("a@b.c"), AR_STR("p1"), &t->diags, &count),
        ARRAS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(ar_store_token_remove(t->store, AR_STR("h2"), &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_token_remove(t->store, AR_STR("h2"), &t->diags), ARRAS_NOT_FOUND);
    assert_int_equal(ar_store_token_find(t->store, AR_STR("h2"), 1, &t->arena, &t->diags, &found),
                     ARRAS_NOT_FOUND);
}

static void a_workspace_has_members_folders_and_groups_and_goes_with_them(void **state)
{
    struct fixture *t = *state;
    const struct ar_workspace made = {
        .id = AR_STR("team"), .name = AR_STR("Team"), .owner = AR_STR("a@b.c"), .created_at = 5};
    const struct ar_workspace_member creator = {.workspace = AR_STR("team"),
                                                .username = AR_STR("a"),
                                                .email = AR_STR("a@b.c"),
                                                .admin = true};
    struct ar_membership found;
    struct ar_folder_list folders;
    struct ar_name_list names;
    struct ar_folder_usage usage;
    assert_int_equal(ar_store_workspace_create(t->store, &made, &creator, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_workspace_create(t->store, &made, NULL, &t->diags), ARRAS_CONFLICT);
    assert_int_equal(ar_store_membership(t->store, AR_STR("team"), AR_STR("a@b.c"), &t->arena,
                                         &t->diags, &found),
                     ARRAS_OK);
    assert_true(found.admin && ar_str_is(found.username, "a"));
    assert_str(found.workspace.name, "Team");
    assert_int_equal(ar_store_membership(t->store, AR_STR("team"), AR_STR("x@y.z"), &t->arena,
                                         &t->diags, &found),
                     ARRAS_OK);
    assert_int_equal(found.username.len, 0);
    assert_int_equal(ar_store_folder_list(t->store, AR_STR("team"), &t->arena, &t->diags, &folders),
                     ARRAS_OK);
    assert_int_equal(folders.count, 3);
    assert_int_equal(
        ar_store_folder_count(t->store, AR_STR("team"), AR_STR("app_custom"), &t->diags, &usage),
        ARRAS_OK);
    assert_int_equal(usage.scripts, 0);
    assert_int_equal(ar_store_group_enter(t->store, AR_STR("team"), AR_STR("wm_deployers"),
                                          AR_STR("a"), &t->diags),
                     ARRAS_OK);
    assert_int_equal(
        ar_store_group_enter(t->store, AR_STR("team"), AR_STR("none"), AR_STR("a"), &t->diags),
        ARRAS_CONFLICT);
    assert_int_equal(ar_store_group_members(t->store, AR_STR("team"), AR_STR("all"), &t->arena,
                                            &t->diags, &names),
                     ARRAS_OK);
    assert_int_equal(names.count, 1);
    assert_int_equal(
        ar_store_groups_of(t->store, AR_STR("team"), AR_STR("a"), &t->arena, &t->diags, &names),
        ARRAS_OK);
    assert_int_equal(names.count, 1);
    assert_str(names.items[0], "wm_deployers");
    assert_int_equal(ar_store_workspace_delete(t->store, AR_STR("team"), &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_workspace_delete(t->store, AR_STR("team"), &t->diags),
                     ARRAS_NOT_FOUND);
}

static void the_record_is_listed_newest_first_as_filtered(void **state)
{
    struct fixture *t = *state;
    struct ar_audit_entry entry = {.workspace = AR_STR("w"),
                                   .at = 10,
                                   .username = AR_STR("a"),
                                   .operation = AR_STR("jobs.cancel"),
                                   .kind = AR_STR("Delete"),
                                   .resource = AR_STR("x"),
                                   .parameters = AR_STR("{\"n\":1}")};
    struct ar_audit_filter filter = {.workspace = AR_STR("w"), .limit = 10};
    struct ar_audit_list list;
    assert_int_equal(ar_store_audit_add(t->store, &entry, &t->diags), ARRAS_OK);
    entry.at = 20;
    entry.operation = AR_STR("jobs.delete");
    assert_int_equal(ar_store_audit_add(t->store, &entry, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_audit_list(t->store, &filter, &t->arena, &t->diags, &list), ARRAS_OK);
    assert_int_equal(list.count, 2);
    assert_str(list.items[0].operation, "jobs.delete");
    assert_str(list.items[1].parameters, "{\"n\":1}");
    struct ar_audit_entry found;
    assert_int_equal(
        ar_store_audit_get(t->store, AR_STR("w"), list.items[1].id, &t->arena, &t->diags, &found),
        ARRAS_OK);
    assert_str(found.operation, "jobs.cancel");
    filter.operations = AR_STR(",jobs.cancel,");
    assert_int_equal(ar_store_audit_list(t->store, &filter, &t->arena, &t->diags, &list), ARRAS_OK);
    assert_int_equal(list.count, 1);
    filter.not_operations = AR_STR(",jobs.cancel,");
    assert_int_equal(ar_store_audit_list(t->store, &filter, &t->arena, &t->diags, &list), ARRAS_OK);
    assert_int_equal(list.count, 0);
    filter = (struct ar_audit_filter){.workspace = AR_STR("w"), .after = 10, .limit = 10};
    assert_int_equal(ar_store_audit_list(t->store, &filter, &t->arena, &t->diags, &list), ARRAS_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].at, 20);
}

static struct ar_script script(const char *path, const char *hash, const char *parent)
{
    return (struct ar_script){.workspace = AR_STR("w"),
                              .path = ar_str_z(path),
                              .hash = ar_str_z(hash),
                              .parent_hash = ar_str_z(parent),
                              .content = ar_str_z(hash),
                              .language = AR_STR("bash"),
                              .kind = AR_STR("script"),
                              .created_at = 5,
                              .timeout = 9};
}

static enum arras_status add_script(struct fixture *t, const char *path, const char *hash,
                                    const char *parent)
{
    struct ar_script added = script(path, hash, parent);
    return ar_store_script_add(t->store, &added, &t->diags);
}

static void a_new_version_of_a_script_archives_its_parent(void **state)
{
    struct fixture *t = *state;
    struct ar_script got = {0};
    assert_int_equal(add_script(t, "u/a/b", "1", ""), ARRAS_OK);
    assert_int_equal(add_script(t, "u/a/b", "1", ""), ARRAS_CONFLICT);
    assert_int_equal(add_script(t, "u/a/b", "2", "1"), ARRAS_OK);
    assert_int_equal(
        ar_store_script_by_path(t->store, AR_STR("w"), AR_STR("u/a/b"), &t->arena, &t->diags, &got),
        ARRAS_OK);
    assert_str(got.hash, "2");
    assert_str(got.parent_hash, "1");
    assert_str(got.content, "2");
    assert_int_equal(got.timeout, 9);
    assert_false(got.archived);
    assert_int_equal(
        ar_store_script_by_hash(t->store, AR_STR("w"), AR_STR("1"), &t->arena, &t->diags, &got),
        ARRAS_OK);
    assert_true(got.archived);
    assert_int_equal(ar_store_script_by_path(t->store, AR_STR("other"), AR_STR("u/a/b"), &t->arena,
                                             &t->diags, &got),
                     ARRAS_NOT_FOUND);
}

static void the_earlier_versions_of_a_script_are_known(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = AR_SCRIPT_ANCESTORS + 3 };
    static char hashes[COUNT][AR_SCRIPT_HASH_LENGTH + 1];
    struct ar_script script = {.workspace = AR_STR("w"),
                               .path = AR_STR("u/admin/many"),
                               .language = AR_STR("bash"),
                               .kind = AR_STR("script"),
                               .created_by = AR_STR("admin")};
    for (int i = 0; i < COUNT; i++) {
        snprintf(hashes[i], sizeof(hashes[i]), "%016d", i);
        script.hash = ar_str_z(hashes[i]);
        script.parent_hash = i ? ar_str_z(hashes[i - 1]) : AR_STR("");
        assert_int_equal(ar_store_script_add(fixture->store, &script, &fixture->diags), ARRAS_OK);
    }
    const int versions[] = {0, 2, COUNT - 1};
    for (size_t v = 0; v < 3; v++) {
        int count = 0;
        assert_int_equal(ar_store_script_by_hash(fixture->store, AR_STR("w"),
                                                 ar_str_z(hashes[versions[v]]), &fixture->arena,
                                                 &fixture->diags, &script),
                         ARRAS_OK);
        for (struct arras_str rest = script.ancestors; rest.len; count++) {
            assert_true(ar_str_is(ar_str_cut(&rest, ','), hashes[versions[v] - count - 1]));
        }
        assert_int_equal(count,
                         versions[v] < AR_SCRIPT_ANCESTORS ? versions[v] : AR_SCRIPT_ANCESTORS);
    }
}

static void a_script_with_an_unknown_parent_is_not_added(void **state)
{
    struct fixture *t = *state;
    struct ar_script got;
    assert_int_equal(add_script(t, "u/a/b", "2", "nothing"), ARRAS_NOT_FOUND);
    assert_int_equal(
        ar_store_script_by_hash(t->store, AR_STR("w"), AR_STR("2"), &t->arena, &t->diags, &got),
        ARRAS_NOT_FOUND);
}

static bool take_script(void *context, const struct ar_script *script)
{
    struct ar_script_list *list = context;
    assert_true(list->list.count < 8);
    list->list.items[list->list.count++] = *script;
    return true;
}

/* Hashes of what is listed. */
static void assert_listed(struct fixture *t, const struct ar_script_filter *filter,
                          const char *hashes)
{
    struct ar_script scripts[8];
    struct ar_script_list found = {{.items = scripts, .count = 0}};
    char text[64] = "";
    assert_int_equal(
        ar_store_script_list(t->store, filter, &t->arena, &t->diags, take_script, &found),
        ARRAS_OK);
    for (size_t i = 0; i < found.list.count; i++) {
        assert_int_equal(scripts[i].content.len, 0);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s ",
                 AR_STR_ARG(scripts[i].hash));
    }
    assert_string_equal(text, hashes);
}

static void scripts_are_listed_newest_first_by_their_newest_version(void **state)
{
    struct fixture *t = *state;
    struct ar_script_filter filter = {.workspace = AR_STR("w")};
    assert_int_equal(add_script(t, "u/z", "1", ""), ARRAS_OK);
    assert_int_equal(add_script(t, "u/a", "2", ""), ARRAS_OK);
    assert_int_equal(add_script(t, "u/z", "3", "1"), ARRAS_OK);
    assert_int_equal(add_script(t, "u/b", "4", ""), ARRAS_OK);
    assert_listed(t, &filter, "4 3 2 ");
    filter.oldest_first = true;
    assert_listed(t, &filter, "2 3 4 ");
    filter.path_start = AR_STR("u/z");
    assert_listed(t, &filter, "3 ");
    filter = (struct ar_script_filter){.workspace = AR_STR("w"), .parent_hash = AR_STR("1")};
    assert_listed(t, &filter, "3 ");
    filter = (struct ar_script_filter){.workspace = AR_STR("w"), .languages = AR_STR(",cobol,")};
    assert_listed(t, &filter, "");
    assert_int_equal(ar_store_script_archive(t->store, AR_STR("w"), AR_STR("3"), &t->diags),
                     ARRAS_OK);
    filter = (struct ar_script_filter){.workspace = AR_STR("w"), .archived = true};
    assert_listed(t, &filter, "3 ");
    filter.archived = false;
    assert_listed(t, &filter, "4 2 ");
}

static void scripts_are_blanked_and_removed(void **state)
{
    struct fixture *t = *state;
    struct ar_script got;
    struct ar_script_list versions;
    struct arras_str w = AR_STR("w"), path = AR_STR("u/z");
    assert_int_equal(add_script(t, "u/z", "1", ""), ARRAS_OK);
    assert_int_equal(add_script(t, "u/z", "2", "1"), ARRAS_OK);
    assert_int_equal(
        ar_store_script_message(t->store, w, path, AR_STR("1"), AR_STR("first"), &t->diags),
        ARRAS_OK);
    assert_int_equal(
        ar_store_script_message(t->store, w, path, AR_STR("3"), AR_STR("none"), &t->diags),
        ARRAS_NOT_FOUND);
    assert_int_equal(ar_store_script_versions(t->store, w, path, &t->arena, &t->diags, &versions),
                     ARRAS_OK);
    assert_int_equal(versions.list.count, 2);
    assert_str(versions.list.items[0].hash, "2");
    assert_str(versions.list.items[1].message, "first");
    assert_int_equal(ar_store_script_blank(t->store, w, AR_STR("2"), &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_script_by_hash(t->store, w, AR_STR("2"), &t->arena, &t->diags, &got),
                     ARRAS_OK);
    assert_true(got.deleted && got.archived && got.content.len == 0);
    assert_int_equal(ar_store_script_remove(t->store, w, path, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_script_remove(t->store, w, path, &t->diags), ARRAS_NOT_FOUND);
}

static void a_job_comes_back_as_it_was_added(void **state)
{
    struct fixture *t = *state;
    struct ar_job job = ar_test_job("1", 10), got;
    job.args = (struct arras_str){"{\"\\u0000\":\"\xc3\xa9\0x\"}", 17}; /* a NUL byte is data */
    job.timeout = INT64_MAX;
    job.tag = AR_STR("t");
    assert_int_equal(ar_store_job_add(t->store, &job, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_job_add(t->store, &job, &t->diags), ARRAS_CONFLICT);
    reopen(t);
    got = get(t, "1");
    assert_true(ar_str_eq(got.args, job.args));
    assert_str(got.code, "echo hello");
    assert_str(got.tag, "t");
    assert_int_equal(got.timeout, INT64_MAX);
    assert_int_equal(got.state, AR_JOB_QUEUED);
    assert_int_equal(
        ar_store_job_get(t->store, AR_STR("other"), AR_STR("1"), &t->arena, &t->diags, &got),
        ARRAS_NOT_FOUND);
}

static void jobs_are_claimed_by_scheduled_time_then_id(void **state)
{
    struct fixture *t = *state;
    struct ar_job job;
    int64_t next = 0;
    add(t, "c", 20);
    add(t, "b", 10);
    add(t, "a", 20);
    add(t, "d", 30);
    assert_str(claim(t, 25).id, "b");
    job = claim(t, 25);
    assert_str(job.id, "a");
    assert_str(job.worker, "worker");
    assert_str(job.code, "echo hello");
    assert_int_equal(job.attempt, 1);
    assert_int_equal(job.started_at, 25);
    assert_str(claim(t, 25).id, "c");
    assert_int_equal(claim_at(t, 25, &job, &next), ARRAS_NOT_FOUND);
    assert_int_equal(next, 30);
    assert_str(claim(t, 30).id, "d");
    assert_int_equal(claim_at(t, 99, &job, &next), ARRAS_NOT_FOUND);
    assert_int_equal(next, 0);
}

static void a_job_ends_exactly_once(void **state)
{
    struct fixture *t = *state;
    add(t, "1", 1);
    struct ar_job queued = get(t, "1"), job = claim(t, 1), other = job;
    other.worker = AR_STR("other");
    assert_int_equal(complete(t, queued, AR_JOB_CANCELED), ARRAS_CONFLICT);
    assert_int_equal(complete(t, other, AR_JOB_SUCCESS), ARRAS_CONFLICT);
    assert_int_equal(complete(t, job, AR_JOB_SUCCESS), ARRAS_OK);
    assert_int_equal(complete(t, job, AR_JOB_FAILURE), ARRAS_CONFLICT);
    job = get(t, "1");
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_str(job.result, "\"done\"");
    assert_int_equal(job.completed_at, 77);
    assert_int_equal(job.memory_peak, 1234);
    assert_int_equal(complete(t, ar_test_job("2", 1), AR_JOB_SUCCESS), ARRAS_NOT_FOUND);
}

static void a_queued_job_is_ended_only_while_it_is_queued(void **state)
{
    struct fixture *t = *state;
    add(t, "1", 1);
    struct ar_job queued = get(t, "1");
    assert_int_equal(complete(t, queued, AR_JOB_CANCELED), ARRAS_OK);
    assert_int_equal(get(t, "1").state, AR_JOB_CANCELED);
    int64_t next;
    assert_int_equal(claim_at(t, 9, &queued, &next), ARRAS_NOT_FOUND);
}

static void a_job_put_back_is_claimed_again_and_its_first_worker_cannot_end_it(void **state)
{
    struct fixture *t = *state;
    add(t, "1", 1);
    struct ar_job first = claim(t, 1);
    assert_int_equal(ar_store_job_requeue(t->store, &first, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_job_requeue(t->store, &first, &t->diags), ARRAS_CONFLICT);
    assert_int_equal(get(t, "1").state, AR_JOB_QUEUED);
    assert_int_equal(get(t, "1").started_at, 0);
    struct ar_job second = claim(t, 2);
    assert_int_equal(second.attempt, 2);
    assert_int_equal(complete(t, first, AR_JOB_SUCCESS), ARRAS_CONFLICT);
    assert_int_equal(complete(t, second, AR_JOB_SUCCESS), ARRAS_OK);
}

static void a_cancellation_is_requested_of_a_running_job_and_the_first_reason_stays(void **state)
{
    struct fixture *t = *state;
    struct arras_str w = AR_STR("w"), id = AR_STR("1");
    assert_int_equal(
        ar_store_job_request_cancel(t->store, w, id, AR_STR("me"), AR_STR("why"), &t->diags),
        ARRAS_NOT_FOUND);
    add(t, "1", 1);
    assert_int_equal(
        ar_store_job_request_cancel(t->store, w, id, AR_STR("me"), AR_STR("why"), &t->diags),
        ARRAS_CONFLICT);
    struct ar_job job = claim(t, 1);
    assert_int_equal(
        ar_store_job_request_cancel(t->store, w, id, AR_STR("me"), AR_STR("why"), &t->diags),
        ARRAS_OK);
    assert_int_equal(
        ar_store_job_request_cancel(t->store, w, id, AR_STR("you"), AR_STR("so"), &t->diags),
        ARRAS_OK);
    assert_int_equal(complete(t, job, AR_JOB_CANCELED), ARRAS_OK);
    job = get(t, "1");
    assert_true(job.cancel_requested);
    assert_str(job.canceled_by, "me");
    assert_str(job.canceled_reason, "why");
}

static void
recovering_queues_what_ran_ends_what_was_to_be_canceled_and_leaves_the_rest(void **state)
{
    struct fixture *t = *state;
    size_t count = 0;
    add(t, "1", 1);
    add(t, "2", 2);
    add(t, "3", 3);
    add(t, "4", 4);
    assert_int_equal(complete(t, claim(t, 9), AR_JOB_SUCCESS), ARRAS_OK);
    claim(t, 9);
    claim(t, 9);
    assert_int_equal(ar_store_job_request_cancel(t->store, AR_STR("w"), AR_STR("3"), AR_STR("me"),
                                                 AR_STR("\"so\""), &t->diags),
                     ARRAS_OK);
    reopen(t);
    assert_int_equal(ar_store_job_recover(t->store, &t->diags, &count), ARRAS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(get(t, "1").state, AR_JOB_SUCCESS);
    assert_int_equal(get(t, "2").state, AR_JOB_QUEUED);
    assert_int_equal(get(t, "2").attempt, 1);
    assert_int_equal(get(t, "3").state, AR_JOB_CANCELED);
    assert_str(get(t, "3").result,
               "{\"error\":{\"message\":\"Job canceled: \\\"so\\\" by me\",\"name\":\"Canceled\","
               "\"reason\":\"\\\"so\\\"\",\"canceler\":\"me\"}}");
    assert_true(get(t, "3").completed_at > 0);
    assert_int_equal(get(t, "4").attempt, 0);
    assert_str(claim(t, 9).id, "2");
}

static void parts_of_logs_are_read_by_characters(void **state)
{
    struct fixture *t = *state;
    const struct {
        int64_t from;
        const char *text;
    } rows[] = {{0, "h\xc3\xa9llo\nw\xc3\xb6rld\n!"},
                {2, "llo\nw\xc3\xb6rld\n!"},
                {6, "w\xc3\xb6rld\n!"},
                {8, "rld\n!"},
                {12, "!"},
                {13, ""},
                {99, ""},
                {-1, "!"},
                {-6, "\xc3\xb6rld\n!"},
                {-8, "\nw\xc3\xb6rld\n!"},
                {-99, "h\xc3\xa9llo\nw\xc3\xb6rld\n!"}};
    struct arras_str text;
    int64_t end;
    add(t, "1", 1);
    assert_int_equal(
        ar_store_log_part(t->store, AR_STR("1"), -5, &t->arena, &t->diags, &text, &end), ARRAS_OK);
    assert_int_equal(text.len, 0);
    assert_int_equal(end, 0);
    append(t, "1", "h\xc3\xa9llo\n");
    append(t, "1", "w\xc3\xb6rld\n");
    append(t, "1", "!");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(ar_store_log_part(t->store, AR_STR("1"), rows[i].from, &t->arena,
                                           &t->diags, &text, &end),
                         ARRAS_OK);
        assert_true(ar_str_is(text, rows[i].text));
        assert_int_equal(end, 13);
    }
}

static void logs_are_read_from_any_offset(void **state)
{
    struct fixture *t = *state;
    add(t, "1", 1);
    assert_int_equal(log_from(t, "1", 0).len, 0);
    append(t, "1", "first\n");
    append(t, "1", "second\n");
    append(t, "1", "third\n");
    assert_str(log_from(t, "1", 0), "first\nsecond\nthird\n");
    assert_str(log_from(t, "1", 6), "second\nthird\n");
    assert_str(log_from(t, "1", 8), "cond\nthird\n");
    assert_int_equal(log_from(t, "1", 19).len, 0);
    assert_int_equal(log_from(t, "1", SIZE_MAX).len, 0);
    assert_int_equal(ar_store_log_append(t->store, AR_STR("none"), AR_STR("x"), &t->diags),
                     ARRAS_NOT_FOUND);
}

static void a_deleted_job_keeps_its_row_only(void **state)
{
    struct fixture *t = *state;
    struct arras_str w = AR_STR("w"), id = AR_STR("1");
    add(t, "1", 1);
    append(t, "1", "line\n");
    assert_int_equal(ar_store_job_delete(t->store, w, id, &t->diags), ARRAS_NOT_FOUND);
    assert_int_equal(complete(t, claim(t, 1), AR_JOB_SUCCESS), ARRAS_OK);
    assert_int_equal(ar_store_job_delete(t->store, AR_STR("other"), id, &t->diags),
                     ARRAS_NOT_FOUND);
    assert_int_equal(ar_store_job_delete(t->store, w, id, &t->diags), ARRAS_OK);
    struct ar_job job = get(t, "1");
    assert_true(job.deleted);
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_int_equal(job.args.len + job.result.len + job.code.len, 0);
    assert_int_equal(log_from(t, "1", 0).len, 0);
    assert_int_equal(ar_store_log_append(t->store, id, AR_STR("late"), &t->diags), ARRAS_NOT_FOUND);
}

static size_t list_ids(struct fixture *t, const struct ar_job_filter *filter, char *ids)
{
    struct ar_job_list found = {0};
    assert_int_equal(ar_store_job_list(t->store, filter, &t->arena, &t->diags, &found), ARRAS_OK);
    for (size_t i = 0; i < found.list.count; i++) {
        ids[i] = found.list.items[i].id.ptr[0];
        assert_int_equal(found.list.items[i].args.len, 0);
    }
    ids[found.list.count] = '\0';
    return found.list.count;
}

static void jobs_are_listed_queued_first_then_newest_first_as_filtered(void **state)
{
    struct fixture *t = *state;
    char ids[16];
    struct ar_job other = ar_test_job("6", 6);
    other.script_path = AR_STR("f/other");
    other.created_by = AR_STR("bob");
    for (int i = 1; i <= 5; i++) {
        add(t, (char[]){(char)('0' + i), '\0'}, i);
    }
    assert_int_equal(complete(t, claim(t, 9), AR_JOB_SUCCESS), ARRAS_OK);
    assert_int_equal(complete(t, claim(t, 9), AR_JOB_FAILURE), ARRAS_OK);
    assert_int_equal(complete(t, claim(t, 9), AR_JOB_CANCELED), ARRAS_OK);
    claim(t, 9);
    assert_int_equal(ar_store_job_add(t->store, &other, &t->diags), ARRAS_OK);
    const struct ar_job_filter all = {
        .workspace = AR_STR("w"), .running = -1, .completed = -1, .success = -1, .limit = 10};
    struct {
        struct ar_job_filter filter;
        const char *ids;
    } cases[] = {{all, "654321"}, {all, "54"},  {all, "4"},  {all, "65"}, {all, "321"},
                 {all, "654"},    {all, "1"},   {all, "32"}, {all, "6"},  {all, "6"},
                 {all, "654"},    {all, "321"}, {all, ""}};
    cases[1].filter.skip = 1;
    cases[1].filter.limit = 2;
    cases[2].filter.running = 1;
    cases[3].filter.running = 0;
    cases[4].filter.completed = 1;
    cases[5].filter.completed = 0;
    cases[6].filter.success = 1;
    cases[7].filter.success = 0;
    cases[8].filter.script_path.list = AR_STR(",f/other,");
    cases[9].filter.created_by.list = AR_STR(",bob,");
    cases[10].filter.created_after = 3;
    cases[11].filter.created_before = 3;
    cases[12].filter.like_script_path.list = AR_STR("u\\_%"); /* no wildcard */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        list_ids(t, &cases[i].filter, ids);
        assert_string_equal(ids, cases[i].ids);
    }
    struct ar_job_filter start = all;
    start.like_script_path.list = AR_STR("x,f/%");
    assert_int_equal(list_ids(t, &start, ids), 1);
}

static struct ar_job holding(const char *id, const char *args, const char *labels)
{
    struct ar_job job = ar_test_job(id, 1);
    job.args = ar_str_z(args);
    job.labels = ar_str_z(labels);
    job.tag = ar_str_z(id);
    return job;
}

static void jobs_are_found_by_what_they_hold(void **state)
{
    struct fixture *t = *state;
    char ids[16];
    const struct ar_job jobs[] = {
        holding("1", "{\"a\":[1,{\"b\":\"x\",\"c\":2.50}],\"n\":null}", ""),
        holding("2", "{\"a\":{\"b\":\"x\\u0000\"},\"big\":1e99}", "[\"deploy\",\"a_b\"]"),
        holding("3", "{}", "[\"axb\",\"\\u0000\"]"),
    };
    for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++) {
        assert_int_equal(ar_store_job_add(t->store, &jobs[i], &t->diags), ARRAS_OK);
    }
    static const struct {
        const char *args, *ids;
    } parts[] = {
        {"{}", "321"},
        {"[]", ""},
        {"{\"n\":null}", "1"},
        {"{\"n\":0}", ""},
        {"{\"a\":[]}", "1"},
        {"{\"a\":[1]}", "1"},
        {"{\"a\":[{\"c\":2.5}, 1.0]}", "1"},
        {"{\"a\":[[1]]}", ""},
        {"{\"a\":1}", ""},
        {"{\"a\":[1,2]}", ""},
        {"{\"a\":{}}", "2"},
        {"{\"a\":{\"b\":\"x\\u0000\"}}", "2"},
        {"{\"big\":1e99}", "2"},
        {"\"a\"", ""},
    };
    static const struct {
        const char *list, *ids;
        bool negated;
    } labels[] = {
        {"deploy", "2", false}, {",deploy,", "2", false}, {"a\\_b", "2", false},
        {"a%b", "32", false},   {"%", "32", false},       {"x,%pl%", "2", false},
        {"eploy", "", false},   {"de%", "31", true},      {"%,nothing", "1", true},
        {"d%y%y", "", false},   {"%%d%", "2", false},
    };
    struct ar_job_filter filter = {
        .workspace = AR_STR("w"), .running = -1, .completed = -1, .success = -1, .limit = 10};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        print_message("%s\n", parts[i].args);
        filter.args = ar_str_z(parts[i].args);
        list_ids(t, &filter, ids);
        assert_string_equal(ids, parts[i].ids);
    }
    filter.args = (struct arras_str){NULL, 0};
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
        print_message("%s\n", labels[i].list);
        filter.like_label = (struct ar_job_names){ar_str_z(labels[i].list), labels[i].negated};
        list_ids(t, &filter, ids);
        assert_string_equal(ids, labels[i].ids);
    }
}

static void jobs_of_a_higher_priority_come_first(void **state)
{
    struct fixture *t = *state;
    struct ar_job urgent = ar_test_job("2", 20), later = ar_test_job("3", 90);
    urgent.priority = 5;
    later.priority = 9;
    add(t, "1", 10);
    assert_int_equal(ar_store_job_add(t->store, &urgent, &t->diags), ARRAS_OK);
    assert_int_equal(ar_store_job_add(t->store, &later, &t->diags), ARRAS_OK);
    struct ar_job job = claim(t, 30);
    assert_str(job.id, "2");
    assert_int_equal(job.priority, 5);
    assert_str(claim(t, 30).id, "1");
}

static void a_worker_claims_only_jobs_of_its_tags(void **state)
{
    struct fixture *t = *state;
    static const char *const tags[] = {"gpu", "a_b", "bash"};
    for (int i = 0; i < 3; i++) {
        struct ar_job job = ar_test_job((char[]){(char)('1' + i), '\0'}, i + 1);
        job.tag = ar_str_z(tags[i]);
        assert_int_equal(ar_store_job_add(t->store, &job, &t->diags), ARRAS_OK);
    }
    struct ar_claim claim = {.worker = AR_STR("x"), .tags = AR_STR(",bas,axb,bash,"), .now = 9};
    struct ar_job job = {0};
    int64_t next = 0;
    assert_int_equal(ar_store_job_claim(t->store, &claim, &t->arena, &t->diags, &job, &next),
                     ARRAS_OK);
    assert_str(job.id, "3");
    assert_int_equal(ar_store_job_claim(t->store, &claim, &t->arena, &t->diags, &job, &next),
                     ARRAS_NOT_FOUND);
    assert_int_equal(next, 0); /* the others are not for it, ever */
    claim.tags = AR_STR(",a_b,gpu,");
    assert_int_equal(ar_store_job_claim(t->store, &claim, &t->arena, &t->diags, &job, &next),
                     ARRAS_OK);
    assert_str(job.id, "1");
}

static struct ar_job claim_for(struct fixture *t, int64_t now, int64_t lease)
{
    const struct ar_claim claim = {.worker = AR_STR("w 1"), .now = now, .lease = lease};
    struct ar_job job = {0};
    int64_t next = 0;
    assert_int_equal(ar_store_job_claim(t->store, &claim, &t->arena, &t->diags, &job, &next),
                     ARRAS_OK);
    return job;
}

static enum arras_status expire(struct fixture *t, int64_t now)
{
    return ar_store_lease_expire(t->store, now, &t->diags);
}

static void a_lease_is_renewed_by_who_holds_it(void **state)
{
    struct fixture *t = *state;
    struct ar_job_list kept = {0};
    int64_t lease = 1, due = 1;
    add(t, "1", 1);
    add(t, "2", 1);
    add(t, "3", 70);
    assert_int_equal(claim_for(t, 5, 10).lease_until, 15);
    claim_for(t, 5, 11);
    assert_int_equal(ar_store_lease_next(t->store, &t->diags, &lease, &due), ARRAS_OK);
    assert_int_equal(lease, 15);
    assert_int_equal(due, 70);
    assert_int_equal(ar_store_lease_renew(t->store, AR_STR(",1 1 w 1,2 2 w 1,3 0 w 1,"), 50,
                                          &t->arena, &t->diags, &kept),
                     ARRAS_OK);
    assert_int_equal(kept.list.count, 1);
    assert_str(kept.list.items[0].id, "1");
    assert_int_equal(kept.list.items[0].attempt, 1);
    assert_int_equal(expire(t, 16), ARRAS_NOT_FOUND);
    assert_int_equal(expire(t, 17), ARRAS_OK);
    assert_int_equal(get(t, "1").state, AR_JOB_RUNNING);
    assert_int_equal(get(t, "2").state, AR_JOB_QUEUED);
    assert_int_equal(get(t, "2").lost, 1);
    assert_int_equal(expire(t, 17), ARRAS_NOT_FOUND);
}

static void who_lost_its_lease_cannot_end_the_job_and_the_log_tells(void **state)
{
    struct fixture *t = *state;
    add(t, "1", 1);
    append(t, "1", "before");
    struct ar_job first = claim_for(t, 5, 10);
    assert_int_equal(expire(t, 16), ARRAS_OK);
    struct ar_job second = claim_for(t, 20, 10);
    assert_int_equal(second.attempt, 2);
    assert_int_equal(complete(t, first, AR_JOB_SUCCESS), ARRAS_CONFLICT);
    assert_int_equal(complete(t, second, AR_JOB_SUCCESS), ARRAS_OK);
    assert_str(
        log_from(t, "1", 0),
        "before\n[attempt 1 was lost with its worker w 1, which gave no sign of life; the job "
        "is run again]\n");
}

static void a_job_that_is_lost_too_often_fails_and_one_to_be_canceled_ends(void **state)
{
    struct fixture *t = *state;
    add(t, "1", 1);
    for (int i = 1; i < AR_JOB_LOST; i++) {
        claim_for(t, 5, 10);
        assert_int_equal(expire(t, 16), ARRAS_OK);
        assert_int_equal(get(t, "1").state, AR_JOB_QUEUED);
    }
    claim_for(t, 5, 10);
    assert_int_equal(expire(t, 16), ARRAS_OK);
    struct ar_job job = get(t, "1");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_int_equal(job.completed_at, 16);
    assert_true(ar_str_starts(job.result, "{\"error\":{\"message\":\"execution error:\\nJob timed "
                                          "out after no ping from job since 1970-01-01T00:00:00."));
    add(t, "2", 1);
    claim_for(t, 5, 10);
    assert_int_equal(ar_store_job_request_cancel(t->store, AR_STR("w"), AR_STR("2"), AR_STR("me"),
                                                 AR_STR("so"), &t->diags),
                     ARRAS_OK);
    assert_int_equal(expire(t, 16), ARRAS_OK);
    assert_int_equal(get(t, "2").state, AR_JOB_CANCELED);
    assert_str(get(t, "2").canceled_by, "me");
}

/* Notes come on any thread. */
struct notes {
    pthread_mutex_t lock;
    char text[256];
};

static void hear(void *context, struct arras_str note)
{
    struct notes *notes = context;
    pthread_mutex_lock(&notes->lock);
    size_t len = strlen(notes->text);
    snprintf(notes->text + len, sizeof(notes->text) - len, "%.*s;", AR_STR_ARG(note));
    pthread_mutex_unlock(&notes->lock);
}

static bool heard(struct notes *notes, const char *text)
{
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&notes->lock);
        bool found = strstr(notes->text, text) != NULL;
        pthread_mutex_unlock(&notes->lock);
        if (found) {
            return true;
        }
        usleep(10000);
    }
    return false;
}

static void whoever_has_the_database_open_is_told_what_happens(void **state)
{
    struct fixture *t = *state;
    struct notes notes = {.lock = PTHREAD_MUTEX_INITIALIZER};
    assert_int_equal(ar_store_listen(t->store, hear, &notes), ARRAS_OK);
    assert_true(!ar_store_shared(t->store) || heard(&notes, ";"));
    add(t, "1", 1);
    assert_true(heard(&notes, "q;"));
    struct ar_job job = claim(t, 1);
    assert_int_equal(ar_store_job_request_cancel(t->store, AR_STR("w"), AR_STR("1"), AR_STR("me"),
                                                 AR_STR("so"), &t->diags),
                     ARRAS_OK);
    assert_true(heard(&notes, "c1;"));
    assert_int_equal(complete(t, job, AR_JOB_SUCCESS), ARRAS_OK);
    assert_true(heard(&notes, "e1;"));
    assert_int_equal(ar_store_listen(t->store, NULL, NULL), ARRAS_OK);
}

int ar_store_suite_run(const struct ar_store_backend *tested)
{
    backend = tested;
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(settings_are_kept_and_replaced),
        TEST(a_workspace_is_added_once),
        TEST(a_token_is_found_until_it_expires_or_is_removed),
        TEST(a_workspace_has_members_folders_and_groups_and_goes_with_them),
        TEST(the_record_is_listed_newest_first_as_filtered),
        TEST(a_new_version_of_a_script_archives_its_parent),
        TEST(the_earlier_versions_of_a_script_are_known),
        TEST(a_script_with_an_unknown_parent_is_not_added),
        TEST(scripts_are_listed_newest_first_by_their_newest_version),
        TEST(scripts_are_blanked_and_removed),
        TEST(a_job_comes_back_as_it_was_added),
        TEST(jobs_are_claimed_by_scheduled_time_then_id),
        TEST(a_job_ends_exactly_once),
        TEST(a_queued_job_is_ended_only_while_it_is_queued),
        TEST(a_job_put_back_is_claimed_again_and_its_first_worker_cannot_end_it),
        TEST(a_cancellation_is_requested_of_a_running_job_and_the_first_reason_stays),
        TEST(recovering_queues_what_ran_ends_what_was_to_be_canceled_and_leaves_the_rest),
        TEST(parts_of_logs_are_read_by_characters),
        TEST(logs_are_read_from_any_offset),
        TEST(a_deleted_job_keeps_its_row_only),
        TEST(jobs_are_listed_queued_first_then_newest_first_as_filtered),
        TEST(jobs_are_found_by_what_they_hold),
        TEST(jobs_of_a_higher_priority_come_first),
        TEST(a_worker_claims_only_jobs_of_its_tags),
        TEST(a_lease_is_renewed_by_who_holds_it),
        TEST(who_lost_its_lease_cannot_end_the_job_and_the_log_tells),
        TEST(a_job_that_is_lost_too_often_fails_and_one_to_be_canceled_ends),
        TEST(whoever_has_the_database_open_is_told_what_happens),
    };
#undef TEST
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
