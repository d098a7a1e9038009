#include "jobs/api/item.h"
#include "base/limits.h"
#include "jobs/api/rights.h"
#include "jobs/time.h"
#include "value/json.h"

#define WRONG_SHAPE "Failed to deserialize the JSON body into the target type: "

static bool wrong_type(struct ar_call *call, const char *name, const char *expected,
                       const struct arras_value *found)
{
    ar_answer_textf(call, 422, WRONG_SHAPE "%s: expected %s, found %s", name, expected,
                    ar_type_name(found));
    return false;
}

bool ar_item_body(struct ar_call *call, struct arras_value *ret)
{
    if (!ar_call_json_body(call, false, ret)) {
        return false;
    }
    return ret->type == ARRAS_OBJECT || wrong_type(call, "the body", "an object", ret);
}

bool ar_item_has(struct ar_call *call, const struct arras_value *body, const char *const *names)
{
    for (; *names; names++) {
        if (!ar_get_z(body, *names)) {
            ar_answer_textf(call, 422, WRONG_SHAPE "missing field `%s`", *names);
            return false;
        }
    }
    return true;
}

bool ar_item_bool(struct ar_call *call, const struct arras_value *body, const char *name, bool *ret)
{
    const struct arras_value *value = ar_get_z(body, name);
    if (!value || value->type == ARRAS_NULL) {
        return true;
    }
    if (value->type != ARRAS_BOOL) {
        return wrong_type(call, name, "a boolean", value);
    }
    *ret = value->boolean;
    return true;
}

bool ar_item_json(struct ar_call *call, const struct arras_value *body, const char *name,
                  struct arras_str *ret)
{
    const struct arras_value *value = ar_get_z(body, name);
    return !value || ar_call_json_text(call, value, ret);
}

bool ar_item_labels(struct ar_call *call, const struct arras_value *body, struct arras_str *ret)
{
    const struct arras_value *labels = ar_get_z(body, "labels");
    if (!labels || labels->type == ARRAS_NULL) {
        return true;
    }
    bool texts = labels->type == ARRAS_ARRAY;
    for (uint32_t i = 0; texts && i < labels->count; i++) {
        texts = labels->items[i].type == ARRAS_STRING;
    }
    return texts ? ar_item_json(call, body, "labels", ret)
                 : wrong_type(call, "labels", "an array of strings", labels);
}

bool ar_item_time(struct ar_call *call, const struct arras_value *body, const char *name,
                  int64_t *ret)
{
    struct arras_str text = {NULL, 0};
    if (!ar_member_text(call, body, name, &text)) {
        return false;
    }
    if (text.len && !ar_time_read(text, ret)) {
        return wrong_type(call, name, "a date-time of RFC 3339", ar_get_z(body, name));
    }
    return true;
}

bool ar_item_path(struct ar_call *call, struct arras_str path)
{
    if (!ar_path_valid(path)) {
        ar_answer_textf(call, 400,
                        "Bad request: '%.*s' is not a path: expected u/USER/NAME or f/FOLDER/NAME "
                        "of letters, digits, '_' and '-', at most %d characters",
                        AR_STR_ARG(ar_str_sub(path, 0, AR_PATH_MOST)), AR_PATH_MOST);
        return false;
    }
    if (!ar_access_allows(&call->access, path, AR_STR(""), AR_RIGHT_WRITE)) {
        ar_answer_textf(call, 403, "Permission denied: %.*s may not write at %.*s",
                        AR_STR_ARG(call->user.username), AR_STR_ARG(path));
        return false;
    }
    return ar_call_scope_at(call, path);
}

bool ar_item_allowed(struct ar_call *call, const char *kind, struct arras_str path,
                     struct arras_str extra_perms, enum ar_right right)
{
    if (!ar_access_allows(&call->access, path, extra_perms, AR_RIGHT_READ)) {
        ar_answer_textf(call, 401,
                        "Not authorized: %s exists but you don't have access to it: %.*s", kind,
                        AR_STR_ARG(path));
        return false;
    }
    if (!ar_access_allows(&call->access, path, extra_perms, right)) {
        ar_answer_textf(call, 403, "Permission denied: %.*s may read but not write %.*s",
                        AR_STR_ARG(call->user.username), AR_STR_ARG(path));
        return false;
    }
    return true;
}

bool ar_item_page_begin(struct ar_item_page *page, struct ar_call *call,
                        struct ar_item_filter *filter)
{
    *page = (struct ar_item_page){.call = call};
    *filter = (struct ar_item_filter){.workspace = call->workspace};
    ar_list_init(&page->list, call->arena);
    return ar_param_page(call, &page->skip, &page->limit) &&
           ar_param_text(call, "label", &page->label) &&
           ar_param_text(call, "path", &filter->path) &&
           ar_param_text(call, "path_start", &filter->path_start) &&
           ar_param_text(call, "description", &filter->description) &&
           ar_param_text(call, "value", &filter->value) &&
           ar_param_text(call, "resource_type", &filter->type) &&
           ar_param_text(call, "resource_type_exclude", &filter->not_type);
}

static bool has_label(struct ar_item_page *page, struct arras_str labels)
{
    struct ar_source source = {AR_STR("the store"), labels};
    struct arras_value list;
    if (page->label.len == 0) {
        return true;
    }
    if (labels.len == 0 || ar_json_read(&source, page->call->arena, NULL, &list)) {
        return false;
    }
    bool found = false;
    for (uint32_t i = 0; i < list.count && list.type == ARRAS_ARRAY; i++) {
        found = found || ar_str_eq(ar_text(&list.items[i]), page->label);
    }
    return found;
}

bool ar_item_page_takes(struct ar_item_page *page)
{
    if (page->skip) {
        page->skip--;
        return false;
    }
    return page->list.count < page->limit;
}

bool ar_item_page_wants(struct ar_item_page *page, struct arras_str path,
                        struct arras_str extra_perms, struct arras_str labels, bool *ret_more)
{
    *ret_more = true;
    if (!ar_access_allows(&page->call->access, path, extra_perms, AR_RIGHT_READ) ||
        !has_label(page, labels)) {
        return false;
    }
    bool takes = ar_item_page_takes(page);
    *ret_more = page->list.count + takes < page->limit;
    return takes;
}

void ar_item_page_add(struct ar_item_page *page, struct ar_writer *writer)
{
    struct arras_value value;
    enum arras_status status = ar_writer_value(writer, &value);
    if (!status && !ar_list_push(&page->list, value)) {
        status = ARRAS_NO_MEMORY;
    }
    page->status = page->status ? page->status : status;
}

void ar_item_page_answer(struct ar_item_page *page, enum arras_status status)
{
    status = status ? status : page->status;
    if (status) {
        ar_answer_failed(page->call, status);
        return;
    }
    struct arras_value value = ar_list_value(&page->list);
    ar_answer_json(page->call, 200, &value);
}

void ar_item_put_perms(struct ar_writer *writer, struct arras_str extra_perms,
                       struct arras_str labels)
{
    ar_put_json(writer, "extra_perms", extra_perms.len ? extra_perms : AR_STR("{}"));
    if (labels.len) {
        ar_put_json(writer, "labels", labels);
    }
}
