/* Credentials from outside: which of those that were given a step's request carries. Nothing of
 * this is seen by the document's expressions: what a step sends elsewhere cannot hold them. */
#ifndef AR_RUN_CREDENTIALS_H
#define AR_RUN_CREDENTIALS_H

#include "arazzo/model.h"
#include "openapi/security.h"

struct ar_run;
struct ar_verdict;

/* An access token under way through a run: of one source, scheme and list of scopes, and of what
 * was given, which may differ by server. */
struct ar_token {
    struct ar_token *next;
    const struct arras_value *given;
    struct arras_str label, scope;
    struct arras_str access;   /* empty: none yet */
    struct arras_str refresh;  /* empty: none */
    struct arras_str endpoint; /* where tokens are had; empty: to be discovered */
    int64_t expires;           /* of the clock, the margin taken off; 0: not known */
    bool secret_in_body;       /* client_secret_post, not client_secret_basic */
    bool fresh;                /* had for this attempt: used however soon it expires */
};

/* A scheme with what was given for it. */
struct ar_credential {
    struct ar_scheme scheme;
    struct arras_str label;           /* "SOURCE.SCHEME" */
    struct arras_str text;            /* an API key, or all of the Authorization header */
    struct arras_str user, password;  /* basic, digest; OAuth 2.0 password grant */
    struct ar_http_login login;       /* digest */
    struct ar_http_identity identity; /* mutual TLS */
    struct arras_str client_id, client_secret;
    bool allow_http;                 /* tokens may be asked for without TLS */
    struct arras_str discovery;      /* the URL to discover the endpoint at; empty: none */
    struct arras_str refresh_url;    /* empty: the token endpoint */
    const struct arras_value *extra; /* more members of the token request, or NULL */
    struct ar_token *token;          /* NULL: no OAuth 2.0 */
};

/* What one step's request carries. */
struct ar_access {
    struct ar_credential *credentials;
    size_t count;
    struct ar_headers headers; /* --header */
    struct arras_str server;   /* whom it was given for */
};

/* Reads what was given for a scheme of a source, whose server is `server`; its secrets are hidden
 * from now on. An undefined scheme becomes what `given` says or, with the warning undefined-scheme,
 * what its name says. ARRAS_USAGE, ARRAS_INVALID (strict: undefined-scheme), ARRAS_NO_MEMORY. */
enum arras_status ar_credential_read(struct ar_run *run, const struct ar_step *step,
                                     const struct ar_scheme_use *use,
                                     const struct arras_value *given, struct arras_str server,
                                     struct ar_credential *ret) ARRAS_CHECKED;

/* Finds, for the step at `index` of a plan, what it carries, and reads it; what a step asks for and
 * nothing gives is noted. ARRAS_USAGE with an error where a credential cannot be what its scheme
 * needs; ARRAS_NO_MEMORY. */
enum arras_status ar_credentials_find(struct ar_run *run, const struct ar_workflow *workflow,
                                      size_t index, struct arras_str server,
                                      struct ar_access *ret) ARRAS_CHECKED;
/* Tells what was noted: a warning, an error in strict documents. */
enum arras_status ar_credentials_tell(struct ar_run *run) ARRAS_CHECKED;

/* Makes run->request of run->plain and what its step carries. *ret_wanted: the credential whose
 * token must be had first; the request is then not complete. NULL: none. */
enum arras_status ar_credentials_apply(struct ar_run *run, struct ar_credential **ret_wanted,
                                       struct ar_verdict *verdict) ARRAS_CHECKED;
/* The server refused what the step carried: forgets its tokens that can be had anew. False: there
 * were none. */
bool ar_credentials_forget(struct ar_run *run);

#endif
