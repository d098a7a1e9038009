/* Sandboxes made before there is a job for them, each with its language's interpreter started and
 * waiting, so that a job pays for neither. Each is used for one job and then gone. They are kept
 * ready for the languages that were used lately, and only for those. */
#ifndef AR_JOBS_SPARES_H
#define AR_JOBS_SPARES_H

#include "jobs/language/language.h"

struct ar_spares;

struct ar_spares_options {
    struct ar_sandbox *sandbox; /* borrowed */
    unsigned count;             /* for each language; 0: none is kept */
    int64_t idle;             /* nanoseconds without a job of a language after which none is kept */
    size_t memory, processes; /* limits of each (sandbox.h) */
    const char *packages; /* as a job sees it (AR_JOB_PACKAGES_VARIABLE); NULL: none; borrowed */
    uint16_t port;        /* of each (sandbox.h) */
};

enum arras_status ar_spares_new(const struct ar_spares_options *options, struct ar_diags *diags,
                                struct ar_spares **ret) ARRAS_CHECKED;
/* Ends those that wait. NULL is allowed. */
void ar_spares_free(struct ar_spares *spares);
/* A sandbox opened for the language, with the machine's network or without: one that waits
 * (*ret_waited), or else one made now. The caller finishes and releases it (sandbox.h), and MUST
 * live until then. INVALID where the machine lacks the language. Any thread. */
enum arras_status ar_spares_take(struct ar_spares *spares, const struct ar_language *language,
                                 bool network, struct ar_diags *diags,
                                 struct ar_sandbox_process *ret, bool *ret_waited) ARRAS_CHECKED;

#endif
