/* Results that come in pieces: lines `WM_STREAM: PIECE` of what a job prints (windmill-api.md
 * section 6.3) are no part of its log. Within a piece, \n stands for a line end. */
#ifndef AR_JOBS_JOB_STREAM_H
#define AR_JOBS_JOB_STREAM_H

#include "base/buf.h"

struct ar_job_stream {
    struct ar_buf text;  /* all pieces together; LIMIT where they are too much for a result */
    size_t gathered;     /* bytes of it that are stored, or in the batch */
    struct ar_buf batch; /* to be stored */
    size_t doubtful;     /* the first bytes of the batch, which may be stored all the same: the
                            connection broke meanwhile */
    int64_t end;         /* characters in the store, of earlier attempts too */
    bool end_known;
    enum { AR_STREAM_START, AR_STREAM_LOG, AR_STREAM_PIECE } where; /* in the line */
    size_t matched; /* at a line's start: bytes that are as a piece begins */
    bool escape;    /* in a piece: a backslash came, and the rest has not come yet */
};

/* `most`: bytes of all pieces together. */
void ar_job_stream_init(struct ar_job_stream *stream, size_t most);
void ar_job_stream_release(struct ar_job_stream *stream);
/* Takes off the beginning of `text`, which is not empty, what is of one kind: pieces are added to
 * the stream; what is the log's is returned, and may be a few bytes that came before. */
struct arras_str ar_job_stream_cut(struct ar_job_stream *stream, struct arras_str *text);
/* No more will come: what is the log's of what came before. */
struct arras_str ar_job_stream_end(struct ar_job_stream *stream);

#endif
