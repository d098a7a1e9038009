#include "commands.h"
#include "cmd.h"
#include "help.h"
#include "say.h"

const struct ar_command *const ar_commands[] = {&ar_cmd_run,
                                                &ar_cmd_query,
                                                &ar_cmd_serve,
                                                &ar_cmd_worker,
                                                &ar_cmd_script_push,
                                                &ar_cmd_job_list,
                                                &ar_cmd_job_get,
                                                &ar_cmd_job_logs,
                                                &ar_cmd_job_result,
                                                &ar_cmd_job_cancel,
                                                &ar_cmd_help,
                                                &ar_cmd_version,
                                                NULL};

const struct ar_term ar_groups[] = {{"script", "deploy scripts to a job server"},
                                    {"job", "look at the jobs of a job server, and cancel them"},
                                    {NULL, NULL}};

const struct ar_command *ar_command_find(const char *name)
{
    for (size_t i = 0; ar_commands[i]; i++) {
        if (strcmp(ar_commands[i]->name, name) == 0) {
            return ar_commands[i];
        }
    }
    return NULL;
}

const struct ar_term *ar_group_find(const char *name)
{
    for (const struct ar_term *group = ar_groups; group->name; group++) {
        if (strcmp(group->name, name) == 0) {
            return group;
        }
    }
    return NULL;
}

bool ar_command_in_group(const struct ar_command *command, const char *group)
{
    size_t len = strlen(group);
    return strncmp(command->name, group, len) == 0 && command->name[len] == ' ';
}

/* `prefix` is what the name begins with besides `word`: "" or "job ". */
static int unknown(const char *prefix, const char *word)
{
    const char *best = NULL;
    for (size_t i = 0; ar_commands[i]; i++) {
        if (strncmp(ar_commands[i]->name, prefix, strlen(prefix)) == 0) {
            ar_nearest(word, ar_commands[i]->name + strlen(prefix), &best);
        }
    }
    for (const struct ar_term *group = ar_groups; !*prefix && group->name; group++) {
        ar_nearest(word, group->name, &best);
    }
    if (best) {
        ar_say_error("unknown command '%s%s', did you mean '%s%s'?", prefix, word, prefix, best);
    } else {
        ar_say_error("unknown command '%s%s'", prefix, word);
    }
    ar_say_hint("'arras --help' lists the commands");
    return 2;
}

static int run(const struct ar_command *command, char **arguments)
{
    void *settings = ar_need(1, command->settings_size);
    if (command->defaults) {
        memcpy(settings, command->defaults, command->settings_size);
    }
    struct ar_texts words = {0};
    int status = 2;
    switch (ar_options_parse(command, arguments, settings, &words)) {
    case AR_PARSED_RUN:
        status = command->run(settings, &words);
        break;
    case AR_PARSED_HELP:
        ar_help_command(stdout, command);
        status = 0;
        break;
    case AR_PARSED_BAD:
        break;
    }
    free(words.items);
    ar_options_release(command, settings);
    free(settings);
    return status;
}

static int dispatch_group(const struct ar_term *group, char **arguments)
{
    const char *word = arguments[0];
    if (word && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
        ar_help_group(stdout, group);
        return 0;
    }
    struct ar_text name = {0};
    ar_text_printf(&name, "%s %s", group->name, word ? word : "");
    const struct ar_command *command = ar_command_find(ar_text_z(&name));
    int status = 2;
    if (command) {
        status = run(command, arguments + 1);
    } else if (word) {
        ar_text_release(&name);
        ar_text_printf(&name, "%s ", group->name);
        status = unknown(ar_text_z(&name), word);
    } else {
        ar_help_group(stderr, group);
    }
    ar_text_release(&name);
    return status;
}

int ar_dispatch(char **arguments)
{
    const char *word = arguments[0];
    if (!word) {
        ar_help_all(stderr);
        return 2;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        word = "help";
    } else if (strcmp(word, "--version") == 0) {
        word = "version";
    }
    const struct ar_term *group = ar_group_find(word);
    if (group) {
        return dispatch_group(group, arguments + 1);
    }
    const struct ar_command *command = strchr(word, ' ') ? NULL : ar_command_find(word);
    if (command) {
        return run(command, arguments + 1);
    }
    if (word[0] == '-') {
        ar_say_error("unknown option '%s': options follow the command", word);
        ar_say_hint("'arras --help' lists the commands");
        return 2;
    }
    return unknown("", word);
}
