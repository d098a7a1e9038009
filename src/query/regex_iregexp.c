/* I-Regexp, RFC 9485: the grammar of its section 3, mapped as its section 5 says. */
#include "base/limits.h"
#include "query/regex_translate.h"

static enum arras_status read_branches(struct ar_regex_reader *reader);

static bool is_between(uint32_t code, uint32_t from, uint32_t to)
{
    return code >= from && code <= to;
}

/* SingleCharEsc behind its backslash. */
static bool read_escaped(struct ar_regex_reader *reader, uint32_t *ret)
{
    uint32_t code = ar_regex_peek(reader);
    if (code == 'n' || code == 'r' || code == 't') {
        *ret = code == 'n' ? '\n' : code == 'r' ? '\r' : '\t';
    } else if (is_between(code, '(', '+') || code == '-' || code == '.' || code == '?' ||
               is_between(code, '[', '^') || is_between(code, '{', '}')) {
        *ret = code;
    } else {
        return false;
    }
    ar_regex_next(reader);
    return true;
}

/* charClassEsc behind its backslash: one of the general categories by its short name. */
static enum arras_status read_category(struct ar_regex_reader *reader, size_t start)
{
    static const struct {
        char major;
        const char *minors;
    } categories[] = {{'L', "lmotu"}, {'M', "cen"},  {'N', "dlo"}, {'P', "cdefios"},
                      {'Z', "lps"},   {'S', "ckmo"}, {'C', "cfno"}};
    struct arras_str rest = ar_str_from(reader->text, reader->at);
    size_t end = ar_str_find_char(rest, '}', 0);
    bool form = rest.len > 2 && (rest.ptr[0] == 'p' || rest.ptr[0] == 'P') && rest.ptr[1] == '{' &&
                (end == 3 || end == 4);
    for (size_t i = 0; form && i < sizeof(categories) / sizeof(*categories); i++) {
        if (rest.ptr[2] != categories[i].major ||
            (end == 4 && !(rest.ptr[3] && strchr(categories[i].minors, rest.ptr[3])))) {
            continue;
        }
        ar_buf_add_char(reader->out, '\\');
        ar_buf_add(reader->out, rest.ptr, end + 1);
        reader->at += end + 1;
        return ARRAS_OK;
    }
    return ar_regex_wrong(reader, start, "I-Regexp has no such escape");
}

/* CCchar; a backslash that begins a category is left to the caller. */
static bool read_class_character(struct ar_regex_reader *reader, uint32_t *ret)
{
    size_t start = reader->at;
    uint32_t code = ar_regex_peek(reader);
    if (code == '\\') {
        ar_regex_next(reader);
        if (read_escaped(reader, ret)) {
            return true;
        }
        reader->at = start;
        return false;
    }
    if (code == AR_REGEX_END || code == '-' || is_between(code, '[', ']')) {
        return false;
    }
    *ret = ar_regex_next(reader);
    return true;
}

/* CCE1 */
static enum arras_status read_class_item(struct ar_regex_reader *reader)
{
    size_t start = reader->at;
    uint32_t from, to;
    if (!read_class_character(reader, &from)) {
        if (ar_regex_eat(reader, "\\")) {
            return read_category(reader, start);
        }
        return ar_regex_wrong(reader, start, "not allowed in a class");
    }
    struct arras_str rest = ar_str_from(reader->text, reader->at);
    if (!ar_str_starts(rest, "-") || ar_str_starts(rest, "-]")) {
        ar_regex_put(reader, from);
        return ARRAS_OK;
    }
    ar_regex_next(reader);
    if (!read_class_character(reader, &to)) {
        return ar_regex_wrong(reader, reader->at, "expected the end of the range");
    }
    if (!ar_regex_put_range(reader, from, to)) {
        return ar_regex_wrong(reader, start, "the range is out of order");
    }
    return ARRAS_OK;
}

static enum arras_status read_class(struct ar_regex_reader *reader, size_t start)
{
    enum arras_status status;
    ar_buf_add_z(reader->out, ar_regex_eat(reader, "^") ? "[^" : "[");
    if (ar_regex_eat(reader, "-")) {
        ar_regex_put(reader, '-');
    } else if ((status = read_class_item(reader))) {
        return status;
    }
    while (!ar_regex_eat(reader, "]")) {
        if (ar_regex_eat(reader, "-]")) {
            ar_regex_put(reader, '-');
            break;
        }
        if (ar_regex_peek(reader) == AR_REGEX_END) {
            return ar_regex_wrong(reader, start, "the class is not closed");
        }
        if ((status = read_class_item(reader))) {
            return status;
        }
    }
    ar_buf_add_char(reader->out, ']');
    return ARRAS_OK;
}

static enum arras_status read_group(struct ar_regex_reader *reader, size_t start)
{
    if (reader->depth++ >= AR_QUERY_DEPTH) {
        struct ar_source source = {AR_STR("regular expression"), reader->text};
        return ar_error(reader->diags, ARRAS_LIMIT, "regex", &source, start,
                        "groups are nested too deeply");
    }
    ar_buf_add_z(reader->out, "(?:");
    enum arras_status status = read_branches(reader);
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

static enum arras_status read_escape(struct ar_regex_reader *reader, size_t start)
{
    uint32_t code;
    if (!read_escaped(reader, &code)) {
        return read_category(reader, start);
    }
    ar_regex_put(reader, code);
    return ARRAS_OK;
}

static enum arras_status read_atom(struct ar_regex_reader *reader)
{
    size_t start = reader->at;
    uint32_t code = ar_regex_next(reader);
    switch (code) {
    case '(':
        return read_group(reader, start);
    case '[':
        return read_class(reader, start);
    case '\\':
        return read_escape(reader, start);
    case '.':
        ar_buf_add_z(reader->out, "[^\\n\\r]");
        return ARRAS_OK;
    case '^': /* NormalChar by the grammar, anchors by the mapping to ECMA-262, section 5.3 */
        ar_buf_add_z(reader->out, "(?:^)");
        return ARRAS_OK;
    case '$':
        ar_buf_add_z(reader->out, "(?:\\z)");
        return ARRAS_OK;
    case '*':
    case '+':
    case '?':
        return ar_regex_wrong(reader, start, "there is nothing to repeat");
    case ']':
    case '{':
    case '}':
        return ar_regex_wrong(reader, start, "this character must be written with a backslash");
    default:
        ar_regex_put(reader, code);
        return ARRAS_OK;
    }
}

static enum arras_status read_piece(struct ar_regex_reader *reader)
{
    enum arras_status status = read_atom(reader);
    if (status) {
        return status;
    }
    uint32_t code = ar_regex_peek(reader);
    if (code == '*' || code == '+' || code == '?') {
        ar_buf_add_char(reader->out, (char)ar_regex_next(reader));
    } else if (code == '{' && !ar_regex_counts(reader, &status)) {
        return ar_regex_wrong(reader, reader->at, "expected a count such as {2,5}");
    }
    return status;
}

static enum arras_status read_branches(struct ar_regex_reader *reader)
{
    return ar_regex_alternatives(reader, read_piece);
}

enum arras_status ar_regex_from_iregexp(struct ar_regex_reader *reader)
{
    enum arras_status status = read_branches(reader);
    if (status || ar_regex_peek(reader) == AR_REGEX_END) {
        return status;
    }
    return ar_regex_wrong(reader, reader->at, "this closing parenthesis closes nothing");
}
