/* Finding and reading what a source description names, a file or a URL. Published documents name
 * files that were moved since; where exactly one file can be meant, it is taken, with a warning
 * (source-moved). */
#include "arazzo/reader.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/uri.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
    struct ar_arena *arena;
    struct arras_str name; /* of the file that is looked for */
    struct arras_str found;
    size_t count;           /* of files found at this level */
    size_t entries;         /* directory entries looked at */
    struct arras_str tried; /* ", PLACE" of each place, for a person */
    struct arras_str all;   /* ", FILE" of each file found at this level */
};

/* Adds ", BEFORE'NAME'" to a list. */
static bool note(struct search *search, struct arras_str *list, const char *before,
                 struct arras_str name)
{
    return ar_str_printf(search->arena, list, "%.*s%s%s'%.*s'", AR_STR_ARG(*list),
                         list->len ? ", " : "", before, AR_STR_ARG(name));
}

static bool note_found(struct search *search, struct arras_str file)
{
    search->found = file;
    return search->count++ >= AR_SOURCE_SHOWN || note(search, &search->all, "", file);
}

static bool is_file(struct arras_str path)
{
    struct stat info;
    return stat(path.ptr, &info) == 0 && S_ISREG(info.st_mode);
}

/* Up to and with the last slash; empty where there is none. */
static struct arras_str directory_of(struct arras_str path)
{
    size_t slash = ar_str_find_last_char(path, '/');
    return slash == AR_NOT_FOUND ? (struct arras_str){NULL, 0} : ar_str_sub(path, 0, slash + 1);
}

static enum arras_status join(struct ar_arena *arena, struct arras_str directory,
                              struct arras_str relative, struct arras_str *ret)
{
    while (ar_str_starts(relative, "./")) {
        relative = ar_str_from(relative, 2);
    }
    bool absolute = ar_str_starts(relative, "/");
    return ar_str_printf(arena, ret, "%.*s%.*s", absolute ? 0 : (int)directory.len,
                         directory.ptr ? directory.ptr : "", AR_STR_ARG(relative))
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

bool ar_real_path(struct arras_str path, struct ar_arena *arena, struct arras_str *ret)
{
    char *real = ar_uri_is_web(path) ? NULL : realpath(path.ptr, NULL);
    bool made = ar_str_copy(real ? ar_str_z(real) : path, arena, ret);
    free(real);
    return made;
}

/* Files called search->name in the folders below `directory`, which ends in a slash. */
static enum arras_status search_below(struct search *search, struct arras_str directory, int depth)
{
    struct arras_str path;
    enum arras_status status =
        ar_str_copy(directory.len ? directory : AR_STR("."), search->arena, &path)
            ? ARRAS_OK
            : ARRAS_NO_MEMORY;
    DIR *dir = !status && depth < AR_SOURCE_DIRECTORY_DEPTH ? opendir(path.ptr) : NULL;
    struct dirent *entry;
    while (dir && !status && search->entries < AR_SOURCE_CANDIDATES && (entry = readdir(dir))) {
        struct arras_str folder, file;
        search->entries++;
        if (entry->d_name[0] == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)) {
            continue;
        }
        if (!ar_str_printf(search->arena, &folder, "%.*s%s/", AR_STR_ARG(directory),
                           entry->d_name) ||
            join(search->arena, folder, search->name, &file)) {
            status = ARRAS_NO_MEMORY;
            break;
        }
        if (is_file(file) && !note_found(search, file)) {
            status = ARRAS_NO_MEMORY;
            break;
        }
        status = search_below(search, folder, depth + 1);
    }
    if (dir) {
        closedir(dir);
    }
    return status;
}

/* The reference without the steps upward at its start, taken from each folder upward, as far as the
 * repository's root. */
