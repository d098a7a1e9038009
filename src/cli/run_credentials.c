#include "run_credentials.h"
#include <ctype.h>
#include <errno.h>
#include <sys/stat.h>
#include "options.h"
#include "say.h"

#define DEFAULT_FILE "arras.credentials.yaml"

enum { DEPTH_MOST = 8, REFERENCE_SIZE = 65536 };

/* Gathering, up to the first thing that is wrong. */
struct gathering {
    const struct arras_document *document;
    struct ar_credential_list *list;
    const char *folder; /* that paths in the file start from; NULL: the working folder */
    const char *path;   /* of the file, while it is read */
    const struct arras_value *root;
    struct arras_pool *told;
    bool strict;
    bool named; /* the file is: by --credentials */
    struct ar_text why;
};

static bool wrong(struct gathering *gathering, const char *format, const char *a, const char *b)
{
    ar_text_release(&gathering->why);
    gathering->why = (struct ar_text){0};
    for (const char *at = format; *at; at++) {
        if (*at == '@') {
            ar_text_add(&gathering->why, a, strlen(a));
            a = b;
        } else {
            ar_text_add(&gathering->why, at, 1);
        }
    }
    return false;
}

static bool has(const struct ar_credential_list *list, const char *source, const char *scheme)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].source, source) == 0 &&
            strcmp(list->items[i].scheme, scheme) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes the text over. The names are kept. */
