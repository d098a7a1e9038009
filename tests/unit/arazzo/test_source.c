/* Where the files that source descriptions name are found. */
#include "unit/arazzo/desk.h"
#include <stdio.h>
#include <sys/stat.h>

static const char api[] = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\n"
                          "paths: {/x: {get: {operationId: x}}}\n";

static void document(struct desk *desk, const char *name, const char *url)
{
    struct arras_str text;
    assert_true(
        ar_str_printf(&desk->arena, &text,
                      "arazzo: 1.0.1\ninfo: {title: t, version: '1'}\n"
                      "sourceDescriptions: [{name: api, url: '%s', type: openapi}]\n"
                      "workflows: [{workflowId: w, steps: [{stepId: s, operationId: x}]}]\n",
                      url));
    desk_write(desk, name, text.ptr);
}

/* The status of the workflow; where it can run, the source was found at `expected`. */
static enum arras_status found(struct desk *desk, const char *name, const char *expected)
{
    assert_int_equal(desk_load(desk, name, ARRAS_TOLERANT, NULL), ARRAS_OK);
    enum arras_status status = desk->arazzo->workflows[0].status;
    if (!status && expected) {
        struct arras_str location = desk->arazzo->sources[0].location;
        char real[160];
        snprintf(real, sizeof(real), "%s", desk_path(desk, expected));
        struct stat a, b;
        assert_int_equal(stat(real, &a), 0);
        assert_int_equal(stat(location.ptr, &b), 0);
        assert_int_equal(a.st_ino, b.st_ino);
    }
    return status;
}

static void the_path_as_given_comes_first(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "openapi/x.yml", api);
    desk_write(&d, "openapi/_original/x.yml", "broken: [");
    document(&d, "arazzo/doc.yaml", "../openapi/x.yml");
    assert_int_equal(found(&d, "arazzo/doc.yaml", "openapi/x.yml"), ARRAS_OK);
    assert_int_equal(d.diags.list.count, 0);
    document(&d, "arazzo/doc.yaml", "./../openapi/x.yml");
    assert_int_equal(found(&d, "arazzo/doc.yaml", "openapi/x.yml"), ARRAS_OK);
    document(&d, "arazzo/doc.yaml", desk_path(&d, "openapi/x.yml"));
    assert_int_equal(found(&d, "arazzo/doc.yaml", "openapi/x.yml"), ARRAS_OK);
    assert_int_equal(d.diags.list.count, 0);
    desk_release(&d);
}

static void then_percent_decoded(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "a b/x y.yml", api);
    document(&d, "doc.yaml", "a%20b/x%20y.yml");
    assert_int_equal(found(&d, "doc.yaml", "a b/x y.yml"), ARRAS_OK);
    assert_true(desk_told(&d, "source-moved", "'a%20b/x%20y.yml'"));
    desk_release(&d);
}

static void then_below_the_folder_that_it_points_into(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "openapi/_original/x.yml", api);
    desk_write(&d, "openapi/_original/y.yml", "not this");
    document(&d, "arazzo/doc.yaml", "../openapi/x.yml");
    assert_int_equal(found(&d, "arazzo/doc.yaml", "openapi/_original/x.yml"), ARRAS_OK);
    assert_true(desk_told(&d, "source-moved", "there is no file '../openapi/x.yml'"));
    assert_int_equal(d.diags.warnings, 1);
    desk_release(&d);
}

static void several_below_are_told_and_none_is_taken(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "openapi/a/x.yml", api);
    desk_write(&d, "openapi/b/c/x.yml", api);
    document(&d, "arazzo/doc.yaml", "../openapi/x.yml");
    assert_int_equal(found(&d, "arazzo/doc.yaml", NULL), ARRAS_UNRESOLVED);
    assert_true(desk_told(&d, "source-missing", "and several could be meant: '"));
    struct arras_str told = ar_diags_first_error(&d.diags)->message;
    assert_true(ar_str_find(told, AR_STR("/openapi/a/x.yml'"), 0) != AR_NOT_FOUND);
    assert_true(ar_str_find(told, AR_STR("/openapi/b/c/x.yml'"), 0) != AR_NOT_FOUND);
    assert_true(ar_str_find(d.diags.list.items[0].hint, AR_STR("--source api=FILE"), 0) !=
                AR_NOT_FOUND);
    desk_release(&d);
}

static void then_above_up_to_the_root_of_the_repository(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "apis/openapi/x.yml", api);
    desk_write(&d, "workflows/one/.keep", "");
    document(&d, "workflows/one/doc.yaml", "./apis/openapi/x.yml");
    assert_int_equal(found(&d, "workflows/one/doc.yaml", "apis/openapi/x.yml"), ARRAS_OK);
    document(&d, "workflows/one/doc.yaml", "../../../apis/openapi/x%2Eyml");
    assert_int_equal(found(&d, "workflows/one/doc.yaml", "apis/openapi/x.yml"), ARRAS_OK);
    /* the repository's root itself is searched, what lies above it is not */
    desk_write(&d, "workflows/.git/HEAD", "");
    assert_int_equal(found(&d, "workflows/one/doc.yaml", NULL), ARRAS_UNRESOLVED);
    desk_write(&d, "workflows/apis/openapi/x.yml", api);
    assert_int_equal(found(&d, "workflows/one/doc.yaml", "workflows/apis/openapi/x.yml"), ARRAS_OK);
    desk_release(&d);
}

