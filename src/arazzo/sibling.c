/* Operations that their source lacks: authors split descriptions and leave the workflows as they
 * were (design: sibling-operation). */
#include "arazzo/reader.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/uri.h"
#include <dirent.h>

struct siblings {
    struct ar_reader *reader;
    const struct ar_step *step;
    struct arras_str id;
    AR_VEC(const struct ar_operation *) found; /* differing in method or path */
    size_t entries;
};

static bool is_same(const struct ar_operation *a, const struct ar_operation *b)
{
    return ar_str_eq(a->method, b->method) && ar_str_eq(a->path, b->path);
}

static bool keep(struct siblings *siblings, const struct ar_operation *operation)
{
    for (size_t i = 0; i < siblings->found.count; i++) {
        if (is_same(siblings->found.items[i], operation)) {
            return true;
        }
    }
    return ar_vec_push(siblings->reader->arena, &siblings->found, operation);
}

/* One file: read whole only where the id stands in its text. */
static enum arras_status look_into(struct siblings *siblings, const char *path)
{
    struct ar_arena *arena = siblings->reader->arena;
    struct ar_document *document = ar_new(arena, struct ar_document);
    struct arras_str text, name;
    struct ar_description *description;
    struct ar_description_options options = {0};
    if (!document || !ar_str_copy(ar_str_z(path), arena, &name)) {
        return ARRAS_NO_MEMORY;
    }
    struct ar_mark before = ar_arena_mark(arena);
    enum arras_status status = ar_file_read(path, AR_DOCUMENT_SIZE, arena, NULL, &text);
    if (!status && ar_str_find(text, siblings->id, 0) == AR_NOT_FOUND) {
        ar_arena_rewind(arena, before);
        return ARRAS_OK;
    }
    status =
        status ? status : ar_document_parse(name, text, ARRAS_FORMAT_GUESS, arena, NULL, document);
    status =
        status ? status : ar_description_new(document, name, &options, arena, NULL, &description);
    if (status) { /* what cannot be read is no sibling */
        return status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
    }
    const struct ar_operation *operation = ar_operation_by_id(description, siblings->id, NULL);
    return !operation || keep(siblings, operation) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool is_description(struct arras_str name)
{
    return ar_str_ends(name, ".yaml") || ar_str_ends(name, ".yml") || ar_str_ends(name, ".json");
}

static enum arras_status look_beside(struct siblings *siblings, struct arras_str location)
{
    struct ar_arena *arena = siblings->reader->arena;
    size_t slash = ar_str_find_last_char(location, '/');
    struct arras_str folder =
        slash == AR_NOT_FOUND ? AR_STR("./") : ar_str_sub(location, 0, slash + 1);
    char *path = ar_str_to_z(folder, arena);
    DIR *directory = path ? opendir(path) : NULL;
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
            status = look_into(siblings, file.ptr);
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
static const struct ar_operation *choose(const struct siblings *siblings)
{
    const struct ar_operation *fitting = NULL;
    size_t count = 0;
    if (siblings->found.count == 1) {
        return siblings->found.items[0];
    }
    for (size_t i = 0; i < siblings->found.count; i++) {
        if (ar_step_fits_path(siblings->step, siblings->found.items[i]->path)) {
            fitting = siblings->found.items[i];
            count++;
        }
    }
    return count == 1 ? fitting : NULL;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Equal but for case and punctuation. */
static bool is_alike(struct arras_str a, struct arras_str b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.len && !is_letter_or_digit(a.ptr[i])) {
            i++;
        }
        while (j < b.len && !is_letter_or_digit(b.ptr[j])) {
            j++;
        }
        if (i == a.len || j == b.len) {
            return i == a.len && j == b.len;
        }
        if (!ar_str_eq_nocase(ar_str_sub(a, i, i + 1), ar_str_sub(b, j, j + 1))) {
            return false;
        }
        i++;
        j++;
    }
}

static bool look_alike(struct siblings *siblings, const struct ar_description *description)
{
    for (size_t i = 0; i < ar_description_count(description); i++) {
        const struct ar_operation *operation = ar_description_at(description, i);
        if (is_alike(operation->id, siblings->id) && !keep(siblings, operation)) {
            return false;
        }
    }
    return true;
}

enum arras_status ar_find_sibling(struct ar_reader *reader, const struct ar_step *step,
                                  struct arras_str id, const struct ar_source_description *only,
                                  const struct ar_operation **ret_operation,
                                  const struct ar_source_description **ret_source)
{
    struct siblings siblings = {.reader = reader, .step = step, .id = id};
    bool lenient = reader->arazzo->strictness == ARRAS_LENIENT;
    enum arras_status status = ARRAS_OK;
    *ret_operation = NULL;
    for (int guess = 0; guess <= lenient && !*ret_operation && !status; guess++) {
        for (size_t i = 0; i < reader->arazzo->source_count && !status; i++) {
            const struct ar_source_description *source = &reader->arazzo->sources[i];
            if (!source->description || (only && source != only) ||
                (!guess && ar_uri_is_web(source->location))) {
                continue; /* a URL has no folder to look through */
            }
            *ret_source = source;
            if (guess) {
                status = look_alike(&siblings, source->description) ? ARRAS_OK : ARRAS_NO_MEMORY;
            } else {
                status = look_beside(&siblings, source->location);
            }
        }
        *ret_operation = status ? NULL : choose(&siblings);
    }
    if (status) {
        return ar_no_memory(reader->diags);
    }
    if (*ret_operation) {
        struct arras_str where = ar_description_location((*ret_operation)->description);
        ar_warning(reader->diags, "sibling-operation", &reader->arazzo->document.source, step->at,
                   "the step '%.*s': its source has no operation '%.*s'; '%.*s' of '%.*s' is taken",
                   AR_STR_ARG(step->id), AR_STR_ARG(id), AR_STR_ARG((*ret_operation)->id),
                   AR_STR_ARG(where));
    }
    return ARRAS_OK;
}
