#include "arazzo/expression.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/pointer.h"

enum root_shape {
    SHAPE_BARE,    /* $url */
    SHAPE_MESSAGE, /* $request.body#/a, $response.header.X */
    SHAPE_NAMES,   /* $inputs.a, also $inputs alone */
    SHAPE_OWNER    /* $steps.id..., $workflows.id..., $sourceDescriptions.name... */
};

static const struct {
    const char *name;
    enum ar_root root;
    enum root_shape shape;
} roots[] = {
    {"url", AR_ROOT_URL, SHAPE_BARE},
    {"method", AR_ROOT_METHOD, SHAPE_BARE},
    {"statusCode", AR_ROOT_STATUS_CODE, SHAPE_BARE},
    {"request", AR_ROOT_REQUEST, SHAPE_MESSAGE},
    {"response", AR_ROOT_RESPONSE, SHAPE_MESSAGE},
    {"inputs", AR_ROOT_INPUTS, SHAPE_NAMES},
    {"outputs", AR_ROOT_OUTPUTS, SHAPE_NAMES},
    {"components", AR_ROOT_COMPONENTS, SHAPE_NAMES},
    {"steps", AR_ROOT_STEPS, SHAPE_OWNER},
    {"workflows", AR_ROOT_WORKFLOWS, SHAPE_OWNER},
    {"self", AR_ROOT_SELF, SHAPE_BARE},
    {"message", AR_ROOT_MESSAGE, SHAPE_MESSAGE},
    {"sourceDescriptions", AR_ROOT_SOURCE_DESCRIPTIONS, SHAPE_OWNER},
};

static const struct {
    const char *name;
    enum ar_message_part part;
} parts[] = {
    {"header", AR_PART_HEADER}, {"headers", AR_PART_HEADER}, {"query", AR_PART_QUERY},
    {"path", AR_PART_PATH},     {"body", AR_PART_BODY},      {"payload", AR_PART_BODY},
};

enum { ROOT_COUNT = sizeof(roots) / sizeof(*roots), PART_COUNT = sizeof(parts) / sizeof(*parts) };

bool ar_is_root(struct arras_str name)
{
    for (size_t i = 0; i < ROOT_COUNT; i++) {
        if (ar_str_is(name, roots[i].name)) {
            return true;
        }
    }
    return false;
}

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static size_t name_run(struct arras_str text, size_t from)
{
    while (from < text.len && is_name_char(text.ptr[from])) {
        from++;
    }
    return from;
}

/* The declared names that may follow at some point of an expression. */
struct names {
    const struct ar_workflow *workflow;
    enum ar_root root;
    enum ar_extent extent;
    const struct ar_step *step; /* of AR_ROOT_STEPS, behind ".outputs" */
    const struct ar_workflow *called;
    size_t longest;
};

/* Whether the name stands at `from` and ends there; within other text a hyphen may follow, which
 * belongs to that ("$inputs.day-$inputs.hour"). */
static void offer(struct names *names, struct arras_str text, size_t from, struct arras_str name)
{
    size_t end = from + name.len;
    bool stands = name.len > names->longest && text.len >= end &&
                  memcmp(text.ptr + from, name.ptr, name.len) == 0;
    if (stands && (end == text.len || !is_name_char(text.ptr[end]) ||
                   (names->extent == AR_EXTENT_TEXT && text.ptr[end] == '-'))) {
        names->longest = name.len;
    }
}

static void offer_inputs(struct names *names, struct arras_str text, size_t from)
{
    const struct ar_workflow *workflow = names->workflow;
    for (size_t i = 0; i < workflow->input_part_count; i++) {
        const struct arras_value *properties = ar_get_z(workflow->input_parts[i], "properties");
        for (size_t j = 0; ar_is(properties, ARRAS_OBJECT) && j < properties->count; j++) {
            offer(names, text, from, ar_member_name(&properties->members[j]));
        }
    }
}

