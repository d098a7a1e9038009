#include "drive/fetch_cache.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first line of a file; another form gets another number. */
#define MAGIC "arras document 1\n"
#define HEAD_SIZE 65536

/* A file is MAGIC, "name: value" lines, an empty line, the body. */
static const struct {
    const char *name;
    size_t offset;
} fields[] = {{"etag", offsetof(struct ar_cached, etag)},
              {"last-modified", offsetof(struct ar_cached, modified)},
              {"content-type", offsetof(struct ar_cached, type)},
              {"location", offsetof(struct ar_cached, location)}};

enum { FIELD_COUNT = sizeof(fields) / sizeof(*fields) };

static struct arras_str *field(struct ar_cached *cached, size_t index)
{
    return (struct arras_str *)((char *)cached + fields[index].offset);
}

/* The file of a URL; NULL: there is no folder, or no memory. */
static const char *path_of(const char *folder, struct arras_str url, struct ar_arena *arena)
{
    struct arras_str name, path;
    bool made = folder && *folder && !ar_sha256_hex(url, arena, &name) &&
                ar_str_printf(arena, &path, "%s/%.*s", folder, AR_STR_ARG(name));
    return made ? path.ptr : NULL;
}

static void read_line(struct arras_str line, struct ar_cached *cached, struct arras_str *digest)
{
    struct arras_str name = ar_str_cut(&line, ':');
    if (ar_str_is(name, "sha256")) {
        *digest = ar_str_trim(line);
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (ar_str_is(name, fields[i].name)) {
            *field(cached, i) = ar_str_trim(line);
        }
    }
}

bool ar_cache_read(const char *folder, struct arras_str url, struct ar_arena *arena,
                   struct ar_cached *ret)
{
    struct arras_str text, digest = {0}, actual;
    struct ar_cached cached = {0};
    const char *path = path_of(folder, url, arena);
    if (!path || ar_file_read(path, AR_DOCUMENT_SIZE + HEAD_SIZE, arena, NULL, &text) ||
        !ar_str_starts(text, MAGIC)) {
        return false;
    }
    text = ar_str_from(text, strlen(MAGIC));
    while (text.len && text.ptr[0] != '\n') {
        read_line(ar_str_cut(&text, '\n'), &cached, &digest);
    }
    cached.body = ar_str_from(text, 1);
    if (ar_sha256_hex(cached.body, arena, &actual) || !ar_str_eq(actual, digest)) {
        return false;
    }
    *ret = cached;
    return true;
}

/* The folder and those above it that are missing. */
static void make_folder(const char *folder, struct ar_arena *arena)
{
    char *path = ar_str_to_z(ar_str_z(folder), arena);
    for (char *slash = path ? strchr(path + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)!mkdir(path, 0700);
        *slash = '/';
    }
    if (path) {
        (void)!mkdir(path, 0700);
    }
}

static bool write_whole(int fd, struct arras_str text)
{
    while (text.len) {
        ssize_t wrote = write(fd, text.ptr, text.len);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        text = ar_str_from(text, (size_t)wrote);
    }
    return true;
}

/* Others see the old file or the new one. */
static void replace(const char *folder, const char *path, struct arras_str head,
                    struct arras_str body, struct ar_arena *arena)
{
    struct arras_str temporary;
    if (!ar_str_printf(arena, &temporary, "%s/new-XXXXXX", folder)) {
        return;
    }
    char *name = (char *)temporary.ptr;
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    bool wrote = write_whole(fd, head) && write_whole(fd, body);
    wrote = close(fd) == 0 && wrote;
    if (!wrote || rename(name, path)) {
        unlink(name);
    }
}

/* Removes the oldest file where there are too many. */
static void prune(const char *folder)
{
    DIR *directory = opendir(folder);
    char oldest[NAME_MAX + 1] = "";
    struct timespec when = {0};
    size_t count = 0;
    struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        struct stat info;
        if (fstatat(dirfd(directory), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) ||
            !S_ISREG(info.st_mode)) {
            continue;
        }
        if (count++ == 0 || info.st_mtim.tv_sec < when.tv_sec ||
            (info.st_mtim.tv_sec == when.tv_sec && info.st_mtim.tv_nsec < when.tv_nsec)) {
            when = info.st_mtim;
            snprintf(oldest, sizeof(oldest), "%s", entry->d_name);
        }
    }
    if (directory && count > AR_FETCH_CACHE_FILES) {
        unlinkat(dirfd(directory), oldest, 0);
    }
    if (directory) {
        closedir(directory);
    }
}

void ar_cache_write(const char *folder, struct arras_str url, const struct ar_cached *cached)
{
    struct ar_arena arena;
    struct ar_buf head;
    struct arras_str digest;
    struct ar_cached copy = *cached;
    ar_arena_init(&arena, 0);
    ar_buf_init(&head, HEAD_SIZE);
    const char *path = path_of(folder, url, &arena);
    if (path && !ar_sha256_hex(cached->body, &arena, &digest)) {
        ar_buf_printf(&head, MAGIC "sha256: %.*s\n", AR_STR_ARG(digest));
        for (size_t i = 0; i < FIELD_COUNT; i++) {
            ar_buf_printf(&head, "%s: %.*s\n", fields[i].name, AR_STR_ARG(*field(&copy, i)));
        }
        ar_buf_add_char(&head, '\n');
    }
    if (path && head.len && !ar_buf_status(&head)) {
        make_folder(folder, &arena);
        replace(folder, path, ar_buf_str(&head), cached->body, &arena);
        prune(folder);
    }
    ar_buf_release(&head);
    ar_arena_release(&arena);
}

void ar_cache_remove(const char *folder, struct arras_str url)
{
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    const char *path = path_of(folder, url, &arena);
    if (path) {
        unlink(path);
    }
    ar_arena_release(&arena);
}
