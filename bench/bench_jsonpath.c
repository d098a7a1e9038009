/* What a JSONPath filter costs: 10,000 evaluations over 1,000 objects, against a hand-written loop
 * that looks up the same members of the same values and compares them in the same way. Prints the
 * time of each node for both, their ratio, and how often memory was asked for. */
#include "query/jsonpath.h"
#include "base/clock.h"
#include "value/json.h"
#include "value/number.h"
#include <stdio.h>

enum { EVALUATIONS = 10000, OBJECTS = 1000 };

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static size_t allocations;

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    allocations++;
    return __real_realloc(memory, size);
}

static bool make_objects(struct ar_arena *arena, struct arras_value *ret)
{
    struct ar_buf buf;
    struct ar_source source = {AR_STR("objects"), {0}};
    ar_buf_init(&buf, 1 << 20);
    ar_buf_add_z(&buf, "[");
    for (int i = 0; i < OBJECTS; i++) {
        ar_buf_printf(&buf, "%s{\"id\": %d, \"name\": \"pet %d\", \"price\": %d.50, \"sold\": %s}",
                      i ? "," : "", i, i, i % 100, i % 2 ? "true" : "false");
    }
    ar_buf_add_z(&buf, "]");
    bool made = !ar_buf_copy(&buf, arena, &source.text) && !ar_json_read(&source, arena, NULL, ret);
    ar_buf_release(&buf);
    return made;
}

/* The floor: what `$[?@.id == 990 || (@.sold == true && @.name == 'pet 7')]` has to do at least. */
static size_t count_by_hand(const struct arras_value *objects)
{
    size_t found = 0;
    for (size_t i = 0; i < objects->count; i++) {
        const struct arras_value *object = &objects->items[i];
        const struct arras_value *id = ar_get(object, AR_STR("id"));
        const struct arras_value *sold = ar_get(object, AR_STR("sold"));
        bool hit = ar_is(id, ARRAS_NUMBER) && ar_number_compare(ar_text(id), AR_STR("990")) == 0;
        if (!hit && ar_is(sold, ARRAS_BOOL) && sold->boolean) {
            const struct arras_value *name = ar_get(object, AR_STR("name"));
            hit = ar_is(name, ARRAS_STRING) && ar_str_is(ar_text(name), "pet 7");
        }
        found += hit;
    }
    return found;
}

static int64_t measure_floor(const struct arras_value *objects, size_t *found)
{
    const struct ar_clock *clock = ar_clock_system();
    int64_t start = ar_clock_now(clock);
    for (int i = 0; i < EVALUATIONS; i++) {
        *found += count_by_hand(objects);
    }
    return ar_clock_now(clock) - start;
}

static int64_t measure_query(const struct ar_jsonpath *path, const struct arras_value *objects,
                             struct ar_arena *arena, size_t *found)
{
    const struct ar_clock *clock = ar_clock_system();
    int64_t start = ar_clock_now(clock);
    for (int i = 0; i < EVALUATIONS; i++) {
        struct ar_mark mark = ar_arena_mark(arena);
        struct ar_nodes nodes;
        if (ar_jsonpath_eval(path, objects, false, arena, NULL, &nodes)) {
            return -1;
        }
        *found += nodes.list.count;
        ar_arena_rewind(arena, mark);
    }
    return ar_clock_now(clock) - start;
}

int main(void)
{
    struct ar_arena arena;
    struct arras_value objects;
    struct ar_jsonpath *path;
    size_t by_hand = 0, by_query = 0;
    ar_arena_init(&arena, 0);
    if (!make_objects(&arena, &objects) ||
        ar_jsonpath_compile(AR_STR("$[?@.id == 990 || (@.sold == true && @.name == 'pet 7')]"),
                            &arena, NULL, &path)) {
        return 1;
    }
    int64_t floor_time = measure_floor(&objects, &by_hand);
    size_t before = allocations;
    int64_t time = measure_query(path, &objects, &arena, &by_query);
    if (time < 0 || by_hand != by_query) {
        return 1;
    }
    double nodes = (double)EVALUATIONS * OBJECTS;
    printf("%d evaluations of a filter over %d objects\n", EVALUATIONS, OBJECTS);
    printf("by hand     %8.1f ns a node\n", (double)floor_time / nodes);
    printf("by JSONPath %8.1f ns a node, %.2f times that\n", (double)time / nodes,
           (double)time / (double)floor_time);
    printf("allocations %8zu\n", allocations - before);
    ar_jsonpath_release(path);
    ar_arena_release(&arena);
    return 0;
}
