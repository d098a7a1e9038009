#include "openapi/serialize.h"
#include "base/limits.h"
#include "base/uri.h"
#include "value/json.h"

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Escapes stay as they are, as RFC 6570 section 3.2.3 says; '#' would end the URL. */
static void add_reserved(struct ar_buf *buf, struct arras_str text, const char *reserved)
{
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.ptr[i] == '%' && text.len - i > 2 && is_hex(text.ptr[i + 1]) &&
                      is_hex(text.ptr[i + 2]);
        ar_uri_encode(buf, ar_str_sub(text, i, i + 1), escape ? "%" : reserved);
    }
}

/* As the URL standard's application/x-www-form-urlencoded serializer. */
static void add_form(struct ar_buf *buf, struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ' ') {
            ar_buf_add_char(buf, '+');
        } else if (text.ptr[i] == '~') {
            ar_buf_add_z(buf, "%7E");
        } else {
            ar_uri_encode(buf, ar_str_sub(text, i, i + 1), "*");
        }
    }
}

void ar_escape_text(struct ar_buf *buf, struct arras_str text, enum ar_escape escape)
{
    switch (escape) {
    case AR_ESCAPE_ALL:
        ar_uri_encode(buf, text, "");
        break;
    case AR_ESCAPE_RESERVED:
        add_reserved(buf, text, ":/?[]@!$&'()*+,;=");
        break;
    case AR_ESCAPE_PATH:
        add_reserved(buf, text, ":/[]@!$&'()*+,;=");
        break;
    case AR_ESCAPE_FORM:
        add_form(buf, text);
        break;
    case AR_ESCAPE_COOKIE: /* RFC 6265 section 4.1.1, cookie-octet */
        ar_uri_encode(buf, text, "!#$%&'()*+/:<=>?@[]^`{|}");
        break;
    case AR_ESCAPE_COOKIE_RESERVED:
        add_reserved(buf, text, ":/?#[]@!$&'()*+=");
        break;
    case AR_ESCAPE_NONE:
        ar_buf_add_str(buf, text);
        break;
    }
}

void ar_plain_text(struct ar_buf *buf, const struct arras_value *value)
{
    if (value->type == ARRAS_STRING || value->type == ARRAS_NUMBER) {
        ar_buf_add_str(buf, ar_text(value));
    } else {
        ar_json_write(buf, value, ARRAS_WRITE_COMPACT);
    }
}

/* allowReserved is said of values: what stands in a name would be taken for what is between. */
static enum ar_escape name_escape(const struct ar_serialization *how)
{
    bool reserved = how->escape == AR_ESCAPE_RESERVED || how->escape == AR_ESCAPE_PATH ||
                    how->escape == AR_ESCAPE_COOKIE_RESERVED;
    return reserved ? AR_ESCAPE_ALL : how->escape;
}

static bool is_compound(const struct arras_value *value)
{
    return value->type == ARRAS_ARRAY || value->type == ARRAS_OBJECT;
}

bool ar_is_undefined(const struct arras_value *value)
{
    if (!is_compound(value)) {
        return value->type == ARRAS_NULL;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        const struct arras_value *item =
            value->type == ARRAS_ARRAY ? &value->items[i] : &value->members[i].value;
        if (item->type != ARRAS_NULL) {
            return false;
        }
    }
    return true;
}

static void add_value(struct ar_buf *buf, const struct arras_value *value, enum ar_escape escape)
{
    if (value->type == ARRAS_STRING || value->type == ARRAS_NUMBER) {
        ar_escape_text(buf, ar_text(value), escape);
        return;
    }
    struct ar_buf text;
    ar_buf_init(&text, AR_REQUEST_BODY);
    ar_plain_text(&text, value);
    if (ar_buf_status(&text)) {
        buf->status = ar_buf_status(&text);
    } else {
        ar_escape_text(buf, ar_buf_str(&text), escape);
    }
    ar_buf_release(&text);
}

static bool is_empty_text(const struct arras_value *value)
{
    return value->type == ARRAS_STRING && value->count == 0;
}

/* Items, or members as name=value (`pairs`) or name,value. `before` goes before the first,
 * `between` before the others. */
static void add_list(struct ar_buf *buf, const struct arras_value *value, bool pairs,
                     struct arras_str before, struct arras_str between, enum ar_escape escape)
{
    struct arras_str lead = before;
    for (uint32_t i = 0; i < value->count; i++) {
        bool array = value->type == ARRAS_ARRAY;
        const struct arras_value *item = array ? &value->items[i] : &value->members[i].value;
        if (item->type == ARRAS_NULL) {
            continue;
        }
        ar_buf_add_str(buf, lead);
        lead = between;
        if (!array) {
            ar_escape_text(buf, ar_member_name(&value->members[i]), escape);
            ar_buf_add_str(buf, pairs ? AR_STR("=") : between);
        }
        add_value(buf, item, escape);
    }
}

