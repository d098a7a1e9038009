/* Writing variables: windmill-api.md section 4.5. Secret values are sealed with the server's key
 * before they reach the store. */
#include "jobs/api/audit.h"
#include "jobs/api/item.h"
#include "jobs/api/route.h"
#include "jobs/api/variable_json.h"
#include "jobs/secret.h"

enum arras_status ar_variable_seal(struct ar_call *call, struct arras_str text,
                                   struct arras_str *ret)
{
    return ar_secret_seal(call->api->key, call->workspace, text, call->arena, ret);
}

enum arras_status ar_variable_open(struct ar_call *call, const struct ar_variable *variable,
                                   struct arras_str *ret)
{
    if (!variable->secret) {
        *ret = variable->value;
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_secret_open(call->api->key, call->workspace, variable->value, call->arena, ret);
    return status == ARRAS_INVALID
               ? ar_error(&call->diags, ARRAS_INVALID, "sealed", NULL, 0,
                          "the secret variable %.*s was encrypted with another key",
                          AR_STR_ARG(variable->path))
               : status;
}

bool ar_variable_find(struct ar_call *call, enum ar_right right, struct ar_variable *ret)
{
    enum arras_status status = ar_store_variable_get(call->api->store, call->workspace, call->tail,
                                                     call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Variable %.*s not found", AR_STR_ARG(call->tail));
        return false;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_item_allowed(call, "Variable", ret->path, ret->extra_perms, right);
}

/* Everything but the value. */
static bool read_members(struct ar_call *call, const struct arras_value *body,
                         struct ar_variable *ret)
{
    ret->workspace = call->workspace;
    ret->edited_by = call->user.username;
    ret->edited_at = call->now;
    return ar_member_text(call, body, "path", &ret->path) &&
           ar_member_text(call, body, "description", &ret->description) &&
           ar_item_bool(call, body, "is_secret", &ret->secret) &&
           ar_item_labels(call, body, &ret->labels) &&
           ar_item_time(call, body, "expires_at", &ret->expires_at);
}

/* ?already_encrypted=true: the client has it from variables/get?include_encrypted=true. */
static bool read_value(struct ar_call *call, const struct arras_value *body,
                       struct ar_variable *ret)
{
    bool encrypted = false;
    struct arras_str text = {NULL, 0}, opened;
    if (!ar_param_bool(call, "already_encrypted", &encrypted) ||
        !ar_member_text(call, body, "value", &text)) {
        return false;
    }
    ret->value = text;
    if (!ret->secret) {
        return true;
    }
    enum arras_status status = encrypted ? ar_variable_open(call, ret, &opened)
                                         : ar_variable_seal(call, text, &ret->value);
    if (encrypted && status == ARRAS_INVALID) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: the value was not encrypted with this server's key"));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static void answer_conflict(struct ar_call *call, struct arras_str path)
{
    ar_answer_textf(call, 400, "Bad request: Variable %.*s already exists", AR_STR_ARG(path));
}

void ar_api_create_variable(struct ar_call *call)
{
    static const char *const required[] = {"path", "value", "is_secret", NULL};
    struct arras_value body;
    struct ar_variable variable = {0};
    if (!ar_item_body(call, &body) || !ar_item_has(call, &body, required) ||
        !read_members(call, &body, &variable) || !ar_item_path(call, variable.path) ||
        !read_value(call, &body, &variable)) {
        return;
    }
    enum arras_status status = ar_store_variable_add(call->api->store, &variable, &call->diags);
    if (status == ARRAS_CONFLICT) {
        answer_conflict(call, variable.path);
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "variables.create", AR_AUDIT_CREATE, variable.path, 201,
                        "variable %.*s created", AR_STR_ARG(variable.path));
    }
}

static bool read_update(struct ar_call *call, const struct arras_value *body,
                        struct ar_variable *variable)
{
    bool was_secret = variable->secret;
    bool moved = ar_get_z(body, "path") != NULL, valued = ar_get_z(body, "value") != NULL;
    if (!read_members(call, body, variable) || (moved && !ar_item_path(call, variable->path))) {
        return false;
    }
    if (!valued && variable->secret != was_secret) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: cannot change is_secret without updating value too"));
        return false;
    }
    return !valued || read_value(call, body, variable);
}

void ar_api_update_variable(struct ar_call *call)
{
    struct arras_value body;
    struct ar_variable variable;
    if (!ar_item_body(call, &body) || !ar_variable_find(call, AR_RIGHT_WRITE, &variable) ||
        !read_update(call, &body, &variable)) {
        return;
    }
    enum arras_status status =
        ar_store_variable_update(call->api->store, call->tail, &variable, &call->diags);
    if (status == ARRAS_CONFLICT) {
        answer_conflict(call, variable.path);
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "variables.update", AR_AUDIT_UPDATE, call->tail, 200,
                        "variable %.*s updated (npath: %.*s)", AR_STR_ARG(call->tail),
                        AR_STR_ARG(variable.path));
    }
}

void ar_api_delete_variable(struct ar_call *call)
{
    struct ar_variable variable;
    if (!ar_variable_find(call, AR_RIGHT_WRITE, &variable)) {
        return;
    }
    enum arras_status status =
        ar_store_variable_delete(call->api->store, call->workspace, call->tail, &call->diags);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_audit_answer(call, "variables.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "variable %.*s deleted", AR_STR_ARG(call->tail));
    }
}

void ar_api_encrypt_value(struct ar_call *call)
{
    struct arras_value body;
    struct arras_str sealed;
    if (!ar_call_json_body(call, false, &body)) {
        return;
    }
    if (body.type != ARRAS_STRING) {
        ar_answer_textf(call, 422, "Failed to deserialize the JSON body: expected a string");
        return;
    }
    enum arras_status status = ar_variable_seal(call, ar_text(&body), &sealed);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_text(call, 200, sealed);
    }
}
