#include "run_local.h"
#include <errno.h>
#include <unistd.h>
#include "arras/client.h"
#include "options.h"

static enum arras_status push(struct arras_client *client, struct arras_pool *pool,
                              const char *script, char **ret_why)
{
    char *path;
    const char *file;
    struct arras_str hash;
    struct ar_text why = {0};
    if (!ar_cut_setting(script, &path, &file) || !*file) {
        ar_text_printf(&why, "--script: '%s' is not PATH=FILE", script);
    } else if (access(file, R_OK) != 0) {
        ar_text_printf(&why, "--script: cannot read '%s': %s", file, strerror(errno));
    }
    *ret_why = why.ptr;
    return why.ptr ? ARRAS_USAGE : arras_client_push_script(client, pool, path, file, NULL, &hash);
}

static enum arras_status push_all(const struct arras_server_access *access, struct arras_pool *pool,
                                  const struct ar_texts *scripts, char **ret_why)
{
    struct arras_client *client;
    enum arras_status status =
        arras_client_new(access->url, access->workspace, access->token, NULL, NULL, &client);
    if (status) {
        return status;
    }
    for (size_t i = 0; !status && i < scripts->count; i++) {
        status = push(client, pool, scripts->items[i], ret_why);
    }
    arras_client_free(client);
    return status;
}

enum arras_status ar_local_start(struct arras_pool *pool, bool no_sandbox,
                                 const struct ar_texts *scripts, struct ar_local *ret,
                                 char **ret_why)
{
    const char *temporary = getenv("TMPDIR");
    struct arras_server_options options = {.temporary = temporary && *temporary ? temporary : NULL,
                                           .work = {.no_sandbox = no_sandbox}};
    *ret = (struct ar_local){0};
    *ret_why = NULL;
    enum arras_status status = arras_server_start(&options, pool, &ret->server);
    if (status) {
        ret->server = NULL;
        return status;
    }
    struct arras_server_access access = arras_server_access(ret->server);
    struct ar_text api = {0};
    ar_text_printf(&api, "%s/api", access.url);
    ret->api = api.ptr;
    return scripts->count ? push_all(&access, pool, scripts, ret_why) : ARRAS_OK;
}

void ar_local_stop(struct ar_local *local)
{
    if (local->server) {
        arras_server_stop(local->server);
    }
    free(local->api);
    *local = (struct ar_local){0};
}

void ar_local_inputs(const struct ar_local *local, struct ar_setting_list *fallbacks)
{
    struct arras_server_access access = arras_server_access(local->server);
    ar_setting_add(fallbacks, "token", access.token);
    ar_setting_add(fallbacks, "workspace", access.workspace);
}

void ar_local_credentials(const struct ar_local *local, const struct arras_document *document,
                          const char *source, struct ar_credential_list *credentials)
{
    struct arras_server_access access = arras_server_access(local->server);
    ar_credentials_set(credentials, document, source, "bearerAuth", access.token);
    ar_credentials_set(credentials, document, source, "cookieAuth", access.token);
}