/* ";name" or ";name=value". */
static void add_matrix_pair(struct ar_buf *buf, const struct ar_serialization *how,
                            struct arras_str name, const struct arras_value *value)
{
    ar_buf_add_char(buf, ';');
    ar_escape_text(buf, name, name_escape(how));
    if (!is_empty_text(value)) {
        ar_buf_add_char(buf, '=');
        add_value(buf, value, how->escape);
    }
}

static void add_matrix(struct ar_buf *buf, const struct ar_serialization *how,
                       struct arras_str name, const struct arras_value *value)
{
    if (!is_compound(value)) {
        add_matrix_pair(buf, how, name, value);
        return;
    }
    if (!how->explode) {
        ar_buf_add_char(buf, ';');
        ar_escape_text(buf, name, name_escape(how));
        add_list(buf, value, false, AR_STR("="), AR_STR(","), how->escape);
        return;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        bool array = value->type == ARRAS_ARRAY;
        const struct arras_value *item = array ? &value->items[i] : &value->members[i].value;
        if (item->type != ARRAS_NULL) {
            add_matrix_pair(buf, how, array ? name : ar_member_name(&value->members[i]), item);
        }
    }
}

static void add_label(struct ar_buf *buf, const struct ar_serialization *how,
                      const struct arras_value *value)
{
    if (is_compound(value)) {
        add_list(buf, value, how->explode, AR_STR("."), how->explode ? AR_STR(".") : AR_STR(","),
                 how->escape);
    } else {
        ar_buf_add_char(buf, '.');
        add_value(buf, value, how->escape);
    }
}

void ar_add_pair_name(struct ar_buf *buf, const struct ar_serialization *how, struct arras_str name)
{
    if (buf->len) {
        ar_buf_add_z(buf, how->between);
    }
    struct ar_pair_mark mark = {.name = buf->len};
    ar_escape_text(buf, name, name_escape(how));
    ar_buf_add_char(buf, '=');
    mark.value = buf->len;
    if (how->marks && !ar_vec_push(how->marks->arena, &how->marks->list, mark)) {
        buf->status = ARRAS_NO_MEMORY;
    }
}

/* The delimiter, escaped as the values are; a comma stands as it is. */
static struct arras_str delimiter(const struct ar_serialization *how, struct ar_buf *scratch)
{
    struct arras_str text = {&how->delimiter, 1};
    if (how->delimiter == ',') {
        return text;
    }
    ar_escape_text(scratch, text, name_escape(how));
    return ar_buf_str(scratch);
}

static void add_joined(struct ar_buf *buf, const struct ar_serialization *how,
                       const struct arras_value *value, bool pairs)
{
    struct ar_buf scratch;
    ar_buf_init(&scratch, 16);
    struct arras_str between = delimiter(how, &scratch);
    add_list(buf, value, pairs, AR_STR(""), between, how->escape);
    if (ar_buf_status(&scratch)) {
        buf->status = ar_buf_status(&scratch);
    }
    ar_buf_release(&scratch);
}

static void add_form_style(struct ar_buf *buf, const struct ar_serialization *how,
                           struct arras_str name, const struct arras_value *value)
{
    if (!is_compound(value)) {
        ar_add_pair_name(buf, how, name);
        add_value(buf, value, how->escape);
        return;
    }
    if (!how->explode) {
        ar_add_pair_name(buf, how, name);
        add_joined(buf, how, value, false);
        return;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        bool array = value->type == ARRAS_ARRAY;
        const struct arras_value *item = array ? &value->items[i] : &value->members[i].value;
        if (item->type != ARRAS_NULL) {
            ar_add_pair_name(buf, how, array ? name : ar_member_name(&value->members[i]));
            add_value(buf, item, how->escape);
        }
    }
}

/* name[a][b]=...; `name` holds what is before, and again when it returns. */
static void add_deep(struct ar_buf *buf, const struct ar_serialization *how, struct ar_buf *name,
                     const struct arras_value *value, unsigned depth)
{
    if (depth > AR_NESTING_DEPTH) {
        buf->status = ARRAS_LIMIT;
        return;
    }
    if (!is_compound(value)) {
        if (value->type != ARRAS_NULL) {
            ar_add_pair_name(buf, how, ar_buf_str(name));
            add_value(buf, value, how->escape);
        }
        return;
    }
    size_t len = name->len;
    for (uint32_t i = 0; i < value->count && !ar_buf_status(buf); i++) {
        bool array = value->type == ARRAS_ARRAY;
        if (array) {
            ar_buf_printf(name, "[%u]", (unsigned)i);
        } else {
            ar_buf_add_char(name, '[');
            ar_buf_add_str(name, ar_member_name(&value->members[i]));
            ar_buf_add_char(name, ']');
        }
        add_deep(buf, how, name, array ? &value->items[i] : &value->members[i].value, depth + 1);
        ar_buf_cut(name, len);
    }
}

