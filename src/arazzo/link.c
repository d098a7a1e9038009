/* Finding what steps and actions refer to. */
#include "arazzo/reader.h"
#include "base/limits.h"
#include "base/uri.h"
#include "value/pointer.h"

struct candidate {
    const struct ar_operation *operation;
    const struct ar_source_description *source;
    size_t count; /* different operations found */
    const struct ar_source_description *other;
    const struct ar_operation *second;
    bool sibling; /* the source itself lacks it */
};

static bool is_same_operation(const struct ar_operation *a, const struct ar_operation *b)
{
    return ar_str_eq(a->method, b->method) && ar_str_eq(a->path, b->path);
}

static void consider(struct candidate *found, const struct ar_operation *operation,
                     const struct ar_source_description *source)
{
    if (!operation) {
        return;
    }
    if (!found->operation) {
        found->operation = operation;
        found->source = source;
        found->count = 1;
    } else if (!is_same_operation(found->operation, operation)) {
        found->other = found->other ? found->other : source;
        found->second = found->second ? found->second : operation;
        found->count++;
    }
}

/* "$sourceDescriptions.NAME.ID", or "NAME.ID" where a source is called NAME: the source, with *id
 * cut to what stands behind its name. */
static struct ar_source_description *qualifier(struct ar_reader *reader, struct arras_str *id)
{
    const char *prefix = "$sourceDescriptions.";
    struct arras_str text = *id;
    bool formal = ar_str_starts(text, prefix);
    if (formal) {
        text = ar_str_from(text, strlen(prefix));
    }
    struct ar_source_description *longest = NULL; /* names may hold dots */
    for (size_t i = 0; i < reader->arazzo->source_count; i++) {
        struct ar_source_description *source = &reader->arazzo->sources[i];
        size_t len = source->name.len;
        if (text.len > len + 1 && text.ptr[len] == '.' &&
            ar_str_eq(ar_str_sub(text, 0, len), source->name) &&
            (!longest || len > longest->name.len)) {
            longest = source;
        }
    }
    if (longest) {
        *id = ar_str_from(text, longest->name.len + 1);
    }
    return longest;
}

/* Path items that could not be read may have the operation. */
static void tell_troubles(struct ar_reader *reader, const struct ar_source_description *only)
{
    for (size_t i = 0; i < reader->arazzo->source_count; i++) {
        const struct ar_source_description *source = &reader->arazzo->sources[i];
        if (source->description && (!only || source == only)) {
            ar_diags_add(reader->diags, ar_description_troubles(source->description));
        }
    }
}

static enum arras_status tell_unknown(struct ar_reader *reader, const struct ar_step *step,
                                      struct arras_str id, const struct ar_source_description *only)
{
    tell_troubles(reader, only);
    ar_error(reader->diags, ARRAS_UNRESOLVED, "unknown-operation", &reader->arazzo->document.source,
             step->call_at, "the step '%.*s': no operation '%.*s' in %s%.*s", AR_STR_ARG(step->id),
             AR_STR_ARG(id), only ? "the source " : "any of the sources",
             AR_STR_ARG(only ? only->name : AR_STR("")));
    return ARRAS_UNRESOLVED;
}

static enum arras_status tell_unknown_id(struct ar_reader *reader, const struct ar_step *step,
                                         struct arras_str id,
                                         const struct ar_source_description *only)
{
    const struct ar_operation *alike;
    enum arras_status status = ar_find_alike(reader, step, id, only, &alike);
    if (!status) {
        status = tell_unknown(reader, step, id, only);
    }
    if (alike) {
        ar_hint(reader->diags, "did you mean '%.*s'?%s", AR_STR_ARG(alike->id),
                reader->arazzo->strictness == ARRAS_TOLERANT ? " --lenient takes it" : "");
    }
    return status;
}

static enum arras_status find_sibling(struct ar_reader *reader, const struct ar_step *step,
                                      struct arras_str id, const struct ar_source_description *only,
                                      struct candidate *ret)
{
    enum arras_status status =
        ar_find_sibling(reader, step, id, only, &ret->operation, &ret->source);
    ret->sibling = ret->operation;
    return status || ret->operation ? status : tell_unknown_id(reader, step, id, only);
}

