/* Steps, parameters, bodies, outputs. */
#include "arazzo/reader.h"
#include "arazzo/query_type.h"
#include "arazzo/selector.h"
#include "arazzo/template.h"
#include "value/number.h"

static const struct {
    const char *name;
    enum ar_parameter_in in;
} places[] = {{"path", AR_IN_PATH},
              {"query", AR_IN_QUERY},
              {"header", AR_IN_HEADER},
              {"cookie", AR_IN_COOKIE},
              {"querystring", AR_IN_QUERYSTRING}};

static enum arras_status read_place(struct ar_reader *reader, const struct arras_value *value,
                                    struct ar_parameter *ret)
{
    struct arras_str in = {0};
    enum arras_status status = ar_reader_string(reader, value, "in", false, "a parameter", &in);
    if (status || in.len == 0) {
        return status;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        bool known = places[i].in != AR_IN_QUERYSTRING || reader->arazzo->minor >= 1;
        if (known && ar_str_is(in, places[i].name)) {
            ret->in = places[i].in;
            ret->has_in = true;
            return ARRAS_OK;
        }
    }
    return ar_invalid(reader, "parameter-in", ar_get_z(value, "in")->at,
                      "the parameter '%.*s' is said to be in '%.*s', which is none of path, query, "
                      "header, cookie",
                      AR_STR_ARG(ret->name), AR_STR_ARG(in));
}

static enum arras_status read_parameter(struct ar_reader *reader, const struct arras_value *value,
                                        struct ar_parameter *ret)
{
    const struct arras_value *object;
    enum arras_status status = ar_reader_reusable(reader, value, "parameters", &object);
    status =
        status ? status : ar_reader_string(reader, object, "name", true, "a parameter", &ret->name);
    status = status ? status : ar_reader_fields(reader, object, AR_OBJECT_PARAMETER);
    status = status ? status : read_place(reader, object, ret);
    if (status) {
        return status;
    }
    /* a Reusable Object may give a value of its own */
    const struct arras_value *own = object == value ? NULL : ar_get_z(value, "value");
    const struct arras_value *given = own ? own : ar_get_z(object, "value");
    ret->at = value->at;
    if (!given) {
        return ar_invalid(reader, "shape", value->at, "the parameter '%.*s' needs a 'value'",
                          AR_STR_ARG(ret->name));
    }
    return ar_template_new(given, reader->workflow, reader->arena, reader->diags, &ret->value);
}

/* Whether there is one of that name in that place; the inputs of a workflow have no places. The
 * names of headers alone have no case (Arazzo 1.1, Parameter Object). */
static bool has_parameter(const struct ar_parameters *parameters, bool calls_workflow,
                          const struct ar_parameter *parameter)
{
    for (size_t i = 0; i < parameters->count; i++) {
        const struct ar_parameter *other = &parameters->items[i];
        bool same_place = other->has_in == parameter->has_in && other->in == parameter->in;
        bool header = !calls_workflow && parameter->has_in && parameter->in == AR_IN_HEADER;
        bool same_name = header ? ar_str_eq_nocase(other->name, parameter->name)
                                : ar_str_eq(other->name, parameter->name);
        if (same_name && (calls_workflow || same_place)) {
            return true;
        }
    }
    return false;
}

/* The step's own, then the workflow's that it does not override. */
static enum arras_status read_parameters(struct ar_reader *reader, const struct arras_value *own,
                                         const struct arras_value *inherited,
                                         struct arras_str called, struct ar_parameters *ret)
{
    bool calls_workflow = called.len > 0;
    const struct ar_workflow *workflow =
        calls_workflow ? ar_arazzo_workflow(reader->arazzo, called) : NULL;
    size_t own_count = own ? own->count : 0;
    size_t most = own_count + (inherited ? inherited->count : 0);
    ret->items = ar_new_array(reader->arena, struct ar_parameter, most);
    if (most && !ret->items) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < most; i++) {
        const struct arras_value *value =
            i < own_count ? &own->items[i] : &inherited->items[i - own_count];
        struct ar_parameter *parameter = &ret->items[ret->count];
        *parameter = (struct ar_parameter){0};
        enum arras_status status = read_parameter(reader, value, parameter);
        if (status) {
            return status;
        }
        bool known = has_parameter(ret, calls_workflow, parameter);
        if (known && i < own_count) {
            return ar_invalid(reader, "duplicate", value->at, "the parameter '%.*s' is given twice",
                              AR_STR_ARG(parameter->name));
        }
        /* what is meant for requests is no input of a workflow, unless that has one of that name */
        bool applies = i < own_count || parameter->has_in != calls_workflow ||
                       (workflow && ar_workflow_input(workflow, parameter->name));
        ret->count += !known && applies;
    }
    return ARRAS_OK;
}

