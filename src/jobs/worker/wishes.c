#include "jobs/worker/wishes.h"
#include "base/str.h"

/* The text of a comment line; false where the line is none. */
static bool read_comment(struct arras_str line, struct arras_str *ret)
{
    line = ar_str_trim(line);
    size_t mark = ar_str_starts(line, "#") ? 1 : ar_str_starts(line, "//") ? 2 : 0;
    *ret = ar_str_trim(ar_str_from(line, mark));
    return mark || line.len == 0;
}

static bool read_number(struct arras_str word, const char *name, int64_t *ret)
{
    return ar_str_starts(word, name) && ar_str_int(ar_str_from(word, strlen(name)), ret) &&
           *ret > 0;
}

static enum arras_status read_word(struct arras_str word, struct ar_diags *diags,
                                   struct ar_job_wishes *ret)
{
    if (ar_str_is(word, "network")) {
        ret->network = true;
        return ARRAS_OK;
    }
    if (read_number(word, "memory=", &ret->memory_mib) ||
        read_number(word, "processes=", &ret->processes)) {
        return ARRAS_OK;
    }
    return ar_error(diags, ARRAS_INVALID, "wish", NULL, 0,
                    "the script asks by 'arras:' for '%.*s'; what there is to ask for is network, "
                    "memory=MIB and processes=N",
                    AR_STR_ARG(ar_str_sub(word, 0, 100)));
}

enum arras_status ar_job_wishes_read(struct arras_str code, struct ar_diags *diags,
                                     struct ar_job_wishes *ret)
{
    struct arras_str text;
    *ret = (struct ar_job_wishes){0};
    while (code.len && read_comment(ar_str_cut(&code, '\n'), &text)) {
        if (!ar_str_starts(text, "arras:")) {
            continue;
        }
        text = ar_str_trim(ar_str_from(text, strlen("arras:")));
        while (text.len) {
            struct arras_str word = ar_str_trim(ar_str_cut(&text, ' '));
            enum arras_status status = word.len ? read_word(word, diags, ret) : ARRAS_OK;
            if (status) {
                return status;
            }
        }
    }
    return ARRAS_OK;
}
