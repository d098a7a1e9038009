#include "interrupt.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* sig_atomic_t is int wherever this program runs; the library reads it as such. */
static volatile int caught;
/* Its reading end becomes readable with the first signal, whichever thread got it. */
static int wake[2] = {-1, -1};

static void on_signal(int number)
{
    int kept = errno;
    if (!caught) {
        caught = number;
    }
    ssize_t written = write(wake[1], "", 1);
    (void)written; /* a full pipe wakes as well */
    errno = kept;
}

static void ignore(int number)
{
    (void)number;
}

void ar_interrupt_watch(void)
{
    if (wake[0] >= 0 || pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        return;
    }
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* a handler rather than SIG_IGN, which programs started from here would inherit */
    action.sa_handler = ignore;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPIPE, &action, NULL);
}

const volatile int *ar_interrupt_flag(void)
{
    return &caught;
}

int ar_interrupted(void)
{
    return caught;
}

void ar_interrupt_wait(int milliseconds)
{
    struct pollfd poller = {.fd = wake[0], .events = POLLIN};
    while (!caught && poll(&poller, 1, milliseconds) < 0 && errno == EINTR) {
    }
}
