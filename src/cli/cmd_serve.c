#include <sys/stat.h>
#include <unistd.h>
#include "arras/server.h"
#include "arras/value.h"
#include "cmd.h"
#include "commands.h"
#include "interrupt.h"
#include "say.h"
#include "work.h"

struct serve_settings {
    struct ar_work_settings work;
    uint64_t port;
    bool check, metrics_open;
    const char *address, *config, *data, *key_file, *workspace;
};

static const struct serve_settings defaults = {
    .work = AR_WORK_DEFAULTS, .port = 8000, .address = "127.0.0.1"};

static const struct ar_option options[] = {
    {.name = "port",
     .kind = AR_OPTION_NUMBER,
     .argument = "N",
     .help = "the port to listen on, 8000 unless given; 0 picks a free one",
     .target = offsetof(struct serve_settings, port),
     .most = 65535},
    {.name = "address",
     .kind = AR_OPTION_TEXT,
     .argument = "A",
     .help = "the address to listen on, 127.0.0.1 unless given",
     .target = offsetof(struct serve_settings, address)},
    {.name = "config",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "a file of settings (see below)",
     .target = offsetof(struct serve_settings, config)},
    {.name = "data",
     .kind = AR_OPTION_TEXT,
     .argument = "DIR",
     .help = "where the database and the jobs' files are kept, $XDG_DATA_HOME/arras or "
             "~/.local/share/arras unless given; made where it is missing",
     .target = offsetof(struct serve_settings, data)},
    {.name = "workspace",
     .kind = AR_OPTION_TEXT,
     .argument = "NAME",
     .help = "the workspace to tell of, made where it is missing; that of the data unless given, "
             "main at first",
     .target = offsetof(struct serve_settings, workspace)},
    {.name = "workers",
     .kind = AR_OPTION_NUMBER,
     .argument = "N",
     .help = "how many jobs run at a time, one for each processor unless given; 0: none, others "
             "(arras worker) run them",
     .target = offsetof(struct serve_settings, work.workers),
     .most = 1024},
    {.name = "key-file",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "the key that secrets in the database are encrypted with, made where it is missing; "
             "`key` in the data directory unless given. All servers of one database need the same",
     .target = offsetof(struct serve_settings, key_file)},
    AR_WORK_OPTIONS(struct serve_settings),
    {.name = "metrics-open",
     .kind = AR_OPTION_FLAG,
     .help = "let anyone read /metrics, which needs the token of a super admin otherwise",
     .target = offsetof(struct serve_settings, metrics_open)},
    {.name = "check",
     .kind = AR_OPTION_FLAG,
     .help = "say whether a server could start with these settings, change nothing, and end",
     .target = offsetof(struct serve_settings, check)},
    {.name = "ready-file",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "written once the server listens: a JSON object with url, workspace, token and pid, "
             "readable by its owner only; removed when the server stops",
     .target = offsetof(struct serve_settings, work.ready_file)},
    {0}};

static const struct ar_term environment[] = {
    {"XDG_DATA_HOME", "the folder in which data are kept unless --data is given"},
    {"HOME", "where that is not set"},
    {0}};

static const struct ar_term exits[] = {
    {"0", "stopped by SIGINT (Ctrl-C) or SIGTERM; with --check: a server could start"},
    {"2", "not started: bad usage, the port or the data in use, no sandbox on this machine"},
    {0}};

static const struct ar_term examples[] = {
    {"arras serve", "serve on http://127.0.0.1:8000 until Ctrl-C"},
    {"arras serve --port 0 --data ./state --ready-file ready.json",
     "on a free port, which ready.json tells to other programs"},
    {0}};

/* NULL where the environment tells of no place. */
static char *default_data(void)
{
    const char *folder = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    struct ar_text path = {0};
    if (folder && folder[0] == '/') {
        ar_text_printf(&path, "%s/arras", folder);
    } else if (home && home[0] == '/') {
        ar_text_printf(&path, "%s/.local/share/arras", home);
    }
    return path.ptr;
}

/* The folders above `path`, as `mkdir -p` makes them. The server makes the last one itself and
 * tells what is wrong, so failures are left to it. */
static void make_parents(const char *path)
{
    char *copy = ar_need_copy(path, strlen(path));
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(copy, 0700);
        *slash = '/';
    }
    free(copy);
}

