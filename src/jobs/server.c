#include "arras/server.h"
#include "base/clock.h"
#include "base/hash.h"
#include "jobs/sandbox/sandbox.h"
#include "jobs/api/api.h"
#include "jobs/service.h"
#include "jobs/secret.h"
#include "jobs/store/store_people.h"
#include "net/http_server.h"
#include "value/pool.h"

#define DEFAULT_WORKSPACE "main"
#define ADMIN_EMAIL "admin@localhost"
#define ADMIN_NAME "admin"

/* Settings in the store. */
#define SETTING_WORKSPACE "workspace"
#define SETTING_CREATED "created_at"

struct arras_server {
    struct ar_service service; /* its arena has all strings below */
    struct arras_str workspace, token, url;
    struct ar_secret_key key;
    struct ar_http_server *http;
    struct ar_api api;
    int64_t grace;
};

/* A setting, or `otherwise` where it is not set yet, which is then set. */
static enum arras_status setting(struct arras_server *server, const char *name,
                                 struct arras_str otherwise, struct ar_diags *diags,
                                 struct arras_str *ret)
{
    struct ar_store *store = server->service.store;
    enum arras_status status =
        ar_store_setting_get(store, name, &server->service.arena, diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        status = ar_store_setting_add(store, name, otherwise, diags);
        *ret = otherwise;
    }
    /* another server that starts now may have been the first */
    return status == ARRAS_CONFLICT
               ? ar_store_setting_get(store, name, &server->service.arena, diags, ret)
               : status;
}

static struct ar_workspace_member admin_member(const struct arras_server *server)
{
    return (struct ar_workspace_member){
        .workspace = server->workspace,
        .username = AR_STR(ADMIN_NAME),
        .email = AR_STR(ADMIN_EMAIL),
        .admin = true,
        .created_at = ar_clock_wall(ar_clock_system()),
    };
}

static enum arras_status add_workspace(struct arras_server *server, struct ar_diags *diags)
{
    const struct ar_workspace_member admin = admin_member(server);
    const struct ar_workspace workspace = {
        .id = server->workspace,
        .name = server->workspace,
        .owner = admin.email,
        .created_at = admin.created_at,
    };
    return ar_store_workspace_create(server->service.store, &workspace, &admin, diags);
}

/* Where there is no account of the administrator (any more), one is made, without a password. */
static enum arras_status find_admin(struct arras_server *server, struct ar_diags *diags)
{
    struct ar_store *store = server->service.store;
    const struct ar_workspace_member member = admin_member(server);
    const struct ar_account admin = {
        .email = member.email,
        .username = member.username,
        .superadmin = true,
        .created_at = member.created_at,
    };
    struct ar_account found;
    enum arras_status status =
        ar_store_account_get(store, admin.email, &server->service.arena, diags, &found);
    if (status != ARRAS_NOT_FOUND) {
        return status;
    }
    status = ar_store_account_add(store, &admin, diags);
    if (!status) {
        status = ar_store_member_add(store, &member, diags);
    }
    return status == ARRAS_CONFLICT ? ARRAS_OK : status;
}

static enum arras_status find_workspace(struct arras_server *server, const char *wanted,
                                        struct ar_diags *diags)
{
    struct ar_store *store = server->service.store;
    struct arras_str name;
    bool exists = false;
    if (!ar_str_copy(ar_str_z(wanted ? wanted : DEFAULT_WORKSPACE), &server->service.arena,
                     &name)) {
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
        status = add_workspace(server, diags);
        status = status == ARRAS_CONFLICT ? ARRAS_OK : status;
    }
    return status;
}

static enum arras_status find_age(struct arras_server *server, struct ar_diags *diags)
{
    struct arras_str now, created;
    if (!ar_str_printf(&server->service.arena, &now, "%lld",
                       (long long)ar_clock_wall(ar_clock_system()))) {
        return ar_no_memory(diags);
    }
    enum arras_status status = setting(server, SETTING_CREATED, now, diags, &created);
    if (!status && !ar_str_int(created, &server->api.created_at)) {
        return ar_error(diags, ARRAS_INVALID, "server-data", NULL, 0,
                        "setting %s of the database is not a number", SETTING_CREATED);
    }
    return status;
}

