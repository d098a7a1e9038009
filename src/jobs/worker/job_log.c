#include "jobs/worker/job_log.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { TAIL_SIZE = 16384 };

static const char REPLACEMENT[] = "\xef\xbf\xbd"; /* U+FFFD */

void ar_job_log_init(struct ar_job_log *log, struct ar_store *store, struct arras_str job,
                     size_t most, size_t line_most)
{
    *log = (struct ar_job_log){.store = store, .job = job, .most = most};
    ar_buf_init(&log->pending, 2 * AR_JOB_LOG_SIZE);
    ar_buf_init(&log->batch, 2 * AR_JOB_LOG_SIZE);
    ar_job_stream_init(&log->stream, line_most);
    ar_buf_init(&log->line, line_most);
    ar_buf_init(&log->tail, (size_t)TAIL_SIZE * 2 + AR_JOB_LOG_BATCH * 4);
}

void ar_job_log_release(struct ar_job_log *log)
{
    ar_buf_release(&log->pending);
    ar_buf_release(&log->batch);
    ar_job_stream_release(&log->stream);
    ar_buf_release(&log->line);
    ar_buf_release(&log->tail);
}

static void set_due(struct ar_job_log *log)
{
    if (!log->due) {
        log->due = ar_clock_now(ar_clock_system()) + AR_JOB_LOG_MILLISECONDS * AR_MILLISECOND;
    }
}

static void add_pending(struct ar_job_log *log, struct arras_str text)
{
    if (text.len) {
        set_due(log);
    }
    ar_buf_add_str(&log->pending, text);
    if (log->pending.len >= AR_JOB_LOG_BATCH && !log->failing) {
        log->due = 1; /* now */
    }
}

void ar_job_log_say(struct ar_job_log *log, struct arras_str text)
{
    add_pending(log, text);
}

static void keep_line(struct ar_job_log *log, struct arras_str text)
{
    size_t start = ar_str_find_last_char(ar_str_sub(text, 0, text.len - 1), '\n');
    if (log->line_ended || start != AR_NOT_FOUND) {
        ar_buf_clear(&log->line);
    }
    struct arras_str line = ar_str_from(text, start == AR_NOT_FOUND ? 0 : start + 1);
    ar_buf_add_str(&log->line, line);
    log->line_ended = line.len && line.ptr[line.len - 1] == '\n';
}

static void keep_tail(struct ar_job_log *log, struct arras_str text)
{
    ar_buf_add_str(&log->tail, ar_str_from(text, text.len > TAIL_SIZE ? text.len - TAIL_SIZE : 0));
    if (log->tail.len > 2 * TAIL_SIZE) {
        memmove(log->tail.ptr, log->tail.ptr + log->tail.len - TAIL_SIZE, TAIL_SIZE);
        ar_buf_cut(&log->tail, TAIL_SIZE);
    }
}

static void print_plain(struct ar_job_log *log, struct arras_str text)
{
    if (text.len == 0) {
        return;
    }
    keep_line(log, text);
    keep_tail(log, text);
    if (log->cut) {
        return;
    }
    if (text.len > log->most - log->printed) {
        struct arras_str last = {NULL, 0};
        char note[96];
        int len =
            snprintf(note, sizeof(note), "\n[the log is cut here, at %zu bytes]\n", log->most);
        log->cut = true;
        last = ar_str_sub(text, 0, log->most - log->printed);
        add_pending(log, ar_str_sub(last, 0, ar_utf8_valid(last)));
        add_pending(log, (struct arras_str){note, (size_t)len});
        return;
    }
    log->printed += text.len;
    add_pending(log, text);
}

static void print_valid(struct ar_job_log *log, struct arras_str text)
{
    while (text.len) {
        print_plain(log, ar_job_stream_cut(&log->stream, &text));
    }
    if (log->stream.text.len > log->stream.gathered) {
        set_due(log);
    }
}

