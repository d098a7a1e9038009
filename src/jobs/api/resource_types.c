/* Types of resources: names with a JSON Schema. Those of the workspace "admins" are there in every
 * workspace. */
#include "jobs/api/audit.h"
#include "jobs/api/item.h"
#include "jobs/api/route.h"

#define ADMINS AR_STR("admins")

static enum arras_status find(struct ar_call *call, struct ar_resource_type *ret)
{
    struct ar_store *store = call->api->store;
    enum arras_status status = ar_store_resource_type_get(store, call->workspace, call->tail,
                                                          call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        status =
            ar_store_resource_type_get(store, ADMINS, call->tail, call->arena, &call->diags, ret);
    }
    return status;
}

static void answer_none(struct ar_call *call, enum arras_status status)
{
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Resource type not found at name %.*s",
                        AR_STR_ARG(call->tail));
    } else {
        ar_answer_failed(call, status);
    }
}

static bool may_write(struct ar_call *call)
{
    if (!call->access.all) {
        ar_answer_textf(call, 403, "Permission denied: Require Admin privileges for %.*s",
                        AR_STR_ARG(call->user.username));
    }
    return call->access.all;
}

static bool read_members(struct ar_call *call, const struct arras_value *body,
                         struct ar_resource_type *ret)
{
    ret->workspace = call->workspace;
    ret->edited_at = call->now;
    return ar_member_text(call, body, "description", &ret->description) &&
           ar_member_text(call, body, "format_extension", &ret->format_extension) &&
           ar_item_bool(call, body, "is_fileset", &ret->fileset) &&
           ar_item_json(call, body, "schema", &ret->schema);
}

void ar_api_create_resource_type(struct ar_call *call)
{
    static const char *const required[] = {"name", NULL};
    struct arras_value body;
    struct ar_resource_type type = {.created_by = call->user.username};
    if (!may_write(call) || !ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !ar_member_text(call, &body, "name", &type.name) || !read_members(call, &body, &type)) {
        return;
    }
    if (type.name.len == 0 || type.name.len > AR_PATH_MOST) {
        ar_answer_textf(call, 400, "Bad request: a resource type's name has 1 to %d characters",
                        AR_PATH_MOST);
        return;
    }
    enum arras_status status = ar_store_resource_type_add(call->api->store, &type, &call->diags);
    if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 400, "Bad request: Resource type %.*s already exists",
                        AR_STR_ARG(type.name));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "resource_types.create", AR_AUDIT_CREATE, type.name, 201,
                        "resource_type %.*s created", AR_STR_ARG(type.name));
    }
}

void ar_api_update_resource_type(struct ar_call *call)
{
    struct arras_value body;
    struct ar_resource_type type;
    if (!may_write(call) || !ar_item_body(call, &body)) {
        return;
    }
    enum arras_status status = ar_store_resource_type_get(
        call->api->store, call->workspace, call->tail, call->arena, &call->diags, &type);
    if (status) {
        answer_none(call, status);
        return;
    }
    if (!read_members(call, &body, &type)) {
        return;
    }
    status = ar_store_resource_type_update(call->api->store, &type, &call->diags);
    if (status) {
        answer_none(call, status);
    } else {
        ar_audit_answer(call, "resource_types.update", AR_AUDIT_UPDATE, call->tail, 200,
                        "resource_type %.*s updated", AR_STR_ARG(call->tail));
    }
}

