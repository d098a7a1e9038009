/* An Arazzo document as it was read: every object of the specification that runs, with its place.
 * All of it lives in the document's arena and does not change after loading. */
#ifndef AR_ARAZZO_MODEL_H
#define AR_ARAZZO_MODEL_H

#include <pthread.h>
#include "arras/run.h"
#include "openapi/description.h"
#include "openapi/request.h"
#include "value/fetch.h"

struct ar_arazzo;
struct ar_criterion; /* arazzo/criterion.h */
struct ar_schema;    /* query/schema.h */
struct ar_template;  /* arazzo/template.h */
struct ar_workflow;

/* What conditions, selectors and targets are written in. */
enum ar_query_type { AR_SIMPLE, AR_REGEX, AR_JSONPATH, AR_XPATH, AR_JSONPOINTER };

enum ar_source_type { AR_SOURCE_OPENAPI, AR_SOURCE_ARAZZO, AR_SOURCE_ASYNCAPI };

/* Source Description Object. */
struct ar_source_description {
    struct arras_str name;
    const char *name_z;   /* the same, for C */
    const char *path_z;   /* "outer/inner" where the document is itself a source; else the name */
    struct arras_str url; /* as written */
    enum ar_source_type type;
    size_t at;
    bool looked_for; /* the rest is filled in when it is first needed */
    enum arras_status status;
    struct ar_diags diags;
    struct arras_str location;          /* where it was found */
    struct ar_description *description; /* openapi */
    struct ar_arazzo *nested;           /* arazzo */
};

/* Parameter Object. */
struct ar_parameter {
    struct arras_str name;
    enum ar_parameter_in in;
    bool has_in; /* always, but for the parameters of a workflow */
    struct ar_template *value;
    size_t at;
};

struct ar_parameters {
    struct ar_parameter *items;
    size_t count;
};

/* Payload Replacement Object. */
struct ar_replacement {
    struct arras_str target;
    enum ar_query_type target_type; /* JSONPOINTER, XPATH or, in Arazzo 1.1, JSONPATH */
    struct ar_template *value;
    size_t at;
};

/* Request Body Object. */
struct ar_request_body {
    struct arras_str content_type; /* empty: not given */
    struct ar_template *payload;   /* NULL: none */
    struct ar_replacement *replacements;
    size_t replacement_count;
    size_t at;
};

enum ar_action_type { AR_ACTION_END, AR_ACTION_GOTO, AR_ACTION_RETRY };

struct ar_criteria {
    struct ar_criterion *items;
    size_t count;
};

/* Success Action Object, Failure Action Object. */
struct ar_action {
    struct arras_str name;
    enum ar_action_type type;
    struct arras_str step_id, workflow_id; /* the target as written; both empty: none */
    size_t step;                           /* index of the target step, once linked */
    const struct ar_workflow *workflow;    /* target workflow, once linked */
    double retry_after;                    /* seconds; negative: not given */
    uint64_t retry_limit;                  /* 1 where absent */
    double poll_seconds;                   /* x-arras-poll; negative: not given */
    struct ar_criteria criteria;
    struct ar_parameters parameters; /* Arazzo 1.1: inputs of the target workflow */
    size_t at;
};

struct ar_actions {
    struct ar_action *items;
    size_t count;
};

/* A member of an outputs map. */
struct ar_output {
    struct arras_str name;
    struct ar_template *value;
    size_t at;
};

struct ar_outputs {
    struct ar_output *items;
    size_t count;
};

struct ar_step {
    struct arras_str id;
    struct arras_str operation_id, operation_path, workflow_id; /* one of them */
    const struct ar_operation *operation;                       /* once linked */
    const struct ar_source_description *source;                 /* of the operation */
    const struct ar_workflow *workflow;                         /* once linked */
    struct ar_parameters parameters; /* the workflow's that are not overridden, too */
    struct arras_str *depends_on;    /* Arazzo 1.1: ids of steps */
    size_t depends_on_count;
    int64_t timeout;              /* Arazzo 1.1: milliseconds; 0: none */
    struct ar_request_body *body; /* NULL: none */
    struct ar_criteria criteria;
    struct ar_actions on_success, on_failure; /* the workflow's that are not overridden, too */
    struct ar_outputs outputs;
    size_t at;
    size_t call_at; /* of what names the operation or workflow */
};