/* The operations of that id, in the one source or, NULL, in all of them. */
static enum arras_status find_operation(struct ar_reader *reader, const struct ar_step *step,
                                        struct arras_str id,
                                        const struct ar_source_description *only,
                                        struct candidate *ret)
{
    for (size_t i = 0; i < reader->arazzo->source_count; i++) {
        struct ar_source_description *source = &reader->arazzo->sources[i];
        if (source->type != AR_SOURCE_OPENAPI || (only && source != only)) {
            continue;
        }
        enum arras_status status = ar_source_description_need(reader, source);
        if (status) {
            return status;
        }
        size_t count;
        const struct ar_operation *found = ar_operation_by_id(source->description, id, &count);
        if (count > 1) {
            status = ar_choose_duplicate(reader, step, id, source, &found);
        }
        if (status) {
            return status;
        }
        consider(ret, found, source);
    }
    return ARRAS_OK;
}

/* "pets.list" names the operation `list` of the source `pets` only where that has none which is
 * called so as a whole. */
static enum arras_status find_by_id(struct ar_reader *reader, const struct ar_step *step,
                                    struct candidate *ret)
{
    struct arras_str id = step->operation_id;
    bool formal = ar_str_starts(id, "$sourceDescriptions.");
    const struct ar_source_description *only = qualifier(reader, &id);
    enum arras_status status = ARRAS_OK;
    if (formal && !only) {
        return ar_invalid(reader, "unknown-source", step->call_at,
                          "the step '%.*s': '%.*s' names no source description",
                          AR_STR_ARG(step->id), AR_STR_ARG(id));
    }
    if (formal && only->type == AR_SOURCE_ASYNCAPI) {
        return ar_error(reader->diags, ARRAS_UNSUPPORTED, "asyncapi",
                        &reader->arazzo->document.source, step->call_at,
                        "the step '%.*s' calls an operation of AsyncAPI, which is not supported",
                        AR_STR_ARG(step->id));
    }
    if (only && !formal) {
        status = find_operation(reader, step, step->operation_id, only, ret);
    }
    if (!status && !ret->operation) {
        status = find_operation(reader, step, id, only, ret);
    }
    if (!status && !ret->operation && only && !formal) {
        status = find_operation(reader, step, step->operation_id, NULL, ret);
    }
    return status || ret->operation ? status : find_sibling(reader, step, id, only, ret);
}

/* Several sources: the specification wants to be told which one has the operation. */
static enum arras_status warn_unqualified(struct ar_reader *reader, const struct ar_step *step,
                                          const struct candidate *found)
{
    size_t sources = 0;
    bool formal = ar_str_starts(step->operation_id, "$sourceDescriptions.");
    bool whole = ar_str_eq(found->operation->id, step->operation_id);
    for (size_t i = 0; i < reader->arazzo->source_count; i++) {
        sources += reader->arazzo->sources[i].type == AR_SOURCE_OPENAPI;
    }
    if (formal || ((whole || found->sibling) && sources < 2)) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_deviation(
        reader->diags, reader->arazzo->strictness == ARRAS_STRICT, "unqualified-operation",
        &reader->arazzo->document.source, step->call_at,
        "the step '%.*s': '%.*s' does not say which of the sources has it; '%.*s' does",
        AR_STR_ARG(step->id), AR_STR_ARG(step->operation_id), AR_STR_ARG(found->source->name));
    ar_hint(reader->diags, "write $sourceDescriptions.%.*s.%.*s", AR_STR_ARG(found->source->name),
            AR_STR_ARG(found->operation->id));
    return status;
}

