#include "arazzo/fields.h"

/* Names between spaces: of all versions, and those that came with 1.1. */
static const struct {
    const char *what, *fields, *later;
} objects[] = {
    [AR_OBJECT_ROOT] = {"the document", " arazzo info sourceDescriptions workflows components ",
                        " $self "},
    [AR_OBJECT_INFO] = {"the info", " title summary description version ", ""},
    [AR_OBJECT_SOURCE] = {"a source description", " name url type ", ""},
    [AR_OBJECT_WORKFLOW] = {"a workflow",
                            " workflowId summary description inputs dependsOn steps successActions "
                            "failureActions outputs parameters ",
                            ""},
    [AR_OBJECT_STEP] = {"a step",
                        " description stepId operationId operationPath workflowId parameters "
                        "requestBody successCriteria onSuccess onFailure outputs ",
                        " channelPath timeout correlationId action dependsOn "},
    [AR_OBJECT_PARAMETER] = {"a parameter", " name in value ", ""},
    /* `condition`: action-condition tells of it */
    [AR_OBJECT_SUCCESS_ACTION] = {"a success action",
                                  " name type workflowId stepId criteria condition ",
                                  " parameters "},
    [AR_OBJECT_FAILURE_ACTION] = {"a failure action",
                                  " name type workflowId stepId retryAfter retryLimit criteria "
                                  "condition ",
                                  " parameters "},
    [AR_OBJECT_COMPONENTS] = {"the components", " inputs parameters successActions failureActions ",
                              ""},
    [AR_OBJECT_CRITERION] = {"a criterion", " context condition type ", ""},
    [AR_OBJECT_QUERY_TYPE] = {"a type", " type version ", ""},
    [AR_OBJECT_REQUEST_BODY] = {"a request body", " contentType payload replacements ", ""},
    [AR_OBJECT_REPLACEMENT] = {"a replacement", " target value ", " targetSelectorType "},
};

static bool is_listed(struct arras_str name, const char *fields)
{
    struct arras_str list = ar_str_z(fields);
    bool word = name.len && ar_str_find_char(name, ' ', 0) == AR_NOT_FOUND;
    size_t at = word ? ar_str_find(list, name, 0) : AR_NOT_FOUND;
    while (at != AR_NOT_FOUND && !(list.ptr[at - 1] == ' ' && list.ptr[at + name.len] == ' ')) {
        at = ar_str_find(list, name, at + 1);
    }
    return at != AR_NOT_FOUND;
}

/* What only people read cannot be missed by a run. */
static bool is_remark(struct arras_str name)
{
    return is_listed(name, " description summary title $comment ");
}

static enum arras_status tell(const struct ar_member *member, enum ar_object_kind kind,
                              const struct ar_arazzo *arazzo, struct ar_diags *diags)
{
    struct arras_str name = ar_member_name(member);
    bool strict = arazzo->strictness == ARRAS_STRICT;
    enum arras_status status =
        ar_deviation(diags, strict, "unknown-field", &arazzo->document.source, member->at,
                     "%s of Arazzo 1.%d has no field '%.*s'; it is passed over", objects[kind].what,
                     arazzo->minor, AR_STR_ARG(name));
    if (is_listed(name, objects[kind].later)) {
        ar_hint(diags, "Arazzo 1.1 has it: write 'arazzo: 1.1.0'");
    } else {
        ar_hint(diags, "the names of extensions begin with 'x-'");
    }
    return status;
}

enum arras_status ar_check_fields(const struct arras_value *object, enum ar_object_kind kind,
                                  const struct ar_arazzo *arazzo, struct ar_diags *diags)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; ar_is(object, ARRAS_OBJECT) && i < object->count && !status; i++) {
        struct arras_str name = ar_member_name(&object->members[i]);
        bool known = ar_str_starts(name, "x-") || is_listed(name, objects[kind].fields) ||
                     (arazzo->minor >= 1 && is_listed(name, objects[kind].later));
        if (!known && (arazzo->strictness == ARRAS_STRICT || !is_remark(name))) {
            status = tell(&object->members[i], kind, arazzo, diags);
        }
    }
    return status;
}
