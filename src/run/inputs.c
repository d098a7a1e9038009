#include "run/inputs.h"
#include "base/limits.h"
#include "query/schema.h"
#include "run/inherit.h"
#include "run/secrets.h"
#include "value/json.h"
#include "value/number.h"

static bool allows(const struct arras_value *schema, const char *type)
{
    const struct arras_value *types = ar_get_z(schema, "type");
    bool found = ar_str_is(ar_text(types), type);
    for (size_t i = 0; ar_item(types, i); i++) {
        found = found || ar_str_is(ar_text(ar_item(types, i)), type);
    }
    return found;
}

/* A text as the type that its schema gives; a string where it is none, or cannot be read as one. */
static enum arras_status coerce(const struct arras_value *schema, struct arras_str text,
                                struct ar_arena *arena, struct arras_value *ret)
{
    *ret = ar_string(text);
    bool number = allows(schema, "number") || allows(schema, "integer");
    if (number && ar_number_valid(text)) {
        *ret = ar_number_text(text);
    } else if (allows(schema, "boolean") && (ar_str_is(text, "true") || ar_str_is(text, "false"))) {
        *ret = ar_bool(text.len == 4);
    } else if (allows(schema, "null") && ar_str_is(text, "null")) {
        *ret = ar_null();
    } else if (allows(schema, "object") || allows(schema, "array")) {
        struct ar_source source = {AR_STR("input"), text};
        struct arras_value read;
        enum arras_status status = ar_json_read(&source, arena, NULL, &read);
        if (status == ARRAS_NO_MEMORY) {
            return status;
        }
        if (!status && allows(schema, ar_type_name(&read))) {
            *ret = read;
        }
    }
    return ARRAS_OK;
}

/* The schema of an input by the first workflow that declares it; NULL: none does. */
static const struct arras_value *schema_of(const ar_workflow_vec *workflows, struct arras_str name)
{
    const struct arras_value *found = NULL;
    for (size_t i = 0; i < workflows->count && !found; i++) {
        const struct ar_workflow *workflow = workflows->items[i];
        found = ar_inputs_follow(workflow, ar_workflow_input(workflow, name));
    }
    return found;
}

static enum arras_status add_text(struct ar_object *inputs, const ar_workflow_vec *workflows,
                                  struct arras_str name, const char *text)
{
    struct arras_str copy;
    struct arras_value value;
    const struct arras_value *schema = schema_of(workflows, name);
    if (!ar_str_copy(ar_str_z(text), inputs->arena, &copy)) {
        return ARRAS_NO_MEMORY;
    }
    enum arras_status status = coerce(schema, copy, inputs->arena, &value);
    return !status && !ar_object_set(inputs, name, value) ? ARRAS_NO_MEMORY : status;
}

/* "api-key" is also given by API_KEY. */
static bool is_called(struct arras_str input, struct arras_str name)
{
    if (ar_str_eq(input, name)) {
        return true;
    }
    bool same = input.len == name.len;
    for (size_t i = 0; i < input.len && same; i++) {
        char c = input.ptr[i];
        bool lower = c >= 'a' && c <= 'z';
        bool plain = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        same = name.ptr[i] == (lower ? c - ('a' - 'A') : plain ? c : '_');
    }
    return same;
}

struct fallback {
    const ar_workflow_vec *workflows;
    const struct ar_given_inputs *given;
    struct ar_object *inputs;
};

/* For the declared inputs of one part of the schema. */
static enum arras_status add_fallbacks(const struct fallback *fallback,
                                       const struct arras_value *schema)
{
    const struct arras_value *properties = ar_get_z(schema, "properties");
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; ar_is(properties, ARRAS_OBJECT) && i < properties->count; i++) {
        struct arras_str input = ar_member_name(&properties->members[i]);
        bool given = ar_object_has(fallback->inputs, input);
        const struct arras_settings *settings = &fallback->given->fallbacks;
        for (size_t j = 0; j < settings->count && !given && !status; j++) {
            if (is_called(input, ar_str_z(settings->items[j].name))) {
                given = true;
                status = add_text(fallback->inputs, fallback->workflows, input,
                                  settings->items[j].value);
            }
        }
    }
    return status;
}

/* Of the workflow and all that have its inputs, too. */
static enum arras_status add_declared(const struct fallback *fallback)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < fallback->workflows->count && !status; i++) {
        const struct ar_workflow *workflow = fallback->workflows->items[i];
        for (size_t j = 0; j < workflow->input_part_count && !status; j++) {
            status = add_fallbacks(fallback, workflow->input_parts[j]);
        }
    }
    return status;
}

