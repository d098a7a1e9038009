/* Keywords that look at the instance alone. JSON Schema validation 2020-12, sections 6 and 7. */
#include "query/schema_run.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "value/number.h"

enum { RENDER_SIZE = 128, UNIQUE_FEW = 16 };

bool ar_schema_check_type(struct ar_schema_run *run, const struct ar_schema_site *site,
                          const struct ar_schema_keyword *keyword)
{
    const struct arras_value *instance = site->instance;
    if (keyword->types & AR_BIT(instance->type)) {
        return true;
    }
    if (instance->type == ARRAS_NUMBER && (keyword->types & AR_BIT_INTEGER) &&
        ar_number_is_integer(ar_text(instance))) {
        return true;
    }
    return ar_schema_note_types(run, site, keyword, keyword->types);
}

bool ar_schema_check_const(struct ar_schema_run *run, const struct ar_schema_site *site,
                           const struct ar_schema_keyword *keyword)
{
    bool equal = ar_schema_spend(run, site->instance->count / 16) &&
                 ar_value_equal(site->instance, keyword->value);
    if (equal || !site->problems) {
        return equal;
    }
    char expected[RENDER_SIZE];
    ar_schema_render(keyword->value, expected, sizeof(expected));
    bool alike =
        keyword->value->type >= ARRAS_ARRAY && keyword->value->type == site->instance->type;
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true,
                          alike ? "must equal the schema's constant, %s" : "must be %s", expected);
}

/* "1, 2 or 3", with the rest left out where there are many. */
static void render_choice(const struct arras_value *list, char *out, size_t size)
{
    enum { SHOWN = 8, ONE = 64 };
    size_t shown = list->count <= SHOWN ? list->count : SHOWN;
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < shown; i++) {
        char one[ONE];
        ar_schema_render(&list->items[i], one, sizeof(one));
        bool last = i + 1 == list->count;
        const char *between = i == 0 ? "" : last ? " or " : ", ";
        int added = snprintf(out + len, size - len, "%s%s", between, one);
        len += added > 0 && (size_t)added < size - len ? (size_t)added : 0;
    }
    if (shown < list->count) {
        snprintf(out + len, size - len, " or %zu other values", list->count - shown);
    }
}

bool ar_schema_check_enum(struct ar_schema_run *run, const struct ar_schema_site *site,
                          const struct ar_schema_keyword *keyword)
{
    const struct arras_value *list = keyword->value;
    if (!ar_schema_spend(run, list->count * (1 + (uint64_t)site->instance->count / 16))) {
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (ar_value_equal(site->instance, &list->items[i])) {
            return true;
        }
    }
    if (!site->problems) {
        return false;
    }
    char choice[1024];
    render_choice(list, choice, sizeof(choice));
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true, "must be %s",
                          list->count ? choice : "one of no values");
}

/* Numbers */

bool ar_schema_check_minimum(struct ar_schema_run *run, const struct ar_schema_site *site,
                             const struct ar_schema_keyword *keyword)
{
    int order = ar_number_compare(ar_text(site->instance), ar_text(keyword->value));
    bool within = keyword->exclusive ? order > 0 : order >= 0;
    if (within || !site->problems) {
        return within;
    }
    char bound[RENDER_SIZE];
    ar_schema_render(keyword->value, bound, sizeof(bound));
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true, "must be %s %s",
                          keyword->exclusive ? "more than" : "at least", bound);
}

bool ar_schema_check_maximum(struct ar_schema_run *run, const struct ar_schema_site *site,
                             const struct ar_schema_keyword *keyword)
{
    int order = ar_number_compare(ar_text(site->instance), ar_text(keyword->value));
    bool within = keyword->exclusive ? order < 0 : order <= 0;
    if (within || !site->problems) {
        return within;
    }
    char bound[RENDER_SIZE];
    ar_schema_render(keyword->value, bound, sizeof(bound));
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true, "must be %s %s",
                          keyword->exclusive ? "less than" : "at most", bound);
}

bool ar_schema_check_multiple_of(struct ar_schema_run *run, const struct ar_schema_site *site,
                                 const struct ar_schema_keyword *keyword)
{
    bool multiple = ar_number_is_multiple(ar_text(site->instance), ar_text(keyword->value));
    if (multiple || !site->problems) {
        return multiple;
    }
    char unit[RENDER_SIZE];
    ar_schema_render(keyword->value, unit, sizeof(unit));
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true, "must be a multiple of %s",
                          unit);
}

