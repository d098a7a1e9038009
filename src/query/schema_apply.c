/* Keywords that apply subschemas. JSON Schema core 2020-12, sections 8.2, 10 and 11. */
#include "query/schema_run.h"

static struct ar_schema_path keyword_step(const struct ar_schema_site *site,
                                          const struct ar_schema_keyword *keyword)
{
    return (struct ar_schema_path){.parent = site->schema_path,
                                   .step = AR_STEP_MEMBER,
                                   .name = ar_str_z(ar_schema_rules[keyword->id].name)};
}

/* In place */

/* Applies `node` to the same instance. `inner` is the step within the keyword's value or NULL. */
static bool apply_here(struct ar_schema_run *run, const struct ar_schema_site *site,
                       const struct ar_schema_keyword *keyword, const struct ar_schema_path *inner,
                       const struct ar_schema_node *node, struct ar_schema_seen *seen,
                       struct ar_schema_problems *problems)
{
    struct ar_schema_path path = keyword_step(site, keyword), last;
    struct ar_schema_site next = *site;
    next.schema_path = &path;
    if (inner) {
        last = *inner;
        last.parent = &path;
        next.schema_path = &last;
    }
    next.node = node;
    next.seen = seen;
    next.problems = problems;
    next.parent = site;
    next.depth++;
    return ar_schema_apply(run, &next);
}

/* As apply_here, for branches that may fail without harm: only then does the branch tell what it
 * evaluated. `problems` may be NULL. */
static bool try_here(struct ar_schema_run *run, const struct ar_schema_site *site,
                     const struct ar_schema_keyword *keyword, const struct ar_schema_path *inner,
                     const struct ar_schema_node *node, struct ar_schema_problems *problems)
{
    struct ar_schema_seen own;
    struct ar_mark mark = ar_arena_mark(run->scratch);
    if (site->seen && !ar_schema_seen_init(run, &own, site->instance)) {
        return false;
    }
    bool valid = apply_here(run, site, keyword, inner, node, site->seen ? &own : NULL, problems);
    if (valid && site->seen) {
        ar_schema_seen_merge(site->seen, &own);
    }
    ar_arena_rewind(run->scratch, mark);
    return valid;
}

static struct ar_schema_path item_step(size_t index)
{
    return (struct ar_schema_path){.step = AR_STEP_ITEM, .index = index};
}

static struct ar_schema_path member_step(struct arras_str name)
{
    return (struct ar_schema_path){.step = AR_STEP_MEMBER, .name = name};
}

/* Where a $dynamicRef leads: the outermost resource entered that has such an anchor (core 8.2.3.2).
 */
static const struct ar_schema_node *dynamic_target(const struct ar_schema_site *site,
                                                   const struct ar_schema_keyword *keyword)
{
    const struct ar_schema_node *target = keyword->nodes[0];
    for (const struct ar_schema_scope *scope = site->scope; keyword->name.len && scope;
         scope = scope->parent) {
        const struct ar_schema_node *found =
            ar_map_get(&scope->resource->dynamic_anchors, keyword->name);
        target = found ? found : target;
    }
    return target;
}

/* Whether the schema is being applied to this very instance already, further out. The dynamic scope
 * may have grown since, so where it matters once is not enough. */
static bool is_loop(const struct ar_schema_run *run, const struct ar_schema_site *site,
                    const struct ar_schema_node *target)
{
    unsigned found = 0, enough = run->schema->dynamic ? 2 : 1;
    for (; site && found < enough; site = site->parent) {
        found += site->node == target;
    }
    return found == enough;
}

bool ar_schema_check_ref(struct ar_schema_run *run, const struct ar_schema_site *site,
                         const struct ar_schema_keyword *keyword)
{
    const struct ar_schema_node *target = dynamic_target(site, keyword);
    if (is_loop(run, site, target)) {
        return true; /* asks for nothing that is not being checked */
    }
    return apply_here(run, site, keyword, NULL, target, site->seen, site->problems);
}

bool ar_schema_check_all_of(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword)
{
    bool valid = true;
    for (size_t i = 0; i < keyword->count && (valid || site->problems); i++) {
        struct ar_schema_path step = item_step(i);
        valid =
            apply_here(run, site, keyword, &step, keyword->nodes[i], site->seen, site->problems) &&
            valid;
    }
    return valid;
}

