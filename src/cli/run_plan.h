/* What --dry-run prints: every request that might be sent, on standard output. */
#ifndef AR_CLI_RUN_PLAN_H
#define AR_CLI_RUN_PLAN_H

#include "arras/run.h"

/* With `silent` nothing is printed. */
struct arras_observer ar_plan_observer(bool *silent);

#endif