static enum arras_status search_above(struct search *search, struct arras_str document,
                                      struct arras_str reference)
{
    while (ar_str_starts(reference, "../") || ar_str_starts(reference, "./")) {
        reference = ar_str_from(reference, reference.ptr[1] == '/' ? 2 : 3);
    }
    char *absolute = realpath(document.ptr, NULL);
    struct arras_str directory = directory_of(ar_str_z(absolute));
    enum arras_status status = ARRAS_OK;
    for (int level = 0; level < AR_RUN_DEPTH && directory.len && search->count == 0; level++) {
        struct arras_str file, git;
        status = join(search->arena, directory, reference, &file);
        status = status ? status : join(search->arena, directory, AR_STR(".git"), &git);
        if (status || !note(search, &search->tried, "", file) ||
            (is_file(file) && !note_found(search, file))) {
            status = ARRAS_NO_MEMORY;
            break;
        }
        if (!search->count && access(git.ptr, F_OK) == 0) {
            break;
        }
        directory = directory_of(ar_str_sub(directory, 0, directory.len - 1));
    }
    free(absolute);
    return status;
}

static struct arras_str file_name(struct arras_str path)
{
    size_t slash = ar_str_find_last_char(path, '/');
    return slash == AR_NOT_FOUND ? path : ar_str_from(path, slash + 1);
}

