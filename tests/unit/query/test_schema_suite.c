/* Every case of the public JSON Schema test suite for draft 2020-12, with its remotes as files. */
#include "unit/harness.h"
#include "unit/suites.h"
#include <dirent.h>
#include "base/file.h"
#include "query/schema.h"
#include "value/json.h"

static char suite[4096]; /* the folder json-schema of the suites */

/* Cases that do not pass, each with its reason: a file, and the beginning of "group: test" (empty:
 * all of the file that fail). All are optional ones. */
static const struct {
    const char *file, *name, *reason;
} left_out[] = {
    {"optional/format/ecmascript-regex.json",
     "ECMA 262 lookbehind is valid, including variable width: "
     "a variable-width lookbehind (ES2018)",
     "PCRE2 has lookbehinds of fixed width only"},
    {"optional/format/hostname.json", "validation of A-label (punycode) host names: ",
     "labels behind xn-- are not decoded: that needs the tables of IDNA 2008"},
    {"optional/format/idn-email.json", "", "an annotation only"},
    {"optional/format/idn-hostname.json", "", "an annotation only: needs the tables of IDNA 2008"},
    {"optional/format/iri.json", "", "an annotation only"},
    {"optional/format/iri-reference.json", "", "an annotation only"},
    {"optional/format/uri-template.json", "", "an annotation only"},
};

struct tally {
    size_t cases, failed, excused;
    size_t excused_by[sizeof(left_out) / sizeof(*left_out)];
};

static bool read_json(const char *path, struct ar_arena *arena, struct arras_value *ret)
{
    struct ar_source source = {ar_str_z(path), {NULL, 0}};
    return !ar_file_read(path, 1 << 24, arena, NULL, &source.text) &&
           !ar_json_read(&source, arena, NULL, ret);
}

/* What the suite wants to be served at http://localhost:1234/. */
static enum arras_status load_remote(void *context, struct arras_str uri, struct ar_arena *arena,
                                     const struct arras_value **ret)
{
    char path[8192];
    struct arras_value value;
    const char *base = "http://localhost:1234/";
    (void)context;
    if (!ar_str_starts(uri, base)) {
        return ARRAS_NOT_FOUND;
    }
    struct arras_str rest = ar_str_from(uri, strlen(base));
    snprintf(path, sizeof(path), "%s/remotes/%.*s", suite, AR_STR_ARG(rest));
    if (!read_json(path, arena, &value)) {
        return ARRAS_NOT_FOUND;
    }
    *ret = ar_value_new(arena, value);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool is_left_out(const char *file, const char *name, struct tally *tally)
{
    for (size_t i = 0; i < sizeof(left_out) / sizeof(*left_out); i++) {
        if (strcmp(file, left_out[i].file) == 0 &&
            strncmp(name, left_out[i].name, strlen(left_out[i].name)) == 0) {
            tally->excused_by[i]++;
            return true;
        }
    }
    return false;
}

static bool passes(const struct ar_schema *schema, const struct arras_value *test)
{
    struct ar_arena arena;
    struct ar_schema_result result;
    ar_arena_init(&arena, 0);
    bool expected = ar_get_z(test, "valid")->boolean;
    bool pass = !ar_schema_validate(schema, ar_get_z(test, "data"), &arena, NULL, &result) &&
                result.valid == expected &&
                (result.errors.count > 0) == !expected; /* what is not valid is told */
    ar_arena_release(&arena);
    return pass;
}

static void run_group(const char *file, const struct arras_value *group, bool format,
                      struct tally *tally)
{
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_schema *schema = NULL;
    struct ar_schema_options options = {.assert_format = format, .load = load_remote};
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    const struct arras_value *value = ar_get_z(group, "schema");
    const struct arras_value *tests = ar_get_z(group, "tests");
    if (ar_schema_compile(value, value, NULL, &options, &arena, &diags, &schema)) {
        const struct arras_diag *diag = ar_diags_first_error(&diags);
        print_message("%s: not compiled: %.*s\n", file, AR_STR_ARG(diag->message));
    }
    for (size_t i = 0; i < tests->count; i++) {
        const struct arras_value *test = ar_item(tests, i);
        char name[1024];
        snprintf(name, sizeof(name), "%.*s: %.*s",
                 AR_STR_ARG(ar_text(ar_get_z(group, "description"))),
                 AR_STR_ARG(ar_text(ar_get_z(test, "description"))));
        tally->cases++;
        if (schema && passes(schema, test)) {
            continue;
        }
        if (is_left_out(file, name, tally)) {
            tally->excused++;
            continue;
        }
        tally->failed++;
        print_message("failed: %s: %s\n", file, name);
    }
    ar_schema_release(schema);
    ar_arena_release(&arena);
}

static void run_folder(const char *below, bool format, struct tally *tally)
{
    char folder[8192];
    snprintf(folder, sizeof(folder), "%s/tests/draft2020-12/%s", suite, below);
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[16384], file[1024];
        struct ar_arena arena;
        struct arras_value groups;
        if (!ar_str_ends(ar_str_z(entry->d_name), ".json")) {
            continue;
        }
        ar_arena_init(&arena, 0);
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        snprintf(file, sizeof(file), "%s%s", below, entry->d_name);
        assert_true(read_json(path, &arena, &groups));
        for (size_t i = 0; i < groups.count; i++) {
            run_group(file, ar_item(&groups, i), format, tally);
        }
        ar_arena_release(&arena);
    }
    closedir(directory);
}

static void every_required_case_passes(void **state)
{
    struct tally tally = {0};
    (void)state;
    run_folder("", false, &tally);
    print_message("%zu required cases, %zu failed\n", tally.cases, tally.failed);
    assert_int_equal(tally.failed + tally.excused, 0);
    assert_true(tally.cases >= 1000);
}

static void optional_cases_pass_but_those_listed(void **state)
{
    struct tally tally = {0};
    (void)state;
    run_folder("optional/", false, &tally);
    run_folder("optional/format/", true, &tally);
    print_message("%zu optional cases, %zu failed, %zu left out\n", tally.cases, tally.failed,
                  tally.excused);
    assert_int_equal(tally.failed, 0);
    for (size_t i = 0; i < sizeof(left_out) / sizeof(*left_out); i++) {
        print_message("left out: %zu of %s %s(%s)\n", tally.excused_by[i], left_out[i].file,
                      left_out[i].name, left_out[i].reason);
        assert_true(tally.excused_by[i] > 0); /* a reason that no longer holds must go */
    }
}

int main(void)
{
    if (!suite_folder("json-schema", suite, sizeof(suite))) {
        return SUITE_MISSING;
    }
    const struct CMUnitTest list[] = {
        cmocka_unit_test(every_required_case_passes),
        cmocka_unit_test(optional_cases_pass_but_those_listed),
    };
    return cmocka_run_group_tests(list, NULL, NULL);
}
