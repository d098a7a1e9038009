/* The system calls that a sandboxed job may not make. */
#ifndef AR_JOBS_SECCOMP_H
#define AR_JOBS_SECCOMP_H

#include "base/diag.h"

/* A descriptor of the filter as the kernel takes it. ARRAS_UNSUPPORTED, ARRAS_NO_MEMORY. */
enum arras_status ar_seccomp_filter(struct ar_diags *diags, int *ret_fd) ARRAS_CHECKED;

#endif
