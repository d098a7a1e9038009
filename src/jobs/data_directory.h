/* The directory in which the job server keeps its data: made for its owner only. */
#ifndef AR_JOBS_DATA_DIRECTORY_H
#define AR_JOBS_DATA_DIRECTORY_H

#include "base/diag.h"

/* Makes the directory and those above it where they are missing, with mode 0700. IO. */
enum arras_status ar_directory_make(struct arras_str path, struct ar_diags *diags) ARRAS_CHECKED;
/* A new directory with mode 0700 in `parent`. IO. */
enum arras_status ar_directory_temporary(const char *parent, struct ar_arena *arena,
                                         struct ar_diags *diags,
                                         struct arras_str *ret) ARRAS_CHECKED;
/* Removes the directory with all that is in it, as far as that can be done; follows no links. */
void ar_directory_remove(struct arras_str path);

#endif
