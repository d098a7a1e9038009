/* Running a query: depth first through its segments, so that nothing is kept on the way but the
 * nodes asked for. The order is that of the nodelists of RFC 9535 section 2.1.2: what a segment
 * makes of each node in turn, joined. */
#include "base/limits.h"
#include "query/jsonpath_ast.h"

enum { FRAMES_MOST = 4 * AR_NESTING_DEPTH, BYTES_A_STEP = 256 };

/* Where the walk stands; lives on the stack. */
struct trail {
    const struct trail *parent;
    const struct arras_value *value;
    struct arras_str name;
    size_t index;
    bool by_name;
    const struct ar_node **kept; /* its node, once something below it was kept */
};

/* One query on its way. */
struct walk {
    struct ar_jp_eval *eval;
    const struct ar_jp_query *query;
    size_t count, most; /* nodes found, and where to stop */
    const struct arras_value *first;
    struct ar_nodes *nodes; /* NULL: count only */
    struct ar_arena *arena;
    bool paths;
};

static bool visit(struct walk *walk, size_t segment, const struct trail *here);

bool ar_jp_step(struct ar_jp_eval *eval, size_t bytes)
{
    eval->steps += 1 + bytes / BYTES_A_STEP;
    if (eval->steps > AR_QUERY_STEPS && !eval->status) {
        eval->status = ARRAS_LIMIT;
    }
    return !eval->status;
}

/* The trail's node in the arena, with all that lead to it; NULL when memory ran out. */
static const struct ar_node *keep(struct walk *walk, const struct trail *trail)
{
    const struct ar_node *lowest = NULL;
    const struct ar_node **link = &lowest;
    for (; trail; trail = trail->parent) {
        if (*trail->kept) {
            *link = *trail->kept;
            break;
        }
        struct ar_node *node = ar_new(walk->arena, struct ar_node);
        if (!node) {
            return NULL;
        }
        *node = (struct ar_node){.value = trail->value,
                                 .name = trail->name,
                                 .index = trail->index,
                                 .by_name = trail->by_name};
        *trail->kept = node;
        *link = node;
        link = &node->parent;
    }
    return lowest;
}

static bool stop(struct walk *walk, enum arras_status status)
{
    walk->eval->status = status;
    return false;
}

/* False: the walk ends. */
static bool found(struct walk *walk, const struct trail *here)
{
    if (walk->count++ == 0) {
        walk->first = here->value;
    }
    if (walk->nodes) {
        struct ar_node node = {.value = here->value,
                               .name = here->name,
                               .index = here->index,
                               .by_name = here->by_name};
        if (walk->count > AR_QUERY_NODES) {
            return stop(walk, ARRAS_LIMIT);
        }
        if (walk->paths && here->parent && !(node.parent = keep(walk, here->parent))) {
            return stop(walk, ARRAS_NO_MEMORY);
        }
        if (!ar_vec_push(walk->arena, &walk->nodes->list, node)) {
            return stop(walk, ARRAS_NO_MEMORY);
        }
    }
    return walk->count < walk->most;
}

static bool visit_member(struct walk *walk, size_t segment, const struct trail *here,
                         const struct ar_member *member)
{
    const struct ar_node *kept = NULL;
    struct trail child = {.parent = here,
                          .value = &member->value,
                          .name = ar_member_name(member),
                          .by_name = true,
                          .kept = &kept};
    return visit(walk, segment, &child);
}

static bool visit_item(struct walk *walk, size_t segment, const struct trail *here, size_t index)
{
    const struct ar_node *kept = NULL;
    struct trail child = {
        .parent = here, .value = &here->value->items[index], .index = index, .kept = &kept};
    return visit(walk, segment, &child);
}

/* Each child, or each for which the filter holds. */
static bool visit_children(struct walk *walk, size_t segment, const struct trail *here,
                           const struct ar_jp_expr *filter)
{
    const struct arras_value *value = here->value;
    bool object = value->type == ARRAS_OBJECT;
    size_t count = object || value->type == ARRAS_ARRAY ? value->count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct arras_value *child = object ? &value->members[i].value : &value->items[i];
        if (filter) {
            if (!ar_jp_step(walk->eval, 0)) {
                return false;
            }
            bool holds = ar_jp_holds(walk->eval, filter, child);
            if (walk->eval->status) {
                return false;
            }
            if (!holds) {
                continue;
            }
        }
        if (!(object ? visit_member(walk, segment, here, &value->members[i])
                     : visit_item(walk, segment, here, i))) {
            return false;
        }
    }
    return true;
}

static int64_t clamp(int64_t number, int64_t least, int64_t most)
{
    return number < least ? least : number > most ? most : number;
}

