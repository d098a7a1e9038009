#include "jobs/telemetry.h"
#include <stdarg.h>

enum { FIELDS = 8 };

/* Upper bounds of the histogram's buckets, in milliseconds. */
static const int64_t BOUNDS[AR_DURATION_BOUNDS] = {10,    50,    100,   500,    1000,   5000,
                                                   10000, 30000, 60000, 300000, 900000, 3600000};

static const char *const STATES[AR_ENDED_STATES] = {"success", "failure", "canceled"};

static void count(atomic_uint_fast64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static uint64_t read_count(atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static bool wanted(const struct ar_telemetry *telemetry, enum arras_log_level level)
{
    return telemetry && telemetry->log.write && level >= telemetry->log.least;
}

void ar_tell(const struct ar_telemetry *telemetry, enum arras_log_level level, const char *event,
             ...)
{
    struct arras_log_field fields[FIELDS];
    size_t number = 0;
    va_list pairs;
    if (!wanted(telemetry, level)) {
        return;
    }
    va_start(pairs, event);
    const char *name = va_arg(pairs, const char *);
    while (name && number < FIELDS) {
        const struct arras_str *text = va_arg(pairs, const struct arras_str *);
        if (text->len) {
            fields[number++] = (struct arras_log_field){name, *text};
        }
        name = va_arg(pairs, const char *);
    }
    va_end(pairs);
    telemetry->log.write(telemetry->log.context, level, event, fields, number);
}

void ar_tell_trouble(const struct ar_telemetry *telemetry, const char *event,
                     const struct ar_diags *diags, enum arras_status status)
{
    const struct arras_diag *error = diags ? ar_diags_first_error(diags) : NULL;
    const struct arras_str message =
        error ? error->message : ar_str_z(arras_status_meaning(status));
    ar_tell(telemetry, ARRAS_LOG_ERROR, event, "message", &message, NULL);
}

void ar_tell_started(const struct ar_telemetry *telemetry, const struct ar_job *job)
{
    ar_tell(telemetry, ARRAS_LOG_INFO, "job_started", "job", &job->id, "workspace", &job->workspace,
            "path", &job->script_path, "tag", &job->tag, "worker", &job->worker, "schedule",
            &job->schedule_path, NULL);
}

void ar_tell_ended(struct ar_telemetry *telemetry, const struct ar_job *job)
{
    if (!telemetry || job->state < AR_JOB_SUCCESS || job->state > AR_JOB_CANCELED) {
        return;
    }
    int64_t lasted = job->started_at ? (job->completed_at - job->started_at) / 1000 : 0;
    lasted = lasted > 0 ? lasted : 0;
    size_t bucket = 0;
    while (bucket < AR_DURATION_BOUNDS && lasted > BOUNDS[bucket]) {
        bucket++;
    }
    count(&telemetry->ended[job->state - AR_JOB_SUCCESS], 1);
    count(&telemetry->lasted[bucket], 1);
    count(&telemetry->milliseconds, (uint64_t)lasted);
    char text[32];
    snprintf(text, sizeof(text), "%lld", (long long)lasted);
    const struct arras_str state = ar_str_z(STATES[job->state - AR_JOB_SUCCESS]),
                           milliseconds = ar_str_z(text);
    ar_tell(telemetry, ARRAS_LOG_INFO, "job_completed", "job", &job->id, "workspace",
            &job->workspace, "path", &job->script_path, "state", &state, "duration_ms",
            &milliseconds, "worker", &job->worker, "schedule", &job->schedule_path, NULL);
}

int64_t ar_told_ended(struct ar_telemetry *telemetry)
{
    uint64_t sum = 0;
    for (size_t i = 0; telemetry && i < AR_ENDED_STATES; i++) {
        sum += read_count(&telemetry->ended[i]);
    }
    return (int64_t)sum;
}

void ar_tell_request(struct ar_telemetry *telemetry, struct arras_str method, struct arras_str path,
                     int status)
{
    if (!telemetry) {
        return;
    }
    if (status >= 100 && status < 600) {
        count(&telemetry->requests[status / 100 - 1], 1);
    }
    if (!wanted(telemetry, ARRAS_LOG_DEBUG)) {
        return;
    }
    char text[16];
    snprintf(text, sizeof(text), "%d", status);
    const struct arras_str code = ar_str_z(text), shown = ar_str_sub(path, 0, 500);
    ar_tell(telemetry, ARRAS_LOG_DEBUG, "request", "method", &method, "path", &shown, "status",
            &code, NULL);
}

void ar_tell_lost(struct ar_telemetry *telemetry)
{
    if (telemetry) {
        count(&telemetry->lost, 1);
        ar_tell(telemetry, ARRAS_LOG_WARNING, "worker_lost", NULL);
    }
}

void ar_tell_refused(struct ar_telemetry *telemetry, struct arras_str path)
{
    if (telemetry) {
        const struct arras_str shown = ar_str_sub(path, 0, 500);
        count(&telemetry->refused, 1);
        ar_tell(telemetry, ARRAS_LOG_WARNING, "auth_failure", "path", &shown, NULL);
    }
}

static void describe(struct ar_buf *buf, const char *name, const char *type, const char *help)
{
    ar_buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_histogram(struct ar_telemetry *telemetry, struct ar_buf *buf)
{
    const char *name = "arras_job_duration_seconds";
    uint64_t sum = 0;
    describe(buf, name, "histogram", "How long jobs ran here.");
    for (size_t i = 0; i <= AR_DURATION_BOUNDS; i++) {
        sum += read_count(&telemetry->lasted[i]);
        if (i < AR_DURATION_BOUNDS) {
            ar_buf_printf(buf, "%s_bucket{le=\"%g\"} %llu\n", name, (double)BOUNDS[i] / 1000,
                          (unsigned long long)sum);
        }
    }
    double seconds = (double)read_count(&telemetry->milliseconds) / 1000;
    ar_buf_printf(buf, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.3f\n%s_count %llu\n", name,
                  (unsigned long long)sum, name, seconds, name, (unsigned long long)sum);
}

void ar_metrics_write(struct ar_telemetry *telemetry, const struct ar_gauges *gauges,
                      struct ar_buf *buf)
{
    describe(buf, "arras_jobs_completed_total", "counter", "Jobs that ended here, by how.");
    for (size_t i = 0; i < AR_ENDED_STATES; i++) {
        ar_buf_printf(buf, "arras_jobs_completed_total{state=\"%s\"} %llu\n", STATES[i],
                      (unsigned long long)read_count(&telemetry->ended[i]));
    }
    describe(buf, "arras_http_requests_total", "counter", "Requests answered here, by status.");
    for (size_t i = 0; i < AR_STATUS_CLASSES; i++) {
        ar_buf_printf(buf, "arras_http_requests_total{status=\"%zuxx\"} %llu\n", i + 1,
                      (unsigned long long)read_count(&telemetry->requests[i]));
    }
    write_histogram(telemetry, buf);
    const struct {
        const char *name, *type, *help;
        uint64_t value;
    } rest[] = {
        {"arras_auth_failures_total", "counter", "Requests with a token that is not known.",
         read_count(&telemetry->refused)},
        {"arras_workers_lost_total", "counter",
         "Jobs taken from workers that gave no sign of life.", read_count(&telemetry->lost)},
        {"arras_jobs_waiting", "gauge", "Jobs of the database that are due and not started.",
         (uint64_t)gauges->due},
        {"arras_jobs_scheduled", "gauge", "Jobs of the database that are due later.",
         (uint64_t)gauges->scheduled},
        {"arras_jobs_running", "gauge", "Jobs of the database that run.",
         (uint64_t)gauges->running},
        {"arras_workers", "gauge", "Jobs that run at a time in this process.", telemetry->workers},
    };
    for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
        describe(buf, rest[i].name, rest[i].type, rest[i].help);
        ar_buf_printf(buf, "%s %llu\n", rest[i].name, (unsigned long long)rest[i].value);
    }
}