static void add(struct ar_credential_list *list, const char *source, const char *scheme,
                struct ar_text *json)
{
    list->items = ar_grow(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = (struct ar_credential_entry){
        ar_keep_copy(source, strlen(source)), ar_keep_copy(scheme, strlen(scheme)), json->ptr};
}

static void add_text(struct ar_credential_list *list, const char *source, const char *scheme,
                     const char *value)
{
    struct ar_text json = {0};
    ar_text_add_json(&json, ar_z(value));
    add(list, source, scheme, &json);
}

/* The content of a small file without the line end at its end. */
static bool read_reference(struct gathering *gathering, const char *path, struct ar_text *ret)
{
    struct ar_text whole = {0};
    if (gathering->folder && *path != '/') {
        ar_text_printf(&whole, "%s/", gathering->folder);
    }
    ar_text_printf(&whole, "%s", path);
    FILE *file = fopen(ar_text_z(&whole), "re");
    char buffer[REFERENCE_SIZE + 1];
    size_t len = file ? fread(buffer, 1, sizeof(buffer), file) : 0;
    bool read = file && !ferror(file);
    if (!read) {
        wrong(gathering, "credentials: cannot read '@': @", ar_text_z(&whole), strerror(errno));
    } else if (len > REFERENCE_SIZE) {
        read = wrong(gathering, "credentials: '@' is larger than 64 KiB", ar_text_z(&whole), "");
    }
    if (file) {
        fclose(file);
    }
    ar_text_release(&whole);
    if (read && len && buffer[len - 1] == '\n') {
        len -= len > 1 && buffer[len - 2] == '\r' ? 2 : 1;
    }
    if (read) {
        ar_text_add(ret, buffer, len);
    }
    return read;
}

/* {env: NAME} and {file: PATH}. */
static bool is_reference(const struct arras_value *value, const char *kind)
{
    const struct arras_value *name = arras_member(value, kind);
    return arras_count(value) == 1 && name && arras_type(name) == ARRAS_STRING;
}

static bool add_reference(struct gathering *gathering, const struct arras_value *value,
                          struct ar_text *json)
{
    bool env = is_reference(value, "env");
    struct arras_str text = arras_text(arras_member(value, env ? "env" : "file"));
    char *name = ar_need_copy(text.ptr, text.len);
    struct ar_text content = {0};
    bool found;
    if (env) {
        const char *given = getenv(name);
        found =
            given || wrong(gathering, "credentials: the environment has no variable '@'", name, "");
        ar_text_printf(&content, "%s", given ? given : "");
    } else {
        found = read_reference(gathering, name, &content);
    }
    ar_text_add_json(json, (struct arras_str){ar_text_z(&content), content.len});
    ar_text_release(&content);
    free(name);
    return found;
}

/* Paths of certificates start where the file is. */
static void add_path(const struct gathering *gathering, struct arras_str path, struct ar_text *json)
{
    struct ar_text whole = {0};
    if (gathering->folder && path.len && path.ptr[0] != '/') {
        ar_text_printf(&whole, "%s/", gathering->folder);
    }
    ar_text_add(&whole, path.ptr, path.len);
    ar_text_add_json(json, (struct arras_str){ar_text_z(&whole), whole.len});
    ar_text_release(&whole);
}

static bool is_path(struct arras_str name, const struct arras_value *value)
{
    bool file = (name.len == 11 && memcmp(name.ptr, "certificate", 11) == 0) ||
                (name.len == 3 && memcmp(name.ptr, "key", 3) == 0);
    return file && arras_type(value) == ARRAS_STRING;
}

static bool add_value(struct gathering *gathering, const struct arras_value *value, int depth,
                      struct ar_text *json);

static bool add_parts(struct gathering *gathering, const struct arras_value *value, int depth,
                      struct ar_text *json)
{
    bool object = arras_type(value) == ARRAS_OBJECT, added = true;
    ar_text_add(json, object ? "{" : "[", 1);
    for (size_t i = 0; i < arras_count(value) && added; i++) {
        struct arras_str name = {0};
        const struct arras_value *part =
            object ? arras_member_at(value, i, &name) : arras_item(value, i);
        ar_text_add(json, ",", i ? 1 : 0);
        if (object) {
            ar_text_add_json(json, name);
            ar_text_add(json, ":", 1);
        }
        if (depth == 0 && object && is_path(name, part)) {
            add_path(gathering, arras_text(part), json);
        } else {
            added = add_value(gathering, part, depth + 1, json);
        }
    }
    ar_text_add(json, object ? "}" : "]", 1);
    return added;
}

/* As JSON, references replaced by what they lead to. */
static bool add_value(struct gathering *gathering, const struct arras_value *value, int depth,
                      struct ar_text *json)
{
    struct arras_str text = arras_text(value);
    if (depth > DEPTH_MOST) {
        return wrong(gathering, "credentials: a value is nested too deep", "", "");
    }
    switch (arras_type(value)) {
    case ARRAS_OBJECT:
        return is_reference(value, "env") || is_reference(value, "file")
                   ? add_reference(gathering, value, json)
                   : add_parts(gathering, value, depth, json);
    case ARRAS_ARRAY:
        return add_parts(gathering, value, depth, json);
    case ARRAS_STRING:
        ar_text_add_json(json, text);
        return true;
    case ARRAS_NUMBER:
        ar_text_add(json, text.ptr, text.len);
        return true;
    case ARRAS_BOOL:
        ar_text_printf(json, arras_bool(value) ? "true" : "false");
        return true;
    default:
        ar_text_printf(json, "null");
        return true;
    }
}

/* The schemes of a source, by the name that a user gives it. NULL: its description was not read. */
static const char *const *schemes_of(struct gathering *gathering, const char *source,
                                     size_t *ret_count)
{
    const char *const *schemes = NULL;
    *ret_count = 0;
    if (arras_document_schemes(gathering->document, gathering->list->pool, source, &schemes,
                               ret_count)) {
        *ret_count = 0;
    }
    return schemes;
}

static bool has_scheme(struct gathering *gathering, const char *source, const char *scheme)
{
    size_t count;
    const char *const *schemes = schemes_of(gathering, source, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(schemes[i], scheme) == 0) {
            return true;
        }
    }
    return false;
}

/* "SOURCE.SCHEME", where names may hold dots, or SCHEME where there is one source. */
static bool split_name(struct gathering *gathering, const char *name, const char **ret_source,
                       const char **ret_scheme)
{
    const char *only = arras_document_source(gathering->document, 0);
    *ret_source = NULL;
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        const char *source = ar_keep_copy(name, (size_t)(dot - name));
        if (arras_document_has_source(gathering->document, source) && dot[1]) {
            *ret_source = source;
            *ret_scheme = dot + 1;
        }
    }
    if (!*ret_source && only && !arras_document_source(gathering->document, 1) &&
        has_scheme(gathering, only, name)) {
        *ret_source = only;
        *ret_scheme = name;
    }
    return *ret_source != NULL;
}

