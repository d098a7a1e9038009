/* Folders: who may use what lies below f/NAME (windmill-api.md section 6.7). */
#include "jobs/api/audit.h"
#include "jobs/api/people.h"
#include "jobs/api/perms.h"
#include "jobs/api/route.h"

/* The folder of call->tail, which the caller may use so; false: answered. */
static bool find_folder(struct ar_call *call, enum ar_right right, struct ar_folder *ret)
{
    enum arras_status status = ar_store_folder_get(call->api->store, call->workspace, call->tail,
                                                   call->arena, &call->diags, ret);
    bool seen = !status && ar_access_folder(&call->access, call->tail, AR_RIGHT_READ);
    if (status == ARRAS_NOT_FOUND || (!status && !seen)) {
        ar_answer_textf(call, 404, "Not found: Folder not found at name %.*s",
                        AR_STR_ARG(call->tail));
    } else if (status) {
        ar_answer_failed(call, status);
    } else if (!ar_access_folder(&call->access, call->tail, right)) {
        ar_answer_textf(call, 403, "Permission denied: %.*s is not an owner of folder %.*s",
                        AR_STR_ARG(call->user.username), AR_STR_ARG(call->tail));
    } else {
        return true;
    }
    return false;
}

static void write_folder(const struct ar_folder *folder, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", folder->workspace);
    ar_put_text(w, "name", folder->name);
    ar_put_text(w, "display_name", folder->name);
    ar_put_json(w, "owners", folder->owners);
    ar_put_json(w, "extra_perms", folder->extra_perms);
    ar_put_text(w, "summary", folder->summary);
    ar_put_text(w, "created_by", folder->created_by);
    if (folder->edited_at) {
        ar_put_time(w, "edited_at", folder->edited_at);
    }
}

void ar_api_get_folder(struct ar_call *call)
{
    struct ar_folder folder;
    struct ar_writer w;
    if (find_folder(call, AR_RIGHT_READ, &folder)) {
        ar_writer_init(&w, call->arena);
        write_folder(&folder, &w);
        ar_answer_object(call, 200, &w);
    }
}

