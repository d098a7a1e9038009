#include "openapi/security.h"

static const struct arras_value *root_of(const struct ar_description *description)
{
    return &ar_description_document(description)->root;
}

static const struct arras_value *definitions(const struct ar_description *description)
{
    const struct arras_value *root = root_of(description);
    return ar_description_version(description) == AR_OPENAPI_20
               ? ar_get_z(root, "securityDefinitions")
               : ar_get_z(ar_get_z(root, "components"), "securitySchemes");
}

static void read_http(const struct arras_value *object, struct ar_scheme *ret)
{
    static const struct {
        const char *name;
        enum ar_scheme_type type;
    } known[] = {
        {"basic", AR_SCHEME_BASIC}, {"bearer", AR_SCHEME_BEARER}, {"digest", AR_SCHEME_DIGEST}};
    struct arras_str scheme = ar_text(ar_get_z(object, "scheme"));
    ret->type = scheme.len ? AR_SCHEME_OTHER_HTTP : AR_SCHEME_UNDEFINED;
    ret->key = scheme;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        ret->type = ar_str_is_nocase(scheme, known[i].name) ? known[i].type : ret->type;
    }
}

static void read_api_key(const struct arras_value *object, struct ar_scheme *ret)
{
    struct arras_str in = ar_text(ar_get_z(object, "in"));
    ret->key = ar_text(ar_get_z(object, "name"));
    ret->in = ar_str_is(in, "query")    ? AR_IN_QUERY
              : ar_str_is(in, "cookie") ? AR_IN_COOKIE
                                        : AR_IN_HEADER;
    ret->type = ret->key.len ? AR_SCHEME_API_KEY : AR_SCHEME_UNDEFINED;
}

bool ar_scheme_read(struct arras_str name, const struct arras_value *object, struct ar_scheme *ret)
{
    static const struct {
        const char *name;
        enum ar_scheme_type type;
    } others[] = {{"basic", AR_SCHEME_BASIC}, /* Swagger 2.0 */
                  {"oauth2", AR_SCHEME_OAUTH2},
                  {"openIdConnect", AR_SCHEME_OPENID},
                  {"mutualTLS", AR_SCHEME_MUTUAL_TLS}};
    struct arras_str type = ar_text(ar_get_z(object, "type"));
    *ret = (struct ar_scheme){.name = name, .object = object};
    if (ar_str_is(type, "http")) {
        read_http(object, ret);
    } else if (ar_str_is(type, "apiKey")) {
        read_api_key(object, ret);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        ret->type = ar_str_is(type, others[i].name) ? others[i].type : ret->type;
    }
    return ret->type != AR_SCHEME_UNDEFINED;
}

enum arras_status ar_description_scheme(const struct ar_description *description,
                                        struct arras_str name, struct ar_arena *arena,
                                        struct ar_scheme *ret)
{
    const struct arras_value *object = ar_get(definitions(description), name);
    if (object) {
        enum arras_status status = ar_description_follow(description, object, arena, NULL, &object);
        if (status == ARRAS_NO_MEMORY) {
            return status;
        }
        object = status ? NULL : object;
    }
    ar_scheme_read(name, object, ret);
    return ARRAS_OK;
}

static enum arras_status read_choice(const struct ar_description *description,
                                     const struct arras_value *requirement, struct ar_arena *arena,
                                     struct ar_security_choice *ret)
{
    uint32_t count = ar_is(requirement, ARRAS_OBJECT) ? requirement->count : 0;
    struct ar_scheme_use *uses = ar_new_array(arena, struct ar_scheme_use, count ? count : 1);
    if (!uses) {
        return ARRAS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct ar_member *member = &requirement->members[i];
        if (ar_description_scheme(description, ar_member_name(member), arena, &uses[i].scheme)) {
            return ARRAS_NO_MEMORY;
        }
        uses[i].scopes = ar_is(&member->value, ARRAS_ARRAY) ? &member->value : NULL;
    }
    *ret = (struct ar_security_choice){uses, count};
    return ARRAS_OK;
}

