#include "jobs/worker/run.h"
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/limits.h"
#include "jobs/worker/arguments.h"
#include "jobs/verdict.h"
#include "jobs/worker/environment.h"
#include "jobs/worker/job_token.h"
#include "jobs/worker/log_writer.h"
#include "jobs/worker/outcome.h"
#include "jobs/worker/wishes.h"
#include "value/json.h"

enum {
    FD_OUTPUT,
    FD_RESULT,
    FD_ENDED,
    FD_CANCEL,
    FD_STOP,
    FD_CONTROL,
    FD_LISTEN,
    FD_STORED,
    FD_COUNT
};

/* Why the job is being ended from outside. */
enum cause { CAUSE_NONE, CAUSE_CANCEL, CAUSE_TIMEOUT, CAUSE_STOP, CAUSE_LOST };

struct running {
    const struct ar_job_run *run;
    struct ar_diags *diags;
    struct ar_sandbox_process process;
    struct ar_job_log log;
    struct ar_log_writer writer;
    struct ar_buf report;
    enum cause cause;
    struct ar_job_token token;
    int64_t seconds; /* that it may run */
    bool network;
    unsigned tries;   /* sandboxes that were taken for it */
    int64_t deadline; /* monotonic: when to begin to end it, then when to force it */
};

static int64_t now(void)
{
    return ar_clock_now(ar_clock_system());
}

/* The seconds that the job may run. A wish beyond the server's limit is not granted, and said. */
static int64_t time_limit(const struct ar_workers_options *options, const struct ar_job *job,
                          struct ar_job_log *log)
{
    int64_t most = options->job_seconds > 0 ? options->job_seconds : AR_JOB_SECONDS;
    if (job->timeout > most) {
        char text[160];
        int len = snprintf(text, sizeof(text),
                           "WARNING: the timeout of %lld s is above this server's limit of %lld s, "
                           "which holds instead\n",
                           (long long)job->timeout, (long long)most);
        ar_job_log_say(log, (struct arras_str){text, (size_t)len});
    }
    return job->timeout > 0 && job->timeout < most ? job->timeout : most;
}

/* A job that is run again says so. */
static void say_attempt(struct ar_job_log *log, const struct ar_job *job)
{
    char text[32];
    if (job->attempt > 1) {
        int len = snprintf(text, sizeof(text), "[attempt %d]\n", job->attempt);
        ar_job_log_say(log, (struct arras_str){text, (size_t)len});
    }
}

