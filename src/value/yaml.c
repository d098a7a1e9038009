/* libfyaml's events are turned into values as they come, one event at a time; its document tree is
 * never built. */
#include "value/yaml.h"
#include "base/limits.h"
#include "base/map.h"
#include "value/members.h"
#include "value/yaml_scalar.h"
#include "value/yaml_text.h"
#include <libfyaml.h>

/* What has been read of one node. */
struct node {
    struct arras_value value;
    struct arras_str text; /* of a scalar, as a name would have it */
    uint64_t nodes;        /* itself and all within, aliases expanded */
    unsigned height;       /* levels of containers */
};

struct anchor {
    struct node node;
    bool complete; /* false while its own content is being read */
};

struct reader {
    const struct ar_source *source;
    const struct ar_yaml_text *text;
    struct ar_arena *arena;
    struct ar_diags *diags;
    struct fy_parser *parser;
    struct fy_event *event; /* the current one */
    enum arras_status status;
    bool refused; /* by libfyaml, for what stands in message, at refused_at in text */
    size_t refused_at;
    char message[160];
    size_t behind; /* offset in text behind the last thing that had a place */
    struct ar_seed seed;
    struct ar_stack stack; /* items of open sequences, members of open mappings */
    unsigned depth;
    struct ar_map anchors;
    uint64_t alias_nodes;
    size_t merge_at;              /* of the first `<<` key, else AR_NOT_FOUND */
    struct arras_str foreign_tag; /* the first one that JSON's model lacks, */
    size_t foreign_at;            /* and the value that it stands before; AR_NOT_FOUND: none */
};

/* These return false with the status set, and move from event to event: on return the current one
 * is the last of the node. */
static bool read_node(struct reader *r, struct node *ret);

static bool failed(struct reader *r, enum arras_status status)
{
    r->status = status;
    return false;
}

#define FAIL(r, at, status, code, ...)                                                             \
    failed((r), ar_error((r)->diags, (status), (code), (r)->source, (at), __VA_ARGS__))

static bool no_memory(struct reader *r)
{
    r->status = ar_no_memory(r->diags);
    return false;
}

/* Offset of a place that libfyaml gives by line and column (from 1, in characters). */
static size_t offset_of(struct arras_str text, int line, int column)
{
    size_t at = 0;
    for (int i = 1; i < line && at < text.len; i++) {
        size_t end = ar_str_find_char(text, '\n', at);
        at = end == AR_NOT_FOUND ? text.len : end + 1;
    }
    for (int i = 1; i < column && at < text.len && text.ptr[at] != '\n'; i++) {
        at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80) {
            at++;
        }
    }
    return at;
}

static void take_refusal(struct reader *r, struct fy_diag *diag)
{
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
    r->refused = true;
    r->status = ARRAS_SYNTAX;
    r->refused_at = r->behind;
    snprintf(r->message, sizeof(r->message), "%s",
             error && error->msg ? error->msg : "this is no YAML");
    const struct fy_mark *mark = error && error->fyt ? fy_token_start_mark(error->fyt) : NULL;
    if (mark) {
        r->refused_at = mark->input_pos;
    } else if (error && error->line > 0) {
        r->refused_at = offset_of(r->text->text, error->line, error->column);
    }
}

/* To the next event. */
static bool advance(struct reader *r)
{
    if (r->event) {
        fy_parser_event_free(r->parser, r->event);
    }
    r->event = fy_parser_parse(r->parser);
    if (!r->event) {
        struct fy_diag *diag = fy_parser_get_diag(r->parser);
        take_refusal(r, diag);
        fy_diag_unref(diag);
    }
    return r->event != NULL;
}

static uint32_t place_of(const struct reader *r, size_t at)
{
    return (uint32_t)ar_yaml_text_place(r->text, at);
}

/* Where the current event begins, in the text. */
static size_t event_at(struct reader *r)
{
    const struct fy_mark *mark = fy_event_start_mark(r->event);
    if (!mark) {
        return r->behind; /* an empty node */
    }
    const struct fy_mark *end = fy_event_end_mark(r->event);
    r->behind = end ? end->input_pos : mark->input_pos;
    return mark->input_pos;
}