/* A payload of XML is addressed by XPath, anything else by JSON Pointer (Arazzo 1.1, Payload
 * Replacement Object). *ret_known: whether the payload is what it says, and not an expression of
 * which only the run knows what it gives. */
static enum ar_query_type default_target_type(const struct ar_reader *reader,
                                              const struct ar_request_body *body,
                                              const struct arras_value *payload, bool *ret_known)
{
    struct arras_str text = ar_str_trim(ar_text(payload));
    bool is_text = ar_is(payload, ARRAS_STRING);
    bool typed_xml = ar_str_find(body->content_type, AR_STR("xml"), 0) != AR_NOT_FOUND;
    bool looks_xml = body->content_type.len == 0 && ar_str_starts(text, "<");
    *ret_known = is_text ? !ar_str_starts(text, "$") && !ar_str_starts(text, "{$")
                         : !ar_is_selector(payload, reader->arazzo);
    return (typed_xml && (is_text || !*ret_known)) || looks_xml ? AR_XPATH : AR_JSONPOINTER;
}

/* A target in another form than that of JSON Pointer: "$.a" is JSONPath, "#/a" and "a" lack nothing
 * but the beginning. */
static enum arras_status read_loose_target(struct ar_reader *reader, size_t at, bool known,
                                           struct ar_replacement *ret)
{
    struct arras_str target = ret->target, rest = ar_str_from(target, ar_str_starts(target, "#"));
    bool path = ar_str_starts(target, "$");
    bool name = known && ar_str_find_char(target, '.', 0) == AR_NOT_FOUND &&
                ar_str_find_char(target, '/', 0) == AR_NOT_FOUND;
    if (target.len == 0 || ar_str_starts(target, "/") || !(path || name || rest.len < target.len)) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_deviation(
        reader->diags, reader->arazzo->strictness == ARRAS_STRICT, "replacement-target",
        &reader->arazzo->document.source, at,
        "the target of the replacement, '%.*s', is no JSON Pointer", AR_STR_ARG(target));
    if (path) {
        ret->target_type = AR_JSONPATH;
        ar_hint(reader->diags, "Arazzo 1.1 has JSONPath too, with targetSelectorType: jsonpath");
        return status;
    }
    const char *slash = rest.len && !ar_str_starts(rest, "/") ? "/" : "";
    if (!ar_str_printf(reader->arena, &ret->target, "%s%.*s", slash, AR_STR_ARG(rest))) {
        return ar_no_memory(reader->diags);
    }
    ar_hint(reader->diags, "write '%.*s'", AR_STR_ARG(ret->target));
    return status;
}

/* The language of the target, and whether it can be read in that. */
static enum arras_status read_target_type(struct ar_reader *reader, const struct arras_value *value,
                                          const struct ar_request_body *body,
                                          const struct arras_value *payload,
                                          struct ar_replacement *ret)
{
    const struct arras_value *type = ar_get_z(value, "targetSelectorType");
    struct ar_query_place place = {"replacement", &reader->arazzo->document.source,
                                   ar_get_z(value, "target")->at};
    bool known;
    ret->target_type = default_target_type(reader, body, payload, &known);
    enum arras_status status = ARRAS_OK;
    if (type) {
        known = true;
        status = ar_query_type_read(type, AR_QUERY_SELECTOR, reader->arazzo, reader->diags,
                                    &ret->target_type);
    } else if (ret->target_type == AR_JSONPOINTER) {
        status = read_loose_target(reader, place.at, known, ret);
    }
    return status || !known ? status
                            : ar_query_check(ret->target_type, ret->target, &place, reader->arena,
                                             reader->diags);
}

static enum arras_status read_replacement(struct ar_reader *reader, const struct arras_value *value,
                                          const struct ar_request_body *body,
                                          const struct arras_value *payload,
                                          struct ar_replacement *ret)
{
    const struct arras_value *given = ar_get_z(value, "value");
    ret->at = value->at;
    enum arras_status status =
        ar_reader_string(reader, value, "target", false, "a payload replacement", &ret->target);
    if (!status && (!given || !ar_get_z(value, "target"))) {
        status = ar_invalid(reader, "shape", value->at, "a payload replacement needs a '%s'",
                            given ? "target" : "value");
    }
    status = status ? status : ar_reader_fields(reader, value, AR_OBJECT_REPLACEMENT);
    status = status ? status : read_target_type(reader, value, body, payload, ret);
    return status ? status
                  : ar_template_new(given, reader->workflow, reader->arena, reader->diags,
                                    &ret->value);
}

