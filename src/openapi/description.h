/* An OpenAPI description (3.0, 3.1, 3.2; Swagger 2.0 is read too): its operations and what they
 * say. */
#ifndef AR_OPENAPI_DESCRIPTION_H
#define AR_OPENAPI_DESCRIPTION_H

#include <pthread.h>
#include "base/diag.h"
#include "base/vec.h"
#include "value/document.h"

enum ar_openapi_version { AR_OPENAPI_20, AR_OPENAPI_30, AR_OPENAPI_31, AR_OPENAPI_32 };

struct ar_description;
struct ar_home; /* openapi/reference.h: a document of a description */

struct ar_operation {
    const struct ar_description *description;
    struct arras_str id;                 /* operationId; empty where it has none */
    struct arras_str method;             /* upper case */
    struct arras_str path;               /* the template: "/pets/{petId}" */
    const struct arras_value *path_item; /* $ref followed */
    const struct arras_value *object;    /* the Operation Object */
    const struct ar_home *home;          /* that both stand in */
};

/* A document that a $ref leads to. */
struct ar_reference {
    struct arras_str uri;           /* without fragment, resolved */
    struct arras_str from;          /* the location of the document that holds the $ref */
    const struct ar_source *source; /* that document's text, and where in it the $ref stands */
    size_t at;
};

struct ar_referred {
    const struct ar_document *document;
    struct arras_str location; /* where it was found; what it refers to is relative to that */
};

struct ar_description_options {
    /* MAY: reads another document into `arena` (the description's). Called once a URI. Without it,
     * references to other files point at nothing. */
    enum arras_status (*load)(void *context, const struct ar_reference *reference,
                              struct ar_arena *arena, struct ar_diags *diags,
                              struct ar_referred *ret);
    void *context;
    /* MAY: held while other documents are read or looked up, `load` included. With it any number of
     * threads may ask the description; those that share an arena or a context share the lock. */
    pthread_mutex_t *lock;
};

/* Indexes the operations of a document already read; it must outlive the description, as must
 * `location`, the URL or absolute path that it came from. Only what is asked for is looked into: a
 * broken or missing part matters when it is needed; a path item behind a broken $ref has no
 * operations. One thread may ask it, with a lock any number.
 * ARRAS_INVALID where it is no OpenAPI description. */
enum arras_status ar_description_new(const struct ar_document *document, struct arras_str location,
                                     const struct ar_description_options *options,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_description **ret) ARRAS_CHECKED;
/* Why path items behind a $ref were not indexed, of the first few; empty where all were. */
const struct ar_diags *ar_description_troubles(const struct ar_description *description);
enum ar_openapi_version ar_description_version(const struct ar_description *description);
const struct ar_document *ar_description_document(const struct ar_description *description);
struct arras_str ar_description_location(const struct ar_description *description);

size_t ar_description_count(const struct ar_description *description);
const struct ar_operation *ar_description_at(const struct ar_description *description,
                                             size_t index);
/* Exactly that operationId; the first where several have it (*ret_count, may be NULL, says how
 * many). NULL: none. */
const struct ar_operation *ar_operation_by_id(const struct ar_description *description,
                                              struct arras_str id, size_t *ret_count);
/* `method` without regard to case; the path template exactly as written. NULL: none. */
const struct ar_operation *ar_operation_by_path(const struct ar_description *description,
                                                struct arras_str method, struct arras_str path);

/* Follows $ref from a value of this description or of a file that it refers to, into other files
 * too, until something that is no reference (at most AR_REF_CHAIN steps). ARRAS_UNRESOLVED with an
 * error that names both files; where a URL is not or cannot be read, what its loading said. */
enum arras_status ar_description_follow(const struct ar_description *description,
                                        const struct arras_value *value, struct ar_arena *arena,
                                        struct ar_diags *diags,
                                        const struct arras_value **ret) ARRAS_CHECKED;

/* The same of a value that stands in the document *home, which becomes that of *ret. */
enum arras_status ar_description_follow_from(const struct ar_description *description,
                                             const struct ar_home **home,
                                             const struct arras_value *value,
                                             struct ar_arena *arena, struct ar_diags *diags,
                                             const struct arras_value **ret) ARRAS_CHECKED;