/* Whether `s`, which is not valid from its first byte on, may be the beginning of a character. */
static bool may_become_valid(struct arras_str s)
{
    unsigned char first = (unsigned char)s.ptr[0];
    size_t need = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
    if (first > 0xf4 || s.len >= need) {
        return false;
    }
    for (size_t i = 1; i < s.len; i++) {
        if (((unsigned char)s.ptr[i] & 0xc0) != 0x80) {
            return false;
        }
    }
    return true;
}

/* Prints all but an unfinished character at the end; returns how much that is. */
static size_t print_most(struct ar_job_log *log, struct arras_str text)
{
    while (text.len) {
        size_t valid = ar_utf8_valid(text);
        print_valid(log, ar_str_sub(text, 0, valid));
        text = ar_str_from(text, valid);
        if (text.len && may_become_valid(text)) {
            return text.len;
        }
        if (text.len) {
            print_valid(log, ar_str_z(REPLACEMENT));
            text = ar_str_from(text, 1);
        }
    }
    return 0;
}

void ar_job_log_print(struct ar_job_log *log, const char *bytes, size_t len)
{
    while (log->partial_len && len) {
        char joined[5];
        memcpy(joined, log->partial, log->partial_len);
        joined[log->partial_len] = *bytes++;
        len--;
        size_t total = log->partial_len + 1;
        log->partial_len = print_most(log, (struct arras_str){joined, total});
        memcpy(log->partial, joined + total - log->partial_len, log->partial_len);
    }
    log->partial_len += print_most(log, (struct arras_str){bytes, len});
    if (len && log->partial_len) {
        memcpy(log->partial, bytes + len - log->partial_len, log->partial_len);
    }
}

void ar_job_log_end(struct ar_job_log *log)
{
    if (log->partial_len) {
        print_valid(log, ar_str_z(REPLACEMENT));
        log->partial_len = 0;
    }
    print_plain(log, ar_job_stream_end(&log->stream));
}

static void cut_front(struct ar_buf *buf, size_t len)
{
    size_t left = buf->len - len;
    memmove(buf->ptr, buf->ptr + len, left);
    ar_buf_cut(buf, left);
}

/* Where the stream ends in the store, from which is told whether a doubtful piece is there. */
static enum arras_status find_stream_end(struct ar_job_log *log, struct ar_diags *diags)
{
    struct ar_job_stream *stream = &log->stream;
    struct ar_arena arena;
    struct arras_str none;
    int64_t end = 0;
    ar_arena_init(&arena, 0);
    enum arras_status status =
        ar_store_stream_part(log->store, log->job, INT64_MAX, &arena, diags, &none, &end);
    ar_arena_release(&arena);
    if (status == ARRAS_OK) {
        if (stream->doubtful && end > stream->end) {
            cut_front(&stream->batch, stream->doubtful);
        }
        stream->doubtful = 0;
        stream->end = end;
        stream->end_known = true;
    }
    return status;
}

static enum arras_status flush_stream(struct ar_job_log *log, struct ar_diags *diags)
{
    struct ar_job_stream *stream = &log->stream;
    if (stream->batch.len == 0) {
        return ARRAS_OK;
    }
    enum arras_status status = stream->end_known ? ARRAS_OK : find_stream_end(log, diags);
    struct arras_str news = ar_buf_str(&stream->batch);
    status = status ? status : ar_store_stream_append(log->store, log->job, news, diags);
    if (status == ARRAS_OK) {
        stream->end += (int64_t)ar_utf8_count(news);
        ar_buf_clear(&stream->batch);
    } else if (status == ARRAS_NETWORK && stream->end_known) {
        stream->doubtful = news.len;
        stream->end_known = false;
    }
    return status;
}

/* Looks whether the doubtful piece is there. Others write too (that the job is run again, and what
 * it prints then), so it need not be the last. */