/* Reads what is there; false at the end of the pipe. `ret_len` 0: nothing yet. */
static bool read_some(int fd, char *bytes, size_t size, size_t *ret_len)
{
    ssize_t len = read(fd, bytes, size);
    *ret_len = len > 0 ? (size_t)len : 0;
    return len > 0 || (len < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool read_output(struct running *r, size_t *ret_len)
{
    char bytes[65536];
    bool more = read_some(r->process.output_fd, bytes, sizeof(bytes), ret_len);
    ar_job_log_print(&r->log, bytes, *ret_len);
    return more;
}

static bool read_result(struct running *r, size_t *ret_len)
{
    char bytes[65536];
    bool more = read_some(r->process.result_fd, bytes, sizeof(bytes), ret_len);
    ar_buf_add(&r->report, bytes, *ret_len);
    return more;
}

/* First asked, then forced. */
static void end_job(struct running *r, enum cause cause)
{
    struct ar_sandbox *sandbox = r->run->sandbox;
    bool first = r->cause == CAUSE_NONE;
    if (first) {
        r->cause = cause;
    }
    sandbox->functions->signal(sandbox, &r->process, first ? AR_SANDBOX_ASK : AR_SANDBOX_KILL);
    r->deadline = now() + AR_JOB_KILL_MILLISECONDS * AR_MILLISECOND;
}

/* When a worker that could not renew its lease begins to end the job, so that it has ended before
 * another one may run it; monotonic. Asked anew each time: it moves with each renewal. */
static int64_t lease_deadline(const struct running *r)
{
    return r->cause == CAUSE_NONE ? ar_queue_lease_end(r->run->options->queue, r->log.job)
                                  : INT64_MAX;
}

static bool log_is_due(const struct running *r, int64_t time)
{
    return r->log.due && !r->writer.busy && r->log.due <= time;
}

static void wait_for_more(struct running *r, struct pollfd *fds)
{
    int64_t until = log_is_due(r, r->deadline) ? r->log.due : r->deadline;
    int64_t lease = lease_deadline(r);
    int64_t left = (lease < until ? lease : until) - now();
    struct timespec time = {.tv_sec = left > 0 ? left / AR_SECOND : 0,
                            .tv_nsec = left > 0 ? left % AR_SECOND : 0};
    ppoll(fds, FD_COUNT, &time, NULL);
}

/* What fails is kept, and tried again when it is due. */
static void store_log(struct running *r, struct pollfd *fds)
{
    bool done = fds[FD_STORED].revents;
    if (done) {
        ar_log_writer_stored(&r->writer);
    } else if (log_is_due(r, now())) {
        done = !ar_log_writer_begin(&r->writer);
        fds[FD_STORED].fd = r->writer.stored_fd;
    }
    if (done) {
        ar_queue_log_grew(r->run->options->queue, r->log.job);
    }
}

/* The end of the log, before the end of the job can be told: as long as the store may take it, the
 * job is this worker's and that need not stop. */
static void store_last_log(struct running *r)
{
    struct pollfd fds[] = {
        {.fd = r->run->stop_fd, .events = POLLIN},
        {.fd = r->cause == CAUSE_CANCEL ? -1 : r->run->cancel_fd, .events = POLLIN}};
    while (ar_queue_may_succeed(ar_job_log_flush(&r->log, r->diags)) && poll(fds, 2, 1000) == 0) {
    }
}

/* Connections of the job to its server: to be taken over where it was listened for them. */
static void serve(struct running *r, struct pollfd *fds)
{
    const struct ar_workers_options *options = r->run->options;
    if (fds[FD_CONTROL].revents) {
        fds[FD_LISTEN].fd = ar_sandbox_listener(&r->process);
        fds[FD_CONTROL].fd = -1; /* one, or the end */
    } else if (fds[FD_LISTEN].revents) {
        int fd = accept4(fds[FD_LISTEN].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            options->connect(options->connect_context, r, fd);
        } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            close(fds[FD_LISTEN].fd);
            fds[FD_LISTEN].fd = -1;
        }
    }
}

static enum cause cause_to_end(const struct running *r, const struct pollfd *fds)
{
    int64_t time = now();
    return fds[FD_CANCEL].revents      ? CAUSE_CANCEL
           : fds[FD_STOP].revents      ? CAUSE_STOP
           : r->deadline <= time       ? CAUSE_TIMEOUT
           : lease_deadline(r) <= time ? CAUSE_LOST
                                       : CAUSE_NONE;
}

/* Until the job has ended: collects what it prints, ends it where that is wanted. */
static void watch(struct running *r)
{
    struct pollfd fds[FD_COUNT] = {
        [FD_OUTPUT] = {.fd = r->process.output_fd, .events = POLLIN},
        [FD_RESULT] = {.fd = r->process.result_fd, .events = POLLIN},
        [FD_ENDED] = {.fd = r->process.pidfd, .events = POLLIN},
        [FD_CANCEL] = {.fd = r->run->cancel_fd, .events = POLLIN},
        [FD_STOP] = {.fd = r->run->stop_fd, .events = POLLIN},
        [FD_CONTROL] = {.fd = r->run->options->connect ? r->process.control_fd : -1,
                        .events = POLLIN},
        [FD_LISTEN] = {.fd = -1, .events = POLLIN},
        [FD_STORED] = {.fd = r->writer.stored_fd, .events = POLLIN},
    };
    size_t len;
    while (!fds[FD_ENDED].revents) {
        wait_for_more(r, fds);
        if (fds[FD_OUTPUT].revents && !read_output(r, &len)) {
            fds[FD_OUTPUT].fd = -1;
        }
        if (fds[FD_RESULT].revents && !read_result(r, &len)) {
            fds[FD_RESULT].fd = -1;
        }
        serve(r, fds);
        store_log(r, fds);
        enum cause cause = fds[FD_ENDED].revents ? CAUSE_NONE : cause_to_end(r, fds);
        if (cause) {
            end_job(r, cause);
            fds[FD_CANCEL].fd = fds[FD_STOP].fd = -1;
        }
    }
    if (fds[FD_LISTEN].fd >= 0) {
        close(fds[FD_LISTEN].fd);
    }
}

/* What is still in the pipes; nobody writes any more. */
static void drain(struct running *r)
{
    size_t len;
    while (read_output(r, &len) && len) {
    }
    while (read_result(r, &len) && len) {
    }
    ar_job_log_end(&r->log);
}

static enum arras_status say_canceled(struct running *r, struct ar_arena *arena, struct ar_job *job)
{
    struct ar_job stored;
    struct arras_str line;
    struct ar_store *store = r->run->options->store;
    enum arras_status status =
        ar_store_job_get(store, job->workspace, job->id, arena, r->diags, &stored);
    if (status) {
        return status;
    }
    if (!stored.cancel_requested) {
        return ARRAS_INTERRUPTED; /* the lease is lost: it is another worker's job now */
    }
    job->state = AR_JOB_CANCELED;
    job->canceled_by = stored.canceled_by;
    job->canceled_reason = stored.canceled_reason;
    status = ar_job_canceled_log(stored.canceled_by, false, arena, &line);
    if (status == ARRAS_OK) {
        ar_job_log_say(&r->log, line);
        status =
            ar_job_canceled_result(stored.canceled_by, stored.canceled_reason, arena, &job->result);
    }
    return status;
}

static enum arras_status say_timeout(struct running *r, int64_t seconds, struct ar_arena *arena,
                                     struct ar_job *job)
{
    struct arras_str message, line;
    if (!ar_str_printf(arena, &message,
                       "job process terminated due to timeout after exceeding %lld seconds",
                       (long long)seconds) ||
        !ar_str_printf(arena, &line, "\n%.*s\n", AR_STR_ARG(message)) ||
        !ar_str_printf(arena, &job->canceled_reason, "duration > %lld", (long long)seconds)) {
        return ARRAS_NO_MEMORY;
    }
    ar_job_log_say(&r->log, line);
    enum arras_status status = ar_job_fail_outside(message, arena, job);
    job->canceled_by = AR_STR("timeout");
    job->state = AR_JOB_CANCELED;
    return status;
}

static enum arras_status conclude(struct running *r, const struct ar_language *language,
                                  struct ar_arena *arena, struct ar_job *job)
{
    enum arras_status status = ar_job_outcome(language, ar_buf_str(&r->report), &r->log,
                                              r->run->options->result_size, arena, job);
    switch (r->cause) {
    case CAUSE_NONE:
        return status;
    case CAUSE_CANCEL:
        return say_canceled(r, arena, job);
    case CAUSE_TIMEOUT:
        return say_timeout(r, r->seconds, arena, job);
    case CAUSE_LOST:
        ar_job_log_say(&r->log, AR_STR("\n[ended: its worker could not reach the database for as "
                                       "long as a lease lasts; the job is run again]\n"));
        return ARRAS_INTERRUPTED;
    case CAUSE_STOP:
        return ARRAS_INTERRUPTED;
    }
    return status;
}

/* Less than the server's limit; 0 where it is not, which is said. */
static size_t lowered(int64_t wish, size_t most, const char *what, struct ar_job_log *log)
{
    if (wish <= 0 || (uint64_t)wish <= most) {
        return wish > 0 ? (size_t)wish : 0;
    }
    char text[160];
    int len =
        snprintf(text, sizeof(text),
                 "WARNING: the script asks for more %s than this server's limit of %zu, which "
                 "holds instead\n",
                 what, most);
    ar_job_log_say(log, (struct arras_str){text, (size_t)len});
    return 0;
}

/* What the script asks for in its comments, as far as this server gives it. */
static enum arras_status grant_wishes(struct running *r, const struct ar_job *job,
                                      struct ar_sandbox_task *task)
{
    const struct ar_workers_options *options = r->run->options;
    struct ar_job_wishes wishes;
    enum arras_status status = ar_job_wishes_read(job->code, r->diags, &wishes);
    if (status) {
        return status;
    }
    if (wishes.network && options->sandbox && options->network == AR_JOB_NETWORK_NONE) {
        return ar_error(
            r->diags, ARRAS_INVALID, "wish", NULL, 0,
            "the script asks by 'arras: network' for a network, which this server gives to no "
            "job (arras serve --network asked)");
    }
    const int64_t mib = 1 << 20;
    r->network = wishes.network || options->network == AR_JOB_NETWORK_ALL || !options->sandbox;
    task->memory =
        lowered(wishes.memory_mib < INT64_MAX / mib ? wishes.memory_mib * mib : INT64_MAX,
                options->memory, "memory", &r->log);
    task->processes = lowered(wishes.processes, options->processes, "processes", &r->log);
    task->result_size = options->result_size;
    return ARRAS_OK;
}

/* Files, command and environment. INVALID: this job cannot be run, the diagnostic says why. */
static enum arras_status make_task(struct running *r, const struct ar_language *language,
                                   const struct ar_job *job, struct ar_arena *arena,
                                   struct ar_sandbox_task *ret)
{
    const struct ar_workers_options *options = r->run->options;
    struct ar_diags *diags = r->diags;
    struct arras_value args;
    *ret = (struct ar_sandbox_task){0};
    enum arras_status status = grant_wishes(r, job, ret);
    if (status == ARRAS_OK) {
        r->seconds = time_limit(options, job, &r->log);
        status = ar_job_token_make(options->store, job, r->seconds, arena, diags, &r->token);
    }
    if (status == ARRAS_OK) {
        status = ar_job_environment(options, job, r->token.text, r->network, arena, diags,
                                    &ret->command);
    }
    if (status == ARRAS_OK) {
        status = ar_job_arguments(options->store, options->key, job, ret->command.env.items,
                                  ret->command.env.count, arena, diags, &args);
    }
    return status ? status : language->prepare(job, &args, arena, diags, ret);
}

/* *ret_again: the sandbox had been waiting, and was ended before it read the task, which can be
 * given to another one. */
static enum arras_status run_once(struct running *r, const struct ar_language *language,
                                  const struct ar_sandbox_task *task, const struct ar_job *job,
                                  bool *ret_again)
{
    struct ar_sandbox *sandbox = r->run->sandbox;
    bool waited, network = r->run->options->sandbox && r->network;
    enum arras_status status =
        ar_spares_take(r->run->spares, language, network, r->diags, &r->process, &waited);
    if (status) {
        return status;
    }
    if (r->tries++ == 0) {
        say_attempt(&r->log, job);
        ar_job_log_say(&r->log, ar_str_z(language->header));
    }
    status = ar_sandbox_give(&r->process, task, r->diags);
    if (status) {
        ar_sandbox_discard(sandbox, &r->process);
        return status;
    }
    int64_t start = now();
    r->deadline =
        r->seconds < (INT64_MAX - start) / AR_SECOND ? start + r->seconds * AR_SECOND : INT64_MAX;
    watch(r);
    sandbox->functions->finish(sandbox, &r->process);
    drain(r);
    *ret_again = waited && r->cause == CAUSE_NONE && ar_sandbox_unread(&r->process);
    sandbox->functions->release(sandbox, &r->process);
    return ARRAS_OK;
}

static enum arras_status run_task(struct running *r, const struct ar_language *language,
                                  const struct ar_sandbox_task *task, struct ar_arena *arena,
                                  struct ar_job *job)
{
    enum arras_status status;
    bool again = false;
    do {
        status = run_once(r, language, task, job, &again);
    } while (status == ARRAS_OK && again && r->tries <= AR_JOB_SPARES);
    return status ? status : conclude(r, language, arena, job);
}

static void resolve_dependencies(struct running *r, struct ar_job *job)
{
    ar_job_log_say(&r->log, AR_STR("nothing to lock\n"));
    job->result = AR_STR(AR_DEPENDENCIES_RESULT);
    job->state = AR_JOB_SUCCESS;
}

/* The argument `previous_result`, as a step of a flow that changes nothing has it. */
static enum arras_status pass_on(struct running *r, struct ar_arena *arena, struct ar_job *job)
{
    struct ar_source source = {AR_STR("arguments"), job->args};
    struct arras_value args;
    enum arras_status status = ar_json_read(&source, arena, r->diags, &args);
    if (status) {
        return status;
    }
    const struct arras_value *passed = ar_get_z(&args, "previous_result");
    job->result = AR_STR("{}");
    job->state = AR_JOB_SUCCESS;
    return passed ? ar_json_text(passed, ARRAS_WRITE_COMPACT, r->run->options->result_size, arena,
                                 &job->result)
                  : ARRAS_OK;
}

/* The kinds of job that need no process. */
static enum arras_status run_without_code(struct running *r, struct ar_arena *arena,
                                          struct ar_job *job, bool *ret_done)
{
    *ret_done = true;
    if (ar_str_is(job->kind, AR_KIND_IDENTITY)) {
        return pass_on(r, arena, job);
    }
    if (ar_str_is(job->kind, AR_KIND_NOOP)) {
        job->result = AR_STR("null");
        job->state = AR_JOB_SUCCESS;
        return ARRAS_OK;
    }
    *ret_done = ar_str_is(job->kind, AR_KIND_DEPENDENCIES);
    if (*ret_done) {
        resolve_dependencies(r, job);
    }
    return ARRAS_OK;
}

static struct arras_str newest_error(const struct ar_diags *diags)
{
    const struct arras_diag *error = ar_diags_first_error(diags);
    return error ? error->message : AR_STR("unknown");
}

enum arras_status ar_job_run(const struct ar_job_run *run, struct ar_arena *arena,
                             struct ar_diags *diags, struct ar_job *job)
{
    struct running r = {.run = run, .diags = diags};
    struct ar_sandbox_task task;
    struct arras_str message;
    const struct ar_language *language = ar_language_find(job->language);
    ar_job_log_init(&r.log, run->options->store, job->id, run->options->log_size,
                    run->options->result_size);
    ar_log_writer_init(&r.writer, &r.log);
    ar_buf_init(&r.report, run->options->result_size + 4096);
    bool done = false;
    enum arras_status status = run_without_code(&r, arena, job, &done);
    if (!status && !done) {
        status = language ? make_task(&r, language, job, arena, &task) : ARRAS_UNSUPPORTED;
    }
    if (!status && !done) {
        status = run_task(&r, language, &task, arena, job);
    }
    if (status == ARRAS_UNSUPPORTED) {
        status = ar_str_printf(arena, &message, "this server runs no scripts in '%.*s'",
                               AR_STR_ARG(job->language))
                     ? ar_job_fail_outside(message, arena, job)
                     : ARRAS_NO_MEMORY;
    } else if (status == ARRAS_INVALID || status == ARRAS_LIMIT) {
        status = ar_job_fail_outside(newest_error(diags), arena, job);
    }
    ar_job_token_end(run->options->store, &r.token, diags);
    ar_log_writer_release(&r.writer);
    store_last_log(&r);
    ar_job_log_release(&r.log);
    ar_buf_release(&r.report);
    job->completed_at = ar_store_end_time(run->options->store, job);
    return status;
}
