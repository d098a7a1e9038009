#include <unistd.h>
#include "arras/server.h"
#include "arras/value.h"
#include "cmd.h"
#include "commands.h"
#include "interrupt.h"
#include "say.h"
#include "work.h"

enum { GRACE = 10 }; /* seconds */

struct worker_settings {
    struct ar_work_settings work;
    const char *base_url, *server, *config, *key_file;
};

static const struct worker_settings defaults = {.work = AR_WORK_DEFAULTS};

static const struct ar_option options[] = {
    AR_WORK_OPTIONS(struct worker_settings),
    {.name = "workers",
     .kind = AR_OPTION_NUMBER,
     .argument = "N",
     .help = "how many jobs run at a time, one for each processor unless given",
     .target = offsetof(struct worker_settings, work.workers),
     .least = 1,
     .most = 1024},
    {.name = "server",
     .kind = AR_OPTION_TEXT,
     .argument = "URL",
     .help = "a server of the database, http://HOST:PORT, that jobs reach from their sandboxes; "
             "without it those that have no network do not reach the API",
     .target = offsetof(struct worker_settings, server)},
    {.name = "base-url",
     .kind = AR_OPTION_TEXT,
     .argument = "URL",
     .help = "where jobs are told that the API is, --server or the address of the server that "
             "started last unless given",
     .target = offsetof(struct worker_settings, base_url)},
    {.name = "key-file",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help =
         "the servers' key, for jobs whose arguments refer to secret variables; without it they "
         "fail here",
     .target = offsetof(struct worker_settings, key_file)},
    {.name = "ready-file",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "written once the workers wait for jobs: a JSON object with name and pid; removed "
             "when they stop",
     .target = offsetof(struct worker_settings, work.ready_file)},
    {.name = "config",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "settings in YAML or JSON, for what is given neither here nor in the environment",
     .target = offsetof(struct worker_settings, config)},
    {0}};

static const struct ar_term exits[] = {
    {"0", "stopped by SIGINT (Ctrl-C) or SIGTERM"},
    {"2", "not started: bad usage, the database out of reach, no sandbox on this machine"},
    {0}};

static const struct ar_term examples[] = {
    {"arras worker --db postgres://arras@db.example/arras",
     "run jobs of that database until Ctrl-C"},
    {"arras worker --db postgres://arras@db.example/arras --server http://10.0.0.5:8000",
     "let jobs without a network call the API of that server"},
    {"arras worker --db postgres://arras@db.example/arras --tags gpu --group gpu --workers 2",
     "two at a time, only those with the tag gpu"},
    {0}};

static bool tell_ready(const char *path, const char *name)
{
    struct ar_text text = {0};
    ar_text_printf(&text, "{\"name\": ");
    ar_text_add_json(&text, ar_z(name));
    ar_text_printf(&text, ", \"pid\": %ld}\n", (long)getpid());
    bool good = ar_ready_write(path, &text);
    ar_text_release(&text);
    return good;
}

static int work(const struct worker_settings *given, struct arras_worker *worker)
{
    const char *ready = given->work.ready_file;
    if (ready && !tell_ready(ready, arras_worker_name(worker))) {
        return 2;
    }
    printf("worker: %s\n", arras_worker_name(worker));
    fflush(stdout);
    ar_interrupt_wait(-1);
    ar_ready_remove(ready);
    return 0;
}

static int start(const struct worker_settings *given, struct arras_pool *pool)
{
    const char *temporary = getenv("TMPDIR");
    const struct arras_worker_options worker_options = {
        .work = ar_work_options(&given->work, GRACE),
        .temporary = temporary && *temporary ? temporary : NULL,
        .server = given->server,
        .base_url = given->base_url,
        .key_file = given->key_file,
    };
    struct arras_worker *worker;
    ar_work_warn(&worker_options.work);
    ar_ready_remove(given->work.ready_file);
    enum arras_status status = arras_worker_start(&worker_options, pool, &worker);
    if (status) {
        ar_say_failure(pool, status);
        return 2;
    }
    size_t next = 0;
    ar_say_pool(pool, &next, false);
    int result = work(given, worker);
    arras_worker_stop(worker);
    return result;
}

static int run_workers(void *settings, struct ar_texts *words)
{
    (void)words;
    const struct worker_settings *given = settings;
    if (!given->work.database) {
        return ar_bad_usage(&ar_cmd_worker, "--db is missing: the database of the servers whose "
                                            "jobs are to be run");
    }
    ar_interrupt_watch();
    struct arras_pool *pool = arras_pool_new();
    int result = 2;
    if (pool) {
        result = start(given, pool);
    } else {
        ar_say_error("memory ran out");
    }
    arras_pool_free(pool);
    return result;
}

const struct ar_command ar_cmd_worker = {
    .name = "worker",
    .summary = "run jobs of a shared database, without serving the API",
    .prose = "Runs jobs that servers elsewhere put into a PostgreSQL database (arras serve --db), "
             "until it "
             "is stopped by Ctrl-C. Any number of workers and servers may share one; each job is "
             "run by one "
             "of them. Where a worker dies, its jobs are run again by others once their leases ran "
             "out.\n\n"
             "Once it waits for jobs, it prints \"worker: \" and what its workers' names begin "
             "with. When it "
             "is stopped, it takes no more jobs and waits for those that run as long as --grace "
             "says, 10 "
             "seconds unless given; what still runs then is ended and queued again. While nothing "
             "happens "
             "it asks the database nothing.",
    .options = options,
    .exits = exits,
    .examples = examples,
    .settings_size = sizeof(struct worker_settings),
    .defaults = &defaults,
    .run = run_workers,
    .configured = true};
