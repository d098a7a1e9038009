/* The text that libfyaml is given: checked for what it would read wrongly, and mended where it
 * refuses what YAML allows. */
#ifndef AR_VALUE_YAML_TEXT_H
#define AR_VALUE_YAML_TEXT_H

#include "base/diag.h"
#include "base/limits.h"

struct ar_yaml_text {
    struct arras_str text;       /* of the source, or a mended copy of it */
    size_t added[AR_YAML_MENDS]; /* offsets in `text` where bytes were added, ascending */
    size_t added_count;
    size_t work; /* bytes copied so far */
};

/* ARRAS_SYNTAX where the text holds what is no UTF-8 (libfyaml 0.7.12 reads it as an empty scalar)
 * or a control character (a NUL ends its reading without a word); ARRAS_LIMIT where a line would
 * make libfyaml take memory without bound. */
enum arras_status ar_yaml_text_check(const struct ar_source *source,
                                     struct ar_diags *diags) ARRAS_CHECKED;
/* libfyaml 0.7.12 refuses an empty item in a sequence that is not indented below its key:
 *
 *     a:
 *     -
 *     - x
 *
 * Where `at`, the place of a refusal, stands behind such an item, this makes it "- ~" in a copy in
 * `arena` and sets *ret_mended. ARRAS_NO_MEMORY. */
enum arras_status ar_yaml_text_mend(struct ar_yaml_text *text, size_t at, struct ar_arena *arena,
                                    bool *ret_mended) ARRAS_CHECKED;
/* Whether `at` stands behind such an item. */
bool ar_yaml_text_is_mendable(const struct ar_yaml_text *text, size_t at);
/* Whether the text of a block scalar, whose first character is at `at`, stands deeper than its key
 * or dash (YAML 1.2.2 section 8.1.1). libfyaml 0.7.12 takes text that does not, and then makes
 * bytes up at its end. True where the line above does not tell. */
bool ar_yaml_text_is_indented(const struct ar_yaml_text *text, size_t at);
/* The offset in the source of an offset in the text. */
size_t ar_yaml_text_place(const struct ar_yaml_text *text, size_t at);

#endif
