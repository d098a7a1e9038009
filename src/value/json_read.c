/* One pass without recursion, which costs deep documents more than a stack of positions does. What
 * stands in containers that are still open lies on a stack of its own and moves to the arena, in
 * just the memory needed, when they are closed. Values are made in their place on that stack: its
 * top is where the next one goes. */
#include "base/limits.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/members.h"
#include "value/scan.h"
#include "value/stack.h"

struct reader {
    const char *start, *end;
    const struct ar_source *source;
    struct ar_arena *arena;
    struct ar_diags *diags;
    enum arras_status status; /* why a function returned NULL */
    struct ar_seed seed;
    struct ar_stack stack; /* values of open arrays, members of open objects */
    size_t base;           /* where on it those of the innermost begin; 0: none is open */
    size_t *outer;         /* AR_NESTING_DEPTH: the bases of those around it */
    unsigned depth;
};

/* The innermost open container; it was on top of the stack when it was opened. */
static inline struct arras_value *container(const struct reader *r)
{
    return (struct arras_value *)(void *)(r->stack.bytes + r->base) - 1;
}

/* Functions that return a position return NULL with the status set where reading cannot go on. */

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

static inline const char *skip_space(const struct reader *r, const char *p)
{
    if (p < r->end && (unsigned char)*p > ' ') {
        return p;
    }
    if (p < r->end && *p == '\n') { /* a line end, most often followed by indentation */
        p++;
        while (r->end - p >= 8 && ar_load(p) == AR_EACH(' ')) {
            p += 8;
        }
    }
    while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
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

/* A string that has escapes or other than ASCII, or is wrong; p at the opening quote. */
static __attribute__((noinline)) const char *read_hard_string(struct reader *r, const char *p,
                                                              struct arras_str *ret)
{
    const char *start = p + 1;
    bool high = false, escaped = false;
    p = ar_scan_plain(start, r->end, &high);
    while (p < r->end && *p == '\\') {
        escaped = true;
        p = ar_scan_plain(p + 1 < r->end ? p + 2 : r->end, r->end, &high);
    }
    if (p == r->end) {
        return unclosed(r, start - 1, "string");
    }
    if (*p != '"') {
        return FAIL(r, p, ARRAS_SYNTAX, "json-syntax",
                    "control character 0x%02X within a string, where it must be escaped",
                    (unsigned)*p);
    }
    if (high && !check_utf8(r, start, p)) {
        return NULL;
    }
    *ret = (struct arras_str){start, (size_t)(p - start)};
    return escaped && !unescape(r, start, p, ret) ? NULL : p + 1;
}

/* p at the opening quote. */
static inline const char *read_string(struct reader *r, const char *p, const char **ret_text,
                                      uint32_t *ret_len)
{
    struct arras_str text;
    bool high = false;
    const char *close = ar_scan_plain(p + 1, r->end, &high);
    if (close < r->end && *close == '"' && !high) {
        text = (struct arras_str){p + 1, (size_t)(close - p - 1)};
        p = close + 1;
    } else {
        p = read_hard_string(r, p, &text);
        if (!p) {
            return NULL;
        }
    }
    *ret_text = text.ptr;
    *ret_len = (uint32_t)text.len;
    return p;
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
static inline const char *read_number(struct reader *r, const char *p, struct arras_value *slot)
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
    *slot = (struct arras_value){.type = ARRAS_NUMBER,
                                 .at = (uint32_t)(start - r->start),
                                 .count = (uint32_t)(p - start),
                                 .text = start};
    return p;
}

static inline const char *read_word(struct reader *r, const char *p, const char *word,
                                    enum arras_type type, struct arras_value *slot)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - p) < len || memcmp(p, word, len) != 0) {
        return unexpected(r, p, "a value");
    }
    *slot =
        (struct arras_value){.type = type, .boolean = *p == 't', .at = (uint32_t)(p - r->start)};
    return p + len;
}

static inline const char *read_scalar(struct reader *r, const char *p, struct arras_value *slot)
{
    switch (p < r->end ? *p : '\0') {
    case '"':
        *slot = (struct arras_value){.type = ARRAS_STRING, .at = (uint32_t)(p - r->start)};
        return read_string(r, p, &slot->text, &slot->count);
    case 't':
        return read_word(r, p, "true", ARRAS_BOOL, slot);
    case 'f':
        return read_word(r, p, "false", ARRAS_BOOL, slot);
    case 'n':
        return read_word(r, p, "null", ARRAS_NULL, slot);
    default:
        if (p < r->end && (*p == '-' || (unsigned)(*p - '0') <= 9)) {
            return read_number(r, p, slot);
        }
        return unexpected(r, p, "a value");
    }
}

