/* Reading resources: windmill-api.md section 4.5. */
#include "base/limits.h"
#include "jobs/api/item.h"
#include "jobs/api/resource_json.h"
#include "jobs/api/route.h"
#include "jobs/interpolate.h"
#include "value/json.h"

static void write_resource(const struct ar_resource *resource, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", resource->workspace);
    ar_put_text(w, "path", resource->path);
    ar_put_text(w, "description", resource->description);
    ar_put_text(w, "resource_type", resource->type);
    ar_put_json(w, "value", resource->value.len ? resource->value : AR_STR("null"));
    ar_put_bool(w, "is_oauth", false);
    ar_item_put_perms(w, resource->extra_perms, resource->labels);
    ar_put_text(w, "created_by", resource->created_by);
    ar_put_time(w, "edited_at", resource->edited_at);
    ar_put_bool(w, "is_linked", false);
    ar_put_bool(w, "is_refreshed", false);
}

void ar_api_get_resource(struct ar_call *call)
{
    struct ar_resource resource;
    if (!ar_resource_find(call, AR_RIGHT_READ, &resource)) {
        return;
    }
    struct ar_writer writer;
    ar_writer_init(&writer, call->arena);
    write_resource(&resource, &writer);
    ar_answer_object(call, 200, &writer);
}

void ar_api_get_resource_value(struct ar_call *call)
{
    struct ar_resource resource;
    if (ar_resource_find(call, AR_RIGHT_READ, &resource)) {
        ar_answer_json_text(call, 200, resource.value.len ? resource.value : AR_STR("null"));
    }
}

enum { RESERVED = 5 };

/* What a job of the caller has in its environment, or this very job where it says which. */
static bool make_reserved(struct ar_call *call, struct arras_str job, struct arras_str *ret)
{
    const struct {
        const char *name;
        struct arras_str value;
    } entries[RESERVED] = {
        {"WM_WORKSPACE", call->workspace},
        {"WM_EMAIL", call->user.email},
        {"WM_USERNAME", call->user.username},
        {"WM_TOKEN", call->token_text},
        {"WM_JOB_ID", job},
    };
    for (size_t i = 0; i < RESERVED; i++) {
        if (!ar_str_printf(call->arena, &ret[i], "%s=%.*s", entries[i].name,
                           AR_STR_ARG(entries[i].value))) {
            ar_answer_failed(call, ARRAS_NO_MEMORY);
            return false;
        }
    }
    return true;
}

static void answer_interpolated(struct ar_call *call, const struct ar_resource *resource)
{
    struct arras_str job = {NULL, 0}, reserved[RESERVED];
    if (!ar_param_uuid(call, "job_id", &job) || !make_reserved(call, job, reserved)) {
        return;
    }
    const struct ar_interpolation with = {.store = call->api->store,
                                          .key = call->api->key,
                                          .workspace = call->workspace,
                                          .access = &call->access,
                                          .environment = reserved,
                                          .environment_count = RESERVED};
    struct ar_source source = {AR_STR("the store"), resource->value};
    struct arras_value value = ar_null(), whole;
    enum arras_status status = ARRAS_OK;
    if (resource->value.len) {
        status = ar_json_read(&source, call->arena, &call->diags, &value);
    }
    status = status ? status : ar_interpolate(&with, &value, call->arena, &call->diags, &whole);
    const struct arras_diag *diag = ar_diags_first_error(&call->diags);
    if (status == ARRAS_NOT_FOUND && diag) {
        ar_answer_textf(call, 404, "Not found: %.*s", AR_STR_ARG(diag->message));
    } else if (status == ARRAS_INVALID && diag) {
        ar_answer_textf(call, 400, "Bad request: %.*s", AR_STR_ARG(diag->message));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json(call, 200, &whole);
    }
}

void ar_api_get_resource_value_interpolated(struct ar_call *call)
{
    struct ar_resource resource;
    if (ar_resource_find(call, AR_RIGHT_READ, &resource)) {
        answer_interpolated(call, &resource);
    }
}

void ar_api_exists_resource(struct ar_call *call)
{
    struct ar_resource resource;
    enum arras_status status = ar_store_resource_get(call->api->store, call->workspace, call->tail,
                                                     call->arena, &call->diags, &resource);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

static bool take(void *context, const struct ar_resource *resource)
{
    struct ar_item_page *page = context;
    bool more;
    if (ar_item_page_wants(page, resource->path, resource->extra_perms, resource->labels, &more)) {
        struct ar_writer writer;
        ar_writer_init(&writer, page->call->arena);
        write_resource(resource, &writer);
        ar_item_page_add(page, &writer);
    }
    return more;
}

static bool take_value(void *context, const struct ar_resource *resource)
{
    struct ar_item_page *page = context;
    bool more;
    if (ar_item_page_wants(page, resource->path, resource->extra_perms, resource->labels, &more)) {
        struct ar_writer writer;
        ar_writer_init(&writer, page->call->arena);
        ar_put_text(&writer, "path", resource->path);
        ar_put_json(&writer, "value", resource->value.len ? resource->value : AR_STR("null"));
        ar_item_page_add(page, &writer);
    }
    return more;
}

/* The name that the value says, else the path. */
static bool take_name(void *context, const struct ar_resource *resource)
{
    struct ar_item_page *page = context;
    struct ar_source source = {AR_STR("the store"), resource->value};
    struct arras_value value = ar_null();
    bool more;
    if (ar_item_page_wants(page, resource->path, resource->extra_perms, resource->labels, &more)) {
        struct ar_writer writer;
        ar_writer_init(&writer, page->call->arena);
        if (resource->value.len) {
            writer.status = ar_json_read(&source, page->call->arena, NULL, &value);
        }
        const struct arras_value *name = ar_get_z(&value, "name");
        ar_put_text(&writer, "name", ar_is(name, ARRAS_STRING) ? ar_text(name) : resource->path);
        ar_put_text(&writer, "path", resource->path);
        ar_item_page_add(page, &writer);
    }
    return more;
}

void ar_api_list_resource_names(struct ar_call *call)
{
    const struct ar_item_filter filter = {.workspace = call->workspace, .type = call->tail};
    struct ar_item_page page = {.call = call, .limit = AR_JOB_LIST_MOST};
    ar_list_init(&page.list, call->arena);
    ar_item_page_answer(&page, ar_store_resource_list(call->api->store, &filter, call->arena,
                                                      &call->diags, take_name, &page));
}

static void answer_list(struct ar_call *call, ar_resource_taker *taker)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    if (!ar_item_page_begin(&page, call, &filter)) {
        return;
    }
    ar_item_page_answer(&page, ar_store_resource_list(call->api->store, &filter, call->arena,
                                                      &call->diags, taker, &page));
}

void ar_api_list_resources(struct ar_call *call)
{
    answer_list(call, take);
}

void ar_api_list_search_resources(struct ar_call *call)
{
    answer_list(call, take_value);
}
