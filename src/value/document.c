#include "value/document.h"
#include "base/file.h"
#include "base/limits.h"
#include "value/json.h"
#include "value/yaml.h"

static enum arras_format format_of_name(struct arras_str name)
{
    size_t dot = ar_str_find_last_char(name, '.');
    struct arras_str ending = dot == AR_NOT_FOUND ? name : ar_str_from(name, dot);
    if (ar_str_is_nocase(ending, ".json")) {
        return ARRAS_FORMAT_JSON;
    }
    if (ar_str_is_nocase(ending, ".yaml") || ar_str_is_nocase(ending, ".yml")) {
        return ARRAS_FORMAT_YAML;
    }
    return ARRAS_FORMAT_GUESS;
}

/* Whether the text was read, or refused for good, as JSON. Nearly all JSON is YAML too, but
 * libfyaml is slow at it where it stands on one line. What is nested too deep for JSON is so for
 * YAML; a name that stands twice is an error in what is called YAML only. */
static bool reads_as_json(const struct ar_source *source, bool yaml, struct ar_arena *arena,
                          struct ar_diags *diags, struct arras_value *ret,
                          enum arras_status *ret_status)
{
    struct arras_str text = ar_str_trim(source->text);
    if (text.len == 0 || (text.ptr[0] != '{' && text.ptr[0] != '[')) {
        return false;
    }
    struct ar_mark mark = ar_arena_mark(arena);
    struct ar_diags tried;
    ar_diags_init(&tried, arena);
    enum arras_status status = ar_json_read(source, arena, &tried, ret);
    if (status == ARRAS_NO_MEMORY || tried.lost) {
        *ret_status = ar_no_memory(diags);
        return true;
    }
    bool repeats = !status && tried.warnings > 0;
    if (!status && !repeats) {
        *ret_status = ARRAS_OK;
        return true;
    }
    ar_arena_rewind(arena, mark);
    if (status != ARRAS_LIMIT && !(repeats && !yaml)) {
        return false;
    }
    *ret_status = ar_json_read(source, arena, diags, ret); /* again, to tell of it */
    return true;
}

static enum arras_status read_text(const struct ar_source *source, bool yaml,
                                   struct ar_arena *arena, struct ar_diags *diags,
                                   struct arras_value *ret)
{
    enum arras_status status;
    if (reads_as_json(source, yaml, arena, diags, ret, &status)) {
        return status;
    }
    return ar_yaml_read(source, arena, diags, ret);
}

enum arras_status ar_document_parse(struct arras_str name, struct arras_str text,
                                    enum arras_format format, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_document *ret)
{
    struct ar_document document = {.source = {name, text}};
    if (text.len > AR_DOCUMENT_SIZE) {
        return ar_error(diags, ARRAS_LIMIT, "size-limit", NULL, 0,
                        "'%.*s' is larger than %zu bytes", AR_STR_ARG(name), AR_DOCUMENT_SIZE);
    }
    if (format == ARRAS_FORMAT_GUESS) {
        format = format_of_name(name);
    }
    enum arras_status status = ARRAS_OK;
    if (format == ARRAS_FORMAT_JSON) {
        status = ar_json_read(&document.source, arena, diags, &document.root);
    } else if (format == ARRAS_FORMAT_XML) {
        document.root = ar_string(text);
    } else {
        status =
            read_text(&document.source, format == ARRAS_FORMAT_YAML, arena, diags, &document.root);
    }
    if (!status) {
        *ret = document;
    }
    return status;
}

enum arras_status ar_document_read(const char *path, enum arras_format format,
                                   struct ar_arena *arena, struct ar_diags *diags,
                                   struct ar_document *ret)
{
    struct arras_str name, text;
    enum arras_status status = ar_file_read(path, AR_DOCUMENT_SIZE, arena, diags, &text);
    if (status) {
        return status;
    }
    if (!ar_str_copy(ar_str_z(strcmp(path, "-") ? path : "<stdin>"), arena, &name)) {
        return ar_no_memory(diags);
    }
    return ar_document_parse(name, text, format, arena, diags, ret);
}
