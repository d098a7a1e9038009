/* Compiling: each subschema that can be reached becomes a list of checked keywords. */
#include "query/schema_node.h"
#include "base/limits.h"
#include "value/number.h"

const struct ar_schema_rule ar_schema_rules[AR_KEYWORD_COUNT] = {
#define RULE(id, function, name, vocabulary, types)                                                \
    [AR_KEYWORD_##id] = {name, AR_VOCABULARY_##vocabulary, types},
    AR_SCHEMA_KEYWORDS(RULE)
#undef RULE
};

/* What is being compiled. */
struct place {
    struct ar_schema_compiler *compiler;
    struct ar_schema_node *node;
    struct ar_schema_keyword *keywords; /* those of the node made so far */
    size_t count;
};

enum arras_status ar_schema_complain(struct ar_schema_compiler *compiler,
                                     const struct ar_schema_resource *resource,
                                     const struct arras_value *at, enum arras_status status,
                                     const char *code, const char *format, ...)
{
    struct arras_str text;
    va_list args;
    va_start(args, format);
    bool made = ar_str_vprintf(compiler->arena, &text, format, args);
    va_end(args);
    if (!made) {
        return ar_no_memory(compiler->diags);
    }
    return ar_error(compiler->diags, status, code, resource->document->source, at->at, "%.*s",
                    AR_STR_ARG(text));
}

const struct ar_schema_keyword *ar_schema_keyword_of(const struct ar_schema_node *node,
                                                     enum ar_schema_keyword_id id)
{
    for (size_t i = 0; i < node->count; i++) {
        if (node->keywords[i].id == id) {
            return &node->keywords[i];
        }
    }
    return NULL;
}

static enum arras_status refuse(struct place *place, enum ar_schema_keyword_id id,
                                const struct arras_value *value, const char *expected)
{
    return ar_schema_complain(place->compiler, place->node->resource, value, ARRAS_INVALID,
                              "schema-keyword", "'%s' must be %s", ar_schema_rules[id].name,
                              expected);
}

/* Subschemas */

static enum arras_status reach(struct place *place, const struct arras_value *value,
                               struct ar_schema_node **ret)
{
    enum arras_status status =
        ar_schema_add_node(place->compiler, value, place->node->resource, ret);
    if (status || (*ret)->queued) {
        return status;
    }
    (*ret)->queued = true;
    return ar_vec_push(place->compiler->arena, &place->compiler->queue, *ret) ? ARRAS_OK
                                                                              : ARRAS_NO_MEMORY;
}

static bool room_for_nodes(struct place *place, struct ar_schema_keyword *keyword, size_t count)
{
    keyword->nodes = ar_new_array(place->compiler->arena, struct ar_schema_node *, count);
    keyword->count = count;
    return keyword->nodes;
}

static enum arras_status compile_one(struct place *place, struct ar_schema_keyword *keyword)
{
    return room_for_nodes(place, keyword, 1) ? reach(place, keyword->value, &keyword->nodes[0])
                                             : ARRAS_NO_MEMORY;
}

static enum arras_status compile_list(struct place *place, struct ar_schema_keyword *keyword)
{
    const struct arras_value *value = keyword->value;
    if (value->type != ARRAS_ARRAY || value->count == 0) {
        return refuse(place, keyword->id, value, "an array of at least one schema");
    }
    if (!room_for_nodes(place, keyword, value->count)) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < value->count && !status; i++) {
        status = reach(place, &value->items[i], &keyword->nodes[i]);
    }
    return status;
}

/* `names`: arrays, as `dependencies` may hold, are no schemas. */
static enum arras_status compile_map(struct place *place, struct ar_schema_keyword *keyword,
                                     bool names)
{
    const struct arras_value *value = keyword->value;
    if (value->type != ARRAS_OBJECT) {
        return refuse(place, keyword->id, value, "an object of schemas");
    }
    if (!room_for_nodes(place, keyword, value->count)) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < value->count && !status; i++) {
        if (!names || value->members[i].value.type != ARRAS_ARRAY) {
            status = reach(place, &value->members[i].value, &keyword->nodes[i]);
        }
    }
    return status;
}

