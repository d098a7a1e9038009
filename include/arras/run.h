/* Running Arazzo workflows (Arazzo 1.0.1): load a document, then run a workflow of it.
 *
 * A document may be run by several threads at once, each with a pool of its own. */
#ifndef ARRAS_RUN_H
#define ARRAS_RUN_H

#include "arras/transport.h"
#include "arras/value.h"

enum arras_strictness {
    ARRAS_TOLERANT, /* every reading that cannot change what the author meant, each with a warning
                     */
    ARRAS_STRICT,   /* the specification's letter; every deviation is an error */
    ARRAS_LENIENT   /* also the guesses */
};

struct arras_document;

struct arras_load_options {
    enum arras_strictness strictness;
    struct arras_settings sources; /* source description name -> file or URL to read it from */
    bool allow_remote; /* read every http or https URL that a document names; otherwise only those
                          with the scheme, host and port of `path` or of one of `sources` */
    const char *cache_directory; /* keeps what came by HTTP, to ask only whether it has changed;
                                    made where it is missing. NULL: nothing is kept */
    const struct arras_transport *transport; /* for documents read by HTTP; NULL: all zero */
    const volatile int *interrupted; /* looked at while reading by HTTP; not 0: stop. May be NULL */
};

/* Reads and checks the document at `path`, a file or an http or https URL, and finds its sources.
 * Nothing is sent but requests for documents, all before it returns. Diagnostics, warnings too, go
 * to the pool, which must outlive the document. ARRAS_NOT_FOUND, ARRAS_SYNTAX, ARRAS_INVALID,
 * ARRAS_UNRESOLVED, ARRAS_UNSUPPORTED, ARRAS_LIMIT, ARRAS_NO_MEMORY; ARRAS_NETWORK and
 * ARRAS_INTERRUPTED for a URL. */
enum arras_status arras_document_load(struct arras_pool *pool, const char *path,
                                      const struct arras_load_options *options,
                                      struct arras_document **ret) ARRAS_CHECKED;
void arras_document_free(struct arras_document *document);

/* Workflows in document order; NULL past the last. */
const char *arras_document_workflow(const struct arras_document *document, size_t index);
/* The names of the source descriptions of type openapi, in document order; then those of the Arazzo
 * documents that it uses, as "outer/inner". NULL past the last. */
const char *arras_document_source(const struct arras_document *document, size_t index);
/* Whether a source description, of any type, goes by that name: its own, or "outer/inner". */
bool arras_document_has_source(const struct arras_document *document, const char *name);
/* The names of the security schemes that the description of a source, by its name as above, defines
 * or uses; the list lives in the pool. ARRAS_NOT_FOUND: no step uses the source, so that its
 * description was not read. */
enum arras_status arras_document_schemes(const struct arras_document *document,
                                         struct arras_pool *pool, const char *source,
                                         const char *const **ret, size_t *ret_count) ARRAS_CHECKED;
/* The workflow's inputs schema, NULL where it has none. */
const struct arras_value *arras_document_inputs(const struct arras_document *document,
                                                const char *workflow);

enum arras_end {
    ARRAS_SUCCEEDED,
    ARRAS_RAN_AND_FAILED, /* criteria unmet, retries used up, a needed value missing */
    ARRAS_STOPPED,        /* by a limit or from outside */
    ARRAS_NOT_RUN,        /* invalid: nothing was sent */
    ARRAS_PLANNED         /* a dry run: nothing was sent */
};

/* One attempt at a step. Strings live in the run's pool. */
struct arras_step {
    const char *workflow_id, *step_id;
    unsigned attempt; /* from 1: of this step in this run */
    bool succeeded;
    const char *method, *url; /* NULL: no request was made */
    int http_status;          /* 0: no response */
    double seconds;
    const char *reason; /* why it failed; NULL where it succeeded */
};

