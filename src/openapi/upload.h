/* Files that a request's body may hold: inputs "@PATH". Only what the user gave as an input names a
 * file; the same text in a document or in a response is text. */
#ifndef AR_OPENAPI_UPLOAD_H
#define AR_OPENAPI_UPLOAD_H

#include "base/diag.h"
#include "base/map.h"
#include "openapi/http_message.h"
#include "value/value.h"

struct ar_upload {
    struct arras_str value; /* "@PATH", or "@@TEXT", which means "@TEXT" */
    struct arras_str input; /* where it was given: "form.files.0" */
};

struct ar_uploads {
    struct ar_map by_value; /* to struct ar_upload */
};

/* Every string within the inputs that begins with @. ARRAS_LIMIT (depth), ARRAS_NO_MEMORY. */
enum arras_status ar_uploads_collect(const struct arras_value *inputs, struct ar_arena *arena,
                                     struct ar_uploads *ret) ARRAS_CHECKED;
/* The upload that a value is, or NULL; `uploads` may be NULL. */
const struct ar_upload *ar_uploads_find(const struct ar_uploads *uploads,
                                        const struct arras_value *value);
/* Whether it names a file, rather than a text that begins with @. */
bool ar_upload_is_file(const struct ar_upload *upload);

/* The file as a part of a body, its size taken now. ARRAS_INVALID with an error "upload" that names
 * the input and the file: there is none, it is no regular file, it may not be read. */
enum arras_status ar_upload_open(const struct ar_upload *upload, const struct ar_source *source,
                                 size_t at, struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_body_part *ret) ARRAS_CHECKED;
/* "photo.png" of "@pictures/photo.png". */
struct arras_str ar_upload_name(const struct ar_upload *upload);
/* The media type that the file's name suggests; empty where it suggests none. */
struct arras_str ar_upload_type(const struct ar_upload *upload);

#endif
