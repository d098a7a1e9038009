/* Man pages from the table, in the man(7) macros. */
#include "commands.h"
#include "help.h"

/* Text in which nothing is a roff request: backslashes, dashes and a line's first dot or quote. */
static void roff(FILE *file, const char *text)
{
    bool begins = true;
    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\'')) {
            fputs("\\&", file);
        }
        if (*text == '\\') {
            fputs("\\e", file);
        } else if (*text == '-') {
            fputs("\\-", file);
        } else {
            putc(*text, file);
        }
        begins = *text == '\n';
    }
}

static void macro(FILE *file, const char *name, const char *text)
{
    fprintf(file, ".%s ", name);
    roff(file, text);
    putc('\n', file);
}

static void line(FILE *file, const char *text)
{
    roff(file, text);
    putc('\n', file);
}

static void paragraphs(FILE *file, const char *prose)
{
    while (prose && *prose) {
        const char *end = strstr(prose, "\n\n");
        char *part = ar_need_copy(prose, end ? (size_t)(end - prose) : strlen(prose));
        fputs(".PP\n", file);
        line(file, part);
        free(part);
        prose = end ? end + 2 : NULL;
    }
}

static void item(FILE *file, const char *name, const char *text)
{
    fputs(".TP\n", file);
    macro(file, "B", name);
    line(file, text);
}

static void terms(FILE *file, const char *title, const struct ar_term *list)
{
    if (list && list->name) {
        macro(file, "SH", title);
    }
    for (; list && list->name; list++) {
        item(file, list->name, list->text);
    }
}

static void option_item(FILE *file, const struct ar_option *option)
{
    struct ar_text name = {0};
    ar_help_option(&name, option);
    item(file, ar_text_z(&name), option->help);
    ar_text_release(&name);
}

static void synopsis(FILE *file, const struct ar_command *command)
{
    struct ar_text usage = {0};
    ar_help_usage(&usage, command);
    line(file, ar_text_z(&usage));
    fputs(".br\n", file);
    ar_text_release(&usage);
}

static void head(FILE *file, const char *name, const char *summary)
{
    struct ar_text title = {0};
    ar_text_printf(&title, "arras%s%s", name ? "-" : "", name ? name : "");
    fprintf(file, ".TH \"%s\" 1 \"\" \"arras " ARRAS_VERSION "\" \"Arras\"\n.SH NAME\n",
            ar_text_z(&title));
    roff(file, ar_text_z(&title));
    fputs(" \\- ", file);
    line(file, summary);
    macro(file, "SH", "SYNOPSIS");
    ar_text_release(&title);
}

/* Operands, options and the rest, as a section, or as a part of a group's page. */
static void body(FILE *file, const struct ar_command *command)
{
    for (const struct ar_operand *o = command->operands; o && o->name; o++) {
        item(file, o->name, o->help);
    }
    for (const struct ar_option *o = command->options; o && o->name; o++) {
        option_item(file, o);
    }
    option_item(file, ar_common_options);
}

static void examples(FILE *file, const struct ar_term *list)
{
    if (list && list->name) {
        macro(file, "SH", "EXAMPLES");
    }
    for (; list && list->name; list++) {
        item(file, list->name, list->text);
    }
}

static void command_page(FILE *file, const struct ar_command *command)
{
    head(file, command->name, command->summary);
    synopsis(file, command);
    macro(file, "SH", "DESCRIPTION");
    paragraphs(file, command->prose);
    macro(file, "SH", "OPTIONS");
    body(file, command);
    if (command->configured) {
        paragraphs(file, AR_HELP_CONFIGURED);
    }
    terms(file, "ENVIRONMENT", command->environment);
    terms(file, "EXIT STATUS", command->exits);
    examples(file, command->examples);
    fputs(".SH SEE ALSO\n.BR arras (1)\n", file);
}

static void group_page(FILE *file, const struct ar_term *group)
{
    const struct ar_command *last = NULL;
    head(file, group->name, group->text);
    for (size_t i = 0; ar_commands[i]; i++) {
        if (ar_command_in_group(ar_commands[i], group->name)) {
            synopsis(file, ar_commands[i]);
            last = ar_commands[i];
        }
    }
    macro(file, "SH", "COMMANDS");
    for (size_t i = 0; ar_commands[i]; i++) {
        if (ar_command_in_group(ar_commands[i], group->name)) {
            macro(file, "SS", ar_commands[i]->name);
            paragraphs(file, ar_commands[i]->prose);
            body(file, ar_commands[i]);
        }
    }
    terms(file, "ENVIRONMENT", last ? last->environment : NULL);
    terms(file, "EXIT STATUS", last ? last->exits : NULL);
    for (size_t i = 0; ar_commands[i]; i++) {
        if (ar_command_in_group(ar_commands[i], group->name)) {
            examples(file, ar_commands[i]->examples);
        }
    }
    fputs(".SH SEE ALSO\n.BR arras (1)\n", file);
}

static void program_page(FILE *file)
{
    head(file, NULL, "run API workflows, and serve the jobs that they drive");
    fputs("arras COMMAND [ARGUMENT...]\n.SH DESCRIPTION\n", file);
    paragraphs(file, "arras runs workflows written in the OpenAPI Initiative's Arazzo format, and "
                     "is in the same program a job server that speaks Windmill's HTTP API.\n\n"
                     "What a command prints for programs goes to standard output, what people "
                     "read goes to standard error, in colours only on a terminal.");
    macro(file, "SH", "COMMANDS");
    for (size_t i = 0; ar_commands[i]; i++) {
        item(file, ar_commands[i]->name, ar_commands[i]->summary);
    }
    fputs(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nwhere it is set and not empty, no colours\n", file);
}

bool ar_man_page(FILE *file, const char *name)
{
    if (!name) {
        program_page(file);
        return true;
    }
    const struct ar_term *group = ar_group_find(name);
    const struct ar_command *command = ar_command_find(name);
    if (group) {
        group_page(file, group);
    } else if (command && !strchr(name, ' ')) {
        command_page(file, command);
    } else {
        return false;
    }
    return true;
}