static enum arras_status compile_ref(struct place *place, struct ar_schema_keyword *keyword)
{
    struct arras_str anchor;
    if (keyword->value->type != ARRAS_STRING) {
        return refuse(place, keyword->id, keyword->value, "a string");
    }
    if (!room_for_nodes(place, keyword, 1)) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = ar_schema_resolve(place->compiler, place->node->resource,
                                                 keyword->value, &keyword->nodes[0], &anchor);
    if (status) {
        return status;
    }
    if (keyword->id == AR_KEYWORD_DYNAMIC_REF) {
        keyword->name = anchor;
        place->compiler->schema->dynamic |= anchor.len != 0;
    } else if (!ar_map_set(&place->compiler->schema->targets, place->compiler->arena,
                           ar_schema_address(&place->node->value),
                           (void *)keyword->nodes[0]->value)) {
        return ARRAS_NO_MEMORY;
    }
    return reach(place, keyword->nodes[0]->value, &keyword->nodes[0]);
}

static enum arras_status compile_if(struct place *place, struct ar_schema_keyword *keyword)
{
    static const char *const names[] = {"if", "then", "else"};
    enum arras_status status = ARRAS_OK;
    if (!room_for_nodes(place, keyword, 3)) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < 3 && !status; i++) {
        const struct arras_value *value = ar_get_z(place->node->value, names[i]);
        status = value ? reach(place, value, &keyword->nodes[i]) : ARRAS_OK;
    }
    return status;
}

/* Regular expressions */

static enum arras_status compile_regex(struct place *place, struct arras_str pattern,
                                       const struct arras_value *at, struct ar_regex **ret)
{
    struct ar_schema_compiler *compiler = place->compiler;
    struct ar_diags found;
    ar_diags_init(&found, compiler->arena);
    enum arras_status status = ar_regex_new(pattern, AR_REGEX_ECMA, 0, &found, ret);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status) {
        const struct arras_diag *diag = ar_diags_first_error(&found);
        struct arras_str why = diag ? diag->message : AR_STR("not a regular expression");
        return ar_schema_complain(compiler, place->node->resource, at, status, "schema-pattern",
                                  "the pattern '%.*s' is not usable: %.*s",
                                  AR_STR_ARG(ar_str_sub(pattern, 0, AR_DIAG_EXCERPT)),
                                  AR_STR_ARG(why));
    }
    if (!ar_vec_push(compiler->arena, &compiler->schema->regexes, *ret)) {
        ar_regex_free(*ret);
        return ARRAS_NO_MEMORY;
    }
    return ARRAS_OK;
}

static enum arras_status compile_pattern(struct place *place, struct ar_schema_keyword *keyword)
{
    if (keyword->value->type != ARRAS_STRING) {
        return refuse(place, keyword->id, keyword->value, "a string");
    }
    keyword->regexes = ar_new(place->compiler->arena, struct ar_regex *);
    return keyword->regexes
               ? compile_regex(place, ar_text(keyword->value), keyword->value, &keyword->regexes[0])
               : ARRAS_NO_MEMORY;
}

static enum arras_status compile_patterns(struct place *place, struct ar_schema_keyword *keyword)
{
    enum arras_status status = compile_map(place, keyword, false);
    if (status) {
        return status;
    }
    const struct arras_value *value = keyword->value;
    keyword->regexes = ar_new_array(place->compiler->arena, struct ar_regex *, value->count);
    if (!keyword->regexes) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < value->count && !status; i++) {
        status = compile_regex(place, ar_member_name(&value->members[i]), &value->members[i].value,
                               &keyword->regexes[i]);
    }
    return status;
}

/* Assertions */

static unsigned type_bits(struct arras_str name, bool openapi)
{
    static const struct {
        const char *name;
        unsigned bits;
    } types[] = {
        {"null", AR_BIT(ARRAS_NULL)},     {"boolean", AR_BIT(ARRAS_BOOL)},
        {"integer", AR_BIT_INTEGER},      {"number", AR_BIT(ARRAS_NUMBER)},
        {"string", AR_BIT(ARRAS_STRING)}, {"array", AR_BIT(ARRAS_ARRAY)},
        {"object", AR_BIT(ARRAS_OBJECT)},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (ar_str_is(name, types[i].name)) {
            return types[i].bits;
        }
    }
    return openapi && ar_str_is(name, "file") ? AR_BIT_ANY : 0; /* OpenAPI 2.0's type */
}

