/* What a script asks for in the comments that it begins with: lines `# arras: WORD...` or
 * `// arras: WORD...`. The words: network, memory=MIB, processes=N. */
#ifndef AR_JOBS_WISHES_H
#define AR_JOBS_WISHES_H

#include "base/diag.h"

struct ar_job_wishes {
    bool network;
    int64_t memory_mib, processes; /* 0: not said */
};

/* INVALID with a diagnostic where a word is none of these. */
enum arras_status ar_job_wishes_read(struct arras_str code, struct ar_diags *diags,
                                     struct ar_job_wishes *ret) ARRAS_CHECKED;

#endif
