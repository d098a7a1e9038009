/* The inside of the run machine, for the files that share it. */
#ifndef AR_RUN_MACHINE_H
#define AR_RUN_MACHINE_H

#include "base/vec.h"
#include "run/credentials.h"
#include "run/run.h"
#include "run/secrets.h"

/* A workflow that the run may reach, with the server of each of its steps and what its requests
 * carry. */
struct ar_plan {
    const struct ar_workflow *workflow;
    struct arras_str *servers;
    struct ar_access *access;
    bool begun;       /* the run has been in it */
    unsigned returns; /* how often a goto led back to it */
    bool *completed;  /* by step: the last attempt at it in this run succeeded */
};

/* What a run remembers of a step of one frame. */
struct ar_step_state {
    unsigned attempts;
    unsigned returns;      /* how often a goto led back to it */
    bool failed;           /* its last attempt did */
    uint64_t *retries;     /* used up, by failure action */
    struct ar_arena arena; /* of outputs */
};

enum ar_purpose {
    AR_FOR_ITSELF,   /* the run's own workflow */
    AR_FOR_STEP,     /* called by the current step of the frame below */
    AR_FOR_WORKFLOW, /* a dependency of the frame below */
    AR_FOR_RETRY     /* runs before the frame below retries its step */
};

/* A workflow under way. */
struct ar_frame {
    struct ar_frame *below;
    enum ar_purpose purpose;
    const struct ar_plan *plan;
    const struct ar_workflow *workflow;
    const struct arras_value *inputs;
    bool checked;      /* its inputs were */
    size_t dependency; /* the next one to run */
    size_t step;       /* the current one */
    size_t return_to;  /* the step to retry once this referenced one has run; AR_NOT_FOUND: none */
    int64_t until;     /* and when */
    int64_t deadline;  /* of the step below that called it (Arazzo 1.1, timeout); 0: none */
    struct ar_step_state *states;
    const struct arras_value **step_outputs; /* by step; NULL: has not run */
    int depth;
};

/* How a step or a workflow ended. */
struct ar_verdict {
    enum arras_status status;       /* OK: succeeded */
    struct arras_str reason;        /* one sentence; in the run's arena */
    const struct ar_source *source; /* the document, */
    size_t at;                      /* and the place in it */
    const char *code;
};

/* A security requirement that nothing satisfies, with the steps that it keeps out. */
struct ar_missing {
    const struct ar_workflow *workflow; /* of the first step */
    const struct ar_source_description *source;
    size_t at; /* of the first step */
    struct arras_str wants, hint, steps;
};

/* A request of the run itself on the way to a token. */
enum ar_errand_type { AR_NO_ERRAND, AR_ERRAND_DISCOVER, AR_ERRAND_REFRESH, AR_ERRAND_GRANT };

struct ar_errand {
    enum ar_errand_type type;
    struct ar_credential *credential;
    struct ar_http_request request;
};

enum ar_run_state { AR_RUN_READY, AR_RUN_SENT, AR_RUN_WAITING, AR_RUN_ENDED };

struct ar_run {
    struct ar_run_settings settings;
    struct ar_arena *arena;
    AR_VEC(struct ar_plan) plans;
    struct ar_frame *frame; /* on top */
    enum ar_run_state state;
    int64_t until; /* while waiting */
    uint64_t steps_begun;
    struct ar_ran *ran;
    AR_VEC(struct arras_step) steps;

    struct ar_response_validator *validator; /* NULL: responses are not checked */
    struct ar_secrets secrets;
    struct ar_token *tokens; /* all that its steps share */
    AR_VEC(struct ar_missing) missing;
    bool preview;

    struct ar_arena attempt; /* of one attempt at a step */
    struct ar_diags attempt_diags;
    struct ar_http_request plain;   /* as the document says: what expressions and reports see */
    struct ar_http_request request; /* the same with credentials: what is sent */
    struct ar_errand errand;        /* sent before it */
    unsigned errands;               /* of this attempt */
    bool renewed;                   /* the server refused its token once */
    struct ar_http_response response;
    struct ar_exchange exchange;
    struct ar_exchange called; /* the last one of the workflow that the current step called */
    const struct arras_value *called_outputs; /* $outputs of a step that called a workflow */

