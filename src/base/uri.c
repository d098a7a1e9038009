#include "base/uri.h"

/* RFC 3986 appendix B, taken from the left. */
struct ar_uri ar_uri_parse(struct arras_str text)
{
    struct ar_uri uri = {0};
    size_t end = 0;
    while (end < text.len && !memchr(":/?#", text.ptr[end], 4)) {
        end++;
    }
    if (end > 0 && end < text.len && text.ptr[end] == ':') {
        uri.has_scheme = true;
        uri.scheme = ar_str_sub(text, 0, end);
        text = ar_str_from(text, end + 1);
    }
    size_t hash = ar_str_find_char(text, '#', 0);
    if (hash != AR_NOT_FOUND) {
        uri.has_fragment = true;
        uri.fragment = ar_str_from(text, hash + 1);
        text = ar_str_sub(text, 0, hash);
    }
    size_t question = ar_str_find_char(text, '?', 0);
    if (question != AR_NOT_FOUND) {
        uri.has_query = true;
        uri.query = ar_str_from(text, question + 1);
        text = ar_str_sub(text, 0, question);
    }
    if (ar_str_starts(text, "//")) {
        uri.has_authority = true;
        size_t slash = ar_str_find_char(text, '/', 2);
        uri.authority = ar_str_sub(text, 2, slash);
        text = slash == AR_NOT_FOUND ? (struct arras_str){NULL, 0} : ar_str_from(text, slash);
    }
    uri.path = text;
    return uri;
}

bool ar_uri_is_web(struct arras_str text)
{
    struct ar_uri uri = ar_uri_parse(text);
    return (ar_str_is_nocase(uri.scheme, "http") || ar_str_is_nocase(uri.scheme, "https")) &&
           uri.authority.len;
}

enum arras_status ar_uri_file_path(struct arras_str text, struct ar_arena *arena,
                                   struct arras_str *ret)
{
    struct ar_uri uri = ar_uri_parse(text);
    struct arras_str path;
    bool here = !uri.authority.len || ar_str_is_nocase(uri.authority, "localhost");
    *ret = text;
    if (!ar_str_is_nocase(uri.scheme, "file") || !here || !ar_str_starts(uri.path, "/")) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_uri_decode(uri.path, arena, &path);
    if (!status && !ar_str_has_nul(path)) {
        *ret = path;
    }
    return status;
}

/* Drops the last segment of what was written of the path from `start` on. */
static void drop_segment(struct ar_buf *buf, size_t start)
{
    size_t slash = ar_str_find_last_char(ar_str_from(ar_buf_str(buf), start), '/');
    ar_buf_cut(buf, slash == AR_NOT_FOUND ? start : start + slash);
}

/* RFC 3986 section 5.2.4. */
static void add_without_dots(struct ar_buf *buf, struct arras_str path)
{
    size_t start = buf->len;
    while (path.len && !ar_buf_status(buf)) {
        if (ar_str_starts(path, "../")) {
            path = ar_str_from(path, 3);
        } else if (ar_str_starts(path, "./")) {
            path = ar_str_from(path, 2);
        } else if (ar_str_starts(path, "/./")) {
            path = ar_str_from(path, 2);
        } else if (ar_str_is(path, "/.")) {
            path = AR_STR("/");
        } else if (ar_str_starts(path, "/../")) {
            path = ar_str_from(path, 3);
            drop_segment(buf, start);
        } else if (ar_str_is(path, "/..")) {
            path = AR_STR("/");
            drop_segment(buf, start);
        } else if (ar_str_is(path, ".") || ar_str_is(path, "..")) {
            path.len = 0;
        } else {
            size_t next = ar_str_find_char(path, '/', 1);
            ar_buf_add_str(buf, ar_str_sub(path, 0, next));
            path = next == AR_NOT_FOUND ? (struct arras_str){NULL, 0} : ar_str_from(path, next);
        }
    }
}

