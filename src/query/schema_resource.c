/* Documents, resources, anchors and nodes of a schema, and what references point at.
 * JSON Schema core 2020-12, sections 8.1 and 8.2. */
#include "query/schema_node.h"
#include "base/limits.h"
#include "base/uri.h"
#include "value/yaml.h"
#include "value/pointer.h"

#define VOCABULARIES_DEFAULT                                                                       \
    (AR_VOCABULARY_CORE | AR_VOCABULARY_APPLICATOR | AR_VOCABULARY_UNEVALUATED |                   \
     AR_VOCABULARY_VALIDATION | AR_VOCABULARY_FORMAT | AR_VOCABULARY_META_DATA |                   \
     AR_VOCABULARY_CONTENT | AR_VOCABULARY_2020)

enum shape { SHAPE_SCHEMA, SHAPE_LIST, SHAPE_MAP };

/* Where subschemas stand; anything else that looks like one is data. */
static const struct {
    const char *name;
    enum shape shape;
} places[] = {
    {"$defs", SHAPE_MAP},
    {"definitions", SHAPE_MAP},
    {"properties", SHAPE_MAP},
    {"patternProperties", SHAPE_MAP},
    {"dependentSchemas", SHAPE_MAP},
    {"dependencies", SHAPE_MAP},
    {"allOf", SHAPE_LIST},
    {"anyOf", SHAPE_LIST},
    {"oneOf", SHAPE_LIST},
    {"prefixItems", SHAPE_LIST},
    {"items", SHAPE_SCHEMA},
    {"additionalItems", SHAPE_SCHEMA},
    {"additionalProperties", SHAPE_SCHEMA},
    {"propertyNames", SHAPE_SCHEMA},
    {"contains", SHAPE_SCHEMA},
    {"not", SHAPE_SCHEMA},
    {"if", SHAPE_SCHEMA},
    {"then", SHAPE_SCHEMA},
    {"else", SHAPE_SCHEMA},
    {"unevaluatedItems", SHAPE_SCHEMA},
    {"unevaluatedProperties", SHAPE_SCHEMA},
    {"contentSchema", SHAPE_SCHEMA},
};

static bool is_schema_value(const struct arras_value *value)
{
    return ar_is(value, ARRAS_BOOL) || ar_is(value, ARRAS_OBJECT);
}

static struct arras_str without_fragment(struct arras_str uri)
{
    return ar_str_sub(uri, 0, ar_str_find_char(uri, '#', 0));
}

struct arras_str ar_schema_address(const struct arras_value *const *value)
{
    return (struct arras_str){(const char *)value, sizeof(*value)};
}

struct ar_schema_node *ar_schema_find_node(const struct ar_schema_compiler *compiler,
                                           const struct arras_value *value)
{
    return ar_map_get(&compiler->nodes, ar_schema_address(&value));
}

const struct arras_value *ar_schema_target(const struct ar_schema *schema,
                                           const struct arras_value *value)
{
    const struct arras_value *next = value;
    for (int i = 0; schema && next && i < AR_REF_CHAIN; i++) {
        value = next;
        next = ar_map_get(&schema->targets, ar_schema_address(&value));
    }
    return next ? next : value;
}

/* `at` in `resource` is what asks for the document. */
static enum arras_status load(struct ar_schema_compiler *compiler, struct arras_str uri,
                              const struct ar_schema_resource *resource,
                              const struct arras_value *at, const struct arras_value **ret)
{
    if (!compiler->options->load) {
        return ARRAS_NOT_FOUND;
    }
    if (compiler->documents++ == AR_SCHEMA_DOCUMENTS) {
        return ar_schema_complain(compiler, resource, at, ARRAS_LIMIT, "schema-documents",
                                  "more than %d documents are referred to", AR_SCHEMA_DOCUMENTS);
    }
    enum arras_status status =
        compiler->options->load(compiler->options->context, uri, compiler->arena, ret);
    if (status && status != ARRAS_NOT_FOUND && status != ARRAS_NO_MEMORY) {
        return ar_schema_complain(compiler, resource, at, status, "schema-document",
                                  "'%.*s' could not be read: %s", AR_STR_ARG(uri),
                                  arras_status_meaning(status));
    }
    return status;
}

