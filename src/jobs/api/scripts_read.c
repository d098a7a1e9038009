/* Reading scripts. */
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/script_json.h"

void ar_answer_no_script(struct ar_call *call, enum arras_status status)
{
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Script not found at name %.*s",
                        AR_STR_ARG(call->tail));
    } else {
        ar_answer_failed(call, status);
    }
}

/* What the caller may not read is not there. */
static enum arras_status readable(struct ar_call *call, enum arras_status status,
                                  const struct ar_script *script)
{
    bool may =
        status || ar_access_allows(&call->access, script->path, script->extra_perms, AR_RIGHT_READ);
    return may ? status : ARRAS_NOT_FOUND;
}

static enum arras_status by_path(struct ar_call *call, struct ar_script *ret)
{
    struct ar_store *store = call->api->store;
    enum arras_status status =
        ar_store_script_by_path(store, call->workspace, call->tail, call->arena, &call->diags, ret);
    return readable(call, status, ret);
}

bool ar_call_script_at_path(struct ar_call *call, struct ar_script *ret)
{
    enum arras_status status = by_path(call, ret);
    if (status) {
        ar_answer_no_script(call, status);
    }
    return status == ARRAS_OK;
}

bool ar_call_script_version(struct ar_call *call, struct arras_str hash, struct ar_script *ret)
{
    struct ar_store *store = call->api->store;
    enum arras_status status =
        ar_store_script_by_hash(store, call->workspace, hash, call->arena, &call->diags, ret);
    status = readable(call, status, ret);
    if (status) {
        ar_answer_no_script(call, status);
        return false;
    }
    return ar_call_scope_at(call, ret->path);
}

void ar_answer_script(struct ar_call *call, const struct ar_script *script)
{
    struct ar_writer writer;
    ar_writer_init(&writer, call->arena);
    ar_script_write(script, AR_SCRIPT_CONTENT, &writer);
    ar_answer_object(call, 200, &writer);
}

void ar_api_get_script_by_path(struct ar_call *call)
{
    struct ar_script script;
    if (ar_call_script_at_path(call, &script)) {
        ar_answer_script(call, &script);
    }
}

void ar_api_get_script_by_hash(struct ar_call *call)
{
    struct ar_script script;
    if (ar_call_script_version(call, call->tail, &script)) {
        ar_answer_script(call, &script);
    }
}

void ar_api_exists_script(struct ar_call *call)
{
    struct ar_script script;
    enum arras_status status = by_path(call, &script);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

/* Clients that import scripts ask for files, "f/folder/script.ts": no path has a dot in it. */
static void cut_ending(struct arras_str *path)
{
    size_t from = 0, slash, dot;
    while ((slash = ar_str_find_char(*path, '/', from)) != AR_NOT_FOUND) {
        from = slash + 1;
    }
    dot = ar_str_find_char(*path, '.', from);
    *path = ar_str_sub(*path, 0, dot == AR_NOT_FOUND ? path->len : dot);
}

void ar_api_raw_script(struct ar_call *call)
{
    struct ar_script script;
    cut_ending(&call->tail);
    if (ar_call_script_at_path(call, &script)) {
        ar_answer_text(call, 200, script.content);
    }
}

void ar_api_raw_script_by_hash(struct ar_call *call)
{
    struct ar_script script;
    if (ar_call_script_version(call, call->tail, &script)) {
        ar_answer_text(call, 200, script.content);
    }
}

/* Scripts are deployed when createScript is answered, and languages have no locks here. */
void ar_api_script_deployment_status(struct ar_call *call)
{
    struct ar_script script;
    struct ar_writer writer;
    if (!ar_call_script_version(call, call->tail, &script)) {
        return;
    }
    ar_writer_init(&writer, call->arena);
    ar_put_text(&writer, "lock", script.lock);
    ar_put_null(&writer, "lock_error_logs");
    ar_answer_object(call, 200, &writer);
}

static enum arras_status write_version(struct ar_call *call, const struct ar_script *script,
                                       struct arras_value *ret)
{
    struct ar_writer writer;
    ar_writer_init(&writer, call->arena);
    ar_put_text(&writer, "script_hash", script->hash);
    ar_put_text_if(&writer, "deployment_msg", script->message);
    return ar_writer_value(&writer, ret);
}

void ar_api_script_history(struct ar_call *call)
{
    struct ar_script_list versions = {0};
    struct ar_list list;
    enum arras_status status = ar_store_script_versions(
        call->api->store, call->workspace, call->tail, call->arena, &call->diags, &versions);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < versions.list.count; i++) {
        const struct ar_script *version = &versions.list.items[i];
        struct arras_value value;
        if (readable(call, ARRAS_OK, version)) {
            continue;
        }
        status = write_version(call, version, &value);
        if (!status && !ar_list_push(&list, value)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}

void ar_api_script_latest_version(struct ar_call *call)
{
    struct ar_script script;
    struct arras_value value;
    if (!ar_call_script_at_path(call, &script)) {
        return;
    }
    enum arras_status status = write_version(call, &script, &value);
    if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json(call, 200, &value);
    }
}

void ar_api_no_drafts(struct ar_call *call)
{
    ar_answer_text(call, 501,
                   AR_STR("Not implemented: this server keeps no drafts, only what is deployed"));
}

void ar_api_no_favorites(struct ar_call *call)
{
    ar_answer_text(call, 501, AR_STR("Not implemented: nothing is starred on this server"));
}
