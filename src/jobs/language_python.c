#include "jobs/embedded.h"
#include "jobs/language.h"

static const char *const COMMAND[] = {
    "/usr/bin/python3",
    "-I", /* nothing from the environment or a user's folder */
    "-u", /* what is printed is in the log at once, in order with the errors */
    "-B", /* no compiled files */
    "python_main.py",
};

static enum arras_status open_python(struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_sandbox_opening *opening)
{
    const struct arras_str wrapper = {(const char *)ar_embedded_python_main,
                                      ar_embedded_python_main_size};
    bool done = ar_vec_push(arena, &opening->command.files,
                            (struct ar_sandbox_file){"python_main.py", wrapper});
    for (size_t i = 0; done && i < sizeof(COMMAND) / sizeof(*COMMAND); i++) {
        done = ar_vec_push(arena, &opening->command.argv, ar_str_z(COMMAND[i]));
    }
    return done ? ARRAS_OK : ar_no_memory(diags);
}

static enum arras_status prepare(const struct ar_job *job, const struct arras_value *args,
                                 struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_sandbox_task *task)
{
    (void)args;
    const struct arras_str given = job->args.len ? job->args : AR_STR("{}");
    task->json_result = "main_result.json"; /* as python_main.py says */
    task->text_result = "";
    return ar_vec_push(arena, &task->command.files,
                       (struct ar_sandbox_file){"main.py", job->code}) &&
                   ar_vec_push(arena, &task->command.files,
                               (struct ar_sandbox_file){"args.json", given})
               ? ARRAS_OK
               : ar_no_memory(diags);
}

const struct ar_language ar_language_python = {
    .header = "\n\n--- PYTHON CODE EXECUTION ---\n",
    .run = "python run",
    .open = open_python,
    .prepare = prepare,
};