static void offer_outputs(struct names *names, struct arras_str text, size_t from,
                          const struct ar_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        offer(names, text, from, outputs->items[i].name);
    }
}

/* Length of the longest name that is declared and stands at `from`; 0: none. */
static size_t declared_name(struct names names, struct arras_str text, size_t from)
{
    const struct ar_workflow *workflow = names.workflow;
    names.longest = 0;
    if (!workflow) {
        return 0;
    }
    if (names.step) {
        offer_outputs(&names, text, from, &names.step->outputs);
    } else if (names.called) {
        offer_outputs(&names, text, from, &names.called->outputs);
    } else if (names.root == AR_ROOT_INPUTS) {
        offer_inputs(&names, text, from);
    } else if (names.root == AR_ROOT_OUTPUTS) {
        offer_outputs(&names, text, from, &workflow->outputs);
    } else if (names.root == AR_ROOT_STEPS) {
        for (size_t i = 0; i < workflow->step_count; i++) {
            offer(&names, text, from, workflow->steps[i].id);
        }
    } else if (names.root == AR_ROOT_WORKFLOWS) {
        for (size_t i = 0; i < workflow->arazzo->workflow_count; i++) {
            offer(&names, text, from, workflow->arazzo->workflows[i].id);
        }
    } else if (names.root == AR_ROOT_SOURCE_DESCRIPTIONS) {
        for (size_t i = 0; i < workflow->arazzo->source_count; i++) {
            offer(&names, text, from, workflow->arazzo->sources[i].name);
        }
    }
    return names.longest;
}

/* Whether the character belongs to a pointer that stands within other text, or in a condition. */
static bool is_pointer_char(char c, enum ar_extent extent)
{
    return extent == AR_EXTENT_TEXT ? is_name_char(c) || (c && strchr("./~%$", c))
                                    : (unsigned char)c > ' ' && !strchr("<>=!&|()'\"{}", c);
}

/* The end of "#/a/b": what cannot be told from text that follows is left out of it. An expression
 * in braces may stand in it. */
static size_t pointer_extent(struct arras_str text, size_t from, enum ar_extent extent)
{
    size_t end = from + 1;
    while (end < text.len) {
        if (ar_str_starts(ar_str_from(text, end), "{$")) {
            size_t close = ar_str_find_char(text, '}', end);
            if (close == AR_NOT_FOUND) {
                break;
            }
            end = close + 1;
        } else if (is_pointer_char(text.ptr[end], extent)) {
            end++;
        } else {
            break;
        }
    }
    while (extent == AR_EXTENT_TEXT && end > from + 1 && text.ptr[end - 1] == '.') {
        end--;
    }
    return end;
}

/* The end of "[0]", "['a b']" or "[name]", or `from`. */
static size_t bracket_extent(struct arras_str text, size_t from)
{
    size_t close = ar_str_find_char(text, ']', from);
    if (close == AR_NOT_FOUND) {
        return from;
    }
    char first = text.ptr[from + 1];
    bool plain = close > from + 1 && name_run(text, from + 1) == close;
    return plain || first == '\'' || first == '"' ? close + 1 : from;
}

/* The end of a way (".a[0].b#/c") that stands within other text. */
static size_t walk_extent(struct arras_str text, size_t from, struct names names)
{
    bool first = true;
    while (from < text.len) {
        size_t next = from;
        if (text.ptr[from] == '#') {
            return pointer_extent(text, from, names.extent);
        }
        if (text.ptr[from] == '.') {
            size_t declared = first ? declared_name(names, text, from + 1) : 0;
            next = declared ? from + 1 + declared : name_run(text, from + 1);
            next = next == from + 1 ? from : next;
        } else if (text.ptr[from] == '[') {
            next = bracket_extent(text, from);
        }
        if (next == from) {
            break;
        }
        from = next;
        first = false;
    }
    return from;
}

