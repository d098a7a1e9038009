#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "jobs/store/store_jobs.h"

/* A text of a job that grows: its log, or the stream of its result. */
struct kind {
    const char *append, *count, *pieces;
};

#define KIND(table)                                                                                \
    {                                                                                              \
        .append = "INSERT INTO " table " (job, start, text, first_char, chars) SELECT id,"         \
                  " coalesce((SELECT start + length(text) FROM " table " WHERE job = $1"           \
                  " ORDER BY start DESC LIMIT 1), 0), $2,"                                         \
                  " coalesce((SELECT first_char + chars FROM " table " WHERE job = $1"             \
                  " ORDER BY start DESC LIMIT 1), 0), $3"                                          \
                  " FROM job WHERE id = $1 AND deleted = 0 AND redact_at >= 0 RETURNING start",    \
        .count = "SELECT first_char + chars FROM " table " WHERE job = $1"                         \
                 " ORDER BY start DESC LIMIT 1",                                                   \
        .pieces = "SELECT first_char, chars, text FROM " table " WHERE job = $1"                   \
                  " AND first_char + chars > $2 ORDER BY start DESC",                              \
    }

static const struct kind LOG = KIND("log"), STREAM = KIND("result_stream");

static enum arras_status append(struct ar_tx *tx, const struct kind *kind, struct arras_str job,
                                struct arras_str text, size_t *ret_end)
{
    struct ar_query query;
    ar_query_begin(&query, tx, kind->append);
    ar_query_text(&query, job);
    ar_query_blob(&query, text);
    ar_query_int(&query, (int64_t)ar_utf8_count(text));
    bool added = ar_query_row(&query);
    if (added) {
        *ret_end = (size_t)ar_query_get_int(&query, 0) + text.len;
    }
    enum arras_status status = ar_query_end(&query);
    return status || added ? status : ARRAS_NOT_FOUND;
}

enum arras_status ar_log_tx_append(struct ar_tx *tx, struct arras_str job, struct arras_str text)
{
    size_t end;
    return append(tx, &LOG, job, text, &end);
}

enum arras_status ar_log_tx_remove(struct ar_tx *tx, struct arras_str job)
{
    static const char *const statements[] = {"DELETE FROM log WHERE job = $1",
                                             "DELETE FROM result_stream WHERE job = $1"};
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; !status && i < 2; i++) {
        struct ar_query query;
        ar_query_begin(&query, tx, statements[i]);
        ar_query_text(&query, job);
        status = ar_query_finish(&query, NULL);
    }
    return status;
}

static enum arras_status append_end(struct ar_store *store, const struct kind *kind,
                                    struct arras_str job, struct arras_str text,
                                    struct ar_diags *diags, size_t *ret_end)
{
    enum {
        TRIES = 10
    }; /* CONFLICT: another process appended at the same time, to the same place */
    size_t end = 0;
    enum arras_status status = text.len ? ARRAS_CONFLICT : ARRAS_NOT_FOUND;
    for (int i = 0; i < TRIES && status == ARRAS_CONFLICT; i++) {
        struct ar_tx tx;
        ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
        status = ar_tx_end(&tx, append(&tx, kind, job, text, &end));
    }
    if (status == ARRAS_OK) {
        *ret_end = end;
    }
    return text.len ? status : ARRAS_OK;
}

enum arras_status ar_store_log_append(struct ar_store *store, struct arras_str job,
                                      struct arras_str text, struct ar_diags *diags)
{
    size_t end;
    return append_end(store, &LOG, job, text, diags, &end);
}

enum arras_status ar_store_log_append_end(struct ar_store *store, struct arras_str job,
                                          struct arras_str text, struct ar_diags *diags,
                                          size_t *ret_end)
{
    return append_end(store, &LOG, job, text, diags, ret_end);
}

enum arras_status ar_store_stream_append(struct ar_store *store, struct arras_str job,
                                         struct arras_str text, struct ar_diags *diags)
{
    size_t end;
    return append_end(store, &STREAM, job, text, diags, &end);
}

