/* include/arras/run.h: an outcome as the one JSON object of `arras run --json`. */
#include "arras/run.h"
#include "value/pool.h"

struct writer {
    struct ar_object object;
    bool failed;
};

static void begin(struct writer *writer, struct ar_arena *arena)
{
    *writer = (struct writer){0};
    ar_object_init(&writer->object, arena);
}

static void set(struct writer *writer, const char *name, struct arras_value value)
{
    writer->failed = writer->failed || !ar_object_set_z(&writer->object, name, value);
}

static void set_text(struct writer *writer, const char *name, struct arras_str text)
{
    set(writer, name, ar_string(text));
}

static void set_int(struct writer *writer, const char *name, int64_t number)
{
    struct arras_value value = ar_null();
    writer->failed = writer->failed || !ar_int(writer->object.arena, number, &value);
    set(writer, name, value);
}

static struct arras_value end(struct writer *writer)
{
    struct arras_value value = ar_null();
    writer->failed = writer->failed || !ar_object_value(&writer->object, &value);
    return value;
}

/* To a microsecond: what is behind it is noise. */
static void set_seconds(struct writer *writer, double seconds)
{
    struct arras_str text;
    if (!ar_str_printf(writer->object.arena, &text, "%.6f", seconds)) {
        writer->failed = true;
        return;
    }
    set(writer, "seconds", ar_number_text(text));
}

static struct arras_value step_value(const struct arras_step *step, bool planned,
                                     struct ar_arena *arena, bool *failed)
{
    struct writer writer, part;
    begin(&writer, arena);
    set_text(&writer, "workflowId", ar_str_z(step->workflow_id));
    set_text(&writer, "stepId", ar_str_z(step->step_id));
    if (!planned) {
        set_int(&writer, "attempt", step->attempt);
        set_text(&writer, "status", ar_str_z(step->succeeded ? "succeeded" : "failed"));
    }
    if (step->method) {
        begin(&part, arena);
        set_text(&part, "method", ar_str_z(step->method));
        set_text(&part, "url", ar_str_z(step->url));
        set(&writer, "request", end(&part));
        writer.failed = writer.failed || part.failed;
    }
    if (step->http_status) {
        begin(&part, arena);
        set_int(&part, "status", step->http_status);
        set(&writer, "response", end(&part));
        writer.failed = writer.failed || part.failed;
    }
    if (!planned) {
        set_seconds(&writer, step->seconds);
    }
    if (step->reason) {
        set_text(&writer, "reason", ar_str_z(step->reason));
    }
    struct arras_value value = end(&writer);
    *failed = *failed || writer.failed;
    return value;
}

static struct arras_value diag_value(const struct arras_diag *diag, struct ar_arena *arena,
                                     bool *failed)
{
    struct writer writer;
    begin(&writer, arena);
    set_text(&writer, "code", ar_str_z(diag->code));
    set_text(&writer, "message", diag->message);
    if (diag->line) {
        set_text(&writer, "file", diag->file);
        set_int(&writer, "line", diag->line);
        set_int(&writer, "column", diag->column);
    }
    if (diag->hint.len) {
        set_text(&writer, "hint", diag->hint);
    }
    struct arras_value value = end(&writer);
    *failed = *failed || writer.failed;
    return value;
}

static struct arras_value warnings_value(const struct ar_diags *diags, struct ar_arena *arena,
                                         bool *failed)
{
    struct ar_list list;
    ar_list_init(&list, arena);
    for (size_t i = 0; i < diags->list.count; i++) {
        if (diags->list.items[i].severity == ARRAS_WARNING) {
            struct arras_value value = diag_value(&diags->list.items[i], arena, failed);
            *failed = *failed || !ar_list_push(&list, value);
        }
    }
    return ar_list_value(&list);
}

static const char *end_name(enum arras_end how)
{
    static const char *const names[] = {[ARRAS_SUCCEEDED] = "succeeded",
                                        [ARRAS_RAN_AND_FAILED] = "failed",
                                        [ARRAS_STOPPED] = "stopped",
                                        [ARRAS_NOT_RUN] = "invalid",
                                        [ARRAS_PLANNED] = "planned"};
    return names[how];
}

enum arras_status arras_outcome_report(const struct arras_outcome *outcome, struct arras_pool *pool,
                                       const struct arras_value **ret)
{
    struct ar_arena *arena = &pool->arena;
    struct writer writer;
    struct ar_list steps;
    bool failed = false;
    begin(&writer, arena);
    ar_list_init(&steps, arena);
    for (size_t i = 0; i < outcome->step_count; i++) {
        struct arras_value step =
            step_value(&outcome->steps[i], outcome->end == ARRAS_PLANNED, arena, &failed);
        failed = failed || !ar_list_push(&steps, step);
    }
    set(&writer, "workflowId",
        outcome->workflow_id ? ar_string(ar_str_z(outcome->workflow_id)) : ar_null());
    set_text(&writer, "status", ar_str_z(end_name(outcome->end)));
    set(&writer, "outputs", *outcome->outputs);
    set(&writer, "steps", ar_list_value(&steps));
    if (outcome->error) {
        set(&writer, "error", diag_value(outcome->error, arena, &failed));
    }
    set(&writer, "warnings", warnings_value(&pool->diags, arena, &failed));
    struct arras_value value = end(&writer);
    *ret = failed || writer.failed ? NULL : ar_value_new(arena, value);
    return *ret ? ARRAS_OK : ar_no_memory(&pool->diags);
}
