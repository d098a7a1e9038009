#include "openapi/description.h"
#include "base/map.h"
#include "openapi/reference.h"

/* How many path items that cannot be followed are told of. */
enum { TROUBLES_KEPT = 5 };

struct indexed {
    struct ar_operation operation;
    size_t same_id; /* of the first of an id: how many have it */
};

struct ar_description {
    const struct ar_document *document;
    struct arras_str location;
    enum ar_openapi_version version;
    struct ar_homes *homes;
    AR_VEC(struct indexed) operations; /* those of one path stand together */
    struct ar_map by_id, by_path;      /* to the first one's number plus one */
    struct ar_diags troubles;          /* with path items behind a $ref */
};

/* Path Item Object, 3.0 to 3.2; TRACE and QUERY where the version has them. */
static const struct {
    const char *field, *method;
    enum ar_openapi_version since;
} methods[] = {{"get", "GET", AR_OPENAPI_20},         {"put", "PUT", AR_OPENAPI_20},
               {"post", "POST", AR_OPENAPI_20},       {"delete", "DELETE", AR_OPENAPI_20},
               {"options", "OPTIONS", AR_OPENAPI_20}, {"head", "HEAD", AR_OPENAPI_20},
               {"patch", "PATCH", AR_OPENAPI_20},     {"trace", "TRACE", AR_OPENAPI_30},
               {"query", "QUERY", AR_OPENAPI_32}};

static struct indexed *get_indexed(const struct ar_description *description,
                                   const struct ar_map *map, struct arras_str key)
{
    uintptr_t number = (uintptr_t)ar_map_get(map, key);
    return number ? &description->operations.items[number - 1] : NULL;
}

static bool add_operation(struct ar_description *description, struct ar_arena *arena,
                          struct ar_operation operation)
{
    operation.description = description;
    operation.id = ar_text(ar_get_z(operation.object, "operationId"));
    struct indexed indexed = {operation, 1};
    if (!ar_vec_push(arena, &description->operations, indexed)) {
        return false;
    }
    void *number = (void *)(uintptr_t)description->operations.count;
    if (!ar_map_get(&description->by_path, operation.path) &&
        !ar_map_set(&description->by_path, arena, operation.path, number)) {
        return false;
    }
    struct indexed *first = get_indexed(description, &description->by_id, operation.id);
    if (first) {
        first->same_id++;
        return true;
    }
    return operation.id.len == 0 || ar_map_set(&description->by_id, arena, operation.id, number);
}

static bool add_path(struct ar_description *description, struct ar_arena *arena,
                     struct arras_str path, const struct arras_value *path_item,
                     const struct ar_home *home)
{
    struct ar_operation operation = {.path = path, .path_item = path_item, .home = home};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        operation.object = ar_get_z(path_item, methods[i].field);
        operation.method = ar_str_z(methods[i].method);
        if (methods[i].since <= description->version && ar_is(operation.object, ARRAS_OBJECT) &&
            !add_operation(description, arena, operation)) {
            return false;
        }
    }
    const struct arras_value *more = ar_get_z(path_item, "additionalOperations");
    if (description->version < AR_OPENAPI_32 || !ar_is(more, ARRAS_OBJECT)) {
        return true;
    }
    for (uint32_t i = 0; i < more->count; i++) {
        operation.object = &more->members[i].value;
        operation.method = ar_member_name(&more->members[i]);
        if (ar_is(operation.object, ARRAS_OBJECT) &&
            !add_operation(description, arena, operation)) {
            return false;
        }
    }
    return true;
}

