/* Who the caller is, and which workspaces there are: windmill-api.md section 4.6. */
#include "jobs/api/route.h"

static void put_list(struct ar_writer *w, const char *name, const struct arras_str *item)
{
    struct ar_list list;
    ar_list_init(&list, w->arena);
    if (item && !ar_list_push(&list, ar_string(*item))) {
        w->status = ARRAS_NO_MEMORY;
    }
    ar_put(w, name, ar_list_value(&list));
}

void ar_api_whoami(struct ar_call *call)
{
    const struct arras_str everybody = AR_STR("all");
    struct ar_writer w;
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "workspace_id", call->workspace);
    ar_put_text(&w, "email", call->user.email);
    ar_put_text(&w, "username", call->user.username);
    ar_put_bool(&w, "is_admin", call->user.admin);
    ar_put_bool(&w, "is_super_admin", call->user.superadmin);
    ar_put_time(&w, "created_at", call->api->created_at);
    ar_put_bool(&w, "operator", false);
    ar_put_bool(&w, "disabled", false);
    put_list(&w, "groups", &everybody);
    put_list(&w, "folders", NULL);
    put_list(&w, "folders_owners", NULL);
    ar_answer_object(call, 200, &w);
}

void ar_api_global_whoami(struct ar_call *call)
{
    struct ar_writer w;
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "email", call->user.email);
    ar_put_text(&w, "login_type", AR_STR("password"));
    ar_put_bool(&w, "super_admin", call->user.superadmin);
    ar_put_bool(&w, "devops", false);
    ar_put_bool(&w, "verified", true);
    ar_put_text(&w, "username", call->user.username);
    ar_put_bool(&w, "operator_only", false);
    ar_put_bool(&w, "first_time_user", false);
    ar_put_text(&w, "role_source", AR_STR("manual"));
    ar_put_bool(&w, "disabled", false);
    ar_answer_object(call, 200, &w);
}

/* The one workspace that this server has, where the token is good for it. */
static enum arras_status list_workspaces(struct ar_call *call, struct ar_list *list)
{
    struct ar_writer w;
    struct arras_value value;
    struct arras_str workspace = call->api->workspace;
    if (call->user.workspace.len && !ar_str_eq(call->user.workspace, workspace)) {
        return ARRAS_OK;
    }
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "id", workspace);
    ar_put_text(&w, "name", workspace);
    ar_put_text(&w, "username", call->user.username);
    ar_put_text(&w, "color", AR_STR(""));
    ar_put_bool(&w, "disabled", false);
    enum arras_status status = ar_writer_value(&w, &value);
    return status || ar_list_push(list, value) ? status : ARRAS_NO_MEMORY;
}

void ar_api_list_user_workspaces(struct ar_call *call)
{
    struct ar_writer w;
    struct ar_list list;
    ar_list_init(&list, call->arena);
    enum arras_status status = list_workspaces(call, &list);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "email", call->user.email);
    ar_put(&w, "workspaces", ar_list_value(&list));
    ar_answer_object(call, 200, &w);
}

void ar_api_exists_workspace(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct arras_value body;
    struct arras_str id = {NULL, 0};
    bool exists = false;
    if (!ar_call_json_body(call, false, &body) || !ar_member_text(call, &body, "id", &id)) {
        return;
    }
    if (id.len == 0) {
        ar_answer_text(call, 422,
                       AR_STR("Failed to deserialize the JSON body into the target type: missing "
                              "field `id`"));
        return;
    }
    enum arras_status status = ar_store_workspace_exists(store, id, &call->diags, &exists);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, exists ? AR_STR("true") : AR_STR("false"));
    }
}

void ar_api_workspace_name(struct ar_call *call)
{
    ar_answer_text(call, 200, call->workspace);
}
