/* Reading whole files. */
#ifndef AR_BASE_FILE_H
#define AR_BASE_FILE_H

#include "base/diag.h"

/* The content of the file at `path` ("-": standard input) into `arena`, at most `limit` bytes; the
 * error names the path. ARRAS_NOT_FOUND, ARRAS_IO, ARRAS_LIMIT, ARRAS_NO_MEMORY. */
enum arras_status ar_file_read(const char *path, size_t limit, struct ar_arena *arena,
                               struct ar_diags *diags, struct arras_str *ret) ARRAS_CHECKED;

#endif
