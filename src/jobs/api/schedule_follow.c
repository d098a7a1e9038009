/* What a schedule does after a run: windmill-api.md sections 4.6 and 6.4. */
#include "base/limits.h"
#include "jobs/api/route.h"
#include "jobs/api/schedule_json.h"
#include "value/number.h"

#define WRONG_SHAPE "Failed to deserialize the JSON body into the target type: "

static bool is_set(const struct arras_value *object, const char *name)
{
    const struct arras_value *value = ar_get_z(object, name);
    return value && value->type != ARRAS_NULL;
}

static bool check_others(struct ar_call *call, const struct arras_value *body)
{
    if (is_set(body, "dynamic_skip")) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: schedules of this server have no dynamic_skip"));
        return false;
    }
    return true;
}

/* How many runs in a row. */
static bool read_times(struct ar_call *call, const struct arras_value *body, const char *name,
                       int64_t *ret)
{
    const struct arras_value *value = ar_get_z(body, name);
    int64_t times = 0;
    *ret = 0;
    if (!is_set(body, name)) {
        return true;
    }
    if (value->type != ARRAS_NUMBER || !ar_number_to_int64(ar_text(value), &times) || times < 1 ||
        times > AR_TELL_TIMES) {
        ar_answer_textf(call, 400, "Bad request: %s: expected an integer from 1 to %d", name,
                        AR_TELL_TIMES);
        return false;
    }
    *ret = times;
    return true;
}

static bool check_number(struct ar_call *call, const struct arras_value *rule, const char *kind,
                         const char *name, int64_t most)
{
    const struct arras_value *value = ar_get_z(rule, name);
    int64_t number = 0;
    bool valid = !value || value->type == ARRAS_NULL ||
                 (value->type == ARRAS_NUMBER && ar_number_to_int64(ar_text(value), &number) &&
                  number >= 0 && number <= most);
    if (!valid) {
        ar_answer_textf(call, 400, "Bad request: retry: %s.%s: expected an integer from 0 to %lld",
                        kind, name, (long long)most);
    }
    return valid;
}

static bool check_rule(struct ar_call *call, const struct arras_value *retry, const char *kind)
{
    const struct arras_value *rule = ar_get_z(retry, kind);
    if (rule && rule->type != ARRAS_NULL && rule->type != ARRAS_OBJECT) {
        ar_answer_textf(call, 422, WRONG_SHAPE "retry: %s: expected an object", kind);
        return false;
    }
    return check_number(call, rule, kind, "attempts", AR_RETRY_ATTEMPTS) &&
           check_number(call, rule, kind, "seconds", AR_RETRY_SECONDS) &&
           check_number(call, rule, kind, "multiplier", AR_RETRY_SECONDS) &&
           check_number(call, rule, kind, "random_factor", 100);
}

static bool read_retry(struct ar_call *call, const struct arras_value *body, struct arras_str *ret)
{
    const struct arras_value *retry = ar_get_z(body, "retry");
    *ret = (struct arras_str){NULL, 0};
    if (!is_set(body, "retry")) {
        return true;
    }
    if (retry->type != ARRAS_OBJECT) {
        ar_answer_text(call, 422, AR_STR(WRONG_SHAPE "retry: expected an object"));
        return false;
    }
    if (is_set(retry, "retry_if")) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: retry: retry_if is not possible: this server evaluates "
                              "no expressions"));
        return false;
    }
    return check_rule(call, retry, "constant") && check_rule(call, retry, "exponential") &&
           ar_item_json(call, body, "retry", ret);
}

static bool read_script(struct ar_call *call, const struct arras_value *body, const char *name,
                        struct arras_str *ret)
{
    struct arras_str path;
    *ret = (struct arras_str){NULL, 0};
    if (!ar_member_text(call, body, name, ret)) {
        return false;
    }
    if (ar_str_starts(*ret, "flow/")) {
        ar_api_no_flows(call);
        return false;
    }
    path = ar_str_from(*ret, ar_str_starts(*ret, "script/") ? strlen("script/") : 0);
    return ret->len == 0 || ar_schedule_check_script(call, path);
}

static bool read_args(struct ar_call *call, const struct arras_value *body, const char *name,
                      struct arras_str *ret)
{
    *ret = (struct arras_str){NULL, 0};
    if (!is_set(body, name)) {
        return true;
    }
    if (!ar_is(ar_get_z(body, name), ARRAS_OBJECT)) {
        ar_answer_textf(call, 422, WRONG_SHAPE "%s: expected an object", name);
        return false;
    }
    return ar_item_json(call, body, name, ret);
}

static bool read_failure(struct ar_call *call, const struct arras_value *body,
                         struct ar_schedule *ret)
{
    ret->failure_exact = false;
    return read_script(call, body, "on_failure", &ret->on_failure) &&
           read_args(call, body, "on_failure_extra_args", &ret->on_failure_args) &&
           read_times(call, body, "on_failure_times", &ret->failure_times) &&
           ar_item_bool(call, body, "on_failure_exact", &ret->failure_exact);
}

bool ar_schedule_read_follow(struct ar_call *call, const struct arras_value *body,
                             struct ar_schedule *ret)
{
    return check_others(call, body) && read_retry(call, body, &ret->retry) &&
           read_failure(call, body, ret) &&
           read_script(call, body, "on_recovery", &ret->on_recovery) &&
           read_args(call, body, "on_recovery_extra_args", &ret->on_recovery_args) &&
           read_times(call, body, "on_recovery_times", &ret->recovery_times) &&
           read_script(call, body, "on_success", &ret->on_success) &&
           read_args(call, body, "on_success_extra_args", &ret->on_success_args);
}

static void write_handler(struct ar_writer *w, const char *name, struct arras_str path,
                          const char *args_name, struct arras_str args)
{
    if (path.len) {
        ar_put_text(w, name, path);
    }
    if (args.len) {
        ar_put_json(w, args_name, args);
    }
}

void ar_schedule_write_follow(struct ar_writer *w, const struct ar_schedule *schedule)
{
    if (schedule->retry.len) {
        ar_put_json(w, "retry", schedule->retry);
    }
    write_handler(w, "on_failure", schedule->on_failure, "on_failure_extra_args",
                  schedule->on_failure_args);
    if (schedule->failure_times) {
        ar_put_int(w, "on_failure_times", schedule->failure_times);
    }
    if (schedule->failure_exact) {
        ar_put_bool(w, "on_failure_exact", true);
    }
    write_handler(w, "on_recovery", schedule->on_recovery, "on_recovery_extra_args",
                  schedule->on_recovery_args);
    if (schedule->recovery_times) {
        ar_put_int(w, "on_recovery_times", schedule->recovery_times);
    }
    write_handler(w, "on_success", schedule->on_success, "on_success_extra_args",
                  schedule->on_success_args);
}
