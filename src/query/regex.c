#include "query/regex.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "query/regex_translate.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>

struct ar_regex {
    pcre2_code *code;
    pcre2_match_context *limits; /* read only once made */
    /* Room for a match, kept between matches; a thread that finds it taken makes its own. */
    _Atomic(pcre2_match_data *) spare;
};

enum { TRANSLATED_MOST = 16 * AR_REGEX_LENGTH };

static struct ar_source pattern_source(struct arras_str pattern)
{
    return (struct ar_source){AR_STR("regular expression"), pattern};
}

uint32_t ar_regex_peek(const struct ar_regex_reader *reader)
{
    size_t at = reader->at;
    return at < reader->text.len ? ar_utf8_next(reader->text, &at) : AR_REGEX_END;
}

uint32_t ar_regex_next(struct ar_regex_reader *reader)
{
    return reader->at < reader->text.len ? ar_utf8_next(reader->text, &reader->at) : AR_REGEX_END;
}

bool ar_regex_eat(struct ar_regex_reader *reader, const char *text)
{
    if (!ar_str_starts(ar_str_from(reader->text, reader->at), text)) {
        return false;
    }
    reader->at += strlen(text);
    return true;
}

enum arras_status ar_regex_wrong(struct ar_regex_reader *reader, size_t at, const char *what)
{
    struct ar_source source = pattern_source(reader->text);
    return ar_error(reader->diags, ARRAS_SYNTAX, "regex", &source, at, "%s", what);
}

void ar_regex_put(struct ar_regex_reader *reader, uint32_t code)
{
    bool plain = (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
                 (code >= 'a' && code <= 'z');
    if (plain) {
        ar_buf_add_char(reader->out, (char)code);
    } else {
        ar_buf_printf(reader->out, "\\x{%x}", (unsigned)code);
    }
}

bool ar_regex_put_range(struct ar_regex_reader *reader, uint32_t from, uint32_t to)
{
    if (from > to) {
        return false;
    }
    if (from >= 0xD800 && from <= 0xDFFF) {
        from = 0xE000;
    }
    if (to >= 0xD800 && to <= 0xDFFF) {
        to = 0xD7FF;
    }
    if (from <= to) {
        ar_regex_put(reader, from);
        ar_buf_add_char(reader->out, '-');
        ar_regex_put(reader, to);
    }
    return true;
}

/* Digits at *at; their value, or more than PCRE2 takes. */
static bool read_count(struct arras_str text, size_t *at, unsigned *ret)
{
    size_t start = *at;
    unsigned number = 0;
    while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9') {
        if (number < 1000000) {
            number = number * 10 + (unsigned)(text.ptr[*at] - '0');
        }
        ++*at;
    }
    *ret = number;
    return *at > start;
}

bool ar_regex_counts(struct ar_regex_reader *reader, enum arras_status *ret_status)
{
    struct arras_str text = reader->text;
    size_t start = reader->at, at = start + 1;
    unsigned least = 0, most = 0;
    *ret_status = ARRAS_OK;
    if (start >= text.len || text.ptr[start] != '{' || !read_count(text, &at, &least)) {
        return false;
    }
    bool comma = at < text.len && text.ptr[at] == ',';
    bool bounded = !comma;
    if (comma) {
        at++;
        bounded = read_count(text, &at, &most);
    } else {
        most = least;
    }
    if (at >= text.len || text.ptr[at] != '}') {
        return false;
    }
    reader->at = at + 1;
    if (bounded && most < least) {
        *ret_status = ar_regex_wrong(reader, start, "the counts in braces are out of order");
    } else if (least > 65535 || most > 65535) {
        struct ar_source source = pattern_source(text);
        *ret_status = ar_error(reader->diags, ARRAS_LIMIT, "regex", &source, start,
                               "a count in braces is above 65535");
    } else if (bounded) {
        ar_buf_printf(reader->out, "{%u,%u}", least, most);
    } else {
        ar_buf_printf(reader->out, "{%u,}", least);
    }
    return true;
}

/* Messages of PCRE2 that a translated pattern can still meet, as the statuses they are. */
static enum arras_status refused_by_pcre2(int error, struct arras_str pattern,
                                          struct ar_diags *diags)
{
    struct ar_source source = pattern_source(pattern);
    if (error == PCRE2_ERROR_HEAP_FAILED) {
        return ar_no_memory(diags);
    }
    if (error == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH ||
        error == PCRE2_ERROR_LOOKBEHIND_TOO_COMPLICATED) {
        return ar_error(diags, ARRAS_UNSUPPORTED, "regex", &source, 0,
                        "what a lookbehind looks for must have a fixed length");
    }
    if (error == PCRE2_ERROR_PATTERN_TOO_LARGE || error == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP) {
        return ar_error(diags, ARRAS_LIMIT, "regex", &source, 0,
                        "the regular expression is too large");
    }
    PCRE2_UCHAR message[128];
    pcre2_get_error_message(error, message, sizeof(message));
    return ar_error(diags, ARRAS_SYNTAX, "regex", &source, 0, "%s", (const char *)message);
}