/* The same of a file's relative name: steps upward that nothing is left for stay. */
static void add_relative_without_dots(struct ar_buf *buf, struct arras_str path)
{
    size_t start = buf->len, kept = start; /* before `kept` stands nothing that can be dropped */
    while (path.len && !ar_buf_status(buf)) {
        struct arras_str segment = ar_str_cut(&path, '/');
        bool up = ar_str_is(segment, "..");
        if (up && buf->len > kept) {
            size_t slash = ar_str_find_last_char(ar_str_from(ar_buf_str(buf), kept), '/');
            ar_buf_cut(buf, slash == AR_NOT_FOUND ? kept : kept + slash);
        } else if (segment.len && !ar_str_is(segment, ".")) {
            ar_buf_add_z(buf, buf->len > start ? "/" : "");
            ar_buf_add_str(buf, segment);
            kept = up ? buf->len : kept;
        }
    }
}

/* RFC 3986 section 5.2.3, then without dots. */
static void add_merged(struct ar_buf *buf, const struct ar_uri *base, struct arras_str path)
{
    struct ar_buf merged;
    ar_buf_init(&merged, SIZE_MAX);
    if (base->has_authority && base->path.len == 0) {
        ar_buf_add_char(&merged, '/');
    } else {
        size_t slash = ar_str_find_last_char(base->path, '/');
        ar_buf_add_str(&merged, slash == AR_NOT_FOUND ? (struct arras_str){NULL, 0}
                                                      : ar_str_sub(base->path, 0, slash + 1));
    }
    ar_buf_add_str(&merged, path);
    bool relative = !base->has_scheme && !base->has_authority && !ar_str_starts(base->path, "/");
    if (ar_buf_status(&merged)) {
        buf->status = ar_buf_status(&merged);
    } else if (relative) {
        add_relative_without_dots(buf, ar_buf_str(&merged));
    } else {
        add_without_dots(buf, ar_buf_str(&merged));
    }
    ar_buf_release(&merged);
}

static void add_part(struct ar_buf *buf, bool present, const char *before, struct arras_str part,
                     const char *behind)
{
    if (present) {
        ar_buf_add_z(buf, before);
        ar_buf_add_str(buf, part);
        ar_buf_add_z(buf, behind);
    }
}

enum arras_status ar_uri_resolve(struct arras_str base_text, struct arras_str reference,
                                 struct ar_arena *arena, struct arras_str *ret)
{
    struct ar_uri base = ar_uri_parse(base_text);
    if (!base.has_scheme && !base.has_authority) {
        base = (struct ar_uri){.path = base_text}; /* a file, whose name may hold ? and # */
    }
    struct ar_uri ref = ar_uri_parse(reference);
    bool own_query = ref.has_scheme || ref.has_authority || ref.path.len || ref.has_query;
    const struct ar_uri *query_from = own_query ? &ref : &base;
    const struct ar_uri *authority_from = ref.has_scheme || ref.has_authority ? &ref : &base;

    struct ar_buf buf;
    ar_buf_init(&buf, SIZE_MAX);
    add_part(&buf, ref.has_scheme || base.has_scheme, "", ref.has_scheme ? ref.scheme : base.scheme,
             ":");
    add_part(&buf, authority_from->has_authority, "//", authority_from->authority, "");
    if (ref.has_scheme || ref.has_authority || ar_str_starts(ref.path, "/")) {
        add_without_dots(&buf, ref.path);
    } else if (ref.path.len == 0) {
        ar_buf_add_str(&buf, base.path);
    } else {
        add_merged(&buf, &base, ref.path);
    }
    add_part(&buf, query_from->has_query, "?", query_from->query, "");
    add_part(&buf, ref.has_fragment, "#", ref.fragment, "");
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           memchr("-._~", c, 4);
}

void ar_uri_encode(struct ar_buf *buf, struct arras_str text, const char *also)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_unreserved(c) || (c && strchr(also, c))) {
            ar_buf_add_char(buf, c);
        } else {
            ar_buf_printf(buf, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum arras_status ar_uri_decode(struct arras_str text, struct ar_arena *arena,
                                struct arras_str *ret)
{
    char *out = ar_arena_raw(arena, text.len + 1, 1);
    if (!out) {
        return ARRAS_NO_MEMORY;
    }
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int high = text.ptr[i] == '%' && text.len - i > 2 ? hex_digit(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        out[len++] = low >= 0 ? (char)(high << 4 | low) : text.ptr[i];
        i += low >= 0 ? 2 : 0;
    }
    out[len] = '\0';
    *ret = (struct arras_str){out, len};
    return ARRAS_OK;
}
