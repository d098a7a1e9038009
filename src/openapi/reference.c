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

enum arras_status ar_home_identify(struct ar_home *home, struct ar_arena *arena)
{
    const struct arras_value *root = &home->document->root;
    struct arras_str self = ar_text(ar_get_z(root, "$self"));
    home->identity = home->location;
    if (!self.len || !ar_str_starts(ar_text(ar_get_z(root, "openapi")), "3.2")) {
        return ARRAS_OK;
    }
    self = ar_str_sub(self, 0, ar_str_find_char(self, '#', 0));
    return ar_uri_resolve(home->location, self, arena, &home->identity);
}

/* Reads another document; what is wrong with it is kept with it. */
static enum arras_status load(struct ar_homes *homes, const struct ar_reference *reference,
                              struct ar_home **ret)
{
    struct ar_home *home = ar_new(homes->arena, struct ar_home);
    struct ar_referred referred = {0};
    if (!home || !ar_str_copy(reference->uri, homes->arena, &home->asked) ||
        !ar_vec_push(homes->arena, &homes->others, home)) {
        return ARRAS_NO_MEMORY;
    }
    struct ar_reference own = *reference;
    own.uri = home->asked;
    ar_diags_init(&home->diags, homes->arena);
    home->location = home->asked;
    home->identity = home->asked;
    home->status = homes->options.load ? homes->options.load(homes->options.context, &own,
                                                             homes->arena, &home->diags, &referred)
                                       : ARRAS_NOT_FOUND;
    if (!home->status) {
        home->document = referred.document;
        home->location = referred.location;
        home->status = list_references(homes, home, &home->document->root, 0);
    }
    if (!home->status) {
        home->status = ar_home_identify(home, homes->arena);
    }
    *ret = home;
    return home->status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
}

static bool is_called(const struct ar_home *home, struct arras_str uri)
{
    return ar_str_eq(home->asked, uri) || ar_str_eq(home->location, uri) ||
           ar_str_eq(home->identity, uri);
}

/* The document that a URI names: one that is known, or read now. *ret may be one that cannot be
 * read. */
static enum arras_status find_home(struct ar_homes *homes, const struct ar_reference *reference,
                                   struct ar_home **ret)
{
    if (is_called(&homes->root, reference->uri)) {
        *ret = &homes->root;
        return ARRAS_OK;
    }
    for (size_t i = 0; i < homes->others.count; i++) {
        if (is_called(homes->others.items[i], reference->uri)) {
            *ret = homes->others.items[i];
            return ARRAS_OK;
        }
    }
    return load(homes, reference, ret);
}

/* The document that `file` names: by the identity of the document that says so (OpenAPI 3.2
 * section 4.1.2, $self), or by where that one was found, since files moved together stay together.
 * A document that was read from a file looks among files first. */
static enum arras_status find_named(struct ar_homes *homes, const struct ar_home *from,
                                    const struct arras_value *ref, struct arras_str file,
                                    struct ar_arena *arena, struct ar_home **ret)
{
    struct ar_reference named = {{0}, from->location, &from->document->source, ref->at};
    struct ar_reference beside = named;
    struct ar_home *first = NULL, *second = NULL;
    enum arras_status status = ar_uri_resolve(from->identity, file, arena, &named.uri);
    status = status ? status : ar_uri_resolve(from->location, file, arena, &beside.uri);
    status = status ? status : ar_uri_file_path(named.uri, arena, &named.uri);
    status = status ? status : ar_uri_file_path(beside.uri, arena, &beside.uri);
    bool differ = !status && !ar_str_eq(named.uri, beside.uri);
    bool beside_first = differ && ar_uri_is_web(named.uri) && !ar_uri_is_web(beside.uri);
    status = status ? status : find_home(homes, beside_first ? &beside : &named, &first);
    if (!status && first->status && differ) {
        status = find_home(homes, beside_first ? &named : &beside, &second);
    }
    if (!status) {
        bool found = second && (!second->status || beside_first);
        *ret = found ? second : first;
    }
    return status;
}

static enum arras_status not_readable(const struct ar_home *from, const struct arras_value *ref,
                                      const struct ar_home *to, struct ar_diags *diags)
{
    if (to->diags.errors && ar_uri_is_web(to->asked)) { /* that says it all */
        if (diags) {
            ar_diags_add(diags, &to->diags);
        }
        return to->status;
    }
    enum arras_status status = ar_error(
        diags, ARRAS_UNRESOLVED, "unresolved-reference", &from->document->source, ref->at,
        "%.*s refers to '%.*s', but %.*s cannot be read", AR_STR_ARG(from->document->source.name),
        AR_STR_ARG(ar_text(ref)), AR_STR_ARG(to->asked));
    if (diags) {
        ar_diags_add(diags, &to->diags);
    }
    return status;
}

