#include "openapi/reference.h"
#include "base/limits.h"
#include "base/uri.h"
#include "value/pointer.h"

struct ar_reference_slot {
    const struct ar_member *members; /* NULL: free */
    const struct ar_home *home;
};

/* Addresses come from the program's own memory, so that nobody outside chooses what collides. */
static size_t slot_of(const struct ar_homes *homes, const struct ar_member *members)
{
    uint64_t mixed = (uint64_t)(uintptr_t)members * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 20) & (homes->slot_count - 1);
}

static struct ar_reference_slot *find_slot(const struct ar_homes *homes,
                                           const struct ar_member *members)
{
    size_t at = slot_of(homes, members);
    while (homes->slots[at].members && homes->slots[at].members != members) {
        at = (at + 1) & (homes->slot_count - 1);
    }
    return &homes->slots[at];
}

static bool grow_slots(struct ar_homes *homes)
{
    struct ar_homes grown = *homes;
    grown.slot_count = homes->slot_count ? homes->slot_count * 2 : 64;
    grown.slots = ar_new_array(homes->arena, struct ar_reference_slot, grown.slot_count);
    if (!grown.slots) {
        return false;
    }
    for (size_t i = 0; i < homes->slot_count; i++) {
        if (homes->slots[i].members) {
            *find_slot(&grown, homes->slots[i].members) = homes->slots[i];
        }
    }
    *homes = grown;
    return true;
}

/* Lists the objects within `value` that hold a $ref. */
static enum arras_status list_references(struct ar_homes *homes, const struct ar_home *home,
                                         const struct arras_value *value, unsigned depth)
{
    enum arras_status status = depth > AR_NESTING_DEPTH ? ARRAS_LIMIT : ARRAS_OK;
    if (value->type == ARRAS_ARRAY) {
        for (uint32_t i = 0; i < value->count && !status; i++) {
            status = list_references(homes, home, &value->items[i], depth + 1);
        }
    }
    if (value->type != ARRAS_OBJECT || status) {
        return status;
    }
    if (ar_get_z(value, "$ref")) {
        if (homes->slot_used * 2 >= homes->slot_count && !grow_slots(homes)) {
            return ARRAS_NO_MEMORY;
        }
        struct ar_reference_slot *slot = find_slot(homes, value->members);
        homes->slot_used += !slot->members;
        *slot = (struct ar_reference_slot){value->members, home};
    }
    for (uint32_t i = 0; i < value->count && !status; i++) {
        status = list_references(homes, home, &value->members[i].value, depth + 1);
    }
    return status;
}

static const struct ar_home *home_of(const struct ar_homes *homes, const struct arras_value *value)
{
    const struct ar_reference_slot *slot =
        homes->slot_count ? find_slot(homes, value->members) : NULL;
    return slot && slot->members ? slot->home : &homes->root;
}

static enum arras_status load(struct ar_homes *homes, struct arras_str uri, struct ar_diags *diags,
                              const struct ar_home **ret)
{
    struct ar_home *home = ar_new(homes->arena, struct ar_home);
    if (!home || !ar_str_copy(uri, homes->arena, &home->location)) {
        return ar_no_memory(diags);
    }
    enum arras_status status = homes->options.load(homes->options.context, home->location,
                                                   homes->arena, diags, &home->document);
    if (!status) {
        status = list_references(homes, home, &home->document->root, 0);
    }
    if (!status && !ar_vec_push(homes->arena, &homes->others, home)) {
        status = ARRAS_NO_MEMORY;
    }
    if (!status) {
        *ret = home;
    }
    return status;
}

/* 3.2: a description may give itself another name. */
static bool is_self(const struct ar_homes *homes, struct arras_str uri)
{
    return ar_str_eq(uri, homes->root.location) ||
           (uri.len && ar_str_eq(uri, ar_text(ar_get_z(&homes->root.document->root, "$self"))));
}

/* The document that `uri` names: one that is known, or read now. */
static enum arras_status find_home(struct ar_homes *homes, struct arras_str uri,
                                   struct ar_diags *diags, const struct ar_home **ret)
{
    if (is_self(homes, uri)) {
        *ret = &homes->root;
        return ARRAS_OK;
    }
    for (size_t i = 0; i < homes->others.count; i++) {
        if (ar_str_eq(homes->others.items[i]->location, uri)) {
            *ret = homes->others.items[i];
            return ARRAS_OK;
        }
    }
    return homes->options.load ? load(homes, uri, diags, ret) : ARRAS_UNRESOLVED;
}

static enum arras_status not_readable(const struct ar_home *from, const struct arras_value *ref,
                                      struct arras_str uri, struct ar_diags *diags)
{
    return ar_error(diags, ARRAS_UNRESOLVED, "unresolved-reference", &from->document->source,
                    ref->at, "%.*s refers to '%.*s', but %.*s cannot be read",
                    AR_STR_ARG(from->document->source.name), AR_STR_ARG(ar_text(ref)),
                    AR_STR_ARG(uri));
}

/* One step; `from` is the document that holds the $ref. */
static enum arras_status follow_one(struct ar_homes *homes, const struct ar_home *from,
                                    const struct arras_value *ref, struct ar_arena *arena,
                                    struct ar_diags *diags, const struct arras_value **ret)
{
    struct arras_str text = ar_text(ref);
    size_t hash = ar_str_find_char(text, '#', 0);
    struct arras_str file = ar_str_sub(text, 0, hash);
    struct arras_str uri = from->location, pointer = {NULL, 0};
    const struct ar_home *to = from;
    enum arras_status status = ARRAS_OK;
    if (file.len) {
        status = ar_uri_resolve(from->location, file, arena, &uri);
        status = status ? status : find_home(homes, uri, diags, &to);
        if (status == ARRAS_NO_MEMORY) {
            return ar_no_memory(diags);
        }
        if (status) {
            return not_readable(from, ref, uri, diags);
        }
    }
    if (hash != AR_NOT_FOUND &&
        ar_uri_decode(ar_str_from(text, hash + 1), arena, &pointer) != ARRAS_OK) {
        return ar_no_memory(diags);
    }
    *ret = ar_pointer_get(&to->document->root, pointer);
    if (*ret) {
        return ARRAS_OK;
    }
    return ar_error(diags, ARRAS_UNRESOLVED, "unresolved-reference", &from->document->source,
                    ref->at, "%.*s refers to '%.*s', but %.*s has no '%.*s'",
                    AR_STR_ARG(from->document->source.name), AR_STR_ARG(text),
                    AR_STR_ARG(to->document->source.name), AR_STR_ARG(pointer));
}

enum arras_status ar_reference_follow(struct ar_homes *homes, const struct arras_value *value,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      const struct arras_value **ret)
{
    for (unsigned steps = 0; steps < AR_REF_CHAIN; steps++) {
        const struct arras_value *ref = ar_get_z(value, "$ref");
        if (!ar_is(ref, ARRAS_STRING)) {
            *ret = value;
            return ARRAS_OK;
        }
        enum arras_status status =
            follow_one(homes, home_of(homes, value), ref, arena, diags, &value);
        if (status) {
            return status;
        }
    }
    const struct arras_value *ref = ar_get_z(value, "$ref");
    const struct ar_home *home = home_of(homes, value);
    return ar_error(diags, ARRAS_UNRESOLVED, "reference-circle", &home->document->source, ref->at,
                    "%.*s: the reference '%.*s' leads in a circle",
                    AR_STR_ARG(home->document->source.name), AR_STR_ARG(ar_text(ref)));
}
