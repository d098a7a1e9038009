/* An operationId that several operations of one description have, against OpenAPI. */
#include "arazzo/reader.h"

enum arras_status ar_choose_duplicate(struct ar_reader *reader, const struct ar_step *step,
                                      struct arras_str id,
                                      const struct ar_source_description *source,
                                      const struct ar_operation **ret)
{
    const struct ar_operation *first = NULL, *second = NULL, *fitting = NULL;
    size_t count = 0;
    for (size_t i = 0; i < ar_description_count(source->description); i++) {
        const struct ar_operation *operation = ar_description_at(source->description, i);
        if (!ar_str_eq(operation->id, id)) {
            continue;
        }
        second = second || !first ? second : operation;
        first = first ? first : operation;
        if (ar_step_fits_path(step, operation->path)) {
            fitting = operation;
            count++;
        }
    }
    const struct ar_operation *shown = count == 1 ? fitting : first;
    if (count != 1 || reader->arazzo->strictness == ARRAS_STRICT) {
        ar_invalid(reader, "duplicate-operation", step->call_at,
                   "the step '%.*s': the source '%.*s' has several operations '%.*s', %.*s %.*s "
                   "and %.*s %.*s among them",
                   AR_STR_ARG(step->id), AR_STR_ARG(source->name), AR_STR_ARG(id),
                   AR_STR_ARG(first->method), AR_STR_ARG(first->path), AR_STR_ARG(second->method),
                   AR_STR_ARG(second->path));
        ar_hint(reader->diags, "say which one by operationPath");
        return ARRAS_INVALID;
    }
    ar_warning(reader->diags, "duplicate-operation", &reader->arazzo->document.source,
               step->call_at,
               "the step '%.*s': the source '%.*s' has several operations '%.*s'; %.*s %.*s is "
               "taken, whose path the step's parameters fill",
               AR_STR_ARG(step->id), AR_STR_ARG(source->name), AR_STR_ARG(id),
               AR_STR_ARG(shown->method), AR_STR_ARG(shown->path));
    ar_hint(reader->diags, "say which one by operationPath");
    *ret = shown;
    return ARRAS_OK;
}
