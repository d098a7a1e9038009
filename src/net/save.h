/* A response's body on its way into a file: written beside it under a name of its own, and put in
 * its place once it is whole. */
#ifndef AR_NET_SAVE_H
#define AR_NET_SAVE_H

#include "base/str.h"

struct ar_save {
    const char *path; /* borrowed; NULL: nothing is saved */
    char *temporary;
    int file; /* -1: not open */
    uint64_t bytes, limit;
};

/* Makes the file beside `path`. ARRAS_IO (errno says why), ARRAS_NO_MEMORY. */
enum arras_status ar_save_open(struct ar_save *save, const char *path,
                               uint64_t limit) ARRAS_CHECKED;
/* ARRAS_LIMIT, ARRAS_IO (errno says why). */
enum arras_status ar_save_add(struct ar_save *save, const char *bytes, size_t len) ARRAS_CHECKED;
/* The file takes its place. ARRAS_IO. */
enum arras_status ar_save_finish(struct ar_save *save) ARRAS_CHECKED;
/* Removes what was not finished. */
void ar_save_release(struct ar_save *save);

#endif
