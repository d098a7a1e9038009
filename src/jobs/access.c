#include "jobs/access.h"
#include "jobs/store/store_people.h"
#include "value/json.h"

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool ar_path_valid(struct arras_str path)
{
    size_t names = 0;
    if (path.len > AR_PATH_MOST || (!ar_str_starts(path, "u/") && !ar_str_starts(path, "f/"))) {
        return false;
    }
    for (size_t i = 1; i < path.len; i++) {
        bool slash = path.ptr[i] == '/';
        if (slash ? path.ptr[i - 1] == '/' : !is_word(path.ptr[i])) {
            return false;
        }
        names += slash;
    }
    return names >= 2 && !ar_str_ends(path, "/");
}

static bool in_group(const struct ar_access *access, struct arras_str name)
{
    for (size_t i = 0; i < access->groups.count; i++) {
        if (ar_str_eq(access->groups.items[i], name)) {
            return true;
        }
    }
    return false;
}

/* "u/NAME" or "g/NAME" */
static bool is_for(const struct ar_access *access, struct arras_str whom)
{
    struct arras_str name = ar_str_from(whom, 2);
    return (ar_str_starts(whom, "u/") && ar_str_eq(name, access->username)) ||
           (ar_str_starts(whom, "g/") && in_group(access, name));
}

bool ar_access_extra(const struct ar_access *access, struct arras_str extra_perms,
                     enum ar_right right)
{
    struct ar_arena arena;
    struct ar_source source = {AR_STR("the store"), extra_perms};
    struct arras_value perms;
    bool allows = false;
    ar_arena_init(&arena, 0);
    if (extra_perms.len > 2 && ar_json_read(&source, &arena, NULL, &perms) == ARRAS_OK &&
        ar_is(&perms, ARRAS_OBJECT)) {
        for (uint32_t i = 0; i < perms.count && !allows; i++) {
            const struct ar_member *member = &perms.members[i];
            allows = is_for(access, ar_member_name(member)) &&
                     (right == AR_RIGHT_READ || member->value.boolean);
        }
    }
    ar_arena_release(&arena);
    return allows;
}

static bool owns(const struct ar_access *access, struct arras_str owners)
{
    struct ar_source source = {AR_STR("the store"), owners};
    struct ar_arena arena;
    struct arras_value list;
    bool found = false;
    ar_arena_init(&arena, 0);
    if (owners.len > 2 && ar_json_read(&source, &arena, NULL, &list) == ARRAS_OK &&
        ar_is(&list, ARRAS_ARRAY)) {
        for (uint32_t i = 0; i < list.count && !found; i++) {
            found = is_for(access, ar_text(&list.items[i]));
        }
    }
    ar_arena_release(&arena);
    return found;
}

static enum arras_status add_folder(struct ar_access *access, const struct ar_folder *folder,
                                    struct ar_arena *arena)
{
    struct ar_folder_right right = {folder->name, AR_RIGHT_READ};
    if (owns(access, folder->owners)) {
        right.right = AR_RIGHT_OWN;
    } else if (ar_access_extra(access, folder->extra_perms, AR_RIGHT_WRITE)) {
        right.right = AR_RIGHT_WRITE;
    } else if (!ar_access_extra(access, folder->extra_perms, AR_RIGHT_READ)) {
        return ARRAS_OK;
    }
    return ar_vec_push(arena, &access->folders, right) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_access_of(struct ar_store *store, struct arras_str username,
                               struct arras_str workspace, struct ar_arena *arena,
                               struct ar_diags *diags, struct ar_access *ret)
{
    struct ar_access access = {.username = username};
    struct ar_name_list groups = {0};
    struct ar_folder_list folders = {0};
    enum arras_status status =
        ar_store_groups_of(store, workspace, username, arena, diags, &groups);
    if (!status && !ar_vec_push(arena, &access.groups, AR_STR("all"))) {
        status = ar_no_memory(diags);
    }
    for (size_t i = 0; !status && i < groups.count; i++) {
        status = ar_vec_push(arena, &access.groups, groups.items[i]) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    if (!status) {
        status = ar_store_folder_list(store, workspace, arena, diags, &folders);
    }
    for (size_t i = 0; !status && i < folders.count; i++) {
        status = add_folder(&access, &folders.items[i], arena);
    }
    if (!status) {
        *ret = access;
    }
    return status;
}

enum arras_status ar_access_load(struct ar_store *store, const struct ar_user *user,
                                 struct arras_str workspace, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_access *ret)
{
    if (user->admin) {
        *ret = (struct ar_access){.username = user->username, .all = true};
        return ARRAS_OK;
    }
    return ar_access_of(store, user->username, workspace, arena, diags, ret);
}

bool ar_access_folder(const struct ar_access *access, struct arras_str name, enum ar_right right)
{
    for (size_t i = 0; i < access->folders.count; i++) {
        const struct ar_folder_right *folder = &access->folders.items[i];
        if (ar_str_eq(folder->name, name)) {
            return folder->right >= right;
        }
    }
    return access->all;
}

bool ar_access_allows(const struct ar_access *access, struct arras_str path,
                      struct arras_str extra_perms, enum ar_right right)
{
    struct arras_str rest = path, kind = ar_str_cut(&rest, '/'), owner = ar_str_cut(&rest, '/');
    if (access->all || (ar_str_is(kind, "u") && ar_str_eq(owner, access->username))) {
        return true;
    }
    if (ar_str_is(kind, "f") && ar_access_folder(access, owner, right)) {
        return true;
    }
    return ar_access_extra(access, extra_perms, right);
}
