/* One pass, recursive with a depth limit. What stands in containers that are still open lies on a
 * stack of its own and moves to the arena, in just the memory needed, when they are closed. Values
 * are made in their place on that stack (a slot: its offset, as the stack moves when it grows):
 * handing them around in locals costs a fifth of the time. */
#include "base/limits.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/members.h"
#include "value/stack.h"
#include <endian.h>

struct reader {
    const char *start, *end;
    const struct ar_source *source;
    struct ar_arena *arena;
    struct ar_diags *diags;
    enum arras_status status; /* why a function returned NULL */
    struct ar_seed seed;
    unsigned depth;
    struct ar_stack stack; /* values of open arrays, members of open objects */
};

/* These return where the reading goes on, or NULL with the status set. */
static const char *read_value(struct reader *r, const char *p, size_t slot);

static inline struct arras_value *value_at(struct reader *r, size_t slot)
{
    return (struct arras_value *)(void *)(r->stack.bytes + slot);
}

static const char *failed(struct reader *r, enum arras_status status)
{
    r->status = status;
    return NULL;
}

#define FAIL(r, p, status, code, ...)                                                              \
    failed((r), ar_error((r)->diags, (status), (code), (r)->source, (size_t)((p) - (r)->start),    \
                         __VA_ARGS__))

static const char *no_memory(struct reader *r)
{
    r->status = ar_no_memory(r->diags);
    return NULL;
}

static void hint_unexpected(struct reader *r, const char *p, const char *expected)
{
    if (*p == '\'') {
        ar_hint(r->diags, "JSON strings stand in double quotes");
    } else if (*p == '/' || *p == '#') {
        ar_hint(r->diags, "JSON has no comments");
    } else if (*p == ']' || *p == '}') {
        ar_hint(r->diags, "%s",
                strcmp(expected, "a value") == 0 || strcmp(expected, "a name") == 0
                    ? "JSON allows no comma before a closing bracket"
                    : "the brackets do not match");
    }
}

static const char *unexpected(struct reader *r, const char *p, const char *expected)
{
    if (p == r->end) {
        return FAIL(r, p, ARRAS_SYNTAX, "json-syntax", "the text ends where %s is expected",
                    expected);
    }
    unsigned char c = (unsigned char)*p;
    if (c < 0x20 || c >= 0x7F) {
        FAIL(r, p, ARRAS_SYNTAX, "json-syntax", "byte 0x%02X where %s is expected", c, expected);
    } else {
        FAIL(r, p, ARRAS_SYNTAX, "json-syntax", "'%c' where %s is expected", c, expected);
        hint_unexpected(r, p, expected);
    }
    return NULL;
}

static const char *unclosed(struct reader *r, const char *open, const char *what)
{
    uint32_t line, column;
    ar_source_place(r->source, (size_t)(open - r->start), &line, &column);
    return FAIL(r, r->end, ARRAS_SYNTAX, "json-syntax",
                "the text ends within the %s that begins on line %u, column %u", what, line,
                column);
}

