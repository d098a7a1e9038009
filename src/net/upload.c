#include "net/upload.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void ar_upload_init(struct ar_upload *upload, const struct ar_body_part *parts, size_t count)
{
    *upload = (struct ar_upload){.parts = parts, .count = count, .file = -1};
}

static void close_file(struct ar_upload *upload)
{
    if (upload->file >= 0) {
        close(upload->file);
    }
    upload->file = -1;
}

void ar_upload_release(struct ar_upload *upload)
{
    close_file(upload);
    *upload = (struct ar_upload){.file = -1};
}

void ar_upload_rewind(struct ar_upload *upload)
{
    close_file(upload);
    upload->part = 0;
    upload->at = 0;
}

static uint64_t part_size(const struct ar_body_part *part)
{
    return part->path ? part->size : part->bytes.len;
}

bool ar_upload_size(const struct ar_upload *upload, int64_t *ret)
{
    uint64_t total = 0;
    for (size_t i = 0; i < upload->count; i++) {
        if (__builtin_add_overflow(total, part_size(&upload->parts[i]), &total)) {
            return false;
        }
    }
    *ret = (int64_t)total;
    return total <= INT64_MAX;
}

/* Whether the open file is still what the request was built for. */
static bool is_unchanged(int file, const struct ar_body_part *part)
{
    struct stat found;
    return fstat(file, &found) == 0 && S_ISREG(found.st_mode) &&
           (uint64_t)found.st_size == part->size;
}

static bool read_file(struct ar_upload *upload, const struct ar_body_part *part, char *out,
                      size_t room, size_t *ret_len)
{
    if (upload->file < 0) {
        /* O_NONBLOCK: were it a pipe by now, opening must not wait for its other end */
        upload->file = open(part->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (upload->file < 0 || !is_unchanged(upload->file, part)) {
            return false;
        }
    }
    ssize_t len;
    do {
        len = read(upload->file, out, room);
    } while (len < 0 && errno == EINTR);
    *ret_len = len > 0 ? (size_t)len : 0;
    /* the end is looked at once more: it must not have grown meanwhile */
    bool whole = upload->at + *ret_len == part->size;
    return len > 0 && (!whole || is_unchanged(upload->file, part));
}

bool ar_upload_read(struct ar_upload *upload, char *out, size_t room, size_t *ret_len,
                    const char **ret_path)
{
    *ret_len = 0;
    while (upload->part < upload->count) {
        const struct ar_body_part *part = &upload->parts[upload->part];
        uint64_t left = part_size(part) - upload->at;
        size_t wanted = left < room ? (size_t)left : room;
        if (wanted > 0 && part->path && !read_file(upload, part, out, wanted, ret_len)) {
            *ret_path = part->path;
            return false;
        }
        if (wanted > 0 && !part->path) {
            memcpy(out, part->bytes.ptr + upload->at, wanted);
            *ret_len = wanted;
        }
        upload->at += *ret_len;
        if (upload->at == part_size(part)) {
            close_file(upload);
            upload->part++;
            upload->at = 0;
        }
        if (*ret_len > 0) {
            return true;
        }
    }
    return true;
}
