/* What a schedule does after a run: windmill-api.md sections 4.6 and 6.4. As Windmill's free
 * edition, it tells of each failure, and of nothing else. */
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
    static const char *const names[] = {"on_recovery", "on_success", "dynamic_skip", NULL};
    const struct arras_value *exact = ar_get_z(body, "on_failure_exact");
    int64_t failures = 1;
    for (const char *const *name = names; *name; name++) {
        if (is_set(body, *name)) {
            ar_answer_textf(call, 400, "Bad request: schedules of this server have no %s", *name);
            return false;
        }
    }
    if (is_set(body, "on_failure_times")) {
        bool number = ar_number_to_int64(ar_text(ar_get_z(body, "on_failure_times")), &failures);
        failures = number ? failures : 0;
    }
    if (failures != 1 || (ar_is(exact, ARRAS_BOOL) && exact->boolean)) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: schedules of this server tell of each failure: "
                              "on_failure_times and on_failure_exact are not possible"));
        return false;
    }
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

static bool read_script(struct ar_call *call, const struct arras_value *body, struct arras_str *ret)
{
    struct arras_str path;
    *ret = (struct arras_str){NULL, 0};
    if (!ar_member_text(call, body, "on_failure", ret)) {
        return false;
    }
    if (ar_str_starts(*ret, "flow/")) {
        ar_api_no_flows(call);
        return false;
    }
    path = ar_str_from(*ret, ar_str_starts(*ret, "script/") ? strlen("script/") : 0);
    return ret->len == 0 || ar_schedule_check_script(call, path);
}

static bool read_args(struct ar_call *call, const struct arras_value *body, struct arras_str *ret)
{
    *ret = (struct arras_str){NULL, 0};
    if (!is_set(body, "on_failure_extra_args")) {
        return true;
    }
    if (!ar_is(ar_get_z(body, "on_failure_extra_args"), ARRAS_OBJECT)) {
        ar_answer_text(call, 422, AR_STR(WRONG_SHAPE "on_failure_extra_args: expected an object"));
        return false;
    }
    return ar_item_json(call, body, "on_failure_extra_args", ret);
}

bool ar_schedule_read_follow(struct ar_call *call, const struct arras_value *body,
                             struct ar_schedule *ret)
{
    return check_others(call, body) && read_retry(call, body, &ret->retry) &&
           read_script(call, body, &ret->on_failure) &&
           read_args(call, body, &ret->on_failure_args);
}
