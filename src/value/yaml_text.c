#include "value/yaml_text.h"
#include "base/utf8.h"

static const char null_item[] = " ~";
enum { NULL_ITEM = sizeof(null_item) - 1 };

enum kind { ORDINARY, CONTROL, LINE_END, INDICATOR };

/* Control characters that YAML does not allow unescaped, and what libfyaml makes tokens of that it
 * keeps, at some 350 bytes each, until the line ends, because all of it might yet be a key. */
static const uint8_t kinds[256] = {
    [0x00] = CONTROL,  [0x01] = CONTROL,  [0x02] = CONTROL,  [0x03] = CONTROL,  [0x04] = CONTROL,
    [0x05] = CONTROL,  [0x06] = CONTROL,  [0x07] = CONTROL,  [0x08] = CONTROL,  [0x0B] = CONTROL,
    [0x0C] = CONTROL,  [0x0E] = CONTROL,  [0x0F] = CONTROL,  [0x10] = CONTROL,  [0x11] = CONTROL,
    [0x12] = CONTROL,  [0x13] = CONTROL,  [0x14] = CONTROL,  [0x15] = CONTROL,  [0x16] = CONTROL,
    [0x17] = CONTROL,  [0x18] = CONTROL,  [0x19] = CONTROL,  [0x1A] = CONTROL,  [0x1B] = CONTROL,
    [0x1C] = CONTROL,  [0x1D] = CONTROL,  [0x1E] = CONTROL,  [0x1F] = CONTROL,  ['\n'] = LINE_END,
    ['\r'] = LINE_END, ['['] = INDICATOR, [']'] = INDICATOR, ['{'] = INDICATOR, ['}'] = INDICATOR,
    [','] = INDICATOR, [':'] = INDICATOR, ['?'] = INDICATOR, ['&'] = INDICATOR, ['*'] = INDICATOR,
    ['!'] = INDICATOR};

/* Offset of the first control character, or of the indicator that is one too many on its line;
 * else the length. */
static size_t find_unwanted(struct arras_str text)
{
    size_t indicators = 0;
    for (size_t i = 0; i < text.len; i++) {
        enum kind kind = (enum kind)kinds[(unsigned char)text.ptr[i]];
        if (kind == ORDINARY) {
            continue;
        }
        indicators = kind == LINE_END ? 0 : indicators + 1;
        if (kind == CONTROL || indicators > AR_YAML_INDICATORS) {
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
    size_t unwanted = find_unwanted(text);
    if (unwanted == text.len) {
        return ARRAS_OK;
    }
    unsigned char c = (unsigned char)text.ptr[unwanted];
    if (kinds[c] == CONTROL) {
        return ar_error(diags, ARRAS_SYNTAX, "yaml-control-character", source, unwanted,
                        "control character 0x%02X, which YAML allows only as an escape",
                        (unsigned)c);
    }
    ar_error(diags, ARRAS_LIMIT, "yaml-line", source, unwanted,
             "a line with more than %d brackets, commas and the like", AR_YAML_INDICATORS);
    ar_hint(diags, "break it into several lines; text that is valid JSON has no such limit");
    return ARRAS_LIMIT;
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

/* The line before that of `at` which is not blank; empty: there is none. */
static struct arras_str line_above(struct arras_str text, size_t at)
{
    size_t line = line_start(text, at), end;
    do {
        if (line == 0) {
            return AR_STR("");
        }
        end = line - 1;
        line = line_start(text, end);
    } while (is_blank(text, line));
    return ar_str_sub(text, line, end);
}

/* "|2": the depth is given. */
static bool has_indicator(struct arras_str line)
{
    for (size_t i = 0; i + 1 < line.len; i++) {
        size_t next = i + (strchr("+-", line.ptr[i + 1]) && i + 2 < line.len ? 2 : 1);
        if (strchr("|>", line.ptr[i]) && line.ptr[next] >= '1' && line.ptr[next] <= '9') {
            return true;
        }
    }
    return false;
}

bool ar_yaml_text_is_indented(const struct ar_yaml_text *text, size_t at)
{
    struct arras_str line = line_above(text->text, at);
    size_t parent = AR_NOT_FOUND, i = skip_spaces(line, 0);
    while (i + 1 < line.len && line.ptr[i] == '-' && line.ptr[i + 1] == ' ') {
        parent = i;
        i = skip_spaces(line, i + 1);
    }
    if (i < line.len && !strchr("|>", line.ptr[i]) &&
        ar_str_find(line, AR_STR(": "), i) != AR_NOT_FOUND) {
        parent = i; /* of its key */
    }
    return parent == AR_NOT_FOUND || has_indicator(line) ||
           at - line_start(text->text, at) > parent;
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
