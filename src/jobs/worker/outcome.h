/* How a job ended, from what its supervisor reported: state and result (windmill-api.md section
 * 6.3). */
#ifndef AR_JOBS_OUTCOME_H
#define AR_JOBS_OUTCOME_H

#include "jobs/worker/job_log.h"
#include "jobs/language/language.h"

/* Sets job->state, result and memory_peak. `report`: all bytes of the result pipe;
 * pieces of a stream are the result of a job that left no other;
 * `most`: that a result may have. Whatever is
 * missing, cut or not JSON makes a failure, never a success. ARRAS_NO_MEMORY. */
enum arras_status ar_job_outcome(const struct ar_language *language, struct arras_str report,
                                 const struct ar_job_log *log, size_t most, struct ar_arena *arena,
                                 struct ar_job *job) ARRAS_CHECKED;
#endif
