/* The metaschema of 2020-12 and its vocabularies, in our own words and in YAML's flow style: they
 * accept what the published ones accept (JSON Schema core and validation 2020-12). */
#include "query/schema_node.h"

#define BASE "https://json-schema.org/draft/2020-12/"
#define SELF "{$dynamicRef: '#meta'}"
#define LIST "{type: array, minItems: 1, items: " SELF "}"
#define MAP "{type: object, additionalProperties: " SELF "}"
#define COUNT "{type: integer, minimum: 0}"
#define NAMES "{type: array, uniqueItems: true, items: {type: string}}"
#define STRING "{type: string}"
#define BOOLEAN "{type: boolean}"
#define NUMBER "{type: number}"
#define REFERENCE "{type: string, format: uri-reference}"
#define ANCHOR "{type: string, pattern: '^[A-Za-z_][-A-Za-z0-9._]*$'}"
#define TYPE "{enum: ['null', boolean, object, array, number, string, integer]}"

#define PART(name, properties)                                                                     \
    {                                                                                              \
        AR_STR_INIT("meta/" name), AR_STR_INIT("{$id: '" BASE "meta/" name "', $schema: '" BASE    \
                                               "schema', $dynamicAnchor: meta, type: [object, "    \
                                               "boolean], properties: {" properties "}}")          \
    }

static const struct {
    struct arras_str path, text;
} metaschemas[] = {
    {AR_STR_INIT("schema"),
     AR_STR_INIT("{$id: '" BASE "schema', $schema: '" BASE "schema', $dynamicAnchor: meta, "
                 "$vocabulary: {'" BASE "vocab/core': true, '" BASE "vocab/applicator': true, "
                 "'" BASE "vocab/unevaluated': true, '" BASE "vocab/validation': true, "
                 "'" BASE "vocab/meta-data': true, '" BASE "vocab/format-annotation': true, "
                 "'" BASE "vocab/content': true}, type: [object, boolean], allOf: ["
                 "{$ref: meta/core}, {$ref: meta/applicator}, {$ref: meta/unevaluated}, "
                 "{$ref: meta/validation}, {$ref: meta/meta-data}, {$ref: meta/format-annotation}, "
                 "{$ref: meta/content}], properties: {definitions: " MAP
                 ", dependencies: {type: object, additionalProperties: {anyOf: [" SELF ", " NAMES
                 "]}}, $recursiveAnchor: " ANCHOR ", $recursiveRef: " REFERENCE "}}")},
    PART("core", "$id: {type: string, format: uri-reference, pattern: '^[^#]*#?$'}, "
                 "$schema: {type: string, format: uri}, $ref: " REFERENCE ", $anchor: " ANCHOR
                 ", $dynamicRef: " REFERENCE ", $dynamicAnchor: " ANCHOR
                 ", $vocabulary: {type: object, propertyNames: {type: string, format: uri}, "
                 "additionalProperties: " BOOLEAN "}, $comment: " STRING ", $defs: " MAP),
    PART("applicator",
         "prefixItems: " LIST ", items: " SELF ", contains: " SELF ", additionalProperties: " SELF
         ", properties: " MAP ", patternProperties: {type: object, additionalProperties: " SELF
         ", propertyNames: {format: regex}}, dependentSchemas: " MAP ", propertyNames: " SELF
         ", if: " SELF ", then: " SELF ", else: " SELF ", allOf: " LIST ", anyOf: " LIST
         ", oneOf: " LIST ", not: " SELF),
    PART("unevaluated", "unevaluatedItems: " SELF ", unevaluatedProperties: " SELF),
    PART("validation",
         "type: {anyOf: [" TYPE ", {type: array, minItems: 1, uniqueItems: true, items: " TYPE
         "}]}, const: true, enum: {type: array}, multipleOf: {type: number, exclusiveMinimum: 0}, "
         "maximum: " NUMBER ", exclusiveMaximum: " NUMBER ", minimum: " NUMBER
         ", exclusiveMinimum: " NUMBER ", maxLength: " COUNT ", minLength: " COUNT
         ", pattern: {type: string, format: regex}, maxItems: " COUNT ", minItems: " COUNT
         ", uniqueItems: " BOOLEAN ", maxContains: " COUNT ", minContains: " COUNT
         ", maxProperties: " COUNT ", minProperties: " COUNT ", required: " NAMES
         ", dependentRequired: {type: object, additionalProperties: " NAMES "}"),
    PART("meta-data",
         "title: " STRING ", description: " STRING ", default: true, deprecated: " BOOLEAN
         ", readOnly: " BOOLEAN ", writeOnly: " BOOLEAN ", examples: {type: array}"),
    PART("format-annotation", "format: " STRING),
    PART("format-assertion", "format: " STRING),
    PART("content",
         "contentEncoding: " STRING ", contentMediaType: " STRING ", contentSchema: " SELF),
};

static const struct {
    const char *name;
    unsigned bits;
} vocabularies[] = {
    {"core", AR_VOCABULARY_CORE},
    {"applicator", AR_VOCABULARY_APPLICATOR},
    {"unevaluated", AR_VOCABULARY_UNEVALUATED},
    {"validation", AR_VOCABULARY_VALIDATION},
    {"meta-data", AR_VOCABULARY_META_DATA},
    {"format-annotation", AR_VOCABULARY_FORMAT},
    {"format-assertion", AR_VOCABULARY_FORMAT | AR_VOCABULARY_FORMAT_ASSERTION},
    {"content", AR_VOCABULARY_CONTENT},
};

struct arras_str ar_schema_metaschema(struct arras_str uri)
{
    if (ar_str_starts(uri, BASE)) {
        struct arras_str path = ar_str_from(uri, sizeof(BASE) - 1);
        for (size_t i = 0; i < sizeof(metaschemas) / sizeof(*metaschemas); i++) {
            if (ar_str_eq(path, metaschemas[i].path)) {
                return metaschemas[i].text;
            }
        }
    }
    return (struct arras_str){NULL, 0};
}

unsigned ar_schema_vocabulary_bit(struct arras_str uri)
{
    if (ar_str_starts(uri, BASE "vocab/")) {
        struct arras_str name = ar_str_from(uri, sizeof(BASE "vocab/") - 1);
        for (size_t i = 0; i < sizeof(vocabularies) / sizeof(*vocabularies); i++) {
            if (ar_str_is(name, vocabularies[i].name)) {
                return vocabularies[i].bits;
            }
        }
    }
    return 0;
}
