/* The run machine. Up to the first NUL byte stand the workflows of a document, as JSON or YAML,
 * with one source of a few operations; behind it the responses, each a line "STATUS BODY" ("x": the
 * connection broke), taken in turn. Time is a counter that waits move. */
#include "base/limits.h"
#include "run/inputs.h"
#include "run/run.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml loses a buffer of its own, see fuzz_yaml.c. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

enum { STEPS = 60, EFFECTS = 400 };

static const char description[] =
    "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nservers: [{url: 'http://h/v1'}]\npaths:\n"
    "  /a: {get: {operationId: a}, post: {operationId: b}}\n"
    "  /a/{id}: {get: {operationId: c, parameters: [{name: id, in: path, required: true}]}}\n";

static char description_path[] = "/tmp/arras-fuzz-XXXXXX";

static void remove_description(void)
{
    unlink(description_path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    int fd = mkstemp(description_path);
    if (fd < 0 || write(fd, description, sizeof(description) - 1) != sizeof(description) - 1) {
        abort();
    }
    close(fd);
    atexit(remove_description);
    return 0;
}

static int64_t now_of(void *context)
{
    return *(int64_t *)context;
}

static int64_t wall_of(void *context)
{
    return *(int64_t *)context / 1000;
}

struct script {
    struct arras_str all, left;
};

static struct arras_str next_line(struct script *script)
{
    if (script->left.len == 0) {
        script->left = script->all;
    }
    return ar_str_cut(&script->left, '\n');
}

static enum arras_status answer(struct ar_run *run, struct script *script)
{
    struct arras_str line = next_line(script);
    struct ar_http_response *response = ar_new(ar_run_attempt_arena(run), struct ar_http_response);
    if (ar_str_starts(line, "x")) {
        return ar_run_failure(run, line.len > 1 ? ARRAS_TIMEOUT : ARRAS_NETWORK, line, 0);
    }
    int64_t status = 200;
    struct arras_str body = line;
    struct arras_str number = ar_str_cut(&body, ' ');
    if (!ar_str_int(number, &status) || status < 100 || status > 599) {
        status = 200;
        body = line;
    }
    response->status = (int)status;
    response->body = body;
    return ar_run_response(run, response, 0);
}

static void run_it(struct ar_run *run, struct script *script, int64_t *now)
{
    struct ar_effect effect = {.type = AR_SEND};
    int effects = 0;
    while (effect.type != AR_DONE && effects++ < EFFECTS) {
        if (ar_run_next(run, &effect)) {
            abort();
        }
        if (effect.type == AR_WAIT && effect.until < *now) {
            abort();
        }
        if (effect.type == AR_WAIT) {
            *now = effect.until;
        } else if (effect.type == AR_SEND && answer(run, script)) {
            abort();
        }
    }
    if (effect.type != AR_DONE &&
        (ar_run_stop(run, ARRAS_INTERRUPTED, AR_STR("enough")) || ar_run_next(run, &effect))) {
        abort();
    }
    if (effect.type != AR_DONE || !ar_run_outputs(run)) {
        abort();
    }
}

static void run_workflow(const struct ar_arazzo *arazzo, struct script *script)
{
    int64_t now = 0;
    struct ar_clock clock = {now_of, wall_of, &now};
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    struct ar_run_settings settings = {.workflow = &arazzo->workflows[0],
                                       .max_steps = STEPS,
                                       .clock = &clock,
                                       .arena = &arena,
                                       .diags = &diags};
    struct ar_given_inputs given = {0};
    struct ar_run *run = NULL;
    enum arras_status status = settings.workflow->status;
    if (!status) {
        status = ar_inputs_prepare(settings.workflow, &given, &arena, &diags, &settings.inputs,
                                   &settings.uploads);
    }
    if (!status) {
        status = ar_run_new(&settings, &run);
    }
    if (!status) {
        run_it(run, script, &now);
        if ((ar_run_status(run) != ARRAS_OK) != (diags.errors > 0)) {
            abort();
        }
        ar_run_release(run);
    } else if (diags.errors == 0 && arazzo->workflows[0].diags.errors == 0) {
        abort();
    }
    ar_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    const char *nul = size ? memchr(bytes, '\0', size) : NULL;
    struct arras_str workflows = {bytes, nul ? (size_t)(nul - bytes) : size};
    struct script script = {{nul ? nul + 1 : "200 {}", nul ? size - workflows.len - 1 : 6}, {0}};
    struct arras_setting source = {"s", description_path};
    struct arras_load_options options = {.strictness = size % 8 == 0   ? ARRAS_STRICT
                                                       : size % 8 == 1 ? ARRAS_LENIENT
                                                                       : ARRAS_TOLERANT,
                                         .sources = {&source, 1}};
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_document document;
    struct ar_arazzo *arazzo;
    struct arras_str text;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    if (!ar_str_printf(&arena, &text,
                       "arazzo: 1.1.0\ninfo: {title: t, version: '1'}\nsourceDescriptions: [{name: "
                       "s, url: s.yaml}]\nworkflows:\n%.*s",
                       AR_STR_ARG(workflows))) {
        abort();
    }
    if (!ar_document_parse(AR_STR("doc.yaml"), text, ARRAS_FORMAT_YAML, &arena, &diags,
                           &document)) {
        enum arras_status status =
            ar_arazzo_read(&document, "/nowhere/doc.yaml", &options, &arena, &diags, &arazzo);
        if (!status) {
            run_workflow(arazzo, &script);
            ar_arazzo_release(arazzo);
        } else if (diags.errors == 0) {
            abort();
        }
    }
    ar_arena_release(&arena);
    return 0;
}
