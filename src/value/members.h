/* How the members of an object lie in memory: in order, and where there are more than
 * AR_OBJECT_INDEX of them, right behind a hash index:
 *
 *     uint32_t slots[slot_count]; struct ar_index; struct ar_member members[count];
 *
 * For the readers and builders of src/value/ only. */
#ifndef AR_VALUE_MEMBERS_H
#define AR_VALUE_MEMBERS_H

#include "base/diag.h"
#include "value/stack.h"
#include "value/value.h"

struct ar_index {
    struct ar_seed seed;
    uint64_t slot_count; /* a power of two; a slot holds a member's number plus one, 0: free */
};

/* An object of copies of `count` members, in just the memory needed. `seed` is the document's: its
 * zero value is replaced when the first index is made. ARRAS_CONFLICT with *ret_second: the number
 * of a member whose name an earlier one has. ARRAS_NO_MEMORY. */
enum arras_status ar_members_value(struct ar_arena *arena, const struct ar_member *members,
                                   size_t count, struct ar_seed *seed, struct arras_value *ret,
                                   size_t *ret_second) ARRAS_CHECKED;
/* Takes what stands above `base` off a reader's stack and makes it the content of the array or
 * object *container, whose `type` and `at` are set. Of members of one name the last one counts,
 * with one warning for a text. ARRAS_NO_MEMORY. */
enum arras_status ar_members_close(struct ar_stack *stack, size_t base, struct ar_arena *arena,
                                   struct ar_seed *seed, const struct ar_source *source,
                                   struct ar_diags *diags,
                                   struct arras_value *container) ARRAS_CHECKED;
/* The same, but a name that stands twice is ARRAS_SYNTAX, with its diagnostic. */
enum arras_status ar_members_close_unique(struct ar_stack *stack, size_t base,
                                          struct ar_arena *arena, struct ar_seed *seed,
                                          const struct ar_source *source, struct ar_diags *diags,
                                          struct arras_value *container) ARRAS_CHECKED;

#endif