/* A new token of the administrator, known to the store by its hash and, sealed, by itself: the
 * latter last, for who reads it uses it at once. CONFLICT: another server had made one. */
static enum arras_status make_token(struct arras_server *server, bool replace,
                                    struct ar_diags *diags)
{
    struct ar_store *store = server->service.store;
    struct ar_token admin = {.email = AR_STR(ADMIN_EMAIL), .label = AR_STR(AR_LABEL_SESSION)};
    struct arras_str sealed;
    enum arras_status status = ar_token_new(&server->service.arena, &server->token);
    if (!status) {
        status = ar_sha256_hex(server->token, &server->service.arena, &admin.hash);
    }
    if (!status) {
        status = ar_secret_seal(&server->key, AR_STR(AR_SETTING_TOKEN), server->token,
                                &server->service.arena, &sealed);
    }
    if (status) {
        return ar_error(diags, status, "server-token", NULL, 0, "no token could be made: %s",
                        arras_status_meaning(status));
    }
    admin.prefix = ar_str_sub(server->token, 0, AR_TOKEN_PREFIX);
    admin.created_at = ar_clock_wall(ar_clock_system());
    admin.last_used_at = admin.created_at;
    status = ar_store_token_add(store, &admin, diags);
    if (!status) {
        status = replace ? ar_store_setting_set(store, AR_SETTING_TOKEN, sealed, diags)
                         : ar_store_setting_add(store, AR_SETTING_TOKEN, sealed, diags);
    }
    if (status == ARRAS_CONFLICT) {
        enum arras_status removed = ar_store_token_remove(store, admin.hash, diags);
        status = removed ? removed : ARRAS_CONFLICT;
    }
    return status;
}

/* It may have been ended since. */
static enum arras_status check_token(struct arras_server *server, struct ar_diags *diags)
{
    struct arras_str hash;
    struct ar_user user;
    enum arras_status status = ar_sha256_hex(server->token, &server->service.arena, &hash);
    if (!status) {
        status = ar_store_token_find(server->service.store, hash, ar_clock_wall(ar_clock_system()),
                                     &server->service.arena, diags, &user);
    }
    return status == ARRAS_NOT_FOUND ? make_token(server, true, diags) : status;
}

/* The token that is kept; INVALID where it was sealed with another key. */
static enum arras_status read_token(struct arras_server *server, struct ar_diags *diags)
{
    struct arras_str sealed;
    struct ar_arena *arena = &server->service.arena;
    enum arras_status status =
        ar_store_setting_get(server->service.store, AR_SETTING_TOKEN, arena, diags, &sealed);
    return status ? status
                  : ar_secret_open(&server->key, AR_STR(AR_SETTING_TOKEN), sealed, arena,
                                   &server->token);
}

/* Whose key it is that does not fit: of an old copy of the data, or of another server's. */
static enum arras_status key_does_not_fit(struct arras_server *server, const char *path,
                                          struct ar_diags *diags)
{
    if (ar_store_shared(server->service.store)) {
        ar_error(diags, ARRAS_INVALID, "server-key", NULL, 0,
                 "key file %s is not that of the database's other servers", path);
        ar_hint(diags, "copy the key file of the first server here, or name it by --key-file");
        return ARRAS_INVALID;
    }
    ar_warning(diags, "server-key", NULL, 0,
               "key file %s does not fit the database: the administrator gets a new token", path);
    return make_token(server, true, diags);
}

static enum arras_status find_token(struct arras_server *server, const char *key_file,
                                    struct ar_diags *diags)
{
    struct arras_str path = {NULL, 0};
    if (!key_file && !ar_service_path(&server->service, "key", &path)) {
        return ar_no_memory(diags);
    }
    key_file = key_file ? key_file : path.ptr;
    enum arras_status status = ar_secret_key_load(key_file, diags, &server->key);
    if (status) {
        return status;
    }
    status = read_token(server, diags);
    if (!status) {
        return check_token(server, diags);
    }
    if (status == ARRAS_NOT_FOUND) {
        status = make_token(server, false, diags);
        /* another server that starts now may have been the first */
        status = status == ARRAS_CONFLICT ? read_token(server, diags) : status;
    }
    return status == ARRAS_INVALID ? key_does_not_fit(server, key_file, diags) : status;
}

