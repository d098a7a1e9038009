/* Queries over values: JSONPath, JSON Pointer, XPath, JSON Schema. Diagnostics go to the pool. */
#ifndef ARRAS_QUERY_H
#define ARRAS_QUERY_H

#include "arras/value.h"

/* RFC 9535. *ret is the array of the values found, or with `paths` of their normalized paths.
 * ARRAS_SYNTAX and ARRAS_INVALID: the expression; ARRAS_LIMIT. */
enum arras_status arras_query_jsonpath(struct arras_pool *pool, const struct arras_value *root,
                                       struct arras_str expression, bool paths,
                                       const struct arras_value **ret) ARRAS_CHECKED;
/* RFC 6901. ARRAS_NOT_FOUND where it leads nowhere, ARRAS_SYNTAX where it is no pointer. */
enum arras_status arras_query_pointer(struct arras_pool *pool, const struct arras_value *root,
                                      struct arras_str pointer,
                                      const struct arras_value **ret) ARRAS_CHECKED;
/* XPath 1.0 over a value that is XML text. */
enum arras_status arras_query_xpath(struct arras_pool *pool, const struct arras_value *xml,
                                    struct arras_str expression,
                                    const struct arras_value **ret) ARRAS_CHECKED;

struct arras_schema_options {
    bool assert_format;
    const char *remotes; /* folder that stands for http://localhost:1234/; NULL: none */
};

/* JSON Schema 2020-12. *ret is an array of errors, empty where the instance is valid: objects with
 * instancePath, schemaPath and message, the most telling first. ARRAS_INVALID: the schema is none.
 */
enum arras_status arras_query_schema(struct arras_pool *pool, const struct arras_value *schema,
                                     const struct arras_value *instance,
                                     const struct arras_schema_options *options,
                                     const struct arras_value **ret) ARRAS_CHECKED;

#endif
