/* The cases of JSONTestSuite (seriot.ch, "Parsing JSON is a minefield"): what must be read, what
 * must be refused, and what we do with the rest. */
#include "unit/harness.h"
#include "unit/suites.h"
#include <dirent.h>
#include "base/file.h"
#include "base/limits.h"
#include "value/json.h"

static char folder[4096];

/* The i_ cases that are read; all other i_ cases are refused. docs/values.md says why. */
static const char *const read_anyway[] = {
    "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",    "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",   "i_number_real_pos_overflow.json",
    "i_number_real_underflow.json",      "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json",     "i_number_very_big_negative_int.json",
    "i_structure_500_nested_arrays.json"};

static bool listed(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool must_read(const char *name)
{
    if (name[0] == 'i') {
        return listed(name, read_anyway, sizeof(read_anyway) / sizeof(*read_anyway));
    }
    return name[0] == 'y';
}

/* Written and read again, in every way, the value is the same. */
static void check_round_trip(const struct arras_value *value, struct ar_arena *arena)
{
    for (int flags = 0; flags < 8; flags++) {
        struct ar_buf buf;
        ar_buf_init(&buf, AR_DOCUMENT_SIZE);
        ar_json_write(&buf, value, flags);
        assert_int_equal(ar_buf_status(&buf), ARRAS_OK);
        struct ar_source source = {AR_STR("again"), ar_buf_str(&buf)};
        struct arras_value again;
        assert_int_equal(ar_json_read(&source, arena, NULL, &again), ARRAS_OK);
        assert_true(ar_value_equal(value, &again));
        ar_buf_release(&buf);
    }
}

static void check_case(const char *name)
{
    char path[8192];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct ar_diags diags;
    ar_diags_init(&diags, &arena);
    struct ar_source source = {.name = ar_str_z(name)};
    assert_int_equal(ar_file_read(path, AR_DOCUMENT_SIZE, &arena, &diags, &source.text), ARRAS_OK);
    struct arras_value value;
    enum arras_status status = ar_json_read(&source, &arena, &diags, &value);
    if ((status == ARRAS_OK) != must_read(name)) {
        fail_msg("%s: %s", name, status ? "refused" : "read");
    }
    if (status == ARRAS_OK) {
        check_round_trip(&value, &arena);
    } else {
        const struct arras_diag *diag = ar_diags_first_error(&diags);
        assert_non_null(diag);
        assert_int_equal(diag->status, status);
        assert_true(diag->line > 0 && diag->column > 0 && diag->caret <= diag->excerpt.len);
    }
    ar_arena_release(&arena);
}

static void test_every_case_is_decided_as_documented(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    struct dirent *entry;
    size_t count = 0;
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] != '.') {
            check_case(entry->d_name);
            count++;
        }
    }
    closedir(dir);
    printf("%zu cases\n", count);
    assert_true(count >= 318);
}

int main(void)
{
    if (!suite_folder("json/test_parsing", folder, sizeof(folder))) {
        return SUITE_MISSING;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_case_is_decided_as_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
