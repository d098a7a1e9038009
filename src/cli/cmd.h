/* The sub-commands, one file each. */
#ifndef AR_CLI_CMD_H
#define AR_CLI_CMD_H

#include "options.h"

extern const struct ar_command ar_cmd_help, ar_cmd_job_cancel, ar_cmd_job_get, ar_cmd_job_list,
    ar_cmd_job_logs, ar_cmd_job_result, ar_cmd_query, ar_cmd_run, ar_cmd_script_push, ar_cmd_serve,
    ar_cmd_version, ar_cmd_worker;

#endif
