#include "connect.h"
#include "commands.h"
#include "say.h"

const struct ar_term ar_connect_environment[] = {
    {"ARRAS_SERVER", "the server's address where --server is not given"},
    {"ARRAS_TOKEN", "the token where --token is not given"},
    {"ARRAS_WORKSPACE", "the workspace where --workspace is not given"},
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
    if (!workspace) {
        return ar_bad_usage(command, "no workspace: give --workspace NAME or set ARRAS_WORKSPACE");
    }
    ret->pool = arras_pool_new();
    enum arras_status status = ARRAS_NO_MEMORY;
    if (ret->pool) {
        status = arras_client_new(server, workspace, token, &ret->client);
    }
    if (status) {
        ret->client = NULL;
        ar_say_error("cannot use the server '%s': %s", server, arras_status_meaning(status));
        return 2;
    }
    return 0;
}

void ar_disconnect(struct ar_connection *connection)
{
    arras_client_free(connection->client);
    arras_pool_free(connection->pool);
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
    ar_say_error("the server answered %d%s%.*s", ret->status, message.len ? ": " : "",
                 (int)(message.len < 2000 ? message.len : 2000), message.len ? message.ptr : "");
    if (ret->status == 401) {
        ar_say_hint("is the token one of this server and workspace?");
    }
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