static void add_deep_style(struct ar_buf *buf, const struct ar_serialization *how,
                           struct arras_str name, const struct arras_value *value)
{
    struct ar_buf path;
    ar_buf_init(&path, AR_REQUEST_BODY);
    ar_buf_add_str(&path, name);
    add_deep(buf, how, &path, value, 0);
    if (ar_buf_status(&path)) {
        buf->status = ar_buf_status(&path);
    }
    ar_buf_release(&path);
}

void ar_serialize(struct ar_buf *buf, const struct ar_serialization *how, struct arras_str name,
                  const struct arras_value *value)
{
    if (ar_is_undefined(value)) {
        return;
    }
    switch (how->style) {
    case AR_STYLE_SIMPLE:
        if (is_compound(value)) {
            add_joined(buf, how, value, how->explode);
        } else {
            add_value(buf, value, how->escape);
        }
        break;
    case AR_STYLE_LABEL:
        add_label(buf, how, value);
        break;
    case AR_STYLE_MATRIX:
        add_matrix(buf, how, name, value);
        break;
    case AR_STYLE_FORM:
        add_form_style(buf, how, name, value);
        break;
    case AR_STYLE_DEEP:
        add_deep_style(buf, how, name, value);
        break;
    }
}

static const struct {
    const char *name;
    enum ar_style style;
    char delimiter;
} styles[] = {{"simple", AR_STYLE_SIMPLE, ','},       {"label", AR_STYLE_LABEL, ','},
              {"matrix", AR_STYLE_MATRIX, ','},       {"form", AR_STYLE_FORM, ','},
              {"spaceDelimited", AR_STYLE_FORM, ' '}, {"pipeDelimited", AR_STYLE_FORM, '|'},
              {"deepObject", AR_STYLE_DEEP, ','},     {"cookie", AR_STYLE_FORM, ','}};

static bool is_true(const struct arras_value *value)
{
    return ar_is(value, ARRAS_BOOL) && value->boolean;
}

/* Swagger 2.0: collectionFormat, csv where there is none. */
static void read_collection_format(struct arras_str format, struct ar_serialization *how)
{
    how->explode = ar_str_is(format, "multi");
    if (ar_str_is(format, "ssv")) {
        how->delimiter = ' ';
    } else if (ar_str_is(format, "tsv")) {
        how->delimiter = '\t';
    } else if (ar_str_is(format, "pipes")) {
        how->delimiter = '|';
    }
}

/* A cookie that nothing describes is more often a token, taken from elsewhere, than text. */
static enum ar_escape cookie_escape(const struct arras_value *object, struct arras_str style)
{
    if (ar_str_is(style, "cookie")) {
        return AR_ESCAPE_NONE;
    }
    if (!object) {
        return AR_ESCAPE_COOKIE;
    }
    return is_true(ar_get_z(object, "allowReserved")) ? AR_ESCAPE_COOKIE_RESERVED : AR_ESCAPE_ALL;
}

struct ar_serialization ar_serialization_of(const struct arras_value *object,
                                            enum ar_parameter_in in)
{
    bool pairs = in == AR_IN_QUERY || in == AR_IN_COOKIE;
    struct ar_serialization how = {.style = pairs ? AR_STYLE_FORM : AR_STYLE_SIMPLE,
                                   .explode = pairs,
                                   .delimiter = ',',
                                   .escape = AR_ESCAPE_ALL,
                                   .between = in == AR_IN_COOKIE ? "; " : "&"};
    struct arras_str style = ar_text(ar_get_z(object, "style"));
    for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++) {
        if (ar_str_is(style, styles[i].name)) {
            how.style = styles[i].style;
            how.delimiter = styles[i].delimiter;
            how.explode = how.style == AR_STYLE_FORM && how.delimiter == ',';
        }
    }
    bool fits = (how.style == AR_STYLE_FORM || how.style == AR_STYLE_DEEP) == pairs;
    if (!fits ||
        (in == AR_IN_HEADER && how.style != AR_STYLE_SIMPLE)) { /* no style of that place */
        how.style = pairs ? AR_STYLE_FORM : AR_STYLE_SIMPLE;
        how.delimiter = ',';
        how.explode = pairs;
    }
    const struct arras_value *explode = ar_get_z(object, "explode");
    if (explode) {
        how.explode = is_true(explode);
    }
    const struct arras_value *format = ar_get_z(object, "collectionFormat");
    if (format || (object && !style.len && ar_get_z(object, "type"))) {
        read_collection_format(ar_text(format), &how);
    }
    if (in == AR_IN_HEADER) {
        how.escape = AR_ESCAPE_NONE;
    } else if (in == AR_IN_COOKIE) {
        how.escape = cookie_escape(object, style);
    } else if (is_true(ar_get_z(object, "allowReserved"))) {
        how.escape = AR_ESCAPE_RESERVED;
    }
    return how;
}
