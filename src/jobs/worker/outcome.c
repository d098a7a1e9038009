#include "jobs/worker/outcome.h"
#include <sys/wait.h>
#include "base/limits.h"
#include "base/utf8.h"
#include "jobs/sandbox/supervise.h"
#include "jobs/verdict.h"
#include "value/json.h"

enum {
    LAST_WORDS = 600,    /* bytes of the log in an error message */
    SIGNAL_STATUS = 128, /* a shell's exit status for a command that a signal ended: above */
    SIGNAL_MOST = 64,
};

struct report {
    int status;
    long memory_peak;
    char kind;
    struct arras_str bytes;
};

static bool read_report(struct arras_str bytes, struct report *ret)
{
    char header[96];
    size_t end = ar_str_find_char(ar_str_sub(bytes, 0, sizeof(header) - 1), '\n', 0);
    size_t size = 0;
    if (end == AR_NOT_FOUND) {
        return false;
    }
    memcpy(header, bytes.ptr, end + 1);
    header[end + 1] = '\0';
    ret->bytes = ar_str_from(bytes, end + 1);
    return sscanf(header, AR_SUPERVISE_HEADER, &ret->status, &ret->memory_peak, &ret->kind,
                  &size) == 4 &&
           size == ret->bytes.len;
}

/* A text as a JSON string; bytes that are not UTF-8 become U+FFFD. */
static enum arras_status json_string(struct arras_str text, struct ar_arena *arena,
                                     struct arras_str *ret)
{
    struct ar_buf valid, buf;
    ar_buf_init(&valid, 3 * AR_JOB_RESULT_SIZE);
    ar_buf_init(&buf, 6 * AR_JOB_RESULT_SIZE + 2);
    for (size_t at = 0; at < text.len;) {
        char bytes[4];
        ar_buf_add(&valid, bytes, ar_utf8_put(ar_utf8_next(text, &at), bytes));
    }
    ar_json_write_string(&buf, ar_buf_str(&valid), 0);
    enum arras_status status = ar_buf_status(&valid);
    status = status ? status : ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&valid);
    ar_buf_release(&buf);
    return status;
}

static enum arras_status succeed_with_text(struct arras_str text, struct ar_arena *arena,
                                           struct ar_job *job)
{
    job->state = AR_JOB_SUCCESS;
    return json_string(text, arena, &job->result);
}

static enum arras_status too_large(size_t most, struct ar_arena *arena, struct ar_job *job)
{
    struct arras_str message;
    if (!ar_str_printf(arena, &message, "the result is larger than %zu bytes", most)) {
        return ARRAS_NO_MEMORY;
    }
    return ar_job_fail(job, arena, message, "ResultTooLarge", 0);
}

/* Whether the text is JSON; if not, *ret_why says where it is not. */
static bool is_json(struct arras_str text, struct ar_arena *arena, enum arras_type *ret_type,
                    struct arras_str *ret_why)
{
    struct ar_arena reading;
    struct ar_diags diags;
    struct arras_value value;
    const struct ar_source source = {AR_STR("result"), text};
    ar_arena_init(&reading, 0);
    ar_diags_init(&diags, &reading);
    bool valid = ar_json_read(&source, &reading, &diags, &value) == ARRAS_OK;
    const struct arras_diag *error = ar_diags_first_error(&diags);
    if (valid) {
        *ret_type = value.type;
    } else if (!error || !ar_str_printf(arena, ret_why, "%.*s (line %u, column %u)",
                                        AR_STR_ARG(error->message), error->line, error->column)) {
        *ret_why = AR_STR("memory ran out");
    }
    ar_arena_release(&reading);
    return valid;
}

static enum arras_status succeed_with_json(struct arras_str text, struct ar_arena *arena,
                                           struct ar_job *job)
{
    enum arras_type type;
    struct arras_str why, message;
    text = ar_str_trim(text);
    if (is_json(text, arena, &type, &why)) {
        job->state = AR_JOB_SUCCESS;
        return ar_str_copy(text, arena, &job->result) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    if (!ar_str_printf(arena, &message, "the result is not valid JSON: %.*s", AR_STR_ARG(why))) {
        return ARRAS_NO_MEMORY;
    }
    return ar_job_fail(job, arena, message, "InvalidResult", 0);
}

static enum arras_status succeed_with_last_line(const struct ar_job_log *log, size_t most,
                                                struct ar_arena *arena, struct ar_job *job)
{
    struct arras_str line;
    enum arras_status status = ar_job_log_last_line(log, &line);
    if (status == ARRAS_LIMIT) {
        return too_large(most, arena, job);
    }
    return status ? status : succeed_with_text(line, arena, job);
}

/* The number of the signal that ended the job, or 0: its own, or as a shell tells its command's. */
static int signal_of(int status)
{
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status);
    }
    int above = WEXITSTATUS(status) - SIGNAL_STATUS;
    return above > 0 && above <= SIGNAL_MOST ? above : 0;
}

