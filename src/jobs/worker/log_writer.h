/* Stores a running job's log on a thread of its own, so that a store which does not answer keeps
 * nobody from watching the job. The thread is made when it is first needed: a job that ends within
 * AR_JOB_LOG_MILLISECONDS has none. All calls are the watching thread's. */
#ifndef AR_JOBS_LOG_WRITER_H
#define AR_JOBS_LOG_WRITER_H

#include <pthread.h>
#include "jobs/worker/job_log.h"

struct ar_log_writer {
    struct ar_job_log *log; /* borrowed */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int stored_fd; /* readable: ar_log_writer_stored is to be called; -1: no thread yet */
    bool started, closing;
    bool busy;  /* between begin and stored; the watching thread's own */
    bool given; /* the thread has something to store */
    enum arras_status status;
};

void ar_log_writer_init(struct ar_log_writer *writer, struct ar_job_log *log);
/* Waits until what is being stored is stored, or has failed. The log can be flushed then. */
void ar_log_writer_release(struct ar_log_writer *writer);
/* Gathers what is pending and has it stored; on this thread where there can be no other. False:
 * that is done already. MUST NOT be called while it is busy. */
bool ar_log_writer_begin(struct ar_log_writer *writer);
/* Notes what came of it, when stored_fd is readable. */
void ar_log_writer_stored(struct ar_log_writer *writer);

#endif
