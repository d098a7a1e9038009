/* References between the documents of a description. Inside src/openapi. */
#ifndef AR_OPENAPI_REFERENCE_H
#define AR_OPENAPI_REFERENCE_H

#include "base/map.h"
#include "openapi/description.h"

/* A document of a description: the description itself, or a file that a $ref led to. */
struct ar_home {
    const struct ar_document *document; /* NULL: it cannot be read */
    struct arras_str location;          /* where it was found */
    struct arras_str asked;             /* the URI that led to it */
    struct arras_str identity;          /* its $self, resolved (OpenAPI 3.2); else the location */
    enum arras_status status;
    struct ar_diags diags; /* why it cannot be read */
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
    struct ar_map seen; /* by address: objects behind a $ref that were read ahead */
};

/* Follows every $ref within the value, and within what they lead to, into other documents. What
 * cannot be read is passed over. */
enum arras_status ar_reference_read_ahead(struct ar_homes *homes, const struct arras_value *value,
                                          struct ar_arena *arena) ARRAS_CHECKED;

/* Fills in a home's identity. ARRAS_NO_MEMORY. */
enum arras_status ar_home_identify(struct ar_home *home, struct ar_arena *arena) ARRAS_CHECKED;
/* The document that an absolute URI without fragment names: one that is known, or read now.
 * ARRAS_NOT_FOUND where there is none. */
enum arras_status ar_reference_home(struct ar_homes *homes, struct arras_str uri,
                                    const struct ar_home **ret) ARRAS_CHECKED;
/* `*home`, the document of `value`, becomes that of `*ret`. */
enum arras_status ar_reference_follow_from(struct ar_homes *homes, const struct ar_home **home,
                                           const struct arras_value *value, struct ar_arena *arena,
                                           struct ar_diags *diags,
                                           const struct arras_value **ret) ARRAS_CHECKED;
/* The same where it is not known which document that is. */
enum arras_status ar_reference_follow(struct ar_homes *homes, const struct arras_value *value,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      const struct arras_value **ret) ARRAS_CHECKED;

#endif