static bool refuse_name(struct gathering *gathering, const char *name)
{
    struct ar_text sources = {0};
    const char *source;
    for (size_t i = 0; (source = arras_document_source(gathering->document, i)); i++) {
        ar_text_printf(&sources, "%s%s", i ? ", " : "", source);
    }
    wrong(gathering, "--auth: '@' is not SOURCE.SCHEME; the sources are: @", name,
          ar_text_z(&sources));
    ar_text_release(&sources);
    return false;
}

/* "the description of 'shop' knows no security scheme 'kye'; it knows: key" */
static struct ar_text word_unknown(struct gathering *gathering, const char *source,
                                   const char *scheme)
{
    size_t count;
    const char *const *schemes = schemes_of(gathering, source, &count);
    struct ar_text text = {0};
    if (!schemes) {
        ar_text_printf(&text, "no step uses the source '%s': its description was not read", source);
        return text;
    }
    ar_text_printf(&text, "the description of '%s' knows no security scheme '%s'", source, scheme);
    for (size_t i = 0; i < count; i++) {
        ar_text_printf(&text, "%s%s", i ? ", " : "; it knows: ", schemes[i]);
    }
    if (!count) {
        ar_text_printf(&text, ", nor any other; --header %s:NAME=VALUE sends a header", source);
    }
    return text;
}

static bool refuse_scheme(struct gathering *gathering, const char *source, const char *scheme)
{
    struct ar_text what = word_unknown(gathering, source, scheme);
    wrong(gathering, "--auth: @", ar_text_z(&what), "");
    ar_text_release(&what);
    return false;
}

static bool read_json(struct gathering *gathering, const char *name, const char *text,
                      struct ar_text *json)
{
    const struct arras_value *value;
    if (arras_read(gathering->list->pool, ARRAS_FORMAT_JSON, "--auth", ar_z(text), &value)) {
        return wrong(gathering, "--auth: what stands behind '@:=' is not JSON", name, "");
    }
    return add_value(gathering, value, 0, json);
}

/* "=VALUE", "=@FILE" or ":=JSON". */
static bool take_auth(struct gathering *gathering, const char *given)
{
    char *name;
    const char *value, *source, *scheme;
    struct ar_text json = {0}, content = {0};
    if (!ar_cut_setting(given, &name, &value)) {
        return wrong(gathering, "--auth: one is not SOURCE.SCHEME=VALUE", "", "");
    }
    size_t len = strlen(name);
    bool is_json = len > 1 && name[len - 1] == ':';
    name[is_json ? len - 1 : len] = '\0';
    if (!split_name(gathering, name, &source, &scheme)) {
        return refuse_name(gathering, name);
    }
    if (!has_scheme(gathering, source, scheme)) {
        return refuse_scheme(gathering, source, scheme);
    }
    if (has(gathering->list, source, scheme)) {
        return wrong(gathering, "--auth: '@' is given twice", name, "");
    }
    bool taken = true;
    if (is_json) {
        taken = read_json(gathering, name, value, &json);
    } else if (*value == '@') {
        taken = read_reference(gathering, value + 1, &content);
        ar_text_add_json(&json, (struct arras_str){ar_text_z(&content), content.len});
    } else {
        ar_text_add_json(&json, ar_z(value));
    }
    ar_text_release(&content);
    add(gathering->list, source, scheme, &json);
    return taken;
}

static bool take_header(struct gathering *gathering, const char *given)
{
    char *name;
    const char *value;
    if (!ar_cut_setting(given, &name, &value)) {
        return wrong(gathering, "--header: one is not SOURCE:NAME=VALUE", "", "");
    }
    char *colon = strchr(name, ':');
    if (!colon) {
        return wrong(gathering, "--header: '@' is not SOURCE:NAME", name, "");
    }
    const char *source = ar_keep_copy(name, (size_t)(colon - name));
    bool several = arras_document_source(gathering->document, 1) != NULL;
    if (*source ? !arras_document_has_source(gathering->document, source) : several) {
        return wrong(gathering, "--header: the document has no source '@'", source, "");
    }
    struct ar_text content = {0};
    bool read = *value != '@' || read_reference(gathering, value + 1, &content);
    if (read && *value == '@') {
        value = ar_keep_copy(ar_text_z(&content), content.len);
    }
    ar_text_release(&content);
    ar_setting_add(&gathering->list->headers, name, value);
    return read;
}

