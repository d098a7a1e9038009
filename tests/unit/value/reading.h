/* For tests of values: an arena and diagnostics that are there for each test, and reading a literal
 * into them. */
#ifndef AR_TEST_READING_H
#define AR_TEST_READING_H

#include "unit/harness.h"
#include "base/limits.h"
#include "value/json.h"
#include "value/yaml.h"

static struct ar_arena arena;
static struct ar_diags diags;

static int setup(void **state)
{
    (void)state;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ar_arena_release(&arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

typedef enum arras_status reader(const struct ar_source *, struct ar_arena *, struct ar_diags *,
                                 struct arras_value *);

/* A copy of the text of just its size, so that reading past its end is caught. */
static inline struct ar_source source_of(struct arras_str text)
{
    char *exact = ar_arena_raw(&arena, text.len, 1);
    assert_non_null(exact);
    if (text.len) {
        memcpy(exact, text.ptr, text.len);
    }
    return (struct ar_source){AR_STR("test"), {exact, text.len}};
}

static inline __attribute__((unused)) struct arras_value read_text(reader *read,
                                                                   struct arras_str text)
{
    struct ar_source source = source_of(text);
    struct arras_value value;
    enum arras_status status = read(&source, &arena, &diags, &value);
    if (status) {
        const struct arras_diag *diag = ar_diags_first_error(&diags);
        fail_msg("%.*s: %.*s", AR_STR_ARG(text), AR_STR_ARG(diag->message));
    }
    return value;
}

/* That reading fails, and with which diagnostic. */
static inline const struct arras_diag *refused(reader *read, struct arras_str text,
                                               enum arras_status status, const char *code,
                                               uint32_t line, uint32_t column)
{
    struct ar_source source = source_of(text);
    struct arras_value value;
    ar_diags_init(&diags, &arena);
    assert_int_equal(read(&source, &arena, &diags, &value), status);
    const struct arras_diag *diag = ar_diags_first_error(&diags);
    assert_non_null(diag);
    assert_int_equal(diag->status, status);
    assert_string_equal(diag->code, code);
    assert_int_equal(diag->line, line);
    assert_int_equal(diag->column, column);
    return diag;
}

static inline struct arras_str written(const struct arras_value *value, int flags)
{
    struct ar_buf buf;
    struct arras_str text = {0};
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    ar_json_write(&buf, value, flags);
    assert_int_equal(ar_buf_copy(&buf, &arena, &text), ARRAS_OK);
    ar_buf_release(&buf);
    return text;
}

#endif