enum arras_status ar_store_log_get(struct ar_store *store, struct arras_str job, size_t from,
                                   struct ar_arena *arena, struct ar_diags *diags,
                                   struct arras_str *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_buf buf;
    ar_buf_init(&buf, AR_JOB_LOG_SIZE * 2);
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT start, text FROM log WHERE job = $1 AND start + length(text) > $2"
                   " ORDER BY start");
    ar_query_text(&query, job);
    ar_query_int(&query, from > INT64_MAX ? INT64_MAX : (int64_t)from);
    while (ar_query_row(&query)) {
        size_t start = (size_t)ar_query_get_int(&query, 0);
        ar_buf_add_str(&buf,
                       ar_str_from(ar_query_get_bytes(&query, 1), from > start ? from - start : 0));
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        status = ar_buf_copy(&buf, arena, ret);
    }
    ar_buf_release(&buf);
    return status;
}

static enum arras_status count_chars(struct ar_tx *tx, const struct kind *kind,
                                     struct arras_str job, int64_t *ret)
{
    struct ar_query query;
    ar_query_begin(&query, tx, kind->count);
    ar_query_text(&query, job);
    *ret = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_query_end(&query);
}

static struct arras_str behind(struct arras_str text, int64_t chars)
{
    size_t at = 0;
    while (chars > 0 && at < text.len) {
        ar_utf8_next(text, &at);
        chars--;
    }
    return ar_str_from(text, at);
}

struct pieces {
    AR_VEC(struct arras_str) list; /* the last one first */
    int64_t end;
};

/* From the end back to where the part begins: what lies before is not looked at. */
static enum arras_status read_pieces(struct ar_tx *tx, const struct kind *kind,
                                     struct arras_str job, int64_t from, struct ar_arena *arena,
                                     struct pieces *ret)
{
    struct ar_query query;
    bool more = true;
    ar_query_begin(&query, tx, kind->pieces);
    ar_query_text(&query, job);
    ar_query_int(&query, from);
    while (more && ar_query_row(&query)) {
        int64_t first = ar_query_get_int(&query, 0), end = first + ar_query_get_int(&query, 1);
        struct arras_str text = behind(ar_query_get_text(&query, 2, arena), from - first);
        ret->end = end > ret->end ? end : ret->end;
        if (!query.status && !ar_vec_push(arena, &ret->list, text)) {
            query.status = ar_no_memory(tx->diags);
        }
        more = first > from && !query.status;
    }
    return ar_query_end(&query);
}

static enum arras_status join(const struct pieces *pieces, struct ar_arena *arena,
                              struct arras_str *ret)
{
    struct ar_buf buf;
    if (pieces->list.count == 1) {
        *ret = pieces->list.items[0];
        return ARRAS_OK;
    }
    ar_buf_init(&buf, AR_JOB_LOG_SIZE * 2);
    for (size_t i = pieces->list.count; i-- > 0;) {
        ar_buf_add_str(&buf, pieces->list.items[i]);
    }
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

static enum arras_status part(struct ar_store *store, const struct kind *kind, struct arras_str job,
                              int64_t from, struct ar_arena *arena, struct ar_diags *diags,
                              struct arras_str *ret, int64_t *ret_end)
{
    struct ar_tx tx;
    struct pieces pieces = {.end = 0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    enum arras_status status = count_chars(&tx, kind, job, &pieces.end);
    from = from < 0 ? pieces.end + from : from;
    from = from < 0 ? 0 : from;
    if (!status && from < pieces.end) {
        status = read_pieces(&tx, kind, job, from, arena, &pieces);
    }
    status = ar_tx_end(&tx, status);
    if (!status) {
        status = join(&pieces, arena, ret);
    }
    if (!status) {
        *ret_end = pieces.end;
    }
    return status;
}

enum arras_status ar_store_log_part(struct ar_store *store, struct arras_str job, int64_t from,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct arras_str *ret, int64_t *ret_end)
{
    return part(store, &LOG, job, from, arena, diags, ret, ret_end);
}

enum arras_status ar_store_stream_part(struct ar_store *store, struct arras_str job, int64_t from,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct arras_str *ret, int64_t *ret_end)
{
    return part(store, &STREAM, job, from, arena, diags, ret, ret_end);
}
