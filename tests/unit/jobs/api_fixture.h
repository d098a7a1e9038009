/* The API on a store and a queue of its own, asked without a socket. There are no workers: a test
 * takes and ends jobs itself, so that it knows what state each is in. */
#ifndef AR_TEST_API_FIXTURE_H
#define AR_TEST_API_FIXTURE_H

#include "jobs/api/api.h"
#include "query/schema.h"
#include "unit/harness.h"
#include "value/value.h"

#define ADMIN "admin-token"   /* superadmin, of all workspaces */
#define MEMBER "member-token" /* nothing special, of "main" only */

struct api_fixture {
    struct ar_arena arena;
    struct ar_api api;
    struct ar_secret_key key;
    struct arras_value operations;       /* operations.json */
    const struct arras_value *requested; /* the one of the last request; NULL: none */
    const char *token;                   /* sent as a bearer; NULL: none */
    struct ar_server_later later;        /* of the answer that waits; `end` NULL: none does */
    struct ar_server_response response;
    _Atomic int woken; /* how often that was told that there are news */
};

struct api_answer {
    int status;
    const char *type; /* NULL: none */
    struct arras_str body;
    struct arras_value value; /* the body where it is JSON */
};

int api_set_up(void **state);
int api_tear_down(void **state);
/* Before and after all. */
int api_make_directory(void **state);
int api_remove_directory(void **state);

/* An account NAME@localhost that is a member NAME of main, without a token. */
void api_add_person(struct api_fixture *f, const char *name, bool superadmin, bool admin,
                    bool is_operator);
void api_add_token(struct api_fixture *f, const char *text, const char *email,
                   const char *workspace, const char *label, const char *scopes);

/* Sends a request with these headers and a body (NULL: none). What is answered must be as
 * operations.json describes the operation. */
struct api_answer api_send(struct api_fixture *f, const char *method, const char *target,
                           const struct ar_header *headers, size_t count, const char *body);
/* Asks for the answer that waits, or for the next piece of the stream: status 0 where there is
 * nothing yet. */
struct api_answer api_proceed(struct api_fixture *f, bool stopping);
/* Waits until it was told that there are news: notes of PostgreSQL take a moment. */
void api_wait_woken(const struct api_fixture *f);
/* The client of the answer that waits closes its connection. */
void api_leave(struct api_fixture *f);
/* Sends one with the fixture's token and a JSON body (NULL: none), which must be a request of
 * `operation`. */
struct api_answer api_ask(struct api_fixture *f, const char *operation, const char *method,
                          const char *target, const char *body);
/* api_ask with a target put together from a text before and a text behind an id. */
struct api_answer api_ask_of(struct api_fixture *f, const char *operation, const char *method,
                             const char *before, struct arras_str id, const char *behind);

/* Deploys a bash script at `path`; its hash. */
struct arras_str api_deploy(struct api_fixture *f, const char *path);
/* Lets the user MEMBER use a script. */
void api_share(struct api_fixture *f, const char *path);
/* Submits u/demo/hello with {"name":"you"}; its id. */
struct arras_str api_submit(struct api_fixture *f);
struct ar_job api_take(struct api_fixture *f);
void api_complete(struct api_fixture *f, struct ar_job *job, bool success, const char *result);

/* What an answer that waited, or a piece of a stream, must be. */
void api_check(struct api_fixture *f, const char *operation, const struct api_answer *answer);
/* An error: its status and its text, exactly. */
void api_assert_error(struct api_answer answer, int status, const char *text);

#endif
