/* From the text of a document to its model. */
#include "arazzo/criterion.h"
#include "arazzo/reader.h"
#include "base/limits.h"
#include "base/uri.h"
#include "query/schema.h"

static enum arras_status name_for_c(struct ar_reader *reader, struct arras_str name,
                                    const struct arras_value *value, const char **ret)
{
    if (ar_str_has_nul(name)) {
        return ar_invalid(reader, "shape", value->at, "a name must not hold a NUL character");
    }
    *ret = ar_str_to_z(name, reader->arena);
    return *ret ? ARRAS_OK : ar_no_memory(reader->diags);
}

static enum arras_status read_source(struct ar_reader *reader, const struct arras_value *value,
                                     struct ar_source_description *ret)
{
    static const struct {
        const char *name;
        enum ar_source_type type;
    } types[] = {{"openapi", AR_SOURCE_OPENAPI},
                 {"arazzo", AR_SOURCE_ARAZZO},
                 {"asyncapi", AR_SOURCE_ASYNCAPI}};
    struct arras_str type = {0};
    enum arras_status status =
        ar_reader_string(reader, value, "name", true, "a source description", &ret->name);
    status = status
                 ? status
                 : ar_reader_string(reader, value, "url", true, "a source description", &ret->url);
    status = status ? status
                    : ar_reader_string(reader, value, "type", false, "a source description", &type);
    status = status ? status : ar_reader_fields(reader, value, AR_OBJECT_SOURCE);
    ret->at = value->at;
    ar_diags_init(&ret->diags, reader->arena);
    status = status ? status : name_for_c(reader, ret->name, value, &ret->name_z);
    struct arras_str path;
    if (!status &&
        !ar_str_printf(reader->arena, &path, "%s%s", reader->arazzo->name_prefix, ret->name_z)) {
        status = ar_no_memory(reader->diags);
    }
    ret->path_z = status ? NULL : path.ptr;
    if (status || type.len == 0) {
        return status;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (ar_str_is(type, types[i].name)) {
            ret->type = types[i].type;
            return ARRAS_OK;
        }
    }
    return ar_invalid(reader, "source-type", ar_get_z(value, "type")->at,
                      "the source description '%.*s' is of type '%.*s', which is none of openapi, "
                      "arazzo, asyncapi",
                      AR_STR_ARG(ret->name), AR_STR_ARG(type));
}

static enum arras_status read_sources(struct ar_reader *reader, const struct arras_value *root)
{
    struct ar_arazzo *arazzo = reader->arazzo;
    const struct arras_value *list = NULL;
    enum arras_status status =
        ar_reader_member(reader, root, "sourceDescriptions", ARRAS_ARRAY, &list);
    if (!status && (!list || list->count == 0)) {
        status = ar_invalid(reader, "shape", root->at, "the document has no sourceDescriptions");
    }
    if (status) {
        return status;
    }
    arazzo->sources = ar_new_array(reader->arena, struct ar_source_description, list->count);
    if (!arazzo->sources) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < list->count && !status; i++) {
        struct ar_source_description *source = &arazzo->sources[i];
        status = read_source(reader, &list->items[i], source);
        if (!status && ar_arazzo_source(arazzo, source->name)) {
            status =
                ar_invalid(reader, "duplicate", source->at,
                           "two source descriptions are called '%.*s'", AR_STR_ARG(source->name));
        }
        arazzo->source_count++;
    }
    return status;
}

static enum arras_status load_schema(void *context, struct arras_str uri, struct ar_arena *arena,
                                     const struct arras_value **ret)
{
    (void)arena;
    return ar_schema_document_need(context, uri, ret);
}

/* The location of the document, as references are resolved against it. */
static enum arras_status base_of(struct ar_reader *reader, struct arras_str *ret)
{
    struct ar_buf buf;
    *ret = reader->arazzo->path;
    if (ar_uri_is_web(*ret)) {
        return ARRAS_OK;
    }
    ar_buf_init(&buf, 3 * ret->len + 1);
    ar_uri_encode(&buf, *ret, "/");
    enum arras_status status = ar_buf_copy(&buf, reader->arena, ret);
    ar_buf_release(&buf);
    return status ? ar_no_memory(reader->diags) : ARRAS_OK;
}