static inline uint64_t load(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    return le64toh(word);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH EACH(0x80)

/* Bytes of the word that are zero, marked in their highest bit; exact up to the first of them. */
static inline uint64_t zero_bytes(uint64_t word)
{
    return (word - EACH(1)) & ~word & HIGH;
}

static inline const char *skip_space(const struct reader *r, const char *p)
{
    if (p < r->end && (unsigned char)*p > ' ') {
        return p;
    }
    if (p < r->end && *p == '\n') { /* a line end, most often followed by indentation */
        p++;
        while (r->end - p >= 8 && load(p) == EACH(' ')) {
            p += 8;
        }
    }
    while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}

/* The next byte that a string cannot simply go on with: a quote, a backslash, a control character
 * or the end. *high gets the bits of bytes above 0x7F that were passed, and maybe a few more. */
static inline const char *scan_string(const char *p, const char *end, uint64_t *high)
{
    while (end - p >= 8) {
        uint64_t word = load(p);
        uint64_t stop = zero_bytes(word ^ EACH('"')) | zero_bytes(word ^ EACH('\\')) |
                        ((word - EACH(0x20)) & ~word & HIGH);
        *high |= word;
        if (stop) {
            return p + (__builtin_ctzll(stop) >> 3);
        }
        p += 8;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) {
        *high |= (unsigned char)*p;
        p++;
    }
    return p;
}

static bool check_utf8(struct reader *r, const char *from, const char *to)
{
    struct arras_str text = {from, (size_t)(to - from)};
    size_t valid = ar_utf8_valid(text);
    if (valid < text.len) {
        FAIL(r, from + valid, ARRAS_SYNTAX, "invalid-utf-8", "byte 0x%02X is no valid UTF-8",
             (unsigned)(unsigned char)from[valid]);
    }
    return valid == text.len;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits at p as a number, -1 where they are not four. */
static int32_t hex4(const char *p, const char *end)
{
    int32_t code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = end - p > i ? hex_digit(p[i]) : -1;
        if (digit < 0) {
            return -1;
        }
        code = code << 4 | digit;
    }
    return code;
}

/* A \u escape, or two that make one character; p at its backslash. RFC 8259 section 7. */
static const char *read_unicode(struct reader *r, const char *p, const char *end, char **out)
{
    int32_t code = hex4(p + 2, end);
    if (code < 0) {
        return FAIL(r, p, ARRAS_SYNTAX, "json-syntax", "\\u without four hexadecimal digits");
    }
    const char *next = p + 6;
    if (code >= 0xD800 && code <= 0xDFFF) {
        bool pair = code <= 0xDBFF && end - next >= 6 && next[0] == '\\' && next[1] == 'u';
        int32_t low = pair ? hex4(next + 2, end) : -1;
        if (low < 0xDC00 || low > 0xDFFF) {
            return FAIL(r, p, ARRAS_SYNTAX, "json-surrogate",
                        "\\u%.4s is half of a surrogate pair without the other half", p + 2);
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        next += 6;
    }
    *out += ar_utf8_put((uint32_t)code, *out);
    return next;
}

/* One escape; p at its backslash, which is not the last byte before `end`. */
static const char *read_escape(struct reader *r, const char *p, const char *end, char **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (p[1] == 'u') {
        return read_unicode(r, p, end, out);
    }
    const char *found = p[1] ? strchr(from, p[1]) : NULL;
    if (!found) {
        return FAIL(r, p, ARRAS_SYNTAX, "json-syntax", "a backslash that begins no JSON escape");
    }
    *(*out)++ = to[found - from];
    return p + 2;
}

/* Writes what stands from p up to the closing quote at `close`, without escapes. */
static bool unescape(struct reader *r, const char *p, const char *close, struct arras_str *ret)
{
    char *text = ar_arena_raw(r->arena, (size_t)(close - p), 1); /* an escape is the longer form */
    if (!text) {
        no_memory(r);
        return false;
    }
    char *out = text;
    while (p < close) {
        const char *backslash = memchr(p, '\\', (size_t)(close - p));
        size_t plain = (size_t)((backslash ? backslash : close) - p);
        memcpy(out, p, plain);
        out += plain;
        p += plain;
        if (backslash && !(p = read_escape(r, p, close, &out))) {
            return false;
        }
    }
    *ret = (struct arras_str){text, (size_t)(out - text)};
    return true;
}

/* p at the opening quote. */
static const char *read_string(struct reader *r, const char *p, struct arras_str *ret)
{
    const char *start = p + 1;
    uint64_t high = 0;
    bool escaped = false;
    p = scan_string(start, r->end, &high);
    while (p < r->end && *p == '\\') {
        escaped = true;
        p = scan_string(p + 1 < r->end ? p + 2 : r->end, r->end, &high);
    }
    if (p == r->end) {
        return unclosed(r, start - 1, "string");
    }
    if (*p != '"') {
        FAIL(r, p, ARRAS_SYNTAX, "json-syntax",
             "control character 0x%02X within a string, where it must be escaped", (unsigned)*p);
        return NULL;
    }
    if (high & HIGH && !check_utf8(r, start, p)) {
        return NULL;
    }
    *ret = (struct arras_str){start, (size_t)(p - start)};
    return escaped && !unescape(r, start, p, ret) ? NULL : p + 1;
}

static inline const char *skip_digits(const struct reader *r, const char *p)
{
    while (p < r->end && (unsigned)(*p - '0') <= 9) {
        p++;
    }
    return p;
}

static const char *bad_number(struct reader *r, const char *p)
{
    return FAIL(r, p, ARRAS_SYNTAX, "json-syntax", "a digit is missing in a number");
}

/* RFC 8259 section 6; the text stays as it is. */
static const char *read_number(struct reader *r, const char *p, size_t slot)
{
    const char *start = p;
    p += *p == '-';
    const char *digits = p;
    p = skip_digits(r, p);
    if (p == digits) {
        return bad_number(r, p);
    }
    if (*digits == '0' && p - digits > 1) {
        return FAIL(r, digits, ARRAS_SYNTAX, "json-syntax", "a number that begins with a zero");
    }
    if (p < r->end && *p == '.') {
        digits = ++p;
        p = skip_digits(r, p);
        if (p == digits) {
            return bad_number(r, p);
        }
    }
    if (p < r->end && (*p | 0x20) == 'e') {
        p++;
        p += p < r->end && (*p == '+' || *p == '-');
        digits = p;
        p = skip_digits(r, p);
        if (p == digits) {
            return bad_number(r, p);
        }
    }
    *value_at(r, slot) = (struct arras_value){.type = ARRAS_NUMBER,
                                              .at = (uint32_t)(start - r->start),
                                              .count = (uint32_t)(p - start),
                                              .text = start};
    return p;
}

static const char *read_word(struct reader *r, const char *p, const char *word,
                             struct arras_value value, size_t slot)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - p) < len || memcmp(p, word, len) != 0) {
        return unexpected(r, p, "a value");
    }
    value.at = (uint32_t)(p - r->start);
    *value_at(r, slot) = value;
    return p + len;
}

