/* The values that a step sends: arguments, payloads, inputs of called workflows. */
#include "arazzo/selector.h"
#include "arazzo/template.h"
#include "base/limits.h"
#include "query/xpath.h"
#include "run/fill.h"
#include "run/inherit.h"
#include "value/json.h"
#include "value/pointer.h"

static void hint_absent(struct ar_run *run)
{
    ar_hint(&run->attempt_diags, "give the input, or a default in the inputs' schema");
}

static struct ar_verdict points_at_nothing(struct ar_run *run, const char *what,
                                           struct arras_str name,
                                           const struct ar_expression *missing, size_t at)
{
    return ar_verdict_failed(run, ARRAS_FAILED, "value-missing", at,
                             "%s%s%.*s%s: '%.*s' points at nothing", what, name.len ? " '" : "",
                             AR_STR_ARG(name), name.len ? "'" : "", AR_STR_ARG(missing->text));
}

/* Fills a template in; one that grows beyond a cap is the step's failure. */
static enum arras_status fill(struct ar_run *run, const struct ar_template *template, size_t at,
                              struct ar_filled *ret, struct ar_verdict *verdict)
{
    struct ar_scope scope = ar_run_scope(run, run->frame);
    enum arras_status status = ar_template_fill(template, &scope, &run->attempt_diags, ret);
    if (status == ARRAS_LIMIT) {
        *verdict = ar_verdict_failed(run, ARRAS_LIMIT, "size-limit", at,
                                     "a value with expressions in it grew beyond %zu bytes",
                                     AR_DOCUMENT_SIZE);
        return ARRAS_OK;
    }
    return status;
}

enum arras_status ar_fill_arguments(struct ar_run *run, const struct ar_parameters *parameters,
                                    ar_argument_vec *arguments, struct ar_verdict *verdict)
{
    const struct ar_source *source = &run->frame->workflow->arazzo->document.source;
    for (size_t i = 0; i < parameters->count && !verdict->status; i++) {
        const struct ar_parameter *parameter = &parameters->items[i];
        struct ar_filled filled;
        if (fill(run, parameter->value, parameter->at, &filled, verdict)) {
            return ARRAS_NO_MEMORY;
        }
        if (verdict->status) {
            break;
        }
        if (!filled.value && filled.optional) {
            ar_warning(&run->attempt_diags, "optional-absent", source, parameter->at,
                       "the parameter '%.*s' is left out: '%.*s' was not given",
                       AR_STR_ARG(parameter->name), AR_STR_ARG(filled.missing->text));
            hint_absent(run);
            continue;
        }
        if (!filled.value) {
            *verdict = points_at_nothing(run, "the parameter", parameter->name, filled.missing,
                                         parameter->at);
            continue;
        }
        struct ar_argument argument = {parameter->name, parameter->in, filled.value, parameter->at};
        if (!ar_vec_push(&run->attempt, arguments, argument)) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ARRAS_OK;
}

/* A payload given as the text of a JSON object or array is that, where parts of it are replaced. */
static enum arras_status read_payload(struct ar_run *run, const struct arras_value **payload)
{
    struct arras_str text = ar_text(*payload);
    struct arras_str begin = ar_str_trim(text);
    struct ar_source source = {AR_STR("payload"), text};
    struct arras_value value;
    if ((*payload)->type != ARRAS_STRING ||
        !(ar_str_starts(begin, "{") || ar_str_starts(begin, "["))) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_json_read(&source, &run->attempt, NULL, &value);
    if (status) {
        return status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
    }
    *payload = ar_value_new(&run->attempt, value);
    return *payload ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static struct ar_verdict leads_nowhere(struct ar_run *run, const struct ar_replacement *replacement,
                                       const struct arras_value *payload)
{
    if (payload->type == ARRAS_STRING && replacement->target_type != AR_XPATH) {
        return ar_verdict_failed(
            run, ARRAS_FAILED, "replacement", replacement->at,
            "the replacement: '%.*s' leads nowhere, the payload is a text that "
            "is no JSON",
            AR_STR_ARG(replacement->target));
    }
    return ar_verdict_failed(run, ARRAS_FAILED, "replacement", replacement->at,
                             "the replacement: '%.*s' leads nowhere in the payload",
                             AR_STR_ARG(replacement->target));
}

static enum arras_status put_in_xml(struct ar_run *run, const struct ar_replacement *replacement,
                                    const struct arras_value *value,
                                    const struct arras_value **payload, struct ar_verdict *verdict)
{
    struct ar_buf text;
    struct arras_str xml;
    bool found = false;
    ar_buf_init(&text, AR_DOCUMENT_SIZE);
    if (value->type == ARRAS_STRING) {
        ar_buf_add_str(&text, ar_text(value));
    } else {
        ar_json_write(&text, value, ARRAS_WRITE_COMPACT);
    }
    enum arras_status status = ar_buf_status(&text);
    status = status ? status
                    : ar_xpath_replace(replacement->target, ar_text(*payload), ar_buf_str(&text),
                                       &run->attempt, &run->attempt_diags, &xml, &found);
    ar_buf_release(&text);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status || !found) {
        *verdict = leads_nowhere(run, replacement, *payload);
        return ARRAS_OK;
    }
    *payload = ar_value_new(&run->attempt, ar_string(xml));
    return *payload ? ARRAS_OK : ARRAS_NO_MEMORY;
}

/* The payload with the value put where the target leads, at every place that it leads to. */
static enum arras_status put(struct ar_run *run, const struct ar_replacement *replacement,
                             const struct arras_value *value, const struct arras_value **payload,
                             struct ar_verdict *verdict)
{
    struct arras_str *places = NULL;
    size_t count = 0;
    struct ar_diags own; /* told by the verdict, which an action may deal with */
    ar_diags_init(&own, &run->attempt);
    if (replacement->target_type == AR_XPATH && (*payload)->type == ARRAS_STRING) {
        return put_in_xml(run, replacement, value, payload, verdict);
    }
    enum arras_status status = ar_selector_places(replacement->target_type, replacement->target,
                                                  *payload, &run->attempt, &own, &places, &count);
    for (size_t i = 0; i < count && !status; i++) {
        struct arras_value changed;
        status = ar_pointer_set(*payload, places[i], *value, &run->attempt, &changed);
        if (!status) {
            *payload = ar_value_new(&run->attempt, changed);
            status = *payload ? ARRAS_OK : ARRAS_NO_MEMORY;
        }
    }
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status == ARRAS_LIMIT) {
        *verdict = ar_verdict_failed(run, ARRAS_LIMIT, "size-limit", replacement->at,
                                     "the replacement: '%.*s' leads to too many or too deep places",
                                     AR_STR_ARG(replacement->target));
    } else if (status || count == 0) {
        *verdict = leads_nowhere(run, replacement, *payload);
    }
    return ARRAS_OK;
}

