#include "run_plan.h"
#include "text.h"
#include "say.h"
#include <stdio.h>

static void on_step(void *context, const struct arras_step *step)
{
    const bool *silent = context;
    if (*silent) {
        return;
    }
    fputs("# ", stdout);
    ar_print_safe(stdout, ar_z(step->workflow_id), false);
    fputs(" / ", stdout);
    ar_print_safe(stdout, ar_z(step->step_id), false);
    if (step->reason) {
        fputs(": no request: ", stdout);
        ar_print_safe(stdout, ar_z(step->reason), false);
        putchar('\n');
    }
    putchar('\n');
}

static void on_request(void *context, struct arras_str request, struct arras_str response)
{
    const bool *silent = context;
    (void)response;
    if (!*silent) {
        ar_print_safe(stdout, request, true);
        putchar('\n');
    }
}

struct arras_observer ar_plan_observer(bool *silent)
{
    return (struct arras_observer){
        .step_begins = on_step, .exchange = on_request, .context = silent};
}
