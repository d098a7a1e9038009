/* Request bodies, and everything else that a media type describes. Inside src/openapi. */
#ifndef AR_OPENAPI_BODY_H
#define AR_OPENAPI_BODY_H

#include "base/vec.h"
#include "openapi/request.h"

/* A file within a body's bytes: it stands before the byte at `at`. */
struct ar_body_file {
    size_t at;
    struct ar_body_part part;
};

struct ar_body_files {
    AR_VEC(struct ar_body_file) list;
};

/* What every writer of a body is given. */
struct ar_body_context {
    const struct ar_call *call;
    const char *what; /* "the body" or "the parameter", for diagnostics */
    size_t at;
    struct ar_arena *arena;
    struct ar_diags *diags;
    struct ar_body_files *files; /* NULL: no file may stand in what is written */
};

/* A value and what describes it: a body, a part of one, a parameter with `content`. */
struct ar_content {
    const struct arras_value *value;
    struct arras_str type;
    const struct arras_value *schema;    /* may be a $ref; NULL: none */
    const struct arras_value *described; /* the Media Type or Encoding Object; NULL: none */
    const struct arras_value *form;      /* Swagger's parameters in formData by name; NULL: none */
};

/* "runScriptByPath", or "GET /pets" where the operation has no id. */
struct arras_str ar_operation_label(const struct ar_operation *operation, struct ar_arena *arena);

/* What the description does not declare: an error in strict calls, else a warning. */
enum arras_status ar_undeclared(const struct ar_call *call, struct ar_diags *diags, size_t at,
                                const char *format, ...) ARRAS_CHECKED
    __attribute__((format(printf, 4, 5)));

/* The call's payload: request->body, or its parts where there are files. `type`: the Content-Type
 * that a parameter gives, else empty. *ret_type is the Content-Type to send. */
enum arras_status ar_body_build(const struct ar_call *call, struct arras_str type,
                                struct ar_arena *arena, struct ar_diags *diags,
                                struct ar_http_request *request,
                                struct arras_str *ret_type) ARRAS_CHECKED;

/* Appends the value as its media type has it. *ret_type (may be NULL) is set where the type says
 * more than content->type does: a boundary. A failure of `buf` is left in it. */
enum arras_status ar_content_write(const struct ar_body_context *context,
                                   const struct ar_content *content, struct ar_buf *buf,
                                   struct arras_str *ret_type) ARRAS_CHECKED;
/* Appends the file, or the text, that the upload means. */
enum arras_status ar_content_upload(const struct ar_body_context *context,
                                    const struct ar_upload *upload,
                                    struct ar_buf *buf) ARRAS_CHECKED;
/* The first type of an Encoding Object's contentType, a list; empty where there is none. */
struct arras_str ar_content_first_type(const struct arras_value *encoding);

/* $ref followed; NULL where there is none or it leads nowhere. */
const struct arras_value *ar_content_schema(const struct ar_body_context *context,
                                            const struct arras_value *schema);
/* The schema of a property, also where it stands in a branch of allOf, anyOf or oneOf; not yet
 * followed. NULL: none. */
const struct arras_value *ar_content_property(const struct ar_body_context *context,
                                              const struct arras_value *schema,
                                              struct arras_str name);

/* An object as application/x-www-form-urlencoded (OpenAPI 3.1.1 section 4.8.15). */
enum arras_status ar_body_form(const struct ar_body_context *context,
                               const struct ar_content *content, struct ar_buf *buf) ARRAS_CHECKED;
/* Whether the Encoding Object asks for a style, which goes before its contentType. */
bool ar_encoding_has_style(const struct arras_value *encoding);

/* An object or array as multipart (RFC 2046 section 5.1, RFC 7578); *ret_type is the type with its
 * boundary. */
enum arras_status ar_body_multipart(const struct ar_body_context *context,
                                    const struct ar_content *content, struct ar_buf *buf,
                                    struct arras_str *ret_type) ARRAS_CHECKED;
/* A value as XML by the schema's `xml` keywords (OpenAPI 3.1.1 section 4.8.26; 3.2, nodeType). */
enum arras_status ar_body_xml(const struct ar_body_context *context,
                              const struct ar_content *content, struct ar_buf *buf) ARRAS_CHECKED;

#endif
