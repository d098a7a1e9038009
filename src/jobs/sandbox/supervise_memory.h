/* How much memory a job takes as a whole. Part of the supervisor, which needs only the C library.
 */
#ifndef AR_JOBS_SUPERVISE_MEMORY_H
#define AR_JOBS_SUPERVISE_MEMORY_H

#include <stdbool.h>

/* Whether what this process started, directly or not, takes more than so many bytes of memory
 * together. What several have in common since a fork counts once; files that are mapped do not
 * count. Where /proc cannot be read, it does not. */
bool ar_supervise_takes_more(unsigned long long most);

#endif
