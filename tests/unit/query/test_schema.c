/* What schemas tell of instances and of themselves: messages, places, dialects, limits, defaults.
 * Whether they are right about validity, the public suite shows (test_schema_suite.c). */
#include "unit/harness.h"
#include "base/limits.h"
#include "query/schema.h"
#include "value/json.h"
#include "value/yaml.h"

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_source source;
    struct arras_value root;
    struct ar_schema *schema;
    struct ar_schema_result result;
};

static struct arras_value read_value(struct fixture *f, struct ar_source *source)
{
    struct arras_value value = ar_null();
    assert_int_equal(ar_yaml_read(source, &f->arena, &f->diags, &value), ARRAS_OK);
    return value;
}

/* Compiles a schema written as YAML. */
static enum arras_status compile(struct fixture *f, const char *text,
                                 const struct ar_schema_options *options)
{
    *f = (struct fixture){.source = {AR_STR("schema"), ar_str_z(text)}};
    ar_arena_init(&f->arena, 0);
    ar_diags_init(&f->diags, &f->arena);
    f->root = read_value(f, &f->source);
    return ar_schema_compile(&f->root, &f->root, &f->source, options, &f->arena, &f->diags,
                             &f->schema);
}

static enum arras_status validate(struct fixture *f, const char *instance)
{
    struct ar_source source = {AR_STR("instance"), ar_str_z(instance)};
    struct arras_value value = read_value(f, &source);
    const struct arras_value *kept = ar_value_new(&f->arena, value);
    f->result = (struct ar_schema_result){0};
    return ar_schema_validate(f->schema, kept, &f->arena, &f->diags, &f->result);
}

static void release(struct fixture *f)
{
    ar_schema_release(f->schema);
    ar_arena_release(&f->arena);
}

static bool is_valid(const char *schema, const char *instance,
                     const struct ar_schema_options *options)
{
    struct fixture f;
    assert_int_equal(compile(&f, schema, options), ARRAS_OK);
    assert_int_equal(validate(&f, instance), ARRAS_OK);
    bool valid = f.result.valid;
    release(&f);
    return valid;
}

struct told {
    const char *schema, *instance;
    const char *message, *instance_path, *schema_path; /* of the first error */
};

static void assert_told(const struct told *told)
{
    struct fixture f;
    char text[1024];
    assert_int_equal(compile(&f, told->schema, NULL), ARRAS_OK);
    assert_int_equal(validate(&f, told->instance), ARRAS_OK);
    assert_false(f.result.valid);
    assert_true(f.result.errors.count > 0);
    const struct ar_schema_error *first = &f.result.errors.items[0];
    snprintf(text, sizeof(text), "%.*s", AR_STR_ARG(first->message));
    assert_string_equal(text, told->message);
    snprintf(text, sizeof(text), "%.*s", AR_STR_ARG(first->instance_path));
    assert_string_equal(text, told->instance_path);
    snprintf(text, sizeof(text), "%.*s", AR_STR_ARG(first->schema_path));
    assert_string_equal(text, told->schema_path);
    release(&f);
}

