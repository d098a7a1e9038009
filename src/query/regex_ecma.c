/* ECMA-262 patterns with the u flag ("Patterns", section 22.2.1), and what its Annex B allows where
 * nothing else could be meant: a backslash before any punctuation, lone braces and brackets, a
 * hyphen beside a class escape. */
#include "base/limits.h"
#include "query/regex_translate.h"

#define SPACES                                                                                     \
    "\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}"  \
    "\\x{3000}\\x{feff}"
#define NO_SPACES                                                                                  \
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}"               \
    "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"                 \
    "\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

static enum arras_status read_alternatives(struct ar_regex_reader *reader);

static bool is_digit(uint32_t code)
{
    return code >= '0' && code <= '9';
}

static bool is_letter(uint32_t code)
{
    return (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
}

static bool is_surrogate(uint32_t code)
{
    return code >= 0xD800 && code <= 0xDFFF;
}

/* `digits` hexadecimal digits; false with the reader unmoved where they are not there. */
static bool read_hex(struct ar_regex_reader *reader, size_t digits, uint32_t *ret)
{
    struct arras_str hex = ar_str_sub(reader->text, reader->at, reader->at + digits);
    uint32_t code = 0;
    for (size_t i = 0; i < hex.len; i++) {
        char c = hex.ptr[i];
        uint32_t letter = (uint32_t)(c | 0x20) - 'a';
        if (!is_digit((unsigned char)c) && letter > 5) {
            return false;
        }
        code = code * 16 + (is_digit((unsigned char)c) ? (uint32_t)(c - '0') : letter + 10);
    }
    if (hex.len != digits) {
        return false;
    }
    reader->at += digits;
    *ret = code;
    return true;
}

/* \u{...} behind the brace */
static bool read_braced(struct ar_regex_reader *reader, uint32_t *ret)
{
    uint32_t code = 0, digit;
    size_t start = reader->at;
    while (code <= 0x10FFFF && read_hex(reader, 1, &digit)) {
        code = code * 16 + digit;
    }
    *ret = code;
    return reader->at > start && code <= 0x10FFFF && ar_regex_eat(reader, "}");
}

/* \u behind the u */
static bool read_unicode(struct ar_regex_reader *reader, uint32_t *ret)
{
    if (ar_regex_eat(reader, "{")) {
        return read_braced(reader, ret);
    }
    uint32_t low;
    if (!read_hex(reader, 4, ret)) {
        return false;
    }
    size_t behind = reader->at;
    if (*ret >= 0xD800 && *ret <= 0xDBFF && ar_regex_eat(reader, "\\u")) {
        if (read_hex(reader, 4, &low) && low >= 0xDC00 && low <= 0xDFFF) {
            *ret = 0x10000 + ((*ret - 0xD800) << 10) + (low - 0xDC00);
        } else {
            reader->at = behind;
        }
    }
    return true;
}

/* CharacterEscape, behind its backslash; `start` is the backslash. */
static enum arras_status read_character_escape(struct ar_regex_reader *reader, size_t start,
                                               uint32_t *ret)
{
    static const char names[] = "tnvfr", meanings[] = "\t\n\v\f\r";
    uint32_t code = ar_regex_next(reader);
    const char *name = code && code < 0x80 ? strchr(names, (int)code) : NULL;
    if (name) {
        *ret = (unsigned char)meanings[name - names];
        return ARRAS_OK;
    }
    if (code == 'x' || code == 'u') {
        return (code == 'x' ? read_hex(reader, 2, ret) : read_unicode(reader, ret))
                   ? ARRAS_OK
                   : ar_regex_wrong(reader, start, "this escape needs hexadecimal digits");
    }
    if (code == 'c') {
        *ret = ar_regex_next(reader) % 32;
        return is_letter((unsigned char)reader->text.ptr[reader->at - 1]) && reader->at > start + 2
                   ? ARRAS_OK
                   : ar_regex_wrong(reader, start, "\\c needs a letter behind it");
    }
    if (code == '0' && !is_digit(ar_regex_peek(reader))) {
        *ret = 0;
        return ARRAS_OK;
    }
    if (code == AR_REGEX_END) {
        return ar_regex_wrong(reader, start, "there is nothing behind the backslash");
    }
    if (is_letter(code) || is_digit(code)) {
        return ar_regex_wrong(reader, start, "ECMA-262 has no such escape");
    }
    *ret = code;
    return ARRAS_OK;
}

/* \d \D \s \S \w \W \p \P, behind the backslash; written for use in a class. */
static bool read_class_escape(struct ar_regex_reader *reader, enum arras_status *ret_status)
{
    static const struct {
        const char *name, *written;
    } escapes[] = {{"d", "0-9"}, {"D", "\\D"},  {"w", "0-9A-Za-z_"},
                   {"W", "\\W"}, {"s", SPACES}, {"S", NO_SPACES}};
    *ret_status = ARRAS_OK;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
        if (ar_regex_eat(reader, escapes[i].name)) {
            ar_buf_add_z(reader->out, escapes[i].written);
            return true;
        }
    }
    bool negated = ar_regex_peek(reader) == 'P';
    if (ar_regex_eat(reader, "p") || ar_regex_eat(reader, "P")) {
        *ret_status = ar_regex_property(reader, negated);
        return true;
    }
    return false;
}

