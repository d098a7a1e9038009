/* Where the steps of a run send their requests: --server, --server-variable, or what the
 * descriptions say. */
#include "run/machine.h"

static bool is_any(const char *name)
{
    return name[0] == '\0' || strcmp(name, "*") == 0;
}

/* What --server gives for a source: its own, else any's. NULL: nothing. */
static const char *given_server(const struct ar_run *run,
                                const struct ar_source_description *source)
{
    const struct arras_settings *servers = &run->settings.servers;
    const char *any = NULL;
    for (size_t i = 0; i < servers->count; i++) {
        if (ar_source_is_called(source, servers->items[i].name)) {
            return servers->items[i].value;
        }
        any = is_any(servers->items[i].name) ? servers->items[i].value : any;
    }
    return any;
}

static size_t prefix(const char *name, struct arras_str text)
{
    size_t len = strlen(name);
    return text.len > len + 1 && text.ptr[len] == '.' && memcmp(text.ptr, name, len) == 0 ? len : 0;
}

/* The length of the longest name of a source that "NAME.VARIABLE" begins with; 0: none. Names may
 * hold dots. */
static size_t source_length(const struct ar_arazzo *root, struct arras_str text)
{
    size_t longest = prefix("*", text);
    for (const struct ar_arazzo *arazzo = root; arazzo; arazzo = arazzo->next) {
        for (size_t i = 0; i < arazzo->source_count; i++) {
            size_t own = prefix(arazzo->sources[i].name_z, text);
            size_t path = prefix(arazzo->sources[i].path_z, text);
            longest = own > longest ? own : longest;
            longest = path > longest ? path : longest;
        }
    }
    return longest;
}

/* The variables that are given for a source: an object of texts, NULL where there are none. */
static enum arras_status given_variables(const struct ar_run *run,
                                         const struct ar_source_description *source,
                                         const struct arras_value **ret)
{
    const struct arras_settings *settings = &run->settings.server_variables;
    struct ar_object object;
    struct arras_value value;
    ar_object_init(&object, run->arena);
    *ret = NULL;
    for (size_t i = 0; i < settings->count; i++) {
        struct arras_str name = ar_str_z(settings->items[i].name);
        size_t len = source_length(run->settings.workflow->arazzo->root, name);
        bool own = len && (name.ptr[0] == '*' || prefix(source->name_z, name) == len ||
                           prefix(source->path_z, name) == len);
        if (own && !ar_object_set(&object, ar_str_from(name, len + 1),
                                  ar_string(ar_str_z(settings->items[i].value)))) {
            return ARRAS_NO_MEMORY;
        }
    }
    if (object.count == 0) {
        return ARRAS_OK;
    }
    *ret = ar_object_value(&object, &value) ? ar_value_new(run->arena, value) : NULL;
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static enum arras_status read_choice(const struct ar_run *run,
                                     const struct ar_source_description *source,
                                     struct ar_server_choice *ret)
{
    const char *given = given_server(run, source);
    struct arras_str text = ar_str_z(given);
    int64_t number;
    *ret = (struct ar_server_choice){.source = source->path_z};
    if (given && ar_str_starts(text, "#") && ar_str_int(ar_str_from(text, 1), &number) &&
        number > 0) {
        ret->index = (uint64_t)number;
    } else if (given && !is_url(given)) {
        ret->name = text;
    }
    return given_variables(run, source, &ret->variables);
}

enum arras_status ar_run_find_server(struct ar_run *run, const struct ar_step *step,
                                     struct arras_str *ret)
{
    const char *given = given_server(run, step->source);
    struct ar_server_choice choice;
    if (!given || !is_url(given)) {
        enum arras_status status = read_choice(run, step->source, &choice);
        return status ? status
                      : ar_operation_server(step->operation, &choice, run->arena,
                                            run->settings.diags, ret);
    }
    struct arras_str url = ar_str_z(given);
    while (ar_str_ends(url, "/")) {
        url.len--;
    }
    return ar_str_copy(url, run->arena, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status check_names(const struct ar_run *run)
{
    const struct ar_arazzo *root = run->settings.workflow->arazzo->root;
    const struct arras_settings *servers = &run->settings.servers;
    const struct arras_settings *variables = &run->settings.server_variables;
    for (size_t i = 0; i < servers->count; i++) {
        const char *name = servers->items[i].name;
        if (!is_any(name) && !ar_arazzo_names_source(root, name)) {
            return ar_error(run->settings.diags, ARRAS_USAGE, "unknown-source", NULL, 0,
                            "--server: the document has no source description '%s'", name);
        }
    }
    for (size_t i = 0; i < variables->count; i++) {
        const char *name = variables->items[i].name;
        if (!source_length(root, ar_str_z(name))) {
            return ar_error(run->settings.diags, ARRAS_USAGE, "unknown-source", NULL, 0,
                            "--server-variable: '%s' does not begin with the name of a source "
                            "description and a dot",
                            name);
        }
    }
    return ARRAS_OK;
}

/* What is chosen of one source must be there, and be of use. */
static enum arras_status check_source(const struct ar_run *run,
                                      const struct ar_source_description *source)
{
    const char *given = given_server(run, source);
    struct ar_server_choice choice;
    enum arras_status status = read_choice(run, source, &choice);
    if (!status && given && is_url(given) && choice.variables) {
        struct arras_str name = ar_member_name(&choice.variables->members[0]);
        return ar_error(run->settings.diags, ARRAS_USAGE, "server-variable", NULL, 0,
                        "--server gives the URL '%s' for '%s', which has no variable '%.*s'", given,
                        source->path_z, AR_STR_ARG(name));
    }
    return status ? status
                  : ar_description_check_choice(source->description, &choice, run->settings.diags);
}

enum arras_status ar_run_check_servers(struct ar_run *run)
{
    enum arras_status status = check_names(run);
    const struct ar_arazzo *arazzo = run->settings.workflow->arazzo->root;
    bool given = run->settings.servers.count || run->settings.server_variables.count;
    for (; given && arazzo && !status; arazzo = arazzo->next) {
        for (size_t i = 0; i < arazzo->source_count && !status; i++) {
            const struct ar_source_description *source = &arazzo->sources[i];
            status = source->description ? check_source(run, source) : ARRAS_OK;
        }
    }
    return status;
}
