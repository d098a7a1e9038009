#include <unistd.h>
#include "jobs/embedded.h"
#include "jobs/language/language_wrapper.h"

/* Fixed places: a search path could lead elsewhere. */
static const char *find_program(void)
{
    static const char *const places[] = {"/usr/bin/node", "/usr/local/bin/node"};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (access(places[i], X_OK) == 0) {
            return places[i];
        }
    }
    return NULL;
}

static enum arras_status open_node(struct ar_arena *arena, struct ar_diags *diags,
                                   struct ar_sandbox_opening *opening)
{
    const char *program = find_program();
    if (!program) {
        return ar_error(
            diags, ARRAS_INVALID, "language", NULL, 0,
            "this machine has no Node.js, which runs TypeScript and JavaScript: install "
            "the packages nodejs and esbuild");
    }
    const char *const command[] = {program, "--enable-source-maps", "--no-warnings",
                                   "node_main.mjs", NULL};
    const struct arras_str wrapper = {(const char *)ar_embedded_node_main,
                                      ar_embedded_node_main_size};
    opening->reserves_memory = true;
    return ar_wrapper_open(command, "node_main.mjs", wrapper, arena, diags, opening);
}

static enum arras_status prepare(const struct ar_job *job, const struct arras_value *args,
                                 struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_sandbox_task *task)
{
    (void)args;
    return ar_wrapper_prepare("main.ts", job, arena, diags, task);
}

const struct ar_language ar_language_node = {
    .header = "\n\n--- BUN CODE EXECUTION ---\n",
    .run = "node run",
    .open = open_node,
    .prepare = prepare,
};