/* One end of a range, or an escape that stands for many characters (then *ret_many; it is written
 * already). */
static enum arras_status read_class_atom(struct ar_regex_reader *reader, uint32_t *ret,
                                         bool *ret_many)
{
    size_t start = reader->at;
    enum arras_status status;
    *ret_many = false;
    uint32_t code = ar_regex_next(reader);
    if (code != '\\') {
        *ret = code;
        return ARRAS_OK;
    }
    if (read_class_escape(reader, &status)) {
        *ret_many = true;
        return status;
    }
    if (ar_regex_eat(reader, "b")) {
        *ret = '\b';
        return ARRAS_OK;
    }
    return read_character_escape(reader, start, ret);
}

static void put_in_class(struct ar_regex_reader *reader, uint32_t code)
{
    if (!is_surrogate(code)) {
        ar_regex_put(reader, code);
    }
}

/* What follows `from` and a hyphen. */
static enum arras_status read_range_end(struct ar_regex_reader *reader, size_t start, uint32_t from,
                                        bool from_many)
{
    uint32_t to;
    bool to_many;
    enum arras_status status = read_class_atom(reader, &to, &to_many);
    if (status) {
        return status;
    }
    if (!from_many && !to_many) {
        return ar_regex_put_range(reader, from, to)
                   ? ARRAS_OK
                   : ar_regex_wrong(reader, start, "the range is out of order");
    }
    if (!from_many) {
        put_in_class(reader, from);
    }
    ar_regex_put(reader, '-');
    if (!to_many) {
        put_in_class(reader, to);
    }
    return ARRAS_OK;
}

static enum arras_status read_class(struct ar_regex_reader *reader, size_t start)
{
    ar_buf_add_z(reader->out, ar_regex_eat(reader, "^") ? "[^" : "[");
    while (!ar_regex_eat(reader, "]")) {
        if (ar_regex_peek(reader) == AR_REGEX_END) {
            return ar_regex_wrong(reader, start, "the class is not closed");
        }
        size_t item = reader->at;
        uint32_t code;
        bool many;
        enum arras_status status = read_class_atom(reader, &code, &many);
        if (status) {
            return status;
        }
        struct arras_str rest = ar_str_from(reader->text, reader->at);
        if (rest.len > 1 && rest.ptr[0] == '-' && rest.ptr[1] != ']') {
            reader->at++;
            if ((status = read_range_end(reader, item, code, many))) {
                return status;
            }
        } else if (!many) {
            put_in_class(reader, code);
        }
    }
    ar_buf_add_char(reader->out, ']');
    return ARRAS_OK;
}