static enum arras_status read_replacements(struct ar_reader *reader, const struct arras_value *list,
                                           const struct arras_value *payload,
                                           struct ar_request_body *body)
{
    if (!list) {
        return ARRAS_OK;
    }
    body->replacements = ar_new_array(reader->arena, struct ar_replacement, list->count);
    if (!body->replacements) {
        return ar_no_memory(reader->diags);
    }
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < list->count && !status; i++) {
        status = read_replacement(reader, &list->items[i], body, payload, &body->replacements[i]);
        body->replacement_count++;
    }
    return status;
}

static enum arras_status read_body(struct ar_reader *reader, const struct arras_value *value,
                                   struct ar_step *step)
{
    if (!value) {
        return ARRAS_OK;
    }
    const struct arras_value *payload = ar_get_z(value, "payload");
    const struct arras_value *replacements = NULL;
    struct ar_request_body *body = ar_new(reader->arena, struct ar_request_body);
    if (!body) {
        return ar_no_memory(reader->diags);
    }
    body->at = value->at;
    step->body = body;
    enum arras_status status = ar_reader_string(reader, value, "contentType", false,
                                                "a request body", &body->content_type);
    status = status ? status : ar_reader_fields(reader, value, AR_OBJECT_REQUEST_BODY);
    status = status ? status
                    : ar_reader_member(reader, value, "replacements", ARRAS_ARRAY, &replacements);
    if (!status && payload) {
        status = ar_template_new(payload, reader->workflow, reader->arena, reader->diags,
                                 &body->payload);
    }
    if (!status && !payload && replacements && replacements->count) {
        status = ar_invalid(reader, "replacement", replacements->at,
                            "the replacements have no payload to be made in");
    }
    return status ? status : read_replacements(reader, replacements, payload, body);
}

bool ar_is_plain_name(struct arras_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && c != '.' && c != '-' && c != '_') {
            return false;
        }
    }
    return name.len > 0;
}

enum arras_status ar_read_output_names(struct ar_reader *reader, const struct arras_value *value,
                                       struct ar_outputs *ret)
{
    if (!value) {
        return ARRAS_OK;
    }
    ret->items = ar_new_array(reader->arena, struct ar_output, value->count);
    if (!ret->items) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < value->count; i++) {
        ret->items[i].name = ar_member_name(&value->members[i]);
        ret->items[i].at = value->members[i].value.at;
        if (reader->arazzo->strictness == ARRAS_STRICT && !ar_is_plain_name(ret->items[i].name)) {
            return ar_invalid(
                reader, "output-name", value->members[i].at,
                "the output name '%.*s' has characters other than letters, digits and "
                "'.-_'",
                AR_STR_ARG(ret->items[i].name));
        }
    }
    ret->count = value->count;
    return ARRAS_OK;
}

/* An output is an expression; a text that begins like one and is none is a slip of the pen. */
static enum arras_status check_output(struct ar_reader *reader, const struct ar_output *output,
                                      const struct arras_value *value)
{
    struct arras_str text = ar_text(value);
    bool constant = ar_template_is_constant(output->value);
    if (constant && ar_str_starts(text, "$") && value->type == ARRAS_STRING) {
        return ar_invalid(reader, "unknown-expression", value->at,
                          "the output '%.*s': '%.*s' is not a runtime expression",
                          AR_STR_ARG(output->name), AR_STR_ARG(text));
    }
    return ARRAS_OK;
}

