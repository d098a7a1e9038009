/* Every allocation of reading, copying, changing and writing is made to fail once. An arena takes
 * memory in large pieces, so the texts are read with more and more of the first piece already used:
 * in some round each allocation from the arena is the one that needs a new piece. */
#include "unit/alloc_fail.h"
#include "unit/harness.h"
#include "base/limits.h"
#include "value/document.h"
#include "value/json.h"
#include "value/pointer.h"

enum { FIRST_PIECE = 4096, STEP = 40 };

struct work {
    struct arras_str text;
    enum arras_format format;
    size_t used; /* of the arena, before */
    struct ar_arena arena;
    struct ar_diags diags;
};

static enum arras_status write_and_set(struct work *work, const struct arras_value *value)
{
    struct arras_value copy, changed;
    struct arras_str text;
    enum arras_status status = ar_value_copy(value, &work->arena, &copy);
    if (!status) {
        status = ar_pointer_set(&copy, AR_STR("/list/1"), ar_null(), &work->arena, &changed);
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    if (!status) {
        ar_json_write(&buf, &changed, ARRAS_WRITE_SORTED);
        status = ar_buf_copy(&buf, &work->arena, &text);
    }
    ar_buf_release(&buf);
    return status;
}

static enum arras_status read_and_write(void *context)
{
    struct work *work = context;
    struct ar_document document;
    ar_arena_init(&work->arena, 0);
    ar_diags_init(&work->diags, &work->arena);
    enum arras_status status = ar_arena_raw(&work->arena, work->used, 1)
                                   ? ar_document_parse(AR_STR("text"), work->text, work->format,
                                                       &work->arena, &work->diags, &document)
                                   : ARRAS_NO_MEMORY;
    if (!status) {
        status = write_and_set(work, &document.root);
    }
    ar_arena_release(&work->arena);
    return status;
}

static void check(enum arras_format format, struct arras_str text)
{
    size_t most = 0;
    for (size_t used = 0; used < FIRST_PIECE; used += STEP) {
        struct work work = {.text = text, .format = format, .used = used};
        size_t count = alloc_fail_each(read_and_write, &work, ARRAS_OK);
        most = count > most ? count : most;
    }
    assert_true(most >= 4);
}

static const struct arras_str json_text = AR_STR_INIT(
    "{\"list\":[1,\"\\u0041\",{}],\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,"
    "\"i\":9,\"j\":10,\"k\":11,\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"q\":17,\"r\":[18]}");

static const struct arras_str yaml_text =
    AR_STR_INIT("list: &list [0x1F, +1, 'it''s', !!int '7']\nalias: *list\n"
                "folded:\n  one\n  two\nempty:\n-\n- x\n? &k key\n: |\n  block\n");

static void test_reading_json(void **state)
{
    (void)state;
    check(ARRAS_FORMAT_JSON, json_text);
}

static void test_reading_yaml(void **state)
{
    (void)state;
    check(ARRAS_FORMAT_YAML, yaml_text);
    check(ARRAS_FORMAT_YAML, json_text);
}

/* The diagnostic may be lost for lack of memory; that something is wrong is told all the same. */
static void check_invalid(enum arras_format format, struct arras_str text)
{
    for (size_t used = 0; used < FIRST_PIECE; used += STEP) {
        struct work work = {.text = text, .format = format, .used = used};
        bool had_failed = true;
        for (size_t number = 0; had_failed; number++) {
            alloc_fail_at(number);
            enum arras_status status = read_and_write(&work);
            had_failed = alloc_fail_end();
            assert_true(status == ARRAS_SYNTAX || (had_failed && status == ARRAS_NO_MEMORY));
            assert_true(work.diags.errors == 1 || number == 0);
        }
    }
}

static void test_reading_what_is_invalid(void **state)
{
    (void)state;
    check_invalid(ARRAS_FORMAT_JSON, AR_STR("{\"a\":[1,2,{\"b\":x}]}"));
    check_invalid(ARRAS_FORMAT_YAML, AR_STR("{\"a\":1,\"a\":2}"));
    check_invalid(ARRAS_FORMAT_YAML, AR_STR("a: [1, {b: *x}]"));
    check_invalid(ARRAS_FORMAT_YAML, AR_STR("a:\n-\n- @\n"));
}

/* A warning may be lost, the value not. */
static void check_repeated(enum arras_format format)
{
    struct arras_str text = AR_STR("{\"list\":[1],\"a\":1,\"list\":[1,2]}");
    for (size_t used = 0; used < FIRST_PIECE; used += STEP) {
        struct work work = {.text = text, .format = format, .used = used};
        bool had_failed = true;
        for (size_t number = 0; had_failed; number++) {
            alloc_fail_at(number);
            enum arras_status status = read_and_write(&work);
            had_failed = alloc_fail_end();
            assert_true(had_failed ? status == ARRAS_NO_MEMORY || work.diags.lost
                                   : status == ARRAS_OK && work.diags.warnings == 1);
        }
    }
}

static void test_reading_names_that_stand_twice(void **state)
{
    (void)state;
    check_repeated(ARRAS_FORMAT_JSON);
    check_repeated(ARRAS_FORMAT_GUESS);
}

static enum arras_status use_pool(void *context)
{
    (void)context;
    struct arras_pool *pool = arras_pool_new();
    if (!pool) {
        return ARRAS_NO_MEMORY;
    }
    const struct arras_value *value;
    struct arras_str text;
    enum arras_status status = arras_read(pool, ARRAS_FORMAT_GUESS, "text", json_text, &value);
    if (!status) {
        status = arras_write(pool, value, ARRAS_WRITE_INDENT, &text);
    }
    if (status) {
        assert_null(arras_pool_diag(pool, 0));
    }
    arras_pool_free(pool);
    return status;
}

static void test_the_public_functions(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(use_pool, NULL, ARRAS_OK) >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_json),
        cmocka_unit_test(test_reading_yaml),
        cmocka_unit_test(test_reading_what_is_invalid),
        cmocka_unit_test(test_reading_names_that_stand_twice),
        cmocka_unit_test(test_the_public_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