enum arras_status ar_operation_security(const struct ar_operation *operation,
                                        struct ar_arena *arena, struct ar_security *ret)
{
    const struct ar_description *description = operation->description;
    const struct arras_value *list = ar_get_z(operation->object, "security");
    *ret = (struct ar_security){0};
    list = list ? list : ar_get_z(root_of(description), "security");
    if (!ar_is(list, ARRAS_ARRAY) || list->count == 0) {
        return ARRAS_OK;
    }
    struct ar_security_choice *choices =
        ar_new_array(arena, struct ar_security_choice, list->count);
    for (uint32_t i = 0; choices && i < list->count; i++) {
        if (read_choice(description, &list->items[i], arena, &choices[i])) {
            return ARRAS_NO_MEMORY;
        }
    }
    *ret = (struct ar_security){choices, list->count, list->at};
    return choices ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool add_name(ar_scheme_names *names, struct arras_str name, struct ar_arena *arena)
{
    for (size_t i = 0; i < names->count; i++) {
        if (ar_str_eq(names->items[i], name)) {
            return true;
        }
    }
    return ar_vec_push(arena, names, name);
}

static bool add_members(ar_scheme_names *names, const struct arras_value *object,
                        struct ar_arena *arena)
{
    bool added = true;
    for (uint32_t i = 0; ar_is(object, ARRAS_OBJECT) && i < object->count && added; i++) {
        added = add_name(names, ar_member_name(&object->members[i]), arena);
    }
    return added;
}

static bool add_required(ar_scheme_names *names, const struct arras_value *holder,
                         struct ar_arena *arena)
{
    const struct arras_value *list = ar_get_z(holder, "security");
    bool added = true;
    for (size_t i = 0; ar_item(list, i) && added; i++) {
        added = add_members(names, ar_item(list, i), arena);
    }
    return added;
}

enum arras_status ar_description_scheme_names(const struct ar_description *description,
                                              struct ar_arena *arena, ar_scheme_names *ret)
{
    const struct ar_operation *operation;
    bool added = add_members(ret, definitions(description), arena) &&
                 add_required(ret, root_of(description), arena);
    for (size_t i = 0; added && (operation = ar_description_at(description, i)); i++) {
        added = add_required(ret, operation->object, arena);
    }
    return added ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool requires(const struct arras_value *holder)
{
    const struct arras_value *list = ar_get_z(holder, "security");
    bool found = false;
    for (size_t i = 0; ar_item(list, i); i++) {
        found = found || (ar_is(ar_item(list, i), ARRAS_OBJECT) && ar_item(list, i)->count);
    }
    return found;
}

bool ar_description_requires_security(const struct ar_description *description)
{
    const struct ar_operation *operation;
    bool found = requires(root_of(description));
    for (size_t i = 0; !found && (operation = ar_description_at(description, i)); i++) {
        found = requires(operation->object);
    }
    return found;
}

/* Swagger 2.0 has one flow a scheme and other names for two of them. */
static bool is_swagger_flow(struct arras_str given, const char *flow)
{
    return !flow || ar_str_is(given, flow) ||
           (strcmp(flow, "clientCredentials") == 0 && ar_str_is(given, "application")) ||
           (strcmp(flow, "authorizationCode") == 0 && ar_str_is(given, "accessCode"));
}

const struct arras_value *ar_scheme_flow(const struct ar_scheme *scheme, const char *flow)
{
    const struct arras_value *flows = ar_get_z(scheme->object, "flows");
    const struct arras_value *single = ar_get_z(scheme->object, "flow");
    if (single) {
        bool fits = is_swagger_flow(ar_text(single), flow) && ar_get_z(scheme->object, "tokenUrl");
        return fits ? scheme->object : NULL;
    }
    for (uint32_t i = 0; ar_is(flows, ARRAS_OBJECT) && i < flows->count; i++) {
        const struct ar_member *member = &flows->members[i];
        if ((!flow || ar_str_is(ar_member_name(member), flow)) &&
            ar_get_z(&member->value, "tokenUrl")) {
            return &member->value;
        }
    }
    return NULL;
}

static bool is_interactive(struct arras_str flow)
{
    return ar_str_is(flow, "authorizationCode") || ar_str_is(flow, "implicit") ||
           ar_str_is(flow, "deviceAuthorization") || ar_str_is(flow, "accessCode");
}

struct arras_str ar_scheme_interactive(const struct ar_scheme *scheme)
{
    const struct arras_value *flows = ar_get_z(scheme->object, "flows");
    struct arras_str found = ar_text(ar_get_z(scheme->object, "flow"));
    bool only = found.len ? is_interactive(found) : ar_is(flows, ARRAS_OBJECT) && flows->count > 0;
    for (uint32_t i = 0; only && !found.len && i < flows->count; i++) {
        only = is_interactive(ar_member_name(&flows->members[i]));
    }
    found = only && !found.len ? ar_member_name(&flows->members[0]) : found;
    return only && scheme->type == AR_SCHEME_OAUTH2 ? found : (struct arras_str){0};
}
