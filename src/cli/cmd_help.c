#include "cmd.h"
#include "commands.h"
#include "help.h"
#include "say.h"

struct help_settings {
    bool man;
    const char *completion;
};

static const struct ar_option options[] = {
    {.name = "man",
     .kind = AR_OPTION_FLAG,
     .help = "print the man page, as roff",
     .target = offsetof(struct help_settings, man)},
    {.name = "completion",
     .kind = AR_OPTION_TEXT,
     .argument = "SHELL",
     .help = "print the completion for a shell, to be sourced; bash is the only one",
     .target = offsetof(struct help_settings, completion)},
    {0}};

static const struct ar_operand operands[] = {{"COMMAND", true, "the command to tell about"},
                                             {"WORD", true, "the second word of its name"},
                                             {0}};

static const struct ar_term exits[] = {{"0", "always, but for bad usage"}, AR_EXIT_USAGE, {0}};

static const struct ar_term examples[] = {
    {"arras help --man serve | man -l -", "read the man page of a command"},
    {"source <(arras help --completion bash)", "complete in this shell"},
    {0}};

static int tell(const char *name)
{
    const struct ar_command *command = ar_command_find(name);
    const struct ar_term *group = ar_group_find(name);
    if (command) {
        ar_help_command(stdout, command);
    } else if (group) {
        ar_help_group(stdout, group);
    } else {
        return ar_bad_usage(&ar_cmd_help, "there is no command '%s'", name);
    }
    return 0;
}

static int help(void *settings, struct ar_texts *words)
{
    const struct help_settings *given = settings;
    if (given->completion) {
        if (strcmp(given->completion, "bash") != 0) {
            return ar_bad_usage(&ar_cmd_help,
                                "--completion: '%s' is not a shell known here, bash is",
                                given->completion);
        }
        ar_completion_bash(stdout);
        return 0;
    }
    struct ar_text name = {0};
    for (size_t i = 0; i < words->count; i++) {
        ar_text_printf(&name, "%s%s", i ? " " : "", words->items[i]);
    }
    int status = 0;
    if (given->man && !ar_man_page(stdout, words->count ? ar_text_z(&name) : NULL)) {
        status = ar_bad_usage(&ar_cmd_help, "there is no man page for '%s'", ar_text_z(&name));
    } else if (!given->man && words->count) {
        status = tell(ar_text_z(&name));
    } else if (!given->man) {
        ar_help_all(stdout);
    }
    ar_text_release(&name);
    return status;
}

const struct ar_command ar_cmd_help = {
    .name = "help",
    .summary = "tell about the program or one of its commands",
    .prose = "Without a command, lists the commands. With one, prints what its --help prints.",
    .options = options,
    .operands = operands,
    .exits = exits,
    .examples = examples,
    .settings_size = sizeof(struct help_settings),
    .run = help};
