/* Lists of scripts: windmill-api.md section 4.4. */
#include "base/limits.h"
#include "jobs/api/item.h"
#include "jobs/api/route.h"
#include "jobs/api/script_json.h"
#include "jobs/api/script_settings.h"

struct listing {
    struct ar_item_page page;
    int shown;                  /* of enum ar_script_shown */
    int is_template, dedicated; /* 1, 0; -1: either */
    size_t size;                /* of the contents so far */
};

/* "a,b" as ",a,b,". */
static bool read_names(struct ar_call *call, const char *name, struct arras_str *ret)
{
    struct arras_str text = {NULL, 0};
    if (!ar_param_text(call, name, &text)) {
        return false;
    }
    if (text.len && !ar_str_printf(call->arena, ret, ",%.*s,", AR_STR_ARG(text))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    return true;
}

/* Parents further away are not looked for. */
static bool read_refused(struct ar_call *call)
{
    static const char *const names[] = {"parent_hash", "last_parent_hash"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct arras_str value = {NULL, 0};
        if (!ar_param_text(call, names[i], &value)) {
            return false;
        }
        if (value.len) {
            ar_answer_textf(call, 400,
                            "Bad request: query parameter %s: this server has no such filter, only "
                            "first_parent_hash",
                            names[i]);
            return false;
        }
    }
    return true;
}

static bool read_shown(struct ar_call *call, struct listing *listing)
{
    bool message = false, no_description = false;
    if (!ar_param_bool(call, "with_deployment_msg", &message) ||
        !ar_param_bool(call, "without_description", &no_description)) {
        return false;
    }
    listing->shown =
        (message ? AR_SCRIPT_MESSAGE : 0) | (no_description ? AR_SCRIPT_NO_DESCRIPTION : 0);
    return true;
}

/* *ret_none: nothing can fit. */
static bool read_filter(struct ar_call *call, struct listing *listing, struct ar_script_filter *ret,
                        bool *ret_none)
{
    struct ar_item_filter names;
    bool newest_first = true, unused = false;
    *ret_none = false; /* nobody has a starred script here */
    *listing = (struct listing){.is_template = -1, .dedicated = -1};
    *ret = (struct ar_script_filter){.workspace = call->workspace};
    if (!ar_item_page_begin(&listing->page, call, &names) ||
        !ar_param_text(call, "path_exact", &ret->path) ||
        !ar_param_text(call, "created_by", &ret->created_by) ||
        !ar_param_text(call, "first_parent_hash", &ret->parent_hash) ||
        !ar_param_bool(call, "show_archived", &ret->archived) ||
        !ar_param_bool(call, "order_desc", &newest_first) ||
        !ar_param_bool(call, "starred_only", ret_none) ||
        !ar_param_bool(call, "include_without_main", &unused) ||
        !ar_param_bool(call, "include_draft_only", &unused) ||
        !ar_param_tristate(call, "is_template", &listing->is_template) ||
        !ar_param_tristate(call, "dedicated_worker", &listing->dedicated)) {
        return false;
    }
    ret->path_start = names.path_start;
    ret->oldest_first = !newest_first;
    return read_names(call, "kinds", &ret->kinds) &&
           read_names(call, "languages", &ret->languages) && read_refused(call) &&
           read_shown(call, listing);
}

static bool fits(struct listing *listing, const char *name, struct arras_str settings, int wanted)
{
    return wanted < 0 || ar_script_settings_has(listing->page.call, settings, name) == wanted;
}

static bool take(void *context, const struct ar_script *script)
{
    struct listing *listing = context;
    struct ar_writer writer;
    bool more = true;
    if (fits(listing, "is_template", script->settings, listing->is_template) &&
        fits(listing, "dedicated_worker", script->settings, listing->dedicated) &&
        ar_item_page_wants(&listing->page, script->path, script->extra_perms, script->labels,
                           &more)) {
        ar_writer_init(&writer, listing->page.call->arena);
        ar_script_write(script, listing->shown, &writer);
        ar_item_page_add(&listing->page, &writer);
    }
    return more;
}

void ar_api_list_scripts(struct ar_call *call)
{
    struct listing listing;
    struct ar_script_filter filter;
    bool none;
    if (!read_filter(call, &listing, &filter, &none)) {
        return;
    }
    enum arras_status status = ARRAS_OK;
    if (!none) {
        status = ar_store_script_list(call->api->store, &filter, call->arena, &call->diags, take,
                                      &listing);
    }
    ar_item_page_answer(&listing.page, status);
}

static bool take_path(void *context, const struct ar_script *script)
{
    struct ar_item_page *page = context;
    bool more;
    if (ar_item_page_wants(page, script->path, script->extra_perms, AR_STR(""), &more) &&
        !ar_list_push(&page->list, ar_string(script->path))) {
        page->status = ARRAS_NO_MEMORY;
    }
    return !page->status;
}

void ar_api_list_script_paths(struct ar_call *call)
{
    const struct ar_script_filter filter = {.workspace = call->workspace};
    struct ar_item_page page = {.call = call, .limit = SIZE_MAX};
    ar_list_init(&page.list, call->arena);
    enum arras_status status = ar_store_script_list(call->api->store, &filter, call->arena,
                                                    &call->diags, take_path, &page);
    ar_item_page_answer(&page, status);
}

static bool take_content(void *context, const struct ar_script *script)
{
    struct listing *listing = context;
    struct ar_writer writer;
    bool more;
    if (!ar_item_page_wants(&listing->page, script->path, script->extra_perms, AR_STR(""), &more)) {
        return true;
    }
    listing->size += script->content.len;
    if (listing->size > AR_SCRIPT_SEARCH_SIZE) {
        return false;
    }
    ar_writer_init(&writer, listing->page.call->arena);
    ar_put_text(&writer, "path", script->path);
    ar_put_text(&writer, "content", script->content);
    ar_item_page_add(&listing->page, &writer);
    return true;
}

/* For a search within the client. */
void ar_api_list_search_scripts(struct ar_call *call)
{
    struct listing listing = {.page = {.call = call, .limit = SIZE_MAX}};
    ar_list_init(&listing.page.list, call->arena);
    enum arras_status status = ar_store_script_contents(
        call->api->store, call->workspace, call->arena, &call->diags, take_content, &listing);
    ar_item_page_answer(&listing.page, status);
}