/* ARRAS_AUTH_SHOP_API_KEY for the scheme api-key of the source shop. */
static const char *from_environment(const char *source, const char *scheme)
{
    struct ar_text name = {0};
    ar_text_printf(&name, "ARRAS_AUTH_%s_%s", source, scheme);
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        name.ptr[i] = (char)(c < 0x80 && isalnum(c) ? toupper(c) : '_');
    }
    const char *value = getenv(ar_text_z(&name));
    ar_text_release(&name);
    return value;
}

static void take_environment(struct gathering *gathering)
{
    const char *source;
    for (size_t i = 0; (source = arras_document_source(gathering->document, i)); i++) {
        size_t count;
        const char *const *schemes = schemes_of(gathering, source, &count);
        const char *inner = strrchr(source, '/');
        for (size_t j = 0; j < count; j++) {
            const char *value = from_environment(source, schemes[j]);
            value = value || !inner ? value : from_environment(inner + 1, schemes[j]);
            if (value && !has(gathering->list, source, schemes[j])) {
                add_text(gathering->list, source, schemes[j], value);
            }
        }
    }
}

/* Says of an entry of the file that nobody gets it. Its line is not shown. */
static void tell_unknown(struct gathering *gathering, const struct arras_value *value,
                         const char *message)
{
    struct arras_diag diag = {.severity = gathering->strict ? ARRAS_ERROR : ARRAS_WARNING,
                              .status = gathering->strict ? ARRAS_INVALID : ARRAS_OK,
                              .code = "credentials-unknown",
                              .message = ar_z(message),
                              .file = ar_z(gathering->path)};
    arras_place(gathering->list->pool, gathering->root, value, &diag.line, &diag.column);
    if (arras_note(gathering->told, &diag)) {
        ar_say_error("memory ran out");
    }
}

/* What no description knows goes nowhere: the name may be a slip. A source that no step uses, and
 * one whose description cannot be read, says nothing. */
static void check_scheme(struct gathering *gathering, const char *source, const char *scheme,
                         const struct arras_value *value)
{
    size_t count;
    if (schemes_of(gathering, source, &count) && !has_scheme(gathering, source, scheme)) {
        struct ar_text what = word_unknown(gathering, source, scheme);
        tell_unknown(gathering, value, ar_text_z(&what));
        ar_text_release(&what);
    }
}

/* "FILE:3: ..." before what is wrong with a value of the file. */
static void add_place(struct gathering *gathering, const struct arras_value *value)
{
    uint32_t line, column;
    struct ar_text why = {0};
    arras_place(gathering->list->pool, gathering->root, value, &line, &column);
    ar_text_printf(&why, "%s:%u: ", gathering->path, line);
    ar_text_add(&why, gathering->why.ptr, gathering->why.len);
    ar_text_release(&gathering->why);
    gathering->why = why;
}

/* Those of one source, or of one origin, whose references count only where they lead somewhere:
 * which origins the run goes to is not known here. */
static bool take_group(struct gathering *gathering, const char *name,
                       const struct arras_value *group)
{
    bool origin = strstr(name, "://") != NULL, taken = true;
    if (!origin && !arras_document_has_source(gathering->document, name)) {
        return true;
    }
    if (arras_type(group) != ARRAS_OBJECT) {
        return wrong(gathering, "@: '@' is no object of credentials by security scheme",
                     gathering->path, name);
    }
    for (size_t i = 0; i < arras_count(group) && taken; i++) {
        struct arras_str scheme_name;
        const struct arras_value *value = arras_member_at(group, i, &scheme_name);
        const char *scheme = ar_keep_copy(scheme_name.ptr, scheme_name.len);
        struct ar_text json = {0};
        if (!origin) {
            check_scheme(gathering, name, scheme, value);
        }
        if (has(gathering->list, name, scheme)) {
            continue;
        }
        taken = add_value(gathering, value, 0, &json);
        if (taken) {
            add(gathering->list, name, scheme, &json);
        } else {
            add_place(gathering, value);
            ar_text_release(&json);
        }
        taken = taken || origin;
    }
    return taken;
}

