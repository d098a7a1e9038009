/* What must hold of every value that was read. A breach traps, which libFuzzer reports. */
#ifndef AR_FUZZ_VALUE_CHECKS_H
#define AR_FUZZ_VALUE_CHECKS_H

#include "base/limits.h"
#include "value/json.h"
#include "value/number.h"
#include "value/yaml.h"

static inline void must(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

/* Places lie within the text, numbers are JSON's, members are found by their names. */
static inline void check_value(const struct arras_value *value, size_t text_len, unsigned depth)
{
    must(value->at <= text_len && depth <= AR_NESTING_DEPTH);
    if (value->type == ARRAS_NUMBER) {
        must(ar_number_valid(ar_text(value)));
        must(ar_number_compare(ar_text(value), ar_text(value)) == 0);
        int64_t number;
        must(!ar_number_to_int64(ar_text(value), &number) || ar_number_is_integer(ar_text(value)));
    }
    for (uint32_t i = 0; value->type == ARRAS_ARRAY && i < value->count; i++) {
        check_value(&value->items[i], text_len, depth + 1);
    }
    for (uint32_t i = 0; value->type == ARRAS_OBJECT && i < value->count; i++) {
        const struct ar_member *member = &value->members[i];
        must(member->at <= text_len);
        must(ar_get_member(value, ar_member_name(member)) == member);
        check_value(&member->value, text_len, depth + 1);
    }
}

/* A refusal has a diagnostic with a place in the text. */
static inline void check_refusal(const struct ar_diags *diags, enum arras_status status)
{
    const struct arras_diag *diag = ar_diags_first_error(diags);
    must(diag && diag->status == status && diag->message.len > 0);
    must(diag->line > 0 && diag->column > 0 && diag->caret <= diag->excerpt.len);
}

/* Written as JSON and read again it is equal; also when libfyaml reads that, should it want to. */
static inline void check_round_trip(const struct arras_value *value, int flags,
                                    struct ar_arena *arena)
{
    struct ar_buf buf;
    ar_buf_init(&buf, SIZE_MAX / 2);
    ar_json_write(&buf, value, flags);
    must(ar_buf_status(&buf) == ARRAS_OK);
    struct ar_source source = {AR_STR("again"), ar_buf_str(&buf)};
    struct arras_value again;
    must(ar_json_read(&source, arena, NULL, &again) == ARRAS_OK);
    must(ar_value_equal(value, &again));
    if (buf.len < 4096 && ar_yaml_read(&source, arena, NULL, &again) == ARRAS_OK) {
        must(ar_value_equal(value, &again));
    }
    ar_buf_release(&buf);
}

typedef enum arras_status value_reader(const struct ar_source *, struct ar_arena *,
                                       struct ar_diags *, struct arras_value *);

static inline void check_reader(value_reader *read, const uint8_t *data, size_t size)
{
    struct ar_arena arena;
    ar_arena_init(&arena, (size_t)1 << 30);
    struct ar_diags diags;
    ar_diags_init(&diags, &arena);
    struct ar_source source = {AR_STR("fuzz"), {(const char *)data, size}};
    struct arras_value value, copy;
    enum arras_status status = read(&source, &arena, &diags, &value);
    if (status) {
        check_refusal(&diags, status);
    } else {
        check_value(&value, size, 0);
        must(ar_value_copy(&value, &arena, &copy) == ARRAS_OK && ar_value_equal(&value, &copy));
        check_round_trip(&value, size & 7, &arena);
    }
    ar_arena_release(&arena);
}

#endif