static enum arras_status compile_type(struct place *place, struct ar_schema_keyword *keyword)
{
    const struct arras_value *value = keyword->value;
    bool openapi = place->compiler->options->dialect == AR_SCHEMA_OPENAPI_30;
    bool list = value->type == ARRAS_ARRAY;
    for (size_t i = 0; i < (list ? value->count : 1); i++) {
        const struct arras_value *one = list ? &value->items[i] : value;
        unsigned bits = one->type == ARRAS_STRING ? type_bits(ar_text(one), openapi) : 0;
        if (!bits) {
            return refuse(place, keyword->id, one,
                          "one of null, boolean, integer, number, string, array and object");
        }
        keyword->types |= bits;
    }
    return ARRAS_OK;
}

static enum arras_status read_count(struct place *place, const char *name,
                                    const struct arras_value *value, uint64_t *ret)
{
    bool whole = ar_is(value, ARRAS_NUMBER) && ar_number_is_integer(ar_text(value));
    if (!whole || ar_number_compare(ar_text(value), AR_STR("0")) < 0) {
        return ar_schema_complain(place->compiler, place->node->resource, value, ARRAS_INVALID,
                                  "schema-keyword", "'%s' must be a whole number of at least 0",
                                  name);
    }
    int64_t number;
    *ret = ar_number_to_int64(ar_text(value), &number) ? (uint64_t)number : UINT64_MAX;
    return ARRAS_OK;
}

static enum arras_status compile_count(struct place *place, struct ar_schema_keyword *keyword,
                                       bool is_least)
{
    keyword->least = 0;
    keyword->most = UINT64_MAX;
    return read_count(place, ar_schema_rules[keyword->id].name, keyword->value,
                      is_least ? &keyword->least : &keyword->most);
}

static enum arras_status compile_contains(struct place *place, struct ar_schema_keyword *keyword)
{
    const struct arras_value *least = ar_get_z(place->node->value, "minContains");
    const struct arras_value *most = ar_get_z(place->node->value, "maxContains");
    keyword->least = 1;
    keyword->most = UINT64_MAX;
    enum arras_status status = compile_one(place, keyword);
    if (!(place->node->resource->vocabularies & AR_VOCABULARY_VALIDATION)) {
        return status;
    }
    if (!status && least) {
        status = read_count(place, "minContains", least, &keyword->least);
    }
    if (!status && most) {
        status = read_count(place, "maxContains", most, &keyword->most);
    }
    return status;
}

static enum arras_status compile_number(struct place *place, struct ar_schema_keyword *keyword)
{
    if (keyword->value->type != ARRAS_NUMBER) {
        return refuse(place, keyword->id, keyword->value, "a number");
    }
    if (keyword->id == AR_KEYWORD_MULTIPLE_OF &&
        ar_number_compare(ar_text(keyword->value), AR_STR("0")) <= 0) {
        return refuse(place, keyword->id, keyword->value, "more than 0");
    }
    const char *sibling =
        keyword->id == AR_KEYWORD_MINIMUM ? "exclusiveMinimum" : "exclusiveMaximum";
    const struct arras_value *exclusive = ar_get_z(place->node->value, sibling);
    keyword->exclusive = keyword->id == AR_KEYWORD_EXCLUSIVE_MINIMUM ||
                         keyword->id == AR_KEYWORD_EXCLUSIVE_MAXIMUM ||
                         (ar_is(exclusive, ARRAS_BOOL) && exclusive->boolean);
    return ARRAS_OK;
}

static bool is_names(const struct arras_value *value)
{
    if (value->type != ARRAS_ARRAY) {
        return false;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (value->items[i].type != ARRAS_STRING) {
            return false;
        }
    }
    return true;
}

/* The members of the object that are arrays must be arrays of names, or all of them. */
static enum arras_status check_names(struct place *place, const struct ar_schema_keyword *keyword,
                                     bool all)
{
    const struct arras_value *value = keyword->value;
    if (value->type != ARRAS_OBJECT) {
        return refuse(place, keyword->id, value, "an object");
    }
    for (size_t i = 0; i < value->count; i++) {
        const struct arras_value *names = &value->members[i].value;
        if ((all || names->type == ARRAS_ARRAY) && !is_names(names)) {
            return refuse(place, keyword->id, names, "an object of arrays of names");
        }
    }
    return ARRAS_OK;
}

