/* What a validation tells: places, wording, and which of many errors comes first. */
#include "query/schema_run.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "value/pointer.h"

enum {
    STEPS_MOST = 2 * (AR_SCHEMA_DEPTH + 2), /* an application adds at most two */
    NAME_SHOWN = 60,
    SUBJECT_SHOWN = 160,
    STRING_SHOWN = 60,
    MESSAGE_SIZE = 8192
};

/* Cut to at most `most` bytes, not within a code point. */
static struct arras_str cut(struct arras_str text, size_t most)
{
    while (most < text.len && most > 0 && ((unsigned char)text.ptr[most] & 0xc0) == 0x80) {
        most--;
    }
    return ar_str_sub(text, 0, most);
}

static void add_shown(struct ar_buf *buf, struct arras_str text, size_t most)
{
    struct arras_str shown = cut(text, most);
    for (size_t i = 0; i < shown.len; i++) {
        unsigned char c = (unsigned char)shown.ptr[i];
        ar_buf_add_char(buf, c < ' ' || c == 0x7f ? '?' : shown.ptr[i]);
    }
    if (shown.len < text.len) {
        ar_buf_add_z(buf, "...");
    }
}

/* Places */

/* The steps from the root on; returns how many. */
static size_t unroll(const struct ar_schema_path *path, const struct ar_schema_path **steps)
{
    size_t count = 0;
    for (const struct ar_schema_path *step = path; step && count < STEPS_MOST;
         step = step->parent) {
        count++;
    }
    for (size_t i = count; i > 0; path = path->parent) {
        steps[--i] = path;
    }
    return count;
}

static void add_pointer(struct ar_buf *buf, const struct ar_schema_path *path)
{
    const struct ar_schema_path *steps[STEPS_MOST];
    size_t count = unroll(path, steps);
    for (size_t i = 0; i < count; i++) {
        if (steps[i]->step == AR_STEP_ITEM) {
            ar_buf_printf(buf, "/%zu", steps[i]->index);
        } else if (steps[i]->step == AR_STEP_MEMBER) {
            ar_pointer_add(buf, steps[i]->name);
        }
    }
}

/* user.tags[2] */
static void add_dotted(struct ar_buf *buf, const struct ar_schema_path *path)
{
    const struct ar_schema_path *steps[STEPS_MOST];
    size_t count = unroll(path, steps);
    for (size_t i = 0; i < count; i++) {
        if (steps[i]->step == AR_STEP_ITEM) {
            ar_buf_printf(buf, "[%zu]", steps[i]->index);
        } else {
            ar_buf_add_z(buf, i ? "." : "");
            add_shown(buf, steps[i]->name, NAME_SHOWN);
        }
    }
}

static void add_place(struct ar_buf *buf, const struct ar_schema_path *path)
{
    struct ar_buf dotted;
    ar_buf_init(&dotted, STEPS_MOST * (NAME_SHOWN + 24));
    add_dotted(&dotted, path);
    struct arras_str text = ar_buf_str(&dotted);
    ar_buf_add_char(buf, '\'');
    if (text.len > SUBJECT_SHOWN) {
        size_t from = text.len - SUBJECT_SHOWN;
        while (from < text.len && ((unsigned char)text.ptr[from] & 0xc0) == 0x80) {
            from++;
        }
        ar_buf_add_z(buf, "...");
        text = ar_str_from(text, from);
    }
    ar_buf_add_str(buf, text);
    ar_buf_add_char(buf, '\'');
    if (ar_buf_status(&dotted)) {
        buf->status = ar_buf_status(&dotted);
    }
    ar_buf_release(&dotted);
}

static void add_subject(struct ar_buf *buf, const struct ar_schema_path *path)
{
    if (!path) {
        ar_buf_add_z(buf, "the value");
    } else if (path->step == AR_STEP_NAME) {
        ar_buf_add_z(buf, "the name '");
        add_shown(buf, path->name, NAME_SHOWN);
        ar_buf_add_char(buf, '\'');
    } else {
        add_place(buf, path);
    }
}

