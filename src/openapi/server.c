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

static enum arras_status no_server(const struct ar_operation *operation, struct ar_diags *diags,
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
    bool relative = ar_str_starts(url, "/") && !ar_str_starts(url, "//");
    struct arras_str path = relative ? url : AR_STR("");
    ar_hint(diags,
            "give it with --server SOURCE=URL, as in --server SOURCE=http://127.0.0.1:8000%.*s",
            AR_STR_ARG(path));
    return status;
}

/* The first Server Object that counts, NULL: none. */
static const struct arras_value *first_server(const struct ar_operation *operation)
{
    const struct ar_document *document = ar_description_document(operation->description);
    const struct arras_value *const holders[] = {operation->object, operation->path_item,
                                                 &document->root};
    for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++) {
        const struct arras_value *server = ar_item(ar_get_z(holders[i], "servers"), 0);
        if (server) {
            return server;
        }
    }
    return NULL;
}

/* A variable's value as given, else its default. */
static const struct arras_value *variable(const struct arras_value *server,
                                          const struct arras_value *given, struct arras_str name)
{
    const struct arras_value *value = ar_get(given, name);
    return value ? value : ar_get_z(ar_get(ar_get_z(server, "variables"), name), "default");
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
                              const struct arras_value *server, const struct arras_value *given,
                              struct ar_buf *buf, struct ar_diags *diags)
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
        const struct arras_value *value = variable(server, given, name);
        if (!value) {
            const struct ar_document *document = ar_description_document(operation->description);
            enum arras_status status =
                ar_error(diags, ARRAS_UNRESOLVED, "server-variable", &document->source, url->at,
                         "the server '%.*s' has no value for its variable '%.*s'",
                         AR_STR_ARG(ar_text(url)), AR_STR_ARG(name));
            ar_hint(diags, "give it with --server-variable SOURCE.%.*s=VALUE", AR_STR_ARG(name));
            return status;
        }
        ar_buf_add_str(buf, ar_str_sub(rest, 0, open));
        add_scalar(buf, value);
        rest = ar_str_from(rest, close + 1);
    }
}

static enum arras_status make_absolute(const struct ar_operation *operation, struct arras_str url,
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
        return no_server(operation, diags, url, at);
    }
    *ret = ar_uri_parse(url).has_query ? url : without_slash(url);
    return ARRAS_OK;
}

/* `schemes`: the first that is spoken here; without any, the one that the description came by. */
static struct arras_str swagger_scheme(const struct ar_operation *operation)
{
    const struct ar_document *document = ar_description_document(operation->description);
    const struct arras_value *schemes = ar_get_z(operation->object, "schemes");
    if (!ar_is(schemes, ARRAS_ARRAY)) {
        schemes = ar_get_z(&document->root, "schemes");
    }
    for (size_t i = 0; ar_item(schemes, i); i++) {
        struct arras_str scheme = ar_text(ar_item(schemes, i));
        if (ar_str_is_nocase(scheme, "http") || ar_str_is_nocase(scheme, "https")) {
            return scheme;
        }
    }
    struct arras_str location = ar_description_location(operation->description);
    return ar_uri_is_web(location) ? ar_uri_parse(location).scheme : AR_STR("https");
}

static enum arras_status swagger_server(const struct ar_operation *operation,
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
        return no_server(operation, diags, path, document->root.at);
    }
    struct arras_str scheme = swagger_scheme(operation);
    struct arras_str url;
    if (!ar_str_printf(arena, &url, "%.*s://%.*s%s%.*s", AR_STR_ARG(scheme), AR_STR_ARG(host),
                       path.len && !ar_str_starts(path, "/") ? "/" : "", AR_STR_ARG(path))) {
        return ar_no_memory(diags);
    }
    *ret = without_slash(url);
    return ARRAS_OK;
}

enum arras_status ar_operation_server(const struct ar_operation *operation,
                                      const struct arras_value *variables, struct ar_arena *arena,
                                      struct ar_diags *diags, struct arras_str *ret)
{
    if (ar_description_version(operation->description) == AR_OPENAPI_20) {
        return swagger_server(operation, arena, diags, ret);
    }
    const struct arras_value *server = first_server(operation);
    struct ar_buf buf;
    ar_buf_init(&buf, AR_URL_LENGTH);
    struct arras_str url = {NULL, 0};
    enum arras_status status = fill(operation, server, variables, &buf, diags);
    if (!status && ar_buf_copy(&buf, arena, &url)) {
        status = ar_no_memory(diags);
    }
    ar_buf_release(&buf);
    if (status) {
        return status;
    }
    return make_absolute(operation, url, server ? server->at : 0, arena, diags, ret);
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
