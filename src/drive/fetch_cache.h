/* What was read by HTTP, kept on disk so that an unchanged document need not come again (RFC 9111:
 * only for validation, never taken for fresh). One file a URL, named by the URL's SHA-256, written
 * whole or not at all; any number of programs may share a folder. What is broken is not there. */
#ifndef AR_DRIVE_FETCH_CACHE_H
#define AR_DRIVE_FETCH_CACHE_H

#include "base/str.h"

struct ar_cached {
    struct arras_str etag, modified; /* of the answer; empty: it had none */
    struct arras_str type;           /* Content-Type */
    struct arras_str location;       /* of a redirect: where it led; else empty */
    struct arras_str body;
};

/* `folder` is made where it is missing; NULL: nothing is kept. True: *ret holds what is kept for
 * the URL, in `arena`. */
bool ar_cache_read(const char *folder, struct arras_str url, struct ar_arena *arena,
                   struct ar_cached *ret) ARRAS_CHECKED;
/* Trouble is no error: then it is not kept. */
void ar_cache_write(const char *folder, struct arras_str url, const struct ar_cached *cached);
void ar_cache_remove(const char *folder, struct arras_str url);

#endif