/* Collects what each alternative has to say, once it is known that none holds. */
static bool note_alternatives(struct ar_schema_run *run, const struct ar_schema_site *site,
                              const struct ar_schema_keyword *keyword)
{
    if (!site->problems || run->status) {
        return false;
    }
    struct ar_schema_problems *all =
        ar_new_array(run->arena, struct ar_schema_problems, keyword->count);
    if (!all) {
        run->status = ARRAS_NO_MEMORY;
        return false;
    }
    for (size_t i = 0; i < keyword->count && !run->status; i++) {
        struct ar_schema_path step = item_step(i);
        apply_here(run, site, keyword, &step, keyword->nodes[i], NULL, &all[i]);
    }
    return !run->status && ar_schema_note_alternatives(run, site, keyword, all);
}

bool ar_schema_check_any_of(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword)
{
    bool valid = false;
    /* all of them where it matters what they evaluated */
    for (size_t i = 0; i < keyword->count && (!valid || site->seen); i++) {
        struct ar_schema_path step = item_step(i);
        valid = try_here(run, site, keyword, &step, keyword->nodes[i], NULL) || valid;
    }
    return valid || note_alternatives(run, site, keyword);
}

bool ar_schema_check_one_of(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword)
{
    size_t holding = 0, first = 0;
    for (size_t i = 0; i < keyword->count; i++) {
        struct ar_schema_path step = item_step(i);
        if (!try_here(run, site, keyword, &step, keyword->nodes[i], NULL)) {
            continue;
        }
        if (holding++) {
            return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, false,
                                  "must fit exactly one of %zu alternatives, it fits numbers %zu "
                                  "and %zu",
                                  keyword->count, first + 1, i + 1);
        }
        first = i;
    }
    return holding == 1 || note_alternatives(run, site, keyword);
}

bool ar_schema_check_not(struct ar_schema_run *run, const struct ar_schema_site *site,
                         const struct ar_schema_keyword *keyword)
{
    if (!apply_here(run, site, keyword, NULL, keyword->nodes[0], NULL, NULL)) {
        return !run->status;
    }
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, true,
                          "must not fit the schema under 'not'");
}

bool ar_schema_check_if(struct ar_schema_run *run, const struct ar_schema_site *site,
                        const struct ar_schema_keyword *keyword)
{
    if (!keyword->nodes[1] && !keyword->nodes[2] && !site->seen) {
        return true;
    }
    bool holds = try_here(run, site, keyword, NULL, keyword->nodes[0], NULL);
    const struct ar_schema_node *next = keyword->nodes[holds ? 1 : 2];
    if (!next || run->status) {
        return !run->status;
    }
    struct ar_schema_path path = member_step(holds ? AR_STR("then") : AR_STR("else"));
    struct ar_schema_site there = *site;
    path.parent = site->schema_path;
    there.schema_path = &path;
    there.node = next;
    there.parent = site;
    there.depth++;
    return ar_schema_apply(run, &there);
}

bool ar_schema_check_dependent_schemas(struct ar_schema_run *run, const struct ar_schema_site *site,
                                       const struct ar_schema_keyword *keyword)
{
    const struct arras_value *schemas = keyword->value;
    bool valid = ar_schema_spend(run, schemas->count);
    for (size_t i = 0; i < schemas->count && (valid || site->problems) && !run->status; i++) {
        struct arras_str name = ar_member_name(&schemas->members[i]);
        struct ar_schema_path step = member_step(name);
        if (keyword->nodes[i] && ar_get(site->instance, name)) {
            valid = apply_here(run, site, keyword, &step, keyword->nodes[i], site->seen,
                               site->problems) &&
                    valid;
        }
    }
    return valid;
}

bool ar_schema_check_dependencies(struct ar_schema_run *run, const struct ar_schema_site *site,
                                  const struct ar_schema_keyword *keyword)
{
    bool names = ar_schema_check_dependent_required(run, site, keyword);
    return (names || site->problems) && ar_schema_check_dependent_schemas(run, site, keyword) &&
           names;
}

/* Within */