/* Values */

/* Appends one byte as it stands in a JSON string; returns the new length. `out` has room. */
static size_t put_escaped(char *out, size_t len, char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(plain, c) : NULL;
    if (found) {
        out[len++] = '\\';
        out[len++] = letters[found - plain];
    } else if ((unsigned char)c < ' ' || c == 0x7f) {
        len += (size_t)snprintf(out + len, 7, "\\u%04x", (unsigned)(unsigned char)c);
    } else {
        out[len++] = c;
    }
    return len;
}

static void render_string(struct arras_str text, char *out, size_t size)
{
    enum { ESCAPE_SIZE = 6, AROUND = sizeof("\"\"...") + ESCAPE_SIZE };
    struct arras_str shown = cut(text, STRING_SHOWN);
    size_t len = 0, used = 0;
    out[len++] = '"';
    for (; used < shown.len && len + AROUND < size; used++) {
        len = put_escaped(out, len, shown.ptr[used]);
    }
    while (used < shown.len && used > 0 && ((unsigned char)shown.ptr[used] & 0xc0) == 0x80) {
        used--; /* not within a code point */
        len--;
    }
    snprintf(out + len, size - len, used < text.len ? "\"..." : "\"");
}

void ar_schema_render(const struct arras_value *value, char *out, size_t size)
{
    struct arras_str text = ar_text(value);
    const char *plural = value->count == 1 ? "" : "s";
    switch (value->type) {
    case ARRAS_STRING:
        render_string(text, out, size);
        break;
    case ARRAS_NUMBER:
        snprintf(out, size, "%.*s%s", AR_STR_ARG(ar_str_sub(text, 0, STRING_SHOWN)),
                 text.len > STRING_SHOWN ? "..." : "");
        break;
    case ARRAS_ARRAY:
        snprintf(out, size, value->count ? "an array of %u item%s" : "an empty array", value->count,
                 plural);
        break;
    case ARRAS_OBJECT:
        snprintf(out, size, value->count ? "an object of %u member%s" : "an empty object",
                 value->count, plural);
        break;
    case ARRAS_BOOL:
        snprintf(out, size, "%s", value->boolean ? "true" : "false");
        break;
    default:
        snprintf(out, size, "null");
        break;
    }
}

static void add_found(struct ar_buf *buf, const struct arras_value *value)
{
    char found[256];
    ar_schema_render(value, found, sizeof(found));
    ar_buf_add_z(buf, ", it is ");
    ar_buf_add_z(buf, found);
}

/* Noting */

static unsigned path_depth(const struct ar_schema_path *path)
{
    unsigned depth = 0;
    for (; path; path = path->parent) {
        depth++;
    }
    return depth;
}

static enum arras_status pointer_text(struct ar_schema_run *run, const struct ar_schema_path *path,
                                      struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    add_pointer(&buf, path);
    enum arras_status status = ar_buf_copy(&buf, run->arena, ret);
    ar_buf_release(&buf);
    return status;
}

static bool is_wanted(struct ar_schema_run *run, const struct ar_schema_site *site)
{
    return site->problems && !run->status && site->problems->list.count < AR_SCHEMA_ERRORS &&
           run->made++ < AR_SCHEMA_PROBLEMS;
}

/* Completes the problem with its places and the message in `buf`, which is released. */
static bool keep(struct ar_schema_run *run, const struct ar_schema_site *site,
                 const struct ar_schema_keyword *keyword, const struct ar_schema_path *where,
                 struct ar_schema_problem *problem, struct ar_buf *buf)
{
    struct ar_schema_path last = {.parent = site->schema_path, .step = AR_STEP_MEMBER};
    const struct ar_schema_path *schema_path = site->schema_path;
    struct ar_schema_error *error = &problem->error;
    error->schema = keyword ? keyword->value : site->node->value;
    error->source = site->node->resource->document->source;
    problem->keyword = keyword ? keyword->id : AR_KEYWORD_COUNT;
    problem->depth = path_depth(where);
    if (keyword) {
        last.name = ar_str_z(ar_schema_rules[keyword->id].name);
        schema_path = &last;
    }
    enum arras_status status = ar_buf_copy(buf, run->arena, &error->message);
    ar_buf_release(buf);
    if (!status) {
        status = pointer_text(run, where, &error->instance_path);
    }
    if (!status) {
        status = pointer_text(run, schema_path, &error->schema_path);
    }
    if (!status && !ar_vec_push(run->arena, &site->problems->list, *problem)) {
        status = ARRAS_NO_MEMORY;
    }
    run->status = run->status ? run->status : status;
    return false;
}

