/* The first byte chooses dialect and flags; up to the next NUL byte stands the pattern, behind it
 * the subject. */
#include "query/regex.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const char *text = (const char *)data + 1;
    const char *nul = memchr(text, '\0', size - 1);
    size_t len = nul ? (size_t)(nul - text) : size - 1;
    struct arras_str pattern = {text, len};
    struct arras_str subject = {nul ? nul + 1 : "", nul ? size - len - 2 : 0};
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    struct ar_regex *regex;
    enum arras_status status = ar_regex_new(pattern, data[0] & 1 ? AR_REGEX_IREGEXP : AR_REGEX_ECMA,
                                            (data[0] >> 1) & 3, &diags, &regex);
    /* an error is told, and only an error */
    if ((status != ARRAS_OK) != (diags.errors > 0)) {
        abort();
    }
    if (!status) {
        bool first = false, second = false;
        enum arras_status once = ar_regex_match(regex, subject, &first);
        if (once != ar_regex_match(regex, subject, &second) || first != second) {
            abort();
        }
        ar_regex_free(regex);
    }
    ar_arena_release(&arena);
    return 0;
}