static enum arras_status add_paths(struct ar_description *description, struct ar_arena *arena)
{
    const struct arras_value *paths = ar_get_z(&description->document->root, "paths");
    if (!ar_is(paths, ARRAS_OBJECT)) {
        return ARRAS_OK;
    }
    for (uint32_t i = 0; i < paths->count; i++) {
        struct arras_str path = ar_member_name(&paths->members[i]);
        const struct arras_value *item;
        if (ar_str_starts(path, "x-")) {
            continue;
        }
        const struct ar_home *home = &description->homes->root;
        enum arras_status status =
            ar_reference_follow_from(description->homes, &home, &paths->members[i].value, arena,
                                     &description->troubles, &item);
        if (status == ARRAS_NO_MEMORY) {
            return status;
        }
        if (!status && !add_path(description, arena, path, item, home)) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ARRAS_OK;
}

static bool read_version(const struct arras_value *root, enum ar_openapi_version *ret)
{
    struct arras_str openapi = ar_text(ar_get_z(root, "openapi"));
    if (ar_str_starts(ar_text(ar_get_z(root, "swagger")), "2")) {
        *ret = AR_OPENAPI_20;
    } else if (ar_str_starts(openapi, "3.0")) {
        *ret = AR_OPENAPI_30;
    } else if (ar_str_starts(openapi, "3.1")) {
        *ret = AR_OPENAPI_31;
    } else if (ar_str_starts(openapi, "3.")) {
        *ret = AR_OPENAPI_32;
    } else {
        return false;
    }
    return true;
}

enum arras_status ar_description_new(const struct ar_document *document, struct arras_str location,
                                     const struct ar_description_options *options,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_description **ret)
{
    enum ar_openapi_version version;
    if (!read_version(&document->root, &version)) {
        return ar_error(diags, ARRAS_INVALID, "not-openapi", &document->source, document->root.at,
                        "%.*s is no OpenAPI description: it has neither 'openapi: 3.x' nor "
                        "'swagger: \"2.0\"'",
                        AR_STR_ARG(document->source.name));
    }
    struct ar_description *description = ar_new(arena, struct ar_description);
    struct ar_homes *homes = ar_new(arena, struct ar_homes);
    if (!description || !homes) {
        return ar_no_memory(diags);
    }
    homes->root = (struct ar_home){.document = document, .location = location, .asked = location};
    homes->arena = arena;
    ar_diags_init(&description->troubles, arena);
    if (options) {
        homes->options = *options;
    }
    description->document = document;
    description->location = location;
    description->version = version;
    description->homes = homes;
    if (ar_home_identify(&homes->root, arena) || add_paths(description, arena)) {
        return ar_no_memory(diags);
    }
    *ret = description;
    return ARRAS_OK;
}

const struct ar_diags *ar_description_troubles(const struct ar_description *description)
{
    return &description->troubles;
}

enum ar_openapi_version ar_description_version(const struct ar_description *description)
{
    return description->version;
}

const struct ar_document *ar_description_document(const struct ar_description *description)
{
    return description->document;
}

struct arras_str ar_description_location(const struct ar_description *description)
{
    return description->location;
}

size_t ar_description_count(const struct ar_description *description)
{
    return description->operations.count;
}

const struct ar_operation *ar_description_at(const struct ar_description *description, size_t index)
{
    return index < description->operations.count ? &description->operations.items[index].operation
                                                 : NULL;
}

const struct ar_operation *ar_operation_by_id(const struct ar_description *description,
                                              struct arras_str id, size_t *ret_count)
{
    const struct indexed *found = get_indexed(description, &description->by_id, id);
    if (ret_count) {
        *ret_count = found ? found->same_id : 0;
    }
    return found ? &found->operation : NULL;
}

const struct ar_operation *ar_operation_by_path(const struct ar_description *description,
                                                struct arras_str method, struct arras_str path)
{
    const struct indexed *end = description->operations.items + description->operations.count;
    const struct indexed *at = get_indexed(description, &description->by_path, path);
    for (; at && at < end && ar_str_eq(at->operation.path, path); at++) {
        if (ar_str_eq_nocase(at->operation.method, method)) {
            return &at->operation;
        }
    }
    return NULL;
}

enum arras_status ar_description_follow(const struct ar_description *description,
                                        const struct arras_value *value, struct ar_arena *arena,
                                        struct ar_diags *diags, const struct arras_value **ret)
{
    return ar_reference_follow(description->homes, value, arena, diags, ret);
}

enum arras_status ar_description_read_ahead(const struct ar_description *description,
                                            const struct arras_value *value, struct ar_arena *arena)
{
    return ar_reference_read_ahead(description->homes, value, arena);
}

enum arras_status ar_description_follow_from(const struct ar_description *description,
                                             const struct ar_home **home,
                                             const struct arras_value *value,
                                             struct ar_arena *arena, struct ar_diags *diags,
                                             const struct arras_value **ret)
{
    return ar_reference_follow_from(description->homes, home, value, arena, diags, ret);
}

enum arras_status ar_description_home(const struct ar_description *description,
                                      struct arras_str uri, const struct ar_home **ret)
{
    return ar_reference_home(description->homes, uri, ret);
}
