/* The body of a request as it is sent: its parts one after the other, files read piece by piece, so
 * that a body may be larger than memory. */
#ifndef AR_NET_UPLOAD_H
#define AR_NET_UPLOAD_H

#include "openapi/http_message.h"

struct ar_upload {
    const struct ar_body_part *parts; /* borrowed */
    size_t count;
    size_t part; /* the one being sent, */
    uint64_t at; /* and how much of it was */
    int file;    /* open, or -1 */
};

void ar_upload_init(struct ar_upload *upload, const struct ar_body_part *parts, size_t count);
/* Closes what is open; nothing to do for the zero value with `file` -1. */
void ar_upload_release(struct ar_upload *upload);
/* The whole length. False: more than can be counted. */
bool ar_upload_size(const struct ar_upload *upload, int64_t *ret) ARRAS_CHECKED;
/* Up to `room` bytes more, 0 at the end. False with *ret_path the file that cannot be read, or that
 * is not of the size that it had when the request was built. */
bool ar_upload_read(struct ar_upload *upload, char *out, size_t room, size_t *ret_len,
                    const char **ret_path) ARRAS_CHECKED;
/* To the beginning: it is sent once more. */
void ar_upload_rewind(struct ar_upload *upload);

#endif
