/* What the worker and the supervisor (supervise.c, a program of its own inside the sandbox) agree
 * on. No other header of the library, so that the program needs only the C library. */
#ifndef AR_JOBS_SUPERVISE_H
#define AR_JOBS_SUPERVISE_H

/* Open descriptors that the supervisor is started with. The plan is a file of items, each a
 * uint32_t length, that many bytes and a NUL byte:
 *   memory, address space, processes, files, file size, result size (decimal),
 *   the job directory, the name of the JSON result, the name of the text result (or empty),
 *   how many files, then name and content of each,
 *   how many arguments, then each; how many environment entries, then each. */
enum { AR_SUPERVISE_RESULT_FD = 3, AR_SUPERVISE_PLAN_FD = 4, AR_SUPERVISE_SELF_FD = 5 };

/* What it writes to the result descriptor before the result's bytes: wait status, peak memory in
 * KiB, what follows, how many bytes of it. */
#define AR_SUPERVISE_HEADER "%d %ld %c %zu\n"

enum {
    AR_SUPERVISE_JSON = 'j',
    AR_SUPERVISE_TEXT = 't',
    AR_SUPERVISE_NONE = '-',
    AR_SUPERVISE_LARGE = 'l', /* there is one, beyond the result size; no bytes follow */
    AR_SUPERVISE_ERROR = 'e'  /* the command could not be started; a sentence follows */
};

#endif