static enum arras_status gather(const struct ar_workflow *workflow,
                                const struct ar_given_inputs *given, struct ar_arena *arena,
                                struct arras_value *ret)
{
    struct ar_object inputs;
    ar_workflow_vec workflows = {0};
    if (ar_inheriting(workflow, arena, &workflows)) {
        return ARRAS_NO_MEMORY;
    }
    ar_object_init(&inputs, arena);
    for (size_t i = 0; ar_is(given->values, ARRAS_OBJECT) && i < given->values->count; i++) {
        const struct ar_member *member = &given->values->members[i];
        if (!ar_object_set(&inputs, ar_member_name(member), member->value)) {
            return ARRAS_NO_MEMORY;
        }
    }
    for (size_t i = 0; i < given->texts.count; i++) {
        struct arras_str name;
        if (!ar_str_copy(ar_str_z(given->texts.items[i].name), arena, &name) ||
            add_text(&inputs, &workflows, name, given->texts.items[i].value)) {
            return ARRAS_NO_MEMORY;
        }
    }
    struct fallback fallback = {&workflows, given, &inputs};
    enum arras_status status = add_declared(&fallback);
    return status ? status : ar_object_value(&inputs, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static size_t tell_missing(const struct ar_workflow *workflow, const struct arras_value *schema,
                           const struct arras_value *inputs, struct ar_diags *diags)
{
    const struct arras_value *required = ar_get_z(schema, "required");
    size_t missing = 0;
    for (size_t i = 0; ar_item(required, i); i++) {
        const struct arras_value *name = ar_item(required, i);
        if (ar_get(inputs, ar_text(name))) {
            continue;
        }
        missing++;
        ar_error(diags, ARRAS_INVALID, "missing-input", &workflow->arazzo->document.source,
                 name->at, "the workflow '%.*s' needs the input '%.*s'", AR_STR_ARG(workflow->id),
                 AR_STR_ARG(ar_text(name)));
        ar_hint(diags, "give --input %.*s=...", AR_STR_ARG(ar_text(name)));
    }
    return missing;
}

static enum arras_status validate(const struct ar_workflow *workflow,
                                  const struct arras_value *inputs, struct ar_arena *arena,
                                  struct ar_diags *diags)
{
    struct ar_schema_result result = {0};
    struct ar_secrets secrets = {0};
    size_t missing = 0;
    if (ar_inputs_own(workflow, inputs, arena, &inputs)) {
        return ar_no_memory(diags);
    }
    for (size_t i = 0; i < workflow->input_part_count; i++) {
        missing += tell_missing(workflow, workflow->input_parts[i], inputs, diags);
    }
    enum arras_status status = ar_schema_validate(workflow->schema, inputs, arena, diags, &result);
    if (status || result.valid) {
        return status;
    }
    if (ar_secrets_from_inputs(&secrets, workflow, inputs, arena)) {
        return ar_no_memory(diags);
    }
    for (size_t i = 0; i < result.errors.count; i++) {
        const struct ar_schema_error *error = &result.errors.items[i];
        bool told = missing && error->instance_path.len == 0 &&
                    ar_str_ends(error->schema_path, "/required");
        struct arras_str message;
        if (!ar_secrets_hide(&secrets, error->message, arena, &message)) {
            return ar_no_memory(diags);
        }
        if (!told) {
            ar_error(diags, ARRAS_INVALID, "invalid-input", &workflow->arazzo->document.source,
                     error->source ? error->schema->at : workflow->at, "the inputs: %.*s",
                     AR_STR_ARG(message));
        }
    }
    return ARRAS_INVALID;
}

enum arras_status ar_inputs_check_ranges(const struct ar_workflow *workflow,
                                         const struct arras_value *inputs, struct ar_arena *arena,
                                         struct ar_diags *diags)
{
    const struct ar_arazzo *arazzo = workflow->arazzo;
    struct ar_schema_result result = {0};
    enum arras_status first = ARRAS_OK;
    if (ar_inputs_own(workflow, inputs, arena, &inputs)) {
        return ar_no_memory(diags);
    }
    enum arras_status status =
        workflow->ranges ? ar_schema_validate(workflow->ranges, inputs, arena, diags, &result)
                         : ARRAS_OK;
    for (size_t i = 0; i < result.errors.count && !status; i++) {
        const struct ar_schema_error *error = &result.errors.items[i];
        enum arras_status found = ar_deviation(
            diags, arazzo->strictness == ARRAS_STRICT, "input-range", &arazzo->document.source,
            error->source ? error->schema->at : workflow->at, "the inputs of '%.*s': %.*s",
            AR_STR_ARG(workflow->id), AR_STR_ARG(error->message));
        ar_hint(diags, "give a value within it, or another format in the schema");
        first = first ? first : found;
    }
    return status ? status : first;
}

static enum arras_status check_own_ranges(const struct ar_workflow *workflow,
                                          const struct arras_value *inputs, struct ar_arena *arena,
                                          struct ar_diags *diags)
{
    struct ar_diags own;
    struct ar_secrets secrets = {0};
    ar_diags_init(&own, arena);
    enum arras_status status = ar_inputs_check_ranges(workflow, inputs, arena, &own);
    bool hidden = own.list.count == 0 || !ar_secrets_from_inputs(&secrets, workflow, inputs, arena);
    for (size_t i = 0; i < own.list.count && hidden; i++) {
        struct arras_str *message = &own.list.items[i].message;
        hidden = ar_secrets_hide(&secrets, *message, arena, message);
    }
    if (!hidden) {
        return ar_no_memory(diags);
    }
    ar_diags_add(diags, &own);
    return status;
}

static enum arras_status with_defaults(const struct ar_workflow *workflow,
                                       const struct arras_value *given, struct ar_arena *arena,
                                       const struct arras_value **ret)
{
    struct arras_value inputs;
    *ret = given;
    if (!workflow->schema) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_schema_fill_defaults(workflow->schema, given, arena, &inputs);
    if (!status) {
        *ret = ar_value_new(arena, inputs);
        status = *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    return status;
}

struct needed {
    const struct ar_workflow *workflow;
    const struct arras_value *inputs; /* with the defaults of the workflow */
};

typedef AR_VEC(struct needed) needed_vec;

/* Puts what a workflow depends on, and is not there yet, behind it. */
static enum arras_status add_needed(needed_vec *list, struct needed by, struct ar_arena *arena)
{
    for (size_t i = 0; i < by.workflow->depends_on_count; i++) {
        struct needed needed = {by.workflow->dependencies[i], NULL};
        bool there = !needed.workflow;
        for (size_t j = 0; j < list->count && !there; j++) {
            there = list->items[j].workflow == needed.workflow;
        }
        enum arras_status status =
            there ? ARRAS_OK : ar_inputs_inherit(needed.workflow, by.inputs, arena, &needed.inputs);
        if (!there && !status) {
            status = with_defaults(needed.workflow, needed.inputs, arena, &needed.inputs);
        }
        if (status) {
            return status;
        }
        if (!there && !ar_vec_push(arena, list, needed)) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ARRAS_OK;
}

/* The workflows that run first are given the same inputs, so what they lack is known by now.
 * `status`: what the workflow's own inputs are; all errors are told at once. */
static enum arras_status check_dependencies(const struct ar_workflow *workflow,
                                            const struct arras_value *inputs,
                                            struct ar_arena *arena, struct ar_diags *diags,
                                            enum arras_status status)
{
    needed_vec list = {0};
    if (status && status != ARRAS_INVALID) {
        return status;
    }
    if (!ar_vec_push(arena, &list, ((struct needed){workflow, inputs}))) {
        return ar_no_memory(diags);
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct needed *needed = &list.items[i];
        bool checked = i == 0 || !needed->workflow->schema;
        enum arras_status found =
            checked ? ARRAS_OK : validate(needed->workflow, needed->inputs, arena, diags);
        status = found ? found : status;
        if (!found || found == ARRAS_INVALID) {
            found = add_needed(&list, *needed, arena);
        }
        if (found) {
            return found == ARRAS_NO_MEMORY ? ar_no_memory(diags) : found;
        }
    }
    return status;
}

enum arras_status ar_inputs_prepare(const struct ar_workflow *workflow,
                                    const struct ar_given_inputs *given, struct ar_arena *arena,
                                    struct ar_diags *diags, const struct arras_value **ret,
                                    struct ar_uploads *ret_uploads)
{
    if (given->values && given->values->type != ARRAS_OBJECT) {
        return ar_error(diags, ARRAS_INVALID, "invalid-input", NULL, 0,
                        "the inputs must be an object, they are %s", ar_type_name(given->values));
    }
    struct arras_value inputs;
    enum arras_status status = gather(workflow, given, arena, &inputs);
    const struct arras_value *made = status ? NULL : ar_value_new(arena, inputs);
    status = made ? ar_uploads_collect(made, arena, ret_uploads) : ARRAS_NO_MEMORY;
    if (status == ARRAS_LIMIT) {
        return ar_error(diags, status, "invalid-input", NULL, 0, "the inputs are nested too deep");
    }
    if (status) {
        return ar_no_memory(diags);
    }
    status = with_defaults(workflow, made, arena, &made);
    if (status) {
        return status;
    }
    *ret = made;
    status = workflow->schema ? validate(workflow, made, arena, diags) : ARRAS_OK;
    status = status ? status : check_own_ranges(workflow, made, arena, diags);
    return check_dependencies(workflow, made, arena, diags, status);
}
