#include "arras/client.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/uri.h"
#include "net/http_client.h"
#include "net/transport.h"
#include "value/json.h"
#include "value/pool.h"

struct arras_client {
    struct ar_arena arena;
    struct arras_str url;       /* up to and with /api */
    struct arras_str workspace; /* encoded */
    struct arras_str authorization;
    struct ar_http_client *http;
};

static bool encode(struct arras_str text, const char *also, struct ar_arena *arena,
                   struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_URL_LENGTH);
    ar_uri_encode(&buf, text, also);
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status == ARRAS_OK;
}

static enum arras_status client_set(struct arras_client *client, const char *url,
                                    const char *workspace, const char *token,
                                    const struct arras_transport *transport)
{
    struct arras_str base = ar_str_z(url);
    while (ar_str_ends(base, "/")) {
        base = ar_str_sub(base, 0, base.len - 1);
    }
    const char *api = ar_str_ends(base, "/api") ? "" : "/api";
    if (!ar_str_printf(&client->arena, &client->url, "%.*s%s", AR_STR_ARG(base), api) ||
        !ar_str_printf(&client->arena, &client->authorization, "Bearer %s", token) ||
        !encode(ar_str_z(workspace), "", &client->arena, &client->workspace)) {
        return ARRAS_NO_MEMORY;
    }
    const struct ar_http_client_options options = {.transport = transport};
    return ar_http_client_new(&options, &client->http);
}

enum arras_status arras_client_new(const char *url, const char *workspace, const char *token,
                                   const struct arras_transport *transport, struct arras_pool *pool,
                                   struct arras_client **ret)
{
    enum arras_status status = transport ? ar_transport_check(transport, &pool->diags) : ARRAS_OK;
    if (status) {
        return status;
    }
    struct arras_client *client = calloc(1, sizeof(*client));
    if (!client) {
        return ARRAS_NO_MEMORY;
    }
    ar_arena_init(&client->arena, 0);
    status = client_set(client, url, workspace, token, transport);
    if (status) {
        arras_client_free(client);
        return status;
    }
    *ret = client;
    return ARRAS_OK;
}

void arras_client_free(struct arras_client *client)
{
    if (!client) {
        return;
    }
    ar_http_client_free(client->http);
    if (client->authorization.len) {
        explicit_bzero((void *)(uintptr_t)client->authorization.ptr, client->authorization.len);
    }
    ar_arena_release(&client->arena);
    free(client);
}

/* The request's text, in the pool. */
static enum arras_status describe(struct arras_client *client, struct arras_pool *pool,
                                  const char *path, const struct arras_value *body,
                                  struct ar_http_request *ret)
{
    bool made =
        *path == '/'
            ? ar_str_printf(&pool->arena, &ret->url, "%.*s%s", AR_STR_ARG(client->url), path)
            : ar_str_printf(&pool->arena, &ret->url, "%.*s/w/%.*s/%s", AR_STR_ARG(client->url),
                            AR_STR_ARG(client->workspace), path);
    if (!made) {
        return ARRAS_NO_MEMORY;
    }
    if (!body) {
        return ARRAS_OK;
    }
    ret->has_body = true;
    return ar_json_text(body, ARRAS_WRITE_COMPACT, AR_SERVER_BODY, &pool->arena, &ret->body);
}

static bool is_json(const struct ar_http_response *response)
{
    const struct arras_str *header = ar_headers_find(&response->headers, "Content-Type");
    if (!header) {
        return false;
    }
    struct arras_str rest = *header;
    struct arras_str type = ar_str_trim(ar_str_cut(&rest, ';'));
    return ar_str_is_nocase(type, "application/json") || ar_str_ends(type, "+json");
}

static void take_answer(struct arras_pool *pool, const struct ar_http_response *response,
                        struct arras_answer *ret)
{
    struct arras_value value;
    *ret = (struct arras_answer){.status = response->status, .text = response->body};
    struct ar_source source = {AR_STR("the answer"), response->body};
    if (is_json(response) && !ar_json_read(&source, &pool->arena, NULL, &value)) {
        ret->value = ar_value_new(&pool->arena, value);
    }
}

enum arras_status arras_client_call(struct arras_client *client, struct arras_pool *pool,
                                    const char *method, const char *path,
                                    const struct arras_value *body, struct arras_answer *ret)
{
    struct ar_header headers[] = {
        {AR_STR("Authorization"), client->authorization},
        {AR_STR("Content-Type"), AR_STR("application/json")},
    };
    struct ar_http_request request = {.method = ar_str_z(method),
                                      .headers = {headers, body ? 2 : 1}};
    struct ar_http_result result = {0};
    enum arras_status status = describe(client, pool, path, body, &request);
    if (!status) {
        status = ar_http_client_start(client->http, &request, 0, &pool->arena, client);
    }
    if (status) {
        return ar_error(&pool->diags, status, "client-request", NULL, 0, "%s %s: %s", method, path,
                        arras_status_meaning(status));
    }
    while (!ar_http_client_next(client->http, AR_SECOND, &result)) {
    }
    if (result.status) {
        return ar_error(&pool->diags, result.status, "client-request", NULL, 0, "%s %s: %.*s",
                        method, path, AR_STR_ARG(result.error));
    }
    take_answer(pool, &result.response, ret);
    return ARRAS_OK;
}