/* The text of a token as long-lived: borrowed where it lies in the text itself. */
static bool keep_text(struct reader *r, struct fy_token *token, struct arras_str *ret)
{
    size_t len = 0;
    const char *text = fy_token_get_text(token, &len);
    const char *start = r->text->text.ptr, *end = start + r->text->text.len;
    if (!text) {
        return no_memory(r);
    }
    if (text >= start && text <= end) {
        *ret = (struct arras_str){text, len};
        return true;
    }
    return ar_str_copy((struct arras_str){text, len}, r->arena, ret) || no_memory(r);
}

static bool holds_any(struct arras_str s, const char *two)
{
    return ar_str_find_char(s, two[0], 0) != AR_NOT_FOUND ||
           ar_str_find_char(s, two[1], 0) != AR_NOT_FOUND;
}

/* Whether the scalar means just what stands in the text, so that libfyaml need not make a copy. */
static bool is_literal(struct arras_str slice, enum fy_scalar_style style)
{
    switch (style) {
    case FYSS_PLAIN:
        return !holds_any(slice, "\n\r");
    case FYSS_SINGLE_QUOTED:
        return !holds_any(slice, "\n\r") && ar_str_find_char(slice, '\'', 0) == AR_NOT_FOUND;
    case FYSS_DOUBLE_QUOTED:
        return !holds_any(slice, "\n\r") && ar_str_find_char(slice, '\\', 0) == AR_NOT_FOUND;
    default:
        return false;
    }
}

struct scalar {
    struct arras_str text;
    size_t at; /* in the text: of its quote, or first character */
    bool plain;
};

static size_t scalar_place(const struct reader *r, size_t from, size_t to,
                           enum fy_scalar_style style)
{
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) {
        return from ? from - 1 : 0;
    }
    const char *text = r->text->text.ptr;
    while (from < to && memchr(" \t\r\n", text[from], 4)) { /* the indentation of a block */
        from++;
    }
    return from;
}

static bool take_scalar(struct reader *r, struct scalar *ret)
{
    struct fy_token *token = r->event->scalar.value;
    size_t from = event_at(r), to = r->behind;
    if (!token) {
        *ret = (struct scalar){.at = from, .plain = true};
        return true;
    }
    enum fy_scalar_style style = fy_token_scalar_style(token);
    struct arras_str slice = ar_str_sub(r->text->text, from, to);
    *ret = (struct scalar){
        .text = slice, .at = scalar_place(r, from, to, style), .plain = style == FYSS_PLAIN};
    if (is_literal(slice, style)) {
        return true;
    }
    bool block = style == FYSS_LITERAL || style == FYSS_FOLDED;
    if (block && ret->at < to && !ar_yaml_text_is_indented(r->text, ret->at)) {
        return FAIL(r, place_of(r, ret->at), ARRAS_SYNTAX, "yaml-syntax",
                    "the text of a block must be indented deeper than what it belongs to");
    }
    return keep_text(r, token, &ret->text);
}

/* The anchor of the current event, NULL where it has none; false when memory ran out. */
static bool open_anchor(struct reader *r, struct anchor **ret)
{
    struct fy_token *token = fy_event_get_anchor_token(r->event);
    struct arras_str name;
    *ret = NULL;
    if (!token) {
        return true;
    }
    struct anchor *anchor = ar_new(r->arena, struct anchor);
    if (!anchor || !keep_text(r, token, &name) ||
        !ar_map_set(&r->anchors, r->arena, name, anchor)) {
        return no_memory(r);
    }
    *ret = anchor;
    return true;
}

static void close_anchor(struct anchor *anchor, const struct node *node)
{
    if (anchor) {
        anchor->node = *node;
        anchor->complete = true;
    }
}