static bool check_mode(struct gathering *gathering, const char *path)
{
    struct stat found;
    char mode[8];
    bool open_to_others =
        stat(path, &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 077) != 0;
    if (open_to_others) {
        snprintf(mode, sizeof(mode), "%04o", (unsigned)(found.st_mode & 0777));
        return wrong(gathering,
                     "'@' is open to other users (mode @); credentials are read from a file of "
                     "mode 0600 only: chmod 600",
                     path, mode);
    }
    return true;
}

static bool refuse_file(struct gathering *gathering, const char *path, enum arras_status status)
{
    const struct arras_diag *diag = NULL, *next;
    char place[32] = "";
    for (size_t i = 0; (next = arras_pool_diag(gathering->list->pool, i)); i++) {
        diag = next->severity == ARRAS_ERROR ? next : diag;
    }
    if (diag && diag->line) { /* neither message nor excerpt: both may quote the file */
        snprintf(place, sizeof(place), " (line %u, column %u)", diag->line, diag->column);
    }
    return status == ARRAS_NOT_FOUND || status == ARRAS_IO
               ? wrong(gathering, "--credentials: cannot read '@'", path, "")
               : wrong(gathering, "credentials: '@' cannot be read as YAML or JSON@", path, place);
}

/* Every source that a file named for this run holds is another document's: a slip, or the wrong
 * file. One that is found by its name may be there for other documents. */
static void check_sources(struct gathering *gathering)
{
    struct ar_text names = {0}, message = {0};
    struct arras_str name;
    const char *source;
    bool meant = arras_count(gathering->root) == 0;
    for (size_t i = 0; arras_member_at(gathering->root, i, &name) && !meant; i++) {
        const char *group = ar_keep_copy(name.ptr, name.len);
        meant = strstr(group, "://") || arras_document_has_source(gathering->document, group);
    }
    for (size_t i = 0; (source = arras_document_source(gathering->document, i)); i++) {
        ar_text_printf(&names, "%s%s", i ? ", " : "", source);
    }
    if (!meant) {
        ar_text_printf(&message,
                       "the credentials are for other sources than those of the document: %s",
                       ar_text_z(&names));
        tell_unknown(gathering, gathering->root, ar_text_z(&message));
    }
    ar_text_release(&names);
    ar_text_release(&message);
}

static bool take_file(struct gathering *gathering, const char *path)
{
    const struct arras_value *root;
    const char *slash = strrchr(path, '/');
    bool taken = check_mode(gathering, path);
    if (!taken) {
        return false;
    }
    enum arras_status status =
        arras_read_file(gathering->list->pool, ARRAS_FORMAT_GUESS, path, &root);
    if (status) {
        return refuse_file(gathering, path, status);
    }
    if (arras_type(root) != ARRAS_OBJECT) {
        return wrong(gathering, "'@' holds no object of credentials by source", path, "");
    }
    gathering->folder = slash ? ar_keep_copy(path, (size_t)(slash - path) + (slash == path)) : NULL;
    gathering->path = path;
    gathering->root = root;
    if (gathering->named) {
        check_sources(gathering);
    }
    for (size_t i = 0; i < arras_count(root) && taken; i++) {
        struct arras_str name;
        const struct arras_value *group = arras_member_at(root, i, &name);
        taken = take_group(gathering, ar_keep_copy(name.ptr, name.len), group);
    }
    return taken;
}