/* The end of a header's, query parameter's or path parameter's name. */
static size_t message_name_extent(struct arras_str text, size_t from, enum ar_extent extent)
{
    size_t end = extent == AR_EXTENT_WHOLE ? text.len : name_run(text, from);
    while (extent == AR_EXTENT_CONDITION && end < text.len && text.ptr[end] == '.') {
        end = name_run(text, end + 1);
    }
    return end;
}

/* Behind "$request." and "$response.". */
static size_t scan_message(struct arras_str text, size_t from, enum ar_extent extent,
                           struct ar_expression *expression)
{
    size_t end = name_run(text, from);
    struct arras_str word = ar_str_sub(text, from, end);
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (!ar_str_is(word, parts[i].name)) {
            continue;
        }
        expression->part = parts[i].part;
        if (expression->part == AR_PART_BODY) {
            struct names none = {.extent = extent};
            size_t stop = extent == AR_EXTENT_WHOLE ? text.len : walk_extent(text, end, none);
            expression->rest = ar_str_sub(text, end, stop);
            bool way = stop == end || memchr(".[#", text.ptr[end], 3);
            return way ? stop : 0;
        }
        if (end + 1 >= text.len || text.ptr[end] != '.') {
            return 0;
        }
        size_t stop = message_name_extent(text, end + 1, extent);
        expression->name = ar_str_sub(text, end + 1, stop);
        return expression->name.len ? stop : 0;
    }
    return 0;
}

/* Behind "$steps." and its like: an owner's name, then a way. */
static size_t scan_owner(struct arras_str text, size_t from, enum ar_extent extent,
                         struct names names, struct ar_expression *expression)
{
    size_t declared = declared_name(names, text, from);
    size_t end = declared ? from + declared : name_run(text, from);
    if (end == from) {
        return 0;
    }
    expression->name = ar_str_sub(text, from, end);
    const struct ar_workflow *workflow = names.workflow;
    size_t step = workflow && names.root == AR_ROOT_STEPS
                      ? ar_workflow_step(workflow, expression->name)
                      : AR_NOT_FOUND;
    if (step != AR_NOT_FOUND) {
        names.step = &workflow->steps[step];
        /* the outputs of a workflow that it calls are its own where it declares none */
        if (names.step->outputs.count == 0 && names.step->workflow_id.len) {
            names.called = ar_arazzo_workflow(workflow->arazzo, names.step->workflow_id);
            names.step = names.called ? NULL : names.step;
        }
    } else if (workflow && names.root == AR_ROOT_WORKFLOWS) {
        names.called = ar_arazzo_workflow(workflow->arazzo, expression->name);
    }
    size_t stop = end;
    if (extent == AR_EXTENT_WHOLE) {
        stop = text.len;
    } else if (ar_str_starts(ar_str_from(text, end), ".outputs.")) {
        stop = walk_extent(text, end + strlen(".outputs"), names);
    } else {
        stop = walk_extent(text, end, (struct names){.extent = extent});
    }
    expression->rest = ar_str_sub(text, end, stop);
    return stop;
}

size_t ar_expression_scan(struct arras_str text, size_t from, enum ar_extent extent,
                          const struct ar_workflow *workflow, struct ar_expression *ret)
{
    size_t word_end = from + 1;
    while (word_end < text.len && ((text.ptr[word_end] | 0x20) >= 'a') &&
           ((text.ptr[word_end] | 0x20) <= 'z')) {
        word_end++;
    }
    struct arras_str word = ar_str_sub(text, from + 1, word_end);
    size_t i = 0;
    while (i < ROOT_COUNT && !ar_str_is(word, roots[i].name)) {
        i++;
    }
    if (i == ROOT_COUNT || (word_end < text.len && is_name_char(text.ptr[word_end]))) {
        return from;
    }
    struct ar_expression expression = {.root = roots[i].root};
    struct names names = {.workflow = workflow, .root = roots[i].root, .extent = extent};
    bool dotted = word_end < text.len && text.ptr[word_end] == '.';
    size_t end = 0;
    switch (roots[i].shape) {
    case SHAPE_BARE:
        end = extent == AR_EXTENT_WHOLE && word_end < text.len ? 0 : word_end;
        break;
    case SHAPE_MESSAGE:
        end = dotted ? scan_message(text, word_end + 1, extent, &expression) : 0;
        break;
    case SHAPE_NAMES:
        end = extent == AR_EXTENT_WHOLE ? text.len : walk_extent(text, word_end, names);
        expression.rest = ar_str_sub(text, word_end, end);
        break;
    case SHAPE_OWNER:
        end = dotted ? scan_owner(text, word_end + 1, extent, names, &expression) : 0;
        break;
    }
    if (end == 0) {
        return from;
    }
    expression.text = ar_str_sub(text, from, end);
    *ret = expression;
    return end;
}

