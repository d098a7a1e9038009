#include "arras/server.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "jobs/api/api.h"
#include "jobs/data_directory.h"
#include "jobs/secret.h"
#include "jobs/workers.h"
#include "net/http_server.h"
#include "value/pool.h"

#define DEFAULT_WORKSPACE "main"
#define ADMIN_EMAIL "admin@localhost"
#define ADMIN_NAME "admin"

/* Settings in the store. */
#define SETTING_WORKSPACE "workspace"
#define SETTING_CREATED "created_at"
#define SETTING_TOKEN "admin_token" /* sealed */

struct arras_server {
    struct ar_arena arena; /* all strings below */
    struct arras_str data; /* the directory */
    bool temporary;        /* it is removed at the end */
    struct arras_str jobs; /* the directory of the jobs' own ones */
    struct arras_str workspace, token, url;
    struct ar_secret_key key;
    struct ar_store *store;
    struct ar_queue *queue;
    struct ar_workers *workers;
    struct ar_http_server *http;
    struct ar_api api;
};

static bool path_in(struct arras_server *server, const char *name, struct arras_str *ret)
{
    return ar_str_printf(&server->arena, ret, "%.*s/%s", AR_STR_ARG(server->data), name);
}

static enum arras_status make_data(struct arras_server *server,
                                   const struct arras_server_options *options,
                                   struct ar_diags *diags)
{
    if (!options->data) {
        const char *parent = options->temporary ? options->temporary : "/tmp";
        enum arras_status status =
            ar_directory_temporary(parent, &server->arena, diags, &server->data);
        server->temporary = status == ARRAS_OK;
        return status;
    }
    if (!ar_str_copy(ar_str_z(options->data), &server->arena, &server->data)) {
        return ar_no_memory(diags);
    }
    return ar_directory_make(server->data, diags);
}

