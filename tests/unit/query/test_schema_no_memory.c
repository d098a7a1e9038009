/* Schemas when memory runs out, at each allocation in turn. */
#include "unit/harness.h"
#include "unit/alloc_fail.h"
#include "query/schema.h"
#include "value/yaml.h"

struct work {
    const char *schema, *instance;
    struct ar_source source;
    struct arras_value root, value;
    bool valid;
};

static enum arras_status use(struct work *work, struct ar_schema *schema, struct ar_arena *arena,
                             struct ar_diags *diags)
{
    struct ar_schema_result result;
    struct arras_value filled;
    enum arras_status status = ar_schema_validate(schema, &work->value, arena, diags, &result);
    if (status) {
        return status;
    }
    work->valid = result.valid;
    return ar_schema_fill_defaults(schema, &work->value, arena, &filled);
}

static enum arras_status compile_and_use(void *context)
{
    struct work *work = context;
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_schema *schema;
    struct ar_schema_options options = {.assert_format = true};
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    enum arras_status status = ar_schema_compile(&work->root, &work->root, &work->source, &options,
                                                 &arena, &diags, &schema);
    if (!status) {
        status = use(work, schema, &arena, &diags);
        ar_schema_release(schema);
    }
    ar_arena_release(&arena);
    return status;
}

static void read_value(const char *text, struct ar_source *source, struct ar_arena *arena,
                       struct arras_value *ret)
{
    *source = (struct ar_source){AR_STR("text"), ar_str_z(text)};
    assert_int_equal(ar_yaml_read(source, arena, NULL, ret), ARRAS_OK);
}

static void every_allocation_may_fail(void **state)
{
    static const struct work works[] = {
        {.schema = "{properties: {a: {pattern: '^x', format: regex}}, patternProperties: {b: "
                   "{anyOf: [{type: string}, {required: [c]}]}}}",
         .instance = "{a: x, b: {c: 1}}",
         .valid = true},
        {.schema = "{properties: {a: {default: {}, $ref: '#/$defs/d'}}, $defs: {d: {properties: "
                   "{b: {default: 1}}}}}",
         .instance = "{c: 1}",
         .valid = true},
        {.schema = "{$ref: 'https://json-schema.org/draft/2020-12/schema'}",
         .instance = "{type: strin, properties: {a: {minLength: -1, enum: 5}}}"},
        {.schema = "{$id: 'http://x/y', items: {oneOf: [{$anchor: a, type: string}, {$ref: 'y#a'}, "
                   "{properties: {a: {not: {}}}, required: [b]}]}, uniqueItems: true, "
                   "propertyNames: {maxLength: 1}}",
         .instance = "[{a: 1}, {b: 2}, x, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]"},
        {.schema = "{propertyNames: {maxLength: 1}, additionalProperties: false}",
         .instance = "{aa: 1, bb: 2}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
        struct ar_arena arena;
        struct ar_source source;
        struct work work = works[i];
        ar_arena_init(&arena, 0);
        read_value(work.schema, &work.source, &arena, &work.root);
        read_value(work.instance, &source, &arena, &work.value);
        assert_true(alloc_fail_each(compile_and_use, &work, ARRAS_OK) > 0);
        assert_int_equal(work.valid, works[i].valid);
        ar_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
