/* The run machine: a workflow on its way. It does no I/O. Ask it what to do next, do that, and
 * report what came back:
 *
 *     while (!ar_run_next(run, &effect) && effect.type != AR_DONE)
 *         AR_SEND: send effect.request, then ar_run_response or ar_run_failure
 *         AR_WAIT: wait until effect.until
 *
 * One thread at a time. */
#ifndef AR_RUN_RUN_H
#define AR_RUN_RUN_H

#include "arazzo/expression.h"
#include "base/clock.h"
#include "openapi/upload.h"

struct ar_run;

struct ar_run_settings {
    const struct ar_workflow *workflow;
    const struct arras_value *inputs; /* prepared (run/inputs.h) */
    struct ar_uploads uploads;        /* likewise */
    struct arras_settings servers;    /* as those of struct arras_run_options */
    struct arras_settings server_variables;
    const struct arras_value *credentials; /* as in arras_run_options; NULL: none */
    struct arras_settings headers;         /* likewise */
    struct arras_settings saves;           /* step -> file, as in arras_run_options */
    uint64_t max_steps;                    /* 0: AR_RUN_STEPS */
    double poll_seconds;                   /* 0: at once, then 50 ms doubling to 2 s */
    enum arras_validation validation;
    const struct ar_clock *clock;
    struct ar_arena *arena; /* of the run: outlives it */
    struct ar_diags *diags; /* of the run */
};

enum ar_effect_type { AR_SEND, AR_WAIT, AR_DONE };

struct ar_effect {
    enum ar_effect_type type;
    const struct ar_http_request *request; /* SEND: valid until the response is reported */
    bool own;                              /* SEND: for the run itself, a token that the step needs;
                                              its response must not be shown */
    struct arras_str step_id;              /* SEND, WAIT */
    int64_t timeout;                       /* SEND: nanoseconds, 0: the driver's own */
    int64_t until;                         /* WAIT: of the clock */
};

/* Checks everything that can be known before the first request: that each workflow which the run
 * may reach can run, that each name in an expression exists, that each operation has a server,
 * that each file which would be sent can be read. ARRAS_INVALID, ARRAS_UNRESOLVED,
 * ARRAS_UNSUPPORTED with diagnostics; ARRAS_NO_MEMORY. */
enum arras_status ar_run_new(const struct ar_run_settings *settings,
                             struct ar_run **ret) ARRAS_CHECKED;
/* The base URLs that the run may send to, with the steps that do, in the order of its workflows.
 * False past the last. */
bool ar_run_server(const struct ar_run *run, size_t index, struct arras_str *ret_url,
                   struct arras_str *ret_step_id) ARRAS_CHECKED;
/* The URLs at which it may ask for tokens, as far as they are known: endpoints, and where they are
 * discovered. *ret_label: "SOURCE.SCHEME". False past the last. */
bool ar_run_token_url(const struct ar_run *run, size_t index, struct arras_str *ret_url,
                      struct arras_str *ret_label) ARRAS_CHECKED;
/* Gives back what the arena does not. NULL is allowed. */
void ar_run_release(struct ar_run *run);

/* ARRAS_NO_MEMORY only: everything else is an end of the run. */
enum arras_status ar_run_next(struct ar_run *run, struct ar_effect *ret) ARRAS_CHECKED;

/* Instead of a run: every request that it might send, in the order of the steps, with what only a
 * run could know as its expression in braces. Called workflows are entered. `show` gets each step,
 * with the request, or NULL and why there is none. */
typedef enum arras_status ar_run_shower(void *context, const struct arras_step *step,
                                        const struct ar_http_request *request);
enum arras_status ar_run_preview(struct ar_run *run, ar_run_shower *show,
                                 void *context) ARRAS_CHECKED;

/* The arena of the attempt under way, where the response must be made. */
struct ar_arena *ar_run_attempt_arena(struct ar_run *run);
/* What came back for the request last asked for. What `response` points at must live in the
 * attempt's arena. */
enum arras_status ar_run_response(struct ar_run *run, const struct ar_http_response *response,
                                  double seconds) ARRAS_CHECKED;
/* The request failed: no response. `status` NETWORK, TIMEOUT, LIMIT ...; `message` one sentence. */
enum arras_status ar_run_failure(struct ar_run *run, enum arras_status status,
                                 struct arras_str message, double seconds) ARRAS_CHECKED;
/* Ends the run from outside: a deadline (LIMIT), an interrupt (INTERRUPTED). Nothing where it has
 * ended already. */
enum arras_status ar_run_stop(struct ar_run *run, enum arras_status status,
                              struct arras_str message) ARRAS_CHECKED;

/* Attempts that have ended, oldest first. */
size_t ar_run_step_count(const struct ar_run *run);
const struct arras_step *ar_run_steps(const struct ar_run *run);

/* What must not be shown of this run. */
struct ar_secrets;
const struct ar_secrets *ar_run_secrets(const struct ar_run *run);

/* After DONE. OK: succeeded. Else why not; the error is the newest one in diags. */
enum arras_status ar_run_status(const struct ar_run *run);
/* An object, never NULL after DONE. */
const struct arras_value *ar_run_outputs(const struct ar_run *run);

#endif
