#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "arras/server.h"
#include "arras/value.h"
#include "cmd.h"
#include "commands.h"
#include "interrupt.h"
#include "say.h"

struct serve_settings {
    uint64_t port, workers, warm, job_seconds, job_memory, job_processes, job_log_size,
        job_result_size;
    const char *address, *config, *data, *workspace, *sandbox, *network, *packages, *ready_file;
};

static const struct serve_settings defaults = {
    .port = 8000, .warm = UINT64_MAX, .address = "127.0.0.1"};

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
     .help = "how many jobs run at a time, one for each processor unless given",
     .target = offsetof(struct serve_settings, workers),
     .least = 1,
     .most = 1024},
    {.name = "warm",
     .kind = AR_OPTION_NUMBER,
     .argument = "N",
     .help = "sandboxes with an interpreter kept ready for each language that was used in the last "
             "minute, one for each worker unless given; 0: none",
     .target = offsetof(struct serve_settings, warm),
     .most = 64},
    {.name = "job-timeout",
     .kind = AR_OPTION_NUMBER,
     .argument = "SECONDS",
     .help = "the longest that a job may run, seven days unless given",
     .target = offsetof(struct serve_settings, job_seconds),
     .least = 1,
     .most = 604800},
    {.name = "sandbox",
     .kind = AR_OPTION_TEXT,
     .argument = "bwrap|none",
     .help = "how jobs are kept apart from this machine: bwrap (bubblewrap, what is done unless "
             "given), or none: every job can do what this user can",
     .target = offsetof(struct serve_settings, sandbox)},
    {.name = "network",
     .kind = AR_OPTION_TEXT,
     .argument = "none|asked|all",
     .help = "which sandboxed jobs have this machine's network: none unless given (a job then "
             "reaches this server and nothing else), those whose script asks for it by a comment "
             "'arras: network' at its beginning, or all",
     .target = offsetof(struct serve_settings, network)},
    {.name = "packages",
     .kind = AR_OPTION_TEXT,
     .argument = "DIR",
     .help = "a folder with packages that scripts import: DIR/python for Python (pip install "
             "--target), DIR/node_modules for Node.js (npm install); what this machine has unless "
             "given",
     .target = offsetof(struct serve_settings, packages)},
    {.name = "job-memory",
     .kind = AR_OPTION_NUMBER,
     .argument = "MIB",
     .help = "the memory that each process of a job may take, 2048 unless given",
     .target = offsetof(struct serve_settings, job_memory),
     .least = 64,
     .most = 1048576},
    {.name = "job-processes",
     .kind = AR_OPTION_NUMBER,
     .argument = "N",
     .help = "the processes and threads that a job may have, 256 unless given",
     .target = offsetof(struct serve_settings, job_processes),
     .least = 16,
     .most = 32768},
    {.name = "job-log-size",
     .kind = AR_OPTION_NUMBER,
     .argument = "KIB",
     .help = "how much of what a job prints is kept, 10240 unless given",
     .target = offsetof(struct serve_settings, job_log_size),
     .least = 1,
     .most = 10240},
    {.name = "job-result-size",
     .kind = AR_OPTION_NUMBER,
     .argument = "KIB",
     .help = "the largest result of a job, 16384 unless given",
     .target = offsetof(struct serve_settings, job_result_size),
     .least = 1,
     .most = 16384},
    {.name = "ready-file",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "written once the server listens: a JSON object with url, workspace, token and pid, "
             "readable by its owner only; removed when the server stops",
     .target = offsetof(struct serve_settings, ready_file)},
    {0}};

static const struct ar_term environment[] = {
    {"XDG_DATA_HOME", "the folder in which data are kept unless --data is given"},
    {"HOME", "where that is not set"},
    {0}};

static const struct ar_term exits[] = {
    {"0", "stopped by SIGINT (Ctrl-C) or SIGTERM"},
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

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

/* Under another name first, so that whoever waits for the file never reads half of it. */
static bool write_ready_file(const char *path, const struct arras_server_access *access)
{
    struct ar_text text = {0}, name = {0};
    ar_text_printf(&text, "{\"url\": ");
    ar_text_add_json(&text, ar_z(access->url));
    ar_text_printf(&text, ", \"workspace\": ");
    ar_text_add_json(&text, ar_z(access->workspace));
    ar_text_printf(&text, ", \"token\": ");
    ar_text_add_json(&text, ar_z(access->token));
    ar_text_printf(&text, ", \"pid\": %ld}\n", (long)getpid());
    ar_text_printf(&name, "%s.XXXXXX", path);
    int fd = mkostemp(name.ptr, O_CLOEXEC); /* readable by its owner only */
    bool good = fd >= 0 && write_all(fd, text.ptr, text.len);
    good = (fd < 0 || close(fd) == 0) && good && rename(name.ptr, path) == 0;
    if (!good) {
        ar_say_error("cannot write '%s': %s", path, strerror(errno));
        if (fd >= 0) {
            (void)unlink(name.ptr);
        }
    }
    ar_text_release(&text);
    ar_text_release(&name);
    return good;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "localhost") == 0;
}

static void warn(const struct serve_settings *given, bool sandboxed)
{
    if (!sandboxed) {
        ar_say_warning("[no-sandbox] --sandbox none: every job can read, change and delete "
                       "whatever this user can");
    }
    if (!is_loopback(given->address)) {
        ar_say_warning("[not-loopback] listening on %s: whoever reaches it and has a token runs "
                       "programs here, and tokens cross the network unencrypted",
                       given->address);
    }
}

static int serve_until_stopped(const struct serve_settings *given, struct arras_server *server)
{
    struct arras_server_access access = arras_server_access(server);
    if (given->ready_file && !write_ready_file(given->ready_file, &access)) {
        return 2;
    }
    printf("url: %s\nworkspace: %s\ntoken: %s\n", access.url, access.workspace, access.token);
    fflush(stdout);
    ar_interrupt_wait(-1);
    if (given->ready_file) {
        (void)unlink(given->ready_file);
    }
    return 0;
}

/* One of the words: the option table has no others. */
static enum arras_network network_of(const char *word)
{
    return word && strcmp(word, "all") == 0     ? ARRAS_NETWORK_ALL
           : word && strcmp(word, "asked") == 0 ? ARRAS_NETWORK_ASKED
                                                : ARRAS_NETWORK_NONE;
}

static int start(const struct serve_settings *given, const char *data, struct arras_pool *pool)
{
    struct arras_server_options server_options = {
        .data = data,
        .workspace = given->workspace,
        .address = given->address,
        .port = (uint16_t)given->port,
        .workers = (unsigned)given->workers,
        .packages = given->packages,
        .network = network_of(given->network),
        .job_memory = (size_t)given->job_memory << 20,
        .job_processes = (size_t)given->job_processes,
        .job_log_size = (size_t)given->job_log_size << 10,
        .job_result_size = (size_t)given->job_result_size << 10,
        .warm = given->warm == UINT64_MAX ? 0
                : given->warm == 0        ? -1
                                          : (int)given->warm,
        .job_seconds = (int64_t)given->job_seconds,
        .no_sandbox = given->sandbox && strcmp(given->sandbox, "none") == 0};
    warn(given, !server_options.no_sandbox);
    make_parents(data);
    if (given->ready_file) {
        (void)unlink(given->ready_file); /* of an earlier server: whoever waits must not read it */
    }
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
        "again.",
    .options = options,
    .environment = environment,
    .exits = exits,
    .examples = examples,
    .settings_size = sizeof(struct serve_settings),
    .defaults = &defaults,
    .run = serve,
    .configured = true};
