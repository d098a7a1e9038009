/* What every function of libarras that can fail returns. One table makes the constants, the names
 * and the sentences, so that none of the three can be forgotten. */
#ifndef ARRAS_STATUS_H
#define ARRAS_STATUS_H

/* X(constant, name, meaning) */
#define ARRAS_STATUS_MAP(X)                                                                        \
    X(OK, "ok", "nothing went wrong")                                                              \
    X(NO_MEMORY, "no-memory", "memory ran out")                                                    \
    X(USAGE, "usage", "the caller asked for something that cannot be")                             \
    X(SYNTAX, "syntax", "the text is not of the language it is said to be")                        \
    X(INVALID, "invalid", "well formed, but against a rule")                                       \
    X(UNRESOLVED, "unresolved", "a reference points at nothing")                                   \
    X(UNSUPPORTED, "unsupported", "a feature that this program does not have")                     \
    X(LIMIT, "limit", "a cap was reached")                                                         \
    X(IO, "io", "the operating system refused")                                                    \
    X(NETWORK, "network", "a server could not be reached, or the connection broke")                \
    X(TIMEOUT, "timeout", "no answer within the time allowed")                                     \
    X(FAILED, "failed", "it ran and failed")                                                       \
    X(NOT_FOUND, "not-found", "there is no such thing")                                            \
    X(CONFLICT, "conflict", "there is one already, or it is in another state")                     \
    X(INTERRUPTED, "interrupted", "stopped from outside")

enum arras_status {
#define ARRAS_STATUS_CONSTANT(constant, name, meaning) ARRAS_##constant,
    ARRAS_STATUS_MAP(ARRAS_STATUS_CONSTANT)
#undef ARRAS_STATUS_CONSTANT
};

/* The name ("no-memory") and the sentence of a status; "unknown" for a number that is none.
 * Static text; any thread. */
const char *arras_status_name(enum arras_status status);
const char *arras_status_meaning(enum arras_status status);

/* Marks a function whose result must not be dropped. */
#define ARRAS_CHECKED __attribute__((warn_unused_result))

#endif