/* What happens during a run, as it happens. Called on the running thread; any may be NULL. */
struct arras_observer {
    void (*step_begins)(void *context, const struct arras_step *step);
    void (*step_ended)(void *context, const struct arras_step *step);
    /* The next request waits: a retry, a poll. */
    void (*waits)(void *context, const char *step_id, double seconds);
    /* The whole exchange, for --verbose, secrets already hidden. */
    void (*exchange)(void *context, struct arras_str request, struct arras_str response);
    void *context;
};

/* Whether responses are checked by what the description says of them. */
enum arras_validation {
    ARRAS_VALIDATE_NOT,
    ARRAS_VALIDATE_WARN, /* what is wrong is a warning, `response-invalid` */
    ARRAS_VALIDATE_FAIL  /* it fails the step, whatever its criteria say */
};

struct arras_run_options {
    const char *workflow;                  /* NULL: the only one */
    const struct arras_value *inputs;      /* an object, or NULL */
    struct arras_settings input_texts;     /* override `inputs`; coerced to the schema's type */
    struct arras_settings input_fallbacks; /* used where the workflow declares an input of that name
                                              (also in upper case with _ for other characters)
                                              and nothing else gave it; coerced likewise */
    struct arras_settings servers; /* source name ("" or "*": any) -> base URL, for all of its
                                      operations; or "#2": the second of the servers that the
                                      description has; or a server's name (OpenAPI 3.2) */
    struct arras_settings server_variables; /* "SOURCE.NAME" ("*.NAME": any) -> what {NAME} is in
                                               the URLs of the description's servers */
    const struct arras_value *credentials;  /* docs/credentials.md: an object by source name, or by
                                               the origin of a server ("https://api.example"), of
                                               objects by security scheme; a text, or an object. An
                                               empty text or null: none is sent. May be NULL */
    struct arras_settings headers;          /* "SOURCE:NAME" -> value, sent with every request to
                                               that source; ":NAME": the only source */
    uint64_t max_steps;                     /* 0: 10000 */
    double request_seconds;                 /* 0: 30 */
    double deadline_seconds;                /* 0: none */
    double poll_seconds;                    /* 0: at once, then 50 ms doubling to 2 s */
    enum arras_validation validation;
    bool dry_run; /* send nothing: the steps of the outcome are the requests that might be sent, in
                     order; the observer's step_begins gets each, and `exchange` its text with an
                     empty response */
    const struct arras_transport *transport; /* NULL: all zero */
    struct arras_settings saves;           /* step ("STEP" or "WORKFLOW.STEP") -> the file that the
                                              body of its 2xx response goes to; its
                                              $response.body is then the file's name */
    const volatile int *interrupted;       /* looked at often; not 0: stop. May be NULL */
    const struct arras_observer *observer; /* may be NULL */
};

struct arras_outcome {
    enum arras_end end;
    enum arras_status status; /* OK; else what the end was due to: FAILED, NETWORK, TIMEOUT, LIMIT,
                                 INTERRUPTED, INVALID ... */
    const char *workflow_id;
    const struct arras_value *outputs; /* an object, never NULL */
    const struct arras_step *steps;
    size_t step_count;
    const struct arras_diag *error; /* NULL where it succeeded */
};

/* Runs a workflow to its end. *ret is set whatever happened but for ARRAS_NO_MEMORY and wrong use;
 * the result is ret->status. All that *ret holds lives in `pool`; warnings are there too. */
enum arras_status arras_document_run(const struct arras_document *document, struct arras_pool *pool,
                                     const struct arras_run_options *options,
                                     struct arras_outcome *ret) ARRAS_CHECKED;

/* The outcome as the one JSON object of `arras run --json`. */
enum arras_status arras_outcome_report(const struct arras_outcome *outcome, struct arras_pool *pool,
                                       const struct arras_value **ret) ARRAS_CHECKED;

/* The exit status of the command: 0 succeeded, 1 failed, 2 not run, 3 network, 4 limit, 130. */
int arras_outcome_exit(const struct arras_outcome *outcome);

#endif