/* The document that an absolute URI without fragment names. ARRAS_NOT_FOUND where there is none. */
enum arras_status ar_description_home(const struct ar_description *description,
                                      struct arras_str uri,
                                      const struct ar_home **ret) ARRAS_CHECKED;
/* Reads now every document that the value refers to, itself or through others, so that nothing need
 * be read when it is looked into. What cannot be read matters when it is needed. */
enum arras_status ar_description_read_ahead(const struct ar_description *description,
                                            const struct arras_value *value,
                                            struct ar_arena *arena) ARRAS_CHECKED;

/* The Parameter Object of that name and place ("path", "query", "header", "cookie", "querystring";
 * headers without regard to case, the whole query whatever its name), the operation's before the
 * path item's, $ref followed. *ret NULL: not declared. A parameter whose $ref cannot be followed is
 * passed over. */
enum arras_status ar_operation_parameter(const struct ar_operation *operation,
                                         struct arras_str name, const char *in,
                                         struct ar_arena *arena,
                                         const struct arras_value **ret) ARRAS_CHECKED;

/* The first $ref among its parameters that cannot be followed: what it declares is not known.
 * Empty: all can. */
struct arras_str ar_operation_broken_parameter(const struct ar_operation *operation,
                                               struct ar_arena *arena);

/* Reads ahead what a call of the operation may need: parameters, body, responses. Parameters, body
 * and media types behind a $ref by URL that cannot be read are an error. */
enum arras_status ar_operation_need(const struct ar_operation *operation, struct ar_arena *arena,
                                    struct ar_diags *diags) ARRAS_CHECKED;

/* What an operation says of one media type of its request body. */
struct ar_media {
    struct arras_str type;              /* as written, parameters and ranges too */
    const struct arras_value *object;   /* the Media Type Object; NULL in Swagger */
    const struct arras_value *schema;   /* may be a $ref; NULL: not given */
    const struct arras_value *encoding; /* by property; NULL: not given */
};

struct ar_body {
    bool declared, required;
    const struct ar_media *media;
    size_t media_count;
};

/* The operation's request body, $ref followed. Swagger 2.0 is translated: the media types are
 * `consumes`, the schema is that of the parameter in `body`, or an object whose properties are the
 * parameters in `formData` (these have type, items and collectionFormat themselves); without
 * `consumes` forms are application/x-www-form-urlencoded, with a file multipart/form-data, other
 * bodies application/json. ARRAS_UNRESOLVED where its $ref leads nowhere. */
enum arras_status ar_operation_body(const struct ar_operation *operation, struct ar_arena *arena,
                                    struct ar_diags *diags, struct ar_body *ret) ARRAS_CHECKED;

/* Which of several servers, and what its variables are. All zero: the first, with defaults. */
struct ar_server_choice {
    const char *source;    /* what hints call the source; NULL: SOURCE */
    uint64_t index;        /* of the description's own servers, from 1 (Swagger: of its schemes that
                              are http or https); 0: none is named by number */
    struct arras_str name; /* of a server (OpenAPI 3.2); empty: none is named so */
    const struct arras_value *variables; /* an object of texts; NULL: none is given */
};

/* Where requests go: a server of the operation's, else the path item's, else the root's (Swagger:
 * schemes, host, basePath): the one that is chosen by name, of the root's also by index, else the
 * first; its variables as given or their defaults; resolved against the description's location,
 * without a trailing slash. `choice` may be NULL. ARRAS_UNRESOLVED where there is no absolute URL
 * to be had, with a hint; ARRAS_INVALID for a value that its variable's enum does not have. */
enum arras_status ar_operation_server(const struct ar_operation *operation,
                                      const struct ar_server_choice *choice, struct ar_arena *arena,
                                      struct ar_diags *diags, struct arras_str *ret) ARRAS_CHECKED;
/* Whether the description has what is chosen: a server of that number, one of that name anywhere,
 * each variable in some server anywhere. ARRAS_INVALID with a diagnostic that names what there is.
 */
enum arras_status ar_description_check_choice(const struct ar_description *description,
                                              const struct ar_server_choice *choice,
                                              struct ar_diags *diags) ARRAS_CHECKED;
/* The relative path of the first root server entry ("/api"), for joining it to another host; empty
 * where it is absolute or absent. */
struct arras_str ar_description_base_path(const struct ar_description *description);

#endif