/* Vocabularies: core 8.1.2 */

static enum arras_status vocabularies_listed(struct ar_schema_compiler *compiler,
                                             const struct ar_schema_resource *resource,
                                             const struct arras_value *at,
                                             const struct arras_value *list, unsigned *ret)
{
    unsigned bits = AR_VOCABULARY_CORE | AR_VOCABULARY_2020;
    for (size_t i = 0; i < list->count; i++) {
        struct arras_str uri = ar_member_name(&list->members[i]);
        const struct arras_value *demanded = &list->members[i].value;
        unsigned bit = ar_schema_vocabulary_bit(uri);
        if (!bit && demanded->type == ARRAS_BOOL && demanded->boolean) {
            return ar_schema_complain(
                compiler, resource, at, ARRAS_UNSUPPORTED, "schema-vocabulary",
                "the schema demands the unknown vocabulary %.*s", AR_STR_ARG(uri));
        }
        bits |= bit;
    }
    *ret = bits;
    return ARRAS_OK;
}

/* What `$schema` says of the keywords to be known in the resource. */
static enum arras_status read_dialect(struct ar_schema_compiler *compiler,
                                      struct ar_schema_resource *resource,
                                      const struct arras_value *value)
{
    const struct arras_value *at = ar_get_z(value, "$schema");
    struct arras_str uri = without_fragment(ar_text(at));
    if (!ar_is(at, ARRAS_STRING) || uri.len == 0) {
        return ARRAS_OK;
    }
    resource->vocabularies = VOCABULARIES_DEFAULT;
    if (ar_str_find(uri, AR_STR("json-schema.org/draft"), 0) != AR_NOT_FOUND) {
        if (ar_str_find(uri, AR_STR("/2020-12/"), 0) == AR_NOT_FOUND) {
            resource->vocabularies &= ~(unsigned)AR_VOCABULARY_2020;
        }
        return ARRAS_OK;
    }
    const struct ar_schema_resource *known = ar_map_get(&compiler->resources, uri);
    const struct arras_value *metaschema = known ? known->root : NULL;
    if (!known) {
        enum arras_status status = load(compiler, uri, resource, at, &metaschema);
        if (status && status != ARRAS_NOT_FOUND) {
            return status;
        }
    }
    const struct arras_value *list = ar_get_z(metaschema, "$vocabulary");
    return ar_is(list, ARRAS_OBJECT)
               ? vocabularies_listed(compiler, resource, at, list, &resource->vocabularies)
               : ARRAS_OK;
}

/* Taking in what stands where */

static struct ar_schema_resource *new_resource(struct ar_schema_compiler *compiler,
                                               struct arras_str uri, const struct arras_value *root,
                                               const struct ar_schema_document *document)
{
    struct ar_schema_resource *resource = ar_new(compiler->arena, struct ar_schema_resource);
    if (!resource) {
        return NULL;
    }
    *resource = (struct ar_schema_resource){
        .uri = uri, .root = root, .document = document, .vocabularies = VOCABULARIES_DEFAULT};
    if (!ar_map_get(&compiler->resources, uri) &&
        !ar_map_set(&compiler->resources, compiler->arena, uri, resource)) {
        return NULL;
    }
    return resource;
}

/* Opens a new resource where the schema has an $id. */
static enum arras_status enter_resource(struct ar_schema_compiler *compiler,
                                        const struct arras_value *value,
                                        struct ar_schema_resource **resource)
{
    const struct arras_value *id = ar_get_z(value, "$id");
    struct arras_str text = without_fragment(ar_text(id));
    if (compiler->options->dialect == AR_SCHEMA_OPENAPI_30 || !ar_is(id, ARRAS_STRING) ||
        text.len == 0) {
        return ARRAS_OK;
    }
    struct arras_str uri;
    if (ar_uri_resolve((*resource)->uri, text, compiler->arena, &uri)) {
        return ARRAS_NO_MEMORY;
    }
    unsigned vocabularies = (*resource)->vocabularies;
    *resource = new_resource(compiler, uri, value, (*resource)->document);
    if (!*resource) {
        return ARRAS_NO_MEMORY;
    }
    (*resource)->vocabularies = vocabularies;
    return ARRAS_OK;
}