static enum arras_status link_operation_id(struct ar_reader *reader, struct ar_step *step)
{
    struct candidate found = {0};
    enum arras_status status = find_by_id(reader, step, &found);
    if (status) {
        return status;
    }
    if (found.count > 1) {
        struct arras_str id = found.operation->id;
        ar_invalid(reader, "ambiguous-operation", step->call_at,
                   "the step '%.*s': the sources '%.*s' and '%.*s' both have an operation '%.*s', "
                   "%.*s %.*s and %.*s %.*s",
                   AR_STR_ARG(step->id), AR_STR_ARG(found.source->name),
                   AR_STR_ARG(found.other->name), AR_STR_ARG(id),
                   AR_STR_ARG(found.operation->method), AR_STR_ARG(found.operation->path),
                   AR_STR_ARG(found.second->method), AR_STR_ARG(found.second->path));
        ar_hint(reader->diags, "write $sourceDescriptions.%.*s.%.*s",
                AR_STR_ARG(found.source->name), AR_STR_ARG(id));
        return ARRAS_INVALID;
    }
    step->operation = found.operation;
    step->source = found.source;
    return warn_unqualified(reader, step, &found);
}

/* What an operationPath says, whatever its form. */
struct path_form {
    struct ar_source_description *source; /* NULL: any */
    struct arras_str method, path;        /* empty method: the only one of the path */
    struct arras_str decoded; /* the path, where it was percent-encoded as a URI fragment */
    bool formal;
};

/* "#/paths/~1pets~1{id}/get"; without a method, the only operation of that path */
static enum arras_status read_pointer(struct ar_reader *reader, struct arras_str pointer,
                                      struct path_form *ret)
{
    enum arras_status status = ARRAS_OK;
    struct arras_str section = {0};
    bool whole = ar_pointer_next(&pointer, reader->arena, &section, &status) &&
                 ar_str_is(section, "paths") &&
                 ar_pointer_next(&pointer, reader->arena, &ret->path, &status);
    ret->formal = ret->formal && pointer.len > 0;
    whole = whole &&
            (pointer.len == 0 ||
             (ar_pointer_next(&pointer, reader->arena, &ret->method, &status) && pointer.len == 0));
    if (whole && ar_uri_decode(ret->path, reader->arena, &ret->decoded)) {
        return ar_no_memory(reader->diags);
    }
    return status ? status : whole ? ARRAS_OK : ARRAS_INVALID;
}

static struct ar_source_description *source_of_prefix(struct ar_reader *reader,
                                                      struct arras_str prefix, bool *ret_formal)
{
    bool braced = ar_str_starts(prefix, "{") && ar_str_ends(prefix, "}");
    prefix = braced ? ar_str_sub(prefix, 1, prefix.len - 1) : prefix;
    const char *root = "$sourceDescriptions.";
    bool named = ar_str_starts(prefix, root);
    prefix = named ? ar_str_from(prefix, strlen(root)) : prefix;
    bool url = ar_str_ends(prefix, ".url");
    prefix = url ? ar_str_sub(prefix, 0, prefix.len - 4) : prefix;
    *ret_formal = braced && named && url;
    return ar_arazzo_source(reader->arazzo, prefix);
}

static enum arras_status read_path_form(struct ar_reader *reader, const struct ar_step *step,
                                        struct path_form *ret)
{
    struct arras_str text = step->operation_path;
    size_t hash = ar_str_find_char(text, '#', 0);
    size_t space = ar_str_find_char(text, ' ', 0);
    enum arras_status status = ARRAS_INVALID;
    if (hash != AR_NOT_FOUND) {
        struct arras_str prefix = ar_str_sub(text, 0, hash);
        ret->source = source_of_prefix(reader, prefix, &ret->formal);
        if (prefix.len && !ret->source) {
            return ar_invalid(
                reader, "unknown-source", step->call_at,
                "the step '%.*s': the operationPath '%.*s' names no source description",
                AR_STR_ARG(step->id), AR_STR_ARG(text));
        }
        status = read_pointer(reader, ar_str_from(text, hash + 1), ret);
    } else if (space != AR_NOT_FOUND && space + 1 < text.len && text.ptr[space + 1] == '/') {
        ret->method = ar_str_sub(text, 0, space);
        ret->path = ar_str_from(text, space + 1);
        status = ARRAS_OK;
    } else if (ar_str_starts(text, "/")) {
        ret->path = text;
        status = ARRAS_OK;
    }
    if (status == ARRAS_INVALID) {
        ar_invalid(reader, "operation-path", step->call_at,
                   "the step '%.*s': the operationPath '%.*s' names no operation",
                   AR_STR_ARG(step->id), AR_STR_ARG(text));
        ar_hint(reader->diags, "write {$sourceDescriptions.NAME.url}#/paths/~1pets~1{id}/get");
    }
    return status;
}