/* The name of a group up to its `>`, which the reader moves behind. */
static bool read_group_name(struct ar_regex_reader *reader, struct arras_str *ret)
{
    struct arras_str rest = ar_str_from(reader->text, reader->at);
    size_t end = ar_str_find_char(rest, '>', 0);
    if (end == AR_NOT_FOUND || end == 0 || is_digit((unsigned char)rest.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < end; i++) {
        unsigned char c = (unsigned char)rest.ptr[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '$' && c < 0x80) {
            return false;
        }
    }
    *ret = ar_str_sub(rest, 0, end);
    reader->at += end + 1;
    return true;
}

static enum arras_status add_group(struct ar_regex_reader *reader, size_t at, bool named)
{
    reader->groups++;
    if (!named) {
        return ARRAS_OK;
    }
    struct arras_str rest = ar_str_from(reader->text, at + strlen("(?<"));
    struct arras_str name = ar_str_cut(&rest, '>');
    if (ar_map_get(&reader->names, name)) {
        return ar_regex_wrong(reader, at, "another group has this name");
    }
    size_t *number = ar_new(reader->scratch, size_t);
    if (!number || !ar_map_set(&reader->names, reader->scratch, name, number)) {
        return ar_no_memory(reader->diags);
    }
    *number = reader->groups;
    return ARRAS_OK;
}

/* Numbers the capturing groups ahead of reading: a reference may stand before its group. */
static enum arras_status find_groups(struct ar_regex_reader *reader)
{
    struct arras_str text = reader->text;
    bool in_class = false;
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < text.len && !status; i++) {
        struct arras_str rest = ar_str_from(text, i);
        if (rest.ptr[0] == '\\') {
            i++;
        } else if (rest.ptr[0] == '[' || rest.ptr[0] == ']') {
            in_class = rest.ptr[0] == '[';
        } else if (rest.ptr[0] == '(' && !in_class) {
            bool named = ar_str_starts(rest, "(?<") && !ar_str_starts(rest, "(?<=") &&
                         !ar_str_starts(rest, "(?<!");
            if (named || !ar_str_starts(rest, "(?")) {
                status = add_group(reader, i, named);
            }
        }
    }
    return status;
}

/* \1 and \k<name>, behind the backslash. */
static bool read_back_reference(struct ar_regex_reader *reader, size_t start,
                                enum arras_status *ret_status)
{
    size_t group = 0;
    *ret_status = ARRAS_OK;
    uint32_t code = ar_regex_peek(reader);
    if (code == 'k') {
        struct arras_str name;
        reader->at++;
        if (ar_regex_eat(reader, "<") && read_group_name(reader, &name)) {
            size_t *number = ar_map_get(&reader->names, name);
            group = number ? *number : 0;
        }
    } else if (code >= '1' && code <= '9') {
        while (is_digit(ar_regex_peek(reader)) && group <= reader->groups) {
            group = group * 10 + (ar_regex_next(reader) - '0');
        }
    } else {
        return false;
    }
    if (group == 0 || group > reader->groups) {
        *ret_status = ar_regex_wrong(reader, start, "there is no such group to refer back to");
    } else {
        ar_buf_printf(reader->out, "\\g{%zu}", group);
    }
    return true;
}

/* An escape outside a class; \b and \B are dealt with before. */
static enum arras_status read_escape(struct ar_regex_reader *reader, size_t start)
{
    enum arras_status status;
    uint32_t code;
    if (read_back_reference(reader, start, &status)) {
        return status;
    }
    size_t written = reader->out->len;
    ar_buf_add_char(reader->out, '[');
    if (read_class_escape(reader, &status)) {
        ar_buf_add_char(reader->out, ']');
        return status;
    }
    ar_buf_cut(reader->out, written);
    if ((status = read_character_escape(reader, start, &code))) {
        return status;
    }
    if (is_surrogate(code)) {
        ar_buf_add_z(reader->out, "[]");
    } else {
        ar_regex_put(reader, code);
    }
    return ARRAS_OK;
}

/* What opens a group, behind its parenthesis. Names are forgotten: references are by number. */
static enum arras_status open_group(struct ar_regex_reader *reader, size_t start,
                                    bool *ret_assertion)
{
    static const char *const openings[] = {"?:", "?=", "?!", "?<=", "?<!"};
    *ret_assertion = false;
    ar_buf_add_char(reader->out, '(');
    for (size_t i = 0; i < sizeof(openings) / sizeof(*openings); i++) {
        if (ar_regex_eat(reader, openings[i])) {
            ar_buf_add_z(reader->out, openings[i]);
            *ret_assertion = i > 0;
            return ARRAS_OK;
        }
    }
    if (ar_regex_eat(reader, "?<")) {
        struct arras_str name;
        size_t at = reader->at;
        if (!read_group_name(reader, &name)) {
            return ar_regex_wrong(reader, at, "this cannot be the name of a group");
        }
        return ARRAS_OK;
    }
    if (ar_regex_peek(reader) == '?') {
        return ar_regex_wrong(reader, start, "ECMA-262 has no such group");
    }
    return ARRAS_OK;
}