static enum arras_status compile_inputs(struct ar_reader *reader)
{
    struct ar_workflow *workflow = reader->workflow;
    const struct ar_document *document = &reader->arazzo->document;
    struct ar_schema_options options = {.dialect = AR_SCHEMA_2020_12,
                                        .beside = reader->arazzo->schemas,
                                        .beside_count = reader->arazzo->schema_count,
                                        .load = load_schema,
                                        .context = reader};
    enum arras_status status = workflow->inputs ? base_of(reader, &options.base_uri) : ARRAS_OK;
    if (status || !workflow->inputs) {
        return status;
    }
    status = ar_schema_compile(&document->root, workflow->inputs, &document->source, &options,
                               reader->arena, reader->diags, &workflow->schema);
    options.assert_format = AR_FORMATS_OF_NUMBERS;
    status = status ? status
                    : ar_schema_compile(&document->root, workflow->inputs, &document->source,
                                        &options, reader->arena, reader->diags, &workflow->ranges);
    if (!status && !ar_schema_asserts_format(workflow->ranges)) {
        ar_schema_release(workflow->ranges);
        workflow->ranges = NULL;
    }
    return status;
}

static enum arras_status read_inputs(struct ar_reader *reader, const struct arras_value *value)
{
    struct ar_workflow *workflow = reader->workflow;
    workflow->inputs = ar_get_z(value, "inputs");
    enum arras_status status = compile_inputs(reader);
    if (status) {
        return status;
    }
    status = ar_workflow_gather_inputs(workflow, reader->arena);
    if (status == ARRAS_NO_MEMORY) {
        return ar_no_memory(reader->diags);
    }
    return status ? ar_error(reader->diags, status, "inputs-limit",
                             &reader->arazzo->document.source, workflow->inputs->at,
                             "the inputs are made of more than %d schemas", AR_INPUT_PARTS)
                  : ARRAS_OK;
}

/* The ids of a workflow's steps and the names of their outputs and its own: what expressions
 * elsewhere refer to, so they are there before any expression is read. */
static enum arras_status read_step_names(struct ar_reader *reader, const struct arras_value *value)
{
    struct ar_workflow *workflow = reader->workflow;
    const struct arras_value *steps = NULL, *outputs = NULL;
    enum arras_status status = ar_reader_member(reader, value, "steps", ARRAS_ARRAY, &steps);
    status = status ? status : ar_reader_member(reader, value, "outputs", ARRAS_OBJECT, &outputs);
    status = status ? status : ar_read_output_names(reader, outputs, &workflow->outputs);
    if (!status && (!steps || steps->count == 0)) {
        status = ar_invalid(reader, "shape", value->at, "the workflow '%.*s' has no steps",
                            AR_STR_ARG(workflow->id));
    }
    if (status) {
        return status;
    }
    if (steps->count > AR_WORKFLOW_STEPS) {
        return ar_error(reader->diags, ARRAS_LIMIT, "step-limit", &reader->arazzo->document.source,
                        value->at, "the workflow '%.*s' has more than %d steps",
                        AR_STR_ARG(workflow->id), AR_WORKFLOW_STEPS);
    }
    workflow->steps = ar_new_array(reader->arena, struct ar_step, steps->count);
    if (!workflow->steps) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < steps->count && !status; i++) {
        struct ar_step *step = &workflow->steps[i];
        step->at = steps->items[i].at;
        status = ar_reader_string(reader, &steps->items[i], "stepId", true, "a step", &step->id);
        if (!status && ar_workflow_step(workflow, step->id) != AR_NOT_FOUND) {
            status = ar_invalid(reader, "duplicate", step->at,
                                "two steps of the workflow '%.*s' are called '%.*s'",
                                AR_STR_ARG(workflow->id), AR_STR_ARG(step->id));
        }
        workflow->step_count++;
        status =
            status ? status
                   : ar_reader_member(reader, &steps->items[i], "outputs", ARRAS_OBJECT, &outputs);
        status = status ? status : ar_read_output_names(reader, outputs, &step->outputs);
    }
    return status;
}

static enum arras_status read_names(struct ar_reader *reader, const struct arras_value *value)
{
    enum arras_status inputs = read_inputs(reader, value);
    enum arras_status status = inputs == ARRAS_NO_MEMORY ? inputs : read_step_names(reader, value);
    return status ? status : inputs;
}

