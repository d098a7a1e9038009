/* References between the documents of a description. Inside src/openapi. */
#ifndef AR_OPENAPI_REFERENCE_H
#define AR_OPENAPI_REFERENCE_H

#include "openapi/description.h"

/* A document of a description: the description itself, or a file that a $ref led to. */
struct ar_home {
    const struct ar_document *document;
    struct arras_str location;
};

/* What is known of the documents. A $ref is relative to the document that holds it, and values do
 * not know theirs: so of each file but the first, the objects that hold a $ref are listed. */
struct ar_homes {
    struct ar_home root;
    struct ar_description_options options;
    struct ar_arena *arena;
    AR_VEC(struct ar_home *) others;
    struct ar_reference_slot *slots; /* hash table by the address of an object's members */
    size_t slot_count, slot_used;
};

enum arras_status ar_reference_follow(struct ar_homes *homes, const struct arras_value *value,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      const struct arras_value **ret) ARRAS_CHECKED;

#endif
