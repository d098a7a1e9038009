/* Paths of scripts, variables and other things, and who may do what there: windmill-api.md section
 * 6.7. What lies below u/NAME is that user's, what lies below f/NAME belongs to those whom the
 * folder names; whatever has permissions of its own (`extra_perms`: {"u/name" or "g/name": may it
 * be written}) is also for those; administrators may do all. */
#ifndef AR_JOBS_ACCESS_H
#define AR_JOBS_ACCESS_H

#include "jobs/store/store.h"
#include "value/value.h"

#define AR_PATH_MOST 255

/* u/USER/NAME or f/FOLDER/NAME (and deeper) of letters, digits, '_' and '-'. */
bool ar_path_valid(struct arras_str path);

enum ar_right {
    AR_RIGHT_READ,
    AR_RIGHT_WRITE,
    AR_RIGHT_OWN /* of a folder: to say who may use it */
};

/* A folder that a user may use. */
struct ar_folder_right {
    struct arras_str name;
    enum ar_right right;
};

/* What a user may do in a workspace. Strings borrowed from the arena of load. */
struct ar_access {
    struct arras_str username;
    bool all; /* an administrator */
    AR_VEC(struct ar_folder_right) folders;
    AR_VEC(struct arras_str) groups;
};

/* Of who asks. An administrator's groups and folders are not read: they need none. */
enum arras_status ar_access_load(struct ar_store *store, const struct ar_user *user,
                                 struct arras_str workspace, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_access *ret) ARRAS_CHECKED;
/* Of any member: the groups and folders, `all` false. */
enum arras_status ar_access_of(struct ar_store *store, struct arras_str username,
                               struct arras_str workspace, struct ar_arena *arena,
                               struct ar_diags *diags, struct ar_access *ret) ARRAS_CHECKED;
/* Whether a folder of that name, be there one or not, may be used so. */
bool ar_access_folder(const struct ar_access *access, struct arras_str name, enum ar_right right);
/* By `extra_perms` alone. */
bool ar_access_extra(const struct ar_access *access, struct arras_str extra_perms,
                     enum ar_right right);
/* `extra_perms` as JSON; empty: none. */
bool ar_access_allows(const struct ar_access *access, struct arras_str path,
                      struct arras_str extra_perms, enum ar_right right);

#endif
