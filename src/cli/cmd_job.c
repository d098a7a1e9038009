#include "cmd.h"
#include "connect.h"
#include "interrupt.h"
#include "job_follow.h"
#include "print.h"
#include "say.h"

struct job_settings {
    struct ar_connect_settings connect;
    uint64_t limit;
    bool running, wait, follow, stream;
    const char *path, *reason, *status;
};

static const struct ar_option list_options[] = {{.name = "limit",
                                                 .kind = AR_OPTION_NUMBER,
                                                 .argument = "N",
                                                 .help = "the most jobs to list, 30 unless given",
                                                 .target = offsetof(struct job_settings, limit),
                                                 .least = 1,
                                                 .most = 10000},
                                                {.name = "path",
                                                 .kind = AR_OPTION_TEXT,
                                                 .argument = "PATH",
                                                 .help = "only jobs of the script of that path",
                                                 .target = offsetof(struct job_settings, path)},
                                                {.name = "status",
                                                 .kind = AR_OPTION_TEXT,
                                                 .argument = "running|queued|success|failure",
                                                 .help = "only jobs of that status",
                                                 .target = offsetof(struct job_settings, status)},
                                                AR_CONNECT_OPTIONS,
                                                {0}};

static const struct ar_option get_options[] = {AR_CONNECT_OPTIONS, {0}};

static const struct ar_option logs_options[] = {
    {.name = "follow",
     .kind = AR_OPTION_FLAG,
     .help = "print what is written until the job is done",
     .target = offsetof(struct job_settings, follow)},
    AR_CONNECT_OPTIONS,
    {0}};

static const struct ar_option result_options[] = {
    {.name = "wait",
     .kind = AR_OPTION_FLAG,
     .help = "wait until the job is done",
     .target = offsetof(struct job_settings, wait)},
    {.name = "stream",
     .kind = AR_OPTION_FLAG,
     .help = "wait, and print the pieces of a result that "
             "comes in pieces as they come",
     .target = offsetof(struct job_settings, stream)},
    AR_CONNECT_OPTIONS,
    {0}};

static const struct ar_option cancel_options[] = {{.name = "reason",
                                                   .kind = AR_OPTION_TEXT,
                                                   .argument = "TEXT",
                                                   .help = "why; kept with the job",
                                                   .target = offsetof(struct job_settings, reason)},
                                                  AR_CONNECT_OPTIONS,
                                                  {0}};

static const struct job_settings list_defaults = {.limit = 30};

static const struct ar_operand one_job[] = {{"ID", false, "the job's id"}, {0}};

static const struct ar_term list_examples[] = {
    {"arras job list --status failure", "the newest jobs that failed"}, {0}};
static const struct ar_term result_examples[] = {
    {"arras job result --wait 0190f2a4-7d61-7c52-b3f1-2f54c6a1d0aa",
     "wait for a job and print its result"},
    {"arras job result --stream 0190f2a4-7d61-7c52-b3f1-2f54c6a1d0aa",
     "the same, in pieces as they come"},
    {0}};

static const char *status_of(const struct arras_value *job)
{
    struct arras_str type = arras_text(arras_member(job, "type"));
    bool done = arras_member(job, "success") != NULL;
    if (type.len) {
        done =
            type.len == strlen("CompletedJob") && memcmp(type.ptr, "CompletedJob", type.len) == 0;
    }
    if (!done) {
        return arras_bool(arras_member(job, "running")) ? "running" : "queued";
    }
    if (arras_bool(arras_member(job, "canceled"))) {
        return "canceled";
    }
    return arras_bool(arras_member(job, "success")) ? "success" : "failure";
}

static void print_field(struct arras_str text, int width)
{
    ar_print_safe(stdout, text, false);
    for (int i = (int)text.len; i < width; i++) {
        putchar(' ');
    }
    fputs("  ", stdout);
}

static void print_row(const struct arras_value *job)
{
    struct arras_str created = arras_text(arras_member(job, "created_at"));
    created.len = created.len > 19 ? 19 : created.len; /* to the second */
    struct arras_str duration = arras_text(arras_member(job, "duration_ms"));
    print_field(arras_text(arras_member(job, "id")), 36);
    print_field(ar_z(status_of(job)), 8);
    print_field(created, 19);
    print_field(duration.len ? duration : ar_z("-"), 8);
    ar_print_safe(stdout, arras_text(arras_member(job, "script_path")), false);
    putchar('\n');
}

static void print_jobs(const struct arras_value *jobs)
{
    if (arras_count(jobs)) {
        printf("%-36s  %-8s  %-19s  %-8s  %s\n", "ID", "STATUS", "CREATED", "MS", "SCRIPT");
    }
    for (size_t i = 0; i < arras_count(jobs); i++) {
        print_row(arras_item(jobs, i));
    }
}

static void add_filter(struct ar_text *path, const char *status)
{
    static const struct ar_term filters[] = {{"running", "&running=true"},
                                             {"queued", "&running=false"},
                                             {"success", "&success=true"},
                                             {"failure", "&success=false"},
                                             {0}};
    for (const struct ar_term *filter = filters; status && filter->name; filter++) {
        if (strcmp(filter->name, status) == 0) {
            ar_text_printf(path, "%s", filter->text);
        }
    }
}