static const struct ar_operation *operation_of_path(const struct ar_description *description,
                                                    const struct path_form *form)
{
    const struct ar_operation *found = NULL;
    if (form->method.len) {
        found = ar_operation_by_path(description, form->method, form->path);
        return found || !form->decoded.len
                   ? found
                   : ar_operation_by_path(description, form->method, form->decoded);
    }
    for (size_t i = 0; i < ar_description_count(description); i++) {
        const struct ar_operation *operation = ar_description_at(description, i);
        if (ar_str_eq(operation->path, form->path)) {
            if (found) {
                return NULL; /* which one of them is meant cannot be told */
            }
            found = operation;
        }
    }
    return found;
}

/* What the specification would have had the author write. */
static void show_formal_path(struct ar_reader *reader, const struct candidate *found)
{
    struct ar_buf pointer;
    struct arras_str method = found->operation->method;
    ar_buf_init(&pointer, AR_DOCUMENT_SIZE);
    ar_pointer_add(&pointer, found->operation->path);
    ar_buf_add_char(&pointer, '/');
    for (size_t i = 0; i < method.len; i++) {
        char c = method.ptr[i];
        ar_buf_add_char(&pointer, c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c);
    }
    if (!ar_buf_status(&pointer)) {
        struct arras_str text = ar_buf_str(&pointer);
        ar_hint(reader->diags, "write {$sourceDescriptions.%.*s.url}#/paths%.*s",
                AR_STR_ARG(found->source->name), AR_STR_ARG(text));
    }
    ar_buf_release(&pointer);
}

/* Which operations the path has, where it is there. */
static void show_methods(struct ar_reader *reader, const struct path_form *form)
{
    struct ar_buf list;
    ar_buf_init(&list, AR_DOCUMENT_SIZE);
    for (size_t i = 0; i < reader->arazzo->source_count; i++) {
        const struct ar_source_description *source = &reader->arazzo->sources[i];
        size_t count = source->description && (!form->source || source == form->source)
                           ? ar_description_count(source->description)
                           : 0;
        for (size_t j = 0; j < count; j++) {
            const struct ar_operation *operation = ar_description_at(source->description, j);
            if (ar_str_eq(operation->path, form->path)) {
                ar_buf_printf(&list, "%s%.*s", ar_buf_str(&list).len ? ", " : "",
                              AR_STR_ARG(operation->method));
            }
        }
    }
    struct arras_str methods = ar_buf_str(&list);
    if (!ar_buf_status(&list) && methods.len) {
        ar_hint(reader->diags, "the methods of %.*s are: %.*s", AR_STR_ARG(form->path),
                AR_STR_ARG(methods));
    }
    ar_buf_release(&list);
}

static enum arras_status find_by_path(struct ar_reader *reader, const struct path_form *form,
                                      struct candidate *ret)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < reader->arazzo->source_count && !status; i++) {
        struct ar_source_description *source = &reader->arazzo->sources[i];
        if (source->type != AR_SOURCE_OPENAPI || (form->source && source != form->source)) {
            continue;
        }
        status = ar_source_description_need(reader, source);
        if (!status && !ret->operation) {
            consider(ret, operation_of_path(source->description, form), source);
        }
    }
    return status;
}

