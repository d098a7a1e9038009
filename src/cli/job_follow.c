#include "job_follow.h"
#include "interrupt.h"
#include "text.h"

enum { FIRST_PAUSE = 50, LONGEST_PAUSE = 1000 }; /* milliseconds */

int ar_ask_job(struct ar_connection *connection, const char *method, const char *before,
               const char *id, const char *after, const struct arras_value *body,
               struct arras_answer *ret)
{
    struct ar_text path = {0};
    ar_text_printf(&path, "%s", before);
    ar_text_add_url(&path, id, false);
    ar_text_printf(&path, "%s", after);
    int result = ar_ask(connection, method, ar_text_z(&path), body, ret);
    ar_text_release(&path);
    return result;
}

int ar_ask_again(struct ar_connection *connection, int *pause)
{
    *pause = *pause ? *pause * 2 : FIRST_PAUSE;
    *pause = *pause < LONGEST_PAUSE ? *pause : LONGEST_PAUSE;
    ar_interrupt_wait(*pause);
    if (ar_interrupted()) {
        return 128 + ar_interrupted();
    }
    struct arras_pool *fresh = arras_pool_new();
    if (fresh) {
        arras_pool_free(connection->pool);
        connection->pool = fresh;
    }
    return 0;
}

/* What the newest answer said; numbers as they were written. */
static void note_offset(const struct arras_value *update, const char *name, struct ar_text *ret)
{
    struct arras_str offset = arras_text(arras_member(update, name));
    if (offset.len) {
        ar_text_release(ret);
        ar_text_printf(ret, "%.*s", (int)offset.len, offset.ptr);
    }
}

int ar_job_follow(struct ar_connection *connection, const char *id, const struct ar_growth *growth,
                  bool *ret_any)
{
    struct ar_text offset = {0};
    bool done = false, ended_line = true;
    int pause = 0, result = 0;
    ar_text_printf(&offset, "0");
    while (result == 0 && !done) {
        struct arras_answer answer;
        struct ar_text after = {0};
        ar_text_printf(&after, "?running=true&%s&%s=%s", growth->query, growth->offset,
                       ar_text_z(&offset));
        result = ar_ask_job(connection, "GET", "jobs_u/getupdate/", id, ar_text_z(&after), NULL,
                            &answer);
        ar_text_release(&after);
        result = result ? result : ar_need_json(&answer);
        if (result) {
            break;
        }
        struct arras_str text = arras_text(arras_member(answer.value, growth->text));
        if (text.len) {
            fwrite(text.ptr, 1, text.len, stdout);
            fflush(stdout);
            ended_line = text.ptr[text.len - 1] == '\n';
            *ret_any = true;
            pause = 0;
        }
        note_offset(answer.value, growth->offset, &offset);
        done = arras_bool(arras_member(answer.value, "completed"));
        result = done ? 0 : ar_ask_again(connection, &pause);
    }
    if (!ended_line) {
        putchar('\n');
    }
    ar_text_release(&offset);
    return result;
}
