/* Reading other documents before they are needed. */
#include "base/limits.h"
#include "openapi/reference.h"

/* Whether the object behind a $ref was not looked into before. */
static enum arras_status is_new(struct ar_homes *homes, const struct arras_value *target,
                                bool *ret_new)
{
    const void *address = target->members;
    struct arras_str key;
    *ret_new = false;
    if (ar_map_get(&homes->seen, (struct arras_str){(char *)&address, sizeof(address)})) {
        return ARRAS_OK;
    }
    *ret_new = true;
    return ar_str_copy((struct arras_str){(char *)&address, sizeof(address)}, homes->arena, &key) &&
                   ar_map_set(&homes->seen, homes->arena, key, homes)
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

struct ahead {
    struct ar_homes *homes;
    struct ar_arena *arena;
    AR_VEC(const struct arras_value *) targets; /* that are to be looked into */
};

static enum arras_status look(struct ahead *ahead, const struct arras_value *value, unsigned depth);

static enum arras_status look_behind(struct ahead *ahead, const struct arras_value *value)
{
    const struct arras_value *target;
    bool fresh = false;
    enum arras_status status =
        ar_reference_follow(ahead->homes, value, ahead->arena, NULL, &target);
    if (status) {
        return status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
    }
    if (target->type == ARRAS_OBJECT && target->count) {
        status = is_new(ahead->homes, target, &fresh);
    }
    if (!status && fresh && !ar_vec_push(ahead->arena, &ahead->targets, target)) {
        status = ARRAS_NO_MEMORY;
    }
    return status;
}

static enum arras_status look(struct ahead *ahead, const struct arras_value *value, unsigned depth)
{
    enum arras_status status = ARRAS_OK;
    if (depth > AR_NESTING_DEPTH) {
        return ARRAS_OK;
    }
    if (value->type == ARRAS_ARRAY) {
        for (uint32_t i = 0; i < value->count && !status; i++) {
            status = look(ahead, &value->items[i], depth + 1);
        }
    } else if (ar_is(ar_get_z(value, "$ref"), ARRAS_STRING)) {
        status = look_behind(ahead, value);
    } else if (value->type == ARRAS_OBJECT) {
        for (uint32_t i = 0; i < value->count && !status; i++) {
            status = look(ahead, &value->members[i].value, depth + 1);
        }
    }
    return status;
}

enum arras_status ar_reference_read_ahead(struct ar_homes *homes, const struct arras_value *value,
                                          struct ar_arena *arena)
{
    struct ahead ahead = {.homes = homes, .arena = arena};
    enum arras_status status = value ? look(&ahead, value, 0) : ARRAS_OK;
    for (size_t i = 0; i < ahead.targets.count && !status; i++) { /* grows as it is walked */
        status = look(&ahead, ahead.targets.items[i], 0);
    }
    return status;
}

/* A $ref by URL that a call cannot do without. One that leads nowhere matters when it is used. */
static enum arras_status need(const struct ar_operation *operation, const struct arras_value *value,
                              struct ar_arena *arena, struct ar_diags *diags,
                              const struct arras_value **ret)
{
    struct ar_diags own;
    ar_diags_init(&own, arena);
    *ret = NULL;
    enum arras_status status =
        value ? ar_description_follow(operation->description, value, arena, &own, ret) : ARRAS_OK;
    if (status == ARRAS_UNRESOLVED) {
        return ARRAS_OK;
    }
    if (status) {
        ar_diags_add(diags, &own);
    }
    return status;
}

static enum arras_status need_all(const struct ar_operation *operation,
                                  const struct arras_value *values, struct ar_arena *arena,
                                  struct ar_diags *diags)
{
    const struct arras_value *found;
    enum arras_status status = ARRAS_OK;
    for (uint32_t i = 0; ar_is(values, ARRAS_ARRAY) && i < values->count && !status; i++) {
        status = need(operation, &values->items[i], arena, diags, &found);
    }
    for (uint32_t i = 0; ar_is(values, ARRAS_OBJECT) && i < values->count && !status; i++) {
        status = need(operation, &values->members[i].value, arena, diags, &found);
    }
    return status;
}

enum arras_status ar_operation_need(const struct ar_operation *operation, struct ar_arena *arena,
                                    struct ar_diags *diags)
{
    const struct arras_value *shared = ar_get_z(operation->path_item, "parameters"), *body;
    enum arras_status status =
        need_all(operation, ar_get_z(operation->object, "parameters"), arena, diags);
    status = status ? status : need_all(operation, shared, arena, diags);
    status = status
                 ? status
                 : need(operation, ar_get_z(operation->object, "requestBody"), arena, diags, &body);
    status = status ? status : need_all(operation, ar_get_z(body, "content"), arena, diags);
    const struct ar_description *description = operation->description;
    const struct arras_value *schemes = ar_get_z(
        ar_get_z(&ar_description_document(description)->root, "components"), "securitySchemes");
    if (!status && (ar_description_read_ahead(description, operation->object, arena) ||
                    ar_description_read_ahead(description, shared, arena) ||
                    ar_description_read_ahead(description, schemes, arena))) {
        status = ar_no_memory(diags);
    }
    return status;
}