/* The member whose name is the longest that stands at the start of `rest`. */
static const struct ar_member *longest_member(const struct arras_value *object,
                                              struct arras_str rest)
{
    const struct ar_member *longest = NULL;
    for (size_t i = 0; ar_is(object, ARRAS_OBJECT) && i < object->count; i++) {
        const struct ar_member *member = &object->members[i];
        struct arras_str name = ar_member_name(member);
        bool stands = rest.len >= name.len && memcmp(rest.ptr, name.ptr, name.len) == 0 &&
                      (rest.len == name.len || memchr(".[#", rest.ptr[name.len], 3));
        if (stands && name.len && (!longest || name.len > longest->name_len)) {
            longest = member;
        }
    }
    return longest;
}

static const struct arras_value *walk_name(const struct arras_value *value, struct arras_str *rest)
{
    struct arras_str from_name = ar_str_from(*rest, 1);
    const struct ar_member *member = longest_member(value, from_name);
    if (member) {
        *rest = ar_str_from(from_name, member->name_len);
        return &member->value;
    }
    size_t end = name_run(from_name, 0);
    int64_t index;
    if (ar_is(value, ARRAS_ARRAY) && ar_str_int(ar_str_sub(from_name, 0, end), &index) &&
        index >= 0) {
        *rest = ar_str_from(from_name, end);
        return ar_item(value, (size_t)index);
    }
    return NULL;
}

static const struct arras_value *walk_bracket(const struct arras_value *value,
                                              struct arras_str *rest)
{
    size_t close = ar_str_find_char(*rest, ']', 0);
    if (close == AR_NOT_FOUND) {
        return NULL;
    }
    struct arras_str inner = ar_str_trim(ar_str_sub(*rest, 1, close));
    *rest = ar_str_from(*rest, close + 1);
    int64_t index;
    if (ar_str_int(inner, &index)) {
        return index < 0 ? NULL : ar_item(value, (size_t)index);
    }
    if (inner.len >= 2 && (inner.ptr[0] == '\'' || inner.ptr[0] == '"') &&
        inner.ptr[inner.len - 1] == inner.ptr[0]) {
        inner = ar_str_sub(inner, 1, inner.len - 1);
    }
    return ar_get(value, inner);
}

bool ar_pointer_expression(struct arras_str token, const struct ar_workflow *workflow,
                           struct ar_expression *ret)
{
    bool braced = ar_str_starts(token, "{$") && ar_str_ends(token, "}");
    struct arras_str text = braced ? ar_str_sub(token, 1, token.len - 1) : token;
    return ar_str_starts(text, "$") &&
           ar_expression_scan(text, 0, AR_EXTENT_WHOLE, workflow, ret) == text.len;
}