static enum arras_status settle(struct ar_job_log *log, struct ar_diags *diags)
{
    struct ar_arena arena;
    struct arras_str stored, piece = ar_str_sub(ar_buf_str(&log->batch), 0, log->doubtful);
    ar_arena_init(&arena, 0);
    enum arras_status status =
        ar_store_log_get(log->store, log->job, log->end, &arena, diags, &stored);
    if (status == ARRAS_OK) {
        if (ar_str_find(stored, piece, 0) != AR_NOT_FOUND) {
            cut_front(&log->batch, log->doubtful);
        }
        log->end += stored.len;
        log->doubtful = 0;
    }
    ar_arena_release(&arena);
    return status;
}

void ar_job_log_gather(struct ar_job_log *log)
{
    struct ar_job_stream *stream = &log->stream;
    struct arras_str news = ar_str_from(ar_buf_str(&stream->text), stream->gathered);
    ar_buf_add_str(&log->batch, ar_buf_str(&log->pending));
    ar_buf_clear(&log->pending);
    ar_buf_add_str(&stream->batch, news);
    stream->gathered += news.len;
    log->due = 0;
}

enum arras_status ar_job_log_store(struct ar_job_log *log, struct ar_diags *diags)
{
    enum arras_status status = log->doubtful ? settle(log, diags) : ARRAS_OK;
    if (status == ARRAS_OK && log->batch.len) {
        status = ar_store_log_append_end(log->store, log->job, ar_buf_str(&log->batch), diags,
                                         &log->end);
        log->doubtful = status == ARRAS_NETWORK ? log->batch.len : 0;
    }
    if (status == ARRAS_OK || status == ARRAS_NOT_FOUND) {
        ar_buf_clear(&log->batch);
        status = flush_stream(log, diags);
    }
    return status;
}

void ar_job_log_stored(struct ar_job_log *log, enum arras_status status)
{
    log->failing = status != ARRAS_OK && status != ARRAS_NOT_FOUND;
    if (log->failing) {
        log->due = ar_clock_now(ar_clock_system()) + AR_SECOND;
    }
}

enum arras_status ar_job_log_flush(struct ar_job_log *log, struct ar_diags *diags)
{
    ar_job_log_gather(log);
    enum arras_status status = ar_job_log_store(log, diags);
    ar_job_log_stored(log, status);
    return status;
}

enum arras_status ar_job_log_last_line(const struct ar_job_log *log, struct arras_str *ret)
{
    *ret = ar_str_trim(ar_buf_str(&log->line));
    return ar_buf_status(&log->line);
}

/* The length of the ANSI control sequence that the text begins with (ECMA-48 section 5.4), or 0. */
static size_t control_length(struct arras_str s)
{
    if (s.len < 2 || s.ptr[0] != '\x1b' || s.ptr[1] != '[') {
        return 0;
    }
    size_t len = 2;
    while (len < s.len && s.ptr[len] >= 0x20 && s.ptr[len] < 0x40) {
        len++;
    }
    return len < s.len ? len + 1 : len;
}

enum arras_status ar_job_log_last_words(const struct ar_job_log *log, size_t most,
                                        struct ar_arena *arena, struct arras_str *ret)
{
    struct ar_buf buf;
    struct arras_str text = ar_buf_str(&log->tail);
    ar_buf_init(&buf, text.len + 1);
    while (text.len) {
        size_t control = control_length(text);
        if (!control) {
            ar_buf_add_char(&buf, text.ptr[0]);
        }
        text = ar_str_from(text, control ? control : 1);
    }
    struct arras_str words = ar_str_trim(ar_buf_str(&buf));
    words = ar_str_from(words, words.len > most ? words.len - most : 0);
    while (words.len && ((unsigned char)words.ptr[0] & 0xc0) == 0x80) {
        words = ar_str_from(words, 1);
    }
    bool done = !ar_buf_status(&buf) && ar_str_copy(words, arena, ret);
    ar_buf_release(&buf);
    return done ? ARRAS_OK : ARRAS_NO_MEMORY;
}