static bool tell_ready(const char *path, const struct arras_server_access *access)
{
    struct ar_text text = {0};
    ar_text_printf(&text, "{\"url\": ");
    ar_text_add_json(&text, ar_z(access->url));
    ar_text_printf(&text, ", \"workspace\": ");
    ar_text_add_json(&text, ar_z(access->workspace));
    ar_text_printf(&text, ", \"token\": ");
    ar_text_add_json(&text, ar_z(access->token));
    ar_text_printf(&text, ", \"pid\": %ld}\n", (long)getpid());
    bool good = ar_ready_write(path, &text);
    ar_text_release(&text);
    return good;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "localhost") == 0;
}

static void warn(const struct serve_settings *given, const struct arras_work_options *work)
{
    ar_work_warn(work);
    if (!is_loopback(given->address)) {
        ar_say_warning("[not-loopback] listening on %s: whoever reaches it and has a token runs "
                       "programs here, and tokens cross the network unencrypted",
                       given->address);
    }
}

static int serve_until_stopped(const struct serve_settings *given, struct arras_server *server)
{
    struct arras_server_access access = arras_server_access(server);
    const char *ready = given->work.ready_file;
    if (ready && !tell_ready(ready, &access)) {
        return 2;
    }
    printf("url: %s\nworkspace: %s\ntoken: %s\n", access.url, access.workspace, access.token);
    fflush(stdout);
    ar_interrupt_wait(-1);
    ar_ready_remove(ready);
    return 0;
}

static void tell_check(void *context, bool good, const char *what, struct arras_str text)
{
    (void)context;
    printf("%-7s %s: %.*s\n", good ? "ok" : "problem", what, (int)text.len, text.ptr);
}

static struct arras_server_options options_of(const struct serve_settings *given, const char *data)
{
    return (struct arras_server_options){
        .work = ar_work_options(&given->work, 0),
        .data = data,
        .key_file = given->key_file,
        .workspace = given->workspace,
        .address = given->address,
        .port = (uint16_t)given->port,
        .metrics_open = given->metrics_open,
    };
}

static int start(const struct serve_settings *given, const char *data, struct arras_pool *pool)
{
    const struct arras_server_options server_options = options_of(given, data);
    if (given->check) {
        return arras_server_check(&server_options, tell_check, NULL) ? 0 : 2;
    }
    warn(given, &server_options.work);
    make_parents(data);
    ar_ready_remove(given->work.ready_file);
    struct arras_server *server;
    enum arras_status status = arras_server_start(&server_options, pool, &server);
    if (status) {
        ar_say_failure(pool, status);
        return 2;
    }
    size_t next = 0;
    ar_say_pool(pool, &next, false);
    int result = serve_until_stopped(given, server);
    arras_server_stop(server);
    return result;
}

static int serve(void *settings, struct ar_texts *words)
{
    (void)words;
    const struct serve_settings *given = settings;
    char *data = given->data ? ar_need_copy(given->data, strlen(given->data)) : default_data();
    if (!data || !*data) {
        free(data);
        return ar_bad_usage(&ar_cmd_serve, "no place for the data: neither --data nor HOME is set");
    }
    ar_interrupt_watch();
    struct arras_pool *pool = arras_pool_new();
    int result = 2;
    if (pool) {
        result = start(given, data, pool);
    } else {
        ar_say_error("memory ran out");
    }
    arras_pool_free(pool);
    free(data);
    return result;
}

const struct ar_command ar_cmd_serve = {
    .name = "serve",
    .summary = "serve the job server: Windmill's HTTP API and workers for its jobs",
    .prose =
        "Runs a job server in this process until it is stopped by Ctrl-C. Programs deploy scripts, "
        "start jobs and read their results by Windmill's HTTP API below /api.\n\n"
        "Once it listens, it prints three lines to standard output: \"url: \" and the address, "
        "\"workspace: \" and the workspace's name, \"token: \" and an administrator's token, the "
        "same again at the next start with the same data.\n\n"
        "Jobs run in a sandbox. Where this machine cannot make one, the server refuses to start "
        "unless --sandbox none is given. Jobs that run when the server stops are ended and queued "
        "again.\n\n"
        "With --db any number of servers and workers (arras worker), on any machines, share one "
        "PostgreSQL database.",
    .options = options,
    .environment = environment,
    .exits = exits,
    .examples = examples,
    .settings_size = sizeof(struct serve_settings),
    .defaults = &defaults,
    .run = serve,
    .configured = true};
