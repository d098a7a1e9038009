#include "jobs/api/audit.h"
#include "base/limits.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "value/json.h"

static enum arras_status write_parameters(struct ar_call *call, struct ar_writer *parameters,
                                          struct arras_str *ret)
{
    struct arras_value value;
    struct ar_buf buf;
    enum arras_status status = ar_writer_value(parameters, &value);
    if (status) {
        return status;
    }
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    ar_json_write(&buf, &value, ARRAS_WRITE_COMPACT);
    status = ar_buf_copy(&buf, call->arena, ret);
    ar_buf_release(&buf);
    return status;
}

bool ar_audit(struct ar_call *call, const char *operation, const char *kind,
              struct arras_str resource, struct ar_writer *parameters)
{
    struct ar_audit_entry entry = {
        .workspace = call->workspace,
        .at = call->now,
        .username = call->user.username,
        .operation = ar_str_z(operation),
        .kind = ar_str_z(kind),
        .resource = resource,
    };
    enum arras_status status =
        parameters ? write_parameters(call, parameters, &entry.parameters) : ARRAS_OK;
    if (!status) {
        status = ar_store_audit_add(call->api->store, &entry, &call->diags);
    }
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_audit_answer(struct ar_call *call, const char *operation, const char *kind,
                     struct arras_str resource, int status, const char *format, ...)
{
    struct arras_str text;
    va_list args;
    if (!ar_audit(call, operation, kind, resource, NULL)) {
        return;
    }
    va_start(args, format);
    bool made = ar_str_vprintf(call->arena, &text, format, args);
    va_end(args);
    if (made) {
        ar_answer_text(call, status, text);
    } else {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
    }
}

static void write_entry(const struct ar_audit_entry *entry, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", entry->workspace);
    ar_put_int(w, "id", entry->id);
    ar_put_time(w, "timestamp", entry->at);
    ar_put_text(w, "username", entry->username);
    ar_put_text(w, "operation", entry->operation);
    ar_put_text(w, "action_kind", entry->kind);
    ar_put_text_if(w, "resource", entry->resource);
    if (entry->parameters.len) {
        ar_put_json(w, "parameters", entry->parameters);
    }
}

/* "a,b" as ",a,b,". False: answered. */
static bool read_names(struct ar_call *call, const char *name, struct arras_str *ret)
{
    struct arras_str list = {NULL, 0};
    if (!ar_param_text(call, name, &list)) {
        return false;
    }
    if (list.len && !ar_str_printf(call->arena, ret, ",%.*s,", AR_STR_ARG(list))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    return true;
}

/* Windmill's server says "Create" and "Update" too. */
static struct arras_str kind_of(struct arras_str asked)
{
    return ar_str_is_nocase(asked, "create")   ? AR_STR(AR_AUDIT_CREATE)
           : ar_str_is_nocase(asked, "update") ? AR_STR(AR_AUDIT_UPDATE)
                                               : asked;
}

static bool read_filter(struct ar_call *call, struct ar_audit_filter *filter)
{
    bool all = false;
    *filter = (struct ar_audit_filter){.workspace = call->workspace};
    if (!ar_param_text(call, "username", &filter->username) ||
        !ar_param_text(call, "action_kind", &filter->kind) ||
        !ar_param_text(call, "resource", &filter->resource) ||
        !read_names(call, "operation", &filter->operations) ||
        !read_names(call, "operations", &filter->operations) ||
        !read_names(call, "exclude_operations", &filter->not_operations) ||
        !ar_param_time(call, "before", &filter->before) ||
        !ar_param_time(call, "after", &filter->after) ||
        !ar_param_bool(call, "all_workspaces", &all) ||
        !ar_param_page(call, &filter->skip, &filter->limit)) {
        return false;
    }
    filter->kind = kind_of(filter->kind);
    if (all && !ar_call_is_superadmin(call)) {
        return false;
    }
    if (all) {
        filter->workspace = (struct arras_str){NULL, 0};
    }
    if (!call->user.admin) { /* others read of themselves */
        filter->username = call->user.username;
    }
    return true;
}

void ar_api_list_audit(struct ar_call *call)
{
    struct ar_audit_filter filter;
    struct ar_audit_list entries = {0};
    struct ar_list list;
    if (!read_filter(call, &filter)) {
        return;
    }
    enum arras_status status =
        ar_store_audit_list(call->api->store, &filter, call->arena, &call->diags, &entries);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < entries.count; i++) {
        struct ar_writer w;
        struct arras_value value;
        ar_writer_init(&w, call->arena);
        write_entry(&entries.items[i], &w);
        status = ar_writer_value(&w, &value);
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

void ar_api_get_audit(struct ar_call *call)
{
    struct ar_audit_entry entry;
    struct ar_writer w;
    int64_t id;
    enum arras_status status = ar_str_int(call->tail, &id)
                                   ? ar_store_audit_get(call->api->store, call->workspace, id,
                                                        call->arena, &call->diags, &entry)
                                   : ARRAS_NOT_FOUND;
    bool hidden = !status && !call->user.admin && !ar_str_eq(entry.username, call->user.username);
    if (status == ARRAS_NOT_FOUND || hidden) {
        ar_answer_textf(call, 404, "Not found: Audit log not found at name %.*s",
                        AR_STR_ARG(ar_str_sub(call->tail, 0, 100)));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_writer_init(&w, call->arena);
        write_entry(&entry, &w);
        ar_answer_object(call, 200, &w);
    }
}