/* Applies `node` to what stands at `step` in the instance. */
static bool apply_within(struct ar_schema_run *run, const struct ar_schema_site *site,
                         const struct ar_schema_keyword *keyword,
                         const struct ar_schema_path *inner, const struct ar_schema_node *node,
                         const struct ar_schema_path *step, const struct arras_value *value)
{
    struct ar_schema_path place = *step, path = keyword_step(site, keyword), last;
    place.parent = site->instance_path;
    if (site->problems && node->value->type == ARRAS_BOOL && !node->value->boolean &&
        step->step != AR_STEP_NAME) {
        return ar_schema_spend(run, 1) && ar_schema_note_surplus(run, site, keyword, &place, value);
    }
    struct ar_schema_site next = {.node = node,
                                  .instance = value,
                                  .instance_path = &place,
                                  .schema_path = &path,
                                  .scope = site->scope,
                                  .problems = site->problems,
                                  .depth = site->depth + 1};
    if (inner) {
        last = *inner;
        last.parent = &path;
        next.schema_path = &last;
    }
    return ar_schema_apply(run, &next);
}

static bool apply_to_member(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword,
                            const struct ar_schema_path *inner, const struct ar_schema_node *node,
                            size_t index)
{
    const struct ar_member *member = &site->instance->members[index];
    struct ar_schema_path step = member_step(ar_member_name(member));
    ar_schema_seen_add(site->seen, index);
    return apply_within(run, site, keyword, inner, node, &step, &member->value);
}

static bool apply_to_item(struct ar_schema_run *run, const struct ar_schema_site *site,
                          const struct ar_schema_keyword *keyword,
                          const struct ar_schema_path *inner, const struct ar_schema_node *node,
                          size_t index)
{
    struct ar_schema_path step = item_step(index);
    ar_schema_seen_add(site->seen, index);
    return apply_within(run, site, keyword, inner, node, &step, &site->instance->items[index]);
}

/* Whether to go on to the next member or item. */
static bool goes_on(const struct ar_schema_run *run, const struct ar_schema_site *site, bool valid)
{
    return !run->status && (valid || site->problems);
}

bool ar_schema_check_properties(struct ar_schema_run *run, const struct ar_schema_site *site,
                                const struct ar_schema_keyword *keyword)
{
    bool valid = ar_schema_spend(run, site->instance->count);
    for (size_t i = 0; i < site->instance->count && goes_on(run, site, valid); i++) {
        struct arras_str name = ar_member_name(&site->instance->members[i]);
        const struct ar_member *schema = ar_get_member(keyword->value, name);
        struct ar_schema_path inner = member_step(name);
        if (schema) {
            valid = apply_to_member(run, site, keyword, &inner,
                                    keyword->nodes[schema - keyword->value->members], i) &&
                    valid;
        }
    }
    return valid;
}

bool ar_schema_check_pattern_properties(struct ar_schema_run *run,
                                        const struct ar_schema_site *site,
                                        const struct ar_schema_keyword *keyword)
{
    bool valid = ar_schema_spend(run, (uint64_t)site->instance->count * keyword->count);
    for (size_t i = 0; i < site->instance->count * keyword->count && goes_on(run, site, valid);
         i++) {
        size_t member = i / keyword->count, pattern = i % keyword->count;
        struct arras_str name = ar_member_name(&site->instance->members[member]);
        struct ar_schema_path inner =
            member_step(ar_member_name(&keyword->value->members[pattern]));
        if (ar_schema_matches(run, keyword->regexes[pattern], name)) {
            valid = apply_to_member(run, site, keyword, &inner, keyword->nodes[pattern], member) &&
                    valid;
        }
    }
    return valid && !run->status;
}

/* Whether `properties` or `patternProperties` beside it take care of the member. */
static bool is_named(struct ar_schema_run *run, const struct ar_schema_keyword *keyword,
                     struct arras_str name)
{
    if (keyword->properties && ar_get_member(keyword->properties->value, name)) {
        return true;
    }
    const struct ar_schema_keyword *patterns = keyword->patterns;
    for (size_t i = 0; patterns && i < patterns->count; i++) {
        if (ar_schema_matches(run, patterns->regexes[i], name)) {
            return true;
        }
    }
    return false;
}

