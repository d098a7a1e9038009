#include "config.h"
#include "commands.h"
#include "say.h"

static bool refuse(const struct ar_config *config, const struct arras_value *value,
                   const char *message)
{
    ar_say_failure(config->pool, arras_refuse(config->pool, config->root, value, message));
    return false;
}

/* One file may serve several commands. */
static bool is_option(const char *name, const char **best)
{
    bool found = false;
    for (size_t i = 0; ar_commands[i]; i++) {
        const struct ar_option *option =
            ar_commands[i]->configured ? ar_commands[i]->options : NULL;
        for (; option && option->name; option++) {
            found = found || strcmp(option->name, name) == 0;
            ar_nearest(name, option->name, best);
        }
    }
    return found && strcmp(name, "config") != 0;
}

static bool check_names(const struct ar_config *config)
{
    struct arras_str name;
    const struct arras_value *value;
    bool good = true;
    for (size_t i = 0; good && (value = arras_member_at(config->root, i, &name)); i++) {
        char *copy = ar_need_copy(name.ptr, name.len);
        const char *best = NULL;
        if (!is_option(copy, &best)) {
            struct ar_text message = {0};
            ar_text_printf(&message, "unknown setting '%s'", copy);
            if (best) {
                ar_text_printf(&message, ", did you mean '%s'?", best);
            }
            good = refuse(config, value, ar_text_z(&message));
            ar_text_release(&message);
        }
        free(copy);
    }
    return good;
}

bool ar_config_open(struct ar_config *config, const char *path)
{
    if (!path) {
        return true;
    }
    config->pool = arras_pool_new();
    if (!config->pool) {
        ar_say_error("memory ran out");
        return false;
    }
    enum arras_status status =
        arras_read_file(config->pool, ARRAS_FORMAT_GUESS, path, &config->root);
    if (status) {
        ar_say_failure(config->pool, status);
        return false;
    }
    if (arras_type(config->root) != ARRAS_OBJECT && arras_type(config->root) != ARRAS_NULL) {
        return refuse(config, config->root, "the settings are not a list of names and values");
    }
    return check_names(config);
}

void ar_config_close(struct ar_config *config)
{
    arras_pool_free(config->pool);
}

/* "ARRAS_JOB_TIMEOUT" */
static char *variable_name(const struct ar_option *option)
{
    struct ar_text name = {0};
    ar_text_printf(&name, "ARRAS_%s", option->name);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        name.ptr[i] = (char)(c == '-' ? '_' : c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    char *kept = ar_keep_copy(name.ptr, name.len);
    ar_text_release(&name);
    return kept;
}

static const char *text_of(struct ar_config_place *place, const struct ar_option *option)
{
    struct arras_str text = arras_text(place->value);
    if (arras_type(place->value) == ARRAS_BOOL) {
        return arras_bool(place->value) ? "true" : "false";
    }
    if (arras_type(place->value) != ARRAS_STRING && arras_type(place->value) != ARRAS_NUMBER) {
        place->failed = true;
        ar_config_wrong(place, option, ": is neither a text nor a number");
        return NULL;
    }
    return ar_keep_copy(text.ptr, text.len);
}

const char *ar_config_text(struct ar_config_place *place, const struct ar_option *option,
                           size_t index)
{
    if (index == 0) {
        char *variable = variable_name(option);
        const char *set = getenv(variable);
        if (set) {
            place->variable = variable;
            return set;
        }
    }
    if (place->variable) {
        return NULL;
    }
    const struct arras_value *member = arras_member(place->config->root, option->name);
    bool list = arras_type(member) == ARRAS_ARRAY;
    place->value = list ? arras_item(member, index) : index == 0 ? member : NULL;
    return place->value ? text_of(place, option) : NULL;
}

void ar_config_wrong(const struct ar_config_place *place, const struct ar_option *option,
                     const char *message)
{
    if (place->variable) {
        ar_say_error("%s%s", place->variable, message);
        return;
    }
    struct ar_text whole = {0};
    ar_text_printf(&whole, "%s%s", option->name, message);
    (void)refuse(place->config, place->value, ar_text_z(&whole));
    ar_text_release(&whole);
}
