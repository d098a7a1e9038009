#include "jobs/store/json_contains.h"
#include "base/limits.h"

static bool contains(const struct arras_value *value, const struct arras_value *part, int depth);

static bool has_item(const struct arras_value *array, const struct arras_value *part, int depth)
{
    bool found = false;
    for (uint32_t i = 0; i < array->count && !found; i++) {
        found = contains(&array->items[i], part, depth);
    }
    return found;
}

static bool contains_all(const struct arras_value *value, const struct arras_value *part, int depth)
{
    bool all = true;
    for (uint32_t i = 0; i < part->count && all; i++) {
        if (part->type == ARRAS_ARRAY) {
            all = has_item(value, &part->items[i], depth);
        } else {
            const struct ar_member *member = &part->members[i];
            const struct arras_value *found = ar_get(value, ar_member_name(member));
            all = found && contains(found, &member->value, depth);
        }
    }
    return all;
}

static bool contains(const struct arras_value *value, const struct arras_value *part, int depth)
{
    if (depth > AR_NESTING_DEPTH || value->type != part->type) {
        return false;
    }
    bool nested = part->type == ARRAS_ARRAY || part->type == ARRAS_OBJECT;
    return nested ? contains_all(value, part, depth + 1) : ar_value_equal(value, part);
}

bool ar_json_contains(const struct arras_value *value, const struct arras_value *part)
{
    bool single = part->type != ARRAS_ARRAY && part->type != ARRAS_OBJECT;
    return contains(value, part, 0) ||
           (single && value->type == ARRAS_ARRAY && has_item(value, part, 0));
}
