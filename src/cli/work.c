#include "work.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "log.h"
#include "say.h"

/* One of the words: the option table has no others. */
static enum arras_network network_of(const char *word)
{
    return word && strcmp(word, "all") == 0     ? ARRAS_NETWORK_ALL
           : word && strcmp(word, "asked") == 0 ? ARRAS_NETWORK_ASKED
                                                : ARRAS_NETWORK_NONE;
}

struct arras_work_options ar_work_options(const struct ar_work_settings *given, int64_t grace)
{
    return (struct arras_work_options){
        .database = given->database,
        .workers = given->workers == UINT64_MAX ? 0 : (unsigned)given->workers,
        .no_workers = given->workers == 0,
        .tags = given->tags,
        .group = given->group,
        .name = given->name,
        .no_sandbox = given->sandbox && strcmp(given->sandbox, "none") == 0,
        .job_seconds = (int64_t)given->job_seconds,
        .packages = given->packages,
        .network = network_of(given->network),
        .job_memory = (size_t)given->job_memory << 20,
        .job_processes = (size_t)given->job_processes,
        .job_log_size = (size_t)given->job_log_size << 10,
        .job_result_size = (size_t)given->job_result_size << 10,
        .lease_seconds = (int64_t)given->lease,
        .log = ar_log_sink(given->log_format, given->log_level),
        .retention_days = (int64_t)given->retention,
        .grace_seconds = given->grace == UINT64_MAX ? grace : (int64_t)given->grace,
        .warm = given->warm == UINT64_MAX ? 0
                : given->warm == 0        ? -1
                                          : (int)given->warm,
    };
}

void ar_work_warn(const struct arras_work_options *options)
{
    if (options->no_sandbox && !options->no_workers) {
        ar_say_warning("[no-sandbox] --sandbox none: every job can read, change and delete "
                       "whatever this user can");
    }
}

void ar_ready_remove(const char *path)
{
    if (path) {
        (void)unlink(path);
    }
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

bool ar_ready_write(const char *path, const struct ar_text *text)
{
    struct ar_text name = {0};
    ar_text_printf(&name, "%s.XXXXXX", path);
    int fd = mkostemp(name.ptr, O_CLOEXEC); /* readable by its owner only */
    bool good = fd >= 0 && write_all(fd, text->ptr, text->len);
    good = (fd < 0 || close(fd) == 0) && good && rename(name.ptr, path) == 0;
    if (!good) {
        ar_say_error("cannot write '%s': %s", path, strerror(errno));
        if (fd >= 0) {
            (void)unlink(name.ptr);
        }
    }
    ar_text_release(&name);
    return good;
}
