#include "jobs/tag.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "value/json.h"

#define WORKSPACE "$workspace"
#define ARGUMENT "$args["

static void add_clean(struct ar_buf *buf, struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool clean = (unsigned char)text.ptr[i] >= ' ' && text.ptr[i] != ',';
        ar_buf_add_char(buf, clean ? text.ptr[i] : '_');
    }
}

static enum arras_status add_argument(const struct arras_value *args, struct arras_str name,
                                      struct ar_arena *arena, struct ar_buf *buf)
{
    const struct arras_value *value = ar_get(args, name);
    struct arras_str text = {NULL, 0};
    if (ar_is(value, ARRAS_STRING)) {
        text = ar_text(value);
    } else if (value) {
        enum arras_status status =
            ar_json_text(value, ARRAS_WRITE_COMPACT, AR_HEADER_SIZE, arena, &text);
        if (status) {
            return status;
        }
    }
    text = ar_str_sub(text, 0, AR_TAG_ARGUMENT_MOST);
    add_clean(buf, ar_str_sub(text, 0, ar_utf8_valid(text)));
    return ARRAS_OK;
}

/* What stands at the beginning of `*tag`, which then begins behind it. */
static enum arras_status add_next(const struct ar_job *job, const struct arras_value *args,
                                  struct ar_arena *arena, struct arras_str *tag, struct ar_buf *buf)
{
    size_t end = ar_str_find_char(*tag, ']', 0);
    if (ar_str_starts(*tag, WORKSPACE)) {
        ar_buf_add_str(buf, job->workspace);
        *tag = ar_str_from(*tag, strlen(WORKSPACE));
        return ARRAS_OK;
    }
    if (args && ar_str_starts(*tag, ARGUMENT) && end != AR_NOT_FOUND) {
        struct arras_str name = ar_str_sub(*tag, strlen(ARGUMENT), end);
        *tag = ar_str_from(*tag, end + 1);
        return add_argument(args, name, arena, buf);
    }
    ar_buf_add_char(buf, tag->ptr[0]);
    *tag = ar_str_from(*tag, 1);
    return ARRAS_OK;
}

enum arras_status ar_tag_fill(struct ar_job *job, struct ar_arena *arena)
{
    struct ar_source source = {AR_STR("arguments"), job->args};
    struct arras_value args;
    struct arras_str rest = job->tag;
    struct ar_buf buf;
    enum arras_status status = ARRAS_OK;
    if (ar_str_find_char(job->tag, '$', 0) == AR_NOT_FOUND) {
        return ARRAS_OK;
    }
    if (job->args.len) {
        status = ar_json_read(&source, arena, NULL, &args);
    }
    ar_buf_init(&buf, AR_HEADER_SIZE);
    while (rest.len && !status) {
        status = add_next(job, job->args.len ? &args : NULL, arena, &rest, &buf);
    }
    if (!status) {
        status = ar_buf_copy(&buf, arena, &job->tag);
    }
    ar_buf_release(&buf);
    return status;
}
