/* The compiled schema, as the files schema_*.c share it; nobody else includes this.
 *
 * A document is a set of resources (a root, and every subschema with an $id); a resource is a set
 * of nodes (subschemas), each of which is compiled when something reaches it. After compilation all
 * of it is read only. JSON Schema core, 2020-12, sections 8 and 9. */
#ifndef AR_QUERY_SCHEMA_NODE_H
#define AR_QUERY_SCHEMA_NODE_H

#include "base/map.h"
#include "query/regex.h"
#include "query/schema.h"

/* Vocabularies of 2020-12 as bits. Keywords of a vocabulary that a resource's metaschema does not
 * name are ignored in it. AR_VOCABULARY_2020: what older drafts did not have. */
enum ar_schema_vocabulary {
    AR_VOCABULARY_CORE = 1,
    AR_VOCABULARY_APPLICATOR = 2,
    AR_VOCABULARY_UNEVALUATED = 4,
    AR_VOCABULARY_VALIDATION = 8,
    AR_VOCABULARY_FORMAT = 16,
    AR_VOCABULARY_FORMAT_ASSERTION = 32,
    AR_VOCABULARY_META_DATA = 64,
    AR_VOCABULARY_CONTENT = 128,
    AR_VOCABULARY_2020 = 256
};

/* Bits of instance types; AR_BIT_INTEGER stands only in the mask of `type`. */
#define AR_BIT(type) (1u << (type))
#define AR_BIT_INTEGER (1u << 8)
#define AR_BIT_ANY 0xffu

/* X(identifier, name, vocabulary, instance types that it looks at, how it is compiled), in the
 * order of evaluation: cheap and telling first, what depends on others' annotations last. */
#define AR_SCHEMA_KEYWORDS(X)                                                                      \
    X(TYPE, type, "type", VALIDATION, AR_BIT_ANY)                                                  \
    X(CONST, const, "const", VALIDATION, AR_BIT_ANY)                                               \
    X(ENUM, enum, "enum", VALIDATION, AR_BIT_ANY)                                                  \
    X(MINIMUM, minimum, "minimum", VALIDATION, AR_BIT(ARRAS_NUMBER))                               \
    X(MAXIMUM, maximum, "maximum", VALIDATION, AR_BIT(ARRAS_NUMBER))                               \
    X(EXCLUSIVE_MINIMUM, minimum, "exclusiveMinimum", VALIDATION, AR_BIT(ARRAS_NUMBER))            \
    X(EXCLUSIVE_MAXIMUM, maximum, "exclusiveMaximum", VALIDATION, AR_BIT(ARRAS_NUMBER))            \
    X(MULTIPLE_OF, multiple_of, "multipleOf", VALIDATION, AR_BIT(ARRAS_NUMBER))                    \
    X(MIN_LENGTH, length, "minLength", VALIDATION, AR_BIT(ARRAS_STRING))                           \
    X(MAX_LENGTH, length, "maxLength", VALIDATION, AR_BIT(ARRAS_STRING))                           \
    X(PATTERN, pattern, "pattern", VALIDATION, AR_BIT(ARRAS_STRING))                               \
    X(FORMAT, format, "format", FORMAT, AR_BIT(ARRAS_STRING) | AR_BIT(ARRAS_NUMBER))               \
    X(REQUIRED, required, "required", VALIDATION, AR_BIT(ARRAS_OBJECT))                            \
    X(MIN_PROPERTIES, size, "minProperties", VALIDATION, AR_BIT(ARRAS_OBJECT))                     \
    X(MAX_PROPERTIES, size, "maxProperties", VALIDATION, AR_BIT(ARRAS_OBJECT))                     \
    X(MIN_ITEMS, size, "minItems", VALIDATION, AR_BIT(ARRAS_ARRAY))                                \
    X(MAX_ITEMS, size, "maxItems", VALIDATION, AR_BIT(ARRAS_ARRAY))                                \
    X(UNIQUE_ITEMS, unique_items, "uniqueItems", VALIDATION, AR_BIT(ARRAS_ARRAY))                  \
    X(DEPENDENT_REQUIRED, dependent_required, "dependentRequired", VALIDATION,                     \
      AR_BIT(ARRAS_OBJECT))                                                                        \
    X(REF, ref, "$ref", CORE, AR_BIT_ANY)                                                          \
    X(DYNAMIC_REF, ref, "$dynamicRef", CORE, AR_BIT_ANY)                                           \
    X(PROPERTIES, properties, "properties", APPLICATOR, AR_BIT(ARRAS_OBJECT))                      \
    X(PATTERN_PROPERTIES, pattern_properties, "patternProperties", APPLICATOR,                     \
      AR_BIT(ARRAS_OBJECT))                                                                        \
    X(ADDITIONAL_PROPERTIES, additional_properties, "additionalProperties", APPLICATOR,            \
      AR_BIT(ARRAS_OBJECT))                                                                        \
    X(PROPERTY_NAMES, property_names, "propertyNames", APPLICATOR, AR_BIT(ARRAS_OBJECT))           \
    X(PREFIX_ITEMS, prefix_items, "prefixItems", APPLICATOR, AR_BIT(ARRAS_ARRAY))                  \
    X(ITEMS, items, "items", APPLICATOR, AR_BIT(ARRAS_ARRAY))                                      \
    X(CONTAINS, contains, "contains", APPLICATOR, AR_BIT(ARRAS_ARRAY))                             \
    X(ALL_OF, all_of, "allOf", APPLICATOR, AR_BIT_ANY)                                             \
    X(ANY_OF, any_of, "anyOf", APPLICATOR, AR_BIT_ANY)                                             \
    X(ONE_OF, one_of, "oneOf", APPLICATOR, AR_BIT_ANY)                                             \
    X(NOT, not, "not", APPLICATOR, AR_BIT_ANY)                                                     \
    X(IF, if, "if", APPLICATOR, AR_BIT_ANY)                                                        \
    X(DEPENDENT_SCHEMAS, dependent_schemas, "dependentSchemas", APPLICATOR, AR_BIT(ARRAS_OBJECT))  \
    X(DEPENDENCIES, dependencies, "dependencies", APPLICATOR, AR_BIT(ARRAS_OBJECT))                \
    X(UNEVALUATED_ITEMS, unevaluated_items, "unevaluatedItems", UNEVALUATED, AR_BIT(ARRAS_ARRAY))  \
    X(UNEVALUATED_PROPERTIES, unevaluated_properties, "unevaluatedProperties", UNEVALUATED,        \
      AR_BIT(ARRAS_OBJECT))