static bool read_alias(struct reader *r, struct node *ret)
{
    size_t behind_star = event_at(r), at = place_of(r, behind_star ? behind_star - 1 : 0);
    struct arras_str name;
    if (!keep_text(r, r->event->alias.anchor, &name)) {
        return false;
    }
    const struct anchor *anchor = ar_map_get(&r->anchors, name);
    if (!anchor) {
        return FAIL(r, at, ARRAS_SYNTAX, "yaml-alias", "the alias *%.*s has no anchor before it",
                    AR_STR_ARG(name));
    }
    if (!anchor->complete) {
        return FAIL(r, at, ARRAS_SYNTAX, "yaml-alias", "the alias *%.*s stands within itself",
                    AR_STR_ARG(name));
    }
    r->alias_nodes += anchor->node.nodes;
    if (r->alias_nodes > AR_ALIAS_NODES) {
        return FAIL(r, at, ARRAS_LIMIT, "alias-limit", "aliases add more than %d values",
                    AR_ALIAS_NODES);
    }
    if (r->depth + anchor->node.height > AR_NESTING_DEPTH) {
        return FAIL(r, at, ARRAS_LIMIT, "nesting-limit",
                    "nested more than %d levels deep by the alias *%.*s", AR_NESTING_DEPTH,
                    AR_STR_ARG(name));
    }
    *ret = anchor->node;
    ret->value.at = (uint32_t)at;
    return true;
}

static void note_tag(struct reader *r, struct arras_str tag, size_t at)
{
    if (r->foreign_at == AR_NOT_FOUND && !ar_yaml_tag_known(tag)) {
        r->foreign_tag = tag;
        r->foreign_at = at;
    }
}

/* The tag of a node that is no value by itself; NULL: it has none. */
static bool take_tag(struct reader *r, struct fy_token *token, size_t at)
{
    struct arras_str tag;
    if (token && !keep_text(r, token, &tag)) {
        return false;
    }
    if (token) {
        note_tag(r, tag, at);
    }
    return true;
}

static bool resolve(struct reader *r, const struct scalar *scalar, struct arras_value *ret)
{
    struct fy_token *token = r->event->scalar.tag;
    struct arras_str tag = {0};
    enum arras_status status;
    if (token) {
        if (!keep_text(r, token, &tag)) {
            return false;
        }
        note_tag(r, tag, place_of(r, scalar->at));
        status = ar_yaml_tagged(tag, scalar->text, scalar->plain, r->arena, ret);
    } else if (scalar->plain) {
        status = ar_yaml_plain(scalar->text, r->arena, ret);
    } else {
        *ret = ar_string(scalar->text);
        status = ARRAS_OK;
    }
    ret->at = place_of(r, scalar->at);
    if (status == ARRAS_NO_MEMORY) {
        return no_memory(r);
    }
    if (status == ARRAS_LIMIT) {
        FAIL(r, ret->at, ARRAS_LIMIT, "number-limit",
             "a number of more than %d digits of this kind", AR_RADIX_DIGITS);
        ar_hint(r->diags, "if it is no number, put it in quotes");
    } else if (status) {
        return FAIL(r, ret->at, ARRAS_SYNTAX, "yaml-tag", "this is not what its tag %.*s says",
                    AR_STR_ARG(tag));
    }
    return status == ARRAS_OK;
}

static bool read_scalar(struct reader *r, struct node *ret)
{
    struct scalar scalar;
    struct anchor *anchor;
    *ret = (struct node){.nodes = 1};
    if (!take_scalar(r, &scalar) || !open_anchor(r, &anchor) || !resolve(r, &scalar, &ret->value)) {
        return false;
    }
    ret->text = scalar.text;
    close_anchor(anchor, ret);
    return true;
}