struct ar_workflow {
    const struct ar_arazzo *arazzo;
    struct arras_str id;
    size_t at;
    const struct arras_value *inputs; /* schema; NULL: none */
    /* the same with all that its $ref and allOf lead to within the document, each once */
    const struct arras_value **input_parts;
    size_t input_part_count;
    struct ar_schema *schema; /* compiled; NULL where there is none */
    /* the same, by which int32, int64, float and double have their ranges; NULL: has none of them
     */
    struct ar_schema *ranges;
    struct arras_str *depends_on;
    const struct ar_workflow **dependencies; /* once linked */
    size_t depends_on_count;
    struct ar_step *steps;
    size_t step_count;
    struct ar_outputs outputs;
    enum arras_status status; /* not OK: it cannot run, and diags say why */
    struct ar_diags diags;    /* warnings, too */
};

struct ar_arazzo {
    struct ar_arazzo *root;  /* the document that was asked for; itself, or what names this one */
    struct ar_arazzo *next;  /* of the documents read so far, root first */
    struct ar_arazzo *user;  /* the document whose source this is; NULL: root */
    const char *name_prefix; /* of its sources: "" or "outer/" */
    struct arras_str real_path;
    bool complete; /* read to the end */
    struct ar_arena *arena;
    struct ar_document document;
    struct arras_str path; /* of the document's file, or the URL that it came from */
    int minor;             /* of its Arazzo version: 0 or 1 */
    enum arras_strictness strictness;
    struct arras_settings source_overrides;
    const struct ar_fetch *fetch; /* NULL: only files are read */
    pthread_mutex_t lock;         /* of the root: held while descriptions read other documents */
    struct ar_source_description *sources;
    size_t source_count;
    struct ar_workflow *workflows;
    const char **names; /* the workflows' ids, for C */
    size_t workflow_count;
    const struct arras_value *components; /* NULL: none */
    const struct arras_value **schemas;   /* of the workflows' inputs and the components' */
    size_t schema_count;
    struct ar_map schema_documents; /* that their $refs lead to: location to ar_document */
};

/* Reads a document, its workflows and the sources that they use. What is wrong with the document as
 * a whole fails; what is wrong with one workflow is kept with it, so that the others can run.
 * ARRAS_NOT_FOUND, ARRAS_SYNTAX, ARRAS_INVALID, ARRAS_UNSUPPORTED, ARRAS_LIMIT, ARRAS_NO_MEMORY;
 * for a URL what `fetch` says, which may be NULL and is used while loading only. */
enum arras_status ar_arazzo_load(const char *path, const struct arras_load_options *options,
                                 const struct ar_fetch *fetch, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_arazzo **ret) ARRAS_CHECKED;
/* The same of a document that was read already and lives as long as the arena; its sources are
 * looked for as if it stood at `path`, among files. */
enum arras_status ar_arazzo_read(const struct ar_document *document, const char *path,
                                 const struct arras_load_options *options, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_arazzo **ret) ARRAS_CHECKED;
/* Gives back what the arena does not. NULL is allowed. */
void ar_arazzo_release(struct ar_arazzo *arazzo);

/* Whether any source of the document, or of those it uses, is called so. */
bool ar_arazzo_names_source(const struct ar_arazzo *root, const char *name);
/* Whether a user means this source by the name: its own, or its path through nested documents. */
bool ar_source_is_called(const struct ar_source_description *source, const char *name);

/* NULL where there is none. */
struct ar_workflow *ar_arazzo_workflow(const struct ar_arazzo *arazzo, struct arras_str id);
struct ar_source_description *ar_arazzo_source(const struct ar_arazzo *arazzo,
                                               struct arras_str name);
/* The index, or AR_NOT_FOUND. */
size_t ar_workflow_step(const struct ar_workflow *workflow, struct arras_str id);
/* The workflow, and the index in it, of "$workflows.ID.steps.STEP" or
 * "$sourceDescriptions.NAME.ID.steps.STEP" (Arazzo 1.1, Step Object, `dependsOn`). NULL where there
 * is no such step in a document that was read. */
const struct ar_workflow *ar_step_of_another(const struct ar_workflow *workflow,
                                             struct arras_str name, size_t *ret_step);
/* Fills in input_parts. ARRAS_LIMIT where there are too many. */
enum arras_status ar_workflow_gather_inputs(struct ar_workflow *workflow,
                                            struct ar_arena *arena) ARRAS_CHECKED;
/* The schema of a declared input, or NULL; looks through $ref and allOf. */
const struct arras_value *ar_workflow_input(const struct ar_workflow *workflow,
                                            struct arras_str name);
bool ar_workflow_input_required(const struct ar_workflow *workflow, struct arras_str name);
/* A schema within the inputs itself, or what its $ref leads to, in another document too. */
const struct arras_value *ar_inputs_follow(const struct ar_workflow *workflow,
                                           const struct arras_value *schema);

#endif
