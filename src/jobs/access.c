#include "jobs/access.h"
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

enum arras_status ar_access_load(struct ar_store *store, const struct ar_user *user,
                                 struct arras_str workspace, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_access *ret)
{
    (void)store;
    (void)workspace;
    (void)diags;
    struct ar_access access = {.username = user->username, .all = user->admin || user->superadmin};
    if (!ar_vec_push(arena, &access.groups, AR_STR("all"))) {
        return ar_no_memory(diags);
    }
    *ret = access;
    return ARRAS_OK;
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

static bool extra_allows(const struct ar_access *access, struct arras_str extra_perms,
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

bool ar_access_allows(const struct ar_access *access, struct arras_str path,
                      struct arras_str extra_perms, enum ar_right right)
{
    struct arras_str rest = path, kind = ar_str_cut(&rest, '/'), owner = ar_str_cut(&rest, '/');
    if (access->all || (ar_str_is(kind, "u") && ar_str_eq(owner, access->username))) {
        return true;
    }
    for (size_t i = 0; ar_str_is(kind, "f") && i < access->folders.count; i++) {
        const struct ar_folder_right *folder = &access->folders.items[i];
        if (ar_str_eq(folder->name, owner) && folder->right >= right) {
            return true;
        }
    }
    return extra_allows(access, extra_perms, right);
}
