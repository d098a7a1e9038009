/* Strings, numbers and words of RFC 9535 (sections 2.3.1.1 and 2.3.5.1). */
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "query/jsonpath_ast.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Four hexadecimal digits. */
static bool read_hex(struct ar_jp_parser *parser, uint32_t *ret)
{
    struct arras_str hex = ar_str_sub(parser->source.text, parser->at, parser->at + 4);
    uint32_t code = 0;
    for (size_t i = 0; i < hex.len; i++) {
        uint32_t letter = (uint32_t)(hex.ptr[i] | 0x20) - 'a';
        if (!is_digit(hex.ptr[i]) && letter > 5) {
            return false;
        }
        code = code * 16 + (is_digit(hex.ptr[i]) ? (uint32_t)(hex.ptr[i] - '0') : letter + 10);
    }
    parser->at += hex.len;
    *ret = code;
    return hex.len == 4;
}

/* What follows \u; surrogates must come in pairs. */
static bool read_unicode(struct ar_jp_parser *parser, uint32_t *ret)
{
    uint32_t low;
    if (!read_hex(parser, ret) || (*ret >= 0xDC00 && *ret <= 0xDFFF)) {
        return false;
    }
    if (*ret < 0xD800 || *ret > 0xDFFF) {
        return true;
    }
    if (!ar_jp_eat(parser, "\\u") || !read_hex(parser, &low) || low < 0xDC00 || low > 0xDFFF) {
        return false;
    }
    *ret = 0x10000 + ((*ret - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

/* An escape from its backslash on, to the end of `out`. */
static enum arras_status read_escape(struct ar_jp_parser *parser, char quote, char *out,
                                     size_t *len)
{
    static const char names[] = "bfnrt/\\", meanings[] = "\b\f\n\r\t/\\";
    size_t start = parser->at++;
    char c = ar_jp_peek(parser);
    const char *name = c ? strchr(names, c) : NULL;
    if (name || c == quote) {
        out[(*len)++] = name ? meanings[name - names] : quote;
        parser->at++;
        return ARRAS_OK;
    }
    uint32_t code;
    if (!ar_jp_eat(parser, "u")) {
        return ar_jp_wrong(parser, start, "there is no such escape in a string");
    }
    if (!read_unicode(parser, &code)) {
        return ar_jp_wrong(parser, start, "\\u needs four hexadecimal digits, surrogates in pairs");
    }
    *len += ar_utf8_put(code, out + *len);
    return ARRAS_OK;
}

/* Where the string's closing quote stands; whether there are escapes before it. */
static size_t find_quote(struct arras_str text, size_t at, char quote, bool *ret_escapes)
{
    *ret_escapes = false;
    while (at < text.len && text.ptr[at] != quote) {
        if (text.ptr[at] == '\\') {
            *ret_escapes = true;
            at++;
        }
        at++;
    }
    return at < text.len ? at : AR_NOT_FOUND;
}

enum arras_status ar_jp_parse_string(struct ar_jp_parser *parser, struct arras_str *ret)
{
    size_t start = parser->at++;
    struct arras_str text = parser->source.text;
    char quote = text.ptr[start];
    bool escapes;
    size_t end = find_quote(text, parser->at, quote, &escapes);
    if (end == AR_NOT_FOUND) {
        return ar_jp_wrong(parser, start, "the string is not closed");
    }
    /* an escape is never shorter than what it stands for */
    char *out = escapes ? ar_arena_raw(parser->arena, end - start, 1) : NULL;
    if (escapes && !out) {
        return ar_no_memory(parser->diags);
    }
    size_t len = 0;
    while (parser->at < end) {
        char c = text.ptr[parser->at];
        if ((unsigned char)c < 0x20) {
            return ar_jp_wrong(parser, parser->at, "a control character must be escaped");
        }
        if (c != '\\') {
            if (out) {
                out[len++] = c;
            }
            parser->at++;
            continue;
        }
        enum arras_status status = read_escape(parser, quote, out, &len);
        if (status) {
            return status;
        }
    }
    *ret = out ? (struct arras_str){out, len} : ar_str_sub(text, start + 1, end);
    parser->at = end + 1;
    return ARRAS_OK;
}

enum arras_status ar_jp_parse_int(struct ar_jp_parser *parser, int64_t *ret)
{
    size_t start = parser->at;
    bool negative = ar_jp_eat(parser, "-");
    size_t digits = parser->at;
    int64_t number = 0;
    while (is_digit(ar_jp_peek(parser))) {
        number = number * 10 + (ar_jp_peek(parser) - '0');
        parser->at++;
        if (number > INT64_C(9007199254740991)) {
            return ar_jp_wrong(parser, start, "the number is too large");
        }
    }
    size_t count = parser->at - digits;
    if (count == 0) {
        return ar_jp_wrong(parser, start, "expected digits");
    }
    if (parser->source.text.ptr[digits] == '0' && (count > 1 || negative)) {
        return ar_jp_wrong(parser, start, "an integer has no leading zero and no negative zero");
    }
    *ret = negative ? -number : number;
    return ARRAS_OK;
}

static bool skip_digits(struct ar_jp_parser *parser)
{
    size_t start = parser->at;
    while (is_digit(ar_jp_peek(parser))) {
        parser->at++;
    }
    return parser->at > start;
}

/* RFC 9535 `number`, which is also JSON's. */
static enum arras_status parse_number(struct ar_jp_parser *parser, struct arras_value *ret)
{
    size_t start = parser->at;
    ar_jp_eat(parser, "-");
    size_t digits = parser->at;
    if (!skip_digits(parser) ||
        (parser->source.text.ptr[digits] == '0' && parser->at > digits + 1)) {
        return ar_jp_wrong(parser, start, "this is not a number");
    }
    if (ar_jp_eat(parser, ".") && !skip_digits(parser)) {
        return ar_jp_wrong(parser, start, "expected digits after the decimal point");
    }
    if (ar_jp_eat(parser, "e") || ar_jp_eat(parser, "E")) {
        if (!ar_jp_eat(parser, "-")) {
            ar_jp_eat(parser, "+");
        }
        if (!skip_digits(parser)) {
            return ar_jp_wrong(parser, start, "expected digits in the exponent");
        }
    }
    *ret = ar_number_text(ar_str_sub(parser->source.text, start, parser->at));
    return ARRAS_OK;
}

static const char *const words[] = {"true", "false", "null"};

/* Which of the words stands here, as a word of its own; AR_NOT_FOUND for none. */
static size_t find_word(const struct ar_jp_parser *parser)
{
    struct arras_str rest = ar_str_from(parser->source.text, parser->at);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        size_t len = strlen(words[i]);
        if (!ar_str_starts(rest, words[i])) {
            continue;
        }
        char c = rest.len > len ? rest.ptr[len] : ' ';
        bool longer = is_digit(c) || c == '_' || c == '(' || (c >= 'a' && c <= 'z') ||
                      (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
        return longer ? AR_NOT_FOUND : i;
    }
    return AR_NOT_FOUND;
}

bool ar_jp_at_literal(const struct ar_jp_parser *parser)
{
    char c = ar_jp_peek(parser);
    return c == '\'' || c == '"' || c == '-' || is_digit(c) || find_word(parser) != AR_NOT_FOUND;
}

enum arras_status ar_jp_parse_literal(struct ar_jp_parser *parser, struct arras_value *ret)
{
    char c = ar_jp_peek(parser);
    if (c == '\'' || c == '"') {
        struct arras_str text;
        enum arras_status status = ar_jp_parse_string(parser, &text);
        if (!status) {
            *ret = ar_string(text);
        }
        return status;
    }
    size_t word = find_word(parser);
    if (word == AR_NOT_FOUND) {
        return parse_number(parser, ret);
    }
    parser->at += strlen(words[word]);
    *ret = word == 2 ? ar_null() : ar_bool(word == 0);
    return ARRAS_OK;
}
