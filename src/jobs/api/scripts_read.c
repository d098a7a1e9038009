/* Reading scripts. */
#include "jobs/api/item.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/script_json.h"

/* Scripts that are asked of the store together. */
enum { AT_ONCE = 1000 };

static void answer_none(struct ar_call *call, enum arras_status status)
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

static void answer_script(struct ar_call *call, enum arras_status status,
                          const struct ar_script *script)
{
    struct ar_writer writer;
    if (status) {
        answer_none(call, status);
        return;
    }
    ar_writer_init(&writer, call->arena);
    ar_script_write(script, true, &writer);
    ar_answer_object(call, 200, &writer);
}

void ar_api_get_script_by_path(struct ar_call *call)
{
    struct ar_script script;
    enum arras_status status = by_path(call, &script);
    answer_script(call, status, &script);
}

void ar_api_get_script_by_hash(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_script script;
    enum arras_status status = ar_store_script_by_hash(store, call->workspace, call->tail,
                                                       call->arena, &call->diags, &script);
    status = readable(call, status, &script);
    if (status || ar_call_scope_at(call, script.path)) {
        answer_script(call, status, &script);
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

void ar_api_raw_script(struct ar_call *call)
{
    struct ar_script script;
    enum arras_status status = by_path(call, &script);
    if (status) {
        answer_none(call, status);
    } else {
        ar_answer_text(call, 200, script.content);
    }
}

/* False: the page is full. */
static bool add_scripts(struct ar_item_page *page, const struct ar_script_list *scripts)
{
    bool more = true;
    for (size_t i = 0; more && i < scripts->list.count; i++) {
        const struct ar_script *script = &scripts->list.items[i];
        struct ar_writer writer;
        if (ar_item_page_wants(page, script->path, script->extra_perms, AR_STR(""), &more)) {
            ar_writer_init(&writer, page->call->arena);
            ar_script_write(script, false, &writer);
            ar_item_page_add(page, &writer);
        }
    }
    return more;
}

void ar_api_list_scripts(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_script_list scripts = {0};
    struct ar_item_page page;
    struct ar_item_filter filter;
    bool archived = false, more = true;
    if (!ar_param_bool(call, "show_archived", &archived) ||
        !ar_item_page_begin(&page, call, &filter)) {
        return;
    }
    enum arras_status status = ARRAS_OK;
    for (size_t skip = 0; !status && more; skip += AT_ONCE) {
        scripts = (struct ar_script_list){0};
        status = ar_store_script_list(store, call->workspace, archived, skip, AT_ONCE, call->arena,
                                      &call->diags, &scripts);
        more = !status && add_scripts(&page, &scripts) && scripts.list.count == AT_ONCE;
    }
    ar_item_page_answer(&page, status);
}
