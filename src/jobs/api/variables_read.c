/* Reading variables: windmill-api.md section 4.5. */
#include "jobs/api/audit.h"
#include "jobs/api/item.h"
#include "jobs/api/route.h"
#include "jobs/api/variable_json.h"

/* `value` NULL: it stays hidden. */
static void write_variable(const struct ar_variable *variable, const struct arras_str *value,
                           int64_t now, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", variable->workspace);
    ar_put_text(w, "path", variable->path);
    if (value) {
        ar_put_text(w, "value", *value);
    } else {
        ar_put_null(w, "value");
    }
    ar_put_bool(w, "is_secret", variable->secret);
    ar_put_text(w, "description", variable->description);
    ar_item_put_perms(w, variable->extra_perms, variable->labels);
    ar_put_null(w, "account");
    ar_put_bool(w, "is_oauth", false);
    ar_put_bool(w, "is_expired", variable->expires_at && variable->expires_at <= now);
    ar_put_bool(w, "is_refreshed", false);
    if (variable->expires_at) {
        ar_put_time(w, "expires_at", variable->expires_at);
    }
}

/* A secret that is read is on record. False: answered. */
static bool audit_read(struct ar_call *call, const struct ar_variable *variable)
{
    return !variable->secret ||
           ar_audit(call, "variables.decrypt_secret", AR_AUDIT_EXECUTE, variable->path, NULL);
}

void ar_api_get_variable(struct ar_call *call)
{
    struct ar_variable variable;
    bool decrypt = true, encrypted = false;
    if (!ar_param_bool(call, "decrypt_secret", &decrypt) ||
        !ar_param_bool(call, "include_encrypted", &encrypted) ||
        !ar_variable_find(call, AR_RIGHT_READ, &variable)) {
        return;
    }
    struct arras_str value = variable.value;
    bool opened = !variable.secret || decrypt;
    enum arras_status status = opened ? ar_variable_open(call, &variable, &value) : ARRAS_OK;
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    if (opened && !audit_read(call, &variable)) {
        return;
    }
    struct ar_writer writer;
    ar_writer_init(&writer, call->arena);
    write_variable(&variable, opened || encrypted ? &value : NULL, call->now, &writer);
    ar_answer_object(call, 200, &writer);
}

void ar_api_get_variable_value(struct ar_call *call)
{
    struct ar_variable variable;
    struct arras_str value;
    if (!ar_variable_find(call, AR_RIGHT_READ, &variable)) {
        return;
    }
    enum arras_status status = ar_variable_open(call, &variable, &value);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    if (!audit_read(call, &variable)) {
        return;
    }
    struct arras_value text = ar_string(value);
    ar_answer_json(call, 200, &text);
}

void ar_api_exists_variable(struct ar_call *call)
{
    struct ar_variable variable;
    enum arras_status status = ar_store_variable_get(call->api->store, call->workspace, call->tail,
                                                     call->arena, &call->diags, &variable);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

static bool take(void *context, const struct ar_variable *variable)
{
    struct ar_item_page *page = context;
    bool more;
    if (ar_item_page_wants(page, variable->path, variable->extra_perms, variable->labels, &more)) {
        struct ar_writer writer;
        ar_writer_init(&writer, page->call->arena);
        write_variable(variable, variable->secret ? NULL : &variable->value, page->call->now,
                       &writer);
        ar_item_page_add(page, &writer);
    }
    return more;
}

void ar_api_list_variables(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    if (!ar_item_page_begin(&page, call, &filter)) {
        return;
    }
    ar_item_page_answer(&page, ar_store_variable_list(call->api->store, &filter, call->arena,
                                                      &call->diags, take, &page));
}
