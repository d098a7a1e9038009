/* JSON Schema 2020-12, and OpenAPI 3.0's dialect. Compiled once, used many times. docs/schema.md
 * has what is supported and what was decided. */
#ifndef AR_QUERY_SCHEMA_H
#define AR_QUERY_SCHEMA_H

#include "base/diag.h"
#include "base/vec.h"
#include "value/value.h"

struct ar_schema; /* lives in an arena; holds compiled regular expressions, so release it */

enum ar_schema_dialect {
    AR_SCHEMA_2020_12,
    AR_SCHEMA_OPENAPI_30 /* nullable, no siblings of $ref, no $id; discriminator is ignored */
};

/* Which values of `format` are asserted. */
enum ar_schema_formats {
    AR_FORMATS_NONE,
    AR_FORMATS_ALL,
    AR_FORMATS_OF_NUMBERS /* int32, int64, float, double */
};

struct ar_schema_options {
    enum ar_schema_dialect dialect;
    enum ar_schema_formats assert_format; /* where it is known; an annotation otherwise */
    bool of_response; /* OpenAPI: a property that is writeOnly need not be there */
    /* MAY: further schemas within root, whose $id and $anchor are known to references too. */
    const struct arras_value *const *beside;
    size_t beside_count;
    /* MAY: finds the document of an absolute URI that no $id has (relative where there is no base);
     * ARRAS_NOT_FOUND where there is none. Never asked for the metaschemas, which are built in. */
    enum arras_status (*load)(void *context, struct arras_str uri, struct ar_arena *arena,
                              const struct arras_value **ret);
    void *context;
    struct arras_str base_uri; /* of the root; empty: none */
};

struct ar_schema_error {
    struct arras_str instance_path;     /* JSON Pointer into the instance */
    struct arras_str schema_path;       /* of the keyword, as followed through $ref */
    struct arras_str message;           /* "'age' must be at least 18, it is 3" */
    const struct arras_value *instance; /* what stood there */
    const struct arras_value *schema;   /* the keyword's value, for its place */
    const struct ar_source *source; /* and where that stands; NULL: in a document that was loaded
                                       on the way */
};

struct ar_schema_result {
    bool valid;
    AR_VEC(struct ar_schema_error)
    errors; /* the most telling one first; at most AR_SCHEMA_ERRORS */
};

/* `root` and `source` must outlive the schema. `schema` within `root` is what is applied ($ref to
 * other places of root resolve); usually the same pointer. `options` may be NULL, and is not kept.
 * Only what can be reached from `schema` is compiled. Errors, each with its place in `source` (may
 * be NULL): ARRAS_UNRESOLVED ($ref), ARRAS_INVALID (keyword values, loops of $ref), ARRAS_SYNTAX
 * (patterns), ARRAS_UNSUPPORTED (vocabularies), ARRAS_LIMIT, ARRAS_NO_MEMORY, what `load` says. */
enum arras_status ar_schema_compile(const struct arras_value *root,
                                    const struct arras_value *schema,
                                    const struct ar_source *source,
                                    const struct ar_schema_options *options, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_schema **ret) ARRAS_CHECKED;
/* What a schema that the compiled one reaches means: itself, or what its $ref leads to in the end.
 */
const struct arras_value *ar_schema_target(const struct ar_schema *schema,
                                           const struct arras_value *value);
/* Whether some `format` is asserted by it. */
bool ar_schema_asserts_format(const struct ar_schema *schema);
void ar_schema_release(struct ar_schema *schema); /* NULL is allowed */

/* Errors live in `arena`, which is not touched where the instance is valid. ARRAS_LIMIT where depth
 * or work ran over; an invalid instance is ARRAS_OK with valid false and at least one error. Any
 * number of threads at once. */
enum arras_status ar_schema_validate(const struct ar_schema *schema,
                                     const struct arras_value *instance, struct ar_arena *arena,
                                     struct ar_diags *diags,
                                     struct ar_schema_result *ret) ARRAS_CHECKED;

/* The instance with absent members that have a `default` filled in, through properties, items,
 * allOf and $ref; it shares what did not change. The result is not validated. ARRAS_LIMIT,
 * ARRAS_NO_MEMORY. */
enum arras_status ar_schema_fill_defaults(const struct ar_schema *schema,
                                          const struct arras_value *instance,
                                          struct ar_arena *arena,
                                          struct arras_value *ret) ARRAS_CHECKED;

#endif
