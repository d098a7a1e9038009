/* Up to the first NUL byte stands the condition, behind it the JSON that it is asked of. `$inputs`
 * is a root of runtime expressions; its value is the JSON, or nothing by the length of the text. */
#include "query/condition.h"
#include "value/json.h"
#include "two_texts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_root(void *context, struct arras_str name)
{
    (void)context;
    return ar_str_is(name, "inputs");
}

static enum arras_status resolve(void *context, struct arras_str expression,
                                 const struct arras_value **ret)
{
    if (!ar_str_starts(expression, "$inputs")) {
        abort();
    }
    *ret = expression.len % 2 ? context : NULL;
    return ARRAS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct two_texts input = split(data, size, "");
    struct ar_arena arena;
    struct ar_diags diags;
    struct arras_value root = ar_null();
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    struct ar_source source = {AR_STR("fuzz"), input.second};
    bool readable = ar_json_read(&source, &arena, NULL, &root) == ARRAS_OK;
    struct ar_condition_names names = {is_root, resolve, &root};
    struct ar_condition *condition;
    enum arras_status status =
        ar_condition_compile(input.first, &names, &arena, &diags, &condition);
    if ((status != ARRAS_OK) != (diags.errors == 1)) {
        abort();
    }
    if (!status) {
        bool first = false, second = false;
        enum arras_status once =
            ar_condition_eval(condition, readable ? &root : NULL, &names, &arena, NULL, &first);
        if (once != ar_condition_eval(condition, readable ? &root : NULL, &names, &arena, NULL,
                                      &second) ||
            first != second) {
            abort();
        }
        ar_condition_release(condition);
    }
    ar_arena_release(&arena);
    return 0;
}