static enum arras_status make_limits(struct ar_regex *regex)
{
    regex->limits = pcre2_match_context_create(NULL);
    if (!regex->limits) {
        return ARRAS_NO_MEMORY;
    }
    pcre2_set_match_limit(regex->limits, AR_REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(regex->limits, AR_REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(regex->limits, AR_REGEX_HEAP_KIB);
    return ARRAS_OK;
}

static enum arras_status compile(struct ar_regex *regex, const struct ar_buf *translated, int flags,
                                 struct arras_str pattern, struct ar_diags *diags)
{
    uint32_t options = PCRE2_UTF | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
                       PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    if (flags & AR_REGEX_NOCASE) {
        options |= PCRE2_CASELESS;
    }
    if (flags & AR_REGEX_WHOLE) {
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    }
    struct arras_str text = ar_buf_str(translated);
    int error;
    PCRE2_SIZE at;
    regex->code =
        pcre2_compile((PCRE2_SPTR)(text.len ? text.ptr : ""), text.len, options, &error, &at, NULL);
    return regex->code ? ARRAS_OK : refused_by_pcre2(error, pattern, diags);
}

/* The pattern in PCRE2's syntax. */
static enum arras_status translate(struct arras_str pattern, enum ar_regex_dialect dialect,
                                   struct ar_diags *diags, struct ar_buf *out)
{
    struct ar_source source = pattern_source(pattern);
    if (pattern.len > AR_REGEX_LENGTH) {
        return ar_error(diags, ARRAS_LIMIT, "regex", NULL, 0,
                        "the regular expression is longer than %d bytes", AR_REGEX_LENGTH);
    }
    size_t valid = ar_utf8_valid(pattern);
    if (valid < pattern.len) {
        return ar_error(diags, ARRAS_SYNTAX, "regex", &source, valid,
                        "the regular expression is not valid UTF-8");
    }
    struct ar_arena scratch;
    ar_arena_init(&scratch, 0);
    struct ar_regex_reader reader = {
        .text = pattern, .out = out, .diags = diags, .scratch = &scratch};
    enum arras_status status =
        dialect == AR_REGEX_IREGEXP ? ar_regex_from_iregexp(&reader) : ar_regex_from_ecma(&reader);
    ar_arena_release(&scratch);
    if (status) {
        return status;
    }
    status = ar_buf_status(out);
    if (status == ARRAS_NO_MEMORY) {
        return ar_no_memory(diags);
    }
    return status
               ? ar_error(diags, status, "regex", &source, 0, "the regular expression is too large")
               : ARRAS_OK;
}

enum arras_status ar_regex_new(struct arras_str pattern, enum ar_regex_dialect dialect, int flags,
                               struct ar_diags *diags, struct ar_regex **ret)
{
    struct ar_regex *regex = calloc(1, sizeof(*regex));
    if (!regex || make_limits(regex)) {
        ar_regex_free(regex);
        return ar_no_memory(diags);
    }
    struct ar_buf translated;
    ar_buf_init(&translated, TRANSLATED_MOST);
    enum arras_status status = translate(pattern, dialect, diags, &translated);
    if (!status) {
        status = compile(regex, &translated, flags, pattern, diags);
    }
    ar_buf_release(&translated);
    if (status) {
        ar_regex_free(regex);
        return status;
    }
    *ret = regex;
    return ARRAS_OK;
}

void ar_regex_free(struct ar_regex *regex)
{
    if (!regex) {
        return;
    }
    pcre2_match_data_free(atomic_load(&regex->spare));
    pcre2_match_context_free(regex->limits);
    pcre2_code_free(regex->code);
    free(regex);
}

/* Gives the room back to the regex; one too many is freed. */
static void give_back(struct ar_regex *regex, pcre2_match_data *room)
{
    pcre2_match_data *none = NULL;
    if (!atomic_compare_exchange_strong(&regex->spare, &none, room)) {
        pcre2_match_data_free(room);
    }
}

enum arras_status ar_regex_match(const struct ar_regex *regex, struct arras_str subject,
                                 bool *ret_matches)
{
    struct ar_regex *owner = (struct ar_regex *)regex; /* only for `spare`, which is atomic */
    pcre2_match_data *room = atomic_exchange(&owner->spare, NULL);
    if (!room && !(room = pcre2_match_data_create(1, NULL))) {
        return ARRAS_NO_MEMORY;
    }
    int found = pcre2_match(regex->code, (PCRE2_SPTR)(subject.len ? subject.ptr : ""), subject.len,
                            0, 0, room, regex->limits);
    give_back(owner, room);
    switch (found) {
    case PCRE2_ERROR_NOMEMORY:
        return ARRAS_NO_MEMORY;
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        return ARRAS_LIMIT;
    default:
        *ret_matches = found >= 0; /* 0: it matched, with more groups than there is room for */
        return ARRAS_OK;
    }
}

enum arras_status ar_regex_alternatives(struct ar_regex_reader *reader,
                                        enum arras_status (*term)(struct ar_regex_reader *))
{
    for (;;) {
        uint32_t code = ar_regex_peek(reader);
        if (code == AR_REGEX_END || code == ')') {
            return ARRAS_OK;
        }
        if (ar_regex_eat(reader, "|")) {
            ar_buf_add_char(reader->out, '|');
            continue;
        }
        enum arras_status status = term(reader);
        if (status) {
            return status;
        }
    }
}