static void the_first_error_says_what_was_expected_and_found(void **state)
{
    static const struct told cases[] = {
        {"{properties: {age: {minimum: 18}}}", "{age: 3}", "'age' must be at least 18, it is 3",
         "/age", "/properties/age/minimum"},
        {"{required: [name]}", "{}", "the member 'name' is missing", "", "/required"},
        {"{properties: {user: {required: [name]}}}", "{user: {}}",
         "the member 'name' of 'user' is missing", "/user", "/properties/user/required"},
        {"{type: object}", "[1, 2]", "the value must be an object, it is an array of 2 items", "",
         "/type"},
        {"{type: [integer, 'null']}", "x", "the value must be a whole number or null, it is \"x\"",
         "", "/type"},
        {"{type: [string, boolean, 'null', array]}", "{a: 1}",
         "the value must be a string, true or false, an array or null, it is an object of 1 member",
         "", "/type"},
        {"{const: [1, 2]}", "[1, 3]",
         "the value must equal the schema's constant, an array of 2 items, it is an array of 2 "
         "items",
         "", "/const"},
        {"{items: {items: {maximum: 5}}}", "[[1], [2, 7]]", "'[1][1]' must be at most 5, it is 7",
         "/1/1", "/items/items/maximum"},
        {"{exclusiveMinimum: 0}", "0", "the value must be more than 0, it is 0", "",
         "/exclusiveMinimum"},
        {"{exclusiveMaximum: 9.5}", "1e1", "the value must be less than 9.5, it is 1e1", "",
         "/exclusiveMaximum"},
        {"{multipleOf: 0.01}", "0.015", "the value must be a multiple of 0.01, it is 0.015", "",
         "/multipleOf"},
        {"{properties: {id: {minLength: 3}}}", "{id: äö}",
         "'id' must have at least 3 characters, it has 2", "/id", "/properties/id/minLength"},
        {"{maxItems: 1}", "[1, 2]", "the value must have at most 1 item, it has 2", "",
         "/maxItems"},
        {"{minProperties: 1}", "{}", "the value must have at least 1 member, it has 0", "",
         "/minProperties"},
        {"{pattern: '^[a-z]+$'}", "A1", "the value must match the pattern ^[a-z]+$, it is \"A1\"",
         "", "/pattern"},
        {"{properties: {size: {enum: [small, 2, null]}}}", "{size: big}",
         "'size' must be \"small\", 2 or null, it is \"big\"", "/size", "/properties/size/enum"},
        {"{enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}", "0",
         "the value must be 1, 2, 3, 4, 5, 6, 7, 8 or 2 other values, it is 0", "", "/enum"},
        {"{const: {a: 1}}", "false", "the value must be an object of 1 member, it is false", "",
         "/const"},
        {"{uniqueItems: true}", "[1, 2, 1.0]",
         "the value must have no two equal items, items 0 and 2 are equal", "", "/uniqueItems"},
        {"{dependentRequired: {card: [address]}}", "{card: 1}",
         "the member 'address' is missing, it is needed beside 'card'", "", "/dependentRequired"},
        {"{additionalProperties: false, properties: {a: true}}", "{a: 1, 'b/~': 2}",
         "'b/~' is not allowed", "/b~1~0", "/additionalProperties"},
        {"{propertyNames: {maxLength: 2}}", "{abc: 1}",
         "the name 'abc' must have at most 2 characters, it has 3", "", "/propertyNames/maxLength"},
        {"{contains: {type: string}}", "[1]",
         "the value must have at least 1 item that fits 'contains', it has 0", "", "/contains"},
        {"{not: {type: string}}", "x", "the value must not fit the schema under 'not', it is \"x\"",
         "", "/not"},
        {"{$ref: '#/$defs/a', $defs: {a: {items: {type: string}}}}", "[x, true]",
         "'[1]' must be a string, it is true", "/1", "/$ref/items/type"},
        {"{if: {required: [a]}, then: {required: [b]}}", "{a: 1}", "the member 'b' is missing", "",
         "/then/required"},
        {"{properties: {a: {properties: {'b\tc': {type: string}}}}}", "{a: {'b\tc': 1}}",
         "'a.b?c' must be a string, it is 1", "/a/b\tc", "/properties/a/properties/b\tc/type"},
        {"{type: number}", "\"\\e[2J\\\"\\n\"",
         "the value must be a number, it is \"\\u001b[2J\\\"\\n\"", "", "/type"},
        {"{properties: {a: {required: [b]}}, dependencies: {a: [c], d: {maxProperties: 0}}}",
         "{a: {b: 1}}", "the member 'c' is missing, it is needed beside 'a'", "", "/dependencies"},
        {"false", "1", "the value is not allowed, it is 1", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_told(&cases[i]);
    }
}

static void what_is_missing_or_wrong_comes_before_what_is_too_much(void **state)
{
    static const struct told cases[] = {
        {"{additionalProperties: false, required: [name], properties: {name: {}}}", "{naem: 1}",
         "the member 'name' is missing", "", "/required"},
        {"{additionalProperties: false, allOf: [{properties: {z: {type: string}}}]}", "{z: 1}",
         "'z' must be a string, it is 1", "/z", "/allOf/0/properties/z/type"},
        {"{unevaluatedProperties: false, properties: {a: {type: string}}}", "{a: 1}",
         "'a' must be a string, it is 1", "/a", "/properties/a/type"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_told(&cases[i]);
    }
}

static void the_alternative_that_came_closest_tells(void **state)
{
    static const struct told cases[] = {
        {"{anyOf: [{type: string}, {type: number}, {type: 'null'}]}", "true",
         "the value must be a string, a number or null, it is true", "", "/anyOf"},
        {"{anyOf: [{type: string}, {type: object, properties: {a: {properties: {b: {type: "
         "number}}}}}]}",
         "{a: {b: x}}", "'a.b' must be a number, it is \"x\"", "/a/b",
         "/anyOf/1/properties/a/properties/b/type"},
        /* a constant member says which alternative was meant */
        {"{oneOf: [{properties: {kind: {const: cat}, lives: {type: number}}}, "
         "{properties: {kind: {const: dog}, legs: {maximum: 4}}, required: [kind]}]}",
         "{kind: dog, legs: 5, lives: x}", "'legs' must be at most 4, it is 5", "/legs",
         "/oneOf/1/properties/legs/maximum"},
        {"{anyOf: [{enum: [a, b]}, {type: 'null'}]}", "c",
         "the value must be \"a\" or \"b\", it is \"c\"", "", "/anyOf/0/enum"},
        {"{oneOf: [{type: number}, {minimum: 2}, {type: string}]}", "3",
         "the value must fit exactly one of 3 alternatives, it fits numbers 1 and 2", "", "/oneOf"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_told(&cases[i]);
    }
    struct fixture f;
    assert_int_equal(compile(&f, "{anyOf: [{minimum: 5}, {maximum: 1}]}", NULL), ARRAS_OK);
    assert_int_equal(validate(&f, "3"), ARRAS_OK);
    assert_int_equal(f.result.errors.count, 2);
    assert_str(f.result.errors.items[0].message, "the value must be at least 5, it is 3");
    assert_str(f.result.errors.items[1].message,
               "the value fits none of the 2 alternatives under 'anyOf'");
    release(&f);
}

static void errors_hold_the_values_they_speak_of(void **state)
{
    struct fixture f;
    (void)state;
    assert_int_equal(
        compile(&f, "{properties: {a: {maximum: 1}}, propertyNames: {maxLength: 1}}", NULL),
        ARRAS_OK);
    assert_int_equal(validate(&f, "{a: 25, bb: 0}"), ARRAS_OK);
    assert_int_equal(f.result.errors.count, 2);
    assert_str(ar_text(f.result.errors.items[0].instance), "25");
    assert_int_equal(f.result.errors.items[0].schema->at, strlen("{properties: {a: {maximum: "));
    assert_str(ar_text(f.result.errors.items[1].instance), "bb");
    release(&f);
}

static void at_most_so_many_errors_are_kept(void **state)
{
    struct fixture f;
    struct ar_buf buf;
    (void)state;
    ar_buf_init(&buf, 1 << 16);
    for (size_t i = 0; i < 3 * AR_SCHEMA_ERRORS; i++) {
        ar_buf_add_z(&buf, i ? ",1" : "[1");
    }
    ar_buf_add(&buf, "]", 2);
    assert_int_equal(compile(&f, "{items: {type: string}}", NULL), ARRAS_OK);
    assert_int_equal(validate(&f, buf.ptr), ARRAS_OK);
    assert_int_equal(f.result.errors.count, AR_SCHEMA_ERRORS);
    release(&f);
    ar_buf_release(&buf);
}

static void there_is_always_an_error_however_many_alternatives_spoke(void **state)
{
    struct fixture f;
    struct ar_buf buf;
    (void)state;
    ar_buf_init(&buf, 1 << 20);
    for (int i = 0; i < AR_SCHEMA_PROBLEMS; i++) {
        ar_buf_add_z(&buf, i ? ", {type: string}" : "{anyOf: [{type: string}");
    }
    ar_buf_add(&buf, "]}", 3);
    assert_int_equal(compile(&f, buf.ptr, NULL), ARRAS_OK);
    assert_int_equal(validate(&f, "1"), ARRAS_OK);
    assert_int_equal(f.result.errors.count, 1);
    assert_str(f.result.errors.items[0].message, "the value does not fit the schema");
    release(&f);
    ar_buf_release(&buf);
}

static void long_values_are_shown_in_short(void **state)
{
    struct fixture f;
    (void)state;
    assert_int_equal(compile(&f, "{type: number}", NULL), ARRAS_OK);
    assert_int_equal(validate(&f,
                              "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3"
                              "\xa4\\tbbbbbbbbbbbbb\""),
                     ARRAS_OK);
    assert_str(f.result.errors.items[0].message,
               "the value must be a number, it is "
               "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"...");
    release(&f);
}

/* Schemas that cannot be used */

static void a_schema_that_cannot_be_is_told_with_its_place(void **state)
{
    static const struct {
        const char *schema, *message;
        enum arras_status status;
        size_t column;
    } cases[] = {
        {"{$ref: '#/$defs/x'}", "the reference '#/$defs/x' points at nothing", ARRAS_UNRESOLVED, 8},
        {"{$ref: 'other.json'}", "the reference 'other.json' points at nothing", ARRAS_UNRESOLVED,
         8},
        {"{$ref: '#x'}", "the reference '#x' points at nothing", ARRAS_UNRESOLVED, 8},
        {"{$ref: 5}", "'$ref' must be a string", ARRAS_INVALID, 8},
        {"{items: 5}", "a schema is an object, true or false, not a number", ARRAS_INVALID, 9},
        {"{type: strin}",
         "'type' must be one of null, boolean, integer, number, string, array and object",
         ARRAS_INVALID, 8},
        {"{minLength: -1}", "'minLength' must be a whole number of at least 0", ARRAS_INVALID, 13},
        {"{minContains: x, contains: true}", "'minContains' must be a whole number of at least 0",
         ARRAS_INVALID, 15},
        {"{minimum: '3'}", "'minimum' must be a number", ARRAS_INVALID, 11},
        {"{multipleOf: 0}", "'multipleOf' must be more than 0", ARRAS_INVALID, 14},
        {"{required: true}", "'required' must be an array of names", ARRAS_INVALID, 12},
        {"{enum: a}", "'enum' must be an array", ARRAS_INVALID, 8},
        {"{uniqueItems: 1}", "'uniqueItems' must be true or false", ARRAS_INVALID, 15},
        {"{anyOf: []}", "'anyOf' must be an array of at least one schema", ARRAS_INVALID, 9},
        {"{properties: []}", "'properties' must be an object of schemas", ARRAS_INVALID, 14},
        {"{dependentRequired: {a: b}}", "'dependentRequired' must be an object of arrays of names",
         ARRAS_INVALID, 25},
        {"{$ref: '#'}", "the schema refers to itself without moving on in the instance",
         ARRAS_INVALID, 1},
        {"{items: {$ref: '#/$defs/a'}, $defs: {a: {allOf: [{$ref: '#/$defs/b'}]}, b: {not: {$ref: "
         "'#/$defs/a'}}}}",
         "the schema refers to itself without moving on in the instance", ARRAS_INVALID, 41},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture f;
        char text[1024];
        assert_int_equal(compile(&f, cases[i].schema, NULL), cases[i].status);
        assert_int_equal(f.diags.errors, 1);
        const struct arras_diag *diag = ar_diags_first_error(&f.diags);
        snprintf(text, sizeof(text), "%.*s", AR_STR_ARG(diag->message));
        assert_string_equal(text, cases[i].message);
        assert_int_equal(diag->column, cases[i].column);
        release(&f);
    }
}

static void a_pattern_that_is_none_is_refused(void **state)
{
    struct fixture f;
    (void)state;
    assert_int_equal(compile(&f, "{patternProperties: {'(': true}}", NULL), ARRAS_SYNTAX);
    const struct arras_diag *diag = ar_diags_first_error(&f.diags);
    assert_true(ar_str_starts(diag->message, "the pattern '(' is not usable: "));
    release(&f);
}

static void an_unknown_vocabulary_that_is_demanded_is_refused(void **state)
{
    struct fixture f;
    (void)state;
    assert_int_equal(compile(&f,
                             "{properties: {m: {$id: 'urn:m', $vocabulary: {'urn:v': true}}, "
                             "x: {$id: 'urn:x', $schema: 'urn:m'}}}",
                             NULL),
                     ARRAS_UNSUPPORTED);
    assert_str(ar_diags_first_error(&f.diags)->message,
               "the schema demands the unknown vocabulary urn:v");
    release(&f);
}

/* Limits */

static void recursion_stops_at_the_depth_of_schemas(void **state)
{
    struct fixture f;
    struct ar_buf buf;
    (void)state;
    ar_buf_init(&buf, 1 << 16);
    for (int i = 0; i < AR_SCHEMA_DEPTH; i++) {
        ar_buf_add_char(&buf, '[');
    }
    for (int i = 0; i < AR_SCHEMA_DEPTH; i++) {
        ar_buf_add_char(&buf, ']');
    }
    ar_buf_add(&buf, "", 1);
    assert_int_equal(compile(&f, "{items: {$ref: '#'}}", NULL), ARRAS_OK);
    assert_int_equal(validate(&f, buf.ptr), ARRAS_LIMIT);
    assert_int_equal(validate(&f, "[[[[]]]]"), ARRAS_OK);
    release(&f);
    ar_buf_release(&buf);
}

static void work_that_doubles_with_each_step_is_stopped(void **state)
{
    struct fixture f;
    struct ar_buf buf;
    (void)state;
    ar_buf_init(&buf, 1 << 16);
    ar_buf_add_z(&buf, "{$ref: '#/$defs/d0', $defs: {");
    for (int i = 0; i < 60; i++) {
        ar_buf_printf(&buf, "d%d: {allOf: [{$ref: '#/$defs/d%d'}, {$ref: '#/$defs/d%d'}]}, ", i,
                      i + 1, i + 1);
    }
    ar_buf_add(&buf, "d60: {}}}", 10);
    assert_int_equal(compile(&f, buf.ptr, NULL), ARRAS_OK);
    assert_int_equal(validate(&f, "1"), ARRAS_LIMIT);
    struct arras_value filled;
    assert_int_equal(ar_schema_fill_defaults(f.schema, &f.root, &f.arena, &filled), ARRAS_LIMIT);
    release(&f);
    ar_buf_release(&buf);
}

static void a_loop_through_alternatives_asks_for_nothing_more(void **state)
{
    const char *schema = "{$ref: '#/$defs/pet', $defs: {pet: {required: [name], oneOf: [{$ref: "
                         "'#/$defs/cat'}, {$ref: '#/$defs/dog'}]}, cat: {allOf: [{$ref: "
                         "'#/$defs/pet'}, {required: [lives]}]}, dog: {allOf: [{$ref: "
                         "'#/$defs/pet'}, {required: [legs]}]}}}";
    (void)state;
    assert_true(is_valid(schema, "{name: a, lives: 9}", NULL));
    assert_true(is_valid(schema, "{name: a, legs: 4}", NULL));
    assert_false(is_valid(schema, "{name: a}", NULL));
    assert_false(is_valid(schema, "{lives: 9}", NULL));
    assert_false(is_valid(schema, "{name: a, lives: 9, legs: 4}", NULL));
}

static void many_items_are_compared_quickly(void **state)
{
    struct fixture f;
    struct ar_buf buf;
    (void)state;
    ar_buf_init(&buf, 1 << 20);
    for (int i = 0; i < 20000; i++) {
        ar_buf_printf(&buf, "%c{a: %d}", i ? ',' : '[', i);
    }
    size_t open = buf.len;
    ar_buf_add(&buf, "]", 2);
    assert_int_equal(compile(&f, "{uniqueItems: true}", NULL), ARRAS_OK);
    assert_int_equal(validate(&f, buf.ptr), ARRAS_OK);
    assert_true(f.result.valid);
    ar_buf_cut(&buf, open);
    ar_buf_add_z(&buf, ",{a: 77.0e0}]");
    ar_buf_add_char(&buf, '\0');
    assert_int_equal(validate(&f, buf.ptr), ARRAS_OK);
    assert_str(f.result.errors.items[0].message,
               "the value must have no two equal items, items 77 and 20000 are equal");
    release(&f);
    ar_buf_release(&buf);
}

static void more_members_than_a_word_has_bits_are_told_apart(void **state)
{
    struct fixture f;
    struct ar_buf buf;
    (void)state;
    ar_buf_init(&buf, 1 << 16);
    for (int i = 0; i < 200; i++) {
        ar_buf_printf(&buf, "%c%c%d: 1", i ? ',' : '{', i % 2 ? 'a' : 'b', i);
    }
    size_t open = buf.len;
    ar_buf_add(&buf, "}", 2);
    assert_int_equal(compile(&f,
                             "{anyOf: [{patternProperties: {'^a': true}}, {properties: {x: "
                             "{type: string}}, required: [x]}], patternProperties: {'^b': "
                             "true}, unevaluatedProperties: false}",
                             NULL),
                     ARRAS_OK);
    assert_int_equal(validate(&f, buf.ptr), ARRAS_OK);
    assert_true(f.result.valid);
    ar_buf_cut(&buf, open);
    ar_buf_add(&buf, ", x: 1}", 8);
    assert_int_equal(validate(&f, buf.ptr), ARRAS_OK);
    assert_int_equal(f.result.errors.count, 1);
    assert_str(f.result.errors.items[0].message, "'x' is not allowed");
    release(&f);
    ar_buf_release(&buf);
}

/* Dialects and documents */

static void openapi_3_0_has_its_own_dialect(void **state)
{
    const struct ar_schema_options openapi = {.dialect = AR_SCHEMA_OPENAPI_30};
    (void)state;
    assert_true(is_valid("{type: string, nullable: true}", "null", &openapi));
    assert_true(is_valid("{nullable: true, enum: [a]}", "null", &openapi));
    assert_false(is_valid("{type: string, nullable: false}", "null", &openapi));
    assert_false(is_valid("{type: string, nullable: true}", "null", NULL));
    assert_false(is_valid("{minimum: 3, exclusiveMinimum: true}", "3", &openapi));
    assert_true(is_valid("{minimum: 3, exclusiveMinimum: false}", "3", &openapi));
    assert_false(is_valid("{maximum: 3, exclusiveMaximum: true}", "3", &openapi));
    assert_true(is_valid("{maximum: 3, exclusiveMaximum: true}", "2", &openapi));
    assert_true(is_valid("{$ref: '#/components/a', type: string, components: {a: {type: number}}}",
                         "1", &openapi));
    assert_true(
        is_valid("{type: string, example: 5, discriminator: {propertyName: x}}", "a", &openapi));
    assert_true(is_valid("{type: file}", "a", &openapi));
    assert_true(is_valid("{$id: 'urn:x', items: {$ref: '#/components/a'}, components: {a: {type: "
                         "number}}}",
                         "[1]", &openapi));
}

static void a_schema_within_a_document_refers_to_the_document(void **state)
{
    struct fixture f;
    (void)state;
    f = (struct fixture){
        .source = {AR_STR("document"),
                   AR_STR("{workflows: [{inputs: {properties: {a: {$ref: '#/components/inputs/n'}, "
                          "b: {$ref: '#/$defs/own'}}, $defs: {own: {type: string}}}}], components: "
                          "{inputs: {n: {type: number}}}}")}};
    ar_arena_init(&f.arena, 0);
    ar_diags_init(&f.diags, &f.arena);
    f.root = read_value(&f, &f.source);
    const struct arras_value *inputs =
        ar_get_z(ar_item(ar_get_z(&f.root, "workflows"), 0), "inputs");
    assert_int_equal(
        ar_schema_compile(&f.root, inputs, &f.source, NULL, &f.arena, &f.diags, &f.schema),
        ARRAS_OK);
    assert_int_equal(validate(&f, "{a: x}"), ARRAS_OK);
    assert_str(f.result.errors.items[0].message, "'a' must be a number, it is \"x\"");
    /* what the author took for the root */
    assert_int_equal(validate(&f, "{b: 1}"), ARRAS_OK);
    assert_str(f.result.errors.items[0].message, "'b' must be a string, it is 1");
    release(&f);
}

static enum arras_status load_small(void *context, struct arras_str uri, struct ar_arena *arena,
                                    const struct arras_value **ret)
{
    size_t *asked = context;
    struct ar_source source = {uri,
                               AR_STR("{\"$defs\":{\"a\":{\"$ref\":\"next.json#/$defs/a\"}}}")};
    struct arras_value value;
    ++*asked;
    if (ar_str_ends(uri, "/endless.json")) {
        source.text = AR_STR("{\"items\":{\"$ref\":\"x/endless.json\"}}");
    } else if (ar_str_ends(uri, "9/next.json")) {
        source.text = AR_STR("{\"$defs\":{\"a\":{\"type\":\"string\"}}}");
    } else if (!ar_str_starts(uri, "http://x/")) {
        return ARRAS_NOT_FOUND;
    }
    if (ar_json_read(&source, arena, NULL, &value)) {
        return ARRAS_SYNTAX;
    }
    *ret = ar_value_new(arena, value);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static void documents_are_loaded_once_and_relative_to_the_base(void **state)
{
    struct fixture f;
    size_t asked = 0;
    struct ar_schema_options options = {
        .load = load_small, .context = &asked, .base_uri = AR_STR("http://x/9/root.json")};
    (void)state;
    assert_int_equal(compile(&f,
                             "{items: {$ref: 'next.json#/$defs/a'}, additionalProperties: "
                             "{$ref: 'http://x/9/next.json#/$defs/a'}, not: {$ref: "
                             "'https://json-schema.org/draft/2020-12/schema'}}",
                             &options),
                     ARRAS_OK);
    assert_int_equal(asked, 1);
    assert_int_equal(validate(&f, "[1]"), ARRAS_OK);
    assert_str(f.result.errors.items[0].message, "'[0]' must be a string, it is 1");
    release(&f);
    /* next.json refers to itself */
    options.base_uri = AR_STR("http://x/8/root.json");
    assert_int_equal(compile(&f, "{items: {$ref: 'next.json#/$defs/a'}}", &options), ARRAS_INVALID);
    release(&f);
    /* each document refers to another one */
    asked = 0;
    assert_int_equal(compile(&f, "{$ref: endless.json}", &options), ARRAS_LIMIT);
    assert_int_equal(asked, AR_SCHEMA_DOCUMENTS);
    release(&f);
}

static void formats_are_asserted_on_request(void **state)
{
    const struct ar_schema_options assert_format = {.assert_format = AR_FORMATS_ALL};
    (void)state;
    assert_true(is_valid("{format: uuid}", "x", NULL));
    assert_false(is_valid("{format: uuid}", "x", &assert_format));
    assert_true(is_valid("{format: something}", "x", &assert_format));
    assert_false(is_valid("{format: int32}", "2147483648", &assert_format));
    assert_true(is_valid("{format: int64}", "2147483648", &assert_format));
    assert_false(is_valid("{format: int64}", "9223372036854775808", &assert_format));
}

/* Defaults */

static void assert_filled(const char *schema, const char *instance, const char *expected)
{
    struct fixture f;
    struct arras_value filled;
    struct ar_buf buf;
    char text[1024];
    assert_int_equal(compile(&f, schema, NULL), ARRAS_OK);
    struct ar_source source = {AR_STR("instance"), ar_str_z(instance)};
    struct arras_value value = read_value(&f, &source);
    assert_int_equal(ar_schema_fill_defaults(f.schema, &value, &f.arena, &filled), ARRAS_OK);
    ar_buf_init(&buf, sizeof(text));
    ar_json_write(&buf, &filled, ARRAS_WRITE_COMPACT);
    snprintf(text, sizeof(text), "%.*s", AR_STR_ARG(ar_buf_str(&buf)));
    assert_string_equal(text, expected);
    ar_buf_release(&buf);
    release(&f);
}

static void absent_members_take_their_defaults(void **state)
{
    (void)state;
    assert_filled("{properties: {a: {default: 1}, b: {default: 2}}}", "{b: 5, c: 6}",
                  "{\"b\":5,\"c\":6,\"a\":1}");
    assert_filled("{properties: {a: {properties: {b: {default: x}}}}}", "{a: {}}",
                  "{\"a\":{\"b\":\"x\"}}");
    assert_filled("{properties: {a: {properties: {b: {default: x}}}}}", "{}", "{}");
    assert_filled("{properties: {a: {default: {}, properties: {b: {default: x}}}}}", "{}",
                  "{\"a\":{\"b\":\"x\"}}");
    assert_filled("{items: {properties: {a: {default: null}}}}", "[{}, 1, {a: 2}]",
                  "[{\"a\":null},1,{\"a\":2}]");
    assert_filled("{prefixItems: [{}, {properties: {a: {default: 1}}}]}", "[{}, {}, {}]",
                  "[{},{\"a\":1},{}]");
    assert_filled("{allOf: [{$ref: '#/$defs/x'}], $defs: {x: {properties: {a: {$ref: "
                  "'#/$defs/y'}}}, y: {default: [1]}}}",
                  "{}", "{\"a\":[1]}");
    assert_filled(
        "{properties: {a: {$ref: '#/$defs/y', default: near}}, $defs: {y: {default: far}}}", "{}",
        "{\"a\":\"near\"}");
    assert_filled("{anyOf: [{properties: {a: {default: 1}}}]}", "{}", "{}");
    assert_filled("{properties: {a: {default: 1}}}", "[5]", "[5]");
    /* a default that needs itself */
    assert_filled("{properties: {a: {$ref: '#', default: {}}}}", "{}", "{\"a\":{}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_says_what_was_expected_and_found),
        cmocka_unit_test(what_is_missing_or_wrong_comes_before_what_is_too_much),
        cmocka_unit_test(the_alternative_that_came_closest_tells),
        cmocka_unit_test(errors_hold_the_values_they_speak_of),
        cmocka_unit_test(at_most_so_many_errors_are_kept),
        cmocka_unit_test(there_is_always_an_error_however_many_alternatives_spoke),
        cmocka_unit_test(long_values_are_shown_in_short),
        cmocka_unit_test(a_schema_that_cannot_be_is_told_with_its_place),
        cmocka_unit_test(a_pattern_that_is_none_is_refused),
        cmocka_unit_test(an_unknown_vocabulary_that_is_demanded_is_refused),
        cmocka_unit_test(recursion_stops_at_the_depth_of_schemas),
        cmocka_unit_test(work_that_doubles_with_each_step_is_stopped),
        cmocka_unit_test(a_loop_through_alternatives_asks_for_nothing_more),
        cmocka_unit_test(many_items_are_compared_quickly),
        cmocka_unit_test(more_members_than_a_word_has_bits_are_told_apart),
        cmocka_unit_test(openapi_3_0_has_its_own_dialect),
        cmocka_unit_test(a_schema_within_a_document_refers_to_the_document),
        cmocka_unit_test(documents_are_loaded_once_and_relative_to_the_base),
        cmocka_unit_test(formats_are_asserted_on_request),
        cmocka_unit_test(absent_members_take_their_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