/* All keywords */

static enum arras_status compile_assertion(struct place *place, struct ar_schema_keyword *keyword)
{
    const struct arras_value *value = keyword->value;
    switch (keyword->id) {
    case AR_KEYWORD_TYPE:
        return compile_type(place, keyword);
    case AR_KEYWORD_ENUM:
        return value->type == ARRAS_ARRAY ? ARRAS_OK
                                          : refuse(place, keyword->id, value, "an array");
    case AR_KEYWORD_MINIMUM:
    case AR_KEYWORD_MAXIMUM:
    case AR_KEYWORD_EXCLUSIVE_MINIMUM:
    case AR_KEYWORD_EXCLUSIVE_MAXIMUM:
    case AR_KEYWORD_MULTIPLE_OF:
        return compile_number(place, keyword);
    case AR_KEYWORD_MIN_LENGTH:
    case AR_KEYWORD_MIN_PROPERTIES:
    case AR_KEYWORD_MIN_ITEMS:
        return compile_count(place, keyword, true);
    case AR_KEYWORD_MAX_LENGTH:
    case AR_KEYWORD_MAX_PROPERTIES:
    case AR_KEYWORD_MAX_ITEMS:
        return compile_count(place, keyword, false);
    case AR_KEYWORD_PATTERN:
        return compile_pattern(place, keyword);
    case AR_KEYWORD_REQUIRED:
        return is_names(value) ? ARRAS_OK : refuse(place, keyword->id, value, "an array of names");
    case AR_KEYWORD_UNIQUE_ITEMS:
        return value->type == ARRAS_BOOL ? ARRAS_OK
                                         : refuse(place, keyword->id, value, "true or false");
    case AR_KEYWORD_DEPENDENT_REQUIRED:
        return check_names(place, keyword, true);
    default:
        return ARRAS_OK; /* const takes anything */
    }
}

static enum arras_status compile_keyword(struct place *place, struct ar_schema_keyword *keyword)
{
    enum arras_status status;
    switch (keyword->id) {
    case AR_KEYWORD_REF:
    case AR_KEYWORD_DYNAMIC_REF:
        return compile_ref(place, keyword);
    case AR_KEYWORD_PATTERN_PROPERTIES:
        return compile_patterns(place, keyword);
    case AR_KEYWORD_PROPERTIES:
    case AR_KEYWORD_DEPENDENT_SCHEMAS:
        return compile_map(place, keyword, false);
    case AR_KEYWORD_DEPENDENCIES:
        status = check_names(place, keyword, false);
        return status ? status : compile_map(place, keyword, true);
    case AR_KEYWORD_ALL_OF:
    case AR_KEYWORD_ANY_OF:
    case AR_KEYWORD_ONE_OF:
    case AR_KEYWORD_PREFIX_ITEMS:
        return compile_list(place, keyword);
    case AR_KEYWORD_IF:
        return compile_if(place, keyword);
    case AR_KEYWORD_CONTAINS:
        return compile_contains(place, keyword);
    case AR_KEYWORD_ITEMS:
    case AR_KEYWORD_ADDITIONAL_PROPERTIES:
    case AR_KEYWORD_PROPERTY_NAMES:
    case AR_KEYWORD_NOT:
    case AR_KEYWORD_UNEVALUATED_ITEMS:
    case AR_KEYWORD_UNEVALUATED_PROPERTIES:
        return compile_one(place, keyword);
    default:
        return compile_assertion(place, keyword);
    }
}

static enum arras_status add_keyword(struct place *place, enum ar_schema_keyword_id id,
                                     const struct arras_value *value)
{
    struct ar_schema_keyword *keyword = &place->keywords[place->count];
    *keyword = (struct ar_schema_keyword){.id = id, .value = value};
    if (id == AR_KEYWORD_ITEMS && place->count && keyword[-1].id == AR_KEYWORD_PREFIX_ITEMS) {
        keyword->least = keyword[-1].count;
    }
    if (id == AR_KEYWORD_FORMAT) {
        keyword->format = value->type == ARRAS_STRING ? ar_schema_format_find(ar_text(value)) : 0;
        place->compiler->schema->asserts_format = true;
    }
    enum arras_status status = compile_keyword(place, keyword);
    place->count += !status;
    return status;
}

