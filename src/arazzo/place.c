/* Where a parameter belongs that does not say so. */
#include "arazzo/reader.h"

static const struct {
    const char *name;
    enum ar_parameter_in in;
} places[] = {{"path", AR_IN_PATH},
              {"query", AR_IN_QUERY},
              {"header", AR_IN_HEADER},
              {"cookie", AR_IN_COOKIE}};

/* *ret_count: in how many places the operation declares it; *ret_place: the index of one of them.
 */
static enum arras_status find_places(struct ar_reader *reader, const struct ar_step *step,
                                     struct arras_str name, size_t *ret_count, size_t *ret_place)
{
    *ret_count = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        const struct arras_value *declared = NULL;
        if (ar_operation_parameter(step->operation, name, places[i].name, reader->arena,
                                   &declared)) {
            return ar_no_memory(reader->diags);
        }
        if (declared) {
            *ret_place = i;
            (*ret_count)++;
        }
    }
    return ARRAS_OK;
}

static enum arras_status place(struct ar_reader *reader, const struct ar_step *step,
                               struct ar_parameter *parameter)
{
    size_t count, found = 0;
    enum arras_status status = find_places(reader, step, parameter->name, &count, &found);
    if (status) {
        return status;
    }
    if (count != 1) {
        ar_invalid(reader, "parameter-in", parameter->at,
                   "the parameter '%.*s' of an operation needs an 'in'",
                   AR_STR_ARG(parameter->name));
        ar_hint(reader->diags,
                count ? "the operation declares it in %zu places"
                      : "the operation declares none of that name",
                count);
        return ARRAS_INVALID;
    }
    status = ar_deviation(reader->diags, reader->arazzo->strictness == ARRAS_STRICT, "parameter-in",
                          &reader->arazzo->document.source, parameter->at,
                          "the parameter '%.*s' of an operation needs an 'in'",
                          AR_STR_ARG(parameter->name));
    ar_hint(reader->diags, "write 'in: %s', where the operation declares it", places[found].name);
    parameter->in = places[found].in;
    parameter->has_in = true;
    return status;
}

/* The one that has its place now overrides the workflow's of the same name there, which comes after
 * the step's own. */
static enum arras_status settle(struct ar_reader *reader, struct ar_parameters *parameters,
                                size_t at)
{
    const struct ar_parameter *placed = &parameters->items[at];
    size_t kept = 0;
    for (size_t i = 0; i < parameters->count; i++) {
        const struct ar_parameter *other = &parameters->items[i];
        bool same = i != at && other->has_in && other->in == placed->in &&
                    ar_str_eq(other->name, placed->name);
        if (same && i < at) {
            return ar_invalid(reader, "duplicate", placed->at,
                              "the parameter '%.*s' is given twice", AR_STR_ARG(placed->name));
        }
        if (!same) {
            parameters->items[kept++] = *other;
        }
    }
    parameters->count = kept;
    return ARRAS_OK;
}

enum arras_status ar_place_parameters(struct ar_reader *reader, struct ar_step *step)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < step->parameters.count && !status; i++) {
        if (!step->parameters.items[i].has_in) {
            status = place(reader, step, &step->parameters.items[i]);
            status = status ? status : settle(reader, &step->parameters, i);
        }
    }
    return status;
}