enum ar_schema_keyword_id {
#define AR_KEYWORD_ID(id, function, name, vocabulary, types) AR_KEYWORD_##id,
    AR_SCHEMA_KEYWORDS(AR_KEYWORD_ID)
#undef AR_KEYWORD_ID
        AR_KEYWORD_COUNT
};

struct ar_schema_rule {
    const char *name;
    unsigned vocabulary;
    unsigned types;
};
extern const struct ar_schema_rule ar_schema_rules[AR_KEYWORD_COUNT];

struct ar_schema_document {
    const struct arras_value *root;
    const struct ar_source *source; /* for places; NULL where the text is not at hand */
};

struct ar_schema_resource {
    struct arras_str uri; /* absolute where a base was known; without fragment */
    const struct arras_value *root;
    const struct ar_schema_document *document;
    unsigned vocabularies;
    struct ar_map anchors;         /* name to node: $anchor and $dynamicAnchor */
    struct ar_map dynamic_anchors; /* name to node */
};

struct ar_schema_keyword {
    enum ar_schema_keyword_id id;
    const struct arras_value *value; /* as written */
    struct ar_schema_node **nodes;   /* subschemas, in the order of `value`; NULL where none */
    size_t count;                    /* of nodes */
    struct ar_regex **regexes;       /* of pattern and patternProperties */
    uint64_t least, most;            /* of lengths, sizes and contains; items: the first index */
    unsigned types;                  /* of type */
    int format;                      /* of format */
    bool exclusive;                  /* of minimum and maximum */
    struct arras_str name;           /* of a $dynamicRef that looks through the dynamic scope */
    const struct ar_schema_keyword *properties, *patterns; /* beside additionalProperties */
};