/* Without a contentType it is the payload that says whether it is XML. */
static enum ar_query_type target_type(const struct ar_request_body *body,
                                      const struct ar_replacement *replacement,
                                      const struct arras_value *payload)
{
    bool xml = body->content_type.len == 0 && payload->type == ARRAS_STRING &&
               ar_str_starts(ar_str_trim(ar_text(payload)), "<");
    return xml && replacement->target_type == AR_JSONPOINTER && replacement->target.len
               ? AR_XPATH
               : replacement->target_type;
}

static enum arras_status replace(struct ar_run *run, const struct ar_request_body *body,
                                 const struct arras_value **payload, struct ar_verdict *verdict)
{
    for (size_t i = 0; i < body->replacement_count && !verdict->status; i++) {
        struct ar_replacement replacement = body->replacements[i];
        struct ar_filled filled;
        replacement.target_type = target_type(body, &replacement, *payload);
        if (fill(run, replacement.value, replacement.at, &filled, verdict)) {
            return ARRAS_NO_MEMORY;
        }
        if (verdict->status) {
            break;
        }
        if (!filled.value && filled.optional) {
            ar_warning(&run->attempt_diags, "optional-absent",
                       &run->frame->workflow->arazzo->document.source, replacement.at,
                       "nothing is put at '%.*s': '%.*s' was not given",
                       AR_STR_ARG(replacement.target), AR_STR_ARG(filled.missing->text));
            hint_absent(run);
            continue;
        }
        if (!filled.value) {
            *verdict = points_at_nothing(run, "the replacement of", replacement.target,
                                         filled.missing, replacement.at);
            continue;
        }
        if (put(run, &replacement, filled.value, payload, verdict)) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ARRAS_OK;
}

/* An input that was not given and is the payload leaves the body out. Of a longer text nothing can
 * be left out: the step fails. */
static enum arras_status payload_absent(struct ar_run *run, const struct ar_request_body *body,
                                        const struct ar_filled *filled, struct ar_verdict *verdict)
{
    if (!filled->optional || !ar_template_is_expression(body->payload)) {
        *verdict =
            points_at_nothing(run, "the payload", (struct arras_str){0}, filled->missing, body->at);
        return ARRAS_OK;
    }
    ar_warning(&run->attempt_diags, "optional-absent",
               &run->frame->workflow->arazzo->document.source, filled->missing->at,
               "the body is left out: '%.*s' was not given", AR_STR_ARG(filled->missing->text));
    hint_absent(run);
    return ARRAS_OK;
}

enum arras_status ar_fill_payload(struct ar_run *run, const struct ar_request_body *body,
                                  const struct arras_value **ret, struct ar_verdict *verdict)
{
    struct ar_filled filled;
    *ret = NULL;
    if (!body || !body->payload || verdict->status) {
        return ARRAS_OK;
    }
    if (fill(run, body->payload, body->at, &filled, verdict)) {
        return ARRAS_NO_MEMORY;
    }
    if (verdict->status) {
        return ARRAS_OK;
    }
    if (!filled.value) {
        return payload_absent(run, body, &filled, verdict);
    }
    *ret = filled.value;
    if (body->replacement_count == 0) {
        return ARRAS_OK;
    }
    return read_payload(run, ret) ? ARRAS_NO_MEMORY : replace(run, body, ret, verdict);
}

enum arras_status ar_argument_inputs(struct ar_run *run, const ar_argument_vec *arguments,
                                     const struct arras_value *base, struct arras_value *ret)
{
    struct ar_object inputs;
    ar_object_init(&inputs, &run->attempt);
    for (size_t i = 0; base && i < base->count; i++) {
        const struct ar_member *member = &base->members[i];
        if (!ar_object_set(&inputs, ar_member_name(member), member->value)) {
            return ARRAS_NO_MEMORY;
        }
    }
    for (size_t i = 0; i < arguments->count; i++) {
        if (!ar_object_set(&inputs, arguments->items[i].name, *arguments->items[i].value)) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ar_object_value(&inputs, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status ar_action_inputs(struct ar_run *run, const struct ar_action *action,
                                   const struct arras_value **ret, struct ar_verdict *verdict)
{
    ar_argument_vec arguments = {0};
    struct arras_value inputs;
    enum arras_status status =
        ar_inputs_inherit(action->workflow, run->frame->inputs, &run->attempt, ret);
    status = status ? status : ar_fill_arguments(run, &action->parameters, &arguments, verdict);
    if (status || verdict->status || arguments.count == 0) {
        return status;
    }
    status = ar_argument_inputs(run, &arguments, *ret, &inputs);
    *ret = status ? NULL : ar_value_new(&run->attempt, inputs);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}
