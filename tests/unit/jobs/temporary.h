/* A directory for the length of a test program. */
#ifndef AR_TEST_TEMPORARY_H
#define AR_TEST_TEMPORARY_H

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>
#include "unit/harness.h"

static inline int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static inline void remove_tree(const char *path)
{
    nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* `template` as for mkdtemp. */
static inline void make_directory(char *template)
{
    assert_non_null(mkdtemp(template));
}

#endif
