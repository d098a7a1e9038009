/* What the worker and the supervisor (supervise.c, a program of its own inside the sandbox) agree
 * on. No other header of the library, so that the program needs only the C library. */
#ifndef AR_JOBS_SUPERVISE_H
#define AR_JOBS_SUPERVISE_H

/* Open descriptors that the supervisor is started with. Through the control socket (SOCK_SEQPACKET)
 * come two plans, each one byte with a descriptor of a file of items: a uint32_t length, that many
 * bytes and a NUL byte each. Lists are their count and then each.
 *
 * The opening: a port, memory, address space, processes, open files, file size (decimal); the job
 * directory; files (name and content of each); a command; its environment. Where there is a
 * command, it is started at once.
 *
 * Where the port is not 0, the supervisor listens on it, on 127.0.0.1, and sends the listening
 * socket back, with one byte: so the worker takes connections of a job that has no other network.
 *
 * The task: memory, processes, where not 0 lower than the opening's; the most bytes of a result;
 * the name of the JSON result, the name of the text result (or empty); files; a command; its
 * environment, further to the opening's. A command that was started by the opening, instead of one
 * of the task's, reads that environment from its descriptor AR_SUPERVISE_GO_FD once the files are
 * there: each entry with a NUL byte behind it, to the end of the file. */
enum {
    AR_SUPERVISE_RESULT_FD = 3,
    AR_SUPERVISE_CONTROL_FD = 4,
    AR_SUPERVISE_SELF_FD = 5,
    AR_SUPERVISE_GO_FD = 3 /* of the command */
};

/* What it writes to the result descriptor before the result's bytes: wait status, peak memory in
 * KiB, what follows, how many bytes of it. */
#define AR_SUPERVISE_HEADER "%d %ld %c %zu\n"

enum {
    AR_SUPERVISE_JSON = 'j',
    AR_SUPERVISE_TEXT = 't',
    AR_SUPERVISE_NONE = '-',
    AR_SUPERVISE_LARGE = 'l', /* there is one, beyond the result size; no bytes follow */
    AR_SUPERVISE_ERROR =
        'e' /* the command could not be started, or was ended; a sentence follows */
};

#endif
