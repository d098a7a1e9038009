/* From a request that starts a job to the arguments of the job (windmill-api.md section 4.1). */
#ifndef AR_JOBS_API_ARGS_H
#define AR_JOBS_API_ARGS_H

#include "jobs/api/call.h"

/* What is taken out of the arguments because it says how to run, not with what. */
struct ar_run_words {
    struct arras_str entrypoint; /* _ENTRYPOINT_OVERRIDE: the function instead of `main` */
};

/* The arguments as the text of a JSON object: from the body by its content type, from `payload`
 * where the method is GET, then what include_header and include_query ask for. False: answered. */
bool ar_call_args(struct ar_call *call, struct ar_run_words *ret_words,
                  struct arras_str *ret) ARRAS_CHECKED;
/* The request as the argument `event` of a function `preprocessor`: {"kind": "webhook", "body",
 * "raw_string", "headers", "query"}, without what the caller identifies itself by. False:
 * answered. */
bool ar_call_event(struct ar_call *call, struct arras_str *ret) ARRAS_CHECKED;
/* What add_body and add_payload of args.c add: the body alone as the argument `body`, text as
 * `raw_string`. */
bool ar_call_add_body(struct ar_call *call, struct ar_writer *args) ARRAS_CHECKED;
/* The same of `args`, an object or NULL, in place of a body. */
bool ar_call_args_of(struct ar_call *call, const struct arras_value *args,
                     struct ar_run_words *ret_words, struct arras_str *ret) ARRAS_CHECKED;

#endif