bool ar_schema_note(struct ar_schema_run *run, const struct ar_schema_site *site,
                    const struct ar_schema_keyword *keyword, enum ar_schema_rank rank, bool found,
                    const char *format, ...)
{
    if (!is_wanted(run, site)) {
        return false;
    }
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct ar_buf buf;
    ar_buf_init(&buf, MESSAGE_SIZE);
    add_subject(&buf, site->instance_path);
    ar_buf_add_char(&buf, ' ');
    ar_buf_add_z(&buf, text);
    if (found) {
        add_found(&buf, site->instance);
    }
    struct ar_schema_problem problem = {.error.instance = site->instance, .rank = rank};
    return keep(run, site, keyword, site->instance_path, &problem, &buf);
}

bool ar_schema_note_types(struct ar_schema_run *run, const struct ar_schema_site *site,
                          const struct ar_schema_keyword *keyword, unsigned types)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
        {AR_BIT(ARRAS_STRING), "a string"}, {AR_BIT_INTEGER, "a whole number"},
        {AR_BIT(ARRAS_NUMBER), "a number"}, {AR_BIT(ARRAS_BOOL), "true or false"},
        {AR_BIT(ARRAS_ARRAY), "an array"},  {AR_BIT(ARRAS_OBJECT), "an object"},
        {AR_BIT(ARRAS_NULL), "null"},
    };
    if (!is_wanted(run, site)) {
        return false;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, MESSAGE_SIZE);
    add_subject(&buf, site->instance_path);
    unsigned left = types & AR_BIT(ARRAS_NUMBER) ? types & ~AR_BIT_INTEGER : types;
    const char *before = " must be ";
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (left & names[i].bit) {
            left &= ~names[i].bit;
            ar_buf_printf(&buf, "%s%s", before, names[i].name);
            before = left & (left - 1) ? ", " : " or ";
        }
    }
    add_found(&buf, site->instance);
    struct ar_schema_problem problem = {.error.instance = site->instance, .types = types};
    return keep(run, site, keyword, site->instance_path, &problem, &buf);
}

bool ar_schema_note_missing(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword, struct arras_str name,
                            const struct arras_str *because)
{
    if (!is_wanted(run, site)) {
        return false;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, MESSAGE_SIZE);
    ar_buf_add_z(&buf, "the member '");
    add_shown(&buf, name, NAME_SHOWN);
    ar_buf_add_char(&buf, '\'');
    if (site->instance_path) {
        ar_buf_add_z(&buf, " of ");
        add_subject(&buf, site->instance_path);
    }
    ar_buf_add_z(&buf, " is missing");
    if (because) {
        ar_buf_add_z(&buf, ", it is needed beside '");
        add_shown(&buf, *because, NAME_SHOWN);
        ar_buf_add_char(&buf, '\'');
    }
    struct ar_schema_problem problem = {.error.instance = site->instance};
    return keep(run, site, keyword, site->instance_path, &problem, &buf);
}

bool ar_schema_note_surplus(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword,
                            const struct ar_schema_path *path, const struct arras_value *value)
{
    if (!is_wanted(run, site)) {
        return false;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, MESSAGE_SIZE);
    add_subject(&buf, path);
    ar_buf_add_z(&buf, " is not allowed");
    struct ar_schema_problem problem = {.error.instance = value, .rank = AR_RANK_SURPLUS};
    return keep(run, site, keyword, path, &problem, &buf);
}

