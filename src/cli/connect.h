/* What the commands that talk to a job server share: where it is, and what its answers mean. */
#ifndef AR_CLI_CONNECT_H
#define AR_CLI_CONNECT_H

#include "arras/client.h"
#include "options.h"
#include "transport.h"

/* The first member of the settings of such a command. */
struct ar_connect_settings {
    const char *server, *token, *workspace;
    bool json;
    struct ar_transport_settings transport;
};

/* The options that fill it, for the command's table. */
#define AR_CONNECT_OPTIONS                                                                         \
    {.name = "server",                                                                             \
     .kind = AR_OPTION_TEXT,                                                                       \
     .argument = "URL",                                                                            \
     .help = "the server's address, such as http://127.0.0.1:8000",                                \
     .target = offsetof(struct ar_connect_settings, server)},                                      \
        {.name = "token",                                                                          \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "TOKEN",                                                                      \
         .help = "the token to present; better given as ARRAS_TOKEN, which other users of this "   \
                 "machine cannot see",                                                             \
         .target = offsetof(struct ar_connect_settings, token)},                                   \
        {.name = "workspace",                                                                      \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "NAME",                                                                       \
         .help = "the workspace; the token's only one unless given",                               \
         .target = offsetof(struct ar_connect_settings, workspace)},                               \
        AR_REACH_OPTIONS(struct ar_connect_settings, transport),                                   \
    {                                                                                              \
        .name = "json", .kind = AR_OPTION_FLAG, .help = "print the answer as JSON",                \
        .target = offsetof(struct ar_connect_settings, json)                                       \
    }

extern const struct ar_term ar_connect_environment[], ar_connect_exits[];

struct ar_connection {
    const struct ar_command *command;
    struct arras_client *client;
    struct arras_pool *pool;
    struct ar_transport transport;
};

/* 0, or the exit status after it was said what is missing. Close it in either case. */
int ar_connect(const struct ar_command *command, const struct ar_connect_settings *settings,
               struct ar_connection *ret);
void ar_disconnect(struct ar_connection *connection);
/* One request; 0 where the server answered 2xx, else the exit status after the server's message or
 * the trouble was said. */
int ar_ask(struct ar_connection *connection, const char *method, const char *path,
           const struct arras_value *body, struct arras_answer *ret);
/* 0 where the answer's value is there, else the exit status after that was said: what answers 2xx
 * without JSON is not a job server. */
int ar_need_json(const struct arras_answer *answer);
/* The exit status for a failed call of the library, said. */
int ar_not_answered(struct ar_connection *connection, enum arras_status status);
/* The answer's body and a line end on standard output. */
void ar_print_answer(const struct arras_answer *answer);

#endif