enum arras_status ar_read_output_values(struct ar_reader *reader, const struct arras_value *value,
                                        struct ar_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        enum arras_status status =
            ar_template_new(&value->members[i].value, reader->workflow, reader->arena,
                            reader->diags, &outputs->items[i].value);
        status =
            status ? status : check_output(reader, &outputs->items[i], &value->members[i].value);
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

enum arras_status ar_read_action_parameters(struct ar_reader *reader,
                                            const struct arras_value *object,
                                            struct ar_action *action)
{
    const struct arras_value *list = NULL;
    enum arras_status status = ar_reader_member(reader, object, "parameters", ARRAS_ARRAY, &list);
    if (!status && list && action->workflow_id.len == 0) {
        status = ar_invalid(reader, "action-parameters", list->at,
                            "the action '%.*s' has parameters but no workflowId that takes them",
                            AR_STR_ARG(action->name));
    }
    status = status ? status
                    : read_parameters(reader, list, NULL, action->workflow_id, &action->parameters);
    for (size_t i = 0; i < action->parameters.count && !status; i++) {
        const struct ar_parameter *parameter = &action->parameters.items[i];
        if (parameter->has_in && reader->arazzo->strictness == ARRAS_STRICT) {
            status = ar_invalid(reader, "action-parameters", parameter->at,
                                "the parameter '%.*s' of an action must not have an 'in'",
                                AR_STR_ARG(parameter->name));
        }
    }
    return status;
}

/* Which one of operationId, operationPath and workflowId it calls. */
static enum arras_status read_target(struct ar_reader *reader, const struct arras_value *value,
                                     struct ar_step *step)
{
    enum arras_status status =
        ar_reader_string(reader, value, "operationId", false, "a step", &step->operation_id);
    status = status ? status
                    : ar_reader_string(reader, value, "operationPath", false, "a step",
                                       &step->operation_path);
    status =
        status ? status
               : ar_reader_string(reader, value, "workflowId", false, "a step", &step->workflow_id);
    const char *name = step->operation_id.len     ? "operationId"
                       : step->operation_path.len ? "operationPath"
                                                  : "workflowId";
    const struct arras_value *target = ar_get_z(value, name);
    step->call_at = target ? target->at : value->at;
    int given =
        (step->operation_id.len > 0) + (step->operation_path.len > 0) + (step->workflow_id.len > 0);
    if (!status && ar_get_z(value, "channelPath")) {
        status =
            ar_error(reader->diags, ARRAS_UNSUPPORTED, "asyncapi", &reader->arazzo->document.source,
                     value->at, "the step '%.*s' uses an AsyncAPI channel, which is not supported",
                     AR_STR_ARG(step->id));
    }
    if (!status && given != 1) {
        status = ar_invalid(reader, "step-target", value->at,
                            "the step '%.*s' needs one of operationId, operationPath and "
                            "workflowId, it has %s",
                            AR_STR_ARG(step->id), given ? "several" : "none");
    }
    return status;
}

/* Arazzo 1.1: what must have run before, and how long it may take. */
static enum arras_status read_limits(struct ar_reader *reader, const struct arras_value *value,
                                     struct ar_step *step)
{
    const struct arras_value *timeout = NULL;
    enum arras_status status =
        ar_reader_names(reader, value, "dependsOn", &step->depends_on, &step->depends_on_count);
    status = status ? status : ar_reader_member(reader, value, "timeout", ARRAS_NUMBER, &timeout);
    if (!status && timeout &&
        (!ar_number_to_int64(ar_text(timeout), &step->timeout) || step->timeout <= 0)) {
        status = ar_invalid(reader, "shape", timeout->at,
                            "'timeout' must be a whole number of milliseconds, it is %.*s",
                            AR_STR_ARG(ar_text(timeout)));
    }
    return status;
}

enum arras_status ar_read_step(struct ar_reader *reader, const struct arras_value *value,
                               const struct arras_value *workflow, struct ar_step *step)
{
    const struct arras_value *own = NULL, *inherited = NULL, *criteria = NULL, *body = NULL;
    enum arras_status status = ar_reader_fields(reader, value, AR_OBJECT_STEP);
    status = status ? status : read_target(reader, value, step);
    if (!status && reader->arazzo->minor >= 1) {
        status = read_limits(reader, value, step);
    }
    status = status ? status : ar_reader_member(reader, value, "parameters", ARRAS_ARRAY, &own);
    status =
        status ? status : ar_reader_member(reader, workflow, "parameters", ARRAS_ARRAY, &inherited);
    status = status ? status
                    : read_parameters(reader, own, inherited, step->workflow_id, &step->parameters);
    status = status ? status : ar_reader_member(reader, value, "requestBody", ARRAS_OBJECT, &body);
    status = status ? status : read_body(reader, body, step);
    status = status ? status
                    : ar_reader_member(reader, value, "successCriteria", ARRAS_ARRAY, &criteria);
    if (!status && criteria && criteria->count == 0 && reader->arazzo->minor &&
        reader->arazzo->strictness == ARRAS_STRICT) {
        status = ar_invalid(reader, "shape", criteria->at, "'successCriteria' must not be empty");
    }
    status = status ? status : ar_read_criteria(reader, criteria, &step->criteria);
    status = status
                 ? status
                 : ar_read_actions(reader, ar_get_z(value, "onSuccess"),
                                   ar_get_z(workflow, "successActions"), false, &step->on_success);
    status = status
                 ? status
                 : ar_read_actions(reader, ar_get_z(value, "onFailure"),
                                   ar_get_z(workflow, "failureActions"), true, &step->on_failure);
    return status ? status
                  : ar_read_output_values(reader, ar_get_z(value, "outputs"), &step->outputs);
}
