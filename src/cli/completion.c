/* The completion for bash, from the table. */
#include "commands.h"
#include "help.h"

static void options(FILE *file, const struct ar_command *command)
{
    fprintf(file, "    \"%s\") options=\"", command->name);
    for (const struct ar_option *o = command->options; o && o->name; o++) {
        fprintf(file, "--%s ", o->name);
    }
    fputs("--help\" ;;\n", file);
}

static void choices(FILE *file, const struct ar_command *command)
{
    for (const struct ar_option *o = command->options; o && o->name; o++) {
        if (!o->argument || !strchr(o->argument, '|')) {
            continue;
        }
        fprintf(file, "    \"%s --%s\") choices=\"", command->name, o->name);
        for (const char *c = o->argument; *c; c++) {
            putc(*c == '|' ? ' ' : *c, file);
        }
        fputs("\" ;;\n", file);
    }
}

/* The words that may come first, or second where a group came first. */
static void first_words(FILE *file)
{
    fputs("    \"\") choices=\"", file);
    for (size_t i = 0; ar_commands[i]; i++) {
        if (!strchr(ar_commands[i]->name, ' ')) {
            fprintf(file, "%s ", ar_commands[i]->name);
        }
    }
    for (const struct ar_term *group = ar_groups; group->name; group++) {
        fprintf(file, "%s ", group->name);
    }
    fputs("--help --version\" ;;\n", file);
    for (const struct ar_term *group = ar_groups; group->name; group++) {
        fprintf(file, "    \"%s\") choices=\"", group->name);
        for (size_t i = 0; ar_commands[i]; i++) {
            if (ar_command_in_group(ar_commands[i], group->name)) {
                fprintf(file, "%s ", strchr(ar_commands[i]->name, ' ') + 1);
            }
        }
        fputs("--help\" ;;\n", file);
    }
}

void ar_completion_bash(FILE *file)
{
    fputs("# bash completion for arras; made by 'arras help --completion bash'\n"
          "_arras()\n{\n"
          "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
          "    local command=\"\" options=\"\" choices=\"\"\n"
          "    COMPREPLY=()\n"
          "    ((COMP_CWORD > 1)) && command=\"${COMP_WORDS[1]}\"\n",
          file);
    for (const struct ar_term *group = ar_groups; group->name; group++) {
        fprintf(file,
                "    [[ $command == %s ]] && ((COMP_CWORD > 2)) && "
                "command+=\" ${COMP_WORDS[2]}\"\n",
                group->name);
    }
    fputs("    case \"$command\" in\n", file);
    for (size_t i = 0; ar_commands[i]; i++) {
        options(file, ar_commands[i]);
    }
    first_words(file);
    fputs("    esac\n    case \"$command $before\" in\n", file);
    for (size_t i = 0; ar_commands[i]; i++) {
        choices(file, ar_commands[i]);
    }
    fputs("    esac\n"
          "    if [[ -n $choices ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$choices\" -- \"$word\"))\n"
          "    elif [[ $word == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _arras arras\n",
          file);
}
