/* Every case of the public JSONPath compliance test suite. */
#include "unit/harness.h"
#include "unit/suites.h"
#include "base/file.h"
#include "query/jsonpath.h"
#include "value/json.h"

static const struct arras_value *tests;
static struct ar_arena suite_arena;

/* The nodes' values, or their paths, as an array. */
static struct arras_value as_array(const struct ar_nodes *nodes, bool paths, struct ar_arena *arena)
{
    struct ar_list list;
    ar_list_init(&list, arena);
    for (size_t i = 0; i < nodes->list.count; i++) {
        struct arras_value item = *nodes->list.items[i].value;
        if (paths) {
            struct ar_buf buf;
            struct arras_str text;
            ar_buf_init(&buf, 1 << 20);
            ar_node_path(&nodes->list.items[i], &buf);
            assert_int_equal(ar_buf_copy(&buf, arena, &text), ARRAS_OK);
            ar_buf_release(&buf);
            item = ar_string(text);
        }
        assert_true(ar_list_push(&list, item));
    }
    return ar_list_value(&list);
}

/* Whether the array is the one expected, or one of them; which one does not matter. */
static bool is_expected(const struct arras_value *test, const char *one, const char *several,
                        const struct arras_value *got)
{
    const struct arras_value *expected = ar_get_z(test, one);
    const struct arras_value *list = ar_get_z(test, several);
    if (expected) {
        return ar_value_equal(expected, got);
    }
    for (size_t i = 0; list && i < list->count; i++) {
        if (ar_value_equal(ar_item(list, i), got)) {
            return true;
        }
    }
    return false;
}

static bool selects_as_expected(const struct arras_value *test, const struct ar_jsonpath *path,
                                bool paths, struct ar_arena *arena)
{
    struct ar_nodes nodes;
    if (ar_jsonpath_eval(path, ar_get_z(test, "document"), paths, arena, NULL, &nodes)) {
        return false;
    }
    struct arras_value values = as_array(&nodes, false, arena);
    bool as_values = is_expected(test, "result", "results", &values);
    if (!paths) {
        return as_values;
    }
    struct arras_value places = as_array(&nodes, true, arena);
    return as_values && is_expected(test, "result_paths", "results_paths", &places);
}

static bool passes(const struct arras_value *test)
{
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    struct ar_jsonpath *path = NULL;
    enum arras_status status =
        ar_jsonpath_compile(ar_text(ar_get_z(test, "selector")), &arena, &diags, &path);
    const struct arras_value *invalid = ar_get_z(test, "invalid_selector");
    bool pass;
    if (invalid && invalid->boolean) {
        pass = (status == ARRAS_SYNTAX || status == ARRAS_INVALID) && diags.errors == 1;
    } else {
        pass = !status && diags.errors == 0 && selects_as_expected(test, path, false, &arena) &&
               selects_as_expected(test, path, true, &arena);
    }
    if (!status) {
        ar_jsonpath_release(path);
    }
    ar_arena_release(&arena);
    return pass;
}

static void every_case_of_the_compliance_suite_passes(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t i = 0; i < tests->count; i++) {
        const struct arras_value *test = ar_item(tests, i);
        if (!passes(test)) {
            failed++;
            print_message("failed: %.*s: %.*s\n", AR_STR_ARG(ar_text(ar_get_z(test, "name"))),
                          AR_STR_ARG(ar_text(ar_get_z(test, "selector"))));
        }
    }
    print_message("%u cases, %zu failed\n", tests->count, failed);
    assert_int_equal(failed, 0);
    assert_true(tests->count >= 703);
}

static void set_up(const char *path)
{
    static struct ar_source source;
    static struct arras_value suite;
    assert_int_equal(ar_file_read(path, 1 << 24, &suite_arena, NULL, &source.text), ARRAS_OK);
    assert_int_equal(ar_json_read(&source, &suite_arena, NULL, &suite), ARRAS_OK);
    tests = ar_get_z(&suite, "tests");
    assert_non_null(tests);
}

int main(void)
{
    char path[4096];
    if (!suite_folder("jsonpath/cts.json", path, sizeof(path))) {
        return SUITE_MISSING;
    }
    ar_arena_init(&suite_arena, 0);
    set_up(path);
    const struct CMUnitTest list[] = {cmocka_unit_test(every_case_of_the_compliance_suite_passes)};
    int failed = cmocka_run_group_tests(list, NULL, NULL);
    ar_arena_release(&suite_arena);
    return failed;
}
