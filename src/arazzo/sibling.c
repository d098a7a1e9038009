/* Operations that their source lacks: authors split descriptions and leave the workflows as they
 * were (design: sibling-operation). */
#include "arazzo/reader.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/uri.h"
#include <dirent.h>

struct sibling {
    const struct ar_operation *operation;
    const struct ar_source_description *source; /* beside which it was found */
};

struct siblings {
    struct ar_reader *reader;
    const struct ar_step *step;
    struct arras_str id;
    bool alike; /* look for ids that differ in case or punctuation only */
    const struct ar_source_description *source; /* the one that is looked at */
    AR_VEC(struct sibling) found;               /* differing in method or path */
    size_t entries;
};

static bool is_same(const struct ar_operation *a, const struct ar_operation *b)
{
    return ar_str_eq(a->method, b->method) && ar_str_eq(a->path, b->path);
}

/* Of two files that have the same operation the first by name is taken, whatever the order in which
 * the system lists them. */
static bool is_before(const struct ar_operation *a, const struct ar_operation *b)
{
    return ar_str_compare(ar_description_location(a->description),
                          ar_description_location(b->description)) < 0;
}

static bool keep(struct siblings *siblings, const struct ar_operation *operation)
{
    struct sibling sibling = {operation, siblings->source};
    for (size_t i = 0; i < siblings->found.count; i++) {
        struct sibling *other = &siblings->found.items[i];
        if (is_same(other->operation, operation)) {
            bool first = other->source == sibling.source && is_before(operation, other->operation);
            *other = first ? sibling : *other;
            return true;
        }
    }
    return ar_vec_push(siblings->reader->arena, &siblings->found, sibling);
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The length of what begins `text` and is `id` but for case and punctuation; AR_NOT_FOUND: nothing
 * does. */
static size_t match_alike(struct arras_str text, struct arras_str id)
{
    size_t i = 0;
    for (size_t j = 0; j < id.len; j++) {
        if (!is_letter_or_digit(id.ptr[j])) {
            continue;
        }
        while (i < text.len && !is_letter_or_digit(text.ptr[i])) {
            i++;
        }
        if (i == text.len ||
            !ar_str_eq_nocase(ar_str_sub(text, i, i + 1), ar_str_sub(id, j, j + 1))) {
            return AR_NOT_FOUND;
        }
        i++;
    }
    return i;
}

static bool is_alike(struct arras_str a, struct arras_str b)
{
    size_t end = match_alike(a, b);
    while (end < a.len && !is_letter_or_digit(a.ptr[end])) {
        end++;
    }
    return end == a.len && a.len;
}

/* Whether it is worth reading the whole text. */
static bool may_have(const struct siblings *siblings, struct arras_str text)
{
    if (!siblings->alike) {
        return ar_str_find(text, siblings->id, 0) != AR_NOT_FOUND;
    }
    bool found = false;
    for (size_t i = 0; i < text.len && !found; i++) {
        found = is_letter_or_digit(text.ptr[i]) &&
                match_alike(ar_str_from(text, i), siblings->id) != AR_NOT_FOUND;
    }
    return found;
}

static bool keep_all(struct siblings *siblings, const struct ar_description *description)
{
    bool kept = true;
    for (size_t i = 0; i < ar_description_count(description) && kept; i++) {
        const struct ar_operation *operation = ar_description_at(description, i);
        bool same = siblings->alike ? is_alike(operation->id, siblings->id)
                                    : ar_str_eq(operation->id, siblings->id);
        kept = !same || keep(siblings, operation);
    }
    return kept;
}

/* One file: read whole only where the id stands in its text. */
static enum arras_status look_into(struct siblings *siblings, struct arras_str path)
{
    struct ar_arena *arena = siblings->reader->arena;
    struct ar_document *document = ar_new(arena, struct ar_document);
    struct arras_str text;
    struct ar_description *description;
    struct ar_description_options options = ar_source_options(siblings->reader->arazzo);
    if (!document) {
        return ARRAS_NO_MEMORY;
    }
    struct ar_mark before = ar_arena_mark(arena);
    enum arras_status status = ar_file_read(path.ptr, AR_DOCUMENT_SIZE, arena, NULL, &text);
    if (!status && !may_have(siblings, text)) {
        ar_arena_rewind(arena, before);
        return ARRAS_OK;
    }
    status =
        status ? status : ar_document_parse(path, text, ARRAS_FORMAT_GUESS, arena, NULL, document);
    status =
        status ? status : ar_description_new(document, path, &options, arena, NULL, &description);
    if (status) { /* what cannot be read is no sibling */
        return status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
    }
    return keep_all(siblings, description) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool is_description(struct arras_str name)
{
    return ar_str_ends(name, ".yaml") || ar_str_ends(name, ".yml") || ar_str_ends(name, ".json");
}

static enum arras_status look_beside(struct siblings *siblings, struct arras_str location)
{
    struct ar_arena *arena = siblings->reader->arena;
    size_t slash = ar_str_find_last_char(location, '/');
    char *path = ar_str_to_z(ar_str_sub(location, 0, slash == AR_NOT_FOUND ? 0 : slash + 1), arena);
    DIR *directory = path ? opendir(*path ? path : ".") : NULL;
    enum arras_status status = path ? ARRAS_OK : ARRAS_NO_MEMORY;
    struct dirent *entry;
    while (directory && !status && siblings->entries < AR_SOURCE_CANDIDATES &&
           (entry = readdir(directory))) {
        struct arras_str file;
        siblings->entries++;
        if (!is_description(ar_str_z(entry->d_name))) {
            continue;
        }
        if (!ar_str_printf(arena, &file, "%s%s", path, entry->d_name)) {
            status = ARRAS_NO_MEMORY;
        } else if (!ar_str_eq(file, location)) {
            status = look_into(siblings, file);
        }
    }
    if (directory) {
        closedir(directory);
    }
    return status;
}

bool ar_step_fits_path(const struct ar_step *step, struct arras_str path)
{
    size_t given = 0, named = 0;
    for (size_t i = 0; i < step->parameters.count; i++) {
        given += step->parameters.items[i].in == AR_IN_PATH;
    }
    while (path.len) {
        struct arras_str rest = path;
        ar_str_cut(&rest, '{');
        struct arras_str name = ar_str_cut(&rest, '}');
        path = rest;
        bool found = name.len == 0;
        named += name.len > 0;
        for (size_t i = 0; i < step->parameters.count; i++) {
            const struct ar_parameter *parameter = &step->parameters.items[i];
            found = found || (parameter->in == AR_IN_PATH && ar_str_eq(parameter->name, name));
        }
        if (!found) {
            return false;
        }
    }
    return given == named;
}

/* The one found, or the one of several that fits. */
static const struct sibling *choose(const struct siblings *siblings)
{
    const struct sibling *fitting = NULL;
    size_t count = 0;
    if (siblings->found.count == 1) {
        return &siblings->found.items[0];
    }
    for (size_t i = 0; i < siblings->found.count; i++) {
        if (ar_step_fits_path(siblings->step, siblings->found.items[i].operation->path)) {
            fitting = &siblings->found.items[i];
            count++;
        }
    }
    return count == 1 ? fitting : NULL;
}

/* The sources' own descriptions have been looked through for the id itself. */
static enum arras_status look(struct siblings *siblings, const struct ar_source_description *only,
                              bool beside)
{
    const struct ar_arazzo *arazzo = siblings->reader->arazzo;
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < arazzo->source_count && !status; i++) {
        const struct ar_source_description *source = &arazzo->sources[i];
        if (!source->description || (only && source != only)) {
            continue;
        }
        siblings->source = source;
        if (siblings->alike && !keep_all(siblings, source->description)) {
            return ARRAS_NO_MEMORY;
        }
        if (beside && !ar_uri_is_web(source->location)) { /* a URL has no folder */
            status = look_beside(siblings, source->location);
        }
    }
    return status;
}

static enum arras_status tell_taken(const struct siblings *siblings, const struct sibling *taken)
{
    const struct ar_arazzo *arazzo = siblings->reader->arazzo;
    const struct ar_step *step = siblings->step;
    struct arras_str where = ar_description_location(taken->operation->description);
    enum arras_status status = ar_deviation(
        siblings->reader->diags, arazzo->strictness == ARRAS_STRICT, "sibling-operation",
        &arazzo->document.source, step->call_at,
        "the step '%.*s': the source '%.*s' has no operation '%.*s'; '%.*s' of '%.*s' is meant",
        AR_STR_ARG(step->id), AR_STR_ARG(taken->source->name), AR_STR_ARG(siblings->id),
        AR_STR_ARG(taken->operation->id), AR_STR_ARG(where));
    if (siblings->alike) {
        ar_hint(siblings->reader->diags, "write '%.*s'", AR_STR_ARG(taken->operation->id));
    } else {
        ar_hint(siblings->reader->diags, "add '%.*s' to the sourceDescriptions", AR_STR_ARG(where));
    }
    return status;
}

enum arras_status ar_find_sibling(struct ar_reader *reader, const struct ar_step *step,
                                  struct arras_str id, const struct ar_source_description *only,
                                  const struct ar_operation **ret_operation,
                                  const struct ar_source_description **ret_source)
{
    struct siblings siblings = {.reader = reader, .step = step, .id = id};
    bool lenient = reader->arazzo->strictness == ARRAS_LENIENT;
    *ret_operation = NULL;
    enum arras_status status = look(&siblings, only, true);
    const struct sibling *taken = status ? NULL : choose(&siblings);
    if (!status && !taken && lenient && siblings.found.count == 0) {
        siblings.alike = true;
        siblings.entries = 0;
        status = look(&siblings, only, true);
        taken = status ? NULL : choose(&siblings);
    }
    if (status) {
        return ar_no_memory(reader->diags);
    }
    if (taken) {
        *ret_operation = taken->operation;
        *ret_source = taken->source;
        return tell_taken(&siblings, taken);
    }
    return ARRAS_OK;
}

enum arras_status ar_find_alike(struct ar_reader *reader, const struct ar_step *step,
                                struct arras_str id, const struct ar_source_description *only,
                                const struct ar_operation **ret)
{
    struct siblings siblings = {.reader = reader, .step = step, .id = id, .alike = true};
    enum arras_status status = look(&siblings, only, false);
    *ret = status || !siblings.found.count ? NULL : siblings.found.items[0].operation;
    return status ? ar_no_memory(reader->diags) : ARRAS_OK;
}
