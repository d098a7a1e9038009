#include "base/file.h"
#include "base/buf.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum arras_status read_all(int fd, struct ar_buf *buf, int *ret_errno)
{
    for (;;) {
        /* one byte past the limit, so that a file of just that size is told from a larger one */
        size_t want = buf->limit - buf->len < 65536 ? buf->limit - buf->len : 65536;
        char *end = ar_buf_reserve(buf, want);
        if (!end) {
            return buf->status;
        }
        ssize_t got = want ? read(fd, end, want) : 0;
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            *ret_errno = errno;
            return ARRAS_IO;
        }
        if (got == 0) {
            return ARRAS_OK;
        }
        buf->len += (size_t)got;
    }
}

enum arras_status ar_file_read(const char *path, size_t limit, struct ar_arena *arena,
                               struct ar_diags *diags, struct arras_str *ret)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        enum arras_status status = errno == ENOENT || errno == ENOTDIR ? ARRAS_NOT_FOUND : ARRAS_IO;
        return ar_error(diags, status, "file", NULL, 0, "cannot read '%s': %s", path,
                        strerror(errno));
    }
    struct ar_buf buf;
    ar_buf_init(&buf, limit + 1);
    int trouble = 0;
    enum arras_status status = read_all(fd, &buf, &trouble);
    if (!standard_input) {
        close(fd);
    }
    if (status == ARRAS_OK && buf.len > limit) {
        status = ARRAS_LIMIT;
    }
    if (status == ARRAS_OK) {
        status = ar_buf_copy(&buf, arena, ret);
    }
    if (status == ARRAS_IO) {
        ar_error(diags, status, "file", NULL, 0, "cannot read '%s': %s", path, strerror(trouble));
    } else if (status == ARRAS_LIMIT) {
        ar_error(diags, status, "size-limit", NULL, 0, "'%s' is larger than %zu bytes", path,
                 limit);
    } else if (status) {
        ar_no_memory(diags);
    }
    ar_buf_release(&buf);
    return status;
}
