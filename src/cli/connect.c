#include "connect.h"
#include "commands.h"
#include "say.h"

const struct ar_term ar_connect_environment[] = {
    {"ARRAS_SERVER", "the server's address where --server is not given"},
    {"ARRAS_TOKEN", "the token where --token is not given"},
    {"ARRAS_WORKSPACE", "the workspace where --workspace is not given; where neither is, the only "
                        "one that the token is good for"},
    AR_TRANSPORT_ENVIRONMENT,
    {0}};

const struct ar_term ar_connect_exits[] = {
    {"0", "done"},
    {"1", "the server refused, and its message is printed"},
    {"2", "bad usage, or a file that cannot be read"},
    {"3", "the server could not be reached or did not answer in time"},
    {0}};

static const char *either(const char *given, const char *variable)
{
    const char *value = given ? given : getenv(variable);
    return value && *value ? value : NULL;
}

static int open_client(struct ar_connection *connection, const char *server, const char *workspace,
                       const char *token)
{
    arras_client_free(connection->client);
    enum arras_status status =
        arras_client_new(server, workspace, token, &connection->transport.library, connection->pool,
                         &connection->client);
    if (status) {
        connection->client = NULL;
        if (ar_first_error(connection->pool, 0)) {
            ar_say_failure(connection->pool, status);
            return 2;
        }
        ar_say_error("cannot use the server '%s': %s", server, arras_status_meaning(status));
        return 2;
    }
    return 0;
}

/* Where none was given, the only one that the token is good for. */
static int find_workspace(struct ar_connection *connection, struct arras_str *ret)
{
    struct arras_answer answer;
    int result = ar_ask(connection, "GET", "/workspaces/users", NULL, &answer);
    if (result == 0) {
        result = ar_need_json(&answer);
    }
    if (result) {
        return result;
    }
    const struct arras_value *all = arras_member(answer.value, "workspaces");
    struct ar_text names = {0};
    for (size_t i = 0; i < arras_count(all); i++) {
        *ret = arras_text(arras_member(arras_item(all, i), "id"));
        ar_text_printf(&names, "%s%.*s", i ? ", " : "", (int)ret->len, ret->len ? ret->ptr : "");
    }
    if (arras_count(all) != 1) {
        result = ar_bad_usage(connection->command,
                              "no workspace: give --workspace NAME or set ARRAS_WORKSPACE; the "
                              "token is good for: %s",
                              names.len ? ar_text_z(&names) : "none");
    }
    ar_text_release(&names);
    return result;
}

/* The client is opened anew, because it keeps the workspace that it was opened with. */
static int open_only_workspace(struct ar_connection *connection, const char *server,
                               const char *token)
{
    struct arras_str name = {0};
    int result = open_client(connection, server, "", token);
    result = result ? result : find_workspace(connection, &name);
    if (result) {
        return result;
    }
    char *workspace = ar_need_copy(name.len ? name.ptr : "", name.len);
    result = open_client(connection, server, workspace, token);
    free(workspace);
    return result;
}

int ar_connect(const struct ar_command *command, const struct ar_connect_settings *settings,
               struct ar_connection *ret)
{
    *ret = (struct ar_connection){.command = command};
    const char *server = either(settings->server, "ARRAS_SERVER");
    const char *token = either(settings->token, "ARRAS_TOKEN");
    const char *workspace = either(settings->workspace, "ARRAS_WORKSPACE");
    if (!server) {
        return ar_bad_usage(command, "no server: give --server URL or set ARRAS_SERVER");
    }
    if (strncmp(server, "http://", 7) != 0 && strncmp(server, "https://", 8) != 0) {
        return ar_bad_usage(command,
                            "'%s' is not a server's address: it begins with neither "
                            "http:// nor https://",
                            server);
    }
    if (!token) {
        return ar_bad_usage(command, "no token: set ARRAS_TOKEN or give --token TOKEN");
    }
    ret->pool = arras_pool_new();
    if (!ret->pool) {
        ar_say_error("memory ran out");
        return 2;
    }
    if (settings->transport.insecure) {
        ar_say_warning("[tls-unverified] --insecure: certificates of servers are NOT verified");
    }
    int result = ar_transport_read(command, &settings->transport, &ret->transport);
    if (result) {
        return result;
    }
    return workspace ? open_client(ret, server, workspace, token)
                     : open_only_workspace(ret, server, token);
}

void ar_disconnect(struct ar_connection *connection)
{
    arras_client_free(connection->client);
    arras_pool_free(connection->pool);
    ar_transport_release(&connection->transport);
}

int ar_not_answered(struct ar_connection *connection, enum arras_status status)
{
    ar_say_failure(connection->pool, status);
    const struct arras_diag *error = ar_first_error(connection->pool, 0);
    if (error && error->code && strcmp(error->code, "client-refused") == 0) {
        return 1;
    }
    switch (status) {
    case ARRAS_NETWORK:
    case ARRAS_TIMEOUT:
        return 3;
    case ARRAS_FAILED:
    case ARRAS_NOT_FOUND:
    case ARRAS_CONFLICT:
        return 1;
    default:
        return 2;
    }
}

/* Windmill answers errors as plain text; others may send JSON with a message. */
static struct arras_str message_of(const struct arras_answer *answer)
{
    const struct arras_value *error = arras_member(answer->value, "error");
    const struct arras_value *message = arras_member(error ? error : answer->value, "message");
    struct arras_str text = arras_text(message);
    return text.len ? text : answer->text;
}

int ar_ask(struct ar_connection *connection, const char *method, const char *path,
           const struct arras_value *body, struct arras_answer *ret)
{
    enum arras_status status =
        arras_client_call(connection->client, connection->pool, method, path, body, ret);
    if (status) {
        return ar_not_answered(connection, status);
    }
    if (ret->status >= 200 && ret->status < 300) {
        return 0;
    }
    struct arras_str message = message_of(ret);
    if (message.len && message.ptr[0] == '<') {
        ar_say_error("the server answered %d, with a web page", ret->status);
        ar_say_hint("is that the address of a job server?");
        return 1;
    }
    ar_say_error("the server answered %d%s%.*s", ret->status, message.len ? ": " : "",
                 (int)(message.len < 2000 ? message.len : 2000), message.len ? message.ptr : "");
    if (ret->status == 401) {
        ar_say_hint("is the token one of this server and workspace?");
    }
    return 1;
}

int ar_need_json(const struct arras_answer *answer)
{
    if (answer->value) {
        return 0;
    }
    ar_say_error("the server answered %d, but not with JSON", answer->status);
    ar_say_hint("is that the address of a job server?");
    return 1;
}

void ar_print_answer(const struct arras_answer *answer)
{
    if (answer->text.len) {
        fwrite(answer->text.ptr, 1, answer->text.len, stdout);
    }
    if (!answer->text.len || answer->text.ptr[answer->text.len - 1] != '\n') {
        putchar('\n');
    }
}