static enum arras_status link_operation_path(struct ar_reader *reader, struct ar_step *step)
{
    struct path_form form = {0};
    struct candidate found = {0};
    enum arras_status status = read_path_form(reader, step, &form);
    status = status ? status : find_by_path(reader, &form, &found);
    if (status) {
        return status;
    }
    if (!found.operation) {
        status = tell_unknown(reader, step, step->operation_path, form.source);
        show_methods(reader, &form);
        return status;
    }
    if (!form.formal) {
        status =
            ar_deviation(reader->diags, reader->arazzo->strictness == ARRAS_STRICT,
                         "operation-path-form", &reader->arazzo->document.source, step->call_at,
                         "the step '%.*s': '%.*s' is not the form of the specification",
                         AR_STR_ARG(step->id), AR_STR_ARG(step->operation_path));
        show_formal_path(reader, &found);
    }
    step->operation = found.operation;
    step->source = found.source;
    return status;
}

/* A workflow by its id, of this document or, qualified, of one of its arazzo sources. */
static enum arras_status find_workflow(struct ar_reader *reader, struct arras_str id, size_t at,
                                       const struct ar_workflow **ret)
{
    *ret = ar_arazzo_workflow(reader->arazzo, id);
    if (*ret) {
        return ARRAS_OK;
    }
    struct arras_str name = id;
    struct ar_source_description *source = qualifier(reader, &name);
    if (source && source->type != AR_SOURCE_ARAZZO) {
        return ar_invalid(reader, "unknown-workflow", at,
                          "'%.*s': the source '%.*s' is not an Arazzo document", AR_STR_ARG(id),
                          AR_STR_ARG(source->name));
    }
    enum arras_status status = source ? ar_source_arazzo_need(reader, source) : ARRAS_OK;
    if (status) {
        return status;
    }
    *ret = source ? ar_arazzo_workflow(source->nested, name) : NULL;
    return *ret ? ARRAS_OK
                : ar_invalid(reader, "unknown-workflow", at, "there is no workflow '%.*s'",
                             AR_STR_ARG(id));
}

static enum arras_status link_actions(struct ar_reader *reader, struct ar_actions *actions)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < actions->count && !status; i++) {
        struct ar_action *action = &actions->items[i];
        action->step = AR_NOT_FOUND;
        if (action->type == AR_ACTION_END) {
            continue; /* a target that it names is not relevant */
        }
        if (action->workflow_id.len) {
            status = find_workflow(reader, action->workflow_id, action->at, &action->workflow);
        } else if (action->step_id.len) {
            action->step = ar_workflow_step(reader->workflow, action->step_id);
            if (action->step == AR_NOT_FOUND) {
                status = ar_invalid(reader, "unknown-step", action->at,
                                    "the action '%.*s': the workflow '%.*s' has no step '%.*s'",
                                    AR_STR_ARG(action->name), AR_STR_ARG(reader->workflow->id),
                                    AR_STR_ARG(action->step_id));
            }
        }
    }
    return status;
}

/* Strict: what the operation does not declare is refused before anything is sent. */
static enum arras_status check_declared(struct ar_reader *reader, const struct ar_step *step)
{
    static const char *const places[] = {[AR_IN_PATH] = "path",
                                         [AR_IN_QUERY] = "query",
                                         [AR_IN_HEADER] = "header",
                                         [AR_IN_COOKIE] = "cookie",
                                         [AR_IN_QUERYSTRING] = "querystring"};
    bool strict = reader->arazzo->strictness == ARRAS_STRICT;
    for (size_t i = 0; strict && i < step->parameters.count; i++) {
        const struct ar_parameter *parameter = &step->parameters.items[i];
        const struct arras_value *declared = NULL;
        const char *in = places[parameter->in];
        if (ar_operation_parameter(step->operation, parameter->name, in, reader->arena,
                                   &declared)) {
            return ar_no_memory(reader->diags);
        }
        if (!declared) {
            struct arras_str broken = ar_operation_broken_parameter(step->operation, reader->arena);
            ar_invalid(reader, "undeclared-parameter", parameter->at,
                       "the step '%.*s': the operation declares no parameter '%.*s' in %s",
                       AR_STR_ARG(step->id), AR_STR_ARG(parameter->name), in);
            ar_hint(reader->diags,
                    broken.len ? "%s; it may be the one behind '%.*s', which cannot be read" : "%s",
                    "declare it in the description, or run without --strict", AR_STR_ARG(broken));
            return ARRAS_INVALID;
        }
    }
    return ARRAS_OK;
}