static bool enter(struct reader *r, const char *p)
{
    if (r->depth == AR_NESTING_DEPTH) {
        FAIL(r, p, ARRAS_LIMIT, "nesting-limit", "nested more than %d levels deep",
             AR_NESTING_DEPTH);
        return false;
    }
    r->depth++;
    return true;
}

static bool close_container(struct reader *r, size_t base, size_t slot)
{
    r->status = ar_members_close(&r->stack, base, r->arena, &r->seed, r->source, r->diags,
                                 value_at(r, slot));
    r->depth--;
    return r->status == ARRAS_OK;
}

/* p at the opening bracket. */
static const char *read_array(struct reader *r, const char *p, size_t slot)
{
    const char *open = p;
    size_t base = r->stack.used;
    *value_at(r, slot) = (struct arras_value){.type = ARRAS_ARRAY, .at = (uint32_t)(p - r->start)};
    if (!enter(r, p)) {
        return NULL;
    }
    p = skip_space(r, p + 1);
    if (p < r->end && *p == ']') {
        r->depth--;
        return p + 1;
    }
    for (;;) {
        size_t item = r->stack.used;
        if (!ar_stack_push(&r->stack, sizeof(struct arras_value))) {
            return no_memory(r);
        }
        p = read_value(r, p, item);
        if (!p) {
            return NULL;
        }
        p = skip_space(r, p);
        if (p < r->end && *p == ',') {
            p = skip_space(r, p + 1);
        } else if (p < r->end && *p == ']') {
            return close_container(r, base, slot) ? p + 1 : NULL;
        } else {
            return p == r->end ? unclosed(r, open, "array")
                               : unexpected(r, p, "',' or ']' of an array");
        }
    }
}