static enum arras_status read_depends_on(struct ar_reader *reader, const struct arras_value *value)
{
    struct ar_workflow *workflow = reader->workflow;
    enum arras_status status = ar_reader_names(reader, value, "dependsOn", &workflow->depends_on,
                                               &workflow->depends_on_count);
    if (status || workflow->depends_on_count == 0) {
        return status;
    }
    workflow->dependencies =
        ar_new_array(reader->arena, const struct ar_workflow *, workflow->depends_on_count);
    return workflow->dependencies ? ARRAS_OK : ar_no_memory(reader->diags);
}

/* Where $id and $anchor of inputs may stand. */
static enum arras_status list_schemas(struct ar_reader *reader, const struct arras_value *root)
{
    struct ar_arazzo *arazzo = reader->arazzo;
    const struct arras_value *workflows = ar_get_z(root, "workflows");
    const struct arras_value *components = ar_get_z(arazzo->components, "inputs");
    AR_VEC(const struct arras_value *) list = {0};
    bool made = true;
    for (size_t i = 0; ar_is(components, ARRAS_OBJECT) && i < components->count && made; i++) {
        const struct arras_value *schema = &components->members[i].value;
        made = ar_vec_push(reader->arena, &list, schema);
    }
    for (size_t i = 0; ar_item(workflows, i) && made; i++) {
        const struct arras_value *schema = ar_get_z(ar_item(workflows, i), "inputs");
        made = !schema || ar_vec_push(reader->arena, &list, schema);
    }
    arazzo->schemas = list.items;
    arazzo->schema_count = list.count;
    return made ? ARRAS_OK : ar_no_memory(reader->diags);
}

/* A list of the workflow's own must not name anything twice; `in`: what else tells entries apart.
 */
