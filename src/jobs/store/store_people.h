/* People in the store: workspaces and their members, accounts and their tokens, folders, groups,
 * and the record of who did what (windmill-api.md sections 3, 4.6 and 6.7). Failures as in store.h:
 * add: CONFLICT where there is one of that name or no such workspace; get, update, delete:
 * NOT_FOUND. Lists are in the order of names, at most AR_RECORDS_MOST long. */
#ifndef AR_JOBS_STORE_PEOPLE_H
#define AR_JOBS_STORE_PEOPLE_H

#include "jobs/store/store.h"

struct ar_workspace {
    struct arras_str id, name, owner /* an email */, color;
    bool archived;
    int64_t created_at;
};

/* Who may log in. */
struct ar_account {
    struct arras_str email;
    struct arras_str password; /* password.h; empty: none fits */
    struct arras_str username; /* what it is called where it is no member */
    struct arras_str name, company;
    bool superadmin, disabled;
    int64_t created_at;
};

struct ar_workspace_member {
    struct arras_str workspace, username, email;
    bool admin, is_operator, disabled;
    int64_t created_at;
};

/* A member and whether the account is a super admin's; a workspace and who the member is there. */
struct ar_membership {
    struct ar_workspace workspace;
    struct arras_str username; /* empty: no member */
    bool admin, is_operator, disabled;
};

/* Labels of tokens that a login and a job get. */
#define AR_LABEL_SESSION "session"
#define AR_LABEL_JOB "ephemeral-"

/* Characters of a token by which people know it. */
enum { AR_TOKEN_PREFIX = 10 };

struct ar_token {
    struct arras_str hash, prefix, email;
    struct arras_str workspace; /* empty: all */
    struct arras_str label;
    struct arras_str scopes; /* JSON array of strings (scope.h); empty: no limits */
    int64_t expires_at;      /* 0: never */
    int64_t created_at, last_used_at;
};

struct ar_folder {
    struct arras_str workspace, name, summary;
    struct arras_str owners;      /* JSON array of "u/NAME", "g/NAME" */
    struct arras_str extra_perms; /* access.h */
    struct arras_str created_by;
    int64_t edited_at;
};

struct ar_group {
    struct arras_str workspace, name, summary;
    struct arras_str extra_perms; /* who may change it */
};

/* How many things lie in a folder. */
struct ar_folder_usage {
    int64_t scripts, resources, variables, schedules;
};

struct ar_audit_entry {
    int64_t id; /* counts up */
    struct arras_str workspace;
    int64_t at;
    struct arras_str username, operation, kind, resource;
    struct arras_str parameters; /* JSON object; empty: none */
};

/* What a list is to hold; empty and 0: any. */
struct ar_audit_filter {
    struct arras_str workspace;
    struct arras_str username, kind, resource;
    struct arras_str operations, not_operations; /* ",a,b," */
    int64_t before, after;
    size_t skip, limit;
};

#define AR_LIST(type)                                                                              \
    struct type *items;                                                                            \
    size_t count

struct ar_workspace_list {
    AR_LIST(ar_workspace);
};
struct ar_membership_list {
    AR_LIST(ar_membership);
};
struct ar_account_list {
    AR_LIST(ar_account);
};
struct ar_member_list {
    AR_LIST(ar_workspace_member);
};
struct ar_token_list {
    AR_LIST(ar_token);
};
struct ar_folder_list {
    AR_LIST(ar_folder);
};
struct ar_group_list {
    AR_LIST(ar_group);
};
struct ar_audit_list {
    AR_LIST(ar_audit_entry);
};
struct ar_name_list {
    AR_LIST(arras_str);
};

/* Workspaces. create: with the groups and folders that every workspace has, and the member
 * `creator` (NULL: none). delete: with all that is in it, once; CONFLICT where a job runs. */