/* Where a program on this machine reaches the server. */
static enum arras_status write_url(struct arras_server *server, const char *address,
                                   struct ar_diags *diags)
{
    const char *host = strcmp(address, "0.0.0.0") == 0 ? "127.0.0.1"
                       : strcmp(address, "::") == 0    ? "::1"
                                                       : address;
    bool v6 = strchr(host, ':') != NULL;
    if (!ar_str_printf(&server->service.arena, &server->url, "http://%s%s%s:%u", v6 ? "[" : "",
                       host, v6 ? "]" : "", (unsigned)ar_http_server_port(server->http))) {
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
    server->api.store = server->service.store;
    server->api.key = &server->key;
    server->api.telemetry = &server->service.telemetry;
    server->api.metrics_open = options->metrics_open;
    server->api.process = &server->service.process;
    server->service.key = &server->key;
    server->api.queue = server->service.queue;
    server->api.workspace = server->workspace;
    enum arras_status status = ar_http_server_start(&http, diags, &server->http);
    return status ? status : write_url(server, http.address, diags);
}

static void connect_job(void *context, const void *owner, int fd)
{
    const struct arras_server *server = context;
    ar_http_server_adopt(server->http, owner, fd);
}

/* The workers need the address, which is known once the server listens; a job that is submitted
 * before they are there waits for them. */
static enum arras_status start_all(struct arras_server *server,
                                   const struct arras_server_options *options,
                                   struct ar_diags *diags)
{
    struct ar_service *service = &server->service;
    enum arras_status status = find_workspace(server, options->workspace, diags);
    if (!status) {
        status = find_age(server, diags);
    }
    if (!status) {
        status = find_admin(server, diags);
    }
    if (!status) {
        status = find_token(server, options->key_file, diags);
    }
    if (!status) {
        status = start_http(server, options, diags);
    }
    if (!status) {
        status = ar_store_setting_set(service->store, AR_SETTING_URL, server->url, diags);
    }
    return status ? status
                  : ar_service_work(service, &options->work, server->url.ptr, connect_job, server,
                                    diags);
}

enum arras_status arras_server_start(const struct arras_server_options *options,
                                     struct arras_pool *pool, struct arras_server **ret)
{
    struct ar_diags *diags = &pool->diags;
    if (!options->work.no_sandbox && !options->work.no_workers) {
        enum arras_status sandbox = ar_sandbox_check(options->work.packages, diags);
        if (sandbox) {
            return sandbox;
        }
    }
    struct arras_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return ar_no_memory(diags);
    }
    pthread_mutex_init(&server->api.deploying, NULL);
    enum arras_status status =
        ar_service_open(&server->service, options->data, options->temporary, &options->work, diags);
    if (!status) {
        status = start_all(server, options, diags);
    }
    if (status) {
        if (!ar_diags_first_error(diags)) {
            ar_error(diags, status, "server-start", NULL, 0, "the server could not be started: %s",
                     arras_status_meaning(status));
        }
        arras_server_stop(server);
        return status;
    }
    server->grace = options->work.grace_seconds;
    const struct arras_str version = AR_STR(ARRAS_VERSION);
    ar_tell(&server->service.telemetry, ARRAS_LOG_INFO, "listening", "url", &server->url,
            "workspace", &server->workspace, "version", &version, NULL);
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
    atomic_store(&server->api.stopping, true);
    ar_tell(&server->service.telemetry, ARRAS_LOG_INFO, "stopping", NULL);
    /* first: jobs have connections to the server */
    ar_service_stop_workers(&server->service, server->grace);
    ar_http_server_stop(server->http);
    ar_tell(&server->service.telemetry, ARRAS_LOG_INFO, "stopped", NULL);
    ar_service_close(&server->service);
    pthread_mutex_destroy(&server->api.deploying);
    ar_arena_release(&server->service.arena);
    explicit_bzero(&server->key, sizeof(server->key));
    free(server);
}
