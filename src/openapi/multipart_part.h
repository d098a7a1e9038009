/* One part of a multipart body. Inside src/openapi. */
#ifndef AR_OPENAPI_MULTIPART_PART_H
#define AR_OPENAPI_MULTIPART_PART_H

#include "openapi/body.h"

struct ar_part {
    struct arras_str name;
    bool named;   /* it has a Content-Disposition with the name */
    bool form;    /* of multipart/form-data */
    bool implied; /* its media type is what a part has that names none */
    struct ar_content content;
    const struct arras_value *encoding; /* the Encoding Object; NULL: none */
    const struct ar_upload *upload;     /* the value is one; NULL: it is not */
};

/* Fills in what depends on the value: content, upload, implied. The part's encoding must be set. */
void ar_part_describe(const struct ar_body_context *context, const struct arras_value *value,
                      const struct arras_value *schema, struct ar_part *part);
/* Its header lines, without the empty one; without Content-Type where a multipart body is within.
 */
void ar_part_headers(const struct ar_body_context *context, const struct ar_part *part,
                     struct ar_buf *buf);
/* The empty line and what follows it. */
enum arras_status ar_part_body(const struct ar_body_context *context, const struct ar_part *part,
                               struct ar_buf *buf) ARRAS_CHECKED;
/* The value of a header of a part: no line ends. */
void ar_part_add_value(struct ar_buf *buf, struct arras_str text);

#endif