static enum arras_status read_group(struct ar_regex_reader *reader, size_t start,
                                    bool *ret_assertion)
{
    if (reader->depth >= AR_QUERY_DEPTH) {
        struct ar_source source = {AR_STR("regular expression"), reader->text};
        return ar_error(reader->diags, ARRAS_LIMIT, "regex", &source, start,
                        "groups are nested too deeply");
    }
    enum arras_status status = open_group(reader, start, ret_assertion);
    if (status) {
        return status;
    }
    reader->depth++;
    status = read_alternatives(reader);
    reader->depth--;
    if (status) {
        return status;
    }
    if (!ar_regex_eat(reader, ")")) {
        return ar_regex_wrong(reader, start, "the group is not closed");
    }
    ar_buf_add_char(reader->out, ')');
    return ARRAS_OK;
}

/* Atom or Assertion; the latter cannot be repeated. */
static enum arras_status read_atom(struct ar_regex_reader *reader, bool *ret_assertion)
{
    size_t start = reader->at;
    *ret_assertion = true;
    if (ar_regex_eat(reader, "^")) {
        ar_buf_add_char(reader->out, '^');
        return ARRAS_OK;
    }
    if (ar_regex_eat(reader, "$")) {
        ar_buf_add_z(reader->out, "\\z");
        return ARRAS_OK;
    }
    if (ar_regex_eat(reader, "\\b") || ar_regex_eat(reader, "\\B")) {
        ar_buf_add(reader->out, reader->text.ptr + start, 2);
        return ARRAS_OK;
    }
    *ret_assertion = false;
    uint32_t code = ar_regex_next(reader);
    switch (code) {
    case '\\':
        return read_escape(reader, start);
    case '(':
        return read_group(reader, start, ret_assertion);
    case '[':
        return read_class(reader, start);
    case '.':
        ar_buf_add_z(reader->out, "[^\\n\\r\\x{2028}\\x{2029}]");
        return ARRAS_OK;
    case '*':
    case '+':
    case '?':
        return ar_regex_wrong(reader, start, "there is nothing to repeat");
    default:
        ar_regex_put(reader, code);
        return ARRAS_OK;
    }
}

static enum arras_status read_term(struct ar_regex_reader *reader)
{
    bool assertion;
    size_t start = reader->at;
    enum arras_status status = ARRAS_OK;
    if (ar_regex_counts(reader, &status)) {
        return ar_regex_wrong(reader, start, "there is nothing to repeat");
    }
    if ((status = read_atom(reader, &assertion))) {
        return status;
    }
    start = reader->at;
    uint32_t code = ar_regex_peek(reader);
    if (code == '*' || code == '+' || code == '?') {
        ar_buf_add_char(reader->out, (char)ar_regex_next(reader));
    } else if (!ar_regex_counts(reader, &status)) {
        return ARRAS_OK;
    }
    if (status) {
        return status;
    }
    if (assertion) {
        return ar_regex_wrong(reader, start, "an assertion cannot be repeated");
    }
    if (ar_regex_eat(reader, "?")) {
        ar_buf_add_char(reader->out, '?');
    }
    return ARRAS_OK;
}

static enum arras_status read_alternatives(struct ar_regex_reader *reader)
{
    return ar_regex_alternatives(reader, read_term);
}

enum arras_status ar_regex_from_ecma(struct ar_regex_reader *reader)
{
    enum arras_status status = find_groups(reader);
    if (!status) {
        status = read_alternatives(reader);
    }
    if (status || ar_regex_peek(reader) == AR_REGEX_END) {
        return status;
    }
    return ar_regex_wrong(reader, reader->at, "this closing parenthesis closes nothing");
}