/* The current event as the name of a member. */
static bool read_name(struct reader *r, struct ar_member *ret)
{
    struct node node;
    if (r->event->type != FYET_SCALAR && r->event->type != FYET_ALIAS) {
        FAIL(r, place_of(r, event_at(r)), ARRAS_SYNTAX, "yaml-key",
             "a mapping or sequence as a key, which has no place in JSON's model");
        ar_hint(r->diags, "if this is a placeholder such as {{name}}, put it in quotes");
        return false;
    }
    if (r->event->type == FYET_ALIAS) {
        if (!read_alias(r, &node)) {
            return false;
        }
        if (node.height) {
            return FAIL(r, node.value.at, ARRAS_SYNTAX, "yaml-key",
                        "an alias of a mapping or sequence as a key");
        }
    } else if (fy_event_get_anchor_token(r->event)) {
        if (!read_scalar(r, &node)) {
            return false;
        }
    } else {
        struct scalar scalar;
        if (!take_scalar(r, &scalar)) {
            return false;
        }
        node.text = scalar.text;
        node.value.at = place_of(r, scalar.at);
        if (!take_tag(r, r->event->scalar.tag, node.value.at)) {
            return false;
        }
        if (scalar.plain && ar_str_is(scalar.text, "<<") && r->merge_at == AR_NOT_FOUND) {
            r->merge_at = node.value.at;
        }
    }
    *ret = (struct ar_member){
        .name_text = node.text.ptr, .name_len = (uint32_t)node.text.len, .at = node.value.at};
    return true;
}

static bool read_child(struct reader *r, struct node *parent, struct arras_value *ret)
{
    struct node child;
    if (!read_node(r, &child)) {
        return false;
    }
    parent->nodes += child.nodes;
    parent->height = child.height >= parent->height ? child.height + 1 : parent->height;
    *ret = child.value;
    return true;
}

static bool read_items(struct reader *r, struct node *ret)
{
    while (advance(r) && r->event->type != FYET_SEQUENCE_END) {
        struct arras_value item;
        if (!read_child(r, ret, &item)) {
            return false;
        }
        struct arras_value *slot = ar_stack_push(&r->stack, sizeof(item));
        if (!slot) {
            return no_memory(r);
        }
        *slot = item;
    }
    return r->event != NULL;
}

static bool read_members(struct reader *r, struct node *ret)
{
    while (advance(r) && r->event->type != FYET_MAPPING_END) {
        struct ar_member member;
        if (!read_name(r, &member) || !advance(r) || !read_child(r, ret, &member.value)) {
            return false;
        }
        struct ar_member *slot = ar_stack_push(&r->stack, sizeof(member));
        if (!slot) {
            return no_memory(r);
        }
        *slot = member;
    }
    return r->event != NULL;
}

static bool read_container(struct reader *r, struct node *ret)
{
    bool mapping = r->event->type == FYET_MAPPING_START;
    struct anchor *anchor;
    *ret = (struct node){.nodes = 1, .height = 1};
    ret->value.type = mapping ? ARRAS_OBJECT : ARRAS_ARRAY;
    ret->value.at = place_of(r, event_at(r));
    struct fy_token *tag = mapping ? r->event->mapping_start.tag : r->event->sequence_start.tag;
    if (!take_tag(r, tag, ret->value.at)) {
        return false;
    }
    if (r->depth == AR_NESTING_DEPTH) {
        return FAIL(r, ret->value.at, ARRAS_LIMIT, "nesting-limit",
                    "nested more than %d levels deep", AR_NESTING_DEPTH);
    }
    r->depth++;
    size_t base = r->stack.used;
    if (!open_anchor(r, &anchor) || !(mapping ? read_members(r, ret) : read_items(r, ret))) {
        return false;
    }
    r->depth--;
    r->status = ar_members_close_unique(&r->stack, base, r->arena, &r->seed, r->source, r->diags,
                                        &ret->value);
    event_at(r);
    close_anchor(anchor, ret);
    return r->status == ARRAS_OK;
}

static bool read_node(struct reader *r, struct node *ret)
{
    switch (r->event->type) {
    case FYET_SCALAR:
        return read_scalar(r, ret);
    case FYET_ALIAS:
        return read_alias(r, ret);
    default:
        return read_container(r, ret);
    }
}

/* Stream start, one document or none, stream end. */
static bool read_stream(struct reader *r, struct arras_value *ret)
{
    struct node node = {.value = {.type = ARRAS_NULL}};
    if (!advance(r) || !advance(r)) {
        return false;
    }
    if (r->event->type == FYET_DOCUMENT_START) {
        event_at(r);
        if (!advance(r) || !read_node(r, &node) || !advance(r) || !advance(r)) {
            return false;
        }
    }
    if (r->event->type == FYET_DOCUMENT_START) {
        FAIL(r, place_of(r, event_at(r)), ARRAS_SYNTAX, "yaml-documents",
             "a second document, where there must be one");
        ar_hint(r->diags, "split the file, or remove the line '---'");
        return false;
    }
    *ret = node.value;
    return true;
}