static enum arras_status add_anchor(struct ar_schema_compiler *compiler,
                                    struct ar_schema_node *node, const char *keyword, bool dynamic)
{
    struct ar_schema_resource *resource = node->resource;
    const struct arras_value *name = ar_get_z(node->value, keyword);
    if (!ar_is(name, ARRAS_STRING) || compiler->options->dialect == AR_SCHEMA_OPENAPI_30 ||
        (compiler->looked_beside && ar_map_get(&resource->anchors, ar_text(name)))) {
        return ARRAS_OK;
    }
    if (!ar_map_set(&resource->anchors, compiler->arena, ar_text(name), node)) {
        return ARRAS_NO_MEMORY;
    }
    if (!dynamic) {
        return ARRAS_OK;
    }
    /* any $dynamicRef may come here, whatever it is that reaches this resource */
    node->queued = true;
    return ar_map_set(&resource->dynamic_anchors, compiler->arena, ar_text(name), node) &&
                   ar_vec_push(compiler->arena, &compiler->queue, node)
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

static enum arras_status scan(struct ar_schema_compiler *compiler, const struct arras_value *value,
                              struct ar_schema_resource *resource, unsigned depth,
                              struct ar_schema_node **ret);

static enum arras_status scan_member(struct ar_schema_compiler *compiler,
                                     const struct arras_value *value, enum shape shape,
                                     struct ar_schema_resource *resource, unsigned depth)
{
    enum arras_status status = ARRAS_OK;
    if (shape == SHAPE_MAP && value->type == ARRAS_OBJECT) {
        for (size_t i = 0; i < value->count && !status; i++) {
            status = scan(compiler, &value->members[i].value, resource, depth, NULL);
        }
    } else if (shape != SHAPE_MAP && value->type == ARRAS_ARRAY) {
        for (size_t i = 0; i < value->count && !status; i++) {
            status = scan(compiler, &value->items[i], resource, depth, NULL);
        }
    } else if (shape == SHAPE_SCHEMA) {
        status = scan(compiler, value, resource, depth, NULL);
    }
    return status;
}

static enum arras_status scan_members(struct ar_schema_compiler *compiler,
                                      const struct arras_value *value,
                                      struct ar_schema_resource *resource, unsigned depth)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < value->count && !status; i++) {
        struct arras_str name = ar_member_name(&value->members[i]);
        for (size_t j = 0; j < sizeof(places) / sizeof(*places); j++) {
            if (ar_str_is(name, places[j].name)) {
                status = scan_member(compiler, &value->members[i].value, places[j].shape, resource,
                                     depth + 1);
                break;
            }
        }
    }
    return status;
}

/* Makes nodes of the value and the subschemas in it; what is no schema is left for the compilation
 * of the keyword to complain about, should anything reach it. */
static enum arras_status scan(struct ar_schema_compiler *compiler, const struct arras_value *value,
                              struct ar_schema_resource *resource, unsigned depth,
                              struct ar_schema_node **ret)
{
    if (!is_schema_value(value) || ar_schema_find_node(compiler, value)) {
        return ARRAS_OK;
    }
    if (depth > AR_NESTING_DEPTH) {
        return ar_schema_complain(compiler, resource, value, ARRAS_LIMIT, "schema-depth",
                                  "schemas are nested deeper than %d", AR_NESTING_DEPTH);
    }
    enum arras_status status = enter_resource(compiler, value, &resource);
    if (status) {
        return status;
    }
    struct ar_schema_node *node = ar_new(compiler->arena, struct ar_schema_node);
    if (!node) {
        return ARRAS_NO_MEMORY;
    }
    *node = (struct ar_schema_node){.value = value, .resource = resource};
    if (!ar_map_set(&compiler->nodes, compiler->arena, ar_schema_address(&node->value), node)) {
        return ARRAS_NO_MEMORY;
    }
    if (ret) {
        *ret = node;
    }
    if (value->type != ARRAS_OBJECT) {
        return ARRAS_OK;
    }
    if ((status = read_dialect(compiler, resource, value)) ||
        (status = add_anchor(compiler, node, "$anchor", false)) ||
        (status = add_anchor(compiler, node, "$dynamicAnchor", true))) {
        return status;
    }
    return scan_members(compiler, value, resource, depth);
}