static enum arras_status open_store(struct arras_server *server, struct ar_diags *diags)
{
    struct arras_str path;
    if (!path_in(server, "arras.db", &path)) {
        return ar_no_memory(diags);
    }
    /* made here for its mode, which the files beside it take over; the store says what is wrong */
    int fd = open(path.ptr, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
    size_t recovered;
    enum arras_status status = ar_store_open(path.ptr, diags, &server->store);
    if (!status) {
        status = ar_store_job_recover(server->store, diags, &recovered);
    }
    return status;
}

/* What jobs left behind when their server was killed goes first. */
static enum arras_status make_job_directory(struct arras_server *server, struct ar_diags *diags)
{
    if (!path_in(server, "jobs", &server->jobs)) {
        return ar_no_memory(diags);
    }
    ar_directory_remove(server->jobs);
    return ar_directory_make(server->jobs, diags);
}

/* A setting, or `otherwise` where it is not set yet, which is then set. */
static enum arras_status setting(struct arras_server *server, const char *name,
                                 struct arras_str otherwise, struct ar_diags *diags,
                                 struct arras_str *ret)
{
    struct ar_store *store = server->store;
    enum arras_status status = ar_store_setting_get(store, name, &server->arena, diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        *ret = otherwise;
        status = ar_store_setting_set(store, name, otherwise, diags);
    }
    return status;
}

static enum arras_status find_workspace(struct arras_server *server, const char *wanted,
                                        struct ar_diags *diags)
{
    struct ar_store *store = server->store;
    struct arras_str name;
    bool exists = false;
    if (!ar_str_copy(ar_str_z(wanted ? wanted : DEFAULT_WORKSPACE), &server->arena, &name)) {
        return ar_no_memory(diags);
    }
    server->workspace = name;
    enum arras_status status = ARRAS_OK;
    if (!wanted) {
        status = setting(server, SETTING_WORKSPACE, name, diags, &server->workspace);
    }
    if (!status) {
        status = ar_store_workspace_exists(store, server->workspace, diags, &exists);
    }
    if (!status && !exists) {
        status = ar_store_workspace_add(store, server->workspace, diags);
    }
    return status;
}

static enum arras_status find_age(struct arras_server *server, struct ar_diags *diags)
{
    struct arras_str now, created;
    if (!ar_str_printf(&server->arena, &now, "%lld", (long long)ar_clock_wall(ar_clock_system()))) {
        return ar_no_memory(diags);
    }
    enum arras_status status = setting(server, SETTING_CREATED, now, diags, &created);
    if (!status && !ar_str_int(created, &server->api.created_at)) {
        return ar_error(diags, ARRAS_INVALID, "server-data", NULL, 0,
                        "setting %s of the database is not a number", SETTING_CREATED);
    }
    return status;
}

/* A new token of the administrator, known to the store by its hash and, sealed, by itself. */
static enum arras_status make_token(struct arras_server *server, const struct ar_secret_key *key,
                                    struct ar_diags *diags)
{
    struct ar_store *store = server->store;
    const struct ar_user admin = {
        .email = AR_STR(ADMIN_EMAIL),
        .username = AR_STR(ADMIN_NAME),
        .admin = true,
        .superadmin = true,
    };
    struct arras_str hash, sealed;
    enum arras_status status = ar_token_new(&server->arena, &server->token);
    if (!status) {
        status = ar_sha256_hex(server->token, &server->arena, &hash);
    }
    if (!status) {
        status = ar_secret_seal(key, AR_STR(SETTING_TOKEN), server->token, &server->arena, &sealed);
    }
    if (status) {
        return ar_error(diags, status, "server-token", NULL, 0, "no token could be made: %s",
                        arras_status_meaning(status));
    }
    status = ar_store_token_add(store, hash, &admin, 0, diags);
    if (!status) {
        status = ar_store_setting_set(store, SETTING_TOKEN, sealed, diags);
    }
    return status;
}

static enum arras_status find_token(struct arras_server *server, struct ar_diags *diags)
{
    struct ar_store *store = server->store;
    struct ar_secret_key *key = &server->key;
    struct arras_str path, sealed;
    if (!path_in(server, "key", &path)) {
        return ar_no_memory(diags);
    }
    enum arras_status status = ar_secret_key_load(path.ptr, diags, key);
    if (status) {
        return status;
    }
    status = ar_store_setting_get(store, SETTING_TOKEN, &server->arena, diags, &sealed);
    if (!status) {
        status = ar_secret_open(key, AR_STR(SETTING_TOKEN), sealed, &server->arena, &server->token);
        if (status == ARRAS_INVALID) {
            ar_warning(diags, "server-key", NULL, 0,
                       "key file %s does not fit the database: the administrator gets a new token",
                       path.ptr);
        }
    }
    bool none = status == ARRAS_NOT_FOUND || status == ARRAS_INVALID;
    if (none) {
        status = make_token(server, key, diags);
    }
    return status;
}

/* Where a program on this machine reaches the server. */
static enum arras_status write_url(struct arras_server *server, const char *address,
                                   struct ar_diags *diags)
{
    const char *host = strcmp(address, "0.0.0.0") == 0 ? "127.0.0.1"
                       : strcmp(address, "::") == 0    ? "::1"
                                                       : address;
    bool v6 = strchr(host, ':') != NULL;
    if (!ar_str_printf(&server->arena, &server->url, "http://%s%s%s:%u", v6 ? "[" : "", host,
                       v6 ? "]" : "", (unsigned)ar_http_server_port(server->http))) {
        return ar_no_memory(diags);
    }
    return ARRAS_OK;
}

static enum arras_status start_http(struct arras_server *server,
                                    const struct arras_server_options *options,
                                    struct ar_diags *diags)
{
    struct ar_http_server_options http = {
        .address = options->address ? options->address : "127.0.0.1",
        .port = options->port,
        .handle = ar_api_handle,
        .context = &server->api,
    };
    server->api.store = server->store;
    server->api.key = &server->key;
    server->api.queue = server->queue;
    server->api.workspace = server->workspace;
    enum arras_status status = ar_http_server_start(&http, diags, &server->http);
    return status ? status : write_url(server, http.address, diags);
}

static void connect_job(void *context, const void *owner, int fd)
{
    const struct arras_server *server = context;
    ar_http_server_adopt(server->http, owner, fd);
}

/* Its full path: jobs run elsewhere. */
static enum arras_status find_packages(struct arras_server *server, const char *path,
                                       struct ar_diags *diags, const char **ret)
{
    struct arras_str copy;
    char *full = path ? realpath(path, NULL) : NULL;
    if (path && !full) {
        return ar_error(diags, ARRAS_IO, "server-packages", NULL, 0, "the packages in '%s': %s",
                        path, strerror(errno));
    }
    bool copied = !full || ar_str_copy(ar_str_z(full), &server->arena, &copy);
    if (full && copied) {
        *ret = copy.ptr;
    }
    free(full);
    return copied ? ARRAS_OK : ar_no_memory(diags);
}

static enum arras_status start_workers(struct arras_server *server,
                                       const struct arras_server_options *options,
                                       struct ar_diags *diags)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned count = options->workers ? options->workers
                           : processors > 0 ? (unsigned)processors
                                            : 1;
    const char *packages = NULL;
    enum arras_status found = find_packages(server, options->packages, diags, &packages);
    if (found) {
        return found;
    }
    struct ar_workers_options workers = {
        .store = server->store,
        .queue = server->queue,
        .count = count,
        .directory = server->jobs.ptr,
        .base_url = server->url.ptr,
        .sandbox = !options->no_sandbox,
        .job_seconds = options->job_seconds,
        .packages = packages,
        .connect = connect_job,
        .connect_context = server,
        .network = options->network == ARRAS_NETWORK_ALL     ? AR_JOB_NETWORK_ALL
                   : options->network == ARRAS_NETWORK_ASKED ? AR_JOB_NETWORK_ASKED
                                                             : AR_JOB_NETWORK_NONE,
        .memory = options->job_memory,
        .processes = options->job_processes,
        .log_size = options->job_log_size,
        .result_size = options->job_result_size,
        .spares = options->warm < 0   ? 0
                  : options->warm > 0 ? (unsigned)options->warm
                                      : count,
    };
    return ar_workers_start(&workers, diags, &server->workers);
}

