#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include "jobs/sandbox/sandbox.h"
#include "jobs/sandbox/supervise.h"

enum { CHECK_MILLISECONDS = 10000 };

/* What is to be read now, as a text with a NUL byte. */
static void read_text(int fd, char *text, size_t size)
{
    ssize_t len = read(fd, text, size - 1);
    text[len > 0 ? len : 0] = '\0';
}

static enum arras_status refuse(struct ar_diags *diags, const char *said)
{
    struct arras_str line = ar_str_z(said);
    line = ar_str_trim(ar_str_cut(&line, '\n'));
    ar_error(diags, ARRAS_UNSUPPORTED, "sandbox", NULL, 0,
             "no sandbox: bubblewrap fails here: %.*s",
             AR_STR_ARG(line.len ? line : AR_STR("it gave no reason")));
    ar_hint(diags, "it needs unprivileged user namespaces (sysctl user.max_user_namespaces, "
                   "kernel.unprivileged_userns_clone; in a container, leave to make them), or run "
                   "jobs with this user's rights by --sandbox none");
    return ARRAS_UNSUPPORTED;
}

static enum arras_status try_sandbox(struct ar_sandbox *sandbox, struct ar_arena *arena,
                                     struct ar_diags *diags)
{
    const struct ar_sandbox_opening opening = {.processes = 16};
    struct ar_sandbox_task task = {.json_result = "", .text_result = "", .result_size = 1};
    struct ar_sandbox_process process;
    char said[512], report[96], kind = AR_SUPERVISE_ERROR;
    int ended = 0;
    long memory;
    size_t size;
    if (!ar_vec_push(arena, &task.command.argv, AR_STR("/bin/true"))) {
        return ar_no_memory(diags);
    }
    if (sandbox->functions->open(sandbox, &opening, diags, &process)) {
        ar_hint(diags, "run jobs with this user's rights by --sandbox none");
        return ARRAS_UNSUPPORTED;
    }
    enum arras_status status = ar_sandbox_give(&process, &task, diags);
    if (status) {
        ar_sandbox_discard(sandbox, &process);
        return status;
    }
    struct pollfd entry = {.fd = process.pidfd, .events = POLLIN};
    if (poll(&entry, 1, CHECK_MILLISECONDS) != 1) {
        sandbox->functions->signal(sandbox, &process, AR_SANDBOX_KILL);
    }
    sandbox->functions->finish(sandbox, &process);
    read_text(process.output_fd, said, sizeof(said));
    read_text(process.result_fd, report, sizeof(report));
    sandbox->functions->release(sandbox, &process);
    bool works = sscanf(report, AR_SUPERVISE_HEADER, &ended, &memory, &kind, &size) == 4 &&
                 ended == 0 && kind == AR_SUPERVISE_NONE;
    return works ? ARRAS_OK : refuse(diags, said);
}

static enum arras_status check(const char *packages, struct ar_diags *diags)
{
    struct ar_sandbox *sandbox;
    struct ar_arena arena;
    enum arras_status status = ar_sandbox_bwrap_new(packages, diags, &sandbox);
    if (status) {
        return status;
    }
    ar_arena_init(&arena, 0);
    status = try_sandbox(sandbox, &arena, diags);
    ar_arena_release(&arena);
    sandbox->functions->free(sandbox);
    return status;
}

/* bubblewrap names the path that it cannot find, but not that it is nobody who looks for it. */
enum arras_status ar_sandbox_check(const char *packages, struct ar_diags *diags)
{
    if (packages && check(packages, NULL) == ARRAS_OK) {
        return ARRAS_OK;
    }
    enum arras_status status = check(NULL, diags);
    if (status || !packages) {
        return status;
    }
    status =
        ar_error(diags, ARRAS_IO, "server-packages", NULL, 0, "the packages in '%s': %s", packages,
                 access(packages, R_OK | X_OK) ? strerror(errno) : "jobs cannot reach them");
    if (geteuid() == 0) {
        ar_hint(diags, "the sandboxes of a server that is root are made by nobody: all folders on "
                       "the way there must be open to all users");
    }
    return status;
}