static void none_at_all_is_an_error_that_says_what_to_do(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    document(&d, "a/doc.yaml", "../nowhere/x.yml");
    desk_write(&d, ".git/HEAD", "");
    assert_int_equal(found(&d, "a/doc.yaml", NULL), ARRAS_UNRESOLVED);
    assert_true(desk_told(&d, "source-missing", "there is no file '../nowhere/x.yml'"));
    const struct arras_diag *error = ar_diags_first_error(&d.diags);
    assert_true(ar_str_ends(error->hint, "--source api=FILE"));
    assert_int_equal(error->line, 3);
    assert_int_equal(d.diags.errors, 1);
    desk_release(&d);
}

static void strict_takes_the_path_as_given_only(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "below/x.yml", api);
    document(&d, "doc.yaml", "x.yml");
    assert_int_equal(desk_load(&d, "doc.yaml", ARRAS_STRICT, NULL), ARRAS_OK);
    assert_int_equal(d.arazzo->workflows[0].status, ARRAS_INVALID);
    assert_true(desk_told(&d, "source-moved", "below/x.yml' is meant"));
    assert_int_equal(desk_load(&d, "doc.yaml", ARRAS_TOLERANT, NULL), ARRAS_OK);
    assert_int_equal(d.arazzo->workflows[0].status, ARRAS_OK);
    desk_release(&d);
}

static void a_source_given_by_the_user_is_taken_without_a_search(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "mine.yml", api);
    document(&d, "doc.yaml", "https://example.com/x.yml");
    char path[160];
    snprintf(path, sizeof(path), "%s", desk_path(&d, "mine.yml"));
    struct arras_setting setting = {"api", path};
    struct arras_settings settings = {&setting, 1};
    assert_int_equal(desk_load(&d, "doc.yaml", ARRAS_TOLERANT, &settings), ARRAS_OK);
    assert_int_equal(d.arazzo->workflows[0].status, ARRAS_OK);
    setting.value = "/nowhere/mine.yml";
    assert_int_equal(desk_load(&d, "doc.yaml", ARRAS_TOLERANT, &settings), ARRAS_OK);
    assert_int_equal(d.arazzo->workflows[0].status, ARRAS_UNRESOLVED);
    assert_true(desk_told(&d, "file", "/nowhere/mine.yml"));
    desk_release(&d);
}

static void an_url_is_refused_with_a_way_out(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    document(&d, "doc.yaml", "https://example.com/x.yml");
    assert_int_equal(found(&d, "doc.yaml", NULL), ARRAS_UNSUPPORTED);
    assert_true(desk_told(&d, "remote-document", "only files are"));
    assert_true(ar_str_ends(d.diags.list.items[0].hint, "--source api=FILE"));
    desk_release(&d);
}

static void a_broken_description_is_told_with_its_own_place(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    document(&d, "doc.yaml", "x.yml");
    desk_write(&d, "x.yml", "openapi: 3.1.0\npaths: [\n");
    assert_int_equal(found(&d, "doc.yaml", NULL), ARRAS_SYNTAX);
    const struct arras_diag *error = ar_diags_first_error(&d.diags);
    assert_true(ar_str_ends(error->file, "x.yml"));
    assert_true(error->line > 1);
    desk_write(&d, "x.yml", "just: text\n");
    d.diags = (struct ar_diags){.arena = &d.arena};
    assert_int_equal(found(&d, "doc.yaml", NULL), ARRAS_INVALID);
    assert_true(ar_str_ends(ar_diags_first_error(&d.diags)->file, "x.yml"));
    assert_int_equal(d.diags.errors, 1);
    desk_release(&d);
}

static void a_source_that_no_step_needs_is_not_looked_for(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    desk_write(&d, "x.yml", api);
    desk_write(&d, "doc.yaml",
               "arazzo: 1.0.1\ninfo: {title: t, version: '1'}\n"
               "sourceDescriptions: [{name: api, url: x.yml}, {name: gone, url: gone.yml}]\n"
               "workflows: [{workflowId: w, steps: [{stepId: s, operationId: "
               "$sourceDescriptions.api.x}]}]\n");
    assert_int_equal(found(&d, "doc.yaml", "x.yml"), ARRAS_OK);
    assert_int_equal(d.diags.list.count, 0);
    desk_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_as_given_comes_first),
        cmocka_unit_test(then_percent_decoded),
        cmocka_unit_test(then_below_the_folder_that_it_points_into),
        cmocka_unit_test(several_below_are_told_and_none_is_taken),
        cmocka_unit_test(then_above_up_to_the_root_of_the_repository),
        cmocka_unit_test(none_at_all_is_an_error_that_says_what_to_do),
        cmocka_unit_test(strict_takes_the_path_as_given_only),
        cmocka_unit_test(a_source_given_by_the_user_is_taken_without_a_search),
        cmocka_unit_test(an_url_is_refused_with_a_way_out),
        cmocka_unit_test(a_broken_description_is_told_with_its_own_place),
        cmocka_unit_test(a_source_that_no_step_needs_is_not_looked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
