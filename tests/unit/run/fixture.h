/* A document given as text, its run on a clock that only the test moves, and responses by hand. */
#ifndef AR_TEST_RUN_FIXTURE_H
#define AR_TEST_RUN_FIXTURE_H

#include "unit/harness.h"
#include "run/run.h"

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_arazzo *arazzo;
    struct ar_run *run;
    struct ar_clock clock;
    int64_t now;
    char directory[64];
    const char *credentials; /* JSON; NULL: none */
};

/* Writes `workflows` (the YAML below "workflows:") with a description of some operations on one
 * server into a directory and loads it; fails the test where that fails. */
void fixture_load(struct fixture *fixture, const char *workflows);
/* The same with a description of one's own. */
void fixture_load_described(struct fixture *fixture, const char *described, const char *workflows);
/* Starts the first workflow; `inputs` is JSON or NULL. */
enum arras_status fixture_start(struct fixture *fixture, const char *inputs, uint64_t max_steps);
/* The next effect must be this request ("GET /things?x=1"); then `status` and a JSON body (NULL:
 * none) come back, with a header line "Name: value" or NULL. */
void fixture_answer(struct fixture *fixture, const char *request, int status, const char *body,
                    const char *header);
/* The next effect must be this request; it fails with this status. */
void fixture_breaks(struct fixture *fixture, const char *request, enum arras_status status,
                    const char *message);
/* The body of the request that is to be sent next. */
struct arras_str fixture_body(struct fixture *fixture);
/* How often a diagnostic of this code was told. */
size_t fixture_times_told(const struct fixture *fixture, const char *code);
/* The next effect must be a wait of so many milliseconds, which then pass. */
void fixture_passes(struct fixture *fixture, int64_t milliseconds);
/* The next effect must be the end, with this status and these outputs as JSON. */
void fixture_ends(struct fixture *fixture, enum arras_status status, const char *outputs);
/* Whether a diagnostic of this code was told. */
bool fixture_told(const struct fixture *fixture, const char *code);
void fixture_release(struct fixture *fixture);

#endif