/* Opens the container whose bracket is at p; its value is the top of the stack. */
static inline const char *open_container(struct reader *r, const char *p, struct arras_value *slot)
{
    if (r->depth == AR_NESTING_DEPTH) {
        return FAIL(r, p, ARRAS_LIMIT, "nesting-limit", "nested more than %d levels deep",
                    AR_NESTING_DEPTH);
    }
    r->outer[r->depth++] = r->base;
    r->base = r->stack.used;
    *slot = (struct arras_value){.type = *p == '[' ? ARRAS_ARRAY : ARRAS_OBJECT,
                                 .at = (uint32_t)(p - r->start)};
    return p + 1;
}

static inline bool close_container(struct reader *r)
{
    r->status =
        ar_members_close(&r->stack, r->base, r->arena, &r->seed, r->source, r->diags, container(r));
    r->base = r->outer[--r->depth];
    return r->status == ARRAS_OK;
}

/* Neither a comma nor the closing bracket behind a value. */
static const char *no_separator(struct reader *r, const char *p)
{
    bool array = container(r)->type == ARRAS_ARRAY;
    if (p == r->end) {
        return unclosed(r, r->start + container(r)->at, array ? "array" : "object");
    }
    return unexpected(r, p, array ? "',' or ']' of an array" : "',' or '}' of an object");
}

/* From behind an opening bracket (`opened`) or a value to where the next item or member begins;
 * behind the outermost value (r->base is 0) where there is none. */
static inline const char *to_next(struct reader *r, const char *p, bool opened)
{
    while (r->base) {
        p = skip_space(r, p);
        char c = p < r->end ? *p : '\0';
        if (c == ',' && !opened) {
            return skip_space(r, p + 1);
        }
        if (c != (container(r)->type == ARRAS_ARRAY ? ']' : '}')) {
            return opened ? p : no_separator(r, p);
        }
        if (!close_container(r)) {
            return NULL;
        }
        opened = false;
        p++;
    }
    return p;
}

/* Makes room for an item, or for a member, whose name and colon are read; *ret_slot is where its
 * value goes. */
static inline const char *begin_next(struct reader *r, const char *p, struct arras_value **ret_slot)
{
    if (container(r)->type == ARRAS_ARRAY) {
        *ret_slot = ar_stack_push(&r->stack, sizeof(struct arras_value));
        return *ret_slot ? p : no_memory(r);
    }
    if (p == r->end || *p != '"') {
        return unexpected(r, p, "a name");
    }
    struct ar_member *member = ar_stack_push(&r->stack, sizeof(*member));
    if (!member) {
        return no_memory(r);
    }
    *ret_slot = &member->value;
    member->at = (uint32_t)(p - r->start);
    p = read_string(r, p, &member->name_text, &member->name_len);
    if (!p) {
        return NULL;
    }
    p = skip_space(r, p);
    if (p == r->end || *p != ':') {
        return unexpected(r, p, "the ':' behind a name");
    }
    return skip_space(r, p + 1);
}

/* The outermost value, at the bottom of the stack when it is complete. */
static const char *read_value(struct reader *r, const char *p)
{
    struct arras_value *slot = ar_stack_push(&r->stack, sizeof(*slot));
    if (!slot) {
        return no_memory(r);
    }
    for (;;) {
        bool opens = p < r->end && (*p == '{' || *p == '[');
        p = opens ? open_container(r, p, slot) : read_scalar(r, p, slot);
        p = p ? to_next(r, p, opens) : NULL;
        if (!p || !r->base) {
            return p;
        }
        p = begin_next(r, p, &slot);
        if (!p) {
            return NULL;
        }
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
    p = read_value(r, p);
    if (!p) {
        return r->status;
    }
    p = skip_space(r, p);
    if (p < r->end) {
        unexpected(r, p, "the end of the text");
        return r->status;
    }
    *ret = *(const struct arras_value *)(const void *)r->stack.bytes;
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
    size_t outer[AR_NESTING_DEPTH];
    struct reader r = {.start = start,
                       .end = start + source->text.len,
                       .source = source,
                       .arena = arena,
                       .diags = diags,
                       .outer = outer};
    enum arras_status status = read_text(&r, ret);
    ar_stack_release(&r.stack);
    return status;
}