enum arras_status ar_schema_add_node(struct ar_schema_compiler *compiler,
                                     const struct arras_value *value,
                                     struct ar_schema_resource *resource,
                                     struct ar_schema_node **ret)
{
    struct ar_schema_node *node = ar_schema_find_node(compiler, value);
    if (!node && !is_schema_value(value)) {
        return ar_schema_complain(compiler, resource, value, ARRAS_INVALID, "schema-not-a-schema",
                                  "a schema is an object, true or false, not %s%s",
                                  ar_is(value, ARRAS_ARRAY) ? "an " : "a ", ar_type_name(value));
    }
    enum arras_status status = node ? ARRAS_OK : scan(compiler, value, resource, 0, &node);
    if (!status) {
        *ret = node;
    }
    return status;
}

enum arras_status ar_schema_add_document(struct ar_schema_compiler *compiler,
                                         struct ar_schema_document *document, struct arras_str uri,
                                         bool is_schema, struct ar_schema_resource **ret)
{
    uri = without_fragment(uri);
    struct ar_schema_resource *resource = new_resource(compiler, uri, document->root, document);
    if (!resource) {
        return ARRAS_NO_MEMORY;
    }
    *ret = resource;
    if (!is_schema || !is_schema_value(document->root)) {
        return ARRAS_OK;
    }
    struct ar_schema_node *node;
    enum arras_status status = ar_schema_add_node(compiler, document->root, resource, &node);
    if (status) {
        return status;
    }
    /* known by where it came from, and by its $id */
    if (node->resource != resource && ar_map_get(&compiler->resources, uri) == resource &&
        !ar_map_set(&compiler->resources, compiler->arena, uri, node->resource)) {
        return ARRAS_NO_MEMORY;
    }
    *ret = node->resource;
    return ARRAS_OK;
}

/* References */

