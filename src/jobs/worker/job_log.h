/* What a running job prints: made valid UTF-8, cut where it is too much, stored in batches; lines
 * that are pieces of its result apart. */
#ifndef AR_JOBS_JOB_LOG_H
#define AR_JOBS_JOB_LOG_H

#include "base/buf.h"
#include "jobs/store/store.h"
#include "jobs/worker/job_stream.h"

struct ar_job_log {
    struct ar_store *store;
    struct arras_str job;
    struct ar_buf pending; /* not stored yet, nor gathered */
    struct ar_buf batch;   /* gathered to be stored, and what could not be stored before */
    size_t doubtful;       /* the first bytes of the batch, which may be stored all the same: the
                              connection broke meanwhile */
    bool failing;          /* the store, when it was last asked */
    size_t end;            /* where that ended which was stored before, in the whole log */
    int64_t due;           /* when it is to be stored, by the monotonic clock; 0: nothing pending */
    size_t most;           /* bytes that are kept of what the job prints */
    size_t printed;        /* bytes kept of what the job printed */
    bool cut;
    char partial[4]; /* a UTF-8 sequence whose rest has not come yet */
    size_t partial_len;
    struct ar_buf line; /* the newest line, with no length but line_most */
    bool line_ended;    /* its line end came: what follows is the next */
    struct ar_job_stream stream;
    struct ar_buf tail; /* the end of what was printed, for error messages */
};

void ar_job_log_init(struct ar_job_log *log, struct ar_store *store, struct arras_str job,
                     size_t most, size_t line_most);
void ar_job_log_release(struct ar_job_log *log);
/* What the server itself has to say; not part of what was printed. */
void ar_job_log_say(struct ar_job_log *log, struct arras_str text);
/* What the job printed, in pieces as they come. */
void ar_job_log_print(struct ar_job_log *log, const char *bytes, size_t len);
/* No more will be printed. */
void ar_job_log_end(struct ar_job_log *log);
/* Stores what is pending. Where the store fails, it is kept for the next time, and nothing is
 * stored twice. */
enum arras_status ar_job_log_flush(struct ar_job_log *log, struct ar_diags *diags);
/* The same in three steps, of which the second may be another thread's, while what the job prints
 * and what is said is added as ever: gathers what is pending; stores it; and notes what came of
 * that. */
void ar_job_log_gather(struct ar_job_log *log);
enum arras_status ar_job_log_store(struct ar_job_log *log, struct ar_diags *diags) ARRAS_CHECKED;
void ar_job_log_stored(struct ar_job_log *log, enum arras_status status);
/* The last line, without spaces around it. ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_job_log_last_line(const struct ar_job_log *log,
                                       struct arras_str *ret) ARRAS_CHECKED;
/* The last `most` bytes (fewer where a character would be cut) of what was printed, without ANSI
 * control sequences, in `arena`. ARRAS_NO_MEMORY. */
enum arras_status ar_job_log_last_words(const struct ar_job_log *log, size_t most,
                                        struct ar_arena *arena,
                                        struct arras_str *ret) ARRAS_CHECKED;

#endif