/* Strings and sizes */

static bool check_count(struct ar_schema_run *run, const struct ar_schema_site *site,
                        const struct ar_schema_keyword *keyword, size_t count, const char *what)
{
    if (count >= keyword->least && count <= keyword->most) {
        return true;
    }
    bool few = count < keyword->least;
    uint64_t bound = few ? keyword->least : keyword->most;
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, false,
                          "must have %s %llu %s%s, it has %zu", few ? "at least" : "at most",
                          (unsigned long long)bound, what, bound == 1 ? "" : "s", count);
}

bool ar_schema_check_length(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword)
{
    struct arras_str text = ar_text(site->instance);
    /* a code point takes one to four bytes: often the bytes tell */
    if (text.len / 4 >= keyword->least && text.len <= keyword->most) {
        return true;
    }
    return ar_schema_spend(run, text.len / 64) &&
           check_count(run, site, keyword, ar_utf8_count(text), "character");
}

bool ar_schema_check_size(struct ar_schema_run *run, const struct ar_schema_site *site,
                          const struct ar_schema_keyword *keyword)
{
    const char *what = site->instance->type == ARRAS_ARRAY ? "item" : "member";
    return check_count(run, site, keyword, site->instance->count, what);
}

bool ar_schema_matches(struct ar_schema_run *run, const struct ar_regex *regex,
                       struct arras_str text)
{
    enum { MATCH_COST = 16 };
    bool matches = false;
    if (!ar_schema_spend(run, MATCH_COST + text.len / 64)) {
        return false;
    }
    enum arras_status status = ar_regex_match(regex, text, &matches);
    if (status) {
        run->status = status;
    }
    return matches && !status;
}

bool ar_schema_check_pattern(struct ar_schema_run *run, const struct ar_schema_site *site,
                             const struct ar_schema_keyword *keyword)
{
    bool matches = ar_schema_matches(run, keyword->regexes[0], ar_text(site->instance));
    if (matches || run->status) {
        return matches;
    }
    struct arras_str shown = ar_str_sub(ar_text(keyword->value), 0, RENDER_SIZE);
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true, "must match the pattern %.*s",
                          AR_STR_ARG(shown));
}

bool ar_schema_check_format(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword)
{
    bool conforms;
    enum arras_status status = ar_schema_format_check(keyword->format, site->instance, &conforms);
    if (status) {
        run->status = status;
        return false;
    }
    return conforms ||
           ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true, "must be of the format %.*s",
                          AR_STR_ARG(ar_text(keyword->value)));
}

/* Arrays */

struct hashed {
    uint64_t hash;
    const struct arras_value *value;
};

/* Equal values have equal hashes: numbers by their nearest double, members in any order. */
static uint64_t hash_value(struct ar_seed seed, const struct arras_value *value, unsigned depth)
{
    uint64_t sum = value->type * UINT64_C(0x9e3779b97f4a7c15);
    if (value->type == ARRAS_BOOL) {
        sum += value->boolean;
    } else if (value->type == ARRAS_NUMBER) {
        double number = ar_number_to_double(ar_text(value));
        number = number == 0 ? 0 : number; /* not -0 */
        sum += ar_hash(seed, (struct arras_str){(const char *)&number, sizeof(number)});
    } else if (value->type == ARRAS_STRING) {
        sum += ar_hash(seed, ar_text(value));
    } else if (depth < AR_NESTING_DEPTH && value->type == ARRAS_ARRAY) {
        for (size_t i = 0; i < value->count; i++) {
            sum = sum * 31 + hash_value(seed, &value->items[i], depth + 1);
        }
    } else if (depth < AR_NESTING_DEPTH && value->type == ARRAS_OBJECT) {
        for (size_t i = 0; i < value->count; i++) {
            sum += ar_hash(seed, ar_member_name(&value->members[i])) ^
                   hash_value(seed, &value->members[i].value, depth + 1) * 31;
        }
    }
    return sum;
}

static int compare_hashed(const void *left, const void *right)
{
    const struct hashed *a = left, *b = right;
    return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static bool note_twins(struct ar_schema_run *run, const struct ar_schema_site *site,
                       const struct ar_schema_keyword *keyword, const struct arras_value *a,
                       const struct arras_value *b)
{
    size_t first = (size_t)(a - site->instance->items),
           second = (size_t)(b - site->instance->items);
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, false,
                          "must have no two equal items, items %zu and %zu are equal",
                          first < second ? first : second, first < second ? second : first);
}

