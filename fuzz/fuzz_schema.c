/* A JSON Schema and an instance: a digit (1: formats are asserted, 2: OpenAPI 3.0's dialect, 3:
 * both), the schema in one line, and the instance behind it. */
#include <stdint.h>
#include "query/schema.h"
#include "value/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct ar_schema *schema, const struct arras_value *instance,
                  struct ar_arena *arena)
{
    struct ar_schema_result result;
    struct arras_value filled;
    if (!ar_schema_validate(schema, instance, arena, NULL, &result) &&
        result.valid != (result.errors.count == 0)) {
        abort(); /* what is not valid must be told, and nothing else */
    }
    if (!ar_schema_fill_defaults(schema, instance, arena, &filled) &&
        filled.type != instance->type) {
        abort();
    }
}

static void run(struct arras_str text, char mode, struct ar_arena *arena)
{
    struct ar_schema_options options = {
        .assert_format = mode & 1, .dialect = mode & 2 ? AR_SCHEMA_OPENAPI_30 : AR_SCHEMA_2020_12};
    struct ar_source schema_source = {AR_STR("schema"), ar_str_cut(&text, '\n')};
    struct ar_source instance_source = {AR_STR("instance"), text};
    struct arras_value schema_value, instance;
    struct ar_schema *schema;
    struct ar_diags diags;
    ar_diags_init(&diags, arena);
    if (ar_json_read(&schema_source, arena, NULL, &schema_value) ||
        ar_json_read(&instance_source, arena, NULL, &instance)) {
        return;
    }
    if (ar_schema_compile(&schema_value, &schema_value, &schema_source, &options, arena, &diags,
                          &schema)) {
        if (diags.errors == 0) {
            abort(); /* what cannot be used must be told */
        }
        return;
    }
    check(schema, &instance, arena);
    ar_schema_release(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ar_arena arena;
    if (size == 0) {
        return 0;
    }
    ar_arena_init(&arena, (size_t)256 << 20);
    run((struct arras_str){(const char *)data + 1, size - 1}, (char)data[0], &arena);
    ar_arena_release(&arena);
    return 0;
}