void ar_api_delete_resource_type(struct ar_call *call)
{
    if (!may_write(call)) {
        return;
    }
    enum arras_status status =
        ar_store_resource_type_delete(call->api->store, call->workspace, call->tail, &call->diags);
    if (status) {
        answer_none(call, status);
    } else {
        ar_audit_answer(call, "resource_types.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "resource_type %.*s deleted", AR_STR_ARG(call->tail));
    }
}

static void write_type(const struct ar_resource_type *type, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", type->workspace);
    ar_put_text(w, "name", type->name);
    ar_put_json(w, "schema", type->schema.len ? type->schema : AR_STR("null"));
    ar_put_text(w, "description", type->description);
    ar_put_text(w, "created_by", type->created_by);
    ar_put_time(w, "edited_at", type->edited_at);
    if (type->format_extension.len) {
        ar_put_text(w, "format_extension", type->format_extension);
    } else {
        ar_put_null(w, "format_extension");
    }
    ar_put_bool(w, "is_fileset", type->fileset);
}

void ar_api_get_resource_type(struct ar_call *call)
{
    struct ar_resource_type type;
    enum arras_status status = find(call, &type);
    if (status) {
        answer_none(call, status);
        return;
    }
    struct ar_writer writer;
    ar_writer_init(&writer, call->arena);
    write_type(&type, &writer);
    ar_answer_object(call, 200, &writer);
}

void ar_api_exists_resource_type(struct ar_call *call)
{
    struct ar_resource_type type;
    enum arras_status status = find(call, &type);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

/* What is made of each type of a list. */
struct listing {
    struct ar_call *call;
    struct ar_list list;
    struct ar_writer map; /* of file_resource_type_to_file_ext_map */
    enum arras_status status;
};

static void add(struct listing *listing, struct arras_value value)
{
    if (!ar_list_push(&listing->list, value)) {
        listing->status = ARRAS_NO_MEMORY;
    }
}

static bool take_whole(void *context, const struct ar_resource_type *type)
{
    struct listing *listing = context;
    struct ar_writer writer;
    struct arras_value value;
    ar_writer_init(&writer, listing->call->arena);
    write_type(type, &writer);
    listing->status = ar_writer_value(&writer, &value);
    if (listing->status == ARRAS_OK) {
        add(listing, value);
    }
    return listing->status == ARRAS_OK;
}

static bool take_name(void *context, const struct ar_resource_type *type)
{
    struct listing *listing = context;
    add(listing, ar_string(type->name));
    return listing->status == ARRAS_OK;
}

static bool take_extension(void *context, const struct ar_resource_type *type)
{
    struct listing *listing = context;
    struct ar_writer writer;
    struct arras_value value;
    if (type->format_extension.len == 0 && !type->fileset) {
        return true;
    }
    ar_writer_init(&writer, listing->call->arena);
    ar_put_text(&writer, "format_extension", type->format_extension);
    ar_put_bool(&writer, "is_fileset", type->fileset);
    listing->status = ar_writer_value(&writer, &value);
    if (listing->status == ARRAS_OK && !ar_object_set(&listing->map.object, type->name, value)) {
        listing->status = ARRAS_NO_MEMORY;
    }
    return listing->status == ARRAS_OK;
}

/* Those of "admins" first, those of the workspace over them. */
static bool list(struct ar_call *call, struct listing *listing, ar_resource_type_taker *taker)
{
    *listing = (struct listing){.call = call};
    ar_list_init(&listing->list, call->arena);
    ar_writer_init(&listing->map, call->arena);
    const struct arras_str workspaces[] = {ADMINS, call->workspace};
    enum arras_status status = ARRAS_OK;
    for (size_t i = ar_str_eq(call->workspace, ADMINS); i < 2 && !status; i++) {
        status = ar_store_resource_type_list(call->api->store, workspaces[i], call->arena,
                                             &call->diags, taker, listing);
        status = status ? status : listing->status;
    }
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static void answer_list(struct ar_call *call, ar_resource_type_taker *taker)
{
    struct listing listing;
    if (list(call, &listing, taker)) {
        struct arras_value value = ar_list_value(&listing.list);
        ar_answer_json(call, 200, &value);
    }
}

void ar_api_list_resource_types(struct ar_call *call)
{
    answer_list(call, take_whole);
}

void ar_api_list_resource_type_names(struct ar_call *call)
{
    answer_list(call, take_name);
}

void ar_api_resource_type_extensions(struct ar_call *call)
{
    struct listing listing;
    if (list(call, &listing, take_extension)) {
        ar_answer_object(call, 200, &listing.map);
    }
}
