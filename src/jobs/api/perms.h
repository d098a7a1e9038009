/* Lists of owners and `extra_perms` (access.h), changed. False: answered. */
#ifndef AR_JOBS_API_PERMS_H
#define AR_JOBS_API_PERMS_H

#include "jobs/api/call.h"

/* Members of a body; absent ones leave *ret as it is. */
bool ar_perms_read_owners(struct ar_call *call, const struct arras_value *body, const char *name,
                          struct arras_str *ret) ARRAS_CHECKED;
bool ar_perms_read(struct ar_call *call, const struct arras_value *body, const char *name,
                   struct arras_str *ret) ARRAS_CHECKED;
/* `owner`, which must be there: "u/NAME" or "g/NAME". */
bool ar_perms_read_owner(struct ar_call *call, const struct arras_value *body,
                         struct arras_str *ret) ARRAS_CHECKED;
/* Change the JSON text; what is so already stays. */
bool ar_perms_add_owner(struct ar_call *call, struct arras_str owner,
                        struct arras_str *owners) ARRAS_CHECKED;
bool ar_perms_remove_owner(struct ar_call *call, struct arras_str owner,
                           struct arras_str *owners) ARRAS_CHECKED;
bool ar_perms_set(struct ar_call *call, struct arras_str owner, bool write,
                  struct arras_str *extra_perms) ARRAS_CHECKED;
bool ar_perms_unset(struct ar_call *call, struct arras_str owner,
                    struct arras_str *extra_perms) ARRAS_CHECKED;

#endif