/* Alternatives */

struct closeness {
    int fit;        /* how much speaks for this being the alternative that was meant */
    unsigned depth; /* of the deepest problem */
    size_t count;
};

/* The types that the alternative wants here, 0 where its type is not what fails. */
static unsigned wanted_types(const struct ar_schema_problems *problems, unsigned depth)
{
    for (size_t i = 0; i < problems->list.count; i++) {
        const struct ar_schema_problem *problem = &problems->list.items[i];
        if (problem->keyword == AR_KEYWORD_TYPE && problem->depth == depth) {
            return problem->types;
        }
    }
    return 0;
}

static struct closeness measure(const struct ar_schema_problems *problems, unsigned depth)
{
    struct closeness found = {.fit = 3, .count = problems->list.count};
    if (problems->list.count == 0) {
        return (struct closeness){.fit = -1};
    }
    for (size_t i = 0; i < problems->list.count; i++) {
        const struct ar_schema_problem *problem = &problems->list.items[i];
        bool fixed = problem->keyword == AR_KEYWORD_CONST || problem->keyword == AR_KEYWORD_ENUM;
        int fit = 3;
        if (problem->depth == depth && problem->keyword == AR_KEYWORD_TYPE) {
            fit = 0;
        } else if (fixed && problem->depth <= depth + 1) {
            fit = problem->depth == depth ? 1 : 2; /* a member like "kind" tells them apart */
        }
        found.fit = fit < found.fit ? fit : found.fit;
        found.depth = problem->depth > found.depth ? problem->depth : found.depth;
    }
    return found;
}

static bool is_closer(const struct closeness *a, const struct closeness *b)
{
    if (a->fit != b->fit) {
        return a->fit > b->fit;
    }
    return a->depth != b->depth ? a->depth > b->depth : a->count < b->count;
}

static void take_over(struct ar_schema_run *run, const struct ar_schema_site *site,
                      const struct ar_schema_problems *from)
{
    for (size_t i = 0; i < from->list.count && site->problems->list.count < AR_SCHEMA_ERRORS; i++) {
        if (!ar_vec_push(run->arena, &site->problems->list, from->list.items[i])) {
            run->status = ARRAS_NO_MEMORY;
            return;
        }
    }
}

bool ar_schema_note_alternatives(struct ar_schema_run *run, const struct ar_schema_site *site,
                                 const struct ar_schema_keyword *keyword,
                                 const struct ar_schema_problems *alternatives)
{
    unsigned depth = path_depth(site->instance_path), types = 0;
    bool only_types = true;
    struct closeness closest = {.fit = -1};
    size_t best = 0;
    for (size_t i = 0; i < keyword->count; i++) {
        unsigned wanted = wanted_types(&alternatives[i], depth);
        struct closeness found = measure(&alternatives[i], depth);
        types |= wanted;
        only_types = only_types && wanted;
        if (i == 0 || is_closer(&found, &closest)) {
            closest = found;
            best = i;
        }
    }
    if (only_types) {
        return ar_schema_note_types(run, site, keyword, types);
    }
    take_over(run, site, &alternatives[best]);
    return ar_schema_note(run, site, keyword, AR_RANK_SUMMARY, false,
                          "fits none of the %zu alternatives under '%s'", keyword->count,
                          ar_schema_rules[keyword->id].name);
}

/* Reporting */

enum arras_status ar_schema_report(struct ar_schema_run *run,
                                   const struct ar_schema_problems *problems,
                                   struct ar_schema_result *ret)
{
    for (int rank = AR_RANK_PLAIN; rank <= AR_RANK_SUMMARY; rank++) {
        for (size_t i = 0; i < problems->list.count; i++) {
            const struct ar_schema_problem *problem = &problems->list.items[i];
            if ((int)problem->rank == rank &&
                !ar_vec_push(run->arena, &ret->errors, problem->error)) {
                return ARRAS_NO_MEMORY;
            }
        }
    }
    return ARRAS_OK;
}
