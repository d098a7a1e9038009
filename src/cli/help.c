#include "help.h"
#include "commands.h"

#define WIDTH 80
#define COLUMN 26 /* where the sentences begin */

void ar_help_option(struct ar_text *text, const struct ar_option *option)
{
    if (option->letter) {
        ar_text_printf(text, "-%c, ", option->letter);
    }
    ar_text_printf(text, "--%s", option->name);
    if (option->kind == AR_OPTION_MAYBE) {
        ar_text_printf(text, "[=%s]", option->argument);
    } else if (option->argument) {
        ar_text_printf(text, " %s", option->argument);
    }
}

void ar_help_usage(struct ar_text *text, const struct ar_command *command)
{
    ar_text_printf(text, "arras %s", command->name);
    if (command->options) {
        ar_text_printf(text, " [OPTION...]");
    }
    for (const struct ar_operand *o = command->operands; o && o->name; o++) {
        ar_text_printf(text, o->optional ? " [%s]" : " %s", o->name);
    }
}

/* Words broken at spaces to fit the width, each line but the first indented. */
static void wrap(FILE *file, const char *text, size_t from, size_t indent)
{
    size_t column = from;
    for (const char *word = text; *word;) {
        size_t len = strcspn(word, " \n");
        if (column > indent && column + 1 + len > WIDTH) {
            fprintf(file, "\n%*s", (int)indent, "");
            column = indent;
        } else if (word != text) {
            putc(' ', file);
            column++;
        }
        fwrite(word, 1, len, file);
        column += len;
        word += len + strspn(word + len, " \n");
    }
    putc('\n', file);
}

static void row(FILE *file, const char *name, const char *text)
{
    fprintf(file, "  %s", name);
    size_t at = strlen(name) + 2;
    if (at + 2 > COLUMN) {
        fprintf(file, "\n");
        at = 0;
    }
    fprintf(file, "%*s", (int)(COLUMN - at), "");
    wrap(file, text, COLUMN, COLUMN);
}

static void terms(FILE *file, const char *title, const struct ar_term *list)
{
    if (list && list->name) {
        fprintf(file, "\n%s:\n", title);
    }
    for (; list && list->name; list++) {
        row(file, list->name, list->text);
    }
}

static void options(FILE *file, const struct ar_option *list)
{
    for (; list && list->name; list++) {
        struct ar_text name = {0};
        ar_help_option(&name, list);
        row(file, ar_text_z(&name), list->help);
        ar_text_release(&name);
    }
}

static void sentence(FILE *file, const char *summary)
{
    fprintf(file, "%c%s.\n", summary[0] >= 'a' && summary[0] <= 'z' ? summary[0] - 32 : summary[0],
            summary + 1);
}

static void examples(FILE *file, const struct ar_term *list)
{
    if (list && list->name) {
        fputs("\nExamples:\n", file);
    }
    for (; list && list->name; list++) {
        fprintf(file, "  %s\n      ", list->name);
        wrap(file, list->text, 6, 6);
    }
}

void ar_help_command(FILE *file, const struct ar_command *command)
{
    struct ar_text usage = {0};
    ar_help_usage(&usage, command);
    fprintf(file, "Usage: %s\n", ar_text_z(&usage));
    ar_text_release(&usage);
    sentence(file, command->summary);
    if (command->operands && command->operands->name) {
        fputs("\nArguments:\n", file);
    }
    for (const struct ar_operand *o = command->operands; o && o->name; o++) {
        row(file, o->name, o->help);
    }
    fputs("\nOptions:\n", file);
    options(file, command->options);
    options(file, ar_common_options);
    if (command->configured) {
        fputc('\n', file);
        wrap(file, AR_HELP_CONFIGURED, 0, 0);
    }
    terms(file, "Environment", command->environment);
    terms(file, "Exit status", command->exits);
    examples(file, command->examples);
}

void ar_help_group(FILE *file, const struct ar_term *group)
{
    fprintf(file, "Usage: arras %s COMMAND\n", group->name);
    sentence(file, group->text);
    fputs("\nCommands:\n", file);
    for (size_t i = 0; ar_commands[i]; i++) {
        if (ar_command_in_group(ar_commands[i], group->name)) {
            row(file, ar_commands[i]->name, ar_commands[i]->summary);
        }
    }
    fprintf(file, "\n'arras %s COMMAND --help' tells more about one.\n", group->name);
}

void ar_help_all(FILE *file)
{
    fputs("Usage: arras COMMAND [ARGUMENT...]\nRuns API workflows (Arazzo), and serves the jobs "
          "that they drive.\n\nCommands:\n",
          file);
    for (size_t i = 0; ar_commands[i]; i++) {
        row(file, ar_commands[i]->name, ar_commands[i]->summary);
    }
    fputs("\n'arras COMMAND --help' tells more about one; 'arras --version' prints the version.\n",
          file);
}
