/* Runtime expressions: finding them in text, and looking up what they name (Arazzo 1.0.1, Runtime
 * Expressions). */
#ifndef AR_ARAZZO_EXPRESSION_H
#define AR_ARAZZO_EXPRESSION_H

#include "arazzo/model.h"
#include "openapi/http_message.h"

enum ar_root {
    AR_ROOT_URL,
    AR_ROOT_METHOD,
    AR_ROOT_STATUS_CODE,
    AR_ROOT_REQUEST,
    AR_ROOT_RESPONSE,
    AR_ROOT_INPUTS,
    AR_ROOT_OUTPUTS,
    AR_ROOT_STEPS,
    AR_ROOT_WORKFLOWS,
    AR_ROOT_SOURCE_DESCRIPTIONS,
    AR_ROOT_COMPONENTS,
    AR_ROOT_SELF,   /* Arazzo 1.1 */
    AR_ROOT_MESSAGE /* Arazzo 1.1, of AsyncAPI: refused */
};

enum ar_message_part { AR_PART_HEADER, AR_PART_QUERY, AR_PART_PATH, AR_PART_BODY };

struct ar_expression {
    struct arras_str text; /* from '$' on, as written */
    enum ar_root root;
    enum ar_message_part part; /* of request and response */
    struct arras_str name;     /* header, query or path name; step, workflow or source */
    struct arras_str rest;     /* the way from there on: "outputs.x[0].y", "#/a/b" */
    size_t at;                 /* in the document */
    bool in_condition;         /* of a simple one, where '.' and '[]' are operators */
};

/* Whether `name` ("inputs") begins a runtime expression when '$' stands before it. */
bool ar_is_root(struct arras_str name);

enum ar_extent {
    AR_EXTENT_WHOLE,    /* to the end of the text: "{...}" content, an expression by itself */
    AR_EXTENT_TEXT,     /* within other text: up to what cannot belong to it */
    AR_EXTENT_CONDITION /* an operand of a condition: up to a space or an operator */
};

/* Reads the expression that begins at `text.ptr[from]`, which is '$'. Returns the offset behind it,
 * or `from` where none begins there. Names that `workflow` declares are matched as declared, the
 * longest first, so that they may hold dots, spaces and brackets. */
size_t ar_expression_scan(struct arras_str text, size_t from, enum ar_extent extent,
                          const struct ar_workflow *workflow, struct ar_expression *ret);

/* Whether a token of a JSON Pointer is a runtime expression, bare or in braces. */
bool ar_pointer_expression(struct arras_str token, const struct ar_workflow *workflow,
                           struct ar_expression *ret);

/* One request and what came back. */
struct ar_exchange {
    const struct ar_http_request *request; /* NULL: none was made */
    const struct ar_argument *arguments;
    size_t argument_count;
    const struct arras_value *request_body;  /* NULL: none */
    const struct ar_http_response *response; /* NULL: none came */
    const struct arras_value *response_body; /* NULL: empty */
};

/* The inputs and outputs of a workflow that ran. */
struct ar_ran {
    const struct ar_workflow *workflow;
    const struct arras_value *inputs, *outputs;
    bool succeeded;
    const struct ar_ran *earlier;
};

/* What expressions see at one moment. */
struct ar_scope {
    const struct ar_workflow *workflow;
    const struct arras_value *inputs;              /* an object */
    const struct arras_value *const *step_outputs; /* by index of the step; NULL: has not run */
    const struct arras_value
        *outputs;             /* $outputs: of the called workflow, or this one's; NULL: none */
    const struct ar_ran *ran; /* newest first */
    const struct ar_exchange *exchange; /* NULL: none */
    bool preview; /* nothing has run: what only a run could know is its expression in braces */
    struct ar_arena *arena; /* for values that must be made */
    /* Hides what must not be shown in a text; NULL: nothing. False when memory ran out. */
    bool (*hide)(const void *context, struct arras_str text, struct ar_arena *arena,
                 struct arras_str *ret);
    const void *hide_context;
};

/* The value, NULL where the expression points at nothing. ARRAS_NO_MEMORY only. */
enum arras_status ar_expression_value(const struct ar_expression *expression,
                                      const struct ar_scope *scope,
                                      const struct arras_value **ret) ARRAS_CHECKED;

/* Checks what can be known before anything runs: names of inputs, steps, outputs and sources. Where
 * an input is not declared and `inputs` (may be NULL) does not give it: an error. */
enum arras_status ar_expression_check(const struct ar_expression *expression,
                                      const struct ar_workflow *workflow,
                                      const struct arras_value *inputs,
                                      struct ar_diags *diags) ARRAS_CHECKED;

/* Whether the expression names an input that is declared and not required, so that its absence is
 * the author's "leave it out". */
bool ar_expression_is_optional_input(const struct ar_expression *expression,
                                     const struct ar_workflow *workflow);

/* Appends a value as a reason shows it: as JSON, secrets hidden, cut where it is long; "nothing"
 * for NULL. */
enum arras_status ar_scope_show(const struct ar_scope *scope, const struct arras_value *value,
                                struct ar_buf *buf) ARRAS_CHECKED;

/* Follows ".a", "[0]", "['a']", "#/pointer" and "#a" from a value; names of members are matched the
 * longest first. NULL: leads nowhere. Public for conditions. */
enum arras_status ar_walk(const struct arras_value *value, struct arras_str rest,
                          const struct ar_scope *scope,
                          const struct arras_value **ret) ARRAS_CHECKED;

#endif