/* RFC 9535 section 2.3.4.2.2 */
static bool visit_slice(struct walk *walk, size_t segment, const struct trail *here,
                        const struct ar_jp_selector *slice)
{
    if (here->value->type != ARRAS_ARRAY || slice->step == 0) {
        return true;
    }
    int64_t len = here->value->count, step = slice->step;
    int64_t start = slice->has_start ? slice->start : step > 0 ? 0 : len - 1;
    int64_t end = slice->has_end ? slice->end : step > 0 ? len : -len - 1;
    start = start >= 0 ? start : len + start;
    end = end >= 0 ? end : len + end;
    int64_t least = step > 0 ? 0 : -1, most = step > 0 ? len : len - 1;
    start = clamp(start, least, most);
    end = clamp(end, least, most);
    for (int64_t i = start; step > 0 ? i < end : i > end; i += step) {
        if (!visit_item(walk, segment, here, (size_t)i)) {
            return false;
        }
    }
    return true;
}

/* AR_NOT_FOUND: past either end, or not an array. */
static size_t find_index(const struct arras_value *value, int64_t index)
{
    if (value->type != ARRAS_ARRAY) {
        return AR_NOT_FOUND;
    }
    int64_t at = index < 0 ? index + (int64_t)value->count : index;
    return at >= 0 && at < (int64_t)value->count ? (size_t)at : AR_NOT_FOUND;
}

static bool visit_selector(struct walk *walk, size_t segment, const struct trail *here,
                           const struct ar_jp_selector *selector)
{
    switch (selector->kind) {
    case AR_JP_NAME: {
        const struct ar_member *member = ar_get_member(here->value, selector->name);
        return !member || visit_member(walk, segment, here, member);
    }
    case AR_JP_INDEX: {
        size_t index = find_index(here->value, selector->start);
        return index == AR_NOT_FOUND || visit_item(walk, segment, here, index);
    }
    case AR_JP_SLICE:
        return visit_slice(walk, segment, here, selector);
    default: /* a wildcard has no filter */
        return visit_children(walk, segment, here, selector->filter);
    }
}

/* What the segments from this one on make of a node; false: the walk ends. */
static bool visit_segment(struct walk *walk, size_t number, const struct trail *here)
{
    const struct ar_jp_segment *segment = &walk->query->segments.items[number];
    for (size_t i = 0; i < segment->selectors.count; i++) {
        if (!visit_selector(walk, number + 1, here, &segment->selectors.items[i])) {
            return false;
        }
    }
    return !segment->descendant || visit_children(walk, number, here, NULL);
}

static bool visit(struct walk *walk, size_t segment, const struct trail *here)
{
    struct ar_jp_eval *eval = walk->eval;
    if (!ar_jp_step(eval, 0)) {
        return false;
    }
    if (segment == walk->query->segments.count) {
        return found(walk, here);
    }
    if (eval->depth >= FRAMES_MOST) {
        return stop(walk, ARRAS_LIMIT);
    }
    eval->depth++;
    bool more = visit_segment(walk, segment, here);
    eval->depth--;
    return more;
}

static void run(struct walk *walk, const struct arras_value *current)
{
    const struct ar_node *kept = NULL;
    struct trail start = {.value = walk->query->relative ? current : walk->eval->root,
                          .kept = &kept};
    if (start.value) {
        visit(walk, 0, &start);
    }
}

const struct arras_value *ar_jp_single(struct ar_jp_eval *eval, const struct ar_jp_query *query,
                                       const struct arras_value *current)
{
    const struct arras_value *value = query->relative ? current : eval->root;
    for (size_t i = 0; value && i < query->segments.count; i++) {
        const struct ar_jp_selector *selector = query->segments.items[i].selectors.items;
        if (!ar_jp_step(eval, 0)) {
            return NULL;
        }
        if (selector->kind == AR_JP_NAME) {
            value = ar_get(value, selector->name);
        } else {
            size_t index = find_index(value, selector->start);
            value = index == AR_NOT_FOUND ? NULL : &value->items[index];
        }
    }
    return value;
}

size_t ar_jp_count(struct ar_jp_eval *eval, const struct ar_jp_query *query,
                   const struct arras_value *current, size_t most,
                   const struct arras_value **ret_first)
{
    if (query->singular) {
        *ret_first = ar_jp_single(eval, query, current);
        return *ret_first != NULL;
    }
    struct walk walk = {.eval = eval, .query = query, .most = most};
    run(&walk, current);
    *ret_first = walk.first;
    return walk.count;
}

void ar_jp_collect(struct ar_jp_eval *eval, const struct ar_jp_query *query, bool paths,
                   struct ar_arena *arena, struct ar_nodes *nodes)
{
    struct walk walk = {.eval = eval,
                        .query = query,
                        .most = SIZE_MAX,
                        .nodes = nodes,
                        .arena = arena,
                        .paths = paths};
    run(&walk, eval->root);
    nodes->steps = eval->steps;
}

void ar_jp_eval_release(struct ar_jp_eval *eval)
{
    ar_regex_free(eval->regex);
    eval->regex = NULL;
}

enum arras_status ar_jp_eval_status(const struct ar_jp_eval *eval, struct ar_diags *diags)
{
    if (eval->status == ARRAS_NO_MEMORY) {
        return ar_no_memory(diags);
    }
    if (eval->status) {
        return ar_error(diags, eval->status, "jsonpath", NULL, 0,
                        "the query needs more work, depth or nodes than the limits allow");
    }
    return ARRAS_OK;
}