void ar_api_exists_folder(struct ar_call *call)
{
    struct ar_folder folder;
    enum arras_status status = ar_store_folder_get(call->api->store, call->workspace, call->tail,
                                                   call->arena, &call->diags, &folder);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

static bool list_folders(struct ar_call *call, struct ar_folder_list *ret)
{
    enum arras_status status =
        ar_store_folder_list(call->api->store, call->workspace, call->arena, &call->diags, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_api_list_folders(struct ar_call *call)
{
    struct ar_item_page page;
    struct ar_item_filter filter;
    struct ar_folder_list folders = {0};
    if (!ar_item_page_begin(&page, call, &filter) || !list_folders(call, &folders)) {
        return;
    }
    for (size_t i = 0; i < folders.count; i++) {
        struct ar_writer w;
        if (ar_access_folder(&call->access, folders.items[i].name, AR_RIGHT_READ) &&
            ar_item_page_takes(&page)) {
            ar_writer_init(&w, call->arena);
            write_folder(&folders.items[i], &w);
            ar_item_page_add(&page, &w);
        }
    }
    ar_item_page_answer(&page, ARRAS_OK);
}

void ar_api_list_folder_names(struct ar_call *call)
{
    struct ar_folder_list folders = {0};
    AR_VEC(struct arras_str) names = {0};
    if (!list_folders(call, &folders)) {
        return;
    }
    for (size_t i = 0; i < folders.count; i++) {
        if (ar_access_folder(&call->access, folders.items[i].name, AR_RIGHT_READ) &&
            !ar_vec_push(call->arena, &names, folders.items[i].name)) {
            ar_answer_failed(call, ARRAS_NO_MEMORY);
            return;
        }
    }
    ar_people_answer_names(call, names.items, names.count);
}

/* Owners may write, whatever extra_perms says. False: answered. */
static bool read_members(struct ar_call *call, const struct arras_value *body,
                         struct ar_folder *folder)
{
    folder->edited_at = call->now;
    return ar_member_text(call, body, "summary", &folder->summary) &&
           ar_perms_read_owners(call, body, "owners", &folder->owners) &&
           ar_perms_read(call, body, "extra_perms", &folder->extra_perms);
}

void ar_api_create_folder(struct ar_call *call)
{
    static const char *const required[] = {"name", NULL};
    struct arras_value body;
    struct arras_str creator;
    struct ar_folder folder = {
        .workspace = call->workspace,
        .owners = AR_STR("[]"),
        .extra_perms = AR_STR("{}"),
        .created_by = call->user.username,
    };
    if (!ar_call_is_developer(call, "create folders") || !ar_item_body(call, &body) ||
        !ar_item_has(call, &body, required) || !ar_member_text(call, &body, "name", &folder.name) ||
        !ar_people_name(call, "folder name", folder.name) || !read_members(call, &body, &folder)) {
        return;
    }
    if (!ar_str_printf(call->arena, &creator, "u/%.*s", AR_STR_ARG(call->user.username))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    /* what is sent stays as it is: who pushes a file again is to find it so */
    const struct arras_value *perms = ar_get_z(&body, "extra_perms");
    bool sent = perms && perms->type != ARRAS_NULL;
    if (!ar_perms_add_owner(call, creator, &folder.owners) ||
        (!sent && !ar_perms_set(call, creator, true, &folder.extra_perms))) {
        return;
    }
    enum arras_status status = ar_store_folder_add(call->api->store, &folder, &call->diags);
    if (ar_people_done(call, status, "", "a folder of that name already exists")) {
        ar_audit_answer(call, "folder.create", AR_AUDIT_CREATE, folder.name, 200,
                        "Created folder %.*s", AR_STR_ARG(folder.name));
    }
}

static bool store_folder(struct ar_call *call, const struct ar_folder *folder)
{
    enum arras_status status = ar_store_folder_update(call->api->store, folder, &call->diags);
    return ar_people_done(call, status, "Folder", "");
}

void ar_api_update_folder(struct ar_call *call)
{
    struct arras_value body;
    struct ar_folder folder;
    if (find_folder(call, AR_RIGHT_OWN, &folder) && ar_item_body(call, &body) &&
        read_members(call, &body, &folder) && store_folder(call, &folder)) {
        ar_audit_answer(call, "folder.update", AR_AUDIT_UPDATE, folder.name, 200,
                        "Updated folder %.*s", AR_STR_ARG(folder.name));
    }
}

void ar_api_delete_folder(struct ar_call *call)
{
    struct ar_folder folder;
    if (!find_folder(call, AR_RIGHT_OWN, &folder)) {
        return;
    }
    enum arras_status status =
        ar_store_folder_delete(call->api->store, call->workspace, call->tail, &call->diags);
    if (ar_people_done(call, status, "Folder", "")) {
        ar_audit_answer(call, "folder.delete", AR_AUDIT_DELETE, call->tail, 200,
                        "deleted folder %.*s", AR_STR_ARG(call->tail));
    }
}

void ar_api_add_folder_owner(struct ar_call *call)
{
    struct arras_value body;
    struct arras_str owner;
    struct ar_folder folder;
    if (find_folder(call, AR_RIGHT_OWN, &folder) && ar_item_body(call, &body) &&
        ar_perms_read_owner(call, &body, &owner) &&
        ar_perms_add_owner(call, owner, &folder.owners) &&
        ar_perms_set(call, owner, true, &folder.extra_perms) && store_folder(call, &folder)) {
        ar_audit_answer(call, "folder.add_owner", AR_AUDIT_UPDATE, call->tail, 200,
                        "Added %.*s to folder", AR_STR_ARG(owner));
    }
}

/* `write` true or false: who it was may still write or read. */
void ar_api_remove_folder_owner(struct ar_call *call)
{
    struct arras_value body;
    struct arras_str owner;
    struct ar_folder folder;
    bool write = false;
    if (!find_folder(call, AR_RIGHT_OWN, &folder) || !ar_item_body(call, &body) ||
        !ar_perms_read_owner(call, &body, &owner) || !ar_item_bool(call, &body, "write", &write) ||
        !ar_perms_remove_owner(call, owner, &folder.owners)) {
        return;
    }
    bool stays = ar_is(ar_get_z(&body, "write"), ARRAS_BOOL);
    bool made = stays ? ar_perms_set(call, owner, write, &folder.extra_perms)
                      : ar_perms_unset(call, owner, &folder.extra_perms);
    if (made && store_folder(call, &folder)) {
        ar_audit_answer(call, "folder.remove_owner", AR_AUDIT_UPDATE, call->tail, 200,
                        "Removed %.*s from folder", AR_STR_ARG(owner));
    }
}

void ar_api_folder_usage(struct ar_call *call)
{
    struct ar_folder folder;
    struct ar_folder_usage usage = {0};
    struct ar_writer w;
    if (!find_folder(call, AR_RIGHT_READ, &folder)) {
        return;
    }
    enum arras_status status =
        ar_store_folder_count(call->api->store, call->workspace, call->tail, &call->diags, &usage);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_writer_init(&w, call->arena);
    ar_put_int(&w, "scripts", usage.scripts);
    ar_put_int(&w, "flows", 0);
    ar_put_int(&w, "apps", 0);
    ar_put_int(&w, "resources", usage.resources);
    ar_put_int(&w, "variables", usage.variables);
    ar_put_int(&w, "schedules", usage.schedules);
    ar_answer_object(call, 200, &w);
}