bool ar_schema_check_additional_properties(struct ar_schema_run *run,
                                           const struct ar_schema_site *site,
                                           const struct ar_schema_keyword *keyword)
{
    bool valid = ar_schema_spend(run, site->instance->count);
    for (size_t i = 0; i < site->instance->count && goes_on(run, site, valid); i++) {
        if (!is_named(run, keyword, ar_member_name(&site->instance->members[i]))) {
            valid = apply_to_member(run, site, keyword, NULL, keyword->nodes[0], i) && valid;
        }
    }
    return valid && !run->status;
}

bool ar_schema_check_property_names(struct ar_schema_run *run, const struct ar_schema_site *site,
                                    const struct ar_schema_keyword *keyword)
{
    bool valid = true;
    for (size_t i = 0; i < site->instance->count && goes_on(run, site, valid); i++) {
        struct arras_str text = ar_member_name(&site->instance->members[i]);
        struct arras_value name = ar_string(text);
        struct ar_schema_path step = {.step = AR_STEP_NAME, .name = text};
        const struct arras_value *kept = &name;
        if (site->problems && !(kept = ar_value_new(run->arena, name))) {
            run->status = ARRAS_NO_MEMORY; /* errors point at it */
            return false;
        }
        valid = apply_within(run, site, keyword, NULL, keyword->nodes[0], &step, kept) && valid;
    }
    return valid;
}

bool ar_schema_check_prefix_items(struct ar_schema_run *run, const struct ar_schema_site *site,
                                  const struct ar_schema_keyword *keyword)
{
    bool valid = true;
    size_t count = site->instance->count < keyword->count ? site->instance->count : keyword->count;
    for (size_t i = 0; i < count && goes_on(run, site, valid); i++) {
        struct ar_schema_path inner = item_step(i);
        valid = apply_to_item(run, site, keyword, &inner, keyword->nodes[i], i) && valid;
    }
    return valid;
}

bool ar_schema_check_items(struct ar_schema_run *run, const struct ar_schema_site *site,
                           const struct ar_schema_keyword *keyword)
{
    bool valid = true;
    for (size_t i = keyword->least; i < site->instance->count && goes_on(run, site, valid); i++) {
        valid = apply_to_item(run, site, keyword, NULL, keyword->nodes[0], i) && valid;
    }
    return valid;
}

bool ar_schema_check_contains(struct ar_schema_run *run, const struct ar_schema_site *site,
                              const struct ar_schema_keyword *keyword)
{
    struct ar_schema_site quiet = *site;
    uint64_t found = 0;
    quiet.problems = NULL;
    for (size_t i = 0; i < site->instance->count && !run->status; i++) {
        struct ar_schema_path step = item_step(i);
        if (apply_within(run, &quiet, keyword, NULL, keyword->nodes[0], &step,
                         &site->instance->items[i])) {
            found++;
            ar_schema_seen_add(site->seen, i);
        }
    }
    if (run->status || (found >= keyword->least && found <= keyword->most)) {
        return !run->status;
    }
    bool few = found < keyword->least;
    uint64_t bound = few ? keyword->least : keyword->most;
    return ar_schema_note(run, site, keyword, AR_RANK_PLAIN, false,
                          "must have %s %llu item%s that fit%s 'contains', it has %llu",
                          few ? "at least" : "at most", (unsigned long long)bound,
                          bound == 1 ? "" : "s", bound == 1 ? "s" : "", (unsigned long long)found);
}

bool ar_schema_check_unevaluated_items(struct ar_schema_run *run, const struct ar_schema_site *site,
                                       const struct ar_schema_keyword *keyword)
{
    bool valid = true;
    for (size_t i = 0; i < site->instance->count && goes_on(run, site, valid); i++) {
        if (!ar_schema_seen_has(site->seen, i)) {
            valid = apply_to_item(run, site, keyword, NULL, keyword->nodes[0], i) && valid;
        }
    }
    return valid;
}

bool ar_schema_check_unevaluated_properties(struct ar_schema_run *run,
                                            const struct ar_schema_site *site,
                                            const struct ar_schema_keyword *keyword)
{
    bool valid = true;
    for (size_t i = 0; i < site->instance->count && goes_on(run, site, valid); i++) {
        if (!ar_schema_seen_has(site->seen, i)) {
            valid = apply_to_member(run, site, keyword, NULL, keyword->nodes[0], i) && valid;
        }
    }
    return valid;
}
