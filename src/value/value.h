/* The value: what a YAML document, a JSON text, a runtime expression, a schema and a response body
 * are made of. One type for all of them.
 *
 * Values are immutable once made, keep the order of members and numbers as they were written, and
 * know where they stood in their source. They live in an arena and borrow their texts from it or
 * from the source text, which must outlive them. A missing value ("points at nothing") is a NULL
 * pointer; JSON's null is a value of type AR_NULL. Any number of threads may read one. */
#ifndef AR_VALUE_VALUE_H
#define AR_VALUE_VALUE_H

#include "arras/value.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

struct ar_member;

struct arras_value {
    uint8_t type;   /* enum arras_type */
    bool boolean;   /* of ARRAS_BOOL */
    bool indexed;   /* of ARRAS_OBJECT: an index stands before the members (value.c) */
    uint32_t at;    /* offset in bytes within the source */
    uint32_t count; /* bytes of text, items or members */
    union {
        const char *text; /* ARRAS_STRING; ARRAS_NUMBER as written, RFC 8259 syntax */
        const struct arras_value *items; /* ARRAS_ARRAY */
        const struct ar_member *members; /* ARRAS_OBJECT, in order, no name twice */
    };
};

struct ar_member {
    const char *name_text;
    uint32_t name_len;
    uint32_t at; /* of the name */
    struct arras_value value;
};

static inline struct arras_str ar_member_name(const struct ar_member *member)
{
    return (struct arras_str){member->name_text, member->name_len};
}

/* Text of a string or number; the empty string for other types and NULL. */
static inline struct arras_str ar_text(const struct arras_value *value)
{
    if (!value || (value->type != ARRAS_STRING && value->type != ARRAS_NUMBER)) {
        return (struct arras_str){NULL, 0};
    }
    return (struct arras_str){value->text, value->count};
}

static inline bool ar_is(const struct arras_value *value, enum arras_type type)
{
    return value && value->type == type;
}

/* "null", "boolean", "number", "string", "array", "object"; "nothing" for NULL. */
const char *ar_type_name(const struct arras_value *value);

/* The member's value, or NULL: no such member, not an object, or NULL itself. */
const struct arras_value *ar_get(const struct arras_value *object, struct arras_str name);
const struct arras_value *ar_get_z(const struct arras_value *object, const char *name);
const struct ar_member *ar_get_member(const struct arras_value *object, struct arras_str name);
/* The item, or NULL: past the end, not an array, or NULL itself. */
const struct arras_value *ar_item(const struct arras_value *array, size_t index);

/* Making values. Scalars need no memory: the text is borrowed. */
struct arras_value ar_null(void);
struct arras_value ar_bool(bool boolean);
struct arras_value ar_string(struct arras_str text);
/* `text` must be a number by RFC 8259 section 6. */
struct arras_value ar_number_text(struct arras_str text);
/* The number's text is made in `arena`; false when memory ran out. Doubles are written with the
 * fewest digits that read back the same; NaN and infinities become null. */
bool ar_int(struct ar_arena *arena, int64_t number, struct arras_value *ret) ARRAS_CHECKED;
bool ar_double(struct ar_arena *arena, double number, struct arras_value *ret) ARRAS_CHECKED;
/* A value on its own in the arena, NULL when memory ran out. */
const struct arras_value *ar_value_new(struct ar_arena *arena,
                                       struct arras_value value) ARRAS_CHECKED;

/* Building arrays and objects. Zero-initialise with ar_list_init / ar_object_init, push or set,
 * then take the value; the builder must not be used after that. */
struct ar_list {
    struct ar_arena *arena;
    struct arras_value *items;
    size_t count, cap;
};
void ar_list_init(struct ar_list *list, struct ar_arena *arena);
bool ar_list_push(struct ar_list *list, struct arras_value item) ARRAS_CHECKED;
struct arras_value ar_list_value(const struct ar_list *list);

struct ar_object {
    struct ar_arena *arena;
    struct ar_member *members;
    size_t count, cap;
    struct ar_seed seed; /* of index; made when the index is first needed */
    uint32_t *slots;     /* NULL while there are few members */
    size_t slot_count;
};
void ar_object_init(struct ar_object *object, struct ar_arena *arena);
/* Sets a member, replacing one of that name in its place. The name is borrowed. */
bool ar_object_set(struct ar_object *object, struct arras_str name,
                   struct arras_value value) ARRAS_CHECKED;
bool ar_object_set_z(struct ar_object *object, const char *name,
                     struct arras_value value) ARRAS_CHECKED;
/* Whether the builder has a member of that name. */
bool ar_object_has(const struct ar_object *object, struct arras_str name);
/* Adds a member with its place in the source; false and *ret_duplicate set where the name is there
 * already, false with it clear when memory ran out. What readers use. */
bool ar_object_add(struct ar_object *object, struct arras_str name, uint32_t at,
                   struct arras_value value, bool *ret_duplicate) ARRAS_CHECKED;
/* False when memory ran out. */
bool ar_object_value(struct ar_object *object, struct arras_value *ret) ARRAS_CHECKED;

/* A copy that borrows nothing from the original. ARRAS_NO_MEMORY or ARRAS_LIMIT (depth). */
enum arras_status ar_value_copy(const struct arras_value *value, struct ar_arena *arena,
                                struct arras_value *ret) ARRAS_CHECKED;

/* Equal as RFC 9535 section 2.3.5.2.2 and JSON Schema 2020-12 (core, 4.2.2) have it: numbers by
 * value, exactly; objects without regard to order. Depth beyond AR_NESTING_DEPTH compares unequal.
 */
bool ar_value_equal(const struct arras_value *a, const struct arras_value *b);

#endif