/* One token of a pointer; *ret_leads turns false where it is an expression without a text. */
static enum arras_status fill_token(struct ar_buf *buf, struct arras_str token,
                                    const struct ar_scope *scope, bool *ret_leads)
{
    struct ar_expression expression;
    if (!ar_pointer_expression(token, scope->workflow, &expression)) {
        ar_buf_add_char(buf, '/');
        ar_buf_add_str(buf, token);
        return ARRAS_OK;
    }
    const struct arras_value *value;
    enum arras_status status = ar_expression_value(&expression, scope, &value);
    *ret_leads =
        *ret_leads && !status && (ar_is(value, ARRAS_STRING) || ar_is(value, ARRAS_NUMBER));
    ar_pointer_add(buf, ar_text(value));
    return status;
}

/* "/a/$inputs.b/c" with the expressions replaced by their values, escaped as tokens. */
static enum arras_status fill_pointer(struct arras_str pointer, const struct ar_scope *scope,
                                      struct arras_str *ret, bool *ret_leads)
{
    *ret = pointer;
    *ret_leads = true;
    if (ar_str_find_char(pointer, '$', 0) == AR_NOT_FOUND) {
        return ARRAS_OK;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_QUERY_LENGTH);
    struct arras_str rest = ar_str_from(pointer, 1);
    enum arras_status status = ARRAS_OK;
    bool more = pointer.len > 0;
    while (more && !status) {
        more = ar_str_find_char(rest, '/', 0) != AR_NOT_FOUND;
        status = fill_token(&buf, ar_str_cut(&rest, '/'), scope, ret_leads);
    }
    if (ar_buf_status(&buf) == ARRAS_LIMIT) { /* no member has such a name */
        *ret_leads = false;
    } else {
        status = status ? status : ar_buf_copy(&buf, scope->arena, ret);
    }
    ar_buf_release(&buf);
    return status;
}

static enum arras_status walk_pointer(const struct arras_value *value, struct arras_str pointer,
                                      const struct ar_scope *scope, const struct arras_value **ret)
{
    struct arras_str filled;
    bool leads;
    if (pointer.len && pointer.ptr[0] != '/') { /* "body#a": the slash was forgotten */
        struct arras_str slashed, dotted;
        if (!ar_str_printf(scope->arena, &slashed, "/%.*s", AR_STR_ARG(pointer)) ||
            !ar_str_printf(scope->arena, &dotted, ".%.*s", AR_STR_ARG(pointer))) {
            return ARRAS_NO_MEMORY;
        }
        *ret = ar_pointer_get(value, slashed);
        bool walks = !*ret && ar_str_find_char(pointer, '#', 0) == AR_NOT_FOUND;
        return walks ? ar_walk(value, dotted, scope, ret) : ARRAS_OK;
    }
    enum arras_status status = fill_pointer(pointer, scope, &filled, &leads);
    *ret = status || !leads ? NULL : ar_pointer_get(value, filled);
    return status;
}

enum arras_status ar_walk(const struct arras_value *value, struct arras_str rest,
                          const struct ar_scope *scope, const struct arras_value **ret)
{
    *ret = NULL;
    while (value && rest.len) {
        switch (rest.ptr[0]) {
        case '#':
            return walk_pointer(value, ar_str_from(rest, 1), scope, ret);
        case '.':
            value = walk_name(value, &rest);
            break;
        case '[':
            value = walk_bracket(value, &rest);
            break;
        default:
            value = NULL;
        }
    }
    *ret = value;
    return ARRAS_OK;
}

static enum arras_status make(const struct ar_scope *scope, struct arras_value value,
                              const struct arras_value **ret)
{
    *ret = ar_value_new(scope->arena, value);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status header_value(const struct ar_expression *expression,
                                      const struct ar_headers *headers,
                                      const struct ar_scope *scope, const struct arras_value **ret)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (ar_str_eq_nocase(headers->items[i].name, expression->name)) {
            return make(scope, ar_string(headers->items[i].value), ret);
        }
    }
    return ARRAS_OK;
}