/* The file that is read where none is named; NULL: none. */
static const char *default_file(const char *document_path)
{
    const char *slash = strrchr(document_path, '/');
    struct stat found;
    if (stat(DEFAULT_FILE, &found) == 0) {
        return DEFAULT_FILE;
    }
    struct ar_text beside = {0};
    ar_text_add(&beside, document_path, slash ? (size_t)(slash - document_path) + 1 : 0);
    ar_text_printf(&beside, DEFAULT_FILE);
    const char *path = stat(beside.ptr, &found) == 0 ? ar_keep_copy(beside.ptr, beside.len) : NULL;
    ar_text_release(&beside);
    return path;
}

bool ar_credentials_gather(const struct arras_document *document, const char *document_path,
                           const struct ar_credentials_given *given, struct arras_pool *told,
                           struct ar_credential_list *ret, char **ret_why)
{
    const struct ar_texts *auths = given->auths, *headers = given->headers;
    struct gathering gathering = {.document = document,
                                  .list = ret,
                                  .told = told,
                                  .strict = given->strict,
                                  .named = given->file};
    bool good = true;
    *ret = (struct ar_credential_list){.pool = arras_pool_new()};
    if (!ret->pool) {
        good = wrong(&gathering, "memory ran out", "", "");
    }
    for (size_t i = 0; i < auths->count && good; i++) {
        good = take_auth(&gathering, auths->items[i]);
    }
    for (size_t i = 0; i < headers->count && good; i++) {
        good = take_header(&gathering, headers->items[i]);
    }
    if (good) {
        take_environment(&gathering);
    }
    const char *file = given->file ? given->file : default_file(document_path);
    if (good && file) {
        good = take_file(&gathering, file);
    }
    if (good) {
        ar_text_release(&gathering.why); /* of a reference that need not lead anywhere */
    }
    *ret_why = good ? NULL : gathering.why.ptr;
    return good;
}

void ar_credentials_set(struct ar_credential_list *list, const struct arras_document *document,
                        const char *source, const char *scheme, const char *text)
{
    struct gathering gathering = {.document = document, .list = list};
    struct ar_text json = {0};
    if (!has_scheme(&gathering, source, scheme)) {
        return;
    }
    size_t i = 0;
    while (i < list->count && (strcmp(list->items[i].source, source) != 0 ||
                               strcmp(list->items[i].scheme, scheme) != 0)) {
        i++;
    }
    if (i == list->count) {
        add_text(list, source, scheme, text);
        return;
    }
    ar_text_add_json(&json, ar_z(text));
    free(list->items[i].json);
    list->items[i].json = json.ptr;
}

static bool is_first_of_source(const struct ar_credential_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(list->items[i].source, list->items[index].source) == 0) {
            return false;
        }
    }
    return true;
}

static void add_source(const struct ar_credential_list *list, size_t first, struct ar_text *json)
{
    const char *source = list->items[first].source;
    ar_text_add_json(json, ar_z(source));
    ar_text_printf(json, ":{");
    for (size_t i = first; i < list->count; i++) {
        const struct ar_credential_entry *entry = &list->items[i];
        if (strcmp(entry->source, source) == 0) {
            ar_text_add(json, ",", i > first ? 1 : 0);
            ar_text_add_json(json, ar_z(entry->scheme));
            ar_text_printf(json, ":");
            ar_text_add(json, entry->json, strlen(entry->json));
        }
    }
    ar_text_printf(json, "}");
}

enum arras_status ar_credentials_value(struct ar_credential_list *list,
                                       const struct arras_value **ret)
{
    struct ar_text json = {0};
    *ret = NULL;
    if (list->count == 0) {
        return ARRAS_OK;
    }
    ar_text_printf(&json, "{");
    for (size_t i = 0; i < list->count; i++) {
        if (is_first_of_source(list, i)) {
            ar_text_add(&json, ",", i ? 1 : 0);
            add_source(list, i, &json);
        }
    }
    ar_text_printf(&json, "}");
    enum arras_status status =
        arras_read(list->pool, ARRAS_FORMAT_JSON, "credentials", ar_z(json.ptr), ret);
    ar_text_release(&json);
    return status;
}

void ar_credentials_release(struct ar_credential_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].json);
    }
    free(list->items);
    free(list->headers.items);
    arras_pool_free(list->pool);
    *list = (struct ar_credential_list){0};
}
