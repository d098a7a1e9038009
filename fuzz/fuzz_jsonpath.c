/* Up to the first NUL byte stands the expression, behind it the JSON it is asked of. The
 * normalized path of each node found must lead to that node again. */
#include "query/jsonpath.h"
#include "value/json.h"
#include "two_texts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void follow(const struct ar_node *node, const struct arras_value *root,
                   struct ar_arena *arena)
{
    struct ar_buf buf;
    struct ar_jsonpath *path;
    struct ar_nodes nodes;
    ar_buf_init(&buf, 1 << 20);
    ar_node_path(node, &buf);
    if (ar_jsonpath_compile(ar_buf_str(&buf), arena, NULL, &path) ||
        !ar_jsonpath_is_singular(path) ||
        ar_jsonpath_eval(path, root, false, arena, NULL, &nodes) || nodes.list.count != 1 ||
        nodes.list.items[0].value != node->value) {
        abort();
    }
    ar_jsonpath_release(path);
    ar_buf_release(&buf);
}

static void evaluate(const struct ar_jsonpath *path, struct arras_str json, struct ar_arena *arena)
{
    struct ar_source source = {AR_STR("fuzz"), json};
    struct arras_value root;
    struct ar_nodes nodes, again;
    bool holds;
    if (ar_json_read(&source, arena, NULL, &root) ||
        ar_jsonpath_eval(path, &root, true, arena, NULL, &nodes)) {
        return;
    }
    for (size_t i = 0; i < nodes.list.count && i < 20; i++) {
        follow(&nodes.list.items[i], &root, arena);
    }
    if (ar_jsonpath_eval(path, &root, false, arena, NULL, &again) ||
        again.list.count != nodes.list.count ||
        (ar_jsonpath_is_singular(path) && nodes.list.count > 1)) {
        abort();
    }
    if (ar_jsonpath_filter_root(path, &root, NULL, &holds)) {
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct two_texts input = split(data, size, "");
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    struct ar_jsonpath *path;
    enum arras_status status = ar_jsonpath_compile(input.first, &arena, &diags, &path);
    if ((status != ARRAS_OK) != (diags.errors == 1)) {
        abort();
    }
    if (!status) {
        evaluate(path, input.second, &arena);
        ar_jsonpath_release(path);
    }
    ar_arena_release(&arena);
    return 0;
}