/* One step; `*home`, the document that holds the $ref, becomes that of what it leads to. */
static enum arras_status follow_one(struct ar_homes *homes, const struct ar_home **home,
                                    const struct arras_value *ref, struct ar_arena *arena,
                                    struct ar_diags *diags, const struct arras_value **ret)
{
    struct arras_str text = ar_text(ref);
    size_t hash = ar_str_find_char(text, '#', 0);
    struct arras_str file = ar_str_sub(text, 0, hash), pointer = {NULL, 0};
    const struct ar_home *from = *home, *to = from;
    if (file.len) {
        struct ar_home *found = NULL;
        if (find_named(homes, from, ref, file, arena, &found)) {
            return ar_no_memory(diags);
        }
        if (found->status) {
            return not_readable(from, ref, found, diags);
        }
        to = found;
    }
    pointer = hash == AR_NOT_FOUND ? pointer : ar_str_from(text, hash + 1);
    if (ar_str_find_char(pointer, '%', 0) != AR_NOT_FOUND &&
        ar_uri_decode(pointer, arena, &pointer) != ARRAS_OK) {
        return ar_no_memory(diags);
    }
    *ret = ar_pointer_get(&to->document->root, pointer);
    if (*ret) {
        *home = to;
        return ARRAS_OK;
    }
    return ar_error(diags, ARRAS_UNRESOLVED, "unresolved-reference", &from->document->source,
                    ref->at, "%.*s refers to '%.*s', but %.*s has no '%.*s'",
                    AR_STR_ARG(from->document->source.name), AR_STR_ARG(text),
                    AR_STR_ARG(to->document->source.name), AR_STR_ARG(pointer));
}

static enum arras_status follow_all(struct ar_homes *homes, const struct ar_home **home,
                                    const struct arras_value *value, struct ar_arena *arena,
                                    struct ar_diags *diags, const struct arras_value **ret)
{
    const struct arras_value *ref = ar_get_z(value, "$ref");
    for (unsigned steps = 0; steps < AR_REF_CHAIN && ar_is(ref, ARRAS_STRING); steps++) {
        enum arras_status status = follow_one(homes, home, ref, arena, diags, &value);
        if (status) {
            return status;
        }
        ref = ar_get_z(value, "$ref");
    }
    if (!ar_is(ref, ARRAS_STRING)) {
        *ret = value;
        return ARRAS_OK;
    }
    return ar_error(diags, ARRAS_UNRESOLVED, "reference-circle", &(*home)->document->source,
                    ref->at, "%.*s: the reference '%.*s' leads in a circle",
                    AR_STR_ARG((*home)->document->source.name), AR_STR_ARG(ar_text(ref)));
}

static void hold(const struct ar_homes *homes)
{
    if (homes->options.lock) {
        pthread_mutex_lock(homes->options.lock);
    }
}

static void let_go(const struct ar_homes *homes)
{
    if (homes->options.lock) {
        pthread_mutex_unlock(homes->options.lock);
    }
}

enum arras_status ar_reference_follow_from(struct ar_homes *homes, const struct ar_home **home,
                                           const struct arras_value *value, struct ar_arena *arena,
                                           struct ar_diags *diags, const struct arras_value **ret)
{
    if (!ar_is(ar_get_z(value, "$ref"), ARRAS_STRING)) {
        *ret = value;
        return ARRAS_OK;
    }
    hold(homes);
    enum arras_status status = follow_all(homes, home, value, arena, diags, ret);
    let_go(homes);
    return status;
}

enum arras_status ar_reference_follow(struct ar_homes *homes, const struct arras_value *value,
                                      struct ar_arena *arena, struct ar_diags *diags,
                                      const struct arras_value **ret)
{
    if (!ar_is(ar_get_z(value, "$ref"), ARRAS_STRING)) {
        *ret = value;
        return ARRAS_OK;
    }
    hold(homes);
    const struct ar_home *home = home_of(homes, value);
    enum arras_status status = follow_all(homes, &home, value, arena, diags, ret);
    let_go(homes);
    return status;
}

enum arras_status ar_reference_home(struct ar_homes *homes, struct arras_str uri,
                                    const struct ar_home **ret)
{
    struct ar_reference reference = {uri, homes->root.location, &homes->root.document->source,
                                     homes->root.document->root.at};
    struct ar_home *home = NULL;
    hold(homes);
    enum arras_status status = find_home(homes, &reference, &home);
    let_go(homes);
    if (!status && home->status) {
        status = ARRAS_NOT_FOUND;
    }
    if (!status) {
        *ret = home;
    }
    return status;
}