static enum arras_status fail_with_exit(const struct ar_language *language, int status,
                                        const struct ar_job_log *log, struct ar_arena *arena,
                                        struct ar_job *job)
{
    struct arras_str words, message;
    int number = signal_of(status);
    int code = WIFSIGNALED(status) ? SIGNAL_STATUS + number : WEXITSTATUS(status);
    if (ar_job_log_last_words(log, LAST_WORDS, arena, &words)) {
        return ARRAS_NO_MEMORY;
    }
    bool made =
        number ? ar_str_printf(arena, &message,
                               "process terminated by signal: Some(%d), last log lines:\n"
                               "%.*s",
                               number, AR_STR_ARG(words))
               : ar_str_printf(arena, &message, "exit code for \"%s\": %d, last log lines:\n%.*s",
                               language->run, code, AR_STR_ARG(words));
    return made ? ar_job_fail(job, arena, message, "ExecutionErr", code) : ARRAS_NO_MEMORY;
}

/* What a failed job left as its result is its error, where that is an object. */
static enum arras_status fail(const struct ar_language *language, const struct report *report,
                              const struct ar_job_log *log, struct ar_arena *arena,
                              struct ar_job *job)
{
    enum arras_type type;
    struct arras_str why, text = ar_str_trim(report->bytes);
    if (WIFSIGNALED(report->status) || report->kind != AR_SUPERVISE_JSON ||
        !is_json(text, arena, &type, &why) || type != ARRAS_OBJECT) {
        return fail_with_exit(language, report->status, log, arena, job);
    }
    job->state = AR_JOB_FAILURE;
    return ar_str_printf(arena, &job->result, "{\"error\":%.*s}", AR_STR_ARG(text))
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

static enum arras_status succeed_with_stream(const struct ar_job_log *log, size_t most,
                                             struct ar_arena *arena, struct ar_job *job)
{
    enum arras_status status = ar_buf_status(&log->stream.text);
    if (status) {
        return status == ARRAS_LIMIT ? too_large(most, arena, job) : status;
    }
    return succeed_with_text(ar_buf_str(&log->stream.text), arena, job);
}

static enum arras_status succeed(const struct ar_language *language, const struct report *report,
                                 const struct ar_job_log *log, size_t most, struct ar_arena *arena,
                                 struct ar_job *job)
{
    bool silent = report->kind == AR_SUPERVISE_NONE && language->prints_result;
    bool null = report->kind == AR_SUPERVISE_JSON && ar_str_is(ar_str_trim(report->bytes), "null");
    bool streamed = log->stream.text.len || ar_buf_status(&log->stream.text);
    if (streamed && (silent || null)) {
        return succeed_with_stream(log, most, arena, job);
    }
    switch (report->kind) {
    case AR_SUPERVISE_JSON:
        return succeed_with_json(report->bytes, arena, job);
    case AR_SUPERVISE_TEXT:
        return succeed_with_text(report->bytes, arena, job);
    case AR_SUPERVISE_LARGE:
        return too_large(most, arena, job);
    default:
        return language->prints_result
                   ? succeed_with_last_line(log, most, arena, job)
                   : ar_job_fail_outside(AR_STR("the script ended without a result: main did not "
                                                "return"),
                                         arena, job);
    }
}

enum arras_status ar_job_outcome(const struct ar_language *language, struct arras_str bytes,
                                 const struct ar_job_log *log, size_t most, struct ar_arena *arena,
                                 struct ar_job *job)
{
    struct report report = {0};
    if (!read_report(bytes, &report)) {
        struct arras_str words, message;
        if (ar_job_log_last_words(log, LAST_WORDS, arena, &words) ||
            !ar_str_printf(arena, &message,
                           "the job and its supervisor were killed, last log lines:\n%.*s",
                           AR_STR_ARG(words))) {
            return ARRAS_NO_MEMORY;
        }
        return ar_job_fail_outside(message, arena, job);
    }
    job->memory_peak = report.memory_peak;
    if (report.kind == AR_SUPERVISE_ERROR) {
        return ar_job_fail_outside(report.bytes, arena, job);
    }
    return report.status == 0 ? succeed(language, &report, log, most, arena, job)
                              : fail(language, &report, log, arena, job);
}
