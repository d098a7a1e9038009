#include <errno.h>
#include <unistd.h>
#include "cmd.h"
#include "connect.h"
#include "say.h"

struct push_settings {
    struct ar_connect_settings connect;
    const char *language;
};

static const struct ar_option push_options[] = {
    {.name = "language",
     .kind = AR_OPTION_TEXT,
     .argument = "L",
     .help = "the script's language, such as bash or python3; guessed from the file's ending (.sh, "
             ".py, .ts, .js) unless given",
     .target = offsetof(struct push_settings, language)},
    AR_CONNECT_OPTIONS,
    {0}};

static const struct ar_operand push_operands[] = {
    {"PATH", false, "what the script is to be called on the server, such as u/admin/hello"},
    {"FILE", false, "the file with its text"},
    {0}};

static const struct ar_term push_examples[] = {
    {"arras script push u/admin/hello hello.sh", "deploy hello.sh as u/admin/hello"}, {0}};

static void print_pushed(const struct push_settings *given, const char *path, struct arras_str hash)
{
    struct ar_text text = {0};
    if (given->connect.json) {
        ar_text_printf(&text, "{\"path\": ");
        ar_text_add_json(&text, ar_z(path));
        ar_text_printf(&text, ", \"hash\": ");
        ar_text_add_json(&text, hash);
        ar_text_printf(&text, "}");
    } else {
        ar_text_printf(&text, "%s %.*s", path, (int)hash.len, hash.len ? hash.ptr : "");
    }
    puts(ar_text_z(&text));
    ar_text_release(&text);
}

/* Checked here because "no such file" and the server's "not found" are different things. */
static bool readable(const char *file)
{
    if (access(file, R_OK) == 0) {
        return true;
    }
    ar_say_error("cannot read '%s': %s", file, strerror(errno));
    return false;
}

/* The library does not know what the option for it is called. */
static void hint_language(const struct arras_pool *pool)
{
    const struct arras_diag *error = ar_first_error(pool, 0);
    if (error && error->code && strcmp(error->code, "client-language") == 0) {
        ar_say_hint("--language tells it, such as --language bash");
    }
}

static int push(void *settings, struct ar_texts *words)
{
    const struct push_settings *given = settings;
    const char *path = words->items[0], *file = words->items[1];
    if (!readable(file)) {
        return 2;
    }
    struct ar_connection connection;
    int result = ar_connect(&ar_cmd_script_push, &given->connect, &connection);
    if (result == 0) {
        struct arras_str hash;
        enum arras_status status = arras_client_push_script(connection.client, connection.pool,
                                                            path, file, given->language, &hash);
        if (status) {
            result = ar_not_answered(&connection, status);
            hint_language(connection.pool);
        } else {
            print_pushed(given, path, hash);
        }
    }
    ar_disconnect(&connection);
    return result;
}

const struct ar_command ar_cmd_script_push = {
    .name = "script push",
    .summary = "deploy a script to a job server",
    .prose = "Creates the script, or a new version of it where the path exists, and prints its "
             "path and hash.",
    .options = push_options,
    .operands = push_operands,
    .environment = ar_connect_environment,
    .exits = ar_connect_exits,
    .examples = push_examples,
    .settings_size = sizeof(struct push_settings),
    .run = push};
