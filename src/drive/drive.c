#include "drive/drive.h"
#include "base/limits.h"
#include "drive/exchange.h"

struct drive {
    struct ar_run *run;
    struct ar_http_client *client;
    const struct ar_drive_options *options;
    size_t told; /* steps whose end the observer knows */
};

/* How long a wait may last before the interrupt flag is looked at again. */
#define SLICE (100 * AR_MILLISECOND)

static const struct arras_observer *observer(const struct drive *drive)
{
    static const struct arras_observer none = {0};
    return drive->options->observer ? drive->options->observer : &none;
}

static int64_t now(const struct drive *drive)
{
    return ar_clock_now(drive->options->clock);
}

/* Ends the run where it must not go on; *ret_stopped tells. */
static enum arras_status check_stop(struct drive *drive, bool *ret_stopped)
{
    const struct ar_drive_options *options = drive->options;
    *ret_stopped = true;
    if (options->interrupted && *options->interrupted) {
        return ar_run_stop(drive->run, ARRAS_INTERRUPTED, AR_STR("the run was interrupted"));
    }
    if (options->deadline && now(drive) >= options->deadline) {
        return ar_run_stop(drive->run, ARRAS_LIMIT, AR_STR("the deadline of the run has passed"));
    }
    *ret_stopped = false;
    return ARRAS_OK;
}

/* The time from now until `until`, cut to what may be waited at once. */
static int64_t slice(const struct drive *drive, int64_t until)
{
    int64_t left = until - now(drive);
    if (drive->options->deadline && drive->options->deadline - now(drive) < left) {
        left = drive->options->deadline - now(drive);
    }
    if (drive->options->interrupted && left > SLICE) {
        left = SLICE;
    }
    return left > 0 ? left : 0;
}

static enum arras_status begin(struct drive *drive, const struct ar_effect *effect)
{
    const struct ar_drive_options *options = drive->options;
    int64_t timeout = options->request_timeout;
    if (effect->timeout && (!timeout || effect->timeout < timeout)) {
        timeout = effect->timeout; /* what the document says, unless the user allows less */
    }
    if (!timeout) {
        timeout = (int64_t)AR_REQUEST_SECONDS * AR_SECOND;
    }
    return ar_http_client_start(drive->client, effect->request, timeout,
                                ar_run_attempt_arena(drive->run), drive->run);
}

static enum arras_status report(struct drive *drive, const struct ar_effect *effect,
                                const struct ar_http_result *result)
{
    double seconds = (double)result->seconds_ns / (double)AR_SECOND;
    if (observer(drive)->exchange) {
        enum arras_status status =
            ar_exchange_tell(observer(drive), ar_run_secrets(drive->run), effect->request, result,
                             effect->own, ar_run_attempt_arena(drive->run));
        if (status) {
            return status;
        }
    }
    return result->status ? ar_run_failure(drive->run, result->status, result->error, seconds)
                          : ar_run_response(drive->run, &result->response, seconds);
}

static enum arras_status send(struct drive *drive, const struct ar_effect *effect)
{
    struct ar_http_result result = {0};
    bool stopped = false;
    enum arras_status status = begin(drive, effect);
    if (status == ARRAS_NO_MEMORY) {
        return status;
    }
    if (status) {
        struct arras_str message;
        return ar_str_printf(ar_run_attempt_arena(drive->run), &message,
                             "the request to '%.*s' cannot be sent",
                             AR_STR_ARG(effect->request->url))
                   ? ar_run_failure(drive->run, ARRAS_FAILED, message, 0)
                   : ARRAS_NO_MEMORY;
    }
    for (;;) {
        if (ar_http_client_next(drive->client, slice(drive, INT64_MAX), &result)) {
            return result.status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY
                                                    : report(drive, effect, &result);
        }
        status = check_stop(drive, &stopped);
        if (status || stopped) {
            ar_http_client_cancel(drive->client, drive->run);
            return status;
        }
    }
}

static enum arras_status wait(struct drive *drive, const struct ar_effect *effect)
{
    struct ar_http_result none;
    bool stopped = false;
    enum arras_status status = ARRAS_OK;
    while (!status && !stopped && now(drive) < effect->until) {
        if (!ar_http_client_next(drive->client, slice(drive, effect->until), &none)) {
            status = check_stop(drive, &stopped);
        }
    }
    return status;
}

static void tell_ended(struct drive *drive)
{
    while (drive->told < ar_run_step_count(drive->run)) {
        const struct arras_step *step = &ar_run_steps(drive->run)[drive->told++];
        if (observer(drive)->step_ended) {
            observer(drive)->step_ended(observer(drive)->context, step);
        }
    }
}

static enum arras_status tell_waiting(struct drive *drive, const struct ar_effect *effect)
{
    double seconds = (double)(effect->until - now(drive)) / (double)AR_SECOND;
    char *id = ar_str_to_z(effect->step_id, ar_run_attempt_arena(drive->run));
    if (id && observer(drive)->waits) {
        observer(drive)->waits(observer(drive)->context, id, seconds > 0 ? seconds : 0);
    }
    return id || ar_str_has_nul(effect->step_id) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status tell_begins(struct drive *drive, const struct ar_effect *effect)
{
    struct ar_arena *arena = ar_run_attempt_arena(drive->run);
    if (!observer(drive)->step_begins) {
        return ARRAS_OK;
    }
    struct arras_step step = {.step_id = ar_str_to_z(effect->step_id, arena),
                              .method = ar_str_to_z(effect->request->method, arena)};
    if (step.step_id && step.method) {
        observer(drive)->step_begins(observer(drive)->context, &step);
    }
    return ARRAS_OK;
}

enum arras_status ar_drive(struct ar_run *run, struct ar_http_client *client,
                           const struct ar_drive_options *options)
{
    struct drive drive = {run, client, options, 0};
    enum arras_status status = ARRAS_OK;
    while (!status) {
        struct ar_effect effect;
        bool stopped;
        status = ar_run_next(run, &effect);
        tell_ended(&drive);
        if (status || effect.type == AR_DONE) {
            return status;
        }
        status = check_stop(&drive, &stopped);
        if (status || stopped) {
            continue;
        }
        if (effect.type == AR_WAIT) {
            status = tell_waiting(&drive, &effect);
            status = status ? status : wait(&drive, &effect);
        } else {
            status = effect.own ? ARRAS_OK : tell_begins(&drive, &effect);
            status = status ? status : send(&drive, &effect);
        }
        tell_ended(&drive);
    }
    return status;
}
