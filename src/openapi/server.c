/* Where requests go: OpenAPI 3.1.1 sections 4.8.5 (Server Object) and 4.8.6; Swagger 2.0 `schemes`,
 * `host` and `basePath`. */
#include "base/uri.h"
#include "base/limits.h"
#include "openapi/description.h"

static struct arras_str without_slash(struct arras_str url)
{
    while (url.len && ar_str_ends(url, "/")) {
        url.len--;
    }
    return url;
}

static enum arras_status no_server(const struct ar_operation *operation,
                                   const struct ar_server_choice *choice, struct ar_diags *diags,
                                   struct arras_str url, size_t at)
{
    const struct ar_document *document = ar_description_document(operation->description);
    const char *why = url.len == 0                   ? "names none"
                      : ar_uri_parse(url).has_scheme ? "names one that is not http or https"
                                                     : "names one without a host";
    enum arras_status status =
        ar_error(diags, ARRAS_UNRESOLVED, "no-server", &document->source, at,
                 "no server is known: %.*s %s%s%.*s%s", AR_STR_ARG(document->source.name), why,
                 url.len ? ", '" : "", AR_STR_ARG(url), url.len ? "'" : "");
    struct arras_str base = ar_description_base_path(operation->description);
    ar_hint(diags, "give it with --server %s=http://HOST%.*s",
            choice->source ? choice->source : "SOURCE", AR_STR_ARG(base));
    return status;
}

static const struct arras_value *named(const struct arras_value *servers, struct arras_str name)
{
    const struct arras_value *server = NULL;
    bool found = false;
    for (size_t i = 0; name.len && !found && (server = ar_item(servers, i)); i++) {
        found = ar_str_eq(ar_text(ar_get_z(server, "name")), name);
    }
    return found ? server : NULL;
}

/* The Server Object that counts, NULL: none. */
static const struct arras_value *choose(const struct ar_operation *operation,
                                        const struct ar_server_choice *choice)
{
    const struct ar_document *document = ar_description_document(operation->description);
    const struct arras_value *const holders[] = {operation->object, operation->path_item,
                                                 &document->root};
    const size_t count = sizeof(holders) / sizeof(*holders);
    const struct arras_value *servers = NULL;
    size_t level = 0;
    for (; level < count && !ar_item(servers, 0); level++) {
        servers = ar_get_z(holders[level], "servers");
    }
    size_t index = level == count && choice->index ? choice->index - 1 : 0;
    const struct arras_value *server = named(servers, choice->name);
    return server ? server : ar_item(servers, index);
}

static bool is_allowed(const struct arras_value *allowed, const struct arras_value *value)
{
    bool found = !ar_item(allowed, 0);
    for (size_t i = 0; !found && ar_item(allowed, i); i++) {
        found = ar_str_eq(ar_text(ar_item(allowed, i)), ar_text(value));
    }
    return found;
}

static enum arras_status not_allowed(const struct ar_operation *operation,
                                     const struct ar_server_choice *choice, struct arras_str name,
                                     const struct arras_value *allowed,
                                     const struct arras_value *value, struct ar_diags *diags)
{
    const struct ar_document *document = ar_description_document(operation->description);
    struct ar_buf list;
    ar_buf_init(&list, AR_URL_LENGTH);
    for (size_t i = 0; ar_item(allowed, i); i++) {
        ar_buf_printf(&list, "%s%.*s", i ? ", " : "", AR_STR_ARG(ar_text(ar_item(allowed, i))));
    }
    enum arras_status status =
        ar_error(diags, ARRAS_INVALID, "server-variable", &document->source, allowed->at,
                 "the server's variable '%.*s' cannot be '%.*s'", AR_STR_ARG(name),
                 AR_STR_ARG(ar_text(value)));
    ar_hint(diags, "--server-variable %s.%.*s takes one of: %.*s",
            choice->source ? choice->source : "SOURCE", AR_STR_ARG(name),
            AR_STR_ARG(ar_buf_str(&list)));
    ar_buf_release(&list);
    return status;
}

/* A variable's value as given, else its default; *ret NULL: it has none. */
static enum arras_status find_variable(const struct ar_operation *operation,
                                       const struct arras_value *server,
                                       const struct ar_server_choice *choice, struct arras_str name,
                                       struct ar_diags *diags, const struct arras_value **ret)
{
    const struct arras_value *declared = ar_get(ar_get_z(server, "variables"), name);
    const struct arras_value *given = ar_get(choice->variables, name);
    const struct arras_value *allowed = ar_get_z(declared, "enum");
    if (given && !is_allowed(allowed, given)) {
        return not_allowed(operation, choice, name, allowed, given, diags);
    }
    *ret = given ? given : ar_get_z(declared, "default");
    return ARRAS_OK;
}

static void add_scalar(struct ar_buf *buf, const struct arras_value *value)
{
    if (value->type == ARRAS_BOOL) {
        ar_buf_add_z(buf, value->boolean ? "true" : "false");
    } else {
        ar_buf_add_str(buf, ar_text(value));
    }
}

