#include "jobs/sandbox/plan.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/limits.h"
#include "jobs/sandbox/descriptor.h"
#include "jobs/embedded.h"
#include "jobs/sandbox/supervise.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static enum arras_status failed(struct ar_diags *diags, const char *what)
{
    return ar_error(diags, ARRAS_IO, "sandbox", NULL, 0, "cannot %s: %s", what, strerror(errno));
}

static bool fill(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        bytes += done < 0 ? 0 : done;
        len -= done < 0 ? 0 : (size_t)done;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

enum arras_status ar_plan_memory_file(const char *name, const void *bytes, size_t len,
                                      struct ar_diags *diags, int *ret_fd)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0 || !fill(fd, bytes, len)) {
        enum arras_status status = failed(diags, "make a file in memory");
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    *ret_fd = fd;
    return ARRAS_OK;
}

enum arras_status ar_plan_supervisor(struct ar_diags *diags, int *ret_fd)
{
    int fd = memfd_create("arras-supervise", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) { /* before Linux 6.3 */
        fd = memfd_create("arras-supervise", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    if (fd < 0 || !fill(fd, (const char *)ar_embedded_supervise, ar_embedded_supervise_size) ||
        fcntl(fd, F_ADD_SEALS, seals) < 0) {
        enum arras_status status = failed(diags, "make the supervisor's program");
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    *ret_fd = fd;
    return ARRAS_OK;
}

static void add_item(struct ar_buf *buf, struct arras_str item)
{
    uint32_t len = (uint32_t)item.len;
    ar_buf_add(buf, &len, sizeof(len));
    ar_buf_add_str(buf, item);
    ar_buf_add_char(buf, '\0');
}

static void add_number(struct ar_buf *buf, size_t number)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%zu", number);
    add_item(buf, (struct arras_str){text, (size_t)len});
}

static void add_command(struct ar_buf *buf, const struct ar_sandbox_command *command,
                        const char *directory)
{
    add_number(buf, command->files.count);
    for (size_t i = 0; i < command->files.count; i++) {
        add_item(buf, ar_str_z(command->files.items[i].name));
        add_item(buf, command->files.items[i].content);
    }
    add_number(buf, command->argv.count);
    for (size_t i = 0; i < command->argv.count; i++) {
        add_item(buf, command->argv.items[i]);
    }
    add_number(buf, command->env.count + (directory ? 1 : 0));
    for (size_t i = 0; i < command->env.count; i++) {
        add_item(buf, command->env.items[i]);
    }
    if (directory) {
        struct ar_buf home;
        ar_buf_init(&home, strlen(directory) + sizeof("HOME="));
        ar_buf_printf(&home, "HOME=%s", directory);
        buf->status = buf->status ? buf->status : ar_buf_status(&home);
        add_item(buf, ar_buf_str(&home));
        ar_buf_release(&home);
    }
}

static void write_opening(struct ar_buf *buf, const struct ar_sandbox_opening *opening,
                          const char *directory)
{
    add_number(buf, opening->network ? 0 : opening->port);
    add_number(buf, opening->memory);
    add_number(buf, opening->reserves_memory ? 0 : opening->memory);
    add_number(buf, opening->processes);
    add_number(buf, AR_JOB_FILES);
    add_number(buf, AR_JOB_FILE_SIZE);
    add_item(buf, ar_str_z(directory));
    add_command(buf, &opening->command, directory);
}

static void write_task(struct ar_buf *buf, const struct ar_sandbox_task *task)
{
    add_number(buf, task->memory);
    add_number(buf, task->processes);
    add_number(buf, task->result_size);
    add_item(buf, ar_str_z(task->json_result));
    add_item(buf, ar_str_z(task->text_result));
    add_command(buf, &task->command, NULL);
}

int ar_sandbox_listener(struct ar_sandbox_process *process)
{
    int fd = ar_descriptor_receive(process->control_fd, MSG_DONTWAIT);
    process->unread |= fd < 0 && errno == ECONNRESET;
    return fd;
}

/* The kernel tells so once, of a Unix socket whose other end was closed with something in it. */
bool ar_sandbox_unread(struct ar_sandbox_process *process)
{
    int trouble = 0;
    socklen_t size = sizeof(trouble);
    if (getsockopt(process->control_fd, SOL_SOCKET, SO_ERROR, &trouble, &size) == 0) {
        process->unread |= trouble == ECONNRESET;
    }
    return process->unread;
}

/* Where the sandbox has ended already, that is told by its end. */
static bool hand_over(int socket, int fd, bool *ret_ended)
{
    bool sent = ar_descriptor_send(socket, fd);
    *ret_ended = !sent && (errno == EPIPE || errno == ECONNRESET);
    return sent || *ret_ended;
}

/* Sends what was written, as a file in memory; releases it. *ret_ended: nobody is there. */
static enum arras_status send_plan(int socket, struct ar_buf *buf, struct ar_diags *diags,
                                   bool *ret_ended)
{
    int fd = -1;
    enum arras_status status = ar_buf_status(buf);
    if (status) {
        ar_error(diags, status, "sandbox", NULL, 0, "the job's files: %s",
                 arras_status_meaning(status));
    } else {
        status = ar_plan_memory_file("arras-plan", buf->ptr, buf->len, diags, &fd);
    }
    ar_buf_release(buf);
    if (status == ARRAS_OK && !hand_over(socket, fd, ret_ended)) {
        status = failed(diags, "send the job's files");
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

static enum arras_status send_opening(int socket, const struct ar_sandbox_opening *opening,
                                      const char *directory, struct ar_diags *diags)
{
    struct ar_buf buf;
    bool ended;
    ar_buf_init(&buf, (size_t)1 << 30);
    write_opening(&buf, opening, directory);
    return send_plan(socket, &buf, diags, &ended);
}

enum arras_status ar_sandbox_give(struct ar_sandbox_process *process,
                                  const struct ar_sandbox_task *task, struct ar_diags *diags)
{
    struct ar_buf buf;
    ar_buf_init(&buf, (size_t)1 << 30);
    write_task(&buf, task);
    return send_plan(process->control_fd, &buf, diags, &process->unread);
}

void ar_sandbox_discard(struct ar_sandbox *sandbox, struct ar_sandbox_process *process)
{
    sandbox->functions->signal(sandbox, process, AR_SANDBOX_KILL);
    sandbox->functions->finish(sandbox, process);
    sandbox->functions->release(sandbox, process);
}

struct ends {
    int null, output[2], result[2], control[2];
};

static void close_ends(struct ends *ends)
{
    const int all[] = {ends->null, ends->output[1], ends->result[1], ends->control[1]};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (all[i] >= 0) {
            close(all[i]);
        }
    }
}

static bool open_ends(struct ends *ends)
{
    ends->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return ends->null >= 0 && pipe2(ends->output, O_CLOEXEC) == 0 &&
           pipe2(ends->result, O_CLOEXEC) == 0 &&
           socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends->control) == 0 &&
           fcntl(ends->output[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(ends->result[0], F_SETFL, O_NONBLOCK) == 0;
}

void ar_plan_close(struct ar_sandbox_process *process)
{
    int *const all[] = {&process->pidfd, &process->output_fd, &process->result_fd,
                        &process->control_fd, &process->info_fd};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (*all[i] >= 0) {
            close(*all[i]);
        }
        *all[i] = -1;
    }
}

enum arras_status ar_plan_launch(struct ar_launch *launch, const struct ar_sandbox_opening *opening,
                                 const char *directory, int supervisor, struct ar_diags *diags,
                                 struct ar_sandbox_process *ret)
{
    struct ends ends = {-1, {-1, -1}, {-1, -1}, {-1, -1}};
    *ret = (struct ar_sandbox_process){
        .pidfd = -1, .output_fd = -1, .result_fd = -1, .control_fd = -1, .info_fd = -1};
    enum arras_status status = open_ends(&ends) ? ARRAS_OK : failed(diags, "make the job's pipes");
    ret->output_fd = ends.output[0];
    ret->result_fd = ends.result[0];
    ret->control_fd = ends.control[0];
    if (status == ARRAS_OK) {
        /* before the start: where it fails, nothing is to be undone */
        status = send_opening(ret->control_fd, opening, directory, diags);
    }
    if (status == ARRAS_OK) {
        const int fds[] = {ends.null,      ends.output[1],  ends.output[1],
                           ends.result[1], ends.control[1], supervisor};
        memcpy(launch->fds, fds, sizeof(fds));
        errno = ar_launch(launch, &ret->pid, &ret->pidfd);
        if (errno) {
            status = ar_error(diags, ARRAS_IO, "sandbox", NULL, 0, "cannot start '%s': %s",
                              launch->path, strerror(errno));
        }
    }
    close_ends(&ends);
    if (status) {
        ar_plan_close(ret);
    }
    return status;
}
