/* Writing resources: windmill-api.md section 4.5. */
#include "jobs/api/audit.h"
#include "jobs/api/item.h"
#include "jobs/api/resource_json.h"
#include "jobs/api/route.h"

bool ar_resource_find(struct ar_call *call, enum ar_right right, struct ar_resource *ret)
{
    enum arras_status status = ar_store_resource_get(call->api->store, call->workspace, call->tail,
                                                     call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Resource %.*s not found", AR_STR_ARG(call->tail));
        return false;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_item_allowed(call, "Resource", ret->path, ret->extra_perms, right);
}

static bool read_members(struct ar_call *call, const struct arras_value *body,
                         struct ar_resource *ret)
{
    ret->workspace = call->workspace;
    ret->edited_at = call->now;
    return ar_member_text(call, body, "path", &ret->path) &&
           ar_member_text(call, body, "description", &ret->description) &&
           ar_member_text(call, body, "resource_type", &ret->type) &&
           ar_item_json(call, body, "value", &ret->value) &&
           ar_item_labels(call, body, &ret->labels);
}

static void answer_conflict(struct ar_call *call, struct arras_str path)
{
    ar_answer_textf(call, 400, "Bad request: Resource %.*s already exists", AR_STR_ARG(path));
}

/* ?update_if_exists=true: what is there keeps who made it and who may use it. */
static enum arras_status update_existing(struct ar_call *call, struct ar_resource *resource)
{
    struct ar_resource old;
    enum arras_status status = ar_store_resource_get(
        call->api->store, call->workspace, resource->path, call->arena, &call->diags, &old);
    if (status) {
        return status;
    }
    resource->created_by = old.created_by;
    resource->created_at = old.created_at;
    resource->extra_perms = old.extra_perms;
    resource->labels = resource->labels.len ? resource->labels : old.labels;
    return ar_store_resource_update(call->api->store, old.path, resource, &call->diags);
}

void ar_api_create_resource(struct ar_call *call)
{
    static const char *const required[] = {"path", "value", "resource_type", NULL};
    struct arras_value body;
    bool update = false;
    struct ar_resource resource = {.created_by = call->user.username, .created_at = call->now};
    if (!ar_param_bool(call, "update_if_exists", &update) || !ar_item_body(call, &body) ||
        !ar_item_has(call, &body, required) || !read_members(call, &body, &resource) ||
        !ar_item_path(call, resource.path)) {
        return;
    }
    enum arras_status status = ar_store_resource_add(call->api->store, &resource, &call->diags);
    if (status == ARRAS_CONFLICT && update) {
        status = update_existing(call, &resource);
    }
    if (status == ARRAS_CONFLICT) {
        answer_conflict(call, resource.path);
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "resources.create", AR_AUDIT_CREATE, resource.path, 201,
                        "resource %.*s created", AR_STR_ARG(resource.path));
    }
}

void ar_api_update_resource(struct ar_call *call)
{
    struct arras_value body;
    struct ar_resource resource;
    if (!ar_item_body(call, &body) || !ar_resource_find(call, AR_RIGHT_WRITE, &resource) ||
        !read_members(call, &body, &resource) ||
        (ar_get_z(&body, "path") && !ar_item_path(call, resource.path))) {
        return;
    }
    enum arras_status status =
        ar_store_resource_update(call->api->store, call->tail, &resource, &call->diags);
    if (status == ARRAS_CONFLICT) {
        answer_conflict(call, resource.path);
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "resources.update", AR_AUDIT_UPDATE, call->tail, 200,
                        "resource %.*s updated (npath: \"%.*s\")", AR_STR_ARG(call->tail),
                        AR_STR_ARG(resource.path));
    }
}

void ar_api_update_resource_value(struct ar_call *call)
{
    struct arras_value body;
    struct ar_resource resource;
    struct arras_str value = AR_STR("null");
    if (!ar_item_body(call, &body) || !ar_resource_find(call, AR_RIGHT_WRITE, &resource) ||
        !ar_item_json(call, &body, "value", &value)) {
        return;
    }
    resource.value = value;
    resource.edited_at = call->now;
    enum arras_status status =
        ar_store_resource_update(call->api->store, call->tail, &resource, &call->diags);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "resources.update", AR_AUDIT_UPDATE, call->tail, 200,
                        "value of resource %.*s updated", AR_STR_ARG(call->tail));
    }
}

void ar_api_delete_resource(struct ar_call *call)
{
    struct ar_resource resource;
    if (!ar_resource_find(call, AR_RIGHT_WRITE, &resource)) {
        return;
    }
    enum arras_status status =
        ar_store_resource_delete(call->api->store, call->workspace, call->tail, &call->diags);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "resources.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "resource %.*s deleted", AR_STR_ARG(call->tail));
    }
}