/* One try with one text. */
static enum arras_status attempt(struct reader *r, struct arras_value *ret)
{
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    quiet.level = FYET_ERROR;
    struct fy_diag *diag = fy_diag_create(&quiet);
    if (!diag) {
        return ar_no_memory(r->diags);
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_DISABLE_DEPTH_LIMIT |
                                           FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
                                  .diag = diag};
    r->parser = fy_parser_create(&config);
    if (!r->parser || fy_parser_set_string(r->parser, r->text->text.ptr, r->text->text.len)) {
        r->status = ar_no_memory(r->diags);
    } else if (!read_stream(r, ret) && !r->status) {
        r->status = ARRAS_SYNTAX;
    }
    if (r->event) {
        fy_parser_event_free(r->parser, r->event);
    }
    if (r->parser) {
        fy_parser_destroy(r->parser);
    }
    fy_diag_destroy(diag);
    ar_stack_release(&r->stack);
    return r->status;
}

/* The message is libfyaml's; what to do about the commonest is ours. */
static void report(const struct reader *r)
{
    size_t at = place_of(r, r->refused_at);
    struct arras_str text = r->source->text;
    ar_error(r->diags, ARRAS_SYNTAX, "yaml-syntax", r->source, at, "%s", r->message);
    char there = at < text.len ? text.ptr[at] : '\0';
    if (there == '@' || there == '`' || there == '%') {
        ar_hint(r->diags, "a value that begins with '%c' must be quoted", there);
    } else if (there == '\t') {
        ar_hint(r->diags, "YAML is indented with spaces, not tabs");
    } else if (ar_yaml_text_is_mendable(r->text, r->refused_at)) {
        ar_hint(r->diags, "write '- ~' for the empty item before this place");
    } else if (strstr(r->message, "on the same line")) {
        ar_hint(r->diags, "if all of it is one value, put it in quotes");
    }
}

enum arras_status ar_yaml_read(const struct ar_source *source, struct ar_arena *arena,
                               struct ar_diags *diags, struct arras_value *ret)
{
    if (source->text.len >= UINT32_MAX) {
        return ar_error(diags, ARRAS_LIMIT, "size-limit", source, 0,
                        "a text of %zu bytes is too large", source->text.len);
    }
    struct ar_yaml_text text = {.text = source->text.len ? source->text : AR_STR("")};
    struct reader r;
    struct arras_value value;
    enum arras_status status = ar_yaml_text_check(source, diags);
    if (status) {
        return status;
    }
    bool again;
    do {
        again = false;
        r = (struct reader){.source = source,
                            .text = &text,
                            .arena = arena,
                            .diags = diags,
                            .merge_at = AR_NOT_FOUND,
                            .foreign_at = AR_NOT_FOUND};
        status = attempt(&r, &value);
        if (r.refused) {
            status = ar_yaml_text_mend(&text, r.refused_at, arena, &again);
            status = status ? ar_no_memory(diags) : ARRAS_SYNTAX;
        }
    } while (again && status == ARRAS_SYNTAX);
    if (r.refused && status == ARRAS_SYNTAX) {
        report(&r);
    } else if (!status) {
        *ret = value;
    }
    if (!status && r.merge_at != AR_NOT_FOUND) {
        ar_warning(diags, "yaml-merge-key", source, r.merge_at,
                   "'<<' is a name like any other: YAML 1.2 has no merge keys");
        ar_hint(diags, "write the members themselves");
    }
    if (!status && r.foreign_at != AR_NOT_FOUND) {
        ar_warning(diags, "yaml-tag", source, r.foreign_at,
                   "the tag '%.*s' is none of JSON's; it is passed over",
                   AR_STR_ARG(r.foreign_tag));
        ar_hint(diags, "remove it: the tags are !!map, !!seq, !!str, !!null, !!bool, !!int, "
                       "!!float");
    }
    return status;
}