/* What the request's values have no part in. */
static bool is_certain(const struct arras_diag *error)
{
    static const char *const codes[] = {"missing-path-parameter", "undeclared-parameter",
                                        "unplaced-parameter", "unresolved-reference",
                                        "reference-circle"};
    bool found = false;
    for (size_t i = 0; error && i < sizeof(codes) / sizeof(*codes); i++) {
        found = found || strcmp(error->code, codes[i]) == 0;
    }
    return found;
}

static bool has_content_type(const struct ar_step *step)
{
    bool found = false;
    for (size_t i = 0; i < step->parameters.count; i++) {
        const struct ar_parameter *parameter = &step->parameters.items[i];
        found = found || (parameter->in == AR_IN_HEADER &&
                          ar_str_is_nocase(parameter->name, "Content-Type"));
    }
    return found;
}

/* What no request of the step could be made with - a place in the path that nothing fills, a
 * declaration that cannot be read, when strict a body that is not declared - is found by building
 * one with other values, of which nothing is kept. */
static enum arras_status check_request(struct ar_reader *reader, const struct ar_step *step)
{
    static const struct arras_value any = {.type = ARRAS_STRING, .text = "x", .count = 1};
    size_t count = step->parameters.count;
    struct ar_arena scratch;
    struct ar_diags own;
    struct ar_http_request request;
    ar_arena_init(&scratch, 0);
    ar_diags_init(&own, &scratch);
    struct ar_argument *arguments = ar_new_array(&scratch, struct ar_argument, count);
    for (size_t i = 0; arguments && i < count; i++) {
        const struct ar_parameter *parameter = &step->parameters.items[i];
        arguments[i] = (struct ar_argument){parameter->name, parameter->in, &any, parameter->at};
    }
    bool body = step->body && step->body->payload && !has_content_type(step);
    struct ar_call call = {.operation = step->operation,
                           .server = AR_STR("http://localhost"),
                           .arguments = arguments,
                           .argument_count = count,
                           .payload = body ? &any : NULL,
                           .content_type = body ? step->body->content_type : AR_STR(""),
                           .source = &reader->arazzo->document.source,
                           .at = body ? step->body->at : step->at,
                           .strict = reader->arazzo->strictness == ARRAS_STRICT};
    enum arras_status status =
        arguments ? ar_request_build(&call, &scratch, &own, &request) : ARRAS_NO_MEMORY;
    bool refused = status && status != ARRAS_NO_MEMORY && is_certain(ar_diags_first_error(&own));
    if (refused) {
        ar_diags_add(reader->diags, &own);
    }
    ar_arena_release(&scratch);
    if (status == ARRAS_NO_MEMORY) {
        return ar_no_memory(reader->diags);
    }
    return refused ? status : ARRAS_OK;
}

static enum arras_status link_step(struct ar_reader *reader, struct ar_step *step)
{
    enum arras_status status;
    if (step->operation_id.len) {
        status = link_operation_id(reader, step);
    } else if (step->operation_path.len) {
        status = link_operation_path(reader, step);
    } else {
        status = find_workflow(reader, step->workflow_id, step->call_at, &step->workflow);
    }
    if (!status && step->operation) {
        status = ar_operation_need(step->operation, reader->arena, reader->diags);
    }
    if (!status && step->operation) {
        status = ar_place_parameters(reader, step);
        status = status ? status : check_declared(reader, step);
        status = status ? status : check_request(reader, step);
    }
    status = status ? status : link_actions(reader, &step->on_success);
    return status ? status : link_actions(reader, &step->on_failure);
}

enum arras_status ar_link_workflow(struct ar_reader *reader)
{
    struct ar_workflow *workflow = reader->workflow;
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < workflow->depends_on_count && !status; i++) {
        status = find_workflow(reader, workflow->depends_on[i], workflow->at,
                               &workflow->dependencies[i]);
    }
    for (size_t i = 0; i < workflow->step_count && !status; i++) {
        status = link_step(reader, &workflow->steps[i]);
    }
    return status;
}
