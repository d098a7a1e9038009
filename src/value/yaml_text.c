#include "value/yaml_text.h"
#include "base/utf8.h"

static const char null_item[] = " ~";
enum { NULL_ITEM = sizeof(null_item) - 1 };

/* Offset of the first control character that YAML does not allow unescaped, or the length. */
static size_t find_control(struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') {
            return i;
        }
    }
    return text.len;
}

enum arras_status ar_yaml_text_check(const struct ar_source *source, struct ar_diags *diags)
{
    struct arras_str text = source->text;
    size_t valid = ar_utf8_valid(text);
    if (valid < text.len) {
        return ar_error(diags, ARRAS_SYNTAX, "invalid-utf-8", source, valid,
                        "byte 0x%02X is no valid UTF-8", (unsigned)(unsigned char)text.ptr[valid]);
    }
    size_t control = find_control(text);
    if (control < text.len) {
        return ar_error(diags, ARRAS_SYNTAX, "yaml-control-character", source, control,
                        "control character 0x%02X, which YAML allows only as an escape",
                        (unsigned)(unsigned char)text.ptr[control]);
    }
    return ARRAS_OK;
}

static size_t line_start(struct arras_str text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n' && text.ptr[at - 1] != '\r') {
        at--;
    }
    return at;
}

static size_t skip_spaces(struct arras_str text, size_t at)
{
    while (at < text.len && text.ptr[at] == ' ') {
        at++;
    }
    return at;
}

/* Whether nothing but blanks and a comment stand from `at` to the line's end. */
static bool is_blank(struct arras_str text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t')) {
        at++;
    }
    return at == text.len || text.ptr[at] == '#' || text.ptr[at] == '\n' || text.ptr[at] == '\r';
}

/* Offset of the dash of the empty item that the line of `at` follows, or AR_NOT_FOUND. */
static size_t find_empty_item(struct arras_str text, size_t at)
{
    size_t line = line_start(text, at);
    size_t indent = is_blank(text, line) ? 0 : skip_spaces(text, line) - line;
    do {
        if (line == 0) {
            return AR_NOT_FOUND;
        }
        line = line_start(text, line - 1);
    } while (is_blank(text, line));
    size_t dash = skip_spaces(text, line);
    /* what is indented deeper than the dash would be the item */
    bool empty = text.ptr[dash] == '-' && is_blank(text, dash + 1) && indent <= dash - line;
    return empty ? dash : AR_NOT_FOUND;
}

bool ar_yaml_text_is_mendable(const struct ar_yaml_text *text, size_t at)
{
    return find_empty_item(text->text, at < text->text.len ? at : text->text.len) != AR_NOT_FOUND;
}

enum arras_status ar_yaml_text_mend(struct ar_yaml_text *text, size_t at, struct ar_arena *arena,
                                    bool *ret_mended)
{
    struct arras_str old = text->text;
    size_t dash = find_empty_item(old, at < old.len ? at : old.len);
    *ret_mended = false;
    text->work += old.len;
    if (dash == AR_NOT_FOUND || text->added_count == AR_YAML_MENDS ||
        text->work > AR_YAML_MEND_WORK) {
        return ARRAS_OK;
    }
    size_t gap = dash + 1;
    char *copy = ar_arena_raw(arena, old.len + NULL_ITEM, 1);
    if (!copy) {
        return ARRAS_NO_MEMORY;
    }
    memcpy(copy, old.ptr, gap);
    memcpy(copy + gap, null_item, NULL_ITEM);
    memcpy(copy + gap + NULL_ITEM, old.ptr + gap, old.len - gap);
    text->text = (struct arras_str){copy, old.len + NULL_ITEM};
    text->added[text->added_count++] = gap; /* refusals come in order */
    *ret_mended = true;
    return ARRAS_OK;
}

size_t ar_yaml_text_place(const struct ar_yaml_text *text, size_t at)
{
    size_t place = at;
    for (size_t i = 0; i < text->added_count && text->added[i] < at; i++) {
        size_t beyond = at - text->added[i];
        place -= beyond < NULL_ITEM ? beyond : NULL_ITEM;
    }
    return place;
}
