#include "console.h"
#include <unistd.h>
#include "say.h"
#include "text.h"

void ar_console_init(struct ar_console *console, bool quiet, bool verbose)
{
    const char *term = getenv("TERM");
    *console = (struct ar_console){.quiet = quiet, .verbose = verbose};
    console->live = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0 && !verbose;
}

static double seconds_since(const struct timespec *begun)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

static void print_seconds(double seconds)
{
    if (seconds < 1) {
        fprintf(stderr, "%.0f ms", seconds * 1000);
    } else {
        fprintf(stderr, "%.*f s", seconds < 10 ? 2 : 1, seconds);
    }
}

static void print_name(const struct ar_console *console, const struct arras_step *step)
{
    const char *workflow = step->workflow_id;
    if (console->workflow && workflow && strcmp(workflow, console->workflow) != 0) {
        ar_print_safe(stderr, ar_z(workflow), false);
        putc('/', stderr);
    }
    ar_print_safe(stderr, ar_z(step->step_id), false);
}

/* Clears a line that has no end yet. */
static void wipe(struct ar_console *console)
{
    if (console->drawn) {
        fputs("\r\033[K", stderr);
        console->drawn = false;
    }
}

static void print_ended(const struct ar_console *console, const struct arras_step *step,
                        unsigned attempts, double seconds)
{
    fprintf(stderr, "%s%s%s ", ar_colour(step->succeeded ? AR_GREEN : AR_RED),
            step->succeeded ? "✓" : "✗", ar_colour(AR_PLAIN));
    print_name(console, step);
    if (step->http_status) {
        fprintf(stderr, "  %d", step->http_status);
    }
    fputs("  ", stderr);
    print_seconds(seconds);
    if (attempts > 1) {
        fprintf(stderr, "  %u attempts", attempts);
    }
    if (!step->succeeded && step->reason) {
        fputs("  ", stderr);
        ar_print_safe(stderr, ar_z(step->reason), false);
    }
}

static void print_kept(const struct ar_console *console)
{
    bool once = console->attempts == 1;
    print_ended(console, &console->step, console->attempts,
                once ? console->step.seconds : console->seconds);
}

void ar_console_flush(struct ar_console *console)
{
    wipe(console);
    if (console->attempts) {
        print_kept(console);
        putc('\n', stderr);
        console->attempts = 0;
    }
}

/* A step that begins may come without its workflow. */
static bool is_kept(const struct ar_console *console, const struct arras_step *step)
{
    const char *workflow = console->step.workflow_id;
    return console->attempts && strcmp(console->step.step_id, step->step_id) == 0 &&
           (!workflow || !step->workflow_id || strcmp(workflow, step->workflow_id) == 0);
}

/* Errors wait for the end: what comes of them is not known yet. */
static void say_warnings(struct ar_console *console)
{
    const struct arras_diag *diag;
    while (console->pool && (diag = arras_pool_diag(console->pool, *console->said)) &&
           diag->severity == ARRAS_WARNING) {
        ar_say_pool_diag(console->pool, (*console->said)++);
    }
    console->pool = NULL;
}

static void on_begin(void *context, const struct arras_step *step)
{
    struct ar_console *console = context;
    if (console->quiet) {
        return;
    }
    say_warnings(console);
    if (!is_kept(console, step)) {
        ar_console_flush(console);
        clock_gettime(CLOCK_MONOTONIC, &console->begun);
    }
    if (console->live) {
        wipe(console);
        fputs("· ", stderr);
        print_name(console, step);
        if (console->attempts) {
            fprintf(stderr, "  attempt %u", console->attempts + 1);
        }
        console->drawn = true;
        fflush(stderr);
    }
}

static void on_end(void *context, const struct arras_step *step)
{
    struct ar_console *console = context;
    if (console->quiet) {
        return;
    }
    if (console->verbose) {
        print_ended(console, step, 1, step->seconds);
        putc('\n', stderr);
        return;
    }
    console->attempts = is_kept(console, step) ? console->attempts + 1 : 1;
    console->step = *step;
    console->seconds = seconds_since(&console->begun);
    if (console->live) {
        wipe(console);
        print_kept(console);
        console->drawn = true;
        fflush(stderr);
    }
}

/* On a terminal the line that stands there goes on: how often so far, and when again. */
static void on_wait(void *context, const char *step_id, double seconds)
{
    struct ar_console *console = context;
    if (console->quiet || seconds <= 0 || (!console->verbose && !console->live)) {
        return;
    }
    if (console->verbose) {
        fputs("· ", stderr);
        ar_print_safe(stderr, ar_z(step_id), false);
        fputs("  waits ", stderr);
        print_seconds(seconds);
        putc('\n', stderr);
        return;
    }
    wipe(console);
    if (console->attempts) {
        print_kept(console);
    }
    fprintf(stderr, "%s  · ", ar_colour(AR_DIM));
    ar_print_safe(stderr, ar_z(step_id), false);
    fputs(" again in ", stderr);
    print_seconds(seconds);
    fputs(ar_colour(AR_PLAIN), stderr);
    console->drawn = true;
    fflush(stderr);
}

/* The text with `mark` before each line, as curl -v shows it. */
static void print_marked(const char *mark, struct arras_str text)
{
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        size_t shown = len && text.ptr[len - 1] == '\r' ? len - 1 : len;
        fprintf(stderr, "%s%s ", ar_colour(AR_DIM), mark);
        ar_print_safe(stderr, (struct arras_str){text.ptr, shown}, false);
        fprintf(stderr, "%s\n", ar_colour(AR_PLAIN));
        len += end ? 1 : 0;
        text = (struct arras_str){text.ptr + len, text.len - len};
    }
}

static void on_exchange(void *context, struct arras_str request, struct arras_str response)
{
    const struct ar_console *console = context;
    if (console->verbose) {
        print_marked(">", request);
        print_marked("<", response);
    }
}

struct arras_observer ar_console_observer(struct ar_console *console)
{
    return (struct arras_observer){.step_begins = on_begin,
                                   .step_ended = on_end,
                                   .waits = on_wait,
                                   .exchange = on_exchange,
                                   .context = console};
}

/* What the run's error says again, with its place, need not stand on the step's line too. */
static void leave_reason_to(const struct arras_diag *error, struct ar_console *console)
{
    const char *reason = console->attempts ? console->step.reason : NULL;
    if (reason && error && error->message.len &&
        memmem(error->message.ptr, error->message.len, reason, strlen(reason))) {
        console->step.reason = NULL;
    }
}

void ar_console_end(struct ar_console *console, const struct arras_outcome *outcome, double seconds)
{
    static const char *const words[] = {[ARRAS_SUCCEEDED] = "succeeded",
                                        [ARRAS_RAN_AND_FAILED] = "failed",
                                        [ARRAS_STOPPED] = "stopped",
                                        [ARRAS_NOT_RUN] = "not run",
                                        [ARRAS_PLANNED] = "planned"};
    leave_reason_to(outcome->error, console);
    ar_console_flush(console);
    if (console->quiet || outcome->end == ARRAS_NOT_RUN || outcome->end == ARRAS_PLANNED) {
        return;
    }
    bool good = outcome->end == ARRAS_SUCCEEDED;
    fprintf(stderr, "%s%s%s: ", ar_colour(good ? AR_GREEN : AR_RED), words[outcome->end],
            ar_colour(AR_PLAIN));
    ar_print_safe(stderr, ar_z(outcome->workflow_id), false);
    fprintf(stderr, ", %zu step%s in ", outcome->step_count, outcome->step_count == 1 ? "" : "s");
    print_seconds(seconds);
    putc('\n', stderr);
}
