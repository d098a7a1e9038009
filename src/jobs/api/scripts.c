/* Deploying scripts: windmill-api.md section 4.4. */
#include "jobs/api/audit.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/script_json.h"

/* What is live at the path; false: answered. */
static bool find_live(struct ar_call *call, struct arras_str path, struct ar_script *ret,
                      bool *ret_found)
{
    struct ar_store *store = call->api->store;
    enum arras_status status =
        ar_store_script_by_path(store, call->workspace, path, call->arena, &call->diags, ret);
    *ret_found = status == ARRAS_OK;
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return false;
    }
    return true;
}

static bool refuse(struct ar_call *call, const char *why)
{
    ar_answer_textf(call, 400, "Bad request: %s", why);
    return false;
}

static bool path_conflict(struct ar_call *call, const struct ar_script *live)
{
    ar_answer_textf(call, 400, "Bad request: Path conflict for %.*s with non-archived hash %.*s",
                    AR_STR_ARG(live->path), AR_STR_ARG(live->hash));
    return false;
}

/* The parent is live: of two children one would be lost. */
static bool check_parent(struct ar_call *call, struct arras_str hash)
{
    struct ar_store *store = call->api->store;
    struct ar_script parent;
    enum arras_status status =
        ar_store_script_by_hash(store, call->workspace, hash, call->arena, &call->diags, &parent);
    if (status == ARRAS_NOT_FOUND) {
        return refuse(call, "The parent hash does not seem to exist");
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    if (parent.archived || parent.deleted) {
        return refuse(call, "the lineage must be linear: the parent hash is that of an archived "
                            "version, and no 2 scripts can have the same parent");
    }
    return true;
}

/* What was archived and is deployed once more as it was follows its own last version. *ret_again:
 * this is so, and the hash is another now. */
static bool revive(struct ar_call *call, struct ar_script *script, bool *ret_again)
{
    struct ar_store *store = call->api->store;
    struct ar_script same;
    struct ar_script_list versions = {0};
    *ret_again = false;
    enum arras_status status = ar_store_script_by_hash(store, call->workspace, script->hash,
                                                       call->arena, &call->diags, &same);
    if (status == ARRAS_NOT_FOUND) {
        return true;
    }
    if (!status) {
        status = ar_store_script_versions(store, call->workspace, script->path, call->arena,
                                          &call->diags, &versions);
    }
    if (!status && versions.list.count) {
        script->parent_hash = versions.list.items[0].hash;
        status = ar_script_hash(script, call->arena, &script->hash);
        *ret_again = true;
    }
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static bool check_hash(struct ar_call *call, struct arras_str hash)
{
    struct ar_store *store = call->api->store;
    struct ar_script same;
    enum arras_status status =
        ar_store_script_by_hash(store, call->workspace, hash, call->arena, &call->diags, &same);
    if (status == ARRAS_OK) {
        return refuse(call, "A script with same hash (hence same path, description, summary, "
                            "content) already exists!");
    }
    if (status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return false;
    }
    return true;
}

static bool check_lineage(struct ar_call *call, struct ar_script *script,
                          const struct ar_script *live)
{
    bool again = false;
    if (!live && !script->parent_hash.len && !revive(call, script, &again)) {
        return false;
    }
    if (again) {
        return true;
    }
    if (!check_hash(call, script->hash)) {
        return false;
    }
    if (script->parent_hash.len && !check_parent(call, script->parent_hash)) {
        return false;
    }
    if (live && !ar_str_eq(script->parent_hash, live->hash)) {
        return path_conflict(call, live);
    }
    return true;
}

static bool audit(struct ar_call *call, const struct ar_script *script)
{
    struct ar_writer parameters;
    ar_writer_init(&parameters, call->arena);
    ar_put_text(&parameters, "hash", script->hash);
    ar_put_text_if(&parameters, "parent_hash", script->parent_hash);
    return script->parent_hash.len
               ? ar_audit(call, "scripts.update", AR_AUDIT_UPDATE, script->path, &parameters)
               : ar_audit(call, "scripts.create", AR_AUDIT_CREATE, script->path, &parameters);
}

/* False: answered. */
static bool may_write(struct ar_call *call, struct arras_str path, struct arras_str extra_perms)
{
    if (!ar_access_allows(&call->access, path, extra_perms, AR_RIGHT_WRITE)) {
        ar_answer_textf(call, 403, "Permission denied: %.*s may not write at %.*s",
                        AR_STR_ARG(call->user.username), AR_STR_ARG(path));
        return false;
    }
    return ar_call_scope_at(call, path);
}

/* With the deploying lock held. */
static void deploy(struct ar_call *call, struct ar_new_script *new, bool skip_if_noop)
{
    struct ar_store *store = call->api->store;
    struct ar_script *script = &new->script;
    struct ar_script live;
    bool is_live;
    if (!find_live(call, script->path, &live, &is_live) ||
        !may_write(call, script->path, is_live ? live.extra_perms : AR_STR(""))) {
        return;
    }
    if (is_live && new->auto_parent) {
        script->parent_hash = live.hash;
    }
    if (is_live && skip_if_noop && ar_script_same(script, &live)) {
        ar_answer_text(call, 201, live.hash);
        return;
    }
    if (is_live) {
        script->extra_perms = live.extra_perms;
    }
    enum arras_status status = ar_script_hash(script, call->arena, &script->hash);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    if (!check_lineage(call, script, is_live ? &live : NULL)) {
        return;
    }
    status = ar_store_script_add(store, script, &call->diags);
    if (status) {
        ar_answer_failed(call, status);
    } else if (audit(call, script)) {
        ar_answer_text(call, 201, script->hash);
    }
}

void ar_api_create_script(struct ar_call *call)
{
    struct ar_new_script script;
    bool skip_if_noop = false;
    if (!ar_call_is_developer(call, "create scripts") ||
        !ar_param_bool(call, "skip_if_noop", &skip_if_noop) || !ar_call_new_script(call, &script)) {
        return;
    }
    pthread_mutex_lock(&call->api->deploying);
    deploy(call, &script, skip_if_noop);
    pthread_mutex_unlock(&call->api->deploying);
}