static int list(void *settings, struct ar_texts *words)
{
    (void)words;
    const struct job_settings *given = settings;
    struct ar_text path = {0};
    ar_text_printf(&path, "jobs/list?per_page=%llu", (unsigned long long)given->limit);
    if (given->path) {
        ar_text_printf(&path, "&script_path_exact=");
        ar_text_add_url(&path, given->path, false);
    }
    add_filter(&path, given->status);
    struct ar_connection connection;
    struct arras_answer answer;
    int result = ar_connect(&ar_cmd_job_list, &given->connect, &connection);
    if (result == 0) {
        result = ar_ask(&connection, "GET", ar_text_z(&path), NULL, &answer);
        result = result ? result : ar_need_json(&answer);
    }
    if (result == 0 && given->connect.json) {
        ar_print_answer(&answer);
    } else if (result == 0) {
        print_jobs(answer.value);
    }
    ar_disconnect(&connection);
    ar_text_release(&path);
    return result;
}

/* Asks about one job: `before` and `after` stand around the id in the path. */
static void print_line(const char *name, struct arras_str text)
{
    if (text.len) {
        printf("%-9s ", name);
        ar_print_safe(stdout, text, false);
        putchar('\n');
    }
}

static void print_job(const struct arras_value *job)
{
    static const struct ar_term lines[] = {{"script", "script_path"},
                                           {"language", "language"},
                                           {"created", "created_at"},
                                           {"started", "started_at"},
                                           {"ms", "duration_ms"},
                                           {"by", "created_by"},
                                           {"tag", "tag"},
                                           {"reason", "canceled_reason"},
                                           {0}};
    print_line("id", arras_text(arras_member(job, "id")));
    print_line("status", ar_z(status_of(job)));
    for (const struct ar_term *line = lines; line->name; line++) {
        print_line(line->name, arras_text(arras_member(job, line->text)));
    }
}

static int get(void *settings, struct ar_texts *words)
{
    const struct job_settings *given = settings;
    struct ar_connection connection;
    struct arras_answer answer;
    int result = ar_connect(&ar_cmd_job_get, &given->connect, &connection);
    if (result == 0) {
        result = ar_ask_job(&connection, "GET", "jobs_u/get/", words->items[0], "", NULL, &answer);
        result = result ? result : ar_need_json(&answer);
    }
    if (result == 0 && given->connect.json) {
        ar_print_answer(&answer);
    } else if (result == 0) {
        print_job(answer.value);
    }
    ar_disconnect(&connection);
    return result;
}

static int logs(void *settings, struct ar_texts *words)
{
    const struct job_settings *given = settings;
    struct ar_connection connection;
    struct arras_answer answer;
    if (given->follow && given->connect.json) {
        return ar_bad_usage(&ar_cmd_job_logs, "--follow and --json cannot be combined");
    }
    int result = ar_connect(&ar_cmd_job_logs, &given->connect, &connection);
    if (result == 0 && given->follow) {
        static const struct ar_growth log = {"new_logs", "log_offset", "get_progress=false"};
        bool any = false;
        ar_interrupt_watch();
        result = ar_job_follow(&connection, words->items[0], &log, &any);
        ar_disconnect(&connection);
        return result;
    }
    if (result == 0) {
        result = ar_ask_job(&connection, "GET", "jobs_u/get_logs/", words->items[0],
                            "?remove_ansi_warnings=true", NULL, &answer);
    }
    if (result == 0 && given->connect.json) {
        struct ar_text text = {0};
        ar_text_add_json(&text, answer.text);
        puts(ar_text_z(&text));
        ar_text_release(&text);
    } else if (result == 0 && answer.text.len) {
        ar_print_answer(&answer);
    }
    ar_disconnect(&connection);
    return result;
}

/* Asks until the job is done, at first often. `wait` false: once. */
static int ask_result(struct ar_connection *connection, const char *id, bool wait,
                      struct arras_answer *ret)
{
    int pause = 0;
    for (;;) {
        int result =
            ar_ask_job(connection, "GET", "jobs_u/completed/get_result_maybe/", id, "", NULL, ret);
        result = result ? result : ar_need_json(ret);
        if (result || !wait || arras_bool(arras_member(ret->value, "completed"))) {
            return result;
        }
        result = ar_ask_again(connection, &pause);
        if (result) {
            return result;
        }
    }
}

/* `streamed`: a success was printed in pieces. */
static int print_result(struct ar_connection *connection, const struct job_settings *given,
                        const char *id, const struct arras_answer *answer, bool streamed)
{
    const bool success = arras_bool(arras_member(answer->value, "success"));
    if (given->connect.json) {
        ar_print_answer(answer);
    }
    if (!arras_bool(arras_member(answer->value, "completed"))) {
        ar_say_error("no result: the job '%s' is not done, or there is no such job", id);
        ar_say_hint("--wait waits until it is done");
        return 1;
    }
    if (!given->connect.json && !(streamed && success)) {
        int result = ar_print_value(connection->pool, arras_member(answer->value, "result"),
                                    ARRAS_WRITE_INDENT);
        if (result) {
            return result;
        }
    }
    if (!success) {
        ar_say_error("the job '%s' failed", id);
        return 1;
    }
    return 0;
}

