#include "jobs/worker/job_stream.h"

#define MARK "WM_STREAM: "

void ar_job_stream_init(struct ar_job_stream *stream, size_t most)
{
    *stream = (struct ar_job_stream){.where = AR_STREAM_START};
    ar_buf_init(&stream->text, most);
    ar_buf_init(&stream->batch, most);
}

void ar_job_stream_release(struct ar_job_stream *stream)
{
    ar_buf_release(&stream->text);
    ar_buf_release(&stream->batch);
}

/* What looked like the mark and is none. */
static struct arras_str give_back(struct ar_job_stream *stream)
{
    struct arras_str held = ar_str_sub(AR_STR(MARK), 0, stream->matched);
    stream->matched = 0;
    return held;
}

static struct arras_str cut_start(struct ar_job_stream *stream, struct arras_str *text)
{
    const struct arras_str mark = AR_STR(MARK);
    size_t at = 0;
    while (at < text->len && stream->matched < mark.len &&
           text->ptr[at] == mark.ptr[stream->matched]) {
        at++;
        stream->matched++;
    }
    *text = ar_str_from(*text, at);
    if (stream->matched == mark.len) {
        stream->where = AR_STREAM_PIECE;
        stream->matched = 0;
    } else if (text->len) {
        stream->where = AR_STREAM_LOG;
        return give_back(stream);
    }
    return (struct arras_str){NULL, 0};
}

/* As far as no line begins like the mark: lines need not be looked at one by one. */
static struct arras_str cut_log(struct ar_job_stream *stream, struct arras_str *text)
{
    size_t found = ar_str_find(*text, AR_STR("\nW"), 0);
    size_t end = found == AR_NOT_FOUND ? text->len : found + 1;
    struct arras_str log = ar_str_sub(*text, 0, end);
    if (log.ptr[end - 1] == '\n') {
        stream->where = AR_STREAM_START;
    }
    *text = ar_str_from(*text, end);
    return log;
}

/* What follows a backslash. */
static void add_escaped(struct ar_job_stream *stream, char c)
{
    stream->escape = c == '\\';
    if (c == 'n') {
        ar_buf_add_char(&stream->text, '\n');
        return;
    }
    ar_buf_add_char(&stream->text, '\\');
    if (!stream->escape) {
        ar_buf_add_char(&stream->text, c);
    }
}

static void add_piece(struct ar_job_stream *stream, struct arras_str piece)
{
    while (piece.len) {
        if (stream->escape) {
            add_escaped(stream, piece.ptr[0]);
            piece = ar_str_from(piece, 1);
            continue;
        }
        size_t end = ar_str_find_char(piece, '\\', 0);
        stream->escape = end != AR_NOT_FOUND;
        end = stream->escape ? end : piece.len;
        ar_buf_add_str(&stream->text, ar_str_sub(piece, 0, end));
        piece = ar_str_from(piece, end + stream->escape);
    }
}

static void end_piece(struct ar_job_stream *stream)
{
    if (stream->escape) {
        ar_buf_add_char(&stream->text, '\\');
    }
    stream->escape = false;
    stream->where = AR_STREAM_START;
}

static void cut_piece(struct ar_job_stream *stream, struct arras_str *text)
{
    size_t end = ar_str_find_char(*text, '\n', 0);
    bool ended = end != AR_NOT_FOUND;
    add_piece(stream, ar_str_sub(*text, 0, ended ? end : text->len));
    if (ended) {
        end_piece(stream);
    }
    *text = ar_str_from(*text, ended ? end + 1 : text->len);
}

struct arras_str ar_job_stream_cut(struct ar_job_stream *stream, struct arras_str *text)
{
    switch (stream->where) {
    case AR_STREAM_START:
        return cut_start(stream, text);
    case AR_STREAM_LOG:
        return cut_log(stream, text);
    case AR_STREAM_PIECE:
        break;
    }
    cut_piece(stream, text);
    return (struct arras_str){NULL, 0};
}

struct arras_str ar_job_stream_end(struct ar_job_stream *stream)
{
    if (stream->where == AR_STREAM_PIECE) {
        end_piece(stream);
    }
    return give_back(stream);
}
