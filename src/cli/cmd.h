/* The sub-commands, one file each. */
#ifndef AR_CLI_CMD_H
#define AR_CLI_CMD_H

#include "options.h"

extern const struct ar_command ar_cmd_help, ar_cmd_version;

#endif
