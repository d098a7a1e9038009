/* The first byte chooses dialect and flags; up to the next NUL byte stands the pattern, behind it
 * the subject. */
#include "query/regex.h"
#include "two_texts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct two_texts input = split(data + 1, size - 1, "");
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    struct ar_regex *regex;
    enum arras_status status =
        ar_regex_new(input.first, data[0] & 1 ? AR_REGEX_IREGEXP : AR_REGEX_ECMA,
                     (data[0] >> 1) & 3, &diags, &regex);
    /* an error is told, and only an error */
    if ((status != ARRAS_OK) != (diags.errors > 0)) {
        abort();
    }
    if (!status) {
        bool first = false, second = false;
        enum arras_status once = ar_regex_match(regex, input.second, &first);
        if (once != ar_regex_match(regex, input.second, &second) || first != second) {
            abort();
        }
        ar_regex_free(regex);
    }
    ar_arena_release(&arena);
    return 0;
}
