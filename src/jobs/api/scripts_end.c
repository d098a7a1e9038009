/* Archiving and deleting scripts, and what is said about their versions: windmill-api.md
 * section 4.4.
 */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/item.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/script_json.h"

/* 403 to who may only read it; 401 to operators. */
static bool may_write(struct ar_call *call, const struct ar_script *script)
{
    return ar_call_is_developer(call, "change scripts") &&
           ar_item_allowed(call, "Script", script->path, script->extra_perms, AR_RIGHT_WRITE);
}

static bool archive(struct ar_call *call, const struct ar_script *script)
{
    enum arras_status status =
        ar_store_script_archive(call->api->store, call->workspace, script->hash, &call->diags);
    if (status) {
        ar_answer_no_script(call, status);
        return false;
    }
    return ar_audit(call, "scripts.archive", AR_AUDIT_DELETE, script->path, NULL);
}

void ar_api_archive_script_by_path(struct ar_call *call)
{
    struct ar_script script;
    if (ar_call_script_at_path(call, &script) && may_write(call, &script) &&
        archive(call, &script)) {
        ar_answer_textf(call, 200, "script %.*s archived", AR_STR_ARG(call->tail));
    }
}

void ar_api_archive_script_by_hash(struct ar_call *call)
{
    struct ar_script script;
    if (ar_call_script_version(call, call->tail, &script) && may_write(call, &script) &&
        archive(call, &script)) {
        script.archived = true;
        ar_answer_script(call, &script);
    }
}

void ar_api_delete_script_by_hash(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_script script;
    if (!ar_call_is_admin(call) || !ar_call_script_version(call, call->tail, &script)) {
        return;
    }
    enum arras_status status =
        ar_store_script_blank(store, call->workspace, call->tail, &call->diags);
    if (status) {
        ar_answer_no_script(call, status);
    } else if (ar_call_script_version(call, call->tail, &script) &&
               ar_audit(call, "scripts.delete", AR_AUDIT_DELETE, script.path, NULL)) {
        ar_answer_script(call, &script);
    }
}

static enum arras_status remove_path(struct ar_call *call, struct arras_str path)
{
    return ar_store_script_remove(call->api->store, call->workspace, path, &call->diags);
}

void ar_api_delete_script_by_path(struct ar_call *call)
{
    bool keep_captures = false; /* there are none */
    if (!ar_call_is_admin(call) || !ar_param_bool(call, "keep_captures", &keep_captures)) {
        return;
    }
    enum arras_status status = remove_path(call, call->tail);
    if (status) {
        ar_answer_no_script(call, status);
        return;
    }
    if (ar_audit(call, "scripts.delete", AR_AUDIT_DELETE, call->tail, NULL)) {
        struct arras_value path = ar_string(call->tail);
        ar_answer_json(call, 200, &path);
    }
}

static bool remove_each(struct ar_call *call, const struct arras_value *paths,
                        struct ar_list *ret_removed)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        struct arras_str path = ar_text(&paths->items[i]);
        enum arras_status status = remove_path(call, path);
        if (!status && !ar_audit(call, "scripts.delete", AR_AUDIT_DELETE, path, NULL)) {
            return false;
        }
        if (!status && !ar_list_push(ret_removed, paths->items[i])) {
            status = ARRAS_NO_MEMORY;
        }
        if (status && status != ARRAS_NOT_FOUND) {
            ar_answer_failed(call, status);
            return false;
        }
    }
    return true;
}

/* Those that were there. */
void ar_api_delete_scripts(struct ar_call *call)
{
    struct arras_value body;
    struct ar_list removed;
    if (!ar_call_is_admin(call) || !ar_item_body(call, &body)) {
        return;
    }
    const struct arras_value *paths = ar_get_z(&body, "paths");
    if (!ar_is(paths, ARRAS_ARRAY) || paths->count > AR_JOB_LIST_MOST) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: paths: expected "
                        "an array of at most %d paths",
                        AR_JOB_LIST_MOST);
        return;
    }
    ar_list_init(&removed, call->arena);
    if (remove_each(call, paths, &removed)) {
        struct arras_value value = ar_list_value(&removed);
        ar_answer_json(call, 200, &value);
    }
}

/* {"deployment_msg": TEXT} */
void ar_api_update_script_history(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_script script;
    struct arras_value body;
    struct arras_str message = {NULL, 0};
    if (!ar_item_body(call, &body) || !ar_member_text(call, &body, "deployment_msg", &message) ||
        !ar_call_script_version(call, call->part, &script) || !may_write(call, &script)) {
        return;
    }
    enum arras_status status = ar_store_script_message(store, call->workspace, call->tail,
                                                       call->part, message, &call->diags);
    if (status) { /* the version is another path's */
        ar_answer_no_script(call, status);
    } else {
        ar_answer_textf(call, 200, "deployment message of version %.*s updated",
                        AR_STR_ARG(call->part));
    }
}