/* `items` as an array is what prefixItems was before 2020-12, with additionalItems beside it. */
static enum arras_status add_tuple(struct place *place, const struct arras_value *items)
{
    const struct arras_value *rest = ar_get_z(place->node->value, "additionalItems");
    enum arras_status status = ARRAS_OK;
    if (items->count) {
        status = add_keyword(place, AR_KEYWORD_PREFIX_ITEMS, items);
    }
    return status || !rest ? status : add_keyword(place, AR_KEYWORD_ITEMS, rest);
}

static bool asserts(const struct ar_schema_options *options, unsigned vocabularies,
                    const struct arras_value *value)
{
    int format = value->type == ARRAS_STRING ? ar_schema_format_find(ar_text(value)) : 0;
    return format && (options->assert_format == AR_FORMATS_ALL ||
                      (options->assert_format == AR_FORMATS_OF_NUMBERS &&
                       ar_schema_format_is_of_numbers(format)) ||
                      (vocabularies & AR_VOCABULARY_FORMAT_ASSERTION));
}

/* Whether the keyword says something here that must be checked. */
static bool applies(const struct place *place, enum ar_schema_keyword_id id,
                    const struct arras_value *value)
{
    const struct ar_schema_options *options = place->compiler->options;
    unsigned vocabularies = place->node->resource->vocabularies;
    if (!(vocabularies & ar_schema_rules[id].vocabulary)) {
        return false;
    }
    switch (id) {
    case AR_KEYWORD_FORMAT:
        return asserts(options, vocabularies, value);
    case AR_KEYWORD_EXCLUSIVE_MINIMUM:
    case AR_KEYWORD_EXCLUSIVE_MAXIMUM:
        return value->type != ARRAS_BOOL; /* OpenAPI 3.0: says something of its neighbour */
    case AR_KEYWORD_UNIQUE_ITEMS:
        return value->type != ARRAS_BOOL || value->boolean;
    case AR_KEYWORD_PREFIX_ITEMS:
    case AR_KEYWORD_DYNAMIC_REF:
        return vocabularies & AR_VOCABULARY_2020;
    default:
        return true;
    }
}

static enum arras_status collect_keywords(struct place *place)
{
    const struct arras_value *schema = place->node->value;
    const struct arras_value *ref = ar_get_z(schema, "$ref");
    if (ref && place->compiler->options->dialect == AR_SCHEMA_OPENAPI_30) {
        return add_keyword(place, AR_KEYWORD_REF, ref); /* whatever stands beside it */
    }
    for (int id = 0; id < AR_KEYWORD_COUNT; id++) {
        const struct arras_value *value = ar_get_z(schema, ar_schema_rules[id].name);
        if (!value || !applies(place, id, value)) {
            continue;
        }
        bool tuple = id == AR_KEYWORD_ITEMS && value->type == ARRAS_ARRAY;
        enum arras_status status = tuple ? add_tuple(place, value) : add_keyword(place, id, value);
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

static void link_neighbours(struct ar_schema_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        struct ar_schema_keyword *keyword = &node->keywords[i];
        if (keyword->id == AR_KEYWORD_ADDITIONAL_PROPERTIES) {
            keyword->properties = ar_schema_keyword_of(node, AR_KEYWORD_PROPERTIES);
            keyword->patterns = ar_schema_keyword_of(node, AR_KEYWORD_PATTERN_PROPERTIES);
        }
        node->unevaluated = node->unevaluated || keyword->id == AR_KEYWORD_UNEVALUATED_ITEMS ||
                            keyword->id == AR_KEYWORD_UNEVALUATED_PROPERTIES;
    }
}

static enum arras_status compile_node(struct ar_schema_compiler *compiler,
                                      struct ar_schema_node *node)
{
    if (node->value->type != ARRAS_OBJECT) {
        return ARRAS_OK;
    }
    struct ar_schema_keyword keywords[AR_KEYWORD_COUNT + 1]; /* a tuple with its rest is two */
    struct place place = {compiler, node, keywords, 0};
    enum arras_status status = collect_keywords(&place);
    if (status) {
        return status;
    }
    node->keywords = ar_new_array(compiler->arena, struct ar_schema_keyword, place.count);
    if (!node->keywords) {
        return ARRAS_NO_MEMORY;
    }
    memcpy(node->keywords, keywords, place.count * sizeof(*keywords));
    node->count = place.count;
    const struct arras_value *nullable = ar_get_z(node->value, "nullable");
    node->nullable = compiler->options->dialect == AR_SCHEMA_OPENAPI_30 &&
                     ar_is(nullable, ARRAS_BOOL) && nullable->boolean;
    link_neighbours(node);
    return ARRAS_OK;
}

/* Loops: a schema that by $ref, allOf or not comes back to itself without having moved on in the
 * instance can never be applied (core 9.4.1). Loops through alternatives are found when validating,
 * since only the instance tells whether they are entered. */
static enum arras_status find_loop(struct ar_schema_compiler *compiler, struct ar_schema_node *node,
                                   unsigned depth)
{
    if (node->loop_mark == 2) {
        return ARRAS_OK;
    }
    if (node->loop_mark == 1) {
        return ar_schema_complain(compiler, node->resource, node->value, ARRAS_INVALID,
                                  "schema-loop",
                                  "the schema refers to itself without moving on in the instance");
    }
    if (depth > AR_SCHEMA_DEPTH) {
        return ar_schema_complain(compiler, node->resource, node->value, ARRAS_LIMIT,
                                  "schema-depth", "schemas refer to each other more than %d deep",
                                  AR_SCHEMA_DEPTH);
    }
    node->loop_mark = 1;
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < node->count; i++) {
        const struct ar_schema_keyword *keyword = &node->keywords[i];
        bool follows = keyword->id == AR_KEYWORD_REF || keyword->id == AR_KEYWORD_ALL_OF ||
                       keyword->id == AR_KEYWORD_NOT;
        for (size_t j = 0; follows && j < keyword->count && !status; j++) {
            status = find_loop(compiler, keyword->nodes[j], depth + 1);
        }
    }
    node->loop_mark = 2;
    return status;
}

