/* Whether a choice among servers can be meant: what there is to choose from. */
#include "base/limits.h"
#include "openapi/description.h"

/* How many servers a hint names. */
enum { SHOWN = 10 };

static const struct arras_value *root_of(const struct ar_description *description)
{
    return &ar_description_document(description)->root;
}

static bool is_named(const struct arras_value *server, struct arras_str name)
{
    return ar_str_eq(ar_text(ar_get_z(server, "name")), name);
}

/* Declared, or standing in the URL at least. */
static bool has_variable(const struct arras_value *server, struct arras_str name)
{
    struct arras_str rest = ar_text(ar_get_z(server, "url"));
    bool found = ar_get(ar_get_z(server, "variables"), name) != NULL;
    while (!found && rest.len) {
        ar_str_cut(&rest, '{');
        found = rest.len && ar_str_eq(ar_str_cut(&rest, '}'), name);
    }
    return found;
}

typedef bool server_test(const struct arras_value *server, struct arras_str name);

static bool any_of(const struct arras_value *servers, server_test *test, struct arras_str name)
{
    bool found = false;
    for (size_t i = 0; !found && ar_item(servers, i); i++) {
        found = test(ar_item(servers, i), name);
    }
    return found;
}

/* Whether any server does, the root's, a path item's or an operation's. */
static bool any_server(const struct ar_description *description, server_test *test,
                       struct arras_str name)
{
    bool found = any_of(ar_get_z(root_of(description), "servers"), test, name);
    for (size_t i = 0; !found && i < ar_description_count(description); i++) {
        const struct ar_operation *operation = ar_description_at(description, i);
        found = any_of(ar_get_z(operation->path_item, "servers"), test, name) ||
                any_of(ar_get_z(operation->object, "servers"), test, name);
    }
    return found;
}

/* The root's servers as text, and how many there are. */
static size_t list_servers(const struct ar_description *description, struct ar_buf *buf)
{
    bool swagger = ar_description_version(description) == AR_OPENAPI_20;
    const struct arras_value *list =
        ar_get_z(root_of(description), swagger ? "schemes" : "servers");
    size_t count = 0;
    for (size_t i = 0; ar_item(list, i); i++) {
        const struct arras_value *item = ar_item(list, i);
        struct arras_str name = ar_text(ar_get_z(item, "name"));
        struct arras_str url = swagger ? ar_text(item) : ar_text(ar_get_z(item, "url"));
        if (swagger && !ar_str_is_nocase(url, "http") && !ar_str_is_nocase(url, "https")) {
            continue;
        }
        if (++count <= SHOWN) {
            ar_buf_printf(buf, "%s#%zu %.*s%s%.*s", count > 1 ? ", " : "", count, AR_STR_ARG(url),
                          name.len ? " " : "", AR_STR_ARG(name));
        }
    }
    ar_buf_add_z(buf, count > SHOWN ? " ..." : count ? "" : "none");
    return count;
}

static enum arras_status check_server(const struct ar_description *description,
                                      const struct ar_server_choice *choice, struct ar_diags *diags)
{
    struct ar_buf list;
    ar_buf_init(&list, AR_URL_LENGTH);
    size_t count = list_servers(description, &list);
    const char *source = choice->source ? choice->source : "SOURCE";
    enum arras_status status = ARRAS_OK;
    if (choice->name.len && !any_server(description, is_named, choice->name)) {
        status = ar_error(diags, ARRAS_INVALID, "server-choice", NULL, 0,
                          "--server: '%.*s' is neither a URL nor #NUMBER nor the name of a server "
                          "of the source '%s'",
                          AR_STR_ARG(choice->name), source);
    } else if (choice->index > count) {
        status = ar_error(diags, ARRAS_INVALID, "server-choice", NULL, 0,
                          "--server: the source '%s' has no server #%llu", source,
                          (unsigned long long)choice->index);
    }
    if (status) {
        ar_hint(diags, "its servers are: %.*s; a URL begins with http:// or https://",
                AR_STR_ARG(ar_buf_str(&list)));
    }
    ar_buf_release(&list);
    return status;
}

enum arras_status ar_description_check_choice(const struct ar_description *description,
                                              const struct ar_server_choice *choice,
                                              struct ar_diags *diags)
{
    const struct arras_value *variables = choice->variables;
    enum arras_status status = ARRAS_OK;
    if (choice->name.len || choice->index) {
        status = check_server(description, choice, diags);
    }
    for (uint32_t i = 0; ar_is(variables, ARRAS_OBJECT) && i < variables->count && !status; i++) {
        struct arras_str name = ar_member_name(&variables->members[i]);
        if (!any_server(description, has_variable, name)) {
            status = ar_error(diags, ARRAS_INVALID, "server-variable", NULL, 0,
                              "--server-variable: no server of the source '%s' has a variable "
                              "'%.*s'",
                              choice->source ? choice->source : "SOURCE", AR_STR_ARG(name));
        }
    }
    return status;
}
