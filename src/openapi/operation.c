/* What an operation says of its parameters and its body. */
#include "openapi/description.h"

static bool is_parameter(const struct arras_value *parameter, struct arras_str name, const char *in)
{
    struct arras_str own = ar_text(ar_get_z(parameter, "name"));
    bool same = strcmp(in, "header") == 0 ? ar_str_eq_nocase(own, name) : ar_str_eq(own, name);
    same = same || strcmp(in, "querystring") == 0; /* 3.2: there is one, its name is not used */
    return same && ar_str_is(ar_text(ar_get_z(parameter, "in")), in);
}

/* The next parameter from *at on, first the operation's, then the path item's. */
static enum arras_status next_parameter(const struct ar_operation *operation, uint32_t *at,
                                        struct ar_arena *arena, const struct arras_value **ret)
{
    const struct arras_value *own = ar_get_z(operation->object, "parameters");
    const struct arras_value *shared = ar_get_z(operation->path_item, "parameters");
    uint32_t own_count = ar_is(own, ARRAS_ARRAY) ? own->count : 0;
    uint32_t shared_count = ar_is(shared, ARRAS_ARRAY) ? shared->count : 0;
    *ret = NULL;
    while (!*ret && *at < own_count + shared_count) {
        const struct arras_value *item =
            *at < own_count ? &own->items[*at] : &shared->items[*at - own_count];
        ++*at;
        enum arras_status status =
            ar_description_follow(operation->description, item, arena, NULL, ret);
        if (status == ARRAS_NO_MEMORY) {
            return status;
        }
        *ret = status ? NULL : *ret;
    }
    return ARRAS_OK;
}

enum arras_status ar_operation_parameter(const struct ar_operation *operation,
                                         struct arras_str name, const char *in,
                                         struct ar_arena *arena, const struct arras_value **ret)
{
    uint32_t at = 0;
    enum arras_status status;
    do {
        status = next_parameter(operation, &at, arena, ret);
    } while (!status && *ret && !is_parameter(*ret, name, in));
    return status;
}

static struct arras_str broken_in(const struct ar_operation *operation,
                                  const struct arras_value *parameters, struct ar_arena *arena)
{
    const struct arras_value *item, *found;
    for (size_t i = 0; (item = ar_item(parameters, i)); i++) {
        if (ar_description_follow(operation->description, item, arena, NULL, &found)) {
            return ar_text(ar_get_z(item, "$ref"));
        }
    }
    return (struct arras_str){0};
}

struct arras_str ar_operation_broken_parameter(const struct ar_operation *operation,
                                               struct ar_arena *arena)
{
    struct arras_str own = broken_in(operation, ar_get_z(operation->object, "parameters"), arena);
    return own.len ? own
                   : broken_in(operation, ar_get_z(operation->path_item, "parameters"), arena);
}

/* Swagger 2.0: what the parameters in `body` and `formData` come to. */
struct swagger_body {
    const struct arras_value *schema; /* of `body` */
    struct ar_object properties;      /* of `formData` */
    bool declared, required, form, file;
};

static enum arras_status read_swagger_body(const struct ar_operation *operation,
                                           struct ar_arena *arena, struct swagger_body *ret)
{
    ar_object_init(&ret->properties, arena);
    const struct arras_value *parameter;
    uint32_t at = 0;
    for (;;) {
        enum arras_status status = next_parameter(operation, &at, arena, &parameter);
        if (status || !parameter) {
            return status;
        }
        struct arras_str in = ar_text(ar_get_z(parameter, "in"));
        bool form = ar_str_is(in, "formData");
        if (!form && !ar_str_is(in, "body")) {
            continue;
        }
        const struct arras_value *required = ar_get_z(parameter, "required");
        ret->declared = true;
        ret->required |= ar_is(required, ARRAS_BOOL) && required->boolean;
        ret->form |= form;
        ret->file |= ar_str_is(ar_text(ar_get_z(parameter, "type")), "file");
        if (!form) {
            ret->schema = ar_get_z(parameter, "schema");
        } else if (!ar_object_set(&ret->properties, ar_text(ar_get_z(parameter, "name")),
                                  *parameter)) {
            return ARRAS_NO_MEMORY;
        }
    }
}

static const struct arras_value *form_schema(struct ar_object *properties, struct ar_arena *arena)
{
    struct ar_object schema;
    struct arras_value value;
    ar_object_init(&schema, arena);
    return ar_object_set_z(&schema, "type", ar_string(AR_STR("object"))) &&
                   ar_object_value(properties, &value) &&
                   ar_object_set_z(&schema, "properties", value) && ar_object_value(&schema, &value)
               ? ar_value_new(arena, value)
               : NULL;
}

static enum arras_status swagger_body(const struct ar_operation *operation, struct ar_arena *arena,
                                      struct ar_body *ret)
{
    struct swagger_body body = {0};
    enum arras_status status = read_swagger_body(operation, arena, &body);
    if (status || !body.declared) {
        return status;
    }
    const struct arras_value *consumes = ar_get_z(operation->object, "consumes");
    if (!ar_is(consumes, ARRAS_ARRAY)) {
        const struct ar_document *document = ar_description_document(operation->description);
        consumes = ar_get_z(&document->root, "consumes");
    }
    uint32_t count = ar_is(consumes, ARRAS_ARRAY) ? consumes->count : 0;
    struct ar_media *media = ar_new_array(arena, struct ar_media, count ? count : 1);
    const struct arras_value *schema =
        body.form ? form_schema(&body.properties, arena) : body.schema;
    if (!media || (body.form && !schema)) {
        return ARRAS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        media[i] = (struct ar_media){.type = ar_text(&consumes->items[i]), .schema = schema};
    }
    if (count == 0) {
        const char *form = body.file ? "multipart/form-data" : "application/x-www-form-urlencoded";
        media[0] = (struct ar_media){.type = ar_str_z(body.form ? form : "application/json"),
                                     .schema = schema};
    }
    *ret = (struct ar_body){true, body.required, media, count ? count : 1};
    return ARRAS_OK;
}

static enum arras_status read_media(const struct ar_operation *operation,
                                    const struct ar_member *member, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_media *ret)
{
    const struct arras_value *object; /* 3.2: may be a $ref */
    enum arras_status status =
        ar_description_follow(operation->description, &member->value, arena, diags, &object);
    if (!status) {
        *ret = (struct ar_media){ar_member_name(member), object, ar_get_z(object, "schema"),
                                 ar_get_z(object, "encoding")};
    }
    return status;
}

enum arras_status ar_operation_body(const struct ar_operation *operation, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_body *ret)
{
    *ret = (struct ar_body){0};
    if (ar_description_version(operation->description) == AR_OPENAPI_20) {
        return swagger_body(operation, arena, ret);
    }
    const struct arras_value *body = ar_get_z(operation->object, "requestBody");
    if (!body) {
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_description_follow(operation->description, body, arena, diags, &body);
    if (status) {
        return status;
    }
    const struct arras_value *content = ar_get_z(body, "content");
    const struct arras_value *required = ar_get_z(body, "required");
    uint32_t count = ar_is(content, ARRAS_OBJECT) ? content->count : 0;
    struct ar_media *media = ar_new_array(arena, struct ar_media, count ? count : 1);
    if (!media) {
        return ar_no_memory(diags);
    }
    for (uint32_t i = 0; i < count && !status; i++) {
        status = read_media(operation, &content->members[i], arena, diags, &media[i]);
    }
    *ret = (struct ar_body){true, ar_is(required, ARRAS_BOOL) && required->boolean, media, count};
    return status;
}
