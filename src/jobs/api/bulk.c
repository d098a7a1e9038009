/* Deleting several variables or resources at once. What is not there, or not the caller's to
 * delete, stays as it is and is not among what was deleted. */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/item.h"
#include "jobs/api/route.h"

struct bulk {
    const char *operation; /* of the audit log */
    /* The permissions of the thing at a path; NOT_FOUND. */
    enum arras_status (*find)(struct ar_call *call, struct arras_str path, struct arras_str *ret);
    enum arras_status (*remove)(struct ar_store *store, struct arras_str workspace,
                                struct arras_str path, struct ar_diags *diags);
};

/* {"paths": [TEXT...]}; false: answered. */
static bool read_paths(struct ar_call *call, struct arras_value *ret)
{
    struct arras_value body;
    if (!ar_item_body(call, &body)) {
        return false;
    }
    const struct arras_value *paths = ar_get_z(&body, "paths");
    bool texts = ar_is(paths, ARRAS_ARRAY) && paths->count <= AR_JOB_LIST_MOST;
    for (uint32_t i = 0; texts && i < paths->count; i++) {
        texts = paths->items[i].type == ARRAS_STRING;
    }
    if (!texts) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: paths: expected "
                        "an array of at most %d strings",
                        AR_JOB_LIST_MOST);
        return false;
    }
    *ret = *paths;
    return true;
}

/* False: answered. */
static bool delete_one(struct ar_call *call, const struct bulk *bulk, struct arras_str path,
                       struct ar_list *deleted)
{
    struct arras_str perms;
    enum arras_status status = bulk->find(call, path, &perms);
    if (status == ARRAS_NOT_FOUND ||
        (!status && !ar_access_allows(&call->access, path, perms, AR_RIGHT_WRITE))) {
        return true;
    }
    if (!status) {
        status = bulk->remove(call->api->store, call->workspace, path, &call->diags);
    }
    if (status == ARRAS_NOT_FOUND) {
        return true;
    }
    if (!status && !ar_list_push(deleted, ar_string(path))) {
        status = ARRAS_NO_MEMORY;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_audit(call, bulk->operation, AR_AUDIT_DELETE, path, NULL);
}

static void delete_all(struct ar_call *call, const struct bulk *bulk)
{
    struct arras_value paths;
    struct ar_list deleted;
    if (!read_paths(call, &paths)) {
        return;
    }
    ar_list_init(&deleted, call->arena);
    for (uint32_t i = 0; i < paths.count; i++) {
        if (!delete_one(call, bulk, ar_text(&paths.items[i]), &deleted)) {
            return;
        }
    }
    struct arras_value value = ar_list_value(&deleted);
    ar_answer_json(call, 200, &value);
}

static enum arras_status find_variable(struct ar_call *call, struct arras_str path,
                                       struct arras_str *ret)
{
    struct ar_variable variable;
    enum arras_status status = ar_store_variable_get(call->api->store, call->workspace, path,
                                                     call->arena, &call->diags, &variable);
    *ret = status ? AR_STR("") : variable.extra_perms;
    return status;
}

void ar_api_delete_variables(struct ar_call *call)
{
    static const struct bulk variables = {"variables.delete", find_variable,
                                          ar_store_variable_delete};
    delete_all(call, &variables);
}

static enum arras_status find_resource(struct ar_call *call, struct arras_str path,
                                       struct arras_str *ret)
{
    struct ar_resource resource;
    enum arras_status status = ar_store_resource_get(call->api->store, call->workspace, path,
                                                     call->arena, &call->diags, &resource);
    *ret = status ? AR_STR("") : resource.extra_perms;
    return status;
}

void ar_api_delete_resources(struct ar_call *call)
{
    static const struct bulk resources = {"resources.delete", find_resource,
                                          ar_store_resource_delete};
    delete_all(call, &resources);
}
