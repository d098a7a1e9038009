/* Up to the first NUL byte stands an XPath expression, behind it XML. */
#include "query/xpath.h"
#include "two_texts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was replaced can be replaced again: it is XML still. */
static void replace_twice(struct arras_str expression, struct arras_str xml, struct ar_arena *arena)
{
    struct arras_str once, twice;
    bool found;
    struct arras_str text = AR_STR("<a & b>");
    if (ar_xpath_replace(expression, xml, text, arena, NULL, &once, &found) == ARRAS_OK && found &&
        ar_xpath_replace(AR_STR("/*"), once, text, arena, NULL, &twice, &found) != ARRAS_OK) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct two_texts input = split(data, size, "<a/>");
    struct ar_arena arena;
    struct ar_diags diags;
    struct arras_value value;
    bool truth;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    if (ar_xpath_check(input.first, &arena, NULL) == ARRAS_NO_MEMORY) {
        abort();
    }
    enum arras_status status =
        ar_xpath_eval(input.first, input.second, &arena, &diags, &value, &truth);
    /* an error is told, and only an error */
    if ((status != ARRAS_OK) != (diags.errors > 0)) {
        abort();
    }
    replace_twice(input.first, input.second, &arena);
    ar_arena_release(&arena);
    return 0;
}