static enum arras_status read_metaschema(struct ar_schema_compiler *compiler, struct arras_str uri,
                                         struct arras_str text, const struct arras_value **ret)
{
    struct arras_value value;
    struct ar_source source = {uri, text};
    enum arras_status status = ar_yaml_read(&source, compiler->arena, compiler->diags, &value);
    if (status) {
        return status;
    }
    *ret = ar_value_new(compiler->arena, value);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status find_resource(struct ar_schema_compiler *compiler, struct arras_str uri,
                                       const struct ar_schema_resource *from,
                                       const struct arras_value *at,
                                       struct ar_schema_resource **ret)
{
    *ret = ar_map_get(&compiler->resources, uri);
    if (*ret) {
        return ARRAS_OK;
    }
    struct arras_str text = ar_schema_metaschema(uri);
    const struct arras_value *root = NULL;
    enum arras_status status = text.len ? read_metaschema(compiler, uri, text, &root)
                                        : load(compiler, uri, from, at, &root);
    if (status || !root) {
        return status ? status : ARRAS_NOT_FOUND;
    }
    struct ar_schema_document *document = ar_new(compiler->arena, struct ar_schema_document);
    if (!document) {
        return ARRAS_NO_MEMORY;
    }
    document->root = root;
    return ar_schema_add_document(compiler, document, uri, true, ret);
}

static const struct arras_value *step_into(const struct arras_value *value, struct arras_str token)
{
    int64_t index;
    if (value->type == ARRAS_OBJECT) {
        return ar_get(value, token);
    }
    bool is_index = token.len && token.ptr[0] >= '0' && token.ptr[0] <= '9' &&
                    (token.len == 1 || token.ptr[0] != '0') && ar_str_int(token, &index);
    return is_index ? ar_item(value, (size_t)index) : NULL;
}

/* Follows a pointer, keeping account of the resource that it leads into. */
static enum arras_status follow(struct ar_schema_compiler *compiler, struct arras_str pointer,
                                const struct arras_value *from,
                                struct ar_schema_resource **resource,
                                const struct arras_value **ret)
{
    struct arras_str token;
    enum arras_status status = ARRAS_OK;
    const struct arras_value *value = from;
    while (value && pointer.len && ar_pointer_next(&pointer, compiler->arena, &token, &status)) {
        value = step_into(value, token);
        const struct ar_schema_node *node = value ? ar_schema_find_node(compiler, value) : NULL;
        *resource = node ? node->resource : *resource;
    }
    *ret = value;
    return status;
}

static enum arras_status find_fragment(struct ar_schema_compiler *compiler,
                                       struct ar_schema_resource *resource,
                                       struct arras_str fragment, struct ar_schema_node **ret)
{
    if (fragment.len && fragment.ptr[0] != '/') {
        *ret = ar_map_get(&resource->anchors, fragment);
        return *ret ? ARRAS_OK : ARRAS_NOT_FOUND;
    }
    const struct arras_value *target;
    struct ar_schema_resource *inner = resource;
    if (!ar_pointer_valid(fragment)) {
        return ARRAS_NOT_FOUND;
    }
    enum arras_status status = follow(compiler, fragment, resource->root, &inner, &target);
    if (!status && !target && resource->document == compiler->main) {
        /* an author of a schema within another document may take the schema for the root */
        inner = resource;
        status = follow(compiler, fragment, compiler->start, &inner, &target);
    }
    if (status || !target) {
        return status ? status : ARRAS_NOT_FOUND;
    }
    return ar_schema_add_node(compiler, target, inner, ret);
}

/* Takes in what the caller knows beside the schema; only now that a reference asks for it, as most
 * documents have many schemas and few references by name. */
static enum arras_status look_beside(struct ar_schema_compiler *compiler)
{
    const struct ar_schema_options *options = compiler->options;
    enum arras_status status = ARRAS_OK;
    compiler->looked_beside = true;
    for (size_t i = 0; i < options->beside_count && !status; i++) {
        status = scan(compiler, options->beside[i], compiler->home, 0, NULL);
    }
    return status;
}

static enum arras_status
find_target(struct ar_schema_compiler *compiler, const struct ar_schema_resource *from,
            const struct arras_value *at, struct arras_str uri, struct arras_str fragment,
            struct ar_schema_resource **resource, struct ar_schema_node **ret)
{
    enum arras_status status = find_resource(compiler, uri, from, at, resource);
    return status ? status : find_fragment(compiler, *resource, fragment, ret);
}

enum arras_status ar_schema_resolve(struct ar_schema_compiler *compiler,
                                    const struct ar_schema_resource *resource,
                                    const struct arras_value *value, struct ar_schema_node **ret,
                                    struct arras_str *ret_anchor)
{
    struct arras_str absolute, fragment;
    struct ar_schema_resource *target;
    enum arras_status status =
        ar_uri_resolve(resource->uri, ar_text(value), compiler->arena, &absolute);
    if (status) {
        return status;
    }
    struct arras_str uri = without_fragment(absolute);
    if ((status = ar_uri_decode(ar_str_from(absolute, uri.len + 1), compiler->arena, &fragment))) {
        return status;
    }
    bool beside = compiler->options->beside_count > 0;
    if (beside && !compiler->looked_beside && !ar_map_get(&compiler->resources, uri) &&
        (status = look_beside(compiler))) {
        return status; /* before a document of that name is asked for */
    }
    status = find_target(compiler, resource, value, uri, fragment, &target, ret);
    if (status == ARRAS_NOT_FOUND && beside && !compiler->looked_beside) {
        status = look_beside(compiler);
        status =
            status ? status : find_target(compiler, resource, value, uri, fragment, &target, ret);
    }
    if (status == ARRAS_NOT_FOUND) {
        return ar_schema_complain(compiler, resource, value, ARRAS_UNRESOLVED, "schema-ref",
                                  "the reference '%.*s' points at nothing",
                                  AR_STR_ARG(ar_text(value)));
    }
    if (status) {
        return status;
    }
    bool dynamic = ar_map_get(&target->dynamic_anchors, fragment) == *ret && fragment.len;
    *ret_anchor = dynamic ? fragment : (struct arras_str){NULL, 0};
    return ARRAS_OK;
}