    enum arras_status status;
    const struct arras_value *outputs;
};

/* machine.c */
/* ar_run_new without a look at files. */
enum arras_status ar_run_make(const struct ar_run_settings *settings,
                              struct ar_run **ret) ARRAS_CHECKED;
struct ar_scope ar_run_scope(const struct ar_run *run, const struct ar_frame *frame);
struct ar_plan *ar_run_plan(const struct ar_run *run, const struct ar_workflow *workflow);
enum arras_status ar_run_push(struct ar_run *run, enum ar_purpose purpose,
                              const struct ar_workflow *workflow, const struct arras_value *inputs,
                              struct ar_frame *below) ARRAS_CHECKED;
/* The workflow takes the place of the frame on top. */
enum arras_status ar_run_transfer(struct ar_run *run, const struct ar_workflow *workflow,
                                  const struct arras_value *inputs) ARRAS_CHECKED;
/* Ends the frame on top; what comes next depends on its purpose. */
enum arras_status ar_run_finish(struct ar_run *run, struct ar_verdict verdict) ARRAS_CHECKED;
/* Ends the run. */
enum arras_status ar_run_end(struct ar_run *run, struct ar_verdict verdict) ARRAS_CHECKED;
struct ar_verdict ar_verdict_failed(struct ar_run *run, enum arras_status status, const char *code,
                                    size_t at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Whether a criterion holds now; *ret_why says why it does not or, with a status other than OK and
 * ARRAS_NO_MEMORY, why it could not be evaluated. */
enum arras_status ar_run_ask(struct ar_run *run, const struct ar_criterion *criterion,
                             bool *ret_holds, struct arras_str *ret_why) ARRAS_CHECKED;

/* Hands what the attempt told to the run, secrets hidden. */
enum arras_status ar_run_tell(struct ar_run *run) ARRAS_CHECKED;

/* step.c: begins the current step (a request to send, or a called workflow), and judges what came.
 */
enum arras_status ar_step_begin(struct ar_run *run) ARRAS_CHECKED;
/* Gives the step's request what it carries; fetches a token first where one is needed. */
enum arras_status ar_step_authorize(struct ar_run *run) ARRAS_CHECKED;
/* Fills in what the current step sends: run->request, or *ret_inputs of the workflow that it calls.
 */
enum arras_status ar_step_prepare(struct ar_run *run, struct arras_value *ret_inputs,
                                  struct ar_verdict *verdict) ARRAS_CHECKED;
enum arras_status ar_step_end(struct ar_run *run, struct ar_verdict transport,
                              double seconds) ARRAS_CHECKED;

/* servers.c: whether what --server and --server-variable give can be meant; and where a step with
 * an operation sends its requests. */
enum arras_status ar_run_check_servers(struct ar_run *run) ARRAS_CHECKED;
enum arras_status ar_run_find_server(struct ar_run *run, const struct ar_step *step,
                                     struct arras_str *ret) ARRAS_CHECKED;

/* actions.c: what follows a step that ended so. */
enum arras_status ar_action_follow(struct ar_run *run, struct ar_verdict verdict) ARRAS_CHECKED;

/* outputs.c: by the letter, a success whose output points at nothing becomes a failure. */
enum arras_status ar_step_outputs(struct ar_run *run, struct ar_verdict *verdict) ARRAS_CHECKED;
/* ARRAS_LIMIT: too large or too deep; *ret is then an empty object. */
enum arras_status ar_workflow_outputs(struct ar_run *run, const struct ar_frame *frame,
                                      const struct arras_value **ret,
                                      struct ar_verdict *verdict) ARRAS_CHECKED;

/* prepare.c */
enum arras_status ar_run_prepare(struct ar_run *run) ARRAS_CHECKED;
/* Whether "STEP" or "WORKFLOW.STEP" is that step. */
bool ar_step_is_called(const struct ar_workflow *workflow, const struct ar_step *step,
                       const char *name);

/* preview.c: whether the files that the inputs name, and a request would hold, can be read. */
enum arras_status ar_run_check_uploads(const struct ar_run_settings *settings) ARRAS_CHECKED;

#endif
