/* Validating: applying compiled schemas to an instance. */
#include "query/schema_run.h"
#include "base/limits.h"

typedef bool check_function(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword);

static check_function *const checks[AR_KEYWORD_COUNT] = {
#define CHECK(id, function, name, vocabulary, types) [AR_KEYWORD_##id] = ar_schema_check_##function,
    AR_SCHEMA_KEYWORDS(CHECK)
#undef CHECK
};

bool ar_schema_spend(struct ar_schema_run *run, uint64_t steps)
{
    run->steps += steps;
    if (run->steps > AR_SCHEMA_STEPS && !run->status) {
        run->status = ARRAS_LIMIT;
    }
    return !run->status;
}

/* Evaluated members and items */

bool ar_schema_seen_init(struct ar_schema_run *run, struct ar_schema_seen *seen,
                         const struct arras_value *instance)
{
    bool counted = instance->type == ARRAS_OBJECT || instance->type == ARRAS_ARRAY;
    *seen = (struct ar_schema_seen){.count = counted ? instance->count : 0};
    if (seen->count <= 64) {
        return true;
    }
    seen->many = ar_new_array(run->scratch, uint64_t, (seen->count + 63) / 64);
    if (!seen->many) {
        run->status = ARRAS_NO_MEMORY;
    }
    return seen->many;
}

void ar_schema_seen_add(struct ar_schema_seen *seen, size_t index)
{
    if (seen) {
        uint64_t *words = seen->many ? seen->many : &seen->few;
        words[index / 64] |= UINT64_C(1) << (index % 64);
    }
}

bool ar_schema_seen_has(const struct ar_schema_seen *seen, size_t index)
{
    if (!seen) {
        return false;
    }
    const uint64_t *words = seen->many ? seen->many : &seen->few;
    return words[index / 64] >> (index % 64) & 1;
}

void ar_schema_seen_merge(struct ar_schema_seen *into, const struct ar_schema_seen *from)
{
    if (!into) {
        return;
    }
    into->few |= from->few;
    for (size_t i = 0; into->many && i < (into->count + 63) / 64; i++) {
        into->many[i] |= from->many[i];
    }
}

/* Applying */

static bool check_keywords(struct ar_schema_run *run, const struct ar_schema_site *site)
{
    const struct ar_schema_node *node = site->node;
    unsigned type = AR_BIT(site->instance->type);
    bool valid = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct ar_schema_keyword *keyword = &node->keywords[i];
        bool last = keyword->id == AR_KEYWORD_UNEVALUATED_ITEMS ||
                    keyword->id == AR_KEYWORD_UNEVALUATED_PROPERTIES;
        if (!(ar_schema_rules[keyword->id].types & type) || (last && !valid)) {
            continue; /* what failed has evaluated nothing, and has told why */
        }
        if (!checks[keyword->id](run, site, keyword)) {
            valid = false;
        }
        if (run->status || (!valid && !site->problems)) {
            return false;
        }
    }
    return valid;
}

/* Keywords with what unevaluated... needs: what this schema evaluated is not what its cousins did.
 */
static bool check_separately(struct ar_schema_run *run, struct ar_schema_site *site)
{
    struct ar_schema_seen own, *outer = site->seen;
    struct ar_mark mark = ar_arena_mark(run->scratch);
    site->seen = &own;
    bool valid = ar_schema_seen_init(run, &own, site->instance) && check_keywords(run, site);
    if (valid) {
        ar_schema_seen_merge(outer, &own);
    }
    ar_arena_rewind(run->scratch, mark);
    return valid;
}

bool ar_schema_apply(struct ar_schema_run *run, const struct ar_schema_site *site)
{
    const struct ar_schema_node *node = site->node;
    if (site->depth > AR_SCHEMA_DEPTH && !run->status) {
        run->status = ARRAS_LIMIT;
    }
    if (!ar_schema_spend(run, 1)) {
        return false;
    }
    if (node->value->type == ARRAS_BOOL) {
        return node->value->boolean ||
               ar_schema_note(run, site, NULL, AR_RANK_SURPLUS, true, "is not allowed");
    }
    if (node->nullable && site->instance->type == ARRAS_NULL) {
        return true;
    }
    struct ar_schema_site here = *site;
    struct ar_schema_scope scope = {site->scope, node->resource};
    if (!site->scope || site->scope->resource != node->resource) {
        here.scope = &scope;
    }
    return node->unevaluated ? check_separately(run, &here) : check_keywords(run, &here);
}

static enum arras_status complain(struct ar_diags *diags, const struct ar_schema_run *run)
{
    if (run->status == ARRAS_NO_MEMORY) {
        return ar_no_memory(diags);
    }
    if (run->steps > AR_SCHEMA_STEPS) {
        return ar_error(diags, ARRAS_LIMIT, "schema-steps", NULL, 0,
                        "validating took more than %d steps", AR_SCHEMA_STEPS);
    }
    return ar_error(diags, run->status, "schema-depth", NULL, 0,
                    "schemas apply more than %d deep, or a pattern is too hard to match",
                    AR_SCHEMA_DEPTH);
}

enum arras_status ar_schema_validate(const struct ar_schema *schema,
                                     const struct arras_value *instance, struct ar_arena *arena,
                                     struct ar_diags *diags, struct ar_schema_result *ret)
{
    struct ar_arena scratch;
    ar_arena_init(&scratch, 0);
    struct ar_schema_run run = {.schema = schema, .arena = arena, .scratch = &scratch};
    struct ar_schema_site site = {.node = schema->root, .instance = instance};
    struct ar_schema_result result = {.valid = ar_schema_apply(&run, &site)};
    if (!result.valid && !run.status) {
        struct ar_schema_problems problems = {0};
        run.steps = 0;
        site = (struct ar_schema_site){
            .node = schema->root, .instance = instance, .problems = &problems};
        ar_schema_apply(&run, &site);
        if (problems.list.count == 0) {
            run.made = 0; /* all words were spent on alternatives */
            ar_schema_note(&run, &site, NULL, AR_RANK_SUMMARY, false, "does not fit the schema");
        }
        run.status = run.status ? run.status : ar_schema_report(&run, &problems, &result);
    }
    ar_arena_release(&scratch);
    if (run.status) {
        return complain(diags, &run);
    }
    *ret = result;
    return ARRAS_OK;
}
