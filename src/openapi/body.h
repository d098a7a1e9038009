/* Request bodies by media type. Inside src/openapi. */
#ifndef AR_OPENAPI_BODY_H
#define AR_OPENAPI_BODY_H

#include "openapi/request.h"

/* What every writer of a body is given. */
struct ar_body_context {
    const struct ar_call *call;
    const struct ar_media *media; /* NULL: not declared */
    struct arras_str type;        /* of the body */
    struct ar_arena *arena;
    struct ar_diags *diags;
};

/* "runScriptByPath", or "GET /pets" where the operation has no id. */
struct arras_str ar_operation_label(const struct ar_operation *operation, struct ar_arena *arena);

/* What the description does not declare: an error in strict calls, else a warning. */
enum arras_status ar_undeclared(const struct ar_call *call, struct ar_diags *diags, size_t at,
                                const char *format, ...) ARRAS_CHECKED
    __attribute__((format(printf, 4, 5)));

/* The call's payload in bytes. `type`: the Content-Type that a parameter gives, else empty.
 * *ret_type is the Content-Type to send. */
enum arras_status ar_body_build(const struct ar_call *call, struct arras_str type,
                                struct ar_arena *arena, struct ar_diags *diags,
                                struct arras_str *ret, struct arras_str *ret_type) ARRAS_CHECKED;

/* An object as multipart/form-data (RFC 7578); *ret_type is the type with its boundary. */
enum arras_status ar_body_multipart(const struct ar_body_context *context, struct ar_buf *buf,
                                    struct arras_str *ret_type) ARRAS_CHECKED;
/* A value as XML by the schema's `xml` keywords (OpenAPI 3.1.1 section 4.8.26). */
enum arras_status ar_body_xml(const struct ar_body_context *context,
                              struct ar_buf *buf) ARRAS_CHECKED;

#endif