/* The levels of design's source-moved, one after the other, until one has exactly one file. */
static enum arras_status search_moved(struct ar_reader *reader,
                                      const struct ar_source_description *source,
                                      struct arras_str expected, struct search *search)
{
    struct arras_str decoded;
    if (ar_uri_decode(expected, search->arena, &decoded) ||
        !note(search, &search->tried, "", expected) ||
        (!ar_str_eq(decoded, expected) && !note(search, &search->tried, "", decoded))) {
        return ARRAS_NO_MEMORY;
    }
    if (is_file(decoded)) {
        return note_found(search, decoded) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    struct arras_str folder = directory_of(decoded), reference;
    search->name = file_name(decoded);
    if (!note(search, &search->tried, "the folders below ", folder.len ? folder : AR_STR("./"))) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = search_below(search, folder, 0);
    if (status || search->count) {
        return status;
    }
    status = ar_uri_decode(source->url, search->arena, &reference);
    return status ? status : search_above(search, reader->arazzo->path, reference);
}

static enum arras_status tell_missing(struct ar_reader *reader,
                                      struct ar_source_description *source,
                                      const struct search *search)
{
    const struct ar_source *document = &reader->arazzo->document.source;
    if (search->count) {
        ar_error(&source->diags, ARRAS_UNRESOLVED, "source-missing", document, source->at,
                 "the source '%.*s': there is no file '%.*s', and several could be meant: %.*s%s",
                 AR_STR_ARG(source->name), AR_STR_ARG(source->url), AR_STR_ARG(search->all),
                 search->count > AR_SOURCE_SHOWN ? " ..." : "");
        ar_hint(&source->diags, "mend the url, or give --source %.*s=FILE",
                AR_STR_ARG(source->name));
    } else {
        ar_error(&source->diags, ARRAS_UNRESOLVED, "source-missing", document, source->at,
                 "the source '%.*s': there is no file '%.*s'", AR_STR_ARG(source->name),
                 AR_STR_ARG(source->url));
        ar_hint(&source->diags, "looked for %.*s; name the file with --source %.*s=FILE",
                AR_STR_ARG(search->tried), AR_STR_ARG(source->name));
    }
    return ARRAS_UNRESOLVED;
}

/* The folder that references are resolved on: that of a relative $self, itself resolved on the
 * document's file (Arazzo 1.1, Establishing the Base URI). An absolute one says nothing of files.
 */
static enum arras_status base_of(const struct ar_arazzo *arazzo, struct ar_arena *arena,
                                 struct arras_str *ret)
{
    struct arras_str self = ar_text(ar_get_z(&arazzo->document.root, "$self"));
    struct arras_str path;
    *ret = directory_of(arazzo->path);
    if (!arazzo->minor || !self.len || ar_uri_parse(self).has_scheme) {
        return ARRAS_OK;
    }
    enum arras_status status = join(arena, *ret, ar_uri_parse(self).path, &path);
    *ret = directory_of(path);
    return status;
}

static enum arras_status look_for_arazzo(struct ar_reader *reader,
                                         struct ar_source_description *source);

/* The document whose $self is the source's absolute URI, among those that were read and those that
 * this one's other sources name (Arazzo 1.1, Identity-Based Referencing). NULL: none. */
static const struct ar_arazzo *find_by_self(struct ar_reader *reader,
                                            const struct ar_source_description *source,
                                            struct arras_str uri)
{
    for (size_t i = 0; i < reader->arazzo->source_count; i++) {
        struct ar_source_description *other = &reader->arazzo->sources[i];
        if (other != source && other->type == AR_SOURCE_ARAZZO &&
            !ar_uri_parse(other->url).has_scheme && look_for_arazzo(reader, other)) {
            continue; /* told where it is needed */
        }
    }
    const struct ar_arazzo *known = reader->arazzo->root;
    while (known && !ar_str_eq(ar_text(ar_get_z(&known->document.root, "$self")), uri)) {
        known = known->next;
    }
    return known;
}

/* Where --source says. *ret_given false: it says nothing. */
static enum arras_status locate_given(struct ar_reader *reader,
                                      struct ar_source_description *source, bool *ret_given)
{
    const struct ar_arazzo *arazzo = reader->arazzo;
    *ret_given = false;
    for (size_t i = 0; i < arazzo->source_overrides.count && !*ret_given; i++) {
        const struct arras_setting *setting = &arazzo->source_overrides.items[i];
        if (ar_source_is_called(source, setting->name)) {
            *ret_given = true;
            struct arras_str path;
            return !ar_uri_file_path(ar_str_z(setting->value), reader->arena, &path) &&
                           ar_str_copy(path, reader->arena, &source->location)
                       ? ARRAS_OK
                       : ar_no_memory(&source->diags);
        }
    }
    return ARRAS_OK;
}

/* The absolute URL that the source's url comes to where the document says by $self what it is
 * relative to, or where it is absolute itself; empty: it is a file's name. */
static enum arras_status locate_web(struct ar_reader *reader,
                                    const struct ar_source_description *source,
                                    struct arras_str *ret)
{
    const struct ar_arazzo *arazzo = reader->arazzo;
    struct arras_str base = arazzo->path;
    struct arras_str self = ar_text(ar_get_z(&arazzo->document.root, "$self"));
    enum arras_status status = ARRAS_OK;
    *ret = AR_STR("");
    if (arazzo->minor && self.len && (ar_uri_is_web(self) || ar_uri_is_web(base))) {
        status = ar_uri_resolve(base, self, reader->arena, &base);
    }
    if (!status && (ar_uri_is_web(source->url) || ar_uri_is_web(base))) {
        status = ar_uri_resolve(base, source->url, reader->arena, ret);
    }
    *ret = ar_str_sub(*ret, 0, ar_str_find_char(*ret, '#', 0));
    return status;
}

/* A document that came by HTTP stands beside others there, whatever its $self: they are read from
 * there where the place that $self gives them may not be asked. */
static enum arras_status locate_beside(struct ar_reader *reader,
                                       struct ar_source_description *source, struct arras_str url)
{
    struct arras_str beside = url;
    if (!ar_fetch_may(reader->arazzo->fetch, url) && !ar_uri_parse(source->url).has_scheme &&
        ar_uri_resolve(reader->arazzo->path, source->url, reader->arena, &beside)) {
        return ar_no_memory(&source->diags);
    }
    source->location = ar_fetch_may(reader->arazzo->fetch, beside) ? beside : url;
    return ARRAS_OK;
}

/* An absolute URI: the document of that identity where one is known, else by HTTP. */
static enum arras_status locate_absolute(struct ar_reader *reader,
                                         struct ar_source_description *source, struct arras_str url)
{
    const struct ar_arazzo *same =
        source->type == AR_SOURCE_ARAZZO ? find_by_self(reader, source, url) : NULL;
    if (same) {
        source->location = same->path;
        return ARRAS_OK;
    }
    if (ar_uri_is_web(url)) {
        source->location = url;
        return ARRAS_OK;
    }
    ar_error(&source->diags, ARRAS_UNSUPPORTED, "source-url", &reader->arazzo->document.source,
             source->at, "the source '%.*s' is at '%.*s'; only files and http or https are read",
             AR_STR_ARG(source->name), AR_STR_ARG(source->url));
    ar_hint(&source->diags, "save it and give --source %.*s=FILE", AR_STR_ARG(source->name));
    return ARRAS_UNSUPPORTED;
}

/* A file that is not where its name says. */
static enum arras_status locate_moved(struct ar_reader *reader,
                                      struct ar_source_description *source,
                                      struct arras_str expected, struct arras_str url)
{
    const struct ar_arazzo *arazzo = reader->arazzo;
    struct search search = {.arena = reader->arena};
    bool strict = arazzo->strictness == ARRAS_STRICT;
    if (!(strict && url.len) && search_moved(reader, source, expected, &search)) {
        return ar_no_memory(&source->diags);
    }
    if (search.count != 1) {
        return url.len ? locate_absolute(reader, source, url)
                       : tell_missing(reader, source, &search);
    }
    source->location = search.found;
    enum arras_status status =
        ar_deviation(&source->diags, strict, "source-moved", &arazzo->document.source, source->at,
                     "the source '%.*s': there is no file '%.*s'; '%.*s' is meant",
                     AR_STR_ARG(source->name), AR_STR_ARG(source->url), AR_STR_ARG(search.found));
    ar_hint(&source->diags, "mend the url, or give --source %.*s=FILE", AR_STR_ARG(source->name));
    return status;
}

/* A file: URL. Such a name is whole: nothing is looked for elsewhere. */
static enum arras_status locate_file(struct ar_reader *reader, struct ar_source_description *source)
{
    const struct ar_source *text = &reader->arazzo->document.source;
    enum arras_status status = ARRAS_OK;
    if (ar_uri_file_path(source->url, reader->arena, &source->location)) {
        return ar_no_memory(&source->diags);
    }
    if (ar_uri_parse(source->location).has_scheme) {
        return locate_absolute(reader, source, source->location);
    }
    if (ar_uri_is_web(reader->arazzo->path)) {
        status = ar_error(&source->diags, ARRAS_UNSUPPORTED, "remote-document", text, source->at,
                          "'%.*s' is not read: a document that came by HTTP names it",
                          AR_STR_ARG(source->url));
    } else if (!is_file(source->location)) {
        status = ar_error(&source->diags, ARRAS_UNRESOLVED, "source-missing", text, source->at,
                          "the source '%.*s': there is no file '%.*s'", AR_STR_ARG(source->name),
                          AR_STR_ARG(source->location));
    }
    if (status) {
        ar_hint(&source->diags, "name the file with --source %.*s=FILE", AR_STR_ARG(source->name));
    }
    return status;
}

/* In this order: as --source says; the file of a file: URL; by HTTP beside a document that came so;
 * the file beside the document; by identity or HTTP where the url is absolute, or is by the
 * document's $self and may be read from there; a moved file. */
static enum arras_status locate(struct ar_reader *reader, struct ar_source_description *source)
{
    const struct ar_arazzo *arazzo = reader->arazzo;
    bool given;
    struct arras_str base, expected, url;
    enum arras_status status = locate_given(reader, source, &given);
    if (status || given) {
        return status;
    }
    if (ar_str_is_nocase(ar_uri_parse(source->url).scheme, "file")) {
        return locate_file(reader, source);
    }
    if (locate_web(reader, source, &url)) {
        return ar_no_memory(&source->diags);
    }
    if (ar_uri_is_web(arazzo->path) && url.len) {
        return ar_uri_parse(source->url).has_scheme ? locate_absolute(reader, source, url)
                                                    : locate_beside(reader, source, url);
    }
    if (base_of(arazzo, reader->arena, &base) ||
        join(reader->arena, base, source->url, &expected)) {
        return ar_no_memory(&source->diags);
    }
    if (is_file(expected)) {
        source->location = expected;
        return ARRAS_OK;
    }
    bool absolute = ar_uri_parse(source->url).has_scheme;
    if (absolute || (url.len && ar_fetch_may(arazzo->fetch, url))) {
        return locate_absolute(reader, source, absolute ? source->url : url);
    }
    return locate_moved(reader, source, expected, url);
}

/* Fetches a source's text; its location becomes that where it was found. */
static enum arras_status fetch_source(const struct ar_arazzo *user,
                                      struct ar_source_description *source, struct ar_diags *diags)
{
    struct ar_fetched fetched;
    struct ar_asker asker = {&user->document.source, source->at};
    enum arras_status status = ar_fetch_get(user->fetch, source->location, asker, diags, &fetched);
    if (status == ARRAS_UNSUPPORTED) {
        ar_hint(diags, "allow it with --allow-remote, or save it and give --source %s=FILE",
                source->path_z);
    }
    source->location = status ? source->location : fetched.url;
    return status;
}

enum arras_status ar_source_read(const struct ar_arazzo *user, struct ar_source_description *source,
                                 struct ar_diags *diags, struct ar_document *ret)
{
    struct ar_asker asker = {&user->document.source, source->at};
    enum arras_status status;
    if (ar_uri_is_web(source->location)) {
        status = fetch_source(user, source, diags);
        return status ? status
                      : ar_document_fetch(user->fetch, source->location, asker, user->arena, diags,
                                          &source->location, ret);
    }
    status = ar_document_read(source->location.ptr, ARRAS_FORMAT_GUESS, user->arena, diags, ret);
    return status == ARRAS_NOT_FOUND || status == ARRAS_IO ? ARRAS_UNRESOLVED : status;
}

/* For $refs of a description to other documents. What came by HTTP names no files. */
static enum arras_status load_other(void *context, const struct ar_reference *reference,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_referred *ret)
{
    const struct ar_arazzo *arazzo = context;
    struct ar_asker asker = {reference->source, reference->at};
    struct ar_document *document = ar_new(arena, struct ar_document);
    struct arras_str decoded;
    char *path = ar_str_to_z(reference->uri, arena);
    if (!document || !path || ar_uri_decode(reference->uri, arena, &decoded)) {
        return ar_no_memory(diags);
    }
    *ret = (struct ar_referred){document, reference->uri};
    if (ar_uri_is_web(reference->uri)) {
        return ar_document_fetch(arazzo->fetch, reference->uri, asker, arena, diags, &ret->location,
                                 document);
    }
    if (ar_uri_is_web(reference->from)) {
        return ar_error(diags, ARRAS_UNSUPPORTED, "remote-document", asker.source, asker.at,
                        "'%s' is not read: a document that came by HTTP names it", path);
    }
    bool encoded = !is_file(ar_str_z(path)) && !ar_str_has_nul(decoded) && is_file(decoded);
    return ar_document_read(encoded ? decoded.ptr : path, ARRAS_FORMAT_GUESS, arena, diags,
                            document);
}

enum arras_status ar_schema_document_need(struct ar_reader *reader, struct arras_str location,
                                          const struct arras_value **ret)
{
    struct ar_arazzo *arazzo = reader->arazzo;
    const struct ar_document *known = ar_map_get(&arazzo->schema_documents, location);
    if (!known) {
        const struct ar_reference reference = {.uri = location,
                                               .from = arazzo->path,
                                               .source = &arazzo->document.source,
                                               .at = reader->workflow->inputs->at};
        struct ar_referred found;
        struct ar_diags diags; /* the reference may mean an $id: then nothing is missing */
        ar_diags_init(&diags, reader->arena);
        enum arras_status status = load_other(arazzo, &reference, reader->arena, &diags, &found);
        if (status == ARRAS_NOT_FOUND || status == ARRAS_IO) {
            return ARRAS_NOT_FOUND;
        }
        ar_diags_add(reader->diags, &diags);
        if (status) {
            return status;
        }
        known = found.document;
        if (!ar_map_set(&arazzo->schema_documents, reader->arena, location, (void *)known)) {
            return ARRAS_NO_MEMORY;
        }
    }
    *ret = &known->root;
    return ARRAS_OK;
}

struct ar_description_options ar_source_options(struct ar_arazzo *arazzo)
{
    return (struct ar_description_options){
        .load = load_other, .context = arazzo, .lock = &arazzo->root->lock};
}

static enum arras_status read_description(struct ar_reader *reader,
                                          struct ar_source_description *source)
{
    struct ar_arazzo *arazzo = reader->arazzo;
    struct ar_document *document = ar_new(reader->arena, struct ar_document);
    if (!document) {
        return ar_no_memory(&source->diags);
    }
    struct ar_description_options options = ar_source_options(arazzo);
    enum arras_status status = ar_source_read(arazzo, source, &source->diags, document);
    return status ? status
                  : ar_description_new(document, source->location, &options, reader->arena,
                                       &source->diags, &source->description);
}

enum arras_status ar_source_description_need(struct ar_reader *reader,
                                             struct ar_source_description *source)
{
    if (!source->looked_for) {
        source->looked_for = true;
        source->status = locate(reader, source);
        source->status = source->status ? source->status : read_description(reader, source);
    }
    ar_diags_add(reader->diags, &source->diags);
    return source->status;
}

/* Whether one document uses the other, directly or not. */
static bool is_used_by(const struct ar_arazzo *document, const struct ar_arazzo *user)
{
    while (user && user != document) {
        user = user->user;
    }
    return user != NULL;
}

static enum arras_status read_arazzo(struct ar_reader *reader, struct ar_source_description *source)
{
    struct arras_str real;
    if (ar_uri_is_web(source->location)) { /* redirects end where the document is known by */
        enum arras_status status = fetch_source(reader->arazzo, source, &source->diags);
        if (status) {
            return status;
        }
    }
    if (!ar_real_path(source->location, reader->arena, &real)) {
        return ar_no_memory(&source->diags);
    }
    for (struct ar_arazzo *known = reader->arazzo->root; known; known = known->next) {
        if (!ar_str_eq(known->real_path, real)) {
            continue;
        }
        if (is_used_by(known, reader->arazzo)) {
            return ar_error(&source->diags, ARRAS_INVALID, "circular-sources",
                            &reader->arazzo->document.source, source->at,
                            "the source '%.*s' is a document that uses this one",
                            AR_STR_ARG(source->name));
        }
        source->nested = known;
        return ARRAS_OK;
    }
    return ar_arazzo_load_nested(reader->arazzo, source);
}

static enum arras_status look_for_arazzo(struct ar_reader *reader,
                                         struct ar_source_description *source)
{
    if (!source->looked_for) {
        source->looked_for = true;
        source->status = locate(reader, source);
        source->status = source->status ? source->status : read_arazzo(reader, source);
    }
    return source->status;
}

enum arras_status ar_source_arazzo_need(struct ar_reader *reader,
                                        struct ar_source_description *source)
{
    enum arras_status status = look_for_arazzo(reader, source);
    ar_diags_add(reader->diags, &source->diags);
    return status;
}
