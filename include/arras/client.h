/* A client of any server that speaks Windmill's API. */
#ifndef ARRAS_CLIENT_H
#define ARRAS_CLIENT_H

#include "arras/transport.h"
#include "arras/value.h"

struct arras_client;

/* `url` is the server's ("http://127.0.0.1:8000", with or without /api). Strings are copied;
 * `transport` outlives the client, NULL: all zero. What is wrong with it is ARRAS_INVALID with a
 * diagnostic in the pool, which is not kept and may be NULL where there is no transport. */
enum arras_status arras_client_new(const char *url, const char *workspace, const char *token,
                                   const struct arras_transport *transport, struct arras_pool *pool,
                                   struct arras_client **ret) ARRAS_CHECKED;
void arras_client_free(struct arras_client *client);

struct arras_answer {
    int status;                      /* HTTP */
    struct arras_str text;           /* the body */
    const struct arras_value *value; /* the body where it is JSON, else NULL */
};

/* One request below /api/w/WORKSPACE (or below /api where `path` begins with "/"). `path` is sent
 * as it is, so percent-encoded, with its query. `body` NULL: none; sent as JSON. ARRAS_OK for any
 * HTTP status; ARRAS_NETWORK and ARRAS_TIMEOUT come with a diagnostic in the pool. */
enum arras_status arras_client_call(struct arras_client *client, struct arras_pool *pool,
                                    const char *method, const char *path,
                                    const struct arras_value *body,
                                    struct arras_answer *ret) ARRAS_CHECKED;

/* Deploys a script: creates it, or a new version of it where the path exists; where the live
 * version has the same content and language already, its hash is all that comes of it. ARRAS_FAILED
 * where the server refuses, ARRAS_USAGE where it does so for the token, with what it said. The
 * language is guessed from the file's ending (.sh, .py) where `language` is NULL. */
enum arras_status arras_client_push_script(struct arras_client *client, struct arras_pool *pool,
                                           const char *path, const char *file, const char *language,
                                           struct arras_str *ret_hash) ARRAS_CHECKED;

#endif
