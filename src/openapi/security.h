/* What an operation asks of its callers: Security Requirement and Security Scheme Objects (OpenAPI
 * 3.1.1 sections 4.8.27 to 4.8.30; Swagger 2.0 `securityDefinitions` is read as these). */
#ifndef AR_OPENAPI_SECURITY_H
#define AR_OPENAPI_SECURITY_H

#include "openapi/description.h"
#include "openapi/request.h"

enum ar_scheme_type {
    AR_SCHEME_UNDEFINED, /* the description uses the name and does not define it */
    AR_SCHEME_API_KEY,
    AR_SCHEME_BASIC,
    AR_SCHEME_BEARER,
    AR_SCHEME_DIGEST,
    AR_SCHEME_OTHER_HTTP, /* the credential stands behind the scheme's own name */
    AR_SCHEME_OAUTH2,
    AR_SCHEME_OPENID,
    AR_SCHEME_MUTUAL_TLS
};

struct ar_scheme {
    struct arras_str name;
    enum ar_scheme_type type;
    const struct arras_value
        *object;             /* the Security Scheme Object, $ref followed; NULL: undefined */
    enum ar_parameter_in in; /* of an API key: query, header or cookie */
    struct arras_str key;    /* its name there; of OTHER_HTTP the scheme: "HOBA" */
};

struct ar_scheme_use {
    struct ar_scheme scheme;
    const struct arras_value *scopes; /* an array of strings, or NULL */
};

/* Schemes that a request satisfies together; none of them: it may come without. */
struct ar_security_choice {
    const struct ar_scheme_use *uses;
    size_t count;
};

/* The choices of which one is enough; none: nothing is asked. */
struct ar_security {
    const struct ar_security_choice *choices;
    size_t count;
    size_t at; /* of the requirement in the description */
};

/* The operation's own requirements, else those of the description. ARRAS_NO_MEMORY only: what
 * cannot be read as a scheme is undefined. */
enum arras_status ar_operation_security(const struct ar_operation *operation,
                                        struct ar_arena *arena,
                                        struct ar_security *ret) ARRAS_CHECKED;
/* Whether anything in the description requires a scheme. */
bool ar_description_requires_security(const struct ar_description *description);
/* The scheme of that name: what the description defines, else undefined. */
enum arras_status ar_description_scheme(const struct ar_description *description,
                                        struct arras_str name, struct ar_arena *arena,
                                        struct ar_scheme *ret) ARRAS_CHECKED;
/* A scheme from an object that defines it; false where the object defines none. */
bool ar_scheme_read(struct arras_str name, const struct arras_value *object, struct ar_scheme *ret);
/* Adds the names of all schemes that it defines or uses, each once. */
typedef AR_VEC(struct arras_str) ar_scheme_names;
enum arras_status ar_description_scheme_names(const struct ar_description *description,
                                              struct ar_arena *arena,
                                              ar_scheme_names *ret) ARRAS_CHECKED;

/* OAuth 2.0: the OAuth Flow Object of that name ("clientCredentials", "password"), which has a
 * tokenUrl. NULL: the scheme has no such flow; `flow` NULL: any that has one. */
const struct arras_value *ar_scheme_flow(const struct ar_scheme *scheme, const char *flow);
/* The first of its flows where it has none but those in which a person must log in
 * (authorizationCode, implicit, deviceAuthorization, and Swagger's accessCode). Empty: it has
 * others, or is no OAuth 2.0. */
struct arras_str ar_scheme_interactive(const struct ar_scheme *scheme);

#endif