static enum arras_status request_value(const struct ar_expression *expression,
                                       const struct ar_scope *scope, const struct arras_value **ret)
{
    const struct ar_exchange *exchange = scope->exchange;
    if (expression->part == AR_PART_HEADER) {
        return header_value(expression, &exchange->request->headers, scope, ret);
    }
    if (expression->part == AR_PART_BODY) {
        return ar_walk(exchange->request_body, expression->rest, scope, ret);
    }
    enum ar_parameter_in in = expression->part == AR_PART_PATH ? AR_IN_PATH : AR_IN_QUERY;
    for (size_t i = 0; i < exchange->argument_count; i++) {
        const struct ar_argument *argument = &exchange->arguments[i];
        if (argument->in == in && ar_str_eq(argument->name, expression->name)) {
            *ret = argument->value;
        }
    }
    return ARRAS_OK;
}

static enum arras_status response_value(const struct ar_expression *expression,
                                        const struct ar_scope *scope,
                                        const struct arras_value **ret)
{
    if (expression->part == AR_PART_HEADER) {
        return header_value(expression, &scope->exchange->response->headers, scope, ret);
    }
    return expression->part == AR_PART_BODY
               ? ar_walk(scope->exchange->response_body, expression->rest, scope, ret)
               : ARRAS_OK;
}

static enum arras_status step_value(const struct ar_expression *expression,
                                    const struct ar_scope *scope, const struct arras_value **ret)
{
    size_t step = ar_workflow_step(scope->workflow, expression->name);
    if (step == AR_NOT_FOUND || !scope->step_outputs || !scope->step_outputs[step]) {
        return ARRAS_OK;
    }
    struct arras_str rest = expression->rest;
    const char *outputs = ".outputs";
    if (ar_str_starts(rest, outputs)) {
        rest = ar_str_from(rest, strlen(outputs));
    }
    return ar_walk(scope->step_outputs[step], rest, scope, ret);
}

static enum arras_status workflow_value(const struct ar_expression *expression,
                                        const struct ar_scope *scope,
                                        const struct arras_value **ret)
{
    const struct ar_ran *ran = scope->ran;
    while (ran && (ran->workflow->arazzo != scope->workflow->arazzo ||
                   !ar_str_eq(ran->workflow->id, expression->name))) {
        ran = ran->earlier;
    }
    bool own = ar_str_eq(scope->workflow->id, expression->name);
    if (ar_str_starts(expression->rest, ".inputs")) {
        const struct arras_value *inputs = own ? scope->inputs : ran ? ran->inputs : NULL;
        return ar_walk(inputs, ar_str_from(expression->rest, strlen(".inputs")), scope, ret);
    }
    if (ran && ar_str_starts(expression->rest, ".outputs")) {
        return ar_walk(ran->outputs, ar_str_from(expression->rest, strlen(".outputs")), scope, ret);
    }
    return ARRAS_OK;
}

/* A field of a source description, as written: $sourceDescriptions.pets.url. */
static const struct arras_value *source_value(const struct ar_expression *expression,
                                              const struct ar_arazzo *arazzo)
{
    const struct ar_source_description *source = ar_arazzo_source(arazzo, expression->name);
    const struct arras_value *list = ar_get_z(&arazzo->document.root, "sourceDescriptions");
    bool field = source && ar_str_starts(expression->rest, ".");
    return field ? ar_get(&list->items[source - arazzo->sources], ar_str_from(expression->rest, 1))
                 : NULL;
}

/* $components.parameters.foo is the value that the parameter gives, which may be an expression. */
static enum arras_status component_value(const struct ar_expression *expression,
                                         const struct ar_scope *scope,
                                         const struct arras_value **ret)
{
    enum arras_status status =
        ar_walk(scope->workflow->arazzo->components, expression->rest, scope, ret);
    if (*ret && ar_str_starts(expression->rest, ".parameters.") && ar_get_z(*ret, "name")) {
        *ret = ar_get_z(*ret, "value");
        struct arras_str text = ar_text(*ret);
        struct ar_expression given;
        if (ar_is(*ret, ARRAS_STRING) && ar_str_starts(text, "$") &&
            ar_expression_scan(text, 0, AR_EXTENT_WHOLE, scope->workflow, &given) == text.len) {
            return given.root == AR_ROOT_COMPONENTS ? ARRAS_OK
                                                    : ar_expression_value(&given, scope, ret);
        }
    }
    return status;
}