/* The workers need the address, which is known once the server listens; a job that is submitted
 * before they are there waits for them. */
static enum arras_status start_all(struct arras_server *server,
                                   const struct arras_server_options *options,
                                   struct ar_diags *diags)
{
    enum arras_status status = make_data(server, options, diags);
    if (!status) {
        status = open_store(server, diags);
    }
    if (!status) {
        status = make_job_directory(server, diags);
    }
    if (!status) {
        status = find_workspace(server, options->workspace, diags);
    }
    if (!status) {
        status = find_age(server, diags);
    }
    if (!status) {
        status = find_token(server, diags);
    }
    if (!status) {
        status = ar_queue_new(server->store, &server->queue);
    }
    if (!status) {
        status = start_http(server, options, diags);
    }
    if (!status) {
        status = start_workers(server, options, diags);
    }
    return status;
}

enum arras_status arras_server_start(const struct arras_server_options *options,
                                     struct arras_pool *pool, struct arras_server **ret)
{
    struct ar_diags *diags = &pool->diags;
    if (!options->no_sandbox) {
        enum arras_status sandbox = ar_sandbox_check(diags);
        if (sandbox) {
            return sandbox;
        }
    }
    struct arras_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return ar_no_memory(diags);
    }
    ar_arena_init(&server->arena, 0);
    pthread_mutex_init(&server->api.deploying, NULL);
    enum arras_status status = start_all(server, options, diags);
    if (status) {
        if (!ar_diags_first_error(diags)) {
            ar_error(diags, status, "server-start", NULL, 0, "the server could not be started: %s",
                     arras_status_meaning(status));
        }
        arras_server_stop(server);
        return status;
    }
    *ret = server;
    return ARRAS_OK;
}

struct arras_server_access arras_server_access(const struct arras_server *server)
{
    return (struct arras_server_access){
        .url = server->url.ptr,
        .workspace = server->workspace.ptr,
        .token = server->token.ptr,
    };
}

void arras_server_stop(struct arras_server *server)
{
    if (!server) {
        return;
    }
    /* first: jobs have connections to the server */
    if (server->workers) {
        ar_workers_stop(server->workers);
    }
    ar_http_server_stop(server->http);
    if (server->queue) {
        ar_queue_free(server->queue);
    }
    if (server->store) {
        ar_store_close(server->store);
    }
    if (server->temporary) {
        ar_directory_remove(server->data);
    }
    pthread_mutex_destroy(&server->api.deploying);
    ar_arena_release(&server->arena);
    explicit_bzero(&server->key, sizeof(server->key));
    free(server);
}
