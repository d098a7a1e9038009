#include "jobs/api/perms.h"
#include "base/limits.h"
#include "jobs/api/people.h"
#include "value/json.h"

enum { OWNERS_MOST = 1000 };

static bool is_owner(struct arras_str text)
{
    return (ar_str_starts(text, "u/") || ar_str_starts(text, "g/")) &&
           ar_name_valid(ar_str_from(text, 2));
}

static bool refuse(struct ar_call *call, const char *name)
{
    ar_answer_textf(call, 400,
                    "Bad request: %s: expected users and groups, as u/NAME and g/NAME, at most %d",
                    name, OWNERS_MOST);
    return false;
}

bool ar_perms_read_owners(struct ar_call *call, const struct arras_value *body, const char *name,
                          struct arras_str *ret)
{
    const struct arras_value *list = ar_get_z(body, name);
    if (!list || list->type == ARRAS_NULL) {
        return true;
    }
    bool valid = list->type == ARRAS_ARRAY && list->count <= OWNERS_MOST;
    for (uint32_t i = 0; valid && i < list->count; i++) {
        valid = is_owner(ar_text(&list->items[i]));
    }
    return valid ? ar_item_json(call, body, name, ret) : refuse(call, name);
}

bool ar_perms_read(struct ar_call *call, const struct arras_value *body, const char *name,
                   struct arras_str *ret)
{
    const struct arras_value *perms = ar_get_z(body, name);
    if (!perms || perms->type == ARRAS_NULL) {
        return true;
    }
    bool valid = perms->type == ARRAS_OBJECT && perms->count <= OWNERS_MOST;
    for (uint32_t i = 0; valid && i < perms->count; i++) {
        valid = is_owner(ar_member_name(&perms->members[i])) &&
                perms->members[i].value.type == ARRAS_BOOL;
    }
    return valid ? ar_item_json(call, body, name, ret) : refuse(call, name);
}

bool ar_perms_read_owner(struct ar_call *call, const struct arras_value *body,
                         struct arras_str *ret)
{
    static const char *const required[] = {"owner", NULL};
    *ret = (struct arras_str){NULL, 0};
    if (!ar_item_has(call, body, required) || !ar_member_text(call, body, "owner", ret)) {
        return false;
    }
    return is_owner(*ret) || refuse(call, "owner");
}

/* Written as JSON; false: answered. */
static bool write_value(struct ar_call *call, bool made, const struct arras_value *value,
                        struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    ar_json_write(&buf, value, ARRAS_WRITE_COMPACT);
    enum arras_status status =
        made ? ar_buf_copy(&buf, call->arena, ret) : (enum arras_status)ARRAS_NO_MEMORY;
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

/* What the store has; false: answered. */
static bool read_stored(struct ar_call *call, struct arras_str text, struct arras_value *ret)
{
    struct ar_source source = {AR_STR("the store"), text};
    enum arras_status status = ar_json_read(&source, call->arena, &call->diags, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static bool change_owner(struct ar_call *call, struct arras_str owner, bool add,
                         struct arras_str *owners)
{
    struct arras_value old;
    struct ar_list list;
    bool made = true;
    if (!read_stored(call, owners->len ? *owners : AR_STR("[]"), &old)) {
        return false;
    }
    ar_list_init(&list, call->arena);
    for (uint32_t i = 0; made && i < old.count; i++) {
        made = ar_str_eq(ar_text(&old.items[i]), owner) || ar_list_push(&list, old.items[i]);
    }
    if (add) {
        made = made && ar_list_push(&list, ar_string(owner));
    }
    struct arras_value value = ar_list_value(&list);
    return write_value(call, made, &value, owners);
}

bool ar_perms_add_owner(struct ar_call *call, struct arras_str owner, struct arras_str *owners)
{
    return change_owner(call, owner, true, owners);
}

bool ar_perms_remove_owner(struct ar_call *call, struct arras_str owner, struct arras_str *owners)
{
    return change_owner(call, owner, false, owners);
}

/* `write` NULL: without the owner. */
static bool change_perms(struct ar_call *call, struct arras_str owner, const bool *write,
                         struct arras_str *perms)
{
    struct arras_value old, value = ar_null();
    struct ar_object object;
    bool made = true;
    if (!read_stored(call, perms->len ? *perms : AR_STR("{}"), &old)) {
        return false;
    }
    ar_object_init(&object, call->arena);
    for (uint32_t i = 0; made && i < old.count; i++) {
        struct arras_str name = ar_member_name(&old.members[i]);
        made = ar_str_eq(name, owner) || ar_object_set(&object, name, old.members[i].value);
    }
    if (write) {
        made = made && ar_object_set(&object, owner, ar_bool(*write));
    }
    made = made && ar_object_value(&object, &value);
    return write_value(call, made, &value, perms);
}

bool ar_perms_set(struct ar_call *call, struct arras_str owner, bool write,
                  struct arras_str *extra_perms)
{
    return change_perms(call, owner, &write, extra_perms);
}

bool ar_perms_unset(struct ar_call *call, struct arras_str owner, struct arras_str *extra_perms)
{
    return change_perms(call, owner, NULL, extra_perms);
}
