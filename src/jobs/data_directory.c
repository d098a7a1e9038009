#include "jobs/data_directory.h"
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static enum arras_status failed(struct ar_diags *diags, const char *path, int error)
{
    return ar_error(diags, ARRAS_IO, "server-data", NULL, 0, "directory %s: %s", path,
                    strerror(error));
}

enum arras_status ar_directory_make(struct arras_str path, struct ar_diags *diags)
{
    char *z = ar_str_to_z(path, diags->arena);
    if (!z || path.len == 0) {
        return ar_error(diags, ARRAS_USAGE, "server-data", NULL, 0, "no directory for the data");
    }
    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && z[i] != '/') {
            continue;
        }
        z[i] = '\0';
        if (mkdir(z, 0700) && errno != EEXIST) {
            return failed(diags, z, errno);
        }
        if (i < path.len) {
            z[i] = '/';
        }
    }
    struct stat info;
    if (stat(z, &info) || !S_ISDIR(info.st_mode)) {
        return failed(diags, z, ENOTDIR);
    }
    return ARRAS_OK;
}

enum arras_status ar_directory_temporary(const char *parent, struct ar_arena *arena,
                                         struct ar_diags *diags, struct arras_str *ret)
{
    struct arras_str template;
    if (!ar_str_printf(arena, &template, "%s/arras-XXXXXX", parent)) {
        return ar_no_memory(diags);
    }
    if (!mkdtemp((char *)(uintptr_t) template.ptr)) {
        return failed(diags, parent, errno);
    }
    *ret = template;
    return ARRAS_OK;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    (void)remove(path); /* what cannot be removed does not keep the rest */
    return 0;
}

void ar_directory_remove(struct arras_str path)
{
    nftw(path.ptr, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