/* Fills {name} in a server's URL. */
static enum arras_status fill(const struct ar_operation *operation,
                              const struct arras_value *server,
                              const struct ar_server_choice *choice, struct ar_buf *buf,
                              struct ar_diags *diags)
{
    const struct arras_value *url = ar_get_z(server, "url");
    struct arras_str rest = ar_text(url);
    for (;;) {
        size_t open = ar_str_find_char(rest, '{', 0);
        size_t close = open == AR_NOT_FOUND ? open : ar_str_find_char(rest, '}', open);
        if (close == AR_NOT_FOUND) {
            ar_buf_add_str(buf, rest);
            return ar_buf_status(buf) ? ar_no_memory(diags) : ARRAS_OK;
        }
        struct arras_str name = ar_str_sub(rest, open + 1, close);
        const struct arras_value *value = NULL;
        enum arras_status status = find_variable(operation, server, choice, name, diags, &value);
        if (status) {
            return status;
        }
        if (!value) {
            const struct ar_document *document = ar_description_document(operation->description);
            status = ar_error(diags, ARRAS_UNRESOLVED, "server-variable", &document->source,
                              url->at, "the server '%.*s' has no value for its variable '%.*s'",
                              AR_STR_ARG(ar_text(url)), AR_STR_ARG(name));
            ar_hint(diags, "give it with --server-variable %s.%.*s=VALUE",
                    choice->source ? choice->source : "SOURCE", AR_STR_ARG(name));
            return status;
        }
        ar_buf_add_str(buf, ar_str_sub(rest, 0, open));
        add_scalar(buf, value);
        rest = ar_str_from(rest, close + 1);
    }
}

static enum arras_status make_absolute(const struct ar_operation *operation,
                                       const struct ar_server_choice *choice, struct arras_str url,
                                       size_t at, struct ar_arena *arena, struct ar_diags *diags,
                                       struct arras_str *ret)
{
    struct arras_str location = ar_description_location(operation->description);
    if (!ar_uri_is_web(url) && !ar_uri_parse(url).has_scheme && ar_uri_is_web(location)) {
        if (ar_uri_resolve(location, url.len ? url : AR_STR("/"), arena, &url)) {
            return ar_no_memory(diags);
        }
    }
    if (!ar_uri_is_web(url)) {
        return no_server(operation, choice, diags, url, at);
    }
    *ret = ar_uri_parse(url).has_query ? url : without_slash(url);
    return ARRAS_OK;
}

/* `schemes`: of those that are spoken here the one that is chosen, else the first; without any, the
 * one that the description came by. */
static struct arras_str swagger_scheme(const struct ar_operation *operation,
                                       const struct ar_server_choice *choice)
{
    uint64_t left = choice->index ? choice->index : 1;
    struct arras_str first = {0};
    const struct ar_document *document = ar_description_document(operation->description);
    const struct arras_value *schemes = ar_get_z(operation->object, "schemes");
    if (!ar_is(schemes, ARRAS_ARRAY)) {
        schemes = ar_get_z(&document->root, "schemes");
    }
    for (size_t i = 0; ar_item(schemes, i); i++) {
        struct arras_str scheme = ar_text(ar_item(schemes, i));
        if (!ar_str_is_nocase(scheme, "http") && !ar_str_is_nocase(scheme, "https")) {
            continue;
        }
        if (--left == 0) {
            return scheme;
        }
        first = first.len ? first : scheme;
    }
    if (first.len) {
        return first;
    }
    struct arras_str location = ar_description_location(operation->description);
    return ar_uri_is_web(location) ? ar_uri_parse(location).scheme : AR_STR("https");
}

static enum arras_status swagger_server(const struct ar_operation *operation,
                                        const struct ar_server_choice *choice,
                                        struct ar_arena *arena, struct ar_diags *diags,
                                        struct arras_str *ret)
{
    const struct ar_document *document = ar_description_document(operation->description);
    struct arras_str location = ar_description_location(operation->description);
    struct arras_str host = ar_text(ar_get_z(&document->root, "host"));
    struct arras_str path = ar_text(ar_get_z(&document->root, "basePath"));
    if (host.len == 0 && ar_uri_is_web(location)) {
        host = ar_uri_parse(location).authority;
    }
    if (host.len == 0) {
        return no_server(operation, choice, diags, path, document->root.at);
    }
    struct arras_str scheme = swagger_scheme(operation, choice);
    struct arras_str url;
    if (!ar_str_printf(arena, &url, "%.*s://%.*s%s%.*s", AR_STR_ARG(scheme), AR_STR_ARG(host),
                       path.len && !ar_str_starts(path, "/") ? "/" : "", AR_STR_ARG(path))) {
        return ar_no_memory(diags);
    }
    *ret = without_slash(url);
    return ARRAS_OK;
}

enum arras_status ar_operation_server(const struct ar_operation *operation,
                                      const struct ar_server_choice *choice, struct ar_arena *arena,
                                      struct ar_diags *diags, struct arras_str *ret)
{
    static const struct ar_server_choice none = {0};
    choice = choice ? choice : &none;
    if (ar_description_version(operation->description) == AR_OPENAPI_20) {
        return swagger_server(operation, choice, arena, diags, ret);
    }
    const struct arras_value *server = choose(operation, choice);
    struct ar_buf buf;
    ar_buf_init(&buf, AR_URL_LENGTH);
    struct arras_str url = {NULL, 0};
    enum arras_status status = fill(operation, server, choice, &buf, diags);
    if (!status && ar_buf_copy(&buf, arena, &url)) {
        status = ar_no_memory(diags);
    }
    ar_buf_release(&buf);
    if (status) {
        return status;
    }
    return make_absolute(operation, choice, url, server ? server->at : 0, arena, diags, ret);
}

struct arras_str ar_description_base_path(const struct ar_description *description)
{
    const struct arras_value *root = &ar_description_document(description)->root;
    struct arras_str none = {NULL, 0};
    if (ar_description_version(description) == AR_OPENAPI_20) {
        return ar_get_z(root, "host") ? none : without_slash(ar_text(ar_get_z(root, "basePath")));
    }
    struct arras_str url = ar_text(ar_get_z(ar_item(ar_get_z(root, "servers"), 0), "url"));
    return ar_str_starts(url, "/") && !ar_str_starts(url, "//") ? without_slash(url) : none;
}
