/* What derives from the table of commands. */
#ifndef AR_CLI_HELP_H
#define AR_CLI_HELP_H

#include <stdio.h>
#include "options.h"

/* Of commands whose options need not be arguments (config.h). */
#define AR_HELP_CONFIGURED                                                                         \
    "What the arguments leave open is taken from the environment (ARRAS_JOB_TIMEOUT for "          \
    "--job-timeout), and then from the file that --config names: YAML or JSON, names of options "  \
    "without the dashes and their values."

void ar_help_all(FILE *file);
void ar_help_group(FILE *file, const struct ar_term *group);
void ar_help_command(FILE *file, const struct ar_command *command);
/* "--port N", "-h, --help", "--local[=SOURCE]" as it stands in the help. */
void ar_help_option(struct ar_text *text, const struct ar_option *option);
/* "arras run [OPTION...] DOC [WORKFLOW]" */
void ar_help_usage(struct ar_text *text, const struct ar_command *command);

/* The man page (section 1, roff) of a command or a group, or of the program where `name` is NULL;
 * false where there is no such name. */
bool ar_man_page(FILE *file, const char *name);
/* The completion for bash, to be sourced. */
void ar_completion_bash(FILE *file);

#endif
