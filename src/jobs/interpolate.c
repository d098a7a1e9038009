#include "jobs/interpolate.h"
#include "base/limits.h"
#include "value/json.h"

enum { ARRAY_MOST = 1000, NESTED_MOST = 32 };

struct walk {
    const struct ar_interpolation *with;
    struct ar_arena *arena;
    struct ar_diags *diags;
    int depth;  /* of values */
    int nested; /* of resources within resources: a circle ends at a cap */
};

static enum arras_status interpolate(struct walk *walk, const struct arras_value *value,
                                     struct arras_value *ret);

static enum arras_status missing(struct walk *walk, const char *kind, struct arras_str path,
                                 enum arras_status status)
{
    return status == ARRAS_NOT_FOUND ? ar_error(walk->diags, status, "reference", NULL, 0,
                                                "%s %.*s not found", kind, AR_STR_ARG(path))
                                     : status;
}

static enum arras_status refuse(struct walk *walk, const char *kind, struct arras_str path)
{
    return ar_error(walk->diags, ARRAS_INVALID, "reference", NULL, 0, "no access to %s %.*s", kind,
                    AR_STR_ARG(path));
}

static enum arras_status variable(struct walk *walk, struct arras_str path, struct arras_value *ret)
{
    const struct ar_interpolation *with = walk->with;
    struct ar_variable found;
    enum arras_status status =
        ar_store_variable_get(with->store, with->workspace, path, walk->arena, walk->diags, &found);
    if (status) {
        return missing(walk, "Variable", path, status);
    }
    if (!ar_access_allows(with->access, path, found.extra_perms, AR_RIGHT_READ)) {
        return refuse(walk, "Variable", path);
    }
    struct arras_str text = found.value;
    if (found.secret && !with->key) {
        status = ARRAS_INVALID;
    } else if (found.secret) {
        status = ar_secret_open(with->key, with->workspace, found.value, walk->arena, &text);
    }
    if (status == ARRAS_INVALID) {
        return ar_error(walk->diags, status, "reference", NULL, 0,
                        "the secret variable %.*s was encrypted with another key",
                        AR_STR_ARG(path));
    }
    *ret = ar_string(text);
    return status;
}

static enum arras_status resource(struct walk *walk, struct arras_str path, struct arras_value *ret)
{
    const struct ar_interpolation *with = walk->with;
    struct ar_resource found;
    enum arras_status status =
        ar_store_resource_get(with->store, with->workspace, path, walk->arena, walk->diags, &found);
    if (status) {
        return missing(walk, "Resource", path, status);
    }
    if (!ar_access_allows(with->access, path, found.extra_perms, AR_RIGHT_READ)) {
        return refuse(walk, "Resource", path);
    }
    struct ar_source source = {AR_STR("the store"), found.value};
    struct arras_value value = ar_null();
    if (found.value.len) {
        status = ar_json_read(&source, walk->arena, walk->diags, &value);
    }
    if (status) {
        return status;
    }
    if (walk->nested >= NESTED_MOST) {
        return ar_error(walk->diags, ARRAS_INVALID, "reference", NULL, 0,
                        "Resource %.*s refers to others in a circle", AR_STR_ARG(path));
    }
    walk->nested++;
    status = interpolate(walk, &value, ret);
    walk->nested--;
    return status;
}

static enum arras_status encrypted(struct walk *walk, struct arras_str sealed,
                                   struct arras_value *ret)
{
    const struct ar_interpolation *with = walk->with;
    struct arras_str opened;
    enum arras_status status =
        with->key ? ar_secret_open(with->key, with->workspace, sealed, walk->arena, &opened)
                  : ARRAS_INVALID;
    if (status == ARRAS_INVALID) {
        return ar_error(walk->diags, status, "reference", NULL, 0,
                        "an encrypted value was not encrypted for this workspace");
    }
    *ret = ar_string(opened);
    return status;
}

/* `name` with its $. What is none stays the text that it is. */
static void reserved(struct walk *walk, struct arras_str name, struct arras_value *ret)
{
    const struct ar_interpolation *with = walk->with;
    for (size_t i = 0; i < with->environment_count; i++) {
        struct arras_str value = with->environment[i];
        if (ar_str_eq(ar_str_cut(&value, '='), ar_str_from(name, 1))) {
            *ret = ar_string(value);
        }
    }
}

static enum arras_status text(struct walk *walk, const struct arras_value *value,
                              struct arras_value *ret)
{
    struct arras_str written = ar_text(value);
    *ret = *value;
    if (ar_str_starts(written, "$var:")) {
        return variable(walk, ar_str_from(written, strlen("$var:")), ret);
    }
    if (ar_str_starts(written, "$res:")) {
        return resource(walk, ar_str_from(written, strlen("$res:")), ret);
    }
    if (ar_str_starts(written, "$encrypted:")) {
        return encrypted(walk, ar_str_from(written, strlen("$encrypted:")), ret);
    }
    if (ar_str_starts(written, "$WM_")) {
        reserved(walk, written, ret);
    }
    return ARRAS_OK;
}

static enum arras_status array(struct walk *walk, const struct arras_value *value,
                               struct arras_value *ret)
{
    struct ar_list list;
    ar_list_init(&list, walk->arena);
    for (uint32_t i = 0; i < value->count; i++) {
        struct arras_value item;
        enum arras_status status = interpolate(walk, &value->items[i], &item);
        if (status) {
            return status;
        }
        if (!ar_list_push(&list, item)) {
            return ar_no_memory(walk->diags);
        }
    }
    *ret = ar_list_value(&list);
    return ARRAS_OK;
}

static enum arras_status object(struct walk *walk, const struct arras_value *value,
                                struct arras_value *ret)
{
    struct ar_object object;
    ar_object_init(&object, walk->arena);
    for (uint32_t i = 0; i < value->count; i++) {
        struct arras_value member;
        enum arras_status status = interpolate(walk, &value->members[i].value, &member);
        if (status) {
            return status;
        }
        if (!ar_object_set(&object, ar_member_name(&value->members[i]), member)) {
            return ar_no_memory(walk->diags);
        }
    }
    return ar_object_value(&object, ret) ? ARRAS_OK : ar_no_memory(walk->diags);
}

static enum arras_status interpolate(struct walk *walk, const struct arras_value *value,
                                     struct arras_value *ret)
{
    enum arras_status status = ARRAS_OK;
    if (walk->depth >= AR_NESTING_DEPTH) {
        return ar_error(walk->diags, ARRAS_LIMIT, "reference", NULL, 0,
                        "a value is nested more than %d deep", AR_NESTING_DEPTH);
    }
    walk->depth++;
    if (ar_is(value, ARRAS_STRING)) {
        status = text(walk, value, ret);
    } else if (ar_is(value, ARRAS_OBJECT)) {
        status = object(walk, value, ret);
    } else if (ar_is(value, ARRAS_ARRAY) && value->count <= ARRAY_MOST) {
        status = array(walk, value, ret);
    } else {
        *ret = *value;
    }
    walk->depth--;
    return status;
}

enum arras_status ar_interpolate(const struct ar_interpolation *with,
                                 const struct arras_value *value, struct ar_arena *arena,
                                 struct ar_diags *diags, struct arras_value *ret)
{
    struct walk walk = {.with = with, .arena = arena, .diags = diags};
    return interpolate(&walk, value, ret);
}
