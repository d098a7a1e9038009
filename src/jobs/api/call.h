/* One request to the API while it is answered: who asks, what was captured from the path, and the
 * ways to answer. Errors are text/plain, "Prefix: message" (windmill-api.md section 3). */
#ifndef AR_JOBS_API_CALL_H
#define AR_JOBS_API_CALL_H

#include "base/diag.h"
#include "jobs/access.h"
#include "jobs/api/api.h"
#include "jobs/scope.h"
#include "value/value.h"

struct ar_call {
    struct ar_api *api;
    const struct ar_server_request *request;
    struct ar_server_response *response;
    struct ar_arena *arena; /* the request's */
    struct ar_diags diags;
    struct ar_user user;         /* of the token; empty where the operation needs none */
    struct arras_str workspace;  /* of the path; empty outside /w/ */
    struct ar_access access;     /* what the user may do in it */
    struct ar_scope scope;       /* what the operation needs of a token that has scopes */
    struct arras_str token;      /* its hash; empty: none */
    struct arras_str token_text; /* as it was sent */
    struct arras_str tail;       /* what {id}, {hash} or {*path} stood for; decoded, valid UTF-8 */
    struct arras_str part;       /* what a segment before that stood for, the workspace aside */
    int64_t now;                 /* microseconds since 1970 */
};

/* Answers; the last one counts. */
void ar_answer_text(struct ar_call *call, int status, struct arras_str text);
void ar_answer_textf(struct ar_call *call, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The text is JSON already. */
void ar_answer_json_text(struct ar_call *call, int status, struct arras_str json);
void ar_answer_json(struct ar_call *call, int status, const struct arras_value *value);
/* The value as JSON text, as an answer or the store has it; false: answered. */
bool ar_call_json_text(struct ar_call *call, const struct arras_value *value,
                       struct arras_str *ret) ARRAS_CHECKED;
/* An error that is ours, 500: names what the store said. */
void ar_answer_failed(struct ar_call *call, enum arras_status status);

/* Query parameters; absent and empty are the same, *ret is then as it was. False: the parameter is
 * wrong (or memory ran out), and 400 (or 500) was answered. */
bool ar_param_text(struct ar_call *call, const char *name, struct arras_str *ret) ARRAS_CHECKED;
bool ar_param_bool(struct ar_call *call, const char *name, bool *ret) ARRAS_CHECKED;
/* 1 or 0; -1 stays where it is absent. */
bool ar_param_tristate(struct ar_call *call, const char *name, int *ret) ARRAS_CHECKED;
bool ar_param_int(struct ar_call *call, const char *name, int64_t least, int64_t most,
                  int64_t *ret) ARRAS_CHECKED;
/* RFC 3339, into microseconds. */
bool ar_param_time(struct ar_call *call, const char *name, int64_t *ret) ARRAS_CHECKED;
bool ar_param_uuid(struct ar_call *call, const char *name, struct arras_str *ret) ARRAS_CHECKED;
/* `page` (from 1; 0 is 1) and `per_page` (default 1000, at most AR_JOB_LIST_MOST). */
bool ar_param_page(struct ar_call *call, size_t *ret_skip, size_t *ret_limit) ARRAS_CHECKED;

/* Puts call->tail into the form of a job id (lower case); false, answered, where it is no UUID. */
bool ar_call_job_id(struct ar_call *call) ARRAS_CHECKED;

/* The body as JSON: 415 without a JSON content type, 400 where it is not JSON; false: answered.
 * Without a body *ret is null where `optional`. */
bool ar_call_json_body(struct ar_call *call, bool optional, struct arras_value *ret) ARRAS_CHECKED;
/* The media type, without parameters and in lower case; empty without the header. */
bool ar_call_media_type(struct ar_call *call, struct arras_str *ret) ARRAS_CHECKED;

/* Whether a body is an object; another type is answered with 422. */
bool ar_call_is_object(struct ar_call *call, const struct arras_value *body) ARRAS_CHECKED;
/* A string member: absent and null leave *ret as it is; another type is answered with 422. */
bool ar_member_text(struct ar_call *call, const struct arras_value *object, const char *name,
                    struct arras_str *ret) ARRAS_CHECKED;

/* Setting members without a check each: a failure is remembered in `status`. */
struct ar_writer {
    struct ar_object object;
    struct ar_arena *arena;
    enum arras_status status;
};
void ar_writer_init(struct ar_writer *writer, struct ar_arena *arena);
void ar_put(struct ar_writer *writer, const char *name, struct arras_value value);
void ar_put_text(struct ar_writer *writer, const char *name, struct arras_str text);
/* Left out where empty. */
void ar_put_text_if(struct ar_writer *writer, const char *name, struct arras_str text);
void ar_put_bool(struct ar_writer *writer, const char *name, bool value);
void ar_put_null(struct ar_writer *writer, const char *name);
void ar_put_int(struct ar_writer *writer, const char *name, int64_t number);
/* RFC 3339 with microseconds and Z; null for 0. */
void ar_put_time(struct ar_writer *writer, const char *name, int64_t microseconds);
/* JSON text as the value that it is; it was checked when it was stored. */
void ar_put_json(struct ar_writer *writer, const char *name, struct arras_str json);
enum arras_status ar_writer_value(struct ar_writer *writer, struct arras_value *ret) ARRAS_CHECKED;
/* Answers with the object. */
void ar_answer_object(struct ar_call *call, int status, struct ar_writer *writer);

#endif
