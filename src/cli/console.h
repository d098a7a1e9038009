/* What a person sees of a run while it runs, on standard error: a line for each step, repeated
 * attempts at one folded together; on a terminal the newest line is rewritten as things happen. */
#ifndef AR_CLI_CONSOLE_H
#define AR_CLI_CONSOLE_H

#include <time.h>
#include "arras/run.h"

struct ar_console {
    bool live, quiet, verbose;
    const char *workflow;   /* whose steps go by their bare names; NULL: all do */
    struct arras_step step; /* the newest attempt that ended, not yet printed for good */
    unsigned attempts;      /* at that step in a row; 0: nothing is kept */
    struct timespec begun;  /* the first of them */
    double seconds;         /* from there to the end of the last */
    /* What the run found out before its first step is told before it; NULL: not by the console. */
    const struct arras_pool *pool;
    size_t *said;
    bool drawn; /* a line without its end stands on the terminal */
};

void ar_console_init(struct ar_console *console, bool quiet, bool verbose);
/* Its callbacks; the console must outlive the run. */
struct arras_observer ar_console_observer(struct ar_console *console);
/* Prints what is kept, so that other text can follow. */
void ar_console_flush(struct ar_console *console);
/* What is kept, and the last line: how it went. The caller says the outcome's error after it. */
void ar_console_end(struct ar_console *console, const struct arras_outcome *outcome,
                    double seconds);

#endif
