#include "jobs/worker/log_writer.h"
#include <sys/eventfd.h>
#include <unistd.h>

void ar_log_writer_init(struct ar_log_writer *writer, struct ar_job_log *log)
{
    *writer = (struct ar_log_writer){.log = log, .stored_fd = -1};
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->changed, NULL);
}

static void *store_batches(void *context)
{
    struct ar_log_writer *writer = context;
    pthread_mutex_lock(&writer->lock);
    while (writer->given || !writer->closing) {
        if (!writer->given) {
            pthread_cond_wait(&writer->changed, &writer->lock);
            continue;
        }
        pthread_mutex_unlock(&writer->lock);
        enum arras_status status = ar_job_log_store(writer->log, NULL);
        pthread_mutex_lock(&writer->lock);
        writer->status = status;
        writer->given = false;
        eventfd_write(writer->stored_fd, 1);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

static bool start(struct ar_log_writer *writer)
{
    if (!writer->started) {
        writer->stored_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        writer->started = writer->stored_fd >= 0 &&
                          pthread_create(&writer->thread, NULL, store_batches, writer) == 0;
    }
    if (!writer->started && writer->stored_fd >= 0) {
        close(writer->stored_fd);
        writer->stored_fd = -1;
    }
    return writer->started;
}

bool ar_log_writer_begin(struct ar_log_writer *writer)
{
    if (!start(writer)) {
        (void)!ar_job_log_flush(writer->log, NULL);
        return false;
    }
    ar_job_log_gather(writer->log);
    writer->busy = true;
    pthread_mutex_lock(&writer->lock);
    writer->given = true;
    pthread_cond_signal(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    return true;
}

void ar_log_writer_stored(struct ar_log_writer *writer)
{
    eventfd_t count;
    (void)eventfd_read(writer->stored_fd, &count);
    pthread_mutex_lock(&writer->lock);
    enum arras_status status = writer->status;
    pthread_mutex_unlock(&writer->lock);
    writer->busy = false;
    ar_job_log_stored(writer->log, status);
}

void ar_log_writer_release(struct ar_log_writer *writer)
{
    if (writer->started) {
        pthread_mutex_lock(&writer->lock);
        writer->closing = true;
        pthread_cond_signal(&writer->changed);
        pthread_mutex_unlock(&writer->lock);
        pthread_join(writer->thread, NULL);
        close(writer->stored_fd);
    }
    if (writer->busy) {
        ar_job_log_stored(writer->log, writer->status);
    }
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->lock);
}
