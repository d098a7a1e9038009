/* Success and failure actions, criteria. */
#include "arazzo/criterion.h"
#include "arazzo/reader.h"
#include "base/limits.h"
#include "value/number.h"

enum arras_status ar_read_criteria(struct ar_reader *reader, const struct arras_value *value,
                                   struct ar_criteria *ret)
{
    if (!value) {
        return ARRAS_OK;
    }
    ret->items = ar_new_array(reader->arena, struct ar_criterion, value->count);
    if (!ret->items) {
        return ar_no_memory(reader->diags);
    }
    for (size_t i = 0; i < value->count; i++) {
        enum arras_status status = ar_criterion_read(&value->items[i], reader->workflow,
                                                     reader->arena, reader->diags, &ret->items[i]);
        ret->count++; /* also a half-read one is released */
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

static enum arras_status read_type(struct ar_reader *reader, const struct arras_value *object,
                                   bool failure, struct ar_action *ret)
{
    struct arras_str type = {0};
    enum arras_status status = ar_reader_string(reader, object, "type", true, "an action", &type);
    if (status) {
        return status;
    }
    if (ar_str_is(type, "end")) {
        ret->type = AR_ACTION_END;
    } else if (ar_str_is(type, "goto")) {
        ret->type = AR_ACTION_GOTO;
    } else if (ar_str_is(type, "retry") && failure) {
        ret->type = AR_ACTION_RETRY;
    } else {
        return ar_invalid(reader, "action-type", ar_get_z(object, "type")->at,
                          "the action '%.*s' is of type '%.*s', which is none of end, goto%s",
                          AR_STR_ARG(ret->name), AR_STR_ARG(type), failure ? ", retry" : "");
    }
    return ARRAS_OK;
}

/* A number of seconds that is not negative. */
static enum arras_status read_seconds(struct ar_reader *reader, const struct arras_value *object,
                                      const char *name, double *ret)
{
    const struct arras_value *value = NULL;
    enum arras_status status = ar_reader_member(reader, object, name, ARRAS_NUMBER, &value);
    if (status || !value) {
        return status;
    }
    *ret = ar_number_to_double(ar_text(value));
    if (!(*ret >= 0)) {
        return ar_invalid(reader, "retry", value->at, "'%s' must not be negative, it is %.*s", name,
                          AR_STR_ARG(ar_text(value)));
    }
    return ARRAS_OK;
}

static enum arras_status read_retry(struct ar_reader *reader, const struct arras_value *object,
                                    struct ar_action *ret)
{
    const struct arras_value *limit = NULL;
    ret->retry_after = -1;
    ret->poll_seconds = -1;
    ret->retry_limit = 1;
    enum arras_status status = read_seconds(reader, object, "retryAfter", &ret->retry_after);
    status = status ? status : read_seconds(reader, object, "x-arras-poll", &ret->poll_seconds);
    status = status ? status : ar_reader_member(reader, object, "retryLimit", ARRAS_NUMBER, &limit);
    int64_t number;
    if (status || !limit) {
        return status;
    }
    if (!ar_number_to_int64(ar_text(limit), &number) || number < 0) {
        return ar_invalid(reader, "retry", limit->at,
                          "'retryLimit' must be a whole number that is not negative, it is %.*s",
                          AR_STR_ARG(ar_text(limit)));
    }
    ret->retry_limit = (uint64_t)number;
    return ARRAS_OK;
}

/* An action that is its own criterion: to read it as one without criteria would take it always. */
static enum arras_status read_own_condition(struct ar_reader *reader,
                                            const struct arras_value *object,
                                            struct ar_criteria *ret)
{
    enum arras_status status = ar_deviation(
        reader->diags, reader->arazzo->strictness == ARRAS_STRICT, "action-condition",
        &reader->arazzo->document.source, ar_get_z(object, "condition")->at,
        "the action has a 'condition' where 'criteria' belong; it is read as a simple one");
    ar_hint(reader->diags, "write 'criteria: [{condition: ...}]'");
    ret->items = ar_new(reader->arena, struct ar_criterion);
    if (!ret->items) {
        return ar_no_memory(reader->diags);
    }
    ret->count = 1;
    return status ? status
                  : ar_criterion_read_simple(ar_get_z(object, "condition"), reader->workflow,
                                             reader->arena, reader->diags, ret->items);
}

static enum arras_status read_action(struct ar_reader *reader, const struct arras_value *object,
                                     bool failure, struct ar_action *ret)
{
    const struct arras_value *criteria = NULL;
    ret->at = object->at;
    enum arras_status status =
        ar_reader_string(reader, object, "name", false, "an action", &ret->name);
    status = status ? status : read_type(reader, object, failure, ret);
    status = status
                 ? status
                 : ar_reader_fields(reader, object,
                                    failure ? AR_OBJECT_FAILURE_ACTION : AR_OBJECT_SUCCESS_ACTION);
    status = status ? status
                    : ar_reader_string(reader, object, "stepId", false, "an action", &ret->step_id);
    status = status ? status
                    : ar_reader_string(reader, object, "workflowId", false, "an action",
                                       &ret->workflow_id);
    status = status ? status : read_retry(reader, object, ret);
    if (!status && ret->step_id.len && ret->workflow_id.len) {
        status = ar_invalid(reader, "action-target", object->at,
                            "the action '%.*s' names both a stepId and a workflowId",
                            AR_STR_ARG(ret->name));
    }
    if (!status && ret->type == AR_ACTION_GOTO && !ret->step_id.len && !ret->workflow_id.len) {
        status = ar_invalid(reader, "action-target", object->at,
                            "the action '%.*s' is a goto without stepId or workflowId",
                            AR_STR_ARG(ret->name));
    }
    if (!status && ret->name.len == 0) {
        status =
            ar_deviation(reader->diags, reader->arazzo->strictness == ARRAS_STRICT, "action-name",
                         &reader->arazzo->document.source, object->at, "the action has no name");
        ar_hint(reader->diags, "give it a 'name'");
    }
    if (!status && reader->arazzo->minor >= 1) {
        status = ar_read_action_parameters(reader, object, ret);
    }
    status = status ? status : ar_reader_member(reader, object, "criteria", ARRAS_ARRAY, &criteria);
    if (status) {
        return status;
    }
    return criteria || !ar_get_z(object, "condition")
               ? ar_read_criteria(reader, criteria, &ret->criteria)
               : read_own_condition(reader, object, &ret->criteria);
}

static bool is_named(const struct ar_actions *actions, struct arras_str name)
{
    for (size_t i = 0; i < actions->count; i++) {
        if (name.len && ar_str_eq(actions->items[i].name, name)) {
            return true;
        }
    }
    return false;
}

static enum arras_status add_actions(struct ar_reader *reader, const struct arras_value *list,
                                     bool failure, bool inherited, struct ar_actions *ret)
{
    const char *kind = failure ? "failureActions" : "successActions";
    for (size_t i = 0; list && i < list->count; i++) {
        const struct arras_value *object;
        enum arras_status status = ar_reader_reusable(reader, &list->items[i], kind, &object);
        if (status) {
            return status;
        }
        bool known = is_named(ret, ar_text(ar_get_z(object, "name")));
        if (known && !inherited) {
            return ar_invalid(reader, "duplicate", list->items[i].at,
                              "two actions of the step are called '%.*s'",
                              AR_STR_ARG(ar_text(ar_get_z(object, "name"))));
        }
        if (known) {
            continue; /* the step's own overrides it */
        }
        struct ar_action *action = &ret->items[ret->count++];
        status = read_action(reader, object, failure, action);
        if (status) {
            return status;
        }
    }
    return ARRAS_OK;
}

enum arras_status ar_read_actions(struct ar_reader *reader, const struct arras_value *value,
                                  const struct arras_value *inherited, bool failure,
                                  struct ar_actions *ret)
{
    const struct arras_value *lists[] = {value, inherited};
    for (size_t i = 0; i < 2; i++) {
        if (lists[i] && lists[i]->type != ARRAS_ARRAY) {
            return ar_invalid(reader, "shape", lists[i]->at, "actions must be a list, this is %s",
                              ar_type_name(lists[i]));
        }
    }
    size_t most = (value ? value->count : 0) + (inherited ? inherited->count : 0);
    ret->items = ar_new_array(reader->arena, struct ar_action, most);
    if (most && !ret->items) {
        return ar_no_memory(reader->diags);
    }
    enum arras_status status = add_actions(reader, value, failure, false, ret);
    return status ? status : add_actions(reader, inherited, failure, true, ret);
}