enum arras_status ar_store_workspace_create(struct ar_store *store,
                                            const struct ar_workspace *workspace,
                                            const struct ar_workspace_member *creator,
                                            struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_workspace_get(struct ar_store *store, struct arras_str id,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         struct ar_workspace *ret) ARRAS_CHECKED;
/* Name, color, archived. */
enum arras_status ar_store_workspace_update(struct ar_store *store,
                                            const struct ar_workspace *workspace,
                                            struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_workspace_delete(struct ar_store *store, struct arras_str id,
                                            struct ar_diags *diags) ARRAS_CHECKED;
/* Archived ones too. */
enum arras_status ar_store_workspace_list(struct ar_store *store, struct ar_arena *arena,
                                          struct ar_diags *diags,
                                          struct ar_workspace_list *ret) ARRAS_CHECKED;
/* The workspace, and who the account is in it. NOT_FOUND: there is no such workspace. */
enum arras_status ar_store_membership(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str email, struct ar_arena *arena,
                                      struct ar_diags *diags,
                                      struct ar_membership *ret) ARRAS_CHECKED;
/* Where the account is a member; archived workspaces are left out. */
enum arras_status ar_store_membership_list(struct ar_store *store, struct arras_str email,
                                           struct ar_arena *arena, struct ar_diags *diags,
                                           struct ar_membership_list *ret) ARRAS_CHECKED;

/* Accounts. delete: with its tokens and memberships. */
enum arras_status ar_store_account_add(struct ar_store *store, const struct ar_account *account,
                                       struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_account_update(struct ar_store *store, const struct ar_account *account,
                                          struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_account_get(struct ar_store *store, struct arras_str email,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_account *ret) ARRAS_CHECKED;
enum arras_status ar_store_account_list(struct ar_store *store, struct ar_arena *arena,
                                        struct ar_diags *diags,
                                        struct ar_account_list *ret) ARRAS_CHECKED;
enum arras_status ar_store_account_delete(struct ar_store *store, struct arras_str email,
                                          struct ar_diags *diags) ARRAS_CHECKED;

/* Members. update: admin, operator, disabled. delete: with its places in groups and the tokens that
 * are bound to the workspace. */
enum arras_status ar_store_member_add(struct ar_store *store,
                                      const struct ar_workspace_member *member,
                                      struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_member_update(struct ar_store *store,
                                         const struct ar_workspace_member *member,
                                         struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_member_get(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str username, struct ar_arena *arena,
                                      struct ar_diags *diags,
                                      struct ar_workspace_member *ret) ARRAS_CHECKED;
enum arras_status ar_store_member_list(struct ar_store *store, struct arras_str workspace,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_member_list *ret) ARRAS_CHECKED;
enum arras_status ar_store_member_delete(struct ar_store *store,
                                         const struct ar_workspace_member *member,
                                         struct ar_diags *diags) ARRAS_CHECKED;

/* Tokens; a token is known by its SHA-256 (hex) and its first characters only. find: one that has
 * not expired, of an account that is not disabled; `username` is the account's. touch: it was used.
 * remove_prefix: all of the account that begin so; how many. */
enum arras_status ar_store_token_add(struct ar_store *store, const struct ar_token *token,
                                     struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_token_find(struct ar_store *store, struct arras_str token_hash,
                                      int64_t now, struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_user *ret) ARRAS_CHECKED;
enum arras_status ar_store_token_touch(struct ar_store *store, struct arras_str token_hash,
                                       int64_t now, struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_token_remove(struct ar_store *store, struct arras_str token_hash,
                                        struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_token_remove_prefix(struct ar_store *store, struct arras_str email,
                                               struct arras_str prefix, struct ar_diags *diags,
                                               int *ret_count) ARRAS_CHECKED;
/* NOT_FOUND where the account has no token of that prefix. */
enum arras_status ar_store_token_set_scopes(struct ar_store *store, struct arras_str email,
                                            struct arras_str prefix, struct arras_str scopes,
                                            struct ar_diags *diags) ARRAS_CHECKED;
/* Of an account, those that have not expired, in the order in which they were made. */
/* Deletes at most `most` tokens that expired before then. */
enum arras_status ar_store_tokens_forget(struct ar_store *store, int64_t before, int64_t most,
                                         struct ar_diags *diags, int *ret_count) ARRAS_CHECKED;
enum arras_status ar_store_token_list(struct ar_store *store, struct arras_str email, int64_t now,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_token_list *ret) ARRAS_CHECKED;

/* Folders. update: all but the name. */
enum arras_status ar_store_folder_add(struct ar_store *store, const struct ar_folder *folder,
                                      struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_folder_update(struct ar_store *store, const struct ar_folder *folder,
                                         struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_folder_get(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str name, struct ar_arena *arena,
                                      struct ar_diags *diags, struct ar_folder *ret) ARRAS_CHECKED;
enum arras_status ar_store_folder_list(struct ar_store *store, struct arras_str workspace,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_folder_list *ret) ARRAS_CHECKED;
enum arras_status ar_store_folder_delete(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str name,
                                         struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_folder_count(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str name, struct ar_diags *diags,
                                        struct ar_folder_usage *ret) ARRAS_CHECKED;

/* Groups; `all` has no members of its own here: it is everybody. */
enum arras_status ar_store_group_add(struct ar_store *store, const struct ar_group *group,
                                     struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_group_update(struct ar_store *store, const struct ar_group *group,
                                        struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_group_get(struct ar_store *store, struct arras_str workspace,
                                     struct arras_str name, struct ar_arena *arena,
                                     struct ar_diags *diags, struct ar_group *ret) ARRAS_CHECKED;
enum arras_status ar_store_group_list(struct ar_store *store, struct arras_str workspace,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_group_list *ret) ARRAS_CHECKED;
enum arras_status ar_store_group_delete(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str name,
                                        struct ar_diags *diags) ARRAS_CHECKED;
/* CONFLICT where the user is in it, or there is no such group; NOT_FOUND where it is not. */
enum arras_status ar_store_group_enter(struct ar_store *store, struct arras_str workspace,
                                       struct arras_str name, struct arras_str username,
                                       struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_group_leave(struct ar_store *store, struct arras_str workspace,
                                       struct arras_str name, struct arras_str username,
                                       struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_group_members(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str name, struct ar_arena *arena,
                                         struct ar_diags *diags,
                                         struct ar_name_list *ret) ARRAS_CHECKED;
enum arras_status ar_store_groups_of(struct ar_store *store, struct arras_str workspace,
                                     struct arras_str username, struct ar_arena *arena,
                                     struct ar_diags *diags,
                                     struct ar_name_list *ret) ARRAS_CHECKED;

/* The record. add: may be lost with the power until the next durable commit. list: newest first. */
enum arras_status ar_store_audit_add(struct ar_store *store, const struct ar_audit_entry *entry,
                                     struct ar_diags *diags) ARRAS_CHECKED;
/* Deletes at most `most` entries from before then, the oldest first. */
enum arras_status ar_store_audit_forget(struct ar_store *store, int64_t before, int64_t most,
                                        struct ar_diags *diags, int *ret_count) ARRAS_CHECKED;
enum arras_status ar_store_audit_list(struct ar_store *store, const struct ar_audit_filter *filter,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      struct ar_audit_list *ret) ARRAS_CHECKED;
enum arras_status ar_store_audit_get(struct ar_store *store, struct arras_str workspace, int64_t id,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_audit_entry *ret) ARRAS_CHECKED;

/* Changes `extra_perms` of what lies at a path (of the newest version, of a script). `kind`:
 * "script", "variable", "resource", "schedule". */
enum arras_status ar_store_perms_set(struct ar_store *store, const char *kind,
                                     struct arras_str workspace, struct arras_str path,
                                     struct arras_str extra_perms,
                                     struct ar_diags *diags) ARRAS_CHECKED;

#endif