static enum arras_status refused(struct arras_pool *pool, const char *what,
                                 const struct arras_answer *answer)
{
    if (ar_str_starts(answer->text, "<")) {
        enum arras_status status =
            ar_error(&pool->diags, ARRAS_FAILED, "client-refused", NULL, 0,
                     "%s: the server answered %d, with a web page", what, answer->status);
        ar_hint(&pool->diags, "is that the address of a job server?");
        return status;
    }
    return ar_error(&pool->diags, answer->status == 401 ? ARRAS_USAGE : ARRAS_FAILED,
                    "client-refused", NULL, 0, "%s: the server answered %d: %.*s", what,
                    answer->status, AR_STR_ARG(ar_str_sub(ar_str_trim(answer->text), 0, 500)));
}

/* By the file's ending; NULL where it tells nothing. */
static const char *guess_language(const char *file)
{
    static const char *const endings[][2] = {
        {".sh", "bash"}, {".py", "python3"}, {".ts", "bun"}, {".js", "nodejs"}};
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        if (ar_str_ends(ar_str_z(file), endings[i][0])) {
            return endings[i][1];
        }
    }
    return NULL;
}

/* The version that is live at the path; *ret is NULL where there is none. */
static enum arras_status find_live(struct arras_client *client, struct arras_pool *pool,
                                   const char *path, const struct arras_value **ret)
{
    struct arras_str encoded, call;
    struct arras_answer answer;
    if (!encode(ar_str_z(path), "/", &pool->arena, &encoded) ||
        !ar_str_printf(&pool->arena, &call, "scripts/get/p/%.*s", AR_STR_ARG(encoded))) {
        return ar_no_memory(&pool->diags);
    }
    enum arras_status status = arras_client_call(client, pool, "GET", call.ptr, NULL, &answer);
    if (status) {
        return status;
    }
    if (answer.status != 404 && (answer.status != 200 || !answer.value)) {
        return refused(pool, path, &answer);
    }
    *ret = answer.status == 200 ? answer.value : NULL;
    return ARRAS_OK;
}

/* A new version keeps what a file does not say. */
static bool keep(struct ar_object *body, const struct arras_value *live, const char *name,
                 struct arras_value otherwise)
{
    const struct arras_value *value = ar_get_z(live, name);
    return ar_object_set_z(body, name, value ? *value : otherwise);
}

static enum arras_status write_script(struct arras_pool *pool, const char *path,
                                      const char *language, struct arras_str content,
                                      const struct arras_value *live, struct arras_value *ret)
{
    struct ar_object body;
    const struct arras_value *hash = ar_get_z(live, "hash");
    ar_object_init(&body, &pool->arena);
    if (!ar_object_set_z(&body, "path", ar_string(ar_str_z(path))) ||
        !ar_object_set_z(&body, "language", ar_string(ar_str_z(language))) ||
        !ar_object_set_z(&body, "content", ar_string(content)) ||
        !keep(&body, live, "summary", ar_string(AR_STR(""))) ||
        !keep(&body, live, "description", ar_string(AR_STR(""))) ||
        !keep(&body, live, "kind", ar_string(AR_STR("script"))) ||
        !keep(&body, live, "tag", ar_null()) || !keep(&body, live, "timeout", ar_null()) ||
        (hash && !ar_object_set_z(&body, "parent_hash", *hash)) || !ar_object_value(&body, ret)) {
        return ar_no_memory(&pool->diags);
    }
    return ARRAS_OK;
}

enum arras_status arras_client_push_script(struct arras_client *client, struct arras_pool *pool,
                                           const char *path, const char *file, const char *language,
                                           struct arras_str *ret_hash)
{
    struct arras_str content;
    const struct arras_value *live = NULL;
    struct arras_value body;
    struct arras_answer answer;
    const char *spoken = language ? language : guess_language(file);
    if (!spoken) {
        return ar_error(&pool->diags, ARRAS_USAGE, "client-language", NULL, 0,
                        "%s: the name does not tell the language; say it", file);
    }
    enum arras_status status =
        ar_file_read(file, AR_SCRIPT_SIZE, &pool->arena, &pool->diags, &content);
    if (!status) {
        status = find_live(client, pool, path, &live);
    }
    if (status) {
        return status;
    }
    if (live && ar_str_eq(ar_text(ar_get_z(live, "content")), content) &&
        ar_str_is(ar_text(ar_get_z(live, "language")), spoken)) {
        *ret_hash = ar_text(ar_get_z(live, "hash"));
        return ARRAS_OK;
    }
    status = write_script(pool, path, spoken, content, live, &body);
    if (!status) {
        status = arras_client_call(client, pool, "POST", "scripts/create", &body, &answer);
    }
    if (!status && answer.status != 201) {
        return refused(pool, path, &answer);
    }
    if (!status) {
        *ret_hash = answer.text;
    }
    return status;
}
