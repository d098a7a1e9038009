#include "arazzo/query_type.h"
#include "arazzo/fields.h"

static const struct {
    const char *name;
    enum ar_query_type type;
    bool condition, selector;
    const char *version; /* that an object may name; NULL: it may name none */
} types[] = {
    {"simple", AR_SIMPLE, true, false, NULL},
    {"regex", AR_REGEX, true, false, NULL},
    {"jsonpath", AR_JSONPATH, true, true, "rfc9535"},
    {"xpath", AR_XPATH, true, true, "xpath-10"},
    {"jsonpointer", AR_JSONPOINTER, false, true, "rfc6901"},
};

/* Versions that the specification allows and whose common expressions mean the same in the version
 * that is supported. */
static const char *const neighbours[] = {"draft-goessner-dispatch-jsonpath-00", "xpath-20",
                                         "xpath-30", "xpath-31"};

enum {
    TYPE_COUNT = sizeof(types) / sizeof(*types),
    NEIGHBOUR_COUNT = sizeof(neighbours) / sizeof(*neighbours)
};

static bool is_neighbour(struct arras_str version, const char *type)
{
    for (size_t i = 0; i < NEIGHBOUR_COUNT; i++) {
        if (ar_str_is(version, neighbours[i]) && strstr(neighbours[i], type)) {
            return true;
        }
    }
    return false;
}

/* A version that is named, or should be. */
static enum arras_status check_version(const struct arras_value *object, size_t i,
                                       const struct ar_arazzo *arazzo, struct ar_diags *diags)
{
    const struct ar_source *source = &arazzo->document.source;
    const char *name = types[i].name, *supported = types[i].version;
    struct arras_str version = ar_text(ar_get_z(object, "version"));
    bool strict = arazzo->strictness == ARRAS_STRICT;
    enum arras_status status;
    if (!supported) {
        return ar_error(diags, ARRAS_INVALID, "criterion-type", source, object->at,
                        "'%s' has no versions: it is no type of an object", name);
    }
    if (ar_str_is(version, supported)) {
        return ARRAS_OK;
    }
    if (version.len == 0) {
        status = ar_deviation(diags, strict, "criterion-version", source, object->at,
                              "no version of %s is named; it is read as %s", name, supported);
    } else if (is_neighbour(version, name)) {
        status = ar_deviation(diags, strict, "criterion-version", source, object->at,
                              "the version '%.*s' of %s is read as %s", AR_STR_ARG(version), name,
                              supported);
    } else {
        status = ar_error(diags, ARRAS_UNSUPPORTED, "criterion-version", source, object->at,
                          "the version '%.*s' of %s is not supported", AR_STR_ARG(version), name);
    }
    ar_hint(diags, "the version that is supported is %s", supported);
    return status;
}

enum arras_status ar_query_type_read(const struct arras_value *type, enum ar_query_use use,
                                     const struct ar_arazzo *arazzo, struct ar_diags *diags,
                                     enum ar_query_type *ret)
{
    bool object = ar_is(type, ARRAS_OBJECT);
    struct arras_str name = ar_text(object ? ar_get_z(type, "type") : type);
    size_t i = 0;
    while (i < TYPE_COUNT &&
           !(ar_str_is(name, types[i].name) &&
             (use == AR_QUERY_CONDITION ? types[i].condition : types[i].selector))) {
        i++;
    }
    if (i == TYPE_COUNT) {
        return ar_error(diags, ARRAS_INVALID,
                        use == AR_QUERY_CONDITION ? "criterion-type" : "selector-type",
                        &arazzo->document.source, type->at, "the %s type '%.*s' is none of %s",
                        use == AR_QUERY_CONDITION ? "criterion" : "selector", AR_STR_ARG(name),
                        use == AR_QUERY_CONDITION ? "simple, regex, jsonpath, xpath"
                                                  : "jsonpath, xpath, jsonpointer");
    }
    *ret = types[i].type;
    enum arras_status status = object ? check_version(type, i, arazzo, diags) : ARRAS_OK;
    return status ? status : ar_check_fields(type, AR_OBJECT_QUERY_TYPE, arazzo, diags);
}
