#include "net/save.h"
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME_ATTEMPTS = 100 };

/* Of this process; other processes are told apart by their ids. */
static atomic_uint names;

/* mkstemp would make it readable for this user only, and a umask cannot be asked for safely. */
static enum arras_status open_new(struct ar_save *save)
{
    for (int i = 0; i < NAME_ATTEMPTS; i++) {
        if (asprintf(&save->temporary, "%s.%ld-%u.part", save->path, (long)getpid(),
                     atomic_fetch_add(&names, 1)) < 0) {
            save->temporary = NULL;
            return ARRAS_NO_MEMORY;
        }
        save->file = open(save->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (save->file >= 0) {
            return ARRAS_OK;
        }
        free(save->temporary);
        save->temporary = NULL;
        if (errno != EEXIST) {
            return ARRAS_IO;
        }
    }
    return ARRAS_IO;
}

enum arras_status ar_save_open(struct ar_save *save, const char *path, uint64_t limit)
{
    *save = (struct ar_save){.path = path, .file = -1, .limit = limit};
    return open_new(save);
}

enum arras_status ar_save_add(struct ar_save *save, const char *bytes, size_t len)
{
    if (len > save->limit - save->bytes) {
        return ARRAS_LIMIT;
    }
    for (size_t done = 0; done < len;) {
        ssize_t written = write(save->file, bytes + done, len - done);
        if (written < 0 && errno != EINTR) {
            return ARRAS_IO;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    save->bytes += len;
    return ARRAS_OK;
}

enum arras_status ar_save_finish(struct ar_save *save)
{
    int closed = close(save->file);
    save->file = -1;
    if (closed || rename(save->temporary, save->path)) {
        return ARRAS_IO;
    }
    free(save->temporary);
    save->temporary = NULL;
    return ARRAS_OK;
}

void ar_save_release(struct ar_save *save)
{
    if (save->path && save->file >= 0) {
        close(save->file);
    }
    if (save->temporary) {
        (void)unlink(save->temporary);
        free(save->temporary);
    }
    *save = (struct ar_save){.file = -1};
}
