#include "jobs/language/language.h"
#include <ctype.h>
#include "base/limits.h"
#include "value/json.h"

/* windmill-api.md section 6.8: lines of the form name="$1", name="${1}" or name="${1:-default}" say
 * which argument is given at which position, 1 to at most 19, without a gap. */
enum { POSITIONS = 20 };

static size_t word_length(struct arras_str s)
{
    size_t len = 0;
    while (len < s.len && (isalnum((unsigned char)s.ptr[len]) || s.ptr[len] == '_')) {
        len++;
    }
    return len;
}

static size_t digits_length(struct arras_str s)
{
    size_t len = 0;
    while (len < s.len && isdigit((unsigned char)s.ptr[len])) {
        len++;
    }
    return len;
}

/* The position that the line gives its name to, 0: none. */
static int64_t read_line(struct arras_str line, struct arras_str *ret_name)
{
    size_t len = word_length(line);
    struct arras_str rest = ar_str_from(line, len);
    if (len == 0 || !ar_str_starts(rest, "=\"$")) {
        return 0;
    }
    *ret_name = ar_str_sub(line, 0, len);
    rest = ar_str_from(rest, 3);
    bool braced = ar_str_starts(rest, "{");
    rest = ar_str_from(rest, braced);
    size_t digits = digits_length(rest);
    int64_t position = 0;
    if (!ar_str_int(ar_str_sub(rest, 0, digits), &position)) {
        return 0;
    }
    rest = ar_str_from(rest, digits);
    bool ends = !braced                     ? ar_str_starts(rest, "\"")
                : ar_str_starts(rest, ":-") ? ar_str_find(rest, AR_STR("}\""), 2) != AR_NOT_FOUND
                                            : ar_str_starts(rest, "}\"");
    return ends ? position : 0;
}

static void read_signature(struct arras_str code, struct arras_str names[POSITIONS])
{
    while (code.len) {
        struct arras_str name, line = ar_str_cut(&code, '\n');
        int64_t position = read_line(line, &name);
        if (position > 0 && position < POSITIONS) {
            names[position] = name;
        }
    }
}

/* A string as it is, anything else as JSON; nothing where there is none. */
static enum arras_status argument_text(const struct arras_value *value, struct ar_arena *arena,
                                       struct arras_str *ret)
{
    if (!value || ar_is(value, ARRAS_STRING)) {
        *ret = ar_text(value);
        return ARRAS_OK;
    }
    return ar_json_text(value, ARRAS_WRITE_COMPACT, AR_DOCUMENT_SIZE, arena, ret);
}

static enum arras_status add_arguments(const struct ar_job *job, const struct arras_value *args,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_sandbox_task *task)
{
    struct arras_str names[POSITIONS] = {{NULL, 0}};
    read_signature(job->code, names);
    for (int i = 1; i < POSITIONS && names[i].len; i++) {
        struct arras_str text = {NULL, 0};
        enum arras_status status = argument_text(ar_get(args, names[i]), arena, &text);
        if (status == ARRAS_OK && ar_str_has_nul(text)) {
            return ar_error(diags, ARRAS_INVALID, "argument", NULL, 0,
                            "argument '%.*s': a bash script cannot be given a NUL character",
                            AR_STR_ARG(names[i]));
        }
        if (status || !ar_vec_push(arena, &task->command.argv, text)) {
            return ar_no_memory(diags);
        }
    }
    return ARRAS_OK;
}

/* An annotation stands in the comments that a script begins with. */
static bool asks_for_container(struct arras_str code)
{
    while (code.len) {
        struct arras_str line = ar_str_trim(ar_str_cut(&code, '\n'));
        if (line.len && !ar_str_starts(line, "#")) {
            return false;
        }
        line = ar_str_trim(ar_str_from(line, line.len ? 1 : 0));
        if (ar_str_is(line, "docker")) {
            return true;
        }
    }
    return false;
}

static enum arras_status prepare(const struct ar_job *job, const struct arras_value *args,
                                 struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_sandbox_task *task)
{
    struct arras_str script;
    struct ar_buf buf;
    if (asks_for_container(job->code)) {
        return ar_error(diags, ARRAS_INVALID, "language", NULL, 0,
                        "the script asks by '# docker' for a container: this server runs scripts "
                        "with what is installed on its machine");
    }
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    ar_buf_add_z(&buf, "set -e\n");
    ar_buf_add_str(&buf, job->code);
    enum arras_status status = ar_buf_copy(&buf, arena, &script);
    ar_buf_release(&buf);
    if (status ||
        !ar_vec_push(arena, &task->command.files, (struct ar_sandbox_file){"main.sh", script}) ||
        !ar_vec_push(arena, &task->command.argv, AR_STR("/bin/bash")) ||
        !ar_vec_push(arena, &task->command.argv, AR_STR("main.sh"))) {
        return ar_no_memory(diags);
    }
    task->json_result = "result.json";
    task->text_result = "result.out";
    return add_arguments(job, args, arena, diags, task);
}

const struct ar_language ar_language_bash = {
    .header = "\n\n--- BASH CODE EXECUTION ---\n",
    .run = "bash run",
    .prints_result = true,
    .prepare = prepare,
};