static enum arras_status look_up(const struct ar_expression *expression,
                                 const struct ar_scope *scope, const struct arras_value **ret)
{
    const struct ar_exchange *exchange = scope->exchange;
    const struct ar_http_request *request = exchange ? exchange->request : NULL;
    const struct ar_http_response *response = exchange ? exchange->response : NULL;
    struct arras_value number;
    *ret = NULL;
    switch (expression->root) {
    case AR_ROOT_URL:
        return request ? make(scope, ar_string(request->url), ret) : ARRAS_OK;
    case AR_ROOT_METHOD:
        return request ? make(scope, ar_string(request->method), ret) : ARRAS_OK;
    case AR_ROOT_STATUS_CODE:
        if (!response) {
            return ARRAS_OK;
        }
        return ar_int(scope->arena, response->status, &number) ? make(scope, number, ret)
                                                               : ARRAS_NO_MEMORY;
    case AR_ROOT_REQUEST:
        return request ? request_value(expression, scope, ret) : ARRAS_OK;
    case AR_ROOT_RESPONSE:
        return response ? response_value(expression, scope, ret) : ARRAS_OK;
    case AR_ROOT_INPUTS:
        return ar_walk(scope->inputs, expression->rest, scope, ret);
    case AR_ROOT_OUTPUTS:
        return ar_walk(scope->outputs, expression->rest, scope, ret);
    case AR_ROOT_STEPS:
        return step_value(expression, scope, ret);
    case AR_ROOT_WORKFLOWS:
        return workflow_value(expression, scope, ret);
    case AR_ROOT_SOURCE_DESCRIPTIONS:
        *ret = source_value(expression, scope->workflow->arazzo);
        return ARRAS_OK;
    case AR_ROOT_COMPONENTS:
        return component_value(expression, scope, ret);
    case AR_ROOT_SELF:
        *ret = ar_get_z(&scope->workflow->arazzo->document.root, "$self");
        return ARRAS_OK;
    case AR_ROOT_MESSAGE:
        return ARRAS_OK;
    }
    return ARRAS_OK;
}

enum { SHOWN_VALUE = 200 };

enum arras_status ar_scope_show(const struct ar_scope *scope, const struct arras_value *value,
                                struct ar_buf *buf)
{
    if (!value) {
        ar_buf_add_z(buf, "nothing");
        return ARRAS_OK;
    }
    struct ar_buf json;
    ar_buf_init(&json, AR_DOCUMENT_SIZE);
    ar_json_write(&json, value, ARRAS_WRITE_COMPACT);
    struct arras_str text = ar_buf_str(&json);
    bool made = json.status != ARRAS_NO_MEMORY; /* what is larger than the limit is cut anyhow */
    if (made && scope->hide) {
        made = scope->hide(scope->hide_context, text, scope->arena, &text);
    }
    struct arras_str shown = ar_utf8_cut(text, SHOWN_VALUE);
    if (made) {
        ar_buf_add_str(buf, shown);
        ar_buf_add_z(buf, shown.len < text.len ? "..." : "");
    }
    ar_buf_release(&json);
    return made ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_expression_value(const struct ar_expression *expression,
                                      const struct ar_scope *scope, const struct arras_value **ret)
{
    struct arras_str text;
    enum arras_status status = look_up(expression, scope, ret);
    if (status || *ret || !scope->preview || expression->root == AR_ROOT_INPUTS) {
        return status;
    }
    return ar_str_printf(scope->arena, &text, "{%.*s}", AR_STR_ARG(expression->text))
               ? make(scope, ar_string(text), ret)
               : ARRAS_NO_MEMORY;
}