static int result(void *settings, struct ar_texts *words)
{
    const struct job_settings *given = settings;
    const char *id = words->items[0];
    struct ar_connection connection;
    struct arras_answer answer;
    bool streamed = false;
    if (given->stream && given->connect.json) {
        return ar_bad_usage(&ar_cmd_job_result, "--stream and --json cannot be combined");
    }
    ar_interrupt_watch();
    int status = ar_connect(&ar_cmd_job_result, &given->connect, &connection);
    /* a job that is unknown looks like one that is not done; waiting for it would never end */
    if (status == 0 && given->wait) {
        status = ar_ask_job(&connection, "GET", "jobs_u/get/", id, "?no_logs=true&no_code=true",
                            NULL, &answer);
    }
    if (status == 0 && given->stream) {
        static const struct ar_growth pieces = {"new_result_stream", "stream_offset",
                                                "no_logs=true"};
        status = ar_job_follow(&connection, id, &pieces, &streamed);
    }
    if (status == 0) {
        status = ask_result(&connection, id, given->wait, &answer);
    }
    if (status == 0) {
        status = print_result(&connection, given, id, &answer, streamed);
    }
    ar_disconnect(&connection);
    return status;
}

/* `{"reason": ...}`, or `{}`. */
static int cancel_body(struct ar_connection *connection, const char *reason,
                       const struct arras_value **ret)
{
    struct ar_text text = {0};
    ar_text_printf(&text, reason ? "{\"reason\":" : "{");
    if (reason) {
        ar_text_add_json(&text, ar_z(reason));
    }
    ar_text_printf(&text, "}");
    enum arras_status status = arras_read(connection->pool, ARRAS_FORMAT_JSON, "--reason",
                                          (struct arras_str){text.ptr, text.len}, ret);
    ar_text_release(&text);
    return status ? ar_not_answered(connection, status) : 0;
}

static int cancel(void *settings, struct ar_texts *words)
{
    const struct job_settings *given = settings;
    const char *id = words->items[0];
    struct ar_connection connection;
    struct arras_answer answer;
    const struct arras_value *body = NULL;
    int status = ar_connect(&ar_cmd_job_cancel, &given->connect, &connection);
    if (status == 0) {
        status = cancel_body(&connection, given->reason, &body);
    }
    if (status == 0) {
        status = ar_ask_job(&connection, "POST", "jobs_u/queue/cancel/", id, "", body, &answer);
    }
    bool done = status == 0 && !(answer.text.len == strlen(id) &&
                                 memcmp(answer.text.ptr, id, answer.text.len) == 0);
    if (done) {
        /* answered with 200 although nothing was cancelled: "queued job id ... is already ..." */
        ar_say_error("%.*s", (int)answer.text.len, answer.text.len ? answer.text.ptr : "");
        status = 1;
    } else if (status == 0 && given->connect.json) {
        printf("{\"canceled\": \"%s\"}\n", id);
    } else if (status == 0) {
        printf("canceled %s\n", id);
    }
    ar_disconnect(&connection);
    return status;
}

#define JOB_COMMAND                                                                                \
    .environment = ar_connect_environment, .exits = ar_connect_exits,                              \
    .settings_size = sizeof(struct job_settings)

const struct ar_command ar_cmd_job_list = {
    .name = "job list",
    .summary = "list the jobs of a job server",
    .prose = "Lists queued and running jobs first, then those that are done, newest first.",
    .options = list_options,
    .examples = list_examples,
    .defaults = &list_defaults,
    .run = list,
    JOB_COMMAND};

const struct ar_command ar_cmd_job_get = {.name = "job get",
                                          .summary = "tell about a job",
                                          .prose = "Prints what the server knows of the job.",
                                          .options = get_options,
                                          .operands = one_job,
                                          .run = get,
                                          JOB_COMMAND};

const struct ar_command ar_cmd_job_logs = {.name = "job logs",
                                           .summary = "print what a job wrote",
                                           .prose =
                                               "Prints the job's log, as far as it is written.",
                                           .options = logs_options,
                                           .operands = one_job,
                                           .run = logs,
                                           JOB_COMMAND};

const struct ar_command ar_cmd_job_result = {
    .name = "job result",
    .summary = "print the result of a job",
    .prose =
        "Prints the result as JSON, with --stream what comes in pieces as it is. The exit status "
        "is 1 where the job failed (its result then tells why) or is not done.",
    .options = result_options,
    .operands = one_job,
    .examples = result_examples,
    .run = result,
    JOB_COMMAND};

const struct ar_command ar_cmd_job_cancel = {
    .name = "job cancel",
    .summary = "cancel a job",
    .prose = "Takes a queued job out of the queue, or ends a running one with all its processes.",
    .options = cancel_options,
    .operands = one_job,
    .run = cancel,
    JOB_COMMAND};
