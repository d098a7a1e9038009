/* Filling in defaults. JSON Schema validation 2020-12 section 9.2 leaves it to the application:
 * here `default` of a property is taken where the member is absent. */
#include "query/schema_node.h"
#include "base/limits.h"

/* Defaults being filled in, so that a schema whose default needs itself comes to an end. */
struct chain {
    const struct chain *outer;
    const struct ar_schema_node *node;
};

struct filling {
    struct ar_arena *arena;
    size_t made;  /* against AR_SCHEMA_DEFAULTS */
    size_t steps; /* against AR_SCHEMA_STEPS */
};

static enum arras_status fill(struct filling *filling, const struct ar_schema_node *node,
                              const struct chain *chain, unsigned depth, struct arras_value *value);

/* The schema's default, or that of what it refers to or is made of. */
static const struct arras_value *find_default(struct filling *filling,
                                              const struct ar_schema_node *node, unsigned depth)
{
    const struct arras_value *found = ar_get_z(node->value, "default");
    if (filling->steps++ > AR_SCHEMA_STEPS) {
        return NULL;
    }
    for (size_t i = 0; i < node->count && !found && depth < AR_REF_CHAIN; i++) {
        const struct ar_schema_keyword *keyword = &node->keywords[i];
        bool follows = keyword->id == AR_KEYWORD_REF || keyword->id == AR_KEYWORD_ALL_OF;
        for (size_t j = 0; follows && j < keyword->count && !found; j++) {
            found = find_default(filling, keyword->nodes[j], depth + 1);
        }
    }
    return found;
}

static bool is_being_filled(const struct chain *chain, const struct ar_schema_node *node)
{
    for (; chain && chain->node != node; chain = chain->outer) {
    }
    return chain;
}

/* Takes the members over into a builder on the first change. */
static bool begin(struct ar_object *object, struct ar_arena *arena, const struct arras_value *value)
{
    if (object->arena) {
        return true;
    }
    ar_object_init(object, arena);
    for (size_t i = 0; i < value->count; i++) {
        bool duplicate;
        const struct ar_member *member = &value->members[i];
        if (!ar_object_add(object, ar_member_name(member), member->at, member->value, &duplicate)) {
            return false;
        }
    }
    return true;
}

static bool is_same(const struct arras_value *a, const struct arras_value *b)
{
    return a->type == b->type && a->count == b->count && a->text == b->text;
}

static enum arras_status fill_member(struct filling *filling, const struct ar_schema_node *node,
                                     struct arras_str name, const struct chain *chain,
                                     unsigned depth, const struct arras_value *value,
                                     struct ar_object *object)
{
    const struct arras_value *present = ar_get(value, name);
    const struct arras_value *base = present ? present : find_default(filling, node, 0);
    struct chain inner = {chain, node};
    if (!base || (!present && is_being_filled(chain, node))) {
        return ARRAS_OK;
    }
    if (!present && filling->made++ == AR_SCHEMA_DEFAULTS) {
        return ARRAS_LIMIT;
    }
    struct arras_value filled = *base;
    enum arras_status status = fill(filling, node, present ? chain : &inner, depth + 1, &filled);
    if (status || (present && is_same(&filled, present))) {
        return status;
    }
    return begin(object, filling->arena, value) && ar_object_set(object, name, filled)
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

static enum arras_status fill_members(struct filling *filling,
                                      const struct ar_schema_keyword *keyword,
                                      const struct chain *chain, unsigned depth,
                                      struct arras_value *value)
{
    struct ar_object object = {0};
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < keyword->count && !status; i++) {
        status =
            fill_member(filling, keyword->nodes[i], ar_member_name(&keyword->value->members[i]),
                        chain, depth, value, &object);
    }
    if (status || !object.arena) {
        return status;
    }
    uint32_t at = value->at;
    if (!ar_object_value(&object, value)) {
        return ARRAS_NO_MEMORY;
    }
    value->at = at;
    return ARRAS_OK;
}

static enum arras_status fill_items(struct filling *filling,
                                    const struct ar_schema_keyword *keyword,
                                    const struct chain *chain, unsigned depth,
                                    struct arras_value *value)
{
    bool prefix = keyword->id == AR_KEYWORD_PREFIX_ITEMS;
    size_t first = prefix ? 0 : keyword->least;
    size_t end = prefix && keyword->count < value->count ? keyword->count : value->count;
    struct arras_value *items = NULL;
    for (size_t i = first; i < end; i++) {
        struct arras_value item = value->items[i];
        enum arras_status status =
            fill(filling, keyword->nodes[prefix ? i : 0], chain, depth + 1, &item);
        if (status) {
            return status;
        }
        if (is_same(&item, &value->items[i])) {
            continue;
        }
        if (!items) {
            items = ar_new_array(filling->arena, struct arras_value, value->count);
            if (!items) {
                return ARRAS_NO_MEMORY;
            }
            memcpy(items, value->items, value->count * sizeof(*items));
            value->items = items;
        }
        items[i] = item;
    }
    return ARRAS_OK;
}

/* Replaces *value by itself with defaults. */
static enum arras_status fill(struct filling *filling, const struct ar_schema_node *node,
                              const struct chain *chain, unsigned depth, struct arras_value *value)
{
    enum arras_status status = ARRAS_OK;
    if (depth > AR_SCHEMA_DEPTH || filling->steps++ > AR_SCHEMA_STEPS) {
        return ARRAS_LIMIT;
    }
    for (size_t i = 0; i < node->count && !status; i++) {
        const struct ar_schema_keyword *keyword = &node->keywords[i];
        bool object = value->type == ARRAS_OBJECT, array = value->type == ARRAS_ARRAY;
        if (keyword->id == AR_KEYWORD_REF || keyword->id == AR_KEYWORD_ALL_OF) {
            for (size_t j = 0; j < keyword->count && !status; j++) {
                status = fill(filling, keyword->nodes[j], chain, depth + 1, value);
            }
        } else if (object && keyword->id == AR_KEYWORD_PROPERTIES) {
            status = fill_members(filling, keyword, chain, depth, value);
        } else if (array &&
                   (keyword->id == AR_KEYWORD_PREFIX_ITEMS || keyword->id == AR_KEYWORD_ITEMS)) {
            status = fill_items(filling, keyword, chain, depth, value);
        }
    }
    return status;
}

enum arras_status ar_schema_fill_defaults(const struct ar_schema *schema,
                                          const struct arras_value *instance,
                                          struct ar_arena *arena, struct arras_value *ret)
{
    struct filling filling = {.arena = arena};
    struct arras_value value = *instance;
    enum arras_status status = fill(&filling, schema->root, NULL, 0, &value);
    if (!status) {
        *ret = value;
    }
    return status;
}
