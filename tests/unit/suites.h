/* The public test suites: found at $ARRAS_SUITES, else beside the repository; not part of it. */
#ifndef AR_TEST_SUITES_H
#define AR_TEST_SUITES_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SUITE_MISSING = 77 }; /* what meson takes for "skipped" */

/* The folder of a suite ("json/test_parsing"); NULL, with a word on standard output, where there is
 * none. `path` is the caller's. */
static inline const char *suite_folder(const char *name, char *path, size_t size)
{
    const char *root = getenv("ARRAS_SUITES");
    snprintf(path, size, "%s/%s", root ? root : AR_TEST_SUITES, name);
    if (access(path, R_OK) == 0) {
        return path;
    }
    printf("skipped: no suite %s\n", path);
    return NULL;
}

#endif