/* A name, the colon and the value onto the stack. */
static const char *read_member(struct reader *r, const char *p)
{
    if (p == r->end || *p != '"') {
        return unexpected(r, p, "a name");
    }
    size_t slot = r->stack.used;
    struct ar_member *member = ar_stack_push(&r->stack, sizeof(*member));
    if (!member) {
        return no_memory(r);
    }
    struct arras_str name;
    member->at = (uint32_t)(p - r->start);
    p = read_string(r, p, &name);
    if (!p) {
        return NULL;
    }
    member->name_text = name.ptr;
    member->name_len = (uint32_t)name.len;
    p = skip_space(r, p);
    if (p == r->end || *p != ':') {
        return unexpected(r, p, "the ':' behind a name");
    }
    return read_value(r, skip_space(r, p + 1), slot + offsetof(struct ar_member, value));
}

/* p at the opening brace. */
static const char *read_object(struct reader *r, const char *p, size_t slot)
{
    const char *open = p;
    size_t base = r->stack.used;
    *value_at(r, slot) = (struct arras_value){.type = ARRAS_OBJECT, .at = (uint32_t)(p - r->start)};
    if (!enter(r, p)) {
        return NULL;
    }
    p = skip_space(r, p + 1);
    if (p < r->end && *p == '}') {
        r->depth--;
        return p + 1;
    }
    for (;;) {
        p = read_member(r, p);
        if (!p) {
            return NULL;
        }
        p = skip_space(r, p);
        if (p < r->end && *p == ',') {
            p = skip_space(r, p + 1);
        } else if (p < r->end && *p == '}') {
            return close_container(r, base, slot) ? p + 1 : NULL;
        } else {
            return p == r->end ? unclosed(r, open, "object")
                               : unexpected(r, p, "',' or '}' of an object");
        }
    }
}

static const char *read_string_value(struct reader *r, const char *p, size_t slot)
{
    struct arras_str text;
    uint32_t at = (uint32_t)(p - r->start);
    p = read_string(r, p, &text);
    if (p) {
        *value_at(r, slot) = (struct arras_value){
            .type = ARRAS_STRING, .at = at, .count = (uint32_t)text.len, .text = text.ptr};
    }
    return p;
}

static const char *read_value(struct reader *r, const char *p, size_t slot)
{
    switch (p < r->end ? *p : '\0') {
    case '"':
        return read_string_value(r, p, slot);
    case '{':
        return read_object(r, p, slot);
    case '[':
        return read_array(r, p, slot);
    case 't':
        return read_word(r, p, "true", ar_bool(true), slot);
    case 'f':
        return read_word(r, p, "false", ar_bool(false), slot);
    case 'n':
        return read_word(r, p, "null", ar_null(), slot);
    default:
        if (p < r->end && (*p == '-' || (unsigned)(*p - '0') <= 9)) {
            return read_number(r, p, slot);
        }
        return unexpected(r, p, "a value");
    }
}

static enum arras_status read_text(struct reader *r, struct arras_value *ret)
{
    const char *p = skip_space(r, r->start);
    if (ar_str_starts(r->source->text, "\xEF\xBB\xBF")) {
        FAIL(r, r->start, ARRAS_SYNTAX, "byte-order-mark",
             "a byte order mark, which JSON does not allow");
        return r->status;
    }
    if (!ar_stack_push(&r->stack, sizeof(struct arras_value))) {
        no_memory(r);
        return r->status;
    }
    p = read_value(r, p, 0);
    if (!p) {
        return r->status;
    }
    p = skip_space(r, p);
    if (p < r->end) {
        unexpected(r, p, "the end of the text");
        return r->status;
    }
    *ret = *value_at(r, 0);
    return ARRAS_OK;
}

enum arras_status ar_json_read(const struct ar_source *source, struct ar_arena *arena,
                               struct ar_diags *diags, struct arras_value *ret)
{
    if (source->text.len >= UINT32_MAX) {
        return ar_error(diags, ARRAS_LIMIT, "size-limit", source, 0,
                        "a text of %zu bytes is too large", source->text.len);
    }
    const char *start = source->text.len ? source->text.ptr : "";
    struct reader r = {.start = start,
                       .end = start + source->text.len,
                       .source = source,
                       .arena = arena,
                       .diags = diags};
    enum arras_status status = read_text(&r, ret);
    ar_stack_release(&r.stack);
    return status;
}
