#include <unistd.h>
#include "jobs/embedded.h"
#include "jobs/language.h"

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
                                   "node_main.mjs"};
    const struct arras_str wrapper = {(const char *)ar_embedded_node_main,
                                      ar_embedded_node_main_size};
    bool done = ar_vec_push(arena, &opening->command.files,
                            (struct ar_sandbox_file){"node_main.mjs", wrapper});
    for (size_t i = 0; done && i < sizeof(command) / sizeof(*command); i++) {
        done = ar_vec_push(arena, &opening->command.argv, ar_str_z(command[i]));
    }
    opening->reserves_memory = true;
    return done ? ARRAS_OK : ar_no_memory(diags);
}

static enum arras_status prepare(const struct ar_job *job, const struct arras_value *args,
                                 struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_sandbox_task *task)
{
    (void)args;
    const struct arras_str given = job->args.len ? job->args : AR_STR("{}");
    task->json_result = "main_result.json"; /* as node_main.mjs says */
    task->text_result = "";
    return ar_vec_push(arena, &task->command.files,
                       (struct ar_sandbox_file){"main.ts", job->code}) &&
                   ar_vec_push(arena, &task->command.files,
                               (struct ar_sandbox_file){"args.json", given})
               ? ARRAS_OK
               : ar_no_memory(diags);
}

const struct ar_language ar_language_node = {
    .header = "\n\n--- BUN CODE EXECUTION ---\n",
    .run = "node run",
    .open = open_node,
    .prepare = prepare,
};
