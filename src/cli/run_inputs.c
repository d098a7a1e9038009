#include "run_inputs.h"
#include <unistd.h>
#include "options.h"

#define VARIABLE "ARRAS_INPUT_"

void ar_setting_add(struct ar_setting_list *list, const char *name, const char *value)
{
    list->items = ar_grow(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = (struct arras_setting){name, value};
}

struct arras_settings ar_settings(const struct ar_setting_list *list)
{
    return (struct arras_settings){list->items, list->count};
}

static bool has(const struct ar_setting_list *list, struct arras_str name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strlen(list->items[i].name) == name.len &&
            memcmp(list->items[i].name, name.ptr, name.len) == 0) {
            return true;
        }
    }
    return false;
}

static enum arras_status wrong(char **ret_why, const char *format, const char *word)
{
    struct ar_text text = {0};
    ar_text_add(&text, format, strcspn(format, "@"));
    ar_text_add(&text, word, strlen(word));
    ar_text_printf(&text, "%s", format + strcspn(format, "@") + 1);
    *ret_why = text.ptr;
    return ARRAS_USAGE;
}

/* Splits NAME=TEXT and NAME:=JSON into the two lists. */
static enum arras_status split(const struct ar_texts *given, struct ar_setting_list *texts,
                               struct ar_setting_list *jsons, char **ret_why)
{
    for (size_t i = 0; i < given->count; i++) {
        char *name;
        const char *value;
        if (!ar_cut_setting(given->items[i], &name, &value)) {
            return wrong(ret_why, "--input '@' is neither NAME=TEXT nor NAME:=JSON",
                         given->items[i]);
        }
        size_t len = strlen(name);
        bool json = len > 1 && name[len - 1] == ':';
        name[json ? len - 1 : len] = '\0';
        if (has(texts, ar_z(name)) || has(jsons, ar_z(name))) {
            return wrong(ret_why, "--input: '@' is given twice", name);
        }
        ar_setting_add(json ? jsons : texts, name, value);
    }
    return ARRAS_OK;
}

static enum arras_status add_member(struct arras_pool *pool, struct ar_text *object,
                                    struct arras_str name, const struct arras_value *value)
{
    struct arras_str text;
    enum arras_status status = arras_write(pool, value, ARRAS_WRITE_COMPACT, &text);
    if (!status) {
        ar_text_add(object, ",", object->len > 1 ? 1 : 0);
        ar_text_add_json(object, name);
        ar_text_add(object, ":", 1);
        ar_text_add(object, text.ptr, text.len);
    }
    return status;
}

/* The members of the file's object, but for those that an --input replaces. */
static enum arras_status add_file(struct arras_pool *pool, const char *file,
                                  const struct ar_setting_list *jsons, struct ar_text *object,
                                  char **ret_why)
{
    const struct arras_value *root, *value;
    struct arras_str name;
    enum arras_status status = arras_read_file(pool, ARRAS_FORMAT_GUESS, file, &root);
    if (!status && arras_type(root) != ARRAS_OBJECT) {
        return wrong(ret_why, "--inputs: '@' holds no object with the inputs by name", file);
    }
    for (size_t i = 0; !status && (value = arras_member_at(root, i, &name)); i++) {
        status = has(jsons, name) ? ARRAS_OK : add_member(pool, object, name, value);
    }
    return status;
}

static enum arras_status add_jsons(struct arras_pool *pool, const struct ar_setting_list *jsons,
                                   struct ar_text *object)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; !status && i < jsons->count; i++) {
        const struct arras_value *value;
        struct ar_text name = {0};
        ar_text_printf(&name, "--input %s", jsons->items[i].name);
        status = arras_read(pool, ARRAS_FORMAT_JSON, ar_text_z(&name), ar_z(jsons->items[i].value),
                            &value);
        ar_text_release(&name);
        if (!status) {
            status = add_member(pool, object, ar_z(jsons->items[i].name), value);
        }
    }
    return status;
}

/* The values go through JSON text once more: the public functions make values by reading only. */
static enum arras_status join(struct arras_pool *pool, const char *file,
                              const struct ar_setting_list *jsons, const struct arras_value **ret,
                              char **ret_why)
{
    struct ar_text object = {0};
    enum arras_status status = ARRAS_OK;
    ar_text_add(&object, "{", 1);
    if (file) {
        status = add_file(pool, file, jsons, &object, ret_why);
    }
    if (!status) {
        status = add_jsons(pool, jsons, &object);
    }
    if (!status) {
        ar_text_add(&object, "}", 1);
        status = arras_read(pool, ARRAS_FORMAT_JSON, "inputs",
                            (struct arras_str){object.ptr, object.len}, ret);
    }
    ar_text_release(&object);
    return status;
}

static void add_environment(struct ar_setting_list *fallbacks)
{
    for (char **variable = environ; variable && *variable; variable++) {
        char *name;
        const char *value;
        bool ours = strncmp(*variable, VARIABLE, strlen(VARIABLE)) == 0;
        if (ours && ar_cut_setting(*variable + strlen(VARIABLE), &name, &value)) {
            ar_setting_add(fallbacks, name, value);
        }
    }
}

enum arras_status ar_inputs_read(struct arras_pool *pool, const struct ar_texts *given,
                                 const char *file, struct ar_inputs *ret, char **ret_why)
{
    struct ar_setting_list jsons = {0};
    *ret = (struct ar_inputs){0};
    *ret_why = NULL;
    enum arras_status status = split(given, &ret->texts, &jsons, ret_why);
    if (!status && (file || jsons.count)) {
        status = join(pool, file, &jsons, &ret->values, ret_why);
    }
    if (!status) {
        add_environment(&ret->fallbacks);
    }
    free(jsons.items);
    return status;
}