/* Compares each pair in a run of items that may be equal. */
static bool check_pairs(struct ar_schema_run *run, const struct ar_schema_site *site,
                        const struct ar_schema_keyword *keyword, const struct hashed *items,
                        size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (!ar_schema_spend(run, i)) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (ar_value_equal(items[i].value, items[j].value)) {
                return note_twins(run, site, keyword, items[j].value, items[i].value);
            }
        }
    }
    return true;
}

static bool check_sorted(struct ar_schema_run *run, const struct ar_schema_site *site,
                         const struct ar_schema_keyword *keyword, struct hashed *items)
{
    size_t count = site->instance->count;
    struct ar_seed seed = ar_seed_new();
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct hashed){hash_value(seed, &site->instance->items[i], 0),
                                   &site->instance->items[i]};
    }
    qsort(items, count, sizeof(*items), compare_hashed);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && items[end].hash == items[i].hash; end++) {
        }
        if (!check_pairs(run, site, keyword, items + i, end - i)) {
            return false;
        }
    }
    return true;
}

bool ar_schema_check_unique_items(struct ar_schema_run *run, const struct ar_schema_site *site,
                                  const struct ar_schema_keyword *keyword)
{
    const struct arras_value *instance = site->instance;
    struct hashed few[UNIQUE_FEW];
    if (instance->count <= UNIQUE_FEW) {
        for (size_t i = 0; i < instance->count; i++) {
            few[i] = (struct hashed){0, &instance->items[i]};
        }
        return check_pairs(run, site, keyword, few, instance->count);
    }
    struct ar_mark mark = ar_arena_mark(run->scratch);
    struct hashed *many = ar_new_array(run->scratch, struct hashed, instance->count);
    if (!many) {
        run->status = ARRAS_NO_MEMORY;
        return false;
    }
    bool unique = ar_schema_spend(run, instance->count) && check_sorted(run, site, keyword, many);
    ar_arena_rewind(run->scratch, mark);
    return unique;
}

/* Objects */

/* OpenAPI 3.0, Schema Object, writeOnly: of responses it is not required. */
static bool is_left_out(const struct ar_schema_run *run, const struct ar_schema_site *site,
                        struct arras_str name)
{
    const struct arras_value *property =
        run->schema->of_response ? ar_get(ar_get_z(site->node->value, "properties"), name) : NULL;
    const struct arras_value *mark = ar_get_z(property, "writeOnly");
    return ar_is(mark, ARRAS_BOOL) && mark->boolean;
}

bool ar_schema_check_required(struct ar_schema_run *run, const struct ar_schema_site *site,
                              const struct ar_schema_keyword *keyword)
{
    const struct arras_value *names = keyword->value;
    bool valid = ar_schema_spend(run, names->count);
    for (size_t i = 0; i < names->count && (valid || site->problems) && !run->status; i++) {
        struct arras_str name = ar_text(&names->items[i]);
        if (!ar_get(site->instance, name) && !is_left_out(run, site, name)) {
            valid = ar_schema_note_missing(run, site, keyword, name, NULL);
        }
    }
    return valid;
}

static bool check_needs(struct ar_schema_run *run, const struct ar_schema_site *site,
                        const struct ar_schema_keyword *keyword, struct arras_str because,
                        const struct arras_value *names)
{
    bool valid = ar_schema_spend(run, names->count);
    for (size_t i = 0; i < names->count && (valid || site->problems) && !run->status; i++) {
        if (!ar_get(site->instance, ar_text(&names->items[i]))) {
            valid = ar_schema_note_missing(run, site, keyword, ar_text(&names->items[i]), &because);
        }
    }
    return valid;
}

/* Of `dependencies` the arrays; its schemas are an applicator's. */
bool ar_schema_check_dependent_required(struct ar_schema_run *run,
                                        const struct ar_schema_site *site,
                                        const struct ar_schema_keyword *keyword)
{
    const struct arras_value *needs = keyword->value;
    bool valid = ar_schema_spend(run, needs->count);
    for (size_t i = 0; i < needs->count && (valid || site->problems) && !run->status; i++) {
        struct arras_str name = ar_member_name(&needs->members[i]);
        const struct arras_value *names = &needs->members[i].value;
        if (names->type == ARRAS_ARRAY && ar_get(site->instance, name)) {
            valid = check_needs(run, site, keyword, name, names) && valid;
        }
    }
    return valid;
}
