/* The cases of yaml-test-suite (its data form): what must be refused is refused, and all else has
 * the value of in.json, but for the cases listed here. docs/values.md gives the reasons at length.
 */
#include "unit/harness.h"
#include "unit/suites.h"
#include <dirent.h>
#include "base/file.h"
#include "base/limits.h"
#include "value/json.h"
#include "value/yaml.h"

static char root[2048];
static size_t cases, compared;

/* Valid texts that are refused by design, by the code of the diagnostic. */
static const struct {
    const char *code;
    const char *names[24];
} exceptions[] = {
    {"yaml-documents",
     {"35KP", "5TYM", "6WLZ", "6XDY", "6ZKB", "7Z25", "9DXL", "9KAX", "9WXW", "JHB9", "KSS4",
      "L383", "M7A3", "NKF9", "PUW8", "RZT7", "U9NS", "UT92", "W4TN"}},
    {"yaml-key",
     {"4FJ6", "6BFJ", "6PBE", "9MMW", "KK5P", "LX3P", "M2N8/00", "M2N8/01", "M5DY", "Q9WF", "RZP5",
      "SBG9", "V9D5", "X38W", "XW4D"}},
    {"duplicate-name", {"2JQS"}},
};

static const char *exception_of(const char *name)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++) {
        for (const char *const *listed = exceptions[i].names; *listed; listed++) {
            if (strcmp(*listed, name) == 0) {
                return exceptions[i].code;
            }
        }
    }
    return NULL;
}

static bool read_part(const char *folder, const char *name, struct ar_arena *arena,
                      struct ar_source *ret)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    ret->name = ar_str_z("in.yaml");
    return ar_file_read(path, AR_DOCUMENT_SIZE, arena, NULL, &ret->text) == ARRAS_OK;
}

static void check_value(const char *name, const struct arras_value *value,
                        const struct ar_source *json, struct ar_arena *arena)
{
    struct arras_value expected = ar_null(); /* an empty in.json stands for no document */
    if (ar_str_trim(json->text).len) {
        assert_int_equal(ar_json_read(json, arena, NULL, &expected), ARRAS_OK);
    }
    if (!ar_value_equal(value, &expected)) {
        struct ar_buf buf;
        ar_buf_init(&buf, AR_DOCUMENT_SIZE);
        ar_json_write(&buf, value, 0);
        print_error("%s: read as %.*s\n", name, AR_STR_ARG(ar_buf_str(&buf)));
        ar_buf_release(&buf);
        fail();
    }
    compared++;
}

static void check_case(const char *name, const char *folder)
{
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct ar_diags diags;
    ar_diags_init(&diags, &arena);
    struct ar_source yaml, json, error;
    assert_true(read_part(folder, "in.yaml", &arena, &yaml));
    bool invalid = read_part(folder, "error", &arena, &error);
    struct arras_value value;
    enum arras_status status = ar_yaml_read(&yaml, &arena, &diags, &value);
    const char *code = exception_of(name);
    const struct arras_diag *diag = ar_diags_first_error(&diags);
    if (code) {
        assert_false(invalid);
        assert_non_null(diag);
        assert_string_equal(diag->code, code);
    } else if ((status != ARRAS_OK) != invalid) {
        print_error("%s: %s %s %.*s\n", name, status ? "refused" : "read", diag ? diag->code : "",
                    diag ? (int)diag->message.len : 0, diag ? diag->message.ptr : "");
        fail();
    } else if (!status && read_part(folder, "in.json", &arena, &json)) {
        check_value(name, &value, &json, &arena);
    }
    if (status) {
        assert_true(diag && diag->line > 0 && diag->message.len > 0);
    }
    cases++;
    ar_arena_release(&arena);
}

static void check_folder(const char *name, const char *folder)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        char path[4096], inner[512];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        snprintf(inner, sizeof(inner), "%s%s%s", name, *name ? "/" : "", entry->d_name);
        if (strcmp(entry->d_name, "in.yaml") == 0) {
            check_case(name, folder);
        } else if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            check_folder(inner, path);
        }
    }
    closedir(dir);
}

static void test_every_case_is_decided_as_documented(void **state)
{
    (void)state;
    check_folder("", root);
    printf("%zu cases, %zu values compared\n", cases, compared);
    assert_true(cases >= 402 && compared > 250);
}

int main(void)
{
    if (!suite_folder("yaml", root, sizeof(root))) {
        return SUITE_MISSING;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_case_is_decided_as_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
