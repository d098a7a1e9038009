/* The commands of the program: one table, of which help, man pages and completion know too. */
#ifndef AR_CLI_COMMANDS_H
#define AR_CLI_COMMANDS_H

#include "options.h"

/* In the order of the help, NULL behind the last. */
extern const struct ar_command *const ar_commands[];
/* Words that begin the names of several commands: "job". Ends with a NULL name. */
extern const struct ar_term ar_groups[];

/* The command of that name, NULL where there is none. */
const struct ar_command *ar_command_find(const char *name);
const struct ar_term *ar_group_find(const char *name);
bool ar_command_in_group(const struct ar_command *command, const char *group);

/* Finds the command that the arguments name (behind the program's own name) and runs it. The exit
 * status. */
int ar_dispatch(char **arguments);

/* Exit statuses that all commands share, for their tables. */
#define AR_EXIT_USAGE                                                                              \
    {                                                                                              \
        "2", "bad usage"                                                                           \
    }

#endif