static enum arras_status check_twice(struct ar_reader *reader, const struct arras_value *workflow,
                                     const char *list_name, const char *kind, const char *in)
{
    const struct arras_value *list = ar_get_z(workflow, list_name);
    for (size_t i = 0; ar_is(list, ARRAS_ARRAY) && i < list->count; i++) {
        const struct arras_value *one, *other;
        enum arras_status status = ar_reader_reusable(reader, &list->items[i], kind, &one);
        struct arras_str name = ar_text(ar_get_z(one, "name"));
        for (size_t j = 0; j < i && !status && name.len; j++) {
            status = ar_reader_reusable(reader, &list->items[j], kind, &other);
            if (!status && ar_str_eq(ar_text(ar_get_z(other, "name")), name) &&
                ar_str_eq(ar_text(ar_get_z(other, in)), ar_text(ar_get_z(one, in)))) {
                return ar_invalid(reader, "duplicate", list->items[i].at,
                                  "two of the workflow's %s are called '%.*s'", list_name,
                                  AR_STR_ARG(name));
            }
        }
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

/* Parameter Object, `in`: inputs of workflows have no places, parameters of operations must. One
 * of the workflow without a place is for the workflows that its steps call; by the letter it is for
 * all its steps. */
static enum arras_status check_places(struct ar_reader *reader, const struct arras_value *value)
{
    const struct ar_workflow *workflow = reader->workflow;
    const struct arras_value *list = ar_get_z(value, "parameters");
    size_t calls = 0; /* of workflows */
    for (size_t i = 0; i < workflow->step_count; i++) {
        calls += workflow->steps[i].workflow_id.len > 0;
    }
    bool strict = reader->arazzo->strictness == ARRAS_STRICT;
    if (calls == workflow->step_count || (calls && !strict)) {
        return ARRAS_OK;
    }
    for (size_t i = 0; ar_item(list, i); i++) {
        const struct arras_value *parameter;
        enum arras_status status =
            ar_reader_reusable(reader, ar_item(list, i), "parameters", &parameter);
        if (!status && !ar_get_z(parameter, "in")) {
            struct arras_str name = ar_text(ar_get_z(parameter, "name"));
            status =
                ar_invalid(reader, "parameter-in", ar_item(list, i)->at,
                           "the parameter '%.*s' of operations needs an 'in'", AR_STR_ARG(name));
        }
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

static enum arras_status read_workflow(struct ar_reader *reader, const struct arras_value *value)
{
    struct ar_workflow *workflow = reader->workflow;
    const struct arras_value *steps = ar_get_z(value, "steps");
    enum arras_status status = ar_reader_fields(reader, value, AR_OBJECT_WORKFLOW);
    status = status ? status : read_depends_on(reader, value);
    status = status ? status : check_twice(reader, value, "parameters", "parameters", "in");
    status =
        status ? status : check_twice(reader, value, "successActions", "successActions", "name");
    status =
        status ? status : check_twice(reader, value, "failureActions", "failureActions", "name");
    for (size_t i = 0; i < workflow->step_count && !status; i++) {
        status = ar_read_step(reader, &steps->items[i], value, &workflow->steps[i]);
    }
    status = status ? status : check_places(reader, value);
    status = status ? status
                    : ar_read_output_values(reader, ar_get_z(value, "outputs"), &workflow->outputs);
    status = status ? status : ar_flow_order(reader);
    status = status ? status : ar_link_workflow(reader);
    return status ? status : ar_flow_check(reader);
}

static enum arras_status read_id(struct ar_reader *reader, const struct arras_value *value,
                                 struct ar_workflow *workflow, const char **ret_name)
{
    workflow->arazzo = reader->arazzo;
    workflow->at = value->at;
    ar_diags_init(&workflow->diags, reader->arena);
    enum arras_status status =
        ar_reader_string(reader, value, "workflowId", true, "a workflow", &workflow->id);
    status = status ? status : name_for_c(reader, workflow->id, value, ret_name);
    if (!status && ar_arazzo_workflow(reader->arazzo, workflow->id)) {
        status = ar_invalid(reader, "duplicate", workflow->at, "two workflows are called '%.*s'",
                            AR_STR_ARG(workflow->id));
    }
    return status;
}

/* Does one part of reading a workflow; what is wrong with it is kept with it. */
static enum arras_status read_part(const struct ar_reader *reader, const struct arras_value *value,
                                   struct ar_workflow *workflow,
                                   enum arras_status (*part)(struct ar_reader *,
                                                             const struct arras_value *))
{
    struct ar_reader own = *reader;
    own.workflow = workflow;
    own.diags = &workflow->diags;
    if (!workflow->status) {
        workflow->status = part(&own, value);
    }
    return workflow->status == ARRAS_NO_MEMORY ? ar_no_memory(reader->diags) : ARRAS_OK;
}

static enum arras_status read_workflows(struct ar_reader *reader, const struct arras_value *root)
{
    struct ar_arazzo *arazzo = reader->arazzo;
    const struct arras_value *list = NULL;
    enum arras_status status = ar_reader_member(reader, root, "workflows", ARRAS_ARRAY, &list);
    if (!status && (!list || list->count == 0)) {
        status = ar_invalid(reader, "shape", root->at, "the document has no workflows");
    }
    if (status) {
        return status;
    }
    arazzo->workflows = ar_new_array(reader->arena, struct ar_workflow, list->count);
    arazzo->names = ar_new_array(reader->arena, const char *, list->count);
    if (!arazzo->workflows || !arazzo->names) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < list->count && !status; i++) {
        status = read_id(reader, &list->items[i], &arazzo->workflows[i], &arazzo->names[i]);
        arazzo->workflow_count++;
    }
    for (size_t i = 0; i < list->count && !status; i++) {
        status = read_part(reader, &list->items[i], &arazzo->workflows[i], read_names);
    }
    for (size_t i = 0; i < list->count && !status; i++) {
        status = read_part(reader, &list->items[i], &arazzo->workflows[i], read_workflow);
    }
    return status;
}

static enum arras_status read_version(struct ar_reader *reader, const struct arras_value *root)
{
    const struct arras_value *version = ar_get_z(root, "arazzo");
    if (root->type != ARRAS_OBJECT || !version) {
        ar_invalid(reader, "not-arazzo", root->at,
                   "this is not an Arazzo document: it has no 'arazzo'");
        if (ar_get_z(root, "openapi") || ar_get_z(root, "swagger")) {
            ar_hint(reader->diags, "this is an OpenAPI description; name the workflow document");
        }
        return ARRAS_INVALID;
    }
    struct arras_str text = ar_text(version);
    reader->arazzo->minor = ar_str_starts(text, "1.1");
    if (ar_str_is(text, "1.0") || ar_str_is(text, "1.1")) {
        enum arras_status status =
            ar_deviation(reader->diags, reader->arazzo->strictness == ARRAS_STRICT,
                         "arazzo-version", &reader->arazzo->document.source, version->at,
                         "the version of Arazzo '%.*s' lacks its third part", AR_STR_ARG(text));
        ar_hint(reader->diags, "write '%.*s.0'", AR_STR_ARG(text));
        return status;
    }
    if (!ar_str_starts(text, "1.0.") && !ar_str_starts(text, "1.1.")) {
        return ar_error(reader->diags, ARRAS_UNSUPPORTED, "arazzo-version",
                        &reader->arazzo->document.source, version->at,
                        "Arazzo '%.*s' is not supported; 1.0 and 1.1 are", AR_STR_ARG(text));
    }
    return ARRAS_OK;
}

/* What the specification requires and a run does not need. */
static enum arras_status read_info(struct ar_reader *reader, const struct arras_value *root)
{
    static const char *const names[] = {"title", "version"};
    bool strict = reader->arazzo->strictness == ARRAS_STRICT;
    const struct arras_value *info = NULL;
    enum arras_status status =
        strict ? ar_reader_member(reader, root, "info", ARRAS_OBJECT, &info) : ARRAS_OK;
    for (size_t i = 0; strict && i < sizeof(names) / sizeof(*names) && !status; i++) {
        if (!ar_is(ar_get_z(info, names[i]), ARRAS_STRING)) {
            status = ar_invalid(reader, "shape", info ? info->at : root->at,
                                "the document's 'info' needs a '%s', a string", names[i]);
        }
    }
    return status;
}

/* The letter of $self and of the names of components, which a run does not need. */
static enum arras_status check_names(struct ar_reader *reader, const struct arras_value *root)
{
    struct ar_arazzo *arazzo = reader->arazzo;
    const struct arras_value *self = NULL;
    enum arras_status status =
        arazzo->minor ? ar_reader_member(reader, root, "$self", ARRAS_STRING, &self) : ARRAS_OK;
    if (status || arazzo->strictness != ARRAS_STRICT) {
        return status;
    }
    if (self && ar_str_find_char(ar_text(self), '#', 0) != AR_NOT_FOUND) {
        return ar_invalid(reader, "self", self->at, "'$self' must not have a fragment");
    }
    const struct arras_value *components = arazzo->components;
    for (size_t i = 0; components && i < components->count; i++) {
        const struct arras_value *kind = &components->members[i].value;
        bool extension = ar_str_starts(ar_member_name(&components->members[i]), "x-");
        for (size_t j = 0; !extension && kind->type == ARRAS_OBJECT && j < kind->count; j++) {
            struct arras_str name = ar_member_name(&kind->members[j]);
            if (!ar_is_plain_name(name)) {
                return ar_invalid(reader, "component-name", kind->members[j].at,
                                  "the component's name '%.*s' has characters other than letters, "
                                  "digits and '.-_'",
                                  AR_STR_ARG(name));
            }
        }
    }
    return ARRAS_OK;
}

static enum arras_status check_fields(struct ar_reader *reader, const struct arras_value *root)
{
    enum arras_status status = ar_reader_fields(reader, root, AR_OBJECT_ROOT);
    status = status ? status : ar_reader_fields(reader, ar_get_z(root, "info"), AR_OBJECT_INFO);
    return status ? status
                  : ar_reader_fields(reader, reader->arazzo->components, AR_OBJECT_COMPONENTS);
}

static enum arras_status read_document(struct ar_arazzo *arazzo, struct ar_diags *diags)
{
    const struct arras_value *root = &arazzo->document.root;
    struct ar_reader reader = {arazzo, arazzo->arena, diags, NULL};
    enum arras_status status = read_version(&reader, root);
    status = status ? status : read_info(&reader, root);
    status = status
                 ? status
                 : ar_reader_member(&reader, root, "components", ARRAS_OBJECT, &arazzo->components);
    status = status ? status : check_fields(&reader, root);
    status = status ? status : check_names(&reader, root);
    status = status ? status : list_schemas(&reader, root);
    status = status ? status : read_sources(&reader, root);
    status = status ? status : read_workflows(&reader, root);
    arazzo->complete = true;
    return status;
}

static enum arras_status read_root(const struct ar_document *document, struct arras_str path,
                                   const struct arras_load_options *options,
                                   const struct ar_fetch *fetch, struct ar_arena *arena,
                                   struct ar_diags *diags, struct ar_arazzo **ret)
{
    struct ar_arazzo *arazzo = ar_new(arena, struct ar_arazzo);
    if (!arazzo || !ar_str_copy(path, arena, &arazzo->path) ||
        !ar_real_path(arazzo->path, arena, &arazzo->real_path) ||
        pthread_mutex_init(&arazzo->lock, NULL)) {
        return ar_no_memory(diags);
    }
    arazzo->fetch = fetch;
    arazzo->root = arazzo;
    arazzo->name_prefix = "";
    arazzo->arena = arena;
    arazzo->strictness = options->strictness;
    arazzo->source_overrides = options->sources;
    arazzo->document = *document;
    enum arras_status status = read_document(arazzo, diags);
    if (status) {
        ar_arazzo_release(arazzo);
        return status;
    }
    *ret = arazzo;
    return ARRAS_OK;
}

/* Arazzo, Format: what reads on with a warning is by the letter no Arazzo document. */
static enum arras_status hold_to_letter(enum arras_strictness strictness, enum arras_status status,
                                        struct ar_diags *read, struct ar_diags *diags)
{
    for (size_t i = 0; i < read->list.count && strictness == ARRAS_STRICT && !status; i++) {
        struct arras_diag *diag = &read->list.items[i];
        if (strcmp(diag->code, "yaml-tag") == 0 || strcmp(diag->code, "repeated-name") == 0) {
            diag->severity = ARRAS_ERROR;
            diag->status = status = ARRAS_INVALID;
        }
    }
    ar_diags_add(diags, read);
    return status;
}

enum arras_status ar_arazzo_read(const struct ar_document *document, const char *path,
                                 const struct arras_load_options *options, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_arazzo **ret)
{
    return read_root(document, ar_str_z(path), options, NULL, arena, diags, ret);
}

enum arras_status ar_arazzo_load(const char *path, const struct arras_load_options *options,
                                 const struct ar_fetch *fetch, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_arazzo **ret)
{
    struct ar_document document;
    struct arras_str location = ar_str_z(path);
    struct ar_asker nobody = {0};
    struct ar_diags read;
    ar_diags_init(&read, arena);
    enum arras_status status =
        ar_uri_is_web(location)
            ? ar_document_fetch(fetch, location, nobody, arena, &read, &location, &document)
            : ar_document_read(path, ARRAS_FORMAT_GUESS, arena, &read, &document);
    status = hold_to_letter(options->strictness, status, &read, diags);
    return status ? status : read_root(&document, location, options, fetch, arena, diags, ret);
}

enum arras_status ar_arazzo_load_nested(struct ar_arazzo *user,
                                        struct ar_source_description *source)
{
    struct ar_arena *arena = user->arena;
    struct ar_arazzo *arazzo = ar_new(arena, struct ar_arazzo);
    struct arras_str prefix;
    if (!arazzo || !ar_str_printf(arena, &prefix, "%s/", source->path_z) ||
        !ar_real_path(source->location, arena, &arazzo->real_path)) {
        return ar_no_memory(&source->diags);
    }
    arazzo->root = user->root;
    arazzo->user = user;
    arazzo->name_prefix = prefix.ptr;
    arazzo->path = source->location;
    arazzo->arena = arena;
    arazzo->strictness = user->strictness;
    arazzo->source_overrides = user->source_overrides;
    arazzo->fetch = user->fetch;
    struct ar_diags read;
    ar_diags_init(&read, arena);
    enum arras_status status = ar_source_read(user, source, &read, &arazzo->document);
    status = hold_to_letter(arazzo->strictness, status, &read, &source->diags);
    if (status) {
        return status;
    }
    arazzo->next = user->root->next; /* known before it is read, so that circles are found */
    user->root->next = arazzo;
    source->nested = arazzo;
    return read_document(arazzo, &source->diags);
}

static void release_criteria(struct ar_criteria *criteria)
{
    for (size_t i = 0; i < criteria->count; i++) {
        ar_criterion_release(&criteria->items[i]);
    }
}

static void release_actions(struct ar_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        release_criteria(&actions->items[i].criteria);
    }
}

static void release_workflow(struct ar_workflow *workflow)
{
    ar_schema_release(workflow->schema);
    ar_schema_release(workflow->ranges);
    workflow->schema = workflow->ranges = NULL;
    for (size_t i = 0; i < workflow->step_count; i++) {
        release_criteria(&workflow->steps[i].criteria);
        release_actions(&workflow->steps[i].on_success);
        release_actions(&workflow->steps[i].on_failure);
    }
}

void ar_arazzo_release(struct ar_arazzo *arazzo)
{
    if (arazzo) {
        pthread_mutex_destroy(&arazzo->lock);
    }
    for (; arazzo; arazzo = arazzo->next) {
        for (size_t i = 0; i < arazzo->workflow_count; i++) {
            release_workflow(&arazzo->workflows[i]);
        }
    }
}