static enum arras_status compile_all(struct ar_schema_compiler *compiler)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < compiler->queue.count && !status; i++) {
        status = compile_node(compiler, compiler->queue.items[i]);
    }
    for (size_t i = 0; i < compiler->queue.count && !status; i++) {
        status = find_loop(compiler, compiler->queue.items[i], 0);
    }
    return status;
}

static enum arras_status take_in(struct ar_schema_compiler *compiler,
                                 const struct arras_value *schema)
{
    struct ar_schema_resource *resource;
    bool is_schema = compiler->main->root == schema;
    enum arras_status status = ar_schema_add_document(
        compiler, compiler->main, compiler->options->base_uri, is_schema, &resource);
    if (status) {
        return status;
    }
    compiler->home = resource;
    struct place place = {.compiler = compiler,
                          .node = &(struct ar_schema_node){.resource = resource}};
    return reach(&place, schema, &compiler->schema->root);
}

enum arras_status ar_schema_compile(const struct arras_value *root,
                                    const struct arras_value *schema,
                                    const struct ar_source *source,
                                    const struct ar_schema_options *options, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_schema **ret)
{
    static const struct ar_schema_options defaults = {.dialect = AR_SCHEMA_2020_12};
    struct ar_schema_document *document = ar_new(arena, struct ar_schema_document);
    struct ar_schema *made = ar_new(arena, struct ar_schema);
    if (!document || !made) {
        return ar_no_memory(diags);
    }
    *document = (struct ar_schema_document){root, source};
    made->of_response = options && options->of_response;
    struct ar_schema_compiler compiler = {.options = options ? options : &defaults,
                                          .arena = arena,
                                          .diags = diags,
                                          .schema = made,
                                          .main = document,
                                          .start = schema};
    enum arras_status status = take_in(&compiler, schema);
    if (!status) {
        status = compile_all(&compiler);
    }
    if (status) {
        ar_schema_release(made);
        return status == ARRAS_NO_MEMORY ? ar_no_memory(diags) : status;
    }
    *ret = made;
    return ARRAS_OK;
}

bool ar_schema_asserts_format(const struct ar_schema *schema)
{
    return schema->asserts_format;
}

void ar_schema_release(struct ar_schema *schema)
{
    if (!schema) {
        return;
    }
    for (size_t i = 0; i < schema->regexes.count; i++) {
        ar_regex_free(schema->regexes.items[i]);
    }
    schema->regexes.count = 0;
}