struct ar_schema_node {
    const struct arras_value *value; /* true, false or an object */
    struct ar_schema_resource *resource;
    struct ar_schema_keyword *keywords; /* in the order of enum ar_schema_keyword_id */
    size_t count;
    bool queued;       /* for compilation, or done with it */
    bool nullable;     /* OpenAPI 3.0: null is valid whatever else stands here */
    bool unevaluated;  /* needs to know what its neighbours evaluated */
    uint8_t loop_mark; /* of the search for loops: 0 not seen, 1 being walked, 2 done */
};

struct ar_schema {
    struct ar_schema_node *root;
    bool of_response;
    bool asserts_format;               /* some `format` is */
    bool dynamic;                      /* some $dynamicRef depends on the dynamic scope */
    AR_VEC(struct ar_regex *) regexes; /* released with the schema */
    struct ar_map targets;             /* address of a schema with a $ref to what that leads to */
};

struct ar_schema_compiler {
    const struct ar_schema_options *options;
    struct ar_arena *arena;
    struct ar_diags *diags;
    struct ar_schema *schema;
    struct ar_schema_document *main;       /* the document that was given */
    const struct arras_value *start;       /* and the schema in it */
    struct ar_map resources;               /* absolute URI to resource */
    struct ar_map nodes;                   /* address of the value to node */
    struct ar_schema_resource *home;       /* that document's root */
    bool looked_beside;                    /* the schemas beside it were taken in */
    size_t documents;                      /* loaded so far, against AR_SCHEMA_DOCUMENTS */
    AR_VEC(struct ar_schema_node *) queue; /* reached, to be compiled */
};

/* The compiled keyword of a node, or NULL. */
const struct ar_schema_keyword *ar_schema_keyword_of(const struct ar_schema_node *node,
                                                     enum ar_schema_keyword_id id);

/* An error of the schema itself at `at`, a value of the resource's document. Returns `status`. */
enum arras_status ar_schema_complain(struct ar_schema_compiler *compiler,
                                     const struct ar_schema_resource *resource,
                                     const struct arras_value *at, enum arras_status status,
                                     const char *code, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* schema_resource.c: finding out what stands where. */

/* Takes in a document known by `uri`: its resources, anchors and nodes. `is_schema` says whether
 * its root is a schema, or something that only contains some. */
enum arras_status ar_schema_add_document(struct ar_schema_compiler *compiler,
                                         struct ar_schema_document *document, struct arras_str uri,
                                         bool is_schema,
                                         struct ar_schema_resource **ret) ARRAS_CHECKED;
/* Takes in a value that is found to be a schema, and all subschemas in it. */
enum arras_status ar_schema_add_node(struct ar_schema_compiler *compiler,
                                     const struct arras_value *value,
                                     struct ar_schema_resource *resource,
                                     struct ar_schema_node **ret) ARRAS_CHECKED;
/* A key for maps: the address that `value` holds, which must stay where it is. */
struct arras_str ar_schema_address(const struct arras_value *const *value);
/* The node of a value that was taken in, or NULL. */
struct ar_schema_node *ar_schema_find_node(const struct ar_schema_compiler *compiler,
                                           const struct arras_value *value);
/* What the $ref or $dynamicRef `value` in `resource` points at. *ret_anchor is the fragment where
 * it is a plain name that the target resource has as a $dynamicAnchor, else empty. */
enum arras_status ar_schema_resolve(struct ar_schema_compiler *compiler,
                                    const struct ar_schema_resource *resource,
                                    const struct arras_value *value, struct ar_schema_node **ret,
                                    struct arras_str *ret_anchor) ARRAS_CHECKED;

/* schema_metaschema.c: the text of a metaschema of 2020-12 or of one of its vocabularies; empty
 * for another URI. */
struct arras_str ar_schema_metaschema(struct arras_str uri);
/* The bit of a vocabulary's URI, 0 for an unknown one. */
unsigned ar_schema_vocabulary_bit(struct arras_str uri);

/* schema_format.c: the number of a format's name, 0 for an unknown one. */
int ar_schema_format_find(struct arras_str name);
/* Whether it is one of numbers: int32, int64, float, double. */
bool ar_schema_format_is_of_numbers(int format);
/* Whether a string or number is of the format; true for formats that do not concern its type.
 * ARRAS_NO_MEMORY. */
enum arras_status ar_schema_format_check(int format, const struct arras_value *instance,
                                         bool *ret) ARRAS_CHECKED;

#endif
